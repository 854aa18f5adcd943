/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay (straggler) models: the law of C_{j,k}, the time at which worker j finishes its k-th chunk
   (docs/theory/model.md#delay-models). All times are seconds. */
#ifndef TESTUDO_DELAY_H
#define TESTUDO_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the law of X, the time of one chunk ---- */

typedef struct testudo_law testudo_law;

/* LAW: exp:rate | shifted-exp:shift,rate | gamma:shape,scale | weibull:shape,scale | pareto:xmin,alpha |
   lomax:alpha,scale | lognormal:mu,sigma | deterministic:x | mixture:p,LAW,LAW (the first with probability p) |
   shift:x,LAW (x seconds more), both of laws without files | trace:FILE.csv | @FILE.json, a delay file
   (docs/file-format.md). A broken file is TESTUDO_ERROR_INPUT with the place. The caller frees *law. Immutable once
   made: threads may share it. */
TESTUDO_CHECKED testudo_status testudo_law_parse(const char *text, testudo_law **law, testudo_error *error);
void testudo_law_free(testudo_law *law);

const char *testudo_law_text(const testudo_law *law);               /* as the user wrote it */
const char *testudo_law_shown(const testudo_law *law);              /* the same, a file without its folders */
const char *testudo_law_named(const testudo_law *law);              /* of @FILE the law that it names; else the text */
double testudo_law_survival(const testudo_law *law, double x);      /* P(X > x), accurate when small */
double testudo_law_cdf(const testudo_law *law, double x);           /* P(X <= x), accurate when small */
double testudo_law_mean(const testudo_law *law);
double testudo_law_variance(const testudo_law *law);                /* HUGE_VAL where infinite */
double testudo_law_quantile(const testudo_law *law, double p);      /* least x with P(X <= x) >= p, p in (0,1) */

/* Discrete laws (deterministic, mixtures of such, traces): the sorted distinct values and P(X <= value) at each (lent);
   *values = NULL for a continuous law. */
void testudo_law_atoms(const testudo_law *law, const double **values, const double **cumulated, int64_t *count);

/* x[0 .. count - 1] = independent draws of X by inversion, named by the seed: the same seed begins with the same draws
   whatever the count. O(count). */
void testudo_law_draw(const testudo_law *law, uint64_t seed, int64_t count, double *x);

/* ---- the model of a cluster ---- */

/* How the times of a worker's chunks hang together. X_{j,i}: the time of the i-th chunk of worker j at rate 1. */
typedef enum testudo_structure {
  TESTUDO_STRUCTURE_SCALED,   /* X_{j,i} = X_j, drawn once: slow for the whole iteration */
  TESTUDO_STRUCTURE_ADDITIVE, /* X_{j,i} independent */
  TESTUDO_STRUCTURE_MIXED     /* X_{j,i} = Z_j E_{j,i}: Z_j by `law`, once; E_{j,i} by `chunk_law`, independent */
} testudo_structure;

/* Does the law say which of them it is of? A trace does that has several chunks per worker and iteration, by their
   intraclass correlation. *structure is scaled where it does not. */
bool testudo_law_structure(const testudo_law *law, testudo_structure *structure);

/* What one draw of the law is the time of. */
typedef enum testudo_unit {
  TESTUDO_UNIT_CHUNK,         /* of one chunk: u = 1 */
  TESTUDO_UNIT_SHARE          /* of a worker's uncoded share, the m-th part of the data: a chunk takes u = m/N of it */
} testudo_unit;

typedef enum testudo_failure_kind {
  TESTUDO_FAILURES_NONE,
  TESTUDO_FAILURES_EXACTLY,   /* exactly `failed` workers, uniformly chosen, never finish anything */
  TESTUDO_FAILURES_EACH       /* each worker independently with probability `fail_prob` */
} testudo_failure_kind;

/* Consecutive workers that are alike; classes follow one another from worker 0 on. */
typedef struct testudo_worker_class {
  int32_t workers;            /* >= 1 */
  double rate;                /* > 0 */
  const testudo_law *law;     /* instead of the model's; NULL: the model's */
} testudo_worker_class;

/* Two states of a worker, from iteration to iteration: normal -> slow with probability `begin`, slow -> normal with
   `end`; slow divides the worker's rate by `factor`. A chain starts stationary; of one iteration only the share
   begin / (begin + end) of slow workers matters. factor = 0: no such states. */
typedef struct testudo_slow_state {
  double begin, end;          /* in (0, 1] */
  double factor;              /* > 1 */
} testudo_slow_state;

typedef struct testudo_replay testudo_replay;

/* One iteration (docs/theory/model.md#the-whole-iteration): worker j finishes its k-th chunk at
     C_{j,k} = S_j + sum_{i <= k} (o + u X_{j,i}) / r_j,
   and a vector that it sends when it has finished all of its n_j chunks is at the server at
     A_j = C_{j,n_j} + Y_j / l ,   l = the parts of the gradient.
   Where the server first fixes what it will decode (schemes partial and nested with report chunk), workers send then:
   T = T_rule + `signal` + the largest Y_j / l of those that send. Of a block code the link of a worker sends block
   after block, a share of Y_j each. A zeroed model with a law is C_{j,k} = k X_j. Everything is lent. */
typedef struct testudo_delay_model {
  const testudo_law *law;             /* X, or Z of structure mixed */
  testudo_structure structure;
  const testudo_law *chunk_law;       /* E of structure mixed, otherwise NULL */
  const double *rates;                /* r, one per worker, > 0; NULL: all 1 */
  int32_t workers;                    /* number of rates; must equal the design's workers when rates is set */
  testudo_failure_kind failures;
  int32_t failed;                     /* 0 .. workers */
  double fail_prob;                   /* 0 <= p < 1 */
  testudo_unit unit;
  const testudo_law *startup;         /* S, per worker and iteration, not divided by the rate; NULL: 0 */
  double overhead;                    /* o >= 0, seconds per chunk whatever its size; of a block code per (chunk, block)
                                         of positive size */
  const testudo_worker_class *classes;/* their workers add up to the design's; not with rates; NULL: none */
  int32_t class_count;
  const testudo_law *message;         /* Y, per worker and iteration, of a vector of full length; NULL: 0 */
  double signal;                      /* >= 0, round trip of a report of progress and its answer */
  testudo_slow_state slow;
  const int32_t *domain;              /* failure domain 0 .. domains - 1 of each worker; NULL: none */
  int32_t domains;
  const testudo_law *domain_factor;   /* the times of all workers of a domain are multiplied by one draw of it, per
                                         iteration: simulated only; NULL without domain */
  const testudo_replay *replay;       /* instead of law and structure: measured chunk times; simulated only */
} testudo_delay_model;

/* Are the fields in range, and do they go together, for a design of `workers` workers? TESTUDO_ERROR_ARGUMENT
   otherwise. Every model that passes can be simulated; exact.h says what it has laws of. */
TESTUDO_CHECKED testudo_status testudo_delay_check(const testudo_delay_model *model, int32_t workers,
                                                   testudo_error *error);

/* S_k(t) = P(C_{j,k} > t) of a worker of the model's law and of rate `rate` that does not fail, k >= 0 (S_0 = 0), unit
   chunk. Ties count as done. The comparison is made on the very double that the simulator draws. NAN where the law is
   not known in closed form or by one quadrature: of structure additive only the sums of exp, shifted-exp, gamma and
   deterministic are (exact.h convolves others), of mixed none; domain factors, replays and unit share have none. */
double testudo_delay_survival(const testudo_delay_model *model, double rate, int32_t k, double t);

/* ---- delay files (docs/file-format.md) ---- */

/* A model that was read, and all that it lends. Immutable: threads may share it. */
typedef struct testudo_delay_file testudo_delay_file;

/* Reads a delay file, or one that is in memory (`name` stands where a path would in sentences). TESTUDO_ERROR_INPUT
   with the place for anything wrong with it, and for terms that testudo_delay_check refuses. The caller frees *file. */
TESTUDO_CHECKED testudo_status testudo_delay_file_read(const char *path, testudo_delay_file **file,
                                                       testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_delay_file_parse(const char *bytes, size_t length, const char *name,
                                                        testudo_delay_file **file, testudo_error *error);
void testudo_delay_file_free(testudo_delay_file *file); /* NULL is fine */

const testudo_delay_model *testudo_delay_file_model(const testudo_delay_file *file); /* lent: copy and change it */
bool testudo_delay_file_structured(const testudo_delay_file *file);  /* does it say its structure? Otherwise: scaled */
int32_t testudo_delay_file_workers(const testudo_delay_file *file);  /* that its lists and classes are for; 0: any */

/* ---- measured iterations ---- */

/* A trace (trace.h) with the columns worker, iteration, seconds and, where workers have more than one row an iteration,
   chunk: each row is the measured time of one chunk. Workers and iterations are numbered in the order of their numbers
   or names in the file; the chunks of a worker in an iteration in the order of theirs, rows without that column as they
   come. TESTUDO_ERROR_INPUT for a broken file, a missing column, censored rows, and where a worker lacks an iteration
   that others have. */
TESTUDO_CHECKED testudo_status testudo_replay_read(const char *path, testudo_replay **replay, testudo_error *error);
void testudo_replay_free(testudo_replay *replay);

const char *testudo_replay_text(const testudo_replay *replay);      /* the name of the file, without folders */
int32_t testudo_replay_workers(const testudo_replay *replay);
int64_t testudo_replay_iterations(const testudo_replay *replay);

/* The measured times of a worker's chunks in an iteration, *count of them >= 1 (lent). */
const double *testudo_replay_times(const testudo_replay *replay, int32_t worker, int64_t iteration, int32_t *count);

#ifdef __cplusplus
}
#endif
#endif
