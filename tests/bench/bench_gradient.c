/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a gradient is products: processor time of testudo_problem_gradient, and of them alone (the same
   calls on the same blocks of the same rows, nothing between them), in turn in this run on one thread. The ratio is the
   share of products, reading the rows from memory included; at least 0.60 is wanted on 10^5 samples of 100 features,
   also where rows that lie apart are gathered first. bench_gradient [samples [features]]. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/problem.h>

#include "linalg/products.h"
#include "sgd/problem/problem.h"

enum { ROUNDS = 11, BATCH = 1000, CLASSES = 10 };

typedef struct workbench {
  const testudo_problem *problem;
  testudo_problem_work *work;
  double *w, *gradient;
  int32_t *sample;          /* all, in random order */
  int32_t batch;
} workbench;

/* Whole passes over the data in batches that lie together, in gathered ones, and in products alone. */
static void run_ranges(workbench *b)
{
  for (int32_t first = 0; first + b->batch <= b->problem->data->samples; first += b->batch)
    testudo_problem_gradient_range(b->problem, b->work, b->w, first, b->batch, b->gradient);
}

static void run_lists(workbench *b)
{
  for (int32_t first = 0; first + b->batch <= b->problem->data->samples; first += b->batch)
    testudo_problem_gradient(b->problem, b->work, b->w, b->sample + first, b->batch, b->gradient);
}

static void run_products(workbench *b)
{
  const testudo_problem *problem = b->problem;
  int32_t features = problem->data->features;
  for (int32_t first = 0; first + b->batch <= problem->data->samples; first += b->batch)
    for (int32_t done = 0, size; done < b->batch; done += size) {
      const double *row = problem->data->feature + (size_t)(first + done) * (size_t)features;
      size = b->batch - done < problem->block ? b->batch - done : problem->block;
      testudo_i_rows_times(size, features, problem->columns, row, b->w, b->work->logit);
      testudo_i_rows_gather(size, features, problem->columns, 1.0 / b->batch, row, b->work->logit, b->gradient);
    }
}

static double time_of(void (*run)(workbench *), workbench *b)
{
  double start = bench_processor();
  run(b);
  return bench_processor() - start;
}

/* The best of rounds in which the three take turns. */
static void report(workbench *b, const char *what)
{
  double ran = HUGE_VAL, listed = HUGE_VAL, alone = HUGE_VAL;
  run_ranges(b);
  for (int k = 0; k < ROUNDS; k++) {
    ran = fmin(ran, time_of(run_ranges, b));
    alone = fmin(alone, time_of(run_products, b));
    listed = fmin(listed, time_of(run_lists, b));
  }
  printf("%-14s %-10s %8.2f ms, products alone %8.2f ms, share of products %.2f; gathered %8.2f ms, share %.2f\n",
         testudo_loss_name(b->problem->loss), what, 1e3 * ran, 1e3 * alone, alone / ran, 1e3 * listed, alone / listed);
}

static void bench_loss(testudo_loss loss, int32_t samples, int32_t features)
{
  testudo_synthetic wanted = {.samples = samples, .features = features, .axis = true, .condition = 10, .signal = 2,
                              .classes = loss == TESTUDO_LOSS_LEAST_SQUARES ? 0
                                         : loss == TESTUDO_LOSS_LOGISTIC    ? 2
                                                                            : CLASSES,
                              .seed = 1};
  testudo_data *data;
  testudo_problem *problem;
  workbench b = {0};
  bench_require(testudo_data_make(&wanted, &data, NULL) == TESTUDO_OK, "no data");
  bench_require(testudo_problem_create(data, loss, 1e-3, &problem, NULL) == TESTUDO_OK, "no problem");
  bench_require(testudo_problem_work_create(problem, &b.work, NULL) == TESTUDO_OK, "no memory");
  b.problem = problem;
  b.w = calloc(problem->dim, sizeof *b.w);
  b.gradient = calloc(problem->dim, sizeof *b.gradient);
  b.sample = malloc((size_t)samples * sizeof *b.sample);
  bench_require(b.w != NULL && b.gradient != NULL && b.sample != NULL, "no memory");
  for (size_t k = 0; k < problem->dim; k++)
    b.w[k] = (double)(k % 17) * 0.01 - 0.08;
  for (int32_t i = 0; i < samples; i++)
    b.sample[i] = (int32_t)((int64_t)i * 48271 % samples);
  b.batch = samples;
  report(&b, "all");
  b.batch = BATCH;
  report(&b, "by 1000");
  free(b.w);
  free(b.gradient);
  free(b.sample);
  testudo_problem_work_free(b.work);
  testudo_problem_free(problem);
  testudo_data_free(data);
}

int main(int argc, char **argv)
{
  int32_t samples = argc > 1 ? (int32_t)strtol(argv[1], NULL, 10) : 100000;
  int32_t features = argc > 2 ? (int32_t)strtol(argv[2], NULL, 10) : 100;
  bench_require(samples >= BATCH && samples <= 1000000 && features >= 1 && features <= 1000,
                "1000 to 1000000 samples, 1 to 1000 features");
  printf("gradients of %d samples of %d features, one pass over the data, one thread\n", (int)samples, (int)features);
  for (int loss = 0; loss < 3; loss++)
    bench_loss((testudo_loss)loss, samples, features);
  return EXIT_SUCCESS;
}
