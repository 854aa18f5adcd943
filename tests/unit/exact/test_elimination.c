/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elimination: check values of chunks finer than workers, structure whatever the labels, and its limits. */
#include "check.h"

#include "unit/exact/cases.h"

#include "exact/latency.h"

typedef enum slot_order { STEAL, STEAL_XOR, BACK, BACK_XOR } slot_order;

/* Worker a of a group does its own block of c chunks forwards, then the others' backwards: block after block, or one
   chunk of each in turn. */
static int32_t list_slots(int32_t g, int32_t c, slot_order order, int32_t a, int32_t first, int32_t *chunk)
{
  int32_t count = 0;
  for (int32_t q = 0; q < c; q++)
    chunk[count++] = first + a * c + q;
  bool turn = order == STEAL || order == STEAL_XOR, xored = order == STEAL_XOR || order == BACK_XOR;
  for (int32_t k = 0; k < (g - 1) * c; k++) {
    int32_t b = 1 + (turn ? k % (g - 1) : k / c), q = c - 1 - (turn ? k / (g - 1) : k % c);
    chunk[count++] = first + (xored ? a ^ b : (a + b) % g) * c + q;
  }
  return count;
}

static testudo_design *granular(int32_t workers, int32_t g, int32_t c, slot_order order, int32_t parts)
{
  int32_t *load = malloc((size_t)workers * sizeof *load);
  int32_t *chunk = malloc((size_t)workers * (size_t)(g * c) * sizeof *chunk);
  for (int32_t j = 0; j < workers; j++)
    load[j] = list_slots(g, c, order, j % g, j / g * g * c, chunk + (size_t)j * (size_t)(g * c));
  testudo_design *design = partial(workers, workers * c, parts, load, chunk);
  free(load);
  free(chunk);
  return design;
}

