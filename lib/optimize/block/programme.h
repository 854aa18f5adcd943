/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear programme of block sizes over samples (docs/theory/block.md#choosing-the-tolerances-and-sizes): with z_s
   the (n - s)-th smallest time of a sample and W_s = sum_{i <= s} (i + 1) x_i, minimise the mean over the samples of
   max_s z_s W_s,  x >= 0, sum x = 1. In the variables W it is sparse: sum x = sum_s W_s / ((s + 1) (s + 2)) with
   W_{n-1} / n at the end, and x >= 0 is W increasing. Rows tau_k >= z_ks W_s are added when they are violated. */
#ifndef TESTUDO_OPTIMIZE_BLOCK_PROGRAMME_H
#define TESTUDO_OPTIMIZE_BLOCK_PROGRAMME_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/optimize.h>

typedef struct testudo_i_programme {
  int32_t workers;
  int64_t samples;
  const double *time;   /* samples x workers: time[k * workers + s] = z_s of sample k, decreasing in s, > 0 */
  const bool *allowed;  /* x_s may be positive, at least one; times of others are not read (they may be infinite) */
  const testudo_search_monitor *monitor;
} testudo_i_programme;

typedef struct testudo_i_programme_answer {
  double value;    /* the sample mean at `share`, by own arithmetic */
  double bound;    /* nothing is below: weak duality, by own arithmetic */
  int64_t rows;
  int32_t rounds;
  bool stopped;    /* by the monitor; share is the best so far */
} testudo_i_programme_answer;

/* share: workers numbers, x. */
TESTUDO_CHECKED testudo_status testudo_i_programme_solve(const testudo_i_programme *programme, double *share,
                                                         testudo_i_programme_answer *answer, testudo_error *error);

/* Sorted times of `samples` iterations, drawn from (seed, FOR_SEARCH); failed workers never come (HUGE_VAL). */
TESTUDO_CHECKED testudo_status testudo_i_block_samples(int32_t workers, const testudo_delay_model *model, uint64_t seed,
                                                       int64_t samples, double *time, testudo_error *error);

#endif
