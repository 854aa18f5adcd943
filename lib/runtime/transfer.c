/* SPDX-License-Identifier: BSD-3-Clause */
/* encode and decode. Part p of a gradient is its numbers p * length .. (p + 1) * length - 1; the last part that is not
   empty may be shorter than a message, and its missing numbers count as zeros without being touched. */
#include "base/error.h"
#include "runtime/block/transfer.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
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
  return dim == 0 ? 0 : (dim - 1) / (size_t)design->parts + 1;
}

static testudo_status check_dim(size_t dim, testudo_error *error)
{
  if (dim >= 1)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: 0, but it must be at least 1");
}

static testudo_status check_encode(const testudo_design *design, int32_t worker, int32_t done, size_t dim,
                                   testudo_error *error)
{
  if (worker < 0 || worker >= design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)design->workers - 1);
  int32_t most = testudo_i_progress_most(design, worker);
  if (done < 0 || done > most)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d has done %d %s, but it holds %d", (int)worker,
                          (int)done, design->scheme == TESTUDO_SCHEME_BLOCK ? "blocks" : "chunks", (int)most);
  return check_dim(dim, error);
}

static testudo_status check_decode(testudo_codec *codec, const testudo_progress *progress, size_t dim,
                                   bool approximate, testudo_error *error)
{
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status == TESTUDO_OK)
    status = check_dim(dim, error);
  if (status != TESTUDO_OK)
    return status;
  if (codec->design->scheme == TESTUDO_SCHEME_BLOCK)
    return TESTUDO_OK; /* asked block by block */
  if (approximate || testudo_progress_decodable(progress))
    return testudo_i_prepare_weights(codec, progress, approximate, error);
  if (testudo_i_whole_workers(codec->design->scheme))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the gradient is not decodable yet: %d of %d workers have finished",
                          (int)progress->finished, (int)codec->design->workers);
  if (codec->design->scheme == TESTUDO_SCHEME_NESTED)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the gradient is not decodable yet: for no tolerance s have %d - s workers done s + 1 chunks",
                          (int)codec->design->workers);
  return testudo_i_fail(error, TESTUDO_UNDECODABLE, "the gradient is not decodable yet: %lld more chunk%s must be done",
                        (long long)progress->missing, progress->missing == 1 ? "" : "s");
}

static testudo_status fail_missing(const char *what, int32_t index, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s[%d] is missing, but that chunk or worker is done", what,
                        (int)index);
}

#define NUMBER double
#define NAME(name) name##_double
#include "runtime/transfer_body.inc"
#undef NUMBER
#undef NAME

#define NUMBER float
#define NAME(name) name##_float
#include "runtime/transfer_body.inc"
#undef NUMBER
#undef NAME
