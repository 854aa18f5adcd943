/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of a nested or block design. Its orders are the cyclic ones in natural order and no others: a prefix of
   worker i's order must be the support i .. i+s of its row of B^(s). */
#include <math.h>

#include "base/error.h"
#include "runtime/design.h"

static testudo_status check_order(const testudo_design *design, testudo_error *error)
{
  int32_t n = design->workers, load = design->family.tolerance[design->family.levels - 1] + 1;
  for (int32_t j = 0; j < n; j++) {
    if (testudo_design_load(design, j) != load)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order[%d]: has %d chunks, but the largest tolerance %d needs %d", (int)j,
                            (int)testudo_design_load(design, j), (int)load - 1, (int)load);
    const int32_t *order = testudo_design_order(design, j);
    for (int32_t k = 0; k < load; k++)
      if (order[k] != (j + k) % n)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                              "order[%d][%d]: chunk %d, but scheme %s has the cyclic natural order, chunk %d here",
                              (int)j, (int)k, (int)order[k], testudo_scheme_name(design->scheme),
                              (int)((j + k) % n));
  }
  return TESTUDO_OK;
}

static testudo_status check_coefficients(const testudo_design *design, testudo_error *error)
{
  const testudo_i_family *family = &design->family;
  for (int32_t level = 0; level < family->levels; level++)
    for (int32_t j = 0; j < design->workers; j++) {
      const double *row = testudo_i_family_row(family, level, j);
      for (int32_t k = 0; k <= family->tolerance[level]; k++)
        if (!isfinite(row[k]))
          return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrices[%d][%d][%d]: not a finite number",
                                (int)level, (int)j, (int)k);
    }
  return TESTUDO_OK;
}

static testudo_status check_layout(testudo_design *design, testudo_error *error)
{
  if (design->scheme != TESTUDO_SCHEME_BLOCK)
    return TESTUDO_OK;
  if (design->layout.blocks != design->family.levels)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.sizes: has %d items, but tolerances has %d",
                          (int)design->layout.blocks, (int)design->family.levels);
  testudo_i_layout_weigh(&design->layout, design->family.tolerance);
  return TESTUDO_OK;
}

testudo_status testudo_i_family_check(testudo_design *design, testudo_error *error)
{
  if (design->scheme != TESTUDO_SCHEME_NESTED && design->scheme != TESTUDO_SCHEME_BLOCK)
    return TESTUDO_OK;
  if (design->chunks != design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "chunks: %d, but scheme %s has as many as workers, %d",
                          (int)design->chunks, testudo_scheme_name(design->scheme), (int)design->workers);
  if (design->family.levels < 1 || design->family.coefficient == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrices: missing, but scheme %s needs them",
                          testudo_scheme_name(design->scheme));
  testudo_status status = check_order(design, error);
  if (status == TESTUDO_OK)
    status = check_coefficients(design, error);
  return status == TESTUDO_OK ? check_layout(design, error) : status;
}
