/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/block/layout.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status check_sizes(int64_t dim, int32_t blocks, const int64_t *size, testudo_error *error)
{
  if (dim < 1 || dim > TESTUDO_MAX_DIM)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.dim: %lld, but it must be in 1..%lld", (long long)dim,
                          (long long)TESTUDO_MAX_DIM);
  int64_t left = dim;
  for (int32_t b = 0; b < blocks; b++) {
    if (size[b] < 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.sizes[%d]: %lld, but a block has at least 1 coordinate", (int)b, (long long)size[b]);
    if (size[b] > left)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.sizes[%d]: %lld, but of dim %lld only %lld are left", (int)b, (long long)size[b],
                            (long long)dim, (long long)left);
    left -= size[b];
  }
  if (left > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.sizes: %lld in all, but dim is %lld",
                          (long long)(dim - left), (long long)dim);
  return TESTUDO_OK;
}

testudo_status testudo_i_layout_make(testudo_i_layout *layout, int64_t dim, int32_t blocks, const int64_t *size,
                                     testudo_error *error)
{
  testudo_status status = check_sizes(dim, blocks, size, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_i_layout_free(layout);
  layout->blocks = blocks;
  layout->dim = dim;
  layout->size = testudo_i_alloc((size_t)blocks, sizeof *layout->size);
  layout->edge = testudo_i_calloc((size_t)blocks + 1, sizeof *layout->edge);
  layout->work = testudo_i_calloc((size_t)blocks, sizeof *layout->work);
  if (layout->size == NULL || layout->edge == NULL || layout->work == NULL)
    return testudo_i_fail_memory(error);
  memcpy(layout->size, size, (size_t)blocks * sizeof *size);
  for (int32_t b = 0; b < blocks; b++)
    layout->edge[b + 1] = layout->edge[b] + size[b];
  return TESTUDO_OK;
}

/* The sum is whole and, with at most TESTUDO_MAX_ENTRIES entries, far below 2^63. */
void testudo_i_layout_weigh(testudo_i_layout *layout, const int32_t *tolerance)
{
  int64_t done = 0;
  for (int32_t b = 0; b < layout->blocks; b++) {
    done += (tolerance[b] + (int64_t)1) * layout->size[b];
    layout->work[b] = (double)done / (double)layout->dim;
  }
}

void testudo_i_layout_free(testudo_i_layout *layout)
{
  free(layout->size);
  free(layout->edge);
  free(layout->work);
  memset(layout, 0, sizeof *layout);
}

const int64_t *testudo_design_block_sizes(const testudo_design *design, int32_t *count, int64_t *dim)
{
  if (count != NULL)
    *count = design->layout.blocks;
  if (dim != NULL)
    *dim = design->layout.dim;
  return design->layout.size;
}

const double *testudo_design_block_work(const testudo_design *design)
{
  return design->layout.work;
}

/* floor(edge * dim / layout->dim) without overflow: edge <= layout->dim < 2^31. */
static size_t scaled_edge(const testudo_i_layout *layout, int32_t block, size_t dim)
{
  uint64_t edge = (uint64_t)layout->edge[block], whole = (uint64_t)layout->dim;
  return (size_t)(edge * ((uint64_t)dim / whole) + edge * ((uint64_t)dim % whole) / whole);
}

void testudo_block_range(const testudo_design *design, size_t dim, int32_t block, size_t *first, size_t *count)
{
  const testudo_i_layout *layout = &design->layout;
  *first = *count = 0;
  if (block < 0 || block >= layout->blocks)
    return;
  *first = scaled_edge(layout, block, dim);
  *count = scaled_edge(layout, block + 1, dim) - *first;
}
