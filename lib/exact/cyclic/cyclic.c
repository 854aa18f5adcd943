/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs in which every worker goes through its chunks in the same way, seen from its place on a ring: their law by
   the transfer matrix. */
#include <stdio.h>

#include "base/error.h"
#include "exact/cyclic/shift.h"
#include "exact/cyclic/transfer.h"
#include "exact/latency.h"
#include "runtime/design.h"

typedef struct cyclic_state {
  const testudo_i_cluster *cluster;
  testudo_i_transfer transfer;
  double *q;
} cyclic_state;

static testudo_status evaluate_cyclic(void *state, double t, int want, testudo_i_probability *probability,
                                      testudo_error *error)
{
  cyclic_state *cyclic = state;
  const testudo_i_cluster *cluster = cyclic->cluster;
  size_t stride = (size_t)cluster->max_load + 1;
  for (int32_t k = 0; k < cluster->classes; k++)
    testudo_i_cluster_progress(cluster, k, t, cyclic->q + (size_t)k * stride);
  bool no_tail = want & TESTUDO_I_WANT_NO_TAIL;
  double below, above;
  TESTUDO_I_TRY(testudo_i_transfer_evaluate(&cyclic->transfer, cyclic->q, &below, no_tail ? NULL : &above, error));
  *probability = testudo_i_exact(below, no_tail ? 1 - below : above);
  return TESTUDO_OK;
}

static testudo_status make_cyclic(const testudo_i_cluster *cluster, const testudo_i_shift *shift, int64_t max_states,
                                  bool *fits, testudo_i_method *method, testudo_error *error)
{
  testudo_i_arena *arena = &method->arena;
  int32_t failed = testudo_i_cluster_failed(cluster);
  int64_t states = testudo_i_shift_states(shift, cluster->max_load, cluster->rule.need_all);
  if (!((double)states * (double)states * (failed + 1.0) <= (double)max_states))
    return TESTUDO_OK;
  size_t width = (size_t)cluster->max_load + 1;
  cyclic_state *cyclic = method->state = testudo_i_arena_alloc(arena, 1, sizeof *cyclic);
  int32_t *class_at = testudo_i_arena_alloc(arena, (size_t)cluster->workers, sizeof *class_at); /* by ring position */
  double *q = testudo_i_arena_alloc(arena, (size_t)cluster->classes, width * sizeof *q);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *cyclic = (cyclic_state){.cluster = cluster, .q = q};
  for (int32_t j = 0; j < cluster->workers; j++)
    class_at[shift->position[j]] = cluster->class_of[j];
  TESTUDO_I_TRY(testudo_i_transfer_init(&cyclic->transfer, arena, cluster->workers, cluster->max_load,
                                        cluster->rule.need_all, shift->natural ? NULL : shift->offset, failed,
                                        cluster->classes, class_at, error));
  method->exact = true;
  method->evaluate = evaluate_cyclic;
  snprintf(method->name, sizeof method->name, "transfer matrix, %lld states", (long long)states);
  *fits = true;
  return TESTUDO_OK;
}

testudo_status testudo_i_cyclic(const testudo_i_cluster *cluster, int64_t max_states, bool *fits,
                                testudo_i_method *method, testudo_error *error)
{
  *fits = false;
  TESTUDO_I_HELD(testudo_i_shift_free) testudo_i_shift shift = {.span = 0};
  bool found;
  const testudo_design *design = cluster->design;
  TESTUDO_I_TRY(testudo_i_shift_find(design->workers, design->chunks, design->row, design->order, cluster->whole,
                                    &shift, &found, error));
  return found ? make_cyclic(cluster, &shift, max_states, fits, method, error) : TESTUDO_OK;
}
