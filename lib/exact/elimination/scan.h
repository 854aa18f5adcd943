/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan of one component: its workers in a sequence, the state being how often each open row (held by a worker seen
   and by one not yet seen) has been covered (docs/theory/latency.md#elimination). The transitions are made once; a law
   at a time is one pass over them. */
#ifndef TESTUDO_EXACT_ELIMINATION_SCAN_H
#define TESTUDO_EXACT_ELIMINATION_SCAN_H

#include <testudo/status.h>

#include "exact/elimination/cover.h"
#include "exact/groups/group_scan.h"

/* From a state of a layer: the progress low .. high of the layer's worker, weights `range`, leads to `to` of the next
   layer, or to the lost ones where that is -1. */
typedef struct testudo_i_scan_edge {
  int32_t to, range;
} testudo_i_scan_edge;

typedef struct testudo_i_scan_range {
  int32_t class_, low, high;
} testudo_i_scan_range;

typedef struct testudo_i_scan {
  int32_t layers;             /* workers; layer k is before the k-th */
  int32_t *worker;            /* of the cover */
  int64_t *first;             /* layers + 1: state s of layer k is state first[k] + s of all; one state at the end */
  int64_t *edge_row;          /* states + 1 */
  testudo_i_scan_edge *edge;  /* of a state by progress: the first is that of a worker without any */
  int32_t *missing;           /* of an edge: copies that the rows that close then lack; NULL: those are lost */
  int64_t states, most_states; /* in all layers; before equal ones were put together */
  int32_t widest;
  int32_t ranges;
  testudo_i_scan_range *range; /* by class, low, high */
  double *value, *marked;     /* of each range: sum of q; and whether it has the progress that is asked for */
} testudo_i_scan;

/* `sequence`: all workers of a component. errors: nothing is lost, what is missing is counted. *fits = false, and
   nothing made, where there are more than max_states states or a row needs more than 255. Everything is made in the
   arena. */
TESTUDO_CHECKED testudo_status testudo_i_scan_make(const testudo_i_cover *cover, int32_t component,
                                                   const int32_t *sequence, bool errors, int64_t max_states,
                                                   const testudo_monitor *monitor, testudo_i_arena *arena, bool *fits,
                                                   testudo_i_scan *scan, testudo_error *error);

/* The best of a few sequences that are tried. */
TESTUDO_CHECKED testudo_status testudo_i_scan_best(const testudo_i_cover *cover, int32_t component, bool errors,
                                                   int64_t max_states, const testudo_monitor *monitor,
                                                   testudo_i_arena *arena, bool *fits, testudo_i_scan *scan,
                                                   testudo_error *error);

/* Fills scan->value from the progress laws. */
void testudo_i_scan_set_values(const testudo_i_scan *scan, const double *const *q);

/* Doubles of room that a run takes, which is of a scan that loses. */
size_t testudo_i_scan_room(const testudo_i_scan *scan, int32_t degree);

/* q[class]: the progress law of a living worker; a worker fails with weight fail z and lives with 1 - fail. Unless
   `layer` is -1, the worker of that layer lives and has done exactly `step`. */
void testudo_i_scan_run(const testudo_i_scan *scan, const double *const *q, double fail, int32_t degree, int32_t layer,
                        int32_t step, testudo_i_pair result, double *room);

#endif
