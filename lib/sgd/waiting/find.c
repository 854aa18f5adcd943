/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which road leads to the time per update of a rule. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "sgd/clock/events.h"
#include "sgd/waiting/measure.h"
#include "sgd/waiting/task_law.h"

#define ROUNDING 1e-14 /* relative, of a closed form */

typedef struct search_for_time {
  const testudo_delay_model *model;
  const testudo_waiting_options *options;
  testudo_i_task_laws laws;
  bool fails;               /* can a task fail? */
  testudo_update_time *found;
  testudo_error *error;
} search_for_time;

/* ---- what is asked ---- */

/* A cluster that is made and thrown away says what does not go together. */
static testudo_status check_cluster(const testudo_delay_model *model, const testudo_waiting_options *options,
                                    testudo_error *error)
{
  testudo_i_tasks *tasks;
  testudo_i_events *events = NULL;
  double unit = options->blocks > 0 && model->unit == TESTUDO_UNIT_SHARE ? 1.0 / options->blocks : 1.0;
  TESTUDO_I_TRY(testudo_i_tasks_create(model, options->workers, options->blocks, unit, 1.0, 0, &tasks, error));
  testudo_status status = testudo_i_events_create(tasks, options->rule, options->wait, options->blocks, &events, error);
  testudo_i_events_free(events);
  testudo_i_tasks_free(tasks);
  return status;
}

static testudo_status check_options(const testudo_waiting_options *options, testudo_error *error)
{
  if (options->updates < 0 || options->updates > INT64_C(1000000000000))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%lld updates, but 0..1000000000000 can be measured",
                          (long long)options->updates);
  if (options->burn_in < 0 || options->burn_in > INT64_C(1000000000000))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%lld updates to discard, but it is 0..1000000000000",
                          (long long)options->burn_in);
  if (!(options->rel_error >= 0.0 && options->rel_error < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a relative error of %g, but it is at least 0 and below 1",
                          options->rel_error);
  if (options->threads < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d threads, but it is 0 (all cores) or more",
                          (int)options->threads);
  return TESTUDO_OK;
}

/* ---- exact roads ---- */

static void found_exactly(search_for_time *s, double mean, double abs_error)
{
  s->found->source = mean < HUGE_VAL ? TESTUDO_WAITING_EXACT : TESTUDO_WAITING_INFINITE;
  s->found->mean = mean;
  s->found->abs_error = mean < HUGE_VAL ? abs_error : NAN;
}

static testudo_status find_kth(const search_for_time *s, int32_t wait, testudo_i_kth_task *kth)
{
  const testudo_waiting_options *options = s->options;
  return testudo_i_kth_task_find(s->model, options->workers, options->blocks, wait, options->monitor, kth, s->error);
}

/* The K-th of P new tasks. */
static testudo_status by_order_statistic(search_for_time *s, int32_t wait)
{
  testudo_i_kth_task kth;
  TESTUDO_I_TRY(find_kth(s, wait, &kth));
  if (!kth.known)
    return TESTUDO_OK;
  s->found->p_never = kth.p_never;
  found_exactly(s, kth.mean, kth.abs_error);
  snprintf(s->found->method, sizeof s->found->method, "%s: order statistic, %d of %d%s",
           kth.bracketed ? "between two laws" : "exact", (int)wait, (int)s->options->workers,
           kth.mean < HUGE_VAL ? "" : ", whose mean is infinite");
  return TESTUDO_OK;
}

/* K / (sum of 1 / E[A_j]). */
static void by_throughput(search_for_time *s, const char *why)
{
  double mean = s->laws.throughput > 0.0 ? s->options->wait / s->laws.throughput : HUGE_VAL;
  found_exactly(s, mean, ROUNDING * mean);
  snprintf(s->found->method, sizeof s->found->method, "exact: %s, K over the sum of the workers' 1 / E[A]%s", why,
           mean < HUGE_VAL ? "" : ": every E[A] is infinite");
}

static void never_settles(search_for_time *s, const char *why)
{
  s->found->source = TESTUDO_WAITING_INFINITE;
  s->found->mean = HUGE_VAL;
  snprintf(s->found->method, sizeof s->found->method, "infinite: %s", why);
}

