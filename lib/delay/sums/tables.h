/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the law of a worker's times needs beside closed forms, made once: the sums of each law, the wait. */
#ifndef TESTUDO_DELAY_TABLES_H
#define TESTUDO_DELAY_TABLES_H

#include "delay/sums/mixed.h"
#include "delay/sums/sums.h"
#include "delay/sums/wait.h"

/* Of one law of the model: a class's own, or the model's. */
typedef struct testudo_i_law_tables {
  const testudo_law *law;
  testudo_sums *sums;                    /* additive; NULL: closed */
  testudo_i_mixed *mixed;
  double (*mark)[TESTUDO_I_MARKS + 16];  /* by terms (scaled: 1), from the start on; NULL where nothing smooth waits */
  int *marks;
} testudo_i_law_tables;

struct testudo_i_delay_tables {
  int32_t terms, laws;
  double share;                          /* of a message, in the wait */
  bool only_last;                        /* k = terms alone is known */
  testudo_i_law_tables *of;
  bool waits;                            /* is there a wait at all? */
  testudo_i_wait wait;
  double error;                          /* relative, of every side */
  testudo_i_arena *arena;
};

const testudo_i_law_tables *testudo_i_delay_tables_of(const testudo_i_delay_tables *tables, const testudo_law *law);

/* P(the times of `k` chunks together > x) or <= x, in units of the law, of additive or mixed structure; NAN where `of`
   is NULL and would be needed. */
double testudo_i_chunks_side(const testudo_delay_model *model, const testudo_law *law, const testudo_i_law_tables *of,
                             int32_t k, double x, bool above);

/* Where the times of `k` chunks begin (before waits and overheads), in units of the law. */
double testudo_i_chunks_start(const testudo_delay_model *model, const testudo_law *law,
                              const testudo_i_law_tables *of, int32_t k);

#endif
