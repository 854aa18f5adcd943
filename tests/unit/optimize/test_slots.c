/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search of tables of slots: its values against completion times worked out chunk by chunk, its moves against
   tables made anew, its answers against all tables of a small case. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/exact.h>
#include <testudo/sample.h>

#include "base/arena.h"
#include "optimize/slots/mix.h"
#include "optimize/slots/search.h"
#include "optimize/slots/state.h"

enum { MOST_PLACES = 128, MOST_CHUNKS = 1024 };

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static testudo_i_goal goal_of(const testudo_delay_model *model)
{
  return (testudo_i_goal){.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = model,
                          .report = TESTUDO_REPORT_CHUNK, .stream = 3, .threads = 1};
}

/* ---- laws on the grid ---- */

static int compare_floats(const void *a, const void *b)
{
  float one = *(const float *)a, other = *(const float *)b;
  return (one > other) - (one < other);
}

/* The mean and the quantile of the latest of `times` draws from a sample, which is sorted. */
static double mean_of_latest(const float *time, int32_t count, double times)
{
  double sum = 0;
  for (int32_t k = 0; k < count; k++)
    sum += (double)time[k] * (pow((k + 1.0) / count, times) - pow((double)k / count, times));
  return sum;
}

static void laws_hold_the_latest_of_groups(void **state)
{
  (void)state;
  enum { COUNT = 4096 };
  static float time[COUNT];
  static uint32_t points[TESTUDO_I_SLOT_POINTS];
  static double law[TESTUDO_I_SLOT_POINTS];
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_i_slot_grid grid = testudo_i_slot_grid_around(1);
  for (int32_t k = 0; k < COUNT; k++)
    time[k] = (float)(0.5 - log(testudo_i_random_uniform(&random)));
  testudo_i_slot_count(&grid, time, COUNT, points);
  testudo_i_slot_law(points, COUNT, law);
  qsort(time, COUNT, sizeof *time, compare_floats);
  const double *laws[2] = {law, law};
  const double many[] = {1, 2, 4, 3.5, 10};
  for (size_t k = 0; k < sizeof many / sizeof *many; k++) {
    const testudo_i_slot_aim mean = {TESTUDO_OBJECTIVE_MEAN, 0}, late = {TESTUDO_OBJECTIVE_QUANTILE, 0.9};
    double wanted = mean_of_latest(time, COUNT, many[k]);
    assert_near(testudo_i_slot_value(&grid, &mean, laws, &many[k], 1), wanted, 1e-4 * wanted);
    double half[2] = {many[k] / 4, 3 * many[k] / 4};
    assert_near(testudo_i_slot_value(&grid, &mean, laws, half, 2), wanted, 1e-4 * wanted);
    double at = (double)time[(int32_t)ceil(pow(0.9, 1 / many[k]) * COUNT) - 1];
    assert_near(testudo_i_slot_value(&grid, &late, laws, &many[k], 1), at, 0.012 * at);
    const testudo_i_slot_aim deadline = {TESTUDO_OBJECTIVE_DEADLINE, at};
    assert_near(testudo_i_slot_value(&grid, &deadline, laws, &many[k], 1), 0.1, 0.01);
  }
}

static void what_never_ends_comes_before_all_else(void **state)
{
  (void)state;
  static uint32_t points[TESTUDO_I_SLOT_POINTS];
  static double ends[TESTUDO_I_SLOT_POINTS], may[TESTUDO_I_SLOT_POINTS];
  const double *slow = ends, *dead = may, times = 4;
  const testudo_i_slot_aim mean = {TESTUDO_OBJECTIVE_MEAN, 0};
  testudo_i_slot_grid grid = testudo_i_slot_grid_around(1);
  const float late[4] = {9, 9, 9, 9}, early[4] = {1, 1, 1, HUGE_VALF};
  testudo_i_slot_count(&grid, late, 4, points);
  testudo_i_slot_law(points, 4, ends);
  memset(points, 0, sizeof points);
  testudo_i_slot_count(&grid, early, 4, points);
  testudo_i_slot_law(points, 4, may);
  assert_near(testudo_i_slot_value(&grid, &mean, &slow, &times, 1), 9, 1e-3);
  assert_true(testudo_i_slot_value(&grid, &mean, &dead, &times, 1) > 100);
  const testudo_i_slot_aim soon = {TESTUDO_OBJECTIVE_DEADLINE, 5}, long_after = {TESTUDO_OBJECTIVE_DEADLINE, 50};
  assert_near(testudo_i_slot_value(&grid, &soon, &dead, &times, 1), 1 - pow(0.75, 4), 1e-5);
  assert_near(testudo_i_slot_value(&grid, &soon, &slow, &times, 1), 1, 1e-5);
  assert_near(testudo_i_slot_value(&grid, &long_after, &dead, &times, 1), 1 - pow(0.75, 4), 1e-5);
  assert_near(testudo_i_slot_value(&grid, &long_after, &slow, &times, 1), 0, 1e-5);
}

