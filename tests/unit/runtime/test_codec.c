/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, encode and decode against arithmetic of the tests' own. */
#include "check.h"

#include <float.h>

#include <testudo/runtime.h>

#include "designs.h"

enum { MOST_WORKERS = 24, MOST_CHUNKS = 24, MOST_PARTS = 4, MOST_DIM = 40 };

/* One iteration: a progress, all coefficients, gradients and messages in both precisions. */
typedef struct iteration {
  const testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  int32_t done[MOST_WORKERS];
  double coefficient[MOST_WORKERS][MOST_CHUNKS * MOST_PARTS]; /* row after row, done[j] numbers each */
  double gradient[MOST_CHUNKS][MOST_DIM], message[MOST_WORKERS][MOST_DIM];
  float gradient_f[MOST_CHUNKS][MOST_DIM], message_f[MOST_WORKERS][MOST_DIM];
  testudo_i_random random;
} iteration;

static iteration *begin(const testudo_design *design, uint64_t seed)
{
  iteration *it = calloc(1, sizeof *it);
  assert_non_null(it);
  it->design = design;
  assert_ok(testudo_progress_create(design, &it->progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &it->codec, NULL));
  testudo_i_random_start(&it->random, seed, TESTUDO_I_FOR_TEST, 2, 0);
  for (int i = 0; i < MOST_CHUNKS; i++)
    for (int t = 0; t < MOST_DIM; t++) {
      it->gradient_f[i][t] = (float)testudo_i_random_normal(&it->random);
      it->gradient[i][t] = it->gradient_f[i][t];
    }
  return it;
}

static void end(iteration *it)
{
  testudo_codec_free(it->codec);
  testudo_progress_free(it->progress);
  free(it);
}

static void mark(iteration *it)
{
  testudo_progress_reset(it->progress);
  for (int32_t j = 0; j < testudo_design_workers(it->design); j++)
    assert_ok(testudo_progress_mark(it->progress, j, it->done[j], NULL));
}

static void encode(iteration *it, size_t dim)
{
  for (int32_t j = 0; j < testudo_design_workers(it->design); j++) {
    const double *gradients[MOST_CHUNKS];
    const float *gradients_f[MOST_CHUNKS];
    for (int32_t k = 0; k < it->done[j]; k++) {
      gradients[k] = it->gradient[testudo_design_order(it->design, j)[k]];
      gradients_f[k] = it->gradient_f[testudo_design_order(it->design, j)[k]];
    }
    testudo_request request;
    assert_ok(testudo_request_make(it->codec, it->progress, j, &request, NULL));
    assert_int_equal(request.worker, j);
    assert_int_equal(request.done, it->done[j]);
    assert_int_equal(request.chunks, it->done[j]);
    assert_int_equal(request.rows, it->done[j] == 0 ? 0 : testudo_design_parts(it->design));
    assert_int_equal(request.count, request.rows * request.chunks);
    memcpy(it->coefficient[j], request.coefficient, request.count * sizeof *request.coefficient);
    assert_ok(testudo_encode_double(it->codec, &request, gradients, dim, it->message[j], NULL));
    assert_ok(testudo_encode_float(it->codec, &request, gradients_f, dim, it->message_f[j], NULL));
  }
}

/* Z of a chunk (|U| x l) and R_U (l x |U|), from the coefficients of the workers and the design's matrix. */
typedef struct chunk_code {
  int count;
  double z[MOST_WORKERS][MOST_PARTS], r[MOST_PARTS][MOST_WORKERS];
} chunk_code;

static chunk_code code_of(const iteration *it, int32_t chunk)
{
  chunk_code code = {0};
  int32_t parts = testudo_design_parts(it->design), workers = testudo_design_workers(it->design);
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < it->done[j]; k++) {
      if (testudo_design_order(it->design, j)[k] != chunk)
        continue;
      for (int32_t p = 0; p < parts; p++) {
        code.z[code.count][p] = it->coefficient[j][p * it->done[j] + k];
        code.r[p][code.count] = testudo_design_matrix(it->design)[p * workers + j];
      }
      code.count++;
    }
  return code;
}

