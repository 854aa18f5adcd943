/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analysis and simulation agree on 200 random small designs, and do not on designs or models that differ a little.

   False alarm: each of the 200 comparisons is made at 1e-6 / 200, so that all of them together alarm falsely with
   probability at most 1e-6 (and the seed is fixed). Power: the negative controls are run on these designs (the first
   two on every other one) where the change is one that 200,000 trials can see (below), with the same trials and the
   same level; each must be rejected. */
#include "unit/sample/designs.h"

#include <testudo/validate.h>

enum { DESIGNS = 200, TRIALS = 200000, DECODES = 3, DEADLINES = 3 };
#define FALSE_ALARM (1e-6 / DESIGNS)

static const char *const trace_name = "property_validate_trace.csv";

typedef struct case_of {
  testudo_design *design;
  testudo_law *law;
  double rates[8];
  testudo_delay_model model;
  testudo_report report;
  double deadline[DEADLINES];
  uint64_t seed;
} case_of;

static int32_t between(testudo_i_random *random, int32_t low, int32_t high)
{
  return low + (int32_t)testudo_i_random_below(random, (uint64_t)(high - low + 1));
}

static void draw_design(case_of *c, testudo_i_random *random)
{
  int32_t kind = between(random, 0, 9), m = between(random, 2, 8), n = between(random, 2, 8);
  if (kind == 0) {
    c->design = irregular_design(random, TESTUDO_SCHEME_UNCODED, m, n, 1, 1, 0);
  } else if (kind == 1) {
    c->design = irregular_design(random, TESTUDO_SCHEME_IGNORE_STRAGGLERS, m, n, 1, 1, between(random, 1, m));
  } else if (kind <= 5) {
    int32_t load = between(random, 1, m < 4 ? m : 4);
    c->design = cyclic_design(TESTUDO_SCHEME_PARTIAL, m, load, between(random, 1, load), 0);
  } else {
    int32_t replication = between(random, 1, m < 4 ? m : 4);
    c->design = irregular_design(random, TESTUDO_SCHEME_PARTIAL, m, n, replication, between(random, 1, replication), 0);
  }
}

static void draw_model(case_of *c, testudo_i_random *random)
{
  static const char *const law[4] = {"exp:1.3", "shifted-exp:0.4,2.1", "deterministic:0.7", "trace"};
  int32_t kind = between(random, 0, 11), m = testudo_design_workers(c->design);
  kind = kind < 6 ? 0 : kind < 9 ? 1 : kind < 10 ? 2 : 3;
  char text[64];
  snprintf(text, sizeof text, kind == 3 ? "trace:%s" : "%s", kind == 3 ? trace_name : law[kind]);
  c->law = law_of(text);
  c->model = (testudo_delay_model){.law = c->law, .workers = m};
  if (kind < 3 && between(random, 0, 2) == 0)
    c->model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  for (int32_t j = 0; j < m; j++)
    c->rates[j] = 1.0 + 0.5 * between(random, 0, 2);
  if (between(random, 0, 2) == 0)
    c->model.rates = c->rates;
  c->model.failures = (testudo_failure_kind)between(random, 0, 2);
  c->model.failed = c->model.failures == TESTUDO_FAILURES_EXACTLY ? between(random, 0, m < 3 ? m : 3) : 0;
  c->model.fail_prob = c->model.failures == TESTUDO_FAILURES_EACH ? 0.25 * testudo_i_random_uniform(random) : 0.0;
}

static void draw_case(case_of *c, uint64_t number)
{
  memset(c, 0, sizeof *c);
  testudo_i_random random;
  testudo_i_random_start(&random, 2024, TESTUDO_I_FOR_TEST, number, 0);
  draw_design(c, &random);
  draw_model(c, &random);
  c->report = between(&random, 0, 4) == 0 ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
  for (int d = 0; d < DEADLINES; d++)
    c->deadline[d] = testudo_law_mean(c->law) * (0.5 + 0.9 * d + 0.3 * testudo_i_random_uniform(&random));
  c->seed = testudo_i_random_word(&random);
}

static void clear_case(case_of *c)
{
  testudo_design_free(c->design);
  testudo_law_free(c->law);
}

