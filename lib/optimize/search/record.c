/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search that made a design, in its provenance. */
#include <testudo/optimize.h>

#include "base/error.h"
#include "designfile/write.h"
#include "json/write.h"

static void put_record(testudo_i_json_writer *writer, const char *objective, const testudo_search_options *options,
                       const testudo_search_result *result)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "objective", objective);
  testudo_i_json_put_string(writer, "method", result->method);
  testudo_i_design_put_seed(writer, options->seed);
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
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory record = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&record, error));
  put_record(&record.writer, objective, options, result);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&record, error));
  return testudo_i_design_add_provenance(design, "search", record.text, error);
}
