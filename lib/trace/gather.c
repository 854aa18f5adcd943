/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known only after the last row: names in order, rows of one chunk, times of cancelled workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/order.h"
#include "trace/reader.h"

/* ---- names ---- */

typedef struct named {
  const char *text;
  int32_t number;
} named;

static int by_name(const void *a, const void *b)
{
  const named *x = a, *y = b;
  return testudo_i_natural_order(x->text, y->text);
}

/* Workers are numbered in the order of their names. */
static testudo_status sort_names(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  size_t names = (size_t)r->workers.count;
  TESTUDO_I_HELD(testudo_i_free_held) named *all = testudo_i_alloc(names, sizeof *all);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *rank = testudo_i_alloc(names, sizeof *rank);
  trace->worker_name = testudo_i_calloc(names, sizeof *trace->worker_name);
  TESTUDO_I_TRY(testudo_i_memory_check(all != NULL && rank != NULL && trace->worker_name != NULL, error));
  for (size_t k = 0; k < names; k++)
    all[k] = (named){r->workers.text[k], (int32_t)k};
  qsort(all, names, sizeof *all, by_name);
  for (size_t k = 0; k < names; k++) {
    rank[all[k].number] = (int32_t)k;
    trace->worker_name[k] = testudo_i_copy_string(all[k].text);
    TESTUDO_I_TRY(testudo_i_memory_check(trace->worker_name[k] != NULL, error));
    trace->names++;
  }
  for (int64_t k = 0; k < trace->rows; k++)
    trace->worker[k] = rank[trace->worker[k]];
  return TESTUDO_OK;
}

/* ---- rows that share something ---- */

/* What rows may share: their numbers in up to four columns. */
typedef struct shared {
  const int32_t *key[4];
  int64_t least[4], size[4]; /* of the numbers of a column: the least, and how far they reach */
  int keys;
  double cells;              /* combinations */
} shared;

static void share(shared *s, const int32_t *key, int64_t rows)
{
  int32_t least = INT32_MAX, most = INT32_MIN;
  for (int64_t k = 0; k < rows; k++) {
    least = key[k] < least ? key[k] : least;
    most = key[k] > most ? key[k] : most;
  }
  s->key[s->keys] = key;
  s->least[s->keys] = least;
  s->size[s->keys] = (int64_t)most - least + 1;
  s->cells = (s->keys == 0 ? 1.0 : s->cells) * (double)s->size[s->keys];
  s->keys++;
}

static size_t cell_of(const shared *s, int64_t row)
{
  size_t cell = 0;
  for (int k = 0; k < s->keys; k++)
    cell = cell * (size_t)s->size[k] + (size_t)(s->key[k][row] - s->least[k]);
  return cell;
}

typedef struct place {
  int32_t key[4];
  int64_t row;
} place;

static int by_keys(const place *x, const place *y)
{
  for (int k = 0; k < 4; k++)
    if (x->key[k] != y->key[k])
      return TESTUDO_I_COMPARE(x->key[k], y->key[k]);
  return 0;
}

static int by_place(const void *a, const void *b)
{
  const place *x = a, *y = b;
  int keys = by_keys(x, y);
  return keys != 0 ? keys : TESTUDO_I_COMPARE(x->row, y->row);
}

static testudo_status sort_rows(const shared *s, int64_t rows, place **sorted, testudo_error *error)
{
  *sorted = testudo_i_calloc((size_t)rows, sizeof **sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(*sorted != NULL, error));
  for (int64_t row = 0; row < rows; row++) {
    (*sorted)[row].row = row;
    for (int k = 0; k < s->keys; k++)
      (*sorted)[row].key[k] = s->key[k][row];
  }
  qsort(*sorted, (size_t)rows, sizeof **sorted, by_place);
  return TESTUDO_OK;
}

/* The first row that shares all with one before, and that; -1: there is none. */
typedef struct repeated {
  int64_t row, before;
} repeated;

/* Numbers that lie close together: a bit per combination. */
static testudo_status find_repeated_bits(const shared *s, int64_t rows, repeated *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) uint64_t *seen = testudo_i_calloc((size_t)s->cells / 64 + 1, sizeof *seen);
  TESTUDO_I_TRY(testudo_i_memory_check(seen != NULL, error));
  for (int64_t row = 0; row < rows && found->row < 0; row++) {
    size_t cell = cell_of(s, row);
    if (seen[cell / 64] >> cell % 64 & 1)
      found->row = row;
    seen[cell / 64] |= UINT64_C(1) << cell % 64;
  }
  for (int64_t row = 0; row < found->row && found->before < 0; row++)
    if (cell_of(s, row) == cell_of(s, found->row))
      found->before = row;
  return TESTUDO_OK;
}

