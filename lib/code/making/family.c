/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested and block codes: Tandon's code for every tolerance on the prefixes of the cyclic order. */
#include "runtime/scheme/family.h"

#include "base/error.h"
#include "base/random.h"
#include "code/making/making.h"
#include "code/tandon.h"
#include "runtime/scheme/codes.h"

/* Share of the work, s^3 a tolerance, that lies before a level. */
static double share_before(const testudo_i_family *family, int32_t level)
{
  double before = 0.0, all = 0.0;
  for (int32_t k = 0; k < family->levels; k++) {
    double s = family->tolerance[k] + 1.0;
    all += s * s * s;
    before += k < level ? s * s * s : 0.0;
  }
  return before / all;
}

static testudo_status fill_family(testudo_i_family *family, testudo_design *design, const testudo_i_ingredients *with,
                                  testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_family_room(family, design, error));
  for (int32_t level = 0; !with->shape_only && level < family->levels; level++) {
    /* The draws of one tolerance must say nothing about those of another, nor about a classical code's. */
    testudo_i_random random;
    testudo_i_random_start(&random, with->seed, TESTUDO_I_FOR_CODE, (uint64_t)family->tolerance[level], 2);
    TESTUDO_I_TRY(testudo_i_tandon_rows(design->workers, family->tolerance[level], testudo_i_random_word(&random),
                                        testudo_i_family_row(family, level, 0), with->monitor,
                                        share_before(family, level), share_before(family, level + 1), error));
  }
  return TESTUDO_OK;
}

static testudo_status make_nested(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_family), error));
  testudo_i_family *family = design->code;
  TESTUDO_I_TRY(testudo_i_family_make(family, design, with->tolerances, with->tolerance, error));
  return fill_family(family, design, with, error);
}

const testudo_i_making testudo_i_making_nested = {.id = TESTUDO_SCHEME_NESTED, .make = make_nested};

/* The blocks that hold something. */
static testudo_status make_block(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  size_t room = (size_t)with->tolerances;
  int32_t *tolerance = testudo_i_arena_alloc(&design->arena, room, sizeof *tolerance), blocks = 0;
  int64_t *size = testudo_i_arena_alloc(&design->arena, room, sizeof *size), dim = 0;
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_block_code), error));
  for (int32_t b = 0; b < with->tolerances; b++) {
    if (with->size[b] == 0)
      continue;
    dim += with->size[b];
    tolerance[blocks] = with->tolerance[b];
    size[blocks++] = with->size[b];
  }
  testudo_i_family *family = &((testudo_i_block_code *)design->code)->family;
  TESTUDO_I_TRY(testudo_i_family_make(family, design, blocks, tolerance, error));
  TESTUDO_I_TRY(testudo_i_block_sizes_make(design, dim, blocks, size, error));
  return fill_family(family, design, with, error);
}

const testudo_i_making testudo_i_making_block = {.id = TESTUDO_SCHEME_BLOCK, .make = make_block};
