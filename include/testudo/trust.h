/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a design's numbers can be trusted: what decoding does to rounding errors, sampled and searched for, and
   random codes chosen for it (docs/theory/decoders.md). */
#ifndef TESTUDO_TRUST_H
#define TESTUDO_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/code.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_trust {
  int64_t samples; /* progress vectors: gradient-code: `stragglers` random workers have not finished; partial: chunks
                      finish one by one, the worker drawn among those with chunks left, until decodable */
  /* Of testudo_amplification. Quantiles refer to the samples; `found` is the largest met anywhere. */
  double amplification_median, amplification_p99, amplification_sampled, amplification_found;
  /* The same of the scale-free magnification: the largest over chunks of sum_j |a_j B_ji|, >= 1; for partial it is the
     amplification. */
  double magnification_median, magnification_sampled, magnification_found;
  int64_t visited; /* sets that the search looked at: of stragglers, or (partial of several parts) of l holders of a
                      chunk; 0: there is nothing to search for */
  bool exhaustive; /* those were all sets, of stragglers or (partial) of l holders, so that nothing worse exists among
                      them; where there are no more sets of stragglers than samples asked for, each is one sample */
  /* 2-norm condition numbers, and the largest met anywhere. partial: of R_{U_i}, of the worst chunk of each sample.
     gradient-code: of B_F, the rows of the workers that have finished, in the first condition_samples samples and at
     the set of amplification_found; up to 200 workers, no more samples than take about 1e9 / n^3, and not of
     repetition, whose rows are equal: then condition_samples is 0 and these are NaN. */
  int64_t condition_samples;
  double condition_p99, condition_sampled, condition_found;
  /* ||decoded - sum|| / ||sum|| for normal gradients: the largest over the samples that decode, and at the set of
     amplification_found (NaN where that is refused; of partial the samples' again). */
  double error_double, error_float, error_double_found, error_float_found;
  int64_t refused; /* samples that decode refuses */
} testudo_trust;

/* Measures a design of scheme gradient-code or partial on `samples` >= 1 progress vectors from seed, and searches from
   the worst of them and from neighbouring stragglers, exchanging one straggler at a time, over 4 samples sets; of
   partial codes of several parts it looks at sets of exactly l holders of a chunk, all of them where they are no more
   than that. Deterministic. What is found is a lower bound of the worst, no more. O(samples) decodes. */
TESTUDO_CHECKED testudo_status testudo_trust_measure(const testudo_design *design, int64_t samples, uint64_t seed,
                                                     const testudo_monitor *monitor, testudo_trust *trust,
                                                     testudo_error *error);

/* The same of one tolerance of a nested or block design, level = 0, 1, .. in their order: of the gradient code on the
   prefixes of its length. TESTUDO_ERROR_ARGUMENT for a level that is not there. */
TESTUDO_CHECKED testudo_status testudo_trust_measure_level(const testudo_design *design, int32_t level, int64_t samples,
                                                           uint64_t seed, const testudo_monitor *monitor,
                                                           testudo_trust *trust, testudo_error *error);

/* Do the stored coefficients of a gradient code, a nested code or a code of scheme partial decode what they should? Of
   partial every l holders of a chunk must have independent columns of R: all such sets are tried where there are 20,000
   at most, otherwise 2,000 random ones. Of the others tried on sets of as many
   stragglers as are tolerated, until one fails: those spread evenly over the workers where the construction is known,
   which has the structure; all, or random ones where there are too many, of a code of the file's own. */
typedef struct testudo_code_check {
  int64_t sets;      /* tried; 0 for other schemes, for frc, and where a decoder would be too large */
  bool holders;      /* scheme partial of several parts: `sets` are of l holders of a chunk */
  int64_t failed;    /* decode to something else than the sum, though they are well conditioned: the code is wrong */
  int64_t refused;   /* amplification over TESTUDO_MAX_AMPLIFICATION: neither decoded nor failed */
  double residual;   /* the largest ||a^T B_F - 1^T|| of the others */
  double possible;   /* sets that there are, of partial and of a code of the file's own, else 0 */
  bool exhaustive;   /* all of them were tried: a proof, to the decoder's tolerances */
  char first[96];    /* the first set that failed or was refused, "0, 3" or "none", "chunk 2: workers 0, 1": of partial
                        and of a code of the file's own, else "" */
} testudo_code_check;

/* Of a known construction, or where sets were sampled, a code that passes is right on the sets tried, no more; a wrong
   coefficient of a known construction, being used in nearly every set, hardly passes. O(n s + s^3) per set on the
   cyclic assignment, O(N n^2) of a code of the file's own; at most about 4e9 steps per tolerance. */
TESTUDO_CHECKED testudo_status testudo_code_verify(const testudo_design *design, const testudo_monitor *monitor,
                                                   testudo_code_check *check, testudo_error *error);

typedef struct testudo_improvement {
  int64_t tries, samples;
  uint64_t code_seed;           /* the best try's: the first seed + its number */
  double before, after;         /* largest amplification found of the first try and of the best */
  bool interrupted;             /* the monitor stopped it; the best so far is kept */
} testudo_improvement;

/* Replaces the random coefficients of a design - Tandon's (construction "cyclic"), or R of scheme partial - by the best
   of many draws, those of the seeds seed, seed + 1, ..: the one with the least amplification found by
   testudo_trust_measure on the same `samples` progress vectors. Ends after `seconds` or `tries` (0: no limit; one of
   them must be given), never before the first. Given the tries, the result does not depend on the time. Other
   constructions: TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_code_improve(testudo_design *design, uint64_t seed, double seconds,
                                                    int64_t tries, int64_t samples, const testudo_monitor *monitor,
                                                    testudo_improvement *improvement, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
