/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker has finished by a time, and all workers together. */
#include "optimize/block/law.h"

#include <math.h>

#include "base/error.h"
#include "base/order.h"

bool testudo_i_block_law_known(const testudo_delay_model *model, int32_t workers)
{
  for (int32_t j = 1; j < workers; j++)
    if (testudo_i_rate(model, j) != testudo_i_rate(model, 0) ||
        testudo_i_worker_law(model, j) != testudo_i_worker_law(model, 0))
      return false;
  return true;
}

/* A kink is looked at a little behind it, where rounding leaves no doubt on which side of it a time is. */
#define BESIDE 1e-12

/* Quantiles that stand for a random start-up. */
enum { WAITS = 32 };

/* Jumps below that are no more than rounding. */
#define LEAST_ATOM 1e-9

static testudo_status list_atoms(testudo_i_block_law *law, const testudo_law *of, testudo_error *error)
{
  bool discrete = testudo_i_law_is_discrete(of);
  const double *value = discrete ? of->value : of->kink;
  int64_t count = discrete ? of->values : of->kinks;
  law->atom = testudo_i_arena_alloc(&law->arena, (size_t)count, sizeof *law->atom);
  law->mass = testudo_i_arena_calloc(&law->arena, (size_t)count + 1, sizeof *law->mass);
  law->moment = testudo_i_arena_calloc(&law->arena, (size_t)count + 1, sizeof *law->moment);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (int64_t k = 0; k < count; k++) {
    double mass = testudo_law_cdf(of, value[k]) - testudo_law_cdf(of, nextafter(value[k], 0.0));
    if (!(mass > LEAST_ATOM && value[k] > 0.0))
      continue;
    int64_t a = law->atoms++;
    law->atom[a] = log(value[k]);
    law->mass[a + 1] = law->mass[a] + mass;
    law->moment[a + 1] = law->moment[a] + mass * law->atom[a];
  }
  return TESTUDO_OK;
}

static testudo_status list_waits(testudo_i_block_law *law, const testudo_law *startup, testudo_error *error)
{
  law->waits = WAITS;
  law->wait = testudo_i_arena_alloc(&law->arena, WAITS, sizeof *law->wait);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (int k = 0; k < WAITS; k++)
    law->wait[k] = testudo_law_quantile(startup, (k + 0.5) / WAITS);
  return TESTUDO_OK;
}

testudo_status testudo_i_block_law_make(testudo_i_block_law *law, const testudo_delay_model *model, int32_t workers,
                                        testudo_error *error)
{
  const testudo_law *startup = model->startup;
  int32_t failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  const testudo_law *own = testudo_i_worker_law(model, 0);
  *law = (testudo_i_block_law){.rate = testudo_i_rate(model, 0), .lives = 1.0, .alive = workers - failed,
                               .proportional = startup == NULL || testudo_i_law_is_constant(startup)};
  if (model->failures == TESTUDO_FAILURES_EACH)
    law->lives = 1.0 - model->fail_prob;
  if (startup != NULL && law->proportional)
    law->start = testudo_law_mean(startup);
  law->plain = law->proportional && model->slow.factor == 0.0;
  if (law->plain)
    TESTUDO_I_TRY(list_atoms(law, own, error));
  law->model = *model;
  law->model.startup = NULL;
  law->delay = (testudo_i_delay){.model = &law->model, .law = own};
  return law->proportional ? TESTUDO_OK : list_waits(law, startup, error);
}

void testudo_i_block_law_clear(testudo_i_block_law *law)
{
  testudo_i_arena_clear(&law->arena);
}

/* Atoms up to the logarithm x. */
static int64_t atoms_until(const testudo_i_block_law *law, double x)
{
  return testudo_i_count_until(law->atom, law->atoms, x);
}

/* P(X > x >= X exp(-V)): what spreading the atoms adds to P(X <= x). */
static double spread_mass(const testudo_i_block_law *law, double x)
{
  if (!(x > 0.0))
    return 0.0;
  double at = log(x);
  int64_t low = atoms_until(law, at), high = atoms_until(law, at + law->spread);
  double mass = law->mass[high] - law->mass[low], moment = law->moment[high] - law->moment[low];
  return fmin(mass, fmax(0.0, mass - (moment - mass * at) / law->spread));
}

