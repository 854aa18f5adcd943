/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a progress object. */
#ifndef TESTUDO_RUNTIME_PROGRESS_H
#define TESTUDO_RUNTIME_PROGRESS_H

#include <testudo/runtime.h>

struct testudo_progress {
  const testudo_design *design;
  int32_t *done;        /* c_j: chunks; block: blocks */
  int32_t *cover;       /* |U_i| */
  int32_t finished;     /* workers with all their chunks done */
  int64_t missing;      /* sum_i max(0, l - |U_i|) */
  int32_t *group_done;  /* gradient-code frc: finished workers of each group; else NULL */
  int32_t groups_open;  /* groups without one */
  int32_t *reached;     /* nested: workers with at least tolerance + 1 chunks done, one a level; block: workers that
                           have finished the block; else NULL */
  int32_t blocks_open;  /* block: blocks that too few have finished */
  int32_t announced;    /* nested: the level announced, -1 before; -1 for other schemes */
  uint64_t fingerprint; /* of the vector done: equal vectors have equal ones, whatever object holds them */
};

/* Does only finished work count, because a worker's one message needs all its chunks? */
static inline bool testudo_i_whole_workers(testudo_scheme scheme)
{
  return scheme == TESTUDO_SCHEME_GRADIENT_CODE || scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
}

/* Is the error of stopping at a deadline a matter of the chunks covered alone? True but for least squares over the
   finished workers: gradient codes other than frc, nested ones, and scheme partial with report whole, unless its
   workers stand in groups that hold the same chunks (then a chunk is right as soon as one finished worker holds it).
   With parts > 1, report whole is never a matter of cover. O(entries). */
TESTUDO_CHECKED testudo_status testudo_i_error_is_cover(const testudo_design *design, testudo_report report,
                                                        bool *is_cover, testudo_error *error);

/* What a worker's progress counts to: its load, or for scheme block the blocks. */
int32_t testudo_i_progress_most(const testudo_design *design, int32_t worker);

/* Is worker j's message of use? */
bool testudo_i_progress_reads(const testudo_progress *progress, int32_t worker);

#endif
