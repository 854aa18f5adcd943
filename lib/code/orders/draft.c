/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draft of docs/theory/orders.md#draft: a worker takes, of all that it may still do, the chunk that its holders so
   far have most likely not finished by a late time. The chunks of a block stand in a heap by that probability. */

#include "code/orders/slots.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct draft_chunk {
  double undone;   /* logarithm of the probability that nobody so far has done it */
  int32_t holders, chunk;
} draft_chunk;

/* Does a come before b? */
static bool draft_before(const draft_chunk *a, const draft_chunk *b)
{
  if (a->undone != b->undone)
    return a->undone > b->undone;
  return a->holders != b->holders ? a->holders < b->holders : a->chunk < b->chunk;
}

/* The first one has lost its place: down to where it belongs. */
static void draft_sink(draft_chunk *heap, int32_t count)
{
  draft_chunk sinking = heap[0];
  int32_t at = 0;
  while (at < count / 2) {
    int32_t child = 2 * at + 1;
    if (child + 1 < count && draft_before(&heap[child + 1], &heap[child]))
      child++;
    if (!draft_before(&heap[child], &sinking))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = sinking;
}

/* Independent chunk times whose deviation is .38 of their mean, as measured in training jobs. */
#define SHAPE 7.0
#define LATE_BY 3.4

/* P(gamma variable of shape SHAPE k and mean k is above t), by Wilson and Hilferty's cube root: enough for an order. */
static double sum_is_late(double k, double t)
{
  double shape = SHAPE * k, root = cbrt(t / k) - 1 + 1 / (9 * shape);
  return 0.5 * erfc(3 * sqrt(shape) * root / sqrt(2.0));
}

/* log P(not done by place k). Of exponential scaled times it is proportional to -1/k, whatever the time. */
static double draft_logarithm(const testudo_slot_order *order, int32_t place, int32_t block)
{
  int32_t twins = testudo_i_twins(order);
  if (order->undone != NULL)
    return log(order->undone(order->context, place * twins, block));
  if (!order->independent)
    return -1.0 / place;
  double own = (double)block * twins;
  return log(sum_is_late((double)place * twins, own + LATE_BY * sqrt(own / SHAPE)));
}

testudo_status testudo_i_slots_draft(const testudo_slot_order *order, testudo_slots *slots, testudo_error *error)
{
  int32_t open = slots->chunks, all = slots->partners * slots->chunks;
  TESTUDO_I_HELD(testudo_i_free_held) draft_chunk *heap = testudo_i_calloc((size_t)open, sizeof *heap);
  TESTUDO_I_TRY(testudo_i_memory_check(heap != NULL, error));
  for (int32_t q = 0; q < open; q++)
    heap[q].chunk = q;
  for (int32_t k = 1; k <= all; k++) {
    double late = draft_logarithm(order, k, slots->chunks);
    if (!(late <= 0.0))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "order %s: the law gives no probability for place %d",
                            testudo_i_slot_order_name(order), (int)k);
    slots->slot[slots->count++] = (testudo_slot){heap[0].holders, heap[0].chunk};
    heap[0].undone += late;
    if (++heap[0].holders == slots->partners)
      heap[0] = heap[--open];
    draft_sink(heap, open);
  }
  return TESTUDO_OK;
}
