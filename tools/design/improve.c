/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --improve-code, --improve-tries: random coefficients drawn again, and what is recorded of it. */
#include "design/improve.h"

#include <inttypes.h>

#include "base/error.h"
#include "common/session.h"
#include "designfile/write.h"

/* Progress vectors a try is measured on. */
enum { SAMPLES = 200 };

static double code_seed(const void *result)
{
  return (double)((const testudo_improvement *)result)->code_seed;
}

static void improve_print(FILE *text, const void *result)
{
  const testudo_improvement *found = result;
  fields_line(text, "improved", "largest amplification found %.3g, in %" PRId64 " draws (of the first %.3g)\n",
              found->after, found->tries, found->before);
}

const field improve_fields[] = {
    {FIELD(testudo_improvement, tries), .phrase = improve_print, .meaning = "draws of the coefficients"},
    {FIELD_WORKED_OUT("code_seed", code_seed), .meaning = "seed of the draw that was kept"},
    {FIELD(testudo_improvement, samples), .meaning = "progress vectors that each draw was measured on"},
    {FIELD_AS("amplification_sampled_worst_first", testudo_improvement, before),
     .meaning = "largest amplification found of the first draw"},
    {FIELD_AS("amplification_sampled_worst_best", testudo_improvement, after),
     .meaning = "largest amplification found of the draw that was kept"},
    {.key = NULL},
};

static testudo_status improve_record(testudo_design *design, const testudo_improvement *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory added = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&added, error));
  testudo_i_json_open_object(&added.writer, NULL);
  fields_put(&added.writer, improve_fields, found);
  testudo_i_json_close_object(&added.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&added, error));
  return testudo_i_design_add_provenance(design, "improved", added.text, error);
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
