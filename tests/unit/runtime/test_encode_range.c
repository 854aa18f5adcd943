/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages encoded, and gradients decoded, range by range, by one caller or by threads: the bits of the whole, and
   nothing beside the range. */
#include "designs.h"

#include <pthread.h>

enum { MOST_DIM = 23, MOST_CHUNKS = 256, MOST_WORKERS = 256, LONG = 3000001 };

/* The three kinds of numbers of one random gradient per chunk of a worker, and of a message. */
typedef struct numbers {
  double real[MOST_DIM];
  float small[MOST_DIM];
  testudo_bfloat16 half[MOST_DIM];
} numbers;

typedef struct sender {
  testudo_codec *codec, *other; /* of the same design */
  testudo_progress *progress;
  const double *real[MOST_CHUNKS];
  const float *small[MOST_CHUNKS];
  const testudo_bfloat16 *half[MOST_CHUNKS];
  numbers *gradient;
  int32_t workers;
  testudo_i_random random;
} sender;

static void open_sender(sender *s, const testudo_design *design)
{
  size_t load = (size_t)testudo_design_max_load(design);
  *s = (sender){.gradient = calloc(load + 1, sizeof *s->gradient), .workers = testudo_design_workers(design)};
  assert_true(s->gradient != NULL && load <= MOST_CHUNKS && s->workers <= MOST_WORKERS);
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &s->codec, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &s->other, NULL));
  assert_ok(testudo_progress_create(design, &s->progress, NULL));
  testudo_i_random_start(&s->random, 12, TESTUDO_I_FOR_TEST, 31, 0);
  for (size_t k = 0; k < load; k++) {
    for (int t = 0; t < MOST_DIM; t++) {
      s->gradient[k].real[t] = testudo_i_random_normal(&s->random);
      s->gradient[k].small[t] = (float)s->gradient[k].real[t];
      s->gradient[k].half[t] = (testudo_bfloat16)(0x3f00 + testudo_i_random_below(&s->random, 256));
    }
    s->real[k] = s->gradient[k].real;
    s->small[k] = s->gradient[k].small;
    s->half[k] = s->gradient[k].half;
  }
}

static void close_sender(sender *s)
{
  testudo_codec_free(s->codec);
  testudo_codec_free(s->other);
  testudo_progress_free(s->progress);
  free(s->gradient);
}

static void encode_whole(sender *s, const testudo_request *request, size_t dim, numbers *message)
{
  memset(message, 0x5a, sizeof *message);
  assert_ok(testudo_encode_double(s->codec, request, s->real, dim, message->real, NULL));
  assert_ok(testudo_encode_float(s->codec, request, s->small, dim, message->small, NULL));
  assert_ok(testudo_encode_bfloat16(s->codec, request, s->half, dim, message->half, NULL));
}

static void encode_range(sender *s, const testudo_request *request, size_t dim, size_t first, size_t count,
                         numbers *message)
{
  assert_ok(testudo_encode_range_double(s->other, request, s->real, dim, first, count, message->real, NULL));
  assert_ok(testudo_encode_range_float(s->other, request, s->small, dim, first, count, message->small, NULL));
  assert_ok(testudo_encode_range_bfloat16(s->other, request, s->half, dim, first, count, message->half, NULL));
}

/* In three ranges, the last one first, of which some are empty; after each, what it has not written is as it was. */
static void check_request(sender *s, const testudo_request *request, size_t dim, size_t length)
{
  numbers whole, pieces;
  encode_whole(s, request, dim, &whole);
  memset(&pieces, 0x5a, sizeof pieces);
  size_t a = testudo_i_random_below(&s->random, length + 1), b = testudo_i_random_below(&s->random, length + 1);
  const size_t cut[] = {0, a < b ? a : b, a < b ? b : a, length};
  for (int k = 2; k >= 0; k--) {
    encode_range(s, request, dim, cut[k], cut[k + 1] - cut[k], &pieces);
    size_t left = cut[k];
    numbers untouched;
    memset(&untouched, 0x5a, sizeof untouched);
    assert_memory_equal(pieces.real, untouched.real, left * sizeof(double));
    assert_memory_equal(pieces.small, untouched.small, left * sizeof(float));
    assert_memory_equal(pieces.half, untouched.half, left * sizeof(testudo_bfloat16));
  }
  assert_memory_equal(&pieces, &whole, sizeof whole);
  double none;
  assert_status(testudo_encode_range_double(s->other, request, s->real, dim, length, 1, &none, NULL),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_encode_range_double(s->other, request, s->real, dim, 1, SIZE_MAX, &none, NULL),
                TESTUDO_ERROR_ARGUMENT);
}

