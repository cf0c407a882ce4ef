/* SPDX-License-Identifier: GPL-2.0 */
#define module_param_named(name, value, type, perm)	extern int shim_none
#define MODULE_PARM_DESC(name, text)			extern int shim_none
