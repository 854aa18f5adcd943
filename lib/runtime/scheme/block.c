/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme block (docs/theory/block.md; a working model): consecutive blocks of coordinates, each a gradient code of its
   own, the first for the smallest tolerance. A worker computes block 0 of its first s_0 + 1 chunks, sends their
   combination, goes on with block 1 of its first s_1 + 1 chunks, and so on: its steps are blocks. */
#include <stdio.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/codes.h"
#include "runtime/scheme/scheme.h"
#include "runtime/transfer.h"
#include "runtime/vector/decode_vector.h"

static const char *const block_members[] = {"kind", "dim", "tolerances", "sizes", "matrices", NULL};

static testudo_i_block_code *block_code(const testudo_design *design)
{
  return design->code;
}

static const testudo_i_block_code *block_code_or_null(const testudo_design *design)
{
  return design != NULL && design->scheme == &testudo_i_scheme_block ? design->code : NULL;
}

/* ---- the sizes ---- */

static testudo_status check_sizes(int64_t dim, int32_t blocks, const int64_t *size, testudo_error *error)
{
  if (dim < 1 || dim > TESTUDO_MAX_DIM)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.dim: %lld, but it must be in 1..%lld", (long long)dim,
                          (long long)TESTUDO_MAX_DIM);
  int64_t left = dim;
  for (int32_t b = 0; b < blocks; b++) {
    if (size[b] < 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.sizes[%d]: %lld, but a block has at least 1 coordinate", (int)b, (long long)size[b]);
    if (size[b] > left)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                            "code.sizes[%d]: %lld, but only %lld of dim %lld are left", (int)b, (long long)size[b],
                            (long long)left, (long long)dim);
    left -= size[b];
  }
  if (left > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "code.sizes: %lld in all, but dim is %lld",
                          (long long)(dim - left), (long long)dim);
  return TESTUDO_OK;
}

testudo_status testudo_i_block_sizes_make(testudo_design *design, int64_t dim, int32_t blocks, const int64_t *size,
                                          testudo_error *error)
{
  TESTUDO_I_TRY(check_sizes(dim, blocks, size, error));
  testudo_i_block_code *code = block_code(design);
  size_t count = (size_t)blocks;
  code->blocks = blocks;
  code->dim = dim;
  code->size = testudo_i_arena_alloc(&design->arena, count, sizeof *code->size);
  code->edge = testudo_i_arena_calloc(&design->arena, count + 1, sizeof *code->edge);
  code->work = testudo_i_arena_calloc(&design->arena, count, sizeof *code->work);
  code->starts = testudo_i_arena_calloc(&design->arena, count, sizeof *code->starts);
  code->sent = testudo_i_arena_calloc(&design->arena, count, sizeof *code->sent);
  code->step_of_row = testudo_i_arena_alloc(&design->arena, count, sizeof *code->step_of_row);
  code->hit = testudo_i_arena_alloc(&design->arena, count, sizeof *code->hit);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, error));
  memcpy(code->size, size, count * sizeof *size);
  for (int32_t b = 0; b < blocks; b++) {
    code->edge[b + 1] = code->edge[b] + size[b];
    code->step_of_row[b] = b + 1;
    code->hit[b] = b;
  }
  return TESTUDO_OK;
}

/* ---- the file ---- */

static testudo_status read_sizes(const testudo_i_json_at *code, const testudo_i_json_value *items, int64_t dim,
                                 testudo_design *design)
{
  int32_t blocks = testudo_i_family_of(design)->levels;
  if (testudo_i_json_size(items) != (size_t)blocks)
    return testudo_i_json_refuse(code, "sizes: has %zu items, but tolerances has %d", testudo_i_json_size(items),
                                 (int)blocks);
  int64_t *size = testudo_i_arena_alloc(&design->arena, (size_t)blocks, sizeof *size);
  TESTUDO_I_TRY(testudo_i_arena_check(&design->arena, code->error));
  for (size_t k = 0; k < (size_t)blocks; k++) {
    const testudo_i_json_value *item = testudo_i_json_item(items, k);
    if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_INTEGER)
      return testudo_i_json_refuse(code, "sizes[%zu]: is %s, but must be an integer", k,
                                   testudo_i_json_kind_name(item));
    size[k] = testudo_i_json_integer(item);
  }
  return testudo_i_prefixed(testudo_i_block_sizes_make(design, dim, blocks, size, code->error),
                            testudo_i_json_name(code->document), code->error);
}