/* The closed forms of docs/theory/waiting.md#time-per-update, in its order. */
static testudo_status find_exactly(search_for_time *s)
{
  const testudo_waiting_options *options = s->options;
  const testudo_i_task_laws *laws = &s->laws;
  bool memoryless = laws->renewal && laws->ageing.verdict == TESTUDO_AGEING_BOTH, known = !isnan(laws->throughput);
  int32_t workers = options->workers, wait = options->wait;
  switch (options->rule) {
  case TESTUDO_WAITING_K_SYNC:
    return by_order_statistic(s, wait);
  case TESTUDO_WAITING_K_BATCH_SYNC:
    if (wait == 1)
      return by_order_statistic(s, 1);
    if (laws->tail_sum <= 1.0)
      never_settles(s, "even the first of all tasks has an infinite mean");
    else if (memoryless && !s->fails)
      by_throughput(s, "Erlang, tasks without memory");
    else if (workers == 1 && known && !s->fails)
      by_throughput(s, "one worker");
    return TESTUDO_OK;
  case TESTUDO_WAITING_K_ASYNC:
    if (wait == workers || memoryless)
      return by_order_statistic(s, wait);
    if (wait == 1 && known)
      by_throughput(s, "renewal");
    else if (known && laws->finite < wait)
      never_settles(s, "fewer than K workers have tasks of finite mean");
    return TESTUDO_OK;
  case TESTUDO_WAITING_K_BATCH_ASYNC:
    if (known)
      by_throughput(s, "renewal");
    return TESTUDO_OK;
  case TESTUDO_WAITING_LGC:
    if (known && laws->finite < workers)
      never_settles(s, "somebody owes blocks of infinite mean");
    else if (wait == workers && s->model->message == NULL && s->model->signal == 0.0)
      return by_order_statistic(s, workers);
    return TESTUDO_OK;
  }
  return TESTUDO_OK;
}

/* ---- bounds ---- */

/* E of the K-th of P new tasks is at least the time of k-async where what is left of a started task is no longer. */
static testudo_status find_bound(search_for_time *s)
{
  testudo_i_kth_task kth;
  testudo_ageing verdict = s->laws.ageing.verdict;
  bool longer = verdict == TESTUDO_AGEING_NEW_LONGER || verdict == TESTUDO_AGEING_BOTH;
  if (s->options->rule != TESTUDO_WAITING_K_ASYNC || !longer)
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_kth(s, s->options->wait, &kth));
  if (!kth.known || !(kth.mean < HUGE_VAL))
    return TESTUDO_OK;
  s->found->upper_bound = kth.mean;
  if (s->found->source == TESTUDO_WAITING_UNKNOWN) {
    s->found->source = TESTUDO_WAITING_BOUND;
    snprintf(s->found->method, sizeof s->found->method,
             "bound: order statistic of new tasks, %d of %d, tasks being new-longer-than-used",
             (int)s->options->wait, (int)s->options->workers);
  }
  return TESTUDO_OK;
}

/* Workers without memory: of K of P that have just begun, or of those that have read since the last update. */
static double fresh_without_memory(const testudo_waiting_options *options)
{
  double p = options->workers, k = options->wait;
  if (options->rule == TESTUDO_WAITING_K_ASYNC)
    return k / p;
  return 1.0 + (p - 1.0) / k * expm1(k * log1p(-1.0 / p));
}

