/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed list of remedies, each with the best of its designs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <testudo/block_search.h>

#include "advise/room.h"
#include "base/error.h"
#include "fit/structure/workers.h"
#include "sample/sort.h"

/* Of designs that are as good to within this share, the one with the fewest copies: a worker reads and keeps less. */
#define AS_GOOD 0.002

/* Moves of a search of tables, times the default: seconds of two cores. */
#define TABLE_EFFORT 0.05

/* Of a block code. */
enum { MOST_TOLERANCES = 32 };

static const char no_room[] = "the limits of load and copies leave no room for a second copy";

typedef struct trying {
  testudo_i_advice_room *room;
  testudo_advice *advice;
  double *completion;           /* as many as either ground has iterations */
} trying;

static bool ask_monitor(void *context, double fraction, double best, double bound)
{
  (void)best;
  (void)bound;
  return testudo_i_advice_goes_on(context, fraction);
}

/* ---- designs of one remedy ---- */

/* Of a chunk, on average. */
static double copies_of(const testudo_design *design)
{
  double entries = 0.0;
  for (int32_t w = 0; w < testudo_design_workers(design); w++)
    entries += testudo_design_load(design, w);
  return entries / testudo_design_chunks(design);
}

/* The best of candidates on a ground, its design handed on (the others are freed); way.kind TESTUDO_REMEDIES: none. */
static testudo_status choose_candidate(testudo_i_ground *ground, testudo_i_candidates *from,
                                       testudo_i_candidate_design *chosen, double *value, testudo_error *error)
{
  size_t count = (size_t)ground->iterations.count, best = 0;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  double *each = testudo_i_arena_alloc(&arena, from->count, sizeof *each);
  double *completion = testudo_i_arena_alloc(&arena, count, sizeof *completion);
  double *sorted = testudo_i_arena_alloc(&arena, count, sizeof *sorted);
  *chosen = (testudo_i_candidate_design){.way = {.kind = TESTUDO_REMEDIES}};
  *value = NAN;
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (size_t k = 0; k < from->count; k++) {
    TESTUDO_I_TRY(testudo_i_ground_value(ground, &from->item[k].way, completion, sorted, &each[k], error));
    if (k == 0 || each[k] < *value) {
      best = k;
      *value = each[k];
    }
  }
  for (size_t k = 0; k < from->count; k++)
    if (each[k] <= *value * (1.0 + AS_GOOD) &&
        copies_of(from->item[k].way.design) < copies_of(from->item[best].way.design))
      best = k;
  if (from->count > 0) {
    *chosen = from->item[best];
    from->item[best].way.design = NULL;
  }
  testudo_i_candidates_clear(from);
  return TESTUDO_OK;
}

testudo_status testudo_i_best_partial(testudo_i_ground *ground, const testudo_i_limits *limits, double *value,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_candidates_clear) testudo_i_candidates found = {NULL, 0, 0};
  testudo_i_candidate_design chosen;
  TESTUDO_I_TRY(testudo_i_offer_partial(&found, limits, error));
  TESTUDO_I_TRY(choose_candidate(ground, &found, &chosen, value, error));
  testudo_design_free(chosen.way.design);
  return TESTUDO_OK;
}

/* ---- one remedy ---- */

static const char *change_of(testudo_remedy_kind kind)
{
  static const char *const change[] = {
      [TESTUDO_REMEDY_NONE] = "nothing",
      [TESTUDO_REMEDY_UNEQUAL_LOADS] = "each worker gets as many samples as its speed allows; gradients are summed, not"
                                       " averaged by worker",
      [TESTUDO_REMEDY_BACKUP] = "every worker can read the data of every other one; a scheduler starts second copies"
                                " and drops the later result",
      [TESTUDO_REMEDY_GRADIENT_CODE] = "workers read several shares and send one coded sum; the server decodes with the"
                                       " first that answer",
      [TESTUDO_REMEDY_NESTED] = "workers read several shares, report their progress and send the sum that the server"
                                " names",
      [TESTUDO_REMEDY_BLOCK] = "workers read several shares and send one coded sum a block of coordinates",
      [TESTUDO_REMEDY_PARTIAL] = "workers read other workers' chunks too, in the order of the design, and report every"
                                 " chunk; the server says when to send",
      [TESTUDO_REMEDY_FIRST_K] = "the server goes on without the last workers; their data count less, or not at all",
      [TESTUDO_REMEDY_K_ASYNC] = "the server updates without the others, which push gradients of old parameters",
      [TESTUDO_REMEDY_REPLACE] = "other machines in the place of the named ones",
      [TESTUDO_REMEDY_QUEUE] = "every worker can read all data; chunks are handed out one by one",
      [TESTUDO_REMEDY_QUEUE_COPIES] = "the same, and chunks that are running are handed out again at the end"};
  return change[kind];
}

