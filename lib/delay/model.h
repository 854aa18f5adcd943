/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws and delay models, as the rest of the library needs them. */
#ifndef TESTUDO_DELAY_MODEL_H
#define TESTUDO_DELAY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/delay.h>

#include "base/arena.h"
#include "trace/trace.h"

struct testudo_i_law_row; /* laws/table.h */

/* How alike the chunks of one worker in one iteration are: the intraclass correlation by analysis of variance, with its
   interval of 95 % where times are normal (docs/theory/structure.md#intraclass-correlation). NAN where it is not known:
   without the columns worker and iteration, with one chunk each, or where all times are equal. */
typedef struct testudo_i_correlation {
  double icc, low, high;
} testudo_i_correlation;

struct testudo_law {
  const struct testudo_i_law_row *row;
  double a, b;          /* its numbers, as the row says */
  testudo_i_arena arena;/* of what follows, except sample */
  const testudo_trace_options *reading; /* how its file is read, lent while the law is made; NULL: all by the file */
  char *text;           /* as the user wrote it */
  const char *shown;    /* the same without the folders of its file */
  char *named;          /* of @FILE: the law that the file names; otherwise NULL */
  testudo_law *part[2]; /* of a mixture; of a shift one */
  struct testudo_i_curve *curve; /* gamma: its log quantile (draws/curve.h) */
  double *kink;         /* where P(X <= x) jumps or has a kink, ascending (not of traces: those are the values) */
  int64_t kinks;
  /* discrete laws: the distinct values, P(X <= value), and every row, ascending */
  double *value, *cumulated;
  int64_t values;
  double *sample;
  int64_t samples;      /* rows of a trace; 1 for deterministic; 0 for a mixture of atoms, which has instead */
  double *beyond;       /* P(X > value) */
  /* of a trace */
  testudo_i_correlation chunks;
  int64_t phases;       /* rows of its file that were added to others */
};

/* ---- properties of a law ---- */

bool testudo_i_law_is_discrete(const testudo_law *law); /* atoms only: */

/* P(X = value[v]). */
static inline double testudo_i_atom_mass(const testudo_law *law, int64_t v)
{
  return law->cumulated[v] - (v > 0 ? law->cumulated[v - 1] : 0.0);
}

/* P(X > x) or P(X <= x) where `done` of its rows, or values where it has no rows, are <= x. */
double testudo_i_atoms_side(const testudo_law *law, int64_t done, bool above);

bool testudo_i_law_is_constant(const testudo_law *law); /* always the same value */

/* Do k chunks of X take k X, so that their law is that of X? */
static inline bool testudo_i_chunks_are_scaled(const testudo_delay_model *model, const testudo_law *law)
{
  return model->structure == TESTUDO_STRUCTURE_SCALED ||
         (model->structure == TESTUDO_STRUCTURE_ADDITIVE && testudo_i_law_is_constant(law));
}
bool testudo_i_law_is_power(const testudo_law *law);    /* P(X > x) is a power of x from the law's start on */

/* x with P(X > t) = t^-x times something that varies slowly; HUGE_VAL for lighter tails. Sums have the same. */
double testudo_i_law_tail_index(const testudo_law *law);

/* Is it known that the speed 1 / X has a hazard rate that rises up to the speed 1 / from: x^2 f(x) / F(x) does not rise
   for x >= from? */
bool testudo_i_law_speed_rises(const testudo_law *law, double from);

/* Has X - start a density that is smooth on (0, infinity)? Not with atoms, nor where parts of a mixture start apart. */
bool testudo_i_starts_once(const testudo_law *law, double *start);

/* Is P(X_1 + .. + X_k <= time) in closed form, and it, or its complement. */
bool testudo_i_law_has_sum(const testudo_law *law);
double testudo_i_law_sum(const testudo_law *law, int32_t k, double time, bool above);
double testudo_i_law_started_sum(const testudo_law *law, int32_t k, double y, bool above); /* at y = time - k start */

/* P(X > x) or P(X <= x), each accurate where it is small. */
double testudo_i_law_side(const testudo_law *law, double x, bool above);

/* H with P(X > x) = exp(-H(x)), of a law whose row has it. */
double testudo_i_law_hazard(const testudo_law *law, double x);

/* P(X - start <= y), its complement, and the density at y, of a law that starts once: from y itself, so that what is
   small near the start keeps its digits. */
void testudo_i_started_sides(const testudo_law *law, double y, double *below, double *above);
double testudo_i_started_density(const testudo_law *law, double y);