/* (R_U Z)_kp. */
static double decoded_share(const chunk_code *code, int k, int p)
{
  double sum = 0.0;
  for (int h = 0; h < code->count; h++)
    sum += code->r[k][h] * code->z[h][p];
  return sum;
}

static double largest_entry(const chunk_code *code, int parts)
{
  double largest = 1.0;
  for (int h = 0; h < code->count; h++)
    for (int p = 0; p < parts; p++)
      largest = fmax(largest, fmax(fabs(code->z[h][p]), fabs(code->r[p][h])));
  return largest;
}

/* The four conditions of Penrose say that Z is the least-squares solution (the normal equations) of minimum norm; and
   the squared error is max(0, l - |U|). Answers that error as measured. */
static double assert_least_squares(const iteration *it, int32_t chunk)
{
  chunk_code code = code_of(it, chunk);
  int parts = testudo_design_parts(it->design);
  double big = largest_entry(&code, parts), allowed = 1e-13 * big * big * big * big, error = 0.0;
  double share[MOST_PARTS][MOST_PARTS], back[MOST_WORKERS][MOST_WORKERS];
  for (int k = 0; k < parts; k++)
    for (int p = 0; p < parts; p++) {
      share[k][p] = decoded_share(&code, k, p);
      error += (share[k][p] - (k == p)) * (share[k][p] - (k == p));
    }
  for (int h = 0; h < code.count; h++)
    for (int g = 0; g < code.count; g++) {
      back[h][g] = 0.0;
      for (int p = 0; p < parts; p++)
        back[h][g] += code.z[h][p] * code.r[p][g];
    }
  for (int k = 0; k < parts; k++)
    for (int p = 0; p < k; p++)
      assert_near(share[k][p], share[p][k], allowed);
  for (int h = 0; h < code.count; h++)
    for (int g = 0; g < h; g++)
      assert_near(back[h][g], back[g][h], allowed);
  for (int h = 0; h < code.count; h++)
    for (int p = 0; p < parts; p++) {
      double rzr = 0.0, zrz = 0.0;
      for (int k = 0; k < parts; k++) {
        rzr += share[p][k] * code.r[k][h];
        zrz += code.z[h][k] * share[k][p];
      }
      assert_near(rzr, code.r[p][h], allowed);
      assert_near(zrz, code.z[h][p], allowed);
    }
  assert_near(error, parts > code.count ? parts - code.count : 0, 1e-9 + allowed);
  return error;
}

/* Number t of the gradient as the code decodes it: the exact sum where |U_i| >= l. */
static double estimate(const iteration *it, size_t dim, size_t t)
{
  size_t parts = (size_t)testudo_design_parts(it->design), length = (dim + parts - 1) / parts;
  size_t part = t / length, inside = t % length;
  double sum = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(it->design); i++) {
    chunk_code code = code_of(it, i);
    for (size_t p = 0; p < parts; p++)
      if (p * length + inside < dim)
        sum += decoded_share(&code, (int)part, (int)p) * it->gradient[i][p * length + inside];
  }
  return sum;
}

static double true_sum(const iteration *it, size_t t)
{
  double sum = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(it->design); i++)
    sum += it->gradient[i][t];
  return sum;
}

static void assert_untouched(const double *found, const float *found_f)
{
  for (int t = 0; t < MOST_DIM; t++)
    assert_true(found[t] == 77.0 && found_f[t] == 77.0f);
}

