/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/number.h"

testudo_status testudo_i_table_fail(const testudo_i_table *table, testudo_error *error, const char *format, ...)
{
  char sentence[sizeof error->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: %s", table->name, (long long)table->line, sentence);
}

testudo_i_quote testudo_i_table_quote(const testudo_i_table *table, size_t k)
{
  return testudo_i_word_quote(table->cell[k]);
}

/* ---- lines ---- */

/* The next line of the window, without its end; false: there is none. */
static testudo_status table_line(testudo_i_table *table, char **at, char **stop, bool *more, testudo_error *error)
{
  testudo_i_source *source = table->source;
  char *feed = NULL;
  size_t seen = 0;
  table->line++;
  while (true) {
    size_t length = source->end - source->at;
    feed = length > seen ? memchr(source->window + source->at + seen, table->feed, length - seen) : NULL;
    if (feed != NULL || source->over)
      break;
    seen = length;
    if (seen > TESTUDO_I_LIMIT_TABLE_LINE)
      return testudo_i_table_fail(table, error, "longer than %zu characters", TESTUDO_I_LIMIT_TABLE_LINE);
    TESTUDO_I_TRY(testudo_i_source_fill(source, error));
  }
  *more = feed != NULL || source->end > source->at;
  *at = source->window + source->at;
  *stop = feed == NULL ? source->window + source->end : feed;
  source->at = feed == NULL ? source->end : (size_t)(feed - source->window) + 1;
  if (*stop > *at && (*stop)[-1] == '\r')
    --*stop;
  return TESTUDO_OK;
}

static testudo_status keep_comment(testudo_i_table *table, const char *at, const char *stop, testudo_error *error)
{
  size_t length = (size_t)(stop - at);
  free(table->comment);
  table->comment = testudo_i_alloc(length + 1, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(table->comment != NULL, error));
  memcpy(table->comment, at, length);
  table->comment[length] = '\0';
  return TESTUDO_OK;
}

/* "sep=;", by which Excel knows the separator. */
static bool is_separator_line(testudo_i_table *table, const char *at, const char *stop)
{
  bool is = table->first == 0 && stop - at == 5 && strncasecmp(at, "sep=", 4) == 0;
  if (is && !table->fixed)
    table->separator = at[4];
  return is;
}

/* The next line with something on it that is no comment. */
static testudo_status table_content(testudo_i_table *table, char **at, char **stop, bool *more, testudo_error *error)
{
  for (*more = true; *more;) {
    char *first;
    TESTUDO_I_TRY(table_line(table, at, stop, more, error));
    for (first = *at; first < *stop && (testudo_i_is_blank(*first) || *first == '\r');)
      first++;
    if (first == *stop || is_separator_line(table, *at, *stop))
      continue;
    if (*first != '#')
      break;
    if (table->first == 0)
      TESTUDO_I_TRY(keep_comment(table, first + 1, *stop, error));
  }
  return TESTUDO_OK;
}

/* ---- cells ---- */

/* Behind the mark that closes a cell which begins with one. */
static const char *behind_quotes(const char *at, const char *stop)
{
  for (at++; at < stop && (*at != '"' || (at + 1 < stop && at[1] == '"')); at++)
    at += *at == '"';
  return at < stop ? at + 1 : stop;
}

/* Tabs and semicolons go before commas, which may be those of decimals, and all before blanks, which names may have;
   what is quoted does not count. A line of one cell has none. */
static char sniff_separator(const testudo_i_table *table, const char *at, const char *stop)
{
  bool quotes = false, comma = false, blank = false, semicolon = false, letters = false;
  while (stop > at && testudo_i_is_blank(stop[-1]))
    stop--;
  while (at < stop && testudo_i_is_blank(*at))
    at++;
  for (bool begins = true; at < stop; at++) {
    if (begins && *at == '"') {
      quotes = true;
      at = behind_quotes(at, stop);
      if (at == stop)
        break;
    }
    if (*at == '\t')
      return '\t';
    semicolon |= *at == ';';
    comma |= *at == ',';
    blank |= *at == ' ';
    letters |= (*at | 32) >= 'f' && (*at | 32) <= 'z';
    begins = *at == ' ' || *at == ';' || *at == ',';
  }
  if (semicolon)
    return ';';
  return comma && (table->point != ',' || quotes || letters) ? ',' : blank ? ' ' : '\n';
}

static testudo_status add_cell(testudo_i_table *table, const char *at, const char *stop, testudo_error *error)
{
  if (table->cells == table->room)
    TESTUDO_I_TRY(TESTUDO_I_GROW(table->cell, table->room, table->cells + 16, error));
  if (table->cells == TESTUDO_I_LIMIT_TABLE_COLUMNS)
    return testudo_i_table_fail(table, error, "more than %d cells", TESTUDO_I_LIMIT_TABLE_COLUMNS);
  table->cell[table->cells++] = (testudo_i_word){at, (size_t)(stop - at)};
  return TESTUDO_OK;
}

/* A cell that begins with a quotation mark: *end is behind its last one. Two marks within become one, in place. */
static testudo_status quoted_cell(testudo_i_table *table, char *at, char *stop, char **end, testudo_error *error)
{
  char *from = ++at, *to = at;
  while (from < stop && (*from != '"' || (from + 1 < stop && from[1] == '"'))) {
    from += *from == '"';
    *to++ = *from++;
  }
  if (from == stop)
    return testudo_i_table_fail(table, error, "a quotation mark that is not closed on its line");
  *end = from + 1;
  return add_cell(table, at, to, error);
}

static testudo_status cut_words(testudo_i_table *table, char *at, char *stop, testudo_error *error)
{
  while (true) {
    while (at < stop && testudo_i_is_blank(*at))
      at++;
    if (at == stop)
      return TESTUDO_OK;
    char *first = at;
    if (*at == '"') {
      TESTUDO_I_TRY(quoted_cell(table, at, stop, &at, error));
      if (at < stop && !testudo_i_is_blank(*at))
        return testudo_i_table_fail(table, error, "cell %zu goes on behind its quotation mark", table->cells);
      continue;
    }
    while (at < stop && !testudo_i_is_blank(*at))
      at++;
    TESTUDO_I_TRY(add_cell(table, first, at, error));
  }
}

static testudo_status cut_cells(testudo_i_table *table, char *at, char *stop, testudo_error *error)
{
  const char separator = table->separator;
  while (true) {
    while (at < stop && *at != separator && testudo_i_is_blank(*at))
      at++;
    char *first = at, *last;
    if (at < stop && *at == '"') {
      TESTUDO_I_TRY(quoted_cell(table, at, stop, &at, error));
      while (at < stop && *at != separator && testudo_i_is_blank(*at))
        at++;
      if (at < stop && *at != separator)
        return testudo_i_table_fail(table, error, "cell %zu goes on behind its quotation mark", table->cells);
    } else {
      while (at < stop && *at != separator)
        at++;
      for (last = at; last > first && testudo_i_is_blank(last[-1]);)
        last--;
      TESTUDO_I_TRY(add_cell(table, first, last, error));
    }
    if (at == stop)
      return TESTUDO_OK;
    at++;
  }
}

static testudo_status table_cut(testudo_i_table *table, char *at, char *stop, testudo_error *error)
{
  table->cells = 0;
  return table->separator == ' ' ? cut_words(table, at, stop, error) : cut_cells(table, at, stop, error);
}

/* ---- rows ---- */

testudo_status testudo_i_table_start(testudo_i_table *table, testudo_i_source *source,
                                     const testudo_i_table_options *options, testudo_error *error)
{
  *table = (testudo_i_table){.name = source->name, .source = source};
  while (source->end - source->at < 16 && !source->over)
    TESTUDO_I_TRY(testudo_i_source_fill(source, error));
  TESTUDO_I_TRY(testudo_i_source_check_text(source, error));
  source->at += testudo_i_source_begins(source, "\xef\xbb\xbf", 3) ? 3 : 0;
  /* Old Macintosh files end their lines with CR alone. */
  const char *first = source->window + source->at;
  size_t length = source->end - source->at; /* the last byte may be the CR of a CR LF */
  bool ends = length > 1 && memchr(first, '\r', length - 1) != NULL && memchr(first, '\n', length) == NULL;
  table->feed = ends ? '\r' : '\n';
  if (options == NULL)
    return TESTUDO_OK;
  table->separator = options->separator;
  table->fixed = options->separator != 0;
  table->point = options->decimal_comma ? ',' : 0;
  return TESTUDO_OK;
}

static void begin_rows(testudo_i_table *table, const char *at, const char *stop)
{
  table->first = table->line;
  if (table->separator == 0)
    table->separator = sniff_separator(table, at, stop);
  if (table->separator == ',' && table->point == 0)
    table->point = '.';
}

/* R writes names of rows, but no name of their column. */
static void drop_row_name(testudo_i_table *table)
{
  memmove(table->cell, table->cell + 1, --table->cells * sizeof *table->cell);
}

testudo_status testudo_i_table_row(testudo_i_table *table, bool *more, testudo_error *error)
{
  char *at = NULL, *stop = NULL;
  TESTUDO_I_TRY(table_content(table, &at, &stop, more, error));
  if (!*more)
    return TESTUDO_OK;
  bool fresh = table->first == 0, named = *at == '"';
  if (fresh)
    begin_rows(table, at, stop);
  TESTUDO_I_TRY(table_cut(table, at, stop, error));
  if (fresh)
    table->columns = table->cells;
  if (table->cells == table->columns + 1 && table->cell[table->columns].length == 0)
    table->cells--;
  else if (table->cells == table->columns + 1 && named)
    drop_row_name(table);
  if (table->cells != table->columns)
    return testudo_i_table_fail(table, error, "%zu cell%s, but line %lld has %zu", table->cells,
                                table->cells == 1 ? "" : "s", (long long)table->first, table->columns);
  return TESTUDO_OK;
}

testudo_status testudo_i_table_first(testudo_i_table *table, testudo_error *error)
{
  bool more;
  TESTUDO_I_TRY(testudo_i_table_row(table, &more, error));
  return more ? TESTUDO_OK : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is empty", table->name);
}

/* ---- cells as numbers ---- */

/* The first number with a point or a comma says what all have. */
bool testudo_i_table_real(testudo_i_table *table, size_t k, double *value)
{
  testudo_i_word cell = table->cell[k];
  if (table->point != 0)
    return testudo_i_parse_real_with(cell.at, cell.length, table->point, value);
  char point = memchr(cell.at, ',', cell.length) != NULL ? ',' : '.';
  bool number = testudo_i_parse_real_with(cell.at, cell.length, point, value);
  if (number && memchr(cell.at, point, cell.length) != NULL)
    table->point = point;
  return number;
}

int64_t testudo_i_table_whole(testudo_i_table *table, size_t k)
{
  int64_t count = testudo_i_word_count(table->cell[k]);
  double value;
  if (count >= 0 || table->cell[k].length == 0 || !testudo_i_table_real(table, k, &value))
    return count;
  return value >= 0.0 && value == floor(value) ? value < 0x1p53 ? (int64_t)value : INT64_MAX : -1;
}

bool testudo_i_table_is_text(testudo_i_table *table, size_t k)
{
  char text[64], *end;
  double value;
  testudo_i_word cell = table->cell[k];
  if (cell.length == 0 || testudo_i_table_real(table, k, &value))
    return false;
  if (cell.length >= sizeof text)
    return true;
  memcpy(text, cell.at, cell.length);
  text[cell.length] = '\0';
  (void)strtod(text, &end);
  return end == text || *end != '\0';
}

bool testudo_i_table_is_header(testudo_i_table *table)
{
  char point = table->point;
  bool names = false;
  for (size_t k = 0; k < table->cells && !names; k++)
    names = testudo_i_table_is_text(table, k);
  table->point = names ? point : table->point;
  return names;
}

testudo_status testudo_i_table_index(testudo_i_table *table, size_t k, const char *what, int32_t end, int32_t *index,
                                     testudo_error *error)
{
  int64_t count = testudo_i_table_whole(table, k);
  if (count < 0 || count >= end)
    return testudo_i_table_fail(table, error, "%s '%s', but %ss are 0..%d", what, testudo_i_table_quote(table, k).text,
                                what, end - 1);
  *index = (int32_t)count;
  return TESTUDO_OK;
}

/* ---- the first row ---- */

testudo_status testudo_i_table_find(const testudo_i_table *table, const char *name, int64_t *at, testudo_error *error)
{
  const size_t length = strlen(name);
  *at = -1;
  for (int exactly = 1; exactly >= 0 && *at < 0; exactly--)
    for (size_t k = 0; k < table->cells; k++) {
      testudo_i_word cell = table->cell[k];
      if (exactly ? cell.length != length || memcmp(cell.at, name, length) != 0 : !testudo_i_word_is(cell, name))
        continue;
      if (*at >= 0)
        return testudo_i_table_fail(table, error, "two columns are named %s", name);
      *at = (int64_t)k;
    }
  return TESTUDO_OK;
}

testudo_status testudo_i_table_header(testudo_i_table *table, const char *const *known, int count, int64_t *at,
                                      testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_table_first(table, error));
  for (int k = 0; k < count; k++) {
    TESTUDO_I_TRY(testudo_i_table_find(table, known[k], &at[k], error));
    if (at[k] < 0)
      return testudo_i_table_fail(table, error, "no column is named %s", known[k]);
  }
  return TESTUDO_OK;
}

void testudo_i_table_close(testudo_i_table *table)
{
  free(table->cell);
  free(table->comment);
  *table = (testudo_i_table){0};
}
