/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One option's value: text to number, range and choice checks, and the sentences that say what is allowed. */
#include "option/option.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "delay/grammar.h"
#include "delay/number.h"

testudo_status cli_refuse(testudo_error *error, const char *format, ...)
{
  /* One byte more than a sentence may have, so that one too long is seen to be, and cut. */
  char text[sizeof error->text + 1];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s", text);
}

void cli_range_text(const cli_option *option, char *text, size_t room)
{
  bool low = isfinite(option->least), high = isfinite(option->most);
  bool number = option->kind == CLI_INTEGER || option->kind == CLI_REAL || option->kind == CLI_REALS ||
                option->kind == CLI_INTEGERS;
  int length = 0;
  text[0] = '\0';
  if (number && low && high && option->ends == CLI_CLOSED) {
    snprintf(text, room, "%.16g..%.16g", option->least, option->most);
    return;
  }
  if (number && low)
    length = snprintf(text, room, "%s %.16g", option->ends & CLI_OPEN_BELOW ? "above" : "at least", option->least);
  if (number && high)
    snprintf(text + length, room - (size_t)length, "%s%s %.16g", low ? " and " : "",
             option->ends & CLI_OPEN_ABOVE ? "below" : "at most", option->most);
}

static bool in_range(const cli_option *option, double x)
{
  return (option->ends & CLI_OPEN_BELOW ? x > option->least : x >= option->least) &&
         (option->ends & CLI_OPEN_ABOVE ? x < option->most : x <= option->most);
}

static testudo_status out_of_range(const cli_option *option, const char *text, testudo_error *error)
{
  char range[96];
  cli_range_text(option, range, sizeof range);
  return cli_refuse(error, "--%s: %s is out of range; allowed: %s", option->name, text, range);
}

static testudo_status parse_integer(const cli_option *option, const char *text, int64_t *integer, testudo_error *error)
{
  bool negative = text[0] == '-';
  int64_t number = testudo_i_word_count((testudo_i_word){text + negative, strlen(text) - negative});
  if (number < 0)
    return cli_refuse(error, "--%s: '%s' is not an integer", option->name, text);
  *integer = negative ? -number : number;
  return number < INT64_MAX && in_range(option, (double)*integer) ? TESTUDO_OK : out_of_range(option, text, error);
}

static testudo_status parse_real(const cli_option *option, const char *text, double *real, testudo_error *error)
{
  if (!testudo_i_parse_real(text, strlen(text), real))
    return cli_refuse(error, "--%s: '%s' is not a finite number", option->name, text);
  return in_range(option, *real) ? TESTUDO_OK : out_of_range(option, text, error);
}

/* An item of a list, of either kind. */
static testudo_status parse_item(const cli_option *option, const char *text, cli_value *value, testudo_error *error)
{
  size_t k = value->count++;
  if (option->kind == CLI_INTEGERS) {
    int64_t integer = 0;
    TESTUDO_I_TRY(parse_integer(option, text, &integer, error));
    value->reals[k] = value->integers[k] = (int32_t)integer;
  } else
    TESTUDO_I_TRY(parse_real(option, text, &value->reals[k], error));
  if (option->increasing && k > 0 && !(value->reals[k] > value->reals[k - 1]))
    return cli_refuse(error, "--%s: %s after %s, but they must increase", option->name, text, value->item[k - 1]);
  return TESTUDO_OK;
}

static testudo_status parse_list(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                                 testudo_error *error)
{
  size_t most = 1;
  for (const char *at = text; *at != '\0'; at++)
    most += *at == ',';
  value->reals = testudo_i_arena_calloc(arena, most, sizeof *value->reals);
  value->integers = testudo_i_arena_calloc(arena, most, sizeof *value->integers);
  value->item = testudo_i_arena_calloc(arena, most, sizeof *value->item);
  char *item = testudo_i_arena_text(arena, text);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (bool more = true; more; item += strlen(item) + 1) {
    char *comma = strchr(item, ',');
    more = comma != NULL;
    if (more)
      *comma = '\0';
    value->item[value->count] = item;
    TESTUDO_I_TRY(parse_item(option, item, value, error));
  }
  return TESTUDO_OK;
}

/* The number of the word that the text is, or begins with where something follows the word after a colon ("matrix:FILE"
   is "matrix:a.mtx"): *after is that, else NULL, and *file says whether it names a file. -1: there is none. */
static int find_choice(const char *words, const char *text, const char **after, bool *file)
{
  char word[64];
  *file = false;
  for (int k = 0; (words = testudo_i_next_word(words, word, sizeof word)) != NULL; k++) {
    const char *colon = strchr(word, ':');
    size_t stem = colon == NULL ? 0 : (size_t)(colon - word) + 1;
    *after = colon == NULL ? NULL : text + stem;
    if (colon == NULL ? strcmp(word, text) == 0 : strncmp(word, text, stem) == 0 && text[stem] != '\0') {
      *file = colon != NULL && strcmp(colon, ":FILE") == 0;
      return k;
    }
  }
  return -1;
}

bool cli_forms(const cli_option *option, char *text, size_t room)
{
  bool law = option->kind == CLI_LAW || option->kind == CLI_DELAY;
  if (law)
    testudo_i_law_forms(text, room);
  else if (option->choices != NULL)
    snprintf(text, room, "%s", option->choices);
  if (option->kind == CLI_DELAY)
    snprintf(text + strlen(text), room - strlen(text), " replay:FILE.csv @delay.json");
  return law || option->choices != NULL;
}