/* Decodes in both precisions by both calls and compares; answers whether it was decodable. */
static bool assert_decodes(iteration *it, size_t dim)
{
  const double *messages[MOST_WORKERS];
  const float *messages_f[MOST_WORKERS];
  double found[MOST_DIM], condition = 0.0, amplification = 0.0;
  float found_f[MOST_DIM];
  int32_t workers = testudo_design_workers(it->design);
  for (int32_t j = 0; j < workers; j++) {
    messages[j] = it->done[j] == 0 ? NULL : it->message[j];
    messages_f[j] = it->done[j] == 0 ? NULL : it->message_f[j];
  }
  for (int t = 0; t < MOST_DIM; t++)
    found[t] = found_f[t] = 77.0f;
  assert_ok(testudo_amplification(it->codec, it->progress, &amplification, &condition, NULL));
  assert_true(amplification >= 1.0 - 1e-15 && condition >= 1.0);
  double allowed = 64.0 * amplification * condition * testudo_design_chunks(it->design);
  bool decodable = testudo_progress_decodable(it->progress);
  testudo_status wanted = decodable ? TESTUDO_OK : TESTUDO_UNDECODABLE;
  assert_status(testudo_decode_double(it->codec, it->progress, messages, dim, found, NULL), wanted);
  assert_status(testudo_decode_float(it->codec, it->progress, messages_f, dim, found_f, NULL), wanted);
  if (!decodable)
    assert_untouched(found, found_f);
  for (size_t t = 0; decodable && t < dim; t++) {
    assert_near(found[t], true_sum(it, t), allowed * DBL_EPSILON);
    assert_near(found_f[t], true_sum(it, t), allowed * (double)FLT_EPSILON);
  }
  assert_ok(testudo_decode_approximate_double(it->codec, it->progress, messages, dim, found, NULL));
  assert_ok(testudo_decode_approximate_float(it->codec, it->progress, messages_f, dim, found_f, NULL));
  for (size_t t = 0; t < dim; t++) {
    double value = estimate(it, dim, t);
    /* Chunks with fewer holders than parts have conditions of their own, which are not reported. */
    assert_near(found[t], value, decodable ? allowed * DBL_EPSILON : 1e-6);
    if (decodable)
      assert_near(found_f[t], value, allowed * (double)FLT_EPSILON);
  }
  for (size_t t = dim; t < MOST_DIM; t++)
    assert_true(found[t] == 77.0 && found_f[t] == 77.0f);
  return decodable;
}

static void assert_iteration(iteration *it, size_t dim)
{
  mark(it);
  encode(it, dim);
  double error = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(it->design); i++)
    error += assert_least_squares(it, i);
  assert_near(error, (double)testudo_progress_error(it->progress), 1e-7);
  (void)assert_decodes(it, dim);
}

static bool next_vector(const testudo_design *design, int32_t *done)
{
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    if (done[j] < testudo_design_load(design, j)) {
      done[j]++;
      return true;
    }
    done[j] = 0;
  }
  return false;
}

static void every_progress_of_small_designs_decodes_or_says_so(void **state)
{
  (void)state;
  int cases = 0;
  for (int32_t load = 1; load <= 4; load++)
    for (int32_t parts = 1; parts <= load; parts++) {
      testudo_design *design = cyclic_design(4, load, parts, 100 + (uint64_t)parts);
      iteration *it = begin(design, 5);
      do {
        assert_iteration(it, 7);
        cases++;
      } while (next_vector(design, it->done));
      end(it);
      testudo_design_free(design);
    }
  assert_int_equal(cases, 16 + 2 * 81 + 3 * 256 + 4 * 625);
}

static void dimensions_that_parts_do_not_divide_are_padded(void **state)
{
  (void)state;
  for (int32_t parts = 1; parts <= 4; parts++) {
    testudo_design *design = cyclic_design(6, 5, parts, 200 + (uint64_t)parts);
    iteration *it = begin(design, 6);
    for (size_t dim = 1; dim <= 13; dim++) {
      assert_int_equal(testudo_message_length(design, dim), (dim + (size_t)parts - 1) / (size_t)parts);
      for (int32_t j = 0; j < 6; j++)
        it->done[j] = j == 2 ? 1 : 5;
      assert_iteration(it, dim);
      for (int32_t j = 0; j < 6; j++)
        it->done[j] = j == 2 ? 0 : 2;
      assert_iteration(it, dim);
    }
    end(it);
    testudo_design_free(design);
  }
}

