/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LAW texts. */
#include "delay/mixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/number.h"
#include "numeric/integrate.h"
#include "numeric/pieces.h"

#define BUILT "exp:rate, shifted-exp:shift,rate, gamma:shape,scale, weibull:shape,scale, pareto:xmin,alpha, " \
  "lomax:alpha,scale, lognormal:mu,sigma, deterministic:x, mixture:p,LAW,LAW, trace:FILE.csv, @delay.json"

/* Mixtures of mixtures of .. */
#define DEEPEST 8

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
    {"gamma", TESTUDO_I_LAW_GAMMA, 2, {{"shape", 0.1, 1e6, false}, {"scale", POSITIVE}}},
    {"weibull", TESTUDO_I_LAW_WEIBULL, 2, {{"shape", 0.1, 1e6, false}, {"scale", POSITIVE}}},
    {"lomax", TESTUDO_I_LAW_LOMAX, 2, {{"alpha", 0.1, 1e15, false}, {"scale", POSITIVE}}},
    {"deterministic", TESTUDO_I_LAW_DETERMINISTIC, 1, {{"x", POSITIVE}}},
};

static bool named(const char *text, size_t length, const char *name)
{
  return strlen(name) == length && memcmp(text, name, length) == 0;
}

static testudo_status refuse_name(const char *text, size_t length, testudo_error *error)
{
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

/* The log quantile of a gamma law by the normal score of its probability, a smooth function: inverting the law for
   every draw would cost a hundred times as much. */
static double log_quantile(double score, void *context)
{
  const testudo_law *law = context;
  double p = 0.5 * erfc(-score / sqrt(2.0)), q = 0.5 * erfc(score / sqrt(2.0));
  return log(testudo_i_gamma_quantile(law->a, p, q));
}

/* Uniforms have 53 bits, so that no score is beyond 8.3. */
#define LARGEST_SCORE 8.4

static testudo_status set_gamma(testudo_law *law, testudo_error *error)
{
  law->score = testudo_i_pieces_create(log_quantile, law, -LARGEST_SCORE, LARGEST_SCORE, 1e-13);
  return law->score == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

static testudo_status set_atom(testudo_law *law, testudo_error *error)
{
  double *sample = testudo_i_alloc(1, sizeof *sample);
  if (sample == NULL)
    return testudo_i_fail_memory(error);
  *sample = law->a;
  return set_samples(law, sample, 1, error);
}

static bool starts_sharply(const testudo_law *law)
{
  return (law->kind == TESTUDO_I_LAW_SHIFTED && law->a > 0.0) || law->kind == TESTUDO_I_LAW_PARETO ||
         law->kind == TESTUDO_I_LAW_DETERMINISTIC;
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
  if (starts_sharply(law)) {
    law->kink = testudo_i_alloc(1, sizeof *law->kink);
    if (law->kink == NULL)
      return testudo_i_fail_memory(error);
    law->kink[law->kinks++] = law->a;
  }
  if (law->kind == TESTUDO_I_LAW_GAMMA)
    return set_gamma(law, error);
  return law->kind == TESTUDO_I_LAW_DETERMINISTIC ? set_atom(law, error) : TESTUDO_OK;
}

static testudo_status parse_into(testudo_law *law, const char *text, int depth, testudo_error *error);

static const form *find_form(const char *text, size_t length)
{
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (text[length] == ':' && named(text, length, forms[k].name))
      return &forms[k];
  return NULL;
}

/* ---- mixtures ---- */

/* The characters of the law at the start of a text: a comma may end a number or the law, and its form tells which. */
static size_t law_span(const char *text, int depth)
{
  size_t at = strcspn(text, ":");
  const form *found = find_form(text, at);
  bool mixed = text[at] == ':' && named(text, at, "mixture");
  if (found == NULL && !mixed)
    return strlen(text);
  int numbers = mixed ? 1 : found->numbers;
  at++;
  for (int k = 0; k < numbers; k++)
    at += strcspn(text + at, ",") + (k + 1 < numbers && text[at + strcspn(text + at, ",")] == ',');
  for (int k = 0; mixed && depth < DEEPEST && k < 2; k++) {
    at += text[at] == ',';
    at += law_span(text + at, depth + 1);
  }
  return at;
}

static bool names_file(const char *text)
{
  return text[0] == '@' || strncmp(text, "trace:", 6) == 0;
}

static testudo_status refuse_file(const char *text, size_t length, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "mixture: '%s' names a file, but its laws are of numbers",
                        testudo_i_quote_of(text, length).text);
}

static testudo_status set_part(testudo_law *law, int k, const char *text, size_t length, int depth,
                               testudo_error *error)
{
  if (names_file(text))
    return refuse_file(text, length, error);
  law->part[k] = testudo_i_calloc(1, sizeof *law->part[k]);
  char *copy = testudo_i_calloc(length + 1, 1);
  if (law->part[k] == NULL || copy == NULL) {
    free(copy);
    return testudo_i_fail_memory(error);
  }
  memcpy(copy, text, length);
  testudo_status status = parse_into(law->part[k], copy, depth + 1, error);
  free(copy);
  return status;
}

static testudo_status set_mixture(testudo_law *law, const char *text, int depth, testudo_error *error)
{
  if (depth >= DEEPEST)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "mixture: mixtures inside each other, %d at most", DEEPEST);
  size_t length = strcspn(text, ",");
  if (!testudo_i_parse_real(text, length, &law->a) || !(law->a > 0.0 && law->a < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "mixture: p '%s' is not a number between 0 and 1",
                          testudo_i_quote_of(text, length).text);
  law->kind = TESTUDO_I_LAW_MIXTURE;
  const char *first = text + length + (text[length] == ',');
  size_t span = law_span(first, depth);
  if (names_file(first))
    return refuse_file(first, strcspn(first, ","), error);
  if (text[length] != ',' || first[span] != ',')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "mixture takes a number and two laws: mixture:p,LAW,LAW");
  const char *second = first + span + 1;
  testudo_status status = set_part(law, 0, first, span, depth, error);
  if (status == TESTUDO_OK)
    status = set_part(law, 1, second, strlen(second), depth, error);
  return status == TESTUDO_OK ? testudo_i_mixture_finish(law, error) : status;
}

