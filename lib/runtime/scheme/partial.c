/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme partial (Ramamoorthy, Meng, Girimaji, NeurIPS 2024): every finished chunk counts; a chunk is recovered from
   any `parts` of its holders that have done it, by the pseudo-inverse of their columns of R
   (docs/theory/partial.md#decoding). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "linalg/dense.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/partial.h"
#include "runtime/scheme/scheme.h"

/* Beyond these a product of two numbers, or the inverse of one, is no longer a double. */
#define LEAST_MAGNITUDE 1e-150
#define MOST_MAGNITUDE 1e150

/* Of the columns of R the reader tests what is cheap: pairs up to so many products, and sets of l where there are no
   more than that. */
#define MOST_PRODUCTS 4000000
#define MOST_SETS 1000

static const char *const partial_members[] = {"kind", "matrix", NULL};

static testudo_i_partial_code *partial_code(const testudo_design *design)
{
  return design->code;
}

/* ---- the file ---- */

static testudo_status partial_read(const testudo_i_json_at *code, testudo_design *design)
{
  const testudo_i_rows_wanted rows = {"matrix", design->parts, "parts", design->workers, "workers"};
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_partial_code), code->error));
  return testudo_i_read_matrix(code, &rows, design, &partial_code(design)->matrix);
}

static void partial_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_put_rows(writer, "matrix", partial_code(design)->matrix, (size_t)design->parts,
                          (size_t)design->workers);
}

static testudo_status check_magnitudes(const testudo_design *design, testudo_error *error)
{
  size_t workers = (size_t)design->workers, count = (size_t)design->parts * workers;
  for (size_t e = 0; e < count; e++) {
    double number = partial_code(design)->matrix[e], size = fabs(number);
    if (!isfinite(size))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%zu][%zu]: not a finite number", e / workers,
                            e % workers);
    if (size != 0.0 && (size < LEAST_MAGNITUDE || size > MOST_MAGNITUDE))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.matrix[%zu][%zu]: %.6g, but its magnitude must be in %g..%g%s", e / workers,
                            e % workers, number, LEAST_MAGNITUDE, MOST_MAGNITUDE, design->parts > 1 ? ", or 0" : "");
  }
  return TESTUDO_OK;
}

/* Of one row every number is nonzero, of more no column is all zero. */
static testudo_status check_columns(const testudo_design *design, testudo_error *error)
{
  size_t workers = (size_t)design->workers;
  for (size_t j = 0; j < workers; j++) {
    int32_t row = 0;
    while (row < design->parts && partial_code(design)->matrix[(size_t)row * workers + j] == 0.0)
      row++;
    if (row == design->parts && design->parts == 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[0][%zu]: 0, but with 1 part no number may be 0",
                            j);
    if (row == design->parts)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.matrix: column %zu is zero, but any %d columns must be independent", j,
                            (int)design->parts);
  }
  return TESTUDO_OK;
}

void testudo_i_partial_unit_column(const testudo_design *design, int32_t worker, double *column)
{
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  double largest = 0.0, square = 0.0;
  for (size_t k = 0; k < parts; k++) {
    column[k] = partial_code(design)->matrix[k * workers + (size_t)worker];
    largest = fmax(largest, fabs(column[k]));
  }
  for (size_t k = 0; k < parts; k++) {
    column[k] /= largest;
    square += column[k] * column[k];
  }
  for (size_t k = 0; k < parts; k++)
    column[k] /= sqrt(square);
}

/* The distance of two unit columns, or of one and the other's opposite: nearly the sine of their angle. */
static double columns_apart(const double *a, const double *b, int32_t parts)
{
  double minus = 0.0, plus = 0.0;
  for (int32_t k = 0; k < parts; k++) {
    minus += (a[k] - b[k]) * (a[k] - b[k]);
    plus += (a[k] + b[k]) * (a[k] + b[k]);
  }
  return sqrt(fmin(minus, plus));
}

