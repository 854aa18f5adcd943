/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages that are summed as the gradients come. A stream is rows: such a row is a part of the message, how far it
   reaches in the gradient, and the coefficients of the chunks that enter it. They are those of a request to a worker
   that has finished, which for these codes is always the same; of a family of codes, one row per tolerance. Where
   prefixes are asked for, rows follow one another in the order and the message is the sum of the first ones; in a
   mirrored pair the first row takes in the chunks that fall behind the last `ahead`, which have rows of their own. */
#include <testudo/stream.h>

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/family.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"
#include "runtime/stream/prefix.h"
#include "runtime/transfer.h"
#include "runtime/weighted_sum.h"

typedef struct stream_row {
  const double *coefficient; /* of the first `chunks` chunks of the order .. */
  int32_t from, chunks;      /* .. of which those before `from` are not in it */
  int32_t sum;               /* in which it lies .. */
  size_t offset;             /* .. from here on */
  size_t first, count;       /* coordinates of the gradient */
  size_t added;              /* numbers, over its chunks */
} stream_row;

/* What rows are. */
typedef enum stream_kind {
  PARTS,    /* of the gradient, in one sum */
  STRIPES,  /* blocks at their coordinates, in one sum */
  LEVELS,   /* one for each tolerance, each a sum of its own, of which a request wants one */
  PREFIXES  /* they follow one another, each a sum of its own */
} stream_kind;

struct testudo_stream {
  testudo_i_arena arena;
  int32_t worker, load, rows, sums;
  size_t dim, length, size;  /* of the gradient and of a sum, in numbers of so many bytes */
  stream_kind kind;
  int32_t ahead;             /* PREFIXES: so many chunks have rows of their own, after the first row; 0: see `from` */
  int32_t begun;             /* ahead: chunks of which pieces were added, all of them in the order */
  size_t *got;               /* PREFIXES: numbers of each chunk that were added */
  stream_row *row;
  char *sum;                 /* sum after sum */
};

/* One code per tolerance, of which the request chooses one? */
static const testudo_i_family *levels_of(const testudo_design *design, const testudo_i_codec_class *class)
{
  return class->stripe != NULL || design->parts > 1 || design->scheme->family == NULL ? NULL
                                                                                      : design->scheme->family(design);
}

static int32_t sums_of(const testudo_design *design, const testudo_i_codec_class *class)
{
  if (!class->fixed)
    return 0;
  const testudo_i_family *family = levels_of(design, class);
  return family == NULL ? 1 : family->levels;
}

int32_t testudo_stream_sums(const testudo_codec *codec)
{
  return codec == NULL                     ? 0
         : testudo_i_asks_prefixes(codec) ? testudo_i_prefix_sums(codec)
                                          : sums_of(codec->design, codec->class);
}

int32_t testudo_design_sums(const testudo_design *design)
{
  return design == NULL ? 0 : sums_of(design, design->scheme->codec);
}

static testudo_status make_levels(testudo_stream *stream, const testudo_i_family *family, testudo_error *error)
{
  stream->rows = family->levels;
  stream->kind = LEVELS;
  stream->row = testudo_i_arena_calloc(&stream->arena, (size_t)stream->rows, sizeof *stream->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&stream->arena, error));
  for (int32_t k = 0; k < stream->rows; k++)
    stream->row[k] = (stream_row){.coefficient = testudo_i_family_row(family, k, stream->worker), .sum = k,
                                  .chunks = testudo_i_family_width(family, k, stream->worker), .count = stream->dim};
  return TESTUDO_OK;
}

/* The request to this worker when all have finished. */
static testudo_status final_request(testudo_codec *codec, int32_t worker, testudo_request *request,
                                    testudo_error *error)
{
  testudo_progress *progress;
  TESTUDO_I_TRY(testudo_progress_create(codec->design, &progress, error));
  testudo_status status = TESTUDO_OK;
  for (int32_t j = 0; j < codec->design->workers && status == TESTUDO_OK; j++)
    status = testudo_progress_mark(progress, j, testudo_design_steps(codec->design, j), error);
  if (status == TESTUDO_OK)
    status = testudo_request_make(codec, progress, worker, request, error);
  testudo_progress_free(progress);
  return status;
}