static double most_load_of(const testudo_design *design, int32_t workers)
{
  return (double)testudo_design_max_load(design) * workers / testudo_design_chunks(design);
}

/* Vectors of the gradient's length: partial keeps one of every chunk, nested one of every tolerance; what sends one sum
   keeps that. */
static double memory_of(const testudo_i_way *way)
{
  int32_t tolerances;
  switch (way->kind) {
  case TESTUDO_REMEDY_PARTIAL:
    return testudo_design_max_load(way->design);
  case TESTUDO_REMEDY_NESTED:
    testudo_design_tolerances(way->design, &tolerances);
    return tolerances;
  default:
    return 1.0;
  }
}

static const testudo_remedy_times unknown_times = {0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

static testudo_remedy *new_remedy(trying *t, testudo_remedy_kind kind, const char *name)
{
  testudo_remedy *remedy = &t->room->remedy[t->advice->remedies++];
  *remedy = (testudo_remedy){.kind = kind, .exact_gradient = kind < TESTUDO_REMEDY_FIRST_K, .load = NAN, .copies = NAN,
                             .computed = NAN, .messages = NAN, .floats = NAN, .memory = NAN, .missing = NAN,
                             .staleness = NAN, .predicted = unknown_times, .replayed = unknown_times};
  snprintf(remedy->name, sizeof remedy->name, "%s", name);
  snprintf(remedy->change, sizeof remedy->change, "%s", change_of(kind));
  return remedy;
}

static void drop(trying *t, testudo_remedy_kind kind, const char *why)
{
  testudo_remedy *remedy = new_remedy(t, kind, testudo_remedy_name(kind));
  snprintf(remedy->dropped, sizeof remedy->dropped, "%s", why);
}

static testudo_status measure_on(trying *t, testudo_i_ground *ground, const testudo_i_way *way, testudo_remedy *remedy,
                                 testudo_remedy_times *times, testudo_error *error)
{
  testudo_i_outcome outcome;
  TESTUDO_I_TRY(testudo_i_ground_run(ground, way, t->completion, &outcome, error));
  remedy->computed = outcome.computed;
  remedy->messages = remedy->floats = outcome.messages;
  remedy->missing = outcome.missing;
  remedy->staleness = outcome.staleness;
  double extra = testudo_i_ground_extra(ground, &outcome);
  if (ground->none == NULL) {
    size_t count = (size_t)ground->iterations.count;
    ground->none = testudo_i_arena_alloc(&t->room->arena, count, sizeof *ground->none);
    TESTUDO_I_TRY(testudo_i_arena_check(&t->room->arena, error));
    memcpy(ground->none, t->completion, count * sizeof *ground->none);
    ground->none_extra = extra;
  }
  return testudo_i_ground_describe(ground, t->completion, extra, times, error);
}

/* Measured on every ground there is, the measured one last: what is said of its work is of that. */
static testudo_status take(trying *t, testudo_i_way way, const char *name, testudo_error *error)
{
  testudo_i_advice_room *room = t->room;
  const testudo_advise_request *request = &room->request;
  testudo_remedy *remedy = new_remedy(t, way.kind, name);
  int32_t workers = t->advice->workers;
  room->way[t->advice->remedies - 1] = way;
  remedy->design = way.kind == TESTUDO_REMEDY_REPLACE ? NULL : way.design;
  remedy->granularity = way.design != NULL ? testudo_design_chunks(way.design) / workers
                                           : way.granularity > 0 ? way.granularity : 1;
  remedy->load = way.design != NULL ? most_load_of(way.design, workers) : 1.0;
  remedy->copies = way.design != NULL ? copies_of(way.design) : 1.0;
  remedy->memory = memory_of(&way);
  if (request->dim > 0 && request->memory > 0.0 && remedy->memory * (double)request->dim > request->memory) {
    snprintf(remedy->dropped, sizeof remedy->dropped, "a worker keeps %.4g gradient%s, more than its memory"
             " holds", remedy->memory, remedy->memory == 1.0 ? "" : "s");
    return TESTUDO_OK;
  }
  if (room->has_drawn)
    TESTUDO_I_TRY(measure_on(t, &room->drawn, &way, remedy, &remedy->predicted, error));
  if (room->has_measured)
    TESTUDO_I_TRY(measure_on(t, &room->measured, &way, remedy, &remedy->replayed, error));
  return TESTUDO_OK;
}

/* The best of the candidates, or why there is none. */
static testudo_status take_best(trying *t, testudo_remedy_kind kind, testudo_i_candidates *from, const char *why_none,
                                testudo_error *error)
{
  testudo_i_candidate_design chosen;
  double value;
  TESTUDO_I_TRY(choose_candidate(testudo_i_choosing_ground(t->room), from, &chosen, &value, error));
  if (chosen.way.kind != TESTUDO_REMEDIES)
    return take(t, chosen.way, chosen.name, error);
  drop(t, kind, why_none);
  return TESTUDO_OK;
}

/* ---- the list ---- */

testudo_i_limits testudo_i_limits_of(const testudo_i_advice_room *room, int32_t granularity)
{
  const testudo_advise_request *request = &room->request;
  int32_t workers = testudo_i_own_iterations(room)->workers;
  bool limited = request->max_copies > 0 && request->max_copies < workers;
  return (testudo_i_limits){.workers = workers, .granularity = granularity, .load = request->max_load,
                            .most_copies = limited ? request->max_copies : workers, .seed = request->seed};
}

typedef testudo_status (*offering)(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error);

/* The best of what is offered for designs with `granularity` chunks a share. */
static testudo_status take_offered(trying *t, testudo_remedy_kind kind, offering offer, int32_t granularity,
                                   const char *why_none, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_candidates_clear) testudo_i_candidates found = {NULL, 0, 0};
  const testudo_i_limits limits = testudo_i_limits_of(t->room, granularity);
  TESTUDO_I_TRY(offer(&found, &limits, error));
  return take_best(t, kind, &found, why_none, error);
}

