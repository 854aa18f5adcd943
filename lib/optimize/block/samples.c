/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted times of iterations, from which the linear programme is made. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "delay/model.h"
#include "optimize/block/programme.h"

/* The part of the streams (seed, FOR_SEARCH, ..) that is used here. */
#define STREAM UINT64_C(0x626c6f636b)

testudo_status testudo_i_block_samples(int32_t workers, const testudo_delay_model *model, uint64_t seed,
                                       int64_t samples, double *time, testudo_error *error)
{
  int32_t failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *worker = testudo_i_alloc((size_t)workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_memory_check(worker != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    worker[j] = j;
  for (int64_t k = 0; k < samples; k++) {
    double *row = time + k * workers;
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, STREAM, (uint64_t)k);
    for (int32_t j = 0; j < workers; j++)
      row[j] = testudo_i_scaled(1, testudo_i_law_draw(model->law, testudo_i_random_uniform(&random)),
                                testudo_i_rate(model, j));
    if (failed > 0)
      testudo_i_random_shuffle(&random, worker, (size_t)workers);
    for (int32_t f = 0; f < failed; f++)
      row[worker[f]] = HUGE_VAL;
    qsort(row, (size_t)workers, sizeof *row, testudo_i_descending_reals);
  }
  return TESTUDO_OK;
}
