/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient codes with parts against the true sum, the equations that make them, and a least squares made here. */
#include "check.h"

#include <string.h>

#include <testudo/code.h>
#include <testudo/exact.h>
#include <testudo/runtime.h>

#include "base/random.h"
#include "linalg/solve.h"
#include "runtime/scheme/gradient_code_parts.h"

enum { DIM = 11, MOST = 16, MOST_PARTS = 5 };

static const int32_t cases[][3] = {{2, 0, 2}, {2, 1, 1},  {3, 1, 2},  {4, 2, 2},  {5, 1, 2}, {5, 2, 1},
                                   {6, 0, 3}, {6, 2, 4},  {7, 2, 3},  {8, 3, 2},  {9, 1, 5}, {10, 3, 4}};
enum { CASES = sizeof cases / sizeof *cases };

static testudo_design *parts_code(int32_t n, int32_t s, int32_t l, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, s + l, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code_parts(&assignment, s, l, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  assert_int_equal(testudo_design_scheme(design), TESTUDO_SCHEME_GRADIENT_CODE_PARTS);
  assert_int_equal(testudo_design_parts(design), l);
  return design;
}

typedef struct trial {
  testudo_design *design;
  testudo_codec *codec;
  testudo_progress *progress;
  double gradient[MOST][DIM], message[MOST][DIM], sum[DIM], found[DIM];
  float gradient_f[MOST][DIM], message_f[MOST][DIM], found_f[DIM];
} trial;

static trial *open_trial(testudo_design *design)
{
  trial *t = calloc(1, sizeof *t);
  testudo_i_random random;
  assert_non_null(t);
  t->design = design;
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &t->codec, NULL));
  assert_ok(testudo_progress_create(design, &t->progress, NULL));
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, 77, 0);
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    for (int k = 0; k < DIM; k++) {
      t->gradient[i][k] = t->gradient_f[i][k] = (float)testudo_i_random_normal(&random);
      t->sum[k] += t->gradient[i][k];
    }
  return t;
}

static void close_trial(trial *t)
{
  testudo_codec_free(t->codec);
  testudo_progress_free(t->progress);
  testudo_design_free(t->design);
  free(t);
}

static void finish_set(trial *t, unsigned set)
{
  testudo_progress_reset(t->progress);
  for (int32_t j = 0; j < testudo_design_workers(t->design); j++)
    if (set >> j & 1)
      assert_ok(testudo_progress_mark(t->progress, j, testudo_design_load(t->design, j), NULL));
}

/* Both types; answers the largest relative error in double. */
static double decode_set(trial *t)
{
  const double *messages[MOST] = {NULL}, *gradients[MOST];
  const float *messages_f[MOST] = {NULL}, *gradients_f[MOST];
  for (int32_t j = 0; j < testudo_design_workers(t->design); j++) {
    testudo_request request;
    assert_ok(testudo_request_make(t->codec, t->progress, j, &request, NULL));
    if (request.chunks == 0)
      continue;
    assert_int_equal(request.rows, testudo_design_parts(t->design));
    for (int32_t k = 0; k < request.chunks; k++) {
      gradients[k] = t->gradient[testudo_design_order(t->design, j)[k]];
      gradients_f[k] = t->gradient_f[testudo_design_order(t->design, j)[k]];
    }
    assert_ok(testudo_encode_double(t->codec, &request, gradients, DIM, t->message[j], NULL));
    assert_ok(testudo_encode_float(t->codec, &request, gradients_f, DIM, t->message_f[j], NULL));
    messages[j] = t->message[j];
    messages_f[j] = t->message_f[j];
  }
  assert_ok(testudo_decode_double(t->codec, t->progress, messages, DIM, t->found, NULL));
  assert_ok(testudo_decode_float(t->codec, t->progress, messages_f, DIM, t->found_f, NULL));
  double away = 0.0, away_f = 0.0, size = 0.0;
  for (int k = 0; k < DIM; k++) {
    away += pow(t->found[k] - t->sum[k], 2);
    away_f += pow((double)t->found_f[k] - t->sum[k], 2);
    size += t->sum[k] * t->sum[k];
  }
  assert_true(sqrt(away_f / size) < 1e-2);
  return sqrt(away / size);
}

static void every_set_of_stragglers_gives_the_true_sum(void **state)
{
  (void)state;
  for (int c = 0; c < CASES; c++) {
    int32_t n = cases[c][0], s = cases[c][1];
    trial *t = open_trial(parts_code(n, s, cases[c][2], 5));
    for (unsigned set = 0; set < 1u << n; set++) {
      finish_set(t, set);
      bool enough = __builtin_popcount(set) >= n - s;
      assert_int_equal(testudo_progress_decodable(t->progress), enough);
      if (enough)
        assert_true(decode_set(t) < 1e-9);
    }
    close_trial(t);
  }
}

