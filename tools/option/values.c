/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One option's value: text to number, range and choice checks, and the sentences that say what is allowed. */
#include "option/option.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "delay/grammar.h"

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

/* Steps through a list of words: copies the next into word, returns the rest, NULL at the end. */
static const char *next_word(const char *words, char *word, size_t room)
{
  if (words == NULL)
    return NULL;
  words += strspn(words, " ");
  size_t length = strcspn(words, " ");
  if (length == 0 || length >= room)
    return NULL;
  memcpy(word, words, length);
  word[length] = '\0';
  return words + length;
}

bool cli_is_utf8(const char *text)
{
  for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
    int more = *at < 0x80 ? 0 : *at >= 0xc2 && *at <= 0xdf ? 1 : *at >= 0xe0 && *at <= 0xef ? 2
               : *at >= 0xf0 && *at <= 0xf4 ? 3 : -1;
    unsigned char least = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80;
    unsigned char most = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf;
    if (more < 0)
      return false;
    for (at++; more > 0; more--, at++, least = 0x80, most = 0xbf)
      if (*at < least || *at > most)
        return false;
  }
  return true;
}

/* Edit distance (Levenshtein 1966) with two rows; words of this program are short. */
static size_t distance(const char *a, const char *b)
{
  enum { LONGEST = 40 };
  size_t row[LONGEST + 1], n = strlen(b), m = strlen(a);
  if (n > LONGEST || m > LONGEST)
    return SIZE_MAX;
  for (size_t k = 0; k <= n; k++)
    row[k] = k;
  for (size_t i = 1; i <= m; i++) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t k = 1; k <= n; k++) {
      size_t best = corner + (a[i - 1] != b[k - 1]);
      corner = row[k];
      best = row[k] + 1 < best ? row[k] + 1 : best;
      row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
    }
  }
  return row[n];
}

bool cli_nearest(const char *words, const char *text, char *nearest, size_t room)
{
  char word[64];
  size_t best = 3 < strlen(text) ? 3 : strlen(text);
  bool found = false;
  while ((words = next_word(words, word, sizeof word)) != NULL) {
    size_t away = distance(text, word);
    bool begins = strlen(text) >= 2 && strncmp(word, text, strlen(text)) == 0;
    if (away < best || (begins && !found)) {
      best = away < best ? away : best;
      found = true;
      snprintf(nearest, room, "%s", word);
    }
  }
  return found;
}

void cli_range_text(const cli_option *option, char *text, size_t room)
{
  bool low = isfinite(option->least), high = isfinite(option->most);
  bool above = option->ends == CLI_OPEN || option->ends == CLI_OPEN_BELOW;
  bool below = option->ends == CLI_OPEN || option->ends == CLI_OPEN_ABOVE;
  text[0] = '\0';
  if (option->kind != CLI_INTEGER && option->kind != CLI_REAL && option->kind != CLI_REALS)
    return;
  if (low && high && !above && !below)
    snprintf(text, room, "%.16g..%.16g", option->least, option->most);
  else if (low && high)
    snprintf(text, room, "%s %.16g and %s %.16g", above ? "above" : "at least", option->least,
             below ? "below" : "at most", option->most);
  else if (low)
    snprintf(text, room, "%s %.16g", above ? "above" : "at least", option->least);
  else if (high)
    snprintf(text, room, "%s %.16g", below ? "below" : "at most", option->most);
}

static bool in_range(const cli_option *option, double x)
{
  bool above = option->ends == CLI_OPEN || option->ends == CLI_OPEN_BELOW;
  bool below = option->ends == CLI_OPEN || option->ends == CLI_OPEN_ABOVE;
  return (above ? x > option->least : x >= option->least) && (below ? x < option->most : x <= option->most);
}

static testudo_status out_of_range(const cli_option *option, const char *text, testudo_error *error)
{
  char range[96];
  cli_range_text(option, range, sizeof range);
  return cli_refuse(error, "--%s: %s is out of range; allowed: %s", option->name, text, range);
}

