/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of known bytes, hostile bytes, error memory, and COCO-EF in the loop of the runtime. What holds of every
   vector is in tests/property/test_compress.c. */
#include "designs.h"

#include <testudo/compress.h>
#include <testudo/runtime.h>

#include "base/random.h"

static testudo_compressor *compressor_of(testudo_compressor_kind kind, size_t dim, size_t size)
{
  testudo_compressor *compressor;
  assert_ok(testudo_compressor_create(kind, dim, size, &compressor, NULL));
  return compressor;
}

static void refuses_to_create(testudo_compressor_kind kind, size_t dim, size_t size, const char *sentence)
{
  testudo_compressor *compressor;
  testudo_error error = {""};
  assert_status(testudo_compressor_create(kind, dim, size, &compressor, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(compressor);
  assert_string_equal(error.text, sentence);
}

static void sizes_out_of_range_are_refused(void **state)
{
  (void)state;
  refuses_to_create((testudo_compressor_kind)5, 4, 1,
                    "compressor 5, but compressors are none (0) to stochastic-sign (4)");
  refuses_to_create(TESTUDO_COMPRESSOR_TOP_K, 0, 1, "dim: 0, but it must be in 1..2147483647");
  refuses_to_create(TESTUDO_COMPRESSOR_TOP_K, 4, 0, "size: 0, but for top-k of 4 numbers it must be in 1..4");
  refuses_to_create(TESTUDO_COMPRESSOR_GROUPED_SIGN, 4, 5,
                    "size: 5, but for grouped-sign of 4 numbers it must be in 1..4");
  refuses_to_create(TESTUDO_COMPRESSOR_NONE, 4, 1, "size: 1, but compressor none takes 0");
  assert_null(testudo_compressor_name((testudo_compressor_kind)5));
  assert_string_equal(testudo_compressor_name(TESTUDO_COMPRESSOR_RANDOM_K), "random-k");
}

/* The formats as docs/theory/compression.md#messages has them, byte by byte. */
static void messages_have_the_documented_bytes(void **state)
{
  (void)state;
  static const float x[5] = {1.0f, -3.0f, 0.0f, 3.0f, -2.0f};
  /* -3 and 3, then the indices 1 and 3 of 3 bits: 011001 from the right. */
  static const unsigned char top[9] = {0, 0, 0x40, 0xc0, 0, 0, 0x40, 0x40, 0x19};
  /* Groups of 3: 4/3 and 5/2; signs of numbers 1 and 4. */
  static const unsigned char sign[9] = {0xab, 0xaa, 0xaa, 0x3f, 0, 0, 0x20, 0x40, 0x12};
  unsigned char bytes[20];
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_TOP_K, 5, 2);
  assert_int_equal(testudo_compressor_bytes_float(c), sizeof top);
  assert_int_equal(testudo_compressor_bits_float(c), 2 * (32 + 3));
  assert_int_equal(testudo_compressor_bits_double(c), 2 * (64 + 3));
  assert_ok(testudo_compress_float(c, NULL, x, bytes, NULL));
  assert_memory_equal(bytes, top, sizeof top);
  testudo_compressor_free(c);
  c = compressor_of(TESTUDO_COMPRESSOR_GROUPED_SIGN, 5, 3);
  assert_int_equal(testudo_compressor_bytes_float(c), sizeof sign);
  assert_ok(testudo_compress_float(c, NULL, x, bytes, NULL));
  assert_memory_equal(bytes, sign, sizeof sign);
  testudo_compressor_free(c);
  c = compressor_of(TESTUDO_COMPRESSOR_NONE, 5, 0);
  assert_int_equal(testudo_compressor_bytes_float(c), 20);
  assert_ok(testudo_compress_float(c, NULL, x, bytes, NULL));
  assert_memory_equal(bytes + 4, top, 4);
  testudo_compressor_free(c);
}

static void of_equal_magnitudes_the_first_are_taken(void **state)
{
  (void)state;
  static const double x[6] = {1.0, -2.0, 2.0, -1.0, 2.0, 1.0}, wanted[6] = {1.0, -2.0, 2.0, 0.0, 2.0, 0.0};
  double y[6];
  unsigned char bytes[40];
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_TOP_K, 6, 4);
  assert_ok(testudo_compress_double(c, NULL, x, bytes, NULL));
  assert_ok(testudo_decompress_double(c, bytes, testudo_compressor_bytes_double(c), y, NULL));
  for (int i = 0; i < 6; i++)
    assert_true(y[i] == wanted[i]);
  testudo_compressor_free(c);
}

