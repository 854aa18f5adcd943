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
  testudo_i_transfer marked; /* the same with a class more, of one worker whose progress is given */
  int32_t *marked_at, *position;
} cyclic_state;

static void set_progress(const cyclic_state *cyclic, double t)
{
  size_t stride = (size_t)cyclic->cluster->max_load + 1;
  for (int32_t k = 0; k < cyclic->cluster->classes; k++)
    testudo_i_cluster_progress(cyclic->cluster, k, t, cyclic->q + (size_t)k * stride);
}

static testudo_status evaluate_cyclic(void *state, double t, int want, testudo_i_probability *probability,
                                      testudo_error *error)
{
  cyclic_state *cyclic = state;
  set_progress(cyclic, t);
  bool no_tail = want & TESTUDO_I_WANT_NO_TAIL;
  double below, above;
  TESTUDO_I_TRY(testudo_i_transfer_evaluate(&cyclic->transfer, cyclic->q, &below, no_tail ? NULL : &above, error));
  *probability = testudo_i_exact(below, no_tail ? 1 - below : above);
  return TESTUDO_OK;
}

/* ---- one worker's progress given, for the expected work ---- */

static double marked_cyclic(void *state, int32_t worker, int32_t step, double t)
{
  cyclic_state *cyclic = state;
  const testudo_i_cluster *cluster = cyclic->cluster;
  double *own = cyclic->q + (size_t)cluster->classes * ((size_t)cluster->max_load + 1), below, above;
  int32_t position = cyclic->position[worker];
  int32_t counted = cluster->whole && step < cluster->max_load ? 0 : step; /* what it has sent */
  set_progress(cyclic, t);
  for (int32_t c = 0; c <= cluster->max_load; c++)
    own[c] = c == counted;
  cyclic->marked_at[position] = cluster->classes;
  cyclic->marked.spared = position + 1;
  testudo_status status = testudo_i_transfer_evaluate(&cyclic->marked, cyclic->q, &below, &above, NULL);
  cyclic->marked_at[position] = cluster->class_of[worker];
  return status == TESTUDO_OK ? above : NAN;
}

static double marked_cyclic_steps(const void *state)
{
  const testudo_i_transfer *marked = &((const cyclic_state *)state)->marked;
  return 2.0 * (double)testudo_i_transfer_block(marked) / marked->states * marked->row[marked->states] *
         marked->workers;
}

static int32_t cyclic_alike(const void *state, int32_t worker)
{
  const cyclic_state *cyclic = state;
  int32_t period = cyclic->transfer.period, wanted = cyclic->position[worker] % period, j = 0;
  while (cyclic->position[j] % period != wanted)
    j++;
  return j;
}

/* Made with the mark where it is, so that the ring has no shorter period and is walked. */
static testudo_status make_marked(cyclic_state *cyclic, const testudo_i_shift *shift, testudo_i_arena *arena,
                                  testudo_error *error)
{
  const testudo_i_cluster *cluster = cyclic->cluster;
  size_t workers = (size_t)cluster->workers;
  cyclic->position = testudo_i_arena_alloc(arena, workers, sizeof *cyclic->position);
  cyclic->marked_at = testudo_i_arena_alloc(arena, workers, sizeof *cyclic->marked_at);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t j = 0; j < cluster->workers; j++) {
    cyclic->position[j] = shift->position[j];
    cyclic->marked_at[shift->position[j]] = cluster->class_of[j];
  }
  int32_t kept = cyclic->marked_at[0];
  cyclic->marked_at[0] = cluster->classes;
  TESTUDO_I_TRY(testudo_i_transfer_init(&cyclic->marked, arena, cluster->workers, cluster->max_load,
                                        cluster->rule.need_all, shift->natural ? NULL : shift->offset,
                                        cyclic->transfer.failed, cluster->classes + 1, cyclic->marked_at, error));
  cyclic->marked_at[0] = kept;
  cyclic->marked.by_power = false;
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
  double *q = testudo_i_arena_alloc(arena, (size_t)cluster->classes + 1, width * sizeof *q);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *cyclic = (cyclic_state){.cluster = cluster, .q = q};
  for (int32_t j = 0; j < cluster->workers; j++)
    class_at[shift->position[j]] = cluster->class_of[j];
  TESTUDO_I_TRY(testudo_i_transfer_init(&cyclic->transfer, arena, cluster->workers, cluster->max_load,
                                        cluster->rule.need_all, shift->natural ? NULL : shift->offset, failed,
                                        cluster->classes, class_at, error));
  TESTUDO_I_TRY(make_marked(cyclic, shift, arena, error));
  method->exact = true;
  method->evaluate = evaluate_cyclic;
  method->marked = marked_cyclic;
  method->marked_steps = marked_cyclic_steps;
  method->alike = cyclic_alike;
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
