/* The model as a target: runners and the oracle do not know one another, so it is fitted here. */
#include "cli/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "oracle/model.h"

struct model_session {
	struct mue_session head;
	struct mue_world world;
};

static void model_ask(struct mue_session *head, const struct mue_case *c, struct mue_observation *o)
{
	mue_model_answer(&((struct model_session *)head)->world, c, o);
}

static void model_world(struct mue_session *head, struct mue_world *w)
{
	*w = ((struct model_session *)head)->world;
}

static void model_close(struct mue_session *head)
{
	free(head);
}

static int model_open(struct mue_session **to, const char *arg, const struct mue_world *world,
		      char *msg, size_t msg_size)
{
	struct model_session *s = calloc(1, sizeof(*s));

	if (!s) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	s->head = (struct mue_session){&mue_runner_model, model_ask, model_world, model_close};
	s->world = *world;
	*to = &s->head;
	return 0;
}

const struct mue_runner mue_runner_model = {
	.name = "model",
	.help = "model[:VERSION], the rules of docs/semantics.md, said naively",
	.open = model_open,
};
