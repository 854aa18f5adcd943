/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elimination against enumeration on random designs of any kind, and against the transfer matrix and the dense scan of
   a group on shuffled rings and groups: both sides of the law to 1e-12, relative. */
#include "brute.h"

#include "base/random.h"
#include "exact/bounds/never.h"
#include "exact/bounds/failed_sets.h"
#include "exact/groups/group_scan.h"
#include "exact/latency.h"

#define CLOSE 1e-12
#define CASES 500

static int mismatches;
static bool said;

static void compare(const char *what, double t, double found, double wanted)
{
  if (fabs(found - wanted) <= CLOSE * wanted + 1e-300)
    return;
  if (!said)
    print_error("%s at %.17g: %.17g, wanted %.17g\n", what, t, found, wanted);
  said = true;
  mismatches++;
}

/* ---- random designs ---- */

/* Every chunk with random workers, at least as many as the parts need; some workers may be idle. */
static brute_design random_design(testudo_i_random *random)
{
  brute_design design = {.workers = 2 + (int)testudo_i_random_below(random, 5),
                         .chunks = 1 + (int)testudo_i_random_below(random, 6)};
  int most = design.workers < 3 ? design.workers : 3;
  design.parts = 1 + (int)testudo_i_random_below(random, (uint64_t)most);
  uint64_t dense = 1 + testudo_i_random_below(random, 4);
  for (int i = 0; i < design.chunks; i++) {
    int first = (int)testudo_i_random_below(random, (uint64_t)design.workers), given = 0;
    for (int k = 0; k < design.workers; k++) {
      int j = (first + k) % design.workers;
      if (given++ >= design.parts && testudo_i_random_below(random, 5) >= dense)
        continue;
      design.order[j][design.load[j]++] = i;
    }
  }
  for (int j = 0; j < design.workers; j++) {
    int32_t row[BRUTE_LOAD];
    for (int k = 0; k < design.load[j]; k++)
      row[k] = design.order[j][k];
    testudo_i_random_shuffle(random, row, (size_t)design.load[j]);
    for (int k = 0; k < design.load[j]; k++)
      design.order[j][k] = row[k];
  }
  return design;
}

/* Two copies of a design of up to 3 workers and chunks, side by side and shuffled. */
static brute_design twin_design(testudo_i_random *random)
{
  brute_design one, both = {0};
  do
    one = random_design(random);
  while (one.workers > 3 || one.chunks > 3);
  int32_t worker[BRUTE_WORKERS], chunk[BRUTE_CHUNKS];
  both.workers = 2 * one.workers;
  both.chunks = 2 * one.chunks;
  both.parts = one.parts;
  for (int j = 0; j < both.workers; j++)
    worker[j] = j;
  for (int i = 0; i < both.chunks; i++)
    chunk[i] = i;
  testudo_i_random_shuffle(random, worker, (size_t)both.workers);
  testudo_i_random_shuffle(random, chunk, (size_t)both.chunks);
  for (int j = 0; j < both.workers; j++) {
    int from = j % one.workers, side = j / one.workers, to = worker[j];
    both.load[to] = one.load[from];
    for (int k = 0; k < one.load[from]; k++)
      both.order[to][k] = chunk[one.order[from][k] + side * one.chunks];
  }
  return both;
}

static brute_model random_model(testudo_i_random *random, int workers)
{
  brute_model model = {.atoms = 2 + (workers < 6 && testudo_i_random_below(random, 2) == 1)};
  static const double rates[BRUTE_WORKERS] = {1, 2.25, 0.8, 1, 0.8, 1.7};
  bool rated = testudo_i_random_below(random, 2) == 1;
  for (int a = 0; a < model.atoms; a++) {
    model.value[a] = 0.3 + 2.9 * testudo_i_random_uniform(random);
    model.weight[a] = 1 + (double)testudo_i_random_below(random, 9);
  }
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = rated ? rates[j] : 1;
  int failures = (int)testudo_i_random_below(random, 4);
  if (failures == 1 || failures == 2) {
    model.failures = TESTUDO_FAILURES_EXACTLY;
    model.failed = failures > workers ? workers : failures;
  } else if (failures == 3) {
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.17;
  }
  model.whole = testudo_i_random_below(random, 3) == 0;
  return model;
}

