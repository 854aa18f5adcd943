/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean, quantile and P(T <= t) of block sizes, with derivatives. */
#include "optimize/block/objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "parallel/loop.h"

/* Of slopes at one time: small against everything, large against rounding. */
#define MARGIN 1e-5

/* A cell is at most e^WIDEST wide; the law is looked at between where it is this small, and where what is left is. */
#define WIDEST 0.2
#define NARROWEST 1e-7
#define LEAST 1e-10

/* Cells are laid finer until they see all of T, up to so fine. */
enum { FINEST = 6400 };
#define UNSEEN_AFTER_WAITS 1e-2

/* Cells that a curve is summed over, about: the steps of a descent do with less than its values. */
enum { CURVE_CELLS = 128 };

void testudo_i_block_objective_clear(testudo_i_block_objective *objective)
{
  free(objective->edge);
  free(objective->weight);
  testudo_i_arena_clear(&objective->arena);
}

static testudo_status make_rooms(testudo_i_block_objective *o, testudo_error *error)
{
  size_t blocks = (size_t)o->blocks, parts = o->kind == TESTUDO_OBJECTIVE_MEAN ? TESTUDO_I_BLOCK_PARTS : 1;
  o->need = testudo_i_arena_alloc(&o->arena, blocks, sizeof *o->need);
  o->work = testudo_i_arena_calloc(&o->arena, blocks, sizeof *o->work);
  o->slope = testudo_i_arena_calloc(&o->arena, blocks, sizeof *o->slope);
  o->part_late = testudo_i_arena_calloc(&o->arena, parts, sizeof *o->part_late);
  o->part_mass = testudo_i_arena_calloc(&o->arena, parts, sizeof *o->part_mass);
  o->part_slope = testudo_i_arena_calloc(&o->arena, parts * blocks, 2 * sizeof *o->part_slope);
  o->part_curve = testudo_i_arena_calloc(&o->arena, parts * blocks, 2 * blocks * sizeof *o->part_curve);
  o->levels = testudo_i_arena_calloc(&o->arena, (size_t)o->threads, sizeof *o->levels);
  return testudo_i_arena_check(&o->arena, error);
}

testudo_status testudo_i_block_objective_make(testudo_i_block_objective *objective, const testudo_i_block_law *law,
                                              testudo_objective goal, int32_t blocks, const int32_t *tolerance,
                                              int32_t workers, int32_t threads, const testudo_monitor *monitor,
                                              testudo_error *error)
{
  int32_t used = goal.kind != TESTUDO_OBJECTIVE_MEAN ? 1 : threads == 0 ? testudo_i_cores() : threads;
  *objective = (testudo_i_block_objective){.kind = goal.kind, .at = goal.at, .law = law, .blocks = blocks,
                                           .tolerance = tolerance, .threads = used, .monitor = monitor};
  if (objective->threads > TESTUDO_I_BLOCK_PARTS)
    objective->threads = TESTUDO_I_BLOCK_PARTS;
  TESTUDO_I_TRY(make_rooms(objective, error));
  for (int32_t k = 0; k < blocks; k++)
    objective->need[k] = workers - tolerance[k];
  for (int32_t i = 0; i < objective->threads; i++)
    TESTUDO_I_TRY(testudo_i_block_levels_make(&objective->levels[i], law, blocks, objective->need, &objective->arena,
                                              error));
  return TESTUDO_OK;
}

/* W_k of shares. */
static void add_up_work(testudo_i_block_objective *o, const double *share)
{
  double sum = 0.0;
  for (int32_t k = 0; k < o->blocks; k++)
    o->work[k] = sum += (o->tolerance[k] + 1.0) * share[k];
}

/* Derivatives by W to those by the shares: share i is in W_k for k >= i. */
static void slope_by_shares(const testudo_i_block_objective *o, const double *slope, double *gradient)
{
  double tail = 0.0;
  for (int32_t i = o->blocks - 1; i >= 0; i--) {
    tail += slope[i];
    gradient[i] = (o->tolerance[i] + 1.0) * tail;
  }
}