/* Dealt out in chunks as they were measured, and in halves of that: an overhead may make coarser ones better. Not bound
   by the granularity of codes, for nothing is held twice. */
static testudo_status take_loads(trying *t, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_candidates_clear) testudo_i_candidates found = {NULL, 0, 0};
  const testudo_i_advice_room *room = t->room;
  int32_t chunks = testudo_i_own_iterations(room)->chunks;
  bool heavy = false;
  for (int32_t c = chunks; room->rates != NULL && c > 0; c = c % 2 == 0 ? c / 2 : 0) {
    testudo_i_limits limits = testudo_i_limits_of(room, c);
    TESTUDO_I_TRY(testudo_i_offer_loads(&found, &limits, room->rates, error));
    const testudo_design *last = found.item[found.count - 1].way.design;
    if (testudo_design_max_load(last) <= room->request.max_load * c * (1.0 + 1e-12))
      continue;
    heavy = true;
    testudo_design_free(found.item[--found.count].way.design);
  }
  return take_best(t, TESTUDO_REMEDY_UNEQUAL_LOADS, &found,
                   heavy ? "a worker would hold more than the limit of load allows"
                   : room->has_measured && room->measured.iterations.uneven
                       ? "workers have different numbers of chunks already"
                       : "no worker is slower or faster for good", error);
}

/* Of the chunks of a share those that a design may have: the finest cut within the limit, and halves of it. */
static int32_t finest(const trying *t)
{
  return testudo_i_divisor_within(testudo_i_own_iterations(t->room)->chunks, t->room->request.granularity);
}

