/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws as points, saddle points of their sums. */
#include "validate/outcome.h"

#include <math.h>

#include "base/error.h"
#include "numeric/integrate.h"

enum { CELLS = 256, NODES = 3, DOUBLINGS = 80, FEW = 20 };

/* Gauss and Legendre's rule on [0, 1]. */
static const double node[NODES] = {0.1127016653792583, 0.5, 0.8872983346207417};
static const double node_weight[NODES] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};

/* Of the sum under the tilted law, where the saddle point formula is used. */
#define MOST_SKEWNESS 0.5

/* Where the points are set for sums that are off by so many standard errors; more than that share of their weight is
   not looked at more closely. */
#define STANDARD_ERRORS 6.0
#define MOST_SHARE 1e-4

/* A relative deviation that is rounding. */
#define CONSTANT 1e-13

/* ---- cells ---- */

/* A time, P(T <= time) and P(T > time), both accurate where they are small. */
typedef struct outcome_edge {
  double t, below, above;
} outcome_edge;

typedef struct outcome_cell {
  outcome_edge low, high; /* both at or before the mean, or both at or behind it */
} outcome_cell;

typedef struct outcome_law {
  testudo_latency *latency;
  testudo_i_side side;
  double never, finite, mean, stddev;
  double theta;           /* how strongly squares far out count for a sum that is off by some standard errors */
  size_t cells;
  outcome_cell cell[CELLS];
} outcome_law;

/* Given T finite. */
static testudo_status find_edge(const outcome_law *law, double t, outcome_edge *edge, testudo_error *error)
{
  double lower, upper;
  edge->t = t;
  if (t < law->mean) {
    TESTUDO_I_TRY(testudo_latency_cdf(law->latency, t, &lower, &upper, error));
    edge->below = fmin(1.0, fmax(0.0, (law->side == TESTUDO_I_EARLY ? upper : lower) / law->finite));
    edge->above = 1.0 - edge->below;
  } else {
    TESTUDO_I_TRY(testudo_latency_tail(law->latency, t, &lower, &upper, error));
    double tail = law->side == TESTUDO_I_EARLY ? lower : upper;
    edge->above = fmin(1.0, fmax(0.0, (tail - law->never) / law->finite));
    edge->below = 1.0 - edge->above;
  }
  return TESTUDO_OK;
}

static bool is_early(const outcome_law *law, const outcome_cell *cell)
{
  return cell->low.t < law->mean;
}

static double cell_mass(const outcome_law *law, const outcome_cell *cell)
{
  return is_early(law, cell) && cell->high.t < law->mean ? cell->high.below - cell->low.below
                                                         : cell->low.above - cell->high.above;
}

/* What not knowing where in the cell its probability lies does to moments up to the fourth, and to the sums of squares
   that are tested. */
static double cell_matters(const outcome_law *law, const outcome_cell *cell)
{
  double scale = law->stddev, mass = cell_mass(law, cell), width = (cell->high.t - cell->low.t) / scale;
  double far = fmax(fabs(cell->low.t - law->mean), fabs(cell->high.t - law->mean)) / scale;
  double tilt = fmin(1.0, law->theta * far * width);
  double share = mass > 0.0 ? fmin(MOST_SHARE, mass * exp(law->theta * far * far)) : 0.0;
  return mass * width * width * (1.0 + far * far) + tilt * tilt * share;
}

/* Far out the halves are those of the logarithm: the law may reach over many decades. */
static double cell_middle(const outcome_cell *cell)
{
  double low = cell->low.t, high = cell->high.t;
  return low > 0.0 && high > 16.0 * low ? sqrt(low) * sqrt(high) : low + (high - low) / 2.0;
}

static testudo_status cell_split(outcome_law *law, testudo_error *error)
{
  size_t most = 0;
  double matters = -1.0;
  for (size_t k = 0; k < law->cells; k++) {
    double here = cell_matters(law, &law->cell[k]);
    if (here > matters) {
      matters = here;
      most = k;
    }
  }
  outcome_cell *cell = &law->cell[most];
  outcome_edge middle;
  TESTUDO_I_TRY(find_edge(law, cell_middle(cell), &middle, error));
  middle.below = fmin(cell->high.below, fmax(cell->low.below, middle.below));
  middle.above = fmin(cell->low.above, fmax(cell->high.above, middle.above));
  law->cell[law->cells++] = (outcome_cell){middle, cell->high};
  cell->high = middle;
  return TESTUDO_OK;
}

