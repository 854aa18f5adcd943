/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All tables of orders of a few workers over a few chunks, up to the numbers of workers and chunks. */
#ifndef TESTUDO_BEST_PARTIALS_H
#define TESTUDO_BEST_PARTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

enum { TESTUDO_I_PARTIAL_ENTRIES = 32, TESTUDO_I_PARTIAL_CHUNKS = 12 };

/* Row after row, each of `places` chunks; zeros behind. */
typedef struct testudo_i_partial {
  uint8_t chunk[TESTUDO_I_PARTIAL_ENTRIES];
} testudo_i_partial;

typedef struct testudo_i_partials {
  int32_t rows, places, chunks;
  testudo_i_partial *table;
  size_t count, room;
} testudo_i_partials;

void testudo_i_partials_free(testudo_i_partials *partials);

/* Of every table of `rows` rows, each of `places` different ones of `chunks` chunks in any order, one of those that
   differ from it by the order of the rows and the numbers of the chunks only; but those that cannot become complete by
   `more` further rows, so that each chunk stands in at least `copies`, are left out. *feasible = false where there may
   be too many: more than half a million, or entries or chunks beyond the limits above. */
TESTUDO_CHECKED testudo_status testudo_i_partials_make(int32_t rows, int32_t places, int32_t chunks, int32_t more,
                                                       int32_t copies, const testudo_monitor *monitor,
                                                       testudo_i_partials *partials, bool *feasible,
                                                       testudo_error *error);

#endif
