#include "cli/outlet.h"

#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static uint32_t width_of(FILE *to)
{
	struct winsize size;

	if (ioctl(fileno(to), TIOCGWINSZ, &size) || !size.ws_col)
		return MUE_WIDTH_DEFAULT;
	return size.ws_col;
}

static int add_report(struct mue_outlet *o, enum mue_format_number format, const char *file,
		      char *msg, size_t msg_size)
{
	FILE *to = strcmp(file, "-") ? fopen(file, "we") : stdout;

	if (!to) {
		snprintf(msg, msg_size, "%s: %s", file, strerror(errno));
		return -errno;
	}
	o->reports[o->n_reports++] = (struct mue_report){
		.format = mue_formats[format],
		.to = to,
		.color = isatty(fileno(to)) && !getenv("NO_COLOR"),
		.width = width_of(to),
	};
	return 0;
}

int mue_outlet_open(struct mue_outlet *o, const struct mue_format_options *formats,
		    enum mue_format_number standard, char *msg, size_t msg_size)
{
	bool said = false;
	int err = 0;

	memset(o, 0, sizeof(*o));
	o->tally = mue_tally_new();
	if (!o->tally) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	for (unsigned i = 0; i < MUE_FORMATS && !err; i++) {
		if (!formats->files[i])
			continue;
		said |= !strcmp(formats->files[i], "-");
		err = add_report(o, i, formats->files[i], msg, msg_size);
	}
	if (!err && !said)
		err = add_report(o, standard, "-", msg, msg_size);
	return err;
}

void mue_outlet_begin(struct mue_outlet *o, const struct mue_run *run)
{
	for (uint32_t i = 0; i < o->n_reports; i++) {
		o->reports[i].run = run;
		if (o->reports[i].format->begin)
			o->reports[i].format->begin(&o->reports[i]);
	}
}

void mue_outlet_record(struct mue_outlet *o, const struct mue_record *r)
{
	mue_tally_add(o->tally, r);
	for (uint32_t i = 0; i < o->n_reports; i++)
		if (o->reports[i].format->record)
			o->reports[i].format->record(&o->reports[i], r);
}

int mue_outlet_end(struct mue_outlet *o, const char *broken_off, char *msg, size_t msg_size)
{
	int err = 0;

	for (uint32_t i = 0; i < o->n_reports; i++) {
		struct mue_report *r = &o->reports[i];

		if (r->format->end)
			r->format->end(r, o->tally, broken_off);
		errno = 0;
		if ((fflush(r->to) || ferror(r->to) || r->failed) && !err) {
			err = errno ? -errno : -EIO;
			snprintf(msg, msg_size, "cannot write a report: %s", strerror(-err));
		}
	}
	return err;
}

void mue_outlet_close(struct mue_outlet *o)
{
	for (uint32_t i = 0; i < o->n_reports; i++)
		if (o->reports[i].to != stdout)
			fclose(o->reports[i].to);
	mue_tally_free(o->tally);
	memset(o, 0, sizeof(*o));
}

int mue_outlet_code(const struct mue_outlet *o)
{
	const uint64_t *n = o->tally->outcomes;

	if (n[MUE_DIVERGE])
		return MUE_EXIT_DIVERGED;
	if (n[MUE_ERROR])
		return MUE_EXIT_HARNESS;
	return n[MUE_AGREE] + n[MUE_DECLARED] ? MUE_EXIT_OK : MUE_EXIT_NOTHING;
}