/* ---- tables ---- */

static int compare_doubles(const void *a, const void *b)
{
  double one = *(const double *)a, other = *(const double *)b;
  return (one > other) - (one < other);
}

/* When the assignment is done in a trial of the sample, base being the first worker whose times are looked at. */
static double completion(const testudo_assignment *a, const testudo_i_slot_sample *sample, int32_t base, int32_t parts,
                         int64_t trial)
{
  double latest = 0;
  for (int32_t i = 0; i < a->chunks; i++) {
    double done[MOST_PLACES];
    size_t copies = 0;
    for (int32_t j = 0; j < a->workers; j++)
      for (int64_t e = a->row[j]; e < a->row[j + 1]; e++)
        if (a->chunk[e] == i) {
          float factor;
          const float *row = testudo_i_slot_sample_row(sample, base + j, (int32_t)(e - a->row[j]), 0, &factor);
          done[copies++] = (double)(factor * row[trial]);
        }
    qsort(done, copies, sizeof *done, compare_doubles);
    latest = fmax(latest, done[parts - 1]);
  }
  return latest;
}

/* One group of the table as an assignment. */
static void lay_out(const testudo_i_slot_shape *shape, testudo_slot *slot, testudo_assignment *a)
{
  testudo_i_slot_shape one = *shape;
  one.workers = shape->group;
  testudo_i_slot_table table = {.shape = one, .slot = slot};
  testudo_i_slot_mix mix = {.kinds = 1, .table = {&table}, .count = {1}};
  assert_ok(testudo_i_slot_mix_assign(&mix, a, NULL));
}

static double value_of(const testudo_i_slot_state *state)
{
  const testudo_i_slot_shape *shape = &state->shape;
  const testudo_i_slot_sample *sample = state->sample;
  testudo_assignment a;
  int64_t trials = sample->times.trials;
  int32_t count = 0;
  float *time = malloc((size_t)(trials * state->groups) * sizeof *time);
  lay_out(shape, state->slot, &a);
  for (int64_t r = 0; r < trials; r++)
    for (int32_t g = 0; g < state->groups; g++)
      time[count++] = (float)completion(&a, sample, g * shape->group, shape->parts, r);
  for (int64_t r = 0; !sample->alike && r < trials; r++) {
    float latest = 0;
    for (int32_t g = 0; g < state->groups; g++)
      latest = fmaxf(latest, time[r * state->groups + g]);
    time[r] = latest;
  }
  count = sample->alike ? count : (int32_t)trials;
  qsort(time, (size_t)count, sizeof *time, compare_floats);
  double value = mean_of_latest(time, count, sample->alike ? (double)shape->workers / shape->group : 1);
  free(time);
  testudo_assignment_free(&a);
  return value;
}

typedef struct shape_case {
  const char *law;
  testudo_structure structure;
  bool rates;                /* workers are not alike */
  testudo_i_slot_shape shape;
} shape_case;

static const double uneven_rates[8] = {1, 1, 2, 1, 1, 0.5, 1, 1};

