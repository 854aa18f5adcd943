/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classical gradient codes over an assignment: all ones on fractional repetition, Tandon's coefficients or those of a
   cyclic MDS code on the cyclic one, whatever the orders. */
#include "code/gradient_code.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "runtime/design.h"

/* Worker j holds j, j+1, .., j+s (mod n) in some order. */
static bool is_cyclic(const testudo_design *design)
{
  int32_t n = design->workers, s = design->stragglers;
  if (design->chunks != n)
    return false;
  for (int32_t j = 0; j < n; j++) {
    if (testudo_design_load(design, j) != s + 1)
      return false;
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if ((design->order[e] - j + n) % n > s)
        return false;
  }
  return true;
}

/* One row for all workers. */
static testudo_status fill_mds(testudo_design *design, testudo_error *error)
{
  int32_t n = design->workers;
  double *row = testudo_i_alloc((size_t)design->stragglers + 1, sizeof *row);
  if (row == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_i_cyclic_mds_row(n, design->stragglers, row, error);
  for (int32_t j = 0; status == TESTUDO_OK && j < n; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      design->coefficient[e] = row[(design->order[e] - j + n) % n];
  free(row);
  return status;
}

static testudo_status fill_cyclic(testudo_design *design, uint64_t seed, testudo_error *error)
{
  int32_t n = design->workers, width = design->stragglers + 1;
  double *row = testudo_i_alloc((size_t)n * (size_t)width, sizeof *row);
  if (row == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_i_tandon_rows(n, design->stragglers, seed, row, NULL, 0.0, error);
  for (int32_t j = 0; status == TESTUDO_OK && j < n; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      design->coefficient[e] = row[(int64_t)j * width + (design->order[e] - j + n) % n];
  free(row);
  return status;
}

/* Groups of s + 1 workers, all of one size. */
static testudo_status is_repetition(const testudo_design *design, bool *found, testudo_error *error)
{
  testudo_i_groups groups;
  testudo_status status =
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &groups, error);
  *found = status == TESTUDO_OK && groups.groups > 0;
  for (int32_t g = 0; *found && g < groups.groups; g++)
    *found = groups.size[g] == design->stragglers + 1;
  testudo_i_groups_free(&groups);
  return status;
}

/* Share of the work, s^3 a tolerance, that lies before a level. */
static double share_before(const testudo_i_family *family, int32_t level)
{
  double before = 0.0, all = 0.0;
  for (int32_t k = 0; k < family->levels; k++) {
    double s = family->tolerance[k] + 1.0;
    all += s * s * s;
    before += k < level ? s * s * s : 0.0;
  }
  return before / all;
}

testudo_status testudo_i_nested_code(testudo_design *design, uint64_t seed, const testudo_monitor *monitor,
                                     testudo_error *error)
{
  testudo_i_family *family = &design->family;
  testudo_status status = testudo_i_family_room(family, error);
  for (int32_t level = 0; status == TESTUDO_OK && level < family->levels; level++) {
    /* The draws of one tolerance must say nothing about those of another, nor about a classical code's. */
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_CODE, (uint64_t)family->tolerance[level], 2);
    status = testudo_i_tandon_rows(design->workers, family->tolerance[level], testudo_i_random_word(&random),
                                   testudo_i_family_row(family, level, 0), monitor, share_before(family, level), error);
  }
  return status;
}

testudo_status testudo_i_gradient_code(testudo_design *design, bool mds, uint64_t seed, testudo_error *error)
{
  int64_t entries = design->row[design->workers];
  design->coefficient = testudo_i_alloc((size_t)entries, sizeof *design->coefficient);
  bool repetition, cyclic = is_cyclic(design);
  testudo_status status = is_repetition(design, &repetition, error);
  if (status != TESTUDO_OK)
    return status;
  if (mds && !cyclic)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "cyclic-mds: for %d stragglers it needs the cyclic assignment of load %d",
                          (int)design->stragglers, (int)design->stragglers + 1);
  if (!repetition && !cyclic)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "gradient-code: for %d stragglers it needs the cyclic assignment of load %d or fractional "
                          "repetition in groups of %d",
                          (int)design->stragglers, (int)design->stragglers + 1, (int)design->stragglers + 1);
  design->construction = testudo_i_copy_string(mds ? "cyclic-mds" : repetition ? "frc" : "cyclic");
  if (design->construction == NULL || design->coefficient == NULL)
    return testudo_i_fail_memory(error);
  if (mds)
    return fill_mds(design, error);
  for (int64_t e = 0; e < entries; e++)
    design->coefficient[e] = 1.0;
  return repetition ? TESTUDO_OK : fill_cyclic(design, seed, error);
}
