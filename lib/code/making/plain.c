/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes without coefficients: uncoded and ignore-stragglers. */
#include "base/error.h"
#include "code/making/making.h"
#include "runtime/scheme/codes.h"

static testudo_status make_uncoded(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  (void)design;
  (void)with;
  (void)error;
  return TESTUDO_OK;
}

static testudo_status carry_uncoded(const testudo_design *design, testudo_design *made, const int64_t *from,
                                    testudo_error *error)
{
  (void)design;
  (void)made;
  (void)from;
  (void)error;
  return TESTUDO_OK;
}

const testudo_i_making testudo_i_making_uncoded = {
    .id = TESTUDO_SCHEME_UNCODED, .make = make_uncoded, .carry = carry_uncoded};

static testudo_status set_wait(testudo_design *design, int32_t wait, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_ignore_stragglers_code), error));
  ((testudo_i_ignore_stragglers_code *)design->code)->wait = wait;
  return TESTUDO_OK;
}

static testudo_status make_waiting(testudo_design *design, const testudo_i_ingredients *with, testudo_error *error)
{
  return set_wait(design, with->wait, error);
}

static testudo_status carry_waiting(const testudo_design *design, testudo_design *made, const int64_t *from,
                                    testudo_error *error)
{
  (void)from;
  return set_wait(made, testudo_design_wait(design), error);
}

const testudo_i_making testudo_i_making_ignore_stragglers = {
    .id = TESTUDO_SCHEME_IGNORE_STRAGGLERS, .make = make_waiting, .carry = carry_waiting};
