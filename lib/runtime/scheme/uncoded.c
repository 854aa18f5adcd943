/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme uncoded: every chunk on one worker, whose sum it is part of; all workers must finish. */
#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static const char *const uncoded_members[] = {"kind", NULL};

static testudo_status uncoded_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                   testudo_error *error)
{
  (void)report; /* unfinished work of a worker is of no use: nobody else holds its other chunks */
  return testudo_i_rule_of_everyone(design, rule, error);
}

static testudo_status uncoded_check(testudo_design *design, testudo_error *error)
{
  return testudo_i_check_single(design, error);
}

const testudo_i_scheme testudo_i_scheme_uncoded = {
    .id = TESTUDO_SCHEME_UNCODED,
    .name = "uncoded",
    .kind = "uncoded",
    .members = uncoded_members,
    .most_parts = 1,
    .report = TESTUDO_REPORT_WHOLE,
    .exact_gradient = true,
    .step = "chunk",
    .waits_for = "every worker to finish",
    .check = uncoded_check,
    .rule = uncoded_rule,
    .cover = testudo_i_cover_of_chunks,
    .sent = testudo_i_sent_by_starters,
    .codec = &testudo_i_codec_of_sums,
};