/* Shapes with and without twins, sizes that divide the workers and one that does not, one and more parts. */
static const shape_case cases[] = {
    {"exp:1", TESTUDO_STRUCTURE_SCALED, false,
     {.workers = 12, .group = 4, .chunks = 3, .places = 9, .parts = 1, .least = 1, .most = 4, .twins = 1,
      .pairing = TESTUDO_PAIRING_XOR}},
    {"pareto:1,1.5", TESTUDO_STRUCTURE_SCALED, false,
     {.workers = 13, .group = 5, .chunks = 4, .places = 10, .parts = 1, .least = 2, .most = 3, .twins = 1,
      .pairing = TESTUDO_PAIRING_ADDED}},
    {"gamma:2,1", TESTUDO_STRUCTURE_ADDITIVE, false,
     {.workers = 8, .group = 4, .chunks = 3, .places = 9, .parts = 2, .least = 2, .most = 4, .twins = 1,
      .pairing = TESTUDO_PAIRING_ADDED}},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, false,
     {.workers = 12, .group = 6, .chunks = 2, .places = 4, .parts = 2, .least = 1, .most = 3, .twins = 2,
      .pairing = TESTUDO_PAIRING_ADDED}},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, true,
     {.workers = 8, .group = 4, .chunks = 2, .places = 7, .parts = 3, .least = 3, .most = 4, .twins = 1,
      .pairing = TESTUDO_PAIRING_XOR}},
};

static void check_copies(const testudo_i_slot_shape *shape, const testudo_slot *slot)
{
  int32_t copies[MOST_CHUNKS] = {0};
  for (int32_t k = 0; k < shape->places; k++) {
    assert_in_range(slot[k].chunk, 0, shape->chunks - 1);
    assert_in_range(slot[k].partner, 0, testudo_i_slot_partners(shape) - 1);
    copies[slot[k].chunk]++;
    for (int32_t h = 0; h < k; h++)
      assert_false(slot[h].chunk == slot[k].chunk && slot[h].partner == slot[k].partner);
  }
  for (int32_t q = 0; q < shape->chunks; q++)
    assert_in_range(copies[q], shape->least, shape->most);
}

/* Moves are taken and put back; now and then the value is that of a table that is begun anew, and that of the
   completion times. */
static void walk_along(testudo_i_slot_state *walk, testudo_i_slot_state *anew)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 1, 0);
  testudo_i_draws draws = testudo_i_draws_start(&random);
  for (int k = 0; k < 300; k++) {
    if (!testudo_i_slot_state_move(walk, &draws))
      continue;
    double value = testudo_i_slot_state_try(walk, HUGE_VAL);
    if (k % 3 == 0)
      testudo_i_slot_state_undo(walk);
    else
      testudo_i_slot_state_accept(walk, value);
    check_copies(&walk->shape, walk->slot);
    testudo_i_slot_state_start(anew, walk->slot);
    assert_float_equal(anew->value, walk->value, 0);
    if (k % 60 == 0)
      assert_near(value_of(walk), walk->value, 2e-4 * walk->value);
  }
}

static void a_table_is_worth_its_completion_times(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    for (int32_t start = 0; start < TESTUDO_I_SLOT_STARTS - 1; start++) {
      const testudo_i_slot_shape *shape = &cases[k].shape;
      testudo_law *law = law_of(cases[k].law);
      testudo_delay_model model = {.law = law, .structure = cases[k].structure};
      if (cases[k].rates) {
        model.rates = uneven_rates;
        model.workers = 8;
      }
      const testudo_i_goal goal = goal_of(&model);
      const testudo_i_slot_aim aim = {TESTUDO_OBJECTIVE_MEAN, 0};
      testudo_i_arena arena = {0};
      testudo_i_slot_sample sample;
      testudo_i_slot_state walk, anew;
      testudo_slot slot[MOST_PLACES];
      assert_ok(testudo_i_slot_sample_make(&sample, &arena, &goal, shape->workers, shape->chunks,
                                           shape->places * shape->twins, 0, 3000, NULL));
      assert_true(sample.alike == !cases[k].rates);
      assert_ok(testudo_i_slot_state_make(&walk, &arena, shape, &sample, &aim, NULL));
      assert_ok(testudo_i_slot_state_make(&anew, &arena, shape, &sample, &aim, NULL));
      assert_ok(testudo_i_slot_start(shape, start, slot, NULL));
      check_copies(shape, slot);
      testudo_i_slot_state_start(&walk, slot);
      walk_along(&walk, &anew);
      testudo_i_arena_clear(&arena);
      testudo_law_free(law);
    }
}

