/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as tables of fields. A result is a struct; its table says of every member the key, the words, the unit and
   the meaning, once. One walker writes it as JSON, one as text, one as CSV, one reads it back, one writes the JSON
   schema. Keys are always there in JSON: null is what is not known. */
#ifndef TOOLS_REPORT_FIELD_H
#define TOOLS_REPORT_FIELD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "json/read.h"
#include "json/write.h"

typedef enum field_kind {
  FIELD_REAL,     /* double; what is not finite is not known */
  FIELD_INT32,    /* integers: what is negative is not known */
  FIELD_INT64,
  FIELD_SIZE,     /* size_t */
  FIELD_ANSWER,   /* int: true (1), false (0), or not known (-1) */
  FIELD_BOOL,     /* words, if any, are for text: {"no", "yes"} */
  FIELD_TEXT,     /* const char *, NULL: not known; or, with stride > 0, an array of so many char, "": not known */
  FIELD_WORD,     /* an enum, or with stride 1 a bool: words[value]; below 0 or beyond the words: not known */
  FIELD_REALS,    /* double *, and a count; NULL: not known */
  FIELD_INT32S,
  FIELD_INT64S,
  FIELD_MAP,      /* a field_map, whose keys are texts of the user's */
  FIELD_TEXTS,    /* a field_texts, the same of texts */
  FIELD_GROUP,    /* a struct with a table of its own */
  FIELD_TABLE,    /* an array of such structs, and a count */
  FIELD_FOREIGN   /* what the library writes by itself: `put`; `sub` describes it for the schema */
} field_kind;

/* Of a member of a file that people may write, for its schema; keys of results are always there. */
typedef enum field_presence {
  FIELD_OR_NULL,  /* it may be missing, or null */
  FIELD_OR_NONE,  /* it may be missing, but is not null */
  FIELD_NEEDED,
  FIELD_WHOLE     /* a result in a file: it may be missing, or null, or has all its keys */
} field_presence;

typedef struct field_map {
  size_t count;
  char **key;
  double *value; /* NULL: not known */
} field_map;

typedef struct field_texts {
  size_t count;
  const char *const *key, *const *value; /* value[k] NULL: not known */
} field_texts;

typedef struct field {
  const char *key;              /* NULL ends a table; "": its members stand among those of the result */
  const char *label;            /* of the line of text, or the heading of the column; NULL: not in the text */
  const char *unit;             /* "s", "chunks", ..; NULL: a number without one, or words */
  const char *meaning;          /* a sentence for the schema */
  field_kind kind, count_kind;
  field_presence presence;
  int digits;                   /* significant, in text; 0: 9 */
  size_t at, count_at, stride;  /* in bytes; stride: of a table's struct */
  bool behind;                  /* a group, or a foreign value, is pointed to; NULL: not known */
  bool columns;                 /* a group whose lists are columns in text */
  bool lines;                   /* a table inside a group: in CSV it has lines, after those of the first table */
  const char *const *words;     /* NULL at the end; of a text: those that a file may have, for the schema */
  const struct field *sub;      /* NULL, for the schema: anything */
  bool (*when)(const void *result);                 /* is there a line of text? NULL: where it is known */
  const char *said;             /* of a BOOL: all of its line, which is there where it is true */
  void (*phrase)(FILE *text, const void *result);   /* writes the line, or the heading of a group or table, itself */
  double (*real)(const void *result);               /* FIELD_REAL that is worked out and not stored: written only */
  void (*put)(testudo_i_json_writer *writer, const char *key, const void *value); /* FIELD_FOREIGN */
} field;

/* ---- making tables ---- */

#define FIELD_KIND(type, member)                                                                                       \
  _Generic(((type *)0)->member, double: FIELD_REAL, int32_t: FIELD_INT32, int64_t: FIELD_INT64, size_t: FIELD_SIZE,    \
           bool: FIELD_BOOL, char *: FIELD_TEXT, const char *: FIELD_TEXT, double *: FIELD_REALS,                      \
           const double *: FIELD_REALS, int32_t *: FIELD_INT32S, const int32_t *: FIELD_INT32S,                        \
           int64_t *: FIELD_INT64S, const int64_t *: FIELD_INT64S, field_map: FIELD_MAP,         \
           field_texts: FIELD_TEXTS)

/* A plain member, under a key of its own. */
#define FIELD_AS(name, type, member) .key = name, .at = offsetof(type, member), .kind = FIELD_KIND(type, member)
#define FIELD(type, member) FIELD_AS(#member, type, member)
/* A list and the member that counts it. */
#define FIELD_COUNTED(type, counter) .count_at = offsetof(type, counter), .count_kind = FIELD_KIND(type, counter)
#define FIELD_LIST(name, type, member, counter) FIELD_AS(name, type, member), FIELD_COUNTED(type, counter)
/* An enum in words: {"first", .., NULL}. */
#define FIELD_ENUM(name, type, member, enumerated)                                                                     \
  .key = name, .at = offsetof(type, member), .kind = FIELD_WORD, .words = enumerated
