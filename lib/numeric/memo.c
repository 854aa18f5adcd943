/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values by argument: a hash table with linear probing. NaN marks an empty place. */
#include "numeric/memo.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct entry {
  double x, value;
} entry;

struct testudo_i_memo {
  entry *slot;
  size_t slots; /* a power of two, or 0 */
  size_t used;
};

testudo_i_memo *testudo_i_memo_new(void)
{
  return testudo_i_calloc(1, sizeof(testudo_i_memo));
}

void testudo_i_memo_free(testudo_i_memo *memo)
{
  if (memo == NULL)
    return;
  free(memo->slot);
  free(memo);
}

static size_t place_of(const testudo_i_memo *memo, double x)
{
  uint64_t bits;
  x += 0.0; /* -0 and 0 are the same argument */
  memcpy(&bits, &x, sizeof bits);
  size_t place = (size_t)((bits * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (memo->slots - 1);
  while (!isnan(memo->slot[place].x) && memo->slot[place].x != x)
    place = (place + 1) & (memo->slots - 1);
  return place;
}

static int grow_table(testudo_i_memo *memo)
{
  if (memo->used * 2 < memo->slots)
    return 0;
  testudo_i_memo bigger = {.slots = memo->slots == 0 ? 1024 : memo->slots * 2, .used = memo->used};
  bigger.slot = testudo_i_alloc(bigger.slots, sizeof *bigger.slot);
  if (bigger.slot == NULL)
    return -1;
  for (size_t k = 0; k < bigger.slots; k++)
    bigger.slot[k].x = NAN;
  for (size_t k = 0; k < memo->slots; k++)
    if (!isnan(memo->slot[k].x))
      bigger.slot[place_of(&bigger, memo->slot[k].x)] = memo->slot[k];
  free(memo->slot);
  *memo = bigger;
  return 0;
}

static double call(testudo_i_evaluator *evaluator, double x)
{
  double value = 0.0;
  evaluator->evaluations++;
  evaluator->status = evaluator->f(evaluator->context, x, &value, evaluator->error);
  return evaluator->status == TESTUDO_OK ? value : 0.0;
}

double testudo_i_evaluate(testudo_i_evaluator *evaluator, double x)
{
  if (evaluator->status != TESTUDO_OK)
    return 0.0;
  testudo_i_memo *memo = evaluator->memo;
  if (memo == NULL)
    return call(evaluator, x);
  if (grow_table(memo) != 0) {
    evaluator->status = testudo_i_fail_memory(evaluator->error);
    return 0.0;
  }
  entry *slot = &memo->slot[place_of(memo, x)];
  if (isnan(slot->x)) {
    double value = call(evaluator, x);
    if (evaluator->status != TESTUDO_OK)
      return 0.0;
    *slot = (entry){x, value};
    memo->used++;
  }
  return slot->value;
}
