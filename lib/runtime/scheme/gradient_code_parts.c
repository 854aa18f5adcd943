/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme gradient-code-parts (Ye and Abbe, ICML 2018; this construction:
   docs/theory/gradient-codes.md#parts-shorter-messages): the gradient is cut into l parts and a message has the length
   of one. Worker j sends the sum over its chunks i and parts p of (B_i V_j)_p g_i[p], B_i being zero on the columns of
   V of the workers that do not hold i and ending in I_l: from any n - s workers the server solves for z with z V_F =
   messages, whose last l coordinates are the parts of the gradient. */
#include "runtime/scheme/gradient_code_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "linalg/dense.h"
#include "linalg/solve.h"
#include "runtime/codec.h"
#include "runtime/progress.h"
#include "runtime/scheme/codes.h"

/* Columns of V dependent to within this count as such. */
#define RANK_TOLERANCE 1e-13

static const char *const parts_members[] = {"kind", "stragglers", "matrix", "coefficients", NULL};

static testudo_i_parts_code *parts_code(const testudo_design *design)
{
  return design->code;
}

/* Workers that are enough, the rows of V. */
static int32_t enough(const testudo_design *design)
{
  return design->workers - parts_code(design)->stragglers;
}

/* ---- the file ---- */

size_t testudo_i_parts_code_numbers(const testudo_design *design)
{
  return (size_t)enough(design) * (size_t)design->workers +
         (size_t)design->row[design->workers] * (size_t)design->parts;
}

testudo_status testudo_i_parts_code_make(testudo_design *design, int32_t stragglers, testudo_error *error)
{
  if (design->workers > TESTUDO_I_MOST_PARTS_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "workers: %d, but scheme gradient-code-parts has at most %d",
                          (int)design->workers, TESTUDO_I_MOST_PARTS_WORKERS);
  if (stragglers < 0 || stragglers + design->parts > design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "stragglers: %d and %d parts of %d workers, but both together are at most the workers",
                          (int)stragglers, (int)design->parts, (int)design->workers);
  if (design->row[design->workers] * design->parts > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "order: %lld chunks in all and %d parts make %lld coefficients, "
                          "but a design has at most %d", (long long)design->row[design->workers], (int)design->parts,
                          (long long)design->row[design->workers] * (long long)design->parts, TESTUDO_MAX_ENTRIES);
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_parts_code), error));
  testudo_i_parts_code *code = parts_code(design);
  code->stragglers = stragglers;
  code->matrix = testudo_i_arena_calloc(&design->arena, testudo_i_parts_code_numbers(design), sizeof *code->matrix);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, error));
  code->coefficient = code->matrix + (size_t)enough(design) * (size_t)design->workers;
  return TESTUDO_OK;
}

static testudo_status read_coefficients(const testudo_i_json_at *code, testudo_design *design)
{
  const testudo_i_json_value *items;
  double *to = parts_code(design)->coefficient;
  TESTUDO_I_TRY(testudo_i_json_want_kind(code, "coefficients", TESTUDO_I_JSON_ARRAY, &items));
  if (testudo_i_json_size(items) != (size_t)design->workers)
    return testudo_i_json_refuse(code, "coefficients: has %zu items, but workers is %d", testudo_i_json_size(items),
                                 (int)design->workers);
  for (int32_t j = 0; j < design->workers; j++) {
    char name[32];
    snprintf(name, sizeof name, "coefficients[%d]", (int)j);
    const testudo_i_rows_wanted rows = {name, testudo_design_load(design, j), "the worker's load", design->parts,
                                        "parts"};
    const testudo_i_json_value *own = testudo_i_json_item(items, (size_t)j);
    TESTUDO_I_TRY(testudo_i_check_rows(code, own, &rows, design));
    to = testudo_i_take_rows(own, to);
  }
  return TESTUDO_OK;
}

static testudo_status parts_read(const testudo_i_json_at *code, testudo_design *design)
{
  int64_t stragglers = 0;
  double *matrix;
  TESTUDO_I_TRY(testudo_i_json_want_integer(code, "stragglers", 0, design->workers - 1, &stragglers));
  TESTUDO_I_TRY(testudo_i_prefixed(testudo_i_parts_code_make(design, (int32_t)stragglers, code->error),
                                   testudo_i_json_name(code->document), code->error));
  const testudo_i_rows_wanted rows = {"matrix", enough(design), "workers - stragglers", design->workers, "workers"};
  TESTUDO_I_TRY(testudo_i_read_matrix(code, &rows, design, &matrix));
  memcpy(parts_code(design)->matrix, matrix, (size_t)enough(design) * (size_t)design->workers * sizeof *matrix);
  return read_coefficients(code, design);
}