/* One draw of X from a uniform u in (0,1), and many; the same arithmetic in both. */
double testudo_i_law_draw(const testudo_law *law, double u);
void testudo_i_law_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);

/* ---- one iteration of a worker ---- */

/* The very double that draws, atoms and kinks all compare: a step that is done after `starts` overheads and `work`
   chunk times (whole or not) of x each, at a rate. In a model without start-up and overhead: work x / rate. */
static inline double testudo_i_step_time(double startup, double overhead, double starts, double work, double x,
                                         double rate)
{
  return startup + (starts * overhead + work * x) / rate;
}

/* k x / rate, of a model that has neither. */
static inline double testudo_i_scaled(double k, double x, double rate)
{
  return k * x / rate;
}

/* Of a worker, slow states left out. O(classes). */
double testudo_i_rate(const testudo_delay_model *model, int32_t worker);
const testudo_law *testudo_i_worker_law(const testudo_delay_model *model, int32_t worker);

/* Of class c of workers; of a model without classes, c = 0, the model's. */
static inline const testudo_law *testudo_i_class_law(const testudo_delay_model *model, int32_t c)
{
  return model->classes != NULL && model->classes[c].law != NULL ? model->classes[c].law : model->law;
}

/* Chunk times per draw of the law: u of testudo_unit. */
static inline double testudo_i_unit(const testudo_delay_model *model, int32_t workers, int32_t chunks)
{
  return model->unit == TESTUDO_UNIT_SHARE ? (double)workers / (double)chunks : 1.0;
}

/* Are all laws of X constant? A chunk's own time is then k x, as the laws have it, and not a sum. */
static inline bool testudo_i_times_are_constant(const testudo_delay_model *model)
{
  bool constant = testudo_i_law_is_constant(model->law);
  for (int32_t c = 0; c < model->class_count; c++)
    constant = constant && testudo_i_law_is_constant(testudo_i_class_law(model, c));
  return constant;
}

/* The stationary probability of the slow state; 0 where there is none. */
static inline double testudo_i_slow_share(const testudo_delay_model *model)
{
  const testudo_slow_state *slow = &model->slow;
  return slow->factor > 0.0 ? slow->begin / (slow->begin + slow->end) : 0.0;
}

/* Has it no term but law, structures scaled and additive, rates and failures? */
bool testudo_i_delay_is_plain(const testudo_delay_model *model);

/* ---- the law of C_{j,k} ---- */

/* Steps that are no chunks (runtime/completion.h). */
typedef struct testudo_i_work_steps {
  const double *work, *starts;  /* until step k is done, k from 1 */
  const double *sent;           /* the share of a message that step k is, on a link that sends one after another */
} testudo_i_work_steps;

typedef struct testudo_i_delay_tables testudo_i_delay_tables; /* tables.h */

/* The times of a worker under a model, and what has been made for them. */
typedef struct testudo_i_delay {
  const testudo_delay_model *model;
  const testudo_law *law;          /* of the worker; NULL: the model's */
  double unit;                     /* u; 0: 1 */
  const testudo_i_work_steps *steps;    /* NULL: chunks */
  double share;                    /* of a message, that the last step waits for: A_j; 0: none */
  const testudo_i_delay_tables *tables;  /* NULL: closed forms will do, or are all that is known */
  bool only_last;                  /* of chunks: no step is asked for but the last, and all loads are the same */
  bool bracketed;                  /* no law, but two between which it lies: */
  struct testudo_i_brackets *brackets; /* made (brackets.h), and .. */
  bool up;                         /* .. which of the two */
} testudo_i_delay;

static inline double testudo_i_delay_unit(const testudo_i_delay *delay)
{
  return delay->unit == 0.0 ? 1.0 : delay->unit;
}

/* The model alone. */
#define TESTUDO_I_ALONE(of) (&(testudo_i_delay){.model = (of)})

/* The same of a worker that may have a law of its own. */
static inline testudo_i_delay testudo_i_delay_of(const testudo_i_delay *delay, const testudo_law *law)
{
  testudo_i_delay own = *delay;
  own.law = law;
  return own;
}

/* S_k(t) = P(C_{j,k} > t) and F_k(t) = P(C_{j,k} <= t) of a worker that does not fail (F_0 = 1), each accurate where
   it is small; NAN where the sums are not known. */
double testudo_i_delay_survival(const testudo_i_delay *delay, double rate, int32_t k, double t);
double testudo_i_delay_cdf(const testudo_i_delay *delay, double rate, int32_t k, double t);

/* Lends the tables of `known`, or makes in the arena, which must outlive *delay, what up to `terms` chunks need and is
   not there. TESTUDO_ERROR_LIMIT where that law is not known. Simulation does without. */
