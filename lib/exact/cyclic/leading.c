/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traces from the leading eigenvalue, for rings that are many times longer than the memory of their states. One
   step is M(z) = A + B z, over the power series truncated at z^failed; with its left eigenvector u, u 1 = 1, the
   eigenvalue is
     lambda = u M 1 = w - u L 1,     w = 1 - p + p z = the row sums of M + L,     p = failed / workers,
   and what a trace leaves out is trace D^m, D = M - lambda v u the step without its leading part. D^s is found for a
   few s, and ||D^m|| <= ||D^s||^(m / s) bounds it in the norm of the largest sum of sizes of a row's coefficients. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/clones.h" /* for its loops that vectorise */
#include "exact/cluster.h"
#include "exact/cyclic/transfer.h"

/* Of the power iteration, steps. */
enum { MOST_STEPS = 300 };

/* The s of the bounds that are tried, one after the other until one is small enough. */
enum { MOST_BOUND_STEPS = 12 };
static const int32_t bound_steps[] = {2, 4, 8, MOST_BOUND_STEPS};

/* Relative, of what an iteration still changes; and of what may be left out. */
#define SETTLED 4e-15
#define LEFT_OUT 1e-14

/* What may be left out in any case: next to the least numbers that there are. */
#define NOTHING 1e-300

/* With failures, the least share of the probability of so many failures that is found by this road .. */
#define LEAST_COVERED 1e-9

/* .. and how much larger than what is missing its terms may be, all made positive. */
#define MOST_CANCELLED 1e3

/* Powers of z that are kept at most: series lie on the stack. */
enum { MOST_POWERS = TESTUDO_I_LEADING_POWERS };

/* ---- series ---- */

/* c = a b */
static void multiply_series(const double *a, const double *b, double *c, int32_t powers)
{
  for (int32_t k = 0; k < powers; k++) {
    double sum = 0.0;
    for (int32_t x = 0; x <= k; x++)
      sum += a[x] * b[k - x];
    c[k] = sum;
  }
}

/* b = 1 / a; a[0] != 0 */
static void invert_series(const double *a, double *b, int32_t powers)
{
  for (int32_t k = 0; k < powers; k++) {
    double sum = k == 0;
    for (int32_t x = 1; x <= k; x++)
      sum -= a[x] * b[k - x];
    b[k] = sum / a[0];
  }
}

/* e = (1 - h)^m - 1, each coefficient in proportion to h: of q = m log(1 - h), q' = -m h' / (1 - h), and e' = q' (1 +
   e). h[0] < 1 */
static void power_less_one(const double *h, double m, double *e, int32_t powers)
{
  double rest[MOST_POWERS] = {0.0}, inverse[MOST_POWERS], slope[MOST_POWERS], q[MOST_POWERS];
  for (int32_t k = 0; k < powers; k++) {
    rest[k] = (k == 0) - h[k];
    slope[k] = k + 1 < powers ? -(k + 1) * h[k + 1] : 0.0;
  }
  invert_series(rest, inverse, powers);
  multiply_series(slope, inverse, q, powers); /* q[k] is now the slope's, of which k + 1 is one less */
  e[0] = expm1(m * log1p(-h[0]));
  for (int32_t k = 1; k < powers; k++) {
    double sum = 0.0;
    for (int32_t x = 0; x < k; x++)
      sum += m * q[x] * ((x == k - 1 ? 1.0 : 0.0) + e[k - 1 - x]);
    e[k] = sum / k;
  }
}

static double size_of(const double *series, size_t powers)
{
  double size = 0.0;
  for (size_t k = 0; k < powers; k++)
    size += fabs(series[k]);
  return size;
}

/* The last coefficient of a^m; a is overwritten. */
static double last_of_power(double *a, int32_t m, int32_t powers)
{
  double power[MOST_POWERS] = {1.0}, product[MOST_POWERS];
  for (; m > 0; m /= 2) {
    if (m % 2 == 1) {
      multiply_series(power, a, product, powers);
      memcpy(power, product, (size_t)powers * sizeof *power);
    }
    multiply_series(a, a, product, powers);
    memcpy(a, product, (size_t)powers * sizeof *a);
  }
  return power[powers - 1];
}

/* ---- one step, of vectors whose entry s has `powers` coefficients ---- */

