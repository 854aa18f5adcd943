/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks through Latin rectangles and through all tables, one of each class at least. */
#include "optimize/groups/latin.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"

typedef struct walk {
  int32_t size, load;
  int64_t left;              /* visits allowed */
  bool (*visit)(void *context, const int8_t *place);
  void *context;
  int8_t place[TESTUDO_I_LIMIT_SHARED_LOAD * TESTUDO_I_LIMIT_SHARED_LOAD];
  uint32_t row_used[TESTUDO_I_LIMIT_SHARED_LOAD], column_used[TESTUDO_I_LIMIT_SHARED_LOAD]; /* bits of places */
} walk;

/* Fills the cell and all after it; false when the walk ends before it is complete. */
static bool fill(walk *w, int32_t cell)
{
  if (cell == w->size * w->load)
    return w->left-- > 0 && w->visit(w->context, w->place);
  int32_t a = cell / w->load, b = cell % w->load;
  int32_t from = a == 0 ? b : b == 0 ? w->place[cell - w->load] + 1 : 0, to = a == 0 ? b + 1 : w->load;
  for (int32_t p = from; p < to; p++) {
    uint32_t bit = 1u << p;
    if ((w->row_used[a] | w->column_used[b]) & bit)
      continue;
    w->row_used[a] |= bit;
    w->column_used[b] |= bit;
    w->place[cell] = (int8_t)p;
    bool on = fill(w, cell + 1);
    w->row_used[a] &= ~bit;
    w->column_used[b] &= ~bit;
    if (!on)
      return false;
  }
  return true;
}

bool testudo_i_latin_visit(int32_t size, int32_t load, int64_t limit, bool (*visit)(void *context, const int8_t *place),
                           void *context)
{
  walk w = {.size = size, .load = load, .left = limit, .visit = visit, .context = context};
  return size <= load && load <= TESTUDO_I_LIMIT_SHARED_LOAD && fill(&w, 0);
}

/* ---- all tables ---- */

double testudo_i_table_count(int32_t size, int32_t load)
{
  double rows = 1, count = 1;
  if (load > TESTUDO_I_LIMIT_SHARED_LOAD)
    return HUGE_VAL;
  for (int32_t k = 2; k <= load; k++)
    rows *= k;
  for (int32_t k = 1; k < size; k++)
    count *= (rows + k - 1) / k;
  return nearbyint(count);
}

/* The next permutation in lexicographic order; false after the last. */
static bool next_row(int8_t *row, int32_t load)
{
  int32_t k = load - 2, r = load - 1;
  while (k >= 0 && row[k] > row[k + 1])
    k--;
  if (k < 0)
    return false;
  while (row[r] < row[k])
    r--;
  int8_t kept = row[k];
  row[k] = row[r];
  row[r] = kept;
  for (int32_t a = k + 1, b = load - 1; a < b; a++, b--) {
    kept = row[a];
    row[a] = row[b];
    row[b] = kept;
  }
  return true;
}

bool testudo_i_table_visit(int32_t size, int32_t load, bool (*visit)(void *context, const int8_t *place), void *context)
{
  int8_t place[TESTUDO_I_LIMIT_TABLE_ROWS * TESTUDO_I_LIMIT_SHARED_LOAD];
  if (load > TESTUDO_I_LIMIT_SHARED_LOAD || size > TESTUDO_I_LIMIT_TABLE_ROWS)
    return false;
  for (int32_t a = 0; a < size; a++)
    for (int32_t b = 0; b < load; b++)
      place[a * load + b] = (int8_t)b;
  for (;;) {
    if (!visit(context, place))
      return false;
    int32_t a = size - 1;
    while (a > 0 && !next_row(place + a * load, load))
      a--;
    if (a <= 0)
      return true;
    for (int32_t c = a + 1; c < size; c++)
      memcpy(place + c * load, place + a * load, (size_t)load);
  }
}

/* ---- up to rows and columns ---- */

/* The reduced form in which row `top` is the first. */
static void reduce(int32_t size, int32_t load, const int8_t *place, int32_t top, int8_t *reduced)
{
  int32_t column[TESTUDO_I_LIMIT_SHARED_LOAD], row[TESTUDO_I_LIMIT_SHARED_LOAD];
  for (int32_t b = 0; b < load; b++)
    column[place[top * load + b]] = b;
  for (int32_t a = 0; a < size; a++) {
    int32_t at = a;
    for (; at > 0 && place[row[at - 1] * load + column[0]] > place[a * load + column[0]]; at--)
      row[at] = row[at - 1];
    row[at] = a;
  }
  for (int32_t a = 0; a < size; a++)
    for (int32_t b = 0; b < load; b++)
      reduced[a * load + b] = place[row[a] * load + column[b]];
}

void testudo_i_latin_canonical(int32_t size, int32_t load, const int8_t *place, int8_t *first)
{
  size_t cells = (size_t)size * (size_t)load;
  int8_t reduced[TESTUDO_I_LIMIT_SHARED_LOAD * TESTUDO_I_LIMIT_SHARED_LOAD];
  for (int32_t top = 0; top < size; top++) {
    reduce(size, load, place, top, reduced);
    if (top == 0 || memcmp(reduced, first, cells) < 0)
      memcpy(first, reduced, cells);
  }
}