static testudo_status make_rows(testudo_stream *stream, testudo_codec *codec, testudo_error *error)
{
  testudo_request request;
  TESTUDO_I_TRY(final_request(codec, stream->worker, &request, error));
  stream->rows = request.rows;
  stream->kind = codec->stripes > 0 ? STRIPES : PARTS;
  stream->row = testudo_i_arena_calloc(&stream->arena, (size_t)request.rows + 1, sizeof *stream->row);
  double *coefficient = testudo_i_arena_calloc(&stream->arena, request.count + 1, sizeof *coefficient);
  TESTUDO_I_TRY(testudo_i_arena_check(&stream->arena, error));
  if (request.count > 0)
    memcpy(coefficient, request.coefficient, request.count * sizeof *coefficient);
  for (int32_t r = 0; r < request.rows; r++) {
    stream_row *row = &stream->row[r];
    row->coefficient = coefficient + (size_t)r * (size_t)request.chunks;
    row->chunks = stream->kind == STRIPES ? testudo_i_chunks_of_stripe(&request, r) : request.chunks;
    if (stream->kind == STRIPES) {
      codec->class->stripe(codec->design, stream->dim, r, &row->first, &row->count);
      row->offset = row->first;
    } else
      testudo_i_part_range(codec->design, stream->dim, r, &row->first, &row->count);
  }
  return TESTUDO_OK;
}

static testudo_status make_prefixes(testudo_stream *stream, const testudo_codec *codec, testudo_error *error)
{
  stream->ahead = testudo_i_prefix_ahead(codec, stream->worker);
  stream->rows = stream->ahead > 0 ? stream->ahead + 1 : testudo_i_prefix_ends(codec, stream->worker, NULL);
  stream->sums = stream->rows;
  stream->kind = PREFIXES;
  stream->got = testudo_i_arena_calloc(&stream->arena, (size_t)stream->load, sizeof *stream->got);
  stream->row = testudo_i_arena_calloc(&stream->arena, (size_t)stream->rows, sizeof *stream->row);
  double *coefficient = testudo_i_arena_calloc(&stream->arena, (size_t)stream->load, sizeof *coefficient);
  int32_t *end = testudo_i_arena_calloc(&stream->arena, (size_t)stream->load, sizeof *end);
  TESTUDO_I_TRY(testudo_i_arena_check(&stream->arena, error));
  for (int32_t k = 0; k < stream->load; k++)
    coefficient[k] = 1.0;
  if (stream->ahead == 0)
    testudo_i_prefix_ends(codec, stream->worker, end);
  for (int32_t r = 0; r < stream->rows; r++)
    stream->row[r] = (stream_row){.coefficient = coefficient, .sum = r, .count = stream->dim,
                                  .from = stream->ahead == 0 && r > 0 ? end[r - 1] : 0,
                                  .chunks = stream->ahead == 0 ? end[r] : 0};
  return TESTUDO_OK;
}

static testudo_status stream_make(testudo_stream *stream, testudo_codec *codec, testudo_error *error)
{
  const testudo_i_family *family = levels_of(codec->design, codec->class);
  TESTUDO_I_TRY(testudo_i_asks_prefixes(codec) ? make_prefixes(stream, codec, error)
                : family != NULL               ? make_levels(stream, family, error)
                                               : make_rows(stream, codec, error));
  stream->sum = testudo_i_arena_calloc(&stream->arena, (size_t)stream->sums * stream->length, stream->size);
  return testudo_i_arena_check(&stream->arena, error);
}

static testudo_status stream_create(testudo_codec *codec, int32_t worker, size_t dim, size_t size,
                                    testudo_stream **stream, testudo_error *error)
{
  TESTUDO_I_NEED(stream);
  *stream = NULL;
  TESTUDO_I_NEED(codec);
  if (testudo_stream_sums(codec) == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "what a worker of scheme %s sends depends on who straggles: it keeps the gradients of its"
                          " chunks, not a sum%s", codec->design->scheme->name,
                          testudo_design_prefix_sums(codec->design) > 0
                              ? "; with a codec that asks for prefixes it keeps sums" : "");
  if (worker < 0 || worker >= codec->design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)codec->design->workers - 1);
  TESTUDO_I_TRY(testudo_i_check_dim(dim, error));
  testudo_stream *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_stream){.worker = worker, .load = testudo_design_load(codec->design, worker),
                           .sums = testudo_stream_sums(codec), .dim = dim, .size = size,
                           .length = testudo_message_length(codec->design, dim)};
  TESTUDO_I_HAND_OVER(stream_make(made, codec, error), made, testudo_stream_free, stream);
}

