/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs and models for the tests of sample/, made by hand: no assignment of the library is needed. */
#ifndef TESTUDO_TESTS_SAMPLE_DESIGNS_H
#define TESTUDO_TESTS_SAMPLE_DESIGNS_H

#include "check.h"

#include <testudo/sample.h>

#include "base/random.h"
#include "code/making/making.h"
#include "runtime/design.h"

/* The design over an assignment, which is freed. */
static inline testudo_design *design_over(testudo_scheme scheme, testudo_assignment *assignment,
                                          const testudo_i_ingredients *with)
{
  testudo_design *design;
  testudo_error error = {""};
  if (testudo_i_make_design(scheme, assignment, with, &design, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  testudo_assignment_free(assignment);
  return design;
}

/* Room for so many entries, each row empty. */
static inline testudo_assignment empty_assignment(int32_t workers, int32_t chunks, int64_t entries)
{
  testudo_assignment assignment = {.workers = workers, .chunks = chunks};
  assignment.row = calloc((size_t)workers + 1, sizeof *assignment.row);
  assignment.chunk = malloc((size_t)entries * sizeof *assignment.chunk);
  assert_true(assignment.row != NULL && assignment.chunk != NULL);
  return assignment;
}

/* Worker j holds j, j+1, .. j+delta-1 (mod m). */
static inline testudo_design *cyclic_design(testudo_scheme scheme, int32_t m, int32_t delta, int32_t parts,
                                            int32_t wait)
{
  testudo_assignment assignment = empty_assignment(m, m, (int64_t)m * delta);
  for (int32_t j = 0; j < m; j++) {
    assignment.row[j + 1] = (int64_t)(j + 1) * delta;
    for (int32_t k = 0; k < delta; k++)
      assignment.chunk[(int64_t)j * delta + k] = (j + k) % m;
  }
  return design_over(scheme, &assignment, &(testudo_i_ingredients){.parts = parts, .wait = wait, .seed = 5});
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
  testudo_assignment assignment = empty_assignment(m, chunks, (int64_t)chunks * replication);
  int64_t e = 0;
  for (int32_t j = 0; j < m; j++) {
    for (int32_t i = 0; i < chunks; i++)
      if (held[(size_t)j * (size_t)chunks + (size_t)i])
        assignment.chunk[e++] = i;
    assignment.row[j + 1] = e;
    testudo_i_random_shuffle(random, assignment.chunk + assignment.row[j], (size_t)(e - assignment.row[j]));
  }
  free(held);
  return design_over(scheme, &assignment, &(testudo_i_ingredients){.parts = parts, .wait = wait, .seed = 6});
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
