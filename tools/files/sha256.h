/* SPDX-License-Identifier: GPL-2.0 */
/* SHA-256, as FIPS 180-4 has it. */
#ifndef OP25BCTL_SHA256_H
#define OP25BCTL_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Hexadecimal digits and a NUL. */
#define OP25B_SHA256_TEXT	65

struct op25b_sha256 {
	uint32_t h[8];
	uint64_t bytes;
	uint8_t block[64];
};

void op25b_sha256_init(struct op25b_sha256 *s);
void op25b_sha256_add(struct op25b_sha256 *s, const void *data, size_t len);
/* Return: @text */
const char *op25b_sha256_end(struct op25b_sha256 *s, char *text);

#endif /* OP25BCTL_SHA256_H */