/* The selection has passes of 11 bits: vectors that agree in many of them, against a sort. */
static int by_magnitude(const void *a, const void *b)
{
  double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
  return (x < y) - (x > y);
}

static void selection_separates_neighbours(void **state)
{
  (void)state;
  enum { DIM = 3000 };
  static double x[DIM], y[DIM], sorted[DIM];
  static unsigned char bytes[10 * DIM];
  for (int spread = 0; spread < 60; spread += 6) {
    testudo_i_random random;
    testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, (uint64_t)spread, 0);
    for (int i = 0; i < DIM; i++)
      x[i] = ldexp(1.0 + (double)testudo_i_random_below(&random, (uint64_t)1 << (spread < 52 ? spread : 52)) * 0x1p-52,
                   spread - 30) * (i % 2 == 0 ? 1.0 : -1.0);
    memcpy(sorted, x, sizeof x);
    qsort(sorted, DIM, sizeof *sorted, by_magnitude);
    for (size_t keep = 1; keep <= DIM; keep = keep * 3 + 1) {
      testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_TOP_K, DIM, keep);
      assert_ok(testudo_compress_double(c, NULL, x, bytes, NULL));
      assert_ok(testudo_decompress_double(c, bytes, testudo_compressor_bytes_double(c), y, NULL));
      size_t kept = 0;
      for (int i = 0; i < DIM; i++) {
        assert_true(y[i] == 0.0 || (y[i] == x[i] && fabs(x[i]) >= fabs(sorted[keep - 1])));
        kept += y[i] != 0.0;
      }
      assert_int_equal(kept, keep);
      testudo_compressor_free(c);
    }
  }
}

static void draws_are_named(void **state)
{
  (void)state;
  enum { DIM = 64 };
  double x[DIM];
  unsigned char bytes[5][DIM];
  const testudo_compress_draw draw[5] = {{1, 2, 3}, {1, 2, 3}, {9, 2, 3}, {1, 9, 3}, {1, 2, 9}};
  testudo_error error = {""};
  for (int i = 0; i < DIM; i++)
    x[i] = i - 31.5;
  for (int kind = TESTUDO_COMPRESSOR_RANDOM_K; kind <= TESTUDO_COMPRESSOR_STOCHASTIC_SIGN; kind++) {
    bool random_k = kind == TESTUDO_COMPRESSOR_RANDOM_K;
    testudo_compressor *c = compressor_of((testudo_compressor_kind)kind, DIM, random_k ? 6 : 32);
    size_t length = testudo_compressor_bytes_double(c);
    for (int k = 0; k < 5; k++)
      assert_ok(testudo_compress_double(c, &draw[k], x, bytes[k], NULL));
    assert_memory_equal(bytes[0], bytes[1], length);
    for (int k = 2; k < 5; k++)
      assert_memory_not_equal(bytes[0], bytes[k], length);
    assert_status(testudo_compress_double(c, NULL, x, bytes[0], &error), TESTUDO_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, "draw: missing, but compressor"));
    testudo_compressor_free(c);
  }
}

/* Number i of stochastic-sign uses word i of the stream (seed, compression, iteration, worker). */
static void stochastic_signs_use_the_documented_words(void **state)
{
  (void)state;
  static const double x[5] = {0.5, -1.0, 4.0, 0.0, -2.0};
  double y[5];
  unsigned char bytes[32];
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_STOCHASTIC_SIGN, 5, 2);
  for (int64_t iteration = 0; iteration < 50; iteration++) {
    const testudo_compress_draw draw = {77, iteration, 8};
    const double scale[5] = {1.0, 1.0, 4.0, 4.0, 2.0};
    testudo_i_random random;
    testudo_i_random_start(&random, 77, TESTUDO_I_FOR_COMPRESSION, (uint64_t)iteration, 8);
    assert_ok(testudo_compress_double(c, &draw, x, bytes, NULL));
    assert_ok(testudo_decompress_double(c, bytes, testudo_compressor_bytes_double(c), y, NULL));
    for (int i = 0; i < 5; i++) {
      bool minus = testudo_i_random_uniform(&random) >= (1.0 + x[i] / scale[i]) / 2.0;
      assert_true(y[i] == (minus ? -scale[i] : scale[i]));
    }
  }
  testudo_compressor_free(c);
}

