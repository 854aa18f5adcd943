/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading JSON (jansson behind it), with the place of every complaint. Values are lent by the document. */
#ifndef TESTUDO_JSON_READ_H
#define TESTUDO_JSON_READ_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#include "json/rows.h"

typedef struct testudo_i_json_document testudo_i_json_document;
typedef struct testudo_i_json_value testudo_i_json_value; /* never defined: an alias of jansson's value */

typedef enum testudo_i_json_kind {
  TESTUDO_I_JSON_NULL, TESTUDO_I_JSON_BOOLEAN, TESTUDO_I_JSON_INTEGER, TESTUDO_I_JSON_REAL, TESTUDO_I_JSON_STRING,
  TESTUDO_I_JSON_ARRAY, TESTUDO_I_JSON_OBJECT
} testudo_i_json_kind;

/* Parses UTF-8 text; refuses duplicate keys and anything after the value. A syntax error reads
   "name: line 3, column 7: ...". Every sentence starts with `name`. */
TESTUDO_CHECKED testudo_status testudo_i_json_parse(const char *bytes, size_t length, const char *name,
                                                    testudo_i_json_document **document, testudo_error *error);

/* The same, with the members lean[0 .. count - 1], count <= TESTUDO_I_JSON_LEAN, read as rows of numbers wherever they
   plainly are that; in the tree an empty array stands for each. Every text is accepted or refused, in the same words,
   as without. */
TESTUDO_CHECKED testudo_status testudo_i_json_parse_lean(const char *bytes, size_t length, const char *name,
                                                         const testudo_i_json_lean *lean, size_t count,
                                                         testudo_i_json_document **document, testudo_error *error);

/* The rows of lean[k], lent; NULL where the member is in the tree as it stands, or absent. */
const testudo_i_json_rows *testudo_i_json_rows_of(const testudo_i_json_document *document, size_t k);

/* Of a member of indices that is in the tree: the first -0 in it, if that kept it from being read as rows. */
const testudo_i_json_minus *testudo_i_json_minus_of(const testudo_i_json_document *document, size_t k);

void testudo_i_json_free(testudo_i_json_document *document);

/* The same of what a pointer points to, for TESTUDO_I_HELD. */
static inline void testudo_i_json_free_held(testudo_i_json_document **document)
{
  testudo_i_json_free(*document);
}
const testudo_i_json_value *testudo_i_json_root(const testudo_i_json_document *document);
const char *testudo_i_json_name(const testudo_i_json_document *document);

testudo_i_json_kind testudo_i_json_kind_of(const testudo_i_json_value *value);
const char *testudo_i_json_kind_name(const testudo_i_json_value *value); /* "an integer", "an array", .. */
bool testudo_i_json_is_number(const testudo_i_json_value *value); /* integer or real; NULL is none */

/* Members and items; NULL when absent. */
const testudo_i_json_value *testudo_i_json_member(const testudo_i_json_value *object, const char *key);
size_t testudo_i_json_size(const testudo_i_json_value *value); /* of an array or object; else 0 */
const testudo_i_json_value *testudo_i_json_item(const testudo_i_json_value *array, size_t index);
/* Walks the members in file order: *at is NULL to begin; answers NULL at the end. value may be NULL. O(1) per step. */
const char *testudo_i_json_walk(const testudo_i_json_value *object, void **at, const testudo_i_json_value **value);

/* The plain values; the kind must be right (asserted by the caller). number: integer or real. */
bool testudo_i_json_boolean(const testudo_i_json_value *value);
int64_t testudo_i_json_integer(const testudo_i_json_value *value);
double testudo_i_json_number(const testudo_i_json_value *value);
const char *testudo_i_json_string(const testudo_i_json_value *value);

/* A user's text as it may stand in a sentence: one printable line, cut with "...". */
#define TESTUDO_I_JSON_SHOWN 48
void testudo_i_json_show(const char *text, char shown[TESTUDO_I_JSON_SHOWN]);

/* An object of a document, and where sentences put it: "" at the top, "code" inside. */
typedef struct testudo_i_json_at {
  const testudo_i_json_document *document;
  const testudo_i_json_value *object;
  const char *place;
  testudo_error *error;
} testudo_i_json_at;

/* The root. */
static inline testudo_i_json_at testudo_i_json_top(const testudo_i_json_document *document, testudo_error *error)
{
  return (testudo_i_json_at){document, testudo_i_json_root(document), "", error};
}

/* TESTUDO_ERROR_INPUT: "name: place.", then the sentence, which begins with the member. */
testudo_status testudo_i_json_refuse(const testudo_i_json_at *at, const char *format, ...) TESTUDO_PRINTF(2, 3);

/* Wanted members with their checks. 12.0 is refused where an integer is wanted. */
TESTUDO_CHECKED testudo_status testudo_i_json_want_integer(const testudo_i_json_at *at, const char *key, int64_t least,
                                                           int64_t most, int64_t *result);
TESTUDO_CHECKED testudo_status testudo_i_json_want_string(const testudo_i_json_at *at, const char *key,
                                                          const char **result);
TESTUDO_CHECKED testudo_status testudo_i_json_want_kind(const testudo_i_json_at *at, const char *key,
                                                        testudo_i_json_kind kind, const testudo_i_json_value **result);

/* A number, or `otherwise` where the member is absent or null. */
TESTUDO_CHECKED testudo_status testudo_i_json_take_number(const testudo_i_json_at *at, const char *key,
                                                          double otherwise, double *number);

/* The root of a file of ours is an object, with this member "format"; `what` is such a file: "a design". */
TESTUDO_CHECKED testudo_status testudo_i_json_want_format(const testudo_i_json_at *root, const char *what,
                                                          const char *format);

/* And its "version" is 1. */
TESTUDO_CHECKED testudo_status testudo_i_json_want_version(const testudo_i_json_at *root);

/* Drops the big member `key` of the root once it has been converted, to give its memory back. */
void testudo_i_json_drop(testudo_i_json_document *document, const char *key);

/* Compact text of a value (malloc), numbers with 17 significant digits; NULL when out of memory. */
char *testudo_i_json_text(const testudo_i_json_value *value);

#endif
