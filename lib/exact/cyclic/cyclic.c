/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which designs are cyclic in natural order, and their law by the transfer matrix. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/cyclic/transfer.h"
#include "exact/latency.h"

typedef struct cyclic_state {
  const testudo_i_cluster *cluster;
  testudo_i_transfer transfer;
  int32_t *class_at;  /* by ring position */
  double *q;
} cyclic_state;

static bool runs_on(const int32_t *order, int32_t load, int32_t chunks)
{
  for (int32_t k = 1; k < load; k++)
    if (order[k] != (order[k - 1] + 1) % chunks)
      return false;
  return true;
}

/* Worker j on the ring position of its first chunk: all loads equal, every order consecutive (mod N), every
   chunk first once. position[c] = the worker that starts at chunk c. */
static bool is_ring(const testudo_design *design, int32_t *position)
{
  int32_t workers = testudo_design_workers(design), load = testudo_design_load(design, 0);
  if (testudo_design_chunks(design) != workers || load < 1)
    return false;
  for (int32_t c = 0; c < workers; c++)
    position[c] = -1;
  for (int32_t j = 0; j < workers; j++) {
    const int32_t *order = testudo_design_order(design, j);
    if (testudo_design_load(design, j) != load || position[order[0]] >= 0 || !runs_on(order, load, workers))
      return false;
    position[order[0]] = j;
  }
  return true;
}

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

static testudo_status make(cyclic_state *cyclic, const testudo_i_cluster *cluster, testudo_error *error)
{
  cyclic->cluster = cluster;
  for (int32_t c = 0; c < cluster->workers; c++)
    cyclic->class_at[c] = cluster->class_of[cyclic->class_at[c]];
  cyclic->q = testudo_i_alloc((size_t)cluster->classes * ((size_t)cluster->max_load + 1), sizeof *cyclic->q);
  if (cyclic->q == NULL)
    return testudo_i_fail_memory(error);
  return testudo_i_transfer_init(&cyclic->transfer, cluster->workers, cluster->max_load,
                                 testudo_design_parts(cluster->design), testudo_i_cluster_failed(cluster),
                                 cluster->classes, cyclic->class_at, error);
}

testudo_status testudo_i_cyclic(const testudo_i_cluster *cluster, int64_t max_states, bool *fits,
                                testudo_i_method *method, testudo_error *error)
{
  *fits = false;
  int32_t parts = testudo_design_parts(cluster->design);
  int64_t states = testudo_i_transfer_states(cluster->max_load < 1 ? 1 : cluster->max_load, parts, 1 << 20);
  if ((double)states * (double)states * (testudo_i_cluster_failed(cluster) + 1.0) > (double)max_states)
    return TESTUDO_OK;
  cyclic_state *cyclic = testudo_i_calloc(1, sizeof *cyclic);
  int32_t *position = testudo_i_alloc((size_t)cluster->workers, sizeof *position);
  if (cyclic == NULL || position == NULL) {
    free(cyclic);
    free(position);
    return testudo_i_fail_memory(error);
  }
  cyclic->class_at = position;
  if (!is_ring(cluster->design, position)) {
    free_cyclic(cyclic);
    return TESTUDO_OK;
  }
  testudo_status status = make(cyclic, cluster, error);
  if (status != TESTUDO_OK) {
    free_cyclic(cyclic);
    return status;
  }
  *method = (testudo_i_method){.exact = true, .state = cyclic, .evaluate = evaluate_cyclic,
                               .free_state = free_cyclic};
  snprintf(method->name, sizeof method->name, "transfer matrix, %lld states", (long long)states);
  *fits = true;
  return TESTUDO_OK;
}
