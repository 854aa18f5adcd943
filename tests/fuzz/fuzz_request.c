/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a request on the wire, to the codec of a design of every scheme that the first byte chooses; with the
   top bit of that byte, changes to a request that is right: the next bytes choose the worker, how far all are, and then
   a place and what it is changed by, in turn. Refused with a sentence, or a request that is within the design and can
   be encoded. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

enum { DIM = 6, WORKERS = 6, SCHEMES = 8 };

static void require(int holds)
{
  if (!holds)
    abort();
}

typedef struct wire {
  testudo_design *design;
  testudo_codec *codec;
  testudo_progress *progress;
} wire;

static testudo_status make_design(int scheme, const testudo_assignment *cyclic, const testudo_assignment *alone,
                                  testudo_design **design)
{
  static const int32_t tolerance[] = {0, 2, 3};
  static const int64_t size[] = {2, 0, 4};
  switch (scheme) {
  case 0:
    return testudo_design_create(TESTUDO_SCHEME_UNCODED, alone, 1, 1, NULL, design, NULL);
  case 1:
    return testudo_design_create_waiting(alone, 4, NULL, design, NULL);
  case 2:
    return testudo_design_create_gradient_code(cyclic, 2, 1, NULL, design, NULL);
  case 3:
    return testudo_design_create_gradient_code_parts(cyclic, 1, 2, 1, NULL, design, NULL);
  case 4:
    return testudo_design_create_nested(WORKERS, tolerance, 3, 1, NULL, design, NULL);
  case 5:
    return testudo_design_create_block(WORKERS, tolerance, size, 3, 1, NULL, design, NULL);
  case 6:
    return testudo_design_create(TESTUDO_SCHEME_PARTIAL, cyclic, 1, 1, NULL, design, NULL);
  default:
    return testudo_design_create(TESTUDO_SCHEME_PARTIAL, cyclic, 2, 1, NULL, design, NULL);
  }
}

static wire wire_of(int scheme)
{
  wire w = {NULL, NULL, NULL};
  testudo_assignment cyclic, alone;
  require(testudo_assignment_cyclic(WORKERS, 3, &cyclic, NULL) == TESTUDO_OK);
  require(testudo_assignment_uncoded(WORKERS, WORKERS, &alone, NULL) == TESTUDO_OK);
  require(make_design(scheme, &cyclic, &alone, &w.design) == TESTUDO_OK);
  require(testudo_codec_create(w.design, TESTUDO_DECODER_EXACT, &w.codec, NULL) == TESTUDO_OK);
  require(testudo_progress_create(w.design, &w.progress, NULL) == TESTUDO_OK);
  testudo_assignment_free(&cyclic);
  testudo_assignment_free(&alone);
  return w;
}

/* What was taken must be within the design, and be fit for the next call. */
static void use(wire *w, const testudo_request *request)
{
  static const double gradient[DIM] = {1.0, -2.0, 0.5, 1e3, 3.0, 0.0};
  const double *gradients[WORKERS];
  double message[DIM];
  require(request->worker >= 0 && request->worker < WORKERS);
  require(request->done >= 0 && request->done <= testudo_design_steps(w->design, request->worker));
  require(request->chunks >= 0 && request->chunks <= testudo_design_load(w->design, request->worker));
  require(request->count == (size_t)request->rows * (size_t)request->chunks);
  if (request->chunks == 0)
    return;
  for (int32_t k = 0; k < request->chunks; k++)
    gradients[k] = gradient;
  require(testudo_message_length(w->design, DIM) <= DIM);
  require(testudo_encode_double(w->codec, request, gradients, DIM, message, NULL) == TESTUDO_OK);
}

static void unpack(wire *w, const uint8_t *bytes, size_t length)
{
  testudo_request taken;
  testudo_error error = {""};
  memset(&taken, 0x5a, sizeof taken);
  testudo_status status = testudo_request_unpack(w->codec, bytes, length, &taken, &error);
  if (status == TESTUDO_OK) {
    use(w, &taken);
    return;
  }
  require(status == TESTUDO_ERROR_INPUT && error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
  /* Nothing of it is left to be used. */
  require(taken.worker == 0 && taken.rows == 0 && taken.chunks == 0 && taken.count == 0 && taken.coefficient == NULL);
}

static void change_right_one(wire *w, const uint8_t *bytes, size_t length)
{
  testudo_request made;
  int32_t worker = length > 0 ? bytes[0] % WORKERS : 0;
  testudo_progress_reset(w->progress);
  for (int32_t j = 0; j < WORKERS; j++) {
    int32_t steps = testudo_design_steps(w->design, j);
    int32_t done = length > 1 ? (bytes[1] >> j % 4) % (steps + 1) : steps;
    require(testudo_progress_mark(w->progress, j, done, NULL) == TESTUDO_OK);
  }
  if (testudo_request_make(w->codec, w->progress, worker, &made, NULL) != TESTUDO_OK)
    return;
  size_t size = testudo_request_bytes(&made), kept = size;
  uint8_t *packed = malloc(size);
  if (packed == NULL)
    return;
  testudo_request_pack(&made, packed);
  for (size_t k = 2; k + 1 < length && size > 0; k += 2)
    if (bytes[k] == 0xff)
      kept = bytes[k + 1] % (size + 1);
    else
      packed[bytes[k] % size] ^= bytes[k + 1];
  unpack(w, packed, kept);
  free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static wire all[SCHEMES];
  if (size == 0)
    return 0;
  wire *w = &all[data[0] % SCHEMES];
  if (w->design == NULL)
    *w = wire_of(data[0] % SCHEMES);
  if (data[0] & 0x80)
    change_right_one(w, data + 1, size - 1);
  else
    unpack(w, data + 1, size - 1);
  return 0;
}
