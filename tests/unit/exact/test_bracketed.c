/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws between two (docs/theory/model.md#sums-of-any-law): the sides enclose the law that enumeration gives, on both
   sides of every jump, where a grid cannot meet the values. */
#include "cases.h"

#include <math.h>
#include <string.h>

#define FIRST "1.0471975511965976"
#define SECOND "1.4142135623730951"

enum { CHUNKS = 3 };

/* P(sum of CHUNKS draws <= t), each of the two values with probability 1/2; strictly: < t. */
static double sum_below(double t, bool strictly)
{
  static const double ways[CHUNKS + 1] = {1, 3, 3, 1};
  double a = strtod(FIRST, NULL), b = strtod(SECOND, NULL), p = 0.0;
  for (int k = 0; k <= CHUNKS; k++) {
    double x = (CHUNKS - k) * a + k * b;
    if (strictly ? x < t * (1 - 1e-13) : x <= t * (1 + 1e-13))
      p += ways[k] / 8.0;
  }
  return p;
}

static double jump(int k)
{
  return (CHUNKS - k) * strtod(FIRST, NULL) + k * strtod(SECOND, NULL);
}

static void sides_enclose_the_law_on_both_sides_of_every_jump(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.5,deterministic:" FIRST ",deterministic:" SECOND);
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  int cases = 0, apart = 0;
  for (int32_t workers = 1; workers <= 4; workers++) {
    testudo_design *design = uncoded(workers, CHUNKS * workers);
    testudo_latency *latency = NULL;
    assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
    assert_int_equal(strncmp(testudo_latency_method(latency), "bracketed", 9), 0);
    for (int k = 0; k <= CHUNKS; k++)
      for (int above = -1; above <= 1; above++) {
        /* So near to the jump that a side which rounds by steps has it elsewhere. */
        double t = jump(k) * (1 + 1e-9 * above), lower, upper;
        double truth = pow(sum_below(jump(k), above < 0), workers);
        assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
        if (!(lower <= truth + 1e-12) || !(truth <= upper + 1e-12))
          print_error("%d workers, t = %.17g: %.17g <= %.17g <= %.17g\n", (int)workers, t, lower, truth, upper);
        assert_true(lower <= truth + 1e-12);
        assert_true(truth <= upper + 1e-12);
        apart += upper - lower > 1e-3;
        cases++;
      }
    testudo_latency_free(latency);
    testudo_design_free(design);
  }
  testudo_law_free(law);
  assert_int_equal(cases, 48);
  assert_true(apart >= 12); /* the jumps themselves lie between the sides */
}

static void mean_lies_between_the_bounds_of_the_sides(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.5,deterministic:" FIRST ",deterministic:" SECOND);
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  testudo_design *design = uncoded(3, 3 * CHUNKS);
  testudo_latency *latency = NULL;
  testudo_summary summary;
  double truth = 0.0, before = 0.0;
  for (int k = 0; k <= CHUNKS; k++) {
    double now = pow(sum_below(jump(k), false), 3);
    truth += jump(k) * (now - before);
    before = now;
  }
  assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_true(summary.lower <= truth && truth <= summary.upper);
  assert_true(summary.upper - summary.lower > 1e-9 * truth && summary.upper - summary.lower < 2e-4 * truth);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sides_enclose_the_law_on_both_sides_of_every_jump),
      cmocka_unit_test(mean_lies_between_the_bounds_of_the_sides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