static testudo_status block_read(const testudo_i_json_at *code, testudo_design *design)
{
  const testudo_i_json_value *sizes;
  int64_t dim = 0;
  TESTUDO_I_TRY(testudo_i_code_make(design, sizeof(testudo_i_block_code), code->error));
  TESTUDO_I_TRY(testudo_i_json_want_integer(code, "dim", 1, TESTUDO_MAX_DIM, &dim));
  TESTUDO_I_TRY(testudo_i_json_want_kind(code, "sizes", TESTUDO_I_JSON_ARRAY, &sizes));
  TESTUDO_I_TRY(testudo_i_family_read(code, &block_code(design)->family, design));
  return read_sizes(code, sizes, dim, design);
}

static void write_sizes(testudo_i_json_writer *writer, const testudo_i_block_code *code)
{
  testudo_i_json_open_array(writer, "sizes");
  for (int32_t b = 0; b < code->blocks; b++)
    testudo_i_json_put_integer(writer, NULL, code->size[b]);
  testudo_i_json_close_array(writer);
}

/* "tolerances 0, 2 for 10, 20 of 30 coordinates" */
static void block_phrase(const testudo_design *design, char *text, size_t room)
{
  enum { SHOWN = 12 };
  const testudo_i_block_code *code = block_code(design);
  size_t length = testudo_i_family_phrase(&code->family, text, room);
  for (int32_t b = 0; b < code->blocks && b < SHOWN && length < room; b++)
    length += (size_t)snprintf(text + length, room - length, "%s%lld", b == 0 ? " for " : ", ",
                               (long long)code->size[b]);
  if (length < room)
    snprintf(text + length, room - length, "%s of %lld coordinates", code->blocks > SHOWN ? ", .." : "",
             (long long)code->dim);
}

static void block_write(testudo_i_json_writer *writer, const testudo_design *design)
{
  const testudo_i_block_code *code = block_code(design);
  testudo_i_json_put_integer(writer, "dim", code->dim);
  testudo_i_family_write_tolerances(writer, &code->family);
  write_sizes(writer, code);
  testudo_i_family_write_matrices(writer, &code->family, design->workers);
}

/* Checks the family and weighs the blocks: W_b is a whole number over dim and, with at most TESTUDO_MAX_ENTRIES
   entries, far below 2^63. */
static testudo_status block_check(testudo_design *design, testudo_error *error)
{
  testudo_i_block_code *code = block_code(design);
  TESTUDO_I_TRY(testudo_i_family_check(&code->family, design, error));
  design->steps = code->blocks;
  int64_t done = 0, starts = 0;
  for (int32_t b = 0; b < code->blocks; b++) {
    starts += code->family.tolerance[b] + (int64_t)1;
    done += (code->family.tolerance[b] + (int64_t)1) * code->size[b];
    code->work[b] = (double)done / (double)code->dim;
    code->starts[b] = (double)starts;
    code->sent[b] = (double)code->size[b] / (double)code->dim;
  }
  return TESTUDO_OK;
}

/* ---- completion: every block finished by n - s_b workers ---- */

static testudo_status block_rule(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                 testudo_error *error)
{
  (void)report;
  (void)error;
  const testudo_i_block_code *code = block_code(design);
  rule->work = code->work;
  rule->starts = code->starts;
  rule->sent = code->sent;
  rule->rows = code->blocks;
  rule->need = code->family.need;
  rule->step_of_row = code->step_of_row;
  rule->hit = code->hit;
  return TESTUDO_OK;
}

