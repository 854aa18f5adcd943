/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long an update of distributed SGD takes, and how stale the gradients are that it uses, when the server waits for
   K (docs/theory/waiting.md). Times are seconds; P is the number of workers. */
#ifndef TESTUDO_WAITING_H
#define TESTUDO_WAITING_H

#include <stdint.h>

#include <testudo/delay.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- rules ---- */

/* What an update waits for (docs/theory/waiting.md#rules): */
typedef enum testudo_update_rule {
  TESTUDO_WAITING_K_SYNC,        /* the first K workers; the others are stopped and begin anew with them. 1 <= K <= P */
  TESTUDO_WAITING_K_BATCH_SYNC,  /* the first K mini-batches at the parameters of the last update: who has finished one
                                    takes another; what is not finished is stopped. K >= 1 */
  TESTUDO_WAITING_K_ASYNC,       /* the first K workers; the others go on. Who has pushed idles until the update.
                                    1 <= K <= P */
  TESTUDO_WAITING_K_BATCH_ASYNC, /* the next K mini-batches; who has pushed reads the parameters of that time, after the
                                    update if it was the K-th, and goes on. K >= 1 */
  TESTUDO_WAITING_LGC            /* live gradient compensation: K workers have finished all blocks of this round, and
                                    nobody owes one of the last. 1 <= K <= P */
} testudo_update_rule;

/* "k-sync", "k-batch-sync", "k-async", "k-batch-async", "lgc"; "?" for other numbers. Static storage. */
const char *testudo_update_rule_name(testudo_update_rule rule);

/* ---- is a started task worth more than a new one? ---- */

/* What is known of P(X > s + t) against P(X > s) P(X > t) (docs/theory/waiting.md#new-longer-than-used). */
typedef enum testudo_ageing {
  TESTUDO_AGEING_NEITHER,        /* above it at some s and t, below it at others */
  TESTUDO_AGEING_NEW_LONGER,     /* never above: a new task takes longer than what is left of a started one */
  TESTUDO_AGEING_NEW_SHORTER,    /* never below: a new one is done sooner */
  TESTUDO_AGEING_BOTH,           /* equal everywhere: exponential */
  TESTUDO_AGEING_UNKNOWN         /* not tested: no law is known */
} testudo_ageing;

/* By what was tested, not by what the law is called: the logarithms of both sides at all pairs (s, t) of points, which
   are TESTUDO_AGEING_POINTS quantiles of X in equal steps (from 0.002 to 0.998), as many places in equal steps up to
   the last of those, and the quantiles 0.002 x 4^-k and 1 - 0.002 x 4^-k, k = 1 .. 12; logarithms count as equal when
   they are within 1e-10, relative where they exceed 1. `text` says what came out. A law that differs between the points
   only is not seen. Of tasks of several terms 24 quantiles and 24 places are tested, to 1e-6: a quadrature each. */
#define TESTUDO_AGEING_POINTS 256
typedef struct testudo_ageing_test {
  testudo_ageing verdict;
  double above, below;           /* the largest log P(X > s + t) - log P(X > s) P(X > t) seen, and the least; above is
                                    HUGE_VAL never, below is -HUGE_VAL where s + t is past the end of the law */
  char text[240];                /* what was tested, and what came out */
} testudo_ageing_test;

/* Of the law of one task. Cost: some 10^5 evaluations of the survival function. */
void testudo_law_ageing(const testudo_law *law, testudo_ageing_test *test);

/* ---- time per update ---- */

#define TESTUDO_WAITING_CHAINS 16       /* independent runs of a simulation */
#define TESTUDO_STALENESS_CLASSES 64    /* of the distribution: 0 .. 62, and 63 or more */

