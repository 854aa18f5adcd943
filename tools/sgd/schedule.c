/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schedule of AdaSync that the bounds lead to, as a file for the runtime library. */
#include <math.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "common/session.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

enum { SCHEDULE_UPDATES = 16384 };

static void free_schedule(testudo_schedule **schedule)
{
  testudo_schedule_free(*schedule);
}

/* E[T(K)] for every K, by law where there is one, otherwise by events; what theory says of p0; and sigma^2. */
static testudo_status find_costs(cli_sgd *sgd, const testudo_sgd_method *method, testudo_wait_costs *costs,
                                 testudo_error *error)
{
  testudo_waiting_options options = sgd_waiting_options(sgd, method->rule, 1);
  double *time = testudo_i_arena_alloc(&sgd->arena, (size_t)options.workers, sizeof *time);
  double *fresh = testudo_i_arena_alloc(&sgd->arena, (size_t)options.workers, sizeof *fresh);
  double *variance = testudo_i_arena_alloc(&sgd->arena, (size_t)options.workers, sizeof *variance);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  *costs = (testudo_wait_costs){
      .workers = options.workers, .update_time = time, .fresh = fresh, .variance = variance};
  options.updates = SCHEDULE_UPDATES;
  options.monitor = session_progress_start("timing every K", sgd->arguments);
  for (; options.wait <= options.workers; options.wait++) {
    testudo_update_time found;
    TESTUDO_I_TRY(session_progress_end(testudo_update_time_find(&sgd->cluster.model, &options, &found, error)));
    time[options.wait - 1] = found.mean > 0.0 ? found.mean : HUGE_VAL;
    fresh[options.wait - 1] = fmax(0.0, found.fresh_lower);
    variance[options.wait - 1] = sgd_assumptions(sgd, method, options.wait, 0.0).variance;
  }
  return TESTUDO_OK;
}

static testudo_status plan_waits(cli_sgd *sgd, const testudo_sgd_method *method, bool by_time,
                                 testudo_wait_plan *plan, testudo_error *error)
{
  testudo_wait_costs costs;
  TESTUDO_I_TRY(find_costs(sgd, method, &costs, error));
  bool stale = testudo_i_rule_is_async(method->rule);
  if (stale && by_time && !cli_given(sgd->arguments, "gamma"))
    return cli_refuse(error, "--schedule-by time of rule %s needs --gamma", testudo_update_rule_name(method->rule));
  testudo_adasync adasync = {.rule = TESTUDO_ADASYNC_SEARCH, .optimum = sgd->result.data.optimum,
                             .interval = method->interval, .first = method->wait};
  if (sgd_unlike_reason(sgd) != NULL)
    session_say(sgd->arguments, "the schedule assumes workers with equal data and speed, which these are not");
  testudo_assumptions assumptions = sgd_assumptions(sgd, method, 1, 0.0);
  if (by_time)
    return testudo_adasync_by_time(&assumptions, stale ? TESTUDO_BOUND_ASYNC : TESTUDO_BOUND_SYNC, &costs, &adasync,
                                   sgd->times[sgd->time_count - 1], plan, error);
  return testudo_adasync_by_loss(&assumptions, &costs, &adasync, plan, error);
}

testudo_status sgd_write_schedule(cli_sgd *sgd, testudo_error *error)
{
  const testudo_sgd_method *method = NULL;
  bool by_time = cli_choice(sgd->arguments, "schedule-by", 0) == 1;
  if (!cli_given(sgd->arguments, "schedule-output"))
    return cli_given(sgd->arguments, "schedule-by")
               ? cli_refuse(error, "--schedule-by applies to --schedule-output only")
               : TESTUDO_OK;
  for (int32_t m = 0; m < sgd->methods && method == NULL; m++)
    if (sgd->method[m].kind == TESTUDO_SGD_ADASYNC)
      method = &sgd->method[m];
  if (method == NULL)
    return cli_refuse(error, "--schedule-output needs a method adasync, whose rule, step and interval count");
  if (!isfinite(sgd->result.data.optimum))
    return cli_refuse(error, "--schedule-output needs an optimum of the data, and none is known");
  testudo_wait_plan TESTUDO_I_HELD(testudo_wait_plan_clear) plan = {0};
  testudo_schedule *TESTUDO_I_HELD(free_schedule) schedule = NULL;
  TESTUDO_I_TRY(plan_waits(sgd, method, by_time, &plan, error));
  TESTUDO_I_TRY(testudo_schedule_create(by_time ? TESTUDO_SCHEDULE_BY_TIME : TESTUDO_SCHEDULE_BY_LOSS,
                                        (size_t)plan.count, plan.at, plan.wait, sgd->cluster.workers, &schedule,
                                        error));
  return testudo_schedule_write(schedule, cli_get(sgd->arguments, "schedule-output")->text, error);
}