/* No two holders of a chunk with parallel columns: the two and others up to l would not decode it. */
static testudo_status check_pairs(const testudo_design *design, const double *unit, testudo_error *error)
{
  size_t parts = (size_t)design->parts;
  int64_t products = 0;
  for (int32_t i = 0; i < design->chunks && products < MOST_PRODUCTS; i++) {
    const int32_t *holder = design->holder + design->chunk_row[i];
    int32_t holders = testudo_design_replication(design, i);
    for (int32_t b = 1; b < holders; b++)
      for (int32_t a = 0; a < b; a++) {
        double apart = columns_apart(unit + (size_t)holder[a] * parts, unit + (size_t)holder[b] * parts, design->parts);
        if (2.0 / apart > TESTUDO_MAX_AMPLIFICATION)
          return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                "code.matrix: columns %d and %d are parallel to within %.2g, so that workers %d and %d"
                                " do not decode chunk %d, which both hold",
                                (int)holder[a], (int)holder[b], apart, (int)holder[a], (int)holder[b], (int)i);
      }
    products += (int64_t)holders * holders / 2 * design->parts;
  }
  return TESTUDO_OK;
}

/* "0, 3, 7". */
static void list_holders(const int32_t *holder, const int32_t *member, int32_t count, char *text, size_t room)
{
  size_t length = 0;
  for (int32_t k = 0; k < count && length + 16 < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s%d", k == 0 ? "" : ", ", (int)holder[member[k]]);
}

/* Every set of l holders of a chunk. member: room for l; columns: for l x l; work: for testudo_i_condition. */
static testudo_status check_sets_of(const testudo_design *design, int32_t chunk, const double *unit, int32_t *member,
                                    double *columns, double *work, testudo_error *error)
{
  const int32_t *holder = design->holder + design->chunk_row[chunk];
  int32_t parts = design->parts, holders = testudo_design_replication(design, chunk);
  size_t size = (size_t)parts * sizeof *columns;
  for (int32_t k = 0; k < parts; k++)
    member[k] = k;
  do {
    double condition;
    for (int32_t k = 0; k < parts; k++)
      memcpy(columns + (size_t)k * (size_t)parts, unit + (size_t)holder[member[k]] * (size_t)parts, size);
    TESTUDO_I_TRY(testudo_i_condition(parts, parts, columns, &condition, work, error));
    if (condition > TESTUDO_MAX_AMPLIFICATION) {
      char text[200];
      list_holders(holder, member, parts, text, sizeof text);
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.matrix: the columns of workers %s are not independent (condition number %.2g), so"
                            " that these %d do not decode chunk %d, which they hold", text, condition, (int)parts,
                            (int)chunk);
    }
  } while (testudo_i_next_subset(member, parts, holders));
  return TESTUDO_OK;
}

double testudo_i_partial_sets(const testudo_design *design)
{
  double sets = 0.0;
  for (int32_t i = 0; i < design->chunks; i++)
    sets += testudo_i_subsets(testudo_design_replication(design, i), design->parts);
  return sets;
}

/* Every l columns of a chunk's holders must be independent. */
static testudo_status check_independence(const testudo_design *design, testudo_error *error)
{
  size_t parts = (size_t)design->parts;
  if (parts == 1)
    return TESTUDO_OK;
  size_t units = parts * (size_t)design->workers, room = testudo_i_condition_room(design->parts, design->parts);
  TESTUDO_I_HELD(testudo_i_free_held) double *unit = testudo_i_alloc(units + parts * parts + room, sizeof *unit);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *member = testudo_i_alloc(parts, sizeof *member);
  TESTUDO_I_TRY(testudo_i_memory_check(unit != NULL && member != NULL, error));
  for (int32_t j = 0; j < design->workers; j++)
    testudo_i_partial_unit_column(design, j, unit + (size_t)j * parts);
  TESTUDO_I_TRY(check_pairs(design, unit, error));
  bool all = parts > 2 && testudo_i_partial_sets(design) <= MOST_SETS;
  for (int32_t i = 0; i < design->chunks && all; i++)
    TESTUDO_I_TRY(check_sets_of(design, i, unit, member, unit + units, unit + units + parts * parts, error));
  return TESTUDO_OK;
}

