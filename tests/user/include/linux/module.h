/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody but a suite brings anything up here. */
enum { MODULE_STATE_COMING };
static const struct { int state; } shim_module __attribute__((unused));
#define THIS_MODULE	(&shim_module)
