/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The designs of `testudo stragglers`, and what is measured of each. */
#include "stragglers/stragglers.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "option/input.h"
#include "common/session.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

enum { BY_OPTIMAL, BY_ONE_STEP, BY_BOTH }; /* in the order of --decoder */

static testudo_status check_approximate(const testudo_design *design, const char *file, const cli_value *stragglers,
                                        testudo_error *error)
{
  if (!testudo_i_takes_plain_sums(design))
    return cli_refuse(error, "%s: stragglers needs scheme partial with 1 part; this is scheme %s with parts %d", file,
                      testudo_i_scheme_of(design)->name, testudo_design_parts(design));
  int32_t busy = testudo_i_design_busy(design);
  for (size_t k = 0; k < stragglers->count; k++)
    if (stragglers->integers[k] > busy)
      return cli_refuse(error, "--stragglers: %s, but only %d workers of %s hold chunks", stragglers->item[k], busy,
                        file);
  return TESTUDO_OK;
}

static testudo_status add_curve(cli_stragglers *all, size_t k, testudo_decoder decoder, testudo_error *error)
{
  const cli_value *stragglers = cli_get(all->arguments, "stragglers"), *p = cli_get(all->arguments, "straggler-prob");
  cli_curve *curve = &all->curve[all->curves++];
  *curve = (cli_curve){.file = cli_basename(all->arguments->operand[k]), .design = all->design[k],
                       .decoder = decoder};
  design_fill(&curve->about, curve->design);
  curve->left = testudo_i_arena_calloc(&all->arena, stragglers->count, sizeof *curve->left);
  curve->chance = testudo_i_arena_calloc(&all->arena, p->count, sizeof *curve->chance);
  return testudo_i_arena_check(&all->arena, error);
}

static testudo_status add_design(cli_stragglers *all, size_t k, testudo_error *error)
{
  const char *file = all->arguments->operand[k];
  int decoder = cli_choice(all->arguments, "decoder", BY_BOTH);
  TESTUDO_I_TRY(input_design(file, &all->design[all->designs], error));
  TESTUDO_I_TRY(check_approximate(all->design[all->designs++], file, cli_get(all->arguments, "stragglers"), error));
  if (decoder != BY_ONE_STEP)
    TESTUDO_I_TRY(add_curve(all, k, TESTUDO_DECODER_OPTIMAL, error));
  return decoder != BY_OPTIMAL ? add_curve(all, k, TESTUDO_DECODER_ONE_STEP, error) : TESTUDO_OK;
}

testudo_status stragglers_open(cli_stragglers *all, const cli_arguments *arguments, testudo_error *error)
{
  all->arguments = arguments;
  all->command = arguments->line;
  all->version = testudo_version();
  all->seed = cli_integer(arguments, "seed", 1);
  all->curve = testudo_i_arena_calloc(&all->arena, arguments->operands * STRAGGLERS_DECODERS, sizeof *all->curve);
  TESTUDO_I_TRY(testudo_i_arena_check(&all->arena, error));
  all->samples = cli_integer(arguments, "samples", 1000);
  if (!cli_given(arguments, "stragglers") && !cli_given(arguments, "straggler-prob"))
    return cli_refuse(error, "give --stragglers s1,s2,.. or --straggler-prob p1,p2,..");
  if (cli_given(arguments, "straggler-prob") && cli_choice(arguments, "decoder", BY_BOTH) == BY_OPTIMAL)
    return cli_refuse(error, "--straggler-prob applies to one-step decoding only; for optimal decoding use 'testudo"
                      " simulate --report whole --fail-prob'");
  for (size_t k = 0; k < arguments->operands; k++)
    TESTUDO_I_TRY(add_design(all, k, error));
  return TESTUDO_OK;
}

void stragglers_free(void *context)
{
  cli_stragglers *all = context;
  for (size_t c = 0; c < all->curves; c++)
    for (size_t k = 0; k < all->curve[c].count; k++)
      free(all->curve[c].left[k].error.worst_set);
  for (size_t k = 0; k < all->designs; k++)
    testudo_design_free(all->design[k]);
  testudo_i_arena_clear(&all->arena);
}

static testudo_status measure_curve(cli_stragglers *all, cli_curve *curve, const testudo_monitor *monitor,
                                    testudo_error *error)
{
  const cli_value *stragglers = cli_get(all->arguments, "stragglers"), *p = cli_get(all->arguments, "straggler-prob");
  bool one_step = curve->decoder == TESTUDO_DECODER_ONE_STEP;
  for (size_t k = 0; k < stragglers->count; k++) {
    int32_t s = stragglers->integers[k];
    double mean;
    curve->left[k].aligned = NAN;
    TESTUDO_I_TRY(testudo_straggler_error_measure(curve->design, curve->decoder, s, all->samples,
                                                  (uint64_t)all->seed, monitor, &curve->left[k].error, error));
    curve->count++;
    if (one_step)
      TESTUDO_I_TRY(testudo_one_step_error(curve->design, s, &mean, &curve->left[k].aligned, error));
  }
  for (size_t k = 0; one_step && k < p->count; k++) {
    cli_chance *chance = &curve->chance[k];
    chance->p = p->reals[k];
    TESTUDO_I_TRY(testudo_one_step_error_independent(curve->design, chance->p, &chance->mean, &chance->aligned,
                                                     error));
    curve->chances++;
  }
  return TESTUDO_OK;
}

testudo_status stragglers_measure(cli_stragglers *all, testudo_error *error)
{
  const testudo_monitor *monitor = session_progress_start("searching", all->arguments);
  testudo_status status = TESTUDO_OK;
  for (size_t c = 0; c < all->curves && status == TESTUDO_OK; c++)
    status = measure_curve(all, &all->curve[c], monitor, error);
  all->interrupted = status == TESTUDO_INTERRUPTED;
  return status;
}
