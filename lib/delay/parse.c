/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LAW texts. */
#include "delay/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/number.h"

#define BUILT "exp:rate, shifted-exp:shift,rate, lognormal:mu,sigma, pareto:xmin,alpha, deterministic:x, " \
  "trace:FILE.csv, @delay.json"

typedef struct parameter {
  const char *name;
  double least, most;
  bool zero; /* 0 is allowed too */
} parameter;

typedef struct form {
  const char *name;
  testudo_i_law_kind kind;
  int numbers;
  parameter parameter[2];
} form;

#define POSITIVE TESTUDO_I_LEAST, TESTUDO_I_MOST, false

/* mu is the logarithm of a time in the accepted range. A larger sigma or a smaller alpha would give moments, and draws
   from uniforms of 53 bits, beyond what a double holds. */
static const form forms[] = {
    {"exp", TESTUDO_I_LAW_EXPONENTIAL, 1, {{"rate", POSITIVE}}},
    {"shifted-exp", TESTUDO_I_LAW_SHIFTED, 2, {{"shift", TESTUDO_I_LEAST, TESTUDO_I_MOST, true}, {"rate", POSITIVE}}},
    {"lognormal", TESTUDO_I_LAW_LOGNORMAL, 2, {{"mu", -230, 230, true}, {"sigma", TESTUDO_I_LEAST, 10, false}}},
    {"pareto", TESTUDO_I_LAW_PARETO, 2, {{"xmin", POSITIVE}, {"alpha", 0.1, TESTUDO_I_MOST, false}}},
    {"deterministic", TESTUDO_I_LAW_DETERMINISTIC, 1, {{"x", POSITIVE}}},
};

static const char *const later[] = {"gamma", "weibull", "lomax", "mixture"};

static bool named(const char *text, size_t length, const char *name)
{
  return strlen(name) == length && memcmp(text, name, length) == 0;
}

static testudo_status refuse_name(const char *text, size_t length, testudo_error *error)
{
  for (size_t k = 0; k < sizeof later / sizeof *later; k++)
    if (named(text, length, later[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the law %s is not built in this version; built are " BUILT,
                            later[k]);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%s' is not a law; laws are " BUILT,
                        testudo_i_quote_of(text, length).text);
}

static testudo_status parse_number(const form *wanted, const parameter *of, const char *token, size_t length,
                                   double *value, testudo_error *error)
{
  if (testudo_i_parse_real(token, length, value) &&
      ((*value >= of->least && *value <= of->most) || (of->zero && *value == 0.0)))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %s '%s' is not a number from %g to %g%s", wanted->name,
                        of->name, testudo_i_quote_of(token, length).text, of->least, of->most,
                        of->zero && of->least > 0.0 ? ", or 0" : "");
}

static testudo_status parse_numbers(const form *wanted, const char *text, double number[2], testudo_error *error)
{
  for (int k = 0; k < wanted->numbers; k++) {
    size_t length = strcspn(text, ",");
    bool last = k + 1 == wanted->numbers;
    if ((text[length] == '\0') != last)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s takes %d number%s: %s:%s%s%s", wanted->name,
                            wanted->numbers, wanted->numbers == 1 ? "" : "s", wanted->name, wanted->parameter[0].name,
                            wanted->numbers == 1 ? "" : ",", wanted->numbers == 1 ? "" : wanted->parameter[1].name);
    testudo_status status = parse_number(wanted, &wanted->parameter[k], text, length, &number[k], error);
    if (status != TESTUDO_OK)
      return status;
    text += length + 1;
  }
  return TESTUDO_OK;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Takes the samples over and derives the distinct values. */
static testudo_status set_samples(testudo_law *law, double *sample, int64_t samples, testudo_error *error)
{
  law->sample = sample;
  law->samples = samples;
  law->value = testudo_i_alloc((size_t)samples, sizeof *law->value);
  law->cumulated = testudo_i_alloc((size_t)samples, sizeof *law->cumulated);
  if (law->value == NULL || law->cumulated == NULL)
    return testudo_i_fail_memory(error);
  qsort(sample, (size_t)samples, sizeof *sample, ascending);
  for (int64_t k = 0; k < samples; k++) {
    if (k == 0 || sample[k] != sample[k - 1])
      law->value[law->values++] = sample[k];
    law->cumulated[law->values - 1] = (double)(k + 1) / (double)samples;
  }
  return TESTUDO_OK;
}

static testudo_status set_trace(testudo_law *law, const char *path, testudo_error *error)
{
  if (*path == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "trace: names no file; wanted is trace:FILE.csv");
  testudo_i_trace trace;
  testudo_status status = testudo_i_trace_read(path, &trace, error);
  if (status != TESTUDO_OK)
    return status;
  law->kind = TESTUDO_I_LAW_TRACE;
  status = set_samples(law, trace.seconds, trace.rows, error);
  trace.seconds = NULL;
  testudo_i_trace_free(&trace);
  return status;
}

static testudo_status set_numbers(testudo_law *law, const form *wanted, const char *text, testudo_error *error)
{
  double number[2] = {0.0, 0.0};
  testudo_status status = parse_numbers(wanted, text, number, error);
  if (status != TESTUDO_OK)
    return status;
  law->kind = wanted->kind;
  law->a = number[0];
  law->b = number[1];
  if (law->kind != TESTUDO_I_LAW_DETERMINISTIC)
    return TESTUDO_OK;
  double *sample = testudo_i_alloc(1, sizeof *sample);
  if (sample == NULL)
    return testudo_i_fail_memory(error);
  *sample = law->a;
  return set_samples(law, sample, 1, error);
}

static testudo_status parse_into(testudo_law *law, const char *text, testudo_error *error);

/* @FILE: the law that a delay file names. */
static testudo_status set_from_file(testudo_law *law, const char *path, testudo_error *error)
{
  if (*path == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "@ names no file; wanted is @delay.json");
  testudo_status status = testudo_i_delay_file_read(path, &law->named, error);
  if (status != TESTUDO_OK)
    return status;
  status = parse_into(law, law->named, error);
  if (status == TESTUDO_ERROR_ARGUMENT) {
    testudo_i_error_prefix(error, "law");
    testudo_i_error_prefix(error, path);
    status = TESTUDO_ERROR_INPUT;
  }
  return status;
}

static testudo_status parse_into(testudo_law *law, const char *text, testudo_error *error)
{
  if (text[0] == '@')
    return set_from_file(law, text + 1, error);
  size_t length = strcspn(text, ":");
  if (text[length] == ':' && named(text, length, "trace"))
    return set_trace(law, text + length + 1, error);
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (text[length] == ':' && named(text, length, forms[k].name))
      return set_numbers(law, &forms[k], text + length + 1, error);
  return refuse_name(text, length, error);
}

testudo_status testudo_law_parse(const char *text, testudo_law **law, testudo_error *error)
{
  *law = NULL;
  testudo_law *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  made->text = testudo_i_copy_string(text);
  testudo_status status = made->text == NULL ? testudo_i_fail_memory(error) : parse_into(made, text, error);
  if (status == TESTUDO_OK)
    *law = made;
  else
    testudo_law_free(made);
  return status;
}
