/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All candidates, measured on the same trials; exchanges of chunks and places from the best three; and the best of all,
   measured again on other trials. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "optimize/latency/blocks.h"
#include "optimize/local/local.h"
#include "optimize/portfolio/bound.h"
#include "optimize/portfolio/cuts.h"
#include "optimize/portfolio/steps.h"
#include "optimize/slots/search.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

/* Trials of a step, and of the last measure; where the trials of each purpose begin, beyond those of the searches of
   orders, so that none is used twice. */
enum { STEP_TRIALS = 4000, DEFAULT_TRIES = 60, POLISHED = 3, KEPT_CUTS = 4 };
#define DEFAULT_TRIALS 100000

/* Of the first look at all candidates. */
#define GLANCE_LEAST 200
#define GLANCE_MOST 4000
#define GLANCE_DRAWS 5e5
#define FRESH_TRIALS 400000
#define COMPARE_FROM (TESTUDO_I_TRIALS_REPORT + ((int64_t)1 << 40))
#define STEP_FROM (TESTUDO_I_TRIALS_REPORT + ((int64_t)2 << 40))
#define FRESH_FROM (TESTUDO_I_TRIALS_REPORT + ((int64_t)3 << 40))

static const char start_name[] = "the start";

typedef struct portfolio_search {
  const testudo_portfolio_request *request; /* its replication is that of the families */
  const testudo_search_options *options;
  testudo_search_result *result;
  testudo_portfolio *portfolio;
  testudo_i_pool pool;
  testudo_i_steps steps;
  testudo_i_measure best_measure;
  bool settled;            /* the best was measured on all trials, or exactly */
  testudo_i_search_watch watch;
} portfolio_search;

void testudo_portfolio_free(testudo_portfolio *portfolio)
{
  if (portfolio == NULL)
    return;
  free(portfolio->entry);
  *portfolio = (testudo_portfolio){0};
}

static testudo_status check_load(const testudo_portfolio_request *request, testudo_error *error)
{
  if (request->load == 0.0)
    return TESTUDO_OK;
  int32_t least = request->least_copies, most = request->most_copies > 0 ? request->most_copies : request->workers;
  if (!(request->load >= request->parts && request->load <= request->workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "load: %g shares a worker, but %d parts and %d workers allow"
                          " %d..%d", request->load, (int)request->parts, (int)request->workers, (int)request->parts,
                          (int)request->workers);
  if (request->most_load != 0 && !(request->most_load >= request->load && request->most_load <= request->workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "most_load: %g shares, but %g on average and %d workers allow"
                          " %g..%d", request->most_load, request->load, (int)request->workers, request->load,
                          (int)request->workers);
  if (least < 0 || least > request->load || most < request->parts || most < least || most > request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d to %d copies of a chunk, but %d parts, %d workers and a"
                          " load of %g allow from 1..%d to %d..%d", (int)least, (int)most, (int)request->parts,
                          (int)request->workers, request->load, (int)request->load,
                          (int)fmax(request->parts, least), (int)request->workers);
  return TESTUDO_OK;
}

static testudo_status check_request(const testudo_portfolio_request *request, testudo_error *error)
{
  if (request->workers < 1 || request->workers > TESTUDO_MAX_WORKERS || request->chunks < 1 ||
      request->chunks > TESTUDO_MAX_CHUNKS || request->replication < 1 || request->replication > request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "%d workers, %d chunks, %d copies: sizes are at least 1, and copies at most the workers",
                          (int)request->workers, (int)request->chunks, (int)request->replication);
  TESTUDO_I_TRY(check_load(request, error));
  if (request->parts < 1 || request->parts > request->replication)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "parts: %d, but %d copies of a chunk allow 1..%d",
                          (int)request->parts, (int)request->replication, (int)request->replication);
  if (request->start != NULL && (testudo_design_workers(request->start) != request->workers ||
                                 testudo_design_chunks(request->start) != request->chunks ||
                                 testudo_design_min_replication(request->start) < request->parts))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the start has %d workers and %d chunks, but %d and %d are wanted, each chunk on %d workers"
                          " at least", (int)testudo_design_workers(request->start),
                          (int)testudo_design_chunks(request->start), (int)request->workers, (int)request->chunks,
                          (int)request->parts);
  return TESTUDO_OK;
}