testudo_status testudo_stream_create_double(testudo_codec *codec, int32_t worker, size_t dim, testudo_stream **stream,
                                            testudo_error *error)
{
  return stream_create(codec, worker, dim, sizeof(double), stream, error);
}

testudo_status testudo_stream_create_float(testudo_codec *codec, int32_t worker, size_t dim, testudo_stream **stream,
                                           testudo_error *error)
{
  return stream_create(codec, worker, dim, sizeof(float), stream, error);
}

void testudo_stream_free(testudo_stream *stream)
{
  if (stream == NULL)
    return;
  testudo_i_arena_clear(&stream->arena);
  free(stream);
}

void testudo_stream_begin(testudo_stream *stream)
{
  if (stream == NULL)
    return;
  memset(stream->sum, 0, (size_t)stream->sums * stream->length * stream->size);
  for (int32_t r = 0; r < stream->rows; r++) {
    stream->row[r].added = 0;
    if (stream->ahead > 0)
      stream->row[r].from = stream->row[r].chunks = 0;
  }
  stream->begun = 0;
  if (stream->kind == PREFIXES)
    memset(stream->got, 0, (size_t)stream->load * sizeof *stream->got);
}

static testudo_status check_size(const testudo_stream *stream, size_t size, testudo_error *error)
{
  if (size == stream->size)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the sums of this stream are %s",
                        stream->size == sizeof(float) ? "floats" : "doubles");
}

static testudo_status check_piece(const testudo_stream *stream, size_t size, int32_t k, size_t first, size_t count,
                                  testudo_error *error)
{
  TESTUDO_I_TRY(check_size(stream, size, error));
  if (k < 0 || k >= stream->load)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "chunk %d of worker %d, which has %d", (int)k,
                          (int)stream->worker, (int)stream->load);
  if (first > stream->dim || count > stream->dim - first)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%zu numbers from number %zu on of a gradient that has %zu",
                          count, first, stream->dim);
  return TESTUDO_OK;
}

/* What of numbers first .. first + count - 1 a row takes of its chunk k: answers how many, from *at on. */
static size_t taken(const stream_row *row, int32_t k, size_t first, size_t count, size_t *at)
{
  size_t end = first + count, row_end = row->first + row->count;
  *at = first > row->first ? first : row->first;
  end = end < row_end ? end : row_end;
  return k >= row->from && k < row->chunks && end > *at ? end - *at : 0;
}

/* In a mirrored pair, before a piece of chunk k is added: the row that chunk k - ahead has, which the first row is to
   take in; NULL where it is chunk k's own already. */
static testudo_status make_room(testudo_stream *stream, int32_t k, stream_row **taken_in, testudo_error *error)
{
  stream_row *row = stream->ahead == 0 ? NULL : &stream->row[1 + k % stream->ahead];
  *taken_in = NULL;
  if (row == NULL || (k < stream->begun && row->chunks == k + 1))
    return TESTUDO_OK;
  if (k < stream->begun)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "chunk %d of worker %d is no longer apart: the last %d chunks are, and chunk %d was begun",
                          (int)k, (int)stream->worker, (int)stream->ahead, (int)stream->begun - 1);
  if (k > stream->begun)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "chunk %d of worker %d: in a mirrored pair chunks are added in their order, and chunk %d is"
                          " next", (int)k, (int)stream->worker, (int)stream->begun);
  if (row->chunks > 0 && row->added != row->count)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "chunk %d of worker %d: chunk %d must have been added whole before it (ahead is %d)", (int)k,
                          (int)stream->worker, (int)k - (int)stream->ahead, (int)stream->ahead);
  *taken_in = row;
  return TESTUDO_OK;
}

