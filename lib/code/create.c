/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include <testudo/block.h>
#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "code/gradient_code.h"
#include "runtime/design.h"

/* What a scheme needs beside the assignment. */
typedef struct wanted {
  testudo_scheme scheme;
  int32_t parts, stragglers, wait;
  bool mds;
  uint64_t seed;
  const char *name;
  const int32_t *tolerance; /* nested and block */
  int32_t tolerances;
  const int64_t *size;      /* block: as many, 0 or more each; a block of size 0 is left out with its tolerance */
  const testudo_monitor *monitor; /* nested and block; may be NULL */
  bool shape_only;          /* block: no coefficients are found, they stay 0 */
} wanted;

/* The blocks that hold something. */
static testudo_status fill_blocks(testudo_design *design, const wanted *want, testudo_error *error)
{
  size_t room = (size_t)want->tolerances;
  int32_t *tolerance = testudo_i_alloc(room, sizeof *tolerance), blocks = 0;
  int64_t *size = testudo_i_alloc(room, sizeof *size), dim = 0;
  testudo_status status = tolerance == NULL || size == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  for (int32_t b = 0; status == TESTUDO_OK && b < want->tolerances; b++) {
    if (want->size[b] == 0)
      continue;
    dim += want->size[b];
    tolerance[blocks] = want->tolerance[b];
    size[blocks++] = want->size[b];
  }
  if (status == TESTUDO_OK)
    status = testudo_i_family_make(&design->family, design->workers, blocks, tolerance, error);
  if (status == TESTUDO_OK)
    status = testudo_i_layout_make(&design->layout, dim, blocks, size, error);
  if (status == TESTUDO_OK)
    status = want->shape_only ? testudo_i_family_room(&design->family, error)
                              : testudo_i_nested_code(design, want->seed, want->monitor, error);
  free(tolerance);
  free(size);
  return status;
}

