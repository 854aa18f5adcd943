/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a result goes: to standard output as text or JSON, and to a file. */
#ifndef TOOLS_COMMON_OUTPUT_H
#define TOOLS_COMMON_OUTPUT_H

#include "option/option.h"
#include "report/field.h"

extern const cli_option report_options[]; /* --output of a result */

/* Does the result go to standard output alone, as text? That shows no curves, so that none need be found. */
bool report_is_text(const cli_arguments *arguments);

/* To standard output, as JSON (--json) or as text. */
void report_show(const cli_arguments *arguments, const field *table, const void *result);

/* The same, and to -o FILE (when given) as CSV where its name ends in .csv, otherwise as JSON;
   alone to -o -. */
TESTUDO_CHECKED testudo_status report_write(const cli_arguments *arguments, const field *table, const void *result,
                                            testudo_error *error);

/* An object and an end of line; false where a text in it is not UTF-8. */
bool report_put_json(FILE *stream, const field *table, const void *result);

/* The same with another table for CSV. */
TESTUDO_CHECKED testudo_status report_write_both(const cli_arguments *arguments, const field *table,
                                                 const field *csv_table, const void *result, testudo_error *error);

/* To a file alone, as its name says. */
TESTUDO_CHECKED testudo_status report_save(const char *path, const field *table, const field *csv_table,
                                           const void *result, testudo_error *error);

#endif
