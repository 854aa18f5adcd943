/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear programme of the shares, with rows added as they are violated, and a bound by its own arithmetic. */
#include "optimize/block/programme.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "base/sum.h"
#include "delay/model.h"
#include "optimize/linear.h"
#include "optimize/search/search.h"

/* Value and bound agree to this, relatively. */
#define CLOSE 1e-10

/* With more samples than that, the programme of a quarter of them says where to begin. */
enum { FEW_SAMPLES = 2500, FEWER = 4 };

/* The simplex method comes back so often, to look at the monitor. */
#define SLICE_MILLISECONDS 200

typedef struct cut {
  int32_t sample, level;
} cut;

typedef struct solver {
  testudo_i_arena arena; /* of all but the cuts */
  const testudo_i_programme *programme;
  testudo_i_linear lp;   /* columns 1..n: W_s; n + 1 + k: tau_k. Row 1: sum x = 1; rows 2..n: x_s >= 0; then the cuts */
  unsigned char *has;    /* samples x workers: the row is there */
  cut *cut;
  size_t cuts, room;
  testudo_i_terms terms; /* of a row */
  double *work, *best;   /* W of this round, and the best */
  double *weight;        /* samples: sum of a sample's duals */
  double *price;         /* workers */
  double value, bound;   /* of the best; the best bound */
} solver;

/* The coefficient of W_s in sum x. */
static double density(int32_t workers, int32_t s)
{
  return s < workers - 1 ? 1.0 / (s + 1.0) / (s + 2.0) : 1.0 / workers;
}

/* The level that the sample waits for. */
static int32_t last_level(const testudo_i_programme *programme, int64_t sample, const double *work)
{
  const double *time = programme->time + sample * programme->workers;
  int32_t last = -1;
  for (int32_t s = 0; s < programme->workers; s++)
    if (programme->allowed[s] && (last < 0 || time[s] * work[s] > time[last] * work[last]))
      last = s;
  return last;
}

static double sample_mean(const testudo_i_programme *programme, const double *work)
{
  testudo_i_sum sum = {0.0, 0.0};
  for (int64_t k = 0; k < programme->samples; k++) {
    int32_t s = last_level(programme, k, work);
    testudo_i_sum_add(&sum, programme->time[k * programme->workers + s] * work[s]);
  }
  return testudo_i_sum_value(&sum) / (double)programme->samples;
}

/* Makes W what its shares are: none negative, 1 in all. */
static void clean(const testudo_i_programme *programme, double *work)
{
  double before = 0.0, done = 0.0, sum = 0.0;
  for (int32_t s = 0; s < programme->workers; s++) {
    double share = programme->allowed[s] ? fmax(0.0, (work[s] - before) / (s + 1.0)) : 0.0;
    before = work[s];
    sum += share;
    done += (s + 1.0) * share;
    work[s] = done;
  }
  for (int32_t s = 0; s < programme->workers; s++)
    work[s] /= sum;
}

/* All levels equally late on the average: z_s W_s alike. */
static void start_point(const testudo_i_programme *programme, double *work)
{
  double before = 0.0;
  for (int32_t s = 0; s < programme->workers; s++) {
    double sum = 0.0;
    for (int64_t k = 0; programme->allowed[s] && k < programme->samples; k++)
      sum += programme->time[k * programme->workers + s];
    work[s] = programme->allowed[s] ? fmax(before, (double)programme->samples / sum) : before;
    before = work[s];
  }
  clean(programme, work);
}

static void build(solver *s)
{
  int32_t n = s->programme->workers;
  testudo_i_linear_add_columns(&s->lp, n + (int)s->programme->samples);
  for (int32_t j = 1; j <= n; j++)
    testudo_i_linear_limit_column(&s->lp, j, 0.0, j > 1 || s->programme->allowed[0] ? HUGE_VAL : 0.0);
  for (int k = 1; k <= (int)s->programme->samples; k++) {
    testudo_i_linear_limit_column(&s->lp, n + k, 0.0, HUGE_VAL);
    testudo_i_linear_cost(&s->lp, n + k, 1.0 / (double)s->programme->samples);
  }
  testudo_i_linear_add_rows(&s->lp, n);
  testudo_i_linear_limit_row(&s->lp, 1, 1.0, 1.0);
  for (int32_t j = 2; j <= n; j++) {
    testudo_i_terms_add(&s->terms, j, 1.0);
    testudo_i_terms_add(&s->terms, j - 1, -1.0);
    testudo_i_linear_set_row(&s->lp, j, &s->terms);
    testudo_i_linear_limit_row(&s->lp, j, 0.0, s->programme->allowed[j - 1] ? HUGE_VAL : 0.0);
  }
  /* Row 1 is the one dense one. */
  for (int32_t j = 0; j < n; j++)
    testudo_i_terms_add(&s->terms, j + 1, density(n, j));
  testudo_i_linear_set_row(&s->lp, 1, &s->terms);
}

