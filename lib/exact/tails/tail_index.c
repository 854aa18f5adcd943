/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How heavy the tail of T is. Under a law with P(X > x) = x^-a, as heavy under its sums, a worker is late for all its
   chunks with a probability of that order, and T is late when some set of workers is that it cannot do without. The
   smallest such set decides: of k workers, P(t < T < infinity) is at least of order t^-(a k). */
#include <math.h>

#include <testudo/exact.h>

#include "delay/model.h"
#include "runtime/design.h"

static int32_t loaded_workers(const testudo_design *design)
{
  int32_t count = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    count += testudo_design_load(design, j) > 0;
  return count;
}

static int32_t smallest_group(const testudo_i_groups *groups)
{
  int32_t least = groups->size[0];
  for (int32_t g = 1; g < groups->groups; g++)
    least = groups->size[g] < least ? groups->size[g] : least;
  return least;
}

/* The fewest workers without which nothing is complete; 0 where no workers can hold it up. */
static int32_t blocking_workers(const testudo_design *design)
{
  int32_t blocking;
  switch (design->scheme) {
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    blocking = design->workers - design->wait + 1;
    return blocking <= loaded_workers(design) ? blocking : 0;
  case TESTUDO_SCHEME_GRADIENT_CODE:
    return design->groups.groups > 0 ? smallest_group(&design->groups) : design->stragglers + 1;
  case TESTUDO_SCHEME_NESTED:
    return design->family.tolerance[design->family.levels - 1] + 1;
  case TESTUDO_SCHEME_BLOCK:
    return design->family.tolerance[0] + 1;
  default:
    return design->min_replication - design->parts + 1;
  }
}

double testudo_tail_index(const testudo_design *design, const testudo_delay_model *model)
{
  double law = testudo_i_law_tail_index(model->law);
  int32_t blocking = blocking_workers(design);
  if (blocking <= 0 || law == HUGE_VAL)
    return HUGE_VAL;
  /* All but one of that set may have failed, and T still be finite. */
  if (model->failures == TESTUDO_FAILURES_EACH && model->fail_prob > 0)
    return law;
  if (model->failures == TESTUDO_FAILURES_EXACTLY && model->failed < blocking)
    return law * (blocking - model->failed);
  return law * blocking;
}
