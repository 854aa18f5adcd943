/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nanoseconds per trial of the simulator on one thread: 200 workers, 200 chunks, load 8, scaled exp(1), l = 1, 2, 3,
   the first also with 8 deadlines, and with its work counted; and 24 workers with 4 copies of 8 chunks a share,
   additive lognormal times. Beside it, in the same run: its floor, drawing the times alone; and a plain peer, one trial
   at a time in the order a person would write it, with GSL's mt19937 and exponential. Best of several rounds, of the
   processor's time. Last, by the wall's, two threads against one, beside a loop of arithmetic that is shared out in the
   same way: best of five. */
#include "bench.h"

#include <pthread.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <testudo/code.h>
#include <testudo/sample.h>

#include "base/random.h"
#include "runtime/design.h"
#include "sample/draw.h"

#define M 200
#define LOAD 8
#define TRIALS 16384
#define ROUNDS 7

static void stop(const char *why)
{
  fprintf(stderr, "bench_simulate: %s\n", why);
  exit(1);
}

/* Chunk i on LOAD workers: LOAD random permutations, redrawn until no worker has a chunk twice. Place p is the p-th
   permutation's, which is a matching order. */
static testudo_design *make_design(int32_t parts)
{
  static int64_t row[M + 1];
  static int32_t order[M * LOAD];
  const testudo_assignment assignment = {.chunks = M, .workers = M, .row = row, .chunk = order};
  testudo_design *design;
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t p = 0; p < LOAD; p++) {
    int32_t chunk[M];
    for (int32_t j = 0; j < M; j++)
      chunk[j] = j;
    for (bool clash = true; clash;) {
      testudo_i_random_shuffle(&random, chunk, M);
      clash = false;
      for (int32_t j = 0; j < M; j++)
        for (int32_t q = 0; q < p; q++)
          if (order[j * LOAD + q] == chunk[j]) {
            int32_t other = (int32_t)testudo_i_random_below(&random, M), kept = chunk[other];
            chunk[other] = chunk[j];
            chunk[j] = kept;
            j = -1;
            break;
          }
    }
    for (int32_t j = 0; j < M; j++)
      order[j * LOAD + p] = chunk[j];
  }
  for (int32_t j = 0; j <= M; j++)
    row[j] = (int64_t)j * LOAD;
  if (testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL) != TESTUDO_OK)
    stop("the design is not valid");
  return design;
}

static double time_engine(const testudo_design *design, const testudo_delay_model *model,
                          testudo_simulation_options options, double *mean)
{
  double best = 1e300;
  options.trials = TRIALS;
  options.seed = options.threads = 1;
  for (int round = 0; round < ROUNDS; round++) {
    testudo_simulation *simulation;
    double start = bench_processor();
    if (testudo_simulate(design, model, &options, &simulation, NULL) != TESTUDO_OK)
      stop("the simulation failed");
    double spent = bench_processor() - start;
    best = spent < best ? spent : best;
    *mean = simulation->mean;
    testudo_simulation_free(simulation);
  }
  return best / TRIALS * 1e9;
}

static double time_draws(const testudo_design *design, const testudo_delay_model *model)
{
  double best = 1e300, sink = 0.0;
  testudo_simulation_options options = {.trials = 1};
  testudo_i_plan plan;
  testudo_i_failures failures = {0};
  if (testudo_i_plan_make(&plan, design, model, &options, NULL) != TESTUDO_OK)
    stop("no plan");
  double *time = aligned_alloc(64, (size_t)plan.slots * TESTUDO_I_LANES * sizeof *time);
  if (time == NULL)
    stop("no memory");
  for (int round = 0; round < ROUNDS; round++) {
    double start = bench_processor();
    for (int64_t r = 0; r < TRIALS; r += TESTUDO_I_LANES) {
      testudo_i_draw_lanes(&plan, 1, r, &failures, time);
      sink += time[r % plan.slots];
    }
    double spent = bench_processor() - start;
    best = spent < best ? spent : best;
  }
  if (!(sink > 0.0))
    stop("nothing was drawn");
  testudo_i_plan_clear(&plan);
  free(time);
  return best / TRIALS * 1e9;
}

/* The peer: GSL's exponential and, for each chunk, an insertion of the l smallest times. */
static double time_peer(const testudo_design *design, double *mean)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  int32_t l = design->parts;
  double best = 1e300;
  for (int round = 0; round < 3; round++) {
    double sum = 0.0, start = bench_processor();
    for (int64_t r = 0; r < TRIALS / 4; r++) {
      double x[M], most = 0.0;
      for (int32_t j = 0; j < M; j++)
        x[j] = gsl_ran_exponential(rng, 1.0);
      for (int32_t i = 0; i < M; i++) {
        double least[3] = {1e300, 1e300, 1e300};
        for (int64_t e = design->chunk_row[i]; e < design->chunk_row[i + 1]; e++) {
          double t = design->place[e] * x[design->holder[e]];
          for (int32_t q = 0; q < l; q++)
            if (t < least[q]) {
              double kept = least[q];
              least[q] = t;
              t = kept;
            }
        }
        most = least[l - 1] > most ? least[l - 1] : most;
      }
      sum += most;
    }
    double spent = bench_processor() - start;
    best = spent < best ? spent : best;
    *mean = sum / (TRIALS / 4);
  }
  gsl_rng_free(rng);
  return best / (TRIALS / 4) * 1e9;
}

