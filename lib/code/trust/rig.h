/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A design under test: progress vectors, what they do to the numbers, and the error of decoding. */
#ifndef TESTUDO_CODE_TRUST_RIG_H
#define TESTUDO_CODE_TRUST_RIG_H

#include <testudo/runtime.h>
#include <testudo/trust.h>

typedef struct testudo_i_trust_rig {
  const testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  int32_t *token;      /* room to draw from: a number a worker (gradient-code) or an entry (partial) */
  double *magnified;   /* a chunk */
  size_t length, dim;  /* numbers in a message, in a gradient */
  double *gradient;    /* chunks x dim, each exact in float */
  float *gradient_float;
  double *sum;
  double *message, *coefficient, *decoded;
  float *message_float, *decoded_float;
  const void **pointer;
} testudo_i_trust_rig;

/* gradients: also make room for decoding. */
TESTUDO_CHECKED testudo_status testudo_i_trust_rig_open(testudo_i_trust_rig *rig, const testudo_design *design,
                                                        bool gradients, uint64_t seed, testudo_error *error);
void testudo_i_trust_rig_close(testudo_i_trust_rig *rig);

/* Makes the progress the sample `number` of the seed; for gradient-code token[0 .. s-1] are then the stragglers. */
TESTUDO_CHECKED testudo_status testudo_i_trust_sample(testudo_i_trust_rig *rig, uint64_t seed, int64_t number,
                                                      testudo_error *error);

/* gradient-code: makes token[0 .. s-1] the stragglers of the progress. */
TESTUDO_CHECKED testudo_status testudo_i_trust_straggle(testudo_i_trust_rig *rig, testudo_error *error);

typedef struct testudo_i_trust_numbers {
  double amplification, magnification, condition;
} testudo_i_trust_numbers;

TESTUDO_CHECKED testudo_status testudo_i_trust_look(testudo_i_trust_rig *rig, testudo_i_trust_numbers *numbers,
                                                    testudo_error *error);

/* Relative errors of decoding under this progress; TESTUDO_UNDECODABLE where decode refuses. */
TESTUDO_CHECKED testudo_status testudo_i_trust_decode(testudo_i_trust_rig *rig, double *in_double, double *in_float,
                                                      testudo_error *error);

#endif
