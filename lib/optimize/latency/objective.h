/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What latency searches make small, measured on one design: exactly where a law is exact, otherwise on random trials
   that any two designs with the same workers share (common random numbers), so that their difference is known better
   than either value. */
#ifndef TESTUDO_OPTIMIZE_LATENCY_OBJECTIVE_H
#define TESTUDO_OPTIMIZE_LATENCY_OBJECTIVE_H

#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/exact.h>
#include <testudo/optimize.h>
#include <testudo/sample.h>

#include "delay/answer.h"
#include "delay/model.h"

/* Zero means the default for max_states (200000), rel_error (1e-9), trials (100000) and threads (all cores). */
typedef struct testudo_i_goal {
  testudo_objective objective;      /* mean or priced (given T finite), quantile, mse, deadline */
  const testudo_delay_model *model;
  const testudo_i_delay_tables *tables; /* of the model's times, for all designs measured; NULL: made for each */
  double unit;                      /* chunk times per draw, the same for all of them; 0: 1 */
  testudo_report report;
  int64_t max_states;               /* a law that must hold more is simulated */
  double rel_error;                 /* of integrals */
  int64_t trials;                   /* of a simulation */
  uint64_t stream;                  /* seed of the trials, which are numbered from `first`: equal streams are equal */
  int64_t first;                    /* draws. 0: the very trials of testudo_simulate, which searches leave alone */
  int32_t threads;                  /* never changes a value */
  const testudo_monitor *monitor;
  bool no_law;                      /* the model has none: everything is simulated */
  bool exact_only;                  /* measured exactly or not at all: a value that would be simulated stays NAN */
} testudo_i_goal;

static inline testudo_i_delay testudo_i_goal_delay(const testudo_i_goal *goal)
{
  return (testudo_i_delay){.model = goal->model, .unit = goal->unit, .tables = goal->tables};
}

/* When the progress must be made for an answer by `at`, >= 0: what is drawn without messages knows nothing of them. */
static inline double testudo_i_progress_deadline(const testudo_i_goal *goal, int32_t parts)
{
  double left = goal->objective.at - testudo_i_answer_seconds(goal->model, parts);
  return left > 0 ? left : 0;
}

typedef struct testudo_i_measure {
  double value;      /* seconds, HUGE_VAL where infinite; squared units of the mse; of a deadline P(T > t) */
  double spread;     /* exact: numerical error; simulated: standard error */
  bool exact;
  double p_never;    /* P(T infinite), exact or a fraction of the trials; NAN with mse and deadline, whose value
                        has it. A mean given T finite says little where it is not 0: orders of one assignment
                        share it, assignments do not */
  char method[120];  /* "transfer matrix, 35 states", "simulation, 100000 trials" */
} testudo_i_measure;

/* testudo_latency_free of what a pointer points to, for TESTUDO_I_HELD. */
static inline void testudo_i_latency_drop(testudo_latency **latency)
{
  testudo_latency_free(*latency);
}

/* The same of trials. */
static inline void testudo_i_simulation_drop(testudo_simulation **simulation)
{
  testudo_simulation_free(*simulation);
}

/* The standard error: what an exact value has of it is rounding. */
static inline double testudo_i_measure_noise(const testudo_i_measure *measure)
{
  return measure->exact ? 0.0 : measure->spread;
}

/* Are quantile and deadline in their ranges? TESTUDO_ERROR_ARGUMENT; of other objectives there is nothing to ask. */
TESTUDO_CHECKED testudo_status testudo_i_objective_check(const testudo_objective *objective, testudo_error *error);

/* Is the objective defined (kind, range of q or t), and the model for that many workers? TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_i_goal_check(const testudo_i_goal *goal, int32_t workers, testudo_error *error);

/* completion[r] of trials first .. first + count - 1 of the goal's stream, r from 0; HUGE_VAL where T is infinite. The
   trials of testudo_simulate with the stream as its seed. */
TESTUDO_CHECKED testudo_status testudo_i_trials_run(const testudo_i_goal *goal, const testudo_design *design,
                                                    int64_t first, int64_t count, double *completion,
                                                    testudo_error *error);

/* The objective of a design. Exact laws cost from microseconds to seconds, a simulation trials x entries. Stopped by
   the monitor: TESTUDO_INTERRUPTED. */
TESTUDO_CHECKED testudo_status testudo_i_goal_measure(const testudo_i_goal *goal, const testudo_design *design,
                                                      testudo_i_measure *measure, testudo_error *error);

/* Both designs, and after - before with its standard error from the same trials (or its numerical error, when both are
   exact). Where one is exact and the other is not both keep their best value and the difference is theirs. */
typedef struct testudo_i_comparison {
  testudo_i_measure before, after;
  double difference, spread;
} testudo_i_comparison;

TESTUDO_CHECKED testudo_status testudo_i_goal_compare(const testudo_i_goal *goal, const testudo_design *before,
                                                      const testudo_design *after, testudo_i_comparison *comparison,
                                                      testudo_error *error);

/* No design with these loads, chunks and parts has a smaller objective (scheme partial, report chunk): perfect
   balancing, and what chunks that are late say of times, or lack
   (docs/theory/search-latency.md#the-objective). NAN where none is known; `proof`: 96 characters, by what it is proved,
   as "perfect balancing"; whose loads are meant only the caller knows. */
TESTUDO_CHECKED testudo_status testudo_i_goal_bound(const testudo_i_goal *goal, const testudo_design *design,
                                                    double *bound, char *proof, testudo_error *error);

/* The same of the design's own loads, which the proof then says. */
TESTUDO_CHECKED testudo_status testudo_i_goal_bound_of_loads(const testudo_i_goal *goal, const testudo_design *design,
                                                             double *bound, char *proof, testudo_error *error);

#endif