typedef struct leading_step {
  const testudo_i_transfer *transfer;
  const double *weight;
  double fail;
  int32_t powers;
} leading_step;

/* y = x M, or M x; covered: with M, otherwise with L. The first edge of a state is also that of a worker that fails. */
static void multiply_step(const leading_step *step, const double *restrict x, double *restrict y, bool left,
                          bool covered)
{
  const testudo_i_transfer *transfer = step->transfer;
  size_t powers = (size_t)step->powers;
  memset(y, 0, (size_t)transfer->states * powers * sizeof *y);
  for (int32_t s = 0; s < transfer->states; s++)
    for (int32_t e = transfer->row[s]; e < transfer->row[s + 1]; e++) {
      const struct testudo_i_transfer_edge *edge = &transfer->edge[e];
      if ((edge->missing == 0) != covered)
        continue;
      const double *from = x + (size_t)(left ? s : edge->to) * powers;
      double *to = y + (size_t)(left ? edge->to : s) * powers, lives = (1.0 - step->fail) * step->weight[edge->weight];
      for (size_t k = 0; k < powers; k++)
        to[k] += lives * from[k];
      for (size_t k = 1; e == transfer->row[s] && k < powers; k++)
        to[k] += step->fail * from[k - 1];
    }
}

/* The same without failures, of one coefficient each. */
static void multiply_plainly(const leading_step *step, const double *restrict x, double *restrict y, bool left)
{
  const testudo_i_transfer *transfer = step->transfer;
  memset(y, 0, (size_t)transfer->states * sizeof *y);
  for (int32_t s = 0; s < transfer->states; s++) {
    double from = x[s], sum = 0.0;
    for (int32_t e = transfer->row[s]; e < transfer->row[s + 1]; e++) {
      const struct testudo_i_transfer_edge *edge = &transfer->edge[e];
      double lives = edge->missing == 0 ? step->weight[edge->weight] : 0.0;
      if (left)
        y[edge->to] += lives * from;
      else
        sum += lives * x[edge->to];
    }
    if (!left)
      y[s] = sum;
  }
}

static void sum_entries(const double *x, int32_t states, int32_t powers, double *sum)
{
  memset(sum, 0, (size_t)powers * sizeof *sum);
  for (int32_t s = 0; s < states; s++)
    for (int32_t k = 0; k < powers; k++)
      sum[k] += x[(size_t)s * (size_t)powers + (size_t)k];
}

/* Every entry times a series. */
static void scale_entries(double *x, const double *by, int32_t states, int32_t powers)
{
  double product[MOST_POWERS];
  for (int32_t s = 0; s < states; s++) {
    double *entry = x + (size_t)s * (size_t)powers;
    multiply_series(entry, by, product, powers);
    memcpy(entry, product, (size_t)powers * sizeof *entry);
  }
}

/* Has no entry moved, each measured by its own size? Small ones may carry the eigenvalue. */
static bool stands_still(const double *x, const double *y, int32_t states, int32_t powers)
{
  for (int32_t s = 0; s < states; s++) {
    double moved = 0.0, size = 0.0;
    for (size_t k = (size_t)s * (size_t)powers, end = k + (size_t)powers; k < end; k++) {
      moved += fabs(y[k] - x[k]);
      size += fabs(y[k]);
    }
    if (moved > SETTLED * size)
      return false;
  }
  return true;
}

typedef enum found_vector { SETTLES, DOES_NOT_SETTLE, VANISHES } found_vector;

/* find_vector of one coefficient. */
static found_vector find_plain_vector(const leading_step *step, double *x, double *y, bool left)
{
  int32_t states = step->transfer->states;
  for (int32_t s = 0; s < states; s++)
    x[s] = 1.0 / states;
  for (int32_t k = 0, calm = 0; k < MOST_STEPS; k++) {
    double sum = 0.0, inverse;
    bool still = true;
    multiply_plainly(step, x, y, left);
    for (int32_t s = 0; s < states; s++)
      sum += y[s];
    if (!(sum > DBL_MIN / DBL_EPSILON))
      return sum == 0.0 && k < step->transfer->workers ? VANISHES : DOES_NOT_SETTLE;
    inverse = 1.0 / sum;
    for (int32_t s = 0; s < states; s++) {
      double next = y[s] * inverse;
      still = still && fabs(next - x[s]) <= SETTLED * next;
      x[s] = next;
    }
    calm = still ? calm + 1 : 0;
    if (calm == 2)
      return SETTLES;
  }
  return DOES_NOT_SETTLE;
}