/* After a start-up of `wait`. */
static void sides_after(const testudo_i_block_law *law, const testudo_i_delay *delay, double wait, double t,
                        double *reached, double *missed)
{
  double left = t - wait;
  *reached = left > 0.0 ? testudo_i_delay_cdf(delay, law->rate, 1, left) : 0.0;
  *missed = *reached < 0.5 ? 1.0 - *reached : testudo_i_delay_survival(delay, law->rate, 1, left);
}

static void sides_at(const testudo_i_block_law *law, const testudo_i_delay *delay, double t, double *reached,
                     double *missed)
{
  if (law->proportional) {
    sides_after(law, delay, law->start, t, reached, missed);
    return;
  }
  *reached = *missed = 0.0;
  for (int32_t k = 0; k < law->waits; k++) {
    double below, above;
    sides_after(law, delay, law->wait[k], t, &below, &above);
    *reached += below / law->waits;
    *missed += above / law->waits;
  }
}

void testudo_i_block_law_sides(const testudo_i_block_law *law, double work, double t, double *reached, double *missed)
{
  testudo_i_delay delay = law->delay;
  const testudo_i_work_steps step = {.work = &work};
  delay.steps = &step;
  sides_at(law, &delay, t, reached, missed);
  if (law->spread > 0.0 && law->atoms > 0) {
    double more = spread_mass(law, (t - law->start) * law->rate / work);
    *reached = fmin(1.0, *reached + more);
    *missed = fmax(0.0, *missed - more);
  }
  if (law->lives < 1.0) {
    *reached *= law->lives;
    *missed = 1.0 - law->lives + law->lives * *missed;
  }
}

void testudo_i_block_law_kinks(const testudo_i_block_law *law, double work, double *time, int32_t *count)
{
  const testudo_law *of = law->delay.law;
  bool discrete = testudo_i_law_is_discrete(of);
  const double *value = discrete ? of->value : of->kink;
  int64_t values = discrete ? of->values : of->kinks;
  *count = 0;
  if (!law->plain || 2 * values > TESTUDO_I_BLOCK_KINKS)
    return;
  for (int64_t k = 0; k < values; k++) {
    time[(*count)++] = value[k] * (1.0 + BESIDE) * work / law->rate;
    if (law->spread > 0.0)
      time[(*count)++] = value[k] * exp(-law->spread) * work / law->rate;
  }
}

double testudo_i_block_law_scale(const testudo_i_block_law *law, double work, double p)
{
  return testudo_i_delay_scale(&law->delay, law->rate, p) * work;
}

/* ---- levels ---- */

testudo_status testudo_i_block_levels_make(testudo_i_block_levels *levels, const testudo_i_block_law *law,
                                           int32_t count, const int32_t *need, testudo_i_arena *arena,
                                           testudo_error *error)
{
  levels->law = law;
  levels->reached = testudo_i_arena_calloc(arena, (size_t)count, sizeof *levels->reached);
  levels->missed = testudo_i_arena_calloc(arena, (size_t)count, sizeof *levels->missed);
  return testudo_i_crossing_make(&levels->crossing, arena, law->alive, count, need, error);
}

static void fill_sides(testudo_i_block_levels *levels, const double *work, double t)
{
  for (int32_t k = 0; k < levels->crossing.levels; k++)
    testudo_i_block_law_sides(levels->law, work[k], t, &levels->reached[k], &levels->missed[k]);
}

double testudo_i_block_levels_at(testudo_i_block_levels *levels, const double *work, double t)
{
  fill_sides(levels, work, t);
  testudo_i_crossing_evaluate(&levels->crossing, levels->reached, levels->missed);
  return levels->crossing.probability;
}

double testudo_i_block_levels_below(testudo_i_block_levels *levels, const double *work, double t)
{
  fill_sides(levels, work, t);
  return testudo_i_crossing_probability(&levels->crossing, levels->reached, levels->missed);
}