typedef struct testudo_waiting_options {
  testudo_update_rule rule;
  int32_t workers;               /* P, 1 .. 1000000 */
  int32_t wait;                  /* K */
  int32_t blocks;                /* per mini-batch, >= 1: what delay.h calls chunks; unit share: the law is of all of
                                    them together. Only lgc looks at single ones */
  int64_t updates;               /* measured, in all chains: how many, or at most how many when rel_error > 0; rounded
                                    up to a multiple of 256. 0: no simulation */
  int64_t burn_in;               /* updates of every chain that are discarded before, >= 0 */
  double rel_error;              /* > 0: stop when standard error / mean is at most this; 0: run all */
  bool always;                   /* simulate even where the time is exact: for the staleness, or to compare */
  uint64_t seed;
  int32_t threads;               /* 0: all cores. Never changes a number of the result */
  const testudo_monitor *monitor;
} testudo_waiting_options;

typedef enum testudo_waiting_source {
  TESTUDO_WAITING_EXACT,         /* by a law, to abs_error */
  TESTUDO_WAITING_BOUND,         /* nothing but upper_bound is known: no simulation was asked for */
  TESTUDO_WAITING_SIMULATED,     /* by events, to stderr_mean */
  TESTUDO_WAITING_INFINITE,      /* the long-run mean is infinite, or no update ever comes */
  TESTUDO_WAITING_UNKNOWN        /* no law, no bound, and no simulation was asked for */
} testudo_waiting_source;

/* What a simulation by events has measured. */
typedef struct testudo_waiting_events {
  int64_t updates;               /* measured; 0: none was run, and all that follows is NAN */
  int64_t burn_in;               /* discarded, of every chain */
  double mean, stderr_mean;      /* seconds per update; standard error by the means of 256 batches, 16 per chain */
  double fresh, fresh_stderr;    /* p0: share of the gradients (lgc: of the blocks) that were computed at the
                                    parameters that the update changes */
  double fresh_low, fresh_high;  /* 95 % interval of it, by Wilson's score with the effective number of gradients */
  double staleness;              /* mean number of updates between reading and using */
  double share[TESTUDO_STALENESS_CLASSES]; /* of the gradients whose staleness is k */
  double used;                   /* gradients used per second */
  bool interrupted;              /* stopped by the monitor: the numbers cover what ran */
} testudo_waiting_events;

typedef struct testudo_update_time {
  testudo_waiting_source source;
  double mean;                   /* seconds per update in the long run; of the exact law given that it comes; NAN where
                                    only bounded, HUGE_VAL where infinite */
  double abs_error;              /* estimated numerical error, exact only; NAN otherwise */
  double stderr_mean;            /* simulated only; NAN otherwise */
  double p_never;                /* chance that an update never comes (failures), sync rules; NAN where not known */
  double upper_bound;            /* k-async whose tasks are new-longer-than-used: E of the K-th of P new tasks, which is
                                    at least the mean; NAN otherwise */
  double speedup;                /* E T of full sync over E T of async with K = 1; iid tasks: P E[X_{P:P}] / E[X]; NAN
                                    where not known */
  double fresh_lower, fresh_upper;  /* what theory says of p0 (docs/theory/waiting.md#fresh-gradients); 0 and 1 where
                                    nothing */
  double staleness;              /* mean staleness in the long run, whatever the law; NAN of lgc with K < P */
  testudo_ageing_test ageing;    /* of the tasks; of unlike workers what holds of all */
  bool heavy;                    /* tasks have an infinite variance, so that the standard error does not settle */
  char method[240];              /* "exact: order statistic, 3 of 8", "simulated: 65536 updates after ..", .. */
  testudo_waiting_events events;
} testudo_update_time;

/* E[T] per update of a rule under a model, exact where it is known, otherwise by events; `method` says which
   (docs/theory/waiting.md#time-per-update). TESTUDO_ERROR_ARGUMENT for numbers out of range, for async rules with
   failures or factors of domains, for k-batch-sync with factors or exactly f failed workers, and for lgc with failures.
   A push occupies the worker until it is in. Interrupted during a simulation: TESTUDO_INTERRUPTED unless every chain
   has measured something. Cost: O(log P) per task simulated; memory O(P blocks) per chain. */
TESTUDO_CHECKED testudo_status testudo_update_time_find(const testudo_delay_model *model,
                                                        const testudo_waiting_options *options,
                                                        testudo_update_time *found, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