/* Of alike workers: those that began last, are they likely to push first? */
static void bound_fresh(search_for_time *s)
{
  testudo_update_time *found = s->found;
  const testudo_waiting_options *options = s->options;
  testudo_ageing verdict = s->laws.ageing.verdict;
  bool longer = verdict == TESTUDO_AGEING_NEW_LONGER || verdict == TESTUDO_AGEING_BOTH;
  bool shorter = verdict == TESTUDO_AGEING_NEW_SHORTER || verdict == TESTUDO_AGEING_BOTH;
  bool k_async = options->rule == TESTUDO_WAITING_K_ASYNC, batches = options->rule == TESTUDO_WAITING_K_BATCH_ASYNC;
  bool all = options->wait == options->workers;
  found->fresh_lower = 0.0;
  found->fresh_upper = 1.0;
  if (!k_async && !batches) {
    bool fresh = options->rule != TESTUDO_WAITING_LGC || all;
    found->staleness = fresh ? 0.0 : NAN;
    found->fresh_lower = fresh ? 1.0 : 0.0;
    return;
  }
  found->staleness = (options->workers - (k_async ? options->wait : 1)) / (double)options->wait;
  if (k_async && all)
    found->fresh_lower = 1.0;
  else if (s->laws.alike && (k_async || options->wait == 1 || verdict == TESTUDO_AGEING_BOTH)) {
    double fair = fresh_without_memory(options);
    found->fresh_upper = longer ? fair : 1.0;
    found->fresh_lower = shorter ? fair : 0.0;
  }
}

/* E T of full sync over E T of async with K = 1. */
static testudo_status find_speedup(search_for_time *s)
{
  testudo_i_kth_task kth;
  if (s->fails || !(s->laws.throughput > 0.0))
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_kth(s, s->options->workers, &kth));
  if (kth.known)
    s->found->speedup = kth.mean * s->laws.throughput;
  return TESTUDO_OK;
}

/* ---- simulation ---- */

static testudo_status simulate(search_for_time *s)
{
  testudo_update_time *found = s->found;
  const testudo_waiting_events *events = &found->events;
  bool unknown = found->source == TESTUDO_WAITING_UNKNOWN || found->source == TESTUDO_WAITING_BOUND;
  if (s->options->updates == 0 || !(unknown || s->options->always) || found->source == TESTUDO_WAITING_INFINITE)
    return TESTUDO_OK;
  testudo_error sentence = {""};
  testudo_status status = testudo_i_waiting_measure(s->model, s->options, &found->events, &sentence);
  if (status == TESTUDO_UNDECODABLE) {
    testudo_i_waiting_unmeasured(&found->events);
    if (unknown)
      never_settles(s, sentence.text);
    return TESTUDO_OK;
  }
  if (status != TESTUDO_OK)
    return sentence.text[0] != '\0' ? testudo_i_fail(s->error, status, "%s", sentence.text) : status;
  if (!unknown)
    return TESTUDO_OK;
  found->source = TESTUDO_WAITING_SIMULATED;
  found->mean = events->mean;
  found->stderr_mean = events->stderr_mean;
  snprintf(found->method, sizeof found->method,
           "simulated: %lld updates in %d chains, after %lld of each that are discarded; standard error by batch "
           "means%s",
           (long long)events->updates, TESTUDO_WAITING_CHAINS, (long long)events->burn_in,
           found->heavy ? ", which does not settle: tasks have an infinite variance" : "");
  return TESTUDO_OK;
}

testudo_status testudo_update_time_find(const testudo_delay_model *model, const testudo_waiting_options *options,
                                        testudo_update_time *found, testudo_error *error)
{
  search_for_time s = {.model = model, .options = options, .found = found, .error = error};
  *found = (testudo_update_time){.source = TESTUDO_WAITING_UNKNOWN, .mean = NAN, .abs_error = NAN, .stderr_mean = NAN,
                                 .p_never = NAN, .upper_bound = NAN, .speedup = NAN,
                                 .staleness = NAN};
  testudo_i_waiting_unmeasured(&found->events);
  snprintf(found->method, sizeof found->method, "unknown: no law, and no simulation was asked for");
  TESTUDO_I_TRY(check_options(options, error));
  TESTUDO_I_TRY(check_cluster(model, options, error));
  s.fails = testudo_i_tasks_may_fail(model);
  TESTUDO_I_TRY(testudo_i_task_laws_find(model, options->workers, options->blocks, &s.laws, error));
  found->ageing = s.laws.ageing;
  found->heavy = s.laws.tail <= 2.0;
  TESTUDO_I_TRY(find_exactly(&s));
  TESTUDO_I_TRY(find_bound(&s));
  bound_fresh(&s);
  TESTUDO_I_TRY(find_speedup(&s));
  return simulate(&s);
}
