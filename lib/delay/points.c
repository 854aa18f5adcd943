/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the law of the progress jumps or has a kink. */
#include "delay/model.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

typedef struct collection {
  double *point;
  size_t count, room, limit;
} collection;

size_t testudo_i_sort_distinct(double *x, size_t count)
{
  size_t kept = 0;
  qsort(x, count, sizeof *x, testudo_i_ascending_reals);
  for (size_t k = 0; k < count; k++)
    if (kept == 0 || x[k] != x[kept - 1])
      x[kept++] = x[k];
  return kept;
}

/* Refused where more distinct ones than the limit remain. */
static testudo_status merge_points(collection *c, testudo_error *error)
{
  c->count = testudo_i_sort_distinct(c->point, c->count);
  if (c->count <= c->limit)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the delay law has more than %zu jumps or kinks", c->limit);
}

/* Equal points from different classes are merged now and then, so that memory stays near the limit. */
static testudo_status add_point(collection *c, double point, testudo_error *error)
{
  if (c->count / 2 > c->limit)
    TESTUDO_I_TRY(merge_points(c, error));
  if (testudo_i_grow((void **)&c->point, &c->room, c->count + 1, sizeof *c->point) != 0)
    return testudo_i_fail_memory(error);
  c->point[c->count++] = point;
  return TESTUDO_OK;
}

static testudo_status add_class(collection *c, const double *value, int64_t values, double rate, int32_t load,
                                const double *work, testudo_error *error)
{
  for (int32_t k = 1; k <= load; k++)
    for (int64_t v = 0; v < values; v++)
      TESTUDO_I_TRY(add_point(c, testudo_i_scaled(work == NULL ? k : work[k - 1], value[v], rate), error));
  return TESTUDO_OK;
}

static testudo_status collect_points(collection *c, const testudo_law *law, const double *class_rate,
                                     const int32_t *class_load, int32_t classes, const double *work,
                                     testudo_error *error)
{
  bool kinks = law->kinks > 0;
  TESTUDO_I_TRY(testudo_i_memory_check(testudo_i_grow((void **)&c->point, &c->room, 1, sizeof *c->point) == 0, error));
  for (int32_t g = 0; g < classes; g++)
    TESTUDO_I_TRY(add_class(c, kinks ? law->kink : law->value, kinks ? law->kinks : law->values, class_rate[g],
                            class_load[g], work, error));
  return merge_points(c, error);
}

testudo_status testudo_i_delay_points(const testudo_delay_model *model, const double *class_rate,
                                      const int32_t *class_load, int32_t classes, const double *work, size_t limit,
                                      double **points, size_t *count, testudo_error *error)
{
  collection c = {NULL, 0, 0, limit};
  testudo_status status = collect_points(&c, model->law, class_rate, class_load, classes, work, error);
  if (status != TESTUDO_OK) {
    free(c.point);
    c = (collection){NULL, 0, 0, limit};
  }
  *points = c.point;
  *count = c.count;
  return status;
}
