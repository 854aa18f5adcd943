/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs and models for the tests of sample/, made by hand: no construction of the library is needed. */
#ifndef TESTUDO_TESTS_SAMPLE_DESIGNS_H
#define TESTUDO_TESTS_SAMPLE_DESIGNS_H

#include "check.h"

#include <testudo/sample.h>

#include "base/random.h"
#include "runtime/design.h"

/* Worker j holds j, j+1, .. j+delta-1 (mod m). */
static inline testudo_design *cyclic_design(testudo_scheme scheme, int32_t m, int32_t delta, int32_t parts,
                                            int32_t wait)
{
  testudo_design *design = testudo_i_design_new(scheme, m, m, parts, (int64_t)m * delta);
  assert_non_null(design);
  for (int32_t j = 0; j < m; j++) {
    design->row[j + 1] = (int64_t)(j + 1) * delta;
    for (int32_t k = 0; k < delta; k++)
      design->order[(int64_t)j * delta + k] = (j + k) % m;
  }
  design->wait = wait;
  if (scheme == TESTUDO_SCHEME_PARTIAL)
    assert_ok(testudo_i_design_draw_matrix(design, 5, NULL));
  assert_ok(testudo_i_design_finish(design, NULL));
  return design;
}

/* Every chunk on `replication` random workers, every worker's sequence shuffled; loads differ widely. */
static inline testudo_design *irregular_design(testudo_i_random *random, testudo_scheme scheme, int32_t m,
                                               int32_t chunks, int32_t replication, int32_t parts, int32_t wait)
{
  unsigned char *held = calloc((size_t)m * (size_t)chunks, 1);
  assert_non_null(held);
  for (int32_t i = 0; i < chunks; i++)
    for (int32_t placed = 0; placed < replication;) {
      int32_t j = (int32_t)testudo_i_random_below(random, (uint64_t)m);
      placed += !held[(size_t)j * (size_t)chunks + (size_t)i];
      held[(size_t)j * (size_t)chunks + (size_t)i] = 1;
    }
  testudo_design *design = testudo_i_design_new(scheme, chunks, m, parts, (int64_t)chunks * replication);
  assert_non_null(design);
  int64_t e = 0;
  for (int32_t j = 0; j < m; j++) {
    for (int32_t i = 0; i < chunks; i++)
      if (held[(size_t)j * (size_t)chunks + (size_t)i])
        design->order[e++] = i;
    design->row[j + 1] = e;
    testudo_i_random_shuffle(random, design->order + design->row[j], (size_t)(e - design->row[j]));
  }
  free(held);
  design->wait = wait;
  if (scheme == TESTUDO_SCHEME_PARTIAL)
    assert_ok(testudo_i_design_draw_matrix(design, 6, NULL));
  assert_ok(testudo_i_design_finish(design, NULL));
  return design;
}

static inline testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static inline testudo_simulation *simulate(const testudo_design *design, const testudo_delay_model *model,
                                           const testudo_simulation_options *options)
{
  testudo_simulation *simulation = NULL;
  testudo_error error = {{0}};
  testudo_status status = testudo_simulate(design, model, options, &simulation, &error);
  if (status != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_int_equal(status, TESTUDO_OK);
  return simulation;
}

#endif
