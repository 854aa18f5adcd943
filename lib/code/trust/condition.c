/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/trust/condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/dense.h"
#include "runtime/design.h"

/* A decomposition takes some n^3 steps: of larger codes none, and no more of a code than these steps allow. */
enum { MOST_WORKERS = 200 };
#define MOST_STEPS 1e9

int64_t testudo_i_trust_conditions(const testudo_design *design, int64_t samples)
{
  double n = design->workers;
  if (design->scheme != TESTUDO_SCHEME_GRADIENT_CODE || design->groups.groups > 0 || design->chunks > MOST_WORKERS ||
      design->workers > MOST_WORKERS || design->stragglers == design->workers)
    return 0;
  return (int64_t)fmin((double)samples, ceil(MOST_STEPS / (n * n * n)));
}

testudo_status testudo_i_trust_condition(const testudo_i_trust_rig *rig, double *condition, testudo_error *error)
{
  const testudo_design *design = rig->design;
  int32_t n = design->chunks, rows = design->workers - design->stragglers;
  double *b = testudo_i_calloc((size_t)n * (size_t)rows, sizeof *b);
  double *room = testudo_i_alloc(testudo_i_condition_room(n, rows), sizeof *room);
  testudo_status status = b == NULL || room == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  for (int32_t r = 0; status == TESTUDO_OK && r < rows; r++) {
    int32_t j = rig->token[design->stragglers + r];
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      b[(size_t)r * (size_t)n + (size_t)design->order[e]] = design->coefficient[e];
  }
  if (status == TESTUDO_OK)
    status = testudo_i_condition(n, rows, b, condition, room, error);
  free(room);
  free(b);
  return status;
}
