/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an exponential draw costs: the random words alone (the floor), our logarithm, libm's; and lognormal and gamma
   draws beside one quantile after the other. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "delay/laws/table.h"

enum { BLOCK = 1024, ROUNDS = 4000, REPEATS = 5 };

static double u[BLOCK], x[BLOCK];
static testudo_law law = {.b = 1.37};

static void draw_words(uint64_t round)
{
  for (uint64_t k = 0; k < BLOCK; k += 4) {
    uint64_t word[4];
    testudo_i_random_block(1, TESTUDO_I_FOR_TEST, round, 0, k / 4, word);
    for (int j = 0; j < 4; j++)
      u[k + (uint64_t)j] = testudo_i_uniform_of(word[j]);
  }
}

static void words_only(uint64_t round)
{
  draw_words(round);
}

static void own_logarithm(uint64_t round)
{
  (void)round;
  testudo_i_law_fill(&law, u, x, BLOCK);
}

static void libm_logarithm(uint64_t round)
{
  (void)round;
  for (int k = 0; k < BLOCK; k++)
    x[k] = -log(u[k]) / law.b;
}

static void whole_draw(uint64_t round)
{
  draw_words(round);
  testudo_i_law_fill(&law, u, x, BLOCK);
}

/* Least of a few repeats, in nanoseconds per number. */
static double measure(void (*work)(uint64_t), double *checksum)
{
  double least = HUGE_VAL;
  for (int repeat = 0; repeat < REPEATS; repeat++) {
    double start = bench_wall();
    for (uint64_t round = 0; round < ROUNDS; round++) {
      work(round);
      *checksum += x[round % BLOCK] + u[round % BLOCK];
    }
    least = fmin(least, bench_wall() - start);
  }
  return least * 1e9 / ((double)ROUNDS * BLOCK);
}

/* Nanoseconds per number, without the words, of a law by its vector road and by its quantile. */
static void bench_law(const char *text)
{
  enum { RUNS = 300 };
  testudo_law *of;
  testudo_error error;
  double least[2] = {HUGE_VAL, HUGE_VAL};
  bench_must(testudo_law_parse(text, &of, &error), &error);
  for (int repeat = 0; repeat < REPEATS; repeat++)
    for (int road = 0; road < 2; road++) {
      double start = bench_processor();
      for (int run = 0; run < (road == 0 ? RUNS * 10 : RUNS); run++)
        if (road == 0)
          testudo_i_law_fill(of, u, x, BLOCK);
        else
          for (int k = 0; k < BLOCK; k++)
            x[k] = testudo_law_quantile(of, u[k]);
      least[road] = fmin(least[road], (bench_processor() - start) / (road == 0 ? RUNS * 10 : RUNS));
    }
  printf("%-14s %6.2f ns a number, by quantiles %7.2f, ratio %.1f\n", text, 1e9 * least[0] / BLOCK,
         1e9 * least[1] / BLOCK, least[1] / least[0]);
  testudo_law_free(of);
}

int main(void)
{
  double checksum = 0.0;
  law.row = testudo_i_law_row_of("exp:");
  draw_words(0);
  double floor_ns = measure(words_only, &checksum), own = measure(own_logarithm, &checksum);
  double libm = measure(libm_logarithm, &checksum), draw = measure(whole_draw, &checksum);
  printf("ns a number: words %.2f, -log(u)/rate ours %.2f, libm %.2f, an exponential draw %.2f\n", floor_ns, own, libm,
         draw);
  bench_law("lognormal:0,1");
  bench_law("gamma:2,1");
  bench_law("weibull:0.7,1");
  bench_law("pareto:1,2.5");
  bench_law("lomax:2.5,1");
  bench_law("mixture:0.3,gamma:2,1,lognormal:0,1");
  printf("ours / libm %.2f, draw / floor %.2f (checksum %.6g)\n", own / libm, draw / floor_ns, checksum);
  return 0;
}