static testudo_status partial_check(testudo_design *design, testudo_error *error)
{
  char wanted[40];
  snprintf(wanted, sizeof wanted, "%d parts", (int)design->parts);
  TESTUDO_I_TRY(testudo_i_check_copies(design, design->parts, wanted, error));
  TESTUDO_I_TRY(check_magnitudes(design, error));
  TESTUDO_I_TRY(check_columns(design, error));
  return check_independence(design, error);
}

/* ---- completion ---- */

static testudo_status partial_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                   testudo_error *error)
{
  (void)error;
  testudo_i_rule_of_chunks(design, report, design->parts, rule);
  return TESTUDO_OK;
}

/* With report whole a worker's one message is the sum of its chunks, so that decoding is a least squares - unless the
   workers stand in groups that hold the same chunks: then a chunk is right as soon as one finished worker holds it. */
static testudo_status partial_cover(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                    bool *known, testudo_error *error)
{
  testudo_i_rule_of_chunks(design, report, design->parts, rule);
  *known = report == TESTUDO_REPORT_CHUNK;
  if (*known || design->parts > 1)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_groups_free) testudo_i_groups groups = {0};
  TESTUDO_I_TRY(testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &groups, error));
  *known = groups.groups > 0;
  return TESTUDO_OK;
}

/* ---- decoding: each chunk's solution Z, kept from one progress to the next ---- */

enum { NOT_DONE, DONE, NEVER };

typedef struct partial_solver {
  int32_t *slot;         /* entry row[j] + k: how many holders of chunk order[j][k] come before worker j */
  double *solution;      /* holder entry e: its `parts` numbers at e * parts; zero for holders that have not done it */
  unsigned char *solved; /* holder entry e: had it done the chunk when the solution was found? NEVER: not found yet */
  double *condition;     /* of R_{U_i}; 0 when |U_i| < parts */
  double *residual;      /* the largest number of R_{U_i} Z - I; 0 when |U_i| < parts */
  uint64_t *checked;     /* chunk i: the epoch in which solved was last compared with the progress */
  double *columns, *inverse, *work;
} partial_solver;

static void fill_slots(const testudo_design *design, partial_solver *solver)
{
  for (int32_t i = 0; i < design->chunks; i++)
    for (int64_t e = design->chunk_row[i]; e < design->chunk_row[i + 1]; e++)
      solver->slot[design->row[design->holder[e]] + design->place[e] - 1] = (int32_t)(e - design->chunk_row[i]);
}

static testudo_status partial_open(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_i_arena *arena = &codec->arena;
  size_t entries = (size_t)design->row[design->workers], chunks = (size_t)design->chunks;
  size_t parts = (size_t)design->parts, most = (size_t)design->max_replication;
  partial_solver *solver = codec->state = testudo_i_arena_calloc(arena, 1, sizeof *solver);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  solver->slot = testudo_i_arena_alloc(arena, entries, sizeof *solver->slot);
  solver->solution = testudo_i_arena_calloc(arena, entries * parts, sizeof *solver->solution);
  solver->solved = testudo_i_arena_alloc(arena, entries, 1);
  solver->condition = testudo_i_arena_calloc(arena, chunks, sizeof *solver->condition);
  solver->residual = testudo_i_arena_calloc(arena, chunks, sizeof *solver->residual);
  solver->checked = testudo_i_arena_calloc(arena, chunks, sizeof *solver->checked);
  solver->columns = testudo_i_arena_alloc(arena, parts * most, sizeof *solver->columns);
  solver->inverse = testudo_i_arena_alloc(arena, parts * most, sizeof *solver->inverse);
  solver->work = testudo_i_arena_alloc(arena, testudo_i_pseudo_inverse_room(design->parts, design->max_replication),
                                       sizeof *solver->work);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  memset(solver->solved, NEVER, entries);
  fill_slots(design, solver);
  return TESTUDO_OK;
}

