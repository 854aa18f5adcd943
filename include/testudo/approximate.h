/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Approximate gradient codes: families of assignments for them, what makes a family good, and the error that stragglers
   leave (docs/theory/approximate.md). Decoding is in runtime.h: testudo_decoder. */
#ifndef TESTUDO_APPROXIMATE_H
#define TESTUDO_APPROXIMATE_H

#include <stdint.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- families; N chunks, m workers, d copies of a chunk; rows ascend; random ones depend on seed alone ---- */

/* Every chunk on every worker independently with probability replication / workers, replication in (0, workers] and not
   necessarily whole. A chunk on fewer than `least` >= 1 workers is drawn again, so copies follow the binomial law given
   that; refused where that is rarer than one in 1000. Loads vary; a worker may hold nothing. O(entries). */
TESTUDO_CHECKED testudo_status testudo_assignment_bernoulli(int32_t workers, int32_t chunks, double replication,
                                                            int32_t least, uint64_t seed,
                                                            testudo_assignment *assignment, testudo_error *error);

/* Graph schemes: chunks are the vertices and workers the edges of a random simple graph in which every chunk has
   `replication` edges: chunks * replication / 2 workers of 2 chunks each. 1 <= replication < chunks, and chunks *
   replication even. Approximately uniform: 30 random switches per edge of a circulant. O(workers * replication),
   and O(chunks^2) where more than half of the pairs are edges. */
TESTUDO_CHECKED testudo_status testudo_assignment_graph(int32_t chunks, int32_t replication, uint64_t seed,
                                                        const testudo_monitor *monitor, testudo_assignment *assignment,
                                                        testudo_error *error);

/* Of the random regular assignments of the seeds seed .. seed + tries - 1 the one with the least second singular value.
   Sizes as in testudo_assignment_regular. */
TESTUDO_CHECKED testudo_status testudo_assignment_expander(int32_t workers, int32_t chunks, int32_t replication,
                                                           uint64_t seed, int32_t tries, const testudo_monitor *monitor,
                                                           testudo_assignment *assignment, testudo_error *error);

/* Balanced incomplete block designs: every two chunks lie together on replication (load - 1) / (chunks - 1) workers.
   Supported, up to 65,536 workers and chunks, are these (workers, chunks, replication), q any prime power, n >= 2:
   projective spaces ((q^(n+1) - 1)/(q - 1), the same, (q^n - 1)/(q - 1)), planes of q^2 + q + 1;
   affine ones (q (q^n - 1)/(q - 1), q^n, (q^n - 1)/(q - 1)), planes of (q^2 + q, q^2, q + 1);
   cyclic difference sets of v residues: squares (v prime, v mod 4 = 3; replication (v - 1)/2), fourth powers (v = 4 x^2
   + 1 prime, x odd; (v - 1)/4), twin primes (v = p (p + 2); (v - 1)/2);
   all subsets of k chunks; triple systems (lambda v (v - 1)/6, v, lambda (v - 1)/2), lambda = 1, v mod 6 = 1 or 3, and
   lambda = 2, v mod 3 = 0 or 1; the complements of all these blocks. Otherwise TESTUDO_ERROR_ARGUMENT, naming the
   nearest that are supported. O(workers * chunks). */
TESTUDO_CHECKED testudo_status testudo_assignment_bibd(int32_t workers, int32_t chunks, int32_t replication,
                                                       testudo_assignment *assignment, testudo_error *error);

/* Pairwise balanced (docs/theory/approximate.md#pairwise): chunk k on copies[k] in 1..workers workers, and every two
   chunks together on copies[k] copies[k'] / workers of them. *exact says whether that holds: it does where q prime
   power divides workers = t q^n, every copies[k] q / workers is whole, and at most (q^n - 1)/(q - 1) chunks are not on
   all workers (linear orthogonal arrays); for copies[k] = workers / 2 with at most h - 1 such chunks, h | workers the
   order of a Hadamard matrix of Paley or Sylvester; and for copies[k] d or workers - d where a block design of
   testudo_assignment_bibd with at least so many chunks, taken t times beside e workers that hold everything and idle
   ones, has (t lambda + e) workers = d^2: projective planes, (q + 1)^2 workers, q^2 + q + 1 chunks of d = q + 1. No
   exact one has more than workers - 1 chunks that are not on all workers (their centred indicator vectors are
   orthogonal). Otherwise random holders, improved by moving copies for up to 2,048 chunks: see testudo_balance_measure
   for how far it is. Loads vary. */
