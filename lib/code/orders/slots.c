/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of slots: forwards, back, steal, uneven copies, listed ones; cut short, and multiplied for twins
   (docs/theory/orders.md#chunks-finer-than-workers). */
#include "code/orders/slots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The shape that uneven copies were found for. */
enum { UNEVEN_PARTNERS = 6, UNEVEN_CHUNKS = 8 };

typedef struct order_word {
  const char *word;
  testudo_slot_rule rule;
  testudo_pairing pairing;
} order_word;

static const order_word order_words[] = {
    {"rotated", TESTUDO_SLOTS_FORWARDS, TESTUDO_PAIRING_ADDED},
    {"xor", TESTUDO_SLOTS_FORWARDS, TESTUDO_PAIRING_XOR},
    {"steal", TESTUDO_SLOTS_STEAL, TESTUDO_PAIRING_ADDED},
    {"back", TESTUDO_SLOTS_BACK, TESTUDO_PAIRING_ADDED},
    {"stealxor", TESTUDO_SLOTS_STEAL, TESTUDO_PAIRING_XOR},
    {"backxor", TESTUDO_SLOTS_BACK, TESTUDO_PAIRING_XOR},
    {"mirror", TESTUDO_SLOTS_MIRROR, TESTUDO_PAIRING_BEST},
    {"staircase", TESTUDO_SLOTS_FORWARDS, TESTUDO_PAIRING_ALTERNATING},
    {"draft", TESTUDO_SLOTS_DRAFT, TESTUDO_PAIRING_BEST},
    {"uneven", TESTUDO_SLOTS_UNEVEN, TESTUDO_PAIRING_ADDED},
};

bool testudo_slot_order_take(testudo_slot_order *order, const char *word)
{
  for (size_t k = 0; k < sizeof order_words / sizeof *order_words; k++)
    if (strcmp(order_words[k].word, word) == 0) {
      order->rule = order_words[k].rule;
      order->pairing = order_words[k].pairing;
      return true;
    }
  return false;
}

void testudo_slots_free(testudo_slots *slots)
{
  if (slots == NULL)
    return;
  free(slots->slot);
  *slots = (testudo_slots){0};
}

const char *testudo_i_slot_order_name(const testudo_slot_order *order)
{
  static const char *const rule[] = {"forwards", "back", "mirror", "steal", "draft", "uneven", "slots"};
  return order->name != NULL ? order->name : rule[order->rule];
}

/* ---- partners ---- */

int32_t testudo_i_twins(const testudo_slot_order *order)
{
  return order->twins > 1 ? order->twins : 1;
}

static bool is_power_of_two(int32_t size)
{
  return (size & (size - 1)) == 0;
}

testudo_status testudo_i_twins_check(const testudo_slot_order *order, int32_t size, testudo_error *error)
{
  int32_t twins = testudo_i_twins(order);
  return size % twins == 0 ? TESTUDO_OK
                           : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                                            "order %s: %d workers share, which is not a multiple of %d, the workers"
                                            " that do the same", testudo_i_slot_order_name(order), (int)size,
                                            (int)twins);
}

testudo_status testudo_i_xor_check(const testudo_slot_order *order, int32_t size, testudo_error *error)
{
  int32_t twins = testudo_i_twins(order);
  if (order->pairing != TESTUDO_PAIRING_XOR || (size % twins == 0 && is_power_of_two(size / twins)))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "order %s: groups have %d workers, but xor needs a power of two",
                        testudo_i_slot_order_name(order), (int)size);
}

static int32_t partner_of(testudo_pairing pairing, int32_t rank, int32_t s, int32_t size)
{
  if (pairing == TESTUDO_PAIRING_XOR || (pairing == TESTUDO_PAIRING_BEST && is_power_of_two(size)))
    return rank ^ s;
  if (pairing == TESTUDO_PAIRING_ALTERNATING && rank % 2 != 0)
    return rank >= s ? rank - s : rank - s + size;
  return rank < size - s ? rank + s : rank - (size - s);
}

int32_t testudo_i_partner(testudo_pairing pairing, int32_t twins, int32_t rank, int32_t s, int32_t size)
{
  return twins * partner_of(pairing, rank / twins, s / twins, size / twins) +
         partner_of(TESTUDO_PAIRING_BEST, rank % twins, s % twins, twins);
}

/* ---- draft ---- */

/* The draft of docs/theory/orders.md#draft: a worker takes, of all that it may still do, the chunk that its holders so
   far have most likely not finished by a late time. The chunks of a block stand in a heap by that probability. */
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

static testudo_status slots_draft(const testudo_slot_order *order, testudo_slots *slots, testudo_error *error)
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

/* ---- rules ---- */

static void slots_put(testudo_slots *slots, int32_t partner, int32_t chunk)
{
  slots->slot[slots->count++] = (testudo_slot){partner, chunk};
}

static void slots_forwards(testudo_slots *slots, int32_t partner, int32_t first, int32_t end)
{
  for (int32_t q = first; q < end; q++)
    slots_put(slots, partner, q);
}

static void slots_backwards(testudo_slots *slots, int32_t partner, int32_t first, int32_t end)
{
  for (int32_t q = end - 1; q >= first; q--)
    slots_put(slots, partner, q);
}

static void slots_steal(testudo_slots *slots)
{
  slots_forwards(slots, 0, 0, slots->chunks);
  for (int32_t q = slots->chunks - 1; q >= 0; q--)
    for (int32_t s = 1; s < slots->partners; s++)
      slots_put(slots, s, q);
}

