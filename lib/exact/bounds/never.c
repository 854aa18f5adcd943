/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which failures are fatal. */
#include "exact/bounds/never.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"
#include "exact/bounds/failed_sets.h"

static testudo_status never_by_elimination(const testudo_i_cluster *cluster, int64_t max_states,
                                           const testudo_monitor *monitor, testudo_i_never *never,
                                           testudo_error *error)
{
  testudo_i_method method = {0};
  testudo_i_probability end;
  bool fits = false;
  testudo_status status = testudo_i_eliminated(cluster, true, max_states, monitor, &fits, &method, error);
  if (status == TESTUDO_OK && fits)
    status = method.evaluate(method.state, HUGE_VAL, TESTUDO_I_WANT_BOTH, &end, error);
  testudo_i_arena_clear(&method.arena);
  TESTUDO_I_TRY(status);
  if (!fits)
    return TESTUDO_OK;
  never->known = true;
  never->finite = end.below_lower;
  never->never = end.above_lower;
  snprintf(never->how, sizeof never->how, "by elimination");
  return TESTUDO_OK;
}

testudo_status testudo_i_never_find(const testudo_i_cluster *cluster, int64_t max_states,
                                    const testudo_monitor *monitor, testudo_i_never *never, testudo_error *error)
{
  int32_t failed = testudo_i_cluster_failed(cluster);
  double sets = testudo_i_subsets(cluster->workers, failed);
  *never = (testudo_i_never){.known = false};
  if (failed == 0 && testudo_i_independent_failures(cluster->model) == 0) {
    never->known = true; /* everybody comes to the end, and designs with too few copies are refused */
    never->finite = 1;
    return TESTUDO_OK;
  }
  if (failed > 0 && sets <= TESTUDO_I_LIMIT_FAILED_SETS) {
    double fatal;
    TESTUDO_I_TRY(testudo_i_failed_sets_fatal(cluster, failed, monitor, &fatal, error));
    never->known = true;
    never->never = fatal / sets;
    never->finite = (sets - fatal) / sets;
    snprintf(never->how, sizeof never->how, "over all %.0f sets of failed workers", sets);
    return TESTUDO_OK;
  }
  return never_by_elimination(cluster, max_states, monitor, never, error);
}
