/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sobol's sequence, by GSL, in memory of our own: where its own request fails, GSL ends the process. */
#include "numeric/even.h"

#include <gsl/gsl_qrng.h>

#include "base/error.h"
#include "base/memory.h"

testudo_status testudo_i_even_points(int32_t dimensions, int64_t count, float *point, testudo_error *error)
{
  double one[TESTUDO_I_EVEN_DIMENSIONS];
  const gsl_qrng_type *sobol = gsl_qrng_sobol;
  const unsigned many = (unsigned)dimensions;
  TESTUDO_I_HELD(testudo_i_free_held) char *state = testudo_i_alloc(sobol->state_size(many), 1);
  TESTUDO_I_TRY(testudo_i_memory_check(state != NULL, error));
  sobol->init_state(state, many);
  for (int64_t r = 0; r < count; r++) {
    sobol->get(state, many, one);
    for (int32_t j = 0; j < dimensions; j++)
      point[j * count + r] = (float)one[j];
  }
  return TESTUDO_OK;
}