static testudo_status add_start(portfolio_search *s, testudo_error *error)
{
  testudo_assignment orders;
  if (s->request->start == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_design_orders(s->request->start, &orders, error));
  return testudo_i_pool_add(&s->pool, &orders, error, "%s", start_name);
}

/* Some families have chunks with fewer copies than others, and arcs for rates workers with larger loads. */
static bool keeps_limits(const portfolio_search *s, const testudo_assignment *orders, int32_t *copies)
{
  const testudo_portfolio_request *r = s->request;
  memset(copies, 0, (size_t)orders->chunks * sizeof *copies);
  for (int64_t e = 0; e < orders->row[orders->workers]; e++)
    copies[orders->chunk[e]]++;
  for (int32_t i = 0; i < orders->chunks; i++)
    if (copies[i] < r->least_copies || (r->most_copies > 0 && copies[i] > r->most_copies))
      return false;
  double share = (double)orders->chunks / orders->workers * (1 + 1e-12), most = fmax(r->load, r->most_load) * share;
  for (int32_t j = 0; j < orders->workers; j++)
    if ((double)(orders->row[j + 1] - orders->row[j]) > most)
      return false;
  return (double)orders->row[orders->workers] <= r->load * share * orders->workers;
}

/* Of the candidates from `from` on those that keep the limits of load and copies, and whose copies lie apart. */
static testudo_status drop_others(portfolio_search *s, size_t from, testudo_error *error)
{
  const testudo_portfolio_request *r = s->request;
  const testudo_delay_model *model = r->model;
  bool alike = model->rates == NULL && model->classes == NULL && model->replay == NULL;
  size_t kept = from;
  int32_t *copies = testudo_i_arena_alloc(&s->steps.arena, (size_t)r->chunks, sizeof *copies);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->steps.arena, error));
  for (size_t k = from; k < s->pool.count; k++) {
    testudo_assignment *orders = &s->pool.item[k].orders;
    bool keeps = r->load == 0 || keeps_limits(s, orders, copies);
    if (keeps && r->apart != NULL)
      TESTUDO_I_TRY(testudo_i_spread(orders, r->apart, alike, s->options->seed, &keeps, error));
    if (keeps)
      s->pool.item[kept++] = s->pool.item[k];
    else
      testudo_assignment_free(orders);
  }
  s->pool.count = kept;
  return TESTUDO_OK;
}

static testudo_status add_entries(portfolio_search *s, int32_t from, testudo_error *error)
{
  testudo_portfolio *portfolio = s->portfolio;
  testudo_portfolio_entry *grown = realloc(portfolio->entry, s->pool.count * sizeof *grown);
  TESTUDO_I_TRY(testudo_i_memory_check(grown != NULL, error));
  portfolio->entry = grown;
  portfolio->entries = (int32_t)s->pool.count;
  for (int32_t k = from; k < portfolio->entries; k++) {
    grown[k] = (testudo_portfolio_entry){.value = NAN, .spread = NAN, .p_never = NAN};
    snprintf(grown[k].name, sizeof grown[k].name, "%s", s->pool.item[k].name);
  }
  return TESTUDO_OK;
}

/* Takes over the measure of an entry; is it the best of what was measured alike? */
static testudo_status measure_entry(portfolio_search *s, const testudo_i_steps *how, int32_t k, bool first,
                                    testudo_error *error)
{
  testudo_portfolio_entry *entry = &s->portfolio->entry[k];
  testudo_i_measure measure;
  TESTUDO_I_TRY(testudo_i_steps_measure(how, &s->pool.item[k].orders, &measure, error));
  entry->value = measure.value;
  entry->spread = measure.spread;
  entry->exact = measure.exact;
  entry->p_never = measure.p_never;
  if (first || testudo_i_measure_is_less(&measure, &s->best_measure)) {
    s->portfolio->best = k;
    s->best_measure = measure;
    s->watch.best = measure.value;
  }
  return TESTUDO_OK;
}

