/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A task is an iteration of an uncoded worker, so that the laws of exact/ are those of its end: A_j of
   docs/theory/model.md#the-whole-iteration, and of K of them those of scheme ignore-stragglers. */
#include "sgd/waiting/task_law.h"

#include <math.h>

#include <testudo/code.h>
#include <testudo/exact.h>

#include "base/error.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "sgd/waiting/ageing.h"

#define REL_ERROR 1e-12
#define MAX_STATES 200000

/* ---- order statistics ---- */

static void free_latency(testudo_latency **latency)
{
  testudo_latency_free(*latency);
}

static testudo_status make_design(int32_t workers, int32_t blocks, int32_t wait, testudo_design **design,
                                  testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0};
  if ((int64_t)workers * blocks > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%d blocks of %d workers are more than a design has chunks",
                          (int)blocks, (int)workers);
  TESTUDO_I_TRY(testudo_assignment_uncoded(workers, workers * blocks, &assignment, error));
  return testudo_design_create_waiting(&assignment, wait, "tasks", design, error);
}

static testudo_status make_latency(const testudo_design *design, const testudo_delay_model *model,
                                   const testudo_monitor *monitor, testudo_latency **latency, testudo_error *error)
{
  const testudo_analysis_options options = {.max_states = MAX_STATES, .rel_error = REL_ERROR, .monitor = monitor};
  return testudo_latency_create(design, model, &options, latency, error);
}

/* A law that is refused, or would take too long, is not known: that is no error here. */
static bool law_is_refused(testudo_status status)
{
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT;
}