static void random_progress_of_bigger_designs_decodes(void **state)
{
  (void)state;
  int decodable = 0, cases = 0;
  for (int32_t parts = 1; parts <= 4; parts++) {
    testudo_design *design = random_design(17, 11, parts, 300 + (uint64_t)parts);
    iteration *it = begin(design, 7);
    for (int round = 0; round < 60; round++, cases++) {
      bool late = round % 2 == 0;
      for (int32_t j = 0; j < 17; j++) {
        int32_t load = testudo_design_load(design, j);
        it->done[j] = late ? load - (int32_t)testudo_i_random_below(&it->random, 2) * (load / 2)
                           : (int32_t)testudo_i_random_below(&it->random, (uint64_t)load + 1);
      }
      assert_iteration(it, 1 + (size_t)round % 37);
      decodable += testudo_progress_decodable(it->progress);
    }
    end(it);
    testudo_design_free(design);
  }
  assert_in_range(decodable, 100, cases - 10);
}

/* The kept solutions must not leak from one progress into the next, whatever object holds it. */
static void a_codec_answers_the_same_whatever_it_answered_before(void **state)
{
  (void)state;
  testudo_design *design = random_design(9, 8, 3, 400);
  iteration *it = begin(design, 8);
  for (int round = 0; round < 100; round++) {
    for (int32_t j = 0; j < 9; j++)
      it->done[j] = (int32_t)testudo_i_random_below(&it->random, (uint64_t)testudo_design_load(design, j) + 1);
    testudo_progress_free(it->progress);
    assert_ok(testudo_progress_create(design, &it->progress, NULL));
    mark(it);
    testudo_codec *fresh;
    assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &fresh, NULL));
    for (int32_t j = 0; j < 9; j++) {
      testudo_request kept, again;
      assert_ok(testudo_request_make(it->codec, it->progress, j, &kept, NULL));
      assert_ok(testudo_request_make(fresh, it->progress, j, &again, NULL));
      assert_int_equal(kept.count, it->done[j] * 3);
      assert_int_equal(again.count, kept.count);
      assert_memory_equal(kept.coefficient, again.coefficient, kept.count * sizeof *kept.coefficient);
    }
    testudo_codec_free(fresh);
  }
  end(it);
  testudo_design_free(design);
}

static void one_part_has_the_closed_form(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(5, 3, 1, 500);
  iteration *it = begin(design, 9);
  for (int32_t j = 0; j < 5; j++)
    it->done[j] = 3;
  mark(it);
  encode(it, 4);
  const double *r = testudo_design_matrix(design);
  for (int32_t j = 0; j < 5; j++)
    for (int32_t k = 0; k < 3; k++) {
      int32_t chunk = (j + k) % 5;
      double square = 0.0;
      for (int32_t back = 0; back < 3; back++)
        square += r[(chunk + 5 - back) % 5] * r[(chunk + 5 - back) % 5];
      assert_close(it->coefficient[j][k], r[j] / square, 1e-14);
    }
  double amplification, condition;
  assert_ok(testudo_amplification(it->codec, it->progress, &amplification, &condition, NULL));
  assert_close(amplification, 1.0, 1e-15);
  assert_true(condition == 1.0);
  end(it);
  testudo_design_free(design);
}

