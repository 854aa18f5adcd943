/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme nested (docs/theory/nested.md; a working model): a gradient code for every tolerance of a set. At the first
   moment at which, for some s, n - s workers have s + 1 chunks done, s is announced and those workers send their row of
   B^(s). */
#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"
#include "runtime/vector/decode_vector.h"

static const char *const nested_members[] = {"kind", "tolerances", "matrices", NULL};

static testudo_status nested_read(const testudo_i_json_at *code, testudo_design *design)
{
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_family), code->error));
  return testudo_i_family_read(code, design->code, design);
}

static void nested_phrase(const testudo_design *design, char *text, size_t room)
{
  testudo_i_family_phrase(testudo_i_family_of(design), text, room);
}

static void nested_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_family_write_tolerances(writer, testudo_i_family_of(design));
  testudo_i_family_write_matrices(writer, testudo_i_family_of(design), design->workers);
}

static testudo_status nested_check(testudo_design *design, testudo_error *error)
{
  return testudo_i_family_check(testudo_i_family_of(design), design, error);
}

static testudo_status nested_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                  testudo_error *error)
{
  (void)report;
  (void)error;
  const testudo_i_family *family = testudo_i_family_of(design);
  rule->join = TESTUDO_I_ANY;
  rule->rows = family->levels;
  rule->need = family->need;
  rule->step_of_row = family->step_of_row;
  rule->hit = family->hit;
  return TESTUDO_OK;
}

/* The first level that enough workers have reached, -1 where none is; *reached: by how many. */
static int32_t complete_level(const testudo_design *design, const int32_t *done, int32_t *reached)
{
  const testudo_i_family *family = testudo_i_family_of(design);
  for (int32_t level = 0; level < family->levels; level++) {
    *reached = 0;
    for (int32_t j = 0; j < design->workers; j++)
      *reached += done[j] > family->tolerance[level];
    if (*reached >= family->need[level])
      return level;
  }
  return -1;
}

static double nested_sent(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done)
{
  (void)rule;
  int32_t reached;
  return complete_level(design, done, &reached) < 0 ? 0.0 : reached;
}

/* ---- decoding: the announced level; before that, approximately, the one with the least residual ---- */

static testudo_status nested_open(testudo_codec *codec, testudo_error *error)
{
  return testudo_i_vector_open(codec, testudo_i_family_of(codec->design), NULL, error);
}

static bool nested_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker] > testudo_i_family_of(codec->design)->tolerance[testudo_i_vector_level(codec)];
}

static testudo_status nested_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe, bool exact,
                                    testudo_error *error)
{
  (void)stripe;
  return testudo_i_vector_settle(codec, progress, progress->held, exact, error);
}

static testudo_status nested_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                     testudo_error *error)
{
  const testudo_i_family *family = testudo_i_family_of(codec->design);
  int32_t level = progress->held;
  if (level < 0) {
    TESTUDO_I_TRY(testudo_i_vector_settle(codec, progress, level, false, error));
    level = testudo_i_vector_level(codec);
  }
  int32_t width = family->tolerance[level] + 1;
  if (progress->done[request->worker] < width)
    return TESTUDO_OK;
  testudo_i_request_shape(request, 1, width);
  const double *row = testudo_i_family_row(family, level, request->worker);
  for (int32_t k = 0; k < width; k++)
    request->coefficient[k] = row[k];
  return TESTUDO_OK;
}

static const testudo_i_codec_class nested_codec = {
    .open = nested_open,
    .settle = nested_settle,
    .reads = nested_reads,
    .weights = testudo_i_vector_weights,
    .request = nested_request,
    .amplification = testudo_i_vector_amplification,
    .finds_error = true,
    .fixed = true,
};

int32_t testudo_progress_announced(const testudo_progress *progress)
{
  return progress == NULL || progress->held < 0 || progress->design->scheme != &testudo_i_scheme_nested
             ? -1
             : testudo_i_family_of(progress->design)->tolerance[progress->held];
}

const testudo_i_scheme testudo_i_scheme_nested = {
    .id = TESTUDO_SCHEME_NESTED,
    .name = "nested",
    .kind = "nested",
    .members = nested_members,
    .most_parts = 1,
    .report = TESTUDO_REPORT_CHUNK,
    .report_fixed = true,
    .working_model = true,
    .exact_gradient = true,
    .step = "chunk",
    .waits_for = "n - s workers to have s + 1 chunks done, for some tolerance s",
    .read = nested_read,
    .write = nested_write,
    .phrase = nested_phrase,
    .beside_partial = true,
    .check = nested_check,
    .rule = nested_rule,
    .cover = testudo_i_cover_at_best,
    .sent = nested_sent,
    .codec = &nested_codec,
    .family = testudo_i_family_of,
};
