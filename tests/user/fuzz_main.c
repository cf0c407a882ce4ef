// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_main FILE...: the packet fuzzer (tests/fuzz) where libFuzzer is not to
 * be had: each FILE, then what its own mutator makes of it. A difference
 * aborts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define LONGEST		2048
#define MUTANTS		300

/* libFuzzer's own mutator: here a byte or the length. */
size_t LLVMFuzzerMutate(u8 *input, size_t size, size_t max)
{
	if (!size || !(rand() % 8))
		return size < max ? size + 1 : size;
	if (!(rand() % 8))
		return 1 + rand() % size;
	input[rand() % size] ^= 1 << rand() % 8;
	return size;
}

static long fuzz(const char *path)
{
	static u8 seed[LONGEST], input[LONGEST];
	FILE *file = fopen(path, "rb");
	size_t size, now;
	int i, rounds;

	if (!file) {
		perror(path);
		exit(2);
	}
	size = fread(seed, 1, sizeof(seed), file);
	fclose(file);
	LLVMFuzzerTestOneInput(seed, size);
	for (i = 0; i < MUTANTS; i++) {
		memcpy(input, seed, size);
		now = size;
		for (rounds = 1 + rand() % 4; rounds; rounds--)
			now = LLVMFuzzerCustomMutator(input, now, LONGEST,
						      rand());
		LLVMFuzzerTestOneInput(input, now);
	}
	return 1 + MUTANTS;
}

int main(int argc, char **argv)
{
	long n = 0;
	int i;

	srand(25);
	for (i = 1; i < argc; i++)
		n += fuzz(argv[i]);
	printf("# %ld packets\n", n);
	printf("ok 1 - parser and naive parser agree\n1..1\n");
	return n == 0;
}
