/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker's time has beside its chunks: S, and where it sends when it has finished, its share of Y, neither
   divided by the rate. As a mixture: parts with both constant, and parts with a smooth law of the sum. */
#ifndef TESTUDO_DELAY_WAIT_H
#define TESTUDO_DELAY_WAIT_H

#include "delay/sums/convolve.h"
#include "delay/model.h"

typedef struct testudo_i_wait_part {
  double weight;
  double before, after;           /* S and the share of Y, or their starts: the smooth rest comes on top */
  const testudo_i_summand *smooth;/* NULL: nothing on top */
} testudo_i_wait_part;

typedef struct testudo_i_wait {
  testudo_i_wait_part *part;
  int64_t parts;
  bool smooth;                    /* is any? */
  double error;                   /* relative, of tables */
} testudo_i_wait;

/* startup and message may be NULL; share > 0 of the message. Made in the arena. At most TESTUDO_I_LIMIT_WAIT_PARTS
   parts, and few smooth ones: TESTUDO_ERROR_LIMIT. */
TESTUDO_CHECKED testudo_status testudo_i_wait_make(testudo_i_wait *wait, testudo_i_arena *arena,
                                                   const testudo_law *startup, const testudo_law *message,
                                                   double share, testudo_error *error);

#endif