static void parts_phrase(const testudo_design *design, char *text, size_t room)
{
  int32_t stragglers = parts_code(design)->stragglers;
  snprintf(text, room, "%d straggler%s, %d part%s", (int)stragglers, stragglers == 1 ? "" : "s", (int)design->parts,
           design->parts == 1 ? "" : "s");
}

static void parts_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  const testudo_i_parts_code *code = parts_code(design);
  size_t workers = (size_t)design->workers, parts = (size_t)design->parts;
  testudo_i_json_put_integer(writer, "stragglers", code->stragglers);
  testudo_i_json_put_rows(writer, "matrix", code->matrix, (size_t)enough(design), workers);
  testudo_i_json_open_array(writer, "coefficients");
  for (size_t j = 0; j < workers; j++)
    testudo_i_json_put_rows(writer, NULL, code->coefficient + (size_t)design->row[j] * parts,
                            (size_t)testudo_design_load(design, (int32_t)j), parts);
  testudo_i_json_close_array(writer);
}

/* ---- the rules of a file ---- */

static testudo_status parts_check(testudo_design *design, testudo_error *error)
{
  const testudo_i_parts_code *code = parts_code(design);
  size_t workers = (size_t)design->workers, parts = (size_t)design->parts;
  char wanted[60];
  snprintf(wanted, sizeof wanted, "%d stragglers and %d parts", (int)code->stragglers, (int)design->parts);
  TESTUDO_I_TRY(testudo_i_check_copies(design, code->stragglers + design->parts, wanted, error));
  for (size_t e = 0; e < (size_t)enough(design) * workers; e++)
    if (!isfinite(code->matrix[e]))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%zu][%zu]: not a finite number", e / workers,
                            e % workers);
  for (int32_t j = 0; j < design->workers; j++)
    for (size_t k = (size_t)design->row[j] * parts; k < (size_t)design->row[j + 1] * parts; k++)
      if (!isfinite(code->coefficient[k]))
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.coefficients[%d][%zu][%zu]: not a finite number",
                              (int)j, k / parts - (size_t)design->row[j], k % parts);
  return TESTUDO_OK;
}

/* ---- completion ---- */

static testudo_status parts_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                 testudo_error *error)
{
  (void)report; /* the one message of a worker needs all its chunks */
  (void)error;
  testudo_i_rule_of_finished(enough(design), rule);
  return TESTUDO_OK;
}

/* ---- decoding ---- */

typedef struct parts_solver {
  double *weight;        /* of part p and worker j at p workers + j; 0 for workers that have not finished */
  int32_t *finished;     /* those that have, ascending */
  int32_t count;
  uint64_t epoch;        /* of the codec, when the weights were found; 0: never */
  double residual_square; /* over all parts: sum over i, q of (coefficient of g_i[q] - (p == q))^2 */
  double residual_largest; /* of one part, not squared */
  double norm;           /* the largest of a part: ||weights|| with each weight times what the worker's message has */
  double *largest;       /* of worker j's coefficients: the rounding of its message is in proportion to it */
  double *columns, *right, *work;
  int32_t *pivot;
} parts_solver;

static testudo_status parts_open(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_i_arena *arena = &codec->arena;
  size_t workers = (size_t)design->workers, rows = (size_t)design->chunks * (size_t)design->parts;
  if (rows > TESTUDO_I_LIMIT_DENSE_ENTRIES / workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoding %d chunks of %d parts from %d workers is not supported: at most %zu numbers",
                          (int)design->chunks, (int)design->parts, (int)design->workers,
                          TESTUDO_I_LIMIT_DENSE_ENTRIES);
  rows = rows > workers ? rows : workers;
  parts_solver *solver = codec->state = testudo_i_arena_calloc(arena, 1, sizeof *solver);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  size_t room = testudo_i_least_squares_room((int32_t)rows, design->workers);
  size_t other = testudo_i_condition_room(enough(design), design->workers);
  solver->weight = testudo_i_arena_alloc(arena, (size_t)design->parts * workers, sizeof *solver->weight);
  solver->finished = testudo_i_arena_alloc(arena, workers, sizeof *solver->finished);
  solver->columns = testudo_i_arena_alloc(arena, rows * workers, sizeof *solver->columns);
  solver->right = testudo_i_arena_alloc(arena, rows, sizeof *solver->right);
  solver->work = testudo_i_arena_alloc(arena, room > other ? room : other, sizeof *solver->work);
  solver->pivot = testudo_i_arena_alloc(arena, workers, sizeof *solver->pivot);
  solver->largest = testudo_i_arena_calloc(arena, workers, sizeof *solver->largest);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t j = 0, parts = (size_t)design->parts; j < workers; j++)
    for (size_t e = (size_t)design->row[j] * parts; e < (size_t)design->row[j + 1] * parts; e++)
      solver->largest[j] = fmax(solver->largest[j], fabs(parts_code(design)->coefficient[e]));
  return TESTUDO_OK;
}

