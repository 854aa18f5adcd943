/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mini-batches: which samples, and the mean gradient over them. */
#include <math.h>

#include "sgd/learn/learn.h"

static int32_t batch_size(const testudo_i_batch *batch)
{
  return batch->batch > 0 ? batch->batch : batch->end - batch->begin;
}

/* Where block `block` begins. */
static int32_t block_begin(const testudo_i_batch *batch, int32_t block)
{
  return (int32_t)((int64_t)batch_size(batch) * block / batch->blocks);
}

int32_t testudo_i_batch_samples(const testudo_i_batch *batch, int32_t first, int32_t count)
{
  return block_begin(batch, first + count) - block_begin(batch, first);
}

int32_t testudo_i_batch_of_chunk(const testudo_sgd_setting *setting, int32_t chunks)
{
  if (setting->batch == 0)
    return 0;
  return (int32_t)fmin(INT32_MAX, fmax(1.0, round((double)setting->batch * setting->workers / chunks)));
}

testudo_i_batch testudo_i_batch_of_worker(const testudo_i_learner *learner, int32_t worker, int64_t index)
{
  const testudo_sgd_setting *setting = learner->setting;
  return (testudo_i_batch){setting->first[worker], setting->first[worker + 1], setting->batch, setting->blocks,
                           (uint64_t)worker, index};
}

void testudo_i_batch_gradient(testudo_i_learner *learner, const testudo_i_batch *batch, const double *w, int32_t first,
                              int32_t count)
{
  const testudo_problem *problem = learner->setting->problem;
  int32_t begin = block_begin(batch, first), end = block_begin(batch, first + count);
  if (batch->batch == 0) {
    testudo_problem_gradient_range(problem, learner->work, w, batch->begin + begin, end - begin, learner->gradient);
    return;
  }
  testudo_i_random random;
  testudo_i_random_start(&random, learner->seed, TESTUDO_I_FOR_BATCH, batch->stream, (uint64_t)batch->index);
  for (int32_t k = 0; k < end; k++) {
    int32_t sample = batch->begin + (int32_t)testudo_i_random_below(&random, (uint64_t)(batch->end - batch->begin));
    if (k >= begin)
      learner->sample[k - begin] = sample;
  }
  testudo_problem_gradient(problem, learner->work, w, learner->sample, end - begin, learner->gradient);
}
