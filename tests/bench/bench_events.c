/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks per second of the event engine, of every rule, against the floor: the draws of the same tasks alone. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sgd/clock/events.h"

enum { TASKS = 2000000, REPEATS = 3 };

/* As many tasks, worker after worker, as the rounds of a sync rule draw them. */
static double draw_alone(const testudo_delay_model *model, int32_t workers, int64_t count, double *checksum)
{
  testudo_error error;
  testudo_i_tasks *tasks;
  bench_must(testudo_i_tasks_create(model, workers, 1, 1.0, 1.0, 1, &tasks, &error), &error);
  double begun = bench_wall();
  for (int64_t k = 0; k < count; k++) {
    double finished, message;
    testudo_i_tasks_draw(tasks, (int32_t)(k % workers), k / workers, 1, &finished, &message);
    *checksum += finished + message;
  }
  double seconds = bench_wall() - begun;
  testudo_i_tasks_free(tasks);
  return seconds;
}

/* Tasks that updates of a rule with K = P/4 draw. */
static double run_events(const testudo_delay_model *model, int32_t workers, testudo_update_rule rule, int64_t *drawn,
                         double *checksum)
{
  testudo_error error;
  testudo_i_tasks *tasks;
  testudo_i_events *events;
  int32_t wait = workers / 4;
  int64_t per_update = rule == TESTUDO_WAITING_K_SYNC || rule == TESTUDO_WAITING_LGC ? workers
                       : rule == TESTUDO_WAITING_K_BATCH_SYNC                        ? workers + wait - 1
                                                                                      : wait;
  bench_must(testudo_i_tasks_create(model, workers, 1, 1.0, 1.0, 1, &tasks, &error), &error);
  bench_must(testudo_i_events_create(tasks, rule, wait, 1, &events, &error), &error);
  testudo_i_update update = {.time = 0.0};
  double begun = bench_wall();
  for (*drawn = 0; *drawn < TASKS; *drawn += per_update)
    bench_must(testudo_i_events_next(events, &update, &error), &error);
  double seconds = bench_wall() - begun;
  *checksum += update.time;
  testudo_i_events_free(events);
  testudo_i_tasks_free(tasks);
  return seconds;
}

int main(void)
{
  testudo_error error;
  testudo_law *law;
  double checksum = 0.0;
  bench_must(testudo_law_parse("exp:1", &law, &error), &error);
  const testudo_delay_model model = {.law = law};
  for (int32_t workers = 8; workers <= 8192; workers *= 32)
    for (int rule = TESTUDO_WAITING_K_SYNC; rule <= TESTUDO_WAITING_LGC; rule++) {
      double best = HUGE_VAL, floor_seconds = HUGE_VAL;
      int64_t drawn = 0;
      for (int r = 0; r < REPEATS; r++) {
        best = fmin(best, run_events(&model, workers, (testudo_update_rule)rule, &drawn, &checksum));
        floor_seconds = fmin(floor_seconds, draw_alone(&model, workers, drawn, &checksum));
      }
      printf("%-14s %5d workers: %6.2f million tasks per second, %.2f times the time of the draws alone\n",
             testudo_update_rule_name((testudo_update_rule)rule), (int)workers, 1e-6 * (double)drawn / best,
             best / floor_seconds);
    }
  printf("(checksum %.6g)\n", checksum);
  testudo_law_free(law);
  return 0;
}
