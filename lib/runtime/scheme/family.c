/* SPDX-License-Identifier: BSD-3-Clause */
/* Families of gradient codes: their tolerances, coefficients, file members and rules. */
#include "runtime/scheme/family.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "runtime/scheme/scheme.h"

static testudo_status check_tolerances(int32_t workers, int32_t levels, const int32_t *tolerance,
                                       testudo_error *error)
{
  if (levels < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.tolerances: empty, but at least one is needed");
  for (int32_t k = 0; k < levels; k++) {
    if (tolerance[k] < 0 || tolerance[k] >= workers)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.tolerances[%d]: %d, but it must be in 0..%d (workers - 1)", (int)k,
                            (int)tolerance[k], (int)workers - 1);
    if (k > 0 && tolerance[k] <= tolerance[k - 1])
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.tolerances[%d]: %d, but it must be more than the one before it, %d", (int)k,
                            (int)tolerance[k], (int)tolerance[k - 1]);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_family_make(testudo_i_family *family, testudo_design *design, int32_t levels,
                                     const int32_t *tolerance, testudo_error *error)
{
  TESTUDO_I_TRY(check_tolerances(design->workers, levels, tolerance, error));
  size_t count = (size_t)levels, steps = (size_t)tolerance[levels - 1] + 1;
  memset(family, 0, sizeof *family);
  family->levels = levels;
  family->tolerance = testudo_i_arena_alloc(&design->arena, count, sizeof *family->tolerance);
  family->start = testudo_i_arena_calloc(&design->arena, count + 1, sizeof *family->start);
  family->step_of_row = testudo_i_arena_alloc(&design->arena, count, sizeof *family->step_of_row);
  family->need = testudo_i_arena_alloc(&design->arena, count, sizeof *family->need);
  family->hit = testudo_i_arena_alloc(&design->arena, steps, sizeof *family->hit);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, error));
  memset(family->hit, -1, steps * sizeof *family->hit);
  for (int32_t k = 0; k < levels; k++) {
    family->tolerance[k] = tolerance[k];
    family->start[k + 1] = family->start[k] + (int64_t)design->workers * (tolerance[k] + 1);
    family->step_of_row[k] = tolerance[k] + 1;
    family->need[k] = design->workers - tolerance[k];
    family->hit[tolerance[k]] = k;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_family_room(testudo_i_family *family, testudo_design *design, testudo_error *error)
{
  family->coefficient = testudo_i_arena_calloc(&design->arena, (size_t)family->start[family->levels],
                                               sizeof *family->coefficient);
  return testudo_i_arena_check(&design->arena, error);
}

/* ---- the file ---- */

static testudo_status read_tolerances(const testudo_i_json_at *code, const testudo_i_json_value *items,
                                      testudo_i_family *family, testudo_design *design)
{
  size_t count = testudo_i_json_size(items);
  if (count > (size_t)design->workers)
    return testudo_i_json_refuse(code, "tolerances: has %zu items, but workers is %d", count, (int)design->workers);
  int32_t *tolerance = testudo_i_arena_alloc(&design->arena, count, sizeof *tolerance);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, code->error));
  for (size_t k = 0; k < count; k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_json_refuse(code, "tolerances[%zu]: is %s, but must be an integer", k,
                                   testudo_i_json_kind_name(item));
    int64_t value = testudo_i_json_integer(item);
    if (value < 0 || value >= design->workers)
      return testudo_i_json_refuse(code, "tolerances[%zu]: %lld, but it must be in 0..%d (workers - 1)", k,
                                   (long long)value, (int)design->workers - 1);
    tolerance[k] = (int32_t)value;
  }
  return testudo_i_prefixed(testudo_i_family_make(family, design, (int32_t)count, tolerance, code->error),
                            testudo_i_json_name(code->document), code->error);
}

testudo_status testudo_i_family_read(const testudo_i_json_at *code, testudo_i_family *family, testudo_design *design)
{
  const testudo_i_json_value *tolerances, *matrices;
  TESTUDO_I_TRY(testudo_i_json_want_kind(code, "tolerances", TESTUDO_I_JSON_ARRAY, &tolerances));
  TESTUDO_I_TRY(testudo_i_json_want_kind(code, "matrices", TESTUDO_I_JSON_ARRAY, &matrices));
  TESTUDO_I_TRY(read_tolerances(code, tolerances, family, design));
  if (testudo_i_json_size(matrices) != (size_t)family->levels)
    return testudo_i_json_refuse(code, "matrices: has %zu items, but tolerances has %d",
                                 testudo_i_json_size(matrices), (int)family->levels);
  /* All shapes, before memory is taken by what the tolerances claim. */
  for (int32_t level = 0; level < family->levels; level++) {
    char place[32];
    snprintf(place, sizeof place, "matrices[%d]", (int)level);
    const testudo_i_rows_wanted rows = {place, design->workers, "workers", family->tolerance[level] + 1,
                                        "tolerance + 1"};
    TESTUDO_I_TRY(testudo_i_check_rows(code, testudo_i_json_item(matrices, (size_t)level), &rows, design));
  }
  TESTUDO_I_TRY(testudo_i_family_room(family, design, code->error));
  double *to = family->coefficient;
  for (int32_t level = 0; level < family->levels; level++)
    to = testudo_i_take_rows(testudo_i_json_item(matrices, (size_t)level), to);
  return TESTUDO_OK;
}