/* ---- elimination, whatever other method there is ---- */

typedef struct eliminated {
  testudo_i_cluster cluster;
  testudo_i_method method;
} eliminated;

static void eliminate(const testudo_design *design, const testudo_delay_model *model, bool whole, eliminated *e)
{
  bool fits = false;
  const testudo_i_delay delay = {.model = model};
  *e = (eliminated){.method = {0}};
  assert_ok(testudo_i_cluster_init(&e->cluster, design, &delay, whole, NULL));
  assert_ok(testudo_i_eliminated(&e->cluster, false, 1000000, NULL, &fits, &e->method, NULL));
  assert_true(fits);
}

static testudo_i_probability eliminated_at(eliminated *e, double t)
{
  testudo_i_probability p;
  assert_ok(e->method.evaluate(e->method.state, t, TESTUDO_I_WANT_BOTH, &p, NULL));
  return p;
}

static void eliminated_clear(eliminated *e)
{
  testudo_i_arena_clear(&e->method.arena);
  testudo_i_cluster_free(&e->cluster);
}

/* ---- against enumeration ---- */

static double brute_tail(const brute_law *law, double t)
{
  long double sum = 0;
  for (size_t k = law->outcomes; k-- > 0 && law->outcome[k].time > t;)
    sum += law->outcome[k].chance;
  return (double)sum;
}

static void compare_curve(eliminated *e, testudo_latency *latency, const brute_law *law)
{
  double before = -1;
  for (size_t k = 0; k <= law->outcomes; k++) {
    double t = k < law->outcomes ? law->outcome[k].time : HUGE_VAL, lower, upper;
    if (t == before)
      continue;
    before = t;
    testudo_i_probability p = eliminated_at(e, t);
    double below = brute_cdf(law, t), above = isinf(t) ? 1 - law->finite : brute_tail(law, t);
    if (isinf(t)) { /* given as a difference of sums: not relative where it is small */
      mismatches += !(fabs(p.above_lower - above) < CLOSE);
    } else {
      compare("P(T>t)", t, p.above_lower, above);
      compare("P(T<=t)", t, p.below_lower, below);
      assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
      compare("P(T<=t) of the library's choice", t, lower, below);
      assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
      compare("P(T>t) of the library's choice", t, upper, above);
    }
  }
}

static int compare_case(const brute_design *design, const brute_design *enumerated, const brute_model *model)
{
  mismatches = 0;
  brute_case made = brute_case_start(design, enumerated, model);
  testudo_analysis_options options = plain_options;
  options.report = made.report;
  testudo_latency *latency = latency_with(made.design, &made.delay, &options);
  assert_true(testudo_latency_is_exact(latency));
  eliminated e;
  eliminate(made.design, &made.delay, model->whole, &e);
  compare_curve(&e, latency, &made.wanted);
  eliminated_clear(&e);
  testudo_latency_free(latency);
  brute_case_clear(&made);
  return mismatches;
}

static void equals_enumeration_on_random_designs(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 1, 0);
  said = false;
  for (int k = 0; k < CASES; k++) {
    brute_design design = k % 5 == 0 ? twin_design(&random) : random_design(&random);
    brute_model model = random_model(&random, design.workers);
    if (compare_case(&design, &design, &model) != 0) {
      print_error("case %d: %d workers, %d chunks, %d parts\n", k, design.workers, design.chunks, design.parts);
      fail();
    }
  }
}

