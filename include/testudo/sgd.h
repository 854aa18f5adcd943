/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributed SGD on a simulated cluster: the times are drawn from a delay model, the gradients are computed on real
   data, and codes are encoded and decoded by the runtime library (docs/theory/sgd.md). Times are seconds; P is the
   number of workers. Everything here is simulated. */
#ifndef TESTUDO_SGD_H
#define TESTUDO_SGD_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/compress.h>
#include <testudo/convergence.h>
#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/problem.h>
#include <testudo/schedule.h>
#include <testudo/waiting.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- methods (docs/theory/sgd.md#methods) ---- */

typedef enum testudo_sgd_kind {
  /* One update of an update rule of waiting.h: w <- w - (step / K) times the sum of K mean gradients. */
  TESTUDO_SGD_SYNC,             /* k-sync of all P */
  TESTUDO_SGD_K_SYNC,           /* stragglers are ignored */
  TESTUDO_SGD_K_BATCH_SYNC,
  TESTUDO_SGD_K_ASYNC,
  TESTUDO_SGD_K_BATCH_ASYNC,
  TESTUDO_SGD_ADASYNC,          /* one of these four, its K rising with time */
  TESTUDO_SGD_STALENESS_STEP,   /* k-async with K = 1 and the step min(spread / ||w - w_read||^2, step) */
  TESTUDO_SGD_LGC,              /* live gradient compensation; step / P times the sum over all workers */
  /* An iteration of a design: w <- w - step times what is decoded. */
  TESTUDO_SGD_GRADIENT_CODE,
  TESTUDO_SGD_NESTED,
  TESTUDO_SGD_PARTIAL,
  TESTUDO_SGD_PARTIAL_DEADLINE, /* the best estimate at `deadline` seconds, or what is decodable before */
  TESTUDO_SGD_STOCHASTIC_CODE,  /* sums weighted by 1 / (copies (1 - p)) of those who do not straggle */
  /* The same sums, compressed. */
  TESTUDO_SGD_COCO_EF,          /* biased compressor, error memory */
  TESTUDO_SGD_COCO_NO_MEMORY,   /* the same without it */
  TESTUDO_SGD_COCO_UNBIASED,    /* unbiased compressor */
  TESTUDO_SGD_COCO_DIFFERENCE   /* unbiased compressor of what differs from a memory that both sides keep */
} testudo_sgd_kind;

#define TESTUDO_SGD_KINDS 17

/* "sync", "k-sync", .., "coco-ef", "coco-no-memory", "coco-unbiased", "coco-difference"; NULL for other numbers. */
const char *testudo_sgd_name(testudo_sgd_kind kind);

/* Does it run a design? Does it compress? */
bool testudo_sgd_runs_design(testudo_sgd_kind kind);
bool testudo_sgd_compresses(testudo_sgd_kind kind);

/* What is not asked for by the kind is not looked at. */
typedef struct testudo_sgd_method {
  testudo_sgd_kind kind;
  double step;                  /* eta > 0; staleness-step: its largest */
  int32_t wait;                 /* K; adasync without schedule: the first, 1..P. Schemes of sums (stochastic-code,
                                   coco-*): the workers waited for, 1..P, straggling with p = 1 - K / P; 0: all that
                                   have not failed, p being the model's probability to fail */
  double spread;                /* C > 0 of staleness-step */
  const testudo_assumptions *assumed; /* staleness-step: what Theorem 4 assumes, for TESTUDO_SGD_BOUND; NULL: none */
  testudo_update_rule rule;     /* adasync: whose K rises; not lgc */
  const testudo_schedule *schedule; /* adasync; NULL: K = K_0 sqrt(gap_0 / gap), of k-sync K^2 / (P - K) = .., as
                                   convergence.h has it */
  double optimum;               /* adasync without schedule: gap = F(w) - optimum; published with 0 */
  double interval;              /* adasync: seconds between two choices of K, > 0 */
  const testudo_design *design; /* of P workers */
  double deadline;              /* partial-deadline: > 0 seconds from the start of the iteration */
  testudo_compressor_kind compressor; /* coco-ef and coco-no-memory: top-k or grouped-sign; the two unbiased ones:
                                   random-k, stochastic-sign or none */
  size_t size;                  /* of it */
} testudo_sgd_method;

/* ---- runs ---- */

typedef struct testudo_sgd_setting {
  const testudo_problem *problem;
  const testudo_delay_model *model;
  int32_t workers;              /* P, 1..samples */
  const int32_t *first;         /* P + 1: worker j's samples are first[j] .. first[j + 1] - 1, all of them together
                                   those of the problem. Designs of c P chunks cut each worker's into c; others
                                   cut the whole into equal chunks */
  int32_t batch;                /* samples of a worker's mini-batch, drawn with replacement; of a chunk batch P / N,
                                   rounded, at least 1. 0: all of them, in every iteration */
  int32_t blocks;               /* that a mini-batch is cut into: what delay.h calls chunks; only lgc looks at single
                                   ones. >= 1, at most the samples of a mini-batch */
  const double *start;          /* w_0, dim numbers; NULL: 0 */
  const double *target;         /* w*, for the distance; NULL: none */
} testudo_sgd_setting;

