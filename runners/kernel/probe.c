#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "cases/insn.h"
#include "runners/kernel/host.h"

static bool jit_is_on(void)
{
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	int on = 1; /* a kernel that has no switch always uses it */

	if (f) {
		if (fscanf(f, "%d", &on) != 1)
			on = 1;
		fclose(f);
	}
	return on;
}

void mue_host_world(struct mue_session *s, struct mue_world *w)
{
	struct mue_host *h = (struct mue_host *)s;
	struct utsname name;
	const char *debian;

	if (uname(&name))
		memset(&name, 0, sizeof(name));
	/* A Debian release is called "6.1.0-18"; which stable release it is stands elsewhere. */
	debian = strstr(name.version, "Debian ");
	if (!debian || mue_world_of_version(w, debian + 7, h->cpus))
		if (mue_world_of_version(w, name.release, h->cpus))
			memset(w, 0, sizeof(*w));
	w->cpus = h->cpus;
	w->jit = jit_is_on();
}

static bool can_phase(const struct mue_host *h, const struct mue_phase *p,
		      struct mue_observation *o)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(p->prog_type);

	if (!CPU_ISSET(p->cpu, &h->home))
		return mue_host_fail(o, MUE_UNSUPPORTED, "CPU %u is not there, or not ours",
				     p->cpu);
	if (!type)
		return true;
	if (type->flags & MUE_PROG_F_BTF_ID)
		return mue_host_fail(o, MUE_UNSUPPORTED,
				     "%s programs are not built yet: they name "
				     "kernel functions",
				     type->name);
	if (!p->load_only && !mue_host_trigger_has(p->prog_type))
		return mue_host_fail(o, MUE_UNSUPPORTED, "%s programs have no trigger here yet",
				     type->name);
	return true;
}

bool mue_host_can(const struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (!can_phase(h, &c->phases[i], o))
			return false;
	return true;
}

int mue_host_trivial(struct mue_host *h, uint32_t prog_type)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(prog_type);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type->attach);
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, type->ret), MUE_EXIT()};
	int fd;

	if (h->trivial[prog_type] <= 0)
		return h->trivial[prog_type];
	if (type->flags & MUE_PROG_F_SLEEPABLE)
		opts.prog_flags = BPF_F_SLEEPABLE;
	fd = bpf_prog_load(prog_type, NULL, "GPL", insns, 2, &opts);
	if (fd >= 0)
		close(fd);
	h->trivial[prog_type] = fd < 0 ? fd : 0;
	return h->trivial[prog_type];
}
