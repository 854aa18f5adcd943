/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient codes with parts, over any assignment with s + l copies of every chunk: V is drawn, iid N(0,1), and for
   chunk i the C_i of B_i = [C_i | I_l] is what makes B_i V_j zero for the workers j that do not hold it
   (docs/theory/gradient-codes.md#parts-shorter-messages). */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "code/making/making.h"
#include "linalg/solve.h"
#include "runtime/scheme/gradient_code_parts.h"

/* V is drawn again, a few times, while a chunk's system is worse conditioned than a draw in about ten has one: what C_i
   has of rounding the decoder multiplies. Of n systems the worst has a condition of some n^2. */
#define LEAST_RECIPROCAL(n) (1e-3 / ((double)(n) * (n)))
#define RANK_TOLERANCE 1e-10
enum { DRAWS = 20 };

typedef struct chunk_solver {
  testudo_design *design;
  int32_t *holds;         /* of worker j: 1 + where it has the chunk in its order; 0: it has not */
  int32_t *pivot;
  double *columns, *right, *room;
  int32_t unknowns;       /* n - s - l, rows of V above the last l */
  int32_t stranger;       /* workers that do not hold the chunk */
} chunk_solver;

static testudo_i_parts_code *code_of(const testudo_design *design)
{
  return design->code;
}

static void draw_matrix(testudo_design *design, uint64_t seed, int32_t draw)
{
  size_t workers = (size_t)design->workers, rows = workers - (size_t)code_of(design)->stragglers;
  for (size_t e = 0; e < rows * workers; e++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_CODE, e / workers + (size_t)draw * rows, e % workers);
    code_of(design)->matrix[e] = testudo_i_random_normal(&random);
  }
}

/* Row p of C_i: sum over k of C_pk V_kj = - V_{n-s-l+p, j} for every worker j that does not hold the chunk. As many
   equations as unknowns where the chunk has s + l copies, fewer where it has more: then the least C. */
static testudo_status solve_row(chunk_solver *s, int32_t part, double *reciprocal, testudo_error *error)
{
  const testudo_design *design = s->design;
  const double *v = code_of(design)->matrix;
  size_t workers = (size_t)design->workers, equations = (size_t)s->stranger, equation = 0;
  for (size_t j = 0; j < workers; j++) {
    if (s->holds[j] != 0)
      continue;
    for (size_t k = 0; k < (size_t)s->unknowns; k++)
      s->columns[k * equations + equation] = v[k * workers + j];
    s->right[equation++] = -v[((size_t)s->unknowns + (size_t)part) * workers + j];
  }
  *reciprocal = 1.0;
  if (equations == 0) {
    memset(s->right, 0, (size_t)s->unknowns * sizeof *s->right);
    return TESTUDO_OK;
  }
  if (s->stranger == s->unknowns)
    return testudo_i_solve(s->unknowns, s->columns, s->right, s->pivot, reciprocal, s->room, error);
  return testudo_i_least_squares(s->stranger, s->unknowns, s->columns, s->right, RANK_TOLERANCE, s->pivot, s->room,
                                 error);
}

static void place_row(const chunk_solver *s, int32_t part)
{
  const testudo_design *design = s->design;
  const double *v = code_of(design)->matrix;
  size_t workers = (size_t)design->workers, parts = (size_t)design->parts;
  for (size_t j = 0; j < workers; j++) {
    if (s->holds[j] == 0)
      continue;
    double sum = v[((size_t)s->unknowns + (size_t)part) * workers + j];
    for (size_t k = 0; k < (size_t)s->unknowns; k++)
      sum += s->right[k] * v[k * workers + j];
    size_t entry = (size_t)design->row[j] + (size_t)s->holds[j] - 1;
    code_of(design)->coefficient[entry * parts + (size_t)part] = sum;
  }
}

/* *reciprocal: the worst condition met. */
static testudo_status solve_chunks(chunk_solver *s, const testudo_i_ingredients *with, double *reciprocal,
                                   testudo_error *error)
{
  const testudo_design *design = s->design;
  *reciprocal = 1.0;
  for (int32_t i = 0; i < design->chunks && *reciprocal >= LEAST_RECIPROCAL(design->workers); i++) {
    if (testudo_i_stopped(with->monitor, (double)i / design->chunks))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "finding the coefficients was interrupted");
    s->stranger = 0;
    for (int32_t j = 0; j < design->workers; j++) {
      s->holds[j] = 0;
      for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
        if (design->order[e] == i)
          s->holds[j] = (int32_t)(e - design->row[j]) + 1;
      s->stranger += s->holds[j] == 0;
    }
    for (int32_t part = 0; part < design->parts; part++) {
      double found = 0.0;
      testudo_status status = solve_row(s, part, &found, error);
      *reciprocal = fmin(*reciprocal, status == TESTUDO_UNDECODABLE ? 0.0 : found);
      if (status == TESTUDO_UNDECODABLE)
        break;
      TESTUDO_I_TRY(status);
      place_row(s, part);
    }
  }
  return TESTUDO_OK;
}

