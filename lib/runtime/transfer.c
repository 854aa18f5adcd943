/* SPDX-License-Identifier: BSD-3-Clause */
/* encode and decode. Part p of a gradient is its numbers p * length .. (p + 1) * length - 1; the last part that is not
   empty may be shorter than a message, and its missing numbers count as zeros without being touched. Stripes lie at the
   same coordinates in gradients and messages. */
#include "runtime/transfer.h"

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"
#include "runtime/weighted_sum.h"

/* How `dim` numbers lie in parts. */
typedef struct part_layout {
  size_t length; /* of a message */
  size_t whole;  /* parts before the last one that is not empty */
  size_t rest;   /* numbers of that last one, 1..length */
} part_layout;

static part_layout layout_of(const testudo_design *design, size_t dim)
{
  part_layout found = {.length = testudo_message_length(design, dim)};
  found.whole = (dim - 1) / found.length;
  found.rest = dim - found.whole * found.length;
  return found;
}

size_t testudo_message_length(const testudo_design *design, size_t dim)
{
  return dim == 0 || design == NULL ? 0 : (dim - 1) / (size_t)design->parts + 1;
}

void testudo_i_part_range(const testudo_design *design, size_t dim, int32_t part, size_t *first, size_t *count)
{
  part_layout layout = layout_of(design, dim);
  *first = (size_t)part * layout.length;
  *count = (size_t)part < layout.whole ? layout.length : (size_t)part == layout.whole ? layout.rest : 0;
}

testudo_status testudo_i_check_dim(size_t dim, testudo_error *error)
{
  if (dim >= 1)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: 0, but it must be at least 1");
}

static testudo_status fail_missing(const char *what, int32_t index, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s[%d] is missing, but that chunk or worker is done", what,
                        (int)index);
}

int32_t testudo_i_chunks_of_stripe(const testudo_request *request, int32_t stripe)
{
  const double *row = request->coefficient + (size_t)stripe * (size_t)request->chunks;
  int32_t chunks = request->chunks;
  while (chunks > 0 && row[chunks - 1] == 0.0)
    chunks--;
  return chunks;
}

static int32_t chunks_of_stripes(const testudo_request *request)
{
  int32_t most = 0;
  for (int32_t stripe = 0; stripe < request->rows; stripe++) {
    int32_t chunks = testudo_i_chunks_of_stripe(request, stripe);
    most = chunks > most ? chunks : most;
  }
  return most;
}

static testudo_status check_decode(testudo_codec *codec, const testudo_progress *progress, size_t dim, bool exact,
                                   testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_codec_meet(codec, progress, error));
  TESTUDO_I_TRY(testudo_i_check_dim(dim, error));
  if (exact && !codec->class->estimates && !testudo_progress_decodable(progress))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE, "the gradient is not decodable yet: scheme %s waits for %s",
                          codec->design->scheme->name, codec->design->scheme->waits_for);
  return TESTUDO_OK;
}

static testudo_status check_range(size_t first, size_t count, size_t length, testudo_error *error)
{
  if (first <= length && count <= length - first)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%zu numbers from number %zu on, but the message has %zu",
                        count, first, length);
}

#define BODY "runtime/transfer_body.inc"
#include "runtime/all_numbers.inc"