TESTUDO_CHECKED testudo_status testudo_i_delay_complete(const testudo_i_delay *known, int32_t terms,
                                                        testudo_i_arena *arena, testudo_i_delay *delay,
                                                        testudo_error *error);
double testudo_i_delay_tables_error(const testudo_i_delay_tables *tables); /* relative, of every side */

/* Is every time of the model one of finitely many? */
bool testudo_i_delay_is_discrete(const testudo_i_delay *delay);

/* A rough scale of a worker's first step at a rate: at the p-quantiles of all that is random. */
double testudo_i_delay_scale(const testudo_i_delay *delay, double rate, double p);

/* When a worker at a rate is in with its k-th step of a draw x, S being `before`, the share of Y after it `after`, and
   Y on a link that sends step after step `message`. */
double testudo_i_delay_time(const testudo_i_delay *delay, double rate, int32_t k, double before, double after,
                            double message, double x);

/* How many rows of a trace finish their k-th chunk by t, in a model without waits. */
int64_t testudo_i_samples_done(const testudo_i_delay *delay, double rate, int32_t k, double t);

/* q_c(t), c = 0..load: the law of the progress of one worker that does not fail; computed from differences of
   survivals so that the small ones keep their relative accuracy. `whole`: only 0 and load occur (unfinished work
   counts as nothing). */
void testudo_i_progress_law(const testudo_i_delay *delay, double rate, int32_t load, bool whole, double t, double *q);

/* Why laws and simulations refuse other structures than scaled for steps of any work; for the scheme's name and its
   word for a step. */
#define TESTUDO_I_STEPS_SCALED                                                                                       \
  "scheme %s is supported for structure scaled only: under additive and mixed all %ss of a chunk would share its one " \
  "draw, and that law is not known"

/* The workers sorted into classes of equal (law, rate, load): class_of[j] in 0..*classes-1, and for each class its law,
   rate, load and number of workers (arrays of `workers` entries, caller's). */
TESTUDO_CHECKED testudo_status testudo_i_worker_classes(const testudo_delay_model *model, const int32_t *load,
                                                        int32_t workers, int32_t *class_of,
                                                        const testudo_law **class_law, double *class_rate,
                                                        int32_t *class_load, int32_t *class_size, int32_t *classes,
                                                        testudo_error *error);

/* Where P(C_{j,k} <= t) is not smooth: atoms, and where the times of k chunks begin (k = 1 to the load, over the given
   classes), sorted, distinct. For a discrete model these are all the jumps. *points is malloc'd. At most `limit`
   points; more is TESTUDO_ERROR_LIMIT, but where they only help a quadrature and smooth waits make them many there are
   none. */
TESTUDO_CHECKED testudo_status testudo_i_delay_points(const testudo_i_delay *delay, const testudo_law *const *class_law,
                                                      const double *class_rate, const int32_t *class_load,
                                                      int32_t classes, size_t limit, double **points, size_t *count,
                                                      testudo_error *error);

/* The one kink of a law, at a time above 0; none otherwise. */
TESTUDO_CHECKED testudo_status testudo_i_law_set_kink(testudo_law *law, double kink, testudo_error *error);

/* Sorts and keeps the distinct ones; how many. */
size_t testudo_i_sort_distinct(double *x, size_t count);

TESTUDO_CHECKED testudo_status testudo_i_trace_correlation(const testudo_i_trace *trace, testudo_i_correlation *found,
                                                           testudo_error *error);

/* A trace's own verdict: additive where chunks are more independent than alike (icc < 0.5), scaled otherwise; false
   where nothing is known. */
bool testudo_i_correlation_structure(const testudo_i_correlation *chunks, testudo_structure *structure);

/* A replay of `chunks` times for every worker in every iteration, which the caller puts into *seconds: iteration after
   iteration, worker after worker. HUGE_VAL: that chunk is never done. */
TESTUDO_CHECKED testudo_status testudo_i_replay_begin(const char *text, int32_t workers, int64_t iterations,
                                                      int32_t chunks, testudo_replay **replay, double **seconds,
                                                      testudo_error *error);

/* A replay from rows that are there already; `text` is what it is called. */
TESTUDO_CHECKED testudo_status testudo_i_replay_make(const testudo_i_trace *trace, const char *text,
                                                     testudo_replay **replay, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_replay_read_as(const char *path, const testudo_trace_options *reading,
                                                        testudo_replay **replay, testudo_error *error);
int64_t testudo_i_replay_phases(const testudo_replay *replay); /* rows of its file that were added to others */

#endif