/* An evaluation that ends early ends above the limit. */
static void what_is_far_above_the_limit_is_not_measured_to_the_end(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  const testudo_i_goal goal = goal_of(&model);
  const testudo_i_slot_aim aim = {TESTUDO_OBJECTIVE_MEAN, 0};
  const testudo_i_slot_shape *shape = &cases[0].shape;
  testudo_i_arena arena = {0};
  testudo_i_slot_sample sample;
  testudo_i_slot_state walk;
  testudo_slot slot[MOST_PLACES];
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 2, 0);
  testudo_i_draws draws = testudo_i_draws_start(&random);
  assert_ok(testudo_i_slot_sample_make(&sample, &arena, &goal, 12, 3, 9, 0, 40000, NULL));
  assert_ok(testudo_i_slot_state_make(&walk, &arena, shape, &sample, &aim, NULL));
  assert_ok(testudo_i_slot_start(shape, 0, slot, NULL));
  testudo_i_slot_state_start(&walk, slot);
  int early = 0, wrong = 0;
  for (int k = 0; k < 400; k++) {
    if (!testudo_i_slot_state_move(&walk, &draws))
      continue;
    double short_of = testudo_i_slot_state_try(&walk, walk.value);
    if (short_of == HUGE_VAL) {
      early++;
      wrong += testudo_i_slot_state_try(&walk, HUGE_VAL) < walk.value;
    }
    testudo_i_slot_state_undo(&walk);
  }
  assert_true(early > 100);
  assert_true(wrong <= early / 50);
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
}

/* ---- mixtures ---- */

static void mixtures_are_the_designs_that_they_say(void **state)
{
  (void)state;
  enum { CHUNKS = 4, PLACES = 10 };
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  const testudo_i_goal goal = goal_of(&model);
  const testudo_i_slot_aim aim = {TESTUDO_OBJECTIVE_MEAN, 0};
  testudo_i_arena arena = {0};
  testudo_i_slot_sample sample;
  testudo_i_slot_table table[2];
  testudo_slot slot[2][PLACES];
  double laws[2][TESTUDO_I_SLOT_POINTS];
  assert_ok(testudo_i_slot_sample_make(&sample, &arena, &goal, 13, CHUNKS, PLACES, 0, 200000, NULL));
  for (int k = 0; k < 2; k++) {
    testudo_i_slot_state one;
    const testudo_i_slot_shape shape = {.workers = 13, .group = 3 + 2 * k, .chunks = CHUNKS, .places = PLACES,
                                        .parts = 1, .least = 1, .most = 3 + 2 * k, .twins = 1,
                                        .pairing = TESTUDO_PAIRING_ADDED};
    assert_ok(testudo_i_slot_start(&shape, 0, slot[k], NULL));
    assert_ok(testudo_i_slot_state_make(&one, &arena, &shape, &sample, &aim, NULL));
    testudo_i_slot_state_start(&one, slot[k]);
    memcpy(laws[k], one.law, sizeof laws[k]);
    table[k] = (testudo_i_slot_table){.shape = shape, .slot = slot[k], .law = laws[k], .grid = one.grid,
                                      .value = one.value};
    table[k].number = testudo_i_slot_table_number(&table[k]);
  }
  testudo_i_slot_mix mix[4];
  char name[80];
  assert_int_equal(testudo_i_slot_mixes(table, 2, 13, PLACES, false, &aim, mix, 4), 0);
  assert_int_equal(testudo_i_slot_mixes(table, 2, 13, PLACES, true, &aim, mix, 4), 1);
  assert_int_equal(mix[0].count[0], 2); /* of five, and one of three */
  assert_int_equal(mix[0].count[1], 1);
  testudo_i_slot_mix_name(&mix[0], name);
  assert_string_equal(name, "2 groups of 5 and 1 of 3, 4 chunks a share, searched slots");
  testudo_assignment a;
  testudo_design *design;
  testudo_simulation *simulation;
  assert_ok(testudo_i_slot_mix_assign(&mix[0], &a, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &a, 1, 1, "", &design, NULL));
  const testudo_simulation_options options = {.report = TESTUDO_REPORT_CHUNK, .trials = 100000, .seed = 8, .dim = 1};
  assert_ok(testudo_simulate(design, &model, &options, &simulation, NULL));
  /* Six standard errors, and what the sample itself is off by. */
  assert_near(mix[0].value * sample.unit, simulation->mean, 6 * simulation->stderr_mean + 4e-3);
  testudo_simulation_free(simulation);
  testudo_design_free(design);
  testudo_assignment_free(&a);
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
}

