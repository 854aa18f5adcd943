/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that are summed as gradients come against those of encode, to the last bit, for every design and decoder;
   the upper halves of floats against rounding worked out here; buckets; and what is refused. */
#include "check.h"

#include <float.h>

#include <testudo/stream.h>

#include "designs.h"
#include "runtime/weighted_sum.h"

enum { DIM = 41, MOST = 256 };

typedef struct room {
  double gradient[MOST][DIM];
  float gradient_f[MOST][DIM];
  testudo_bfloat16 gradient_b[MOST][DIM], message_b[MOST][DIM], found_b[DIM];
} room;

static room *fill_room(uint64_t seed)
{
  room *r = calloc(1, sizeof *r);
  testudo_i_random random;
  assert_non_null(r);
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 41, 0);
  for (int i = 0; i < MOST; i++)
    for (int t = 0; t < DIM; t++) {
      r->gradient_b[i][t] = testudo_i_bfloat16_of((float)testudo_i_random_normal(&random));
      r->gradient[i][t] = r->gradient_f[i][t] = testudo_i_float_of(r->gradient_b[i][t]);
    }
  return r;
}

typedef struct tally {
  long messages, kept, streams;
} tally;

/* Pieces of a chunk in random order of no overlap: cut at two places. */
static int cut(testudo_i_random *random, size_t first[3], size_t count[3])
{
  size_t a = (size_t)testudo_i_random_below(random, DIM + 1), b = (size_t)testudo_i_random_below(random, DIM + 1);
  size_t low = a < b ? a : b, high = a < b ? b : a;
  const size_t from[3] = {0, low, high}, until[3] = {low, high, DIM};
  int turn = (int)testudo_i_random_below(random, 3);
  for (int k = 0; k < 3; k++) {
    first[k] = from[(k + turn) % 3];
    count[k] = until[(k + turn) % 3] - first[k];
  }
  return 3;
}

static void compare_messages(const char *name, testudo_codec *codec, const testudo_design *design,
                             const testudo_request *request, testudo_stream **stream, int32_t chunks, const room *r,
                             testudo_i_random *random)
{
  const int32_t *order = testudo_design_order(design, request->worker);
  const double *gradients[MOST];
  const float *gradients_f[MOST];
  const testudo_bfloat16 *gradients_b[MOST];
  double wanted[DIM], found[DIM];
  float wanted_f[DIM], found_f[DIM];
  testudo_bfloat16 wanted_b[DIM], found_b[DIM];
  size_t length = testudo_message_length(design, DIM), first[3], count[3];
  for (int t = 0; t < 3; t++)
    testudo_stream_begin(stream[t]);
  for (int32_t k = 0; k < chunks; k++) {
    gradients[k] = r->gradient[order[k]];
    gradients_f[k] = r->gradient_f[order[k]];
    gradients_b[k] = r->gradient_b[order[k]];
    for (int p = 0, pieces = cut(random, first, count); p < pieces; p++) {
      assert_ok(testudo_stream_add_double(stream[0], k, gradients[k] + first[p], first[p], count[p], NULL));
      assert_ok(testudo_stream_add_float(stream[1], k, gradients_f[k] + first[p], first[p], count[p], NULL));
      assert_ok(testudo_stream_add_bfloat16(stream[2], k, gradients_b[k] + first[p], first[p], count[p], NULL));
    }
  }
  for (size_t t = 0; t < DIM; t++) { /* what is not written stays, of unfinished blocks */
    wanted[t] = found[t] = 7.0;
    wanted_f[t] = found_f[t] = 7.0F;
    wanted_b[t] = found_b[t] = 7;
  }
  assert_ok(testudo_encode_double(codec, request, gradients, DIM, wanted, NULL));
  assert_ok(testudo_encode_float(codec, request, gradients_f, DIM, wanted_f, NULL));
  assert_ok(testudo_encode_bfloat16(codec, request, gradients_b, DIM, wanted_b, NULL));
  assert_ok(testudo_stream_message_double(stream[0], request, found, NULL));
  assert_ok(testudo_stream_message_float(stream[1], request, found_f, NULL));
  assert_ok(testudo_stream_message_bfloat16(stream[2], request, found_b, NULL));
  if (testudo_design_parts(design) > 1) { /* other sums of the same numbers */
    for (size_t t = 0; t < length; t++) {
      double size = 1.0;
      for (size_t k = 0; k < request->count; k++)
        size += 4.0 * fabs(request->coefficient[k]);
      assert_true(fabs(found[t] - wanted[t]) <= 8.0 * DBL_EPSILON * size);
      assert_true(fabs((double)found_f[t] - (double)wanted_f[t]) <= 8.0 * (double)FLT_EPSILON * size);
      assert_true(fabs((double)testudo_i_float_of(found_b[t]) - wanted[t]) <= 0x1p-7 * size);
    }
    return;
  }
  if (memcmp(found, wanted, length * sizeof *found) != 0 || memcmp(found_f, wanted_f, length * sizeof *found_f) != 0 ||
      memcmp(found_b, wanted_b, length * sizeof *found_b) != 0)
    fail_msg("%s: worker %d: another message than that of encode", name, (int)request->worker);
  for (size_t t = 0; t < length; t++)
    if (testudo_i_bfloat16_of(found_f[t]) != found_b[t] && found_b[t] != 7)
      fail_msg("%s: worker %d: number %zu is %g, but %g", name, (int)request->worker, t, (double)found_f[t],
               (double)testudo_i_float_of(found_b[t]));
}