/* The chunks of which some worker has done something: after b blocks, the first s_b + 1 of its order. */
static testudo_status block_cover(const testudo_design *design, testudo_report report, testudo_i_rule *rule,
                                  bool *known, testudo_error *error)
{
  const testudo_i_block_code *code = block_code(design);
  int64_t entries = design->row[design->workers];
  *known = false;
  testudo_i_rule_of_chunks(design, report, 1, rule);
  rule->work = code->work;
  rule->until = code->family.step_of_row;
  int32_t *step = testudo_i_arena_alloc(&rule->own, (size_t)entries, sizeof *step);
  TESTUDO_I_TRY(testudo_i_arena_check(&rule->own, error));
  for (int64_t e = 0; e < entries; e++) {
    int32_t b = 0;
    while (rule->until[b] < design->place[e])
      b++;
    step[e] = b + 1;
  }
  rule->step = step;
  return TESTUDO_OK;
}

/* The coordinates of the blocks finished, over all workers, in gradients. */
static double block_sent(const testudo_design *design, const testudo_i_rule *rule, const int32_t *done)
{
  (void)rule;
  const testudo_i_block_code *code = block_code(design);
  int64_t sent = 0;
  for (int32_t j = 0; j < design->workers; j++)
    sent += code->edge[done[j]];
  return (double)sent / (double)code->dim;
}

/* ---- decoding: one vector a block, on the block's coordinates ---- */

static testudo_status block_open(testudo_codec *codec, testudo_error *error)
{
  codec->stripes = block_code(codec->design)->blocks;
  return testudo_i_vector_open(codec, testudo_i_family_of(codec->design), NULL, error);
}

static bool block_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker] > testudo_i_vector_level(codec);
}

/* Row b: the s_b + 1 coefficients of block b, zero beyond. */
static testudo_status block_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                    testudo_error *error)
{
  (void)error;
  const testudo_i_family *family = testudo_i_family_of(codec->design);
  int32_t blocks = progress->done[request->worker];
  if (blocks == 0)
    return TESTUDO_OK;
  testudo_i_request_shape(request, blocks, family->tolerance[blocks - 1] + 1);
  for (int32_t b = 0; b < blocks; b++) {
    const double *row = testudo_i_family_row(family, b, request->worker);
    for (int32_t k = 0; k < request->chunks; k++)
      request->coefficient[(size_t)b * (size_t)request->chunks + (size_t)k] =
          k <= family->tolerance[b] ? row[k] : 0.0;
  }
  return TESTUDO_OK;
}

/* The largest over the blocks. */
static testudo_status block_amplification(testudo_codec *codec, const testudo_progress *progress,
                                          double *amplification, double *condition, testudo_error *error)
{
  double here;
  *amplification = 0.0;
  for (int32_t block = 0; block < codec->stripes; block++) {
    TESTUDO_I_TRY(testudo_i_vector_settle(codec, progress, block, false, error));
    TESTUDO_I_TRY(testudo_i_vector_amplification(codec, progress, &here, condition, error));
    *amplification = here > *amplification ? here : *amplification;
  }
  return TESTUDO_OK;
}

/* The residuals, weighted with the blocks' shares of the coordinates. */
static testudo_status block_error(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                                  testudo_error *error)
{
  const testudo_i_block_code *code = block_code(codec->design);
  double sum = 0.0;
  for (int32_t block = 0; block < code->blocks; block++) {
    TESTUDO_I_TRY(testudo_i_vector_settle(codec, progress, block, false, error));
    sum += (double)code->size[block] / (double)code->dim * codec->decode_error;
  }
  *decode_error = sum;
  return TESTUDO_OK;
}

static const testudo_i_codec_class block_codec = {
    .open = block_open,
    .settle = testudo_i_vector_settle,
    .reads = block_reads,
    .weights = testudo_i_vector_weights,
    .stripe = testudo_block_range,
    .request = block_request,
    .amplification = block_amplification,
    .error = block_error,
    .fixed = true,
};

