/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same design, its workers in other orders. */
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

/* What stays with the workers: R, the scheme's numbers, the name. */
static testudo_status copy_rest(const testudo_design *design, testudo_design *made, testudo_error *error)
{
  made->wait = design->wait;
  made->stragglers = design->stragglers;
  made->name = testudo_i_copy_string(design->name);
  if (made->name == NULL)
    return testudo_i_fail_memory(error);
  if (design->matrix != NULL) {
    size_t cells = (size_t)design->parts * (size_t)design->workers;
    made->matrix = testudo_i_alloc(cells, sizeof *made->matrix);
    if (made->matrix == NULL)
      return testudo_i_fail_memory(error);
    memcpy(made->matrix, design->matrix, cells * sizeof *made->matrix);
  }
  if (design->construction != NULL) {
    made->construction = testudo_i_copy_string(design->construction);
    if (made->construction == NULL)
      return testudo_i_fail_memory(error);
  }
  return TESTUDO_OK;
}

/* Which place a chunk has in a worker's old order; `place` has an entry a chunk, those of other workers stale. */
static testudo_status match_row(const testudo_design *design, const testudo_assignment *orders, int32_t worker,
                                int64_t *place, testudo_design *made, testudo_error *error)
{
  int64_t first = design->row[worker], last = design->row[worker + 1];
  if (orders->row[worker] != first || orders->row[worker + 1] != last)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d holds %lld chunks, but its new order has %lld",
                          (int)worker, (long long)(last - first),
                          (long long)(orders->row[worker + 1] - orders->row[worker]));
  for (int64_t k = first; k < last; k++)
    place[design->order[k]] = k;
  for (int64_t k = first; k < last; k++) {
    int32_t chunk = orders->chunk[k];
    if (chunk < 0 || chunk >= design->chunks || place[chunk] < first || place[chunk] >= last ||
        design->order[place[chunk]] != chunk)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d does not hold chunk %d of its new order",
                            (int)worker, (int)chunk);
    made->order[k] = chunk;
    if (made->coefficient != NULL)
      made->coefficient[k] = design->coefficient[place[chunk]];
  }
  return TESTUDO_OK;
}

static testudo_status match_rows(const testudo_design *design, const testudo_assignment *orders, testudo_design *made,
                                 testudo_error *error)
{
  int64_t *place = testudo_i_alloc((size_t)design->chunks, sizeof *place);
  if (place == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t i = 0; i < design->chunks; i++)
    place[i] = -1;
  testudo_status status = TESTUDO_OK;
  for (int32_t j = 0; status == TESTUDO_OK && j < design->workers; j++)
    status = match_row(design, orders, j, place, made, error);
  free(place);
  return status;
}

testudo_status testudo_design_reorder(const testudo_design *design, const testudo_assignment *orders,
                                      testudo_design **reordered, testudo_error *error)
{
  *reordered = NULL;
  if (design->family.levels > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has one order, the cyclic natural one",
                          testudo_scheme_name(design->scheme));
  if (orders->workers != design->workers || orders->chunks != design->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "orders of %d workers and %d chunks for a design of %d workers and %d chunks",
                          (int)orders->workers, (int)orders->chunks, (int)design->workers, (int)design->chunks);
  int64_t entries = design->row[design->workers];
  testudo_design *made =
      testudo_i_design_new(design->scheme, design->chunks, design->workers, design->parts, entries);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  memcpy(made->row, design->row, ((size_t)design->workers + 1) * sizeof *made->row);
  testudo_status status = copy_rest(design, made, error);
  if (status == TESTUDO_OK && design->coefficient != NULL) {
    made->coefficient = testudo_i_alloc((size_t)entries, sizeof *made->coefficient);
    status = made->coefficient == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  }
  if (status == TESTUDO_OK)
    status = match_rows(design, orders, made, error);
  if (status == TESTUDO_OK)
    status = testudo_i_design_finish(made, error);
  if (status != TESTUDO_OK) {
    testudo_design_free(made);
    return status;
  }
  *reordered = made;
  return TESTUDO_OK;
}
