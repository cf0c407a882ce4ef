/* SPDX-License-Identifier: GPL-2.0 */
/* The page for subscribers. */
#ifndef OP25BCTL_NOTICE_H
#define OP25BCTL_NOTICE_H

/* Those that there is a template for, NULL ends. */
extern const char * const op25b_languages[];

#endif /* OP25BCTL_NOTICE_H */
