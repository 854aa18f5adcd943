/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of makers, and a design made by one. */
#include "code/making/making.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* In the order of their ids. */
static const testudo_i_making *const makings[] = {
    &testudo_i_making_uncoded, &testudo_i_making_ignore_stragglers, &testudo_i_making_gradient_code,
    &testudo_i_making_nested,  &testudo_i_making_partial,           &testudo_i_making_block,
    &testudo_i_making_gradient_code_parts,
};

#define MAKINGS (sizeof makings / sizeof *makings)

const testudo_i_making *testudo_i_making_by_id(testudo_scheme id)
{
  return (size_t)id < MAKINGS ? makings[id] : NULL;
}

/* What finish would refuse too late, after memory was taken for it. */
static testudo_status check_ingredients(const testudo_assignment *assignment, const testudo_i_ingredients *with,
                                        testudo_error *error)
{
  if (assignment->row == NULL || assignment->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "assignment: empty, but a design needs at least one worker");
  if (with->parts < 1 || with->parts > TESTUDO_MAX_PARTS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "parts: %d, but 1..%d are allowed", (int)with->parts,
                          TESTUDO_MAX_PARTS);
  if ((int64_t)with->parts * assignment->workers > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "parts: %d for %d workers make an encoding matrix of %lld numbers, but it has at most %d",
                          (int)with->parts, (int)assignment->workers,
                          (long long)with->parts * (long long)assignment->workers, TESTUDO_MAX_ENTRIES);
  if (with->stragglers < 0 || with->stragglers >= assignment->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "stragglers: %d, but 0..%d are allowed",
                          (int)with->stragglers, (int)assignment->workers - 1);
  return TESTUDO_OK;
}

/* A design over a copy of the assignment, without name and code. */
static testudo_status start_design(const testudo_i_scheme *scheme, const testudo_assignment *assignment, int32_t parts,
                                   testudo_design **design, testudo_error *error)
{
  int64_t entries = assignment->row[assignment->workers];
  *design = testudo_i_design_new(scheme, assignment->chunks, assignment->workers, parts, entries);
  TESTUDO_I_TRY(testudo_i_memory_check(*design != NULL, error));
  memcpy((*design)->row, assignment->row, ((size_t)assignment->workers + 1) * sizeof *assignment->row);
  if (entries > 0)
    memcpy((*design)->order, assignment->chunk, (size_t)entries * sizeof *assignment->chunk);
  return TESTUDO_OK;
}

/* Name, rules, holders; or nothing is left of it. */
static testudo_status end_design(testudo_design **design, const char *name, testudo_status status,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made = *design;
  *design = NULL;
  TESTUDO_I_TRY(status);
  if (!testudo_i_name_is_printable(name))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the name has control characters, or is not UTF-8");
  made->name = testudo_i_copy_string(name);
  TESTUDO_I_TRY(testudo_i_memory_check(made->name != NULL, error));
  TESTUDO_I_TRY(testudo_i_design_finish(made, error));
  *design = made;
  made = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_i_make_design(testudo_scheme scheme, const testudo_assignment *assignment,
                                     const testudo_i_ingredients *with, testudo_design **design, testudo_error *error)
{
  const testudo_i_making *making = testudo_i_making_by_id(scheme);
  *design = NULL;
  if (making == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %d: no scheme has this number", (int)scheme);
  TESTUDO_I_TRY(check_ingredients(assignment, with, error));
  TESTUDO_I_TRY(start_design(testudo_i_scheme_by_id(scheme), assignment, with->parts, design, error));
  testudo_status status = end_design(design, with->name == NULL ? "" : with->name, making->make(*design, with, error),
                                     error);
  /* The same rules as for a file, but here it is the caller's arguments that break them. */
  return status == TESTUDO_ERROR_INPUT ? TESTUDO_ERROR_ARGUMENT : status;
}

testudo_status testudo_i_carry_design(const testudo_design *design, const testudo_assignment *orders,
                                      const int64_t *from, testudo_design **made, testudo_error *error)
{
  TESTUDO_I_TRY(start_design(design->scheme, orders, design->parts, made, error));
  const testudo_i_making *making = testudo_i_making_by_id(design->scheme->id);
  return end_design(made, design->name, making->carry(design, *made, from, error), error);
}