/* P(never) by each road: elimination of failures alone, and going through the sets of failed workers. */
static void counts_fatal_failures_as_enumeration_does(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 5, 0);
  int cases = 0, by_sets = 0, certain = 0;
  for (int k = 0; k < 300; k++) {
    brute_design design = random_design(&random);
    brute_model model = random_model(&random, design.workers);
    brute_case made = brute_case_start(&design, &design, &model);
    const testudo_i_delay known = {.model = &made.delay};
    testudo_i_cluster cluster;
    testudo_i_method method = {0};
    testudo_i_probability end;
    testudo_i_never never;
    bool fits;
    assert_ok(testudo_i_cluster_init(&cluster, made.design, &known, model.whole, NULL));
    assert_ok(testudo_i_eliminated(&cluster, true, 100000, NULL, &fits, &method, NULL));
    assert_true(fits);
    assert_ok(method.evaluate(method.state, HUGE_VAL, TESTUDO_I_WANT_BOTH, &end, NULL));
    assert_near(end.below_lower, made.wanted.finite, CLOSE);
    assert_near(end.above_lower, 1 - made.wanted.finite, CLOSE);
    if (made.wanted.finite == 0) { /* then it is certain, to the last digit */
      assert_true(end.below_lower == 0 && end.above_lower == 1);
      certain += model.failures == TESTUDO_FAILURES_EXACTLY;
    }
    assert_ok(testudo_i_never_find(&cluster, 100000, NULL, &never, NULL));
    assert_true(never.known);
    assert_near(never.never, 1 - made.wanted.finite, CLOSE);
    assert_near(never.finite, made.wanted.finite, CLOSE);
    by_sets += strstr(never.how, "sets") != NULL;
    cases += never.never > 0.01 && never.never < 0.99;
    testudo_i_arena_clear(&method.arena);
    testudo_i_cluster_free(&cluster);
    brute_case_clear(&made);
  }
  print_message("%d cases with a chance, %d by sets, %d certain\n", cases, by_sets, certain);
  assert_true(cases > 50 && by_sets > 50 && certain > 10);
}

/* ---- the error at a deadline ---- */

/* Copies that the chunks lack at t in an outcome. */
static int brute_missing(const brute_design *design, const brute_model *model, const double *finish, double t)
{
  double time[BRUTE_WORKERS];
  int missing = 0;
  for (int chunk = 0; chunk < design->chunks; chunk++) {
    int count = brute_holder_times(design, model, finish, chunk, time), done = 0;
    while (done < count && time[done] <= t)
      done++;
    missing += done < design->parts ? design->parts - done : 0;
  }
  return missing;
}

static void compare_errors(const brute_design *design, const brute_model *model, const brute_law *law, double t,
                           const double *found, int64_t most)
{
  long double wanted[3 * BRUTE_CHUNKS + 1] = {0};
  for (size_t k = 0; k < law->outcomes; k++)
    wanted[brute_missing(design, model, law->outcome[k].finish, t)] += (long double)law->outcome[k].chance;
  for (int64_t k = 0; k <= 3 * BRUTE_CHUNKS; k++)
    compare("P(error)", t, k <= most ? found[k] : 0, (double)wanted[k]);
}

/* The library's law is that of `design`; the enumeration that of `enumerated`. */
static int compare_error_case(const brute_design *design, const brute_design *enumerated, const brute_model *model)
{
  static const double times[] = {0.2, 0.9, 1.7, 3.1, 4.4, 9.0, HUGE_VAL};
  mismatches = 0;
  brute_case made = brute_case_start(design, enumerated, model);
  testudo_error_law *errors;
  assert_ok(testudo_error_law_create(made.design, &made.delay, &plain_options, &errors, NULL));
  int64_t most = testudo_error_law_most(errors);
  assert_int_equal(most, design->chunks * design->parts);
  double *probability = malloc(((size_t)most + 1) * sizeof *probability);
  for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
    assert_ok(testudo_error_law_at(errors, times[k], probability, NULL));
    compare_errors(enumerated, model, &made.wanted, isinf(times[k]) ? 1e9 : times[k], probability, most);
  }
  free(probability);
  testudo_error_law_free(errors);
  brute_case_clear(&made);
  return mismatches;
}

static void errors_have_the_enumerated_distribution(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 6, 0);
  said = false;
  for (int k = 0; k < 300; k++) {
    brute_design design = k % 4 == 0 ? twin_design(&random) : random_design(&random);
    brute_model model = random_model(&random, design.workers);
    model.whole = false;
    if (k % 4 == 1) { /* a ring */
      design = (brute_design){.workers = 3 + k % 3, .chunks = 3 + k % 3, .parts = 1 + k % 2};
      for (int j = 0; j < design.workers; j++)
        for (design.load[j] = 0; design.load[j] < 2 + k / 4 % 2; design.load[j]++)
          design.order[j][design.load[j]] = (2 * j + design.load[j]) % design.workers;
      if (design.workers % 2 == 0)
        continue;
    }
    if (compare_error_case(&design, &design, &model) != 0) {
      print_error("case %d: %d workers, %d chunks, %d parts\n", k, design.workers, design.chunks, design.parts);
      fail();
    }
  }
}

