/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --by: what is done by a time, and what an iteration costs that is given up then. */
#include <math.h>

#include "base/error.h"
#include "common/law.h"

const field by_fields[] = {
    {FIELD_LIST("t", by_result, t, count), .label = "t", .unit = "s", .meaning = "times"},
    {FIELD_LIST("p", by_result, p, count), .label = "P(T <= t)", .meaning = "P(T <= t); null where it is bounded"},
    {FIELD_LIST("p_lower", by_result, p_lower, count), .label = "P(T <= t) from", .meaning = "lower bound of it"},
    {FIELD_LIST("p_upper", by_result, p_upper, count), .label = "to", .meaning = "upper bound of it"},
    {FIELD_LIST("p_stderr", by_result, p_stderr, count), .label = "std error", .digits = 3,
     .meaning = "standard error of a simulated p; null where no trial, or every one, was done"},
    {FIELD_LIST("p_upper95", by_result, p_upper95, count), .label = "at most", .digits = 3,
     .meaning = "where no trial was done: upper limit of p with confidence 0.95"},
    {FIELD_LIST("survival", by_result, survival, count), .label = "P(T > t)",
     .meaning = "P(T > t), without cancellation; null where it is bounded"},
    {FIELD_LIST("survival_upper95", by_result, survival_upper95, count), .label = "at most", .digits = 3,
     .meaning = "where every trial was done: upper limit of P(T > t) with confidence 0.95"},
    {FIELD_LIST("survival_lower", by_result, survival_lower, count), .meaning = "lower bound of it"},
    {FIELD_LIST("survival_upper", by_result, survival_upper, count), .meaning = "upper bound of it"},
    {FIELD_LIST("capped_mean", by_result, capped, count), .label = "mean of min(T, t)", .unit = "s",
     .meaning = "E[min(T, t)], what an iteration costs that is given up at t; null where it is bounded"},
    {FIELD_LIST("capped_mean_lower", by_result, capped_lower, count), .label = "mean of min(T, t) from", .unit = "s",
     .meaning = "lower bound of it"},
    {FIELD_LIST("capped_mean_upper", by_result, capped_upper, count), .label = "to", .unit = "s",
     .meaning = "upper bound of it"},
    {FIELD_LIST("capped_mean_stderr", by_result, capped_stderr, count), .label = "std error", .digits = 3,
     .meaning = "standard error of a simulated capped mean"},
    {.key = NULL},
};

/* Room for `lists` lists of the times, one after another; NULL in *result where --by was not given. */
static testudo_status start_by(law_result *law, const cli_cluster *cluster, size_t lists, by_result **result,
                               double **room, testudo_error *error)
{
  *result = NULL;
  if (cluster->by_count == 0)
    return TESTUDO_OK;
  by_result *by = testudo_i_arena_calloc(&law->arena, 1, sizeof *by);
  *room = testudo_i_arena_calloc(&law->arena, lists * (size_t)cluster->by_count, sizeof **room);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  *by = (by_result){.count = cluster->by_count, .t = cluster->by};
  law->by = *result = by;
  return TESTUDO_OK;
}

testudo_status by_fill_analysis(law_result *law, const cli_cluster *cluster, testudo_latency *latency,
                                testudo_error *error)
{
  enum { LISTS = 6 };
  by_result *by;
  double *list[LISTS], unused;
  TESTUDO_I_TRY(start_by(law, cluster, LISTS, &by, &list[0], error));
  if (by == NULL)
    return TESTUDO_OK;
  for (int k = 1; k < LISTS; k++)
    list[k] = list[k - 1] + by->count;
  for (int64_t k = 0; k < by->count; k++) {
    TESTUDO_I_TRY(testudo_latency_cdf(latency, by->t[k], &list[0][k], &list[1][k], error));
    TESTUDO_I_TRY(testudo_latency_tail(latency, by->t[k], &list[2][k], &list[3][k], error));
    TESTUDO_I_TRY(testudo_latency_capped(latency, by->t[k], &list[4][k], &list[5][k], &unused, error));
  }
  size_t count = (size_t)by->count;
  by->p = law_fill_middle(law, latency, list[0], list[1], count);
  by->survival = law_fill_middle(law, latency, list[2], list[3], count);
  by->capped = law_fill_middle(law, latency, list[4], list[5], count);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  if (by->p == list[0] && by->survival == list[2] && by->capped == list[4])
    return TESTUDO_OK;
  by->p_lower = list[0];
  by->p_upper = list[1];
  by->survival_lower = list[2];
  by->survival_upper = list[3];
  by->capped_lower = list[4];
  by->capped_upper = list[5];
  return TESTUDO_OK;
}

testudo_status by_fill_simulation(law_result *law, const cli_cluster *cluster, const testudo_simulation *simulation,
                                  testudo_error *error)
{
  enum { LISTS = 7 };
  by_result *by;
  double *room;
  TESTUDO_I_TRY(start_by(law, cluster, LISTS, &by, &room, error));
  if (by == NULL)
    return TESTUDO_OK;
  by->p = room;
  by->p_stderr = by->p + by->count;
  by->survival = by->p_stderr + by->count;
  by->capped = by->survival + by->count;
  by->capped_stderr = by->capped + by->count;
  double *p_upper95 = by->capped_stderr + by->count, *survival_upper95 = p_upper95 + by->count;
  for (int64_t k = 0; k < by->count; k++) {
    by->p[k] = testudo_simulation_cdf(simulation, by->t[k]);
    by->survival[k] = 1.0 - by->p[k];
    double spread = by->p[k] * by->survival[k], unseen = testudo_unseen_limit(simulation->trials);
    by->p_stderr[k] = spread > 0.0 ? sqrt(spread / (double)simulation->trials) : NAN;
    p_upper95[k] = by->p[k] == 0.0 ? unseen : NAN;
    survival_upper95[k] = by->survival[k] == 0.0 ? unseen : NAN;
    by->p_upper95 = by->p[k] == 0.0 ? p_upper95 : by->p_upper95;
    by->survival_upper95 = by->survival[k] == 0.0 ? survival_upper95 : by->survival_upper95;
    by->capped[k] = testudo_simulation_mean_until(simulation, by->t[k], &by->capped_stderr[k]);
  }
  /* The iterations of a replay are no independent trials. */
  if (cluster->model.replay != NULL)
    by->p_stderr = by->capped_stderr = by->p_upper95 = by->survival_upper95 = NULL;
  return TESTUDO_OK;
}