static void curve_by_shares(const testudo_i_block_objective *o, double *curve)
{
  size_t n = (size_t)o->blocks;
  for (size_t i = n; i-- > 0;)
    for (size_t j = n; j-- > 0;)
      curve[i * n + j] += (i + 1 < n ? curve[(i + 1) * n + j] : 0.0) + (j + 1 < n ? curve[i * n + j + 1] : 0.0) -
                          (i + 1 < n && j + 1 < n ? curve[(i + 1) * n + j + 1] : 0.0);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      curve[i * n + j] *= (o->tolerance[i] + 1.0) * (o->tolerance[j] + 1.0);
}

/* -dF_k / dlog W_k, by differences over `margin`. */
static double level_slope(const testudo_i_block_objective *o, int32_t k, double t, double margin)
{
  double more, fewer, less, late, half = exp(0.5 * margin);
  testudo_i_block_law_sides(o->law, o->work[k] / half, t, &more, &less);
  testudo_i_block_law_sides(o->law, o->work[k] * half, t, &fewer, &late);
  return (more < 0.5 ? more - fewer : late - less) / margin;
}

/* ---- the mean ---- */

static testudo_status stopped(testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the search was interrupted");
}

static double below_at(testudo_i_block_objective *o, double time)
{
  return testudo_i_block_levels_below(&o->levels[0], o->work, o->law->start + time);
}

/* What the times around `time` (log-scale) bring to the mean, in times of probability per e-fold. */
static double weight_at(testudo_i_block_objective *o, double time)
{
  double sum = 0.0;
  testudo_i_block_levels_at(&o->levels[0], o->work, o->law->start + time);
  for (int32_t k = 0; k < o->blocks; k++)
    sum += testudo_i_crossing_slope(&o->levels[0].crossing, k) * level_slope(o, k, o->law->start + time, 1e-3);
  return sum * time;
}

static double find_middle(testudo_i_block_objective *o)
{
  double low = 1e-300, high = 1e300;
  double time = testudo_i_block_law_scale(o->law, o->work[o->blocks - 1], 0.5) - o->law->start;
  if (!(time > 0.0 && time < HUGE_VAL))
    time = 1.0;
  for (int step = 0; step < 400 && high / low > 1.001; step++) {
    if (below_at(o, time) < 0.5)
      low = time;
    else
      high = time;
    time = low > 1e-300 && high < 1e300 ? sqrt(low * high) : high < 1e300 ? high / 2.0 : low * 2.0;
  }
  return time;
}

static testudo_status push_edge(testudo_i_block_objective *o, double time, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(o->edge, o->edge_room, o->edges + 1, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(o->weight, o->weight_room, o->edges + 1, error));
  o->edge[o->edges++] = time;
  return TESTUDO_OK;
}

/* Halves a cell until it holds little of the mean, and less the wider it is: nothing hides in a cell, because P(T <= t)
   rises by all that is in it. Pushes the cell's end. */
static testudo_status split_cell(testudo_i_block_objective *o, double begin, double below, double end, double reached,
                                 double middle, double width, testudo_error *error)
{
  double wide = log(end / begin), mass = fmax(0.0, reached - below - 1e-14) * fmax(1.0, end / middle);
  if (wide <= NARROWEST ||
      (mass <= 2.0 * width && mass * wide * wide <= width * width * width))
    return push_edge(o, end, error);
  if (testudo_i_stopped(o->monitor, -1.0))
    return stopped(error);
  double half = sqrt(begin * end), at = below_at(o, half);
  TESTUDO_I_TRY(split_cell(o, begin, below, half, at, middle, width, error));
  return split_cell(o, half, at, end, reached, middle, width, error);
}

