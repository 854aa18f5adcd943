/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds of annealing: many shapes and starts on few trials, then fewer on more. */
#include "optimize/slots/search.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "optimize/local/local.h"
#include "optimize/search/anneal.h"
#include "optimize/search/restart.h"
#include "optimize/slots/mix.h"

/* Groups that are tried, tables of all rounds, and what is handed on. */
enum { LEAST_GROUP = 2, MOST_GROUP = 12, MOST_TABLES = 128 };

typedef struct round_plan {
  double draws;       /* workers' iterations in the sample */
  int64_t moves;      /* of a table of MOVES_SLOTS slots to choose from; of more in proportion */
  double hot, cold;   /* of the value */
  int32_t runs;       /* from each table; 0: as many as the tries that were asked for */
  int32_t kept, each; /* tables that go on, and of one shape */
} round_plan;

/* In the second shapes are chosen; in the third tables are found: many short runs, for each is caught in the first good
   valley that it comes into; the fourth chooses among them on trials that none has seen, for by their own the best
   would be those that fit them by chance; in the next two they unlearn the chances of their sample. The last two are
   for loads that differ: tables of a place more or less than the best ones, and these themselves. */
static const round_plan rounds[] = {
    {8e3, 0, 0, 0, 1, 40, 1},
    {16e3, 15000, 5e-3, 1e-3, 1, 7, 1},
    {16e3, 80000, 5e-3, 1e-3, 0, MOST_TABLES, MOST_TABLES},
    {128e3, 0, 0, 0, 1, 9, 2},
    {64e3, 40000, 1.5e-3, 2e-4, 1, 9, 2},
    {256e3, 10000, 3e-4, 3e-5, 1, 9, 9},
    {64e3, 40000, 1.5e-3, 2e-4, 1, MOST_TABLES, MOST_TABLES},
    {256e3, 10000, 3e-4, 3e-5, 1, MOST_TABLES, MOST_TABLES},
};

enum { ROUNDS = sizeof rounds / sizeof *rounds, UNEVEN_ROUND = ROUNDS - 2, RUNS = 3, MOVES_SLOTS = 48 };

#define HOTTER 4.0

/* A worker holds so many chunks more or fewer, where loads may differ. */
enum { MOST_SPREAD = 2 };

typedef struct slots_search {
  const testudo_i_goal *goal;
  const testudo_i_slot_request *request;
  testudo_i_search_watch *watch;
  testudo_search_options options;
  testudo_i_arena arena;       /* of the tables */
  testudo_i_arena stage;       /* of a round */
  testudo_i_slot_sample sample;
  testudo_i_slot_aim aim;
  const round_plan *plan;
  testudo_i_slot_table *table; /* MOST_TABLES of them */
  testudo_i_slot_table *begun; /* those that the round began with */
  int32_t tables, single;      /* single: before each was copied for its runs */
  int32_t rounds;              /* that are made */
  double effort;
  int64_t moves;
} slots_search;

bool testudo_i_slots_apply(const testudo_i_goal *goal, const testudo_i_slot_request *request)
{
  return goal->objective.kind != TESTUDO_OBJECTIVE_MSE && request->workers >= LEAST_GROUP &&
         request->chunks <= TESTUDO_I_SLOT_CHUNKS && request->places > request->chunks &&
         request->places >= request->chunks * request->least;
}

/* ---- shapes ---- */

static testudo_status make_room(slots_search *search, testudo_i_slot_table *table, const testudo_i_slot_shape *shape,
                                testudo_error *error)
{
  *table = (testudo_i_slot_table){.shape = *shape, .value = HUGE_VAL};
  table->slot = testudo_i_arena_alloc(&search->arena, (size_t)shape->places, sizeof *table->slot);
  table->law = testudo_i_arena_alloc(&search->arena, TESTUDO_I_SLOT_POINTS, sizeof *table->law);
  return testudo_i_arena_check(&search->arena, error);
}

static testudo_status add_table(slots_search *search, const testudo_i_slot_shape *shape, int32_t start,
                                testudo_error *error)
{
  testudo_i_slot_table *added = &search->table[search->tables];
  if (search->tables == MOST_TABLES)
    return TESTUDO_OK;
  TESTUDO_I_TRY(make_room(search, added, shape, error));
  TESTUDO_I_TRY(testudo_i_slot_start(shape, start, added->slot, error));
  search->tables++;
  return TESTUDO_OK;
}