/* One chunk, two workers, R = [[1, c], [0, s]]: Z = R^-1 = [[1, -c/s], [0, 1/s]] by hand. */
static void amplification_and_condition_equal_hand_computation(void **state)
{
  (void)state;
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, 1, 2, 2, 2);
  design->row[1] = 1;
  design->row[2] = 2;
  design->order[0] = design->order[1] = 0;
  (void)finished(design, 1);
  double c = cos(0.01), s = sin(0.01);
  memcpy(matrix_of(design), (const double[]){1.0, c, 0.0, s}, 4 * sizeof(double));
  iteration *it = begin(design, 10);
  it->done[0] = it->done[1] = 1;
  mark(it);
  encode(it, 3);
  assert_near(it->coefficient[0][0], 1.0, 1e-12);
  assert_close(it->coefficient[0][1], -c / s, 1e-12);
  assert_near(it->coefficient[1][0], 0.0, 1e-12);
  assert_close(it->coefficient[1][1], 1.0 / s, 1e-12);
  double amplification, condition;
  assert_ok(testudo_amplification(it->codec, it->progress, &amplification, &condition, NULL));
  assert_close(amplification, 1.0, 1e-12);
  /* Columns at angle a: singular values sqrt(1 +- cos a). */
  assert_close(condition, sqrt((1.0 + c) / (1.0 - c)), 1e-9);
  assert_ok(testudo_amplification(it->codec, it->progress, NULL, NULL, NULL));
  memcpy(matrix_of(design), (const double[]){2.0, 1.0, 1.0, 1.0}, 4 * sizeof(double));
  testudo_codec *codec;
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_ok(testudo_amplification(codec, it->progress, &amplification, NULL, NULL));
  /* Z = [[1, -1], [-1, 2]]: part 0 gives 2*1 + 1*1, part 1 gives 1*1 + 1*2. */
  assert_close(amplification, 3.0, 1e-14);
  testudo_codec_free(codec);
  end(it);
  testudo_design_free(design);
}

static void a_singular_code_reports_an_infinite_condition(void **state)
{
  (void)state;
  for (int32_t parts = 1; parts <= 2; parts++) {
    testudo_design *design = cyclic_design(2, 2, parts, 1);
    memset(matrix_of(design), 0, 2 * (size_t)parts * sizeof(double));
    iteration *it = begin(design, 11);
    it->done[0] = it->done[1] = 2;
    mark(it);
    double amplification, condition;
    assert_ok(testudo_amplification(it->codec, it->progress, &amplification, &condition, NULL));
    assert_true(condition == HUGE_VAL && amplification == 1.0);
    encode(it, 5);
    assert_true(it->message[0][0] == 0.0);
    end(it);
    testudo_design_free(design);
  }
}

static void uncoded_is_the_plain_sum(void **state)
{
  (void)state;
  testudo_design *design = uncoded_design(3, 7, TESTUDO_SCHEME_UNCODED, 0);
  iteration *it = begin(design, 12);
  const int32_t vectors[][3] = {{3, 2, 2}, {3, 1, 0}, {0, 0, 0}};
  for (int v = 0; v < 3; v++) {
    memcpy(it->done, vectors[v], sizeof vectors[v]);
    mark(it);
    encode(it, 40);
    const double *messages[] = {it->message[0], it->message[1], v == 0 ? it->message[2] : NULL};
    double found[40];
    testudo_error error = {""};
    assert_status(testudo_decode_double(it->codec, it->progress, messages, 40, found, &error),
                  v == 0 ? TESTUDO_OK : TESTUDO_UNDECODABLE);
    if (v == 1)
      assert_string_equal(error.text,
                          "the gradient is not decodable yet: scheme uncoded waits for every worker to finish");
    assert_ok(testudo_decode_approximate_double(it->codec, it->progress, messages, 40, found, NULL));
    for (int t = 0; t < 40; t++) {
      double sum = 0.0;
      for (int32_t j = 0; j < 3; j++)
        for (int32_t k = 0; k < it->done[j]; k++)
          sum += it->gradient[j + 3 * k][t];
      assert_near(found[t], sum, 1e-14);
    }
    double amplification, condition;
    assert_ok(testudo_amplification(it->codec, it->progress, &amplification, &condition, NULL));
    assert_true(amplification == 1.0 && condition == 1.0);
  }
  end(it);
  testudo_design_free(design);
}