/* Random-k: all 35 sets of 3 of 7 equally often in 35,000 messages. |z| < 6.5: false alarm of all below 3e-9. */
static void random_sets_are_equally_likely(void **state)
{
  (void)state;
  enum { MESSAGES = 35000 };
  static const float x[7] = {1, 1, 1, 1, 1, 1, 1};
  int count[128] = {0}, sets = 0;
  float y[7];
  unsigned char bytes[16];
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_RANDOM_K, 7, 3);
  for (int64_t m = 0; m < MESSAGES; m++) {
    unsigned set = 0;
    assert_ok(testudo_compress_float(c, &(testudo_compress_draw){4, m, 1}, x, bytes, NULL));
    assert_ok(testudo_decompress_float(c, bytes, testudo_compressor_bytes_float(c), y, NULL));
    for (unsigned i = 0; i < 7; i++)
      set |= (unsigned)(y[i] != 0.0f) << i;
    count[set]++;
  }
  for (unsigned set = 0; set < 128; set++) {
    if (count[set] == 0)
      continue;
    assert_near(count[set], MESSAGES / 35.0, 6.5 * sqrt(MESSAGES / 35.0 * 34.0 / 35.0));
    sets++;
  }
  assert_int_equal(sets, 35);
  testudo_compressor_free(c);
}

static void products_out_of_range_are_refused(void **state)
{
  (void)state;
  float x[4] = {3e38f, 3e38f, 3e38f, 3e38f};
  unsigned char bytes[16];
  testudo_error error = {""};
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_RANDOM_K, 4, 2);
  assert_status(testudo_compress_float(c, &(testudo_compress_draw){0}, x, bytes, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "3e+38 times D / K = 2 is beyond the range of the type"));
  testudo_compressor_free(c);
}

/* ---- hostile bytes ---- */

static void refuses_bytes(const testudo_compressor *c, const unsigned char *bytes, size_t length, const char *sentence)
{
  float y[9] = {7.0f}, sum[9] = {7.0f};
  testudo_error error = {""};
  assert_status(testudo_decompress_float(c, bytes, length, y, &error), TESTUDO_ERROR_INPUT);
  assert_string_equal(error.text, sentence);
  assert_status(testudo_decompress_add_float(c, bytes, length, sum, NULL), TESTUDO_ERROR_INPUT);
  assert_true(y[0] == 7.0f && sum[0] == 7.0f);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
  (void)state;
  testudo_compressor *top = compressor_of(TESTUDO_COMPRESSOR_TOP_K, 5, 2);
  testudo_compressor *sign = compressor_of(TESTUDO_COMPRESSOR_GROUPED_SIGN, 5, 3);
  unsigned char good[9] = {0, 0, 0x40, 0xc0, 0, 0, 0x40, 0x40, 0x19}, bad[10] = {0};
  refuses_bytes(top, good, 8, "message: 8 bytes, but top-k of 5 numbers takes 9");
  refuses_bytes(top, bad, 10, "message: 10 bytes, but top-k of 5 numbers takes 9");
  memcpy(bad, good, 9);
  bad[8] = 5 << 3;
  refuses_bytes(top, bad, 9, "message: index 1 is 5, but indices are 0..4");
  bad[8] = 3 | 3 << 3;
  refuses_bytes(top, bad, 9, "message: index 1 is 3, but indices must rise");
  bad[8] = 0x19 | 0x40;
  refuses_bytes(top, bad, 9, "message: the bits behind the last one must be 0");
  memcpy(bad, good, 9);
  bad[2] = 0x80;
  bad[3] = 0x7f;
  refuses_bytes(top, bad, 9, "message: number 0 is not finite");
  memset(bad, 0, 9);
  bad[7] = 0x80;
  refuses_bytes(sign, bad, 9, "message: scale 1 is negative");
  bad[7] = 0x7f;
  bad[6] = 0xc0;
  refuses_bytes(sign, bad, 9, "message: number 1 is not finite");
  memset(bad, 0, 9);
  bad[8] = 0x20;
  refuses_bytes(sign, bad, 9, "message: the bits behind the last one must be 0");
  testudo_compressor_free(top);
  testudo_compressor_free(sign);
}

/* ---- error memory ---- */

