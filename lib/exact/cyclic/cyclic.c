/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs in which every worker goes through its chunks in the same way, seen from its place on a ring: their law by
   the transfer matrix. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/cyclic/shift.h"
#include "exact/cyclic/transfer.h"
#include "exact/groups/group_scan.h"
#include "exact/latency.h"

typedef struct cyclic_state {
  const testudo_i_cluster *cluster;
  testudo_i_transfer transfer;
  int32_t *class_at;  /* by ring position */
  double *q;
} cyclic_state;

static void free_cyclic(void *state)
{
  cyclic_state *cyclic = state;
  testudo_i_transfer_free(&cyclic->transfer);
  free(cyclic->class_at);
  free(cyclic->q);
  free(cyclic);
}

static testudo_status evaluate_cyclic(void *state, double t, int want, testudo_i_probability *probability,
                                      testudo_error *error)
{
  cyclic_state *cyclic = state;
  const testudo_i_cluster *cluster = cyclic->cluster;
  size_t stride = (size_t)cluster->max_load + 1;
  for (int32_t k = 0; k < cluster->classes; k++)
    testudo_i_cluster_progress(cluster, k, t, cyclic->q + (size_t)k * stride);
  double below = 0, above = 1;
  testudo_status status = testudo_i_transfer_evaluate(&cyclic->transfer, cyclic->q, &below,
                                                      want & TESTUDO_I_WANT_NO_TAIL ? NULL : &above, error);
  if (want & TESTUDO_I_WANT_NO_TAIL)
    above = 1 - below;
  probability->below_lower = probability->below_upper = below;
  probability->above_lower = probability->above_upper = above;
  return status;
}

static testudo_status make(cyclic_state *cyclic, const testudo_i_cluster *cluster, const testudo_i_shift *shift,
                           testudo_error *error)
{
  cyclic->cluster = cluster;
  cyclic->class_at = testudo_i_alloc((size_t)cluster->workers, sizeof *cyclic->class_at);
  cyclic->q = testudo_i_alloc((size_t)cluster->classes * ((size_t)cluster->max_load + 1), sizeof *cyclic->q);
  if (cyclic->q == NULL || cyclic->class_at == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t j = 0; j < cluster->workers; j++)
    cyclic->class_at[shift->position[j]] = cluster->class_of[j];
  return testudo_i_transfer_init(&cyclic->transfer, cluster->workers, cluster->max_load,
                                 testudo_design_parts(cluster->design), shift->natural ? NULL : shift->offset,
                                 testudo_i_cluster_failed(cluster), cluster->classes, cyclic->class_at, error);
}

static int64_t count_states(const testudo_i_shift *shift, int32_t load, int32_t parts)
{
  return shift->natural ? testudo_i_transfer_states(load, parts, 1 << 20) : testudo_i_group_states(shift->span, parts);
}

static testudo_status make_method(const testudo_i_cluster *cluster, const testudo_i_shift *shift, int64_t states,
                                  testudo_i_method *method, testudo_error *error)
{
  cyclic_state *cyclic = testudo_i_calloc(1, sizeof *cyclic);
  if (cyclic == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = make(cyclic, cluster, shift, error);
  if (status != TESTUDO_OK) {
    free_cyclic(cyclic);
    return status;
  }
  *method = (testudo_i_method){.exact = true, .state = cyclic, .evaluate = evaluate_cyclic,
                               .free_state = free_cyclic};
  snprintf(method->name, sizeof method->name, "transfer matrix, %lld states", (long long)states);
  return TESTUDO_OK;
}

testudo_status testudo_i_cyclic(const testudo_i_cluster *cluster, int64_t max_states, bool *fits,
                                testudo_i_method *method, testudo_error *error)
{
  *fits = false;
  testudo_i_shift shift;
  bool found;
  testudo_status status = testudo_i_shift_find(cluster->design, cluster->whole, &shift, &found, error);
  if (status != TESTUDO_OK || !found)
    return status;
  int64_t states = count_states(&shift, cluster->max_load, testudo_design_parts(cluster->design));
  if ((double)states * (double)states * (testudo_i_cluster_failed(cluster) + 1.0) <= (double)max_states) {
    status = make_method(cluster, &shift, states, method, error);
    *fits = status == TESTUDO_OK;
  }
  testudo_i_shift_free(&shift);
  return status;
}
