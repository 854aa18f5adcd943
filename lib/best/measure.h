/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_BEST_MEASURE_H
#define TESTUDO_BEST_MEASURE_H

#include <testudo/best.h>

/* The value of a design on a few thousand trials that no row is measured on, the same for all designs of a cell: for
   sorting candidates. */
TESTUDO_CHECKED testudo_status testudo_i_best_glance(const testudo_best_key *key, const testudo_design *design,
                                                     const testudo_best_options *options, double *value,
                                                     testudo_error *error);

#endif
