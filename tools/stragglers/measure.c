/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stragglers/stragglers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/session.h"

static int32_t busy_workers(const testudo_design *design)
{
  int32_t busy = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    busy += testudo_design_load(design, j) > 0;
  return busy;
}

static testudo_status check_design(const testudo_design *design, const char *file, const cli_value *stragglers,
                                   testudo_error *error)
{
  if (testudo_design_scheme(design) != TESTUDO_SCHEME_PARTIAL || testudo_design_parts(design) != 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "%s: approximate codes are of scheme partial with 1 part, this is scheme %s with %d", file,
                          testudo_scheme_name(testudo_design_scheme(design)), testudo_design_parts(design));
  int32_t busy = busy_workers(design);
  for (size_t k = 0; k < stragglers->count; k++) {
    if (stragglers->reals[k] != floor(stragglers->reals[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--stragglers: %s, but it is a list of integers",
                            stragglers->item[k]);
    if (stragglers->reals[k] > busy)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--stragglers: %s, but in %s %d workers hold anything",
                            stragglers->item[k], file, busy);
    if (k > 0 && !(stragglers->reals[k] > stragglers->reals[k - 1]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--stragglers: %s after %s, but they must increase",
                            stragglers->item[k], stragglers->item[k - 1]);
  }
  return TESTUDO_OK;
}

static testudo_status add_curve(cli_stragglers *all, size_t k, testudo_decoder decoder, testudo_error *error)
{
  const cli_value *stragglers = cli_get(all->arguments, "stragglers"), *p = cli_get(all->arguments, "straggler-prob");
  cli_curve *curve = &all->curve[all->curves++];
  *curve = (cli_curve){.file = cli_basename(all->arguments->operand[k]), .design = all->design[k],
                       .decoder = decoder};
  curve->left = testudo_i_calloc(stragglers->count, sizeof *curve->left);
  curve->chance = testudo_i_calloc(p->count, sizeof *curve->chance);
  return curve->left == NULL || curve->chance == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

static testudo_status add_design(cli_stragglers *all, size_t k, testudo_error *error)
{
  const char *decoder = cli_text(all->arguments, "decoder", "both"), *file = all->arguments->operand[k];
  testudo_status status = testudo_design_read(file, &all->design[all->designs], error);
  if (status != TESTUDO_OK)
    return status;
  status = check_design(all->design[all->designs++], file, cli_get(all->arguments, "stragglers"), error);
  if (status == TESTUDO_OK && strcmp(decoder, "one-step") != 0)
    status = add_curve(all, k, TESTUDO_DECODER_OPTIMAL, error);
  if (status == TESTUDO_OK && strcmp(decoder, "optimal") != 0)
    status = add_curve(all, k, TESTUDO_DECODER_ONE_STEP, error);
  return status;
}

testudo_status stragglers_open(cli_stragglers *all, const cli_arguments *arguments, testudo_error *error)
{
  memset(all, 0, sizeof *all);
  all->arguments = arguments;
  all->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  all->samples = cli_integer(arguments, "samples", 1000);
  if (!cli_given(arguments, "stragglers") && !cli_given(arguments, "straggler-prob"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--stragglers s1,s2,.. is missing, or --straggler-prob p1,p2,..");
  if (cli_given(arguments, "straggler-prob") && strcmp(cli_text(arguments, "decoder", "both"), "optimal") == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--straggler-prob is of one-step decoding; for the optimal one use 'testudo simulate"
                          " --report whole --fail-prob'");
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < arguments->operands && status == TESTUDO_OK; k++)
    status = add_design(all, k, error);
  all->command = cli_normalised(arguments);
  return status == TESTUDO_OK && all->command == NULL ? testudo_i_fail_memory(error) : status;
}

void stragglers_free(cli_stragglers *all)
{
  for (size_t c = 0; c < all->curves; c++) {
    for (size_t k = 0; all->curve[c].left != NULL && k < all->curve[c].count; k++)
      free(all->curve[c].left[k].error.worst_set);
    free(all->curve[c].left);
    free(all->curve[c].chance);
  }
  for (size_t k = 0; k < all->designs; k++)
    testudo_design_free(all->design[k]);
  free(all->command);
}

static testudo_status measure_curve(cli_stragglers *all, cli_curve *curve, const testudo_monitor *monitor,
                                    testudo_error *error)
{
  const cli_value *stragglers = cli_get(all->arguments, "stragglers"), *p = cli_get(all->arguments, "straggler-prob");
  bool one_step = curve->decoder == TESTUDO_DECODER_ONE_STEP;
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < stragglers->count && status == TESTUDO_OK; k++) {
    int32_t s = (int32_t)stragglers->reals[k];
    double mean;
    status = testudo_straggler_error_measure(curve->design, curve->decoder, s, all->samples, all->seed, monitor,
                                             &curve->left[k].error, error);
    curve->count += status == TESTUDO_OK;
    if (status == TESTUDO_OK && one_step)
      status = testudo_one_step_error(curve->design, s, &mean, &curve->left[k].aligned, error);
  }
  for (size_t k = 0; one_step && k < p->count && status == TESTUDO_OK; k++) {
    cli_chance *chance = &curve->chance[k];
    chance->p = p->reals[k];
    status = testudo_one_step_error_independent(curve->design, p->reals[k], &chance->mean, &chance->aligned, error);
    curve->chances += status == TESTUDO_OK;
  }
  return status;
}

testudo_status stragglers_measure(cli_stragglers *all, testudo_error *error)
{
  session_progress progress;
  session_progress_start(&progress, "searching", all->arguments);
  testudo_status status = TESTUDO_OK;
  for (size_t c = 0; c < all->curves && status == TESTUDO_OK; c++)
    status = measure_curve(all, &all->curve[c], &progress.monitor, error);
  session_progress_end(&progress);
  all->interrupted = status == TESTUDO_INTERRUPTED;
  return status;
}