static void finer_chunks_have_the_values_of_the_theory(void **state)
{
  (void)state;
  const struct {
    int32_t workers, g, c;
    slot_order order;
    int32_t parts;
    double mean, digits; /* per share */
  } cases[] = {
      {24, 2, 1, STEAL, 1, 2.41061061, 5.1e-9},     {24, 2, 2, STEAL, 1, 2.14110299, 5.1e-9},
      {24, 2, 4, STEAL, 1, 2.01717860, 5.1e-9},     {24, 2, 8, STEAL, 1, 1.95634714, 5.1e-9},
      {24, 2, 16, STEAL, 1, 1.92630182, 5.1e-9},    {2, 2, 3, STEAL, 1, 2.0 / 3 + 1.0 / 18, 1e-9},
      {3, 3, 2, STEAL, 1, 0.68902872, 5.1e-9},      {3, 3, 2, BACK, 1, 0.70154786, 5.1e-9},
      {3, 3, 4, STEAL, 1, 0.65514542, 5.1e-9},      {4, 4, 2, STEAL, 1, 0.67076004, 5.1e-9},
      {4, 4, 2, STEAL_XOR, 1, 0.66942969, 5.1e-9},  {4, 4, 2, BACK, 1, 0.67522640, 5.1e-9},
      {4, 4, 4, BACK_XOR, 1, 0.63908406, 5.1e-9},   {24, 4, 4, STEAL, 1, 1.37649564, 5.1e-9},
      {24, 4, 4, BACK_XOR, 1, 1.39059872, 5.1e-9},  {3, 3, 2, STEAL, 2, 2.28545886, 5.1e-9},
      {4, 4, 2, BACK_XOR, 2, 1.72436707, 5.1e-9},   {24, 4, 8, STEAL, 1, 1.3517, 1e-4},
      {32, 4, 8, STEAL, 1, 1.4701, 1e-4},           {24, 4, 8, BACK_XOR, 2, 3.331, 3e-3},
  };
  testudo_law *law = law_of("exp:1");
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_design *design = granular(cases[k].workers, cases[k].g, cases[k].c, cases[k].order, cases[k].parts);
    testudo_delay_model model = {.law = law};
    testudo_summary summary = summary_with(design, &model, &plain_options);
    assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
    assert_near(summary.mean / cases[k].c, cases[k].mean, cases[k].digits);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static int64_t states_of(const testudo_design *design, int64_t max_states, bool *fits)
{
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  const testudo_i_delay delay = {.model = &model};
  testudo_i_cluster cluster;
  testudo_i_method method = {0};
  long long states = 0;
  assert_ok(testudo_i_cluster_init(&cluster, design, &delay, false, NULL));
  assert_ok(testudo_i_eliminated(&cluster, false, max_states, NULL, fits, &method, NULL));
  if (*fits)
    assert_int_equal(sscanf(method.name, "elimination, %lld", &states), 1);
  testudo_i_arena_clear(&method.arena);
  testudo_i_cluster_free(&cluster);
  testudo_law_free(law);
  return states;
}

/* A scan must remember both ends of the ring, 32 sets of counts at a step; chunks that follow from others halve it. */
static void a_ring_has_fewer_states_than_its_scan(void **state)
{
  (void)state;
  testudo_design *design = cyclic(12, 4, 1);
  bool fits;
  int64_t states = states_of(design, 100000, &fits);
  assert_true(fits && states > 12 * 4 && states < 12 * 32);
  assert_true(states_of(design, 20, &fits) == 0 && !fits);
  testudo_design_free(design);
}

/* Of 84 states in the end; without the chunks that follow from others more than 300 on the way there. */
static void chunks_that_follow_keep_the_states_few(void **state)
{
  (void)state;
  testudo_design *design = granular(4, 4, 4, BACK_XOR, 1);
  bool fits;
  assert_int_equal(states_of(design, 300, &fits), 84);
  assert_true(fits);
  testudo_design_free(design);
}

/* Two groups of three workers with six chunks each, which count once a worker has all: one row of weight six. */
static void chunks_that_are_alike_weigh_as_many(void **state)
{
  (void)state;
  const double times[] = {0.5, 3.0, 8.0};
  int32_t load[6], order[36];
  for (int32_t j = 0; j < 6; j++) {
    load[j] = 6;
    for (int32_t k = 0; k < 6; k++)
      order[6 * j + k] = j / 3 * 6 + k;
  }
  testudo_design *design = partial(6, 12, 1, load, order);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_analysis_options whole = plain_options;
  whole.report = TESTUDO_REPORT_WHOLE;
  testudo_error_law *errors;
  assert_ok(testudo_error_law_create(design, &model, &whole, &errors, NULL));
  assert_int_equal(testudo_error_law_most(errors), 12);
  for (int k = 0; k < 3; k++) {
    double found[13], none = pow(exp(-times[k] / 6), 3);
    assert_ok(testudo_error_law_at(errors, times[k], found, NULL));
    for (int missing = 0; missing <= 12; missing++) {
      double wanted = missing == 0    ? (1 - none) * (1 - none)
                      : missing == 6  ? 2 * none * (1 - none)
                      : missing == 12 ? none * none
                                      : 0;
      assert_near(found[missing], wanted, 1e-12);
    }
  }
  testudo_error_law_free(errors);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void too_many_states_are_bounded(void **state)
{
  (void)state;
  testudo_design *design = regular_matching(16, 3, 1, 1);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_analysis_options few = plain_options;
  few.max_states = 50;
  testudo_summary exact = summary_with(design, &model, &plain_options), bounded = summary_with(design, &model, &few);
  assert_int_equal(exact.status, TESTUDO_MEAN_EXACT);
  assert_int_equal(bounded.status, TESTUDO_MEAN_BOUNDED);
  assert_true(bounded.lower < exact.mean && exact.mean < bounded.upper);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Rows 2 1 | 0 | 2 0 | 0 3: T = 2 max(X0, X3), so that worker 2, which it never waits for, has computed (1 - p) (5/6 +
   2/3) chunks: P(X <= 2M) + P(X <= M) with M the larger of two, of which the idle worker 1 has the first. */
static void idle_workers_stop_with_the_others(void **state)
{
  (void)state;
  const int32_t load[] = {2, 1, 2, 2}, order[] = {2, 1, 0, 2, 0, 0, 3};
  testudo_design *design = partial(4, 4, 1, load, order);
  testudo_law *law = law_of("exp:1");
  for (int percent = 0; percent <= 60; percent += 15) {
    double lives = 1 - percent / 100.0, chunks[4], doubt;
    testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 1 - lives};
    testudo_latency *latency = latency_with(design, &model, &plain_options);
    assert_ok(testudo_expected_work(latency, chunks, &doubt, NULL));
    assert_near(chunks[0], 2, 1e-8); /* T is finite where workers 0 and 3 live, and they do both */
    assert_near(chunks[1], lives * 5 / 6, 1e-8);
    assert_near(chunks[2], lives * (5.0 / 6 + 2.0 / 3), 1e-8);
    assert_near(chunks[3], 2, 1e-8);
    testudo_latency_free(latency);
  }
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finer_chunks_have_the_values_of_the_theory),
      cmocka_unit_test(a_ring_has_fewer_states_than_its_scan),
      cmocka_unit_test(chunks_that_follow_keep_the_states_few),
      cmocka_unit_test(chunks_that_are_alike_weigh_as_many),
      cmocka_unit_test(too_many_states_are_bounded),
      cmocka_unit_test(idle_workers_stop_with_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