/* The most violated row of every sample, where it is violated: tau is what the programme believes. */
static testudo_status add_rows(solver *s, bool solved, size_t *added, testudo_error *error)
{
  const testudo_i_programme *programme = s->programme;
  int32_t n = programme->workers;
  *added = 0;
  for (int64_t k = 0; k < programme->samples; k++) {
    int32_t level = last_level(programme, k, s->work);
    double time = programme->time[k * n + level];
    double tau = solved ? testudo_i_linear_value(&s->lp, n + 1 + (int)k) : -1.0;
    if (s->has[k * n + level] || time * s->work[level] <= tau * (1.0 + 0.1 * CLOSE))
      continue;
    TESTUDO_I_TRY(TESTUDO_I_GROW(s->cut, s->room, s->cuts + 1, error));
    s->cut[s->cuts++] = (cut){(int32_t)k, level};
    s->has[k * n + level] = 1;
    testudo_i_terms_add(&s->terms, n + 1 + (int)k, 1.0);
    testudo_i_terms_add(&s->terms, level + 1, -time);
    testudo_i_linear_row(&s->lp, &s->terms, 0.0, HUGE_VAL);
    (*added)++;
  }
  return TESTUDO_OK;
}

static testudo_status run_simplex(solver *s, int32_t round, bool *stopped, testudo_error *error)
{
  bool late = true;
  while (late) {
    int code;
    *stopped = testudo_i_search_stopped(s->programme->monitor, -1.0, s->value, s->bound);
    if (*stopped || testudo_i_linear_solve_dual(&s->lp, SLICE_MILLISECONDS, &late, &code))
      return TESTUDO_OK;
    TESTUDO_I_TRY(testudo_i_linear_check(&s->lp, error));
    if (!late)
      return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                            "the linear programme of %d workers and %lld samples: the simplex method failed in round "
                            "%d (code %d)",
                            (int)s->programme->workers, (long long)s->programme->samples, (int)round, code);
  }
  return TESTUDO_OK;
}

/* Weak duality. For weights p_ks >= 0 that sum to 1 / samples over the levels of each sample, and W of any shares x,
   mean max_s z_s W_s >= sum p_ks z_ks W_s = sum_i x_i (i + 1) sum_{s >= i} c_s >= min_i (i + 1) sum_{s >= i} c_s with
   c_s = sum_k p_ks z_ks. The weights are the duals of the rows, made to sum up exactly. */
static double dual_bound(solver *s)
{
  const testudo_i_programme *programme = s->programme;
  int32_t n = programme->workers;
  double tail = 0.0, least = HUGE_VAL;
  memset(s->weight, 0, (size_t)programme->samples * sizeof *s->weight);
  memset(s->price, 0, (size_t)n * sizeof *s->price);
  for (size_t c = 0; c < s->cuts; c++)
    s->weight[s->cut[c].sample] += fmax(0.0, testudo_i_linear_price(&s->lp, n + 1 + (int)c));
  for (size_t c = 0; c < s->cuts; c++) {
    int64_t k = s->cut[c].sample;
    double dual = fmax(0.0, testudo_i_linear_price(&s->lp, n + 1 + (int)c));
    if (s->weight[k] > 0.0)
      s->price[s->cut[c].level] +=
          dual / s->weight[k] / (double)programme->samples * programme->time[k * n + s->cut[c].level];
  }
  for (int32_t i = n - 1; i >= 0; i--) {
    tail += s->price[i];
    if (programme->allowed[i])
      least = fmin(least, (i + 1.0) * tail);
  }
  return least;
}

static void keep_best(solver *s)
{
  double value = sample_mean(s->programme, s->work);
  if (!(value < s->value))
    return;
  s->value = value;
  memcpy(s->best, s->work, (size_t)s->programme->workers * sizeof *s->best);
}

/* Shares that are near the best ones leave few rows to add. A stop there is met again at once here. */
static testudo_status find_start(solver *s, testudo_error *error)
{
  testudo_i_programme few = *s->programme;
  testudo_i_programme_answer found;
  start_point(s->programme, s->work);
  if (few.samples <= FEW_SAMPLES)
    return TESTUDO_OK;
  few.samples /= FEWER;
  double *share = testudo_i_arena_alloc(&s->arena, (size_t)few.workers, sizeof *share);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->arena, error));
  TESTUDO_I_TRY(testudo_i_programme_solve(&few, share, &found, error));
  double before = 0.0;
  for (int32_t j = 0; j < few.workers; j++)
    s->work[j] = before += (j + 1.0) * share[j];
  return TESTUDO_OK;
}

