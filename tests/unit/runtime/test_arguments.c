/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no caller should pass: every call of the runtime library answers, and writes nothing. */
#include "check.h"

#include <math.h>

#include <testudo/block.h>
#include <testudo/code.h>
#include <testudo/compress.h>
#include <testudo/runtime.h>
#include <testudo/schedule.h>

#define REFUSES(call, what)                                                                                            \
  do {                                                                                                                 \
    error.text[0] = '\0';                                                                                              \
    assert_int_equal(call, TESTUDO_ERROR_ARGUMENT);                                                                    \
    assert_string_equal(error.text, what " is NULL");                                                                  \
  } while (0)

static testudo_design *partial(void)
{
  testudo_design *design = NULL;
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(4, 2, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *blocks(void)
{
  testudo_design *design = NULL;
  const int32_t tolerance[] = {0, 2};
  const int64_t size[] = {3, 5};
  assert_ok(testudo_design_create_block(4, tolerance, size, 2, 1, "", &design, NULL));
  return design;
}

static void designs_answer(void **state)
{
  (void)state;
  testudo_error error;
  testudo_design *design = NULL, *of = partial();
  REFUSES(testudo_design_read(NULL, &design, &error), "path");
  REFUSES(testudo_design_read("x", NULL, &error), "design");
  REFUSES(testudo_design_parse(NULL, 3, "x", &design, &error), "bytes");
  REFUSES(testudo_design_parse("{}", 2, NULL, &design, &error), "name");
  const int32_t outside[] = {-1, 4, INT32_MAX, INT32_MIN};
  for (int k = 0; k < 4; k++) {
    assert_int_equal(testudo_design_load(of, outside[k]), 0);
    assert_int_equal(testudo_design_steps(of, outside[k]), 0);
    assert_null(testudo_design_order(of, outside[k]));
    assert_int_equal(testudo_design_replication(of, outside[k]), 0);
    assert_null(testudo_design_holders(of, outside[k]));
    assert_null(testudo_design_places(of, outside[k]));
    assert_null(testudo_design_coefficients(of, outside[k]));
    assert_null(testudo_design_nested_coefficients(of, 0, outside[k]));
  }
  int32_t count = 7;
  int64_t dim = 7;
  assert_int_equal(testudo_design_chunks(NULL) + testudo_design_workers(NULL) + testudo_design_parts(NULL), 0);
  assert_string_equal(testudo_scheme_name(testudo_design_scheme(NULL)), "unknown");
  assert_int_equal(testudo_design_report(NULL), TESTUDO_REPORT_CHUNK);
  assert_string_equal(testudo_design_name(NULL), "");
  assert_int_equal(testudo_design_checksum(NULL), 0);
  assert_int_equal(testudo_design_max_load(NULL) + testudo_design_load(NULL, 0) + testudo_design_steps(NULL, 0), 0);
  assert_int_equal(testudo_design_min_replication(NULL) + testudo_design_max_replication(NULL), 0);
  assert_null(testudo_design_matrix(NULL));
  assert_int_equal(testudo_design_stragglers(NULL) + testudo_design_wait(NULL), 0);
  assert_null(testudo_design_construction(NULL));
  assert_null(testudo_design_tolerances(NULL, &count));
  assert_null(testudo_design_tolerances(of, NULL));
  assert_int_equal(count, 0);
  assert_null(testudo_design_block_sizes(NULL, &count, &dim));
  assert_null(testudo_design_block_work(NULL));
  assert_int_equal(testudo_message_length(NULL, 9), 0);
  testudo_design_free(of);
}

static void progress_answers(void **state)
{
  (void)state;
  testudo_error error;
  testudo_design *of = partial();
  testudo_progress *progress = NULL;
  REFUSES(testudo_progress_create(NULL, &progress, &error), "design");
  REFUSES(testudo_progress_create(of, NULL, &error), "progress");
  REFUSES(testudo_progress_mark(NULL, 0, 1, &error), "progress");
  assert_ok(testudo_progress_create(of, &progress, &error));
  const int32_t outside[] = {-1, 4, INT32_MAX, INT32_MIN};
  for (int k = 0; k < 4; k++) {
    assert_int_equal(testudo_progress_done(progress, outside[k]), -1);
    assert_int_equal(testudo_progress_cover(progress, outside[k]), -1);
    assert_status(testudo_progress_mark(progress, outside[k], 1, &error), TESTUDO_ERROR_ARGUMENT);
    assert_false(testudo_progress_block_decodable(progress, outside[k]));
  }
  assert_int_equal(testudo_progress_done(NULL, 0), -1);
  assert_int_equal(testudo_progress_cover(NULL, 0), -1);
  assert_false(testudo_progress_decodable(NULL));
  assert_false(testudo_progress_block_decodable(NULL, 0));
  assert_int_equal(testudo_progress_error(NULL), -1);
  assert_int_equal(testudo_progress_announced(NULL), -1);
  testudo_progress_reset(NULL);
  testudo_progress_free(NULL);
  testudo_progress_free(progress);
  testudo_design_free(of);
}

static void codecs_answer(void **state)
{
  (void)state;
  testudo_error error;
  testudo_design *of = partial();
  testudo_progress *progress = NULL;
  testudo_codec *codec = NULL;
  testudo_request request;
  double number = 5.0, list[4] = {5.0, 5.0, 5.0, 5.0};
  const double *in[4] = {list, list, list, list};
  unsigned char bytes[64] = {0};
  assert_ok(testudo_progress_create(of, &progress, &error));
  REFUSES(testudo_codec_create(NULL, TESTUDO_DECODER_EXACT, &codec, &error), "design");
  REFUSES(testudo_codec_create(of, TESTUDO_DECODER_EXACT, NULL, &error), "codec");
  REFUSES(testudo_codec_create_stochastic(NULL, 0.1, &codec, &error), "design");
  REFUSES(testudo_codec_create_stochastic(of, 0.1, NULL, &error), "codec");
  assert_ok(testudo_codec_create(of, TESTUDO_DECODER_EXACT, &codec, &error));
  REFUSES(testudo_request_make(NULL, progress, 0, &request, &error), "codec");
  REFUSES(testudo_request_make(codec, NULL, 0, &request, &error), "progress");
  REFUSES(testudo_request_make(codec, progress, 0, NULL, &error), "request");
  REFUSES(testudo_request_unpack(codec, NULL, 30, &request, &error), "bytes");
  REFUSES(testudo_request_unpack(NULL, bytes, 30, &request, &error), "codec");
  REFUSES(testudo_request_unpack(codec, bytes, 30, NULL, &error), "request");
  assert_int_equal(testudo_request_bytes(NULL) + testudo_request_bytes_most(NULL), 0);
  for (int32_t j = 0; j < 4; j++)
    assert_ok(testudo_progress_mark(progress, j, 1, &error));
  assert_ok(testudo_request_make(codec, progress, 0, &request, &error));
  testudo_request_pack(NULL, bytes);
  testudo_request_pack(&request, NULL);
  REFUSES(testudo_encode_double(NULL, &request, in, 1, &number, &error), "codec");
  REFUSES(testudo_encode_double(codec, NULL, in, 1, &number, &error), "request");
  REFUSES(testudo_encode_double(codec, &request, NULL, 1, &number, &error), "gradients");
  REFUSES(testudo_encode_double(codec, &request, in, 1, NULL, &error), "message");
  REFUSES(testudo_encode_range_double(NULL, &request, in, 1, 0, 1, &number, &error), "codec");
  REFUSES(testudo_encode_range_double(codec, NULL, in, 1, 0, 1, &number, &error), "request");
  REFUSES(testudo_encode_range_double(codec, &request, NULL, 1, 0, 1, &number, &error), "gradients");
  REFUSES(testudo_encode_range_double(codec, &request, in, 1, 0, 1, NULL, &error), "message");
  REFUSES(testudo_decode_double(NULL, progress, in, 1, &number, &error), "codec");
  REFUSES(testudo_decode_double(codec, NULL, in, 1, &number, &error), "progress");
  REFUSES(testudo_decode_double(codec, progress, NULL, 1, &number, &error), "messages");
  REFUSES(testudo_decode_double(codec, progress, in, 1, NULL, &error), "gradient");
  REFUSES(testudo_decode_approximate_double(codec, progress, in, 1, NULL, &error), "gradient");
  REFUSES(testudo_decode_approximate_float(codec, NULL, NULL, 1, NULL, &error), "progress");
  REFUSES(testudo_decode_range_double(NULL, progress, in, 1, 0, 1, &number, &error), "codec");
  REFUSES(testudo_decode_range_double(codec, NULL, in, 1, 0, 1, &number, &error), "progress");
  REFUSES(testudo_decode_range_double(codec, progress, NULL, 1, 0, 1, &number, &error), "messages");
  REFUSES(testudo_decode_range_double(codec, progress, in, 1, 0, 1, NULL, &error), "gradient");
  in[2] = NULL;
  assert_status(testudo_decode_double(codec, progress, in, 1, &number, &error), TESTUDO_ERROR_ARGUMENT);
  REFUSES(testudo_decode_error(codec, progress, NULL, &error), "decode_error");
  REFUSES(testudo_decode_error(codec, NULL, &number, &error), "progress");
  REFUSES(testudo_decode_weights(codec, progress, 0, NULL, &error), "weights");
  REFUSES(testudo_decode_weights(NULL, progress, 0, list, &error), "codec");
  REFUSES(testudo_amplification(codec, NULL, NULL, NULL, &error), "progress");
  REFUSES(testudo_amplification(NULL, progress, NULL, NULL, &error), "codec");
  assert_true(number == 5.0 && list[0] == 5.0);
  testudo_codec_free(NULL);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(of);
}

/* A gradient or message that only a later block needs is missed before the first number is written. */
static void blocks_answer(void **state)
{
  (void)state;
  testudo_error error;
  testudo_design *of = blocks();
  testudo_progress *progress = NULL;
  testudo_codec *codec = NULL;
  testudo_request request;
  double vector[8], out[8], message[4][8];
  const double *in[4] = {vector, vector, vector, vector}, *lent, *messages[4];
  size_t first = 7, count = 7;
  for (int k = 0; k < 8; k++) {
    vector[k] = 1.0;
    out[k] = 5.0;
  }
  assert_ok(testudo_progress_create(of, &progress, &error));
  assert_ok(testudo_codec_create(of, TESTUDO_DECODER_EXACT, &codec, &error));
  REFUSES(testudo_block_vector(codec, progress, 0, NULL, &error), "vector");
  REFUSES(testudo_block_vector(codec, NULL, 0, &lent, &error), "progress");
  REFUSES(testudo_block_vector(NULL, progress, 0, &lent, &error), "codec");
  REFUSES(testudo_block_encode_double(NULL, 0, 0, in, 8, out, &error), "codec");
  REFUSES(testudo_block_encode_double(codec, 0, 0, NULL, 8, out, &error), "gradients");
  REFUSES(testudo_block_encode_double(codec, 0, 0, in, 8, NULL, &error), "message");
  REFUSES(testudo_block_decode_double(codec, progress, 0, NULL, 8, out, &error), "messages");
  REFUSES(testudo_block_decode_double(codec, progress, 0, in, 8, NULL, &error), "gradient");
  REFUSES(testudo_block_decode_double(codec, NULL, 0, in, 8, out, &error), "progress");
  testudo_block_range(of, 8, 5, &first, &count);
  assert_true(first == 0 && count == 0);
  testudo_block_range(of, 8, 0, NULL, NULL);
  testudo_block_range(NULL, 8, 0, &first, &count);
  for (int32_t j = 0; j < 4; j++) {
    assert_ok(testudo_progress_mark(progress, j, j == 3 ? 1 : 2, &error)); /* block 1 is read from three, 0 from all */
    assert_ok(testudo_request_make(codec, progress, j, &request, &error));
    assert_ok(testudo_encode_double(codec, &request, in, 8, message[j], &error));
    messages[j] = message[j];
  }
  assert_ok(testudo_request_make(codec, progress, 0, &request, &error));
  in[2] = NULL; /* the third chunk is block 1's alone */
  assert_status(testudo_encode_double(codec, &request, in, 8, out, &error), TESTUDO_ERROR_ARGUMENT);
  for (int32_t missing = 0; missing < 4; missing++) {
    messages[missing] = NULL;
    assert_status(testudo_decode_double(codec, progress, messages, 8, out, &error), TESTUDO_ERROR_ARGUMENT);
    messages[missing] = message[missing];
  }
  for (int k = 0; k < 8; k++)
    assert_true(out[k] == 5.0);
  assert_ok(testudo_decode_double(codec, progress, messages, 8, out, &error));
  for (int k = 0; k < 8; k++)
    assert_true(fabs(out[k] - 4.0) < 1e-9);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(of);
}

static void compressors_answer(void **state)
{
  (void)state;
  testudo_error error;
  testudo_compressor *compressor = NULL;
  testudo_feedback *feedback = NULL;
  double vector[4] = {1.0, 2.0, 3.0, 4.0};
  unsigned char bytes[64] = {0};
  REFUSES(testudo_compressor_create(TESTUDO_COMPRESSOR_TOP_K, 4, 2, NULL, &error), "compressor");
  assert_ok(testudo_compressor_create(TESTUDO_COMPRESSOR_TOP_K, 4, 2, &compressor, &error));
  REFUSES(testudo_compress_double(NULL, NULL, vector, bytes, &error), "compressor");
  REFUSES(testudo_compress_double(compressor, NULL, NULL, bytes, &error), "vector");
  REFUSES(testudo_compress_double(compressor, NULL, vector, NULL, &error), "bytes");
  REFUSES(testudo_decompress_double(compressor, NULL, 20, vector, &error), "bytes");
  REFUSES(testudo_decompress_double(NULL, bytes, 20, vector, &error), "compressor");
  REFUSES(testudo_decompress_double(compressor, bytes, 20, NULL, &error), "vector");
  REFUSES(testudo_decompress_add_double(compressor, bytes, 20, NULL, &error), "sum");
  REFUSES(testudo_feedback_create_double(NULL, &feedback, &error), "compressor");
  REFUSES(testudo_feedback_create_double(compressor, NULL, &error), "feedback");
  assert_ok(testudo_feedback_create_double(compressor, &feedback, &error));
  REFUSES(testudo_compress_with_memory_double(NULL, NULL, 1.0, vector, bytes, &error), "feedback");
  REFUSES(testudo_compress_with_memory_double(feedback, NULL, 1.0, NULL, bytes, &error), "vector");
  REFUSES(testudo_compress_with_memory_double(feedback, NULL, 1.0, vector, NULL, &error), "bytes");
  REFUSES(testudo_feedback_arrived(NULL, &error), "feedback");
  assert_null(testudo_feedback_memory_double(NULL));
  assert_int_equal(testudo_compressor_dim(NULL) + testudo_compressor_size(NULL), 0);
  assert_int_equal(testudo_compressor_bits_float(NULL) + testudo_compressor_bits_double(NULL), 0);
  assert_int_equal(testudo_compressor_bytes_float(NULL) + testudo_compressor_bytes_double(NULL), 0);
  assert_false(testudo_compressor_unbiased(NULL));
  assert_true(isnan(testudo_compressor_contraction(NULL)) && isnan(testudo_compressor_variance(NULL)));
  assert_null(testudo_compressor_name(testudo_compressor_kind_of(NULL)));
  testudo_feedback_reset(NULL);
  testudo_feedback_free(NULL);
  testudo_feedback_free(feedback);
  testudo_compressor_free(compressor);
}

static void schedules_answer(void **state)
{
  (void)state;
  testudo_error error;
  testudo_schedule *schedule = NULL;
  const double at[] = {1.0};
  const int32_t wait[] = {1};
  REFUSES(testudo_schedule_create(TESTUDO_SCHEDULE_BY_TIME, 1, NULL, wait, 2, &schedule, &error), "at");
  REFUSES(testudo_schedule_create(TESTUDO_SCHEDULE_BY_TIME, 1, at, NULL, 2, &schedule, &error), "wait");
  REFUSES(testudo_schedule_create(TESTUDO_SCHEDULE_BY_TIME, 1, at, wait, 2, NULL, &error), "schedule");
  REFUSES(testudo_schedule_parse(NULL, 1, "x", 2, &schedule, &error), "bytes");
  REFUSES(testudo_schedule_read(NULL, 2, &schedule, &error), "path");
  REFUSES(testudo_schedule_write(NULL, "x", &error), "schedule");
  assert_int_equal(testudo_schedule_wait(NULL, 1.0), 0);
  assert_int_equal(testudo_schedule_count(NULL), 0);
  assert_int_equal(testudo_schedule_looks_up(NULL), TESTUDO_SCHEDULE_BY_LOSS);
  assert_null(testudo_schedule_thresholds(NULL));
  assert_null(testudo_schedule_waits(NULL));
  testudo_schedule_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(designs_answer),   cmocka_unit_test(progress_answers),
      cmocka_unit_test(codecs_answer),    cmocka_unit_test(blocks_answer),
      cmocka_unit_test(compressors_answer), cmocka_unit_test(schedules_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
