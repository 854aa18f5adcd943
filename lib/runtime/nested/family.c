/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/nested/family.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status check_tolerances(int32_t workers, int32_t levels, const int32_t *tolerance,
                                       testudo_error *error)
{
  if (levels < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.tolerances: empty, but at least one is needed");
  for (int32_t k = 0; k < levels; k++) {
    if (tolerance[k] < 0 || tolerance[k] >= workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.tolerances[%d]: %d, but it must be in 0..%d (workers - 1)", (int)k,
                            (int)tolerance[k], (int)workers - 1);
    if (k > 0 && tolerance[k] <= tolerance[k - 1])
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.tolerances[%d]: %d, but it must be more than the one before it, %d", (int)k,
                            (int)tolerance[k], (int)tolerance[k - 1]);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_family_make(testudo_i_family *family, int32_t workers, int32_t levels,
                                     const int32_t *tolerance, testudo_error *error)
{
  testudo_status status = check_tolerances(workers, levels, tolerance, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_i_family_free(family);
  size_t room = (size_t)tolerance[levels - 1] + 2;
  family->levels = levels;
  family->tolerance = testudo_i_alloc((size_t)levels, sizeof *family->tolerance);
  family->start = testudo_i_calloc((size_t)levels + 1, sizeof *family->start);
  family->level_of = testudo_i_alloc(room, sizeof *family->level_of);
  if (family->tolerance == NULL || family->start == NULL || family->level_of == NULL)
    return testudo_i_fail_memory(error);
  memset(family->level_of, -1, room * sizeof *family->level_of);
  for (int32_t k = 0; k < levels; k++) {
    family->tolerance[k] = tolerance[k];
    family->start[k + 1] = family->start[k] + (int64_t)workers * (tolerance[k] + 1);
    family->level_of[tolerance[k] + 1] = k;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_family_room(testudo_i_family *family, testudo_error *error)
{
  free(family->coefficient);
  family->coefficient = testudo_i_calloc((size_t)family->start[family->levels], sizeof *family->coefficient);
  return family->coefficient == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

void testudo_i_family_free(testudo_i_family *family)
{
  free(family->tolerance);
  free(family->start);
  free(family->coefficient);
  free(family->level_of);
  memset(family, 0, sizeof *family);
}

const int32_t *testudo_design_tolerances(const testudo_design *design, int32_t *count)
{
  *count = design->family.levels;
  return design->family.tolerance;
}

const double *testudo_design_nested_coefficients(const testudo_design *design, int32_t level, int32_t worker)
{
  return level < 0 || level >= design->family.levels ? NULL : testudo_i_family_row(&design->family, level, worker);
}