/* (B_i V_j)_p with B_i = [C | I]: for chunk i and part p there is one row b with b V_j = the coefficient of every
   holder and 0 for the others, and it ends in a row of I. Solved here from all n columns by least squares. */
static void the_coefficients_are_products_with_v(void **state)
{
  (void)state;
  for (int c = 0; c < CASES; c++) {
    int32_t n = cases[c][0], l = cases[c][2], rows = n - cases[c][1], pivot[MOST];
    testudo_design *design = parts_code(n, cases[c][1], l, 9);
    const testudo_i_parts_code *code = design->code;
    double room[4096], a[MOST * MOST], b[MOST];
    assert_true(testudo_i_least_squares_room(n, rows) <= 4096);
    for (int32_t i = 0; i < n; i++)
      for (int32_t p = 0; p < l; p++) {
        memset(b, 0, sizeof b);
        for (int32_t h = 0; h < testudo_design_replication(design, i); h++) {
          int32_t j = testudo_design_holders(design, i)[h];
          int64_t entry = design->row[j] + testudo_design_places(design, i)[h] - 1;
          b[j] = code->coefficient[entry * l + p];
        }
        for (int32_t k = 0; k < rows; k++)
          for (int32_t j = 0; j < n; j++)
            a[k * n + j] = code->matrix[k * n + j];
        assert_ok(testudo_i_least_squares(n, rows, a, b, 1e-13, pivot, room, NULL));
        for (int32_t q = 0; q < l; q++)
          assert_true(fabs(b[rows - l + q] - (q == p)) < 1e-8);
      }
    testudo_design_free(design);
  }
}

/* The error of weights that a least squares of normal equations would not improve: the gradient of the error by every
   weight is 0, and the error is what the messages say. */
static void of_too_few_workers_the_error_is_the_least(void **state)
{
  (void)state;
  for (int c = 0; c < CASES; c++) {
    int32_t n = cases[c][0], s = cases[c][1], l = cases[c][2];
    trial *t = open_trial(parts_code(n, s, l, 3));
    const testudo_i_parts_code *code = t->design->code;
    for (unsigned set = 0; set < 1u << n; set++) {
      if (__builtin_popcount(set) >= n - s)
        continue;
      double found, error = 0.0;
      finish_set(t, set);
      assert_ok(testudo_decode_error(t->codec, t->progress, &found, NULL));
      for (int32_t part = 0; part < l; part++) {
        double weight[MOST];
        double left[MOST][MOST_PARTS] = {{0}};
        assert_ok(testudo_decode_weights(t->codec, t->progress, part, weight, NULL));
        for (int32_t i = 0; i < n; i++)
          left[i][part] = -1.0;
        for (int32_t j = 0; j < n; j++) {
          assert_true(set >> j & 1 || weight[j] == 0.0);
          for (int64_t e = t->design->row[j]; e < t->design->row[j + 1]; e++)
            for (int32_t q = 0; q < l; q++)
              left[t->design->order[e]][q] += weight[j] * code->coefficient[e * l + q];
        }
        for (int32_t i = 0; i < n; i++)
          for (int32_t q = 0; q < l; q++)
            error += left[i][q] * left[i][q];
        for (int32_t j = 0; j < n; j++) {
          double slope = 0.0, size = 0.0;
          for (int64_t e = t->design->row[j]; set >> j & 1 && e < t->design->row[j + 1]; e++)
            for (int32_t q = 0; q < l; q++) {
              slope += code->coefficient[e * l + q] * left[t->design->order[e]][q];
              size += fabs(code->coefficient[e * l + q]);
            }
          assert_true(fabs(slope) <= 1e-8 * (1.0 + size));
        }
      }
      assert_true(fabs(found - error) <= 1e-9 * (1.0 + error));
      assert_true(found <= n * l * (1.0 + 1e-12));
    }
    close_trial(t);
  }
}