/* An int that is an answer. */
#define FIELD_ANSWERED(type, member) .key = #member, .at = offsetof(type, member), .kind = FIELD_ANSWER
/* A bool in words: {"no", "yes", NULL}. */
#define FIELD_EITHER(name, type, member, either)                                                                       \
  .key = name, .at = offsetof(type, member), .kind = FIELD_WORD, .stride = 1, .words = either
/* An array of char. */
#define FIELD_CHARS(name, type, member)                                                                                \
  .key = name, .at = offsetof(type, member), .kind = FIELD_TEXT, .stride = sizeof((type *)0)->member
/* A struct inside, or behind a pointer. */
#define FIELD_INSIDE(name, type, member, table)                                                                        \
  .key = name, .at = offsetof(type, member), .kind = FIELD_GROUP, .sub = table, .stride = sizeof((type *)0)->member
#define FIELD_BEHIND(name, type, pointer, table)                                                                       \
  .key = name, .at = offsetof(type, pointer), .kind = FIELD_GROUP, .sub = table, .behind = true,                       \
  .stride = sizeof *((type *)0)->pointer
/* An array of structs. */
#define FIELD_ROWS(name, type, member, counter, table)                                                                 \
  .key = name, .at = offsetof(type, member), .kind = FIELD_TABLE, FIELD_COUNTED(type, counter),                        \
  .stride = sizeof *((type *)0)->member, .sub = table
/* Worked out from the struct. */
#define FIELD_WORKED_OUT(name, function) .key = name, .kind = FIELD_REAL, .real = function
/* The members of another table, over the same struct, over one inside, or behind a pointer (NULL: all not known). */
#define FIELD_SAME(table) .key = "", .kind = FIELD_GROUP, .sub = table
#define FIELD_SAME_INSIDE(type, member, table) FIELD_SAME(table), .at = offsetof(type, member)
#define FIELD_SAME_BEHIND(type, member, table) FIELD_SAME_INSIDE(type, member, table), .behind = true

/* ---- what a field holds ---- */

/* The number of a REAL, INT32, INT64, SIZE or BOOL; NAN where not known. */
double field_number(const field *f, const void *result);
/* The text of a TEXT or WORD; NULL where not known. */
const char *field_text(const field *f, const void *result);
/* Of a GROUP, TABLE or FOREIGN: where it begins, NULL where not known; of a list too. */
const void *field_begin(const field *f, const void *result);
size_t field_count(const field *f, const void *result);
bool field_is_known(const field *f, const void *result);
/* For `when`: a line even where the value is not known. */
bool field_always(const void *result);

/* ---- the walkers ---- */

/* Members of the object that is open; result NULL: all null. */
void fields_put(testudo_i_json_writer *writer, const field *table, const void *result);

/* The same without what is not known: for readers that are people. */
void fields_put_known(testudo_i_json_writer *writer, const field *table, const void *result);

/* An object of texts; a key of NULL where nothing is around it. */
void fields_put_texts(testudo_i_json_writer *writer, const char *key, const field_texts *texts);

/* Lines "  label  value unit", tables as columns. */
void fields_print(FILE *stream, const field *table, const void *result);
/* For a `phrase`: the label of a line, in so many columns, and what follows it. */
enum { FIELDS_LABEL = 18 };
void fields_label(FILE *stream, const char *label);
void fields_line(FILE *stream, const char *label, const char *format, ...) TESTUDO_PRINTF(3, 4);
/* A table's rows alone. */
void fields_print_rows(FILE *stream, const field *table, const void *rows, size_t count, size_t stride);

/* A head and lines: one per row of the result's first table, or one; plain values only, those of groups under dotted
   names. */
void fields_write_csv(FILE *stream, const field *table, const void *result);

/* A document {key: [rows]} of rows that fields_write_csv has written of such a table, as far as CSV has them: lists and
   inner tables are not known. TESTUDO_ERROR_INPUT with the line of a cell that is of another kind. */
TESTUDO_CHECKED testudo_status fields_read_csv(const char *bytes, size_t length, const char *name, const char *key,
                                               const field *table, testudo_i_json_document **document,
                                               testudo_error *error);

/* Into a zeroed struct what an object has of the table's plain values, lists, groups and tables, lists in the arena;
   what is missing or null is not known. TESTUDO_ERROR_INPUT with its place for a
   value of another kind. */
TESTUDO_CHECKED testudo_status fields_read(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                           const char *place, const field *table, void *result,
                                           testudo_i_arena *arena, testudo_error *error);

/* The JSON schema (draft 2020-12) of objects with these members, all of them and no others; or of a file, where
   `presence` says which must be there, and others are for people. */
void fields_put_schema(testudo_i_json_writer *writer, const field *table, bool file);

#endif
