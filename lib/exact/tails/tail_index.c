/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How heavy the tail of T is. Under a law with P(X > x) = x^-a, as heavy under its sums, a worker is late for all its
   chunks with a probability of that order, and T is late when some set of workers is that it cannot do without. The
   smallest such set decides: of k workers, P(t < T < infinity) is at least of order t^-(a k). */
#include <math.h>

#include <testudo/exact.h>

#include "delay/model.h"
#include "runtime/completion.h"

/* Of a worker: of the heaviest of its times; of workers of several laws, of the lightest of them. */
static double index_of_worker(const testudo_delay_model *model)
{
  double most = 0;
  if (model->replay != NULL)
    return HUGE_VAL;
  for (int32_t c = 0; c < model->class_count || c == 0; c++)
    most = fmax(most, testudo_i_law_tail_index(testudo_i_class_law(model, c)));
  if (model->chunk_law != NULL)
    most = fmin(most, testudo_i_law_tail_index(model->chunk_law));
  if (model->startup != NULL)
    most = fmin(most, testudo_i_law_tail_index(model->startup));
  return model->message == NULL ? most : fmin(most, testudo_i_law_tail_index(model->message));
}

double testudo_tail_index(const testudo_design *design, const testudo_delay_model *model)
{
  double law = index_of_worker(model);
  testudo_i_rule rule;
  if (law == HUGE_VAL)
    return HUGE_VAL;
  /* A rule that cannot be made, for want of memory, claims nothing. */
  if (testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &rule, NULL) != TESTUDO_OK)
    return HUGE_VAL;
  int64_t blocking = testudo_i_rule_least_fatal(&rule);
  testudo_i_rule_clear(&rule);
  if (blocking <= 0 || blocking == INT64_MAX)
    return HUGE_VAL;
  /* All but one of that set may have failed, and T still be finite. */
  if (model->failures == TESTUDO_FAILURES_EACH && model->fail_prob > 0)
    return law;
  if (model->failures == TESTUDO_FAILURES_EXACTLY && model->failed < blocking)
    return law * (double)(blocking - model->failed);
  return law * (double)blocking;
}
