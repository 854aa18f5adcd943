/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments that look the same from every worker: cyclic ones (the group Z_m), repetition groups and XOR tables (Z_2
   x Z_2 x ..), rings side by side, and all between. */
#include "optimize/portfolio/pool.h"

#include "base/error.h"
#include "code/assignment.h"

int32_t testudo_i_shifts_add(const testudo_i_shifts *shifts, int32_t j, int32_t s)
{
  int32_t sum = 0, unit = 1;
  for (int32_t k = 0; k < shifts->moduli; k++) {
    int32_t modulus = shifts->modulus[k];
    sum += (j % modulus + s % modulus) % modulus * unit;
    j /= modulus;
    s /= modulus;
    unit *= modulus;
  }
  return sum;
}

/* Place k of worker j of the group, before its mates. */
static int32_t chunk_at(const testudo_i_shifts *shifts, int32_t j, int32_t k)
{
  int32_t block = testudo_i_shifts_add(shifts, j, shifts->shift[k / shifts->blocks]);
  return block * shifts->blocks + k % shifts->blocks;
}

testudo_status testudo_i_shifts_assign(const testudo_i_shifts *shifts, testudo_assignment *orders,
                                       testudo_error *error)
{
  int32_t workers = shifts->order * shifts->mates, chunks = shifts->order * shifts->blocks;
  int32_t load = shifts->count * shifts->blocks;
  TESTUDO_I_TRY(testudo_i_assignment_begin(orders, workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(orders, workers, chunks, (int64_t)workers * load, error));
  int64_t e = 0;
  for (int32_t j = 0; j < workers; j++) {
    int32_t begin = (int32_t)((int64_t)(j % shifts->mates) * load / shifts->mates);
    for (int32_t k = 0; k < load; k++)
      orders->chunk[e++] = chunk_at(shifts, j / shifts->mates, (begin + k) % load);
    orders->row[j + 1] = e;
  }
  return TESTUDO_OK;
}
