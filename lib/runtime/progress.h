/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a progress object: the steps done, and what they do to the design's two rules. */
#ifndef TESTUDO_RUNTIME_PROGRESS_H
#define TESTUDO_RUNTIME_PROGRESS_H

#include <testudo/runtime.h>

#include "runtime/completion.h"

struct testudo_progress {
  const testudo_design *design;
  testudo_i_rule rule, cover_rule;
  bool chunkwise;       /* the two are one: rows are chunks, and their counts the cover */
  int32_t *done;        /* c_j, in steps */
  int32_t *count;       /* of each row of the rule: pairs done */
  int32_t rows_open;    /* that do not hold yet; unless chunkwise */
  int32_t held;         /* ANY: the row announced, -1 before and for ALL */
  int32_t *cover;       /* |U_i|; chunkwise: `count` */
  int64_t missing;      /* sum_i max(0, l - |U_i|) */
  uint64_t fingerprint; /* of the vector done: equal vectors have equal ones, whatever object holds them */
  int32_t *idle_count;  /* what count is after reset: pairs of workers without steps; NULL: zero */
  testudo_i_arena arena;
};

/* Has the worker done all its steps? Also one that has none. */
static inline bool testudo_i_progress_finished(const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker] == testudo_i_rule_steps(&progress->rule, worker);
}

/* Also: has it anything to send? */
static inline bool testudo_i_progress_worked(const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker] > 0 && testudo_i_progress_finished(progress, worker);
}

static inline bool testudo_i_progress_row_holds(const testudo_progress *progress, int32_t row)
{
  return progress->count[row] >= testudo_i_rule_need(&progress->rule, row);
}

#endif
