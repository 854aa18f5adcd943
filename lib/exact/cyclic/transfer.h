/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transfer matrix of docs/theory/latency.md#transfer-matrix, in plain terms of laws.

   Workers 0..m-1 stand on a ring; worker j with progress c covers chunks j..j+c-1. Scanning the ring, the state before
   worker j is the l largest reaches beyond chunk j-1, each in 0..load-1, as a descending tuple. Worker j adds the reach
   c; the l largest stay; chunk j is covered l times iff the least of them is >= 1; then all drop by one. M holds the
   steps at which the chunk is covered, L those at which it is lost. A start state is forgotten after load-1 workers,
   so for each outcome exactly one start state returns to itself: P(T <= t) = trace of the product of the M. Above,
   the product of [[M, L], [0, M + L]] carries in its corner the paths that lose at least one chunk, so that
   P(T > t) is a sum of positive terms.

   Any other order that all workers share, worker j going through chunks j + offset[0], j + offset[1], .. (mod m): the
   state is how often each of the next `span` chunks has been covered, cut at l, span the largest offset, (l+1)^span
   states; the rest is the same.

   Exactly f failures: the entries are polynomials in z, truncated at z^f, a worker that fails (progress 0) with weight
   f/m z and one that lives with 1 - f/m, and the coefficient of z^f is divided by the binomial probability
   of f: every term stays positive and at most 1. */
#ifndef TESTUDO_EXACT_CYCLIC_TRANSFER_H
#define TESTUDO_EXACT_CYCLIC_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"
#include "exact/cyclic/shift.h"

typedef struct testudo_i_transfer {
  int32_t workers, load, parts, failed;
  int32_t classes, period;       /* class_at[j] = class_at[j + period], period divides workers */
  const int32_t *class_at;       /* lent */
  int32_t states;
  /* Steps out of state s: edge[row[s]] .. edge[row[s+1] - 1]; the first is that of a worker without progress. */
  struct testudo_i_transfer_edge {
    int32_t to, weight;          /* weight: index into a class's weights */
    int32_t missing;             /* copies that the chunk lacks; any: it is lost */
  } *edge;
  int32_t *row;
  int32_t weights;               /* per class: P(progress <= c), c = 0..load, then q_c, c = 0..load */
  double *weight_of;             /* classes x weights */
  int32_t spared;                /* 1 + the position of a worker that does not fail, or 0; walking only */
  bool by_power;                 /* square the product over one period instead of walking round the ring */
  bool leading;                  /* try the leading eigenvalue first: one class, and a ring that is long enough */
  double *work[8];
  double *vector;                /* leading: 3 of states x (failed + 1) */
} testudo_i_transfer;

/* Of the natural order: C(load + parts - 1, parts), or `limit` + 1 when it is more than `limit`. */
int64_t testudo_i_transfer_states(int32_t load, int32_t parts, int64_t limit);

/* Of the order that all workers share; large where there are too many. */
int64_t testudo_i_shift_states(const testudo_i_shift *shift, int32_t load, int32_t parts);

/* Everything is made in the arena. 1 <= parts <= load <= workers; 0 <= failed <= workers; class_at has `workers`
   entries and must outlive the object. offset: NULL for the natural order, else `load` distinct numbers of 0 .. workers
   - 1, 0 among them. */
TESTUDO_CHECKED testudo_status testudo_i_transfer_init(testudo_i_transfer *transfer, testudo_i_arena *arena,
                                                       int32_t workers, int32_t load, int32_t parts,
                                                       const int32_t *offset, int32_t failed, int32_t classes,
                                                       const int32_t *class_at, testudo_error *error);

/* From the progress laws q (classes x (load + 1)) of workers that live: *below = P(every chunk covered), *above = P(one
   is not), each accurate when it is small. above may be NULL: that costs less. */
TESTUDO_CHECKED testudo_status testudo_i_transfer_evaluate(testudo_i_transfer *transfer, const double *q,
                                                           double *below, double *above, testudo_error *error);

/* transfer->weight_of from q. */
void testudo_i_transfer_set_weights(testudo_i_transfer *transfer, const double *q);

/* ---- between transfer.c and the states ---- */

/* Fill states, edge and row, of the natural order and of any; scratch may be given back after. */
TESTUDO_CHECKED testudo_status testudo_i_transfer_reaches(testudo_i_transfer *transfer, testudo_i_arena *arena,
                                                          testudo_i_arena *scratch, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_transfer_counts(testudo_i_transfer *transfer, const int32_t *offset,
                                                         testudo_i_arena *arena, testudo_i_arena *scratch,
                                                         testudo_error *error);

/* Room for the edges of transfer->states. */
TESTUDO_CHECKED testudo_status testudo_i_transfer_edges(testudo_i_transfer *transfer, testudo_i_arena *arena,
                                                        testudo_error *error);

/* ---- between transfer.c and leading.c ---- */

/* One step of the covered (and, unless NULL, lost) products: entry (from, z, to) at (to x (failed + 1) + z) x states +
   from; and the product of no steps. */
void testudo_i_transfer_step(const testudo_i_transfer *transfer, const double *weight, double fail,
                             const double *covered, const double *lost, double *next_covered, double *next_lost);
void testudo_i_transfer_identity(const testudo_i_transfer *transfer, double *covered);

/* Powers of z, failed + 1, at most. */
enum { TESTUDO_I_LEADING_POWERS = 64 };

/* Both traces, of one class of which weight_of is set. False where the eigenvalue does not settle, where what it leaves
   out may be more than 1e-14 of the smaller trace, or where terms cancel.
   O(states x (edges + states x failed) x failed). */
bool testudo_i_leading_traces(const testudo_i_transfer *transfer, double *covered, double *lost);

/* ---- between transfer.c and power.c ---- */

/* Doubles in one block: (failed + 1) matrices of states x states. */
size_t testudo_i_transfer_block(const testudo_i_transfer *transfer);

/* Multiplications of states x states matrices that raising to `exponent` takes, the last one (a trace) not counted. */
int32_t testudo_i_power_steps(int32_t exponent);

/* The coefficients of z^failed of the traces of the corner-free and corner blocks of P^exponent; P in transfer->work[0]
   (covered) and [1] (lost), column-major entry (from, to) at z * states^2 + to * states + from. lost_trace may be
   NULL: then only the first is computed. */
void testudo_i_power_traces(const testudo_i_transfer *transfer, int32_t exponent, double *covered_trace,
                            double *lost_trace);

#endif