static int64_t trials_of(const portfolio_search *s)
{
  return s->request->trials > 0 ? s->request->trials : DEFAULT_TRIALS;
}

/* All on few trials, so that a time limit leaves something of each, and the most promising ones come first then. */
static testudo_status glance_from(portfolio_search *s, int32_t from, testudo_error *error)
{
  testudo_i_steps glance = s->steps;
  double entries = fmax(1.0, (double)s->pool.item[from].orders.row[s->request->workers]);
  glance.goal.no_law = true;
  glance.goal.first = COMPARE_FROM;
  double trials = fmax(GLANCE_LEAST, fmin(GLANCE_MOST, GLANCE_DRAWS / entries));
  glance.goal.trials = (int64_t)fmin((double)trials_of(s), trials);
  int32_t best = s->portfolio->best;
  testudo_i_measure best_measure = s->best_measure;
  for (int32_t k = from; k < s->portfolio->entries; k++)
    TESTUDO_I_TRY(measure_entry(s, &glance, k, k == 0, error));
  if (s->settled) {
    s->portfolio->best = best;
    s->best_measure = best_measure;
  }
  return TESTUDO_OK;
}

/* Of the entries from `from` on that are not marked, the one that looked best; -1: none is left. */
static int32_t next_promising(const testudo_portfolio *portfolio, int32_t from, const bool *measured)
{
  int32_t next = -1;
  for (int32_t k = from; k < portfolio->entries; k++) {
    const testudo_portfolio_entry *entry = &portfolio->entry[k];
    if (!measured[k] && (next < 0 || entry->p_never < portfolio->entry[next].p_never - 1e-12 ||
                         (!(entry->p_never > portfolio->entry[next].p_never + 1e-12) &&
                          entry->value < portfolio->entry[next].value)))
      next = k;
  }
  return next;
}

/* Those of the candidates that no entry was made of yet. */
static testudo_status glance_at_new(portfolio_search *s, testudo_error *error)
{
  int32_t from = s->portfolio->entries;
  TESTUDO_I_TRY(drop_others(s, (size_t)from, error));
  if ((size_t)from == s->pool.count)
    return TESTUDO_OK;
  TESTUDO_I_TRY(add_entries(s, from, error));
  return glance_from(s, from, error);
}

/* The entries from `from` on, and before them the candidates that no entry was made of. */
static testudo_status measure_from(portfolio_search *s, int32_t from, testudo_error *error)
{
  TESTUDO_I_TRY(glance_at_new(s, error));
  testudo_i_steps compare = s->steps;
  compare.goal.trials = trials_of(s);
  compare.goal.first = COMPARE_FROM;
  bool *measured = testudo_i_arena_calloc(&s->steps.arena, s->pool.count, sizeof *measured);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->steps.arena, error));
  for (int32_t k; (k = next_promising(s->portfolio, from, measured)) >= 0;) {
    measured[k] = true;
    TESTUDO_I_TRY(measure_entry(s, &compare, k, !s->settled, error));
    s->settled = true;
    s->result->tries++;
  }
  return TESTUDO_OK;
}

static testudo_status create_design(const portfolio_search *s, int32_t entry, testudo_design **design,
                                    testudo_error *error)
{
  const testudo_i_candidate *item = &s->pool.item[entry];
  return testudo_i_search_design(&item->orders, s->request->parts, s->options->seed, item->name, design, error);
}

