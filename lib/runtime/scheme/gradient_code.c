/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme gradient-code (Tandon et al., ICML 2017): row j of B are the coefficients of worker j's chunks; any n - s
   workers that have finished decode. Fractional repetition ("frc"): one finished worker of every group. A family of
   one level. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/gradient_code_parts.h"
#include "runtime/scheme/scheme.h"
#include "runtime/vector/decode_vector.h"

static const char *const gradient_code_members[] = {"kind", "construction", "stragglers", "matrix", NULL};

static testudo_i_gradient_code *gradient_code(const testudo_design *design)
{
  return design->code;
}

static int32_t stragglers_of(const testudo_design *design)
{
  return gradient_code(design)->family.tolerance[0];
}

/* ---- the file ---- */

static testudo_status gradient_code_read(const testudo_i_json_at *code, testudo_design *design)
{
  const testudo_i_rows_wanted rows = {.name = "matrix", .rows = design->workers, .rows_are = "workers"};
  const char *construction;
  int64_t stragglers = 0;
  TESTUDO_I_TRY(testudo_i_json_want_string(code, "construction", &construction));
  TESTUDO_I_TRY(testudo_i_json_want_integer(code, "stragglers", 0, design->workers - 1, &stragglers));
  TESTUDO_I_TRY(testudo_i_gradient_code_make(design, (int32_t)stragglers, construction, code->error));
  return testudo_i_read_matrix(code, &rows, design, &gradient_code(design)->family.coefficient);
}

const char *const testudo_i_construction_names[] = {
    [TESTUDO_I_CYCLIC] = "cyclic", [TESTUDO_I_CYCLIC_MDS] = "cyclic-mds", [TESTUDO_I_FRC] = "frc",
    [TESTUDO_I_OWN_CONSTRUCTION] = NULL};

static testudo_i_construction construction_named(const char *name)
{
  int known = testudo_i_find_word(testudo_i_construction_names + TESTUDO_I_CYCLIC, name);
  return known < 0 ? TESTUDO_I_OWN_CONSTRUCTION : (testudo_i_construction)(TESTUDO_I_CYCLIC + known);
}

testudo_status testudo_i_gradient_code_make(testudo_design *design, int32_t stragglers, const char *name,
                                            testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_gradient_code), error));
  testudo_i_gradient_code *code = gradient_code(design);
  TESTUDO_I_TRY(testudo_i_family_make(&code->family, design, 1, &stragglers, error));
  code->family.row = design->row;
  code->construction = construction_named(name);
  code->name = testudo_i_arena_text(&design->arena, name);
  return testudo_i_arena_check(&design->arena, error);
}

static void gradient_code_phrase(const testudo_design *design, char *text, size_t room)
{
  snprintf(text, room, "%s, %d straggler%s", gradient_code(design)->name, (int)stragglers_of(design),
           stragglers_of(design) == 1 ? "" : "s");
}

static void gradient_code_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_put_string(writer, "construction", gradient_code(design)->name);
  testudo_i_json_put_integer(writer, "stragglers", stragglers_of(design));
  testudo_i_json_open_array(writer, "matrix");
  for (int32_t j = 0; j < design->workers; j++)
    testudo_i_json_put_reals(writer, NULL, testudo_design_coefficients(design, j),
                             (size_t)testudo_design_load(design, j));
  testudo_i_json_close_array(writer);
}

/* ---- the rules of a file ---- */

static testudo_status check_coefficients(const testudo_design *design, bool ones, testudo_error *error)
{
  for (int32_t j = 0; j < design->workers; j++) {
    const double *row = testudo_design_coefficients(design, j);
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      if (!isfinite(row[k]))
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%d][%d]: not a finite number", (int)j, (int)k);
      else if (ones && row[k] != 1.0)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.matrix[%d][%d]: %g, but construction frc has only 1",
                              (int)j, (int)k, row[k]);
  }
  return TESTUDO_OK;
}

static testudo_status gradient_code_check(testudo_design *design, testudo_error *error)
{
  testudo_i_gradient_code *code = gradient_code(design);
  char wanted[40];
  snprintf(wanted, sizeof wanted, "%d stragglers", (int)stragglers_of(design));
  TESTUDO_I_TRY(testudo_i_check_copies(design, stragglers_of(design) + 1, wanted, error));
  TESTUDO_I_TRY(check_coefficients(design, false, error));
  if (code->construction != TESTUDO_I_FRC)
    return TESTUDO_OK;
  /* The workers of a group of a repetition code send the same sum, so any one of them will do. */
  testudo_i_groups_free(&code->groups);
  TESTUDO_I_TRY(
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &code->groups, error));
  if (code->groups.groups == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "order: construction frc needs workers in groups that hold the same chunks");
  return check_coefficients(design, true, error);
}

static void gradient_code_clear(testudo_design *design)
{
  if (design->code != NULL)
    testudo_i_groups_free(&gradient_code(design)->groups);
}