/* Row `row` has been taken in, and is zero: chunk k has it now. */
static void give_row(testudo_stream *stream, stream_row *row, int32_t k)
{
  if (row->chunks > 0)
    stream->row[0].chunks = row->chunks;
  row->from = k;
  row->chunks = k + 1;
  row->added = 0;
  stream->begun = k + 1;
}

/* Does the request ask for row r? */
static bool wants(const testudo_stream *stream, const testudo_request *request, int32_t r)
{
  const stream_row *row = &stream->row[r];
  switch (stream->kind) {
  case STRIPES: return r < request->rows;
  case LEVELS: return row->chunks == request->chunks;
  case PREFIXES: return row->from < request->chunks && row->chunks > row->from;
  default: return request->chunks > 0;
  }
}

static testudo_status fail_not_added(const testudo_stream *stream, int32_t chunks, size_t added, size_t wanted,
                                     testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "the request asks for the first %d chunks of worker %d, but %zu of their %zu numbers were"
                        " added", (int)chunks, (int)stream->worker, added, wanted);
}

/* Of a prefix: its chunks whole, and of the last sum nothing else. */
static testudo_status check_prefix(const testudo_stream *stream, const testudo_request *request, testudo_error *error)
{
  int32_t chunks = request->chunks;
  bool plain = chunks > 0 && chunks <= stream->load && request->rows == 1 && request->count == (size_t)chunks;
  for (int32_t k = 0; plain && k < chunks; k++)
    plain = request->coefficient[k] == 1.0;
  if (!plain)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the request does not ask for a prefix of the order of worker %d: it is of another codec",
                          (int)stream->worker);
  if (stream->ahead > 0 && chunks < stream->row[0].chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the request asks for the first %d chunks of worker %d, but so many are no longer apart: it"
                          " keeps sums of %d and more", (int)chunks, (int)stream->worker, (int)stream->row[0].chunks);
  size_t added = 0;
  for (int32_t k = 0; k < chunks; k++)
    added += stream->got[k] < stream->dim ? stream->got[k] : stream->dim;
  if (added != (size_t)chunks * stream->dim)
    return fail_not_added(stream, chunks, added, (size_t)chunks * stream->dim, error);
  for (int32_t r = 0; r < stream->rows; r++) {
    const stream_row *row = &stream->row[r];
    for (int32_t k = chunks; wants(stream, request, r) && k < row->chunks; k++)
      if (stream->got[k] > 0)
        return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                              "the request asks for the first %d chunks of worker %d, but chunk %d has been added to"
                              " their sum", (int)chunks, (int)stream->worker, (int)k);
  }
  return TESTUDO_OK;
}

/* Is what the request asks for there, and nothing else? */
static testudo_status check_request(const testudo_stream *stream, const testudo_request *request, size_t size,
                                    testudo_error *error)
{
  TESTUDO_I_TRY(check_size(stream, size, error));
  if (request->chunks == 0)
    return TESTUDO_OK;
  if (request->worker != stream->worker)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a request to worker %d, but the stream is of worker %d",
                          (int)request->worker, (int)stream->worker);
  if (stream->kind == PREFIXES)
    return check_prefix(stream, request, error);
  for (int32_t r = 0; r < stream->rows; r++) {
    const stream_row *row = &stream->row[r];
    int32_t chunks = stream->kind == STRIPES ? row->chunks : request->chunks;
    if (wants(stream, request, r) && row->added != (size_t)chunks * row->count)
      return fail_not_added(stream, chunks, row->added, (size_t)chunks * row->count, error);
  }
  return TESTUDO_OK;
}

/* What of a message lies in row r's sum: answers where it starts, *count numbers; 0 where the request wants none of it.
   Rows that are parts share their sum, which the first of them stands for. */
static size_t copied(const testudo_stream *stream, const testudo_request *request, int32_t r, size_t *count)
{
  const stream_row *row = &stream->row[r];
  bool wanted = wants(stream, request, r) && (stream->kind != PARTS || r == 0);
  *count = !wanted ? 0 : stream->kind == STRIPES ? row->count : stream->length;
  return row->offset;
}

#define BODY "runtime/stream/stream_body.inc"
#include "runtime/all_numbers.inc"
