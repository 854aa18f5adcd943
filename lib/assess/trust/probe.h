/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design under test: progress vectors, what they do to the numbers, and the error of decoding. */
#ifndef TESTUDO_ASSESS_PROBE_H
#define TESTUDO_ASSESS_PROBE_H

#include <testudo/trust.h>

#include "assess/round_trip.h"

typedef struct testudo_i_probe {
  testudo_i_round_trip trip;
  bool by_stragglers;   /* only finished workers count: progress is a set of stragglers; otherwise steps */
  int32_t stragglers;   /* that any set of is tolerated */
  int32_t *token;       /* room to draw from: a number per worker (by_stragglers) or an entry */
  double *magnified;    /* a chunk */
  double *weights;      /* a worker */
  testudo_i_arena arena;
} testudo_i_probe;

/* gradients: also make room for decoding, with gradients drawn from the seed. Close it whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_probe_open(testudo_i_probe *probe, const testudo_design *design,
                                                    bool gradients, uint64_t seed, testudo_error *error);
void testudo_i_probe_close(testudo_i_probe *probe);

/* Makes the progress the sample `number` of the seed; by stragglers, token[0 .. stragglers - 1] are then those. */
TESTUDO_CHECKED testudo_status testudo_i_probe_sample(testudo_i_probe *probe, uint64_t seed, int64_t number,
                                                      testudo_error *error);

/* By stragglers: makes token[0 .. stragglers - 1] those of the progress. */
TESTUDO_CHECKED testudo_status testudo_i_probe_straggle(testudo_i_probe *probe, testudo_error *error);

typedef struct testudo_i_probe_numbers {
  double amplification, magnification, condition;
} testudo_i_probe_numbers;

TESTUDO_CHECKED testudo_status testudo_i_probe_look(testudo_i_probe *probe, testudo_i_probe_numbers *numbers,
                                                    testudo_error *error);

/* Of how many of the samples the condition of the finished workers' rows is measured: 0 where it is too dear, where the
   scheme has no such rows, and where they are all equal. */
int64_t testudo_i_probe_conditions(const testudo_design *design, int64_t samples);

/* The condition number of the rows of token[stragglers ..]. */
TESTUDO_CHECKED testudo_status testudo_i_probe_condition(const testudo_i_probe *probe, double *condition,
                                                         testudo_error *error);

/* Relative errors of decoding under this progress; TESTUDO_UNDECODABLE where decode refuses. */
TESTUDO_CHECKED testudo_status testudo_i_probe_decode(testudo_i_probe *probe, double *in_double, double *in_float,
                                                      testudo_error *error);

#endif
