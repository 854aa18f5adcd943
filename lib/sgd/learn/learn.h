/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one method: what its rooms share. */
#ifndef TESTUDO_SGD_LEARN_LEARN_H
#define TESTUDO_SGD_LEARN_LEARN_H

#include <testudo/code.h>
#include <testudo/sgd.h>

#include "base/arena.h"
#include "base/random.h"

typedef struct testudo_i_learner testudo_i_learner;

/* An update: when, and what there is up to it. */
typedef struct testudo_i_mark {
  double time;
  double bits;              /* that arrived */
  double bound;             /* Theorem 4; NAN: none */
  int64_t lost, failed;     /* updates that are lost, and those of them in which all workers fail */
} testudo_i_mark;

/* A kind of method: one update, or an answer why there is none. */
typedef struct testudo_i_learner_class {
  testudo_status (*begin)(testudo_i_learner *learner, testudo_error *error);
  /* The next update, in learner->coming, its parameters in learner->next. TESTUDO_UNDECODABLE: none will come. */
  testudo_status (*update)(testudo_i_learner *learner, testudo_error *error);
  void (*end)(testudo_i_learner *learner); /* whatever begin answered */
  /* What stragglers add to the gradient at w; NULL: no formula is known. Writes over learner->gradient. */
  double (*variance)(testudo_i_learner *learner);
} testudo_i_learner_class;

extern const testudo_i_learner_class testudo_i_learn_by_events, testudo_i_learn_by_design;

struct testudo_i_learner {
  const testudo_sgd_setting *setting;
  const testudo_sgd_method *method;
  const testudo_sgd_options *options;
  const testudo_i_learner_class *class;
  uint64_t seed;
  size_t dim;
  testudo_i_arena arena;
  testudo_problem_work *work;
  double *w;                /* the parameters since the last update */
  double *next;             /* those of the coming one */
  double *gradient;         /* dim */
  int32_t *sample;          /* of the largest mini-batch */
  testudo_i_mark last, coming;
  bool began, ended;        /* has a coming one; no further one comes within the times */
  int64_t updates, point;
  double square, squares;   /* ||grad F||^2 at the last point, and its sum over the updates so far */
  int32_t wait;             /* K of the coming one */
  testudo_sgd_run *run;     /* recorded here */
  void *own;                /* of the class, in the arena */
};

/* What the methods of a setting ask for: TESTUDO_ERROR_ARGUMENT with the reason. */
TESTUDO_CHECKED testudo_status testudo_i_learn_check(const testudo_sgd_setting *setting,
                                                     const testudo_sgd_method *method,
                                                     const testudo_sgd_options *options, testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_i_learner_begin(testudo_i_learner *learner, const testudo_sgd_setting *setting,
                                                       const testudo_sgd_method *method,
                                                       const testudo_sgd_options *options, uint64_t seed,
                                                       testudo_sgd_run *run, testudo_error *error);
/* Updates for about so many seconds of this machine's time; *ended: the run is done. What is computed does not depend
   on where it pauses. */
TESTUDO_CHECKED testudo_status testudo_i_learner_go_on(testudo_i_learner *learner, double seconds, bool *ended,
                                                       testudo_error *error);
void testudo_i_learner_end(testudo_i_learner *learner); /* fine on a zeroed one */

/* ---- what a method is ---- */

/* stochastic-code and coco-*: sums of the workers that do not straggle. */
static inline bool testudo_i_sgd_sums(testudo_sgd_kind kind)
{
  return kind == TESTUDO_SGD_STOCHASTIC_CODE || testudo_sgd_compresses(kind);
}

/* Does it wait for a number K that is the caller's? */
static inline bool testudo_i_sgd_waits(testudo_sgd_kind kind)
{
  return testudo_i_sgd_sums(kind) || (!testudo_sgd_runs_design(kind) && kind != TESTUDO_SGD_SYNC &&
                                      kind != TESTUDO_SGD_STALENESS_STEP);
}

/* The rule whose updates a method without a design makes. */
testudo_update_rule testudo_i_sgd_rule(const testudo_sgd_method *method);

static inline bool testudo_i_rule_is_async(testudo_update_rule rule)
{
  return rule == TESTUDO_WAITING_K_ASYNC || rule == TESTUDO_WAITING_K_BATCH_ASYNC;
}

/* Its K: that of the method, unless the kind says it. */
static inline int32_t testudo_i_sgd_wait(const testudo_sgd_method *method, int32_t workers)
{
  return method->kind == TESTUDO_SGD_SYNC             ? workers
         : method->kind == TESTUDO_SGD_STALENESS_STEP ? 1
                                                      : method->wait;
}

/* ---- mini-batches ---- */

/* Mini-batch `index` of the samples begin .. end - 1, which `stream` names, cut into blocks. batch 0: all of them. */
typedef struct testudo_i_batch {
  int32_t begin, end, batch, blocks;
  uint64_t stream;
  int64_t index;
} testudo_i_batch;

/* The samples of blocks first .. first + count - 1. */
int32_t testudo_i_batch_samples(const testudo_i_batch *batch, int32_t first, int32_t count);
/* The MEAN gradient over them, at w, into learner->gradient. */
void testudo_i_batch_gradient(testudo_i_learner *learner, const testudo_i_batch *batch, const double *w, int32_t first,
                              int32_t count);
/* Of a chunk where P workers draw `batch` samples each of all chunks together; 0: all. */
int32_t testudo_i_batch_of_chunk(const testudo_sgd_setting *setting, int32_t chunks);
testudo_i_batch testudo_i_batch_of_worker(const testudo_i_learner *learner, int32_t worker, int64_t index);

/* gram[k chunks + l] = <grad f_k, grad f_l> at w, f_k the part of F that the samples first[k] .. first[k + 1] - 1
   have. O(samples features columns + chunks^2 dim); memory chunks dim. */
TESTUDO_CHECKED testudo_status testudo_i_chunk_gram(const testudo_problem *problem, const int32_t *first,
                                                    int32_t chunks, const double *w,
                                                    const testudo_monitor *monitor, double *gram,
                                                    testudo_error *error);

/* Chunks on the numbers of copies of least balanced spread for the squared norms on the diagonal of `gram`, `entries`
   in all, dealt to the workers in turn: loads differ by at most one, a chunk's holders are different workers. Not
   balanced by pairs; what its spread is, testudo_coded_spread says. */
TESTUDO_CHECKED testudo_status testudo_i_deal_copies(int32_t workers, int32_t chunks, const double *gram,
                                                     int64_t entries, testudo_assignment *assignment,
                                                     testudo_error *error);

#endif