static testudo_status run_rounds(solver *s, testudo_i_programme_answer *answer, testudo_error *error)
{
  size_t added;
  /* That solves a programme of its own, and there is one at a time. */
  TESTUDO_I_TRY(find_start(s, error));
  testudo_i_linear_start(&s->lp, false);
  build(s);
  keep_best(s);
  TESTUDO_I_TRY(add_rows(s, false, &added, error));
  /* Every sample waits for the row that it has, and no more is known: a basis that the dual method may begin with,
     which then has only those samples to look at that come to wait for another level. */
  for (int k = 1; k <= (int)s->programme->samples; k++)
    testudo_i_linear_begin_at(&s->lp, s->programme->workers + k, s->programme->workers + k);
  while (added > 0 && answer->rounds < TESTUDO_I_LIMIT_BLOCK_ROUNDS) {
    TESTUDO_I_TRY(run_simplex(s, ++answer->rounds, &answer->stopped, error));
    if (answer->stopped)
      break;
    for (int32_t j = 0; j < s->programme->workers; j++)
      s->work[j] = testudo_i_linear_value(&s->lp, j + 1);
    clean(s->programme, s->work);
    keep_best(s);
    s->bound = fmax(s->bound, dual_bound(s));
    if (s->value - s->bound <= CLOSE * s->value)
      break;
    TESTUDO_I_TRY(add_rows(s, true, &added, error));
  }
  return TESTUDO_OK;
}

static void take_best(const solver *s, double *share, testudo_i_programme_answer *answer)
{
  double before = 0.0;
  for (int32_t j = 0; j < s->programme->workers; j++) {
    share[j] = (s->best[j] - before) / (j + 1.0);
    before = s->best[j];
  }
  answer->value = s->value;
  answer->bound = s->bound;
  answer->rows = testudo_i_linear_rows(&s->lp);
}

static void drop_solver(solver *s)
{
  testudo_i_linear_drop(&s->lp);
  free(s->cut);
  testudo_i_arena_clear(&s->arena);
}

testudo_status testudo_i_programme_solve(const testudo_i_programme *programme, double *share,
                                         testudo_i_programme_answer *answer, testudo_error *error)
{
  TESTUDO_I_HELD(drop_solver) solver s = {.programme = programme, .value = HUGE_VAL};
  size_t workers = (size_t)programme->workers, samples = (size_t)programme->samples;
  *answer = (testudo_i_programme_answer){0};
  s.has = testudo_i_arena_calloc(&s.arena, samples * workers, 1);
  s.work = testudo_i_arena_alloc(&s.arena, workers, sizeof *s.work);
  s.best = testudo_i_arena_calloc(&s.arena, workers, sizeof *s.best);
  s.price = testudo_i_arena_alloc(&s.arena, workers, sizeof *s.price);
  s.weight = testudo_i_arena_alloc(&s.arena, samples, sizeof *s.weight);
  testudo_i_terms_make(&s.terms, &s.arena, workers + 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&s.arena, error));
  TESTUDO_I_TRY(run_rounds(&s, answer, error));
  take_best(&s, share, answer);
  return TESTUDO_OK;
}

/* ---- the samples ---- */

/* The part of the streams (seed, FOR_SEARCH, ..) that is used here. */
#define STREAM UINT64_C(0x626c6f636b)

testudo_status testudo_i_block_samples(int32_t workers, const testudo_delay_model *model, uint64_t seed,
                                       int64_t samples, double *time, testudo_error *error)
{
  int32_t failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *worker = testudo_i_alloc((size_t)workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_memory_check(worker != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    worker[j] = j;
  for (int64_t k = 0; k < samples; k++) {
    double *row = time + k * workers;
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, STREAM, (uint64_t)k);
    for (int32_t j = 0; j < workers; j++)
      row[j] = testudo_i_scaled(1, testudo_i_law_draw(model->law, testudo_i_random_uniform(&random)),
                                testudo_i_rate(model, j));
    if (failed > 0)
      testudo_i_random_shuffle(&random, worker, (size_t)workers);
    for (int32_t f = 0; f < failed; f++)
      row[worker[f]] = HUGE_VAL;
    qsort(row, (size_t)workers, sizeof *row, testudo_i_descending_reals);
  }
  return TESTUDO_OK;
}
