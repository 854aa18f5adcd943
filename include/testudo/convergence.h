/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the error of distributed SGD falls with updates and with time: bounds and what follows from them - how many
   learners to wait for, schedules of it - and the variance that stragglers leave in coded gradients, with the choice of
   copies and compression (docs/theory/convergence.md). Nothing here is simulated. */
#ifndef TESTUDO_CONVERGENCE_H
#define TESTUDO_CONVERGENCE_H

#include <stdint.h>

#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the error against updates and time (docs/theory/convergence.md#the-bounds) ---- */

/* What is known of the problem and of the method: w_{j+1} = w_j - (step / wait) (sum of `wait` gradients of `batch`
   samples each). F is L-smooth, 2 c (F - F*) <= ||grad F||^2, gradients are unbiased given the past, and their squared
   error is at most sigma^2 / batch + (M_G / batch) ||grad F||^2 on average. */
typedef struct testudo_assumptions {
  double smoothness;      /* L > 0 */
  double convexity;       /* c, 0 < c <= L; the bounds of the gradient do not look at it */
  double variance;        /* sigma^2 >= 0 */
  double variance_growth; /* M_G >= 0 */
  int32_t batch;          /* m >= 1 */
  int32_t wait;           /* K >= 1 */
  double step;            /* eta > 0, at most testudo_step_limit */
  double staleness;       /* gamma in [0, 1], E||grad F(w_j) - grad F(w_tau)||^2 <= gamma E||grad F(w_j)||^2; the
                             synchronous bounds do not look at it, nor at fresh */
  double fresh;           /* p0 in [0, 1], a lower bound of the probability that a gradient is fresh */
  double gap;             /* F(w_0) - F* >= 0 */
} testudo_assumptions;

typedef enum testudo_bound {
  TESTUDO_BOUND_SYNC,           /* Lemma 2, of E F(w_J) - F* */
  TESTUDO_BOUND_ASYNC,          /* Theorem 3, of the same */
  TESTUDO_BOUND_GRADIENT_SYNC,  /* Theorem 5, of the mean of E||grad F(w_j)||^2 over j = 0..J; not convex */
  TESTUDO_BOUND_GRADIENT_ASYNC
} testudo_bound;

/* The largest step that the bounds hold for, 1 / (2 L (M_G / (K m) + 1)). The published asynchronous one has 1/K in
   place of 1, which is wrong for K > 2 (docs/theory/convergence.md#the-step). O(1). */
double testudo_step_limit(const testudo_assumptions *assumptions);

/* TESTUDO_ERROR_ARGUMENT with the reason where an assumption of this bound fails; every call below asks first. O(1). */
TESTUDO_CHECKED testudo_status testudo_assumptions_check(const testudo_assumptions *assumptions, testudo_bound bound,
                                                         testudo_error *error);

/* gain: gamma' = 1 for the synchronous bounds, 1 - gamma + p0 / 2 for the others. floor: what the bound tends to, eta L
   sigma^2 / (2 c gamma' K m), of the gradient L eta sigma^2 / (K m gamma'). factor: by which an update shortens the
   distance to it, 1 - eta c gamma'; of the gradient NAN, since its distance falls as 1 / (J + 1). O(1). */
typedef struct testudo_bound_limits {
  double gain, floor, factor;
} testudo_bound_limits;

TESTUDO_CHECKED testudo_status testudo_bound_limits_of(const testudo_assumptions *assumptions, testudo_bound bound,
                                                       testudo_bound_limits *limits, testudo_error *error);

/* value[k] = the bound after J = at[k] / update_time updates, at[k] >= 0: update_time 1 counts in updates, E[T] in
   time. J need not be whole. That J = t / E[T] is the number of updates by time t on average and in the long run; the
   bound at that number is an approximation, not a bound, of the error at a time. O(count). */
TESTUDO_CHECKED testudo_status testudo_bound_curve(const testudo_assumptions *assumptions, testudo_bound bound,
                                                   double update_time, const double *at, int64_t count, double *value,
                                                   testudo_error *error);

/* The least J >= 0 (not rounded) with the bound at most `target` > 0; HUGE_VAL where it never is: the floor is at or
   above the target. O(1). */
TESTUDO_CHECKED testudo_status testudo_bound_updates(const testudo_assumptions *assumptions, testudo_bound bound,
                                                     double target, double *updates, testudo_error *error);

/* Theorem 4, one gradient per update (wait = 1), the step against staleness: eta_j = min(C / ||w_j - w_tau(j)||^2,
   eta_max). value[J] for J = 0..count bounds E F(w_J) - F* for given steps[0..count-1], all in (0, testudo_step_limit],
   and C = spread >= 0. `step` and `staleness` of the assumptions are not looked at. O(count). */
TESTUDO_CHECKED testudo_status testudo_staleness_curve(const testudo_assumptions *assumptions, double spread,
                                                       const double *steps, int64_t count, double *value,
                                                       testudo_error *error);

/* ---- how many to wait for (docs/theory/convergence.md#how-many-to-wait-for) ---- */