/* The minimum-norm solution for one part: r / ||r||^2, scaled so that nothing over- or underflows on the way. */
static double solve_one_part(const double *r, int32_t count, double *z)
{
  double largest = 0.0, square = 0.0;
  for (int32_t h = 0; h < count; h++)
    largest = fmax(largest, fabs(r[h]));
  for (int32_t h = 0; h < count; h++)
    square += (r[h] / largest) * (r[h] / largest);
  for (int32_t h = 0; h < count; h++)
    z[h] = largest == 0.0 ? 0.0 : r[h] / largest / square / largest;
  return largest == 0.0 ? HUGE_VAL : 1.0;
}

/* Collects the columns of R of the workers that have done the chunk; answers how many. */
static int32_t collect(const testudo_design *design, partial_solver *solver, int32_t chunk)
{
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  int32_t count = 0;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    if (solver->solved[e] != DONE)
      continue;
    for (size_t k = 0; k < parts; k++)
      solver->columns[(size_t)count * parts + k] =
          partial_code(design)->matrix[k * workers + (size_t)design->holder[e]];
    count++;
  }
  return count;
}

static void scatter(const testudo_design *design, partial_solver *solver, int32_t chunk, int32_t count)
{
  size_t parts = (size_t)design->parts;
  size_t row = 0;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    bool done = solver->solved[e] == DONE;
    for (size_t k = 0; k < parts; k++)
      solver->solution[(size_t)e * parts + k] = done ? solver->inverse[k * (size_t)count + row] : 0.0;
    row += done;
  }
}

/* How far R_U times the solution is from the unit matrix. `columns` may be destroyed by then: R is asked again. */
static double chunk_residual(const testudo_design *design, const partial_solver *solver, int32_t chunk)
{
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  const double *matrix = partial_code(design)->matrix;
  double largest = 0.0;
  for (size_t k = 0; k < parts; k++)
    for (size_t p = 0; p < parts; p++) {
      double sum = k == p ? -1.0 : 0.0;
      for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++)
        sum += matrix[k * workers + (size_t)design->holder[e]] * solver->solution[(size_t)e * parts + p];
      largest = fmax(largest, fabs(sum));
    }
  return largest;
}

/* Takes over who has done the chunk; true when that differs from what its solution was found for. */
static bool take_over_holders(partial_solver *solver, const testudo_progress *progress, int32_t chunk)
{
  const testudo_design *design = progress->design;
  bool changed = false;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    unsigned char now = progress->done[design->holder[e]] >= design->place[e] ? DONE : NOT_DONE;
    changed = changed || now != solver->solved[e];
    solver->solved[e] = now;
  }
  return changed;
}

/* Makes the solution of a chunk the one of this progress. O(replication) when its holders have not changed, else one
   pseudo-inverse. */
static testudo_status solve_chunk(testudo_codec *codec, const testudo_progress *progress, int32_t chunk,
                                  testudo_error *error)
{
  const testudo_design *design = codec->design;
  partial_solver *solver = codec->state;
  if (solver->checked[chunk] == codec->epoch)
    return TESTUDO_OK;
  if (take_over_holders(solver, progress, chunk)) {
    int32_t count = collect(design, solver, chunk);
    double condition = 0.0;
    testudo_status status = TESTUDO_OK;
    if (count > 0 && design->parts == 1)
      condition = solve_one_part(solver->columns, count, solver->inverse);
    else if (count > 0)
      status = testudo_i_pseudo_inverse(design->parts, count, solver->columns, solver->inverse, &condition,
                                        solver->work, error);
    if (status != TESTUDO_OK) {
      solver->solved[design->chunk_row[chunk]] = NEVER;
      return status;
    }
    solver->condition[chunk] = count < design->parts ? 0.0 : condition;
    scatter(design, solver, chunk, count);
    solver->residual[chunk] = count < design->parts ? 0.0 : chunk_residual(design, solver, chunk);
  }
  solver->checked[chunk] = codec->epoch;
  return TESTUDO_OK;
}

static bool partial_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  (void)codec;
  return progress->done[worker] > 0;
}

static const double *partial_weights(const testudo_codec *codec, int32_t part)
{
  return partial_code(codec->design)->matrix + (size_t)part * (size_t)codec->design->workers;
}

