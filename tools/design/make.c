/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a checked request to the design. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "code/gradient_code.h"
#include "common/session.h"
#include "design/family.h"
#include "design/request.h"

static testudo_status make_assignment(const cli_request *request, testudo_assignment *assignment, testudo_error *error)
{
  if (request_assigns(request, "matrix"))
    return testudo_assignment_read(request->assignment + strlen("matrix:"), assignment, error);
  if (request_assigns(request, "uncoded"))
    return testudo_assignment_uncoded(request->workers, request->chunks, assignment, error);
  if (request_assigns(request, "cyclic"))
    return testudo_assignment_cyclic(request->workers, request->replication, assignment, error);
  if (request_assigns(request, "frc"))
    return testudo_assignment_frc(request->workers, request->chunks, request->replication, assignment, error);
  return testudo_assignment_regular(request->workers, request->chunks, request->replication, request->seed, assignment,
                                    error);
}

static testudo_status order_by_matching(testudo_assignment *assignment, const cli_arguments *arguments,
                                        testudo_error *error)
{
  session_progress progress;
  session_progress_start(&progress, "ordering", arguments);
  /* A search that Ctrl-C ended is written all the same, and its best needs an order. */
  testudo_status status = testudo_order_matching(assignment, session_stopped() ? NULL : &progress.monitor, error);
  session_progress_end(&progress);
  return status;
}

testudo_status request_assign(const cli_request *request, const cli_arguments *arguments,
                              testudo_assignment *assignment, testudo_error *error)
{
  testudo_status status = family_is(request) ? family_assign(request, arguments, assignment, error)
                                             : make_assignment(request, assignment, error);
  return status == TESTUDO_OK ? request_put_in_order(request, arguments, assignment, error) : status;
}

testudo_status request_put_in_order(const cli_request *request, const cli_arguments *arguments,
                                    testudo_assignment *assignment, testudo_error *error)
{
  if (strcmp(request->order, "random") == 0)
    testudo_order_random(assignment, request->seed);
  else if (strcmp(request->order, "matching") == 0)
    return order_by_matching(assignment, arguments, error);
  else if (strcmp(request->order, "rotated") == 0)
    return testudo_order_rotated(assignment, error);
  else if (strcmp(request->order, "xor") == 0)
    return testudo_order_xor(assignment, error);
  return TESTUDO_OK;
}

/* "-s0+2+5", cut where it grows long. */
static int put_tolerances(const cli_request *request, char *text, size_t room)
{
  int length = 0;
  for (int32_t k = 0; k < request->tolerances && length < 40; k++)
    length += snprintf(text + length, room - (size_t)length, "%s%.0f", k == 0 ? "-s" : "+", request->tolerance[k]);
  return length;
}

/* "partial-cyclic-12x12-r3-l2-natural": workers x chunks. */
static void default_name(const cli_request *request, const testudo_assignment *assignment, char *name, size_t room)
{
  const char *kind = request->construction != NULL ? request->construction
                     : request_assigns(request, "matrix") ? "matrix"
                                                          : request->assignment;
  bool said = request_assigns(request, "uncoded");
  int length = snprintf(name, room, "%s%s%s-%dx%d", testudo_scheme_name(request->scheme), said ? "" : "-",
                        said ? "" : kind, assignment->workers, assignment->chunks);
  size_t left = room - (size_t)length;
  if (request->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    length += snprintf(name + length, left, "-k%d", request->wait);
  else if (request->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    length += snprintf(name + length, left, "-s%d", request->stragglers);
  else if (request->scheme == TESTUDO_SCHEME_NESTED || request->scheme == TESTUDO_SCHEME_BLOCK)
    length += put_tolerances(request, name + length, left);
  else if (request->copies == NULL && request->replication > 1)
    length += snprintf(name + length, left, "-r%d", request->replication);
  if (request->scheme == TESTUDO_SCHEME_PARTIAL)
    length += snprintf(name + length, room - (size_t)length, "-l%d", request->parts);
  snprintf(name + length, room - (size_t)length, "-%s", request->order);
}

static testudo_status create_nested(const cli_request *request, const char *name,
                                    const testudo_monitor *monitor, testudo_design **design,
                                    testudo_error *error)
{
  int32_t *tolerance = testudo_i_alloc((size_t)request->tolerances, sizeof *tolerance);
  if (tolerance == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t k = 0; k < request->tolerances; k++)
    tolerance[k] = (int32_t)request->tolerance[k];
  testudo_status status = testudo_i_create_nested(request->workers, tolerance, request->tolerances, request->seed,
                                                  name, monitor, design, error);
  free(tolerance);
  return status;
}

static testudo_status create_block(const cli_request *request, const char *name,
                                    const testudo_monitor *monitor, testudo_design **design,
                                   testudo_error *error)
{
  size_t blocks = (size_t)request->tolerances;
  int32_t *tolerance = testudo_i_alloc(blocks, sizeof *tolerance);
  int64_t *size = testudo_i_alloc(blocks, sizeof *size);
  testudo_status status = tolerance == NULL || size == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  for (size_t b = 0; status == TESTUDO_OK && b < blocks; b++) {
    tolerance[b] = (int32_t)request->tolerance[b];
    size[b] = (int64_t)request->size[b];
  }
  if (status == TESTUDO_OK)
    status = testudo_i_create_block(request->workers, tolerance, size, request->tolerances, request->seed, name,
                                    monitor, design, error);
  free(tolerance);
  free(size);
  return status;
}

static testudo_status create_family(const cli_request *request, const cli_arguments *arguments, const char *name,
                                    testudo_design **design, testudo_error *error)
{
  session_progress progress;
  session_progress_start(&progress, "drawing the codes", arguments);
  testudo_status status = request->scheme == TESTUDO_SCHEME_NESTED
                              ? create_nested(request, name, &progress.monitor, design, error)
                              : create_block(request, name, &progress.monitor, design, error);
  session_progress_end(&progress);
  return status;
}

testudo_status request_create(const cli_request *request, const cli_arguments *arguments,
                              const testudo_assignment *assignment, testudo_design **design, testudo_error *error)
{
  char made[160];
  default_name(request, assignment, made, sizeof made);
  const char *name = cli_text(arguments, "name", made);
  if (request->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    return testudo_design_create_waiting(assignment, request->wait, name, design, error);
  if (request->scheme == TESTUDO_SCHEME_NESTED || request->scheme == TESTUDO_SCHEME_BLOCK)
    return create_family(request, arguments, name, design, error);
  if (request->construction != NULL && strcmp(request->construction, "cyclic-mds") == 0)
    return testudo_design_create_cyclic_mds(assignment, request->stragglers, name, design, error);
  if (request->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    return testudo_design_create_gradient_code(assignment, request->stragglers, request->seed, name, design, error);
  return testudo_design_create(request->scheme, assignment, request->parts, request->seed, name, design, error);
}
