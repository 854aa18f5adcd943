/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local search for E[T]: exchanges tried a second, at the sizes of the study, on one thread (its own seconds);
   against evaluating every chunk of every trial afresh, which is what an exchange would cost without touching two
   chunks only. */
#include "bench/bench.h"

#include <stdlib.h>

#include "base/random.h"
#include "optimize/latency/objective.h"
#include "optimize/local/times.h"
#include "optimize/search/search.h"

enum { TRIALS = 4096 };

static void need(testudo_status status)
{
  if (status != TESTUDO_OK)
    exit(1);
}

static void measure(int32_t workers, int32_t load, int32_t parts, const testudo_delay_model *model)
{
  testudo_assignment orders;
  testudo_design *design;
  testudo_i_holding holding;
  testudo_i_arena arena = {0};
  testudo_i_times times;
  testudo_i_score score;
  testudo_i_random random;
  testudo_i_goal goal = {.objective.kind = TESTUDO_OBJECTIVE_MEAN, .model = model, .stream = 1};
  need(testudo_assignment_regular(workers, workers, load, 1, &orders, NULL));
  need(testudo_order_matching(&orders, NULL, NULL));
  need(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &orders, parts, 1, "", &design, NULL));
  need(testudo_i_holding_make(&holding, &arena, &orders, NULL));
  need(testudo_i_times_make(&times, &arena, &goal, design, 0, TRIALS, NULL));
  need(testudo_i_score_make(&score, &arena, &times, &holding, parts, NULL));
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, 0, 0);
  int64_t tried = 0, raced = 0, afresh = 0;
  double seconds[3] = {0, 0, 0};
  for (int early = 0; early < 2; early++)
    for (double begin = bench_processor(); (seconds[early] = bench_processor() - begin) < 0.5;)
      for (int k = 0; k < 16; k++) {
        int64_t one = (int64_t)testudo_i_random_below(&random, (uint64_t)holding.slots);
        int64_t other = (int64_t)testudo_i_random_below(&random, (uint64_t)holding.slots);
        if (!testudo_i_holding_may_exchange(&holding, one, other))
          continue;
        double value = testudo_i_score_try(&score, one, other, early ? score.value : 1e300);
        *(early ? &raced : &tried) += value > 0;
      }
  for (double begin = bench_processor(); (seconds[2] = bench_processor() - begin) < 0.5; afresh++)
    testudo_i_score_refresh(&score);
  printf("%4d workers, load %d, l = %d: %8.0f exchanges a second over all %d trials, %8.0f ended early where plain;"
         " %.0f times refreshing\n",
         (int)workers, (int)load, (int)parts, (double)tried / seconds[0], TRIALS, (double)raced / seconds[1],
         (double)tried / seconds[0] / ((double)afresh / seconds[2]));
  testudo_i_arena_clear(&arena);
  testudo_assignment_free(&orders);
  testudo_design_free(design);
}

int main(void)
{
  static const int32_t sizes[][2] = {{24, 4}, {40, 8}, {200, 8}};
  testudo_law *law;
  need(testudo_law_parse("exp:1", &law, NULL));
  const testudo_delay_model model = {.law = law};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    for (int32_t parts = 1; parts <= 3; parts += 2)
      measure(sizes[k][0], sizes[k][1], parts, &model);
  testudo_law_free(law);
  return 0;
}