static void memory_changes_when_a_message_arrives(void **state)
{
  (void)state;
  static const double g[3] = {4.0, -2.0, 1.0};
  unsigned char bytes[40];
  double y[3];
  testudo_error error = {""};
  testudo_feedback *feedback;
  testudo_compressor *c = compressor_of(TESTUDO_COMPRESSOR_TOP_K, 3, 1);
  assert_ok(testudo_feedback_create_double(c, &feedback, NULL));
  const double *e = testudo_feedback_memory_double(feedback);
  assert_status(testudo_feedback_arrived(feedback, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "no message is under way that could have arrived");
  /* a = (2, -1, .5): 2 is sent, and lost on its way. */
  assert_ok(testudo_compress_with_memory_double(feedback, NULL, 0.5, g, bytes, NULL));
  assert_true(e[0] == 0.0 && e[1] == 0.0 && e[2] == 0.0);
  /* The same again, and it arrives. */
  assert_ok(testudo_compress_with_memory_double(feedback, NULL, 0.5, g, bytes, NULL));
  assert_ok(testudo_feedback_arrived(feedback, NULL));
  e = testudo_feedback_memory_double(feedback);
  assert_true(e[0] == 0.0 && e[1] == -1.0 && e[2] == 0.5);
  assert_status(testudo_feedback_arrived(feedback, NULL), TESTUDO_ERROR_ARGUMENT);
  /* a = (2, -2, 1): of the tie the first. */
  assert_ok(testudo_compress_with_memory_double(feedback, NULL, 0.5, g, bytes, NULL));
  assert_ok(testudo_decompress_double(c, bytes, testudo_compressor_bytes_double(c), y, NULL));
  assert_true(y[0] == 2.0 && y[1] == 0.0 && y[2] == 0.0);
  assert_ok(testudo_feedback_arrived(feedback, NULL));
  e = testudo_feedback_memory_double(feedback);
  assert_true(e[0] == 0.0 && e[1] == -2.0 && e[2] == 1.0);
  /* What is refused is not under way and changes nothing. */
  const double bad[3] = {0.0, NAN, 0.0};
  assert_status(testudo_compress_with_memory_double(feedback, NULL, 1.0, bad, bytes, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_feedback_arrived(feedback, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_true(e[1] == -2.0);
  testudo_feedback_reset(feedback);
  assert_true(testudo_feedback_memory_double(feedback)[1] == 0.0);
  assert_null(testudo_feedback_memory_float(feedback));
  assert_status(testudo_compress_with_memory_float(feedback, NULL, 1.0f, (const float[3]){0}, bytes, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the error memory holds doubles, but the vector floats");
  testudo_feedback_free(feedback);
  testudo_compressor_free(c);
}

/* Nothing is lost: what has arrived and what is remembered add up to what was to be sent. In quarters no rounding. */
static void nothing_is_lost_that_is_remembered(void **state)
{
  (void)state;
  enum { DIM = 16 };
  for (int kind = TESTUDO_COMPRESSOR_NONE; kind <= TESTUDO_COMPRESSOR_STOCHASTIC_SIGN; kind++) {
    float sum[DIM] = {0}, total[DIM] = {0}, g[DIM];
    unsigned char bytes[4 * DIM];
    testudo_feedback *feedback;
    testudo_i_random random;
    testudo_compressor *c = compressor_of((testudo_compressor_kind)kind, DIM, kind == TESTUDO_COMPRESSOR_NONE ? 0 : 4);
    testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
    assert_ok(testudo_feedback_create_float(c, &feedback, NULL));
    for (int64_t iteration = 0; iteration < 6; iteration++) {
      const testudo_compress_draw draw = {3, iteration, 0};
      for (int i = 0; i < DIM; i++)
        g[i] = (float)testudo_i_random_below(&random, 17) - 8.0f;
      assert_ok(testudo_compress_with_memory_float(feedback, &draw, 0.25f, g, bytes, NULL));
      if (iteration % 3 == 1)
        continue; /* it straggles */
      assert_ok(testudo_feedback_arrived(feedback, NULL));
      assert_ok(testudo_decompress_add_float(c, bytes, testudo_compressor_bytes_float(c), sum, NULL));
      for (int i = 0; i < DIM; i++)
        total[i] += 0.25f * g[i];
    }
    for (int i = 0; i < DIM; i++)
      assert_near(sum[i] + testudo_feedback_memory_float(feedback)[i], total[i], 1e-3);
    testudo_feedback_free(feedback);
    testudo_compressor_free(c);
  }
}

/* ---- in the loop ---- */

/* Theory 10: g_i = sum_k s_ik g_k / (d_k (1 - p)), the server adds those that arrived. */
static void the_loop_sends_what_coco_ef_sends(void **state)
{
  (void)state;
  enum { WORKERS = 6, LOAD = 3 };
  const double p = 0.25;
  testudo_design *design = cyclic_design(WORKERS, LOAD, 1, 1);
  testudo_progress *progress;
  testudo_codec *codec;
  double message[WORKERS], gradient, left, truth[WORKERS], weights[WORKERS];
  const double *messages[WORKERS];
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create_stochastic(design, p, &codec, NULL));
  for (unsigned set = 0; set < 1u << WORKERS; set++) {
    double wanted = 0.0, missed = 0.0, gets[WORKERS] = {0.0};
    testudo_progress_reset(progress);
    for (int32_t j = 0; j < WORKERS; j++)
      if (set >> j & 1)
        assert_ok(testudo_progress_mark(progress, j, LOAD, NULL));
    for (int32_t j = 0; j < WORKERS; j++) {
      testudo_request request;
      assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
      assert_int_equal(request.chunks, set >> j & 1 ? LOAD : 0);
      messages[j] = NULL;
      if (request.chunks == 0)
        continue;
      const double *of[LOAD];
      for (int32_t k = 0; k < LOAD; k++) {
        int32_t chunk = testudo_design_order(design, j)[k];
        truth[chunk] = 1.0 + chunk * chunk;
        of[k] = &truth[chunk];
        wanted += truth[chunk] / (LOAD * (1.0 - p));
        gets[chunk] += 1.0 / (LOAD * (1.0 - p));
      }
      assert_ok(testudo_encode_double(codec, &request, of, 1, &message[j], NULL));
      messages[j] = &message[j];
    }
    for (int32_t k = 0; k < WORKERS; k++)
      missed += (gets[k] - 1.0) * (gets[k] - 1.0);
    assert_ok(testudo_decode_approximate_double(codec, progress, messages, 1, &gradient, NULL));
    assert_near(gradient, wanted, 1e-12);
    assert_ok(testudo_decode_error(codec, progress, &left, NULL));
    assert_near(left, missed, 1e-12);
    assert_status(testudo_decode_double(codec, progress, messages, 1, &gradient, NULL), TESTUDO_UNDECODABLE);
    assert_ok(testudo_decode_weights(codec, progress, 0, weights, NULL));
    for (int32_t j = 0; j < WORKERS; j++)
      assert_true(weights[j] == (set >> j & 1 ? 1.0 : 0.0));
  }
  testudo_codec_free(codec);
  /* Nobody straggles: the gradient. */
  assert_ok(testudo_codec_create_stochastic(design, 0.0, &codec, NULL));
  for (int32_t j = 0; j < WORKERS; j++)
    assert_ok(testudo_progress_mark(progress, j, LOAD, NULL));
  assert_ok(testudo_decode_error(codec, progress, &left, NULL));
  assert_true(left == 0.0);
  assert_ok(testudo_decode_double(codec, progress, messages, 1, &gradient, NULL));
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void codecs_of_other_schemes_are_refused(void **state)
{
  (void)state;
  testudo_codec *codec;
  testudo_error error = {""};
  testudo_design *design = cyclic_design(6, 3, 2, 1);
  assert_status(testudo_codec_create_stochastic(design, 0.1, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "only to scheme partial with 1 part"));
  testudo_design_free(design);
  design = cyclic_design(6, 3, 1, 1);
  assert_status(testudo_codec_create_stochastic(design, 1.0, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "straggle_prob: 1, but it must be in [0, 1)");
  assert_status(testudo_codec_create_stochastic(design, NAN, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(codec);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_out_of_range_are_refused),
      cmocka_unit_test(messages_have_the_documented_bytes),
      cmocka_unit_test(of_equal_magnitudes_the_first_are_taken),
      cmocka_unit_test(selection_separates_neighbours),
      cmocka_unit_test(draws_are_named),
      cmocka_unit_test(stochastic_signs_use_the_documented_words),
      cmocka_unit_test(random_sets_are_equally_likely),
      cmocka_unit_test(products_out_of_range_are_refused),
      cmocka_unit_test(bytes_that_are_no_message_are_refused),
      cmocka_unit_test(memory_changes_when_a_message_arrives),
      cmocka_unit_test(nothing_is_lost_that_is_remembered),
      cmocka_unit_test(the_loop_sends_what_coco_ef_sends),
      cmocka_unit_test(codecs_of_other_schemes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
