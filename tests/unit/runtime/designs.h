/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs for the tests of progress and codec. */
#ifndef TESTUDO_TESTS_RUNTIME_DESIGNS_H
#define TESTUDO_TESTS_RUNTIME_DESIGNS_H

#include "check.h"

#include "base/random.h"
#include "runtime/design.h"

static inline testudo_design *finished(testudo_design *design, uint64_t seed)
{
  testudo_error error = {""};
  if (design->scheme == TESTUDO_SCHEME_PARTIAL)
    assert_ok(testudo_i_design_draw_matrix(design, seed, NULL));
  if (testudo_i_design_finish(design, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return design;
}

/* Worker j holds j, j+1, .., j+load-1 (mod workers). */
static inline testudo_design *cyclic_design(int32_t workers, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_design *design =
      testudo_i_design_new(TESTUDO_SCHEME_PARTIAL, workers, workers, parts, (int64_t)workers * load);
  assert_non_null(design);
  for (int32_t j = 0; j < workers; j++) {
    for (int32_t k = 0; k < load; k++)
      design->order[j * load + k] = (j + k) % workers;
    design->row[j + 1] = design->row[j] + load;
  }
  return finished(design, seed);
}

/* The first `parts` workers hold everything, the others about half, all in random order. */
static inline testudo_design *random_design(int32_t workers, int32_t chunks, int32_t parts, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 1, 0);
  testudo_design *design =
      testudo_i_design_new(TESTUDO_SCHEME_PARTIAL, chunks, workers, parts, (int64_t)workers * chunks);
  int32_t *all = malloc((size_t)chunks * sizeof *all);
  assert_true(design != NULL && all != NULL);
  for (int32_t i = 0; i < chunks; i++)
    all[i] = i;
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    testudo_i_random_shuffle(&random, all, (size_t)chunks);
    for (int32_t i = 0; i < chunks; i++)
      if (j < parts || testudo_i_random_below(&random, 2) == 0)
        design->order[design->row[j + 1]++] = all[i];
  }
  free(all);
  return finished(design, seed);
}

/* Chunk i on worker i mod workers alone. */
static inline testudo_design *uncoded_design(int32_t workers, int32_t chunks, testudo_scheme scheme, int32_t wait)
{
  testudo_design *design = testudo_i_design_new(scheme, chunks, workers, 1, chunks);
  assert_non_null(design);
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    for (int32_t i = j; i < chunks; i += workers)
      design->order[design->row[j + 1]++] = i;
  }
  design->wait = wait;
  return finished(design, 0);
}

#endif
