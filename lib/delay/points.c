/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the law of the progress jumps or has a kink. */
#include "delay/model.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/sums/tables.h"

#define HELPFUL_POINTS 2000 /* kinks behind smooth waits, which smooth them */

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
  TESTUDO_I_TRY(TESTUDO_I_GROW(c->point, c->room, c->count + 1, error));
  c->point[c->count++] = point;
  return TESTUDO_OK;
}

/* The times of a class's steps at one rate, after each part of the wait, for every value of the law. */
typedef struct stepping {
  const testudo_i_delay *delay;
  const testudo_law *law;
  double rate;
  int32_t load;
} stepping;

static testudo_status add_value(collection *c, const stepping *of, double value, testudo_error *error)
{
  static const testudo_i_wait_part none;
  const testudo_i_delay_tables *tables = of->delay->tables;
  bool waits = tables != NULL && tables->waits;
  for (int32_t k = 1; k <= of->load; k++)
    for (int64_t p = 0; p < (waits ? tables->wait.parts : 1); p++) {
      const testudo_i_wait_part *part = waits ? &tables->wait.part[p] : &none;
      TESTUDO_I_TRY(add_point(c, testudo_i_delay_time(of->delay, of->rate, k, part->before, part->after, 0.0, value),
                              error));
    }
  return TESTUDO_OK;
}

/* On a link that sends step after step: for every message. */
static testudo_status add_sent(collection *c, const stepping *of, double value, testudo_error *error)
{
  const testudo_law *message = of->delay->model->message;
  const testudo_law *startup = of->delay->model->startup;
  for (int64_t m = 0; m < message->values; m++)
    for (int64_t s = 0; s < (startup == NULL ? 1 : startup->values); s++)
      for (int32_t k = 1; k <= of->load; k++)
        TESTUDO_I_TRY(add_point(c, testudo_i_delay_time(of->delay, of->rate, k, startup == NULL ? 0 : startup->value[s],
                                                        0.0, message->value[m], value),
                                error));
  return TESTUDO_OK;
}

static bool sends_steps(const testudo_i_delay *delay)
{
  return delay->model->message != NULL && delay->steps != NULL && delay->steps->sent != NULL;
}

/* Kinks are those of the law, and where nothing is done yet; of structure mixed only the latter is looked for. */
static testudo_status add_rate(collection *c, const stepping *of, testudo_error *error)
{
  const testudo_delay_model *model = of->delay->model;
  bool mixed = model->structure == TESTUDO_STRUCTURE_MIXED, kinks = of->law->kinks > 0;
  const double *value = kinks ? of->law->kink : of->law->value;
  int64_t values = mixed ? 0 : kinks ? of->law->kinks : of->law->values;
  if (mixed && of->law->kinks == 1 && model->chunk_law->kinks == 1)
    TESTUDO_I_TRY(add_value(c, of, of->law->kink[0] * model->chunk_law->kink[0], error));
  else if (values == 0 && (model->overhead > 0.0 || model->startup != NULL))
    TESTUDO_I_TRY(add_value(c, of, 0.0, error));
  for (int64_t v = 0; v < values; v++)
    TESTUDO_I_TRY(sends_steps(of->delay) ? add_sent(c, of, value[v], error) : add_value(c, of, value[v], error));
  return TESTUDO_OK;
}

static testudo_status collect_points(collection *c, const testudo_i_delay *delay, const testudo_law *const *class_law,
                                     const double *class_rate, const int32_t *class_load, int32_t classes,
                                     testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(c->point, c->room, 1, error));
  for (int32_t g = 0; g < classes; g++) {
    stepping of = {delay, class_law[g], class_rate[g], class_load[g]};
    TESTUDO_I_TRY(add_rate(c, &of, error));
    if (delay->model->slow.factor == 0.0)
      continue;
    of.rate /= delay->model->slow.factor;
    TESTUDO_I_TRY(add_rate(c, &of, error));
  }
  return merge_points(c, error);
}

testudo_status testudo_i_delay_points(const testudo_i_delay *delay, const testudo_law *const *class_law,
                                      const double *class_rate, const int32_t *class_load, int32_t classes,
                                      size_t limit, double **points, size_t *count, testudo_error *error)
{
  bool discrete = testudo_i_delay_is_discrete(delay), waits = delay->tables != NULL && delay->tables->waits;
  collection c = {NULL, 0, 0, waits && !discrete ? HELPFUL_POINTS : limit};
  testudo_status status = collect_points(&c, delay, class_law, class_rate, class_load, classes, error);
  if (status != TESTUDO_OK) {
    free(c.point);
    c = (collection){NULL, 0, 0, limit};
  }
  *points = c.point;
  *count = c.count;
  return status == TESTUDO_ERROR_LIMIT && waits && !discrete ? TESTUDO_OK : status;
}
