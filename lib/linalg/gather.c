/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled without what base/clones.h asks for: gathers that gcc has made of vector instructions take longer. */
#include "linalg/gather.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* Two indices with one load: loads are what a gather takes its time for. */
typedef struct index_pair {
  uint32_t first, second;
} index_pair;

TESTUDO_I_INLINED index_pair pair_at(const int32_t *index)
{
  uint64_t both;
  memcpy(&both, index, sizeof both);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return (index_pair){(uint32_t)both, (uint32_t)(both >> 32)};
#else
  (void)both;
  return (index_pair){(uint32_t)index[0], (uint32_t)index[1]};
#endif
}

/* With a degree that the compiler knows no loop is left. */
TESTUDO_I_INLINED double sum_of(const double *restrict x, const int32_t *index, int32_t degree)
{
  index_pair two = pair_at(index);
  double sum = x[two.first] + x[two.second];
#define ADD_TWO(e) if (degree > (e) + 1) { two = pair_at(index + (e)); sum += x[two.first]; sum += x[two.second]; } \
                   else if (degree > (e)) sum += x[index[e]];
  ADD_TWO(2) ADD_TWO(4) ADD_TWO(6)
  return sum;
}

TESTUDO_I_INLINED double sum_of_any(const double *restrict x, const int32_t *index, int64_t degree)
{
  double sum = 0.0;
  int64_t e = 0;
  for (; e + 1 < degree; e += 2) {
    index_pair two = pair_at(index + e);
    sum += x[two.first];
    sum += x[two.second];
  }
  return e < degree ? sum + x[index[e]] : sum;
}

TESTUDO_I_INLINED void gather_chosen(const testudo_i_lists *lists, int32_t degree, bool chosen,
                                     const double *restrict x, double scale, double *restrict y)
{
  for (int32_t k = 0; k < lists->count; k++) {
    int32_t c = chosen ? lists->use[k] : k, at = lists->placed ? c : k;
    double sum;
    if (degree > 0)
      sum = sum_of(x, lists->index + (int64_t)c * degree, degree);
    else
      sum = sum_of_any(x, lists->index + lists->first[c], lists->last[c] - lists->first[c]);
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