/* The columns of V of the finished workers. */
static void take_columns(const testudo_design *design, parts_solver *solver)
{
  size_t rows = (size_t)enough(design), workers = (size_t)design->workers;
  for (size_t c = 0; c < (size_t)solver->count; c++)
    for (size_t k = 0; k < rows; k++)
      solver->columns[c * rows + k] = parts_code(design)->matrix[k * workers + (size_t)solver->finished[c]];
}

/* What each of their messages has of every g_i[q]: row i parts + q. */
static void take_messages(const testudo_design *design, parts_solver *solver)
{
  size_t parts = (size_t)design->parts, rows = (size_t)design->chunks * parts;
  memset(solver->columns, 0, rows * (size_t)solver->count * sizeof *solver->columns);
  for (size_t c = 0; c < (size_t)solver->count; c++) {
    int32_t j = solver->finished[c];
    const double *own = parts_code(design)->coefficient + (size_t)design->row[j] * parts;
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++, own += parts)
      memcpy(solver->columns + c * rows + (size_t)design->order[e] * parts, own, parts * sizeof *own);
  }
}

/* The weights of one part: of enough workers those of least norm that read coordinate n - s - l + p off z, of fewer
   those that come nearest to the gradient's part. */
static testudo_status solve_part(const testudo_design *design, parts_solver *solver, int32_t part,
                                 testudo_error *error)
{
  bool decodes = solver->count >= enough(design);
  int32_t rows = decodes ? enough(design) : design->chunks * design->parts;
  double *weight = solver->weight + (size_t)part * (size_t)design->workers;
  memset(weight, 0, (size_t)design->workers * sizeof *weight);
  if (solver->count == 0)
    return TESTUDO_OK;
  memset(solver->right, 0, (size_t)(rows > solver->count ? rows : solver->count) * sizeof *solver->right);
  if (decodes) {
    take_columns(design, solver);
    solver->right[rows - design->parts + part] = 1.0;
  } else {
    take_messages(design, solver);
    for (int32_t i = 0; i < design->chunks; i++)
      solver->right[(size_t)i * (size_t)design->parts + (size_t)part] = 1.0;
  }
  TESTUDO_I_TRY(testudo_i_least_squares(rows, solver->count, solver->columns, solver->right, RANK_TOLERANCE,
                                        solver->pivot, solver->work, error));
  for (int32_t c = 0; c < solver->count; c++)
    weight[solver->finished[c]] = solver->right[c];
  return TESTUDO_OK;
}

/* Holds the weights against the code itself, not against V: coefficients of a file may be wrong. */
static void measure_part(const testudo_design *design, parts_solver *solver, int32_t part)
{
  size_t parts = (size_t)design->parts, rows = (size_t)design->chunks * parts;
  const double *weight = solver->weight + (size_t)part * (size_t)design->workers;
  double *found = solver->columns, square = 0.0, norm = 0.0;
  memset(found, 0, rows * sizeof *found);
  for (int32_t c = 0; c < solver->count; c++) {
    int32_t j = solver->finished[c];
    const double *own = parts_code(design)->coefficient + (size_t)design->row[j] * parts;
    norm += pow(weight[j] * fmax(1.0, solver->largest[j]), 2);
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      for (size_t q = 0; q < parts; q++)
        found[(size_t)design->order[e] * parts + q] += weight[j] * *own++;
  }
  for (size_t e = 0; e < rows; e++) {
    double apart = found[e] - (e % parts == (size_t)part ? 1.0 : 0.0);
    square += apart * apart;
  }
  solver->residual_square += square;
  solver->residual_largest = fmax(solver->residual_largest, sqrt(square));
  solver->norm = fmax(solver->norm, sqrt(norm));
}

