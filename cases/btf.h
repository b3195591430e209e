/*
 * The few BTF types that the kernel wants from us, made without a compiler: of maps
 * whose values hold a special field, and of programs that have callbacks.
 */
#ifndef MUE_CASES_BTF_H
#define MUE_CASES_BTF_H

#include <bpf/btf.h>
#include <linux/bpf.h>

#include "cases/lower.h"

/*
 * Key and value types of a map: the value is a struct with the special field of m->special (if any)
 * at offset 0 and bytes behind it; the key is a 32-bit int for arrays, a struct for LPM_TRIE, else
 * bytes. The caller loads the result and frees it. NULL with errno when out of memory.
 */
struct btf *mue_btf_map(const struct mue_map *m, uint32_t *key_type, uint32_t *value_type);

/*
 * Function types for the n functions of a program that begin at these instructions, and into *infos (to be
 * freed with free(3)) n records for BPF_PROG_LOAD. All are static, as callbacks must be, but for `replaced`
 * (MUE_BTF_NONE: none): a global function of an XDP context, which an extension takes the place of.
 * NULL with errno when out of memory.
 */
#define MUE_BTF_NONE UINT32_MAX
struct btf *mue_btf_funcs(const uint32_t *at, uint32_t n, uint32_t replaced,
			  struct bpf_func_info **infos);

#endif
