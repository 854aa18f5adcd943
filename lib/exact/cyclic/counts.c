/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of an order that all workers share: how often each of the next chunks has been covered. */
#include "exact/cyclic/transfer.h"

#include "base/error.h"
#include "exact/groups/group_scan.h"

int64_t testudo_i_shift_states(const testudo_i_shift *shift, int32_t load, int32_t parts)
{
  return shift->natural ? testudo_i_transfer_states(load, parts, 1 << 20) : testudo_i_group_states(shift->span, parts);
}

/* A state is a number whose digit k, to the base parts + 1, is the cover of chunk j + k; power[k] weighs it. The chunk
   at `span` has no digit before worker j, and is new. */
typedef struct digits {
  int32_t base, span;
  const int32_t *power; /* span + 1 */
} digits;

/* One more cover of the chunk at `place`, cut at parts. */
static int32_t cover_digit(const digits *d, int32_t state, int32_t place)
{
  int32_t digit = state / d->power[place] % d->base;
  return digit < d->base - 1 ? state + d->power[place] : state;
}

/* Edges of equal end from the start of the row on are one: the worker's progress does not matter yet, and a failed
   worker, who takes the first edge, is among them. */
static void build_row(testudo_i_transfer *transfer, const digits *d, int32_t from, const int32_t *offset,
                      int32_t *edges)
{
  int32_t state = from, first = *edges;
  for (int32_t progress = 0; progress <= transfer->load; progress++) {
    if (progress > 0)
      state = cover_digit(d, state, offset[progress - 1]);
    struct testudo_i_transfer_edge edge = {.to = state / d->base, .weight = transfer->load + 1 + progress,
                                           .missing = d->base - 1 - state % d->base};
    bool only = *edges == first + 1, again = only && transfer->edge[first].to == edge.to &&
                                             transfer->edge[first].missing == edge.missing;
    if (progress == 0 || again) {
      edge.weight = progress;
      transfer->edge[first] = edge;
      *edges = first + 1;
    } else
      transfer->edge[(*edges)++] = edge;
  }
}

testudo_status testudo_i_transfer_counts(testudo_i_transfer *transfer, const int32_t *offset, testudo_i_arena *arena,
                                         testudo_i_arena *scratch, testudo_error *error)
{
  int32_t span = 0;
  for (int32_t k = 0; k < transfer->load; k++)
    span = offset[k] > span ? offset[k] : span;
  int64_t states = testudo_i_group_states(span, transfer->parts);
  if (states > INT32_MAX / (transfer->parts + 1))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%lld coverage states, more than can be held", (long long)states);
  int32_t *power = testudo_i_arena_alloc(scratch, (size_t)span + 1, sizeof *power), edges = 0;
  transfer->states = (int32_t)states;
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  TESTUDO_I_TRY(testudo_i_transfer_edges(transfer, arena, error));
  const digits d = {transfer->parts + 1, span, power};
  power[0] = 1;
  for (int32_t k = 1; k <= span; k++)
    power[k] = power[k - 1] * d.base;
  for (int32_t s = 0; s < transfer->states; s++) {
    transfer->row[s] = edges;
    build_row(transfer, &d, s, offset, &edges);
  }
  transfer->row[transfer->states] = edges;
  return TESTUDO_OK;
}