/* The first half of the own block and some of partner 3; then everybody's second half, every other one backwards, so
   that two meet in the middle; then what has few copies once more. */
static void slots_uneven(testudo_slots *slots)
{
  static const int32_t partner[UNEVEN_PARTNERS] = {0, 3, 2, 5, 1, 4};
  int32_t half = UNEVEN_CHUNKS / 2;
  slots_forwards(slots, 0, 0, half);
  slots_put(slots, 3, 3);
  slots_put(slots, 3, 2);
  for (int32_t r = 0; r < UNEVEN_PARTNERS; r++)
    (r % 2 == 0 ? slots_forwards : slots_backwards)(slots, partner[r], half, UNEVEN_CHUNKS);
  slots_put(slots, 3, 1);
  slots_put(slots, 5, 1);
}

static testudo_status slots_fill(const testudo_slot_order *order, testudo_slots *slots, testudo_error *error)
{
  switch (order->rule) {
  case TESTUDO_SLOTS_STEAL:
    slots_steal(slots);
    return TESTUDO_OK;
  case TESTUDO_SLOTS_DRAFT:
    return slots_draft(order, slots, error);
  case TESTUDO_SLOTS_UNEVEN:
    slots_uneven(slots);
    return TESTUDO_OK;
  case TESTUDO_SLOTS_LISTED:
    for (int32_t k = 0; k < order->listed->count; k++)
      slots_put(slots, order->listed->slot[k].partner, order->listed->slot[k].chunk);
    return TESTUDO_OK;
  default:
    slots_forwards(slots, 0, 0, slots->chunks);
    for (int32_t s = 1; s < slots->partners; s++)
      (order->rule == TESTUDO_SLOTS_FORWARDS ? slots_forwards : slots_backwards)(slots, s, 0, slots->chunks);
    return TESTUDO_OK;
  }
}

/* Every slot of the rule by all twins, in the same room: from the end, so that nothing is overwritten. */
static void slots_multiply(testudo_slots *slots, int32_t twins)
{
  for (int32_t k = slots->count - 1; k >= 0; k--) {
    testudo_slot slot = slots->slot[k];
    for (int32_t i = twins - 1; i >= 0; i--)
      slots->slot[k * twins + i] = (testudo_slot){twins * slot.partner + i, slot.chunk};
  }
  slots->count *= twins;
  slots->partners *= twins;
}

/* ---- what goes together ---- */

static testudo_status slots_check_rule(const testudo_slot_order *order, int32_t partners, int32_t chunks,
                                       testudo_error *error)
{
  const char *name = testudo_i_slot_order_name(order);
  const testudo_slots *listed = order->listed;
  if (order->rule == TESTUDO_SLOTS_MIRROR && partners != 2)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: two workers share each block and meet in its middle, but here %d do", name,
                          (int)partners);
  if (order->rule == TESTUDO_SLOTS_UNEVEN && (partners != UNEVEN_PARTNERS || chunks != UNEVEN_CHUNKS))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: it is for %d workers that share and %d chunks per worker's share, not %d and %d",
                          name, UNEVEN_PARTNERS, UNEVEN_CHUNKS, (int)partners, (int)chunks);
  if (order->rule == TESTUDO_SLOTS_LISTED && (listed->partners > partners || listed->chunks != chunks))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: its slots are for %d partners and %d chunks per worker's share, but there are %d"
                          " and %d", name, (int)listed->partners, (int)listed->chunks, (int)partners, (int)chunks);
  if (!order->shortened)
    return TESTUDO_OK;
  int64_t others = (int64_t)(partners - 1) * chunks;
  if (order->rule >= TESTUDO_SLOTS_UNEVEN)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: it cannot be cut short, as it does not begin with a worker's own chunks", name);
  return order->foreign >= 0 && order->foreign <= others
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                              "order %s: %d chunks of others, but %d chunks per share and %d workers that share allow"
                              " 0..%lld", name, (int)order->foreign, (int)chunks, (int)partners, (long long)others);
}

testudo_status testudo_slots_make(const testudo_slot_order *order, int32_t partners, int32_t chunks,
                                  testudo_slots *slots, testudo_error *error)
{
  const char *name = testudo_i_slot_order_name(order);
  int32_t twins = testudo_i_twins(order);
  *slots = (testudo_slots){0};
  if (partners < 1 || chunks < 1 || (int64_t)partners * chunks > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: %d partners with %d chunks each, but a worker holds 1..%d chunks", name,
                          (int)partners, (int)chunks, TESTUDO_MAX_CHUNKS);
  TESTUDO_I_TRY(testudo_i_twins_check(order, partners, error));
  TESTUDO_I_TRY(slots_check_rule(order, partners / twins, chunks, error));
  slots->partners = partners / twins;
  slots->chunks = chunks;
  slots->slot = testudo_i_alloc((size_t)partners * (size_t)chunks, sizeof *slots->slot);
  TESTUDO_I_TRY(testudo_i_memory_check(slots->slot != NULL, error));
  testudo_status status = slots_fill(order, slots, error);
  if (status != TESTUDO_OK) {
    testudo_slots_free(slots);
    return status;
  }
  if (order->shortened)
    slots->count = chunks + order->foreign;
  slots_multiply(slots, twins);
  return TESTUDO_OK;
}