/* The best entry that is worse than entry `above` (-1: of all), -1 where there is none. Equal ones are one. */
static int32_t next_best(const testudo_portfolio *portfolio, int32_t above)
{
  int32_t next = -1;
  for (int32_t k = 0; k < portfolio->entries; k++) {
    const testudo_portfolio_entry *entry = &portfolio->entry[k];
    if (above >= 0 && !(entry->value > portfolio->entry[above].value))
      continue;
    if (next < 0 || entry->value < portfolio->entry[next].value)
      next = k;
  }
  return next;
}

/* What orders and tables are searched for: a priced design is chosen among those that are quick for what they hold. */
static testudo_objective sought(const portfolio_search *s)
{
  testudo_objective objective = s->request->objective;
  if (objective.kind == TESTUDO_OBJECTIVE_PRICED)
    objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN};
  return objective;
}

/* Exchanges of chunks and places from one entry; added where they find something. */
static testudo_status polish(portfolio_search *s, int32_t entry, testudo_error *error)
{
  const testudo_latency_goal goal = {.objective = sought(s), .model = s->request->model,
                                     .max_states = s->request->max_states,
                                     .trials = s->steps.goal.trials,
                                     .reassign = s->request->apart == NULL};
  testudo_search_options options = *s->options;
  options.tries = 0;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *from = NULL;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *better = NULL;
  testudo_search_result result;
  testudo_assignment orders;
  TESTUDO_I_TRY(create_design(s, entry, &from, error));
  TESTUDO_I_TRY(testudo_optimize_latency(from, &goal, TESTUDO_METHOD_BEST, &options, &better, &result, error));
  s->result->moves += result.moves;
  s->watch.stopped = s->watch.stopped || result.stopped;
  if (!(result.after < result.before))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_design_orders(better, &orders, error));
  return testudo_i_pool_add(&s->pool, &orders, error, "%.50s, then exchanges", s->pool.item[entry].name);
}

static testudo_status polish_best(portfolio_search *s, testudo_error *error)
{
  int32_t chosen[POLISHED], count = 0, measured = s->portfolio->entries;
  while (count < POLISHED && (chosen[count] = next_best(s->portfolio, count > 0 ? chosen[count - 1] : -1)) >= 0)
    count++;
  for (int32_t k = 0; k < count && !s->watch.stopped; k++)
    TESTUDO_I_TRY(polish(s, chosen[k], error));
  return measure_from(s, measured, error);
}

/* ---- chunks finer than workers ---- */

static testudo_i_slot_request slots_of(const portfolio_search *s, int32_t granularity)
{
  const testudo_portfolio_request *r = s->request;
  bool loaded = r->load > 0;
  testudo_i_slot_request slots = {.workers = r->workers, .chunks = granularity, .parts = r->parts,
                                  .least = r->replication, .most = r->replication,
                                  .seed = s->options->seed, .tries = s->options->tries, .effort = r->effort};
  slots.places = testudo_i_chunks_of(loaded ? r->load : r->replication, granularity);
  if (loaded) {
    slots.most_places = testudo_i_chunks_of(r->most_load, granularity);
    slots.least = r->least_copies > r->parts ? r->least_copies : r->parts;
    slots.most = r->most_copies > 0 ? r->most_copies : r->workers;
  }
  return slots;
}

static testudo_i_goal slots_goal(const portfolio_search *s)
{
  testudo_i_goal goal = s->steps.goal;
  goal.objective = sought(s);
  return goal;
}

/* What was searched for when a stop came is measured on few trials all the same, beside the best until then and on the
   same ones, and must be better by a standard error: so many draws take a fraction of a second. */
#define STOPPED_DRAWS 5e6