static void run_codec(const char *name, testudo_codec *codec, testudo_design *design, const room *r, tally *counts)
{
  testudo_progress *progress;
  testudo_stream *stream[3];
  testudo_i_random random;
  bool sums = testudo_design_scheme(design) == TESTUDO_SCHEME_UNCODED ||
              testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
  bool nested = testudo_design_scheme(design) == TESTUDO_SCHEME_NESTED;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 42, 0);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int round = 0; round < 4; round++) {
    assert_ok(mark_until_decodable(progress, design, &random, NULL));
    for (int32_t j = 0; j < testudo_design_workers(design); j++) {
      testudo_request request;
      testudo_error error;
      assert_ok(testudo_request_make(codec, progress, j, &request, &error));
      if (request.chunks == 0)
        continue;
      if (testudo_stream_sums(codec) == 0) {
        assert_int_equal(testudo_stream_create_double(codec, j, DIM, &stream[0], &error), TESTUDO_ERROR_ARGUMENT);
        assert_null(stream[0]);
        assert_non_null(strstr(error.text, "depends on who straggles"));
        counts->kept++;
        continue;
      }
      assert_ok(testudo_stream_create_double(codec, j, DIM, &stream[0], NULL));
      assert_ok(testudo_stream_create_float(codec, j, DIM, &stream[1], NULL));
      assert_ok(testudo_stream_create_float(codec, j, DIM, &stream[2], NULL));
      assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
      int32_t more = sums || !nested ? 0 : testudo_progress_done(progress, j) - request.chunks;
      compare_messages(name, codec, design, &request, stream, request.chunks + more, r, &random);
      counts->messages++;
      for (int t = 0; t < 3; t++)
        testudo_stream_free(stream[t]);
    }
  }
  counts->streams += testudo_stream_sums(codec);
  testudo_progress_free(progress);
}

static void run_design(const char *name, testudo_design *design, void *state)
{
  tally *counts = state;
  room *r = fill_room(1);
  for (int decoder = TESTUDO_DECODER_EXACT; decoder <= TESTUDO_DECODER_COMPONENT; decoder++) {
    testudo_codec *codec;
    if (testudo_codec_create(design, (testudo_decoder)decoder, &codec, NULL) != TESTUDO_OK)
      continue;
    run_codec(name, codec, design, r, counts);
    testudo_codec_free(codec);
  }
  free(r);
}

static void a_stream_gives_the_message_of_encode(void **state)
{
  (void)state;
  tally counts = {0, 0, 0};
  for_every_design(run_design, &counts);
  print_message("%ld messages of streams; %ld of workers that keep their gradients\n", counts.messages, counts.kept);
  assert_true(counts.messages > 2000 && counts.kept > 500);
}

