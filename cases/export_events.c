/* What runs the programs that BPF_PROG_TEST_RUN has nothing for: as members of the exported
 * program's phases. */
#include <string.h>
#include <linux/btf.h>

#include "cases/attach.h"
#include "cases/export_c.h"
#include "cases/lower.h"

/* The events that the text knows are the rows of its table. */
static bool is_known(const struct mue_trigger_row *row)
{
	char name[64];

	snprintf(name, sizeof(name), "\n\t{\"%s\", ", row->how);
	return strstr(mue_export_events, name);
}

static bool names_something(const struct mue_phase *p)
{
	return p->prog_type && mue_prog_type_row(p->prog_type)->flags & MUE_PROG_F_BTF_ID;
}

bool mue_export_has_events(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (c->phases[i].prog_type &&
		    (!mue_phase_test_run(&c->phases[i]) || names_something(&c->phases[i])))
			return true;
	return false;
}

void mue_export_put_events(FILE *to, bool any)
{
	static const char *const texts[] = {mue_export_hooks, mue_export_traffic, mue_export_tracing,
					    mue_export_replacing, mue_export_events};

	if (!any)
		fputs(mue_export_no_events, to);
	for (size_t i = 0; any && i < sizeof(texts) / sizeof(*texts); i++)
		fputs(texts[i], to);
}

bool mue_case_exports(const struct mue_case *c, char *msg, size_t msg_size)
{
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];
		const struct mue_trigger_row *row = p->prog_type ? mue_phase_trigger(p) : NULL;

		if (!p->prog_type || p->load_only || mue_phase_test_run(p) ||
		    (row && is_known(row)))
			continue;
		snprintf(msg, msg_size,
			 "phase %u (%s): a stand-alone program does not make the event it runs by, "
			 "%s",
			 i, mue_prog_type_row(p->prog_type)->name,
			 row ? row->how : "which has no name");
		return false;
	}
	return true;
}

void mue_export_put_event(FILE *rows, const struct mue_phase *p, const struct mue_layout *l)
{
	const struct mue_trigger_row *row = mue_phase_trigger(p);
	const struct mue_hook *hook = row ? mue_trigger_hook(row) : NULL;

	if (!row)
		return;
	fprintf(rows, "\t .event = \"%s\", .others = %d, .many = %d, .payload_size = %u,\n",
		row->how, !!(row->flags & MUE_TRIGGER_F_OTHERS),
		!!(row->flags & MUE_TRIGGER_F_MANY), l->packet_payload);
	if (hook)
		fprintf(rows, "\t .hook = \"%s\", .hook_kind = %s,\n", hook->name,
			hook->kind == MUE_HOOK_TYPEDEF ? "BTF_KIND_TYPEDEF" : "BTF_KIND_FUNC");
	if (p->prog_type == MUE_PROG_STRUCT_OPS)
		fprintf(rows, "\t .hook = \"tcp_congestion_ops\", .hook_kind = BTF_KIND_STRUCT,\n");
	if (p->prog_type == MUE_PROG_EXT)
		fprintf(rows, "\t .target = {insns_target, 5, 2, infos_target, "
			      "{btf_target, sizeof(btf_target)}},\n");
}
