/* Runs a fuzz target over files, and over the files in directories: its corpus, as a test. */
#include <errno.h>
#include <fts.h>
#include <string.h>

#include "fuzz/targets/target.h"

/* Gives 0, or -1 when the file cannot be read. */
static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n = 0;
	long size;

	if (!file)
		return -1;
	if (!fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0 && !fseek(file, 0, SEEK_SET)) {
		/* Exactly as large as the file, so that a sanitizer sees reads beyond it. */
		data = malloc(size ? size : 1);
		n = data ? fread(data, 1, size, file) : 0;
	}
	fclose(file);
	if (!data)
		return -1;
	fprintf(stderr, "%s\n", path); /* the last one named is the one that aborted */
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int main(int argc, char **argv)
{
	FTS *tree = argc > 1 ? fts_open(argv + 1, FTS_PHYSICAL | FTS_NOCHDIR, by_name) : NULL;
	unsigned done = 0, bad = 0;
	FTSENT *e;

	if (!tree) {
		fprintf(stderr, "usage: %s FILE-OR-DIRECTORY..\n", argv[0]);
		return 2;
	}
	while ((e = fts_read(tree))) {
		if (e->fts_info == FTS_F && !replay(e->fts_path)) {
			done++;
		} else if (e->fts_info != FTS_D && e->fts_info != FTS_DP) {
			fprintf(stderr, "%s: cannot be read\n", e->fts_path);
			bad++;
		}
	}
	fts_close(tree);
	printf("%u inputs\n", done);
	return bad || !done; /* a corpus of nothing tests nothing */
}
