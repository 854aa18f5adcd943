/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Teams: workspaces made once, and the parallel loop over them. */
#include "sample/team.h"

#include "base/error.h"
#include "parallel/loop.h"

/* Of a plan that is made. */
static testudo_status team_gather(testudo_i_team *team, int64_t entries, testudo_error *error)
{
  const testudo_simulation_options *options = team->options;
  team->batch = testudo_i_batch_trials(&team->plan, entries);
  team->batches = (options->trials - 1) / team->batch + 1;
  int64_t busy = team->batches > options->decode_trials ? team->batches : options->decode_trials;
  int32_t wanted = options->threads > 0 ? options->threads : testudo_i_cores();
  team->threads = wanted > busy ? (int32_t)busy : wanted;
  team->workspace = testudo_i_arena_calloc(&team->arena, (size_t)team->threads, sizeof *team->workspace);
  TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
  for (int32_t k = 0; k < team->threads; k++)
    TESTUDO_I_TRY(testudo_i_workspace_make(&team->workspace[k], &team->plan, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_team_init(testudo_i_team *team, const testudo_design *design,
                                   const testudo_delay_model *model, const testudo_simulation_options *options,
                                   int32_t further, testudo_error *error)
{
  *team = (testudo_i_team){.options = options};
  TESTUDO_I_TRY(testudo_i_plan_make_further(&team->plan, design, model, options, further, error));
  return team_gather(team, TESTUDO_I_BATCH_ENTRIES, error);
}

testudo_status testudo_i_team_init_fine(testudo_i_team *team, const testudo_design *design,
                                        const testudo_delay_model *model, const testudo_simulation_options *options,
                                        testudo_error *error)
{
  *team = (testudo_i_team){.options = options};
  TESTUDO_I_TRY(testudo_i_plan_make_further(&team->plan, design, model, options, 0, error));
  return team_gather(team, TESTUDO_I_BATCH_ENTRIES_FINE, error);
}

void testudo_i_team_clear(testudo_i_team *team)
{
  for (int32_t k = 0; team->workspace != NULL && k < team->threads; k++)
    testudo_i_workspace_clear(&team->workspace[k]);
  testudo_i_arena_clear(&team->arena);
  testudo_i_plan_clear(&team->plan);
}

int64_t testudo_i_team_trials(const testudo_i_team *team, int64_t index, int64_t *first)
{
  *first = index * team->batch;
  int64_t left = team->options->trials - *first;
  return left < team->batch ? left : team->batch;
}

testudo_status testudo_i_team_run(testudo_i_team *team, int64_t count,
                                  testudo_status (*body)(void *context, int32_t thread, int64_t index), void *context,
                                  const testudo_monitor *monitor, bool *interrupted, testudo_error *error)
{
  testudo_status status = testudo_i_parallel_for(count, team->threads, body, context, monitor);
  *interrupted = status == TESTUDO_INTERRUPTED;
  if (status == TESTUDO_OK || *interrupted)
    return TESTUDO_OK;
  for (int32_t k = 0; error != NULL && k < team->threads; k++)
    if (team->workspace[k].failure.text[0] != 0)
      *error = team->workspace[k].failure;
  return status;
}