/* The analysis of `c` against the simulation of `design` under `model`. */
static testudo_validation *compared(const case_of *c, const testudo_design *design, const testudo_delay_model *model)
{
  testudo_latency *latency = NULL;
  testudo_validation *validation = NULL;
  testudo_analysis_options analysis = {.report = c->report, .max_states = 200000, .rel_error = 1e-9};
  bool timed = c->report == TESTUDO_REPORT_CHUNK;
  bool decodes = testudo_design_scheme(design) != TESTUDO_SCHEME_IGNORE_STRAGGLERS;
  testudo_simulation_options options = {.report = c->report, .trials = TRIALS, .seed = c->seed,
                                        .times = c->deadline, .time_count = timed ? DEADLINES : 0,
                                        .decode_trials = decodes ? DECODES : 0, .dim = 7};
  assert_ok(testudo_latency_create(c->design, &c->model, &analysis, &latency, NULL));
  testudo_simulation *simulation = simulate(design, model, &options);
  assert_ok(testudo_validate(latency, c->design, &c->model, simulation, c->deadline, options.time_count, FALSE_ALARM,
                             &validation, NULL));
  testudo_simulation_free(simulation);
  testudo_latency_free(latency);
  return validation;
}

static void tell(const case_of *c, const char *what, uint64_t number, const testudo_validation *v)
{
  const testudo_design *d = c->design;
  print_error("case %d, %s: %s, %d workers, %d chunks, %d parts, %s, structure %d, failures %d (%d, %g), report %d\n",
              (int)number, what, testudo_scheme_name(testudo_design_scheme(d)), testudo_design_workers(d),
              testudo_design_chunks(d), testudo_design_parts(d), testudo_law_text(c->law), c->model.structure,
              c->model.failures, c->model.failed, c->model.fail_prob, c->report);
  for (size_t k = 0; k < v->checks; k++)
    print_error("  %-20s [%.9g, %.9g] simulated %.9g p %.3g %s\n", v->check[k].quantity, v->check[k].analyzed_lower,
                v->check[k].analyzed_upper, v->check[k].simulated, v->check[k].p,
                v->check[k].holds == 0 ? "FAILS" : "");
}

static void analysis_and_simulation_agree_on_200_random_designs(void **state)
{
  (void)state;
  int64_t checks = 0, exact = 0;
  for (uint64_t number = 0; number < DESIGNS; number++) {
    case_of c;
    draw_case(&c, number);
    testudo_validation *v = compared(&c, c.design, &c.model);
    if (v->agrees == 0)
      tell(&c, "no change", number, v);
    assert_int_equal(v->agrees, 1);
    checks += (int64_t)v->checks;
    for (size_t k = 0; k < v->checks; k++)
      exact += v->check[k].analyzed_lower == v->check[k].analyzed_upper;
    testudo_validation_free(v);
    clear_case(&c);
  }
  print_message("%d designs, %d checks, %d of them against exact values\n", DESIGNS, (int)checks, (int)exact);
  assert_true(checks > 10 * DESIGNS && exact > checks / 2);
}

static void reject(const case_of *c, const char *what, uint64_t number, const testudo_design *design,
                   const testudo_delay_model *model, int *rejected, int *tried)
{
  testudo_validation *v = compared(c, design, model);
  ++*tried;
  *rejected += v->agrees == 0;
  if (v->agrees)
    tell(c, what, number, v);
  testudo_validation_free(v);
}

/* The controls run where the change is one: partial designs whose unfinished work counts. */
static bool is_partial(const case_of *c)
{
  return c->report == TESTUDO_REPORT_CHUNK && testudo_design_scheme(c->design) == TESTUDO_SCHEME_PARTIAL;
}

/* The design with other parts, and with the first and the last chunk of a worker's order swapped (worker < 0: none). */
static testudo_design *altered(const testudo_design *design, int32_t parts, int32_t worker)
{
  testudo_assignment orders;
  assert_ok(testudo_design_orders(design, &orders, NULL));
  if (worker >= 0) {
    int64_t first = design->row[worker], last = design->row[worker + 1] - 1;
    orders.chunk[first] = design->order[last];
    orders.chunk[last] = design->order[first];
  }
  return design_over(testudo_design_scheme(design), &orders, &(testudo_i_ingredients){.parts = parts, .seed = 3});
}