/* ---- testudo/block.h ---- */

const int64_t *testudo_design_block_sizes(const testudo_design *design, int32_t *count, int64_t *dim)
{
  const testudo_i_block_code *code = block_code_or_null(design);
  if (count != NULL)
    *count = code == NULL ? 0 : code->blocks;
  if (dim != NULL)
    *dim = code == NULL ? 0 : code->dim;
  return code == NULL ? NULL : code->size;
}

const double *testudo_design_block_work(const testudo_design *design)
{
  const testudo_i_block_code *code = block_code_or_null(design);
  return code == NULL ? NULL : code->work;
}

/* floor(edge * dim / code->dim) without overflow: edge <= code->dim < 2^31. */
static size_t scaled_edge(const testudo_i_block_code *code, int32_t block, size_t dim)
{
  uint64_t edge = (uint64_t)code->edge[block], whole = (uint64_t)code->dim;
  return (size_t)(edge * ((uint64_t)dim / whole) + edge * ((uint64_t)dim % whole) / whole);
}

void testudo_block_range(const testudo_design *design, size_t dim, int32_t block, size_t *first, size_t *count)
{
  const testudo_i_block_code *code = block_code_or_null(design);
  if (first == NULL || count == NULL)
    return;
  *first = *count = 0;
  if (code == NULL || block < 0 || block >= code->blocks)
    return;
  *first = scaled_edge(code, block, dim);
  *count = scaled_edge(code, block + 1, dim) - *first;
}

bool testudo_progress_block_decodable(const testudo_progress *progress, int32_t block)
{
  const testudo_i_block_code *code = progress == NULL ? NULL : block_code_or_null(progress->design);
  return code != NULL && block >= 0 && block < code->blocks && testudo_i_progress_row_holds(progress, block);
}

static testudo_status check_block(const testudo_design *design, int32_t block, size_t dim, testudo_error *error)
{
  const testudo_i_block_code *code = block_code_or_null(design);
  if (code == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has no blocks, only scheme block has",
                          design->scheme->name);
  if (block < 0 || block >= code->blocks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "block %d, but blocks are 0..%d", (int)block,
                          (int)code->blocks - 1);
  return testudo_i_check_dim(dim, error);
}

static testudo_status check_decodable(const testudo_progress *progress, int32_t block, testudo_error *error)
{
  const testudo_i_family *family = testudo_i_family_of(progress->design);
  if (testudo_i_progress_row_holds(progress, block))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                        "block %d is not decodable yet: %d of %d workers have finished it, but %d must", (int)block,
                        (int)progress->count[block], (int)progress->design->workers, (int)family->need[block]);
}

#define BODY "runtime/scheme/block_body.inc"
#include "base/both_numbers.inc"

testudo_status testudo_block_vector(testudo_codec *codec, const testudo_progress *progress, int32_t block,
                                    const double **vector, testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(progress);
  TESTUDO_I_NEED(vector);
  TESTUDO_I_TRY(testudo_i_codec_meet(codec, progress, error));
  TESTUDO_I_TRY(check_block(codec->design, block, 1, error));
  TESTUDO_I_TRY(testudo_i_vector_settle(codec, progress, block, false, error));
  *vector = testudo_i_vector_weights(codec, 0);
  return TESTUDO_OK;
}

const testudo_i_scheme testudo_i_scheme_block = {
    .id = TESTUDO_SCHEME_BLOCK,
    .name = "block",
    .kind = "block",
    .members = block_members,
    .most_parts = 1,
    .report = TESTUDO_REPORT_CHUNK,
    .report_fixed = true,
    .working_model = true,
    .exact_gradient = true,
    .step = "block",
    .waits_for = "n - s workers to have finished every block, s the block's tolerance",
    .read = block_read,
    .write = block_write,
    .phrase = block_phrase,
    .check = block_check,
    .rule = block_rule,
    .cover = block_cover,
    .sent = block_sent,
    .codec = &block_codec,
    .family = testudo_i_family_of,
};
