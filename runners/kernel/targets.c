/* What programs name when they are loaded: found once a session. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <bpf/btf.h>

#include "runners/kernel/host.h"

/* This kernel's BTF, loaded when first wanted. */
static int want_kernel(struct mue_host *h)
{
	if (!h->kernel)
		h->kernel = btf__load_vmlinux_btf();
	return h->kernel ? 0 : -errno;
}

static int find(struct mue_target *t, const struct btf *kernel, const struct mue_trigger_row *row,
		const struct mue_trigger *trigger)
{
	const struct mue_hook *hook = mue_trigger_hook(row);
	int id;

	if (trigger->target)
		return trigger->target(t, kernel);
	id = btf__find_by_name_kind(kernel, hook->name,
				    hook->kind == MUE_HOOK_TYPEDEF ? BTF_KIND_TYPEDEF
								   : BTF_KIND_FUNC);
	t->btf_id = id;
	return id < 0 ? id : 0;
}

bool mue_host_target(struct mue_host *h, struct mue_host_target **target, const struct mue_phase *p,
		     struct mue_observation *o)
{
	const struct mue_trigger_row *row = mue_phase_trigger(p);
	const struct mue_trigger *trigger = row ? mue_host_trigger(h, row) : NULL;
	const struct mue_hook *hook = row ? mue_trigger_hook(row) : NULL;
	struct mue_host_target *t = row ? &h->targets[row - mue_trigger_rows] : NULL;

	*target = NULL;
	if (!trigger || (!hook && !trigger->target))
		return true;
	if (!t->asked) {
		t->asked = true;
		t->is.prog = -1;
		t->trivial[false] = t->trivial[true] = 1;
		t->err = want_kernel(h) ?: find(&t->is, h->kernel, row, trigger);
	}
	*target = t;
	return !t->err || mue_host_fail(o, MUE_UNSUPPORTED, "%s%s is not in this kernel's BTF: %s",
					hook ? hook->name : "what trigger ", hook ? "" : row->how,
					strerror(-t->err));
}

void mue_host_targets_close(struct mue_host *h)
{
	for (uint32_t i = 0; i < MUE_TRIGGERS; i++)
		if (h->targets[i].asked && h->targets[i].is.prog >= 0)
			close(h->targets[i].is.prog);
	btf__free(h->kernel);
}