static testudo_status add_shape(slots_search *search, int32_t group, testudo_pairing pairing, int32_t twins,
                                testudo_error *error)
{
  const testudo_i_slot_request *r = search->request;
  int32_t partners = group / twins, most = r->most / twins;
  testudo_i_slot_shape shape = {.workers = r->workers, .group = group, .chunks = r->chunks, .parts = r->parts,
                                .places = r->places / twins, .twins = twins, .pairing = pairing};
  shape.least = (r->least + twins - 1) / twins;
  shape.most = most < partners ? most : partners;
  if (shape.places > shape.most * r->chunks)
    shape.places = shape.most * r->chunks;
  if (partners < 2 || shape.least > shape.most || shape.places < shape.least * r->chunks)
    return TESTUDO_OK;
  for (int32_t start = 0; start < TESTUDO_I_SLOT_STARTS; start++)
    if (testudo_i_slot_has_start(&shape, start))
      TESTUDO_I_TRY(add_table(search, &shape, start, error));
  return TESTUDO_OK;
}

/* Groups that do not fill the workers may be mixed with others, if all workers are alike. */
static testudo_status add_shapes(slots_search *search, testudo_error *error)
{
  const testudo_i_slot_request *r = search->request;
  for (int32_t group = LEAST_GROUP; group <= MOST_GROUP && group <= r->workers; group++) {
    if (r->workers % group != 0 && !search->sample.alike)
      continue;
    bool power = (group & (group - 1)) == 0;
    for (int32_t twins = 1; twins <= r->parts; twins += r->parts > 1 ? r->parts - 1 : 1) {
      if (group % twins != 0)
        continue;
      TESTUDO_I_TRY(add_shape(search, group, TESTUDO_PAIRING_ADDED, twins, error));
      if (power && group / twins > 2)
        TESTUDO_I_TRY(add_shape(search, group, TESTUDO_PAIRING_XOR, twins, error));
    }
  }
  return TESTUDO_OK;
}

/* Has every chunk of the table a number of copies that is allowed? */
static bool keeps_copies(const testudo_i_slot_shape *shape, const testudo_slot *slot)
{
  int32_t copies[TESTUDO_I_SLOT_CHUNKS] = {0};
  bool keeps = true;
  for (int32_t k = 0; k < shape->places; k++)
    copies[slot[k].chunk]++;
  for (int32_t q = 0; q < shape->chunks; q++)
    keeps = keeps && copies[q] >= shape->least && copies[q] <= shape->most;
  return keeps;
}

/* The tables of the start's groups, those with more than the mean load or the others. */
static testudo_status add_start(slots_search *search, bool heavy, testudo_error *error)
{
  const testudo_i_slot_request *r = search->request;
  testudo_i_slot_shape shape;
  bool found = true;
  if (r->start == NULL || r->start->chunks != r->workers * r->chunks)
    return TESTUDO_OK;
  testudo_slot *slot = testudo_i_arena_alloc(&search->arena, (size_t)r->start->chunks, sizeof *slot);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  for (int32_t worker = 0; worker < r->workers && found; worker += shape.group) {
    TESTUDO_I_TRY(testudo_i_slot_table_of(r->start, worker, r->chunks, LEAST_GROUP, MOST_GROUP, TESTUDO_PAIRING_BEST,
                                          &shape, slot, &found, error));
    shape.parts = r->parts;
    shape.least = r->least;
    shape.most = r->most < shape.group ? r->most : shape.group;
    bool fits = found && (r->workers % shape.group == 0 || search->sample.alike) &&
                (shape.places > r->places) == heavy && shape.places <= search->sample.places &&
                keeps_copies(&shape, slot);
    for (int32_t k = 0; k < search->tables && fits; k++) {
      const testudo_i_slot_table *there = &search->table[k];
      fits = there->shape.group != shape.group || there->shape.places != shape.places ||
             memcmp(there->slot, slot, (size_t)shape.places * sizeof *slot) != 0;
    }
    if (!fits || search->tables == MOST_TABLES)
      continue;
    testudo_i_slot_table *added = &search->table[search->tables];
    TESTUDO_I_TRY(make_room(search, added, &shape, error));
    memcpy(added->slot, slot, (size_t)shape.places * sizeof *slot);
    search->tables++;
  }
  return TESTUDO_OK;
}

/* ---- one table in one round ---- */

