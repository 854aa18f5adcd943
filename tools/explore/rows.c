/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point's row says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"
#include "optimize/frame.h"

static const field explored_design_fields[] = {
    {FIELD(explore_design, name), .label = "design", .meaning = "the design's name"},
    {FIELD(explore_design, scheme), .meaning = "the scheme: what the server waits for"},
    {FIELD(explore_design, model), .meaning = "'working model' where the times are those of one"},
    {FIELD(explore_design, workers), .meaning = "number of workers m"},
    {FIELD(explore_design, chunks), .meaning = "number of data chunks N"},
    {FIELD(explore_design, parts), .meaning = "parts l into which the gradient is cut"},
    {FIELD(explore_design, load), .label = "load", .digits = 5,
     .meaning = "of the worker that holds most, in shares: one is N / m chunks"},
    {FIELD(explore_design, copies), .label = "copies", .digits = 5, .meaning = "of a chunk, on average"},
    {FIELD(explore_design, floats), .label = "floats / dim", .digits = 5,
     .meaning = "numbers sent at most in an iteration, over the length of the gradient"},
    {FIELD(explore_design, memory), .label = "memory / dim", .digits = 5,
     .meaning = "numbers that a worker keeps until it is asked, over the same"},
    {FIELD_CHARS("checksum", explore_design, checksum), .meaning = "checksum of the design file, 16 hex digits"},
    {.key = NULL},
};

static const field explored_search_fields[] = {
    {FIELD(explore_search, objective), .meaning = "what was made small; null: nothing was searched"},
    {FIELD(explore_search, method), .meaning = "what found the design"},
    {FIELD(explore_search, value), .meaning = "the objective of the design"},
    {FIELD(explore_search, value_stderr), .meaning = "its standard error; 0: exact"},
    {FIELD(explore_search, bound), .meaning = "nothing that the problem allows is below"},
    {FIELD_ENUM("status", explore_search, answer, search_answer_words),
     .meaning = "optimal: nothing better exists, proved; feasible: the best found"},
    {.key = NULL},
};

/* For the columns of text alone: the value and how it is known. */
static void print_mean(FILE *text, const void *row)
{
  const latency_result *latency = &((const explore_row *)row)->latency;
  if (latency->mean_status == LAW_BOUNDED)
    fprintf(text, "[%.6g, %.6g]", latency->lower, latency->upper);
  else if (latency->mean_status == LAW_INFINITE)
    fputs("infinite", text);
  else
    fprintf(text, "%.9g %s", latency->mean, latency->mean_status < 0 ? "" : law_words[latency->mean_status]);
}

const field explore_row_fields[] = {
    {FIELD(explore_row, parameters), .meaning = "the options of the point, as they were given"},
    {FIELD(explore_row, computation), .meaning = "analyze, simulate or optimize"},
    {FIELD_INSIDE("design", explore_row, design, explored_design_fields), .meaning = "the design"},
    {FIELD_INSIDE("search", explore_row, search, explored_search_fields), .meaning = "of computation optimize"},
    {FIELD_AS("delay_model", explore_row, delay), .meaning = "the delay model that was assumed, in words"},
    {FIELD_ENUM("report", explore_row, report, report_words),
     .meaning = "chunk: every finished chunk counts; whole: only workers that finished all of theirs"},
    {FIELD_INSIDE("latency", explore_row, latency, latency_value_fields), .meaning = "the completion time"},
    {FIELD(explore_row, mse), .meaning = "error at the deadlines --at, by their texts; null: not known"},
    {FIELD(explore_row, mse_method), .meaning = "how the error was found"},
    {FIELD(explore_row, trials), .meaning = "trials that were drawn; null: none"},
    {FIELD_AS("seed_used", explore_row, seed), .meaning = "of everything random"},
    {FIELD(explore_row, key), .meaning = "a hash of everything that decides the result"},
    {FIELD(explore_row, design_command), .meaning = "the command that makes the design"},
    {FIELD(explore_row, command), .meaning = "the command whose result it is"},
    {FIELD(explore_row, version), .meaning = "the version of the program"},
    {.key = NULL},
};

void rows_print(FILE *text, const explore_row *row, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    fputs("  ", text);
    for (size_t p = 0; p < row[k].parameters.count; p++)
      if (row[k].parameters.value[p] != NULL)
        fprintf(text, "%s %s, ", row[k].parameters.key[p], row[k].parameters.value[p]);
    fprintf(text, "%s: mean ", row[k].computation);
    print_mean(text, &row[k]);
    fputc('\n', text);
  }
}

/* ---- reading ---- */

size_t text_find(const char *const *list, size_t count, const char *text)
{
  size_t k = 0;
  while (k < count && strcmp(list[k], text) != 0)
    k++;
  return k;
}

