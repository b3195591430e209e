/* What fuzz targets and the replay driver share. */
#ifndef MUE_FUZZ_TARGET_H
#define MUE_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A target: asks one question about these bytes, and aborts when its property does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, saying what does not hold. */
#define MUE_HOLDS(what)                                                                           \
	do {                                                                                      \
		if (!(what)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                                  \
		}                                                                                 \
	} while (0)

#endif