/* Slopes are differences over cells, and want no kink inside. */
static testudo_status cut_at_kinks(testudo_i_block_objective *o, testudo_error *error)
{
  double first = o->edge[0], last = o->edge[o->edges - 1], time[TESTUDO_I_BLOCK_KINKS];
  for (int32_t k = 0; k < o->blocks; k++) {
    int32_t count;
    testudo_i_block_law_kinks(o->law, o->work[k], time, &count);
    for (int32_t i = 0; i < count; i++)
      if (time[i] > first && time[i] < last)
        TESTUDO_I_TRY(push_edge(o, time[i], error));
  }
  qsort(o->edge, o->edges, sizeof *o->edge, testudo_i_ascending_reals);
  size_t kept = 1;
  for (size_t e = 1; e < o->edges; e++)
    if (o->edge[e] > o->edge[kept - 1] * (1.0 + 1e-13))
      o->edge[kept++] = o->edge[e];
  o->edges = kept;
  return TESTUDO_OK;
}

/* For o->work. */
static testudo_status lay_cells(testudo_i_block_objective *o, testudo_error *error)
{
  double middle = find_middle(o), time = middle, width = 1.0 / o->fine, below;
  while (below_at(o, time) > LEAST && time > 1e-290 && time > middle * 1e-30)
    time *= exp(-WIDEST);
  double first = below = below_at(o, time);
  o->edges = 0;
  TESTUDO_I_TRY(push_edge(o, time, error));
  for (int step = 0; step < 2000 && time < 1e290; step++) {
    double end = time * exp(WIDEST), reached = below_at(o, end);
    TESTUDO_I_TRY(split_cell(o, time, below, end, reached, middle, width, error));
    time = end;
    below = reached;
    if (time > middle && below > 1.0 - 1e-6 && weight_at(o, time) < 1e-6 * middle)
      break;
  }
  o->mass = below - first;
  return cut_at_kinks(o, error);
}

static void add_curve(const testudo_i_block_objective *o, testudo_i_crossing *crossing, const double *slope,
                      double seconds, double *room, double *sum)
{
  int32_t n = o->blocks;
  testudo_i_crossing_curve(crossing, room);
  for (int32_t k = 0; k < n; k++)
    for (int32_t l = k + 1; l < n; l++)
      sum[(size_t)k * (size_t)n + (size_t)l] -= room[(size_t)k * (size_t)n + (size_t)l] * slope[k] * slope[l] * seconds;
}

/* In logarithms of W. */
static testudo_status sum_part(void *context, int32_t thread, int64_t part)
{
  testudo_i_block_objective *o = context;
  testudo_i_block_levels *levels = &o->levels[thread];
  size_t n = (size_t)o->blocks;
  int64_t cells = (int64_t)o->edges - 1, stride = cells / CURVE_CELLS + 1;
  double *sum = o->part_slope + (size_t)part * 2 * n, *slope = sum + n;
  double *curve = o->part_curve + (size_t)part * 2 * n * n;
  memset(sum, 0, n * sizeof *sum);
  if (o->curved)
    memset(curve, 0, n * n * sizeof *curve);
  o->part_late[part] = o->part_mass[part] = 0.0;
  for (int64_t c = cells * part / TESTUDO_I_BLOCK_PARTS; c < cells * (part + 1) / TESTUDO_I_BLOCK_PARTS; c++) {
    double time = sqrt(o->edge[c] * o->edge[c + 1]), seconds = o->edge[c + 1] - o->edge[c];
    double below = testudo_i_block_levels_at(levels, o->work, o->law->start + time);
    double margin = log(o->edge[c + 1] / o->edge[c]);
    o->part_late[part] += (1.0 - below) * seconds;
    o->weight[c] = 0.0;
    for (int32_t k = 0; k < o->blocks; k++) {
      slope[k] = level_slope(o, k, o->law->start + time, margin);
      double share = testudo_i_crossing_slope(&levels->crossing, k) * slope[k] * seconds;
      o->weight[c] += share;
      sum[k] += share;
    }
    o->part_mass[part] += o->weight[c] / time;
    if (o->curved && c % stride == stride / 2)
      add_curve(o, &levels->crossing, slope, seconds * (double)stride, curve + n * n, curve);
  }
  return TESTUDO_OK;
}

