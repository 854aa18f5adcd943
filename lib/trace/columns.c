/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column of a table is what. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "trace/reader.h"

const char *const testudo_i_trace_keys[TESTUDO_TRACE_COLUMNS] = {
    [TESTUDO_TRACE_SECONDS] = "seconds", [TESTUDO_TRACE_WORKER] = "worker", [TESTUDO_TRACE_ITERATION] = "iteration",
    [TESTUDO_TRACE_CHUNK] = "chunk", [TESTUDO_TRACE_CHUNKS] = "chunks", [TESTUDO_TRACE_CENSORED] = "censored",
    [TESTUDO_TRACE_START] = "start", [TESTUDO_TRACE_END] = "end",
};

/* What programs call them: the first that the file has is taken. */
#define MOST_NAMES 4
static const char *const usual_name[TESTUDO_TRACE_COLUMNS][MOST_NAMES + 1] = {
    [TESTUDO_TRACE_SECONDS] = {"seconds", "duration", "time", "dur"},
    [TESTUDO_TRACE_WORKER] = {"worker", "rank", "host", "node"},
    [TESTUDO_TRACE_ITERATION] = {"iteration", "step", "iter"},
    [TESTUDO_TRACE_CHUNK] = {"chunk", "microbatch", "micro_batch", "mb"},
    [TESTUDO_TRACE_CHUNKS] = {"chunks"},
    [TESTUDO_TRACE_CENSORED] = {"censored"},
    [TESTUDO_TRACE_START] = {"start"},
    [TESTUDO_TRACE_END] = {"end"},
};

/* A name goes before a number: columns may be called 0, 1, .. */
static testudo_status chosen_column(const testudo_i_table *header, const char *name, const char *key, bool named,
                                    int64_t *at, testudo_error *error)
{
  *at = -1;
  if (named)
    TESTUDO_I_TRY(testudo_i_table_find(header, name, at, error));
  int64_t number = testudo_i_word_count((testudo_i_word){name, strlen(name)});
  if (*at < 0 && number >= 1 && number <= (int64_t)header->columns)
    *at = number - 1;
  if (*at >= 0)
    return TESTUDO_OK;
  testudo_i_quote quote = testudo_i_word_quote((testudo_i_word){name, strlen(name)});
  return testudo_i_table_fail(header, error, "%s is named %s, which %s is to be read from",
                              named ? "no column" : "there is no header, so no column", quote.text, key);
}

static bool is_chosen(const testudo_i_trace_reader *r, int64_t cell)
{
  bool chosen = cell == r->sum_at;
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    chosen = chosen || (r->options->column[c] != NULL && r->at[c] == cell);
  return chosen;
}

static testudo_status usual_column(testudo_i_trace_reader *r, const testudo_i_table *header, int c,
                                   testudo_error *error)
{
  for (int k = 0; usual_name[c][k] != NULL && r->at[c] < 0; k++) {
    TESTUDO_I_TRY(testudo_i_table_find(header, usual_name[c][k], &r->at[c], error));
    if (r->at[c] >= 0 && is_chosen(r, r->at[c]))
      r->at[c] = -1;
  }
  return TESTUDO_OK;
}

/* A time is given, or its start and its end are; what was chosen goes before what has a usual name. */
static testudo_status settle_times(testudo_i_trace_reader *r, const testudo_i_table *header, testudo_error *error)
{
  const char *const *chosen = r->options->column;
  bool ends = chosen[TESTUDO_TRACE_START] != NULL || chosen[TESTUDO_TRACE_END] != NULL;
  int64_t *seconds = &r->at[TESTUDO_TRACE_SECONDS];
  int64_t *start = &r->at[TESTUDO_TRACE_START], *end = &r->at[TESTUDO_TRACE_END];
  if (ends && chosen[TESTUDO_TRACE_SECONDS] != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "column: seconds, and start and end, exclude each other: a time is read, or is their "
                              "difference");
  if (*start >= 0 && *end >= 0 && (ends || *seconds < 0))
    *seconds = -1;
  else if (*seconds >= 0 && !ends)
    *start = *end = -1;
  else if (*start >= 0 || *end >= 0)
    return testudo_i_table_fail(header, error, "a column %s, but none that is named %s", *start >= 0 ? "start" : "end",
                                *start >= 0 ? "end" : "start");
  else
    return testudo_i_table_fail(header, error,
                                "no column is named seconds, duration, time or dur, and none start and end; say which "
                                "is the time: --column seconds=NAME");
  return TESTUDO_OK;
}

