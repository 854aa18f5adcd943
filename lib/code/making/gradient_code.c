/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classical gradient codes over an assignment: all ones on fractional repetition, Tandon's coefficients or those of a
   cyclic MDS code on the cyclic one, whatever the orders. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "code/making/making.h"
#include "code/tandon.h"
#include "runtime/design.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"
#include "runtime/vector/circle.h"

static double *coefficients_of(testudo_design *design)
{
  return ((testudo_i_gradient_code *)design->code)->family.coefficient;
}

/* Groups of `least` to `most` workers. */
static testudo_status is_repetition(const testudo_design *design, int32_t least, int32_t most, bool *found,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_groups_free) testudo_i_groups groups = {0};
  TESTUDO_I_TRY(
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &groups, error));
  *found = groups.groups > 0;
  for (int32_t g = 0; *found && g < groups.groups; g++)
    *found = groups.size[g] >= least && groups.size[g] <= most;
  return TESTUDO_OK;
}

static testudo_status find_circle(const testudo_design *design, testudo_i_circle *circle, testudo_error *error)
{
  return testudo_i_circle_find(design->workers, design->chunks, design->row, design->order, circle, error);
}

/* row[p * stride + k] goes with the worker at place p and the chunk at place p + k. */
static void place_rows(testudo_design *design, const testudo_i_circle *circle, const double *row, size_t stride)
{
  double *coefficient = coefficients_of(design);
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      coefficient[e] = row[(size_t)circle->worker[j] * stride +
                           (size_t)testudo_i_circle_step(circle, j, design->order[e])];
}

static testudo_status fill_cyclic(testudo_design *design, const testudo_i_circle *circle, bool mds, uint64_t seed,
                                  const testudo_monitor *monitor, testudo_error *error)
{
  size_t n = (size_t)circle->size, width = (size_t)circle->load;
  TESTUDO_I_HELD(testudo_i_free_held) double *row = testudo_i_alloc(mds ? width : n * width, sizeof *row);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL, error));
  TESTUDO_I_TRY(mds ? testudo_i_cyclic_mds_row(circle->size, circle->load - 1, row, error)
                    : testudo_i_tandon_rows(circle->size, circle->load - 1, seed, row, monitor, 0.0, 1.0, error));
  place_rows(design, circle, row, mds ? 0 : width); /* an MDS code has one row for all workers */
  return TESTUDO_OK;
}

static testudo_status gradient_code_room(testudo_design *design, int32_t stragglers, const char *construction,
                                         testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_gradient_code_make(design, stragglers, construction, error));
  testudo_i_family *family = &((testudo_i_gradient_code *)design->code)->family;
  family->coefficient = testudo_i_arena_alloc(&design->arena, (size_t)design->row[design->workers],
                                              sizeof *family->coefficient);
  return testudo_i_arena_check(&design->arena, error);
}

/* The caller's numbers. Ones in groups decode by any worker of each group, which is sooner than by all but s. */
static testudo_status take_weights(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  size_t entries = (size_t)design->row[design->workers];
  bool ones = true, repetition = false;
  for (size_t e = 0; e < entries; e++)
    ones = ones && with->weight[e] == 1.0;
  if (ones)
    TESTUDO_I_TRY(is_repetition(design, with->stragglers + 1, design->workers, &repetition, error));
  TESTUDO_I_TRY(gradient_code_room(design, with->stragglers, repetition ? "frc" : "matrix", error));
  memcpy(coefficients_of(design), with->weight, entries * sizeof *with->weight);
  return TESTUDO_OK;
}

static testudo_status make_gradient_code(testudo_design *design, const testudo_i_ingredients *with,
                                         testudo_error *error)
{
  int32_t s = with->stragglers;
  bool mds = with->construction == TESTUDO_I_CYCLIC_MDS;
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  bool repetition;
  if (with->weight != NULL)
    return take_weights(design, with, error);
  TESTUDO_I_TRY(find_circle(design, &circle, error));
  TESTUDO_I_TRY(is_repetition(design, s + 1, s + 1, &repetition, error));
  bool cyclic = circle.load == s + 1;
  if (mds && !cyclic)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "cyclic-mds: for %d stragglers it needs the cyclic assignment of load %d", (int)s,
                          (int)s + 1);
  if (!repetition && !cyclic)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "gradient-code: for %d stragglers it needs the cyclic assignment of load %d or fractional "
                          "repetition in groups of %d",
                          (int)s, (int)s + 1, (int)s + 1);
  TESTUDO_I_TRY(gradient_code_room(design, s, mds ? "cyclic-mds" : repetition ? "frc" : "cyclic", error));
  if (mds || !repetition)
    return fill_cyclic(design, &circle, mds, with->seed, with->monitor, error);
  for (int64_t e = 0; e < design->row[design->workers]; e++)
    coefficients_of(design)[e] = 1.0;
  return TESTUDO_OK;
}

/* The numbers go with their workers and chunks. */
static testudo_status carry_gradient_code(const testudo_design *design, testudo_design *made, const int64_t *from,
                                          testudo_error *error)
{
  TESTUDO_I_TRY(gradient_code_room(made, testudo_design_stragglers(design), testudo_design_construction(design),
                                   error));
  const double *before = testudo_design_coefficients(design, 0);
  for (int64_t e = 0; e < made->row[made->workers]; e++)
    coefficients_of(made)[e] = before[from[e]];
  return TESTUDO_OK;
}

static double *gradient_code_numbers(testudo_design *design, size_t *count)
{
  *count = (size_t)design->row[design->workers];
  return testudo_i_construction_of(design) == TESTUDO_I_CYCLIC ? coefficients_of(design) : NULL;
}

static testudo_status gradient_code_redraw(testudo_design *design, uint64_t seed, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  TESTUDO_I_TRY(find_circle(design, &circle, error));
  if (circle.size == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "construction cyclic, but the assignment is not cyclic");
  return fill_cyclic(design, &circle, false, seed, NULL, error);
}

const testudo_i_making testudo_i_making_gradient_code = {.id = TESTUDO_SCHEME_GRADIENT_CODE,
                                                         .make = make_gradient_code,
                                                         .carry = carry_gradient_code,
                                                         .numbers = gradient_code_numbers,
                                                         .redraw = gradient_code_redraw};

/* ---- a level of a family, by itself ---- */

testudo_status testudo_i_make_level(const testudo_design *design, int32_t level, testudo_design **level_alone,
                                    testudo_error *error)
{
  const testudo_i_family *family = design->scheme->family(design);
  size_t width = (size_t)family->tolerance[level] + 1, entries = (size_t)design->workers * width;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made =
      testudo_i_design_new(&testudo_i_scheme_gradient_code, design->chunks, design->workers, 1, (int64_t)entries);
  *level_alone = NULL;
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  for (int32_t j = 0; j < design->workers; j++) {
    made->row[j + 1] = made->row[j] + (int64_t)width;
    memcpy(made->order + made->row[j], testudo_design_order(design, j), width * sizeof *made->order);
  }
  /* A construction of its own, so that coefficients other than ones are allowed where all workers hold the same. */
  TESTUDO_I_TRY(gradient_code_room(made, family->tolerance[level], "level", error));
  memcpy(coefficients_of(made), testudo_i_family_row(family, level, 0), entries * sizeof(double));
  TESTUDO_I_TRY(testudo_i_design_finish(made, error));
  *level_alone = made;
  made = NULL;
  return TESTUDO_OK;
}
