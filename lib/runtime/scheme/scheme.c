/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of schemes, and the hooks that several of them share. */
#include "runtime/scheme/scheme.h"

#include <stdio.h>
#include <string.h>

#include "base/clones.h"
#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/gradient_code_parts.h"

/* In the order of their ids. */
static const testudo_i_scheme *const schemes[] = {
    &testudo_i_scheme_uncoded, &testudo_i_scheme_ignore_stragglers, &testudo_i_scheme_gradient_code,
    &testudo_i_scheme_nested,  &testudo_i_scheme_partial,           &testudo_i_scheme_block,
    &testudo_i_scheme_gradient_code_parts,
};

#define SCHEMES (sizeof schemes / sizeof *schemes)

const testudo_i_scheme *testudo_i_scheme_by_id(testudo_scheme id)
{
  return (size_t)id < SCHEMES ? schemes[id] : NULL;
}

const testudo_i_scheme *testudo_i_scheme_by_name(const char *name)
{
  for (size_t k = 0; k < SCHEMES; k++)
    if (strcmp(schemes[k]->name, name) == 0)
      return schemes[k];
  return NULL;
}

const testudo_i_scheme *testudo_i_scheme_of(const testudo_design *design)
{
  return design->scheme;
}

void testudo_i_scheme_list(char *text, size_t room)
{
  size_t length = 0;
  for (size_t k = 0; k < SCHEMES && length < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s%s", k == 0 ? "" : k + 1 < SCHEMES ? ", " : " or ",
                               schemes[k]->name);
}

const char *testudo_scheme_name(testudo_scheme scheme)
{
  const testudo_i_scheme *found = testudo_i_scheme_by_id(scheme);
  return found == NULL ? "unknown" : found->name;
}

testudo_status testudo_i_scheme_check_report(const testudo_design *design, testudo_report report, testudo_error *error)
{
  const testudo_i_scheme *scheme = design->scheme;
  if (report != TESTUDO_REPORT_CHUNK && report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "report: %d, but it is chunk (0) or whole (1)", (int)report);
  if (scheme->report_fixed && scheme->report == TESTUDO_REPORT_CHUNK && report == TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "report whole does not apply to scheme %s: its workers signal every %s", scheme->name,
                          scheme->step);
  return TESTUDO_OK;
}

testudo_report testudo_design_report(const testudo_design *design)
{
  return design == NULL ? TESTUDO_REPORT_CHUNK : design->scheme->report;
}

testudo_report testudo_design_report_for(const testudo_design *design, testudo_report asked)
{
  return design != NULL && design->scheme->report_fixed ? design->scheme->report : asked;
}

bool testudo_i_has_own_steps(const testudo_design *design)
{
  return design->steps > 0;
}

bool testudo_i_is_coded(const testudo_design *design)
{
  return design->scheme->codec->amplification != NULL;
}

bool testudo_i_takes_plain_sums(const testudo_design *design)
{
  return design->scheme->plain_sums && design->parts == 1;
}

testudo_status testudo_i_code_make(testudo_design *design, size_t size, testudo_error *error)
{
  design->code = testudo_i_arena_calloc(&design->arena, 1, size);
  return testudo_i_arena_check(&design->arena, error);
}

/* ---- shared hooks ---- */

TESTUDO_I_CLONES static int64_t count_starters(const int32_t *done, int32_t workers)
{
  int64_t sent = 0;
  for (int32_t j = 0; j < workers; j++)
    sent += done[j] > 0;
  return sent;
}

double testudo_i_sent_by_starters(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done)
{
  if (rule->whole)
    return testudo_i_sent_by_finishers(design, rule, done);
  return (double)count_starters(done, design->workers);
}

TESTUDO_I_CLONES static int64_t count_finishers(const int32_t *done, const int64_t *row, int32_t workers)
{
  int64_t sent = 0;
  for (int32_t j = 0; j < workers; j++)
    sent += (done[j] > 0) & (done[j] == row[j + 1] - row[j]);
  return sent;
}

double testudo_i_sent_by_finishers(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done)
{
  (void)rule;
  return (double)count_finishers(done, design->row, design->workers);
}

testudo_i_senders testudo_i_senders_of(const testudo_design *design, const testudo_i_rule *rule)
{
  bool starters = design->scheme->sent == testudo_i_sent_by_starters;
  if (starters && !rule->whole)
    return TESTUDO_I_SENDERS_STARTERS;
  return starters || design->scheme->sent == testudo_i_sent_by_finishers ? TESTUDO_I_SENDERS_FINISHERS
                                                                         : TESTUDO_I_SENDERS_OTHER;
}

testudo_status testudo_i_cover_at_best(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                       bool *known, testudo_error *error)
{
  (void)error;
  testudo_i_rule_of_chunks(design, report, design->parts, rule);
  *known = false;
  return TESTUDO_OK;
}

testudo_status testudo_i_cover_of_chunks(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                         bool *known, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_cover_at_best(design, report, rule, known, error));
  *known = true;
  return TESTUDO_OK;
}

testudo_status testudo_i_check_copies(const testudo_design *design, int32_t least, const char *wanted,
                                      testudo_error *error)
{
  for (int32_t i = 0; i < design->chunks; i++) {
    int32_t replication = testudo_design_replication(design, i);
    if (replication < least)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order: chunk %d is held by %d worker%s, but %s need every chunk on at least %d", (int)i,
                            (int)replication, replication == 1 ? "" : "s", wanted, (int)least);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_check_single(const testudo_design *design, testudo_error *error)
{
  for (int32_t i = 0; i < design->chunks; i++)
    if (testudo_design_replication(design, i) > 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "order: chunk %d is held by %d workers, but scheme %s has every chunk on exactly 1", (int)i,
                            (int)testudo_design_replication(design, i), design->scheme->name);
  return TESTUDO_OK;
}