/* The eigenvector whose entries sum to 1, of one side, into x; y: room. It vanishes where a power of M is 0. */
static found_vector find_vector(const leading_step *step, double *x, double *y, bool left)
{
  int32_t states = step->transfer->states, powers = step->powers;
  size_t count = (size_t)states * (size_t)powers;
  if (powers == 1)
    return find_plain_vector(step, x, y, left);
  memset(x, 0, count * sizeof *x);
  for (int32_t s = 0; s < states; s++)
    x[(size_t)s * (size_t)powers] = 1.0 / states;
  for (int32_t k = 0, calm = 0; k < MOST_STEPS; k++) {
    double sum[MOST_POWERS], inverse[MOST_POWERS];
    multiply_step(step, x, y, left, true);
    sum_entries(y, states, powers, sum);
    if (!(sum[0] > DBL_MIN / DBL_EPSILON))
      return size_of(sum, (size_t)powers) == 0.0 && k < step->transfer->workers ? VANISHES : DOES_NOT_SETTLE;
    invert_series(sum, inverse, powers);
    scale_entries(y, inverse, states, powers);
    calm = stands_still(x, y, states, powers) ? calm + 1 : 0;
    memcpy(x, y, count * sizeof *x);
    if (calm == 2)
      return SETTLES;
  }
  return DOES_NOT_SETTLE;
}

/* ---- what is left out ---- */

/* ||D^s|| of power = M^s, laid out as transfer_step leaves it. head: lambda^s v by coefficient, then state; sum: room
   for a number per state. */
static double norm_of_rest(const leading_step *step, const double *power, const double *u, const double *head,
                           double *sum)
{
  size_t states = (size_t)step->transfer->states, powers = (size_t)step->powers;
  double norm = 0.0;
  memset(sum, 0, states * sizeof *sum);
  for (size_t to = 0; to < states; to++)
    for (size_t k = 0; k < powers; k++) {
      const double *entry = power + (to * powers + k) * states;
      for (size_t i = 0; i < states; i++) {
        double off = entry[i];
        for (size_t x = 0; x <= k; x++)
          off -= u[to * powers + x] * head[(k - x) * states + i];
        sum[i] += fabs(off);
      }
    }
  for (size_t i = 0; i < states; i++)
    norm = fmax(norm, sum[i]);
  return norm;
}

/* ||D^r|| for what m leaves over s, r < MOST_BOUND_STEPS: at most ||M^r|| + ||lambda^r v u||. */
static double norm_of_few(const leading_step *step, const double *u, const double *v, const double *lambda)
{
  size_t powers = (size_t)step->powers;
  double left = 0.0, right = 0.0;
  for (size_t s = 0; s < (size_t)step->transfer->states; s++) {
    left += size_of(u + s * powers, powers);
    right = fmax(right, size_of(v + s * powers, powers));
  }
  return 1.0 + pow(fmax(1.0, size_of(lambda, powers)), MOST_BOUND_STEPS) * left * right;
}

/* head times lambda, for all states. */
static void multiply_heads(double *head, const double *lambda, size_t states, size_t powers)
{
  for (size_t k = powers; k-- > 0;) /* the later ones first: they are made of the earlier ones */
    for (size_t i = 0; i < states; i++) {
      double sum = 0.0;
      for (size_t x = 0; x <= k; x++)
        sum += lambda[x] * head[(k - x) * states + i];
      head[k * states + i] = sum;
    }
}

/* Is the trace of D^m at most so much, coefficient by coefficient? */
static bool rest_is_below(const leading_step *step, const double *u, const double *v, const double *lambda,
                          double most)
{
  const testudo_i_transfer *transfer = step->transfer;
  size_t states = (size_t)transfer->states, powers = (size_t)step->powers;
  double *power = transfer->work[0], *next = transfer->work[1], *head = transfer->work[2], *sum = transfer->work[3];
  testudo_i_transfer_identity(transfer, power);
  for (size_t s = 0; s < states; s++)
    for (size_t k = 0; k < powers; k++)
      head[k * states + s] = v[s * powers + k];
  double few = norm_of_few(step, u, v, lambda);
  int32_t done = 0;
  for (size_t t = 0; t < sizeof bound_steps / sizeof *bound_steps; t++) {
    for (; done < bound_steps[t]; done++) {
      double *swap = power;
      testudo_i_transfer_step(transfer, step->weight, step->fail, power, NULL, next, NULL);
      power = next;
      next = swap;
      multiply_heads(head, lambda, states, powers);
    }
    double norm = norm_of_rest(step, power, u, head, sum);
    if (norm < 1.0 && (double)states * pow(norm, transfer->workers / done) * few <= most)
      return true;
  }
  return false;
}

