/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A component whose workers stand on a ring: by the transfer matrix, which has fewer states than a scan that must
   remember both ends. */
#ifndef TESTUDO_EXACT_ELIMINATION_RING_H
#define TESTUDO_EXACT_ELIMINATION_RING_H

#include "exact/cyclic/transfer.h"
#include "exact/elimination/cover.h"
#include "exact/groups/group_scan.h"

typedef struct testudo_i_ring_factor {
  int32_t workers, load, classes, degree;
  testudo_i_transfer *of_failed; /* degree + 1: for each number of workers that fail */
  double *q;                     /* classes x (load + 1) */
  int64_t states;
} testudo_i_ring_factor;

/* *found = false where the component is no ring, or has more than max_states pairs of states. set_only: a worker does
   all its steps or none. degree: no more can fail. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_ring_find(const testudo_i_cover *cover, int32_t component, bool set_only,
                                                   int32_t classes, int32_t degree, int64_t max_states,
                                                   testudo_i_arena *arena, bool *found, testudo_i_ring_factor *ring,
                                                   testudo_error *error);

/* ring->q from the progress laws. */
void testudo_i_ring_take(const testudo_i_ring_factor *ring, const double *const *q);

/* As testudo_i_scan_run. */
TESTUDO_CHECKED testudo_status testudo_i_ring_run(testudo_i_ring_factor *ring, const double *const *q, double fail,
                                                  testudo_i_pair result, testudo_error *error);

#endif
