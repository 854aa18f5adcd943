/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of T where those of workers lie between two (delay/brackets.h): T increases with every time, so that the law of
   all times rounded down and that of all rounded up have it between them (docs/theory/model.md#sums-of-any-law). */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/sums/brackets.h"
#include "exact/latency.h"

/* How far the two may be apart, relative to the mean. */
#define WIDTH 1e-4

/* Places at which the two are asked for their integrals: between two of them a law may jump, which moves the integral
   by one distance at most. */
#define PLACES 100000
#define MOST_PLACES 4000000

/* About the mean of T: chunks per copy needed, at the speed of all workers together. */
static double scale_of(const testudo_i_cluster *cluster)
{
  const testudo_delay_model *model = cluster->model;
  double speed = 0, need = (double)testudo_design_chunks(cluster->design) * testudo_design_parts(cluster->design);
  double unit = testudo_i_delay_unit(&cluster->delay), start = 0;
  for (int32_t c = 0; c < cluster->classes; c++)
    speed += cluster->class_size[c] * cluster->class_rate[c] /
             (model->overhead + unit * testudo_law_mean(cluster->class_law[c]) *
                                    (model->chunk_law == NULL ? 1 : testudo_law_mean(model->chunk_law)));
  if (model->startup != NULL)
    start = testudo_law_mean(model->startup);
  return start + need / speed;
}

testudo_status testudo_i_cluster_bracket(testudo_i_cluster *cluster, const testudo_monitor *monitor,
                                         testudo_error *error)
{
  return testudo_i_brackets_make(&cluster->arena, &cluster->delay, cluster->class_law, cluster->class_rate,
                                 cluster->class_load, cluster->classes, cluster->workers, cluster->whole, WIDTH / 2,
                                 scale_of(cluster), monitor, &cluster->delay.brackets, error);
}

/* All places where T can be, if they are known; otherwise such that the integrals of both sides miss no jump by more
   than one distance. */
static testudo_status list_places(testudo_latency *latency, const testudo_i_brackets *brackets, testudo_error *error)
{
  double end = testudo_i_brackets_end(brackets), step = testudo_i_brackets_step(brackets);
  latency->all_places = step > 0 && end / step <= MOST_PLACES;
  size_t count = latency->all_places ? (size_t)ceil(end / step) + 1 : PLACES;
  latency->points = testudo_i_alloc(count + 1, sizeof *latency->points);
  TESTUDO_I_TRY(testudo_i_memory_check(latency->points != NULL, error));
  for (size_t k = 0; k <= count; k++)
    latency->points[k] = latency->all_places ? (double)k * step : end * ((double)k / (double)count);
  latency->point_count = count + 1;
  latency->discrete = true;
  return TESTUDO_OK;
}

static testudo_status side_fill(testudo_latency *latency, int which, const testudo_design *design,
                                const testudo_delay_model *model, testudo_error *error)
{
  testudo_latency *side = latency->side[which];
  const testudo_i_delay delay = {.model = model, .bracketed = true};
  testudo_i_cluster *cluster = &side->cluster;
  side->options = latency->options;
  side->is_side = true;
  TESTUDO_I_TRY(testudo_i_cluster_init(cluster, design, &delay, side->options.report == TESTUDO_REPORT_WHOLE, error));
  if (which == 0)
    TESTUDO_I_TRY(testudo_i_cluster_bracket(cluster, side->options.monitor, error));
  cluster->delay.brackets = latency->side[0]->cluster.delay.brackets;
  cluster->delay.up = which == 1;
  TESTUDO_I_TRY(list_places(side, cluster->delay.brackets, error));
  if (!side->all_places)
    side->options.rel_error = fmax(side->options.rel_error, WIDTH / 3);
  return testudo_i_latency_choose(side, error);
}

testudo_status testudo_i_bracketed_fill(testudo_latency *latency, const testudo_design *design,
                                        const testudo_delay_model *model, testudo_error *error)
{
  for (int s = 0; s < 2; s++) {
    latency->side[s] = testudo_i_calloc(1, sizeof *latency->side[s]);
    TESTUDO_I_TRY(testudo_i_memory_check(latency->side[s] != NULL, error));
    TESTUDO_I_TRY(side_fill(latency, s, design, model, error));
  }
  const testudo_latency *down = latency->side[0];
  latency->method.exact = down->method.exact;
  latency->method.evaluate = down->method.evaluate; /* there is one */
  snprintf(latency->method.name, sizeof latency->method.name, "bracketed, %.180s", down->method.name);
  return TESTUDO_OK;
}

/* HUGE_VAL of a law without a largest value; 0 without a law. */
static double largest_value(const testudo_law *law)
{
  if (law == NULL)
    return 0;
  return testudo_i_law_is_discrete(law) ? law->value[law->values - 1] : HUGE_VAL;
}

/* No worker is later. */
static double latest_time(const testudo_i_cluster *cluster)
{
  const testudo_delay_model *model = cluster->model;
  double latest = 0, unit = testudo_i_delay_unit(&cluster->delay), slow = fmax(1, model->slow.factor);
  double factor = model->chunk_law == NULL ? 1 : largest_value(model->chunk_law);
  for (int32_t c = 0; c < cluster->classes; c++) {
    double chunk = model->overhead + unit * largest_value(cluster->class_law[c]) * factor;
    latest = fmax(latest, cluster->class_load[c] * chunk * slow / cluster->class_rate[c]);
  }
  double message = cluster->delay.share > 0 ? cluster->delay.share * largest_value(model->message) : 0;
  return largest_value(model->startup) + latest + message + model->signal;
}

/* From E T and E T^2 of both sides. The integral of a square is too large by twice as much per second as that of the
   mean. What is beyond the grid, rounded up, has a bounded square where times are bounded. */
static void bracket_deviation(testudo_summary *summary, const testudo_summary of[2], double distance, double beyond)
{
  double first = of[0].mean - of[0].abs_error, last = of[1].mean + of[1].abs_error;
  double least = of[0].stddev_lower * of[0].stddev_lower + fmax(0, first) * first;
  double most = of[1].stddev_upper * of[1].stddev_upper + last * last;
  double slack = 2.0 * distance * (of[0].mean + distance);
  summary->stddev_lower = sqrt(fmax(0, least - slack - summary->upper * summary->upper));
  summary->stddev_upper = sqrt(fmax(0, most + beyond - summary->lower * summary->lower));
  summary->stddev = fmax(summary->stddev_lower, fmin(summary->stddev_upper, (of[0].stddev + of[1].stddev) / 2));
  summary->stddev_error = fmax(summary->stddev - summary->stddev_lower, summary->stddev_upper - summary->stddev);
}

testudo_status testudo_i_bracketed_summary(testudo_latency *latency, testudo_summary *summary, testudo_error *error)
{
  testudo_summary of[2];
  const testudo_latency *down = latency->side[0];
  testudo_i_brackets *brackets = down->cluster.delay.brackets;
  double distance = down->all_places ? 0 : down->points[1] - down->points[0]; /* E T and E T^2 may be too large by it */
  TESTUDO_I_TRY(testudo_latency_summary(latency->side[0], &of[0], error));
  testudo_i_brackets_cap(brackets, true);
  testudo_status status = testudo_latency_summary(latency->side[1], &of[1], error);
  testudo_i_brackets_cap(brackets, false);
  TESTUDO_I_TRY(status);
  double excess = latency->side[1]->cluster.workers * testudo_i_brackets_excess(brackets);
  *summary = of[1];
  summary->p_never_lower = of[0].p_never_lower;
  if (of[0].status == TESTUDO_MEAN_INFINITE || of[1].status == TESTUDO_MEAN_INFINITE)
    return TESTUDO_OK;
  double lower = fmax(0, of[0].lower - distance - of[0].abs_error), upper = of[1].upper + of[1].abs_error + excess;
  summary->lower = lower;
  summary->upper = upper;
  summary->abs_error = (upper - lower) / 2;
  summary->abs_bound = NAN;
  if (summary->status == TESTUDO_MEAN_EXACT) {
    summary->mean = lower + (upper - lower) / 2;
    summary->abs_bound = summary->abs_error;
    bracket_deviation(summary, of, distance, excess > 0 ? 2 * excess * latest_time(&latency->side[1]->cluster) : 0);
  }
  summary->ideal = (of[0].ideal + of[1].ideal) / 2;
  /* Both are off by less than abs_error. */
  summary->over_ideal = summary->mean > 0 ? fmax(1, summary->mean / summary->ideal) : NAN;
  return TESTUDO_OK;
}
