/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules of completion: the forms that schemes share, and what can be asked of any rule. */
#include "runtime/completion.h"

#include <string.h>

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static void start_rule(const testudo_design *design, testudo_i_rule *rule)
{
  *rule = (testudo_i_rule){.workers = design->workers, .steps_all = design->steps};
  if (design->steps == 0)
    rule->steps_row = design->row;
}

testudo_status testudo_i_completion_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                         testudo_error *error)
{
  start_rule(design, rule);
  TESTUDO_I_TRY(testudo_i_scheme_check_report(design, report, error));
  testudo_status status = design->scheme->rule(design, testudo_design_report_for(design, report), rule, error);
  if (status != TESTUDO_OK)
    testudo_i_rule_clear(rule);
  return status;
}

testudo_status testudo_i_cover_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                    bool *known, testudo_error *error)
{
  start_rule(design, rule);
  *known = false;
  testudo_status status = design->scheme->cover(design, testudo_design_report_for(design, report), rule, known, error);
  if (status != TESTUDO_OK)
    testudo_i_rule_clear(rule);
  return status;
}

void testudo_i_rule_clear(testudo_i_rule *rule)
{
  testudo_i_arena_clear(&rule->own);
  memset(rule, 0, sizeof *rule);
}

/* ---- forms ---- */

void testudo_i_rule_of_finished(int32_t need, testudo_i_rule *rule)
{
  rule->rows = 1;
  rule->need_all = need;
  rule->whole = true;
}

testudo_status testudo_i_rule_of_everyone(const testudo_design *design, testudo_i_rule *rule, testudo_error *error)
{
  int32_t workers = design->workers, busy = 0;
  int64_t *start = testudo_i_arena_alloc(&rule->own, (size_t)workers + 1, sizeof *start);
  int32_t *worker = testudo_i_arena_alloc(&rule->own, (size_t)workers, sizeof *worker);
  int32_t *hit = testudo_i_arena_alloc(&rule->own, (size_t)workers, sizeof *hit);
  TESTUDO_I_TRY(testudo_i_arena_check(&rule->own, error));
  for (int32_t j = 0; j < workers; j++) {
    hit[j] = -1;
    if (testudo_design_load(design, j) == 0)
      continue;
    hit[j] = busy;
    start[busy] = busy;
    worker[busy++] = j;
  }
  start[busy] = busy;
  rule->rows = busy;
  rule->need_all = 1;
  rule->start = start;
  rule->worker = worker;
  rule->whole = true;
  rule->hit = hit;
  return TESTUDO_OK;
}

testudo_status testudo_i_rule_of_classes(const testudo_design *design, int32_t classes, const int32_t *class_of,
                                         const int32_t *rank, const int32_t *size, int32_t need, testudo_i_rule *rule,
                                         testudo_error *error)
{
  int64_t *start = testudo_i_arena_calloc(&rule->own, (size_t)classes + 1, sizeof *start);
  int32_t *worker = testudo_i_arena_alloc(&rule->own, (size_t)design->workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_arena_check(&rule->own, error));
  for (int32_t c = 0; c < classes; c++)
    start[c + 1] = start[c] + size[c];
  for (int32_t j = 0; j < design->workers; j++)
    worker[start[class_of[j]] + rank[j]] = j;
  rule->rows = classes;
  rule->need_all = need;
  rule->start = start;
  rule->worker = worker;
  rule->whole = true;
  rule->hit = class_of;
  return TESTUDO_OK;
}

void testudo_i_rule_of_chunks(const testudo_design *design, testudo_report report, int32_t need, testudo_i_rule *rule)
{
  rule->rows = design->chunks;
  rule->need_all = need;
  rule->start = design->chunk_row;
  rule->worker = design->holder;
  rule->whole = report == TESTUDO_REPORT_WHOLE;
  rule->step = rule->whole ? NULL : design->place;
  rule->first = design->row;
  rule->hit = design->order;
}

/* ---- questions ---- */

int64_t testudo_i_rule_hits(const testudo_i_rule *rule, int32_t worker, int32_t step, const int32_t **hit)
{
  static const int32_t first_row = 0;
  *hit = rule->hit;
  if (rule->whole && step < testudo_i_rule_steps(rule, worker))
    return 0;
  if (rule->hit == NULL) {
    *hit = &first_row;
    return 1;
  }
  if (rule->first == NULL) {
    *hit += rule->whole ? worker : step - 1;
    return 1;
  }
  *hit += rule->first[worker];
  if (rule->whole)
    return rule->first[worker + 1] - rule->first[worker];
  int32_t from = step - 1, to = step;
  if (rule->until != NULL) {
    from = step > 1 ? rule->until[step - 2] : 0;
    to = rule->until[step - 1];
  }
  *hit += from;
  return to - from;
}

bool testudo_i_rules_are_one(const testudo_i_rule *a, const testudo_i_rule *b)
{
  return a->rows == b->rows && a->hit == b->hit && a->first == b->first && a->until == b->until &&
         a->whole == b->whole && a->step == b->step && a->start == b->start;
}

/* Pairs of workers that have steps to do. */
static int64_t busy_pairs(const testudo_i_rule *rule, int32_t row)
{
  int64_t busy = 0, pairs = testudo_i_rule_pairs(rule, row);
  for (int64_t p = 0; p < pairs; p++)
    busy += testudo_i_rule_steps(rule, testudo_i_rule_pair_worker(rule, row, p)) > 0;
  return busy;
}

int64_t testudo_i_rule_least_fatal(const testudo_i_rule *rule)
{
  bool all = rule->join == TESTUDO_I_ALL;
  int64_t found = all ? INT64_MAX : 0;
  for (int32_t r = 0; r < rule->rows; r++) {
    int64_t pairs = testudo_i_rule_pairs(rule, r), fatal = pairs - testudo_i_rule_need(rule, r) + 1;
    /* Idle workers cannot fail to do nothing: more of the others must than there are means never. */
    if (fatal > busy_pairs(rule, r))
      fatal = INT64_MAX;
    found = all == (fatal < found) ? fatal : found;
  }
  return found;
}

/* Do the rows share no worker? Every worker's last step then hits one row at most. */
static bool rows_are_disjoint(const testudo_i_rule *rule)
{
  return rule->whole && rule->first == NULL && rule->hit != NULL;
}

testudo_i_shape testudo_i_rule_shape(const testudo_i_rule *rule)
{
  if (testudo_i_rule_is_stepped(rule))
    return TESTUDO_I_SHAPE_STEPPED;
  if (rule->rows == 1 && rule->start == NULL)
    return TESTUDO_I_SHAPE_ONE_ROW;
  if (!rows_are_disjoint(rule) || rule->join != TESTUDO_I_ALL)
    return TESTUDO_I_SHAPE_GENERAL;
  for (int32_t r = 0; r < rule->rows; r++)
    if (testudo_i_rule_pairs(rule, r) > 1)
      return TESTUDO_I_SHAPE_DISJOINT;
  return TESTUDO_I_SHAPE_SINGLES;
}
