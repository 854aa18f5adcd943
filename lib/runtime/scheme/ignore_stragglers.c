/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme ignore-stragglers (K of n, K-sync): the sums of the first K workers that finish are taken for the gradient. */
#include <stdio.h>

#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"

static const char *const ignore_members[] = {"kind", "wait", NULL};

static testudo_i_ignore_stragglers_code *ignore_code(const testudo_design *design)
{
  return design->code;
}

static testudo_status ignore_read(const testudo_i_json_at *code, testudo_design *design)
{
  int64_t wait = 0;
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_ignore_stragglers_code), code->error));
  TESTUDO_I_TRY(testudo_i_json_want_integer(code, "wait", 1, design->workers, &wait));
  ignore_code(design)->wait = (int32_t)wait;
  return TESTUDO_OK;
}

static void ignore_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  testudo_i_json_put_integer(writer, "wait", ignore_code(design)->wait);
}

static void ignore_phrase(const testudo_design *design, char *text, size_t room)
{
  snprintf(text, room, "waits for %d", (int)ignore_code(design)->wait);
}

static testudo_status ignore_check(testudo_design *design, testudo_error *error)
{
  if (ignore_code(design)->wait < 1 || ignore_code(design)->wait > design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.wait: %d, but it must be in 1..%d (the workers)",
                          (int)ignore_code(design)->wait, (int)design->workers);
  return testudo_i_check_single(design, error);
}

static testudo_status ignore_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                  testudo_error *error)
{
  (void)report;
  (void)error;
  testudo_i_rule_of_finished(ignore_code(design)->wait, rule);
  return TESTUDO_OK;
}

int32_t testudo_design_wait(const testudo_design *design)
{
  return design != NULL && design->scheme == &testudo_i_scheme_ignore_stragglers ? ignore_code(design)->wait : 0;
}

const testudo_i_scheme testudo_i_scheme_ignore_stragglers = {
    .id = TESTUDO_SCHEME_IGNORE_STRAGGLERS,
    .name = "ignore-stragglers",
    .kind = "uncoded",
    .members = ignore_members,
    .most_parts = 1,
    .report = TESTUDO_REPORT_WHOLE,
    .report_fixed = true,
    .step = "chunk",
    .waits_for = "the first `wait` workers to finish",
    .read = ignore_read,
    .write = ignore_write,
    .phrase = ignore_phrase,
    .check = ignore_check,
    .rule = ignore_rule,
    .cover = testudo_i_cover_of_chunks,
    .sent = testudo_i_sent_by_finishers,
    .codec = &testudo_i_codec_of_sums,
};
