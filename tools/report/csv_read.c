/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that csv.c has written, read back: as the JSON that they would have been. */
#include "report/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"

enum { PATH = 200 };

typedef struct csv_reader {
  testudo_i_source source;
  testudo_i_table table;
  testudo_i_json_memory json;
  testudo_i_arena arena;
  char **name;        /* of the columns */
  size_t columns;
  const char *failed; /* the column of a cell that is not what it should be */
  char *text;         /* of a cell */
  size_t room;
} csv_reader;

static void reader_clear(csv_reader *r)
{
  testudo_i_table_close(&r->table);
  testudo_i_source_close(&r->source);
  testudo_i_json_memory_clear(&r->json);
  testudo_i_arena_clear(&r->arena);
  free(r->text);
}

/* Ends with a zero byte; lent until the next one. */
static char *cell_text(csv_reader *r, size_t k)
{
  const testudo_i_word cell = r->table.cell[k];
  if (TESTUDO_I_GROW(r->text, r->room, cell.length + 1, NULL) != TESTUDO_OK)
    return NULL;
  memcpy(r->text, cell.at, cell.length);
  r->text[cell.length] = '\0';
  return r->text;
}

/* The column of a name; `columns`: none. */
static size_t find_column(const csv_reader *r, const char *name)
{
  size_t k = 0;
  while (k < r->columns && strcmp(r->name[k], name) != 0)
    k++;
  return k;
}

static void put_plain(csv_reader *r, const field *f, size_t k)
{
  double real;
  testudo_i_json_writer *writer = &r->json.writer;
  const testudo_i_word cell = r->table.cell[k];
  if (cell.length == 0)
    return;
  if (f->kind == FIELD_TEXT || f->kind == FIELD_WORD) {
    const char *text = cell_text(r, k);
    writer->failed = writer->failed || text == NULL;
    testudo_i_json_put_string(writer, f->key, text == NULL ? "" : text);
  } else if (f->kind == FIELD_BOOL || f->kind == FIELD_ANSWER) {
    bool yes = testudo_i_word_is(cell, "true");
    r->failed = yes || testudo_i_word_is(cell, "false") ? r->failed : r->name[k];
    testudo_i_json_put_boolean(writer, f->key, yes);
  } else if (f->kind == FIELD_REAL && testudo_i_table_real(&r->table, k, &real))
    testudo_i_json_put_real(writer, f->key, real);
  else if (f->kind != FIELD_REAL && testudo_i_table_whole(&r->table, k) >= 0)
    testudo_i_json_put_integer(writer, f->key, testudo_i_table_whole(&r->table, k));
  else
    r->failed = r->name[k];
}

/* All columns "path.key". */
static void put_map(csv_reader *r, const char *key, const char *path)
{
  size_t length = strlen(path);
  double real;
  testudo_i_json_open_object(&r->json.writer, key);
  for (size_t k = 0; k < r->columns; k++)
    if (strncmp(r->name[k], path, length) == 0 && r->name[k][length] == '.') {
      bool known = testudo_i_table_real(&r->table, k, &real);
      r->failed = known || r->table.cell[k].length == 0 ? r->failed : r->name[k];
      testudo_i_json_put_real(&r->json.writer, r->name[k] + length + 1, known ? real : NAN);
    }
  testudo_i_json_close_object(&r->json.writer);
}

/* Texts have their keys alone as names: those of all columns before that of the field behind. */
static void put_texts(csv_reader *r, const field *f)
{
  size_t end = f[1].key == NULL ? r->columns : find_column(r, f[1].key);
  testudo_i_json_open_object(&r->json.writer, f->key);
  for (size_t k = 0; k < end && end < r->columns; k++) {
    const char *text = r->table.cell[k].length == 0 ? NULL : cell_text(r, k);
    if (text == NULL)
      testudo_i_json_put_null(&r->json.writer, r->name[k]);
    else
      testudo_i_json_put_string(&r->json.writer, r->name[k], text);
  }
  testudo_i_json_close_object(&r->json.writer);
}

static void put_fields(csv_reader *r, const field *table, const char *before)
{
  for (const field *f = table; f->key != NULL; f++) {
    char path[PATH];
    snprintf(path, sizeof path, "%s%s%s", before, before[0] != '\0' && f->key[0] != '\0' ? "." : "", f->key);
    if (f->kind == FIELD_GROUP) {
      if (f->key[0] != '\0')
        testudo_i_json_open_object(&r->json.writer, f->key);
      put_fields(r, f->sub, f->key[0] == '\0' ? before : path);
      if (f->key[0] != '\0')
        testudo_i_json_close_object(&r->json.writer);
    } else if (f->kind == FIELD_MAP)
      put_map(r, f->key, path);
    else if (f->kind == FIELD_TEXTS)
      put_texts(r, f);
    else if (f->kind < FIELD_REALS && f->real == NULL && find_column(r, path) < r->columns)
      put_plain(r, f, find_column(r, path));
  }
}

static testudo_status read_names(csv_reader *r, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_table_first(&r->table, error));
  r->name = testudo_i_arena_calloc(&r->arena, r->table.cells, sizeof *r->name);
  TESTUDO_I_TRY(testudo_i_arena_check(&r->arena, error));
  for (r->columns = 0; r->columns < r->table.cells; r->columns++) {
    const char *text = cell_text(r, r->columns);
    TESTUDO_I_TRY(testudo_i_memory_check(text != NULL, error));
    r->name[r->columns] = testudo_i_arena_text(&r->arena, text);
  }
  return testudo_i_arena_check(&r->arena, error);
}

static testudo_status read_rows(csv_reader *r, const char *key, const field *table, testudo_error *error)
{
  testudo_i_json_writer *writer = &r->json.writer;
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_open_array(writer, key);
  for (bool more;;) {
    TESTUDO_I_TRY(testudo_i_table_row(&r->table, &more, error));
    if (!more)
      break;
    testudo_i_json_open_object(writer, NULL);
    put_fields(r, table, "");
    testudo_i_json_close_object(writer);
    if (r->failed != NULL)
      return testudo_i_table_fail(&r->table, error, "%.60s: '%s' is not what 'testudo sweep' writes there", r->failed,
                                  testudo_i_table_quote(&r->table, find_column(r, r->failed)).text);
  }
  testudo_i_json_close_array(writer);
  testudo_i_json_close_object(writer);
  return TESTUDO_OK;
}

testudo_status fields_read_csv(const char *bytes, size_t length, const char *name, const char *key,
                               const field *table, testudo_i_json_document **document, testudo_error *error)
{
  static const testudo_i_table_options commas = {.separator = ','};
  TESTUDO_I_HELD(reader_clear) csv_reader r = {.columns = 0};
  TESTUDO_I_TRY(testudo_i_source_start(&r.source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  TESTUDO_I_TRY(testudo_i_table_start(&r.table, &r.source, &commas, error));
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&r.json, error));
  TESTUDO_I_TRY(read_names(&r, error));
  TESTUDO_I_TRY(read_rows(&r, key, table, error));
  TESTUDO_I_TRY(testudo_i_json_memory_end(&r.json, error));
  return testudo_i_json_parse(r.json.text, r.json.length, name, document, error);
}
