/* The objects that calls can name, as rows of the exported program's table. */
#include "cases/export_c.h"

const char *mue_export_ids_of(const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
		return "MAP_IDS";
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CPUMAP:
		return "PROG_IDS";
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return "COOKIES";
	}
	return NULL;
}

bool mue_export_has_objects(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (mue_export_ids_of(&c->maps[i]))
			return true;
	for (uint32_t i = 0; i < c->n_ops; i++)
		if (c->ops[i].key_object || c->ops[i].value_object)
			return true;
	return false;
}

void mue_export_put_objects(FILE *to)
{
	static const char *const ids[MUE_OBJECTS] = {
#define MUE_OBJECT(ID, ...) #ID,
#include "cases/objects.def"
#undef MUE_OBJECT
	};

	fprintf(to, "enum {\n");
	for (uint32_t i = 0; i < MUE_OBJECTS; i++)
		fprintf(to, "\tOBJECT_%s,\n", ids[i]);
	fprintf(to, "};\nstatic const struct object objects[] = {\n");
	for (uint32_t i = 0; i < MUE_OBJECTS; i++)
		fprintf(to, "\t{\"%s\", %u, %u},\n", mue_object_rows[i].name,
			mue_object_rows[i].prog_type, mue_object_rows[i].attach_type);
	fprintf(to, "};\n\n");
}
