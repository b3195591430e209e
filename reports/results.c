#include "reports/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct mue_results {
	FILE *f;
	char *name, *line;
	size_t room;
	uint64_t number, offset; /* lines and bytes read */
	struct mue_run run;
	struct mue_record record;
};

static int wrong(struct mue_results *f, char *msg, size_t msg_size, const char *what)
{
	snprintf(msg, msg_size, "%s:%llu: %s", f->name, (unsigned long long)f->number, what);
	return -EINVAL;
}

/* Reads a whole line without its end. Its length, 0 at the end of the file, or -errno. */
static ssize_t read_line(struct mue_results *f, char *msg, size_t msg_size)
{
	ssize_t n = getline(&f->line, &f->room, f->f);

	if (n < 0 && ferror(f->f)) {
		snprintf(msg, msg_size, "%s: %s", f->name, strerror(errno));
		return -errno;
	}
	if (n <= 0 || f->line[n - 1] != '\n')
		return 0;
	f->number++;
	f->offset += n;
	if (n == 1)
		return wrong(f, msg, msg_size, "an empty line; expected a record");
	return n - 1;
}

static int read_header(struct mue_results *f, char *msg, size_t msg_size)
{
	char what[MUE_WHY_MAX];
	ssize_t n = read_line(f, msg, msg_size);

	if (n < 0)
		return n;
	if (!n)
		return wrong(f, msg, msg_size, "empty; expected the header of a results file");
	if (mue_run_of_line(&f->run, f->line, n, what, sizeof(what)))
		return wrong(f, msg, msg_size, what);
	return 0;
}

struct mue_results *mue_results_open(struct mue_run *run, const char *name, char *msg,
				     size_t msg_size)
{
	struct mue_results *f = calloc(1, sizeof(*f));

	if (!f) {
		snprintf(msg, msg_size, "out of memory");
		return NULL;
	}
	f->name = strdup(name);
	f->f = strcmp(name, "-") ? fopen(name, "re") : stdin;
	if (!f->f)
		snprintf(msg, msg_size, "%s: %s", name, strerror(errno));
	if (!f->f || read_header(f, msg, msg_size)) {
		mue_results_close(f);
		return NULL;
	}
	*run = f->run;
	run->json = NULL; /* it is ours */
	return f;
}

int mue_results_next(struct mue_results *f, struct mue_record *r, char *msg, size_t msg_size)
{
	static const char summary[] = "{\"summary\":";
	char what[MUE_WHY_MAX];
	ssize_t n = read_line(f, msg, msg_size);

	if (n <= 0)
		return n < 0 ? n : MUE_LINE_END;
	if (!strncmp(f->line, summary, sizeof(summary) - 1))
		return MUE_LINE_SUMMARY;
	mue_record_clear(&f->record);
	if (mue_record_of_line(&f->record, f->line, n, what, sizeof(what)))
		return wrong(f, msg, msg_size, what);
	*r = f->record;
	r->json = NULL;
	return MUE_LINE_RECORD;
}

uint64_t mue_results_offset(const struct mue_results *f)
{
	return f->offset;
}

void mue_results_close(struct mue_results *f)
{
	if (!f)
		return;
	mue_record_clear(&f->record);
	mue_run_clear(&f->run);
	if (f->f && f->f != stdin)
		fclose(f->f);
	free(f->line);
	free(f->name);
	free(f);
}

char *mue_summary_line(const struct mue_tally *t, double seconds)
{
	json_t *counts = json_pack("{s:I}", "cases", (json_int_t)t->cases), *j;
	char *line;

	for (int i = 0; i < MUE_OUTCOMES; i++)
		json_object_set_new(counts, mue_outcome_names[i], json_integer(t->outcomes[i]));
	j = json_pack("{s:o, s:f}", "summary", counts, "seconds", seconds);
	line = j ? json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
	json_decref(j);
	return line;
}

struct mue_results_writer {
	int fd;
	char *name;
	uint64_t size;
};

/* A line that did not fit is taken back, so that the file holds whole lines only. */
static int no_room(struct mue_results_writer *w, int err, char *msg, size_t msg_size)
{
	snprintf(msg, msg_size, "%s: cannot write: %s; the %llu bytes before are whole", w->name,
		 strerror(err), (unsigned long long)w->size);
	if (ftruncate(w->fd, w->size))
		return -err; /* not a regular file: nothing to take back */
	return -err;
}

static int write_all(struct mue_results_writer *w, const char *p, size_t n, char *msg,
		     size_t msg_size)
{
	uint64_t size = w->size + n;

	while (n) {
		ssize_t done = write(w->fd, p, n);

		if (done < 0 && errno != EINTR)
			return no_room(w, errno, msg, msg_size);
		if (done > 0) {
			p += done;
			n -= done;
		}
	}
	w->size = size;
	return 0;
}

int mue_results_write(struct mue_results_writer *w, const char *line, size_t n, char *msg,
		      size_t msg_size)
{
	char *whole = malloc(n + 1);
	int err;

	if (!whole) {
		snprintf(msg, msg_size, "%s: out of memory", w->name);
		return -ENOMEM;
	}
	memcpy(whole, line, n);
	whole[n] = '\n';
	err = write_all(w, whole, n + 1, msg, msg_size);
	free(whole);
	return err;
}

static int begin(struct mue_results_writer *w, const struct mue_run *run, uint64_t offset,
		 char *msg, size_t msg_size)
{
	char *line;
	int err;

	w->fd = open(w->name, O_WRONLY | O_CREAT | O_CLOEXEC | (offset ? 0 : O_TRUNC), 0666);
	if (w->fd < 0 ||
	    (offset && (ftruncate(w->fd, offset) || lseek(w->fd, offset, SEEK_SET) < 0))) {
		snprintf(msg, msg_size, "%s: %s", w->name, strerror(errno));
		return -errno;
	}
	w->size = offset;
	if (offset)
		return 0;
	line = mue_run_line(run);
	if (!line) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	err = mue_results_write(w, line, strlen(line), msg, msg_size);
	free(line);
	return err;
}

struct mue_results_writer *mue_results_create(const char *name, const struct mue_run *run,
					      uint64_t offset, char *msg, size_t msg_size)
{
	struct mue_results_writer *w = calloc(1, sizeof(*w));
	char ignored[1];

	if (!w) {
		snprintf(msg, msg_size, "out of memory");
		return NULL;
	}
	w->name = strdup(name);
	w->fd = -1;
	if (!begin(w, run, offset, msg, msg_size))
		return w;
	mue_results_finish(w, ignored, sizeof(ignored));
	return NULL;
}

int mue_results_finish(struct mue_results_writer *w, char *msg, size_t msg_size)
{
	int err = 0;

	if (!w)
		return 0;
	/* Some file systems tell only now that there was no room. */
	if (w->fd >= 0 && close(w->fd)) {
		err = -errno;
		snprintf(msg, msg_size, "%s: cannot write: %s", w->name, strerror(errno));
	}
	free(w->name);
	free(w);
	return err;
}