TESTUDO_CHECKED testudo_status testudo_assignment_pairwise(int32_t workers, int32_t chunks, const int32_t *copies,
                                                           uint64_t seed, const testudo_monitor *monitor,
                                                           testudo_assignment *assignment, bool *exact,
                                                           testudo_error *error);

/* ---- what makes them good ---- */

/* Singular values of the 0/1 matrix of chunks by workers. */
typedef struct testudo_spectrum {
  bool regular;        /* equal loads, equal replication */
  double first;        /* the largest; sqrt(replication load) when regular */
  double second;       /* ||A (I - 1 1'/m)||, m the workers that hold chunks: the largest stretch of weights of sum
                          zero; the second singular value when regular */
  double second_upper; /* second is not larger, but for a probability `fails` of the starting direction of Lanczos; 0 up
                          to 600 workers, where the decomposition is dense */
  double fails;
  double gap;          /* first - second */
  double ramanujan;    /* sqrt(replication - 1) + sqrt(load - 1): no large regular assignment is much below (Feng and
                          Li, 1996); NAN when not regular */
} testudo_spectrum;

TESTUDO_CHECKED testudo_status testudo_spectrum_measure(const testudo_design *design, testudo_spectrum *spectrum,
                                                        testudo_error *error);

/* How far from pairwise balanced: the largest and the root mean square over pairs of chunks of |o_kk' - d_k d_k' / m|,
   in workers. Up to 20,000 chunks, else TESTUDO_ERROR_ARGUMENT; one chunk: 0. O(sum of squared loads + N^2). */
TESTUDO_CHECKED testudo_status testudo_balance_measure(const testudo_design *design, double *largest,
                                                       double *root_mean_square, testudo_error *error);

/* ---- the error that stragglers leave, in chunks (docs/theory/approximate.md#worst-stragglers); scheme partial of one
   part ---- */

/* Mean error of one-step decoding over all sets of exactly `stragglers` of the m workers that hold chunks, r = m -
   s: `coefficients` = s / (r (m - 1)) sum_i (m / d_i - 1), which counts for uncorrelated chunk gradients of equal
   norm, and `aligned` = m s / (r (m - 1)) (sum_j (sum_{i on j} 1 / d_i)^2 - N^2 / m), the mean square of sum_i (c_i
   - 1), which counts for equal ones. Exact. All straggle: N and N^2. O(entries). */
TESTUDO_CHECKED testudo_status testudo_one_step_error(const testudo_design *design, int32_t stragglers,
                                                      double *coefficients, double *aligned, testudo_error *error);

/* The same where each worker straggles independently with probability `straggle` in [0, 1]. O(entries + m). */
TESTUDO_CHECKED testudo_status testudo_one_step_error_independent(const testudo_design *design, double straggle,
                                                                  double *coefficients, double *aligned,
                                                                  testudo_error *error);

typedef struct testudo_straggler_error {
  int32_t stragglers;
  bool mean_exact;      /* by formula (one-step) or because all sets were looked at */
  double mean, mean_stderr; /* over all sets of that size; sampled: with its standard error */
  double mean_upper;    /* sampled, and no sample left more than 1e-9: the mean is at most this, at false alarm 1e-6 (N
                           times the limit of a chance never seen); otherwise NaN */
  bool worst_exact;     /* all sets were looked at */
  double worst;         /* the largest error found: a lower bound of the worst */
  int32_t *worst_set;   /* the `stragglers` workers that leave it, ascending; malloc'd */
  double bound;         /* no set leaves more, but for a probability bound_fails of the numerics (see
                           testudo_spectrum) */
  double bound_fails;
  int64_t visited;      /* sets looked at */
} testudo_straggler_error;

/* The error of an approximate decoder (exact: TESTUDO_ERROR_ARGUMENT) where `stragglers` in 0..m of the m workers that
   hold chunks have not finished: mean, worst found, and a bound. Looks at all sets where there are at most 10 samples
   of them; otherwise samples `samples` >= 2 sets from seed and searches 10 samples more, exchanging stragglers from the
   worst sets known: of the samples, of a greedy choice, and all holders of some chunks. The bound uses the spectrum:
   with sigma the largest stretch of weights of sum zero by the chunks' rows divided by d_i, one-step leaves at most
   sigma^2 m s / r (Raviv et al., 2020); the least error is at most that of one common weight. Exact and component are
   optimal: the same numbers. O(samples) decodes. Free worst_set. */
TESTUDO_CHECKED testudo_status testudo_straggler_error_measure(const testudo_design *design, testudo_decoder decoder,
                                                               int32_t stragglers, int64_t samples, uint64_t seed,
                                                               const testudo_monitor *monitor,
                                                               testudo_straggler_error *found, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
