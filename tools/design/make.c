/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a checked request to the design. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "code/making/making.h"
#include "common/session.h"
#include "runtime/design.h"
#include "design/family.h"
#include "design/schemes.h"

static testudo_status make_arcs(cli_request *request, testudo_assignment *assignment, testudo_error *error)
{
  int32_t *loads = testudo_i_arena_alloc(&request->arena, (size_t)request->workers, sizeof *loads);
  TESTUDO_I_TRY(testudo_i_arena_check(&request->arena, error));
  TESTUDO_I_TRY(testudo_loads_for_rates(request->workers, request->chunks, request->replication, request->rates, loads,
                                        &request->makespan, error));
  return testudo_assignment_arcs(request->workers, request->chunks, loads, assignment, error);
}

static testudo_status read_orders(const cli_request *request, testudo_assignment *assignment, testudo_error *error)
{
  return testudo_orders_read(request->order_file, assignment, error);
}

/* What else the file may be, where it is no matrix of 0 and 1. */
static testudo_status explain_values(testudo_status status, testudo_error *error)
{
  testudo_error said = *error;
  return status != TESTUDO_ERROR_INPUT || strstr(said.text, "0 nor 1") == NULL
             ? status
             : testudo_i_fail(error, status, "%.*s; --code matrix:FILE reads the weights of a code, --order file:FILE"
                              " orders", (int)sizeof said.text / 2, said.text);
}

/* A table of orders, as export writes them, is an order too, unless another is asked for. */
static testudo_status read_assignment(cli_request *request, testudo_assignment *assignment, testudo_error *error)
{
  const testudo_matrix_options options = {.transposed = request->transposed};
  testudo_matrix matrix;
  TESTUDO_I_TRY(explain_values(testudo_matrix_read(request->assignment_file, &options, &matrix, error), error));
  *assignment = matrix.assignment;
  if (matrix.ordered && !request->ordered) {
    request->assignment = ASSIGN_BY_ORDER;
    request->order = ORDER_FILE;
  }
  return TESTUDO_OK;
}

static testudo_status make_assignment(cli_request *request, const testudo_monitor *monitor,
                                      testudo_assignment *assignment, testudo_error *error)
{
  int32_t m = request->workers, n = request->chunks, d = request->replication;
  switch (request->assignment) {
  case ASSIGN_CYCLIC:
    return testudo_assignment_ring(m, n, d, assignment, error);
  case ASSIGN_FRC:
    return testudo_assignment_frc(m, n, d, assignment, error);
  case ASSIGN_REGULAR:
    return testudo_assignment_regular(m, n, d, request->seed, assignment, error);
  case ASSIGN_ARCS:
    return make_arcs(request, assignment, error);
  case ASSIGN_MATRIX:
    return read_assignment(request, assignment, error);
  case ASSIGN_UNCODED:
    return testudo_assignment_uncoded(m, n, assignment, error);
  case ASSIGN_BY_ORDER:
    return read_orders(request, assignment, error);
  default:
    return family_assign(request, monitor, assignment, error);
  }
}

testudo_status request_put_in_order(cli_request *request, const cli_arguments *arguments, bool in_any_case,
                                    testudo_assignment *assignment, testudo_error *error)
{
  if (request_orders_by_blocks(request))
    return order_by_blocks(request, arguments, assignment, error);
  const testudo_monitor *monitor;
  switch (request->order) {
  case ORDER_MATCHING:
    monitor = session_progress_start("ordering", arguments);
    return session_progress_end(testudo_order_matching(assignment, in_any_case ? NULL : monitor, error));
  case ORDER_RANDOM:
    testudo_order_random(assignment, request->seed);
    return TESTUDO_OK;
  case ORDER_ROTATED:
    return testudo_order_rotated(assignment, error);
  case ORDER_XOR:
    return testudo_order_xor(assignment, error);
  case ORDER_FILE:
    return request->assignment == ASSIGN_BY_ORDER ? TESTUDO_OK
                                                  : read_orders(request, assignment, error);
  case ORDER_NATURAL: /* other families are made in it */
    return request->assignment == ASSIGN_MATRIX ? testudo_order_natural(assignment, error) : TESTUDO_OK;
  default:
    return TESTUDO_OK;
  }
}

static void put_order_name(FILE *stream, const cli_request *request)
{
  static const char *const plain[] = {"natural", "matching", "random", "rotated", "xor"};
  bool by_blocks = request_orders_by_blocks(request);
  const char *name = request->search == SEARCH_ORDER      ? "best"
                     : request->slots_file != NULL        ? "slots"
                     : by_blocks                          ? request->slot_order.name
                     : request->order == ORDER_FILE       ? "own"
                     : request->order == ORDER_SEARCHED   ? "searched"
                                                          : plain[request->order];
  fputc('-', stream);
  for (; *name != '\0'; name++)
    fputc(*name == ':' ? '-' : *name, stream);
}