static testudo_status fill_code(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t workers = (size_t)design->workers, room = testudo_i_least_squares_room(design->workers, design->workers);
  chunk_solver s = {.design = design, .unknowns = design->workers - code_of(design)->stragglers - design->parts};
  s.holds = testudo_i_arena_alloc(&arena, workers, sizeof *s.holds);
  s.pivot = testudo_i_arena_alloc(&arena, workers, sizeof *s.pivot);
  s.columns = testudo_i_arena_alloc(&arena, workers * workers, sizeof *s.columns);
  s.right = testudo_i_arena_alloc(&arena, workers, sizeof *s.right);
  s.room = testudo_i_arena_alloc(&arena, room > 5 * workers ? room : 5 * workers, sizeof *s.room);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t draw = 0; draw < DRAWS; draw++) {
    double reciprocal;
    draw_matrix(design, with->seed, draw);
    TESTUDO_I_TRY(solve_chunks(&s, with, &reciprocal, error));
    if (reciprocal >= LEAST_RECIPROCAL(design->workers))
      return TESTUDO_OK;
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "gradient-code: of %d draws for %d stragglers and %d parts none is well conditioned; another "
                        "seed may be",
                        DRAWS, (int)code_of(design)->stragglers, (int)design->parts);
}

static testudo_status make_gradient_code_parts(testudo_design *design, const testudo_i_ingredients *with,
                                               testudo_error *error)
{
  int32_t copies = with->stragglers + design->parts;
  TESTUDO_I_TRY(testudo_i_parts_code_make(design, with->stragglers, error));
  /* More strangers than unknowns, and B_i would have to be zero on too many columns. */
  if (design->row[design->workers] < (int64_t)design->chunks * copies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "gradient-code: %d stragglers and %d parts need every chunk on %d workers",
                          (int)with->stragglers, (int)design->parts, (int)copies);
  return with->shape_only ? TESTUDO_OK : fill_code(design, with, error);
}

/* V stays with the workers, the coefficients go with their chunks. */
static testudo_status carry_gradient_code_parts(const testudo_design *design, testudo_design *made,
                                                const int64_t *from, testudo_error *error)
{
  size_t parts = (size_t)design->parts, entries = (size_t)made->row[made->workers];
  const testudo_i_parts_code *before = code_of(design);
  TESTUDO_I_TRY(testudo_i_parts_code_make(made, before->stragglers, error));
  memcpy(code_of(made)->matrix, before->matrix, (size_t)(before->coefficient - before->matrix) * sizeof(double));
  for (size_t e = 0; e < entries; e++)
    memcpy(code_of(made)->coefficient + e * parts, before->coefficient + (size_t)from[e] * parts,
           parts * sizeof(double));
  return TESTUDO_OK;
}

static double *gradient_code_parts_numbers(testudo_design *design, size_t *count)
{
  *count = testudo_i_parts_code_numbers(design);
  return code_of(design)->matrix;
}

static testudo_status gradient_code_parts_redraw(testudo_design *design, uint64_t seed, testudo_error *error)
{
  return fill_code(design, &(testudo_i_ingredients){.seed = seed}, error);
}

const testudo_i_making testudo_i_making_gradient_code_parts = {.id = TESTUDO_SCHEME_GRADIENT_CODE_PARTS,
                                                               .make = make_gradient_code_parts,
                                                               .carry = carry_gradient_code_parts,
                                                               .numbers = gradient_code_parts_numbers,
                                                               .redraw = gradient_code_parts_redraw};

testudo_status testudo_design_create_gradient_code_parts(const testudo_assignment *assignment, int32_t stragglers,
                                                         int32_t parts, uint64_t seed, const char *name,
                                                         testudo_design **design, testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = parts, .stragglers = stragglers, .seed = seed, .name = name};
  return testudo_i_make_design(testudo_i_making_gradient_code_parts.id, assignment, &with, design, error);
}