static void a_rate_3_percent_off_is_rejected(void **state)
{
  (void)state;
  int rejected = 0, tried = 0;
  for (uint64_t number = 0; number < DESIGNS; number += 2) {
    case_of c;
    double faster[8];
    draw_case(&c, number);
    testudo_delay_model model = c.model;
    for (int32_t j = 0; j < model.workers; j++)
      faster[j] = 1.03 * (c.model.rates == NULL ? 1.0 : c.rates[j]);
    model.rates = faster;
    /* Between its atoms a deterministic law does not move at all. */
    if (is_partial(&c) && strncmp(testudo_law_text(c.law), "det", 3) != 0)
      reject(&c, "rates 3 % up", number, c.design, &model, &rejected, &tried);
    clear_case(&c);
  }
  print_message("%d of %d rejected\n", rejected, tried);
  assert_int_equal(rejected, tried);
  assert_true(tried >= 50);
}

static void parts_off_by_one_are_rejected(void **state)
{
  (void)state;
  int rejected = 0, tried = 0;
  for (uint64_t number = 0; number < DESIGNS; number += 2) {
    case_of c;
    draw_case(&c, number);
    int32_t parts = testudo_design_parts(c.design), most = testudo_design_min_replication(c.design);
    int32_t other = parts < most && (parts == 1 || number % 4 == 0) ? parts + 1 : parts - 1;
    if (is_partial(&c) && other >= 1) {
      testudo_design *wrong = altered(c.design, other, -1);
      reject(&c, "parts off by one", number, wrong, &c.model, &rejected, &tried);
      testudo_design_free(wrong);
    }
    clear_case(&c);
  }
  print_message("%d of %d rejected\n", rejected, tried);
  assert_int_equal(rejected, tried);
  assert_true(tried >= 30);
}

/* By how many standard deviations the expected error moves, in the variance that the test of it must allow for: of a
   sum of variables in [0, parts] of which every delay enters `reads`. */
static double visible(const case_of *c, const testudo_design *wrong)
{
  double right[DEADLINES], moved[DEADLINES], most = 0.0;
  double reads = c->model.failures == TESTUDO_FAILURES_EXACTLY ? testudo_design_chunks(c->design)
                                                               : testudo_design_max_load(c->design);
  assert_ok(testudo_expected_error(c->design, &c->model, TESTUDO_REPORT_CHUNK, c->deadline, DEADLINES, right, NULL));
  assert_ok(testudo_expected_error(wrong, &c->model, TESTUDO_REPORT_CHUNK, c->deadline, DEADLINES, moved, NULL));
  for (int d = 0; d < DEADLINES; d++)
    if (right[d] > 0.0)
      most = fmax(most, fabs(moved[d] - right[d]) *
                            sqrt(TRIALS / (right[d] * reads * testudo_design_parts(c->design))));
  return most;
}

static void two_swapped_places_of_a_worker_are_rejected(void **state)
{
  (void)state;
  int rejected = 0, tried = 0;
  for (uint64_t number = 0; number < DESIGNS; number++) {
    case_of c;
    draw_case(&c, number);
    int32_t worker = 0;
    while (worker < c.design->workers && testudo_design_load(c.design, worker) < 3)
      worker++;
    if (is_partial(&c) && worker < c.design->workers) {
      testudo_design *wrong = altered(c.design, testudo_design_parts(c.design), worker);
      if (visible(&c, wrong) >= 10.0)
        reject(&c, "places swapped", number, wrong, &c.model, &rejected, &tried);
      testudo_design_free(wrong);
    }
    clear_case(&c);
  }
  print_message("%d of %d rejected\n", rejected, tried);
  assert_int_equal(rejected, tried);
  assert_true(tried >= 15);
}

int main(void)
{
  FILE *file = fopen(trace_name, "w");
  if (file == NULL)
    return 1;
  fputs("worker,seconds\n0,0.41\n0,0.73\n1,0.55\n1,0.41\n2,1.62\n2,0.87\n", file);
  fclose(file);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(analysis_and_simulation_agree_on_200_random_designs),
      cmocka_unit_test(a_rate_3_percent_off_is_rejected),
      cmocka_unit_test(parts_off_by_one_are_rejected),
      cmocka_unit_test(two_swapped_places_of_a_worker_are_rejected),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove(trace_name);
  return failed;
}