static testudo_status judge_stopped(portfolio_search *s, size_t from, testudo_error *error)
{
  testudo_portfolio *portfolio = s->portfolio;
  int32_t best = portfolio->best;
  testudo_i_steps judge = s->steps;
  double entries = fmax(1.0, (double)s->pool.item[best].orders.row[s->request->workers]);
  judge.goal.no_law = true;
  judge.goal.first = COMPARE_FROM;
  judge.goal.trials = (int64_t)fmax(GLANCE_LEAST, fmin((double)trials_of(s), STOPPED_DRAWS / entries));
  judge.goal.monitor = NULL;
  TESTUDO_I_TRY(drop_others(s, from, error));
  if (s->pool.count == from)
    return TESTUDO_OK;
  TESTUDO_I_TRY(add_entries(s, (int32_t)from, error));
  const testudo_portfolio_entry known = portfolio->entry[best];
  TESTUDO_I_TRY(measure_entry(s, &judge, best, true, error));
  const testudo_i_measure judged = s->best_measure;
  for (int32_t k = (int32_t)from; k < portfolio->entries; k++)
    TESTUDO_I_TRY(measure_entry(s, &judge, k, false, error));
  portfolio->entry[best] = known;
  if (s->best_measure.p_never >= judged.p_never && !(s->best_measure.value < judged.value - s->best_measure.spread))
    portfolio->best = best;
  return TESTUDO_OK;
}

/* Are tables of slots what chunks of this size are searched by? */
static bool has_slots(const portfolio_search *s, int32_t granularity)
{
  const testudo_i_slot_request slots = slots_of(s, granularity);
  const testudo_i_goal goal = slots_goal(s);
  return s->request->chunks % s->request->workers == 0 && testudo_i_slots_apply(&goal, &slots);
}

/* ---- coarser cuts of a share ---- */

static int32_t cut_of(const portfolio_search *s, int32_t entry)
{
  const testudo_assignment *orders = &s->pool.item[entry].orders;
  return orders->chunks / orders->workers;
}

static testudo_status fill_coarser(portfolio_search *s, testudo_error *error)
{
  int32_t cut = testudo_i_finest_cut(s->request), coarsest = testudo_i_coarsest_cut(s->request);
  bool any = testudo_i_any_cut(s->request);
  while ((cut = any ? cut - 1 : cut / 2) >= coarsest && cut >= 1) {
    testudo_portfolio_request coarser = *s->request;
    coarser.chunks = s->request->workers * cut;
    if (cut > 1)
      TESTUDO_I_TRY(testudo_i_pool_fill_finer(&s->pool, &coarser, error));
    else
      TESTUDO_I_TRY(testudo_i_pool_fill(&s->pool, &coarser, s->options, &s->watch.plain, error));
  }
  return TESTUDO_OK;
}

/* The best value at the glance of each cut; HUGE_VAL: has none. */
static void best_of_cuts(const portfolio_search *s, double *best)
{
  for (int32_t cut = testudo_i_finest_cut(s->request); cut >= 0; cut--)
    best[cut] = HUGE_VAL;
  for (int32_t k = 0; k < s->portfolio->entries; k++)
    best[cut_of(s, k)] = fmin(best[cut_of(s, k)], s->portfolio->entry[k].value);
}

/* Of many cuts those are left whose best candidates are the fastest at a glance, and the one that was asked for. */
static testudo_status drop_slow_cuts(portfolio_search *s, testudo_error *error)
{
  testudo_portfolio *portfolio = s->portfolio;
  int32_t finest = testudo_i_finest_cut(s->request), kept = 0;
  double *best = testudo_i_arena_alloc(&s->steps.arena, (size_t)finest + 1, sizeof *best);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->steps.arena, error));
  best_of_cuts(s, best);
  for (int32_t k = 0; k < portfolio->entries; k++) {
    int32_t cut = cut_of(s, k), faster = 0;
    for (int32_t other = 1; other <= finest; other++)
      faster += best[other] < best[cut];
    if (faster >= KEPT_CUTS && cut != finest) {
      testudo_assignment_free(&s->pool.item[k].orders);
      continue;
    }
    portfolio->best = portfolio->best == k ? kept : portfolio->best;
    s->pool.item[kept] = s->pool.item[k];
    portfolio->entry[kept++] = portfolio->entry[k];
  }
  portfolio->entries = kept;
  s->pool.count = (size_t)kept;
  return TESTUDO_OK;
}

