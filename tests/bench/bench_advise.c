/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A quick advice for 64 workers with 8 chunks a share, beside its floor: drawing the iterations that all remedies are
   measured on. Some hundred candidates and every remedy should cost no more than MOST times that. Wall and processor
   time. Usage: bench_advise. */
#include "bench/bench.h"

#include <testudo/advise.h>

#include "advise/iterations.h"

enum { WORKERS = 64, CHUNKS = 8, MOST = 30 };

int main(void)
{
  testudo_error error = {""};
  testudo_law *law;
  bench_must(testudo_law_parse("exp:1", &law, &error), &error);
  const testudo_delay_model model = {.law = law, .unit = TESTUDO_UNIT_SHARE};
  const testudo_advise_request request = {.model = &model, .workers = WORKERS, .quick = true, .seed = 1, .threads = 2,
                                          .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  testudo_advice *advice;
  double wall = bench_wall(), processor = bench_processor();
  bench_must(testudo_advise(&request, &advice, &error), &error);
  wall = bench_wall() - wall;
  processor = bench_processor() - processor;
  testudo_i_arena arena = {0};
  testudo_i_iterations drawn;
  double floor_time = bench_processor();
  bench_must(testudo_i_iterations_drawn(&model, WORKERS, CHUNKS, 5.0, advice->drawn, 1, NULL, &arena, &drawn, &error),
             &error);
  floor_time = bench_processor() - floor_time;
  double ratio = processor / floor_time;
  printf("advice for %d workers, %lld drawn iterations: %.2f s wall, %.2f s processor; drawing alone %.3f s; ratio %.1f"
         " (at most %d wanted: %s); 10 s wall wanted: %s\n", WORKERS, (long long)advice->drawn, wall, processor,
         floor_time, ratio, MOST, ratio <= MOST ? "yes" : "NO", wall <= 10.0 ? "yes" : "NO");
  testudo_i_arena_clear(&arena);
  testudo_advice_free(advice);
  testudo_law_free(law);
  return ratio <= MOST && wall <= 10.0 ? 0 : 1;
}
