/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves a second of the search of tables of slots, 24 workers in groups of six with 32 places of eight chunks a share,
   beside making the same tables' values anew (the honest peer: the same loops over all chunks and all trials).
   Processor time of one thread. Usage: bench_slots. */
#include "bench/bench.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "optimize/slots/state.h"

enum { MOVES = 20000, ANEW = 2000 };

typedef struct slots_bench {
  testudo_i_arena arena;
  testudo_i_slot_sample sample;
  testudo_i_slot_state walk, anew;
  testudo_i_draws draws;
} slots_bench;

static testudo_status prepare(slots_bench *bench, const testudo_delay_model *model, testudo_error *error)
{
  const testudo_i_goal goal = {.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .model = model,
                               .report = TESTUDO_REPORT_CHUNK, .stream = 1, .threads = 1};
  const testudo_i_slot_shape shape = {.workers = 24, .group = 6, .chunks = 8, .places = 32, .parts = 1, .least = 1,
                                      .most = 6, .twins = 1, .pairing = TESTUDO_PAIRING_ADDED};
  const testudo_i_slot_aim aim = {TESTUDO_OBJECTIVE_MEAN, 0};
  testudo_slot slot[32];
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  bench->draws = testudo_i_draws_start(&random);
  TESTUDO_I_TRY(testudo_i_slot_sample_make(&bench->sample, &bench->arena, &goal, 24, 8, 32, 0, 64e3, error));
  TESTUDO_I_TRY(testudo_i_slot_state_make(&bench->walk, &bench->arena, &shape, &bench->sample, &aim, error));
  TESTUDO_I_TRY(testudo_i_slot_state_make(&bench->anew, &bench->arena, &shape, &bench->sample, &aim, error));
  TESTUDO_I_TRY(testudo_i_slot_start(&shape, 0, slot, error));
  testudo_i_slot_state_start(&bench->walk, slot);
  return TESTUDO_OK;
}

/* Moves at a low heat, as most of a search has. */
static double walk_moves(slots_bench *bench)
{
  double start = bench_processor();
  int done = 0;
  while (done < MOVES) {
    testudo_i_slot_state *walk = &bench->walk;
    if (!testudo_i_slot_state_move(walk, &bench->draws))
      continue;
    done++;
    double limit = walk->value * (1 - 1e-3 * log(testudo_i_draw_uniform(&bench->draws)));
    double value = testudo_i_slot_state_try(walk, limit);
    if (value <= limit)
      testudo_i_slot_state_accept(walk, value);
    else
      testudo_i_slot_state_undo(walk);
  }
  return (bench_processor() - start) / MOVES;
}

static double make_anew(slots_bench *bench)
{
  double start = bench_processor();
  for (int k = 0; k < ANEW; k++)
    testudo_i_slot_state_start(&bench->anew, bench->walk.slot);
  return (bench_processor() - start) / ANEW;
}

int main(void)
{
  slots_bench bench = {.walk = {.groups = 0}};
  testudo_error error;
  testudo_law *law = NULL;
  testudo_status status = testudo_law_parse("exp:1", &law, &error);
  const testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  if (status == TESTUDO_OK)
    status = prepare(&bench, &model, &error);
  if (status == TESTUDO_OK) {
    double move = walk_moves(&bench), anew = make_anew(&bench);
    printf("tables of slots, %lld group trials: %.1f us a move, %.1f us a table anew, ratio %.1f (2 wanted: %s)\n",
           (long long)bench.walk.size, 1e6 * move, 1e6 * anew, anew / move, anew >= 2 * move ? "yes" : "NO");
    status = anew >= 2 * move ? TESTUDO_OK : TESTUDO_ERROR_LIMIT;
  } else
    puts(error.text);
  testudo_i_arena_clear(&bench.arena);
  testudo_law_free(law);
  return status == TESTUDO_OK ? 0 : 1;
}