static testudo_status take_partials(trying *t, testudo_error *error)
{
  int32_t most = finest(t), cuts[4] = {1, 0, 0, 0}, count = 1;
  for (int32_t c = 2; c <= most && count < 4; c *= 2)
    if (most % c == 0 && (c == most || most / c <= 4))
      cuts[count++] = c;
  if (cuts[count - 1] != most && count < 4)
    cuts[count++] = most;
  for (int32_t k = 0; k < count; k++)
    TESTUDO_I_TRY(take_offered(t, TESTUDO_REMEDY_PARTIAL, testudo_i_offer_partial, cuts[k], no_room, error));
  return TESTUDO_OK;
}

/* Groups and orders that are searched by the model that iterations are drawn from. */
static testudo_status take_searched(trying *t, testudo_error *error)
{
  testudo_i_advice_room *room = t->room;
  const testudo_advise_request *request = &room->request;
  int32_t granularity = finest(t), workers = t->advice->workers;
  bool whole = granularity == room->drawn.iterations.chunks || room->model.unit == TESTUDO_UNIT_SHARE;
  if (request->quick || !room->has_drawn || room->model.law == NULL || granularity < 2 || !whole ||
      request->max_load < 2.0 || room->model.structure != TESTUDO_STRUCTURE_SCALED ||
      request->objective.kind == TESTUDO_OBJECTIVE_COST)
    return TESTUDO_OK;
  const testudo_portfolio_request portfolio_request = {
      .workers = workers, .chunks = workers * granularity, .replication = 2, .parts = 1, .load = request->max_load,
      .least_copies = 1, .most_copies = request->max_copies < workers ? request->max_copies : 0,
      .effort = TABLE_EFFORT, .objective = request->objective, .model = &room->model, .trials = 20000, .quick = true};
  const testudo_search_monitor monitor = {ask_monitor, &room->progress};
  const testudo_search_options options = {.seed = request->seed, .tries = 1, .threads = request->threads,
                                          .monitor = &monitor};
  testudo_i_way way = {.kind = TESTUDO_REMEDY_PARTIAL};
  testudo_portfolio portfolio = {0};
  testudo_search_result result;
  char name[96];
  testudo_status status =
      testudo_optimize_portfolio(&portfolio_request, &options, &way.design, &portfolio, &result, error);
  testudo_portfolio_free(&portfolio);
  if (status == TESTUDO_ERROR_LIMIT) /* too large for a search */
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  snprintf(name, sizeof name, "partial, %.80s", result.method);
  return take(t, way, name, error);
}

/* Why block codes are left out; NULL: they are not. */
static const char *no_blocks(const trying *t)
{
  const testudo_i_advice_room *room = t->room;
  const testudo_delay_model *added = room->request.model;
  if (room->has_measured || room->drawn.model == NULL)
    return "its sizes are made for one law of workers that are slow for an iteration: testudo optimize --scheme block";
  if (room->request.dim < 1)
    return "the length of the gradient is not known: --dim";
  if (added->overhead > 0.0 || added->message != NULL || added->signal > 0.0 || added->rates != NULL ||
      added->classes != NULL || added->domain_factor != NULL || added->failures != TESTUDO_FAILURES_NONE)
    return "its sizes are made for workers that are alike, without overhead, messages, domains and failures";
  return room->request.max_load < 2.0 ? no_room : NULL;
}