static testudo_status find_repeated(const shared *s, int64_t rows, repeated *found, testudo_error *error)
{
  *found = (repeated){-1, -1};
  if (s->cells <= 64.0 * (double)rows + 1e6)
    return find_repeated_bits(s, rows, found, error);
  TESTUDO_I_HELD(testudo_i_free_held) place *sorted = NULL;
  TESTUDO_I_TRY(sort_rows(s, rows, &sorted, error));
  for (int64_t k = 1; k < rows; k++)
    if (by_keys(&sorted[k - 1], &sorted[k]) == 0 && (found->row < 0 || sorted[k].row < found->row))
      *found = (repeated){sorted[k].row, sorted[k - 1].row};
  return TESTUDO_OK;
}

/* ---- parts of a chunk ---- */

static void add_row(testudo_i_trace *trace, int32_t *parts, int64_t to, int64_t from)
{
  bool cancelled = trace->seconds[to] == TESTUDO_I_CANCELLED || trace->seconds[from] == TESTUDO_I_CANCELLED;
  trace->seconds[to] = cancelled ? TESTUDO_I_CANCELLED : trace->seconds[to] + trace->seconds[from];
  if (trace->censored != NULL)
    trace->censored[to] = trace->censored[to] || trace->censored[from];
  trace->seconds[from] = 0.0; /* nothing is left behind */
  trace->phases++;
  parts[to]++;
}

/* Chunks of fewer parts than the most; `parts` counts those beyond the first. */
static void count_incomplete(testudo_i_trace *trace, const int32_t *parts)
{
  int32_t most = 0;
  for (int64_t row = 0; row < trace->rows; row++)
    most = parts[row] > most ? parts[row] : most;
  for (int64_t row = 0; row < trace->rows; row++)
    trace->incomplete += trace->seconds[row] != 0.0 && parts[row] < most;
}

/* Every later part goes to the first. */
static testudo_status add_parts(testudo_i_trace *trace, const shared *s, int32_t *parts, testudo_error *error)
{
  if (s->cells <= 2.0 * (double)trace->rows + 65536.0 && trace->rows < INT32_MAX) {
    TESTUDO_I_HELD(testudo_i_free_held) int32_t *first = testudo_i_calloc((size_t)s->cells, sizeof *first);
    TESTUDO_I_TRY(testudo_i_memory_check(first != NULL, error));
    for (int64_t row = 0; row < trace->rows; row++) {
      int32_t *at = &first[cell_of(s, row)];
      if (*at > 0)
        add_row(trace, parts, *at - 1, row);
      else
        *at = (int32_t)(row + 1);
    }
    return TESTUDO_OK;
  }
  TESTUDO_I_HELD(testudo_i_free_held) place *sorted = NULL;
  TESTUDO_I_TRY(sort_rows(s, trace->rows, &sorted, error));
  for (int64_t k = 1, first = 0; k < trace->rows; k++)
    if (by_keys(&sorted[first], &sorted[k]) == 0)
      add_row(trace, parts, sorted[first].row, sorted[k].row);
    else
      first = k;
  return TESTUDO_OK;
}

static void close_gaps(testudo_i_trace *trace)
{
  int32_t *const column[] = {trace->worker, trace->iteration, trace->chunk, trace->chunks};
  int64_t kept = 0;
  for (int64_t row = 0; row < trace->rows; row++) {
    if (trace->seconds[row] == 0.0)
      continue;
    trace->seconds[kept] = trace->seconds[row];
    for (int c = 0; c < 4; c++)
      if (column[c] != NULL)
        column[c][kept] = column[c][row];
    if (trace->censored != NULL)
      trace->censored[kept] = trace->censored[row];
    kept++;
  }
  trace->rows = kept;
}

static testudo_status refuse_repeated(const testudo_i_trace_reader *r, const repeated *found, testudo_error *error)
{
  const testudo_i_trace *trace = r->trace;
  long long line = (long long)testudo_i_trace_line(r, found->row);
  long long before = (long long)testudo_i_trace_line(r, found->before);
  char worker[64], chunk[32] = "", advice[160];
  snprintf(worker, sizeof worker, "%d", (int)trace->worker[found->row]);
  if (r->named) {
    const char *name = trace->worker_name[trace->worker[found->row]];
    snprintf(worker, sizeof worker, "%s", testudo_i_word_quote((testudo_i_word){name, strlen(name)}).text);
  }
  if (trace->chunk != NULL)
    snprintf(chunk, sizeof chunk, " and chunk %d", (int)trace->chunk[found->row]);
  if (r->part != NULL)
    snprintf(advice, sizeof advice, "and the same %s; only rows that differ in it are added",
             testudo_i_word_quote((testudo_i_word){r->options->sum, strlen(r->options->sum)}).text);
  else
    snprintf(advice, sizeof advice, "too: if they are parts of one chunk's time, add them up with --sum %s",
             r->other_name != NULL ? r->other_name : "COLUMN");
  if (line == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: two events are worker %s, iteration %d%s %s",
                          r->source->name, worker, (int)trace->iteration[found->row], chunk, advice);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: worker %s, iteration %d%s, which line %lld has %s",
                        r->source->name, line, worker, (int)trace->iteration[found->row], chunk, before, advice);
}