static void the_law_is_an_order_statistic_of_longer_loads(void **state)
{
  (void)state;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:2", &law, NULL));
  const testudo_delay_model model = {.law = law};
  const testudo_analysis_options options = {.max_states = 1000, .rel_error = 1e-11};
  for (int c = 0; c < CASES; c++) {
    int32_t n = cases[c][0], s = cases[c][1], l = cases[c][2];
    testudo_design *design = parts_code(n, s, l, 1);
    testudo_latency *latency;
    testudo_summary summary;
    double wanted = 0.0;
    assert_ok(testudo_latency_create(design, &model, &options, &latency, NULL));
    assert_ok(testudo_latency_summary(latency, &summary, NULL));
    for (int32_t k = s + 1; k <= n; k++)
      wanted += (s + l) / 2.0 / k;
    assert_true(testudo_latency_is_exact(latency));
    assert_true(fabs(summary.mean - wanted) <= 1e-10 * wanted);
    testudo_latency_free(latency);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* One number wrong, and the decoder says so instead of giving a sum. */
static void a_wrong_coefficient_is_noticed(void **state)
{
  (void)state;
  trial *t = open_trial(parts_code(7, 2, 3, 5));
  ((testudo_i_parts_code *)t->design->code)->coefficient[4] += 1e-3;
  const double *messages[MOST] = {NULL};
  testudo_error error;
  finish_set(t, 0x7f);
  for (int32_t j = 0; j < 7; j++)
    messages[j] = t->message[j];
  assert_status(testudo_decode_double(t->codec, t->progress, messages, DIM, t->found, &error), TESTUDO_UNDECODABLE);
  assert_non_null(strstr(error.text, "do not give the gradient"));
  close_trial(t);
}

static void refuses(const char *text, const char *sentence)
{
  testudo_design *design;
  testudo_error error = {""};
  assert_status(testudo_design_parse(text, strlen(text), "d", &design, &error), TESTUDO_ERROR_INPUT);
  if (strcmp(error.text, sentence) != 0)
    fail_msg("said \"%s\", wanted \"%s\"", error.text, sentence);
}

#define HEAD                                                                                                         \
  "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"gradient-code-parts\",\"chunks\":2,\"workers\":2,"
#define CODE "\"code\":{\"kind\":\"gradient-code-parts\","

static void broken_files_get_a_sentence(void **state)
{
  (void)state;
  static const char both[] = HEAD "\"parts\":2,\"order\":[[0,1],[0,1]],";
  char text[1024];
  static const char *const broken[][2] = {
      {"\"stragglers\":0,\"matrix\":[[1,0],[0,1]],\"coefficients\":[[[1,0],[1,0]]]}}",
       "d: code.coefficients: has 1 items, but workers is 2"},
      {"\"stragglers\":0,\"matrix\":[[1,0],[0,1]],\"coefficients\":[[[1,0]],[[0,1],[0,1]]]}}",
       "d: code.coefficients[0]: has 1 rows, but the worker's load is 2"},
      {"\"stragglers\":0,\"matrix\":[[1,0],[0,1]],\"coefficients\":[[[1,0],[1]],[[0,1],[0,1]]]}}",
       "d: code.coefficients[0][1]: has 1 numbers, but parts is 2"},
      {"\"stragglers\":0,\"matrix\":[[1,0]],\"coefficients\":[]}}",
       "d: code.matrix: has 1 rows, but workers - stragglers is 2"},
      {"\"stragglers\":1,\"matrix\":[[1,0]],\"coefficients\":[]}}",
       "d: stragglers: 1 and 2 parts of 2 workers, but both together are at most the workers"},
      {"\"stragglers\":0,\"matrix\":[[1,0],[0,1]]}}", "d: code.coefficients: missing"},
  };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    snprintf(text, sizeof text, "%s%s%s", both, CODE, broken[k][0]);
    refuses(text, broken[k][1]);
  }
  refuses(HEAD "\"parts\":2,\"order\":[[0,1],[0]]," CODE
               "\"stragglers\":0,\"matrix\":[[1,0],[0,1]],\"coefficients\":[[[1,0],[1,0]],[[0,1]]]}}",
          "d: order: chunk 1 is held by 1 worker, but 0 stragglers and 2 parts need every chunk on at least 2");
}

static void what_cannot_be_made_is_refused(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_design *design;
  testudo_error error;
  assert_ok(testudo_assignment_cyclic(5, 2, &assignment, NULL));
  assert_status(testudo_design_create_gradient_code_parts(&assignment, 1, 2, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "need every chunk on 3 workers"));
  assert_null(design);
  testudo_assignment_free(&assignment);
  assert_ok(testudo_assignment_cyclic(1001, 2, &assignment, NULL));
  assert_status(testudo_design_create_gradient_code_parts(&assignment, 0, 2, 1, "", &design, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "has at most 1000"));
  testudo_assignment_free(&assignment);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_set_of_stragglers_gives_the_true_sum),
      cmocka_unit_test(the_coefficients_are_products_with_v),
      cmocka_unit_test(of_too_few_workers_the_error_is_the_least),
      cmocka_unit_test(the_law_is_an_order_statistic_of_longer_loads),
      cmocka_unit_test(a_wrong_coefficient_is_noticed),
      cmocka_unit_test(broken_files_get_a_sentence),
      cmocka_unit_test(what_cannot_be_made_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
