/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nanoseconds per trial of the simulator on one thread: 200 workers, 200 chunks, load 8, scaled exp(1), l = 1, 2, 3.
   Beside it, in the same run: its floor, drawing the 200 exponentials alone; and a plain peer, one trial at a time in
   the order a person would write it, with GSL's mt19937 and exponential. Best of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

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

static double time_engine(const testudo_design *design, const testudo_delay_model *model, double *mean)
{
  double best = 1e300;
  testudo_simulation_options options = {.trials = TRIALS, .seed = 1, .threads = 1};
  for (int round = 0; round < ROUNDS; round++) {
    testudo_simulation *simulation;
    double start = seconds();
    if (testudo_simulate(design, model, &options, &simulation, NULL) != TESTUDO_OK)
      stop("the simulation failed");
    double spent = seconds() - start;
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
  double *time = aligned_alloc(64, M * TESTUDO_I_LANES * sizeof *time);
  if (time == NULL || testudo_i_plan_make(&plan, design, model, &options, NULL) != TESTUDO_OK)
    stop("no plan");
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    for (int64_t r = 0; r < TRIALS; r += TESTUDO_I_LANES) {
      testudo_i_draw_lanes(&plan, 1, r, &failures, time);
      sink += time[r % M];
    }
    double spent = seconds() - start;
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
    double sum = 0.0, start = seconds();
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
    double spent = seconds() - start;
    best = spent < best ? spent : best;
    *mean = sum / (TRIALS / 4);
  }
  gsl_rng_free(rng);
  return best / (TRIALS / 4) * 1e9;
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
    double draws = time_draws(design, &model), engine = time_engine(design, &model, &mean);
    double peer = time_peer(design, &peer_mean);
    printf("%3d %10.0f %12.0f %14.2f %12.0f %10.2f %10.4f %10.4f\n", (int)l, engine, draws, engine / draws, peer,
           peer / engine, mean, peer_mean);
    testudo_design_free(design);
  }
  testudo_law_free(law);
  return 0;
}
