/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an exponential draw costs: the random words alone (the floor), our logarithm, libm's. */
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

int main(void)
{
  double checksum = 0.0;
  law.row = testudo_i_law_row_of("exp:");
  draw_words(0);
  double floor_ns = measure(words_only, &checksum), own = measure(own_logarithm, &checksum);
  double libm = measure(libm_logarithm, &checksum), draw = measure(whole_draw, &checksum);
  printf("ns a number: words %.2f, -log(u)/rate ours %.2f, libm %.2f, an exponential draw %.2f\n", floor_ns, own, libm,
         draw);
  printf("ours / libm %.2f, draw / floor %.2f (checksum %.6g)\n", own / libm, draw / floor_ns, checksum);
  return 0;
}