/* @FILE: the law that a delay file names. */
static testudo_status set_from_file(testudo_law *law, const char *path, testudo_error *error)
{
  if (*path == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "@ names no file; wanted is @delay.json");
  testudo_status status = testudo_i_delay_file_read(path, &law->named, error);
  if (status != TESTUDO_OK)
    return status;
  status = parse_into(law, law->named, 0, error);
  if (status == TESTUDO_ERROR_ARGUMENT) {
    testudo_i_error_prefix(error, "law");
    testudo_i_error_prefix(error, path);
    status = TESTUDO_ERROR_INPUT;
  }
  return status;
}

static testudo_status parse_into(testudo_law *law, const char *text, int depth, testudo_error *error)
{
  if (text[0] == '@')
    return set_from_file(law, text + 1, error);
  size_t length = strcspn(text, ":");
  if (text[length] == ':' && named(text, length, "trace"))
    return set_trace(law, text + length + 1, error);
  if (text[length] == ':' && named(text, length, "mixture"))
    return set_mixture(law, text + length + 1, depth, error);
  const form *found = find_form(text, length);
  return found == NULL ? refuse_name(text, length, error) : set_numbers(law, found, text + length + 1, error);
}

testudo_status testudo_law_parse(const char *text, testudo_law **law, testudo_error *error)
{
  *law = NULL;
  testudo_law *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  made->text = testudo_i_copy_string(text);
  testudo_status status = made->text == NULL ? testudo_i_fail_memory(error) : parse_into(made, text, 0, error);
  if (status == TESTUDO_OK)
    *law = made;
  else
    testudo_law_free(made);
  return status;
}