/* ---- completion ---- */

static testudo_status gradient_code_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                         testudo_error *error)
{
  (void)report; /* the one message of a worker needs all its chunks */
  const testudo_i_groups *groups = &gradient_code(design)->groups;
  if (groups->groups > 0)
    return testudo_i_rule_of_classes(design, groups->groups, groups->group_of, groups->rank, groups->size, 1, rule,
                                     error);
  testudo_i_rule_of_finished(design->workers - stragglers_of(design), rule);
  return TESTUDO_OK;
}

static testudo_status gradient_code_cover(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                          bool *known, testudo_error *error)
{
  (void)error;
  testudo_i_rule_of_chunks(design, report, 1, rule);
  *known = gradient_code(design)->groups.groups > 0;
  return TESTUDO_OK;
}

/* Of a group that holds the same chunks, the first to finish is enough. */
static double gradient_code_sent(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done)
{
  int32_t groups = gradient_code(design)->groups.groups;
  return groups > 0 ? groups : testudo_i_sent_by_finishers(design, rule, done);
}

/* ---- decoding ---- */

static testudo_status gradient_code_open(testudo_codec *codec, testudo_error *error)
{
  const testudo_i_gradient_code *code = gradient_code(codec->design);
  return testudo_i_vector_open(codec, &code->family, code->groups.groups > 0 ? &code->groups : NULL, error);
}

static testudo_status gradient_code_request(testudo_codec *codec, const testudo_progress *progress,
                                            testudo_request *request, testudo_error *error)
{
  (void)error;
  if (!testudo_i_progress_worked(progress, request->worker))
    return TESTUDO_OK;
  size_t load = (size_t)testudo_design_load(codec->design, request->worker);
  testudo_i_request_shape(request, 1, (int32_t)load);
  memcpy(request->coefficient, testudo_design_coefficients(codec->design, request->worker),
         load * sizeof *request->coefficient);
  return TESTUDO_OK;
}

static const testudo_i_codec_class gradient_code_codec = {
    .open = gradient_code_open,
    .settle = testudo_i_vector_settle,
    .reads = testudo_i_reads_finished,
    .weights = testudo_i_vector_weights,
    .request = gradient_code_request,
    .amplification = testudo_i_vector_amplification,
    .finds_error = true,
    .fixed = true,
};

/* ---- the rest ---- */

static int32_t gradient_code_row(const testudo_design *design, int32_t worker, double *row)
{
  if (row == NULL)
    return design->chunks;
  const double *own = testudo_design_coefficients(design, worker);
  const int32_t *order = testudo_design_order(design, worker);
  memset(row, 0, (size_t)design->chunks * sizeof *row);
  for (int32_t k = 0; k < testudo_design_load(design, worker); k++)
    row[order[k]] = own[k];
  return design->chunks;
}

int32_t testudo_design_stragglers(const testudo_design *design)
{
  if (design == NULL)
    return 0;
  return design->scheme == &testudo_i_scheme_gradient_code         ? stragglers_of(design)
         : design->scheme == &testudo_i_scheme_gradient_code_parts ? testudo_i_parts_stragglers(design)
                                                                   : 0;
}

const char *testudo_design_construction(const testudo_design *design)
{
  return testudo_i_construction_of(design) == TESTUDO_I_NO_CONSTRUCTION ? NULL : gradient_code(design)->name;
}

testudo_i_construction testudo_i_construction_of(const testudo_design *design)
{
  bool is = design != NULL && design->scheme == &testudo_i_scheme_gradient_code;
  return is ? gradient_code(design)->construction : TESTUDO_I_NO_CONSTRUCTION;
}

const double *testudo_design_coefficients(const testudo_design *design, int32_t worker)
{
  bool there = design != NULL && worker >= 0 && worker < design->workers;
  return there && design->scheme == &testudo_i_scheme_gradient_code
             ? testudo_i_family_row(&gradient_code(design)->family, 0, worker)
             : NULL;
}

const testudo_i_scheme testudo_i_scheme_gradient_code = {
    .id = TESTUDO_SCHEME_GRADIENT_CODE,
    .name = "gradient-code",
    .kind = "gradient-code",
    .members = gradient_code_members,
    .most_parts = 1,
    .report = TESTUDO_REPORT_WHOLE,
    .report_fixed = true,
    .exact_gradient = true,
    .step = "chunk",
    .waits_for = "all but `stragglers` workers to finish (frc: one worker of every group)",
    .read = gradient_code_read,
    .write = gradient_code_write,
    .phrase = gradient_code_phrase,
    .check = gradient_code_check,
    .clear = gradient_code_clear,
    .rule = gradient_code_rule,
    .cover = gradient_code_cover,
    .sent = gradient_code_sent,
    .codec = &gradient_code_codec,
    .family = testudo_i_family_of,
    .row = gradient_code_row,
};
