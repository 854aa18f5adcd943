/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a complete search says is the best, against enumeration of every order and every outcome. */
#include "../../property/brute.h"

#include "optimize/groups/tables.h"
#include "optimize/groups/groups.h"

static const double unequal[] = {1, 2.25, 0.8, 1.4, 1, 1.7};

static brute_model model_of(int kind)
{
  brute_model model = {.atoms = 2 + kind % 2, .value = {0.73, 1.91, 3.1}, .weight = {5, 3, 2}};
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = kind / 2 % 2 ? unequal[j] : 1;
  if (kind / 4 == 1) {
    model.failures = TESTUDO_FAILURES_EXACTLY;
    model.failed = 1;
  } else if (kind / 4 == 2) {
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.11;
  }
  return model;
}

static double value_of(const brute_design *design, const brute_model *model, const testudo_objective *objective)
{
  brute_law law = brute_enumerate(design, model);
  double value = objective->kind == TESTUDO_OBJECTIVE_MEAN       ? law.mean
                 : objective->kind == TESTUDO_OBJECTIVE_QUANTILE ? brute_quantile(&law, objective->at)
                                                                 : brute_late(&law, objective->at);
  free(law.outcome);
  return value;
}

/* ---- shared orders ---- */

static void next_permutation(int *item, int count)
{
  int k = count - 2, r = count - 1;
  while (k >= 0 && item[k] > item[k + 1])
    k--;
  if (k < 0)
    return;
  while (item[r] < item[k])
    r--;
  int kept = item[k];
  item[k] = item[r];
  item[r] = kept;
  for (int a = k + 1, b = count - 1; a < b; a++, b--) {
    kept = item[a];
    item[a] = item[b];
    item[b] = kept;
  }
}

static brute_design shared(int workers, int load, int parts, const int *pattern)
{
  brute_design design = {.workers = workers, .chunks = workers, .parts = parts};
  for (int j = 0; j < workers; j++) {
    design.load[j] = load;
    for (int k = 0; k < load; k++)
      design.order[j][k] = (j + pattern[k]) % workers;
  }
  return design;
}

/* The set of the ring: neighbours, or with a gap. */
static void start_pattern(int load, bool gap, int *pattern)
{
  for (int k = 0; k < load; k++)
    pattern[k] = k + (gap && k == load - 1);
}