/* What waiting for K = 1..workers costs; entry K - 1 of every array. */
typedef struct testudo_wait_costs {
  int32_t workers;           /* P >= 1 */
  const double *update_time; /* E[T(K)] > 0; HUGE_VAL: that K is out of the question */
  const double *staleness;   /* gamma by K; NULL: that of the assumptions */
  const double *fresh;       /* p0 by K; NULL: that of the assumptions */
  const double *variance;    /* sigma^2 by K; NULL: that of the assumptions */
} testudo_wait_costs;

typedef struct testudo_wait_choice {
  int32_t wait;  /* the best K, the smallest of equal ones; 0 where none can do it */
  double value;  /* its bound at the time, or its time to the target; HUGE_VAL where wait is 0 */
  double floor;  /* the least floor of all K: a target at or below it is never reached */
} testudo_wait_choice;

/* The K of least bound at `time` >= 0. `value` (room for `workers` numbers, or NULL) takes the bound of every K, NAN
   where an assumption fails for it (the step limit grows with K); that all fail is refused with the reason for K =
   workers. `wait` of the assumptions is not looked at. O(workers). */
TESTUDO_CHECKED testudo_status testudo_wait_for_time(const testudo_assumptions *assumptions, testudo_bound bound,
                                                     const testudo_wait_costs *costs, double time, double *value,
                                                     testudo_wait_choice *choice, testudo_error *error);

/* The K of least time until the bound is at most `target` > 0; values as above, HUGE_VAL where the floor of that K is
   at or above the target. None reaches it: TESTUDO_OK with wait 0, value HUGE_VAL and the least floor. O(workers). */
TESTUDO_CHECKED testudo_status testudo_wait_for_target(const testudo_assumptions *assumptions, testudo_bound bound,
                                                       const testudo_wait_costs *costs, double target, double *value,
                                                       testudo_wait_choice *choice, testudo_error *error);

/* ---- AdaSync (docs/theory/convergence.md#adasync) ---- */

typedef enum testudo_adasync_rule {
  TESTUDO_ADASYNC_SEARCH,       /* K minimises 2 gap E[T(K)] / (interval eta) + L eta sigma^2 / (K m) */
  TESTUDO_ADASYNC_PROPORTIONAL, /* E[T(K)] proportional to K (batch variants): K = K_0 sqrt(gap_0 / gap) */
  TESTUDO_ADASYNC_EXPONENTIAL   /* exponential K-sync: K^2 / (P - K) = K_0^2 / (P - K_0) gap_0 / gap */
} testudo_adasync_rule;

typedef struct testudo_adasync {
  testudo_adasync_rule rule;
  double optimum;   /* F*, 0 as published; losses below are F(w) = optimum + gap */
  double interval;  /* search: seconds between two choices, > 0; time schedules of every rule too */
  int32_t first;    /* K_0 of the closed forms, 1..workers */
} testudo_adasync;

/* The real number K of a closed form, at most workers; rounded down it is the K of the schedules. gap_ratio = gap /
   gap_0 > 0. TESTUDO_ERROR_ARGUMENT for rule search. O(1). */
TESTUDO_CHECKED testudo_status testudo_adasync_real(testudo_adasync_rule rule, int32_t workers, int32_t first,
                                                    double gap_ratio, double *wait, testudo_error *error);

/* K for the current gap >= 0; never below 1 or above workers. Search: the smallest of equal ones. O(workers). */
TESTUDO_CHECKED testudo_status testudo_adasync_wait(const testudo_assumptions *assumptions,
                                                    const testudo_wait_costs *costs, const testudo_adasync *adasync,
                                                    double gap, int32_t *wait, testudo_error *error);

/* wait[i] counts from at[i] on: by loss, once the loss is at most at[i] (at falls, from F(w_0)); by time, from at[i]
   seconds on (at rises, from 0). Both at and wait do so strictly: what a schedule file takes. */
typedef struct testudo_wait_plan {
  int32_t count;
  double *at;
  int32_t *wait;
} testudo_wait_plan;

/* By loss: the thresholds at which the rule's K goes up. Search: the lower envelope of the straight lines (gap, its
   objective), exactly; K may skip values that are never best. O(workers^2). */
TESTUDO_CHECKED testudo_status testudo_adasync_by_loss(const testudo_assumptions *assumptions,
                                                       const testudo_wait_costs *costs, const testudo_adasync *adasync,
                                                       testudo_wait_plan *plan, testudo_error *error);

/* By time, until `horizon`: every `interval` K is chosen for the gap that the bound itself (TESTUDO_BOUND_SYNC or
   _ASYNC, anything else is refused) predicts, and that gap goes on by interval / E[T(K)] updates; K never falls. At
   most 10^6 intervals. O(intervals workers). */
TESTUDO_CHECKED testudo_status testudo_adasync_by_time(const testudo_assumptions *assumptions, testudo_bound bound,
                                                       const testudo_wait_costs *costs, const testudo_adasync *adasync,
                                                       double horizon, testudo_wait_plan *plan, testudo_error *error);

