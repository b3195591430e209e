/* BPF_PROG_TEST_RUN runs all programs, and none names anything of the kernel's. */

static void name_hook(const struct phase *p, union bpf_attr *attr)
{
	(void)p;
	(void)attr;
}

static int make_event(uint32_t phase)
{
	(void)phase;
	return 0;
}