typedef struct testudo_sgd_options {
  const double *times;          /* at which the curves are recorded: >= 0, increasing */
  int64_t time_count;           /* >= 1 */
  int64_t updates;              /* at most so many; 0: no limit. Curves stay where they are from then on */
  double bits;                  /* that arrive, at most: the run ends before the update that would bring more; 0: no
                                   limit */
  uint64_t seed;                /* run r draws everything from seed + r */
  int32_t runs;                 /* >= 1 */
  int32_t threads;              /* 0: all cores. Never changes a number */
  const testudo_monitor *monitor;
} testudo_sgd_options;

/* What is recorded of a run, TESTUDO_SGD_CURVES numbers per time. */
typedef enum testudo_sgd_quantity {
  TESTUDO_SGD_LOSS,             /* F(w) */
  TESTUDO_SGD_DISTANCE,         /* ||w - w*||; NAN without target */
  TESTUDO_SGD_ACCURACY,         /* of the samples; NAN of least squares */
  TESTUDO_SGD_UPDATES,          /* so far */
  TESTUDO_SGD_BITS,             /* that arrived at the server so far, numbers counted as floats of 32 bits */
  TESTUDO_SGD_WAIT,             /* K of the update under way; of designs 0 */
  TESTUDO_SGD_GRADIENT,         /* the mean of ||grad F(w_j)||^2 over j = 0 .. updates, which Theorem 5 bounds: by the
                                   trapezoidal rule from the recorded times, so approximately where these are few */
  TESTUDO_SGD_VARIANCE,         /* stochastic-code and coco-*: p / (1 - p) sum_i ||sum_k s_ik grad f_k / d_k||^2 at w,
                                   by the formula, of full gradients and before compression; NAN of others */
  TESTUDO_SGD_BOUND,            /* staleness-step with `assumed`: F(w) - F* by Theorem 4 for the steps that were taken,
                                   as if they were given beforehand; NAN of others */
  TESTUDO_SGD_CURVES
} testudo_sgd_quantity;

typedef struct testudo_sgd_run {
  bool done;
  double *curve;                /* TESTUDO_SGD_CURVES x time_count, quantity after quantity */
  int64_t updates, lost;        /* lost: of a design, nothing could be decoded, or all workers failed */
  double ended;                 /* seconds of the last update */
  int64_t failed;               /* of those that are lost: all workers failed. An update that changes nothing and takes
                                   no time */
  bool stuck;                   /* ended early: failures keep a further update from ever coming */
} testudo_sgd_run;

/* Mean over the runs that are done, and the 95 % interval of the mean by Student's law (NAN where fewer than 2). */
typedef struct testudo_sgd_band {
  double *mean, *low, *high;    /* time_count */
} testudo_sgd_band;

typedef struct testudo_sgd_summary {
  int32_t runs;                 /* done */
  testudo_sgd_band band[TESTUDO_SGD_CURVES];
  int64_t lost, failed;         /* in all runs */
  int32_t stuck;                /* runs */
  double update_time;           /* seconds per update, mean over the runs; NAN where there was none */
  double update_time_stderr;    /* of that mean; NAN where fewer than 2 */
} testudo_sgd_summary;

typedef struct testudo_sgd {
  int32_t methods, runs;
  int64_t time_count;
  testudo_sgd_run *run;         /* methods x runs */
  testudo_sgd_summary *summary; /* methods */
  bool interrupted;             /* some runs are missing */
} testudo_sgd;

/* All runs of all methods; they share the draws of the cluster (common random numbers). `known` (NULL: none) are the
   runs of an earlier call with the same numbers, methods x runs, of which those that are done are taken over. A step
   that is too large makes numbers that are not finite, and is no error.
   Interrupted: TESTUDO_INTERRUPTED, with *sgd where at least one run is done; all methods then have about as
   many. TESTUDO_ERROR_ARGUMENT names the method: where options->updates is 0 and the first 100,000 updates take so
   little time that 10^15 would not fill the times, too. Memory of a thread: (P + 3) dim numbers, of
   designs (N + 2 P) dim, of coco-* (N + 6 P) dim. */
TESTUDO_CHECKED testudo_status testudo_sgd_simulate(const testudo_sgd_setting *setting,
                                                    const testudo_sgd_method *method, int32_t methods,
                                                    const testudo_sgd_options *options, const testudo_sgd_run *known,
                                                    testudo_sgd **sgd, testudo_error *error);
void testudo_sgd_free(testudo_sgd *sgd);

/* The first recorded time from which on the mean loss stays at most `target` until the end; HUGE_VAL: none. */
double testudo_sgd_time_to(const testudo_sgd *sgd, const double *times, int32_t method, double target);

#ifdef __cplusplus
}
#endif
#endif
