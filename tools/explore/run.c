/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All points of some grids, and what became of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"

const cli_option explore_limit_options[] = {
    {.name = "where", .value = "CONDITIONS", .kind = CLI_TEXT,
     .help = "Leave out designs that do not meet these, before they are measured: for example load<=4,chunks>100."
             " Names: workers, chunks, parts, load (shares of the data of the worker that holds most), copies,"
             " scheme."},
    {.name = "time-limit", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e9,
     .hidden_command = true, .heading = "Budget",
     .help = "Stop when the run has taken this time; what is done by then is written, and the exit code is 4."},
    {.name = "point-limit", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e9,
     .hidden_command = true, .help = "Give a point up after this time, and go on with the next."},
    {.name = NULL},
};

const field explore_reason_fields[] = {
    {FIELD(explore_reason, count), .label = "points", .meaning = "points that were skipped for this reason"},
    {FIELD_CHARS("reason", explore_reason, text), .label = "skipped because",
     .meaning = "what the command says, of the first such point: others may have other numbers"},
    {.key = NULL},
};

testudo_status run_take_limits(explore_run *run, const cli_arguments *arguments, testudo_error *error)
{
  run->limit = cli_real(arguments, "time-limit", 0.0);
  run->point_limit = cli_real(arguments, "point-limit", 0.0);
  return cli_given(arguments, "where")
             ? within_take(&run->where, "where", cli_text(arguments, "where", ""), true, error) : TESTUDO_OK;
}

/* ---- what became of it ---- */

/* Do two sentences differ in their numbers alone? */
static bool are_alike(const char *a, const char *b)
{
  static const char digits[] = "0123456789";
  while (*a != '\0' && *b != '\0') {
    size_t left = strspn(a, digits), right = strspn(b, digits);
    if ((left > 0) != (right > 0) || (left == 0 && *a != *b))
      return false;
    a += left > 0 ? left : 1;
    b += right > 0 ? right : 1;
  }
  return *a == *b;
}

/* One reason for all sentences that differ in numbers: the first of them. */
testudo_status run_add_reason(explore_run *run, const char *text, testudo_error *error)
{
  size_t k = 0;
  while (k < run->reasons && !are_alike(run->reason[k].text, text))
    k++;
  if (k == run->reasons) {
    TESTUDO_I_TRY(TESTUDO_I_GROW(run->reason, run->reason_room, run->reasons + 1, error));
    run->reason[run->reasons] = (explore_reason){.count = 0};
    memcpy(run->reason[run->reasons++].text, text, sizeof run->reason->text);
  }
  run->reason[k].count++;
  return TESTUDO_OK;
}

static testudo_status gather(explore_run *run, explore_result *result, testudo_error *error)
{
  for (int64_t k = 0; k < run->todo; k++) {
    run->done += result[k].state == POINT_DONE;
    run->outside += result[k].state == POINT_OUTSIDE;
    run->unfinished += result[k].state == POINT_UNFINISHED;
    run->skipped += result[k].state == POINT_SKIPPED;
    run->left += result[k].state == POINT_LEFT;
    if (result[k].state == POINT_SKIPPED)
      TESTUDO_I_TRY(run_add_reason(run, result[k].reason, error));
    if (result[k].state == POINT_DONE && run->store == NULL)
      TESTUDO_I_TRY(rows_add(&run->rows, result[k].text, error));
  }
  return TESTUDO_OK;
}

static int by_count(const void *a, const void *b)
{
  const explore_reason *left = a, *right = b;
  int more = (left->count < right->count) - (left->count > right->count);
  return more != 0 ? more : strcmp(left->text, right->text);
}

void run_sort_reasons(explore_run *run)
{
  if (run->reason == NULL) /* none is a list too */
    run->reason = testudo_i_calloc(1, sizeof *run->reason);
  if (run->reasons > 0)
    qsort(run->reason, run->reasons, sizeof *run->reason, by_count);
}

static testudo_status sum_up(explore_run *run, explore_result *result, testudo_status status, testudo_error *error)
{
  testudo_status gathered = gather(run, result, error);
  for (int64_t k = 0; k < run->todo && status != TESTUDO_OK && status != TESTUDO_INTERRUPTED; k++)
    if (result[k].state == POINT_FAILED) {
      (void)testudo_i_fail(error, status, "%s", result[k].reason);
      break;
    }
  for (int64_t k = 0; k < run->todo; k++)
    result_clear(&result[k]);
  run_sort_reasons(run);
  run->interrupted = status == TESTUDO_INTERRUPTED;
  run->out_of_time = status == TESTUDO_OK && run->left > 0;
  return status != TESTUDO_OK ? status : gathered;
}

testudo_status run_points(explore_run *run, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *todo = NULL;
  testudo_status listed = run_list(run, &todo, error);
  if (listed == TESTUDO_INTERRUPTED) { /* before any point was begun */
    run->todo = 0;
    run->left = run->points;
    run->interrupted = session_stopped();
    run->out_of_time = !run->interrupted;
    return run->interrupted ? listed : TESTUDO_OK;
  }
  TESTUDO_I_TRY(listed);
  TESTUDO_I_HELD(testudo_i_free_held) explore_result *result = testudo_i_calloc((size_t)run->todo + 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_memory_check(result != NULL, error));
  return sum_up(run, result, jobs_run(run, todo, result, error), error);
}

void run_clear(explore_run *run)
{
  rows_clear(&run->rows);
  within_clear(&run->where);
  free(run->reason);
  testudo_i_store_close(run->store);
}
