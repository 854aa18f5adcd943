/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that an earlier result has already. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "sgd/sgd.h"

/* The command but for what says only how many runs there are. */
static void strip_runs(const char *command, char *stripped)
{
  while (*command != '\0') {
    bool runs = strncmp(command, " --runs ", 8) == 0;
    if (runs) {
      command += 8;
      while (*command != '\0' && *command != ' ')
        command++;
      continue;
    }
    *stripped++ = *command++;
  }
  *stripped = '\0';
}

static testudo_status same_command(cli_sgd *sgd, const sgd_result *earlier, const char *path, testudo_error *error)
{
  const char *now = sgd->arguments->line, *then = earlier->command == NULL ? "" : earlier->command;
  char *a = testudo_i_arena_alloc(&sgd->arena, strlen(now) + 1, 1);
  char *b = testudo_i_arena_alloc(&sgd->arena, strlen(then) + 1, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  strip_runs(now, a);
  strip_runs(then, b);
  if (strcmp(a, b) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--resume %s: it is the result of another command: %.200s", path, then);
  return TESTUDO_OK;
}

static bool is_whole_run(const cli_sgd *sgd, const sgd_run_result *run)
{
  return run->count == sgd->time_count && run->curve[TESTUDO_SGD_LOSS] != NULL &&
         run->curve[TESTUDO_SGD_UPDATES] != NULL;
}

static testudo_status take_run(cli_sgd *sgd, const sgd_run_result *run, testudo_sgd_run *known, testudo_error *error)
{
  size_t count = (size_t)sgd->time_count;
  known->curve = testudo_i_arena_calloc(&sgd->arena, count * TESTUDO_SGD_CURVES, sizeof *known->curve);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  for (int q = 0; q < TESTUDO_SGD_CURVES; q++)
    for (size_t k = 0; k < count; k++)
      known->curve[(size_t)q * count + k] = run->curve[q] == NULL ? NAN : run->curve[q][k];
  known->updates = run->updates;
  known->lost = run->lost;
  known->failed = run->failed;
  known->stuck = run->stuck;
  known->ended = run->ended;
  known->done = true;
  return TESTUDO_OK;
}

testudo_status sgd_take_earlier(cli_sgd *sgd, const char *path, testudo_error *error)
{
  char *TESTUDO_I_HELD(testudo_i_free_held) bytes = NULL;
  size_t length;
  sgd_result earlier = {0};
  int32_t runs = (int32_t)cli_integer(sgd->arguments, "runs", 5);
  TESTUDO_I_TRY(testudo_i_read_file(path, (size_t)1 << 30, &bytes, &length, error));
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, path, &sgd->earlier, error));
  TESTUDO_I_TRY(fields_read(sgd->earlier, testudo_i_json_root(sgd->earlier), "", sgd_fields, &earlier, &sgd->arena,
                            error));
  TESTUDO_I_TRY(same_command(sgd, &earlier, path, error));
  if (earlier.methods != (size_t)sgd->methods)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: methods: has %zu entries, but the command has %d", path,
                          earlier.methods, (int)sgd->methods);
  sgd->known = testudo_i_arena_calloc(&sgd->arena, (size_t)sgd->methods * (size_t)runs, sizeof *sgd->known);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  for (int32_t m = 0; m < sgd->methods; m++)
    for (size_t k = 0; k < earlier.method[m].run_count; k++) {
      const sgd_run_result *run = &earlier.method[m].run[k];
      int64_t number = run->seed - (int64_t)sgd->cluster.seed;
      if (number >= 0 && number < runs && is_whole_run(sgd, run))
        TESTUDO_I_TRY(take_run(sgd, run, &sgd->known[(int64_t)m * runs + number], error));
    }
  return TESTUDO_OK;
}