/* Where what is computed has a price, fewer copies may be better than the load allows. */
static testudo_status fill_lighter(portfolio_search *s, testudo_error *error)
{
  testudo_portfolio_request lighter = *s->request;
  int32_t least = lighter.least_copies > lighter.parts ? lighter.least_copies : lighter.parts;
  bool priced = s->request->objective.kind == TESTUDO_OBJECTIVE_PRICED && s->request->load > 0;
  while (priced && --lighter.replication >= least)
    TESTUDO_I_TRY(testudo_i_pool_fill(&s->pool, &lighter, s->options, &s->watch.plain, error));
  return TESTUDO_OK;
}

/* What the worker that holds most of the best design holds, in shares. */
static double best_load(const portfolio_search *s)
{
  const testudo_assignment *orders = &s->pool.item[s->portfolio->best].orders;
  int64_t most = 0;
  for (int32_t j = 0; j < orders->workers; j++)
    most = orders->row[j + 1] - orders->row[j] > most ? orders->row[j + 1] - orders->row[j] : most;
  return (double)most * orders->workers / orders->chunks;
}

/* The best tables of one cut become candidates. */
static testudo_status search_cut(portfolio_search *s, int32_t cut, testudo_error *error)
{
  testudo_i_slot_request slots = slots_of(s, cut);
  if (s->request->load > 0 && s->request->objective.kind == TESTUDO_OBJECTIVE_PRICED)
    slots.places = testudo_i_chunks_of(best_load(s), cut);
  int32_t measured = s->portfolio->entries;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment start = {0};
  if (s->request->start != NULL)
    TESTUDO_I_TRY(testudo_design_orders(s->request->start, &start, error));
  slots.start = s->request->start != NULL ? &start : NULL;
  s->watch.from = 0;
  s->watch.to = 1;
  TESTUDO_I_HELD(testudo_i_slot_designs_free) testudo_i_slot_designs found = {.count = 0};
  const testudo_i_goal goal = slots_goal(s);
  testudo_status status = testudo_i_slots_search(&goal, &slots, &s->watch, &found, &s->result->moves, error);
  s->watch.from = s->watch.to = -1;
  for (int32_t k = 0; k < found.count && status == TESTUDO_OK; k++)
    status = testudo_i_pool_offer(&s->pool, status, &found.orders[k], error, "%s", found.name[k]);
  if (status == TESTUDO_ERROR_LIMIT) /* too many workers that differ for a sample of them all */
    return TESTUDO_OK;
  TESTUDO_I_TRY(status);
  return s->watch.stopped ? judge_stopped(s, (size_t)measured, error) : measure_from(s, measured, error);
}

/* The cut to search next: the finest; or, where any may be best, that of the best design, then its neighbours. 0: all
   of these were searched. */
static int32_t next_cut(const portfolio_search *s, const bool *searched)
{
  int32_t finest = testudo_i_finest_cut(s->request), coarsest = testudo_i_coarsest_cut(s->request);
  int32_t best = cut_of(s, s->portfolio->best);
  bool any = testudo_i_any_cut(s->request);
  const int32_t near[] = {any ? best : finest, best + 1, best - 1};
  for (int32_t k = 0; k < (any ? 3 : 1); k++)
    if (near[k] <= finest && near[k] >= coarsest && !searched[near[k]] && has_slots(s, near[k]))
      return near[k];
  return 0;
}

static testudo_status search_slots(portfolio_search *s, testudo_error *error)
{
  size_t cuts = (size_t)testudo_i_finest_cut(s->request) + 1;
  bool *searched = testudo_i_arena_calloc(&s->steps.arena, cuts, sizeof *searched);
  TESTUDO_I_TRY(testudo_i_arena_check(&s->steps.arena, error));
  for (int32_t cut; !s->watch.stopped && (cut = next_cut(s, searched)) > 0;) {
    searched[cut] = true;
    TESTUDO_I_TRY(search_cut(s, cut, error));
  }
  return TESTUDO_OK;
}

