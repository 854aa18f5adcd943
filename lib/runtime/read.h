/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of reading a design file, version 1. What a file may hold beyond the required members: `name` (a string),
   `provenance` (an object), `claims` (an array) and unknown top-level members, all carried along. Inside `code`, where
   a member that is not understood could change what decoding means, unknown members are refused. */
#ifndef TESTUDO_RUNTIME_READ_H
#define TESTUDO_RUNTIME_READ_H

#include "json/read.h"
#include "runtime/design.h"

/* The members read without a tree, where they are plain. */
enum { TESTUDO_I_LEAN_ORDER, TESTUDO_I_LEAN_MATRIX, TESTUDO_I_LEAN_MEMBERS };

/* Parses the JSON of a design, `order` and `code.matrix` lean. */
TESTUDO_CHECKED testudo_status testudo_i_design_json(const char *bytes, size_t length, const char *name,
                                                     testudo_i_json_document **document, testudo_error *error);

/* testudo_design_read; unsealed: the checksum is not looked at and the design's is 0. */
TESTUDO_CHECKED testudo_status testudo_i_design_read(const char *path, bool sealed, testudo_design **design,
                                                     testudo_error *error);

/* The member `order`: sets row and order, whose room is made. `rows` is the array; it is known to have `workers`
   items. */
TESTUDO_CHECKED testudo_status testudo_i_read_order(const testudo_i_json_at *root, const testudo_i_json_value *rows,
                                                    testudo_design *design);

/* The member `code`, by the design's scheme. */
TESTUDO_CHECKED testudo_status testudo_i_read_code(const testudo_i_json_at *root, testudo_design *design);

/* Is the last member `checksum`, plainly written, and FNV-1a of all bytes before the comma ahead of it? */
TESTUDO_CHECKED testudo_status testudo_i_check_seal(const char *bytes, size_t length,
                                                    const testudo_i_json_document *document, uint64_t *checksum,
                                                    testudo_error *error);

#endif
