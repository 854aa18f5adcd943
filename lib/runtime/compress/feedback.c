/* SPDX-License-Identifier: BSD-3-Clause */
/* Error memory. Two vectors: e, and what e becomes when the message under way arrives, so that its arrival is an
   exchange of pointers and its loss costs nothing (docs/theory/compression.md#error-memory). */
#include <stdlib.h>

#include "base/clones.h" /* for its loops that vectorise */
#include "base/error.h"
#include "base/memory.h"
#include "runtime/compress/compressor.h"

struct testudo_feedback {
  const testudo_compressor *compressor;
  void *memory;      /* e */
  void *next;        /* a - C(a) of the message under way */
  size_t value_bytes;
  bool under_way;
};

static testudo_status create_feedback(const testudo_compressor *compressor, size_t value_bytes,
                                      testudo_feedback **feedback, testudo_error *error)
{
  TESTUDO_I_NEED(feedback);
  TESTUDO_I_NEED(compressor);
  *feedback = NULL;
  testudo_feedback *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_feedback){.compressor = compressor, .value_bytes = value_bytes};
  made->memory = testudo_i_calloc(compressor->dim, value_bytes);
  made->next = testudo_i_calloc(compressor->dim, value_bytes);
  TESTUDO_I_HAND_OVER(testudo_i_memory_check(made->memory != NULL && made->next != NULL, error), made,
                      testudo_feedback_free, feedback);
}

void testudo_feedback_free(testudo_feedback *feedback)
{
  if (feedback == NULL)
    return;
  free(feedback->memory);
  free(feedback->next);
  free(feedback);
}

void testudo_feedback_reset(testudo_feedback *feedback)
{
  if (feedback == NULL)
    return;
  feedback->under_way = false;
  memset(feedback->memory, 0, feedback->compressor->dim * feedback->value_bytes);
}

testudo_status testudo_feedback_arrived(testudo_feedback *feedback, testudo_error *error)
{
  TESTUDO_I_NEED(feedback);
  if (!feedback->under_way)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no message is under way that could have arrived");
  void *memory = feedback->next;
  feedback->next = feedback->memory;
  feedback->memory = memory;
  feedback->under_way = false;
  return TESTUDO_OK;
}

static testudo_status check_type(const testudo_feedback *feedback, size_t value_bytes, testudo_error *error)
{
  if (feedback->value_bytes == value_bytes)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the error memory holds %s, but the vector %s",
                        value_bytes == sizeof(double) ? "floats" : "doubles",
                        value_bytes == sizeof(double) ? "doubles" : "floats");
}

#define BODY "runtime/compress/feedback_body.inc"
#include "base/both_numbers.inc"