/* Tables of groups of 2, 3 and 5 with 8 to 10 places each, of laws that are made up: small groups are slower, and gain
   more from a place. */
enum { SIZES = 3, LOADS = 3, LEAST_PLACES = 8, MIXED = SIZES * LOADS, MIXED_WORKERS = 19 };

typedef struct mixed_tables {
  testudo_i_slot_table table[MIXED];
  testudo_slot slot[MIXED][LEAST_PLACES + LOADS];
  double law[MIXED][TESTUDO_I_SLOT_POINTS];
} mixed_tables;

static void make_tables(mixed_tables *made, const testudo_i_slot_aim *aim)
{
  static const int32_t sizes[SIZES] = {2, 3, 5};
  static const double slow[SIZES] = {1.1, 1.05, 1}, gain[SIZES] = {0.2, 0.15, 0.05};
  const testudo_i_slot_grid grid = testudo_i_slot_grid_around(1);
  for (int32_t k = 0; k < MIXED; k++) {
    const testudo_i_slot_shape shape = {.workers = MIXED_WORKERS, .group = sizes[k / LOADS], .chunks = 5,
                                        .places = LEAST_PLACES + k % LOADS, .parts = 1, .least = 1,
                                        .most = sizes[k / LOADS], .twins = 1, .pairing = TESTUDO_PAIRING_ADDED};
    const double *law = made->law[k], times = (double)MIXED_WORKERS / shape.group;
    double rate = 1 / (slow[k / LOADS] * (1 + gain[k / LOADS] * (1 - k % LOADS)));
    assert_ok(testudo_i_slot_start(&shape, 0, made->slot[k], NULL));
    for (int32_t point = 0; point < TESTUDO_I_SLOT_POINTS; point++)
      made->law[k][point] = -expm1(-pow(rate * testudo_i_slot_grid_point(&grid, point), shape.group));
    made->table[k] = (testudo_i_slot_table){.shape = shape, .slot = made->slot[k], .law = made->law[k], .grid = grid,
                                            .value = testudo_i_slot_value(&grid, aim, &law, &times, 1)};
    made->table[k].number = testudo_i_slot_table_number(&made->table[k]);
  }
}

/* The least value of all ways to make up the workers with at most so many places on average: of at most three tables
   that all have `even` places, or of any. */
static double best_mix(const mixed_tables *made, const testudo_i_slot_aim *aim, int32_t *count, int32_t from,
                       int32_t workers, int32_t places, bool even)
{
  const double *law[MIXED];
  double times[MIXED], best = HUGE_VAL;
  int32_t kinds = 0;
  if (workers == 0 || from == MIXED) {
    for (int32_t k = 0; k < MIXED; k++)
      if (count[k] > 0) {
        law[kinds] = made->law[k];
        times[kinds++] = count[k];
      }
    return workers > 0 || places < 0 || kinds > TESTUDO_I_SLOT_KINDS
               ? HUGE_VAL : testudo_i_slot_value(&made->table[0].grid, aim, law, times, kinds);
  }
  const testudo_i_slot_shape *shape = &made->table[from].shape;
  int32_t most = even && shape->places != LEAST_PLACES + 1 ? 0 : workers / shape->group;
  for (count[from] = 0; count[from] <= most; count[from]++)
    best = fmin(best, best_mix(made, aim, count, from + 1, workers - count[from] * shape->group,
                               places - count[from] * shape->group * shape->places, even));
  count[from] = 0;
  return best;
}

