/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best shares of workers that are alike: where the descent begins, how fine it becomes, and its bound. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/random.h"
#include "optimize/block/descent.h"
#include "optimize/block/search.h"

/* The part of the streams (seed, FOR_SEARCH, ..) that the starts are drawn from. */
#define STREAM UINT64_C(0x626c6f636b)

enum { DEFAULT_STARTS = 4, MOST_STARTS = 1000 };

/* A descent of a mean becomes finer: cells and what they may miss, how close it comes in how many steps, and by how
   much atoms are spread. */
typedef struct phase {
  int32_t fine, steps;
  double unseen, close, spread;
} phase;

static const phase smooth_phases[] = {{64, 30, 1e-3, 1e-3, 0.0}, {160, 12, 2e-4, 3e-5, 0.0}};
static const phase atom_phases[] = {{64, 25, 1e-2, 2e-3, 0.1},
                                    {64, 25, 5e-3, 1e-3, 0.03},
                                    {64, 25, 2e-3, 5e-4, 0.01},
                                    {64, 25, 1e-3, 2e-4, 0.003},
                                    {64, 25, 1e-3, 1e-4, 0.001}};

/* Of quantile and deadline. */
#define CLOSE_AT_ONE_TIME 1e-7
enum { STEPS_AT_ONE_TIME = 100 };
static const double smooth_spreads[] = {0.0}, atom_spreads[] = {0.2, 0.05, 0.01, 0.002};

/* Derivatives are differences there, right to this, relatively, and values of it. */
#define BOUND_ROUNDING 1e-7

/* The cells of a single code. */
enum { SINGLE_FINE = 60 };
#define SINGLE_UNSEEN 1e-3

/* Of codes that are as good as that, relatively, the one of fewer stragglers is taken. */
#define TIE 1e-5

/* Twice as many tolerances are first looked at through so many of them: a good plan at once, and a better start. */
enum { SKETCHED = 20 };

static testudo_status objective_of(testudo_i_block_search *search, int32_t blocks, const int32_t *tolerance,
                                   double done, testudo_i_block_objective *objective, testudo_error *error)
{
  return testudo_i_block_objective_make(objective, &search->law, search->plan->objective, blocks, tolerance,
                                        search->workers, search->options->threads,
                                        testudo_i_block_watch(search, done), error);
}

/* What the plan calls the value: of a deadline P, not -log P. */
static double shown(const testudo_i_block_search *search, double value)
{
  return search->plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ? exp(-value) : value;
}

/* ---- single redundancies ---- */

testudo_status testudo_i_block_singles(testudo_i_block_search *search, testudo_error *error)
{
  testudo_block_plan *plan = search->plan;
  plan->single = -1;
  for (int32_t k = 0; k < search->count; k++) {
    TESTUDO_I_HELD(testudo_i_block_objective_clear) testudo_i_block_objective objective = {0};
    double one = 1.0, value, gradient;
    TESTUDO_I_TRY(objective_of(search, 1, &search->among[k], 0.0, &objective, error));
    objective.fine = SINGLE_FINE;
    objective.unseen = SINGLE_UNSEEN;
    TESTUDO_I_TRY(testudo_i_block_objective_at(&objective, &one, &value, &gradient, NULL, error));
    plan->evaluations++;
    double surely = shown(search, value) * (search->plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ? 1 - TIE
                                                                                                      : 1 + TIE);
    if (plan->single < 0 || testudo_i_block_is_better(search, surely, plan->single_value)) {
      plan->single = search->among[k];
      plan->single_value = shown(search, value);
    }
  }
  return TESTUDO_OK;
}

/* ---- where the descent begins ---- */

/* All blocks equally late about the middle of the order statistics, and a little of everything. */
static void start_level(const testudo_i_block_search *search, const int32_t *tolerance, int32_t count, double *x)
{
  double before = 0.0, sum = 0.0;
  for (int32_t k = 0; k < count; k++) {
    double need = search->workers - tolerance[k], p = (need - 0.4) / (search->law.alive + 0.2);
    double time = testudo_i_block_law_scale(&search->law, 1.0, p) - search->law.start;
    double work = time > 0.0 && time < HUGE_VAL ? fmax(before, 1.0 / time) : before;
    x[k] = (work - before) / (tolerance[k] + 1.0);
    sum += x[k];
    before = work;
  }
  for (int32_t k = 0; k < count; k++)
    x[k] = 0.95 * (sum > 0.0 ? x[k] / sum : 1.0 / count) + 0.05 / count;
}

