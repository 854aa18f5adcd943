/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recommended, and why (docs/theory/advice.md#the-verdict). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advise/room.h"
#include "base/error.h"

/* Less is not worth a change of the training loop. */
#define WORTH 0.02

/* A quantile that so few measured iterations cannot know is the model's to say. */
static bool knows_quantile(const testudo_i_advice_room *room)
{
  const testudo_objective *objective = &room->request.objective;
  double beyond = (double)room->measured.iterations.count * fmin(objective->at, 1.0 - objective->at);
  return objective->kind != TESTUDO_OBJECTIVE_QUANTILE || beyond >= 1.0;
}

static const testudo_remedy_times *times_of(const testudo_i_advice_room *room, const testudo_remedy *remedy)
{
  bool replayed = room->has_measured && (!room->has_drawn || knows_quantile(room));
  return replayed ? &remedy->replayed : &remedy->predicted;
}

static bool is_code(testudo_remedy_kind kind)
{
  return kind >= TESTUDO_REMEDY_GRADIENT_CODE && kind <= TESTUDO_REMEDY_PARTIAL;
}

static bool was_measured(const testudo_remedy *remedy)
{
  return remedy->dropped[0] == '\0';
}

/* The least objective; -1: nothing of that kind was measured. */
static int32_t least(const testudo_i_advice_room *room, const testudo_advice *advice, bool codes)
{
  int32_t best = -1;
  for (int32_t k = 0; k < advice->remedies; k++) {
    const testudo_remedy *remedy = &advice->remedy[k];
    bool counts = codes ? is_code(remedy->kind) : remedy->exact_gradient;
    if (was_measured(remedy) && !isnan(times_of(room, remedy)->objective) && counts &&
        (best < 0 || times_of(room, remedy)->objective < times_of(room, &advice->remedy[best])->objective))
      best = k;
  }
  return best;
}

/* ---- what more would bring ---- */

static testudo_status try_more(testudo_i_advice_room *room, testudo_advice *advice, testudo_error *error)
{
  testudo_i_ground *ground = testudo_i_choosing_ground(room);
  const testudo_advise_request *request = &room->request;
  int32_t workers = advice->workers, granularity = 1;
  if (advice->best_code < 0 || advice->stopped)
    return TESTUDO_OK;
  for (int32_t k = 0; k < advice->remedies; k++)
    if (advice->remedy[k].kind == TESTUDO_REMEDY_PARTIAL && advice->remedy[k].granularity > granularity)
      granularity = advice->remedy[k].granularity;
  const testudo_i_limits limits = testudo_i_limits_of(room, granularity);
  TESTUDO_I_TRY(testudo_i_best_partial(ground, &limits, &advice->now, error));
  testudo_i_limits more = limits;
  more.load = limits.load + 1.0;
  more.most_copies += request->max_copies > 0;
  if (more.load <= workers)
    TESTUDO_I_TRY(testudo_i_best_partial(ground, &more, &advice->more_copies, error));
  TESTUDO_I_HELD(testudo_i_ground_clear) testudo_i_ground altered = {.request = request, .drawn = ground->drawn};
  TESTUDO_I_TRY(testudo_i_iterations_altered(&ground->iterations, 2, 1.0, NULL, &room->arena, &altered.iterations,
                                             error));
  more = limits;
  more.granularity = 2 * granularity;
  TESTUDO_I_TRY(testudo_i_best_partial(&altered, &more, &advice->finer, error));
  testudo_i_ground_clear(&altered);
  double start = 0.0;
  for (int64_t c = 0; c < ground->iterations.count * workers; c++)
    start = isfinite(ground->iterations.start[c]) ? fmax(start, ground->iterations.start[c]) : start;
  if (start == 0.0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_iterations_altered(&ground->iterations, 1, 0.5, NULL, &room->arena, &altered.iterations,
                                             error));
  return testudo_i_best_partial(&altered, &limits, &advice->cheaper_start, error);
}

/* ---- the sentences ---- */

static void put_objective(const testudo_objective *objective, char *text, size_t room)
{
  static const char *const word[] = {[TESTUDO_OBJECTIVE_MEAN] = "mean time",
                                     [TESTUDO_OBJECTIVE_DEADLINE] = "share late", [TESTUDO_OBJECTIVE_COST] = "cost"};
  if (objective->kind == TESTUDO_OBJECTIVE_QUANTILE)
    snprintf(text, room, "%g quantile", objective->at);
  else
    snprintf(text, room, "%s", word[objective->kind]);
}

static void say_recommended(const testudo_i_advice_room *room, testudo_advice *advice)
{
  const testudo_remedy *chosen = &advice->remedy[advice->recommended];
  const testudo_remedy_times *times = times_of(room, chosen), *none = times_of(room, &advice->remedy[0]);
  const testudo_straggler_cost *cost = &advice->cost;
  bool late = room->request.objective.kind == TESTUDO_OBJECTIVE_DEADLINE;
  char objective[48], instead[64], chunks[48] = "";
  put_objective(&room->request.objective, objective, sizeof objective);
  if (isfinite(none->objective))
    snprintf(instead, sizeof instead, "instead of %.4g%s", none->objective, late ? "" : " s");
  else
    snprintf(instead, sizeof instead, "where %.3g %% of the iterations never end", 100.0 * none->p_never);
  snprintf(advice->verdict, sizeof advice->verdict, "recommended: %s: %.4g%s %s (%s%s)", chosen->name, times->objective,
           late || isfinite(none->objective) ? "" : " s", instead, objective,
           room->has_measured && times == &chosen->predicted
               ? ", predicted: so few measured iterations do not know it" : "");
  size_t length = strlen(advice->verdict);
  if (isfinite(none->objective))
    snprintf(advice->verdict + length, sizeof advice->verdict - length, ", %.1f %% less, 95 %% interval %.1f to %.1f",
             100.0 * times->gain, 100.0 * times->gain_low, 100.0 * times->gain_high);
  if (!isnan(cost->chunk))
    snprintf(chunks, sizeof chunks, ", %.2f with single chunks", cost->chunk);
  snprintf(advice->because, sizeof advice->because, "the slowest worker takes %.2f times the mean; of the %.2f too"
           " much, %.2f go with the workers that are slow for good, %.2f with workers that are slow for an iteration"
           "%s%s",
           cost->slowest_over_mean, cost->slowest_over_mean - 1.0, cost->persistent, cost->iteration, chunks,
           isnan(cost->chunk) ? " (or single chunks, which were not measured)" : "");
}

/* Was any remedy but "none" measured that could be recommended? */
static bool any_other(const testudo_advice *advice)
{
  for (int32_t k = 1; k < advice->remedies; k++)
    if (advice->remedy[k].exact_gradient && was_measured(&advice->remedy[k]))
      return true;
  return false;
}

static void say_none(const testudo_i_advice_room *room, testudo_advice *advice, int32_t best)
{
  const testudo_remedy *found = &advice->remedy[best];
  const testudo_remedy_times *times = times_of(room, found);
  double excess = 100.0 * (advice->cost.slowest_over_mean - 1.0);
  char *because = advice->because;
  size_t size = sizeof advice->because;
  if (!any_other(advice))
    snprintf(because, size, "%s", advice->stopped ? "nothing else was measured before the stop"
                                                  : "the limits leave no other remedy");
  else if (!isfinite(times->objective))
    snprintf(because, size, "no remedy within the limits ends in every iteration: more workers fail than copies make up"
             " for");
  else if (best == 0)
    snprintf(because, size, "no remedy is better than none: waiting for the slowest costs %.1f %% of an iteration, and"
             " other workers' chunks cost as much", excess);
  else if (times->gain < WORTH)
    snprintf(because, size, "the best, %s, gains %.2f %%, and less than %.0f %% is not worth a change; waiting for the"
             " slowest costs %.1f %%", found->name, 100.0 * times->gain, 100.0 * WORTH, excess);
  else
    snprintf(because, size, "the best, %s, gains %.1f %%, but %lld %s iterations leave it between %.1f and %.1f %%",
             found->name, 100.0 * times->gain, (long long)times->iterations,
             times == &found->replayed ? "measured" : "drawn", 100.0 * times->gain_low, 100.0 * times->gain_high);
  snprintf(advice->verdict, sizeof advice->verdict, "no code pays here, because %.360s", because);
}

testudo_status testudo_i_decide(testudo_i_advice_room *room, testudo_advice *advice, testudo_error *error)
{
  int32_t best = least(room, advice, false);
  advice->best_code = least(room, advice, true);
  const testudo_remedy_times *times = times_of(room, &advice->remedy[best]);
  bool worth = best > 0 && times->gain >= WORTH && times->gain_low > 0.0;
  advice->recommended = worth ? best : 0;
  if (worth)
    say_recommended(room, advice);
  else
    say_none(room, advice, best);
  testudo_status status = try_more(room, advice, error);
  if (status != TESTUDO_INTERRUPTED)
    return status;
  advice->stopped = true; /* what is not known stays NAN */
  return TESTUDO_OK;
}
