/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every chunk on every worker with probability d / m, independently (Charles, Papailiopoulos and Ellenberg, Approximate
   gradient coding via sparse random graphs, 2017). */
#include <math.h>

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "code/approximate/incidence.h"

/* P(Binomial(m, p) >= least), by the terms below. */
static double share_kept(int32_t workers, double p, int32_t least)
{
  double below = 0.0, log_term = workers * log1p(-p);
  for (int32_t k = 0; k < least; k++) {
    below += exp(log_term);
    log_term += log((double)(workers - k) / (k + 1)) + log(p) - log1p(-p);
  }
  return 1.0 - below;
}

/* Steps to the next holder are geometric: floor(log U / log(1 - p)). */
static void draw_chunk(testudo_i_incidence *held, double log_absent, uint64_t seed, uint64_t attempt)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ASSIGNMENT, (uint64_t)held->chunk, 1 + attempt);
  for (int64_t j = 0; j < held->workers; j++) {
    double steps = floor(log(testudo_i_random_uniform(&random)) / log_absent);
    if (steps >= (double)(held->workers - j))
      return;
    j += (int64_t)steps;
    testudo_i_incidence_put(held, (int32_t)j);
  }
}

static void draw_chunks(testudo_i_incidence *held, double p, int32_t least, uint64_t seed)
{
  for (int32_t i = 0; i < held->chunks && !held->full; i++) {
    if (p >= 1.0)
      for (int32_t j = 0; j < held->workers; j++)
        testudo_i_incidence_put(held, j);
    for (uint64_t attempt = 0; testudo_i_incidence_copies(held) < least && !held->full; attempt++) {
      testudo_i_incidence_forget(held);
      draw_chunk(held, log1p(-p), seed, attempt);
    }
    testudo_i_incidence_next(held);
  }
}

testudo_status testudo_assignment_bernoulli(int32_t workers, int32_t chunks, double replication, int32_t least,
                                            uint64_t seed, testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (!(replication > 0.0 && replication <= workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication: %g, but on %d workers it is in (0, %d]",
                          replication, (int)workers, (int)workers);
  if (least < 1 || least > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "least: %d copies, but %d workers allow 1..%d", (int)least,
                          (int)workers, (int)workers);
  double p = replication / workers;
  if (p < 1.0 && !(share_kept(workers, p, least) * TESTUDO_I_LIMIT_BERNOULLI_DRAWS >= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %g copies of a chunk on average are at least %d for fewer than one chunk in %g",
                          replication, (int)least, TESTUDO_I_LIMIT_BERNOULLI_DRAWS);
  if ((double)chunks * replication > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %g copies of %d chunks, but a design has at most %d",
                          replication, (int)chunks, TESTUDO_MAX_ENTRIES);
  TESTUDO_I_HELD(testudo_i_incidence_clear) testudo_i_incidence held = {0};
  TESTUDO_I_TRY(testudo_i_incidence_begin(&held, workers, chunks, error));
  draw_chunks(&held, p, least, seed);
  return testudo_i_incidence_end(&held, assignment, error);
}
