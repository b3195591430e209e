#include "oracle/model.h"

void mue_alternatives_add(struct mue_alternatives *a, uint32_t op, int64_t ret)
{
	a->rows[a->n++] = (struct mue_alternative){op, ret};
}

const int64_t *mue_alternatives_of(const struct mue_alternatives *a, uint32_t op)
{
	for (uint32_t i = 0; i < a->n; i++)
		if (a->rows[i].op == op)
			return &a->rows[i].ret;
	return NULL;
}
