/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of options (SPEC.json): its members as texts, as they would stand on a command line. Which members there are,
   and what their values may be, is checked where options are. */
#ifndef TESTUDO_JSON_SPECIFICATION_H
#define TESTUDO_JSON_SPECIFICATION_H

#include <stddef.h>

#include <testudo/status.h>

#include "base/arena.h"

#define TESTUDO_I_SPEC_METHODS "methods"

typedef struct testudo_i_spec_member {
  const char *key;
  const char *kind;   /* of the value, for sentences: "an integer" */
  bool truth;         /* it is true or false: `value`, and no text */
  bool value;
  bool listed;        /* an array; of anything else there is one text */
  size_t count;       /* >= 1 of an array */
  const char **text;  /* UTF-8 without control characters; of "methods" METHOD each: "k-sync:wait=3" of an object */
} testudo_i_spec_member;

typedef struct testudo_i_spec {
  size_t members;
  testudo_i_spec_member *member; /* in the order of the file */
  testudo_i_arena arena;         /* what the texts lie in */
} testudo_i_spec; /* zeroed: empty */

/* Reads an object whose members are true, false, texts, numbers and arrays of texts and numbers, and "methods": an
   array of texts and of objects {"method": NAME, key: value, ..}. TESTUDO_ERROR_INPUT with "name: place: ..". Clear
   *spec whatever the answer. O(length). */
TESTUDO_CHECKED testudo_status testudo_i_spec_parse(const char *bytes, size_t length, const char *name,
                                                    testudo_i_spec *spec, testudo_error *error);

void testudo_i_spec_clear(testudo_i_spec *spec);

#endif