static void check_shared(int workers, int load, int parts, bool gap, int kind, const testudo_objective *objective)
{
  int pattern[BRUTE_LOAD], orders = 1;
  brute_model wanted = model_of(kind);
  double least = HUGE_VAL;
  start_pattern(load, gap, pattern);
  for (int k = 2; k <= load; k++)
    orders *= k;
  for (int k = 0; k < orders; k++, next_permutation(pattern, load)) {
    brute_design design = shared(workers, load, parts, pattern);
    double value = value_of(&design, &wanted, objective);
    least = value < least ? value : least;
  }
  start_pattern(load, gap, pattern);
  brute_design start = shared(workers, load, parts, pattern);
  testudo_law *law = brute_trace(&wanted);
  testudo_design *design = brute_library_design(&start);
  testudo_delay_model model = brute_library_model(&wanted, law, workers);
  testudo_i_goal goal = {.objective = *objective, .model = &model};
  testudo_i_found found;
  assert_ok(testudo_i_shared_search(&goal, design, NULL, &found, NULL));
  assert_true(found.complete && found.tries >= orders);
  if (fabs(found.measure.value - least) > 1e-8)
    print_error("workers %d load %d parts %d gap %d kind %d\n", workers, load, parts, gap, kind);
  assert_close(found.measure.value, least, 1e-8);
  testudo_design_free(found.design);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void shared_orders_equal_enumeration(void **state)
{
  (void)state;
  static const testudo_objective objectives[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                                 {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.7913},
                                                 {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 2.013}};
  int cases = 0;
  for (int workers = 4; workers <= 6; workers++)
    for (int load = 2; load <= 4 && load < workers; load++)
      for (int gap = 0; gap <= 1 && load + gap < workers; gap++)
        for (int parts = 1; parts <= 2; parts++, cases++)
          check_shared(workers, load, parts, gap == 1, workers == 6 ? (cases * 5) % 12 & ~1 : (cases * 5) % 12,
                       &objectives[cases % 3]);
  assert_int_equal(cases, 28);
}

/* ---- tables of groups ---- */

/* Two groups of three; the table's rows by number 0..5 each. */
static brute_design grouped(int parts, const int *rows)
{
  static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  brute_design design = {.workers = 6, .chunks = 6, .parts = parts};
  for (int j = 0; j < 6; j++) {
    design.load[j] = 3;
    for (int k = 0; k < 3; k++)
      design.order[j][k] = 3 * (j / 3) + order[rows[j % 3]][k];
  }
  return design;
}

static bool latin(const brute_design *design)
{
  for (int a = 0; a < 3; a++)
    for (int c = 0; c < a; c++)
      for (int k = 0; k < 3; k++)
        if (design->order[a][k] == design->order[c][k])
          return false;
  return true;
}

static void check_groups(int parts, int kind, const testudo_objective *objective)
{
  brute_model wanted = model_of(kind & ~3);
  double least = HUGE_VAL, least_latin = HUGE_VAL;
  for (int number = 0; number < 216; number++) {
    int rows[3] = {number % 6, number / 6 % 6, number / 36};
    brute_design design = grouped(parts, rows);
    double value = value_of(&design, &wanted, objective);
    least = value < least ? value : least;
    if (latin(&design) && value < least_latin)
      least_latin = value;
  }
  brute_design start = grouped(parts, (const int[]){0, 0, 0});
  testudo_law *law = brute_trace(&wanted);
  testudo_design *design = brute_library_design(&start);
  testudo_delay_model model = brute_library_model(&wanted, law, 6);
  testudo_i_goal goal = {.objective = *objective, .model = &model};
  testudo_search_options options = {.seed = 4, .tries = 8};
  testudo_i_found found;
  assert_ok(testudo_i_groups_search(&goal, design, true, &options, &found, NULL));
  assert_true(found.complete);
  assert_false(found.all); /* the two groups had the same table */
  assert_close(found.measure.value, least, 1e-8);
  assert_true(least <= least_latin);
  testudo_design_free(found.design);
  assert_ok(testudo_i_groups_search(&goal, design, false, &options, &found, NULL));
  assert_false(found.complete);
  assert_close(found.measure.value, least, 1e-8);
  testudo_design_free(found.design);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void tables_equal_enumeration(void **state)
{
  (void)state;
  static const testudo_objective mean = {.kind = TESTUDO_OBJECTIVE_MEAN};
  static const testudo_objective quantile = {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.6913};
  static const testudo_objective deadline = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 2.013};
  for (int parts = 1; parts <= 2; parts++)
    for (int kind = 0; kind < 12; kind += 4)
      check_groups(parts, kind, kind == 4 ? &quantile : kind == 8 ? &deadline : &mean);
}

/* Of one group all its tables are all orders, which is a proof. */
static void tables_of_one_group_are_all_orders(void **state)
{
  (void)state;
  brute_design start = grouped(1, (const int[]){0, 0, 0});
  start.workers = start.chunks = 3;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = brute_library_design(&start);
  testudo_delay_model model = {.law = law};
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model};
  testudo_search_options options = {.seed = 4, .tries = 8};
  testudo_i_found found;
  assert_ok(testudo_i_groups_search(&goal, design, true, &options, &found, NULL));
  assert_true(found.complete && found.all);
  testudo_design_free(found.design);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Rates that differ inside a group: its rows may not be exchanged, and annealing still finds the least of 216. */
static void tables_of_unequal_workers_equal_enumeration(void **state)
{
  (void)state;
  const testudo_objective mean = {.kind = TESTUDO_OBJECTIVE_MEAN};
  brute_model wanted = model_of(0);
  for (int j = 0; j < 6; j++)
    wanted.rate[j] = unequal[j % 3];
  double least = HUGE_VAL, most = 0;
  for (int number = 0; number < 216; number++) {
    brute_design design = grouped(1, (const int[]){number % 6, number / 6 % 6, number / 36});
    double value = value_of(&design, &wanted, &mean);
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  assert_true(most > 1.02 * least);
  brute_design start = grouped(1, (const int[]){0, 0, 0});
  testudo_law *law = brute_trace(&wanted);
  testudo_design *design = brute_library_design(&start);
  testudo_delay_model model = brute_library_model(&wanted, law, 6);
  testudo_i_goal goal = {.objective = mean, .model = &model};
  testudo_search_options options = {.seed = 4, .tries = 8};
  testudo_i_found found;
  bool applies;
  char why[160];
  assert_ok(testudo_i_groups_search(&goal, design, false, &options, &found, NULL));
  assert_close(found.measure.value, least, 1e-8);
  assert_ok(testudo_i_groups_apply(&goal, design, true, &applies, why, NULL));
  assert_false(applies);
  assert_non_null(strstr(why, "differ in rate"));
  testudo_design_free(found.design);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- what is not searched ---- */

static void says_what_is_in_the_way(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model};
  testudo_design *ring = cyclic(12, 4, 3), *wide = cyclic(12, 9, 1), *many = cyclic(12, 6, 3);
  testudo_design *random = regular_matching(12, 4, 1, 3);
  bool applies;
  char why[160];
  testudo_error error;
  testudo_i_found found;
  assert_ok(testudo_i_shared_applies(&goal, ring, &applies, why, NULL));
  assert_true(applies);
  assert_ok(testudo_i_shared_applies(&goal, wide, &applies, why, NULL));
  assert_true(!applies && strstr(why, "9 chunks per worker have too many orders") != NULL);
  assert_ok(testudo_i_shared_applies(&goal, many, &applies, why, NULL));
  assert_true(!applies && strstr(why, "1024 states") != NULL);
  assert_ok(testudo_i_shared_applies(&goal, random, &applies, why, NULL));
  assert_true(!applies && strstr(why, "do not hold the same chunks, shifted") != NULL);
  assert_status(testudo_i_shared_search(&goal, random, NULL, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_ok(testudo_i_groups_apply(&goal, ring, false, &applies, why, NULL));
  assert_true(!applies && strstr(why, "do not form groups") != NULL);
  testudo_search_options options = {.seed = 1};
  assert_status(testudo_i_groups_search(&goal, ring, false, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(ring);
  testudo_design_free(wide);
  testudo_design_free(many);
  testudo_design_free(random);
  testudo_law_free(law);
}

static bool stop(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return --*(int *)context > 0;
}

static void stops(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .threads = 1};
  testudo_design *ring = cyclic(12, 5, 1);
  testudo_i_found found;
  int looks = 400;
  testudo_search_monitor monitor = {stop, &looks};
  assert_ok(testudo_i_shared_search(&goal, ring, &monitor, &found, NULL));
  assert_true(found.design == NULL && !found.complete);
  testudo_design_free(ring);
  testudo_law_free(law);
}

static bool give_up_at(void *left)
{
  return --*(int *)left == 0;
}

/* One try on the open table, whose monitor ends it at the left-th question. */
typedef struct table_try {
  const testudo_i_tables *tables;
  double *room;
  int left;
} table_try;

static bool ask_table_try(void *context, double fraction, double best, double bound)
{
  table_try *t = context;
  (void)fraction;
  (void)best;
  (void)bound;
  return t->left == 0 || --t->left > 0;
}

static testudo_status run_table_try(void *context, testudo_i_try *one)
{
  const table_try *t = context;
  return testudo_i_anneal_table(t->tables, one, t->room);
}

/* left 0: to its end. */
static testudo_i_ends try_table(const testudo_i_tables *tables, double *room, int left, int *asked,
                                testudo_i_arena *arena)
{
  table_try t = {tables, room, left > 0 ? left : 1000000};
  const testudo_search_monitor monitor = {ask_table_try, &t};
  const testudo_search_options options = {.seed = 1, .threads = 1, .monitor = &monitor};
  const testudo_i_restarts restarts = {.options = &options, .tries = 1, .stream = TESTUDO_I_STREAM_TABLES,
                                       .run = run_table_try, .context = &t, .keep = 1, .target = -HUGE_VAL, .to = 1,
                                       .size = (size_t)tables->table->size * (size_t)tables->table->load *
                                               sizeof(int32_t),
                                       .best = NAN, .bound = NAN};
  testudo_i_ends ends;
  assert_ok(testudo_i_restarts_run(&restarts, arena, &ends, NULL));
  *asked = 1000000 - t.left;
  assert_true(ends.stopped == (left > 0));
  return ends;
}

/* A try on a table, given up at every question: it leaves an order with its value, which is no worse than the first. */
static void a_try_on_a_table_can_be_given_up(void **state)
{
  (void)state;
  enum { LOAD = 6 };
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = &model, .threads = 1};
  testudo_assignment groups;
  assert_ok(testudo_assignment_frc(12, 12, LOAD, &groups, NULL));
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &groups, 1);
  const testudo_i_delay delay = testudo_i_goal_delay(&goal);
  testudo_i_cluster cluster;
  testudo_i_tables tables;
  testudo_i_quadrature rule = {.count = 0};
  bool found;
  assert_ok(testudo_i_cluster_init(&cluster, design, &delay, false, NULL));
  assert_ok(testudo_i_tables_make(&tables, &cluster, &found, NULL));
  assert_ok(testudo_i_quadrature_of_design(&rule, &goal, design, true, NULL));
  assert_ok(testudo_i_tables_rule(&tables, &rule, NULL));
  double *room = malloc(testudo_i_tables_room(&tables) * sizeof *room);
  assert_non_null(room);
  testudo_i_tables_open(&tables, 0, room);
  int32_t order[LOAD * LOAD] = {0};
  testudo_i_arena arena = {0};
  int asked, again, left = 1;
  testudo_i_ends whole = try_table(&tables, room, 0, &asked, &arena);
  double first = testudo_i_tables_value(&tables, tables.table->order, NULL, room);
  assert_true(asked >= 10);
  assert_true(whole.best[0].value < first);
  for (int k = 4; k <= asked; k += 3) { /* the first questions come before there is a value */
    testudo_i_ends part = try_table(&tables, room, k, &again, &arena);
    assert_int_equal(part.count, 1);
    assert_true(k < asked / 2 ? part.moves < whole.moves : part.moves <= whole.moves);
    assert_true(part.best[0].value <= first && part.best[0].value >= whole.best[0].value);
    assert_close(testudo_i_tables_value(&tables, part.best[0].found, NULL, room), part.best[0].value, 1e-12);
  }
  memcpy(order, whole.best[0].found, sizeof order);
  testudo_i_table_stop stop = {give_up_at, &left, 1e9};
  assert_true(isnan(testudo_i_tables_value(&tables, order, &stop, room)));
  testudo_i_arena_clear(&arena);
  free(room);
  testudo_i_quadrature_free(&rule);
  testudo_i_tables_free(&tables);
  testudo_i_cluster_free(&cluster);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shared_orders_equal_enumeration),
      cmocka_unit_test(tables_equal_enumeration),
      cmocka_unit_test(tables_of_one_group_are_all_orders),
      cmocka_unit_test(tables_of_unequal_workers_equal_enumeration),
      cmocka_unit_test(says_what_is_in_the_way),
      cmocka_unit_test(stops),
      cmocka_unit_test(a_try_on_a_table_can_be_given_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