typedef struct table_walk {
  testudo_i_slot_state state;
  testudo_i_slot_table *table;   /* the best so far */
  double next;                   /* the value of the move */
} table_walk;

static double propose_move(void *problem, testudo_i_draws *draws, double limit)
{
  table_walk *walk = problem;
  if (!testudo_i_slot_state_move(&walk->state, draws))
    return NAN;
  walk->next = testudo_i_slot_state_try(&walk->state, limit);
  return walk->next;
}

static void keep_move(void *problem)
{
  table_walk *walk = problem;
  testudo_i_slot_state_accept(&walk->state, walk->next);
}

static void undo_move(void *problem)
{
  table_walk *walk = problem;
  testudo_i_slot_state_undo(&walk->state);
}

static void save_table(void *problem)
{
  const table_walk *walk = problem;
  memcpy(walk->table->slot, walk->state.slot, (size_t)walk->state.shape.places * sizeof *walk->state.slot);
}

/* Heat is in units of the value at the start; every other run from a table is hotter, for where blocks have few chunks
   each of them weighs more. */
static void walk_table(const slots_search *search, table_walk *walk, testudo_i_try *one)
{
  const round_plan *plan = search->plan;
  double heat = one->number / search->single % 2 == 1 ? HOTTER : 1;
  const testudo_i_slot_shape *shape = &walk->state.shape;
  double slots = (double)testudo_i_slot_partners(shape) * shape->chunks;
  testudo_i_draws draws = testudo_i_draws_start(&one->random);
  double value = walk->state.value;
  const testudo_i_annealing annealing = {
      .problem = walk, .propose = propose_move, .keep = keep_move, .undo = undo_move, .save = save_table,
      .limit_first = true, .hot = heat * plan->hot * value, .cold = heat * plan->cold * value,
      .moves = (int64_t)(search->effort * (double)plan->moves * slots / MOVES_SLOTS),
      .target = -HUGE_VAL, .stopped = testudo_i_try_stopped, .context = one};
  one->value = testudo_i_anneal_run(&annealing, value, &draws, &one->moves);
}

/* What the table is worth by itself, for mixtures; the state may have gone on from it. */
static void note_law(table_walk *walk, bool moved)
{
  testudo_i_slot_table *table = walk->table;
  if (moved)
    testudo_i_slot_state_start(&walk->state, table->slot);
  memcpy(table->law, walk->state.law, TESTUDO_I_SLOT_POINTS * sizeof *table->law);
  table->grid = walk->state.grid;
  table->value = walk->state.value;
}

static testudo_status run_table(void *context, testudo_i_try *one)
{
  slots_search *search = context;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  table_walk walk = {.table = &search->table[one->number]};
  TESTUDO_I_TRY(testudo_i_slot_state_make(&walk.state, &arena, &walk.table->shape, &search->sample, &search->aim,
                                          one->error));
  testudo_i_slot_state_start(&walk.state, walk.table->slot);
  walk_table(search, &walk, one);
  note_law(&walk, one->moves > 0);
  return TESTUDO_OK;
}

/* ---- rounds ---- */

static bool is_same_shape(const testudo_i_slot_shape *a, const testudo_i_slot_shape *b)
{
  return a->group == b->group && a->pairing == b->pairing && a->twins == b->twins;
}

static bool divides(const testudo_i_slot_table *table)
{
  return table->shape.workers % table->shape.group == 0;
}

/* Groups that do not fill the workers are of use beside others only: they get no more than half of what is kept, unless
   there are no others. */
static void keep_table(slots_search *search, const testudo_i_slot_table *table, bool others)
{
  int32_t alike = 0, odd = 0;
  for (int32_t k = 0; k < search->tables; k++) {
    alike += is_same_shape(&search->table[k].shape, &table->shape);
    odd += !divides(&search->table[k]);
  }
  bool many = others && !divides(table) && odd >= search->plan->kept / 2;
  if (alike < search->plan->each && search->tables < search->plan->kept && !many)
    search->table[search->tables++] = *table;
}

/* The best ends of the round. After a stop all stay: what was reached has become no worse, and what was not is worth
   what it was. */