/* T is proportional to W, so that the rows of the curve times W are 0: the diagonal. */
static void gather_curve(const testudo_i_block_objective *o, double *curve)
{
  size_t n = (size_t)o->blocks;
  memset(curve, 0, n * n * sizeof *curve);
  for (int part = 0; part < TESTUDO_I_BLOCK_PARTS; part++)
    for (size_t e = 0; e < n * n; e++)
      curve[e] += o->part_curve[(size_t)part * 2 * n * n + e];
  for (size_t k = 0; k < n; k++)
    for (size_t l = k + 1; l < n; l++) {
      double tie = fmin(0.0, curve[k * n + l]);
      curve[k * n + k] -= tie;
      curve[l * n + l] -= tie;
      curve[k * n + l] = curve[l * n + k] = tie;
    }
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l < n; l++)
      curve[k * n + l] /= o->work[k] * o->work[l];
  curve_by_shares(o, curve);
}

static testudo_status sum_cells(testudo_i_block_objective *o, bool curve, double *mass, testudo_error *error)
{
  o->curved = curve;
  testudo_status status = testudo_i_parallel_for(TESTUDO_I_BLOCK_PARTS, o->threads, sum_part, o, o->monitor);
  if (status == TESTUDO_INTERRUPTED)
    return stopped(error);
  *mass = 0.0;
  for (size_t part = 0; part < TESTUDO_I_BLOCK_PARTS; part++)
    *mass += o->part_mass[part];
  return status;
}

/* Cells are laid anew each time: with those of other shares values would jump where kinks cross their edges. */
static testudo_status mean_at(testudo_i_block_objective *o, double *value, double *gradient, double *curve,
                              testudo_error *error)
{
  size_t n = (size_t)o->blocks;
  /* The quantiles of a random start-up leave more kinks than can be cut at, and are no exact law. */
  double unseen = o->law->proportional ? o->unseen : fmax(o->unseen, UNSEEN_AFTER_WAITS);
  for (bool lay = true; lay;) {
    double mass = 0.0;
    TESTUDO_I_TRY(lay_cells(o, error));
    TESTUDO_I_TRY(sum_cells(o, curve != NULL, &mass, error));
    lay = !(fabs(mass - o->mass) <= unseen * o->mass) && o->fine < FINEST;
    o->fine *= lay ? 2 : 1;
  }
  double mean = 0.0, late = o->edge[0];
  for (size_t k = 0; k < n; k++) {
    o->slope[k] = 0.0;
    for (size_t part = 0; part < TESTUDO_I_BLOCK_PARTS; part++)
      o->slope[k] += o->part_slope[part * 2 * n + k];
    mean += o->slope[k];
    o->slope[k] /= o->work[k];
  }
  for (size_t part = 0; part < TESTUDO_I_BLOCK_PARTS; part++)
    late += o->part_late[part];
  *value = o->law->start + (o->law->proportional ? mean : late);
  slope_by_shares(o, o->slope, gradient);
  if (curve != NULL)
    gather_curve(o, curve);
  return TESTUDO_OK;
}

/* ---- quantile and deadline: one time ---- */

static double margin_of(const testudo_i_block_objective *o)
{
  return fmax(MARGIN, o->law->spread / 4.0);
}

static void slopes_at(testudo_i_block_objective *o, double t)
{
  for (int32_t k = 0; k < o->blocks; k++)
    o->slope[k] = testudo_i_crossing_slope(&o->levels[0].crossing, k) * level_slope(o, k, t, margin_of(o)) / o->work[k];
}

static void deadline_at(testudo_i_block_objective *o, double *value, double *gradient)
{
  double below = testudo_i_block_levels_at(&o->levels[0], o->work, o->at);
  slopes_at(o, o->at);
  for (int32_t k = 0; k < o->blocks; k++)
    o->slope[k] = below > 0.0 ? o->slope[k] / below : 0.0;
  *value = below > 0.0 ? -log(below) : HUGE_VAL;
  slope_by_shares(o, o->slope, gradient);
}