bool row_option(const explore_row *row, const char *name, const char **text)
{
  const field_texts *options = &row->parameters;
  size_t k = text_find(options->key, options->count, name);
  bool compute = strcmp(name, "compute") == 0; /* no parameter, as it is in the result */
  *text = compute ? row->computation : k < options->count ? options->value[k] : NULL;
  return compute || k < options->count;
}

testudo_status rows_add(explore_rows *rows, const char *text, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(rows->row, rows->room, rows->count + 1, error));
  explore_row *row = &rows->row[rows->count++];
  memset(row, 0, sizeof *row);
  TESTUDO_I_TRY(testudo_i_json_parse(text, strlen(text), "row", &row->document, error));
  return fields_read(row->document, testudo_i_json_root(row->document), "", explore_row_fields, row, &rows->arena,
                     error);
}

void rows_clear(explore_rows *rows)
{
  for (size_t k = 0; k < rows->count; k++)
    testudo_i_json_free(rows->row[k].document);
  free(rows->row);
  testudo_i_arena_clear(&rows->arena);
  memset(rows, 0, sizeof *rows);
}

/* ---- the same columns for all ---- */

testudo_status names_add(explore_names *list, const char *name, testudo_error *error)
{
  if (text_find(list->name, list->count, name) < list->count)
    return TESTUDO_OK;
  TESTUDO_I_TRY(TESTUDO_I_GROW(list->name, list->room, list->count + 1, error));
  list->name[list->count++] = name;
  return TESTUDO_OK;
}

void names_clear(explore_names *list)
{
  free(list->name);
}

static testudo_status widen_texts(field_texts *texts, const explore_names *names, testudo_i_arena *arena,
                                  testudo_error *error)
{
  const char **key = testudo_i_arena_calloc(arena, names->count + 1, sizeof *key);
  const char **value = testudo_i_arena_calloc(arena, names->count + 1, sizeof *value);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < names->count; k++) {
    size_t at = text_find(texts->key, texts->count, names->name[k]);
    key[k] = names->name[k];
    value[k] = at < texts->count ? texts->value[at] : NULL;
  }
  *texts = (field_texts){names->count, key, value};
  return TESTUDO_OK;
}

static testudo_status widen_map(field_map *map, const explore_names *names, testudo_i_arena *arena,
                                testudo_error *error)
{
  char **key = testudo_i_arena_calloc(arena, names->count + 1, sizeof *key);
  double *value = testudo_i_arena_calloc(arena, names->count + 1, sizeof *value);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < names->count; k++) {
    size_t at = text_find((const char *const *)map->key, map->count, names->name[k]);
    key[k] = (char *)names->name[k];
    value[k] = at < map->count && map->value != NULL ? map->value[at] : NAN;
  }
  *map = (field_map){names->count, key, value};
  return TESTUDO_OK;
}

/* The maps of a row that are columns. */
enum { MAPS = 6 };
static void maps_of(explore_row *row, field_map *map[MAPS])
{
  latency_result *latency = &row->latency;
  field_map *const all[MAPS] = {&latency->quantiles,      &latency->quantiles_lower, &latency->quantiles_upper,
                                &latency->quantiles_low,  &latency->quantiles_high,  &row->mse};
  memcpy(map, all, sizeof all);
}

/* The maps from `first` to `last` get all keys that one of them has in some row: a quantile may be known by its bounds
   alone. */
static testudo_status align_maps(explore_row *row, size_t count, int first, int last, testudo_i_arena *arena,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(names_clear) explore_names names = {.count = 0};
  field_map *map[MAPS];
  for (size_t k = 0; k < count; k++) {
    maps_of(&row[k], map);
    for (int which = first; which <= last; which++)
      for (size_t n = 0; n < map[which]->count; n++)
        TESTUDO_I_TRY(names_add(&names, map[which]->key[n], error));
  }
  for (size_t k = 0; k < count; k++) {
    maps_of(&row[k], map);
    for (int which = first; which <= last; which++)
      TESTUDO_I_TRY(widen_map(map[which], &names, arena, error));
  }
  return TESTUDO_OK;
}

testudo_status rows_align_all(explore_row *row, size_t count, testudo_i_arena *arena, testudo_error *error)
{
  TESTUDO_I_HELD(names_clear) explore_names names = {.count = 0};
  for (size_t k = 0; k < count; k++)
    for (size_t n = 0; n < row[k].parameters.count; n++)
      TESTUDO_I_TRY(names_add(&names, row[k].parameters.key[n], error));
  for (size_t k = 0; k < count; k++)
    TESTUDO_I_TRY(widen_texts(&row[k].parameters, &names, arena, error));
  TESTUDO_I_TRY(align_maps(row, count, 0, MAPS - 2, arena, error));
  return align_maps(row, count, MAPS - 1, MAPS - 1, arena, error);
}

testudo_status rows_align(explore_rows *rows, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(rows->row, rows->room, rows->count + 1, error)); /* none are a list too */
  return rows_align_all(rows->row, rows->count, &rows->arena, error);
}
