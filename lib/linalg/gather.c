/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled without what base/clones.h asks for: gathers that gcc has made of vector instructions take longer. */
#include "linalg/gather.h"

#include <stddef.h>

#include "base/inlined.h"

int32_t testudo_i_lists_degree(const testudo_i_lists *lists)
{
  int64_t degree = 0;
  for (int32_t k = 0; k < lists->count; k++) {
    int32_t c = lists->use == NULL ? k : lists->use[k];
    int64_t here = lists->last[c] - lists->first[c];
    degree = k > 0 ? degree : here;
    if (here != degree || lists->first[c] != c * degree)
      return 0;
  }
  return (int32_t)degree;
}

/* With a degree that the compiler knows no loop is left. */
TESTUDO_I_INLINED double sum_of(const double *restrict x, const int32_t *index, int32_t degree)
{
  double sum = x[index[0]];
#define ADD(e) if (degree > (e)) sum += x[index[e]];
  ADD(1) ADD(2) ADD(3) ADD(4) ADD(5) ADD(6) ADD(7)
  return sum;
}

TESTUDO_I_INLINED void gather_chosen(const testudo_i_lists *lists, int32_t degree, bool chosen,
                                     const double *restrict x, double scale, double *restrict y)
{
  for (int32_t k = 0; k < lists->count; k++) {
    int32_t c = chosen ? lists->use[k] : k, at = lists->placed ? c : k;
    double sum = 0.0;
    if (degree > 0)
      sum = sum_of(x, lists->index + (int64_t)c * degree, degree);
    else
      for (int64_t e = lists->first[c]; e < lists->last[c]; e++)
        sum += x[lists->index[e]];
    y[at] = sum - scale * y[at];
  }
}

TESTUDO_I_INLINED void gather_of(const testudo_i_lists *lists, int32_t degree, const double *x, double scale,
                                 double *y)
{
  if (lists->use == NULL)
    gather_chosen(lists, degree, false, x, scale, y);
  else
    gather_chosen(lists, degree, true, x, scale, y);
}

void testudo_i_gather(const testudo_i_lists *lists, const double *x, double scale, double *y)
{
  switch (lists->degree) {
  case 2:
    gather_of(lists, 2, x, scale, y);
    break;
  case 3:
    gather_of(lists, 3, x, scale, y);
    break;
  case 4:
    gather_of(lists, 4, x, scale, y);
    break;
  case 6:
    gather_of(lists, 6, x, scale, y);
    break;
  case 8:
    gather_of(lists, 8, x, scale, y);
    break;
  default:
    gather_of(lists, 0, x, scale, y);
  }
}
