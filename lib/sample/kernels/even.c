/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Even rows: the loops of kernel.c, whose minima and maxima of the same products are the same doubles, without their
   counting: what is left is a load of 64 bytes per entry and eight trials, and to say where. A load for every place in
   memory would cost as much as the times themselves, so that four come in a word. */
#include "sample/kernels/even.h"

#include <math.h>

#include "base/clones.h"
#include "base/error.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-signed-zeros,finite-math-only")
#endif

#define LANES TESTUDO_I_LANES
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define MOST TESTUDO_I_EVEN_MOST
#define IN_A_WORD 4 /* beginnings of lanes, of 16 bits each */
#define WORDS(entries) (((entries) + IN_A_WORD - 1) / IN_A_WORD)

/* ---- which rows are even ---- */

static bool have_one_length(const testudo_i_rows *rows)
{
  int64_t length = rows->row[1] - rows->row[0];
  for (int64_t i = 1; i < rows->count; i++)
    if (rows->row[i + 1] - rows->row[i] != length)
      return false;
  return length >= 1 && length <= MOST;
}

/* The entries of a row by their places: order[k] is where the k-th stands. */
static void order_entries(const double *place, int32_t entries, int32_t *order)
{
  for (int32_t k = 0; k < entries; k++) {
    int32_t to = k;
    for (; to > 0 && place[order[to - 1]] > place[k]; to--)
      order[to] = order[to - 1];
    order[to] = k;
  }
}

/* In the places of the first row. */
static bool have_the_same_places(const testudo_i_rows *rows, int32_t entries)
{
  int32_t first[MOST], order[MOST];
  order_entries(rows->place, entries, first);
  for (int64_t i = 1; i < rows->count; i++) {
    const double *place = rows->place + i * entries;
    order_entries(place, entries, order);
    for (int32_t k = 0; k < entries; k++)
      if (place[order[k]] != rows->place[first[k]])
        return false;
  }
  return true;
}

/* Do their lanes begin where 16 bits can say? */
static bool have_near_slots(const testudo_i_rows *rows)
{
  for (int64_t e = 0; e < rows->row[rows->count]; e++)
    if (rows->slot[e] > UINT16_MAX / LANES)
      return false;
  return true;
}

static testudo_status pack_slots(testudo_i_rows *rows, testudo_i_arena *arena, testudo_error *error)
{
  int32_t entries = rows->even, words = WORDS(entries);
  rows->near = testudo_i_arena_calloc(arena, (size_t)(rows->count * words), sizeof *rows->near);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t i = 0; i < rows->count; i++)
    for (int32_t e = 0; e < entries; e++)
      rows->near[i * words + e / IN_A_WORD] |= (uint64_t)(rows->slot[i * entries + e] * LANES) << e % IN_A_WORD * 16;
  return TESTUDO_OK;
}

testudo_status testudo_i_rows_even(testudo_i_rows *rows, testudo_i_arena *arena, testudo_error *error)
{
  if (rows->level != 1 || rows->count < 1 || !have_one_length(rows) ||
      !have_the_same_places(rows, (int32_t)(rows->row[1] - rows->row[0])))
    return TESTUDO_OK;
  int32_t entries = rows->even = (int32_t)(rows->row[1] - rows->row[0]);
  for (int64_t i = 0; i < rows->count; i++) {
    int32_t order[MOST], slot[MOST];
    double place[MOST];
    order_entries(rows->place + i * entries, entries, order);
    for (int32_t k = 0; k < entries; k++) {
      slot[k] = rows->slot[i * entries + order[k]];
      place[k] = rows->place[i * entries + order[k]];
    }
    for (int32_t k = 0; k < entries; k++) {
      rows->slot[i * entries + k] = slot[k];
      rows->place[i * entries + k] = place[k];
    }
  }
  return have_near_slots(rows) ? pack_slots(rows, arena, error) : TESTUDO_OK;
}

/* ---- the kernel ---- */

/* With a number of entries that the compiler knows no loop but that over the rows is left. */
TESTUDO_I_INLINED void smallest_of_even(const testudo_i_rows *rows, const double *restrict time,
                                        double *restrict completion, int entries, bool near)
{
  const int32_t *slot = rows->slot;
  const uint64_t *words = rows->near;
  double place[MOST];
  for (int e = 0; e < MOST; e++)
    place[e] = e < entries ? rows->place[e] : 0.0;
#define START(k) double most##k = 0.0;
  EACH(START)
  for (int64_t i = 0; i < rows->count; i++) {
#define OPEN(k) double least##k = HUGE_VAL;
    EACH(OPEN)
#pragma GCC unroll 8
    for (int e = 0; e < entries; e++) {
      uint64_t first = near ? words[e / IN_A_WORD] >> e % IN_A_WORD * 16 & UINT16_MAX : (uint64_t)slot[e] * LANES;
      const double *from = time + first;
#define TAKE(k) double t##k = place[e] * from[k]; least##k = t##k < least##k ? t##k : least##k;
      EACH(TAKE)
    }
#define CLOSE(k) most##k = most##k > least##k ? most##k : least##k;
    EACH(CLOSE)
    slot += entries;
    words += near ? WORDS(entries) : 0;
  }
#define GIVE(k) completion[k] = most##k;
  EACH(GIVE)
}

#define OF_EVEN(n) case n: smallest_of_even(rows, time, completion, n, near); break;
#define ALL_EVEN \
  switch (rows->even) { \
    OF_EVEN(1) OF_EVEN(2) OF_EVEN(3) OF_EVEN(4) OF_EVEN(5) OF_EVEN(6) OF_EVEN(7) OF_EVEN(8) \
  }

TESTUDO_I_CLONES static void near_rows(const testudo_i_rows *rows, const double *time, double *completion)
{
  const bool near = true;
  ALL_EVEN
}

TESTUDO_I_CLONES static void even_rows(const testudo_i_rows *rows, const double *time, double *completion)
{
  const bool near = false;
  ALL_EVEN
}

bool testudo_i_kernel_even(const testudo_i_rows *rows, const double *time, double *completion)
{
  if (rows->even == 0 || rows->rate != NULL)
    return false;
  if (rows->near != NULL)
    near_rows(rows, time, completion);
  else
    even_rows(rows, time, completion);
  return true;
}