static testudo_status read_summary(testudo_latency *latency, testudo_i_kth_task *kth, testudo_error *error)
{
  testudo_summary summary;
  TESTUDO_I_TRY(testudo_latency_summary(latency, &summary, error));
  kth->p_never = summary.p_never;
  kth->known = true;
  if (summary.status == TESTUDO_MEAN_INFINITE) {
    kth->mean = HUGE_VAL;
    kth->abs_error = 0.0;
  } else if (summary.status == TESTUDO_MEAN_EXACT) {
    kth->mean = summary.mean;
    kth->abs_error = summary.abs_error;
  } else {
    kth->mean = summary.lower + (summary.upper - summary.lower) / 2.0;
    kth->abs_error = (summary.upper - summary.lower) / 2.0 + summary.abs_error;
    kth->bracketed = true;
    kth->known = summary.upper < HUGE_VAL;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_kth_task_find(const testudo_delay_model *model, int32_t workers, int32_t blocks, int32_t wait,
                                       const testudo_monitor *monitor, testudo_i_kth_task *kth, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_HELD(free_latency) testudo_latency *latency = NULL;
  *kth = (testudo_i_kth_task){false, false, NAN, NAN, NAN};
  if (model->domain_factor != NULL || model->replay != NULL)
    return TESTUDO_OK;
  testudo_status status = make_design(workers, blocks, wait, &design, error);
  if (status == TESTUDO_OK)
    status = make_latency(design, model, monitor, &latency, error);
  if (status == TESTUDO_OK)
    status = read_summary(latency, kth, error);
  return law_is_refused(status) ? TESTUDO_OK : status;
}

/* ---- one worker ---- */

/* Workers that are alike, and the model of one of them, without slow states and failures. */
typedef struct task_class {
  int32_t workers;
  double rate;
  testudo_delay_model model;
} task_class;

static double law_mean(const testudo_law *law)
{
  return law == NULL ? 0.0 : testudo_law_mean(law);
}

/* E[S] + b (o + u E[X]) / r + E[Y], slow states by their stationary share: the long-run mean of a task's time. */
static double mean_of_task(const task_class *class, const testudo_delay_model *model, int32_t blocks)
{
  double unit = model->unit == TESTUDO_UNIT_SHARE ? 1.0 / blocks : 1.0, slow = testudo_i_slow_share(model);
  double x = law_mean(class->model.law) * (model->chunk_law != NULL ? law_mean(model->chunk_law) : 1.0);
  double stretch = slow > 0.0 ? 1.0 + slow * (model->slow.factor - 1.0) : 1.0;
  return law_mean(model->startup) + blocks * (model->overhead + unit * x) / class->rate * stretch +
         law_mean(model->message);
}

static double tail_of_law(const testudo_law *law)
{
  return law == NULL ? HUGE_VAL : testudo_i_law_tail_index(law);
}

static double tail_of_task(const task_class *class, const testudo_delay_model *model)
{
  return fmin(fmin(tail_of_law(class->model.law), tail_of_law(model->chunk_law)),
              fmin(tail_of_law(model->startup), tail_of_law(model->message)));
}

/* A multiple of one draw ages as the draw does; anything else by the law of a single worker. */
static testudo_status age_of_task(const task_class *class, int32_t blocks, testudo_ageing_test *test,
                                  testudo_error *error)
{
  const testudo_delay_model *model = &class->model;
  bool one_draw = model->structure == TESTUDO_STRUCTURE_SCALED ||
                  (model->structure == TESTUDO_STRUCTURE_ADDITIVE && blocks == 1);
  if (one_draw && model->startup == NULL && model->message == NULL && model->overhead == 0.0) {
    testudo_law_ageing(model->law, test);
    return TESTUDO_OK;
  }
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_HELD(free_latency) testudo_latency *latency = NULL;
  testudo_status status = make_design(1, blocks, 1, &design, error);
  if (status == TESTUDO_OK)
    status = make_latency(design, model, NULL, &latency, error);
  if (status == TESTUDO_OK && testudo_latency_is_exact(latency))
    return testudo_i_ageing_of_latency(latency, test, error);
  if (status != TESTUDO_OK && !law_is_refused(status))
    return status;
  testudo_i_ageing_unknown(test, "the law of a task is not known exactly");
  return TESTUDO_OK;
}

/* ---- all workers ---- */

static task_class class_at(const testudo_delay_model *model, int32_t workers, int32_t c)
{
  task_class class = {.workers = workers, .rate = 1.0, .model = *model};
  if (model->classes != NULL) {
    class.workers = model->classes[c].workers;
    class.rate = model->classes[c].rate;
    class.model.law = testudo_i_class_law(model, c);
  } else if (model->rates != NULL) {
    class.workers = 1;
    class.rate = model->rates[c];
  }
  class.model.classes = NULL;
  class.model.class_count = 0;
  class.model.rates = NULL;
  class.model.workers = 0;
  class.model.slow = (testudo_slow_state){0};
  class.model.failures = TESTUDO_FAILURES_NONE;
  return class;
}

static int32_t class_count(const testudo_delay_model *model, int32_t workers)
{
  return model->classes != NULL ? model->class_count : model->rates != NULL ? workers : 1;
}

static bool class_is_new(const testudo_delay_model *model, int32_t workers, int32_t c)
{
  task_class own = class_at(model, workers, c);
  for (int32_t before = 0; before < c; before++) {
    task_class other = class_at(model, workers, before);
    if (other.rate == own.rate && other.model.law == own.model.law)
      return false;
  }
  return true;
}

#define AGED_CLASSES 64 /* classes whose law is tested: of more, nothing is said */

/* What holds of the tasks of all workers; the text is that of the first law that decides. */
static testudo_status age_all(const testudo_delay_model *model, int32_t workers, int32_t blocks,
                              testudo_i_task_laws *laws, testudo_error *error)
{
  int32_t classes = class_count(model, workers), tested = 0;
  /* A rate alone only stretches a law, which ages as before. */
  if (model->classes == NULL && model->startup == NULL && model->message == NULL && model->overhead == 0.0)
    classes = 1;
  for (int32_t c = 0; c < classes; c++) {
    testudo_ageing_test own;
    task_class class = class_at(model, workers, c);
    if (classes <= AGED_CLASSES && !class_is_new(model, workers, c))
      continue;
    if (tested++ == AGED_CLASSES) {
      testudo_i_ageing_unknown(&laws->ageing, "more than 64 classes of workers");
      return TESTUDO_OK;
    }
    class.model.rates = &class.rate;
    class.model.workers = 1;
    TESTUDO_I_TRY(age_of_task(&class, blocks, &own, error));
    testudo_ageing both = c == 0 ? own.verdict : testudo_i_ageing_both(laws->ageing.verdict, own.verdict);
    if (c == 0 || both != laws->ageing.verdict)
      laws->ageing = own;
    laws->ageing.verdict = both;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_task_laws_find(const testudo_delay_model *model, int32_t workers, int32_t blocks,
                                        testudo_i_task_laws *laws, testudo_error *error)
{
  *laws = (testudo_i_task_laws){.throughput = NAN, .finite = workers, .tail = HUGE_VAL, .tail_sum = HUGE_VAL};
  if (model->replay != NULL || model->domain_factor != NULL) {
    testudo_i_ageing_unknown(&laws->ageing, model->replay != NULL ? "a replay has no law"
                                                                  : "factors of domains tie workers together");
    return TESTUDO_OK;
  }
  int32_t classes = class_count(model, workers);
  laws->renewal = model->slow.factor == 0.0;
  laws->throughput = laws->tail_sum = 0.0;
  laws->finite = 0;
  laws->alike = laws->renewal;
  for (int32_t c = 0; c < classes; c++) {
    task_class class = class_at(model, workers, c), first = class_at(model, workers, 0);
    double mean = mean_of_task(&class, model, blocks), tail = tail_of_task(&class, model);
    laws->throughput += mean < HUGE_VAL ? class.workers / mean : 0.0;
    laws->finite += mean < HUGE_VAL ? class.workers : 0;
    laws->tail = fmin(laws->tail, tail);
    laws->tail_sum += class.workers * tail;
    laws->alike = laws->alike && class.rate == first.rate && class.model.law == first.model.law;
  }
  if (!laws->renewal) {
    testudo_i_ageing_unknown(&laws->ageing, "slow states tie the tasks of a worker together");
    return TESTUDO_OK;
  }
  return age_all(model, workers, blocks, laws, error);
}