static testudo_status partial_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                      testudo_error *error)
{
  const testudo_design *design = codec->design;
  const partial_solver *solver = codec->state;
  const int32_t *order = testudo_design_order(design, request->worker);
  size_t parts = (size_t)design->parts, done = (size_t)progress->done[request->worker];
  testudo_i_request_shape(request, design->parts, (int32_t)done);
  for (size_t k = 0; k < done; k++) {
    TESTUDO_I_TRY(solve_chunk(codec, progress, order[k], error));
    size_t entry = (size_t)(design->chunk_row[order[k]] + solver->slot[design->row[request->worker] + (int64_t)k]);
    for (size_t p = 0; p < parts; p++)
      request->coefficient[p * done + k] = solver->solution[entry * parts + p];
  }
  return TESTUDO_OK;
}

/* The largest over parts k of sum_j |R_kj| |A_ikj|. */
static double chunk_amplification(const testudo_design *design, const partial_solver *solver, int32_t chunk)
{
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  const double *matrix = partial_code(design)->matrix;
  double largest = 0.0;
  for (size_t k = 0; k < parts; k++) {
    double sum = 0.0;
    for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++)
      sum += fabs(matrix[k * workers + (size_t)design->holder[e]] * solver->solution[(size_t)e * parts + k]);
    largest = fmax(largest, sum);
  }
  return largest;
}

static testudo_status partial_amplification(testudo_codec *codec, const testudo_progress *progress,
                                            double *amplification, double *condition, testudo_error *error)
{
  const partial_solver *solver = codec->state;
  for (int32_t i = 0; i < codec->design->chunks; i++) {
    TESTUDO_I_TRY(solve_chunk(codec, progress, i, error));
    *amplification = fmax(*amplification, chunk_amplification(codec->design, solver, i));
    if (condition != NULL)
      *condition = fmax(*condition, solver->condition[i]);
  }
  return TESTUDO_OK;
}

/* With one part there is nothing that could go wrong. */
static testudo_status partial_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe, bool exact,
                                     testudo_error *error)
{
  (void)stripe;
  const testudo_design *design = codec->design;
  const partial_solver *solver = codec->state;
  for (int32_t i = 0; exact && design->parts > 1 && i < design->chunks; i++) {
    TESTUDO_I_TRY(solve_chunk(codec, progress, i, error));
    double amplification = chunk_amplification(design, solver, i);
    if (!(amplification <= TESTUDO_MAX_AMPLIFICATION))
      return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                            "decoding chunk %d from the workers that have done it amplifies rounding errors by %.3g;"
                            " the limit is %.3g", (int)i, amplification, TESTUDO_MAX_AMPLIFICATION);
    if (!(solver->residual[i] <= testudo_i_allowed_residual(amplification)))
      return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                            "the columns of the workers that have done chunk %d are not independent: they decode to"
                            " within %.3g; the limit is %.3g", (int)i, solver->residual[i],
                            testudo_i_allowed_residual(amplification));
  }
  return TESTUDO_OK;
}

static const testudo_i_codec_class partial_codec = {
    .open = partial_open,
    .settle = partial_settle,
    .reads = partial_reads,
    .weights = partial_weights,
    .request = partial_request,
    .amplification = partial_amplification,
};

const double *testudo_design_matrix(const testudo_design *design)
{
  return design != NULL && design->scheme == &testudo_i_scheme_partial ? partial_code(design)->matrix : NULL;
}

const testudo_i_scheme testudo_i_scheme_partial = {
    .id = TESTUDO_SCHEME_PARTIAL,
    .name = "partial",
    .kind = "partial",
    .members = partial_members,
    .most_parts = TESTUDO_MAX_PARTS,
    .report = TESTUDO_REPORT_CHUNK,
    .exact_gradient = true,
    .order_matters = true,
    .plain_sums = true,
    .step = "chunk",
    .waits_for = "every chunk to be done by `parts` workers",
    .read = partial_read,
    .write = partial_write,
    .check = partial_check,
    .rule = partial_rule,
    .cover = partial_cover,
    .sent = testudo_i_sent_by_starters,
    .codec = &partial_codec,
};