testudo_status cli_refuse_word(testudo_error *error, const char *what, const char *word, const char *allowed)
{
  char nearest[64], name[64];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":"), word);
  bool near = testudo_i_nearest(allowed, name, nearest, sizeof nearest);
  return cli_refuse(error, "%s: '%s' is unknown%s%s%s: %s", what, word, near ? "; did you mean " : "",
                    near ? nearest : "", near ? "? Allowed" : "; allowed", allowed);
}

static testudo_status parse_choice(const cli_option *option, const char *text, cli_value *value, const char **after,
                                   testudo_error *error)
{
  bool file;
  value->choice = find_choice(option->choices, text, after, &file);
  value->file = file ? *after : NULL;
  if (value->choice >= 0)
    return TESTUDO_OK;
  if (option->searched && strcmp(text, "best") == 0)
    return cli_refuse(error, "--%s: best is a search, not a value of this option; 'testudo optimize' runs it, without"
                      " --%s", option->name, option->name);
  char name[80];
  snprintf(name, sizeof name, "--%s", option->name);
  return cli_refuse_word(error, name, text, option->choices);
}

/* A command may allow some of all objectives only. */
static testudo_status parse_objective(const cli_option *option, const char *text, cli_value *value,
                                      testudo_error *error)
{
  const char *after;
  bool file;
  int kind = find_choice(CLI_OBJECTIVES, text, &after, &file);
  if (kind >= 0 && find_choice(option->choices, text, &after, &file) < 0)
    return cli_refuse(error, "--%s: %s does not apply to this command; allowed: %s", option->name, text,
                      option->choices);
  TESTUDO_I_TRY(parse_choice(option, text, value, &after, error));
  value->objective = (testudo_objective){.kind = (testudo_objective_kind)kind};
  if (after == NULL)
    return TESTUDO_OK;
  bool number = testudo_i_parse_real(after, strlen(after), &value->objective.at);
  double at = value->objective.at;
  bool quantile = value->objective.kind == TESTUDO_OBJECTIVE_QUANTILE;
  if (!number)
    return cli_refuse(error, "--%s: %s, but a number must follow %.*s", option->name, text, (int)(after - text), text);
  if (quantile && !(at > 0.0 && at < 1.0))
    return cli_refuse(error, "--%s: %s, but a quantile is between 0 and 1", option->name, text);
  if (!quantile && !(at >= 0.0))
    return cli_refuse(error, "--%s: %s, but a time is not negative", option->name, text);
  return TESTUDO_OK;
}

/* Only --delay takes models that are more than a law. */
static testudo_status take_law_text(const cli_option *option, const char *text, cli_value *value, testudo_error *error)
{
  static const char replay[] = "replay:";
  bool whole = option->kind == CLI_DELAY, replayed = strncmp(text, replay, strlen(replay)) == 0;
  if (!whole && (text[0] == '@' || replayed))
    return cli_refuse(error, "--%s: '%s' is a delay model, but a law is wanted; only --delay takes models",
                      option->name, text);
  value->law_text = text;
  value->file = replayed ? text + strlen(replay) : testudo_i_law_file(text);
  return replayed && *value->file == '\0'
             ? cli_refuse(error, "--%s: replay: names no file; write replay:FILE.csv", option->name) : TESTUDO_OK;
}

/* n:rate[:LAW] */
static testudo_status parse_class(const cli_option *option, const char *text, cli_value *value, testudo_error *error)
{
  const char *rate = text + strcspn(text, ":");
  const char *law = *rate == '\0' ? rate : rate + 1 + strcspn(rate + 1, ":");
  value->integer = testudo_i_word_count((testudo_i_word){text, (size_t)(rate - text)});
  if (*rate == '\0' || value->integer < 1 || value->integer > TESTUDO_MAX_WORKERS)
    return cli_refuse(error, "--%s: '%s' does not begin with a number of workers and a colon; wanted: %s", option->name,
                      text, option->value);
  if (!testudo_i_parse_real(rate + 1, (size_t)(law - rate) - 1, &value->real) || !(value->real > 0.0))
    return cli_refuse(error, "--%s: '%.*s' is not a rate above 0; wanted: %s", option->name, (int)(law - rate) - 1,
                      rate + 1, option->value);
  return *law == '\0' ? TESTUDO_OK : take_law_text(option, law + 1, value, error);
}

static testudo_status parse_choice_or_law(const cli_option *option, const char *text, cli_value *value,
                                          testudo_error *error)
{
  const char *after;
  TESTUDO_I_TRY(parse_choice(option, text, value, &after, error));
  return after == NULL ? TESTUDO_OK : take_law_text(option, after, value, error);
}

testudo_status cli_parse_value(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                               testudo_error *error)
{
  const char *after;
  value->text = text;
  if (text[0] == '\0' && !option->may_be_empty)
    return cli_refuse(error, "--%s: the value is empty; wanted: %s", option->name, option->value);
  if (option->may_be_none && strcmp(text, "none") == 0)
    return TESTUDO_OK; /* given, without a law and without numbers */
  switch (option->kind) {
  case CLI_INTEGER:
    return parse_integer(option, text, &value->integer, error);
  case CLI_REAL:
    return parse_real(option, text, &value->real, error);
  case CLI_REALS:
  case CLI_INTEGERS:
    return parse_list(option, text, value, arena, error);
  case CLI_OBJECTIVE:
    return parse_objective(option, text, value, error);
  case CLI_CHOICE:
  case CLI_CHOICE_OR_FILE:
    return parse_choice(option, text, value, &after, error);
  case CLI_LAW:
  case CLI_DELAY:
    return take_law_text(option, text, value, error);
  case CLI_CLASS:
    return parse_class(option, text, value, error);
  case CLI_CHOICE_OR_LAW:
    return parse_choice_or_law(option, text, value, error);
  case CLI_FILE:
    value->file = text;
    return TESTUDO_OK;
  default:
    return TESTUDO_OK;
  }
}