static testudo_status keep_name(const testudo_i_table *header, bool named, int64_t at, char **name,
                                testudo_error *error)
{
  char text[64];
  snprintf(text, sizeof text, "column %lld", (long long)at + 1);
  if (named && header->cell[at].length > 0)
    snprintf(text, sizeof text, "%s", testudo_i_table_quote(header, (size_t)at).text);
  *name = testudo_i_copy_string(text);
  return testudo_i_memory_check(*name != NULL, error);
}

static testudo_status name_columns(testudo_i_trace_reader *r, const testudo_i_table *header, bool named,
                                   testudo_error *error)
{
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    if (r->at[c] >= 0)
      TESTUDO_I_TRY(keep_name(header, named, r->at[c], &r->trace->taken[c], error));
  int64_t other = -1, others = 0;
  for (int64_t k = 0; named && k < (int64_t)header->columns; k++) {
    bool taken = k == r->sum_at || header->cell[k].length == 0;
    for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
      taken = taken || r->at[c] == k;
    other = taken ? other : k;
    others += !taken;
  }
  return others != 1 ? TESTUDO_OK : keep_name(header, named, other, &r->other_name, error);
}

/* `header` has the names, or is a first row of numbers. */
static testudo_status take_columns(testudo_i_trace_reader *r, const testudo_i_table *header, bool named,
                                   testudo_error *error)
{
  if (r->options->sum != NULL)
    TESTUDO_I_TRY(chosen_column(header, r->options->sum, "the part of a chunk", named, &r->sum_at, error));
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    if (r->options->column[c] != NULL)
      TESTUDO_I_TRY(chosen_column(header, r->options->column[c], testudo_i_trace_keys[c], named, &r->at[c], error));
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS && named; c++)
    TESTUDO_I_TRY(usual_column(r, header, c, error));
  TESTUDO_I_TRY(settle_times(r, header, error));
  return name_columns(r, header, named, error);
}

static bool names_a_time(const testudo_i_trace_reader *r, const testudo_i_table *header)
{
  for (size_t k = 0; k < header->cells; k++) {
    for (int n = 0; usual_name[TESTUDO_TRACE_SECONDS][n] != NULL; n++)
      if (testudo_i_word_is(header->cell[k], usual_name[TESTUDO_TRACE_SECONDS][n]))
        return true;
    const char *chosen = r->options->column[TESTUDO_TRACE_SECONDS];
    if (chosen != NULL && testudo_i_word_is(header->cell[k], chosen))
      return true;
  }
  return false;
}

/* numpy.savetxt writes its header as a comment. */
static testudo_status take_comment(testudo_i_trace_reader *r, bool *is, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  TESTUDO_I_HELD(testudo_i_table_close) testudo_i_table header = {0};
  const char *comment = r->table.comment;
  *is = false;
  if (comment == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_source_start(&source, comment, strlen(comment), r->table.name, strlen(comment), error));
  bool more = false, readable = testudo_i_table_start(&header, &source, NULL, NULL) == TESTUDO_OK &&
                                testudo_i_table_row(&header, &more, NULL) == TESTUDO_OK;
  header.line = r->table.line;
  *is = readable && more && header.cells == r->table.columns && names_a_time(r, &header);
  return *is ? take_columns(r, &header, true, error) : TESTUDO_OK;
}

testudo_status testudo_i_trace_find_columns(testudo_i_trace_reader *r, bool *header, testudo_error *error)
{
  bool commented = false, chosen = false;
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++) {
    r->at[c] = -1;
    chosen = chosen || r->options->column[c] != NULL;
  }
  r->sum_at = -1;
  *header = testudo_i_table_is_header(&r->table);
  if (*header)
    return take_columns(r, &r->table, true, error);
  TESTUDO_I_TRY(take_comment(r, &commented, error));
  if (commented)
    return TESTUDO_OK;
  if (chosen)
    return take_columns(r, &r->table, false, error);
  if (r->options->sum != NULL)
    return testudo_i_table_fail(&r->table, error, "there is no header, so no column to be summed over");
  r->at[TESTUDO_TRACE_SECONDS] = r->table.columns == 1 ? 0 : -1;
  if (r->table.columns == 1)
    return name_columns(r, &r->table, false, error);
  r->trace->form = TESTUDO_TRACE_MATRIX;
  return TESTUDO_OK;
}
