/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a summary (mean, deviation, balanced limit) of laws with one part costs, in units of one evaluation of the law
   (P(T <= t) and P(T > t), averaged over 101 times from the 1e-4 to the .9999 quantile): the floor is the number of
   evaluations that an integral needs, so that the ratio should stay a few hundred whatever the law, and some more where
   the balanced limit costs as much as the law itself, as it does for uncoded designs. Beside it a mean by the plain
   trapezoidal rule at 1,000 times up to where 1e-12 is left, which promises nothing. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/code.h>
#include <testudo/exact.h>

typedef struct subject {
  const char *scheme;
  int32_t workers, load;
  const char *law;
  bool additive;
} subject;

static testudo_latency *make_latency(const subject *s, testudo_design **design, testudo_delay_model *model,
                                     testudo_law **law)
{
  static const testudo_analysis_options options = {TESTUDO_REPORT_CHUNK, 200000, 1e-9, NULL};
  testudo_assignment assignment;
  testudo_latency *latency;
  testudo_error error;
  bool wait = s->scheme[0] == 'k';
  if (s->scheme[0] == 'c')
    bench_must(testudo_assignment_cyclic(s->workers, s->load, &assignment, &error), &error);
  else if (s->scheme[0] == 'g')
    bench_must(testudo_assignment_frc(s->workers, s->workers, s->load, &assignment, &error), &error);
  else
    bench_must(testudo_assignment_uncoded(s->workers, s->workers * s->load, &assignment, &error), &error);
  if (wait)
    bench_must(testudo_design_create_waiting(&assignment, s->workers * 9 / 10, "", design, &error), &error);
  else
    bench_must(testudo_design_create(s->scheme[0] == 'u' ? TESTUDO_SCHEME_UNCODED : TESTUDO_SCHEME_PARTIAL,
                                     &assignment, 1, 1, "", design, &error),
               &error);
  testudo_assignment_free(&assignment);
  bench_must(testudo_law_parse(s->law, law, &error), &error);
  *model = (testudo_delay_model){.law = *law,
                                 .structure = s->additive ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED};
  bench_must(testudo_latency_create(*design, model, &options, &latency, &error), &error);
  return latency;
}

static double time_of_evaluation(testudo_latency *latency)
{
  double times[101], lower, upper;
  testudo_error error;
  bench_must(testudo_latency_grid(latency, 101, times, &error), &error);
  double start = bench_processor();
  for (int k = 0; k < 101; k++)
    bench_must(testudo_latency_tail(latency, times[k], &lower, &upper, &error), &error);
  return (bench_processor() - start) / 101;
}

static double time_of_trapezoids(testudo_latency *latency, double *mean)
{
  enum { STEPS = 1000 };
  double last, unused, above;
  testudo_error error;
  bench_must(testudo_latency_quantile(latency, 1 - 1e-12, &last, &unused, &error), &error);
  double start = bench_processor();
  *mean = 0;
  for (int k = 0; k <= STEPS; k++) {
    bench_must(testudo_latency_tail(latency, last * k / STEPS, &above, &unused, &error), &error);
    *mean += (k == 0 || k == STEPS ? 0.5 : 1.0) * above * last / STEPS;
  }
  return bench_processor() - start;
}

int main(void)
{
  static const subject subjects[] = {
      {"cyclic", 200, 8, "exp:1", false}, {"cyclic", 200, 8, "shifted-exp:0.5,1", false},
      {"cyclic", 200, 8, "lognormal:0,1", false}, {"cyclic", 200, 8, "pareto:1,2.5", false},
      {"cyclic", 200, 8, "weibull:0.7,1", false}, {"cyclic", 100, 6, "lognormal:0,0.5", true},
      {"cyclic", 100, 6, "exp:1", true}, {"groups", 200, 8, "exp:1", false}, {"groups", 96, 4, "lognormal:0,1", false},
      {"uncoded", 1000, 1, "lognormal:0,1", false}, {"uncoded", 1000, 1, "weibull:100,1", false},
      {"k of n", 1000, 1, "exp:1", false}, {"k of n", 1000, 1, "lognormal:0,0.01", false}};
  printf("%-8s %5s %4s %-20s %10s %12s %12s %10s %10s\n", "scheme", "m", "load", "law", "ms", "evaluations",
         "trapezoids", "error", "theirs");
  for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++) {
    const subject *s = &subjects[k];
    testudo_design *design;
    testudo_delay_model model;
    testudo_law *law;
    testudo_summary summary;
    testudo_error error;
    testudo_latency *latency = make_latency(s, &design, &model, &law);
    double mean, one = time_of_evaluation(latency), plain = time_of_trapezoids(latency, &mean), least = HUGE_VAL;
    for (int round = 0; round < 3; round++) {
      double start = bench_processor();
      bench_must(testudo_latency_summary(latency, &summary, &error), &error);
      least = fmin(least, bench_processor() - start);
    }
    printf("%-8s %5ld %4ld %-20s %10.3f %12.0f %12.2f %10.1e %10.1e\n", s->scheme, (long)s->workers, (long)s->load,
           s->law, 1e3 * least, least / one, least / plain, summary.abs_error / summary.mean,
           fabs(mean - summary.mean) / summary.mean);
    testudo_latency_free(latency);
    testudo_law_free(law);
    testudo_design_free(design);
  }
  return 0;
}