static void sizes_and_loads_are_mixed_as_well_as_can_be(void **state)
{
  (void)state;
  enum { MEAN_PLACES = LEAST_PLACES + 1, MOST = 3 };
  static mixed_tables made;
  const testudo_i_slot_aim aims[] = {{TESTUDO_OBJECTIVE_MEAN, 0}, {TESTUDO_OBJECTIVE_QUANTILE, 0.9}};
  for (size_t k = 0; k < sizeof aims / sizeof *aims; k++) {
    make_tables(&made, &aims[k]);
    int32_t count[MIXED] = {0}, entries = 0, workers = 0;
    testudo_i_slot_mix mix[MOST];
    char name[80];
    double even = best_mix(&made, &aims[k], count, 0, MIXED_WORKERS, MEAN_PLACES * MIXED_WORKERS, true);
    double best = best_mix(&made, &aims[k], count, 0, MIXED_WORKERS, MEAN_PLACES * MIXED_WORKERS, false);
    testudo_i_slot_table alone[SIZES];
    for (int32_t size = 0; size < SIZES; size++)
      alone[size] = made.table[size * LOADS + 1];
    assert_true(testudo_i_slot_mixes(alone, SIZES, MIXED_WORKERS, MEAN_PLACES, true, &aims[k], mix, MOST) > 1);
    assert_near(mix[0].value, even, 1e-12 * even);
    testudo_i_slot_mix_name(&mix[0], name);
    assert_null(strstr(name, "places"));
    assert_true(testudo_i_slot_mixes(made.table, MIXED, MIXED_WORKERS, MEAN_PLACES, true, &aims[k], mix, MOST) > 1);
    assert_true(mix[0].value < even * (1 - 1e-4));
    assert_near(mix[0].value, best, 1e-12 * best);
    testudo_i_slot_mix_name(&mix[0], name);
    assert_non_null(strstr(name, "places, 5 a share, searched slots"));
    testudo_assignment a;
    assert_ok(testudo_i_slot_mix_assign(&mix[0], &a, NULL));
    for (int32_t kind = 0; kind < mix[0].kinds; kind++) {
      workers += mix[0].count[kind] * mix[0].table[kind]->shape.group;
      entries += mix[0].count[kind] * mix[0].table[kind]->shape.group * mix[0].table[kind]->shape.places;
    }
    assert_int_equal(workers, MIXED_WORKERS);
    assert_int_equal(entries, a.row[MIXED_WORKERS]);
    assert_true(entries <= MEAN_PLACES * MIXED_WORKERS);
    testudo_assignment_free(&a);
  }
}

/* Tables read back from assignments that were laid out by them: added and xor, groups of several sizes and loads; and
   none of an order that is no table. */
static void tables_are_found_again(void **state)
{
  (void)state;
  enum { CHUNKS = 3, MOST = 8 };
  static const struct { int32_t group, places; testudo_pairing pairing; } of[] = {
      {4, 9, TESTUDO_PAIRING_XOR}, {5, 8, TESTUDO_PAIRING_ADDED}, {2, 6, TESTUDO_PAIRING_ADDED},
      {8, 11, TESTUDO_PAIRING_XOR}};
  testudo_i_slot_table table[4];
  testudo_slot slot[4][MOST_PLACES], read[CHUNKS * 100];
  testudo_i_slot_mix mix = {.kinds = 4, .count = {2, 1, 3, 1}};
  int32_t workers = 0;
  for (int k = 0; k < 4; k++)
    workers += mix.count[k] * of[k].group;
  for (int k = 0; k < 4; k++) {
    const testudo_i_slot_shape shape = {.workers = workers, .group = of[k].group, .chunks = CHUNKS, .parts = 1,
                                        .places = of[k].places, .least = 1, .most = of[k].group, .twins = 1,
                                        .pairing = of[k].pairing};
    assert_ok(testudo_i_slot_start(&shape, 0, slot[k], NULL));
    table[k] = (testudo_i_slot_table){.shape = shape, .slot = slot[k]};
    mix.table[k] = &table[k];
  }
  testudo_assignment a;
  testudo_i_slot_shape shape;
  bool found;
  assert_ok(testudo_i_slot_mix_assign(&mix, &a, NULL));
  int32_t worker = 0;
  for (int k = 0; k < 4; k++)
    for (int32_t count = 0; count < mix.count[k]; count++) {
      assert_ok(testudo_i_slot_table_of(&a, worker, CHUNKS, 2, MOST, TESTUDO_PAIRING_BEST, &shape, read, &found, NULL));
      assert_true(found);
      assert_int_equal(shape.group, of[k].group);
      assert_int_equal(shape.places, of[k].places);
      assert_int_equal(shape.workers, workers);
      assert_memory_equal(read, slot[k], (size_t)of[k].places * sizeof *read);
      worker += of[k].group;
    }
  assert_int_equal(worker, workers);
  assert_ok(testudo_i_slot_table_of(&a, 0, CHUNKS, 2, 3, TESTUDO_PAIRING_BEST, &shape, read, &found, NULL));
  assert_false(found); /* its groups are larger */
  int32_t first = a.chunk[0];
  a.chunk[0] = a.chunk[1];
  a.chunk[1] = first;
  assert_ok(testudo_i_slot_table_of(&a, 0, CHUNKS, 2, MOST, TESTUDO_PAIRING_BEST, &shape, read, &found, NULL));
  assert_false(found);
  testudo_assignment_free(&a);
}