/* By bisection of the logarithm, from the last one found outwards. */
static double find_quantile(testudo_i_block_objective *o)
{
  double low = 0.0, high = HUGE_VAL, time = o->guess, step = 1.01;
  if (!(time > 0.0))
    time = find_middle(o);
  for (int k = 0; k < 300; k++) {
    double below = below_at(o, time);
    if (below < o->at)
      low = time;
    else
      high = time;
    if (low > 0.0 && high < HUGE_VAL) {
      if (high <= low * (1.0 + 1e-14))
        break;
      double half = sqrt(low * high);
      time = half > low && half < high ? half : high;
      if (time == high)
        break;
    } else {
      time = low > 0.0 ? low * step : high / step;
      step = fmin(2.0, step * step);
    }
  }
  o->guess = high < HUGE_VAL ? high : low;
  return high;
}

static void quantile_at(testudo_i_block_objective *o, double *value, double *gradient)
{
  double time = find_quantile(o), t = o->law->start + time, rise = 0.0, half = exp(0.5 * margin_of(o));
  if (!(time < HUGE_VAL)) {
    *value = HUGE_VAL;
    memset(gradient, 0, (size_t)o->blocks * sizeof *gradient);
    return;
  }
  testudo_i_block_levels_at(&o->levels[0], o->work, t);
  slopes_at(o, t);
  for (int32_t k = 0; k < o->blocks; k++) {
    double early, late, unused;
    testudo_i_block_law_sides(o->law, o->work[k], o->law->start + time / half, &early, &unused);
    testudo_i_block_law_sides(o->law, o->work[k], o->law->start + time * half, &late, &unused);
    rise += testudo_i_crossing_slope(&o->levels[0].crossing, k) * (late - early) / (margin_of(o) * time);
  }
  for (int32_t k = 0; k < o->blocks; k++)
    o->slope[k] = rise > 0.0 ? o->slope[k] / rise : 0.0;
  *value = t;
  slope_by_shares(o, o->slope, gradient);
}

static void at_one_time(testudo_i_block_objective *o, const double *share, double *value, double *gradient)
{
  add_up_work(o, share);
  if (o->kind == TESTUDO_OBJECTIVE_QUANTILE)
    quantile_at(o, value, gradient);
  else
    deadline_at(o, value, gradient);
}

/* One time costs little, so that the curve is made of differences of gradients. */
static testudo_status curve_at_one_time(testudo_i_block_objective *o, const double *share, double *curve,
                                        testudo_error *error)
{
  size_t n = (size_t)o->blocks;
  double *moved = o->part_curve, *up = moved + n, *down = up + n, value;
  if (n < 3)
    moved = testudo_i_arena_alloc(&o->arena, 3 * n, sizeof *moved), up = moved + n, down = up + n;
  TESTUDO_I_TRY(testudo_i_arena_check(&o->arena, error));
  memcpy(moved, share, n * sizeof *moved);
  for (size_t i = 0; i < n; i++) {
    double step = fmax(1e-7, 1e-4 * share[i]);
    if (testudo_i_stopped(o->monitor, -1.0))
      return stopped(error);
    step = fmin(step, 0.5 * share[i]);
    moved[i] = share[i] + step;
    at_one_time(o, moved, &value, up);
    moved[i] = share[i] - step;
    at_one_time(o, moved, &value, down);
    moved[i] = share[i];
    for (size_t j = 0; j < n; j++)
      curve[i * n + j] = (up[j] - down[j]) / (2.0 * step);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      curve[i * n + j] = curve[j * n + i] = 0.5 * (curve[i * n + j] + curve[j * n + i]);
  return TESTUDO_OK;
}

testudo_status testudo_i_block_objective_at(testudo_i_block_objective *objective, const double *share, double *value,
                                            double *gradient, double *curve, testudo_error *error)
{
  testudo_i_block_objective *o = objective;
  add_up_work(o, share);
  if (o->kind == TESTUDO_OBJECTIVE_MEAN)
    return mean_at(o, value, gradient, curve, error);
  if (testudo_i_stopped(o->monitor, -1.0))
    return stopped(error);
  if (curve != NULL)
    TESTUDO_I_TRY(curve_at_one_time(o, share, curve, error));
  at_one_time(o, share, value, gradient);
  return TESTUDO_OK;
}
