/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What exact/ and sample/ need of a delay model. */
#ifndef TESTUDO_DELAY_MODEL_H
#define TESTUDO_DELAY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/delay.h>

typedef enum testudo_i_law_kind {
  TESTUDO_I_LAW_EXPONENTIAL,    /* a = rate */
  TESTUDO_I_LAW_SHIFTED,        /* a = shift, b = rate */
  TESTUDO_I_LAW_DETERMINISTIC,  /* a = x */
  TESTUDO_I_LAW_LOGNORMAL,      /* a = mu, b = sigma: log X is normal */
  TESTUDO_I_LAW_PARETO,         /* a = x_min, b = alpha: P(X > x) = (x_min / x)^alpha */
  TESTUDO_I_LAW_GAMMA,          /* a = shape, b = scale */
  TESTUDO_I_LAW_WEIBULL,        /* a = shape, b = scale: P(X > x) = exp(-(x / scale)^shape) */
  TESTUDO_I_LAW_LOMAX,          /* a = alpha, b = scale: P(X > x) = (1 + x / scale)^-alpha */
  TESTUDO_I_LAW_MIXTURE,        /* a = probability of part[0] */
  TESTUDO_I_LAW_TRACE
} testudo_i_law_kind;

struct testudo_law {
  testudo_i_law_kind kind;
  double a, b;
  char *text;           /* as the user wrote it */
  char *named;          /* of @FILE: the law that the file names; otherwise NULL */
  testudo_law *part[2]; /* of a mixture */
  struct testudo_i_pieces *score; /* gamma: log quantile by the normal score of the probability */
  double *kink;         /* where P(X <= x) jumps or has a kink, ascending (not of traces: those are the values) */
  int64_t kinks;
  /* discrete laws: the distinct values, P(X <= value), and every row, ascending */
  double *value, *cumulated;
  int64_t values;
  double *sample;
  int64_t samples;      /* rows of a trace; 1 for deterministic; 0 for a mixture of atoms, which has instead */
  double *beyond;       /* P(X > value) */
};

static inline double testudo_i_rate(const testudo_delay_model *model, int32_t worker)
{
  return model->rates == NULL ? 1.0 : model->rates[worker];
}

/* P(X <= x), and F_k(t) = P(C_{j,k} <= t) of a worker that does not fail (F_0 = 1): accurate where they are small, as
   the survivals are where those are. */
double testudo_i_law_cdf(const testudo_law *law, double x);
double testudo_i_delay_cdf(const testudo_delay_model *model, double rate, int32_t k, double t);

/* Is the law of C_{j,k} in closed form: scaled structure, or sums that have one? */
bool testudo_i_sums_are_closed(const testudo_delay_model *model);

/* A copy of the model in which the sums of up to `terms` times are convolved if need be: *made (or NULL) must outlive
   it and is freed with sums.h. TESTUDO_ERROR_LIMIT where that is not built. Simulation does without. */
TESTUDO_CHECKED testudo_status testudo_i_delay_complete(const testudo_delay_model *model, int32_t terms,
                                                        testudo_delay_model *own, testudo_sums **made,
                                                        testudo_error *error);

/* k x / rate (k chunks, whole or not), the very double that draws, atoms and kinks all compare. */
static inline double testudo_i_scaled(double k, double x, double rate)
{
  return k * x / rate;
}

/* P(scaled(k, X, rate) <= t) of a discrete law and its complement. */
void testudo_i_discrete_sides(const testudo_law *law, double rate, double k, double t, double *below, double *above);

/* How many rows of a trace have scaled(k, x, rate) <= t. */
int64_t testudo_i_samples_done(const testudo_law *law, double rate, double k, double t);

/* q_c(t), c = 0..load: the law of the progress of one worker that does not fail; computed from differences of
   survivals so that the small ones keep their relative accuracy. `whole`: only 0 and load occur (unfinished work
   counts as nothing). */
