/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest need that no proof excludes. */
#include "optimize/qmax/types.h"

#include "base/error.h"

/* Whole numbers of chunks. */
static testudo_status tighten(const testudo_i_types *types, testudo_i_qmax_limit *limit, testudo_error *error)
{
  while (limit->need > 0) {
    bool impossible;
    TESTUDO_I_TRY(testudo_i_types_lattice(types, limit->need, &impossible, error));
    if (!impossible)
      return TESTUDO_OK;
    limit->need--;
    limit->proof = "mix of types in whole numbers, by divisibility, exact";
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_types_limit(testudo_i_types *types, const testudo_monitor *monitor,
                                     testudo_i_qmax_limit *limit, testudo_error *error)
{
  *limit = (testudo_i_qmax_limit){.need = testudo_i_types_beyond(types) - 1, .proof = "mean over the chunks, exact"};
  testudo_status status = testudo_i_types_room(types, limit->need, NULL);
  if (status == TESTUDO_ERROR_LIMIT)
    return TESTUDO_OK; /* too large for more */
  TESTUDO_I_TRY(testudo_i_memory_check(status == TESTUDO_OK, error));
  int64_t low = 0;
  while (status == TESTUDO_OK && low < limit->need) {
    int64_t need = limit->need - (limit->need - low) / 2;
    testudo_i_type_mix answer;
    status = testudo_i_types_mix(types, need, monitor, &answer, error);
    if (status == TESTUDO_OK && answer == TESTUDO_I_MIX_IMPOSSIBLE) {
      limit->need = need - 1;
      limit->proof = "mix of types, linear programme, exact prices";
    } else
      low = need;
  }
  limit->stopped = status == TESTUDO_INTERRUPTED;
  if (status == TESTUDO_OK)
    status = tighten(types, limit, error);
  return limit->stopped ? TESTUDO_OK : status;
}
