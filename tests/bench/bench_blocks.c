/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block sizes by the descent on the exact law, measured and with its bound, against the linear programme over 2000
   samples of the same times, which ends with shares that are optimal for the samples only: processor time on one
   thread, and how far from the bound both are. */
#include "bench/bench.h"

#include <math.h>
#include <stdlib.h>

#include <testudo/block_search.h>

#include "optimize/block/objective.h"
#include "optimize/block/programme.h"

enum { SAMPLES = 2000, MOST = 100 };

static void need(testudo_status status)
{
  if (status != TESTUDO_OK)
    exit(1);
}

/* E[T] of shares, by the exact law. */
static double mean_of(int32_t workers, const testudo_delay_model *model, const double *share)
{
  testudo_i_block_law law;
  testudo_i_block_objective objective;
  int32_t tolerance[MOST], blocks = 0;
  double x[MOST], gradient[MOST], value;
  for (int32_t t = 0; t < workers; t++)
    if (share[t] > 0.0) {
      tolerance[blocks] = t;
      x[blocks++] = share[t];
    }
  need(testudo_i_block_law_make(&law, model, workers, NULL));
  need(testudo_i_block_objective_make(&objective, &law, (testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN}, blocks,
                                      tolerance, workers, 1, NULL, NULL));
  objective.fine = 200;
  objective.unseen = 2e-4;
  need(testudo_i_block_objective_at(&objective, x, &value, gradient, NULL, NULL));
  testudo_i_block_objective_clear(&objective);
  testudo_i_block_law_clear(&law);
  return value;
}

static void compare(int32_t workers, const char *text)
{
  testudo_law *law;
  testudo_block_plan *plan;
  testudo_i_programme_answer answer;
  static bool all[MOST];
  double share[MOST], *time = malloc((size_t)workers * SAMPLES * sizeof *time);
  need(testudo_law_parse(text, &law, NULL));
  testudo_delay_model model = {.law = law};
  const testudo_search_options options = {.seed = 1, .threads = 1};
  double begin = bench_processor();
  need(testudo_block_search(workers, 20000, NULL, 0, &model, (testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN},
                            &options, &plan, NULL));
  double descent = bench_processor() - begin;
  for (int32_t t = 0; t < workers; t++)
    all[t] = true;
  begin = bench_processor();
  need(testudo_i_block_samples(workers, &model, 1, SAMPLES, time, NULL));
  testudo_i_programme programme = {.workers = workers, .samples = SAMPLES, .time = time, .allowed = all};
  need(testudo_i_programme_solve(&programme, share, &answer, NULL));
  double sampled = bench_processor() - begin, mean = mean_of(workers, &model, share);
  printf("%3d workers, %s: descent %.2f s, %.3f %% above its bound (%.6g); programme over samples %.2f times as long, "
         "%.3f %% above\n",
         (int)workers, text, descent, 100.0 * (plan->value / plan->bound - 1.0), plan->value, sampled / descent,
         100.0 * (mean / plan->bound - 1.0));
  testudo_block_plan_free(plan);
  testudo_law_free(law);
  free(time);
}

int main(void)
{
  compare(20, "shifted-exp:50,0.001");
  compare(50, "shifted-exp:50,0.001");
  compare(24, "pareto:1,1.5");
  return 0;
}