/* From the mean both ways; a time that is exceeded with probability `beyond` at most ends it. */
static testudo_status start_cells(outcome_law *law, double beyond, bool *found, testudo_error *error)
{
  outcome_edge middle, last = {.above = 1.0};
  double far = 4.0 * law->stddev;
  for (int k = 0; k < DOUBLINGS && last.above > beyond; k++) {
    far *= 2.0;
    TESTUDO_I_TRY(find_edge(law, law->mean + far, &last, error));
  }
  *found = last.above <= beyond;
  TESTUDO_I_TRY(find_edge(law, law->mean, &middle, error));
  law->cell[0] = (outcome_cell){{0.0, 0.0, 1.0}, middle};
  law->cell[1] = (outcome_cell){middle, last};
  law->cells = 2;
  return TESTUDO_OK;
}

/* ---- points ---- */

/* To mean 0 and deviation 1; without points that weigh nothing. */
static void outcome_scale(testudo_i_outcome *outcome)
{
  double sum = 0.0, mean = 0.0, square = 0.0;
  size_t kept = 0;
  for (size_t k = 0; k < outcome->count; k++)
    if (outcome->weight[k] > 0.0) {
      outcome->value[kept] = outcome->value[k];
      outcome->weight[kept++] = outcome->weight[k];
    }
  outcome->count = kept;
  for (size_t k = 0; k < outcome->count; k++) {
    sum += outcome->weight[k];
    mean += outcome->weight[k] * outcome->value[k];
  }
  mean /= sum;
  for (size_t k = 0; k < outcome->count; k++) {
    outcome->weight[k] /= sum;
    outcome->value[k] -= mean;
    square += outcome->weight[k] * outcome->value[k] * outcome->value[k];
  }
  outcome->mean = mean;
  outcome->stddev = sqrt(square) > CONSTANT * fabs(mean) ? sqrt(square) : 0.0;
  for (size_t k = 0; k < outcome->count && outcome->stddev > 0.0; k++)
    outcome->value[k] /= outcome->stddev;
}

static testudo_status outcome_room(testudo_i_outcome *outcome, size_t count, testudo_i_arena *arena,
                                   testudo_error *error)
{
  outcome->count = count;
  outcome->value = testudo_i_arena_calloc(arena, count, sizeof *outcome->value);
  outcome->weight = testudo_i_arena_calloc(arena, count, sizeof *outcome->weight);
  return testudo_i_arena_check(arena, error);
}

/* Within a cell the smaller of P(T <= t) and P(T > t) falls by the same factor over equal distances; what is all but
   certain not to be seen counts at the edge nearest to the mean. */
static void spread_cell(const outcome_law *law, const outcome_cell *cell, double beyond, double *value, double *weight)
{
  bool early = is_early(law, cell);
  double outer = early ? cell->low.below : cell->high.above, inner = early ? cell->high.below : cell->low.above;
  double fall = outer > 0.0 && inner > outer ? log(outer / inner) : 0.0, sum = 0.0;
  for (int q = 0; q < NODES; q++) {
    double place = inner <= beyond ? early : node[q];
    value[q] = cell->low.t + place * (cell->high.t - cell->low.t);
    weight[q] = node_weight[q] * exp(fall * (early ? 1.0 - node[q] : node[q]));
    sum += weight[q];
  }
  for (int q = 0; q < NODES; q++)
    weight[q] *= cell_mass(law, cell) / sum;
}

testudo_status testudo_i_outcome_make(testudo_latency *latency, testudo_i_side side, double mean, double stddev,
                                      int64_t n, double unseen, testudo_i_arena *arena, testudo_i_outcome *outcome,
                                      bool *found, testudo_error *error)
{
  double never[2], beyond = unseen / (double)n;
  TESTUDO_I_TRY(testudo_latency_tail(latency, HUGE_VAL, &never[0], &never[1], error));
  outcome_law law = {.latency = latency, .side = side, .never = never[side], .finite = 1.0 - never[side], .mean = mean,
                     .stddev = fmax(stddev, CONSTANT * mean), .theta = STANDARD_ERRORS / sqrt(2.0 * (double)n)};
  *outcome = (testudo_i_outcome){.beyond = beyond};
  TESTUDO_I_TRY(start_cells(&law, beyond, found, error));
  if (!*found)
    return TESTUDO_OK;
  while (law.cells < CELLS)
    TESTUDO_I_TRY(cell_split(&law, error));
  TESTUDO_I_TRY(outcome_room(outcome, CELLS * NODES, arena, error));
  for (size_t k = 0; k < CELLS; k++)
    spread_cell(&law, &law.cell[k], beyond, outcome->value + k * NODES, outcome->weight + k * NODES);
  outcome_scale(outcome);
  return TESTUDO_OK;
}

