#include "runners/guest/agent/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runners/guest/log.h"

#define RECORD_MAX 8192 /* longest record of /dev/kmsg */

int mue_agent_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* The text of a record "priority,sequence,time,flags;text\n context". */
static const char *text_of(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return record;
	text[strcspn(text, "\n")] = 0;
	return text + 1;
}

uint32_t mue_agent_splat(int kmsg, char *line, size_t size)
{
	char record[RECORD_MAX + 1];
	struct mue_log log = {0};
	uint32_t found = 0;
	ssize_t n;

	while (kmsg >= 0 &&
	       ((n = read(kmsg, record, RECORD_MAX)) > 0 || (n < 0 && errno == EPIPE))) {
		if (n < 0) /* records were overwritten before we came: go on with the next */
			continue;
		record[n] = 0;
		const char *text = text_of(record);

		if (mue_log_splat(&log, text) && !found) {
			snprintf(line, size, "%s", text);
			found = 1;
		}
	}
	return found;
}