void testudo_i_progress_law(const testudo_delay_model *model, double rate, int32_t load, bool whole, double t,
                            double *q);

/* Why laws and simulations of scheme block refuse structure additive. */
#define TESTUDO_I_BLOCK_ADDITIVE                                                                               \
  "scheme block is built for structure scaled only: under additive all blocks of a chunk would share its one draw, " \
  "and that law is not built"

/* The same for steps of any work (scheme block, structure scaled): q[c] = P(exactly c of the `steps` steps done by t),
   step c being done at work[c] X / rate; work in chunk times, positive and increasing. */
void testudo_i_work_law(const testudo_delay_model *model, double rate, const double *work, int32_t steps, double t,
                        double *q);

/* P(work X / rate <= t), and in *late its complement: each accurate where it is small. */
double testudo_i_step_law(const testudo_delay_model *model, double rate, double work, double t, double *late);

/* The workers sorted into classes of equal (rate, load): class_of[j] in 0..*classes-1, and for each class its rate,
   load and number of workers (arrays of `workers` entries, caller's). */
void testudo_i_worker_classes(const testudo_delay_model *model, const int32_t *load, int32_t workers,
                              int32_t *class_of, double *class_rate, int32_t *class_load, int32_t *class_size,
                              int32_t *classes);

/* Where P(C_{j,k} <= t) is not smooth: every k * x / rate for atoms, every k * shift / rate for shifted laws (k = 1 to
   max load, over the given classes), sorted, distinct. For a discrete law these are all the jumps. *points is malloc'd.
   At most `limit` points; more is TESTUDO_ERROR_LIMIT. */
TESTUDO_CHECKED testudo_status testudo_i_delay_points(const testudo_delay_model *model, const double *class_rate,
                                                      const int32_t *class_load, int32_t classes, size_t limit,
                                                      double **points, size_t *count, testudo_error *error);
/* The same for steps of any work: class_load counts steps, and work[k-1] stands for k (NULL: k itself). */
TESTUDO_CHECKED testudo_status testudo_i_work_points(const testudo_delay_model *model, const double *class_rate,
                                                     const int32_t *class_load, int32_t classes, const double *work,
                                                     size_t limit, double **points, size_t *count,
                                                     testudo_error *error);

bool testudo_i_law_is_discrete(const testudo_law *law);

/* x with P(X > t) = t^-x times something that varies slowly; HUGE_VAL for lighter tails. Sums have the same. */
double testudo_i_law_tail_index(const testudo_law *law);

/* exp or shifted-exp. */
bool testudo_i_law_is_exponential(const testudo_law *law);

/* One draw of X from a uniform u in (0,1), and many; the same arithmetic in both. */
double testudo_i_law_draw(const testudo_law *law, double u);
void testudo_i_law_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);

/* The member `law` of a delay file (malloc): {"format":"testudo-delay","version":1,"law":LAW, ..}; other members are
   for people. LAW is a parametric law, neither a trace nor another file. */
TESTUDO_CHECKED testudo_status testudo_i_delay_file_read(const char *path, char **law, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name,
                                                          char **law, testudo_error *error);

/* FILE.csv with a header that names a column `seconds` (others are ignored; `worker`, `iteration`, `chunk` are known):
   every row is one draw of X. Bounded memory; positive finite seconds; CR LF and a last line without newline are
   fine. Errors: "trace.csv: line 7: ...". */
typedef struct testudo_i_trace {
  int64_t rows;
  double *seconds;      /* file order */
  int32_t *worker;      /* or NULL when the column is absent */
  int32_t *iteration;
  int32_t *chunk;
} testudo_i_trace;

TESTUDO_CHECKED testudo_status testudo_i_trace_read(const char *path, testudo_i_trace *trace, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_trace_parse(const char *bytes, size_t length, const char *name,
                                                     testudo_i_trace *trace, testudo_error *error);
void testudo_i_trace_free(testudo_i_trace *trace);

#endif
