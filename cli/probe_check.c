#include "cli/probe_check.h"

#include <stdio.h>

#include "cases/world_json.h"

enum mark { WITH, WITHOUT, WRONG, NEITHER, SILENT, UNASKED, NO_PROBE };

static const char marks[] = {
	[WITH] = '+',	[WITHOUT] = '.', [WRONG] = '!',	   [NEITHER] = '!',
	[SILENT] = '=', [UNASKED] = '-', [NO_PROBE] = ' ',
};

static enum mark mark_of(const struct mue_target *t, enum mue_change change)
{
	const bool expected = mue_change_expected(change, t->world.version);

	if (!t->probed)
		return NO_PROBE;
	switch (t->probed->proof[change]) {
	case MUE_PROOF_PRESENT:
		return expected ? WITH : WRONG;
	case MUE_PROOF_ABSENT:
		return expected ? WRONG : WITHOUT;
	case MUE_PROOF_UNEXPLAINED:
		return NEITHER;
	case MUE_PROOF_SILENT:
		return SILENT;
	default:
		return UNASKED;
	}
}

static void complain(const struct mue_target *t, enum mue_change change, enum mark mark)
{
	const struct mue_change_row *row = &mue_change_rows[change];
	bool expected = mue_change_expected(change, t->world.version);
	char version[MUE_VERSION_TEXT];

	mue_version_text(version, sizeof(version), t->world.version);
	if (mark == WRONG)
		printf("! %s: %s is %s in %s; expected %s\n", t->name, row->id,
		       expected ? "absent" : "present", version, expected ? "present" : "absent");
	else
		printf("! %s: %s: %s\n", t->name, row->id, t->probed->why[change]);
}

static bool check_change(const struct mue_targets *ts, enum mue_change change)
{
	bool right = true, shown = false, due = false;
	enum mark mark[MUE_TARGETS_MAX];

	for (uint32_t i = 0; i < ts->n; i++) {
		mark[i] = mark_of(&ts->t[i], change);
		printf("%c ", marks[mark[i]]);
		right &= mark[i] != WRONG && mark[i] != NEITHER;
		shown |= mark[i] == WITH || mark[i] == WITHOUT;
		due |= ts->t[i].world.version >= mue_change_rows[change].since;
	}
	printf(" %s\n", mue_change_rows[change].id);
	for (uint32_t i = 0; i < ts->n; i++)
		if (mark[i] == WRONG || mark[i] == NEITHER)
			complain(&ts->t[i], change, mark[i]);
	/* Older ones may not know what it is about. */
	if (right && due && !shown)
		printf("! %s: no target showed it\n", mue_change_rows[change].id);
	return right && (shown || !due);
}

bool mue_probe_check(const struct mue_targets *ts)
{
	bool right = true;

	for (uint32_t i = 0; i < ts->n; i++)
		printf("%*s%s\n", (int)(2 * i), "", ts->t[i].name);
	for (unsigned change = 0; change < MUE_CHANGES; change++)
		right &= check_change(ts, change);
	printf("+ with, . without, as the table has it for the version; ! otherwise; = shows "
	       "nothing here; - cannot be asked\n");
	return right;
}
