/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces inside the library: structs that hold them, whatever their file was. */
#ifndef TESTUDO_TRACE_TRACE_H
#define TESTUDO_TRACE_TRACE_H

#include <testudo/trace.h>

typedef testudo_trace testudo_i_trace;

/* Reads a file, or bytes, into a struct that testudo_i_trace_free empties; `options` may be NULL. */
TESTUDO_CHECKED testudo_status testudo_i_trace_read_as(const char *path, const testudo_trace_options *options,
                                                       testudo_i_trace *trace, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_trace_parse_as(const char *bytes, size_t length, const char *name,
                                                        const testudo_trace_options *options, testudo_i_trace *trace,
                                                        testudo_error *error);
void testudo_i_trace_free(testudo_i_trace *trace);

/* The distinct ones of some numbers, such as a column's, ascending into `distinct`, and the place of each number among
   them into `rank`; how many. Both have room for all. */
int32_t testudo_i_trace_rank(const int32_t *number, int64_t rows, int32_t *distinct, int32_t *rank);

/* "seconds" .. "end". */
extern const char *const testudo_i_trace_keys[TESTUDO_TRACE_COLUMNS];

/* "s", "ms", "us", "ns"; of UNIT_OWN "s". */
const char *testudo_i_trace_unit_name(testudo_trace_unit unit);

/* What was taken for what, for people: "seconds from 'dur' in ms, worker from 'rank'". */
void testudo_i_trace_describe(const testudo_i_trace *trace, char *text, size_t room);

/* TESTUDO_ERROR_INPUT with its sentence where rows are not the whole times of a chunk each, which `what`, "a replay",
   needs: where some are censored, or the times of several chunks. */
TESTUDO_CHECKED testudo_status testudo_i_trace_check_chunks(const testudo_i_trace *trace, const char *name,
                                                            const char *what, testudo_error *error);

#endif