static testudo_status try_all_candidates(portfolio_search *s, testudo_error *error)
{
  bool slots = has_slots(s, testudo_i_finest_cut(s->request));
  TESTUDO_I_TRY(testudo_i_pool_fill(&s->pool, s->request, s->options, &s->watch.plain, error));
  TESTUDO_I_TRY(fill_coarser(s, error));
  TESTUDO_I_TRY(fill_lighter(s, error));
  TESTUDO_I_TRY(add_start(s, error));
  TESTUDO_I_TRY(glance_at_new(s, error));
  TESTUDO_I_TRY(drop_slow_cuts(s, error));
  TESTUDO_I_TRY(testudo_i_pool_fill_by_law(&s->pool, s->request, &s->watch.plain, error)); /* a second's work */
  TESTUDO_I_TRY(measure_from(s, 0, error));
  if (s->portfolio->entries == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no family of these sizes keeps the copies of every chunk in"
                          " different domains%s", s->request->load > 0 ? ", within the loads and copies" : "");
  int32_t measured = s->portfolio->entries;
  testudo_status status = slots ? TESTUDO_OK : testudo_i_steps_shifts(&s->steps, &s->pool, error);
  if (status == TESTUDO_OK)
    status = testudo_i_steps_arcs(&s->steps, &s->pool, error);
  s->result->moves += s->steps.done;
  TESTUDO_I_TRY(status);
  TESTUDO_I_TRY(measure_from(s, measured, error));
  /* Exchanges of single places learn their sample by heart where there are so many of them. */
  if (slots)
    TESTUDO_I_TRY(search_slots(s, error));
  if (slots && has_slots(s, cut_of(s, s->portfolio->best)))
    return TESTUDO_OK;
  return s->request->quick ? TESTUDO_OK : polish_best(s, error);
}

/* ---- the answer ---- */

/* What the gain is over: the design that was given, which may be beyond the limits and no candidate, else the first
   family. */
static testudo_status create_first(const portfolio_search *s, testudo_design **first, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  if (s->request->start == NULL)
    return create_design(s, 0, first, error);
  TESTUDO_I_TRY(testudo_design_orders(s->request->start, &orders, error));
  return testudo_i_search_design(&orders, s->request->parts, s->options->seed, start_name, first, error);
}

/* Its entry; -1: it has none. */
static int32_t first_entry(const portfolio_search *s)
{
  int32_t first = 0;
  if (s->request->start == NULL)
    return 0;
  while (first < s->portfolio->entries && strcmp(s->portfolio->entry[first].name, start_name) != 0)
    first++;
  return first < s->portfolio->entries ? first : -1;
}

/* On trials that chose nothing. */
static testudo_status measure_again(portfolio_search *s, const testudo_design *better, testudo_error *error)
{
  testudo_search_result *result = s->result;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *first = NULL;
  testudo_i_comparison comparison;
  testudo_i_goal goal = s->steps.goal;
  goal.first = FRESH_FROM;
  goal.trials = FRESH_TRIALS;
  TESTUDO_I_TRY(create_first(s, &first, error));
  TESTUDO_I_TRY(testudo_i_goal_compare(&goal, first, better, &comparison, error));
  result->before = comparison.before.value;
  result->after = comparison.after.value;
  result->before_stderr = testudo_i_measure_noise(&comparison.before);
  result->after_stderr = testudo_i_measure_noise(&comparison.after);
  result->gain_stderr = comparison.before.exact && comparison.after.exact ? 0.0 : comparison.spread;
  return TESTUDO_OK;
}