static testudo_status parse_integer(const cli_option *option, const char *text, int64_t *integer, testudo_error *error)
{
  char *end = NULL;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  size_t digits = strspn(text + (text[0] == '-'), "0123456789");
  if (digits == 0 || *end != '\0')
    return cli_refuse(error, "--%s: '%s' is not an integer", option->name, text);
  if (errno == ERANGE || !in_range(option, (double)number))
    return out_of_range(option, text, error);
  *integer = number;
  return TESTUDO_OK;
}

static testudo_status parse_real(const cli_option *option, const char *text, double *real, testudo_error *error)
{
  char *end = NULL;
  double number = strtod(text, &end);
  /* strtod also takes blanks, hexadecimal, inf and nan: none is meant here. */
  if (end == text || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0' || !isfinite(number))
    return cli_refuse(error, "--%s: '%s' is not a finite number", option->name, text);
  if (!in_range(option, number))
    return out_of_range(option, text, error);
  *real = number;
  return TESTUDO_OK;
}

static testudo_status parse_reals(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                                  testudo_error *error)
{
  size_t most = 1;
  for (const char *at = text; *at != '\0'; at++)
    most += *at == ',';
  value->reals = testudo_i_arena_calloc(arena, most, sizeof *value->reals);
  value->item = testudo_i_arena_calloc(arena, most, sizeof *value->item);
  char *item = testudo_i_arena_alloc(arena, strlen(text) + 1, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  strcpy(item, text);
  for (bool more = true; more; item += strlen(item) + 1) {
    char *comma = strchr(item, ',');
    more = comma != NULL;
    if (more)
      *comma = '\0';
    value->item[value->count] = item;
    TESTUDO_I_TRY(parse_real(option, item, &value->reals[value->count++], error));
  }
  return TESTUDO_OK;
}

/* "matrix:FILE" in the list matches "matrix:a.mtx"; a plain word matches itself. */
static bool is_choice(const char *words, const char *text)
{
  char word[64];
  while ((words = next_word(words, word, sizeof word)) != NULL) {
    const char *colon = strchr(word, ':');
    size_t stem = colon == NULL ? 0 : (size_t)(colon - word) + 1;
    if (colon == NULL ? strcmp(word, text) == 0 : strncmp(word, text, stem) == 0 && text[stem] != '\0')
      return true;
  }
  return false;
}

bool cli_forms(const cli_option *option, char *text, size_t room)
{
  if (option->kind == CLI_LAW)
    testudo_i_law_forms(text, room);
  else if (option->choices != NULL)
    snprintf(text, room, "%s", option->choices);
  return option->kind == CLI_LAW || option->choices != NULL;
}

const char *cli_file_in(const cli_option *option, const char *value)
{
  const char *colon = option->kind == CLI_CHOICE ? strchr(value, ':') : NULL;
  return option->kind == CLI_FILE ? value : option->kind == CLI_LAW ? testudo_i_law_file(value)
                                          : colon != NULL           ? colon + 1
                                                                    : NULL;
}

static testudo_status check_choice(const cli_option *option, const char *text, testudo_error *error)
{
  if (is_choice(option->choices, text))
    return TESTUDO_OK;
  char nearest[64];
  bool near = cli_nearest(option->choices, text, nearest, sizeof nearest);
  return cli_refuse(error, "--%s: '%s' is unknown%s%s%s; allowed: %s", option->name, text,
                    near ? "; did you mean " : "", near ? nearest : "", near ? "?" : "", option->choices);
}

testudo_status cli_parse_value(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                               testudo_error *error)
{
  value->text = text;
  if (text[0] == '\0')
    return cli_refuse(error, "--%s: the value is empty; wanted: %s", option->name, option->value);
  switch (option->kind) {
  case CLI_INTEGER:
    return parse_integer(option, text, &value->integer, error);
  case CLI_REAL:
    return parse_real(option, text, &value->real, error);
  case CLI_REALS:
    return parse_reals(option, text, value, arena, error);
  case CLI_CHOICE:
    return check_choice(option, text, error);
  default:
    return TESTUDO_OK;
  }
}
