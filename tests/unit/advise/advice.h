/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every advice must be, whatever was asked: the list complete, values where they are claimed, the rule of the
   verdict. */
#ifndef TESTUDO_TESTS_UNIT_ADVISE_ADVICE_H
#define TESTUDO_TESTS_UNIT_ADVISE_ADVICE_H

#include "check.h"

#include <unistd.h>

#include <testudo/advise.h>

/* What decides: the replayed objective where iterations can be run again, otherwise the predicted one. */
static inline const testudo_remedy_times *deciding_times(const testudo_advice *advice, int32_t k)
{
  return advice->remedy[0].replayed.iterations > 0 ? &advice->remedy[k].replayed : &advice->remedy[k].predicted;
}

static inline double deciding_value(const testudo_advice *advice, int32_t k)
{
  return deciding_times(advice, k)->objective;
}

static inline bool is_code(testudo_remedy_kind kind)
{
  return kind == TESTUDO_REMEDY_GRADIENT_CODE || kind == TESTUDO_REMEDY_NESTED || kind == TESTUDO_REMEDY_BLOCK ||
         kind == TESTUDO_REMEDY_PARTIAL;
}

/* The least of a kind, or -1 where none was measured. */
static inline int32_t least_of(const testudo_advice *advice, testudo_remedy_kind kind)
{
  int32_t least = -1;
  for (int32_t k = 0; k < advice->remedies; k++)
    if (advice->remedy[k].kind == kind && !isnan(deciding_value(advice, k)) &&
        (least < 0 || deciding_value(advice, k) < deciding_value(advice, least)))
      least = k;
  return least;
}

static inline void check_times(const testudo_remedy_times *times)
{
  if (times->iterations == 0) {
    assert_true(isnan(times->mean) && isnan(times->low) && isnan(times->high) && isnan(times->median));
    assert_true(isnan(times->high_quantile) && isnan(times->objective) && isnan(times->gain));
    return;
  }
  double rounding = 1e-12 * fabs(times->mean); /* equal times have an interval of no width */
  assert_true(times->low <= times->mean + rounding && times->mean <= times->high + rounding);
  assert_true(times->p_never >= 0.0 && times->p_never <= 1.0);
  assert_false(isnan(times->objective));
  assert_int_equal(isnan(times->high_quantile), times->iterations < 100);
  if (!isnan(times->gain_low))
    assert_true(times->gain_low <= times->gain + 1e-12 && times->gain <= times->gain_high + 1e-12);
}

static inline void check_remedy(const testudo_advice *advice, int32_t k)
{
  const testudo_remedy *remedy = &advice->remedy[k];
  bool measured = remedy->dropped[0] == '\0';
  assert_true(remedy->name[0] != '\0' && memchr(remedy->name, '\0', sizeof remedy->name) != NULL);
  assert_true(measured || memchr(remedy->dropped, '\0', sizeof remedy->dropped) != NULL);
  assert_int_equal(remedy->exact_gradient, remedy->kind < TESTUDO_REMEDY_FIRST_K);
  assert_true(k == 0 || advice->remedy[k - 1].exact_gradient || !remedy->exact_gradient);
  check_times(&remedy->predicted);
  check_times(&remedy->replayed);
  /* A remedy may be known of drawn iterations alone: scheme block is not replayed. */
  assert_int_equal(isnan(remedy->predicted.objective) && isnan(remedy->replayed.objective), !measured);
  if (advice->iterations == 0)
    assert_int_equal(remedy->replayed.iterations, 0);
  if (!measured || !remedy->exact_gradient)
    return;
  assert_true(remedy->load > 0.0 && remedy->copies >= 1.0 - 1e-12 && remedy->computed > 0.0);
  assert_true(remedy->messages >= 1.0 && remedy->floats > 0.0);
  assert_true(remedy->kind == TESTUDO_REMEDY_NONE || remedy->change[0] != '\0');
}

/* Recommended is the least exact value, if it gains 2 % and more than its interval; otherwise doing nothing. Equal
   values are equally right. */
static inline void check_verdict(const testudo_advice *advice)
{
  int32_t least = 0, code = -1;
  for (int32_t k = 0; k < advice->remedies; k++) {
    double value = deciding_value(advice, k);
    if (isnan(value) || !advice->remedy[k].exact_gradient)
      continue;
    least = value < deciding_value(advice, least) ? k : least;
    if (is_code(advice->remedy[k].kind) && (code < 0 || value < deciding_value(advice, code)))
      code = k;
  }
  const testudo_remedy_times *times = deciding_times(advice, least);
  if (least > 0 && (times->gain < 0.02 || !(times->gain_low > 0.0)))
    least = 0;
  assert_true(advice->recommended >= 0 && advice->recommended < advice->remedies);
  assert_true(advice->remedy[advice->recommended].exact_gradient);
  assert_true(deciding_value(advice, advice->recommended) == deciding_value(advice, least));
  assert_int_equal(advice->best_code < 0, code < 0);
  if (code >= 0) {
    assert_true(is_code(advice->remedy[advice->best_code].kind));
    assert_true(deciding_value(advice, advice->best_code) == deciding_value(advice, code));
  }
  assert_true(advice->verdict[0] != '\0' && advice->because[0] != '\0');
}

static inline void check_cost(const testudo_advice *advice)
{
  const testudo_straggler_cost *cost = &advice->cost;
  double chunk = isnan(cost->chunk) ? 0.0 : cost->chunk;
  assert_true(cost->mean > 0.0 && cost->slowest >= cost->mean);
  assert_close(cost->slowest_over_mean, cost->slowest / cost->mean, 1e-12);
  assert_near(cost->persistent + cost->iteration + chunk, cost->slowest_over_mean - 1.0, 1e-12);
  assert_true(cost->common >= 0.0);
}

static inline void check_advice(const testudo_advice *advice)
{
  bool seen[TESTUDO_REMEDIES] = {false};
  assert_true(advice->remedies >= TESTUDO_REMEDIES && !advice->stopped);
  for (int32_t k = 0; k < advice->remedies; k++) {
    seen[advice->remedy[k].kind] = true;
    check_remedy(advice, k);
  }
  for (int kind = 0; kind < TESTUDO_REMEDIES; kind++)
    if (!seen[kind])
      fail_msg("%s is not in the list", testudo_remedy_name((testudo_remedy_kind)kind));
  assert_int_equal(advice->remedy[0].kind, TESTUDO_REMEDY_NONE);
  assert_true(advice->remedy[0].exact_gradient && advice->remedy[0].dropped[0] == '\0');
  assert_near(deciding_times(advice, 0)->gain, 0.0, 1e-15);
  assert_int_equal(advice->fit != NULL, advice->iterations > 0);
  check_cost(advice);
  check_verdict(advice);
}

static inline testudo_advice *advice_of(const testudo_advise_request *request)
{
  testudo_advice *advice;
  testudo_error error = {""};
  if (testudo_advise(request, &advice, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  check_advice(advice);
  return advice;
}

/* A file of this process alone, in `path` of 64 bytes; the test removes it. */
static inline FILE *new_trace(char *path)
{
  strcpy(path, "test_advise_XXXXXX");
  FILE *file = fdopen(mkstemp(path), "w");
  assert_non_null(file);
  return file;
}

#endif
