/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which model to go on with, and why. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "delay/delay_json.h"
#include "delay/number.h"
#include "fit/room.h"
#include "fit/structure/predict.h"

/* A prediction holds within so many standard errors, or within that share, of what was measured. */
#define STANDARD_ERRORS 3.0
#define SHARE_OFF 0.02

enum { MOST_PREDICTIONS = 5 };

/* A law whose own draws hardly know their mean is not excused by that: its error counts for no more than the measured
   one. */
static bool is_near(double found, double found_error, double wanted, double wanted_error, double size)
{
  double off = fabs(found - wanted);
  return off <= STANDARD_ERRORS * hypot(fmin(found_error, wanted_error), wanted_error) || off <= SHARE_OFF * size;
}

/* The waiting too: a factor that all workers share in an iteration moves the slowest from iteration to iteration, so
   that its mean is not known well, but not what waiting costs. */
static bool times_hold(const testudo_fit_times *times, const testudo_fit_times *measured)
{
  double size = measured->slowest;
  return isnan(size) ||
         (is_near(times->slowest, times->slowest_error, size, measured->slowest_error, size) &&
          is_near(times->waiting, times->waiting_error, measured->waiting, measured->waiting_error, size) &&
          (isnan(measured->but_one) || is_near(times->but_one, times->but_one_error, measured->but_one,
                                               measured->but_one_error, measured->but_one)));
}

/* What every prediction has in common. */
static testudo_i_draws draws_of(const testudo_fit *fit, testudo_structure structure)
{
  const testudo_i_fit_room *room = fit->room;
  return (testudo_i_draws){.structure = structure, .rates = room->startup != NULL ? NULL : room->workers.rate,
                           .slow = fit->slow, .startup = isnan(fit->startup) ? 0.0 : fit->startup,
                           .startup_pool = room->startup, .startup_pooled = room->cells.rows};
}

static testudo_status predict(testudo_fit *fit, const char *model, const testudo_i_draws *draws,
                              const testudo_fit_options *options, testudo_error *error)
{
  testudo_fit_prediction *to = &fit->prediction[fit->predictions];
  TESTUDO_I_TRY(testudo_i_times_predicted(&fit->room->cells, draws, options->seed, &to->times, error));
  to->model = model;
  to->holds = times_hold(&to->times, &fit->measured);
  fit->predictions++;
  return TESTUDO_OK;
}

static testudo_status predict_by_pool(testudo_fit *fit, testudo_structure structure, const testudo_fit_options *options,
                                      testudo_error *error)
{
  const testudo_i_fit_room *room = fit->room;
  testudo_i_draws draws = draws_of(fit, structure);
  bool scaled = structure == TESTUDO_STRUCTURE_SCALED;
  draws.pool = scaled ? room->cell_mean : room->pool;
  draws.pooled = scaled ? room->cell_means : room->pooled;
  return draws.pooled == 0 ? TESTUDO_OK
                           : predict(fit, testudo_i_structure_names[structure], &draws, options, error);
}

/* Texts of laws: X or Z, E of structure mixed (NULL: another structure), and a start-up that varies; the last two by
   their own times where there is no text. */
typedef struct law_texts {
  const char *law, *chunk, *startup;
} law_texts;

static testudo_status predict_by_laws(testudo_fit *fit, const char *model, testudo_structure structure, law_texts texts,
                                      const testudo_fit_options *options, testudo_error *error)
{
  const char *const text[] = {texts.law, texts.chunk, texts.startup};
  testudo_law *law[] = {NULL, NULL, NULL};
  testudo_i_draws draws = draws_of(fit, structure);
  testudo_status status = TESTUDO_OK;
  for (int k = 0; k < 3 && status == TESTUDO_OK; k++)
    if (text[k] != NULL && text[k][0] != '\0')
      status = testudo_law_parse(text[k], &law[k], error);
  draws.law = law[0];
  draws.chunk_law = law[1];
  draws.startup_law = law[2];
  if (texts.chunk != NULL && law[1] == NULL) {
    draws.chunk_pool = fit->room->chunk_times;
    draws.chunk_pooled = fit->room->cells.rows;
  }
  if (law[2] != NULL)
    draws.startup_pool = NULL;
  if (status == TESTUDO_OK)
    status = predict(fit, model, &draws, options, error);
  for (int k = 0; k < 3; k++)
    testudo_law_free(law[k]);
  return status;
}

static const testudo_fit_prediction *last_prediction(const testudo_fit *fit)
{
  return &fit->prediction[fit->predictions - 1];
}

/* ---- the choice ---- */