static testudo_status fill(testudo_design *design, const testudo_assignment *assignment, const wanted *want,
                           testudo_error *error)
{
  int64_t entries = assignment->row[assignment->workers];
  memcpy(design->row, assignment->row, ((size_t)assignment->workers + 1) * sizeof *design->row);
  if (entries > 0)
    memcpy(design->order, assignment->chunk, (size_t)entries * sizeof *design->order);
  design->wait = want->wait;
  design->stragglers = want->stragglers;
  design->name = testudo_i_copy_string(want->name == NULL ? "" : want->name);
  if (design->name == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  if (want->scheme == TESTUDO_SCHEME_PARTIAL)
    status = testudo_i_design_draw_matrix(design, want->seed, error);
  else if (want->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    status = testudo_i_gradient_code(design, want->mds, want->seed, error);
  else if (want->scheme == TESTUDO_SCHEME_NESTED) {
    status = testudo_i_family_make(&design->family, design->workers, want->tolerances, want->tolerance, error);
    if (status == TESTUDO_OK)
      status = testudo_i_nested_code(design, want->seed, want->monitor, error);
  }
  else if (want->scheme == TESTUDO_SCHEME_BLOCK)
    status = fill_blocks(design, want, error);
  return status == TESTUDO_OK ? testudo_i_design_finish(design, error) : status;
}

/* What finish would refuse too late, after memory was taken for it. */
static testudo_status check_arguments(const testudo_assignment *assignment, const wanted *want, testudo_error *error)
{
  if (assignment->row == NULL || assignment->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "assignment: empty, but a design needs at least one worker");
  if (want->parts < 1 || want->parts > TESTUDO_MAX_PARTS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "parts: %d, but 1..%d are allowed", (int)want->parts,
                          TESTUDO_MAX_PARTS);
  if ((int64_t)want->parts * assignment->workers > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "parts: %d for %d workers make an encoding matrix of %lld numbers, but it has at most %d",
                          (int)want->parts, (int)assignment->workers,
                          (long long)want->parts * (long long)assignment->workers, TESTUDO_MAX_ENTRIES);
  if (want->stragglers < 0 || want->stragglers >= assignment->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "stragglers: %d, but 0..%d are allowed",
                          (int)want->stragglers, (int)assignment->workers - 1);
  return TESTUDO_OK;
}

static testudo_status create(const testudo_assignment *assignment, const wanted *want, testudo_design **design,
                             testudo_error *error)
{
  *design = NULL;
  testudo_status status = check_arguments(assignment, want, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_design *made = testudo_i_design_new(want->scheme, assignment->chunks, assignment->workers, want->parts,
                                              assignment->row[assignment->workers]);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  status = fill(made, assignment, want, error);
  if (status != TESTUDO_OK) {
    testudo_design_free(made);
    /* The same rules as for a file, but here it is the caller's arguments that break them. */
    return status == TESTUDO_ERROR_INPUT ? TESTUDO_ERROR_ARGUMENT : status;
  }
  *design = made;
  return TESTUDO_OK;
}

testudo_status testudo_design_create(testudo_scheme scheme, const testudo_assignment *assignment, int32_t parts,
                                     uint64_t seed, const char *name, testudo_design **design, testudo_error *error)
{
  *design = NULL;
  if (scheme != TESTUDO_SCHEME_UNCODED && scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %d: only uncoded and partial are made by this call",
                          (int)scheme);
  wanted want = {.scheme = scheme, .parts = parts, .seed = seed, .name = name};
  return create(assignment, &want, design, error);
}

testudo_status testudo_design_create_waiting(const testudo_assignment *assignment, int32_t wait, const char *name,
                                             testudo_design **design, testudo_error *error)
{
  wanted want = {.scheme = TESTUDO_SCHEME_IGNORE_STRAGGLERS, .parts = 1, .wait = wait, .name = name};
  return create(assignment, &want, design, error);
}

testudo_status testudo_design_create_gradient_code(const testudo_assignment *assignment, int32_t stragglers,
                                                   uint64_t seed, const char *name, testudo_design **design,
                                                   testudo_error *error)
{
  wanted want = {.scheme = TESTUDO_SCHEME_GRADIENT_CODE, .parts = 1, .stragglers = stragglers, .seed = seed,
                 .name = name};
  return create(assignment, &want, design, error);
}

testudo_status testudo_i_create_nested(int32_t workers, const int32_t *tolerances, int32_t count, uint64_t seed,
                                       const char *name, const testudo_monitor *monitor, testudo_design **design,
                                       testudo_error *error)
{
  *design = NULL;
  int32_t most = -1;
  for (int32_t k = 0; k < count; k++)
    most = tolerances[k] > most ? tolerances[k] : most;
  if (workers < 1 || most < 0 || most >= workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "tolerances: the largest of %d is %d, but it must be in 0..workers - 1 = %d", (int)count,
                          (int)most, (int)workers - 1);
  testudo_assignment assignment = {0, 0, NULL, NULL};
  testudo_status status = testudo_assignment_cyclic(workers, most + 1, &assignment, error);
  wanted want = {.scheme = TESTUDO_SCHEME_NESTED, .parts = 1, .seed = seed, .name = name, .tolerance = tolerances,
                 .tolerances = count, .monitor = monitor};
  if (status == TESTUDO_OK)
    status = create(&assignment, &want, design, error);
  testudo_assignment_free(&assignment);
  return status;
}

testudo_status testudo_design_create_nested(int32_t workers, const int32_t *tolerances, int32_t count, uint64_t seed,
                                            const char *name, testudo_design **design, testudo_error *error)
{
  return testudo_i_create_nested(workers, tolerances, count, seed, name, NULL, design, error);
}

/* What fill_blocks relies on; the largest tolerance with something to code. */
static testudo_status check_blocks(int32_t workers, const wanted *want, int32_t *most, testudo_error *error)
{
  int64_t left = TESTUDO_MAX_DIM;
  *most = -1;
  for (int32_t b = 0; b < want->tolerances; b++) {
    if (want->tolerance[b] < 0 || want->tolerance[b] >= workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "tolerances[%d]: %d, but it must be in 0..%d (workers - 1)", (int)b,
                            (int)want->tolerance[b], (int)workers - 1);
    if (b > 0 && want->tolerance[b] <= want->tolerance[b - 1])
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "tolerances[%d]: %d, but it must be more than the one before it, %d", (int)b,
                            (int)want->tolerance[b], (int)want->tolerance[b - 1]);
    if (want->size[b] < 0 || want->size[b] > left)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "sizes[%d]: %lld, but sizes are at least 0 and at most %lld in all", (int)b,
                            (long long)want->size[b], (long long)TESTUDO_MAX_DIM);
    left -= want->size[b];
    if (want->size[b] > 0)
      *most = want->tolerance[b];
  }
  if (*most < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "sizes: 0 in all, but a gradient has at least 1 number");
  return TESTUDO_OK;
}

static testudo_status create_block(int32_t workers, const wanted *want, testudo_design **design, testudo_error *error)
{
  int32_t most;
  *design = NULL;
  testudo_status status = check_blocks(workers, want, &most, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_assignment assignment = {0, 0, NULL, NULL};
  status = testudo_assignment_cyclic(workers, most + 1, &assignment, error);
  if (status == TESTUDO_OK)
    status = create(&assignment, want, design, error);
  testudo_assignment_free(&assignment);
  return status;
}

testudo_status testudo_i_create_block(int32_t workers, const int32_t *tolerances, const int64_t *sizes, int32_t count,
                                      uint64_t seed, const char *name, const testudo_monitor *monitor,
                                      testudo_design **design, testudo_error *error)
{
  wanted want = {.scheme = TESTUDO_SCHEME_BLOCK, .parts = 1, .seed = seed, .name = name, .tolerance = tolerances,
                 .tolerances = count, .size = sizes, .monitor = monitor};
  return create_block(workers, &want, design, error);
}

testudo_status testudo_design_create_block(int32_t workers, const int32_t *tolerances, const int64_t *sizes,
                                           int32_t count, uint64_t seed, const char *name, testudo_design **design,
                                           testudo_error *error)
{
  return testudo_i_create_block(workers, tolerances, sizes, count, seed, name, NULL, design, error);
}

testudo_status testudo_i_block_shape(int32_t workers, const int32_t *tolerances, const int64_t *sizes, int32_t count,
                                     testudo_design **design, testudo_error *error)
{
  wanted want = {.scheme = TESTUDO_SCHEME_BLOCK, .parts = 1, .tolerance = tolerances, .tolerances = count,
                 .size = sizes, .shape_only = true};
  return create_block(workers, &want, design, error);
}

testudo_status testudo_design_create_cyclic_mds(const testudo_assignment *assignment, int32_t stragglers,
                                                const char *name, testudo_design **design, testudo_error *error)
{
  wanted want = {.scheme = TESTUDO_SCHEME_GRADIENT_CODE, .parts = 1, .stragglers = stragglers, .mds = true,
                 .name = name};
  return create(assignment, &want, design, error);
}
