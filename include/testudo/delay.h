/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay (straggler) models: the law of C_{j,k}, the time at which worker j finishes its k-th chunk
   (docs/theory/model.md#delay-models). All times are seconds. */
#ifndef TESTUDO_DELAY_H
#define TESTUDO_DELAY_H

#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the law of X, the time of one chunk ---- */

typedef struct testudo_law testudo_law;

/* LAW: exp:rate | shifted-exp:shift,rate | gamma:shape,scale | weibull:shape,scale | pareto:xmin,alpha |
   lomax:alpha,scale | lognormal:mu,sigma | deterministic:x | mixture:p,LAW,LAW (of laws without files: the first with
   probability p) | trace:FILE.csv | @FILE.json, a delay file (docs/file-format.md). A broken file is
   TESTUDO_ERROR_INPUT with the place. The caller frees *law. Immutable once made: threads may share it. */
TESTUDO_CHECKED testudo_status testudo_law_parse(const char *text, testudo_law **law, testudo_error *error);
void testudo_law_free(testudo_law *law);

const char *testudo_law_text(const testudo_law *law);               /* as the user wrote it */
const char *testudo_law_shown(const testudo_law *law);              /* the same, a file without its folders */
const char *testudo_law_named(const testudo_law *law);              /* of @FILE the law that it names; else the text */
double testudo_law_survival(const testudo_law *law, double x);      /* P(X > x), accurate when small */
double testudo_law_mean(const testudo_law *law);
double testudo_law_variance(const testudo_law *law);                /* HUGE_VAL where infinite */
double testudo_law_quantile(const testudo_law *law, double p);      /* least x with P(X <= x) >= p, p in (0,1) */

/* Discrete laws (deterministic, mixtures of such, traces): the sorted distinct values and P(X <= value) at each (lent);
   *values = NULL for a continuous law. */
void testudo_law_atoms(const testudo_law *law, const double **values, const double **cumulated, int64_t *count);

/* ---- the model of a cluster ---- */

typedef enum testudo_structure {
  TESTUDO_STRUCTURE_SCALED,   /* C_{j,k} = k X_j / r_j */
  TESTUDO_STRUCTURE_ADDITIVE  /* C_{j,k} = (X_{j1} + .. + X_{jk}) / r_j */
} testudo_structure;

typedef enum testudo_failure_kind {
  TESTUDO_FAILURES_NONE,
  TESTUDO_FAILURES_EXACTLY,   /* exactly `failed` workers, uniformly chosen, never finish anything */
  TESTUDO_FAILURES_EACH       /* each worker independently with probability `fail_prob` */
} testudo_failure_kind;

typedef struct testudo_delay_model {
  const testudo_law *law;
  testudo_structure structure;
  const double *rates;        /* one per worker, > 0; NULL: all 1 */
  int32_t workers;            /* number of rates; must equal the design's workers when rates is set */
  testudo_failure_kind failures;
  int32_t failed;             /* 0 .. workers */
  double fail_prob;           /* 0 <= p < 1 */
} testudo_delay_model;

/* Are the fields in range for a design of `workers` workers? TESTUDO_ERROR_ARGUMENT otherwise. Every combination can be
   simulated; of additive structure exact.h knows the sums of exp, shifted-exp, gamma and deterministic, convolves those
   of lognormal, pareto, weibull, lomax and mixtures that start at 0, up to 64 of them, and answers
   TESTUDO_ERROR_LIMIT for the rest. */
TESTUDO_CHECKED testudo_status testudo_delay_check(const testudo_delay_model *model, int32_t workers,
                                                   testudo_error *error);

/* S_k(t) = P(C_{j,k} > t) of a worker of rate `rate` that does not fail, k >= 0 (S_0 = 0). Ties count as done. The
   comparison is made on the very value k * x / rate that the simulator draws. NAN where the law of additive structure
   is not supported. */
double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t);

#ifdef __cplusplus
}
#endif
#endif
