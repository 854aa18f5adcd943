/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient codes from cyclic MDS codes over the roots of unity (Raviv, Tamo, Tandon, Dimakis, Gradient coding from
   cyclic MDS codes and expander graphs, IEEE Trans. IT 66, 2020). The rows of B are the cyclic shifts of a polynomial
   whose roots are s consecutive powers of w = e^(2 pi i / n), 1 not among them, so that the all-ones word is in the
   code; any n - s shifts of it span the code. Its coefficients are real when the powers are closed under conjugation:
   they are then n/2 - (s-1)/2 .. n/2 + (s-1)/2, integers where n - s is odd. */
#include "code/tandon.h"

#include <math.h>

#include "base/error.h"

testudo_status testudo_i_cyclic_mds_row(int32_t n, int32_t s, double *coefficient, testudo_error *error)
{
  if (s > 0 && (n - s) % 2 == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "cyclic-mds: %d workers and %d stragglers have no real code, workers - stragglers must be "
                          "odd; use %d stragglers, or construction cyclic",
                          (int)n, (int)s, (int)s + 1);
  /* prod over k of (x + e^(2 pi i (k - (s-1)/2) / n)), k < s: by the q-binomial theorem its coefficients are
     prod_{j=1..k} sin(pi (s+1-j) / n) / sin(pi j / n), all positive, the middle one largest; that one becomes 1. */
  const double step = acos(-1.0) / n;
  int32_t middle = s / 2;
  coefficient[middle] = coefficient[s - middle] = 1.0;
  for (int32_t k = middle; k >= 1; k--)
    coefficient[k - 1] = coefficient[s - k + 1] = coefficient[k] * sin(step * k) / sin(step * (s + 1 - k));
  return TESTUDO_OK;
}