/* ---- the traces ---- */

/* v times a series so that u v = 1. */
static bool normalise(const leading_step *step, const double *u, double *v)
{
  double together[MOST_POWERS] = {0.0}, product[MOST_POWERS], inverse[MOST_POWERS];
  size_t powers = (size_t)step->powers;
  for (int32_t s = 0; s < step->transfer->states; s++) {
    multiply_series(u + (size_t)s * powers, v + (size_t)s * powers, product, step->powers);
    for (size_t k = 0; k < powers; k++)
      together[k] += product[k];
  }
  if (!(together[0] > 0.0))
    return false;
  invert_series(together, inverse, step->powers);
  scale_entries(v, inverse, step->transfer->states, step->powers);
  return true;
}

/* From u: lambda, and the two traces as far as it gives them. x: room for a vector. False: terms cancel too much. */
static bool find_traces(const leading_step *step, const double *u, double *x, double *lambda, double *covered,
                        double *lost)
{
  const testudo_i_transfer *transfer = step->transfer;
  int32_t powers = step->powers, m = transfer->workers;
  double power[MOST_POWERS], gap[MOST_POWERS], whole[MOST_POWERS] = {0.0}, inverse[MOST_POWERS];
  double h[MOST_POWERS] = {0.0}, e[MOST_POWERS];
  double mass = exp(testudo_i_log_binomial(m, transfer->failed, step->fail)), missing = 0.0, size = 0.0;
  multiply_step(step, u, x, true, true);
  sum_entries(x, transfer->states, powers, lambda);
  memcpy(power, lambda, (size_t)powers * sizeof *power);
  *covered = last_of_power(power, m, powers);
  *lost = mass - *covered;
  /* With failures a small probability is the difference of larger terms; the other roads find it by positive ones. */
  if (powers > 1 && !(*covered >= LEAST_COVERED * mass))
    return false;
  if (*covered <= mass / 2.0)
    return true;
  multiply_step(step, u, x, true, false);
  sum_entries(x, transfer->states, powers, gap);
  for (int32_t k = 0; k < 2 && k < powers; k++)
    whole[k] = k == 0 ? 1.0 - step->fail : step->fail;
  invert_series(whole, inverse, powers);
  multiply_series(gap, inverse, h, powers);
  power_less_one(h, m, e, powers);
  for (int32_t k = 0; k < powers; k++) { /* the row sums' power, times what is gone of it */
    double rest = exp(testudo_i_log_binomial(m, transfer->failed - k, step->fail));
    missing -= rest * e[k];
    size += rest * fabs(e[k]);
  }
  *lost = missing;
  return size <= MOST_CANCELLED * missing;
}

bool testudo_i_leading_traces(const testudo_i_transfer *transfer, double *covered, double *lost)
{
  int32_t powers = transfer->failed + 1;
  size_t width = (size_t)transfer->states * (size_t)powers;
  const leading_step step = {transfer, transfer->weight_of, (double)transfer->failed / transfer->workers, powers};
  double *u = transfer->vector, *v = u + width, *x = v + width, lambda[MOST_POWERS], found, missing;
  found_vector side = find_vector(&step, u, x, true);
  if (side == VANISHES) {
    *covered = 0.0;
    *lost = exp(testudo_i_log_binomial(transfer->workers, transfer->failed, step.fail));
  }
  if (side != SETTLES)
    return side == VANISHES;
  if (!find_traces(&step, u, x, lambda, &found, &missing) || find_vector(&step, v, x, false) != SETTLES ||
      !normalise(&step, u, v) || !rest_is_below(&step, u, v, lambda, fmax(LEFT_OUT * fmin(found, missing), NOTHING)))
    return false;
  *covered = found;
  *lost = missing;
  return true;
}