static void mixtures_are_named_by_their_sizes(void **state)
{
  (void)state;
  testudo_i_slot_table table[4];
  static const int32_t sizes[4] = {6, 6, 5, 4}, places[4] = {31, 32, 33, 32};
  for (int k = 0; k < 4; k++)
    table[k] = (testudo_i_slot_table){.shape = {.group = sizes[k], .chunks = 8, .places = places[k], .twins = 1}};
  const struct { testudo_i_slot_mix mix; const char *name; } named[] = {
      {{.kinds = 1, .table = {&table[1]}, .count = {4}}, "groups of 6, 8 chunks a share, searched slots"},
      {{.kinds = 2, .table = {&table[0], &table[1]}, .count = {2, 2}},
       "groups of 6, 31 to 32 places, 8 a share, searched slots"},
      {{.kinds = 2, .table = {&table[1], &table[3]}, .count = {1, 2}},
       "1 group of 6 and 2 of 4, 8 chunks a share, searched slots"},
      {{.kinds = 4, .table = {&table[0], &table[2], &table[1], &table[3]}, .count = {2, 2, 1, 1}},
       "3 groups of 6, 2 of 5 and 1 of 4, 31 to 33 places, 8 a share, searched slots"},
  };
  for (size_t k = 0; k < sizeof named / sizeof *named; k++) {
    char name[80];
    testudo_i_slot_mix_name(&named[k].mix, name);
    assert_string_equal(name, named[k].name);
  }
}

/* ---- the search ---- */

/* The mean, or P(T > late). */
static double exact_value(const testudo_assignment *a, const testudo_delay_model *model, double late)
{
  testudo_design *design;
  testudo_latency *latency;
  double tail, unused;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, a, 1, 1, "", &design, NULL));
  const testudo_analysis_options options = {.report = TESTUDO_REPORT_CHUNK, .max_states = 1000, .rel_error = 1e-9};
  testudo_summary summary;
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_ok(testudo_latency_tail(latency, late, &tail, &unused, NULL));
  testudo_latency_free(latency);
  testudo_design_free(design);
  assert_true(summary.status == TESTUDO_MEAN_EXACT);
  return late > 0 ? tail : summary.mean;
}

/* All sequences of all slots of pairs with two chunks a share. */
static double best_of_all(const testudo_delay_model *model, double late, double *worst)
{
  const testudo_i_slot_shape shape = {.workers = 4, .group = 2, .chunks = 2, .places = 4, .parts = 1, .least = 2,
                                      .most = 2, .twins = 1, .pairing = TESTUDO_PAIRING_ADDED};
  double best = HUGE_VAL;
  *worst = 0;
  for (int code = 0; code < 256; code++) {
    testudo_slot slot[4];
    int seen = 0;
    for (int k = 0; k < 4; k++) {
      int one = code >> (2 * k) & 3;
      seen |= 1 << one;
      slot[k] = (testudo_slot){one / 2, one % 2};
    }
    if (seen != 15)
      continue;
    testudo_i_slot_table table = {.shape = shape, .slot = slot};
    testudo_i_slot_mix mix = {.kinds = 1, .table = {&table}, .count = {2}};
    testudo_assignment a;
    assert_ok(testudo_i_slot_mix_assign(&mix, &a, NULL));
    double value = exact_value(&a, model, late);
    best = fmin(best, value);
    *worst = fmax(*worst, value);
    testudo_assignment_free(&a);
  }
  return best;
}

