/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows are drawn from the fitted law, the family is fitted to them again, and its distances are compared
   (docs/theory/fitting.md#what-the-p-values-mean). */
#include "fit/laws/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "parallel/loop.h"

enum {
  RESAMPLES = 199,
  ROUND = 20,       /* resamples between two looks at whether they are enough */
  EXCEEDANCES = 10, /* are enough: J. Besag and P. Clifford, Sequential Monte Carlo p-values, Biometrika 78 (1991) */
  MOST_ROWS = 500   /* of a resample: the law of sqrt(n) KS and of A^2 hardly depends on n from there on */
};

/* What one thread draws into. */
typedef struct desk {
  testudo_i_fit_rows rows;
  double *drawn, *uniform, *exact, *least;
  testudo_i_arena arena;
} desk;

/* When a row is censored: Kaplan and Meier's law of that, from the rows. */
typedef struct censoring {
  double *time, *share; /* ascending; P(<= time) */
  int64_t count;        /* 0: nothing is */
} censoring;

typedef struct bootstrap {
  const testudo_i_fit_family *family;
  const double *number;
  const testudo_law *law;
  uint64_t seed, stream;
  int64_t rows, first; /* first: resample of the round */
  censoring censoring;
  desk *desks;
  testudo_i_fit_distances *found; /* by resample, scaled */
  testudo_i_arena arena;
} bootstrap;

/* ---- censoring ---- */

static testudo_status find_censoring(censoring *c, const testudo_i_fit_samples *samples, testudo_i_arena *arena,
                                     testudo_error *error)
{
  c->time = testudo_i_arena_alloc(arena, (size_t)samples->censored, sizeof *c->time);
  c->share = testudo_i_arena_alloc(arena, (size_t)samples->censored, sizeof *c->share);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  double left = 1.0;
  int64_t ended = 0;
  for (int64_t k = 0; k < samples->censored; k++) {
    while (ended < samples->exacts && samples->exact[ended] <= samples->least[k])
      ended++;
    int64_t at_risk = samples->exacts - ended + samples->censored - k;
    left *= (double)(at_risk - 1) / (double)at_risk;
    c->time[c->count] = samples->least[k];
    c->share[c->count++] = 1.0 - left;
  }
  return TESTUDO_OK;
}

static double censored_at(const censoring *c, double u)
{
  int64_t before = testudo_i_count_until(c->share, c->count, nextafter(u, 0.0)); /* with a share below u */
  return before < c->count ? c->time[before] : HUGE_VAL;
}

/* ---- one resample ---- */

static void draw_rows(const bootstrap *b, desk *d, int64_t resample, testudo_i_fit_samples *samples)
{
  testudo_i_random random;
  testudo_i_random_start(&random, b->seed, TESTUDO_I_FOR_BOOTSTRAP, b->stream, (uint64_t)resample);
  for (int64_t k = 0; k < b->rows; k++)
    d->uniform[k] = testudo_i_random_uniform(&random);
  testudo_i_law_fill(b->law, d->uniform, d->drawn, (size_t)b->rows);
  *samples = (testudo_i_fit_samples){.exact = d->exact, .least = d->least};
  for (int64_t k = 0; k < b->rows; k++) {
    double limit = b->censoring.count > 0 ? censored_at(&b->censoring, testudo_i_random_uniform(&random)) : HUGE_VAL;
    if (d->drawn[k] <= limit)
      d->exact[samples->exacts++] = d->drawn[k];
    else
      d->least[samples->censored++] = limit;
  }
  qsort(d->exact, (size_t)samples->exacts, sizeof *d->exact, testudo_i_ascending_reals);
  qsort(d->least, (size_t)samples->censored, sizeof *d->least, testudo_i_ascending_reals);
}

static testudo_i_fit_distances scaled(testudo_i_fit_distances found, double n)
{
  found.ks = testudo_i_fit_scaled_ks(found.ks, n);
  return found;
}

static testudo_status run_resample(void *context, int32_t thread, int64_t index)
{
  const bootstrap *b = context;
  desk *d = &b->desks[thread];
  testudo_i_fit_samples samples;
  double number[TESTUDO_I_FIT_NUMBERS];
  int64_t resample = b->first + index;
  draw_rows(b, d, resample, &samples);
  b->found[resample] = (testudo_i_fit_distances){0.0, 0.0};
  if (samples.exacts < 2 || samples.exact[0] == samples.exact[samples.exacts - 1])
    return TESTUDO_OK; /* nothing is far from it */
  testudo_i_fit_rows_fill(&d->rows, &samples);
  memcpy(number, b->number, sizeof number);
  if (!testudo_i_fit_family_estimate(b->family, &d->rows, number, true))
    memcpy(number, b->number, sizeof number);
  b->found[resample] = scaled(testudo_i_fit_distance(b->family, number, &samples), (double)b->rows);
  return TESTUDO_OK;
}

/* ---- all of them ---- */

/* The share of resamples that are as far, counted until EXCEEDANCES are. */
static double p_value(const testudo_i_fit_distances *found, size_t member, double observed, int64_t count, bool *enough)
{
  int64_t exceed = 0;
  for (int64_t k = 0; k < count; k++) {
    double value = *(const double *)((const char *)&found[k] + member);
    exceed += value >= observed;
    if (exceed == EXCEEDANCES) {
      *enough = true;
      return (double)exceed / (double)(k + 1);
    }
  }
  return (double)(exceed + 1) / (double)(count + 1);
}

static testudo_status make_desks(bootstrap *b, int32_t threads, testudo_error *error)
{
  b->desks = testudo_i_arena_calloc(&b->arena, (size_t)threads, sizeof *b->desks);
  TESTUDO_I_TRY(testudo_i_arena_check(&b->arena, error));
  for (int32_t t = 0; t < threads; t++) {
    desk *d = &b->desks[t];
    double **const all[] = {&d->drawn, &d->uniform, &d->exact, &d->least};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
      *all[k] = testudo_i_arena_alloc(&b->arena, (size_t)b->rows, sizeof(double));
    TESTUDO_I_TRY(testudo_i_fit_rows_make(&d->rows, b->rows, error));
  }
  return testudo_i_arena_check(&b->arena, error);
}

/* That of a law as if it had been fixed beforehand is larger than that of a fitted one, and is given where it is the
   smaller one all the same. */
static double bounded(const testudo_i_fit_samples *samples, double p, double fixed)
{
  return samples->censored == 0 ? fmin(p, fixed) : p;
}

static testudo_status run_rounds(bootstrap *b, const testudo_i_fit_samples *samples,
                                 const testudo_i_fit_effort *effort, int32_t threads, int64_t resamples,
                                 testudo_fit_model *model, testudo_error *error)
{
  double n = (double)(samples->exacts + samples->censored), clear = 1.0 / (double)(resamples + 1);
  double ks_p = testudo_i_kolmogorov_p(model->ks, n), ad_p = testudo_i_anderson_p(model->ad);
  bool enough[2] = {bounded(samples, 1.0, ks_p) < clear, bounded(samples, 1.0, ad_p) < clear};
  model->ks_p = ks_p;
  model->ad_p = ad_p;
  testudo_i_fit_distances observed = scaled((testudo_i_fit_distances){model->ks, model->ad}, n);
  for (b->first = 0; b->first < resamples && !(enough[0] && enough[1]);) {
    int64_t count = resamples - b->first < ROUND ? resamples - b->first : ROUND;
    testudo_status status = testudo_i_parallel_for(count, threads, run_resample, b, effort->monitor);
    if (status != TESTUDO_OK)
      return status == TESTUDO_INTERRUPTED ? status : testudo_i_fail_memory(error);
    b->first += count;
    model->ks_p = bounded(samples, p_value(b->found, offsetof(testudo_i_fit_distances, ks), observed.ks, b->first,
                                           &enough[0]), ks_p);
    model->ad_p = bounded(samples, p_value(b->found, offsetof(testudo_i_fit_distances, ad), observed.ad, b->first,
                                           &enough[1]), ad_p);
  }
  return TESTUDO_OK;
}

static testudo_status run_bootstrap(bootstrap *b, const testudo_i_fit_samples *samples,
                                    const testudo_i_fit_effort *effort, testudo_fit_model *model, testudo_error *error)
{
  int64_t n = samples->exacts + samples->censored, resamples = effort->resamples > 0 ? effort->resamples : RESAMPLES;
  int32_t threads = effort->threads > 0 ? effort->threads : testudo_i_cores();
  b->rows = n < MOST_ROWS ? n : MOST_ROWS;
  b->found = testudo_i_arena_calloc(&b->arena, (size_t)resamples, sizeof *b->found);
  TESTUDO_I_TRY(make_desks(b, threads, error));
  if (samples->censored > 0)
    TESTUDO_I_TRY(find_censoring(&b->censoring, samples, &b->arena, error));
  return run_rounds(b, samples, effort, threads, resamples, model, error);
}

testudo_status testudo_i_fit_bootstrap(const testudo_i_fit_family *family, const double *number,
                                       const testudo_i_fit_samples *samples, const testudo_i_fit_effort *effort,
                                       testudo_fit_model *model, testudo_error *error)
{
  testudo_law *law;
  TESTUDO_I_TRY(testudo_law_parse(model->law, &law, error));
  bootstrap b = {.family = family, .number = number, .law = law, .seed = effort->seed,
                 .stream = (uint64_t)(family - testudo_i_fit_families)};
  testudo_status status = run_bootstrap(&b, samples, effort, model, error);
  for (int32_t t = 0; b.desks != NULL && t < (effort->threads > 0 ? effort->threads : testudo_i_cores()); t++)
    testudo_i_fit_rows_clear(&b.desks[t].rows);
  testudo_i_arena_clear(&b.arena);
  testudo_law_free(law);
  return status;
}
