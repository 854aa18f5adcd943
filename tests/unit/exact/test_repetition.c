/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional repetition: the check values of docs/theory/latency.md#check-values, and enumeration of every outcome on
   small groups. */
#include "check.h"

#include "unit/exact/cases.h"

typedef testudo_status orderer(testudo_assignment *assignment, testudo_error *error);

static testudo_design *frc(int32_t workers, int32_t chunks, int32_t replication, int32_t parts, orderer *order)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_frc(workers, chunks, replication, &assignment, NULL));
  if (order != NULL)
    assert_ok(order(&assignment, NULL));
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

static double mean_of(testudo_design *design, const char *law_text)
{
  testudo_law *law = law_of(law_text);
  testudo_delay_model model = {.law = law};
  testudo_latency *latency;
  testudo_summary summary;
  assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
  assert_true(testudo_latency_is_exact(latency));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
  return summary.mean;
}

static void equals_the_check_values_of_the_theory(void **state)
{
  (void)state;
  const struct {
    int32_t workers, load, parts;
    double xored, rotated;
  } cases[] = {
      {24, 4, 1, 1.62668313, 1.63502330},
      {24, 4, 2, 3.40415100, 3.42390978},
      {200, 8, 1, 2.03384190, 2.04827602},
      {4, 4, 1, 0.72952381, 0.73442577},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    int32_t m = cases[k].workers, d = cases[k].load, l = cases[k].parts;
    assert_near(mean_of(frc(m, m, d, l, testudo_order_xor), "exp:1"), cases[k].xored, 5.1e-9);
    assert_near(mean_of(frc(m, m, d, l, testudo_order_rotated), "exp:1"), cases[k].rotated, 5.1e-9);
  }
}

/* In natural order every worker of a group needs its last chunk last: T is the maximum over groups of the l-th smallest
   of the workers' whole times, here for 3 groups of 4: E max of 3 minima of 4 exponentials of mean 4. */
static void natural_order_is_the_maximum_over_groups_of_an_order_statistic(void **state)
{
  (void)state;
  assert_close(mean_of(frc(12, 12, 4, 1, NULL), "exp:1"), 1.0 + 1.0 / 2 + 1.0 / 3, 1e-9);
}

/* ---- enumeration: every worker's draw is one of two or three values, every failure pattern ---- */

typedef struct world {
  const testudo_design *design;
  int32_t parts, failed;
  const double *value;
  int values;
  double fail_prob;
  bool whole;
  double rate[8];
} world;

/* The time at which every chunk has been done parts times; HUGE_VAL if never. */
static double completion(const world *w, const int *draw, unsigned failed)
{
  double last = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(w->design); i++) {
    double times[8];
    int count = 0;
    for (int32_t j = 0; j < testudo_design_workers(w->design); j++) {
      const int32_t *order = testudo_design_order(w->design, j);
      for (int32_t p = 0; p < testudo_design_load(w->design, j); p++)
        if (order[p] == i && !(failed >> j & 1)) {
          int32_t k = w->whole ? testudo_design_load(w->design, j) : p + 1;
          times[count++] = k * w->value[draw[j]] / w->rate[j];
        }
    }
    for (int a = 0; a < count; a++)
      for (int b = a + 1; b < count; b++)
        if (times[b] < times[a]) {
          double kept = times[a];
          times[a] = times[b];
          times[b] = kept;
        }
    double here = count < w->parts ? HUGE_VAL : times[w->parts - 1];
    last = here > last ? here : last;
  }
  return last;
}

static double enumerate(const world *w, double t)
{
  int32_t m = testudo_design_workers(w->design);
  double sum = 0.0, weights = 0.0;
  for (unsigned failed = 0; failed < 1u << m; failed++) {
    int count = __builtin_popcount(failed);
    if (w->failed >= 0 && count != w->failed)
      continue;
    double weight = w->failed >= 0 ? 1.0 : pow(w->fail_prob, count) * pow(1.0 - w->fail_prob, m - count);
    int draw[8] = {0};
    for (;;) {
      weights += weight;
      sum += completion(w, draw, failed) <= t ? weight : 0.0;
      int32_t j = 0;
      while (j < m && ++draw[j] == w->values)
        draw[j++] = 0;
      if (j == m)
        break;
    }
  }
  return sum / weights;
}