/* Tolerances and sizes by the law; measured where it is drawn from. */
static testudo_status take_block(trying *t, testudo_error *error)
{
  testudo_i_advice_room *room = t->room;
  const testudo_advise_request *request = &room->request;
  const char *why = no_blocks(t);
  if (why != NULL) {
    drop(t, TESTUDO_REMEDY_BLOCK, why);
    return TESTUDO_OK;
  }
  int32_t workers = t->advice->workers, count = 0, tolerance[MOST_TOLERANCES];
  for (; count < MOST_TOLERANCES && count < workers && count + 1 <= request->max_load; count++)
    tolerance[count] = count;
  testudo_objective objective = request->objective;
  if (objective.kind == TESTUDO_OBJECTIVE_COST)
    objective.kind = TESTUDO_OBJECTIVE_MEAN;
  const testudo_search_monitor monitor = {ask_monitor, &room->progress};
  const testudo_search_options options = {.seed = request->seed, .threads = request->threads, .monitor = &monitor};
  testudo_delay_model law = *room->drawn.model; /* a chunk is a share */
  law.unit = TESTUDO_UNIT_CHUNK;
  testudo_block_plan *plan;
  testudo_error own = {""};
  testudo_status status =
      testudo_block_search(workers, request->dim, tolerance, count, &law, objective, &options, &plan, &own);
  if (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT) {
    drop(t, TESTUDO_REMEDY_BLOCK, own.text);
    return TESTUDO_OK;
  }
  if (status != TESTUDO_OK)
    return testudo_i_fail(error, status, "%s", own.text);
  char name[96];
  testudo_i_way way = {.kind = TESTUDO_REMEDY_BLOCK};
  snprintf(name, sizeof name, "block code, %d block%s, up to %d stragglers", (int)plan->blocks,
           plan->blocks == 1 ? "" : "s", (int)plan->tolerance[plan->blocks - 1]);
  status = testudo_design_create_block(workers, plan->tolerance, plan->size, plan->blocks, request->seed, name,
                                       &way.design, error);
  testudo_block_plan_free(plan);
  return status == TESTUDO_OK ? take(t, way, name, error) : status;
}

static testudo_status take_codes(trying *t, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_candidates_clear) testudo_i_candidates found = {NULL, 0, 0};
  const testudo_i_limits limits = testudo_i_limits_of(t->room, 1);
  const char *no_group = limits.load >= 2.0 && limits.most_copies >= 2
                             ? "no group within the limits divides the workers" : no_room;
  TESTUDO_I_TRY(testudo_i_offer_gradient_codes(&found, &limits, testudo_i_choosing_ground(t->room), error));
  TESTUDO_I_TRY(take_best(t, TESTUDO_REMEDY_GRADIENT_CODE, &found, no_room, error));
  TESTUDO_I_TRY(take_offered(t, TESTUDO_REMEDY_GRADIENT_CODE, testudo_i_offer_grouped_codes, 1, no_group, error));
  TESTUDO_I_TRY(take_offered(t, TESTUDO_REMEDY_NESTED, testudo_i_offer_nested, 1, no_room, error));
  return take_block(t, error);
}

/* ---- the others ---- */

static double median_of(const double *rates, int32_t workers, double *room)
{
  memcpy(room, rates, (size_t)workers * sizeof *room);
  testudo_i_sort_times(room, (size_t)workers);
  return room[(workers - 1) / 2];
}

/* Factors of the workers that are slow for good, 1 of the others; how many there are. A model names by its speeds. */
static testudo_status find_named(trying *t, double **factor, int32_t *named, testudo_error *error)
{
  const testudo_i_advice_room *room = t->room;
  const testudo_fit *fit = room->fit;
  int32_t workers = t->advice->workers;
  double *of = testudo_i_arena_alloc(&t->room->arena, (size_t)workers, sizeof *of);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->room->arena, error));
  double median = fit == NULL && room->rates != NULL ? median_of(room->rates, workers, of) : 1.0;
  bool uneven = room->has_measured && room->measured.iterations.uneven;
  *named = 0;
  for (int32_t w = 0; w < workers; w++) {
    double slow = fit == NULL && room->rates != NULL ? median / room->rates[w]
                  : fit != NULL && fit->worker != NULL && !uneven && fit->worker[w].persistent ? fit->worker[w].factor
                                                                                               : 1.0;
    of[w] = slow >= TESTUDO_I_NAMED_FACTOR ? slow : 1.0;
    *named += of[w] > 1.0;
  }
  *factor = of;
  return TESTUDO_OK;
}

static testudo_status take_replaced(trying *t, double *factor, int32_t named, testudo_error *error)
{
  char name[96];
  if (named == 0) {
    drop(t, TESTUDO_REMEDY_REPLACE, "no worker is named");
    return TESTUDO_OK;
  }
  snprintf(name, sizeof name, "%d named worker%s replaced by %s", (int)named, named == 1 ? "" : "s",
           named == 1 ? "a median one" : "median ones");
  const testudo_i_way way = {.kind = TESTUDO_REMEDY_REPLACE, .design = t->advice->remedy[0].design, .factor = factor};
  return take(t, way, name, error);
}