static void errors_of_another_order_differ(void **state)
{
  (void)state;
  brute_design design = {.workers = 3, .chunks = 3, .parts = 1, .load = {2, 2, 2}, .order = {{0, 1}, {1, 2}, {2, 0}}};
  brute_design other = design;
  brute_model model = {.atoms = 2, .value = {0.7, 2.1}, .weight = {3, 4}, .rate = {1, 1, 1, 1, 1, 1}};
  other.order[0][0] = 1;
  other.order[0][1] = 0;
  said = true;
  assert_int_equal(compare_error_case(&design, &design, &model), 0);
  assert_true(compare_error_case(&design, &other, &model) > 0);
}

/* ---- work ---- */

/* Chunks that worker j has computed at T, averaged over the outcomes with an end. */
static double brute_work(const brute_design *design, const brute_model *model, const brute_law *law, int j)
{
  long double sum = 0;
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++)
    for (int c = 1; c <= design->load[j]; c++)
      if (c * law->outcome[k].finish[j] / model->rate[j] <= law->outcome[k].time)
        sum += (long double)law->outcome[k].chance;
  return (double)(sum / law->finite);
}

static int compare_work_case(const brute_design *design, const brute_design *enumerated, const brute_model *model)
{
  mismatches = 0;
  brute_case made = brute_case_start(design, enumerated, model);
  testudo_analysis_options options = plain_options;
  options.report = made.report;
  testudo_latency *latency = latency_with(made.design, &made.delay, &options);
  double chunks[BRUTE_WORKERS], doubt;
  testudo_status status = testudo_expected_work(latency, chunks, &doubt, NULL);
  if (status == TESTUDO_ERROR_ARGUMENT) /* everybody must end */
    mismatches = -1;
  for (int j = 0; status == TESTUDO_OK && j < design->workers; j++) {
    if (made.wanted.finite > 1e-9)
      compare("chunks computed", j, chunks[j] + 1, brute_work(enumerated, model, &made.wanted, j) + 1);
    else
      assert_true(isnan(chunks[j]));
  }
  testudo_latency_free(latency);
  brute_case_clear(&made);
  return mismatches;
}

static void work_is_that_of_enumeration(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 7, 0);
  int compared = 0, differ = 0;
  said = false;
  for (int k = 0; k < 200; k++) {
    brute_design design = k % 4 == 0 ? twin_design(&random) : random_design(&random);
    brute_model model = random_model(&random, design.workers);
    if (k % 4 == 1) { /* a ring */
      design = (brute_design){.workers = 3 + k % 3, .chunks = 3 + k % 3, .parts = 1 + k / 4 % 2};
      for (int j = 0; j < design.workers; j++)
        for (design.load[j] = 0; design.load[j] < 3; design.load[j]++)
          design.order[j][design.load[j]] = (j + design.load[j]) % design.workers;
    }
    int wrong = compare_work_case(&design, &design, &model);
    if (wrong > 0) {
      print_error("case %d: %d workers, %d chunks, %d parts\n", k, design.workers, design.chunks, design.parts);
      fail();
    }
    compared += wrong == 0;
    if (k % 4 == 1 && design.workers > 3) { /* another order of one worker */
      brute_design other = design;
      other.order[0][0] = design.order[0][1];
      other.order[0][1] = design.order[0][0];
      said = true;
      differ += compare_work_case(&design, &other, &model) > 0;
      said = false;
    }
  }
  print_message("%d compared, %d differ\n", compared, differ);
  assert_true(compared > 120 && differ > 10);
}

/* Two or three workers hold a chunk each that nobody else does, as their last, so that T is theirs alone; the others
   hold, in any number, chunks that are covered by then. */
