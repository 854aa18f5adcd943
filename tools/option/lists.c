/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several values of an option whose command asks for one point after the other. */
#include "option/option.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

enum { MOST_ITEMS = 10000 };

bool cli_is_in(const cli_option *const *tables, const cli_option *option)
{
  for (const cli_option *const *table = tables; *table != NULL; table++)
    for (const cli_option *at = *table; at->name != NULL; at++)
      if (at == option)
        return true;
  return false;
}

bool cli_takes_list(const cli_command *command, const cli_option *option)
{
  if (option->kind == CLI_FLAG || option->repeated || command->lists == NULL)
    return false;
  return cli_is_in(command->lists, option);
}

/* Values that have no commas of their own. */
static bool has_no_commas(const cli_option *option)
{
  return option->kind == CLI_INTEGER || option->kind == CLI_REAL || option->kind == CLI_CHOICE ||
         option->kind == CLI_CHOICE_OR_FILE || option->kind == CLI_OBJECTIVE;
}

/* A range "first..last" or "first..last:step". */
typedef struct list_range {
  double first, last, step;
  size_t count;
} list_range;

/* false: the piece is no range. */
static testudo_status take_range(const cli_option *option, const char *piece, size_t length, bool *is_range,
                                 list_range *range, testudo_error *error)
{
  bool whole = option->kind == CLI_INTEGER;
  const char *dots = whole || option->kind == CLI_REAL ? strstr(piece, "..") : NULL, *end = piece + length, *colon;
  *is_range = dots != NULL && dots + 1 < end;
  if (!*is_range)
    return TESTUDO_OK;
  colon = memchr(dots, ':', (size_t)(end - dots));
  const char *stop = colon == NULL ? end : colon;
  range->step = whole ? 1.0 : NAN;
  bool read = testudo_i_parse_real(piece, (size_t)(dots - piece), &range->first) &&
              testudo_i_parse_real(dots + 2, (size_t)(stop - dots - 2), &range->last) &&
              (colon == NULL || testudo_i_parse_real(colon + 1, (size_t)(end - colon - 1), &range->step));
  if (read && isnan(range->step))
    return cli_refuse(error, "--%s: the range %.*s has no step; wanted: first..last:step", option->name, (int)length,
                      piece);
  if (!read || range->step <= 0.0 || range->last < range->first)
    return cli_refuse(error, "--%s: %.*s is not a range; wanted: first..last or first..last:step, the step above 0",
                      option->name, (int)length, piece);
  double steps = floor((range->last - range->first) / range->step + 1e-9);
  if (steps >= MOST_ITEMS)
    return cli_refuse(error, "--%s: %.*s has more than %d values", option->name, (int)length, piece, (int)MOST_ITEMS);
  range->count = (size_t)steps + 1;
  return TESTUDO_OK;
}

/* Adds one text, which the option must allow. */
static testudo_status add_item(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                               testudo_error *error)
{
  cli_value one = {.given = true};
  if (strcmp(text, "none") != 0)
    TESTUDO_I_TRY(cli_parse_value(option, text, &one, arena, error));
  for (size_t k = 0; k < value->count; k++)
    if (strcmp(value->item[k], text) == 0)
      return cli_refuse(error, "--%s: %s is given twice", option->name, text);
  value->item_file[value->count] = one.file;
  value->item[value->count++] = (char *)text;
  return TESTUDO_OK;
}

static testudo_status make_room(cli_value *value, size_t more, testudo_i_arena *arena, testudo_error *error)
{
  char **item = testudo_i_arena_calloc(arena, value->count + more, sizeof *item);
  const char **file = testudo_i_arena_calloc(arena, value->count + more, sizeof *file);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  if (value->count > 0) {
    memcpy(item, value->item, value->count * sizeof *item);
    memcpy(file, value->item_file, value->count * sizeof *file);
  }
  value->item = item;
  value->item_file = file;
  return TESTUDO_OK;
}

static testudo_status add_range(const cli_option *option, const list_range *range, cli_value *value,
                                testudo_i_arena *arena, testudo_error *error)
{
  enum { ROOM = 32 };
  TESTUDO_I_TRY(make_room(value, range->count, arena, error));
  for (size_t k = 0; k < range->count; k++) {
    char text[ROOM];
    snprintf(text, sizeof text, "%.12g", range->first + (double)k * range->step);
    char *kept = testudo_i_arena_text(arena, text);
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
    TESTUDO_I_TRY(add_item(option, kept, value, arena, error));
  }
  return TESTUDO_OK;
}

/* Of lists with commas value->text is all that was written, as one list. */
static testudo_status add_text(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                               testudo_error *error)
{
  if (value->text == NULL || !has_no_commas(option)) {
    value->text = text;
    return TESTUDO_OK;
  }
  size_t room = strlen(value->text) + strlen(text) + 2;
  char *joined = testudo_i_arena_alloc(arena, room, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  snprintf(joined, room, "%s,%s", value->text, text);
  value->text = joined;
  return TESTUDO_OK;
}

testudo_status cli_take_list(const cli_option *option, const char *text, cli_value *value, testudo_i_arena *arena,
                             testudo_error *error)
{
  TESTUDO_I_TRY(add_text(option, text, value, arena, error));
  if (!has_no_commas(option)) {
    TESTUDO_I_TRY(make_room(value, 1, arena, error));
    return add_item(option, text, value, arena, error);
  }
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ",");
    bool is_range;
    list_range range;
    TESTUDO_I_TRY(take_range(option, at, length, &is_range, &range, error));
    if (is_range)
      TESTUDO_I_TRY(add_range(option, &range, value, arena, error));
    else {
      char *piece = testudo_i_arena_alloc(arena, length + 1, 1);
      TESTUDO_I_TRY(make_room(value, 1, arena, error));
      memcpy(piece, at, length);
      piece[length] = '\0';
      TESTUDO_I_TRY(add_item(option, piece, value, arena, error));
    }
    at += length;
    if (*at == '\0')
      return TESTUDO_OK;
  }
}
