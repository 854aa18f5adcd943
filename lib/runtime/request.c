/* SPDX-License-Identifier: BSD-3-Clause */
/* The server's answer to a worker: made from a progress, and carried over a wire as bytes. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "runtime/bytes.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"

/* A request as bytes, all little endian: "TRQ1", then worker, done, rows and chunks as 32-bit words, then the
   coefficients as IEEE doubles. */
enum { HEADER = 20, DOUBLE = 8 };
static const unsigned char mark[4] = {'T', 'R', 'Q', '1'};

testudo_status testudo_request_make(testudo_codec *codec, const testudo_progress *progress, int32_t worker,
                                    testudo_request *request, testudo_error *error)
{
  TESTUDO_I_NEED(request);
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(progress);
  *request = (testudo_request){0};
  TESTUDO_I_TRY(testudo_i_codec_meet(codec, progress, error));
  if (worker < 0 || worker >= codec->design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)codec->design->workers - 1);
  *request = (testudo_request){.worker = worker, .done = progress->done[worker], .coefficient = codec->coefficient};
  if (request->done == 0)
    return TESTUDO_OK;
  return codec->class->request(codec, progress, request, error);
}

size_t testudo_request_bytes(const testudo_request *request)
{
  return request == NULL ? 0 : HEADER + request->count * DOUBLE;
}

size_t testudo_request_bytes_most(const testudo_codec *codec)
{
  return codec == NULL ? 0 : HEADER + codec->coefficients * DOUBLE;
}

void testudo_request_pack(const testudo_request *request, void *bytes)
{
  if (request == NULL || bytes == NULL)
    return;
  unsigned char *at = bytes;
  const int32_t field[4] = {request->worker, request->done, request->rows, request->chunks};
  memcpy(at, mark, sizeof mark);
  for (int k = 0; k < 4; k++)
    testudo_i_put_word(at + 4 + 4 * k, (uint32_t)field[k], 4);
  for (size_t k = 0; k < request->count; k++)
    testudo_i_put_double(at + HEADER + k * DOUBLE, request->coefficient[k]);
}

testudo_status testudo_i_request_check(const testudo_codec *codec, const testudo_request *request,
                                       testudo_status refused, testudo_error *error)
{
  const testudo_design *design = codec->design;
  if (request->worker < 0 || request->worker >= design->workers)
    return testudo_i_fail(error, refused, "request: worker %d, but workers are 0..%d", (int)request->worker,
                          (int)design->workers - 1);
  int32_t steps = testudo_design_steps(design, request->worker), load = testudo_design_load(design, request->worker);
  int32_t rows = codec->stripes > 0 ? request->done : design->parts;
  bool empty = request->rows == 0 && request->chunks == 0;
  if (request->done < 0 || request->done > steps || request->chunks < !empty || request->chunks > load ||
      (!empty && request->rows != rows) || request->count != (size_t)request->rows * (size_t)request->chunks)
    return testudo_i_fail(error, refused,
                          "request: %d rows of %d coefficients after %d steps, but for worker %d it must be %d rows of "
                          "at most %d after at most %d",
                          (int)request->rows, (int)request->chunks, (int)request->done, (int)request->worker,
                          (int)rows, (int)load, (int)steps);
  if (!empty && request->coefficient == NULL)
    return testudo_i_fail(error, refused, "request: its %zu coefficients are missing", request->count);
  return TESTUDO_OK;
}

testudo_status testudo_request_unpack(testudo_codec *codec, const void *bytes, size_t length,
                                      testudo_request *request, testudo_error *error)
{
  TESTUDO_I_NEED(request);
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(bytes);
  const unsigned char *at = bytes;
  int32_t field[4];
  *request = (testudo_request){0};
  if (length < HEADER || memcmp(at, mark, sizeof mark) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "request: %zu bytes, but they have no request header", length);
  for (int k = 0; k < 4; k++)
    field[k] = (int32_t)(uint32_t)testudo_i_get_word(at + 4 + 4 * k, 4);
  testudo_request found = {.worker = field[0], .done = field[1], .coefficient = codec->coefficient};
  found.rows = field[2];
  found.chunks = field[3];
  if (found.rows > 0 && found.chunks > 0)
    testudo_i_request_shape(&found, found.rows, found.chunks);
  TESTUDO_I_TRY(testudo_i_request_check(codec, &found, TESTUDO_ERROR_INPUT, error));
  if (length != testudo_request_bytes(&found))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "request: %zu bytes, but its %zu coefficients take %zu", length,
                          found.count, testudo_request_bytes(&found));
  for (size_t k = 0; k < found.count; k++) {
    found.coefficient[k] = testudo_i_get_double(at + HEADER + k * DOUBLE);
    if (!isfinite(found.coefficient[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "request: coefficient %zu is not a finite number", k);
  }
  *request = found;
  return TESTUDO_OK;
}