static void refuses_arguments_out_of_range(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(4, 2, 1, 1), *twin = cyclic_design(4, 2, 1, 1);
  iteration *it = begin(design, 13);
  testudo_progress *foreign;
  assert_ok(testudo_progress_create(twin, &foreign, NULL));
  testudo_error error;
  double numbers[16] = {0.0};
  float floats[16] = {0.0f};
  const double *gradients[] = {numbers, NULL}, *messages[4] = {NULL, NULL, NULL, NULL};
  const float *floats_in[] = {floats, floats};
  it->done[1] = 2;
  mark(it);
  testudo_request request;
  assert_status(testudo_request_make(it->codec, foreign, 0, &request, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the progress and the codec belong to different designs");
  assert_status(testudo_amplification(it->codec, foreign, NULL, NULL, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_decode_error(it->codec, foreign, numbers, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_decode_weights(it->codec, foreign, 0, numbers, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_decode_weights(it->codec, it->progress, 1, numbers, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "part 1, but parts are 0..0");
  assert_status(testudo_decode_double(it->codec, foreign, messages, 3, numbers, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_request_make(it->codec, it->progress, 4, &request, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "worker 4, but workers are 0..3");
  assert_status(testudo_request_make(it->codec, it->progress, -1, &request, &error), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(request.chunks, 0);
  assert_ok(testudo_request_make(it->codec, it->progress, 1, &request, NULL));
  assert_status(testudo_encode_float(it->codec, &request, floats_in, 0, floats, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "dim: 0, but it must be at least 1");
  assert_status(testudo_encode_double(it->codec, &request, gradients, 3, numbers, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "gradients[1] is missing, but that chunk or worker is done");
  assert_status(testudo_decode_approximate_double(it->codec, it->progress, messages, 3, numbers, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "messages[1] is missing, but that chunk or worker is done");
  assert_status(testudo_decode_approximate_double(it->codec, it->progress, messages, 0, numbers, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_message_length(design, 0), 0);
  testudo_progress_free(foreign);
  end(it);
  testudo_design_free(design);
  testudo_design_free(twin);
}

/* The estimate of ignore-stragglers is the plain sum of what the finished workers hold. */
static void ignoring_stragglers_sums_what_finished(void **state)
{
  (void)state;
  testudo_design *design = uncoded_design(3, 6, TESTUDO_SCHEME_IGNORE_STRAGGLERS, 2);
  testudo_codec *codec;
  testudo_progress *progress;
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_progress_mark(progress, 2, 2, NULL));
  assert_ok(testudo_progress_mark(progress, 1, 1, NULL));
  double messages[3] = {1e9, 1e9, 3.25}, found = 0.0;
  const double *message[3] = {&messages[0], &messages[1], &messages[2]};
  assert_false(testudo_progress_decodable(progress));
  assert_status(testudo_decode_double(codec, progress, message, 1, &found, NULL), TESTUDO_UNDECODABLE);
  assert_ok(testudo_progress_mark(progress, 0, 2, NULL));
  messages[0] = -1.5;
  assert_true(testudo_progress_decodable(progress));
  assert_int_equal(testudo_progress_error(progress), 2);
  assert_ok(testudo_decode_double(codec, progress, message, 1, &found, NULL));
  assert_true(found == 1.75);
  testudo_progress_free(progress);
  testudo_codec_free(codec);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_progress_of_small_designs_decodes_or_says_so),
      cmocka_unit_test(dimensions_that_parts_do_not_divide_are_padded),
      cmocka_unit_test(random_progress_of_bigger_designs_decodes),
      cmocka_unit_test(a_codec_answers_the_same_whatever_it_answered_before),
      cmocka_unit_test(one_part_has_the_closed_form),
      cmocka_unit_test(amplification_and_condition_equal_hand_computation),
      cmocka_unit_test(a_singular_code_reports_an_infinite_condition),
      cmocka_unit_test(uncoded_is_the_plain_sum),
      cmocka_unit_test(refuses_arguments_out_of_range),
      cmocka_unit_test(ignoring_stragglers_sums_what_finished),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