/* Stopped before: what is known of the best. */
static void take_measured(portfolio_search *s)
{
  const testudo_portfolio *portfolio = s->portfolio;
  if (portfolio->entries == 0)
    return;
  const testudo_portfolio_entry *best = &portfolio->entry[portfolio->best];
  int32_t first = first_entry(s);
  if (first >= 0) {
    s->result->before = portfolio->entry[first].value;
    s->result->before_stderr = portfolio->entry[first].exact ? 0.0 : portfolio->entry[first].spread;
  }
  s->result->after = best->value;
  s->result->after_stderr = best->exact ? 0.0 : best->spread;
}

static testudo_status find_bound(const portfolio_search *s, const testudo_design *better, testudo_error *error)
{
  const testudo_i_goal goal = slots_goal(s);
  return testudo_i_portfolio_bound(s->request, &goal, better, s->options->seed, s->result, error);
}

static testudo_status take_best(portfolio_search *s, testudo_design **better, testudo_error *error)
{
  testudo_search_result *result = s->result;
  take_measured(s);
  testudo_status status = create_design(s, s->portfolio->best, better, error);
  if (status == TESTUDO_OK && !s->watch.stopped && !s->request->quick)
    status = measure_again(s, *better, error);
  if (status == TESTUDO_OK && !s->watch.stopped && !s->request->quick)
    status = find_bound(s, *better, error);
  if (s->watch.stopped && status == TESTUDO_INTERRUPTED)
    status = TESTUDO_OK;
  snprintf(result->method, sizeof result->method, "%s", s->pool.item[s->portfolio->best].name);
  testudo_i_search_mend_bound(result);
  bool reached = result->after_stderr == 0.0 && isfinite(result->after) &&
                 result->after <= result->bound * (1.0 + 1e-9);
  result->answer = reached ? TESTUDO_OPTIMAL : TESTUDO_FEASIBLE;
  if (isnan(result->after)) /* stopped before anything was measured: a design, but nothing is known of it */
    result->answer = TESTUDO_UNDECIDED;
  return status;
}

testudo_status testudo_optimize_portfolio(const testudo_portfolio_request *request,
                                          const testudo_search_options *options, testudo_design **better,
                                          testudo_portfolio *portfolio, testudo_search_result *result,
                                          testudo_error *error)
{
  *better = NULL;
  *portfolio = (testudo_portfolio){0};
  *result = (testudo_search_result){.answer = TESTUDO_UNDECIDED, .before = NAN, .after = NAN, .bound = NAN};
  testudo_portfolio_request families = *request;
  if (request->load > 0)
    families.replication = (int32_t)request->load;
  if (request->load > 0 && request->most_copies > 0 && request->most_copies < families.replication)
    families.replication = request->most_copies;
  portfolio_search s = {.request = &families, .options = options, .result = result, .portfolio = portfolio};
  testudo_i_search_watch_start(&s.watch, options->monitor, -1.0, -1.0, NAN, NAN);
  s.steps = (testudo_i_steps){.request = &families, .seed = options->seed,
                              .tries = options->tries > 0 ? options->tries : DEFAULT_TRIES};
  s.steps.goal = (testudo_i_goal){.objective = request->objective, .model = request->model,
                                  .report = TESTUDO_REPORT_CHUNK, .max_states = request->max_states,
                                  .trials = STEP_TRIALS, .stream = options->seed, .first = STEP_FROM,
                                  .threads = options->threads, .monitor = &s.watch.plain};
  TESTUDO_I_TRY(check_request(&families, error));
  TESTUDO_I_TRY(testudo_i_goal_check(&s.steps.goal, request->workers, error));
  testudo_status status = try_all_candidates(&s, error);
  if (s.watch.stopped && status == TESTUDO_INTERRUPTED && s.pool.count > 0)
    status = TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = take_best(&s, better, error);
  result->stopped = s.watch.stopped;
  if (status != TESTUDO_OK) {
    testudo_design_free(*better);
    *better = NULL;
    testudo_portfolio_free(portfolio);
  }
  testudo_i_arena_clear(&s.steps.arena);
  testudo_i_pool_free(&s.pool);
  return status;
}
