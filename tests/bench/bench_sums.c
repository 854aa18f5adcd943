/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of the laws of X_1 + .. + X_k, k = 1 .. terms, by convolution, beside a floor measured in the same run: one
   evaluation of the density and one of the law's two sides for each of 16 Gauss nodes on 8 pieces, at 160 places per
   term. What cannot be evaluated less often than that cannot be made faster. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/delay.h>

#include "delay/sums/sums.h"

/* Seconds of the floor; *sum keeps the compiler from leaving it out. */
static double floor_of(const testudo_law *law, int terms, double *sum)
{
  double start = bench_processor(), mean = testudo_law_quantile(law, 0.5);
  for (int k = 2; k <= terms; k++)
    for (int place = 0; place < 160; place++)
      for (int node = 1; node <= 8 * 16; node++) {
        double y = mean * (0.01 * place + node / 64.0), below, above;
        testudo_i_started_sides(law, y, &below, &above);
        *sum += testudo_i_started_density(law, y) * (below + above);
      }
  return bench_processor() - start;
}

int main(void)
{
  static const struct {
    const char *law;
    int terms;
  } job[] = {{"lognormal:0,0.5", 8}, {"lognormal:0,0.5", 64}, {"pareto:1,1.5", 8}, {"pareto:1,1.5", 64},
             {"weibull:0.5,1", 8}, {"weibull:0.5,1", 64}, {"lomax:2.5,1", 64}, {"lognormal:0,0.01", 64},
             {"weibull:0.1,1", 2}, {"mixture:0.2,exp:0.2,exp:3", 64}};
  testudo_error error;
  printf("%-28s %6s %10s %10s %10s\n", "law", "terms", "seconds", "by floor", "error");
  for (size_t j = 0; j < sizeof job / sizeof *job; j++) {
    testudo_law *law;
    testudo_i_arena arena = {0};
    testudo_sums *sums;
    bench_must(testudo_law_parse(job[j].law, &law, &error), &error);
    double start = bench_processor(), sum = 0.0;
    bench_must(testudo_i_sums_make(&arena, law, job[j].terms, false, &sums, &error), &error);
    double time = bench_processor() - start, least = floor_of(law, job[j].terms, &sum);
    printf("%-28s %6d %10.3f %10.1f %10.1e%s\n", job[j].law, job[j].terms, time, time / least,
           testudo_i_sums_error(sums), isnan(sum) ? "?" : "");
    fflush(stdout);
    testudo_i_arena_clear(&arena);
    testudo_law_free(law);
  }
  return 0;
}