static void sums_are_one_or_one_for_each_tolerance(void **state)
{
  (void)state;
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++) {
    testudo_design *design = drawn_design((testudo_scheme)scheme, 5);
    testudo_codec *codec;
    int32_t levels = 1;
    assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
    if (scheme == TESTUDO_SCHEME_NESTED)
      testudo_design_tolerances(design, &levels);
    assert_int_equal(testudo_stream_sums(codec), scheme == TESTUDO_SCHEME_PARTIAL ? 0 : levels);
    assert_int_equal(testudo_design_sums(design), testudo_stream_sums(codec));
    testudo_codec_free(codec);
    testudo_design_free(design);
  }
  assert_int_equal(testudo_stream_sums(NULL), 0);
  assert_int_equal(testudo_design_sums(NULL), 0);
}

/* ---- upper halves of floats ---- */

/* The nearer of the two halves around a float; the even one where both are as near. Overflow goes to infinity. */
static uint16_t rounded(float number)
{
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  uint16_t low = (uint16_t)(bits >> 16);
  uint64_t below = bits & 0xffff;
  if (below < 0x8000 || (below == 0x8000 && low % 2 == 0))
    return low;
  return (uint16_t)(low + 1);
}

static void halves_are_rounded_to_the_nearest(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 43, 0);
  for (int k = 0; k < 2000000; k++) {
    uint32_t bits = (uint32_t)testudo_i_random_below(&random, (uint64_t)1 << 32);
    float number;
    if (k % 4 == 0)
      bits = (bits & 0xffff0000) | 0x8000; /* ties */
    memcpy(&number, &bits, sizeof number);
    uint16_t found = testudo_i_bfloat16_of(number);
    if (isnan(number)) {
      assert_true(isnan(testudo_i_float_of(found)));
      continue;
    }
    assert_int_equal(found, rounded(number));
    double away = fabs((double)testudo_i_float_of(found) - (double)number);
    assert_true(isinf(testudo_i_float_of(found)) || fabs((double)number) < 1.2e-38 ||
                away <= fabs((double)number) * 0x1p-8);
  }
  assert_int_equal(testudo_i_bfloat16_of(1.0F), 0x3f80);
  assert_int_equal(testudo_i_bfloat16_of(FLT_MAX), 0x7f80);
}

/* Decoded from messages of halves: within what rounding may be magnified by. */
static void halves_decode_to_the_sum(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(9, 3, 1, 4);
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_i_random random;
  room *r = fill_room(2);
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 44, 0);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  for (int round = 0; round < 50; round++) {
    const testudo_bfloat16 *messages[9] = {NULL}, *gradients[9];
    double amplification;
    assert_ok(mark_until_decodable(progress, design, &random, NULL));
    for (int32_t j = 0; j < 9; j++) {
      testudo_request request;
      assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
      for (int32_t k = 0; k < request.chunks; k++)
        gradients[k] = r->gradient_b[testudo_design_order(design, j)[k]];
      if (request.chunks > 0) {
        assert_ok(testudo_encode_bfloat16(codec, &request, gradients, DIM, r->message_b[j], NULL));
        messages[j] = r->message_b[j];
      }
    }
    assert_ok(testudo_decode_bfloat16(codec, progress, messages, DIM, r->found_b, NULL));
    assert_ok(testudo_amplification(codec, progress, &amplification, NULL, NULL));
    for (int t = 0; t < DIM; t++) {
      double sum = 0.0, size = 0.0;
      for (int i = 0; i < 9; i++) {
        sum += r->gradient[i][t];
        size += fabs(r->gradient[i][t]);
      }
      assert_true(fabs((double)testudo_i_float_of(r->found_b[t]) - sum) <= 0x1p-7 * amplification * size);
    }
  }
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  free(r);
}

/* ---- buckets: ranges of a gradient, each coded as a gradient of its own ---- */