static int compare_with_enumeration(const testudo_design *design, const testudo_delay_model *model, const world *w,
                                    bool whole)
{
  testudo_analysis_options options = plain_options;
  options.report = whole ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
  testudo_latency *latency;
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  assert_true(testudo_latency_is_exact(latency));
  int compared = 0;
  for (int32_t k = 1; k <= testudo_design_max_load(design); k++)
    for (int v = 0; v < w->values; v++) {
      double t = k * w->value[v], lower, upper;
      double wanted = enumerate(w, t);
      assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
      assert_near(lower, wanted, 1e-12);
      assert_near(upper, wanted, 1e-12);
      assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
      assert_near(lower, 1.0 - wanted, 1e-12);
      compared++;
    }
  testudo_latency_free(latency);
  return compared;
}

static int each_failure_model(testudo_design *design, int32_t parts, bool whole)
{
  const char *path = "test_repetition_trace.csv";
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("seconds\n0.83\n1.37\n", file);
  fclose(file);
  testudo_law *law = law_of("trace:test_repetition_trace.csv");
  remove(path);
  static const double value[] = {0.83, 1.37};
  double rates[8];
  for (int j = 0; j < 8; j++)
    rates[j] = 1.0 + 0.75 * (j % 3);
  int compared = 0;
  for (int32_t failed = -1; failed <= 3; failed++)
    for (int rated = 0; rated < 2; rated++) {
      testudo_delay_model model = {.law = law, .workers = testudo_design_workers(design)};
      model.rates = rated ? rates : NULL;
      model.failures = failed >= 0 ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_EACH;
      model.failed = failed >= 0 ? failed : 0;
      model.fail_prob = failed >= 0 ? 0.0 : 0.17;
      world w = {.design = design, .parts = parts, .failed = failed, .value = value, .values = 2, .fail_prob = 0.17,
                 .whole = whole};
      for (int j = 0; j < 8; j++)
        w.rate[j] = rated ? rates[j] : 1.0;
      compared += compare_with_enumeration(design, &model, &w, whole);
    }
  testudo_law_free(law);
  testudo_design_free(design);
  return compared;
}

static void equals_enumeration_for_every_order_shape_and_failure_model(void **state)
{
  (void)state;
  const struct {
    int32_t workers, chunks, replication;
  } shapes[] = {{4, 4, 2}, {6, 6, 3}, {4, 4, 4}, {4, 8, 2}, {6, 4, 3}, {3, 5, 3}, {5, 5, 1}};
  orderer *const orders[] = {NULL, testudo_order_rotated, testudo_order_xor};
  int compared = 0;
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    int32_t load = shapes[s].chunks * shapes[s].replication / shapes[s].workers;
    for (int o = 0; o < 3; o++)
      for (int32_t l = 1; l <= shapes[s].replication; l++)
        for (int whole = 0; whole < 2; whole++) {
          int32_t size = shapes[s].replication;
          if (orders[o] != NULL && load > size && load % size != 0)
            continue; /* refused: there are no blocks to shift by */
          if (orders[o] == testudo_order_xor && (load & (load - 1)) != 0)
            continue;
          compared += each_failure_model(frc(shapes[s].workers, shapes[s].chunks, shapes[s].replication, l, orders[o]),
                                         l, whole != 0);
        }
  }
  assert_true(compared > 2000);
}

/* The comparison above must be able to fail: another order, another l. */
static void a_wrong_order_or_level_does_not_equal_the_enumeration(void **state)
{
  (void)state;
  testudo_design *xored = frc(4, 4, 4, 1, testudo_order_xor), *natural = frc(4, 4, 4, 1, NULL);
  static const double value[] = {0.83, 1.37};
  world w = {.design = natural, .parts = 1, .failed = 0, .value = value, .values = 2, .rate = {1, 1, 1, 1}};
  double right = enumerate(&w, 0.83 * 4);
  w.parts = 2;
  assert_true(fabs(enumerate(&w, 0.83 * 4) - right) > 0.1);
  w.parts = 1;
  right = enumerate(&w, 0.83 * 2);
  w.design = xored;
  assert_true(fabs(enumerate(&w, 0.83 * 2) - right) > 0.1);
  testudo_design_free(xored);
  testudo_design_free(natural);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_check_values_of_the_theory),
      cmocka_unit_test(natural_order_is_the_maximum_over_groups_of_an_order_statistic),
      cmocka_unit_test(equals_enumeration_for_every_order_shape_and_failure_model),
      cmocka_unit_test(a_wrong_order_or_level_does_not_equal_the_enumeration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
