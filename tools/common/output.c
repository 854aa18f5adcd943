/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a result goes. */
#define _POSIX_C_SOURCE 200809L
#include "common/output.h"

#include <stdlib.h>
#include <strings.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "common/session.h"

const cli_option report_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .heading = "Output",
     .help = "Write the result to FILE: as JSON, or where its name ends in .csv as CSV, which has a line per row of the"
             " result's table and leaves curves out."},
    {.name = NULL},
};

bool report_put_json(FILE *stream, const field *table, const void *result)
{
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  fields_put(&writer, table, result);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
  return !writer.failed;
}

/* Text or CSV whose names of files are mended where they are not UTF-8; as they are where memory is short. */
static void put_mended(FILE *stream, void (*put)(FILE *, const field *, const void *), const field *table,
                       const void *result)
{
  char *text = NULL;
  size_t length;
  FILE *memory = open_memstream(&text, &length);
  if (memory != NULL)
    put(memory, table, result);
  if (memory != NULL && fclose(memory) == 0)
    testudo_i_text_put(stream, text);
  else
    put(stream, table, result);
  free(text);
}

void report_show(const cli_arguments *arguments, const field *table, const void *result)
{
  if (cli_given(arguments, "json"))
    report_put_json(stdout, table, result);
  else
    put_mended(stdout, fields_print, table, result);
}

static bool is_csv(const char *path)
{
  size_t length = strlen(path);
  return length > 4 && strcasecmp(path + length - 4, ".csv") == 0;
}

bool report_is_text(const cli_arguments *arguments)
{
  return !cli_given(arguments, "json") && !cli_given(arguments, "output");
}

testudo_status report_save(const char *path, const field *table, const field *csv_table, const void *result,
                           testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  if (is_csv(path))
    put_mended(output.stream, fields_write_csv, csv_table, result);
  else
    report_put_json(output.stream, table, result);
  return session_output_end(&output, TESTUDO_OK, error);
}

testudo_status report_write_both(const cli_arguments *arguments, const field *table, const field *csv_table,
                                 const void *result, testudo_error *error)
{
  const char *path = cli_text(arguments, "output", NULL);
  if (path != NULL)
    TESTUDO_I_TRY(report_save(path, table, csv_table, result, error));
  if (path == NULL || !cli_is_standard(path))
    report_show(arguments, table, result);
  return TESTUDO_OK;
}

testudo_status report_write(const cli_arguments *arguments, const field *table, const void *result,
                            testudo_error *error)
{
  return report_write_both(arguments, table, table, result, error);
}