/* Numbers of the messages that are for number t of the gradient. */
static bool is_of(size_t t, size_t length, size_t first, size_t last)
{
  return t % length >= first && t % length < last;
}

static void decode_range(sender *s, const numbers *message, size_t dim, size_t first, size_t count, numbers *gradient)
{
  const double *real[MOST_WORKERS];
  const float *small[MOST_WORKERS];
  const testudo_bfloat16 *half[MOST_WORKERS];
  for (int32_t j = 0; j < s->workers; j++) {
    real[j] = message[j].real;
    small[j] = message[j].small;
    half[j] = message[j].half;
  }
  if (first == 0 && count == SIZE_MAX) {
    assert_ok(testudo_decode_double(s->codec, s->progress, real, dim, gradient->real, NULL));
    assert_ok(testudo_decode_float(s->codec, s->progress, small, dim, gradient->small, NULL));
    assert_ok(testudo_decode_bfloat16(s->codec, s->progress, half, dim, gradient->half, NULL));
    return;
  }
  assert_ok(testudo_decode_range_double(s->other, s->progress, real, dim, first, count, gradient->real, NULL));
  assert_ok(testudo_decode_range_float(s->other, s->progress, small, dim, first, count, gradient->small, NULL));
  assert_ok(testudo_decode_range_bfloat16(s->other, s->progress, half, dim, first, count, gradient->half, NULL));
}

/* In three ranges, the middle one last. */
static void check_decoding(sender *s, const numbers *message, size_t dim, size_t length)
{
  numbers whole, pieces, untouched;
  const double *none[MOST_WORKERS] = {NULL};
  memset(&untouched, 0x5a, sizeof untouched);
  whole = pieces = untouched;
  decode_range(s, message, dim, 0, SIZE_MAX, &whole);
  size_t a = testudo_i_random_below(&s->random, length + 1), b = testudo_i_random_below(&s->random, length + 1);
  const size_t cut[] = {0, a < b ? a : b, a < b ? b : a, length};
  decode_range(s, message, dim, cut[0], cut[1], &pieces);
  decode_range(s, message, dim, cut[2], cut[3] - cut[2], &pieces);
  for (size_t t = 0; t < dim; t++) {
    bool left = is_of(t, length, cut[1], cut[2]);
    assert_memory_equal(&pieces.real[t], left ? &untouched.real[t] : &whole.real[t], sizeof(double));
  }
  decode_range(s, message, dim, cut[1], cut[2] - cut[1], &pieces);
  assert_memory_equal(&pieces, &whole, sizeof whole);
  assert_status(testudo_decode_range_double(s->other, s->progress, none, dim, length, 1, pieces.real, NULL),
                TESTUDO_ERROR_ARGUMENT);
}

static void check_design(const char *name, testudo_design *design, void *state)
{
  sender s;
  (void)name;
  open_sender(&s, design);
  numbers *message = calloc((size_t)s.workers, sizeof *message);
  assert_non_null(message);
  for (int round = 0; round < 6; round++) {
    assert_ok(mark_until_decodable(s.progress, design, &s.random, NULL));
    size_t dim = 1 + testudo_i_random_below(&s.random, MOST_DIM);
    for (int32_t j = 0; j < testudo_design_workers(design); j++) {
      testudo_request request;
      assert_ok(testudo_request_make(s.codec, s.progress, j, &request, NULL));
      check_request(&s, &request, dim, testudo_message_length(design, dim));
      encode_whole(&s, &request, dim, &message[j]);
    }
    check_decoding(&s, message, dim, testudo_message_length(design, dim));
  }
  free(message);
  close_sender(&s);
  ++*(int *)state;
}