static testudo_status take_others(trying *t, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_candidates_clear) testudo_i_candidates found = {NULL, 0, 0};
  int32_t workers = t->advice->workers, named, granularity = finest(t);
  const testudo_i_limits limits = testudo_i_limits_of(t->room, 1);
  double *factor;
  char name[96];
  TESTUDO_I_TRY(find_named(t, &factor, &named, error));
  int32_t wait = named > 0 && named < workers ? workers - named : workers - 1;
  TESTUDO_I_TRY(testudo_i_offer_first(&found, &limits, wait, error));
  TESTUDO_I_TRY(take_best(t, TESTUDO_REMEDY_FIRST_K, &found, "", error));
  testudo_i_way way = {.kind = TESTUDO_REMEDY_K_ASYNC, .wait = (workers + 1) / 2};
  snprintf(name, sizeof name, "updates by %d of %d workers, the others go on; time of %d gradients", (int)way.wait,
           (int)workers, (int)workers);
  if (t->room->model.failures == TESTUDO_FAILURES_NONE)
    TESTUDO_I_TRY(take(t, way, name, error));
  else
    drop(t, TESTUDO_REMEDY_K_ASYNC, "a failed worker would never come back");
  TESTUDO_I_TRY(take_replaced(t, factor, named, error));
  way = (testudo_i_way){.kind = TESTUDO_REMEDY_QUEUE, .granularity = granularity};
  snprintf(name, sizeof name, "a central queue, %d chunks a share", (int)granularity);
  TESTUDO_I_TRY(take(t, way, name, error));
  way.kind = TESTUDO_REMEDY_QUEUE_COPIES;
  snprintf(name, sizeof name, "a central queue, %d chunks a share, running chunks repeated", (int)granularity);
  return take(t, way, name, error);
}

static testudo_status take_none(trying *t, testudo_error *error)
{
  return take_offered(t, TESTUDO_REMEDY_NONE, testudo_i_offer_uncoded, 1, "", error);
}

static testudo_status take_backup(trying *t, testudo_error *error)
{
  return take_offered(t, TESTUDO_REMEDY_BACKUP, testudo_i_offer_backup, 1, no_room, error);
}

/* After a stop: the list so far, the last of it left out where it was not measured to the end. */
static bool keep_measured(trying *t)
{
  if (t->advice->remedies == 0)
    return false;
  testudo_remedy *last = &t->room->remedy[t->advice->remedies - 1];
  bool whole = (!t->room->has_drawn || last->predicted.iterations > 0) &&
               (!t->room->has_measured || last->replayed.iterations > 0);
  if (t->advice->remedies == 1 && !whole)
    return false;
  if (!whole && last->dropped[0] == '\0') {
    last->predicted = last->replayed = unknown_times;
    snprintf(last->dropped, sizeof last->dropped, "stopped before it was measured");
  }
  t->advice->stopped = true;
  return true;
}

testudo_status testudo_i_try_remedies(testudo_i_advice_room *room, testudo_advice *advice, testudo_error *error)
{
  static testudo_status (*const step[])(trying *, testudo_error *) = {
      take_none, take_loads, take_backup, take_codes, take_partials, take_searched, take_others};
  int64_t most = room->has_measured ? room->measured.iterations.count : 0;
  if (room->has_drawn && room->drawn.iterations.count > most)
    most = room->drawn.iterations.count;
  trying t = {.room = room, .advice = advice};
  t.completion = testudo_i_arena_alloc(&room->arena, (size_t)most, sizeof *t.completion);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  advice->remedy = room->remedy;
  testudo_status status = TESTUDO_OK;
  size_t steps = sizeof step / sizeof *step;
  for (size_t k = 0; k < steps && status == TESTUDO_OK; k++) {
    double each = (TESTUDO_I_REMEDIES_MEASURED - TESTUDO_I_GROUND_LAID) / (double)steps;
    room->progress.from = TESTUDO_I_GROUND_LAID + each * (double)k;
    room->progress.to = room->progress.from + each;
    status = step[k](&t, error);
  }
  room->progress.from = TESTUDO_I_REMEDIES_MEASURED;
  room->progress.to = 1.0;
  return status == TESTUDO_INTERRUPTED && keep_measured(&t) ? TESTUDO_OK : status;
}