testudo_status testudo_i_trace_gather(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  bool known = trace->worker != NULL && trace->iteration != NULL;
  if (r->part != NULL && !known)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: rows are added that share worker, iteration and chunk, but no column is named %s",
                          r->source->name, trace->worker == NULL ? "worker" : "iteration");
  if (!known || (trace->chunk == NULL && r->part == NULL))
    return TESTUDO_OK;
  shared s = {.keys = 0};
  repeated found;
  share(&s, trace->worker, trace->rows);
  share(&s, trace->iteration, trace->rows);
  if (trace->chunk != NULL)
    share(&s, trace->chunk, trace->rows);
  shared with_part = s;
  if (r->part != NULL)
    share(&with_part, r->part, trace->rows);
  TESTUDO_I_TRY(find_repeated(&with_part, trace->rows, &found, error));
  if (found.row >= 0)
    return refuse_repeated(r, &found, error);
  if (r->part == NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *parts = testudo_i_calloc((size_t)trace->rows, sizeof *parts);
  TESTUDO_I_TRY(testudo_i_memory_check(parts != NULL, error));
  TESTUDO_I_TRY(add_parts(trace, &s, parts, error));
  count_incomplete(trace, parts);
  close_gaps(trace);
  return TESTUDO_OK;
}

/* ---- cancelled workers ---- */

static int by_iteration(const void *a, const void *b)
{
  const testudo_i_ranked *x = a, *y = b;
  return x->index != y->index ? TESTUDO_I_COMPARE(x->index, y->index) : TESTUDO_I_COMPARE(y->value, x->value);
}

/* A worker that was cancelled took at least as long as the slowest that was waited for. */
static testudo_status time_cancelled(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  size_t rows = (size_t)trace->rows, iterations = 0;
  TESTUDO_I_HELD(testudo_i_free_held) testudo_i_ranked *slowest = testudo_i_alloc(rows, sizeof *slowest);
  if (trace->censored == NULL)
    trace->censored = testudo_i_calloc(rows, sizeof *trace->censored);
  TESTUDO_I_TRY(testudo_i_memory_check(slowest != NULL && trace->censored != NULL, error));
  for (size_t k = 0; k < rows; k++)
    slowest[k] = (testudo_i_ranked){trace->seconds[k], trace->iteration[k]};
  qsort(slowest, rows, sizeof *slowest, by_iteration);
  for (size_t k = 0; k < rows; k++)
    if (iterations == 0 || slowest[iterations - 1].index != slowest[k].index)
      slowest[iterations++] = slowest[k];
  for (size_t k = 0; k < rows; k++) {
    if (trace->seconds[k] != TESTUDO_I_CANCELLED)
      continue;
    size_t low = 0;
    for (size_t high = iterations; low + 1 < high;) {
      size_t middle = low + (high - low) / 2;
      *(slowest[middle].index <= trace->iteration[k] ? &low : &high) = middle;
    }
    if (slowest[low].value == TESTUDO_I_CANCELLED)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "%s: iteration %d: all its times are -1, cancelled, so nothing says how long they took",
                            r->source->name, (int)trace->iteration[k]);
    trace->seconds[k] = slowest[low].value;
    trace->censored[k] = true;
  }
  return TESTUDO_OK;
}

/* ---- all ---- */

static testudo_status check_seconds(const testudo_i_trace_reader *r, testudo_error *error)
{
  for (int64_t k = 0; k < r->trace->rows && r->trace->phases > 0; k++)
    if (!(r->trace->seconds[k] <= TESTUDO_I_MOST))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: a sum of rows is more than %g seconds", r->source->name,
                            TESTUDO_I_MOST);
  return TESTUDO_OK;
}

/* No column of censored rows where none is. */
static void drop_censored(testudo_i_trace *trace)
{
  for (int64_t k = 0; trace->censored != NULL && k < trace->rows; k++)
    if (trace->censored[k])
      return;
  free(trace->censored);
  trace->censored = NULL;
}

testudo_status testudo_i_trace_finish(testudo_i_trace_reader *r, testudo_error *error)
{
  if (r->named)
    TESTUDO_I_TRY(sort_names(r, error));
  TESTUDO_I_TRY(testudo_i_trace_gather(r, error));
  if (r->cancelled)
    TESTUDO_I_TRY(time_cancelled(r, error));
  TESTUDO_I_TRY(check_seconds(r, error));
  drop_censored(r->trace);
  return TESTUDO_OK;
}