void testudo_wait_plan_clear(testudo_wait_plan *plan); /* frees the arrays, not the struct */

/* ---- coded gradients under stragglers (docs/theory/convergence.md#variance-of-coded-gradients) ---- */

/* Worker i sends sum_k s_ik grad f_k / (d_k (1 - p)), straggles with probability p = straggle in [0, 1), and what
   arrives is added. `spread` = sum_i ||sum_k s_ik grad f_k / d_k||^2 over the workers of the design for the N x N Gram
   matrix of the chunks' gradients, gram[k N + k'] = <grad f_k, grad f_k'> (a diagonal one: uncorrelated); then the sum
   is unbiased with E||ghat - grad F||^2 = p / (1 - p) spread. Any scheme: only who holds what counts. Exact.
   O(sum of squared loads). */
TESTUDO_CHECKED testudo_status testudo_coded_spread(const testudo_design *design, const double *gram, double *spread,
                                                    testudo_error *error);

/* The same for a pairwise balanced allocation, sum_k (1/d_k - 1/m) ||grad f_k||^2 + ||grad F||^2 / m, from the squared
   norms of the N gradients and of their sum alone. copies[k] in 1..workers. O(N). */
TESTUDO_CHECKED testudo_status testudo_coded_spread_balanced(int32_t workers, int32_t chunks, const int32_t *copies,
                                                             const double *squares, double total_square,
                                                             double *spread, testudo_error *error);

/* p / (1 - p) spread; NAN for straggle outside [0, 1). */
double testudo_coded_variance(double straggle, double spread);

/* The numbers of copies, 1..workers each and at most `entries` >= chunks in all, of the least balanced spread for these
   squared norms: one copy at a time where it saves most, which is optimal since squares[k] / d is convex. Ties go to
   the chunk with the smaller number. O(entries log chunks). */
TESTUDO_CHECKED testudo_status testudo_coded_copies(int32_t workers, int32_t chunks, const double *squares,
                                                    int64_t entries, int32_t *copies, testudo_error *error);

/* ---- compression with error feedback (docs/theory/convergence.md#compressed-coded-gradients) ---- */

typedef enum testudo_compression {
  TESTUDO_COMPRESSION_TOP_K,       /* size = K numbers kept: K (32 + ceil(log2 D)) bits */
  TESTUDO_COMPRESSION_GROUPED_SIGN /* size = numbers per group, the last may be shorter: D + 32 groups bits */
} testudo_compression;

/* Bits of a message of dim numbers; 1 <= size <= dim, otherwise -1. */
int64_t testudo_compression_bits(testudo_compression compression, int64_t dim, int64_t size);

/* delta of ||C(x) - x||^2 <= (1 - delta) ||x||^2. Guaranteed for every x: K / D, 1 / size. Typical, a working model of
   ours: its mean where the numbers of x are independent and normal; for Top-K in the limit of many numbers. NAN where
   size is out of range. */
double testudo_compression_contraction(testudo_compression compression, int64_t dim, int64_t size, bool typical);

typedef struct testudo_coco {
  int32_t workers;      /* m */
  double straggle;      /* p in [0, 1) */
  double spread;        /* as above, at most this throughout the run */
  double smoothness;    /* L > 0 of F = sum_k f_k */
  double step;          /* eta > 0, eta L <= 1/2 */
  double gap;           /* F(w_0) - F* >= 0 */
  int64_t dim;          /* D >= 1 */
  testudo_compression compression;
  bool typical;         /* contraction of the working model instead of the guaranteed one */
  double bits;          /* of all messages of the run, > 0: (1 - p) m messages per update on average */
  int64_t message_bits; /* most per message; 0: no limit */
} testudo_coco;

/* (1 - eta L) times the mean of E||grad F||^2 over the updates is at most start + variance + memory, a bound derived
   here; with the typical contraction a working model. */
typedef struct testudo_coco_choice {
  int64_t size;         /* K, or numbers per group */
  int64_t message_bits;
  double updates;       /* that the bits allow */
  double contraction;
  double start;         /* 2 gap / (eta updates) */
  double variance;      /* L eta p / (1 - p) spread: exact for what is not compressed */
  double memory;        /* 4 L^2 eta^2 m (1 - delta) spread / (delta^2 (1 - p)^2): what the memories hold back */
  double bound;         /* the sum divided by 1 - eta L; HUGE_VAL where the bits do not pay for one update */
} testudo_coco_choice;

/* That bound for one size. O(1). */
TESTUDO_CHECKED testudo_status testudo_coco_bound(const testudo_coco *coco, int64_t size, testudo_coco_choice *choice,
                                                  testudo_error *error);

/* The size of the least bound, all tried; the smallest of equal ones. TESTUDO_ERROR_ARGUMENT where no size is short
   enough, or pays for one update. At most 10^8 numbers. O(dim). */
TESTUDO_CHECKED testudo_status testudo_coco_choose(const testudo_coco *coco, testudo_coco_choice *choice,
                                                   testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
