/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subsets of each type's holders that fail. */
#include "exact/bounds/averaged.h"

#include <math.h>

#include "base/error.h"
#include "base/limits.h"

testudo_status testudo_i_averaged_init(testudo_i_averaged *averaged, testudo_i_arena *arena,
                                       const testudo_i_chunk_types *types, testudo_error *error)
{
  *averaged = (testudo_i_averaged){.fits = false};
  double subsets = 0;
  for (int32_t k = 0; k < types->types; k++)
    subsets += ldexp(1.0, (int)fmin(60, (double)(types->type_row[k + 1] - types->type_row[k])));
  if (types->failed == 0 || subsets > TESTUDO_I_LIMIT_HOLDER_SUBSETS)
    return TESTUDO_OK;
  size_t most = (size_t)testudo_design_max_replication(types->design);
  averaged->chance = testudo_i_arena_alloc(arena, most + 1, sizeof *averaged->chance);
  averaged->fits = true;
  return testudo_i_arena_check(arena, error);
}

/* P(of `holders` workers these `fail` fail, and the others do not). */
static double chance_of_set(const testudo_i_chunk_types *types, int32_t holders, int32_t fail)
{
  double chance = 1, left = types->workers, failed = types->failed, live = left - failed;
  for (int32_t h = 0; h < holders; h++) {
    chance *= (h < fail ? failed-- : live--) / left;
    left--;
  }
  return fmax(0, chance);
}

double testudo_i_averaged_below(const testudo_i_averaged *averaged, testudo_i_chunk_types *types, double finite)
{
  double sum = 0;
  for (int32_t k = 0; k < types->types && finite > 0; k++) {
    const int64_t *slot = types->type_slot + types->type_row[k];
    int32_t holders = (int32_t)(types->type_row[k + 1] - types->type_row[k]);
    double own = 0;
    for (int32_t fail = 0; fail <= holders; fail++)
      averaged->chance[fail] = chance_of_set(types, holders, fail);
    for (uint32_t set = 0; set < 1u << holders; set++) {
      int32_t fail = 0;
      for (int32_t h = 0; h < holders; h++)
        fail += (int32_t)(set >> h & 1);
      if (averaged->chance[fail] > 0 && holders - fail >= types->parts) /* with fewer it never is covered */
        own += averaged->chance[fail] * testudo_i_log_covered(types, slot, holders, set);
    }
    sum += own * (double)types->type_count[k];
  }
  return finite > 0 ? finite * exp(sum / finite) : 0;
}
