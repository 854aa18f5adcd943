/* SPDX-License-Identifier: BSD-3-Clause */
/* Families of gradient codes: made, read and written by the schemes that have one. */
#ifndef TESTUDO_RUNTIME_SCHEME_FAMILY_H
#define TESTUDO_RUNTIME_SCHEME_FAMILY_H

#include "json/read.h"
#include "json/write.h"
#include "runtime/design.h"
#include "runtime/family.h"

/* Of a gradient, nested or block code, whose first member it is. */
const testudo_i_family *testudo_i_family_of(const testudo_design *design);

/* A family of the given tolerances (copied) from the design's arena, without coefficients yet. They must be increasing
   in 0..workers - 1, otherwise TESTUDO_ERROR_INPUT names "code.tolerances[k]". */
TESTUDO_CHECKED testudo_status testudo_i_family_make(testudo_i_family *family, testudo_design *design, int32_t levels,
                                                     const int32_t *tolerance, testudo_error *error);
/* Room for its coefficients, zeroed: workers (tolerance + 1) numbers per level. */
TESTUDO_CHECKED testudo_status testudo_i_family_room(testudo_i_family *family, testudo_design *design,
                                                     testudo_error *error);

/* ---- for the schemes with prefixes of the cyclic order: nested and block ---- */

/* `tolerances` and `matrices` of code. */
TESTUDO_CHECKED testudo_status testudo_i_family_read(const testudo_i_json_at *code, testudo_i_family *family,
                                                     testudo_design *design);
void testudo_i_family_write_tolerances(testudo_i_json_writer *writer, const testudo_i_family *family);
/* "tolerances 0, 2, 5": answers its length. */
size_t testudo_i_family_phrase(const testudo_i_family *family, char *text, size_t room);
void testudo_i_family_write_matrices(testudo_i_json_writer *writer, const testudo_i_family *family, int32_t workers);

/* N = m, orders that are the cyclic ones in natural order and no others (a prefix of worker i's order must be the
   support i .. i+s of its row of B^(s)), finite coefficients. */
TESTUDO_CHECKED testudo_status testudo_i_family_check(const testudo_i_family *family, const testudo_design *design,
                                                      testudo_error *error);

#endif