static void the_search_finds_the_best_of_all_tables(void **state)
{
  (void)state;
  static const char *const laws[] = {"exp:1", "shifted-exp:1,1", "pareto:1,1.5", "exp:1", "shifted-exp:1,1"};
  static const double deadline[] = {0, 0, 0, 2.2, 3.1};
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
    testudo_law *law = law_of(laws[k]);
    testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
    testudo_i_goal goal = goal_of(&model);
    if (deadline[k] > 0)
      goal.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = deadline[k]};
    const testudo_i_slot_request request = {.workers = 4, .chunks = 2, .places = 4, .parts = 1, .least = 2, .most = 2,
                                            .seed = 1, .tries = 1, .effort = 0.1};
    testudo_i_search_watch watch;
    testudo_i_slot_designs found = {.count = 0};
    int64_t moves = 0;
    double worst, best = best_of_all(&model, deadline[k], &worst);
    assert_true(worst > best * 1.1);
    testudo_i_search_watch_start(&watch, NULL, -1, -1, NAN, NAN);
    assert_true(testudo_i_slots_apply(&goal, &request));
    assert_ok(testudo_i_slots_search(&goal, &request, &watch, &found, &moves, NULL));
    assert_true(found.count > 0 && moves > 0);
    double least = HUGE_VAL;
    for (int32_t c = 0; c < found.count; c++)
      least = fmin(least, exact_value(&found.orders[c], &model, deadline[k]));
    /* Groups of four may be better than all pairs. */
    assert_true(least <= best * (1 + 1e-9));
    testudo_i_slot_designs_free(&found);
    testudo_law_free(law);
  }
}

typedef struct stopper {
  int64_t looks;
} stopper;

static bool stop_after(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  stopper *s = context;
  return s->looks-- > 0;
}

/* Two runs of any number of threads are the same; a stopped one has tables too. */
static void threads_and_stops(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  testudo_i_goal goal = goal_of(&model);
  const testudo_i_slot_request request = {.workers = 6, .chunks = 2, .places = 4, .parts = 1, .least = 1, .most = 6,
                                          .seed = 1, .tries = 1, .effort = 0.1};
  testudo_assignment first = {0};
  for (int run = 0; run < 3; run++) {
    stopper s = {run == 2 ? 20 : INT64_MAX};
    const testudo_search_monitor monitor = {stop_after, &s};
    testudo_i_search_watch watch;
    testudo_i_slot_designs found = {.count = 0};
    int64_t moves = 0;
    goal.threads = run + 1;
    testudo_i_search_watch_start(&watch, &monitor, -1, -1, NAN, NAN);
    assert_ok(testudo_i_slots_search(&goal, &request, &watch, &found, &moves, NULL));
    assert_true(found.count > 0);
    assert_true(watch.stopped == (run == 2));
    if (run == 0) {
      first = found.orders[0];
      found.orders[0] = (testudo_assignment){0, 0, NULL, NULL};
    } else if (run == 1)
      assert_memory_equal(first.chunk, found.orders[0].chunk, (size_t)first.row[6] * sizeof *first.chunk);
    testudo_i_slot_designs_free(&found);
  }
  testudo_assignment_free(&first);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(laws_hold_the_latest_of_groups),
      cmocka_unit_test(what_never_ends_comes_before_all_else),
      cmocka_unit_test(a_table_is_worth_its_completion_times),
      cmocka_unit_test(what_is_far_above_the_limit_is_not_measured_to_the_end),
      cmocka_unit_test(mixtures_are_the_designs_that_they_say),
      cmocka_unit_test(sizes_and_loads_are_mixed_as_well_as_can_be),
      cmocka_unit_test(tables_are_found_again),
      cmocka_unit_test(mixtures_are_named_by_their_sizes),
      cmocka_unit_test(the_search_finds_the_best_of_all_tables),
      cmocka_unit_test(threads_and_stops),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