static brute_design design_with_idle(testudo_i_random *random)
{
  brute_design design = {.workers = 5 + (int)testudo_i_random_below(random, 2), .parts = 1};
  int needed = 2 + (int)testudo_i_random_below(random, 2), shared = 3;
  design.chunks = shared + needed;
  int32_t label[BRUTE_WORKERS], chunk[3] = {0, 1, 2};
  for (int j = 0; j < design.workers; j++)
    label[j] = j;
  testudo_i_random_shuffle(random, label, (size_t)design.workers);
  for (int k = 0; k < design.workers; k++) {
    int j = label[k], most = 1 + (int)testudo_i_random_below(random, 3);
    testudo_i_random_shuffle(random, chunk, (size_t)shared);
    for (int p = 0; p < (k == 0 ? shared : most); p++) /* the first needed one holds them all */
      design.order[j][design.load[j]++] = chunk[p];
    if (k < needed)
      design.order[j][design.load[j]++] = shared + k;
  }
  return design;
}

/* A worker that T never waits for works on until T, and not where T is never. */
static void work_of_idle_workers_is_that_of_enumeration(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 8, 0);
  said = false;
  for (int k = 0; k < 60; k++) {
    brute_design design = design_with_idle(&random);
    brute_model model = random_model(&random, design.workers);
    model.atoms = 2;
    model.failures = k % 2 == 0 ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_EXACTLY;
    model.fail_prob = k % 2 == 0 ? 0.15 : 0;
    model.failed = k % 2 == 0 ? 0 : 1 + k / 2 % 2;
    if (compare_work_case(&design, &design, &model) != 0) {
      print_error("case %d: %d workers, %d chunks, %d failed\n", k, design.workers, design.chunks, model.failed);
      fail();
    }
  }
}

/* Two places of a worker exchanged, or another l, is another law. */
static void rejects_swapped_places_and_another_level(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 2, 0);
  int seen = 0, asked = 0;
  for (int k = 0; k < 60; k++) {
    brute_design design = random_design(&random), other = design;
    brute_model model = random_model(&random, design.workers);
    if (model.whole || design.load[0] < 2)
      continue;
    int kept = other.order[0][0];
    other.order[0][0] = other.order[0][design.load[0] - 1];
    other.order[0][design.load[0] - 1] = kept;
    said = true;
    asked++;
    seen += compare_case(&design, &other, &model) > 0;
    if (design.parts == 1)
      continue;
    other = design;
    other.parts--;
    asked++;
    seen += compare_case(&design, &other, &model) > 0;
  }
  print_message("%d of %d differ\n", seen, asked);
  assert_true(seen > asked / 2); /* the others have the same law: an order that does not matter */
}

/* ---- against the other methods ---- */

static void shuffle_labels(testudo_i_random *random, int32_t workers, int32_t chunks, int32_t load, int32_t *order)
{
  int32_t *worker = malloc((size_t)workers * sizeof *worker), *chunk = malloc((size_t)chunks * sizeof *chunk);
  int32_t *copy = malloc((size_t)workers * (size_t)load * sizeof *copy);
  memcpy(copy, order, (size_t)workers * (size_t)load * sizeof *copy);
  for (int32_t j = 0; j < workers; j++)
    worker[j] = j;
  for (int32_t i = 0; i < chunks; i++)
    chunk[i] = i;
  testudo_i_random_shuffle(random, worker, (size_t)workers);
  testudo_i_random_shuffle(random, chunk, (size_t)chunks);
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < load; k++)
      order[worker[j] * load + k] = chunk[copy[j * load + k]];
  free(worker);
  free(chunk);
  free(copy);
}

static const double moments[] = {0.02, 0.3, 0.9, 2.1, 4.7, 11.0, 60.0};
enum { MOMENTS = sizeof moments / sizeof *moments };

