/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tolerance of a nested or block code is a gradient code on the prefixes of the orders: it is measured as one. */
#include <testudo/trust.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status extract(const testudo_design *design, int32_t level, testudo_design **made, testudo_error *error)
{
  const testudo_i_family *family = &design->family;
  int32_t n = design->workers, s = family->tolerance[level], width = s + 1;
  size_t entries = (size_t)n * (size_t)width;
  testudo_design *code = testudo_i_design_new(TESTUDO_SCHEME_GRADIENT_CODE, n, n, 1, (int64_t)entries);
  *made = code;
  if (code == NULL)
    return testudo_i_fail_memory(error);
  code->stragglers = s;
  code->name = testudo_i_copy_string("");
  /* A name of its own, so that coefficients other than ones are allowed where all workers hold the same. */
  code->construction = testudo_i_copy_string("level");
  code->coefficient = testudo_i_alloc(entries, sizeof *code->coefficient);
  if (code->name == NULL || code->construction == NULL || code->coefficient == NULL)
    return testudo_i_fail_memory(error);
  memcpy(code->coefficient, testudo_i_family_row(family, level, 0), entries * sizeof *code->coefficient);
  for (int32_t j = 0; j < n; j++) {
    code->row[j + 1] = (int64_t)(j + 1) * width;
    memcpy(code->order + code->row[j], testudo_design_order(design, j), (size_t)width * sizeof *code->order);
  }
  return testudo_i_design_finish(code, error);
}

testudo_status testudo_trust_measure_level(const testudo_design *design, int32_t level, int64_t samples, uint64_t seed,
                                           const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  *trust = (testudo_trust){.samples = samples};
  if (level < 0 || level >= design->family.levels)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "level: %d, but scheme %s has %d here, counted from 0",
                          (int)level, testudo_scheme_name(design->scheme), (int)design->family.levels);
  testudo_design *code;
  testudo_status status = extract(design, level, &code, error);
  if (status == TESTUDO_OK)
    status = testudo_trust_measure(code, samples, seed, monitor, trust, error);
  testudo_design_free(code);
  return status;
}
