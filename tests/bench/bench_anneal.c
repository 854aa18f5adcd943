/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves a second of the annealer for Q_max at load 8, beside a floor measured in the same run: drawing the two places
   and reading the chunks that stand there. The need is one that no order attains, so that no run ends early.
   Usage: bench_anneal [largest N, default 20000]. */
#include "bench/bench.h"

#include <stdlib.h>

#include <testudo/code.h>

#include "optimize/qmax/anneal.h"

enum { LOAD = 8, LEVEL = 4, NEED = 17, MOVES = 1 << 24, RUNS = 3 };

/* Seconds of so many draws: a word each for the entry and its partner, and a sum kept a chunk. */
static double floor_of(const testudo_i_places *places)
{
  int32_t *sum = calloc((size_t)places->orders.chunks, sizeof *sum);
  if (sum == NULL)
    exit(5);
  uint64_t word = 88172645463325252u, entries = (uint64_t)places->loads;
  int64_t total = 0;
  double start = bench_wall();
  for (int k = 0; k < MOVES; k++) {
    uint64_t place[2];
    for (int side = 0; side < 2; side++) {
      word ^= word << 13;
      word ^= word >> 7;
      word ^= word << 17;
      place[side] = ((word >> 32) * entries) >> 32;
    }
    /* The partner stands in the same worker. */
    uint64_t other = place[0] / LOAD * LOAD + place[1] % LOAD;
    total += sum[places->orders.chunk[place[0]]] + sum[places->orders.chunk[other]];
  }
  double seconds = bench_wall() - start;
  if (total != 0)
    puts(""); /* using it keeps the loop */
  free(sum);
  return seconds;
}

static testudo_status measure(int32_t workers, testudo_error *error)
{
  testudo_assignment orders;
  testudo_design *design = NULL;
  testudo_i_places places = {.loads = 0};
  testudo_i_qmax_anneal *anneal = NULL;
  testudo_i_arena arena = {0};
  testudo_status status = testudo_assignment_regular(workers, workers, LOAD, 1, &orders, error);
  if (status == TESTUDO_OK)
    status = testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, 1, 1, "", &design, error);
  if (status == TESTUDO_OK)
    status = testudo_i_places_make(design, LEVEL, &places, error);
  if (status == TESTUDO_OK)
    status = testudo_i_qmax_anneal_create(&places, &arena, &anneal, error);
  double best = 0.0, floor = 0.0;
  for (int run = 0; status == TESTUDO_OK && run < RUNS; run++) {
    testudo_i_annealing cooling = {.hot = 0.3, .cold = 0.1, .moves = MOVES};
    testudo_i_random random;
    int64_t moves = 0;
    testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 1, (uint64_t)run);
    double start = bench_wall();
    testudo_i_qmax_anneal_run(anneal, NEED + 1, &random, false, &cooling, &moves);
    double rate = (double)moves / (bench_wall() - start), draws = MOVES / floor_of(&places);
    best = rate > best ? rate : best;
    floor = draws > floor ? draws : floor;
  }
  if (status == TESTUDO_OK)
    printf("annealing Q_max N=%-7d load %d l=%d  %7.2f million moves/s  floor %7.2f  ratio %5.1f  %s\n", (int)workers,
           LOAD, LEVEL, 1e-6 * best, 1e-6 * floor, floor / best,
           workers > 200 ? "" : best >= 5e6 ? "(5 wanted: yes)" : "(5 wanted: NO)");
  if (status == TESTUDO_OK && workers <= 200 && best < 5e6)
    status = TESTUDO_ERROR_LIMIT;
  testudo_i_arena_clear(&arena);
  testudo_i_places_free(&places);
  testudo_design_free(design);
  testudo_assignment_free(&orders);
  return status;
}

int main(int count, char **argument)
{
  long largest = count > 1 ? strtol(argument[1], NULL, 10) : 20000;
  for (int32_t workers = 200; workers <= largest && workers <= TESTUDO_MAX_WORKERS / 10; workers *= 10) {
    testudo_error error = {""};
    if (measure(workers, &error) != TESTUDO_OK) {
      fprintf(stderr, "bench_anneal: %s\n", error.text);
      return 1;
    }
  }
  return 0;
}