/* The name asked for, else one like "partial-cyclic-12x12-r3-l2-natural", workers x chunks, in `name`. */
static const char *name_of(const cli_request *request, const testudo_assignment *assignment, char *name, size_t room)
{
  const cli_scheme *scheme = request->scheme;
  bool said = request->assignment == ASSIGN_UNCODED, parts = scheme->options & SCHEME_PARTS;
  const char *kind = testudo_i_construction_names[request->construction];
  if (kind == NULL)
    kind = request_assignment(request);
  FILE *stream = request->name == NULL ? fmemopen(name, room, "w") : NULL;
  if (stream == NULL)
    return request->name;
  fprintf(stream, "%s%s%s-%dx%d", testudo_scheme_name(scheme->id), said ? "" : "-", said ? "" : kind,
          assignment->workers, assignment->chunks);
  if (scheme->check == NULL && request->copies == NULL && request->replication > 1)
    fprintf(stream, "-r%d", request->replication);
  if (scheme->options & SCHEME_WAIT)
    fprintf(stream, "-k%d", request->wait);
  if (scheme->options & SCHEME_STRAGGLERS)
    fprintf(stream, "-s%d", request->stragglers);
  long start = ftell(stream);
  for (int32_t k = 0; k < request->tolerances && ftell(stream) < start + 40; k++) /* cut where it grows long */
    fprintf(stream, "%s%d", k == 0 ? "-s" : "+", request->tolerance[k]);
  if (parts && (request->parts > 1 || !(scheme->options & SCHEME_STRAGGLERS)))
    fprintf(stream, "-l%d", request->parts);
  put_order_name(stream, request);
  fclose(stream);
  return name;
}

testudo_status request_create(const cli_request *request, const cli_arguments *arguments,
                              const testudo_assignment *assignment, testudo_design **design, testudo_error *error)
{
  char name[160];
  /* Many large tolerances, and parts of many workers, take minutes. */
  bool draws = !request->unwatched && (request->tolerances > 0 || request->stragglers > 0 || request->parts > 1);
  const testudo_monitor *monitor = draws ? session_progress_start("drawing the codes", arguments) : NULL;
  const testudo_i_ingredients with = {.parts = request->parts, .stragglers = request->stragglers,
                                      .wait = request->wait,
                                      .construction = request->construction,
                                      .tolerance = request->tolerance, .tolerances = request->tolerances,
                                      .size = request->size, .seed = request->seed,
                                      .name = name_of(request, assignment, name, sizeof name), .monitor = monitor};
  testudo_status status = testudo_i_make_design(request->scheme->id, assignment, &with, design, error);
  return draws ? session_progress_end(status) : status;
}

/* What stands in the file must decode whatever stragglers it is said to tolerate. */
static testudo_status test_code(cli_request *request, const cli_arguments *arguments, const testudo_design *design,
                                testudo_error *error)
{
  const testudo_code_check *tested = &request->tested;
  char who[120];
  const testudo_monitor *monitor = session_progress_start("testing the code", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_code_verify(design, monitor, &request->tested, error)));
  if (tested->sets == 0 && testudo_i_construction_of(design) != TESTUDO_I_FRC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "%s: too large for a decoder, which takes at most %zu workers times chunks",
                          request->code_file, TESTUDO_I_LIMIT_DENSE_ENTRIES);
  snprintf(who, sizeof who, request->stragglers == 0 ? "nobody" : "%s %s",
           request->stragglers == 1 ? "worker" : "workers", tested->first);
  if (tested->failed > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: not a gradient code for %d straggler%s: with %s straggling the rows of the others do not"
                          " have all ones in their span, only to within %.3g", request->code_file,
                          request->stragglers, request->stragglers == 1 ? "" : "s", who, tested->residual);
  if (tested->refused > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: with %s straggling decoding amplifies rounding errors by more than %g, which decoders"
                          " refuse", request->code_file, who, TESTUDO_MAX_AMPLIFICATION);
  return TESTUDO_OK;
}

static testudo_status read_code(cli_request *request, const cli_arguments *arguments, testudo_design **design,
                                testudo_error *error)
{
  const testudo_matrix_options options = {.transposed = request->transposed, .weighted = true};
  TESTUDO_I_HELD(testudo_matrix_free) testudo_matrix matrix = {.weight = NULL};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {.row = NULL};
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *sorted = NULL;
  char name[160];
  TESTUDO_I_TRY(testudo_matrix_read(request->code_file, &options, &matrix, error));
  if (request->stragglers >= matrix.assignment.workers)
    return cli_refuse(error, "--stragglers: %d of %d workers; allowed: 0..%d", request->stragglers,
                      matrix.assignment.workers, matrix.assignment.workers - 1);
  const char *named = name_of(request, &matrix.assignment, name, sizeof name);
  TESTUDO_I_TRY(testudo_design_create_weighted(&matrix, request->stragglers, named, &sorted, error));
  TESTUDO_I_TRY(testudo_design_orders(sorted, &orders, error));
  TESTUDO_I_TRY(request_put_in_order(request, arguments, false, &orders, error));
  TESTUDO_I_TRY(testudo_design_reorder(sorted, &orders, design, error));
  return test_code(request, arguments, *design, error);
}

testudo_status request_make(cli_request *request, const cli_arguments *arguments, testudo_design **design,
                            testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {.row = NULL};
  if (request->code_file != NULL)
    return read_code(request, arguments, design, error);
  const testudo_monitor *monitor = session_progress_start("assigning", arguments);
  TESTUDO_I_TRY(session_progress_end(make_assignment(request, monitor, &assignment, error)));
  TESTUDO_I_TRY(request_put_in_order(request, arguments, false, &assignment, error));
  return request_create(request, arguments, &assignment, design, error);
}