static void ranges_have_the_bits_of_the_whole(void **state)
{
  (void)state;
  int designs = 0;
  for_every_design(check_design, &designs);
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    for (uint64_t seed = 0; seed < 12; seed++) {
      testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
      check_design("drawn", design, &designs);
      testudo_design_free(design);
    }
  assert_true(designs > 120);
}

/* ---- threads ---- */

enum { LOAD = 3, THREADS = 2 };

typedef struct share {
  const testudo_design *design;
  const testudo_request *request;
  const float *const *gradients;
  float *message;
  size_t first, count;
  testudo_status status;
} share;

static void *encode_share(void *argument)
{
  share *own = argument;
  testudo_codec *codec = NULL;
  own->status = testudo_codec_create(own->design, TESTUDO_DECODER_EXACT, &codec, NULL);
  if (own->status == TESTUDO_OK)
    own->status = testudo_encode_range_float(codec, own->request, own->gradients, LONG, own->first, own->count,
                                             own->message, NULL);
  testudo_codec_free(codec);
  return NULL;
}

/* Long enough for stores that pass the caches by; starts at every place of a line. */
static void check_long(const testudo_design *design, const testudo_request *request, float *const *gradient,
                       float *message, size_t shift)
{
  pthread_t id[THREADS];
  share own[THREADS];
  const float *in[LOAD];
  for (int k = 0; k < LOAD; k++)
    in[k] = gradient[k];
  for (size_t t = 0; t < LONG + 32; t++)
    message[t] = -1.0f;
  for (int k = 0; k < THREADS; k++) {
    size_t first = k == 0 ? 0 : LONG / 3;
    own[k] = (share){.design = design, .request = request, .gradients = in, .message = message + shift, .first = first,
                     .count = k == 0 ? LONG / 3 : LONG - first};
    assert_int_equal(pthread_create(&id[k], NULL, encode_share, &own[k]), 0);
  }
  for (int k = 0; k < THREADS; k++) {
    assert_int_equal(pthread_join(id[k], NULL), 0);
    assert_status(own[k].status, TESTUDO_OK);
  }
  for (size_t t = 0; t < LONG; t++) {
    float sum = 0.0f;
    for (int k = 0; k < LOAD; k++)
      sum += (float)request->coefficient[k] * in[k][t];
    if (message[shift + t] != sum)
      fail_msg("shift %zu: number %zu is %.9g, wanted %.9g", shift, t, (double)message[shift + t], (double)sum);
  }
  for (size_t t = 0; t < LONG + 32; t++)
    assert_true(t >= shift || message[t] == -1.0f);
  for (size_t t = shift + LONG; t < LONG + 32; t++)
    assert_true(message[t] == -1.0f);
}

static void threads_share_a_long_message(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(LOAD, LOAD, 1, 4);
  testudo_codec *codec;
  testudo_progress *progress;
  testudo_request request;
  float *gradient[LOAD], *message = malloc((LONG + 32) * sizeof *message);
  assert_non_null(message);
  for (int k = 0; k < LOAD; k++) {
    gradient[k] = malloc(LONG * sizeof **gradient);
    assert_non_null(gradient[k]);
    for (size_t t = 0; t < LONG; t++)
      gradient[k][t] = (float)((t * 7919 + (size_t)k * 104729) % 10007) * 0.37f - 1000.0f;
  }
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int32_t j = 0; j < LOAD; j++)
    assert_ok(testudo_progress_mark(progress, j, LOAD, NULL));
  assert_ok(testudo_request_make(codec, progress, 1, &request, NULL));
  for (size_t shift = 0; shift < 20; shift += 7)
    check_long(design, &request, gradient, message, shift);
  for (int k = 0; k < LOAD; k++)
    free(gradient[k]);
  free(message);
  testudo_progress_free(progress);
  testudo_codec_free(codec);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranges_have_the_bits_of_the_whole),
      cmocka_unit_test(threads_share_a_long_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
