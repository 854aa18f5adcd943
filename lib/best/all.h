/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of all designs that a small cell allows (docs/designs.md#all-designs-of-a-small-cell). */
#ifndef TESTUDO_BEST_ALL_H
#define TESTUDO_BEST_ALL_H

#include <stdbool.h>

#include <testudo/best.h>

/* Values of a cell that differ by no more than this part may be equal. */
#define TESTUDO_I_BEST_APART 1e-8

/* Relative: what this and the integrals of bounds leave open where a value is set beside a bound. */
#define TESTUDO_I_BEST_OPEN 1e-7

/* What bounds by it are proved by, and designs found by. */
extern const char testudo_i_best_of_all_proof[];

/* A design that no other of the cell is faster than by more than TESTUDO_I_BEST_APART of its value, which is measured,
   and *feasible; false, and no design, where there are too many, where a cell has limits that full loads break, or
   where the law of independent workers is not known. The caller frees *design. */
TESTUDO_CHECKED testudo_status testudo_i_best_of_all(const testudo_best_key *key, const testudo_monitor *monitor,
                                                     bool *feasible, testudo_best_value *value,
                                                     testudo_design **design, testudo_error *error);

#endif
