#include "cases/json_members.h"

#include <string.h>

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

/* A phase is of a program type, or "user". */
static const char *phase_type_name(unsigned i)
{
	return i ? mue_words_prog_type.name(i) : "user";
}
static const struct mue_words phase_types = {"phase type", MUE_PROG_TYPES, phase_type_name};

const struct mue_member mue_json_case[] = {
	{"name", MUE_JSON_TEXT, AT(mue_case, name), .limit = MUE_NAME_MAX},
	{"note", MUE_JSON_TEXT, AT(mue_case, note), .limit = MUE_NOTE_MAX},
	{"maps", MUE_JSON_OTHER, .needed = true},
	{"socks", MUE_JSON_OTHER},
	{"edits", MUE_JSON_OTHER},
	{"phases", MUE_JSON_OTHER, .needed = true},
	{0},
};

const struct mue_member mue_json_map[] = {
	{"name", MUE_JSON_TEXT, AT(mue_map, name), true, .limit = 16},
	{"type", MUE_JSON_TYPE, AT(mue_map, type), true, .words = &mue_words_map_type},
	{"key_size", MUE_JSON_NUMBER, AT(mue_map, key_size), true, .limit = UINT32_MAX},
	{"value_size", MUE_JSON_NUMBER, AT(mue_map, value_size), true, .limit = UINT32_MAX},
	{"max_entries", MUE_JSON_NUMBER, AT(mue_map, max_entries), true, .limit = UINT32_MAX},
	{"flags", MUE_JSON_FLAGS, AT(mue_map, flags), .limit = UINT32_MAX,
	 .flags = mue_map_flag_rows},
	{"numa_node", MUE_JSON_NUMBER, AT(mue_map, numa_node), .limit = UINT32_MAX},
	{"special", MUE_JSON_WORD, AT(mue_map, special), .words = &mue_words_special},
	{"inner", MUE_JSON_INNER, AT(mue_map, inner)},
	{0},
};

const struct mue_member mue_json_edit[] = {
	{"at", MUE_JSON_NUMBER, AT(mue_edit, at), true, .limit = UINT32_MAX},
	{"insert", MUE_JSON_BOOL, AT(mue_edit, insert)},
	{"code", MUE_JSON_NUMBER, AT(mue_edit, code), true, .limit = UINT8_MAX},
	{"regs", MUE_JSON_NUMBER, AT(mue_edit, regs), .limit = UINT8_MAX},
	{"off", MUE_JSON_NUMBER, AT(mue_edit, off), .limit = UINT16_MAX},
	{"imm", MUE_JSON_NUMBER, AT(mue_edit, imm), .limit = UINT32_MAX},
	{0},
};

const struct mue_member mue_json_phase[] = {
	{"type", MUE_JSON_WORD, AT(mue_phase, prog_type), true, .words = &phase_types},
	{"attach_type", MUE_JSON_NUMBER, AT(mue_phase, attach_type), .limit = UINT32_MAX},
	{"trigger", MUE_JSON_WORD, AT(mue_phase, trigger), .words = &mue_words_via},
	{"cpu", MUE_JSON_NUMBER, AT(mue_phase, cpu), .limit = UINT16_MAX},
	{"sleepable", MUE_JSON_BOOL, AT(mue_phase, sleepable)},
	{"load_only", MUE_JSON_BOOL, AT(mue_phase, load_only)},
	{"returns", MUE_JSON_WORD, AT(mue_phase, returns), .words = &mue_words_return},
	{"proprietary", MUE_JSON_BOOL, AT(mue_phase, proprietary)},
	{"ops", MUE_JSON_OTHER, .needed = true},
	{0},
};

/* The map comes before the bytes whose size it says. */
const struct mue_member mue_json_op[] = {
	{"op", MUE_JSON_WORD, AT(mue_op, kind), true, .words = &mue_words_op},
	{"map", MUE_JSON_MAP, AT(mue_op, map), true},
	{"sock", MUE_JSON_SOCK, AT(mue_op, sock)},
	{"key", MUE_JSON_KEY, AT(mue_op, key)},
	{"value", MUE_JSON_VALUE, AT(mue_op, value)},
	{"flags", MUE_JSON_FLAGS, AT(mue_op, flags), .limit = UINT64_MAX,
	 .flags = mue_update_flag_rows},
	{"flags_const", MUE_JSON_BOOL, AT(mue_op, flags_const)},
	{"key_from", MUE_JSON_WORD, AT(mue_op, key_from), .words = &mue_words_origin},
	{"value_from", MUE_JSON_WORD, AT(mue_op, value_from), .words = &mue_words_origin},
	{"key_object", MUE_JSON_WORD, AT(mue_op, key_object), .words = &mue_words_object},
	{"value_object", MUE_JSON_WORD, AT(mue_op, value_object), .words = &mue_words_object},
	{"reach", MUE_JSON_WORD, AT(mue_op, reach), .words = &mue_words_reach},
	{"map2", MUE_JSON_MAP, AT(mue_op, map2)},
	{"times", MUE_JSON_NUMBER, AT(mue_op, times), .plain = 1, .limit = UINT16_MAX},
	{0},
};

const struct mue_member mue_json_observation[] = {
	{"status", MUE_JSON_WORD, AT(mue_observation, status), true, .words = &mue_words_status},
	{"why", MUE_JSON_TEXT, AT(mue_observation, why), .limit = MUE_WHY_MAX},
	{"maps", MUE_JSON_OTHER},
	{"phases", MUE_JSON_OTHER},
	{0},
};

const struct mue_member mue_json_map_result[] = {
	{"create", MUE_JSON_OTHER}, /* a RET; present when known */
	{"state", MUE_JSON_OTHER},
	{0},
};

const struct mue_member mue_json_phase_result[] = {
	{"load", MUE_JSON_RET, AT(mue_phase_result, load), true},
	{"run", MUE_JSON_RET, AT(mue_phase_result, run)},
	{"invoked", MUE_JSON_NUMBER, AT(mue_phase_result, invoked), .limit = UINT32_MAX},
	{"retval", MUE_JSON_NUMBER, AT(mue_phase_result, retval), .limit = UINT32_MAX},
	{"ops", MUE_JSON_OTHER},
	{0},
};

const struct mue_member mue_json_result[] = {
	{"ret", MUE_JSON_RET, AT(mue_result, ret), true},
	{"times", MUE_JSON_NUMBER, AT(mue_result, times), .plain = 1, .limit = UINT32_MAX},
	{"failed", MUE_JSON_NUMBER, AT(mue_result, failed), .limit = UINT32_MAX},
	{"value", MUE_JSON_BLOB, AT(mue_result, value)},
	{0},
};

const struct mue_member mue_json_state[] = {
	{"count", MUE_JSON_NUMBER, AT(mue_map_result, n_entries), .limit = UINT32_MAX},
	{"digest", MUE_JSON_OTHER},
	{"entries", MUE_JSON_OTHER, .needed = true},
	{0},
};

const struct mue_member mue_json_entry[] = {
	{"key", MUE_JSON_OTHER, .needed = true},
	{"value", MUE_JSON_OTHER, .needed = true},
	{0},
};

uint64_t mue_member_load(const struct mue_member *m, const void *base)
{
	uint64_t n = 0;

	memcpy(&n, (const char *)base + m->at, m->width);
	if (m->kind == MUE_JSON_RET && m->width == 4)
		return (int64_t)(int32_t)n;
	return n;
}

void mue_member_store(const struct mue_member *m, void *base, uint64_t n)
{
	memcpy((char *)base + m->at, &n, m->width);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied by their low bytes");