static void keep_ends(slots_search *search, const testudo_i_ends *ends)
{
  bool reached[MOST_TABLES] = {false};
  if (search->watch->stopped)
    return;
  memcpy(search->begun, search->table, (size_t)search->tables * sizeof *search->table);
  int32_t begun = search->tables;
  bool others = false;
  for (int32_t k = 0; k < begun; k++)
    others = others || divides(&search->begun[k]);
  search->tables = 0;
  for (int32_t k = 0; k < ends->count; k++) {
    keep_table(search, &search->begun[ends->best[k].number], others);
    reached[ends->best[k].number] = true;
  }
  for (int32_t k = 0; k < begun; k++)
    if (!reached[k])
      keep_table(search, &search->begun[k], others);
}

/* Each table as often as it is to be annealed. */
static testudo_status copy_tables(slots_search *search, testudo_error *error)
{
  int32_t single = search->single = search->tables, runs = search->plan->runs;
  if (runs == 0)
    runs = search->request->tries > 0 ? (int32_t)fmin((double)search->request->tries, MOST_TABLES) : RUNS;
  for (; search->tables < single * runs && search->tables < MOST_TABLES; search->tables++) {
    const testudo_i_slot_table *from = &search->table[search->tables % single];
    testudo_i_slot_table *to = &search->table[search->tables];
    TESTUDO_I_TRY(make_room(search, to, &from->shape, error));
    memcpy(to->slot, from->slot, (size_t)from->shape.places * sizeof *to->slot);
    memcpy(to->law, from->law, TESTUDO_I_SLOT_POINTS * sizeof *to->law);
    to->grid = from->grid;
    to->value = from->value;
  }
  return TESTUDO_OK;
}

/* ---- loads that differ ---- */

static int32_t most_places(const testudo_i_slot_request *request)
{
  return request->most_places > request->places ? request->most_places : request->places;
}

/* One place more or fewer, at the end. False where no chunk can have another copy, or none lose one. */
static bool resize_table(testudo_i_slot_table *table, bool more)
{
  testudo_i_slot_shape *shape = &table->shape;
  int32_t copies[TESTUDO_I_SLOT_CHUNKS] = {0};
  bool used[MOST_GROUP][TESTUDO_I_SLOT_CHUNKS] = {{false}};
  for (int32_t k = 0; k < shape->places; k++) {
    copies[table->slot[k].chunk]++;
    used[table->slot[k].partner][table->slot[k].chunk] = true;
  }
  if (!more) {
    int32_t at = shape->places - 1;
    while (at >= 0 && copies[table->slot[at].chunk] <= shape->least)
      at--;
    shape->places--;
    if (at >= 0)
      memmove(&table->slot[at], &table->slot[at + 1], (size_t)(shape->places - at) * sizeof *table->slot);
    return at >= 0;
  }
  int32_t fewest = 0, partner = 0;
  for (int32_t q = 1; q < shape->chunks; q++)
    fewest = copies[q] < copies[fewest] ? q : fewest;
  while (partner < testudo_i_slot_partners(shape) && used[partner][fewest])
    partner++;
  if (copies[fewest] >= shape->most || partner == testudo_i_slot_partners(shape))
    return false;
  table->slot[shape->places++] = (testudo_slot){partner, fewest};
  return true;
}

/* Of every table that the rounds have left, those of one place more and less, two more and less, .. */
static testudo_status add_loads(slots_search *search, testudo_error *error)
{
  int32_t even = search->tables, limit = most_places(search->request);
  for (int32_t k = 0; k < even; k++)
    for (int32_t way = 0; way < 2; way++) {
      const testudo_i_slot_table *from = &search->table[k];
      for (int32_t spread = 1; spread <= MOST_SPREAD && search->tables < MOST_TABLES; spread++) {
        testudo_i_slot_table *to = &search->table[search->tables];
        testudo_i_slot_shape shape = from->shape;
        shape.places += way == 1;
        if (shape.places * shape.twins > limit)
          break;
        TESTUDO_I_TRY(make_room(search, to, &shape, error));
        to->shape.places = from->shape.places;
        memcpy(to->slot, from->slot, (size_t)from->shape.places * sizeof *to->slot);
        if (!resize_table(to, way == 1))
          break;
        search->tables++;
        from = to;
      }
    }
  return TESTUDO_OK;
}

