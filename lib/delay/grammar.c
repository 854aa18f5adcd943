/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LAW texts: the grammar, and the law that a text makes. */
#include "delay/grammar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "delay/delay_json.h"
#include "delay/laws/table.h"
#include "delay/number.h"

/* Mixtures of mixtures of .., shifts among them */
#define DEEPEST 8

const char *testudo_i_law_file(const char *text)
{
  const testudo_i_law_row *row = testudo_i_law_row_of(text);
  return text[0] == '@' ? text + 1 : row != NULL && row->file ? strchr(text, ':') + 1 : NULL;
}

/* The characters of the law at the start of a text: a comma may end a number or the law, and its row says which. */
static size_t law_span(const char *text, int depth)
{
  const testudo_i_law_row *row = testudo_i_law_row_of(text);
  if (row == NULL || row->file)
    return row == NULL ? strcspn(text, ",") : strlen(text);
  size_t at = strlen(row->name) + 1;
  for (int k = 0; k < row->numbers; k++)
    at += strcspn(text + at, ",") + (k + 1 < row->numbers && text[at + strcspn(text + at, ",")] == ',');
  for (int k = 0; depth < DEEPEST && k < row->parts; k++) {
    at += text[at] == ',';
    at += law_span(text + at, depth + 1);
  }
  return at;
}

void testudo_i_law_abbreviate(const testudo_law *law, char *text, size_t room)
{
  const double number[] = {law->a, law->b};
  size_t length = (size_t)snprintf(text, room, "%s:", law->row->name);
  for (int k = 0; k < law->row->numbers && length < room; k++)
    length += (size_t)snprintf(text + length, room - length, k == 0 ? "%.4g" : ",%.4g", number[law->row->first + k]);
  for (int k = 0; k < law->row->parts && length + 1 < room; k++) {
    text[length++] = ',';
    testudo_i_law_abbreviate(law->part[k], text + length, room - length);
    length += strlen(text + length);
  }
}