testudo_status testudo_i_outcome_square(const testudo_i_outcome *outcome, testudo_i_arena *arena,
                                        testudo_i_outcome *square, testudo_error *error)
{
  *square = (testudo_i_outcome){.beyond = outcome->beyond};
  TESTUDO_I_TRY(outcome_room(square, outcome->count, arena, error));
  for (size_t k = 0; k < outcome->count; k++) {
    square->weight[k] = outcome->weight[k];
    square->value[k] = outcome->value[k] * outcome->value[k];
  }
  outcome_scale(square);
  return TESTUDO_OK;
}

/* ---- saddle points ---- */

/* K(theta) = log E exp(theta x) and its derivatives. */
typedef struct outcome_cumulants {
  double k, first, second, third;
} outcome_cumulants;

static double largest_value(const testudo_i_outcome *outcome, int sign)
{
  double most = -HUGE_VAL;
  for (size_t k = 0; k < outcome->count; k++)
    most = fmax(most, sign * outcome->value[k]);
  return most;
}

static outcome_cumulants cumulants_at(const testudo_i_outcome *outcome, int sign, double theta, double most)
{
  double sum = 0.0, first = 0.0, second = 0.0, third = 0.0;
  for (size_t k = 0; k < outcome->count; k++) {
    double x = sign * outcome->value[k], weight = outcome->weight[k] * exp(theta * (x - most));
    sum += weight;
    first += weight * x;
    second += weight * x * x;
    third += weight * x * x * x;
  }
  first /= sum;
  second /= sum;
  return (outcome_cumulants){log(sum) + theta * most, first, second - first * first,
                             third / sum - 3.0 * first * second + 2.0 * first * first * first};
}

/* theta with K'(theta) = off, which lies between 0 and the largest value: Newton's steps, kept between two ends. K' may
   jump, so that every other step halves. */
static double saddle_point(const testudo_i_outcome *outcome, int sign, double off, double most, outcome_cumulants *at)
{
  double low = 0.0, high = off, theta = off;
  *at = cumulants_at(outcome, sign, theta, most);
  while (at->first < off && high < 1e100) {
    low = high;
    theta = high *= 2.0;
    *at = cumulants_at(outcome, sign, theta, most);
  }
  for (int k = 0; k < 200 && fabs(at->first - off) > 1e-11 * off && high - low > 1e-15 * high; k++) {
    if (at->first < off)
      low = theta;
    else
      high = theta;
    double step = theta - (at->first - off) / at->second;
    theta = k % 2 == 0 && step > low && step < high ? step : low + (high - low) / 2.0;
    *at = cumulants_at(outcome, sign, theta, most);
  }
  return theta;
}

static double saddle_tail(const testudo_i_outcome *outcome, int64_t n, double off, int sign)
{
  outcome_cumulants at;
  double most = largest_value(outcome, sign), count = (double)n;
  if (off >= most)
    return 0.0;
  double theta = saddle_point(outcome, sign, off, most, &at);
  double rate = fmax(0.0, theta * off - at.k), chernoff = exp(-count * rate);
  double w = sqrt(2.0 * count * rate), u = theta * sqrt(count * at.second);
  /* Under a heavy tail a single value may be what makes the mean: no sum of many is near normal, however tilted. */
  double skewness = at.third / (at.second * sqrt(at.second * count));
  if (n < FEW || !(w > 0.0 && u > 0.0 && fabs(skewness) <= MOST_SKEWNESS))
    return chernoff;
  double near = w < 0.01 ? 0.0 : exp(-w * w / 2.0) / sqrt(2.0 * acos(-1.0)) * (1.0 / u - 1.0 / w);
  double tail = 0.5 * erfc(w / sqrt(2.0)) + near;
  return fmin(chernoff, fmax(0.0, tail));
}

double testudo_i_outcome_tail(const testudo_i_outcome *outcome, int64_t n, double off)
{
  int sign = off < 0.0 ? -1 : 1;
  if (off == 0.0)
    return 1.0;
  if (outcome->stddev == 0.0)
    return 0.0;
  return fmin(1.0, saddle_tail(outcome, n, fabs(off), sign) + (double)n * outcome->beyond);
}

double testudo_i_outcome_critical(const testudo_i_outcome *outcome, int64_t n, double p, int sign)
{
  if (outcome->stddev == 0.0)
    return 0.0;
  double normal = -testudo_i_normal_quantile(p) / sqrt((double)n), low = normal / 2.0, high = 2.0 * normal;
  if (testudo_i_outcome_tail(outcome, n, sign * high) > p)
    return HUGE_VAL;
  while (high - low > 1e-3 * high) {
    double middle = (low + high) / 2.0;
    if (testudo_i_outcome_tail(outcome, n, sign * middle) > p)
      low = middle;
    else
      high = middle;
  }
  return high;
}
