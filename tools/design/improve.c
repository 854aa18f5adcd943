/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --improve-code, --improve-tries: random coefficients drawn again, and what is recorded of it. */
#include "design/improve.h"

#include <inttypes.h>
#include <stdlib.h>

#include <testudo/trust.h>

#include "base/error.h"
#include "common/session.h"
#include "designfile/write.h"
#include "json/write.h"

/* Progress vectors a try is measured on. */
enum { SAMPLES = 200 };

void improve_put(testudo_i_json_writer *writer, const char *key, const testudo_improvement *found)
{
  testudo_i_json_open_object(writer, key);
  testudo_i_json_put_integer(writer, "tries", found->tries);
  testudo_i_json_put_integer(writer, "code_seed", (int64_t)found->code_seed);
  testudo_i_json_put_integer(writer, "samples", found->samples);
  testudo_i_json_put_real(writer, "amplification_sampled_worst_first", found->before);
  testudo_i_json_put_real(writer, "amplification_sampled_worst_best", found->after);
  testudo_i_json_close_object(writer);
}

static testudo_status improve_record(testudo_design *design, const testudo_improvement *found, testudo_error *error)
{
  testudo_i_json_memory added;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&added, error));
  improve_put(&added.writer, NULL, found);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&added, error));
  testudo_status status = testudo_i_design_add_provenance(design, "improved", added.text, error);
  free(added.text);
  return status;
}

void improve_print(FILE *stream, const testudo_improvement *found)
{
  fprintf(stream, "  %-14slargest amplification found %.3g, in %" PRId64 " draws (of the first %.3g)\n", "improved",
          found->after, found->tries, found->before);
}

testudo_status improve_design(testudo_design *design, const cli_arguments *arguments, testudo_improvement *found,
                              testudo_error *error)
{
  double seconds = cli_real(arguments, "improve-code", 0.0);
  int64_t tries = cli_integer(arguments, "improve-tries", 0);
  if (!cli_given(arguments, "improve-code") && !cli_given(arguments, "improve-tries"))
    return TESTUDO_OK;
  const testudo_monitor *monitor = session_progress_start("improving the code", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_code_improve(design, (uint64_t)cli_integer(arguments, "seed", 1), seconds,
                                                          tries, SAMPLES, monitor, found, error)));
  session_say(arguments, "%s after %" PRId64 " tries: largest amplification found %.3g, of the first %.3g",
              found->interrupted ? "stopped" : "best", found->tries, found->after, found->before);
  return improve_record(design, found, error);
}