void testudo_i_family_write_tolerances(testudo_i_json_writer *writer, const testudo_i_family *family)
{
  testudo_i_json_put_integers(writer, "tolerances", family->tolerance, (size_t)family->levels);
}

size_t testudo_i_family_phrase(const testudo_i_family *family, char *text, size_t room)
{
  enum { SHOWN = 12 };
  size_t length = 0;
  for (int32_t k = 0; k < family->levels && k < SHOWN && length < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s%d", k == 0 ? "tolerances " : ", ",
                               (int)family->tolerance[k]);
  if (family->levels > SHOWN && length < room)
    length += (size_t)snprintf(text + length, room - length, ", .. %d", (int)family->tolerance[family->levels - 1]);
  return length < room ? length : room - 1;
}

void testudo_i_family_write_matrices(testudo_i_json_writer *writer, const testudo_i_family *family, int32_t workers)
{
  testudo_i_json_open_array(writer, "matrices");
  for (int32_t level = 0; level < family->levels; level++) {
    testudo_i_json_open_array(writer, NULL);
    for (int32_t j = 0; j < workers; j++)
      testudo_i_json_put_reals(writer, NULL, testudo_i_family_row(family, level, j),
                               (size_t)testudo_i_family_width(family, level, j));
    testudo_i_json_close_array(writer);
  }
  testudo_i_json_close_array(writer);
}

/* ---- the rules of a file ---- */

static testudo_status check_order(const testudo_i_family *family, const testudo_design *design, testudo_error *error)
{
  int32_t n = design->workers, load = family->tolerance[family->levels - 1] + 1;
  for (int32_t j = 0; j < n; j++) {
    if (testudo_design_load(design, j) != load)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order[%d]: has %d chunks, but the largest tolerance %d needs %d", (int)j,
                            (int)testudo_design_load(design, j), (int)load - 1, (int)load);
    const int32_t *order = testudo_design_order(design, j);
    for (int32_t k = 0; k < load; k++)
      if (order[k] != (j + k) % n)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                              "order[%d][%d]: chunk %d, but the cyclic natural order of scheme %s has chunk %d here",
                              (int)j, (int)k, (int)order[k], design->scheme->name, (int)((j + k) % n));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_family_check(const testudo_i_family *family, const testudo_design *design,
                                      testudo_error *error)
{
  if (design->chunks != design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "chunks: %d, but scheme %s needs as many as workers, %d",
                          (int)design->chunks, design->scheme->name, (int)design->workers);
  TESTUDO_I_TRY(check_order(family, design, error));
  for (int32_t level = 0; level < family->levels; level++)
    for (int32_t j = 0; j < design->workers; j++) {
      const double *row = testudo_i_family_row(family, level, j);
      for (int32_t k = 0; k <= family->tolerance[level]; k++)
        if (!isfinite(row[k]))
          return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrices[%d][%d][%d]: not a finite number",
                                (int)level, (int)j, (int)k);
    }
  return TESTUDO_OK;
}

const testudo_i_family *testudo_i_family_of(const testudo_design *design)
{
  return design->code;
}

/* ---- for callers of the library ---- */

const int32_t *testudo_design_tolerances(const testudo_design *design, int32_t *count)
{
  bool has = design != NULL && design->scheme->family != NULL;
  const testudo_i_family *family = has ? design->scheme->family(design) : NULL;
  if (count == NULL)
    return NULL;
  *count = 0;
  if (family == NULL || family->row != NULL)
    return NULL;
  *count = family->levels;
  return family->tolerance;
}

const double *testudo_design_nested_coefficients(const testudo_design *design, int32_t level, int32_t worker)
{
  int32_t levels;
  testudo_design_tolerances(design, &levels);
  bool there = level >= 0 && level < levels && worker >= 0 && worker < design->workers;
  return there ? testudo_i_family_row(design->scheme->family(design), level, worker) : NULL;
}