static const testudo_fit_model *first_not_refuted(const testudo_fit *fit)
{
  for (size_t k = 0; k < fit->models; k++)
    if (!fit->model[k].refuted)
      return &fit->model[k];
  return NULL;
}

static bool can_replay(const testudo_i_fit_room *room)
{
  int64_t count = (int64_t)room->cells.workers * room->cells.iterations;
  bool fine = room->cells.workers > 0 && room->cells.load == NULL && room->cells.censored == NULL;
  for (int64_t c = 0; fine && c < count; c++)
    fine = testudo_i_cell_size(&room->cells, c) > 0;
  return fine;
}

/* The terms beside the law. */
static void take_terms(testudo_fit *fit)
{
  const testudo_i_fit_room *room = fit->room;
  testudo_fit_delay *to = &fit->recommended;
  to->structure = fit->structure;
  if (room->workers.differing > 0 && room->startup == NULL) {
    to->rates = room->workers.rate;
    to->workers = room->cells.workers;
  }
  if (fit->slow_found)
    to->slow = fit->slow;
  if (!isnan(fit->startup) && room->startup == NULL) {
    char number[TESTUDO_I_REAL_ROOM];
    testudo_i_format_real(fit->startup, number);
    snprintf(to->startup, sizeof to->startup, "deterministic:%.40s", number);
  }
}

static void take_law(testudo_fit *fit, const char *law, const char *chunk_law)
{
  testudo_fit_delay *to = &fit->recommended;
  to->kind = TESTUDO_FIT_LAW;
  snprintf(to->law, sizeof to->law, "%s", law);
  snprintf(to->chunk_law, sizeof to->chunk_law, "%s", chunk_law == NULL ? "" : chunk_law);
}

static void take_trace(testudo_fit *fit)
{
  const testudo_i_fit_room *room = fit->room;
  bool scaled = testudo_i_fit_is(fit, TESTUDO_STRUCTURE_SCALED);
  fit->recommended.kind = TESTUDO_FIT_TRACE;
  fit->recommended.sample = scaled ? room->cell_mean : room->pool;
  fit->recommended.samples = scaled ? room->cell_means : room->pooled;
}

static testudo_status take_replay(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  size_t count = (size_t)cells->workers * (size_t)cells->iterations;
  int32_t *chunks = testudo_i_arena_alloc(&room->arena, count, sizeof *chunks);
  double *seconds = testudo_i_arena_alloc(&room->arena, (size_t)cells->rows, sizeof *seconds);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  int64_t at = 0, cell = 0;
  for (int32_t i = 0; i < cells->iterations; i++)
    for (int32_t w = 0; w < cells->workers; w++) {
      int64_t c = (int64_t)w * cells->iterations + i;
      chunks[cell++] = (int32_t)testudo_i_cell_size(cells, c);
      for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
        seconds[at++] = cells->seconds[r];
    }
  fit->recommended = (testudo_fit_delay){.kind = TESTUDO_FIT_REPLAY, .sample = seconds, .samples = at,
                                         .chunks = chunks, .cells = cell, .workers = cells->workers};
  return TESTUDO_OK;
}

/* What the last prediction says. */
static void say_off(const testudo_fit *fit, char *text, size_t room)
{
  const testudo_fit_prediction *p = last_prediction(fit);
  const testudo_fit_times *m = &fit->measured;
  text[0] = '\0';
  if (!isnan(m->slowest) && isinf(p->times.slowest))
    snprintf(text, room, "has no finite mean for the slowest worker (measured %.6g s)", m->slowest);
  else if (!isnan(m->slowest) && isnan(m->but_one))
    snprintf(text, room, "predicts %.6g s for an iteration (measured %.6g s)", p->times.slowest, m->slowest);
  else if (!isnan(m->slowest))
    snprintf(text, room, "predicts %.6g s for the slowest worker, %.6g s for all but one (measured %.6g s, %.6g s)",
             p->times.slowest, p->times.but_one, m->slowest, m->but_one);
}

