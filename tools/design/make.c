/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a checked request to the design. */
#include <string.h>

#include "base/error.h"
#include "code/making/making.h"
#include "common/session.h"
#include "design/family.h"
#include "design/schemes.h"

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
  const testudo_monitor *monitor = session_progress_start("ordering", arguments);
  /* A search that Ctrl-C ended is written all the same, and its best needs an order. */
  return session_progress_end(testudo_order_matching(assignment, session_stopped() ? NULL : monitor, error));
}

testudo_status request_assign(const cli_request *request, const cli_arguments *arguments,
                              testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(family_is(request) ? family_assign(request, arguments, assignment, error)
                                   : make_assignment(request, assignment, error));
  return request_put_in_order(request, arguments, assignment, error);
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

/* "partial-cyclic-12x12-r3-l2-natural": workers x chunks. */
static void default_name(const cli_request *request, const testudo_assignment *assignment, char *name, size_t room)
{
  const char *kind = request->construction != NULL ? request->construction
                     : request_assigns(request, "matrix") ? "matrix"
                                                          : request->assignment;
  bool said = request_assigns(request, "uncoded");
  int length = snprintf(name, room, "%s%s%s-%dx%d", testudo_scheme_name(request->scheme->id), said ? "" : "-",
                        said ? "" : kind, assignment->workers, assignment->chunks);
  size_t left = room - (size_t)length;
  if (request->scheme->check == NULL && request->copies == NULL && request->replication > 1)
    length += snprintf(name + length, left, "-r%d", request->replication);
  if (request->scheme->suffix != NULL)
    length += request->scheme->suffix(request, name + length, room - (size_t)length);
  snprintf(name + length, room - (size_t)length, "-%s", request->order);
}

testudo_status request_create(const cli_request *request, const cli_arguments *arguments,
                              const testudo_assignment *assignment, testudo_design **design, testudo_error *error)
{
  char name[160];
  default_name(request, assignment, name, sizeof name);
  /* Many large tolerances, and parts of many workers, take minutes. */
  bool draws = request->tolerances > 0 || request->stragglers > 0 || request->parts > 1;
  const testudo_monitor *monitor = draws ? session_progress_start("drawing the codes", arguments) : NULL;
  const testudo_i_ingredients with = {.parts = request->parts, .stragglers = request->stragglers,
                                      .wait = request->wait, .construction = request->construction,
                                      .tolerance = request->tolerance, .tolerances = request->tolerances,
                                      .size = request->size, .seed = request->seed,
                                      .name = cli_text(arguments, "name", name), .monitor = monitor};
  testudo_status status = testudo_i_make_design(request->scheme->id, assignment, &with, design, error);
  return draws ? session_progress_end(status) : status;
}