/* The first start as it is, others disturbed ever more; the last one mostly of the best single redundancy. */
static void disturb_start(const testudo_i_block_search *search, const int32_t *tolerance, int32_t count,
                          int32_t start, int32_t starts, double *x)
{
  double sum = 0.0;
  testudo_i_random random;
  testudo_i_random_start(&random, search->options->seed, TESTUDO_I_FOR_SEARCH, STREAM, (uint64_t)start);
  for (int32_t k = 0; k < count; k++) {
    if (start > 0)
      x[k] *= exp(2.0 * start * (testudo_i_random_uniform(&random) - 0.5));
    if (start > 0 && start == starts - 1 && tolerance[k] == search->plan->single)
      x[k] += 9.0;
    sum += x[k];
  }
  for (int32_t k = 0; k < count; k++)
    x[k] /= sum;
}

/* ---- the descent ---- */

static void keep_shares(testudo_i_block_search *search, const int32_t *tolerance, int32_t count, const double *x,
                        double value)
{
  memset(search->share, 0, (size_t)search->workers * sizeof *search->share);
  for (int32_t k = 0; k < count; k++)
    search->share[tolerance[k]] = x[k];
  search->plan->real = shown(search, value);
}

/* Whatever ended the descent, it leaves its best. */
static testudo_status run_descent(testudo_i_block_search *search, testudo_i_block_objective *objective,
                                  testudo_i_descent *descent, double *x, testudo_error *error)
{
  descent->objective = objective;
  descent->n = objective->blocks;
  testudo_status status = testudo_i_descend(descent, x, error);
  search->plan->steps += descent->steps;
  search->plan->evaluations += descent->evaluations;
  return status;
}

/* The bound of the last shares, which `at` has to see once more, as it cuts its cells by them. */
static testudo_status bound_mean(testudo_i_block_search *search, testudo_i_block_objective *objective, const double *x,
                                 double *gradient, double *curve, testudo_error *error)
{
  double value, bound;
  if (!search->law.proportional)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_block_objective_at(objective, x, &value, gradient, curve, error));
  TESTUDO_I_TRY(testudo_i_block_mean_bound(objective, x, search->among, search->count, &bound, error));
  search->plan->bound = fmax(search->plan->bound, bound);
  return TESTUDO_OK;
}

/* The phases over some of the tolerances, from x. */
static testudo_status run_phases(testudo_i_block_search *search, const int32_t *tolerance, int32_t count,
                                 const phase *list, size_t phases, double *x, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_block_objective_clear) testudo_i_block_objective objective = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t n = (size_t)count;
  double *room = testudo_i_arena_calloc(&arena, n + n * n, sizeof *room);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  TESTUDO_I_TRY(objective_of(search, count, tolerance, 0.0, &objective, error));
  for (size_t p = 0; p < phases; p++) {
    testudo_i_descent descent = {.close = list[p].close, .most = list[p].steps};
    objective.fine = list[p].fine;
    objective.unseen = list[p].unseen;
    search->law.spread = list[p].spread;
    testudo_i_block_watch(search, (double)p / (double)phases);
    testudo_status status = run_descent(search, &objective, &descent, x, error);
    if (descent.value < HUGE_VAL)
      keep_shares(search, tolerance, count, x, descent.value);
    TESTUDO_I_TRY(status);
    if (search->law.atoms > 0 || p + 1 == phases)
      TESTUDO_I_TRY(bound_mean(search, &objective, x, room, room + n, error));
  }
  return TESTUDO_OK;
}

/* Of many tolerances some, dense at both ends, where most coordinates lie. */
static int32_t choose_sketch(const testudo_i_block_search *search, int32_t *chosen)
{
  int32_t count = 0;
  for (int k = 0; k < SKETCHED; k++) {
    double place = 0.5 * (1.0 - cos(3.14159265358979 * k / (SKETCHED - 1)));
    int32_t t = search->among[(int32_t)lround(place * (search->count - 1))];
    if (count == 0 || t > chosen[count - 1])
      chosen[count++] = t;
  }
  return count;
}

/* From shares over some tolerances to shares over all: the work W between them rises evenly. */
static void fill_between(const testudo_i_block_search *search, const int32_t *chosen, int32_t count,
                         const double *sketch, double *x)
{
  double work = 0.0, sum = 0.0;
  int32_t k = 0;
  for (int32_t j = 0; j < count; j++) {
    int32_t first = k;
    while (k < search->count && search->among[k] <= chosen[j])
      k++;
    for (int32_t i = first; i < k; i++) /* (t + 1) x_t: an even part of the block's work */
      x[i] = (chosen[j] + 1.0) * sketch[j] / (k - first) / (search->among[i] + 1.0);
    work += (chosen[j] + 1.0) * sketch[j];
  }
  for (k = 0; k < search->count; k++)
    sum += x[k] = fmax(x[k], 1e-9 * work);
  for (k = 0; k < search->count; k++)
    x[k] /= sum;
}

