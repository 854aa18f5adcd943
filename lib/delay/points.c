/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the law of the progress jumps or has a kink. */
#include "delay/model.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct collection {
  double *point;
  size_t count, room, limit;
} collection;

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sort_and_merge(collection *c)
{
  if (c->count == 0)
    return;
  qsort(c->point, c->count, sizeof *c->point, ascending);
  size_t kept = 1;
  for (size_t k = 1; k < c->count; k++)
    if (c->point[k] != c->point[kept - 1])
      c->point[kept++] = c->point[k];
  c->count = kept;
}

static testudo_status over_limit(const collection *c, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the delay law has more than %zu jumps or kinks", c->limit);
}

/* Equal points from different classes are merged now and then, so that memory stays near the limit. */
static testudo_status add(collection *c, double point, testudo_error *error)
{
  if (c->count / 2 > c->limit) {
    sort_and_merge(c);
    if (c->count > c->limit)
      return over_limit(c, error);
  }
  if (testudo_i_grow((void **)&c->point, &c->room, c->count + 1, sizeof *c->point) != 0)
    return testudo_i_fail_memory(error);
  c->point[c->count++] = point;
  return TESTUDO_OK;
}

static testudo_status add_class(collection *c, const double *value, int64_t values, double rate, int32_t load,
                                const double *work, testudo_error *error)
{
  for (int32_t k = 1; k <= load; k++)
    for (int64_t v = 0; v < values; v++) {
      testudo_status status = add(c, testudo_i_scaled(work == NULL ? k : work[k - 1], value[v], rate), error);
      if (status != TESTUDO_OK)
        return status;
    }
  return TESTUDO_OK;
}

testudo_status testudo_i_delay_points(const testudo_delay_model *model, const double *class_rate,
                                      const int32_t *class_load, int32_t classes, size_t limit, double **points,
                                      size_t *count, testudo_error *error)
{
  return testudo_i_work_points(model, class_rate, class_load, classes, NULL, limit, points, count, error);
}

testudo_status testudo_i_work_points(const testudo_delay_model *model, const double *class_rate,
                                     const int32_t *class_load, int32_t classes, const double *work, size_t limit,
                                     double **points, size_t *count, testudo_error *error)
{
  const testudo_law *law = model->law;
  const double *value = law->value;
  int64_t values = law->values;
  if (law->kinks > 0) {
    value = law->kink;
    values = law->kinks;
  }
  collection c = {NULL, 0, 0, limit};
  *points = NULL;
  *count = 0;
  testudo_status status = TESTUDO_OK;
  if (testudo_i_grow((void **)&c.point, &c.room, 1, sizeof *c.point) != 0)
    status = testudo_i_fail_memory(error);
  for (int32_t g = 0; status == TESTUDO_OK && g < classes; g++)
    status = add_class(&c, value, values, class_rate[g], class_load[g], work, error);
  if (status == TESTUDO_OK) {
    sort_and_merge(&c);
    if (c.count > limit)
      status = over_limit(&c, error);
  }
  if (status != TESTUDO_OK) {
    free(c.point);
    return status;
  }
  *points = c.point;
  *count = c.count;
  return TESTUDO_OK;
}