/* The best law, if it holds, else the times themselves, if they do, else the iterations. */
static testudo_status choose_single(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  const testudo_fit_model *law = first_not_refuted(fit);
  bool scaled = fit->structure == NULL || testudo_i_fit_is(fit, TESTUDO_STRUCTURE_SCALED);
  testudo_structure structure = scaled ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
  bool holds = true, pool_holds = true, cells = fit->room->cells.workers > 0;
  char off[200] = "";
  if (cells && law != NULL) {
    TESTUDO_I_TRY(predict_by_laws(fit, "recommended", structure, (law_texts){.law = law->law}, options, error));
    holds = last_prediction(fit)->holds;
    say_off(fit, off, sizeof off);
  }
  if (law != NULL && holds) {
    take_law(fit, law->law, NULL);
    snprintf(fit->why, sizeof fit->why, "%s%s%s", law == fit->model ? "the law ranked first is not refuted"
             : "of the laws that are not refuted it is ranked first", off[0] == '\0' ? "" : ", and ", off);
    return TESTUDO_OK;
  }
  for (size_t k = 0; cells && k < fit->predictions; k++)
    if (strcmp(fit->prediction[k].model, testudo_i_structure_names[structure]) == 0)
      pool_holds = fit->prediction[k].holds;
  const char *no_law = law == NULL ? "every law is refuted" : "the best law";
  if (pool_holds || !can_replay(fit->room)) {
    take_trace(fit);
    snprintf(fit->why, sizeof fit->why, "%s%s%s, so the times themselves are the law%s", no_law, law == NULL ? "" : " ",
             law == NULL ? "" : off,
             pool_holds ? "" : "; draws from them are off too, but the trace cannot be replayed (it has loads, rows of "
                               "unknown end or missing workers): take this model as a guess");
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(take_replay(fit, error));
  snprintf(fit->why, sizeof fit->why,
           "%s%s%s, and independent draws from its times are off too: workers or iterations hang together in a way "
           "that the model does not have, so the iterations are replayed", no_law, law == NULL ? "" : " ",
           law == NULL ? "" : off);
  return TESTUDO_OK;
}

/* Predicts by these two laws; takes them if that holds. */
static testudo_status try_mixed(testudo_fit *fit, const char *name, const char *law, const char *chunk_law,
                                const testudo_fit_options *options, char off[200], bool *holds, testudo_error *error)
{
  TESTUDO_I_TRY(predict_by_laws(fit, name, TESTUDO_STRUCTURE_MIXED, (law_texts){law, chunk_law, NULL}, options, error));
  *holds = last_prediction(fit)->holds;
  say_off(fit, off, 200);
  if (*holds)
    take_law(fit, law, chunk_law);
  return TESTUDO_OK;
}

/* Both laws by one likelihood, if they hold, else in two steps, else Z by its law and E by its own times, else the
   iterations. */
static testudo_status choose_mixed(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  const testudo_i_fit_room *room = fit->room;
  bool holds = false;
  char off[200] = "could not be fitted";
  if (fit->mixeds > 0)
    TESTUDO_I_TRY(try_mixed(fit, "mixed", fit->mixed[0].law, fit->mixed[0].chunk_law, options, off, &holds, error));
  if (holds) {
    snprintf(fit->why, sizeof fit->why, "structure mixed with the laws of the smallest BIC %s", off);
    return TESTUDO_OK;
  }
  if (room->chunk_law[0] != '\0')
    TESTUDO_I_TRY(try_mixed(fit, "mixed, in two steps", room->worker_law, room->chunk_law, options, off, &holds,
                            error));
  if (holds) {
    snprintf(fit->why, sizeof fit->why,
             "structure mixed, a factor per worker and iteration taken off and the rest fitted, %s", off);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(predict_by_laws(fit, "mixed, times of chunks", TESTUDO_STRUCTURE_MIXED,
                                (law_texts){room->worker_law, "", NULL}, options, error));
  if (last_prediction(fit)->holds || !can_replay(room)) {
    fit->recommended.kind = TESTUDO_FIT_TRACE;
    snprintf(fit->recommended.law, sizeof fit->recommended.law, "%s", room->worker_law);
    fit->recommended.chunk_sample = room->chunk_times;
    fit->recommended.chunk_samples = room->cells.rows;
    snprintf(fit->why, sizeof fit->why,
             "structure mixed with laws for both factors %s, so the times of the chunks themselves are the law of "
             "theirs", off);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(take_replay(fit, error));
  snprintf(fit->why, sizeof fit->why,
           "structure mixed %s, and with the times of the chunks themselves it is off too, so the iterations are "
           "replayed", off);
  return TESTUDO_OK;
}

/* ---- a start-up that varies ---- */

/* startup: law of the start-up; NULL: by its own times. */
static testudo_status predict_by_startup(testudo_fit *fit, const char *model, const char *startup,
                                         const testudo_fit_options *options, testudo_error *error)
{
  const testudo_i_fit_room *room = fit->room;
  testudo_structure structure = room->chunks_scaled ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
  return predict_by_laws(fit, model, structure, (law_texts){room->chunk_law, NULL, startup}, options, error);
}

/* The first of the laws that are not refuted (or of all, where all are) whose prediction holds; without one the first.
   What it predicts is the last prediction. */
static testudo_status choose_startup_law(testudo_fit *fit, bool refuted, const testudo_fit_options *options,
                                         const testudo_fit_model **law, testudo_error *error)
{
  size_t own = fit->predictions;
  testudo_fit_prediction chosen = {.holds = false};
  *law = NULL;
  for (size_t k = 0; k < fit->models && !chosen.holds; k++) {
    if (fit->model[k].refuted && !refuted)
      continue;
    fit->predictions = own;
    TESTUDO_I_TRY(predict_by_startup(fit, "recommended", fit->model[k].law, options, error));
    if (*law != NULL && !last_prediction(fit)->holds)
      continue;
    *law = &fit->model[k];
    chosen = *last_prediction(fit);
  }
  fit->prediction[own] = chosen;
  return TESTUDO_OK;
}

/* A delay file has no times for a start-up, so it is a law in any case. */
static testudo_status choose_startup(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  const testudo_fit_model *law = NULL;
  bool refuted = first_not_refuted(fit) == NULL;
  char off[200];
  TESTUDO_I_TRY(predict_by_startup(fit, "start-ups as they were", NULL, options, error));
  TESTUDO_I_TRY(choose_startup_law(fit, refuted, options, &law, error));
  say_off(fit, off, sizeof off);
  take_law(fit, fit->room->chunk_law, NULL);
  snprintf(fit->recommended.startup, sizeof fit->recommended.startup, "%s", law->law);
  snprintf(fit->why, sizeof fit->why, "the start-up varies from row to row; %s%s%s%s",
           refuted               ? "every law of it is refuted, and the recommended one"
           : law == fit->model   ? "the law ranked first is not refuted, and"
                                 : "the recommended law is not refuted, and",
           off[0] == '\0' ? "" : " ", off, last_prediction(fit)->holds ? "" : "; take this model as a guess");
  return TESTUDO_OK;
}

/* Fewer times tell no law from another. */
#define LEAST_SAMPLES 30

static void say_unknown(testudo_fit *fit)
{
  char *text = fit->unknown;
  size_t room = sizeof fit->unknown;
  double iterations = fit->measured.iterations, longest = fit->sorted[fit->seen - 1];
  int n = snprintf(text, room, "nothing is known of times beyond the longest that was seen to end, %.6g s", longest);
  if (fit->censored > 0)
    n += snprintf(text + n, room - (size_t)n, "; of %lld rows the end was not seen", (long long)fit->censored);
  else if (fit->fitted < LEAST_SAMPLES)
    n += snprintf(text + n, room - (size_t)n, "; %lld times hardly tell one law from another", (long long)fit->fitted);
  else /* no success in n trials */
    n += snprintf(text + n, room - (size_t)n, ", which may still be up to %.2g of all (95 %%)",
                  1.0 - pow(0.05, 1.0 / (double)fit->seen));
  if (iterations >= 2.0)
    snprintf(text + n, room - (size_t)n,
             "; of whole iterations there are %.0f, so quantiles of the slowest worker above %.3g are the model's word",
             iterations, 1.0 - 1.0 / iterations);
}

static void measure(testudo_fit *fit)
{
  fit->measured = testudo_i_times_measured(&fit->room->cells, fit->slowest);
  fit->slowests = (int64_t)fit->measured.iterations;
}

testudo_status testudo_i_fit_recommend(testudo_fit *fit, const testudo_fit_options *options, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  bool cells = room->cells.workers > 0, mixed = testudo_i_fit_is(fit, TESTUDO_STRUCTURE_MIXED);
  fit->prediction = testudo_i_arena_calloc(&room->arena, MOST_PREDICTIONS, sizeof *fit->prediction);
  fit->slowest = testudo_i_arena_alloc(&room->arena, (size_t)room->cells.iterations, sizeof *fit->slowest);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  if (cells)
    measure(fit);
  say_unknown(fit);
  if (fit->collective) {
    snprintf(fit->why, sizeof fit->why,
             "within an iteration all workers take nearly the same time, while iterations differ: the trace was taken "
             "after a collective, which makes them equal, and says nothing about workers; log the compute time before "
             "the collective");
    return TESTUDO_OK;
  }
  take_terms(fit);
  if (room->startup != NULL)
    return choose_startup(fit, options, error);
  if (cells) {
    TESTUDO_I_TRY(predict_by_pool(fit, TESTUDO_STRUCTURE_SCALED, options, error));
    if (fit->structure != NULL)
      TESTUDO_I_TRY(predict_by_pool(fit, TESTUDO_STRUCTURE_ADDITIVE, options, error));
  }
  return mixed ? choose_mixed(fit, options, error) : choose_single(fit, options, error);
}
