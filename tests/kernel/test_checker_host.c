/* The verdicts in tests/checker_rows.def are this kernel's (6.18 or younger). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cases/btf.h"
#include "cases/world.h"
#include "tests/checker_rows.h"

#define INSNS_MAX 64

struct fixture {
	int maps[CHECKER_MAPS];
	unsigned wrong;
};

/* The rows name maps by their number; the kernel wants file descriptors. */
static void put_fds(struct bpf_insn *insns, uint32_t n, const int *maps)
{
	for (uint32_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (insns[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     insns[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			insns[i].imm = maps[insns[i].imm];
}

/* The slot of the function that a program passes as a callback, or 0. */
static uint32_t callback_of(const struct bpf_insn *insns, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    insns[i].src_reg == BPF_PSEUDO_FUNC)
			return i + 1 + insns[i].imm;
	return 0;
}

/* Types for a program of two functions, the second one at `start`; the kernel wants them of
 * callbacks. */
static struct btf *put_types(struct bpf_prog_load_opts *opts, uint32_t start)
{
	static struct mue_program p; /* large */
	struct bpf_func_info *infos;
	struct btf *btf;

	p.n_funcs = 2;
	p.funcs[1] = start;
	btf = mue_btf_funcs(p.funcs, p.n_funcs, MUE_BTF_NONE, &infos);
	assert_non_null(btf);
	assert_false(btf__load_into_kernel(btf));
	opts->prog_btf_fd = btf__fd(btf);
	opts->func_info = infos;
	opts->func_info_cnt = p.n_funcs;
	opts->func_info_rec_size = sizeof(*infos);
	return btf;
}

static void ask(struct fixture *f, const char *name, int expected, uint32_t type, uint32_t attach,
		const struct bpf_insn *insns, uint32_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .prog_flags = type == MUE_PROG_SYSCALL ? BPF_F_SLEEPABLE : 0);
	uint32_t callback = callback_of(insns, n);
	struct bpf_insn copy[INSNS_MAX];
	struct btf *btf = NULL;
	int fd;

	assert_in_range(n, 1, INSNS_MAX);
	if (callback)
		btf = put_types(&opts, callback);
	memcpy(copy, insns, n * sizeof(*copy));
	put_fds(copy, n, f->maps);
	fd = bpf_prog_load(type, NULL, "GPL", copy, n, &opts);
	if (fd >= 0)
		close(fd);
	btf__free(btf);
	free((void *)opts.func_info);
	if ((fd < 0 ? fd : 0) == expected)
		return;
	print_error("%s: %d, not %d\n", name, fd < 0 ? fd : 0, expected);
	f->wrong++;
}

static void test_the_kernel_says_so(void **state)
{
	struct fixture f = {0};
	struct mue_world w;
	struct utsname name;

	if (uname(&name) || mue_world_of_version(&w, name.release, 1) ||
	    w.version < MUE_VERSION(6, 18))
		skip();
	for (uint32_t i = 0; i < CHECKER_MAPS; i++) {
		const struct checker_map *m = &checker_maps[i];
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);

		f.maps[i] = bpf_map_create(m->type, "rows", m->key_size, m->value_size,
					   m->max_entries, &opts);
		assert_true(f.maps[i] >= 0);
	}
#define ROW(TYPE, attach, name, err, ...) \
	ask(&f, name, err, MUE_PROG_##TYPE, attach, INSNS(__VA_ARGS__));
#include "tests/checker_rows.def"
#undef ROW
	for (uint32_t i = 0; i < CHECKER_MAPS; i++)
		close(f.maps[i]);
	assert_int_equal(f.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_kernel_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