static testudo_status find_weights(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  const testudo_design *design = codec->design;
  parts_solver *solver = codec->state;
  solver->epoch = 0;
  solver->count = 0;
  solver->residual_square = solver->residual_largest = solver->norm = 0.0;
  for (int32_t j = 0; j < design->workers; j++)
    if (testudo_i_progress_finished(progress, j))
      solver->finished[solver->count++] = j;
  for (int32_t part = 0; part < design->parts; part++) {
    TESTUDO_I_TRY(solve_part(design, solver, part, error));
    measure_part(design, solver, part);
  }
  for (int32_t j = 0; j < design->workers; j++)
    for (int32_t part = 0; testudo_design_load(design, j) == 0 && part < design->parts; part++)
      solver->weight[(size_t)part * (size_t)design->workers + (size_t)j] = 0.0;
  solver->epoch = codec->epoch;
  return TESTUDO_OK;
}

static testudo_status parts_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe, bool exact,
                                   testudo_error *error)
{
  (void)stripe;
  const parts_solver *solver = codec->state;
  if (solver->epoch != codec->epoch)
    TESTUDO_I_TRY(find_weights(codec, progress, error));
  codec->decode_error = solver->residual_square;
  return exact ? testudo_i_check_exact(solver->norm, solver->residual_largest, "do not give the gradient", error)
               : TESTUDO_OK;
}

static const double *parts_weights(const testudo_codec *codec, int32_t part)
{
  const parts_solver *solver = codec->state;
  return solver->weight + (size_t)part * (size_t)codec->design->workers;
}

static testudo_status parts_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                    testudo_error *error)
{
  (void)error;
  const testudo_design *design = codec->design;
  if (!testudo_i_progress_worked(progress, request->worker))
    return TESTUDO_OK;
  size_t parts = (size_t)design->parts, load = (size_t)testudo_design_load(design, request->worker);
  const double *own = parts_code(design)->coefficient + (size_t)design->row[request->worker] * parts;
  testudo_i_request_shape(request, design->parts, (int32_t)load);
  for (size_t k = 0; k < load; k++)
    for (size_t p = 0; p < parts; p++)
      request->coefficient[p * load + k] = own[k * parts + p];
  return TESTUDO_OK;
}

static testudo_status parts_amplification(testudo_codec *codec, const testudo_progress *progress,
                                          double *amplification, double *condition, testudo_error *error)
{
  (void)progress;
  const testudo_design *design = codec->design;
  parts_solver *solver = codec->state;
  *amplification = solver->norm;
  if (condition == NULL || solver->count < enough(design))
    return TESTUDO_OK;
  take_columns(design, solver);
  return testudo_i_condition(enough(design), solver->count, solver->columns, condition, solver->work, error);
}

static const testudo_i_codec_class parts_codec = {
    .open = parts_open,
    .settle = parts_settle,
    .reads = testudo_i_reads_finished,
    .weights = parts_weights,
    .request = parts_request,
    .amplification = parts_amplification,
    .finds_error = true,
    .fixed = true,
};

/* ---- the rest ---- */

int32_t testudo_i_parts_stragglers(const testudo_design *design)
{
  return parts_code(design)->stragglers;
}

static int32_t parts_row(const testudo_design *design, int32_t worker, double *row)
{
  for (int32_t k = 0; row != NULL && k < enough(design); k++)
    row[k] = parts_code(design)->matrix[(size_t)k * (size_t)design->workers + (size_t)worker];
  return enough(design);
}

const testudo_i_scheme testudo_i_scheme_gradient_code_parts = {
    .id = TESTUDO_SCHEME_GRADIENT_CODE_PARTS,
    .name = "gradient-code-parts",
    .kind = "gradient-code-parts",
    .members = parts_members,
    .most_parts = TESTUDO_MAX_PARTS,
    .report = TESTUDO_REPORT_WHOLE,
    .report_fixed = true,
    .exact_gradient = true,
    .step = "chunk",
    .waits_for = "all but `stragglers` workers to finish",
    .read = parts_read,
    .write = parts_write,
    .phrase = parts_phrase,
    .check = parts_check,
    .rule = parts_rule,
    .cover = testudo_i_cover_at_best, /* of fewer workers the decoder makes the best it can, a least squares */
    .sent = testudo_i_sent_by_finishers,
    .codec = &parts_codec,
    .row = parts_row,
};
