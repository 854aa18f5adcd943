/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --dry-run: what a run would do, and what it would take. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"

enum { PROBES = 32, PROBE_SECONDS = 2 };
#define POINT_SECONDS 0.25 /* of one of them */

const field preview_point_fields[] = {
    {FIELD(explore_point, design), .meaning = "the command that makes the design"},
    {FIELD(explore_point, command), .meaning = "the command that computes"},
    {FIELD(explore_point, trials), .meaning = "trials to draw; 0: none"},
    {FIELD_CHARS("key", explore_point, key), .meaning = "the key that its row will have"},
    {.key = NULL},
};

const field preview_cost_fields[] = {
    {FIELD(explore_preview, probed), .meaning = "points that were computed to find out"},
    {FIELD(explore_preview, cut), .meaning = "points of them that were stopped, so that the times are more"},
    {FIELD(explore_preview, seconds), .unit = "s", .meaning = "of a point, on one thread"},
    {FIELD(explore_preview, all), .unit = "s", .meaning = "of all points, on one thread"},
    {.key = NULL},
};

/* The points that the commands would take; the others are skipped, with their reasons. `todo` keeps the former. */
static testudo_status list_points(explore_preview *preview, explore_run *run, int64_t *todo, testudo_i_arena *arena,
                                  testudo_error *error)
{
  for (int64_t k = 0; k < run->todo; k++) {
    explore_point *point = &preview->point[preview->points];
    if (k % 512 == 0 && session_stopped())
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(run_point(run, todo[k], point, arena, error));
    testudo_status status = point_check(point, error);
    if (status == TESTUDO_ERROR_ARGUMENT) {
      run->skipped++;
      TESTUDO_I_TRY(run_add_reason(run, error->text, error));
      continue;
    }
    TESTUDO_I_TRY(status);
    todo[preview->points++] = todo[k];
  }
  run_sort_reasons(run);
  return TESTUDO_OK;
}

/* Computes points that lie evenly among all, for so long. */
static testudo_status probe(explore_preview *preview, const explore_run *run, const int64_t *todo,
                            testudo_error *error)
{
  explore_run copy = *run;
  explore_result result[PROBES] = {{.state = POINT_LEFT}};
  int64_t chosen[PROBES], count = (int64_t)preview->points;
  double seconds = 0.0;
  copy.store = NULL;
  copy.limit = session_seconds() + PROBE_SECONDS;
  copy.point_limit = POINT_SECONDS;
  copy.todo = count < PROBES ? count : PROBES;
  for (int64_t k = 0; k < copy.todo; k++)
    chosen[k] = todo[(2 * k + 1) * count / (2 * copy.todo)];
  testudo_status status = jobs_run(&copy, chosen, result, error);
  for (int64_t k = 0; k < copy.todo; k++) {
    bool tried = result[k].state != POINT_LEFT && result[k].state != POINT_FAILED;
    preview->probed += tried;
    preview->cut += result[k].state == POINT_UNFINISHED;
    seconds += tried ? result[k].seconds : 0.0;
    result_clear(&result[k]);
  }
  preview->seconds = preview->probed > 0 ? seconds / (double)preview->probed : NAN;
  return status;
}

testudo_status preview_take(explore_preview *preview, explore_run *run, testudo_i_arena *arena, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *todo = NULL;
  TESTUDO_I_TRY(run_list(run, &todo, error));
  preview->point = testudo_i_arena_calloc(arena, (size_t)run->todo + 1, sizeof *preview->point);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(list_points(preview, run, todo, arena, error));
  if (preview->points > 0)
    TESTUDO_I_TRY(probe(preview, run, todo, error));
  preview->all = preview->seconds * (double)preview->points;
  return TESTUDO_OK;
}

void preview_print(FILE *text, const explore_preview *preview, const explore_run *run)
{
  for (size_t k = 0; k < preview->points; k++)
    fprintf(text, "%s | %s\n", preview->point[k].design, preview->point[k].command);
  fprintf(text, "%zu points to compute, %" PRId64 " there already, %" PRId64 " the same as others", preview->points,
          run->there, run->repeated);
  if (run->given_up > 0)
    fprintf(text, ", %" PRId64 " given up before", run->given_up);
  fprintf(text, run->skipped > 0 ? ", %" PRId64 " skipped, which the commands refuse\n" : "\n", run->skipped);
  run_print_reasons(text, run);
  if (isnan(preview->seconds) && preview->points == 0)
    return;
  if (isnan(preview->seconds))
    fprintf(text, "what they take is not known: none was done within %d s\n", (int)PROBE_SECONDS);
  else if (preview->cut > 0)
    fprintf(text, "%" PRId64 " of them, tried, took %.3g s each on one thread, at which all would take %.3g s; it is"
                  " more, for %" PRId64 " of those were not done after %.2g s\n", preview->probed,
            preview->seconds, preview->all, preview->cut, POINT_SECONDS);
  else
    fprintf(text, "%" PRId64 " of them, tried, took %.3g s each on one thread, at which all would take %.3g s\n",
            preview->probed, preview->seconds, preview->all);
}
