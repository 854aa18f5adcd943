/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tolerance of a nested or block code is a gradient code on the prefixes of the orders: it is measured as one. */
#include <testudo/trust.h>

#include "base/error.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

testudo_status testudo_trust_measure_level(const testudo_design *design, int32_t level, int64_t samples, uint64_t seed,
                                           const testudo_monitor *monitor, testudo_trust *trust, testudo_error *error)
{
  int32_t levels;
  testudo_design_tolerances(design, &levels);
  *trust = (testudo_trust){.samples = samples};
  if (level < 0 || level >= levels)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "level: %d, but scheme %s has %d here, counted from 0",
                          (int)level, testudo_i_scheme_of(design)->name, (int)levels);
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *code = NULL;
  TESTUDO_I_TRY(testudo_i_make_level(design, level, &code, error));
  return testudo_trust_measure(code, samples, seed, monitor, trust, error);
}
