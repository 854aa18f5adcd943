/* SPDX-License-Identifier: BSD-3-Clause */
/* encode and decode of block codes: each block is a gradient code of its own on its coordinates. */
#include "runtime/block/transfer.h"

#include <testudo/block.h>

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/weighted_sum.h"

static testudo_status check_block(const testudo_design *design, int32_t block, size_t dim, testudo_error *error)
{
  if (design->layout.blocks == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has no blocks, only scheme block has",
                          testudo_scheme_name(design->scheme));
  if (block < 0 || block >= design->layout.blocks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "block %d, but blocks are 0..%d", (int)block,
                          (int)design->layout.blocks - 1);
  if (dim < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: 0, but it must be at least 1");
  return TESTUDO_OK;
}

static testudo_status check_worker(const testudo_design *design, int32_t worker, testudo_error *error)
{
  if (worker >= 0 && worker < design->workers)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                        (int)design->workers - 1);
}

static testudo_status fail_missing(const char *what, int32_t index, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s[%d] is missing, but that chunk or worker is done", what,
                        (int)index);
}

static testudo_status check_decodable(const testudo_progress *progress, int32_t block, testudo_error *error)
{
  const testudo_design *design = progress->design;
  if (testudo_progress_block_decodable(progress, block))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                        "block %d is not decodable yet: %d of %d workers have finished it, needed are %d", (int)block,
                        (int)progress->reached[block], (int)design->workers,
                        (int)design->workers - (int)design->family.tolerance[block]);
}

testudo_status testudo_block_vector(testudo_codec *codec, const testudo_progress *progress, int32_t block,
                                    const double **vector, testudo_error *error)
{
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status == TESTUDO_OK)
    status = check_block(codec->design, block, 1, error);
  if (status == TESTUDO_OK)
    status = testudo_i_level_weights(codec, progress, block, true, error);
  if (status == TESTUDO_OK)
    *vector = codec->vector;
  return status;
}

#define NUMBER double
#define NAME(name) name##_double
#include "runtime/block/transfer_body.inc"
#undef NUMBER
#undef NAME

#define NUMBER float
#define NAME(name) name##_float
#include "runtime/block/transfer_body.inc"
#undef NUMBER
#undef NAME