static testudo_status run_round(slots_search *search, int32_t round, testudo_error *error)
{
  const testudo_i_slot_request *r = search->request;
  testudo_i_search_watch *watch = search->watch;
  testudo_i_ends ends;
  search->plan = &rounds[round];
  testudo_i_arena_clear(&search->stage);
  TESTUDO_I_TRY(testudo_i_slot_sample_make(&search->sample, &search->stage, search->goal, r->workers, r->chunks,
                                           most_places(r), TESTUDO_I_TRIALS_SLOTS + ((int64_t)round << 32),
                                           search->plan->draws, error));
  if (search->aim.kind == TESTUDO_OBJECTIVE_DEADLINE)
    search->aim.at = fmax(testudo_i_progress_deadline(search->goal, r->parts), DBL_MIN) / search->sample.unit;
  if (round == 0) {
    TESTUDO_I_TRY(add_start(search, false, error));
    TESTUDO_I_TRY(add_shapes(search, error));
  }
  if (round == UNEVEN_ROUND) {
    TESTUDO_I_TRY(add_loads(search, error));
    TESTUDO_I_TRY(add_start(search, true, error));
  }
  TESTUDO_I_TRY(copy_tables(search, error));
  if (search->tables == 0)
    return TESTUDO_OK;
  double whole = watch->to - watch->from;
  const testudo_i_restarts restarts = {
      .options = &search->options, .tries = search->tables, .stream = TESTUDO_I_STREAM_SLOTS + round, .run = run_table,
      .context = search, .keep = search->tables, .target = -HUGE_VAL,
      .from = watch->from < 0 ? -1 : watch->from + whole * round / search->rounds,
      .to = watch->from < 0 ? -1 : watch->from + whole * (round + 1) / search->rounds, .best = watch->best,
      .bound = watch->bound};
  TESTUDO_I_TRY(testudo_i_restarts_run(&restarts, &search->stage, &ends, error));
  search->moves += ends.moves;
  watch->stopped = watch->stopped || ends.stopped;
  keep_ends(search, &ends);
  return TESTUDO_OK;
}

void testudo_i_slot_designs_free(testudo_i_slot_designs *designs)
{
  for (int32_t k = 0; k < designs->count; k++)
    testudo_assignment_free(&designs->orders[k]);
  designs->count = 0;
}

/* What the best tables make up, each by itself or some side by side. One table is found again and again by other
   numbers: designs of it are one. */
static testudo_status make_designs(slots_search *search, testudo_i_slot_designs *designs, testudo_error *error)
{
  testudo_i_slot_mix mix[TESTUDO_I_SLOT_FINALISTS];
  const testudo_i_slot_request *r = search->request;
  for (int32_t k = 0; k < search->tables; k++)
    search->table[k].number = testudo_i_slot_table_number(&search->table[k]);
  int32_t count = testudo_i_slot_mixes(search->table, search->tables, r->workers, r->places, search->sample.alike,
                                       &search->aim, mix, TESTUDO_I_SLOT_FINALISTS);
  for (; designs->count < count; designs->count++) {
    testudo_i_slot_mix_name(&mix[designs->count], designs->name[designs->count]);
    TESTUDO_I_TRY(testudo_i_slot_mix_assign(&mix[designs->count], &designs->orders[designs->count], error));
  }
  return TESTUDO_OK;
}

static testudo_status search_tables(slots_search *search, testudo_i_slot_designs *designs, testudo_error *error)
{
  search->table = testudo_i_arena_alloc(&search->arena, MOST_TABLES, sizeof *search->table);
  search->begun = testudo_i_arena_alloc(&search->arena, MOST_TABLES, sizeof *search->begun);
  TESTUDO_I_TRY(testudo_i_arena_check(&search->arena, error));
  for (int32_t round = 0; round < search->rounds && !search->watch->stopped; round++)
    TESTUDO_I_TRY(run_round(search, round, error));
  return make_designs(search, designs, error);
}

testudo_status testudo_i_slots_search(const testudo_i_goal *goal, const testudo_i_slot_request *request,
                                      testudo_i_search_watch *watch, testudo_i_slot_designs *designs, int64_t *moves,
                                      testudo_error *error)
{
  slots_search search = {.goal = goal, .request = request, .watch = watch,
                         .options = {.seed = request->seed, .threads = goal->threads, .monitor = watch->monitor},
                         .aim = {goal->objective.kind, goal->objective.at},
                         .rounds = most_places(request) > request->places ? ROUNDS : UNEVEN_ROUND,
                         .effort = request->effort > 0 ? request->effort : 1};
  *designs = (testudo_i_slot_designs){.count = 0};
  testudo_status status = search_tables(&search, designs, error);
  *moves += search.moves;
  testudo_i_arena_clear(&search.stage);
  testudo_i_arena_clear(&search.arena);
  return status;
}
