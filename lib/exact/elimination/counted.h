/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A component with one row, or none: its workers are counted, without states that are made before. */
#ifndef TESTUDO_EXACT_ELIMINATION_COUNTED_H
#define TESTUDO_EXACT_ELIMINATION_COUNTED_H

#include "exact/elimination/cover.h"
#include "exact/groups/group_scan.h"

/* Doubles of room that a run takes. */
size_t testudo_i_counted_room(const testudo_i_cover *cover, int32_t component, int32_t degree);

/* As testudo_i_scan_run; `worker`, of the cover, or -1. O(workers (degree + 1) need). */
void testudo_i_counted_run(const testudo_i_cover *cover, int32_t component, const double *const *q, double fail,
                           int32_t degree, int32_t worker, int32_t step, testudo_i_pair result, double *room);

#endif
