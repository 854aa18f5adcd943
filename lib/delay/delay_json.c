/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay models in JSON: delay files (`testudo fit` writes them and LAW @FILE reads them), results, claims. */
#include "delay/delay_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/grammar.h"
#include "delay/model.h"

/* ---- delay files ---- */

static testudo_status take_file_law(const testudo_i_json_document *document, char **law, testudo_error *error)
{
  const testudo_i_json_value *root = testudo_i_json_root(document);
  const char *format, *text, *name = testudo_i_json_name(document);
  int64_t version;
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is %s, but a delay file is an object", name,
                          testudo_i_json_kind_name(root));
  TESTUDO_I_TRY(testudo_i_json_want_string(document, root, "", "format", &format, error));
  if (strcmp(format, TESTUDO_I_DELAY_FORMAT) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: format: must be \"%s\"", name, TESTUDO_I_DELAY_FORMAT);
  TESTUDO_I_TRY(testudo_i_json_want_integer(document, root, "", "version", 1, 1, &version, error));
  TESTUDO_I_TRY(testudo_i_json_want_string(document, root, "", "law", &text, error));
  if (testudo_i_law_file(text) != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: law: a delay file names a parametric law, not another file",
                          name);
  *law = testudo_i_copy_string(text);
  return *law == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name, char **law,
                                          testudo_error *error)
{
  *law = NULL;
  testudo_i_json_document *document;
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, name, &document, error));
  testudo_status status = take_file_law(document, law, error);
  testudo_i_json_free(document);
  return status;
}

testudo_status testudo_i_delay_file_read(const char *path, char **law, testudo_error *error)
{
  char *bytes;
  size_t length;
  *law = NULL;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_DELAY_FILE, &bytes, &length, error));
  testudo_status status = testudo_i_delay_file_parse(bytes, length, path, law, error);
  free(bytes);
  return status;
}

/* ---- models, written ---- */

const char *testudo_i_structure_name(testudo_structure structure)
{
  return structure == TESTUDO_STRUCTURE_SCALED ? "scaled" : "additive";
}

void testudo_i_delay_put_members(testudo_i_json_writer *writer, const testudo_delay_model *model)
{
  testudo_i_json_put_string(writer, "law", testudo_law_named(model->law));
  testudo_i_json_put_string(writer, "structure", testudo_i_structure_name(model->structure));
  if (model->rates != NULL)
    testudo_i_json_put_reals(writer, "rates", model->rates, (size_t)model->workers);
  if (model->failures == TESTUDO_FAILURES_EXACTLY)
    testudo_i_json_put_integer(writer, "failed", model->failed);
  if (model->failures == TESTUDO_FAILURES_EACH)
    testudo_i_json_put_real(writer, "fail_prob", model->fail_prob);
}

/* ---- models, read ---- */

static testudo_status refuse_member(const testudo_i_json_document *document, const char *place, const char *what,
                                    testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.%s", testudo_i_json_name(document), place, what);
}

static bool is_number(const testudo_i_json_value *value)
{
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  return kind == TESTUDO_I_JSON_INTEGER || kind == TESTUDO_I_JSON_REAL;
}

testudo_status testudo_i_json_take_number(const testudo_i_json_document *document, const testudo_i_json_value *item,
                                          const char *place, const char *key, double otherwise, double *number,
                                          testudo_error *error)
{
  const testudo_i_json_value *value = testudo_i_json_member(item, key);
  *number = otherwise;
  if (value == NULL)
    return TESTUDO_OK;
  if (!is_number(value))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.%s: must be a number", testudo_i_json_name(document),
                          place, key);
  *number = testudo_i_json_number(value);
  return TESTUDO_OK;
}

static testudo_status take_law(testudo_i_delay_claimed *claimed, const testudo_i_json_document *document,
                               const testudo_i_json_value *item, const char *place, testudo_error *error)
{
  const char *law, *structure;
  TESTUDO_I_TRY(testudo_i_json_want_string(document, item, place, "law", &law, error));
  TESTUDO_I_TRY(testudo_i_json_want_string(document, item, place, "structure", &structure, error));
  if (testudo_i_law_file(law) != NULL)
    return refuse_member(document, place, "law: names a file, but a claim must state its law itself", error);
  claimed->model.structure = TESTUDO_STRUCTURE_SCALED;
  if (strcmp(structure, testudo_i_structure_name(TESTUDO_STRUCTURE_SCALED)) != 0)
    claimed->model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  if (strcmp(structure, testudo_i_structure_name(claimed->model.structure)) != 0)
    return refuse_member(document, place, "structure: is neither scaled nor additive", error);
  testudo_error own = {""};
  if (testudo_law_parse(law, &claimed->law, &own) != TESTUDO_OK)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.law: %s", testudo_i_json_name(document), place,
                          own.text);
  claimed->model.law = claimed->law;
  return TESTUDO_OK;
}

static testudo_status take_rates(testudo_i_delay_claimed *claimed, int32_t workers,
                                 const testudo_i_json_document *document, const testudo_i_json_value *item,
                                 const char *place, testudo_error *error)
{
  const testudo_i_json_value *list = testudo_i_json_member(item, "rates");
  if (list == NULL)
    return TESTUDO_OK;
  bool numbers = testudo_i_json_kind_of(list) == TESTUDO_I_JSON_ARRAY && testudo_i_json_size(list) == (size_t)workers;
  for (int32_t j = 0; numbers && j < workers; j++)
    numbers = is_number(testudo_i_json_item(list, (size_t)j));
  if (!numbers)
    return refuse_member(document, place, "rates: must be a list of one number per worker", error);
  claimed->rates = testudo_i_alloc((size_t)workers, sizeof *claimed->rates);
  TESTUDO_I_TRY(testudo_i_memory_check(claimed->rates != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    claimed->rates[j] = testudo_i_json_number(testudo_i_json_item(list, (size_t)j));
  claimed->model.rates = claimed->rates;
  claimed->model.workers = workers;
  return TESTUDO_OK;
}

testudo_status testudo_i_delay_read_members(const testudo_i_json_document *document, const testudo_i_json_value *item,
                                            const char *place, int32_t workers, testudo_i_delay_claimed *claimed,
                                            testudo_error *error)
{
  int64_t failed = 0;
  double prob;
  *claimed = (testudo_i_delay_claimed){.law = NULL};
  TESTUDO_I_TRY(take_law(claimed, document, item, place, error));
  TESTUDO_I_TRY(take_rates(claimed, workers, document, item, place, error));
  TESTUDO_I_TRY(testudo_i_json_take_number(document, item, place, "fail_prob", 0, &prob, error));
  if (testudo_i_json_member(item, "failed") != NULL)
    TESTUDO_I_TRY(testudo_i_json_want_integer(document, item, place, "failed", 0, workers, &failed, error));
  claimed->model.failed = (int32_t)failed;
  claimed->model.fail_prob = prob;
  claimed->model.failures = failed > 0  ? TESTUDO_FAILURES_EXACTLY
                            : prob != 0 ? TESTUDO_FAILURES_EACH
                                        : TESTUDO_FAILURES_NONE;
  return TESTUDO_OK;
}

void testudo_i_delay_claimed_clear(testudo_i_delay_claimed *claimed)
{
  testudo_law_free(claimed->law);
  free(claimed->rates);
}
