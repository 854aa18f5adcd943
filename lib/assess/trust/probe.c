/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress vectors drawn and looked at. */
#include "assess/trust/probe.h"

#include <math.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "runtime/completion.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* Numbers of each part: more would measure the same. */
enum { LENGTH = 2 };

testudo_status testudo_i_probe_open(testudo_i_probe *probe, const testudo_design *design, bool gradients,
                                    uint64_t seed, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule rule = {0};
  *probe = (testudo_i_probe){0};
  TESTUDO_I_TRY(testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &rule, error));
  probe->by_stragglers = rule.whole;
  probe->stragglers = rule.whole ? (int32_t)(testudo_i_rule_least_fatal(&rule) - 1) : 0;
  size_t workers = (size_t)design->workers;
  size_t tokens = probe->by_stragglers ? workers : (size_t)design->row[design->workers];
  probe->token = testudo_i_arena_alloc(&probe->arena, tokens, sizeof *probe->token);
  probe->magnified = testudo_i_arena_alloc(&probe->arena, (size_t)design->chunks, sizeof *probe->magnified);
  probe->weights = testudo_i_arena_alloc(&probe->arena, workers, sizeof *probe->weights);
  TESTUDO_I_TRY(testudo_i_arena_check(&probe->arena, error));
  TESTUDO_I_TRY(testudo_i_round_trip_open(&probe->trip, design, TESTUDO_DECODER_EXACT,
                                          gradients ? LENGTH * (size_t)design->parts : 0, true, error));
  if (gradients)
    testudo_i_round_trip_draw(&probe->trip, seed, 0);
  return TESTUDO_OK;
}

void testudo_i_probe_close(testudo_i_probe *probe)
{
  testudo_i_round_trip_close(&probe->trip);
  testudo_i_arena_clear(&probe->arena);
  *probe = (testudo_i_probe){0};
}

/* ---- progress vectors ---- */

testudo_status testudo_i_probe_straggle(testudo_i_probe *probe, testudo_error *error)
{
  const testudo_design *design = probe->trip.design;
  testudo_progress_reset(probe->trip.progress);
  for (int32_t k = probe->stragglers; k < design->workers; k++)
    TESTUDO_I_TRY(testudo_progress_mark(probe->trip.progress, probe->token[k],
                                        testudo_design_steps(design, probe->token[k]), error));
  return TESTUDO_OK;
}

/* A token for every chunk of every worker, in random order: each lets its worker finish one more. */
static testudo_status run_until_decodable(testudo_i_probe *probe, testudo_i_random *random, testudo_error *error)
{
  const testudo_design *design = probe->trip.design;
  testudo_progress *progress = probe->trip.progress;
  size_t tokens = 0;
  for (int32_t j = 0; j < design->workers; j++)
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      probe->token[tokens++] = j;
  testudo_i_random_shuffle(random, probe->token, tokens);
  testudo_progress_reset(progress);
  for (size_t t = 0; !testudo_progress_decodable(progress); t++)
    TESTUDO_I_TRY(testudo_progress_mark(progress, probe->token[t], testudo_progress_done(progress, probe->token[t]) + 1,
                                        error));
  return TESTUDO_OK;
}

testudo_status testudo_i_probe_sample(testudo_i_probe *probe, uint64_t seed, int64_t number, testudo_error *error)
{
  int32_t workers = probe->trip.design->workers;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, (uint64_t)number, 0);
  if (!probe->by_stragglers)
    return run_until_decodable(probe, &random, error);
  for (int32_t j = 0; j < workers; j++)
    probe->token[j] = j;
  testudo_i_random_shuffle(&random, probe->token, (size_t)workers);
  return testudo_i_probe_straggle(probe, error);
}

/* ---- what they do to the numbers ---- */

testudo_status testudo_i_probe_look(testudo_i_probe *probe, testudo_i_probe_numbers *numbers, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_amplification(probe->trip.codec, probe->trip.progress, &numbers->amplification,
                                      &numbers->condition, error));
  numbers->magnification = numbers->amplification;
  if (!probe->by_stragglers)
    return TESTUDO_OK;
  return testudo_i_magnification(&probe->trip, probe->weights, probe->magnified, &numbers->magnification, error);
}

int64_t testudo_i_probe_conditions(const testudo_design *design, int64_t samples)
{
  double n = design->workers;
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule rule = {0};
  if (design->scheme->row == NULL || design->chunks > TESTUDO_I_LIMIT_CONDITION_WORKERS ||
      design->workers > TESTUDO_I_LIMIT_CONDITION_WORKERS ||
      testudo_i_completion_rule(design, TESTUDO_REPORT_CHUNK, &rule, NULL) != TESTUDO_OK)
    return 0;
  bool equal = testudo_i_rule_shape(&rule) != TESTUDO_I_SHAPE_ONE_ROW;
  return equal ? 0 : (int64_t)fmin((double)samples, ceil(TESTUDO_I_LIMIT_CONDITION_STEPS / (n * n * n)));
}

testudo_status testudo_i_probe_condition(const testudo_i_probe *probe, double *condition, testudo_error *error)
{
  const testudo_design *design = probe->trip.design;
  return testudo_i_condition_of_rows(design, probe->token + probe->stragglers, design->workers - probe->stragglers,
                                     condition, error);
}

testudo_status testudo_i_probe_decode(testudo_i_probe *probe, double *in_double, double *in_float,
                                      testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_round_trip_double(&probe->trip, in_double, error));
  return testudo_i_round_trip_float(&probe->trip, in_float, error);
}