/* Shuffled rings are still rings to the library, which takes the transfer matrix. */
static void equals_the_transfer_matrix_on_shuffled_rings(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 3, 0);
  testudo_law *law = law_of("exp:1");
  mismatches = 0;
  said = false;
  for (int32_t m = 5; m <= 14; m += 3)
    for (int32_t load = 2; load <= 4; load++)
      for (int32_t parts = 1; parts <= 2; parts++)
        for (int32_t failed = 0; failed <= 2; failed += 2) {
          int32_t order[14 * 4], loads[14];
          for (int32_t j = 0; j < m; j++) {
            loads[j] = load;
            for (int32_t k = 0; k < load; k++)
              order[j * load + k] = (j + k) % m;
          }
          shuffle_labels(&random, m, m, load, order);
          testudo_design *design = partial(m, m, parts, loads, order);
          testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = failed};
          testudo_latency *latency = latency_with(design, &model, &plain_options);
          assert_non_null(strstr(testudo_latency_method(latency), "transfer matrix"));
          eliminated e;
          eliminate(design, &model, false, &e);
          for (int k = 0; k < MOMENTS; k++) {
            double below, above, unused;
            assert_ok(testudo_latency_cdf(latency, moments[k], &below, &unused, NULL));
            assert_ok(testudo_latency_tail(latency, moments[k], &above, &unused, NULL));
            testudo_i_probability p = eliminated_at(&e, moments[k]);
            compare("P(T<=t) of a ring", moments[k], p.below_lower, below);
            compare("P(T>t) of a ring", moments[k], p.above_lower, above);
          }
          eliminated_clear(&e);
          testudo_latency_free(latency);
          testudo_design_free(design);
        }
  testudo_law_free(law);
  assert_int_equal(mismatches, 0);
}

/* One group in any orders, with the states of all counts held at once. */
static void equals_the_dense_scan_of_a_group(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 15, TESTUDO_I_FOR_TEST, 4, 0);
  testudo_law *law = law_of("exp:1");
  mismatches = 0;
  said = false;
  for (int k = 0; k < 40; k++) {
    int32_t size = 2 + (int32_t)testudo_i_random_below(&random, 4);
    int32_t load = 2 + (int32_t)testudo_i_random_below(&random, 5);
    int32_t parts = 1 + (int32_t)testudo_i_random_below(&random, 2), order[5 * 6], loads[5], class_[5] = {0};
    int32_t failed = (int32_t)testudo_i_random_below(&random, 3);
    for (int32_t a = 0; a < size; a++) {
      loads[a] = load;
      for (int32_t p = 0; p < load; p++)
        order[a * load + p] = p;
      testudo_i_random_shuffle(&random, order + a * load, (size_t)load);
    }
    failed = failed > size ? size : failed;
    testudo_design *design = partial(size, load, parts, loads, order);
    testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = failed};
    eliminated e;
    eliminate(design, &model, false, &e);
    size_t states = (size_t)testudo_i_group_states(load, parts), width = (size_t)failed + 1;
    double *room = malloc((width + 1) * states * sizeof *room), done[3], lost[3], q[7];
    const double *const law_of_class[] = {q};
    testudo_i_group_shape shape = {size, load, class_, order};
    for (int x = 0; x < MOMENTS; x++) {
      double t = moments[x], fail = (double)failed / size;
      testudo_i_cluster_progress(&e.cluster, 0, t, q);
      testudo_i_group_scan(&shape, parts, law_of_class, fail, failed, (testudo_i_pair){done, lost}, room);
      double norm = done[failed] + lost[failed], chance = pow(1 - fail, size - failed);
      for (int32_t f = 0; f < failed; f++)
        chance *= fail * (size - f) / (f + 1);
      compare("P(so many fail)", t, norm, chance);
      testudo_i_probability p = eliminated_at(&e, t);
      compare("P(T<=t) of a group", t, p.below_lower, done[failed] / norm);
      compare("P(T>t) of a group", t, p.above_lower, lost[failed] / norm);
    }
    free(room);
    eliminated_clear(&e);
    testudo_design_free(design);
  }
  testudo_law_free(law);
  assert_int_equal(mismatches, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_enumeration_on_random_designs),
      cmocka_unit_test(counts_fatal_failures_as_enumeration_does),
      cmocka_unit_test(errors_have_the_enumerated_distribution),
      cmocka_unit_test(errors_of_another_order_differ),
      cmocka_unit_test(work_is_that_of_enumeration),
      cmocka_unit_test(work_of_idle_workers_is_that_of_enumeration),
      cmocka_unit_test(rejects_swapped_places_and_another_level),
      cmocka_unit_test(equals_the_transfer_matrix_on_shuffled_rings),
      cmocka_unit_test(equals_the_dense_scan_of_a_group),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
