/* SPDX-License-Identifier: BSD-3-Clause */
/* When an iteration is complete, as a value: the time T is the first at which ALL, or ANY, of some rows hold, and a row
   holds when `need` of its (worker, step) pairs are done. A rule is made from a design and a report by the scheme
   (scheme/scheme.h); whoever must know when an iteration ends - progress, the simulator, the exact laws, the accounting
   of work - reads the rule and never asks which scheme it came from.

   Steps are counted from 1: chunks of a worker's order, or of a block code its blocks. A worker without steps has done
   everything from the start: pairs of it hold at once. Rows stand in order of preference: of the rows of an ANY rule
   that one mark makes true, the first is announced and stays (nested codes: the smallest tolerance).

   Most arrays are lent by the design, which must outlive the rule: a partial design of 10^6 workers has no copy. */
#ifndef TESTUDO_RUNTIME_COMPLETION_H
#define TESTUDO_RUNTIME_COMPLETION_H

#include <testudo/design.h>

#include "base/arena.h"

typedef enum testudo_i_join { TESTUDO_I_ALL, TESTUDO_I_ANY } testudo_i_join;

typedef struct testudo_i_rule {
  testudo_i_join join;
  int32_t workers, rows;
  int32_t need_all;           /* pairs that a row needs .. */
  const int32_t *need;        /* .. unless they differ: one per row */
  const int64_t *start;       /* row r: pairs start[r] .. start[r+1] - 1; NULL: every row has every worker once */
  const int32_t *worker;      /* of a pair; NULL with start */
  const int32_t *step;        /* of a pair; NULL: step_of_row; both NULL: the last step of the pair's worker */
  const int32_t *step_of_row; /* of every pair of a row: codes whose rows are levels or blocks, even where there is one
                                 */
  const int64_t *steps_row;   /* worker j has steps_row[j+1] - steps_row[j] steps; NULL: steps_all */
  int32_t steps_all;
  const double *work;         /* chunk times until step k is done: work[k-1]; NULL: k */
  const double *starts;       /* with work: beginnings of pieces of work until then, each of which costs an overhead */
  const double *sent;         /* with work: every step is sent when it is done, so large a share of a whole message */
  /* The inverse, for progress: the rows in which step k of worker j counts. Where only last steps count (`whole`):
     hit[first[j]] .. hit[first[j+1] - 1], without `first` hit[j], without `hit` row 0. Otherwise, without `first`,
     hit[k - 1] for every worker; with it hit[first[j] + until[k-2]] .. hit[first[j] + until[k-1] - 1], and until[k-1]
     is k where `until` is NULL. -1: none. */
  bool whole;
  const int64_t *first;
  const int32_t *hit;
  const int32_t *until;
  testudo_i_arena own;        /* what the design does not lend */
} testudo_i_rule;

/* The rules of a design. `cover` is the rule of the chunks that are done, for the error of stopping early: one row a
   chunk, need `parts`. *known: is the error at a deadline sum over the rows of max(0, need - pairs done)? Where it is
   not, the decoder solves a least squares, and the sum is a lower bound. TESTUDO_ERROR_ARGUMENT where the scheme has no
   such report. */
TESTUDO_CHECKED testudo_status testudo_i_completion_rule(const testudo_design *design, testudo_report report,
                                                         testudo_i_rule *rule, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_cover_rule(const testudo_design *design, testudo_report report,
                                                    testudo_i_rule *rule, bool *known, testudo_error *error);
void testudo_i_rule_clear(testudo_i_rule *rule); /* fine on a zeroed rule */

/* ---- for the schemes: rules of common forms; each fills *rule ---- */

/* `need` of all workers must finish. */
void testudo_i_rule_of_finished(int32_t need, testudo_i_rule *rule);

/* Every worker that holds something must finish: a row each. */
TESTUDO_CHECKED testudo_status testudo_i_rule_of_everyone(const testudo_design *design, testudo_i_rule *rule,
                                                          testudo_error *error);

/* `need` workers of every class must finish: class_of[j] in 0 .. classes - 1, size of each, rank of a worker in its
   class (lent). */
TESTUDO_CHECKED testudo_status testudo_i_rule_of_classes(const testudo_design *design, int32_t classes,
                                                         const int32_t *class_of, const int32_t *rank,
                                                         const int32_t *size, int32_t need, testudo_i_rule *rule,
                                                         testudo_error *error);

/* Every chunk done by `need` of its holders; report whole: by holders that have finished. Lends everything. */
void testudo_i_rule_of_chunks(const testudo_design *design, testudo_report report, int32_t need, testudo_i_rule *rule);

/* ---- questions ---- */

static inline int32_t testudo_i_rule_need(const testudo_i_rule *rule, int32_t row)
{
  return rule->need != NULL ? rule->need[row] : rule->need_all;
}

static inline int64_t testudo_i_rule_pairs(const testudo_i_rule *rule, int32_t row)
{
  return rule->start != NULL ? rule->start[row + 1] - rule->start[row] : rule->workers;
}

/* All steps of a worker. */
static inline int32_t testudo_i_rule_steps(const testudo_i_rule *rule, int32_t worker)
{
  return rule->steps_row != NULL ? (int32_t)(rule->steps_row[worker + 1] - rule->steps_row[worker]) : rule->steps_all;
}

static inline int32_t testudo_i_rule_pair_worker(const testudo_i_rule *rule, int32_t row, int64_t pair)
{
  return rule->start != NULL ? rule->worker[rule->start[row] + pair] : (int32_t)pair;
}

static inline int32_t testudo_i_rule_pair_step(const testudo_i_rule *rule, int32_t row, int64_t pair)
{
  if (rule->step != NULL)
    return rule->step[rule->start[row] + pair];
  return rule->step_of_row != NULL ? rule->step_of_row[row]
                                   : testudo_i_rule_steps(rule, testudo_i_rule_pair_worker(rule, row, pair));
}

/* The rows in which a step (from 1) of a worker counts: *hit .., as many as answered; some may be -1. */
int64_t testudo_i_rule_hits(const testudo_i_rule *rule, int32_t worker, int32_t step, const int32_t **hit);

/* Are levels or blocks the rows? */
static inline bool testudo_i_rule_is_stepped(const testudo_i_rule *rule)
{
  return rule->step_of_row != NULL;
}

/* Do two rules of one design count the same pairs in the same rows? */
bool testudo_i_rules_are_one(const testudo_i_rule *a, const testudo_i_rule *b);

/* The least number of workers that, if they do nothing, keep the rule from ever holding. O(pairs). */
int64_t testudo_i_rule_least_fatal(const testudo_i_rule *rule);

/* The SHAPE decides which exact law there is: the first of these that fits. RING and GROUPS are a matter of the
   design's orders as well, and of what the laws may cost, so they are tried (exact/latency.c); this call answers
   GENERAL for both. */
typedef enum testudo_i_shape {
  TESTUDO_I_SHAPE_STEPPED,  /* levels or blocks of all workers: chain (workers alike) or counts */
  TESTUDO_I_SHAPE_ONE_ROW,  /* one row of all workers: order statistic */
  TESTUDO_I_SHAPE_SINGLES,  /* ALL, every row one worker's last step: all finish */
  TESTUDO_I_SHAPE_DISJOINT, /* ALL, rows of last steps that share no worker: a product */
  TESTUDO_I_SHAPE_GENERAL
} testudo_i_shape;

testudo_i_shape testudo_i_rule_shape(const testudo_i_rule *rule);

#endif
