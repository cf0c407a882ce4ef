/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of nf_tables. */
#ifndef OP25BCTL_DOCTOR_NFT_H
#define OP25BCTL_DOCTOR_NFT_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netfilter/nfnetlink.h>

#include "doctor/doctor.h"
#include "doctor/raw.h"

/* A list of nf_tables', of all families.
 * Return: 0, -errno; -ENOPROTOOPT where nf_tables is not in use; -EINTR where
 * it changed meanwhile
 */
int op25b_nft_dump(int type, op25b_raw_fn each, void *arg);

/* Says that a list could not be read, unless nf_tables is not in use.
 * Return: was it read, or is there nothing to read?
 */
bool op25b_nft_told(struct op25b_doctor *d, int err);

/* The family of a message of netfilter's. */
uint8_t op25b_nft_family(const struct nlmsghdr *h);

/* "inet"; "?" if unknown. */
const char *op25b_nft_word(uint8_t family);

#endif /* OP25BCTL_DOCTOR_NFT_H */