static testudo_status descend_mean(testudo_i_block_search *search, double *x, testudo_error *error)
{
  bool atoms = search->law.atoms > 0;
  const phase *list = atoms ? atom_phases : smooth_phases;
  size_t phases = atoms ? sizeof atom_phases / sizeof *list : sizeof smooth_phases / sizeof *list;
  search->plan->starts = 1;
  start_level(search, search->among, search->count, x);
  if (search->count > 2 * SKETCHED) {
    int32_t chosen[SKETCHED], count = choose_sketch(search, chosen);
    double sketch[SKETCHED];
    start_level(search, chosen, count, sketch);
    TESTUDO_I_TRY(run_phases(search, chosen, count, list, 1, sketch, error));
    fill_between(search, chosen, count, sketch, x);
  }
  return run_phases(search, search->among, search->count, list, phases, x, error);
}

/* Where log P is concave in the sizes: of a deadline log P <= log P(x) + sum of the slopes; a quantile is convex there,
   and proportional to the sizes. */
static void bound_at_one_time(testudo_i_block_search *search, const testudo_i_descent *descent)
{
  testudo_block_plan *plan = search->plan;
  bool deadline = plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE;
  double bound = descent->value - descent->gap - BOUND_ROUNDING * fabs(descent->value) - BOUND_ROUNDING;
  double t = deadline ? plan->objective.at : bound;
  if (descent->gap < HUGE_VAL && testudo_i_block_log_concave(&search->law, search->workers, t))
    plan->bound = fmin(deadline ? 1.0 : HUGE_VAL, shown(search, bound));
}

/* From one start, with atoms spread less and less. The last one counts, or the one that was stopped. */
static testudo_status descend_from(testudo_i_block_search *search, testudo_i_block_objective *objective,
                                   testudo_i_descent *descent, double *x, testudo_error *error)
{
  bool atoms = search->law.atoms > 0;
  const double *spread = atoms ? atom_spreads : smooth_spreads;
  size_t count = atoms ? sizeof atom_spreads / sizeof *spread : 1;
  testudo_status status = TESTUDO_OK;
  objective->guess = 0.0;
  for (size_t p = 0; p < count && status == TESTUDO_OK; p++) {
    *descent = (testudo_i_descent){.close = CLOSE_AT_ONE_TIME, .most = STEPS_AT_ONE_TIME};
    search->law.spread = spread[p];
    status = run_descent(search, objective, descent, x, error);
  }
  search->law.spread = 0.0;
  return status;
}

/* Several starts over the tolerances from `first` of the allowed on. */
static testudo_status try_starts(testudo_i_block_search *search, int32_t first, int32_t starts, double *x,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_block_objective_clear) testudo_i_block_objective objective = {0};
  testudo_block_plan *plan = search->plan;
  const int32_t *tolerance = search->among + first;
  int32_t count = search->count - first;
  double done = (double)first / search->count;
  TESTUDO_I_TRY(objective_of(search, count, tolerance, done, &objective, error));
  for (int32_t start = 0; start < starts; start++) {
    testudo_i_descent descent;
    start_level(search, tolerance, count, x);
    disturb_start(search, tolerance, count, start, starts, x);
    testudo_i_block_watch(search, done + (1.0 - done) * start / starts);
    testudo_status status = descend_from(search, &objective, &descent, x, error);
    plan->starts++;
    if (descent.value < HUGE_VAL &&
        (isnan(plan->real) || testudo_i_block_is_better(search, shown(search, descent.value), plan->real))) {
      keep_shares(search, tolerance, count, x, descent.value);
      if (search->law.lives >= 1.0)
        bound_at_one_time(search, &descent);
    }
    TESTUDO_I_TRY(status);
  }
  return TESTUDO_OK;
}

/* Where workers fail by themselves a block of little tolerance may never end, however small it is: the least tolerances
   are left out one after the other too. */
static testudo_status descend_at_one_time(testudo_i_block_search *search, double *x, testudo_error *error)
{
  int64_t tries = search->options->tries;
  int32_t starts = tries == 0 ? DEFAULT_STARTS : tries < MOST_STARTS ? (int32_t)tries : MOST_STARTS;
  TESTUDO_I_TRY(try_starts(search, 0, starts, x, error));
  for (int32_t first = 1; search->law.lives < 1.0 && first < search->count; first++)
    TESTUDO_I_TRY(try_starts(search, first, 1, x, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_block_descend(testudo_i_block_search *search, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t n = (size_t)search->count;
  double *x = testudo_i_arena_calloc(&arena, n, sizeof *x);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  search->plan->real = search->plan->bound = NAN;
  return search->plan->objective.kind == TESTUDO_OBJECTIVE_MEAN ? descend_mean(search, x, error)
                                                                : descend_at_one_time(search, x, error);
}
