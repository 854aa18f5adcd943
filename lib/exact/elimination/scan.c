/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pass over the transitions: mass that is on its way to cover everything, and mass that has lost a row. Both are sums
   of nonnegative terms, so that the smaller keeps its relative accuracy. */
#include "exact/elimination/scan.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "exact/elimination/sequence.h"

testudo_status testudo_i_scan_best(const testudo_i_cover *cover, int32_t component, bool errors, int64_t max_states,
                                   const testudo_monitor *monitor, testudo_i_arena *arena, bool *fits,
                                   testudo_i_scan *scan, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  testudo_i_sequences sequences;
  double bits = log2((double)max_states) + TESTUDO_I_LIMIT_ELIMINATION_BITS;
  TESTUDO_I_TRY(testudo_i_sequences_find(cover, component, bits, &scratch, &sequences, error));
  *fits = false;
  for (int32_t k = 0, failed = 0; k < sequences.count && failed < 2; k++) {
    testudo_i_scan tried;
    bool here;
    int64_t limit = *fits ? scan->most_states - 1 : max_states;
    if (limit < 1)
      break;
    TESTUDO_I_TRY(testudo_i_scan_make(cover, component, sequences.worker[k], errors, limit, monitor, arena, &here,
                                      &tried, error));
    failed += !here;
    if (here) {
      *scan = tried;
      *fits = true;
    }
  }
  return TESTUDO_OK;
}

size_t testudo_i_scan_room(const testudo_i_scan *scan, int32_t degree)
{
  return 2 * ((size_t)scan->widest + 1) * ((size_t)degree + 1);
}

/* Sums of q over the ranges; those of a class with the same beginning go on from one another. */
void testudo_i_scan_set_values(const testudo_i_scan *scan, const double *const *q)
{
  const testudo_i_scan_range *last = NULL;
  double sum = 0;
  int32_t next = 0;
  for (int32_t k = 0; k < scan->ranges; k++) {
    const testudo_i_scan_range *range = &scan->range[k];
    if (last == NULL || range->class_ != last->class_ || range->low != last->low) {
      sum = 0;
      next = range->low;
    }
    for (; next <= range->high; next++)
      sum += q[range->class_][next];
    scan->value[k] = sum;
    last = range;
  }
}

static void mark_values(const testudo_i_scan *scan, int32_t step)
{
  for (int32_t k = 0; k < scan->ranges; k++)
    scan->marked[k] = scan->range[k].low <= step && step <= scan->range[k].high;
}

/* One layer without failures; to[-1] are the lost. */
static void pass_layer(const testudo_i_scan *scan, int32_t layer, const double *value, const double *from, double *to)
{
  int64_t first = scan->first[layer], end = scan->first[layer + 1];
  const testudo_i_scan_edge *edge = scan->edge + scan->edge_row[first];
  for (int64_t s = first; s < end; s++) {
    double mass = from[s - first];
    const testudo_i_scan_edge *last = scan->edge + scan->edge_row[s + 1];
    for (; edge < last; edge++)
      to[edge->to] += mass * value[edge->range];
  }
}

/* The same of polynomials in z: width of them. A failed worker goes the way of one without progress. */
static void pass_powers(const testudo_i_scan *scan, int32_t layer, const double *value, double fail, int32_t width,
                        const double *from, double *to)
{
  int64_t first = scan->first[layer], end = scan->first[layer + 1];
  for (int64_t s = first; s < end; s++) {
    const double *mass = from + (s - first) * width;
    for (int64_t e = scan->edge_row[s]; e < scan->edge_row[s + 1]; e++) {
      const testudo_i_scan_edge *edge = &scan->edge[e];
      double *next = to + (int64_t)edge->to * width, lives = (1 - fail) * value[edge->range];
      for (int32_t d = 0; d < width; d++)
        next[d] += lives * mass[d];
      for (int32_t d = 1; e == scan->edge_row[s] && d < width; d++)
        next[d] += fail * mass[d - 1];
    }
  }
}

/* What is lost stays so, whatever the layer's worker does. */
static void pass_lost(double fail, int32_t width, const double *from, double *to)
{
  for (int32_t d = 0; d < width; d++)
    to[d] += (1 - fail) * from[d] + (d > 0 ? fail * from[d - 1] : 0);
}

void testudo_i_scan_run(const testudo_i_scan *scan, const double *const *q, double fail, int32_t degree, int32_t layer,
                        int32_t step, testudo_i_pair result, double *room)
{
  int32_t width = degree + 1;
  size_t half = ((size_t)scan->widest + 1) * (size_t)width;
  double *from = room + width, *to = room + half + width; /* the lost stand before state 0 */
  testudo_i_scan_set_values(scan, q);
  if (layer >= 0)
    mark_values(scan, step);
  memset(from - width, 0, 2 * (size_t)width * sizeof *from);
  from[0] = 1;
  for (int32_t k = 0; k < scan->layers; k++) {
    int64_t states = k + 1 < scan->layers ? scan->first[k + 2] - scan->first[k + 1] : 1;
    double here = k == layer ? 0 : fail;
    memset(to - width, 0, (size_t)(states + 1) * (size_t)width * sizeof *to);
    if (width == 1)
      pass_layer(scan, k, k == layer ? scan->marked : scan->value, from, to);
    else
      pass_powers(scan, k, k == layer ? scan->marked : scan->value, here, width, from, to);
    pass_lost(width == 1 ? 0 : here, width, from - width, to - width);
    double *kept = from;
    from = to;
    to = kept;
  }
  memcpy(result.done, from, (size_t)width * sizeof *from);
  memcpy(result.lost, from - width, (size_t)width * sizeof *from);
}