void testudo_i_law_forms(char *text, size_t room)
{
  size_t length = 0;
  for (size_t k = 0; k < testudo_i_laws && length < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s ", testudo_i_law_table[k].form);
  text[length - 1] = '\0'; /* the blank behind the last */
}

/* ---- refusals ---- */

/* "a rate", "a shape and a scale", "a p and two laws", "an x and a law", "a file" */
static void needs_of(const testudo_i_law_row *row, char *text, size_t room)
{
  size_t length = (size_t)snprintf(text, room, "%s", row->file ? "a file" : "");
  for (int k = 0; k < row->numbers; k++) {
    const char *name = row->number[k].name;
    length += (size_t)snprintf(text + length, room - length, "%s%s %s", k > 0 ? " and " : "",
                               strchr("aeiox", name[0]) != NULL ? "an" : "a", name);
  }
  if (row->parts > 0)
    snprintf(text + length, room - length, row->parts == 1 ? " and a law" : " and two laws");
}

static bool ends_in(const char *text, const char *end)
{
  return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* What is no law may be the name of one without its numbers, a file, or a slip of the hand. */
static testudo_status refuse_name(const char *text, testudo_error *error)
{
  char list[800] = "", nearest[40], needs[64];
  testudo_i_quote quote = testudo_i_word_quote((testudo_i_word){text, strcspn(text, ":")});
  for (size_t k = 0, length = 0; k < testudo_i_laws; k++)
    length += (size_t)snprintf(list + length, sizeof list - length, "%s, ", testudo_i_law_table[k].form);
  bool name = strchr(text, ':') == NULL; /* no word that is no law, before a file */
  if (name && ends_in(text, ".json"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%s' is not a law; did you mean @%s?", text, text);
  if ((name && ends_in(text, ".csv")) || (text[0] != '\0' && access(text, R_OK) == 0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%s' is not a law; did you mean trace:%s?", text, text);
  bool near = testudo_i_nearest(list, quote.text, nearest, sizeof nearest);
  const testudo_i_law_row *row = near ? testudo_i_law_row_of(nearest) : NULL;
  if (row != NULL && strcmp(text, row->name) == 0) {
    needs_of(row, needs, sizeof needs);
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%s' is not a law: %s needs %s: %s", text, text, needs,
                          row->form);
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "'%s' is not a law%s%s%s %s@delay.json", quote.text,
                        near ? "; did you mean " : "", near ? row->form : "", near ? "? Laws are" : "; laws are", list);
}

static testudo_status refuse_count(const testudo_i_law_row *row, testudo_error *error)
{
  if (row->parts > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s takes a number and %s: %s", row->name,
                          row->parts == 1 ? "a law" : "two laws", row->form);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s takes %d number%s: %s", row->name, row->numbers,
                        row->numbers == 1 ? "" : "s", row->form);
}

/* ---- making ---- */

static testudo_status parse_number(const testudo_i_law_row *row, int k, const char *token, size_t length,
                                   double *value, testudo_error *error)
{
  const testudo_i_law_number *of = &row->number[k];
  const testudo_i_word word = {token, length};
  bool inside = of->allowed == TESTUDO_I_BETWEEN, zero = of->allowed == TESTUDO_I_ZERO_TOO;
  if (testudo_i_parse_real(token, length, value) && ((*value > of->least && *value < of->most) ||
      (!inside && (*value == of->least || *value == of->most)) || (zero && *value == 0.0)))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %s '%s' is not a number %s %g %s %g%s", row->name, of->name,
                        testudo_i_word_quote(word).text, inside ? "between" : "from", of->least,
                        inside ? "and" : "to", of->most, zero && of->least > 0.0 ? ", or 0" : "");
}

/* *rest: what follows the last number. */
static testudo_status set_numbers(testudo_law *law, const char *text, const char **rest, testudo_error *error)
{
  const testudo_i_law_row *row = law->row;
  for (int k = 0; k < row->numbers; k++) {
    size_t length = strcspn(text, ",");
    if (row->parts == 0 && (text[length] == '\0') != (k + 1 == row->numbers))
      return refuse_count(row, error);
    TESTUDO_I_TRY(parse_number(row, k, text, length, row->first + k == 0 ? &law->a : &law->b, error));
    *rest = text + length;
    text += length + 1;
  }
  return testudo_i_law_set_kink(law, row->starts ? law->a : 0.0, error);
}

static testudo_status parse_into(testudo_law *law, const char *text, int depth, testudo_error *error);

/* The parts that follow the numbers, each after a comma. */
static testudo_status set_parts(testudo_law *law, const char *rest, int depth, testudo_error *error)
{
  for (int k = 0; k < law->row->parts; k++) {
    bool last = k + 1 == law->row->parts;
    const char *part = rest + (*rest == ',');
    size_t span = last ? strlen(part) : law_span(part, depth);
    if (testudo_i_law_file(part) != NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: '%s' names a file, but its laws are of numbers",
                            law->row->name,
                            testudo_i_word_quote((testudo_i_word){part, last ? span : strcspn(part, ",")}).text);
    if (*rest != ',' || (part[span] == ',') == last)
      return refuse_count(law->row, error);
    law->part[k] = testudo_i_calloc(1, sizeof *law->part[k]);
    char *text = testudo_i_arena_calloc(&law->arena, span + 1, 1);
    TESTUDO_I_TRY(law->part[k] == NULL ? testudo_i_fail_memory(error) : testudo_i_arena_check(&law->arena, error));
    memcpy(text, part, span);
    TESTUDO_I_TRY(parse_into(law->part[k], text, depth + 1, error));
    rest = part + span;
  }
  return TESTUDO_OK;
}

static testudo_status set_trace(testudo_law *law, const char *path, testudo_error *error)
{
  if (*path == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "trace: names no file; write trace:FILE.csv");
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  TESTUDO_I_TRY(testudo_i_trace_read_as(path, law->reading, &trace, error));
  TESTUDO_I_TRY(testudo_i_trace_check_chunks(&trace, path, "the law of its rows", error));
  TESTUDO_I_TRY(testudo_i_trace_correlation(&trace, &law->chunks, error));
  law->phases = trace.phases;
  double *seconds = trace.seconds;
  trace.seconds = NULL; /* the law's from here on */
  return testudo_i_law_set_samples(law, seconds, trace.rows, error);
}

static testudo_status parse_into(testudo_law *law, const char *text, int depth, testudo_error *error)
{
  law->row = testudo_i_law_row_of(text);
  if (law->row == NULL)
    return refuse_name(text, error);
  const char *rest = strchr(text, ':') + 1;
  if (law->row->file)
    return set_trace(law, rest, error);
  if (law->row->parts > 0 && depth >= DEEPEST)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %ss inside each other, %d at most", law->row->name,
                          law->row->name, DEEPEST);
  TESTUDO_I_TRY(set_numbers(law, rest, &rest, error));
  TESTUDO_I_TRY(set_parts(law, rest, depth, error));
  return law->row->make == NULL ? TESTUDO_OK : law->row->make(law, error);
}

static testudo_status set_texts(testudo_law *law, const char *text, testudo_error *error)
{
  law->text = testudo_i_arena_text(&law->arena, text);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  const char *file = testudo_i_law_file(law->text), *slash = file == NULL ? NULL : strrchr(file, '/');
  law->shown = law->text;
  if (slash == NULL)
    return TESTUDO_OK;
  char *shown = testudo_i_arena_text(&law->arena, text);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  strcpy(shown + (file - law->text), slash + 1);
  law->shown = shown;
  return TESTUDO_OK;
}

static testudo_status set_law(testudo_law *law, const char *text, testudo_error *error)
{
  TESTUDO_I_TRY(set_texts(law, text, error));
  TESTUDO_I_TRY(parse_into(law, text, 0, error));
  law->reading = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_i_law_make_as(const char *text, const testudo_trace_options *reading, testudo_law **law,
                                     testudo_error *error)
{
  *law = NULL;
  testudo_law *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->chunks = (testudo_i_correlation){NAN, NAN, NAN};
  made->reading = reading;
  TESTUDO_I_HAND_OVER(set_law(made, text, error), made, testudo_law_free, law);
}

static testudo_status set_samples(testudo_law *law, const char *text, double *seconds, int64_t count,
                                  testudo_error *error)
{
  law->row = testudo_i_law_row_of("trace:");
  TESTUDO_I_TRY(testudo_i_law_set_samples(law, seconds, count, error));
  return set_texts(law, text, error);
}

testudo_status testudo_i_law_of_samples(const char *text, double *seconds, int64_t count, testudo_law **law,
                                        testudo_error *error)
{
  *law = NULL;
  testudo_law *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL) {
    free(seconds);
    return testudo_i_fail_memory(error);
  }
  made->chunks = (testudo_i_correlation){NAN, NAN, NAN};
  TESTUDO_I_HAND_OVER(set_samples(made, text, seconds, count, error), made, testudo_law_free, law);
}

testudo_status testudo_i_law_rename(testudo_law *law, const char *text, testudo_error *error)
{
  law->named = testudo_i_arena_text(&law->arena, testudo_law_named(law));
  return set_texts(law, text, error);
}

testudo_status testudo_law_parse(const char *text, testudo_law **law, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_delay_terms_clear) testudo_i_delay_terms terms = {.law = NULL};
  *law = NULL;
  if (text[0] != '@')
    return testudo_i_law_make_as(text, NULL, law, error);
  if (text[1] == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "@ names no file; write @delay.json");
  TESTUDO_I_TRY(testudo_i_delay_file_read(text + 1, &terms, error));
  if (terms.model.law == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: holds a replay, which has no law", text + 1);
  return testudo_i_delay_terms_take_law(&terms, text, law, error);
}
