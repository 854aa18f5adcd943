/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search that made a design, in its provenance. */
#define _POSIX_C_SOURCE 200809L
#include <testudo/optimize.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "designfile/write.h"
#include "json/write.h"

static void put(testudo_i_json_writer *writer, const char *objective, const testudo_search_options *options,
                const testudo_search_result *result)
{
  char digits[24];
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "objective", objective);
  testudo_i_json_put_string(writer, "method", result->method);
  snprintf(digits, sizeof digits, "%" PRIu64, options->seed);
  testudo_i_json_put_string(writer, "seed", digits);
  testudo_i_json_put_integer(writer, "tries", result->tries);
  testudo_i_json_put_real(writer, "before", result->before);
  testudo_i_json_put_real(writer, "after", result->after);
  if (result->after_stderr > 0.0)
    testudo_i_json_put_real(writer, "after_stderr", result->after_stderr);
  testudo_i_json_put_real(writer, "bound", result->bound);
  if (result->proof[0] != '\0')
    testudo_i_json_put_string(writer, "bound_from", result->proof);
  testudo_i_json_put_real(writer, "gap", result->after - result->bound);
  if (result->range[0] != '\0')
    testudo_i_json_put_string(writer, "best_of_all", result->range);
  testudo_i_json_put_string(writer, "status", testudo_answer_name(result->answer));
  if (result->stopped)
    testudo_i_json_put_boolean(writer, "stopped", true);
  testudo_i_json_close_object(writer);
}

testudo_status testudo_search_record(testudo_design *design, const char *objective,
                                     const testudo_search_options *options, const testudo_search_result *result,
                                     testudo_error *error)
{
  return testudo_search_record_as(design, "search", objective, options, result, error);
}

testudo_status testudo_search_record_as(testudo_design *design, const char *key, const char *objective,
                                        const testudo_search_options *options, const testudo_search_result *result,
                                        testudo_error *error)
{
  char *text = NULL;
  size_t length;
  FILE *stream = open_memstream(&text, &length);
  if (stream == NULL)
    return testudo_i_fail_memory(error);
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  put(&writer, objective, options, result);
  testudo_status status = fclose(stream) != 0 || writer.failed ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = testudo_i_design_add_provenance(design, key, text, error);
  free(text);
  return status;
}