static void print_row(const char *name, double engine, double draws)
{
  printf("%-46s %8.0f %8.0f %8.2f\n", name, engine, draws, engine / draws);
}

/* What costs more than the plain law, against the same draws. */
static void more_than_times(const testudo_delay_model *model)
{
  const double at[8] = {0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4};
  testudo_design *design = make_design(1), *finer;
  testudo_assignment groups;
  testudo_law *law;
  double mean, draws = time_draws(design, model);
  printf("\n%-46s %8s %8s %8s\n", "ns a trial", "engine", "draws", "ratio");
  print_row("l = 1, 8 deadlines", time_engine(design, model, (testudo_simulation_options){.times = at, .time_count = 8},
                                              &mean), draws);
  print_row("l = 1, work counted", time_engine(design, model, (testudo_simulation_options){.count_work = true}, &mean),
            draws);
  testudo_slot_order order = {.rule = TESTUDO_SLOTS_DRAFT};
  if (testudo_assignment_by_slots(24, 192, 4, 4, &order, &groups, NULL) != TESTUDO_OK ||
      testudo_design_create(TESTUDO_SCHEME_PARTIAL, &groups, 1, 1, "", &finer, NULL) != TESTUDO_OK ||
      testudo_law_parse("lognormal:0,1", &law, NULL) != TESTUDO_OK)
    stop("no granular design");
  const testudo_delay_model additive = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  draws = time_draws(finer, &additive);
  print_row("24 workers, 4 copies, c = 8, additive lognormal",
            time_engine(finer, &additive, (testudo_simulation_options){.trials = 1}, &mean), draws);
  testudo_design_free(design);
  testudo_design_free(finer);
  testudo_assignment_free(&groups);
  testudo_law_free(law);
}

/* ---- threads ---- */

static void *pure_loop(void *turns)
{
  double sum[4] = {1, 2, 3, 4};
  for (int64_t k = 0; k < *(const int64_t *)turns; k++)
    for (int lane = 0; lane < 4; lane++)
      sum[lane] = sum[lane] * 0.999999 + 1e-9;
  static volatile double kept;
  kept = sum[0] + sum[1] + sum[2] + sum[3];
  (void)kept;
  return NULL;
}

static double time_pure(int threads)
{
  pthread_t thread[2];
  int64_t turns = INT64_C(120000000) / threads;
  double start = bench_wall();
  for (int k = 0; k < threads; k++)
    if (pthread_create(&thread[k], NULL, pure_loop, &turns) != 0)
      stop("no thread");
  for (int k = 0; k < threads; k++)
    pthread_join(thread[k], NULL);
  return bench_wall() - start;
}

static double time_threads(const testudo_design *design, const testudo_delay_model *model, int threads)
{
  const testudo_simulation_options options = {.trials = 1500000, .seed = 1, .threads = threads};
  testudo_simulation *simulation;
  double start = bench_wall();
  if (testudo_simulate(design, model, &options, &simulation, NULL) != TESTUDO_OK)
    stop("the simulation failed");
  double spent = bench_wall() - start;
  testudo_simulation_free(simulation);
  return spent;
}

static void two_threads(const testudo_delay_model *model)
{
  testudo_design *design = make_design(1);
  double ours[2] = {1e300, 1e300}, pure[2] = {1e300, 1e300};
  for (int round = 0; round < 5; round++)
    for (int threads = 1; threads <= 2; threads++) {
      double here = time_threads(design, model, threads), loop = time_pure(threads);
      ours[threads - 1] = here < ours[threads - 1] ? here : ours[threads - 1];
      pure[threads - 1] = loop < pure[threads - 1] ? loop : pure[threads - 1];
    }
  double gain = ours[0] / ours[1], most = pure[0] / pure[1];
  printf("\ntwo threads: %.2f times as fast as one, a pure loop %.2f; ratio %.3f\n", gain, most, gain / most);
  testudo_design_free(design);
}

int main(void)
{
  testudo_law *law;
  if (testudo_law_parse("exp:1", &law, NULL) != TESTUDO_OK)
    stop("no law");
  testudo_delay_model model = {.law = law};
  printf("200 workers, 200 chunks, load 8, scaled exp(1), one thread, ns a trial\n");
  printf("%3s %10s %12s %14s %12s %10s %10s %10s\n", "l", "engine", "draws alone", "engine/draws", "plain peer",
         "peer/engine", "mean", "peer mean");
  for (int32_t l = 1; l <= 3; l++) {
    testudo_design *design = make_design(l);
    double mean, peer_mean;
    const testudo_simulation_options plain = {.trials = 1};
    double draws = time_draws(design, &model), engine = time_engine(design, &model, plain, &mean);
    double peer = time_peer(design, &peer_mean);
    printf("%3d %10.0f %12.0f %14.2f %12.0f %10.2f %10.4f %10.4f\n", (int)l, engine, draws, engine / draws, peer,
           peer / engine, mean, peer_mean);
    testudo_design_free(design);
  }
  more_than_times(&model);
  two_threads(&model);
  testudo_law_free(law);
  return 0;
}
