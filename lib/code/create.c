/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status fill(testudo_design *design, const testudo_assignment *assignment, uint64_t seed,
                           const char *name, testudo_error *error)
{
  int64_t entries = assignment->row[assignment->workers];
  memcpy(design->row, assignment->row, ((size_t)assignment->workers + 1) * sizeof *design->row);
  if (entries > 0)
    memcpy(design->order, assignment->chunk, (size_t)entries * sizeof *design->order);
  design->name = testudo_i_copy_string(name == NULL ? "" : name);
  if (design->name == NULL)
    return testudo_i_fail_memory(error);
  if (design->scheme == TESTUDO_SCHEME_PARTIAL) {
    testudo_status status = testudo_i_design_draw_matrix(design, seed, error);
    if (status != TESTUDO_OK)
      return status;
  }
  return testudo_i_design_finish(design, error);
}

/* What finish would refuse too late, after memory was taken for it. */
static testudo_status check_arguments(testudo_scheme scheme, const testudo_assignment *assignment, int32_t parts,
                                      testudo_error *error)
{
  if (scheme != TESTUDO_SCHEME_UNCODED && scheme != TESTUDO_SCHEME_PARTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %d: not built in this version; uncoded and partial are", (int)scheme);
  if (assignment->row == NULL || assignment->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "assignment: empty, but a design needs at least one worker");
  if (parts < 1 || parts > TESTUDO_MAX_PARTS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "parts: %d, but 1..%d are allowed", (int)parts,
                          TESTUDO_MAX_PARTS);
  return TESTUDO_OK;
}

testudo_status testudo_design_create(testudo_scheme scheme, const testudo_assignment *assignment, int32_t parts,
                                     uint64_t seed, const char *name, testudo_design **design, testudo_error *error)
{
  *design = NULL;
  testudo_status status = check_arguments(scheme, assignment, parts, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_design *made = testudo_i_design_new(scheme, assignment->chunks, assignment->workers, parts,
                                              assignment->row[assignment->workers]);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  status = fill(made, assignment, seed, name, error);
  if (status != TESTUDO_OK) {
    testudo_design_free(made);
    /* The same rules as for a file, but here it is the caller's arguments that break them. */
    return status == TESTUDO_ERROR_INPUT ? TESTUDO_ERROR_ARGUMENT : status;
  }
  *design = made;
  return TESTUDO_OK;
}