static void run_buckets(const char *name, testudo_design *design, void *state)
{
  const room *r = state;
  const size_t first[3] = {0, 10, 11}, count[3] = {10, 1, DIM - 11};
  double message[MOST][DIM], found[DIM], condition, amplification;
  const double *messages[MOST], *gradients[MOST];
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_i_random random;
  int32_t workers = testudo_design_workers(design);
  if (testudo_design_scheme(design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS || workers > 40)
    return;
  testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, 45, 0);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_ok(mark_until_decodable(progress, design, &random, NULL));
  bool decoded = true;
  for (int b = 0; b < 3; b++) {
    for (int32_t j = 0; j < workers; j++) {
      testudo_request request;
      assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
      for (int32_t k = 0; k < request.chunks; k++)
        gradients[k] = r->gradient[testudo_design_order(design, j)[k]] + first[b];
      messages[j] = request.chunks > 0 ? message[j] : NULL;
      if (request.chunks > 0)
        assert_ok(testudo_encode_double(codec, &request, gradients, count[b], message[j], NULL));
    }
    decoded = decoded &&
              testudo_decode_double(codec, progress, messages, count[b], found + first[b], NULL) == TESTUDO_OK;
  }
  assert_ok(testudo_amplification(codec, progress, &amplification, &condition, NULL));
  for (int t = 0; t < DIM && decoded; t++) {
    double sum = 0.0;
    for (int32_t i = 0; i < testudo_design_chunks(design); i++)
      sum += r->gradient[i][t];
    if (fabs(found[t] - sum) > 1e-9 * testudo_design_chunks(design) * fmax(amplification * fmax(condition, 1.0), 1.0))
      fail_msg("%s: number %d is %.17g, wanted %.17g", name, t, found[t], sum);
  }
  testudo_codec_free(codec);
  testudo_progress_free(progress);
}

static void buckets_decode_to_the_sum(void **state)
{
  (void)state;
  room *r = fill_room(3);
  for_every_design(run_buckets, r);
  free(r);
}

/* ---- refusals ---- */

static void refuses_what_does_not_fit(void **state)
{
  (void)state;
  testudo_design *design = drawn_design(TESTUDO_SCHEME_GRADIENT_CODE, 3);
  testudo_codec *codec;
  testudo_progress *progress;
  testudo_stream *stream, *none;
  testudo_request request;
  testudo_error error;
  double numbers[DIM] = {0.0}, message[DIM] = {5.0};
  float numbers_f[DIM] = {0.0F};
  int32_t load = testudo_design_load(design, 0);
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    assert_ok(testudo_progress_mark(progress, j, testudo_design_steps(design, j), NULL));
  assert_ok(testudo_stream_create_double(codec, 0, DIM, &stream, NULL));
  assert_ok(testudo_request_make(codec, progress, 0, &request, NULL));
  assert_int_equal(testudo_stream_create_double(codec, testudo_design_workers(design), DIM, &none, &error),
                   TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_create_float(codec, 0, 0, &none, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_create_double(NULL, 0, DIM, &none, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_add_double(stream, load, numbers, 0, DIM, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_add_double(stream, -1, numbers, 0, DIM, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_add_double(stream, 0, numbers, 1, DIM, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_add_double(stream, 0, numbers, SIZE_MAX, 2, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_stream_add_float(stream, 0, numbers_f, 0, DIM, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "doubles"));
  for (int32_t k = 0; k < load; k++) { /* the last without its last number */
    assert_int_equal(testudo_stream_message_double(stream, &request, message, &error), TESTUDO_ERROR_ARGUMENT);
    assert_true(message[0] == 5.0);
    assert_ok(testudo_stream_add_double(stream, k, numbers, 0, k == load - 1 ? DIM - 1 : DIM, NULL));
  }
  assert_int_equal(testudo_stream_message_double(stream, &request, message, &error), TESTUDO_ERROR_ARGUMENT);
  assert_ok(testudo_stream_add_double(stream, load - 1, numbers + DIM - 1, DIM - 1, 1, NULL));
  assert_ok(testudo_stream_message_double(stream, &request, message, &error));
  assert_true(message[0] == 0.0);
  testudo_stream_begin(stream);
  assert_int_equal(testudo_stream_message_double(stream, &request, message, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_stream_begin(NULL);
  testudo_stream_free(NULL);
  testudo_stream_free(stream);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stream_gives_the_message_of_encode),
      cmocka_unit_test(sums_are_one_or_one_for_each_tolerance),
      cmocka_unit_test(halves_are_rounded_to_the_nearest),
      cmocka_unit_test(halves_decode_to_the_sum),
      cmocka_unit_test(buckets_decode_to_the_sum),
      cmocka_unit_test(refuses_what_does_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
