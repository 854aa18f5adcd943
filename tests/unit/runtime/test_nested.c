/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested gradient codes through the runtime: who is announced when, and the sum on every progress that is announced. */
#include "check.h"

#include <float.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/random.h"

#define DIM 3
#define MOST 50

typedef struct rig {
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  int32_t n, load, levels;
  const int32_t *tolerance;
  double gradient[MOST * DIM], message[MOST * DIM], truth[DIM];
  long announced, refused, waiting;
  double worst, worst_amplification;
} rig;

static testudo_design *nested_of(int32_t n, const int32_t *tolerance, int32_t levels, uint64_t seed)
{
  testudo_design *design;
  testudo_error error = {""};
  if (testudo_design_create_nested(n, tolerance, levels, seed, "", &design, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return design;
}

static void open_rig(rig *r, int32_t n, const int32_t *tolerance, int32_t levels, uint64_t seed)
{
  memset(r, 0, sizeof *r);
  r->design = nested_of(n, tolerance, levels, seed);
  r->n = n;
  r->tolerance = testudo_design_tolerances(r->design, &r->levels);
  r->load = testudo_design_max_load(r->design);
  assert_int_equal(r->levels, levels);
  assert_ok(testudo_progress_create(r->design, &r->progress, NULL));
  assert_ok(testudo_codec_create(r->design, TESTUDO_DECODER_EXACT, &r->codec, NULL));
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t e = 0; e < n * DIM; e++) {
    r->gradient[e] = testudo_i_random_normal(&random);
    r->truth[e % DIM] += r->gradient[e];
  }
}

static void close_rig(rig *r)
{
  testudo_codec_free(r->codec);
  testudo_progress_free(r->progress);
  testudo_design_free(r->design);
}

/* The rule of docs/theory/nested.md#the-protocol, from the progress alone: the smallest s that n - s workers have
   reached, or -1. */
static int32_t by_rule(const rig *r, const int32_t *done)
{
  for (int32_t level = 0; level < r->levels; level++) {
    int32_t s = r->tolerance[level], reached = 0;
    for (int32_t j = 0; j < r->n; j++)
      reached += done[j] >= s + 1;
    if (reached >= r->n - s)
      return s;
  }
  return -1;
}

/* Marks worker after worker; what must be announced is settled by the first mark that makes the rule true. */
static int32_t mark(rig *r, const int32_t *done)
{
  int32_t so_far[MOST] = {0}, first = -1;
  testudo_progress_reset(r->progress);
  assert_int_equal(testudo_progress_announced(r->progress), -1);
  for (int32_t j = 0; j < r->n; j++) {
    assert_ok(testudo_progress_mark(r->progress, j, done[j], NULL));
    so_far[j] = done[j];
    if (first < 0)
      first = by_rule(r, so_far);
    assert_int_equal(testudo_progress_announced(r->progress), first);
    assert_int_equal(testudo_progress_decodable(r->progress), first >= 0);
  }
  assert_int_equal(first >= 0, by_rule(r, done) >= 0);
  return first;
}

/* Own arithmetic: row j of B^(s), from the design's coefficients. */
static void encode_by_hand(const rig *r, int32_t level, int32_t worker, double *message)
{
  const double *row = testudo_design_nested_coefficients(r->design, level, worker);
  memset(message, 0, DIM * sizeof *message);
  for (int32_t k = 0; k <= r->tolerance[level]; k++)
    for (int32_t t = 0; t < DIM; t++)
      message[t] += row[k] * r->gradient[(worker + k) % r->n * DIM + t];
}

/* What a worker is not asked for stays NAN. */
static void encode_all(rig *r, int32_t announced, const double **message)
{
  double by_hand[DIM];
  const double *input[MOST];
  int32_t level = 0;
  while (level < r->levels - 1 && r->tolerance[level] != announced)
    level++;
  for (int32_t j = 0; j < r->n; j++) {
    testudo_request request;
    int32_t done = testudo_progress_done(r->progress, j);
    double *at = r->message + j * DIM;
    for (int32_t k = 0; k < done; k++)
      input[k] = r->gradient + (j + k) % r->n * DIM;
    for (int32_t t = 0; t < DIM; t++)
      at[t] = NAN;
    message[j] = NULL;
    assert_ok(testudo_request_make(r->codec, r->progress, j, &request, NULL));
    if (announced >= 0)
      assert_int_equal(request.chunks, done >= announced + 1 ? announced + 1 : 0);
    if (request.chunks == 0)
      continue;
    assert_int_equal(request.rows, 1);
    assert_ok(testudo_encode_double(r->codec, &request, input, DIM, at, NULL));
    message[j] = at;
    if (announced < 0)
      continue;
    encode_by_hand(r, level, j, by_hand);
    for (int32_t t = 0; t < DIM; t++)
      assert_near(at[t], by_hand[t], 1e-12 * (1.0 + fabs(by_hand[t])));
  }
}

static double missed(const rig *r, const double *found)
{
  double away = 0.0, size = 0.0;
  for (int32_t t = 0; t < DIM; t++) {
    away += (found[t] - r->truth[t]) * (found[t] - r->truth[t]);
    size += r->truth[t] * r->truth[t];
  }
  return sqrt(away / size);
}

static void decode_progress(rig *r, const int32_t *done)
{
  int32_t announced = mark(r, done);
  const double *message[MOST];
  double found[DIM] = {42.0}, amplification;
  encode_all(r, announced, message);
  testudo_status status = testudo_decode_double(r->codec, r->progress, message, DIM, found, NULL);
  if (announced < 0) {
    assert_status(status, TESTUDO_UNDECODABLE);
    assert_true(found[0] == 42.0);
    r->waiting++;
    return;
  }
  assert_int_equal(testudo_progress_error(r->progress), 0);
  r->announced++;
  if (status == TESTUDO_UNDECODABLE) {
    r->refused++;
    return;
  }
  assert_ok(status);
  assert_ok(testudo_amplification(r->codec, r->progress, &amplification, NULL, NULL));
  double error = missed(r, found);
  if (!(error <= fmax(1e-9, 100.0 * DBL_EPSILON * amplification)))
    fail_msg("n=%d announced %d: relative error %.3g, amplification %.3g", (int)r->n, (int)announced, error,
             amplification);
  r->worst = fmax(r->worst, error);
  r->worst_amplification = fmax(r->worst_amplification, amplification);
}

static int32_t set_of(unsigned bits, int32_t *tolerance)
{
  int32_t levels = 0;
  for (int32_t s = 0; bits >> s != 0; s++)
    if (bits >> s & 1)
      tolerance[levels++] = s;
  return levels;
}

static void every_progress_vector_up_to_5_workers_and_every_tolerance_set(void **state)
{
  (void)state;
  long announced = 0, waiting = 0;
  for (int32_t n = 1; n <= 5; n++)
    for (unsigned bits = 1; bits < 1u << n; bits++) {
      int32_t tolerance[5], done[5] = {0}, levels = set_of(bits, tolerance);
      rig r;
      open_rig(&r, n, tolerance, levels, 100u * (unsigned)n + bits);
      for (bool more = true; more;) {
        decode_progress(&r, done);
        int32_t j = 0;
        while (j < n && ++done[j] > r.load)
          done[j++] = 0;
        more = j < n;
      }
      assert_int_equal(r.refused, 0);
      announced += r.announced;
      waiting += r.waiting;
      close_rig(&r);
    }
  print_message("%ld progress vectors decoded, %ld not yet decodable\n", announced, waiting);
  assert_true(announced > 10000 && waiting > 10000);
}

static void random_progress_of_up_to_50_workers(void **state)
{
  (void)state;
  const struct {
    int32_t n, levels, tolerance[4];
  } size[] = {{10, 4, {0, 1, 2, 3}}, {20, 3, {0, 2, 5}}, {50, 4, {1, 2, 3, 4}}, {50, 1, {3}}};
  for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
    rig r;
    open_rig(&r, size[k].n, size[k].tolerance, size[k].levels, 7u + k);
    testudo_i_random random;
    testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, k, 0);
    for (int draw = 0; draw < 3000; draw++) {
      int32_t done[MOST], slow = (int32_t)testudo_i_random_below(&random, (uint64_t)r.load + 2);
      for (int32_t j = 0; j < r.n; j++)
        done[j] = r.load;
      for (int32_t v = 0; v < slow; v++)
        done[testudo_i_random_below(&random, (uint64_t)r.n)] =
            (int32_t)testudo_i_random_below(&random, (uint64_t)r.load + 1);
      decode_progress(&r, done);
    }
    print_message("n=%d: %ld decoded, refused %ld, worst error %.2g, worst amplification %.3g\n", (int)r.n,
                  r.announced, r.refused, r.worst, r.worst_amplification);
    assert_true(r.announced > 1000);
    assert_true(r.refused <= 3);
    close_rig(&r);
  }
}

/* min over s of || 1 - projection of 1 on the rows of B^(s) received ||^2, by modified Gram-Schmidt, done twice. */
static double brute_error(const rig *r, const int32_t *done)
{
  double least = HUGE_VAL;
  for (int32_t level = 0; level < r->levels; level++) {
    double base[MOST][MOST], rest[MOST];
    int32_t count = 0, n = r->n;
    for (int32_t i = 0; i < n; i++)
      rest[i] = 1.0;
    for (int32_t j = 0; j < n; j++) {
      if (done[j] < r->tolerance[level] + 1)
        continue;
      double *v = base[count], size = 0.0;
      memset(v, 0, sizeof base[0]);
      const double *row = testudo_design_nested_coefficients(r->design, level, j);
      for (int32_t k = 0; k <= r->tolerance[level]; k++)
        v[(j + k) % n] = row[k], size += row[k] * row[k];
      for (int pass = 0; pass < 2; pass++)
        for (int32_t b = 0; b < count; b++) {
          double dot = 0.0;
          for (int32_t i = 0; i < n; i++)
            dot += v[i] * base[b][i];
          for (int32_t i = 0; i < n; i++)
            v[i] -= dot * base[b][i];
        }
      double left = 0.0, dot = 0.0;
      for (int32_t i = 0; i < n; i++)
        left += v[i] * v[i];
      if (left <= 1e-20 * size)
        continue;
      for (int32_t i = 0; i < n; i++)
        v[i] /= sqrt(left);
      for (int32_t i = 0; i < n; i++)
        dot += v[i] * rest[i];
      for (int32_t i = 0; i < n; i++)
        rest[i] -= dot * v[i];
      count++;
    }
    double square = 0.0;
    for (int32_t i = 0; i < n; i++)
      square += rest[i] * rest[i];
    least = fmin(least, square);
  }
  return least;
}

static void before_the_announcement_the_best_tolerance_is_used(void **state)
{
  (void)state;
  rig r;
  const int32_t tolerance[] = {0, 1, 3};
  open_rig(&r, 7, tolerance, 3, 5);
  testudo_i_random random;
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 0, 0);
  int waiting = 0;
  for (int draw = 0; draw < 2000; draw++) {
    int32_t done[7];
    for (int32_t j = 0; j < 7; j++)
      done[j] = (int32_t)testudo_i_random_below(&random, 5);
    int32_t announced = mark(&r, done);
    double found;
    assert_ok(testudo_decode_error(r.codec, r.progress, &found, NULL));
    if (announced >= 0) {
      assert_near(found, 0.0, 1e-18);
      continue;
    }
    waiting++;
    assert_near(found, brute_error(&r, done), 1e-9);
    int64_t uncovered = testudo_progress_error(r.progress);
    assert_true(found >= (double)uncovered - 1e-9);
    /* The messages of that tolerance, combined by the decode vector, give the estimate of that error. */
    const double *message[MOST];
    double vector[7], estimate[DIM], by_hand[DIM] = {0};
    encode_all(&r, -1, message);
    assert_ok(testudo_decode_approximate_double(r.codec, r.progress, message, DIM, estimate, NULL));
    assert_ok(testudo_decode_weights(r.codec, r.progress, 0, vector, NULL));
    for (int32_t j = 0; j < 7; j++)
      for (int32_t t = 0; t < DIM; t++)
        by_hand[t] += vector[j] * (vector[j] == 0.0 ? 0.0 : r.message[j * DIM + t]);
    for (int32_t t = 0; t < DIM; t++)
      assert_near(estimate[t], by_hand[t], 1e-9);
  }
  assert_true(waiting > 500 && waiting < 2000);
  close_rig(&r);
}

static void what_was_announced_first_stays_and_the_codec_follows_it(void **state)
{
  (void)state;
  rig r;
  const int32_t tolerance[] = {0, 1, 2};
  open_rig(&r, 4, tolerance, 3, 5);
  testudo_progress *other;
  assert_ok(testudo_progress_create(r.design, &other, NULL));
  /* Two workers with 3 chunks announce 2; the others' chunks come later and change nothing. */
  assert_ok(testudo_progress_mark(r.progress, 0, 3, NULL));
  assert_ok(testudo_progress_mark(r.progress, 1, 3, NULL));
  for (int32_t j = 2; j < 4; j++)
    assert_ok(testudo_progress_mark(r.progress, j, 3, NULL));
  assert_int_equal(testudo_progress_announced(r.progress), 2);
  /* The same chunks done, but here all four have one chunk before any has two. */
  for (int32_t done = 1; done <= 3; done++)
    for (int32_t j = 0; j < 4; j++)
      assert_ok(testudo_progress_mark(other, j, done, NULL));
  assert_int_equal(testudo_progress_announced(other), 0);
  for (int turn = 0; turn < 2; turn++) {
    double vector[4];
    testudo_request request;
    assert_ok(testudo_decode_weights(r.codec, other, 0, vector, NULL));
    for (int32_t j = 0; j < 4; j++)
      assert_near(vector[j], 1.0, 1e-12); /* B^(0) is the identity */
    assert_ok(testudo_request_make(r.codec, r.progress, 3, &request, NULL));
    assert_int_equal(request.chunks, 3);
    for (int32_t k = 0; k < 3; k++)
      assert_true(request.coefficient[k] == testudo_design_nested_coefficients(r.design, 2, 3)[k]);
    assert_ok(testudo_decode_weights(r.codec, r.progress, 0, vector, NULL));
    double sum[4] = {0};
    for (int32_t j = 0; j < 4; j++)
      for (int32_t k = 0; k < 3; k++)
        sum[(j + k) % 4] += vector[j] * testudo_design_nested_coefficients(r.design, 2, j)[k];
    for (int32_t i = 0; i < 4; i++)
      assert_near(sum[i], 1.0, 1e-9);
    assert_ok(testudo_request_make(r.codec, other, 3, &request, NULL));
    assert_int_equal(request.chunks, 1);
    assert_true(request.coefficient[0] == 1.0);
  }
  testudo_progress_free(other);
  close_rig(&r);
}

static void one_mark_that_makes_two_tolerances_true_announces_the_smaller(void **state)
{
  (void)state;
  rig r;
  const int32_t tolerance[] = {1, 2};
  open_rig(&r, 3, tolerance, 2, 5);
  assert_ok(testudo_progress_mark(r.progress, 0, 2, NULL));
  assert_int_equal(testudo_progress_announced(r.progress), -1);
  assert_ok(testudo_progress_mark(r.progress, 1, 3, NULL));
  assert_int_equal(testudo_progress_announced(r.progress), 1);
  close_rig(&r);
}

/* A row changed by a tenth: what passed by the rule must not pass silently. */
static void a_broken_row_is_refused(void **state)
{
  (void)state;
  rig r;
  const int32_t tolerance[] = {0, 2};
  int32_t done[6] = {3, 3, 3, 3, 0, 1};
  open_rig(&r, 6, tolerance, 2, 5);
  decode_progress(&r, done);
  assert_int_equal(r.refused, 0);
  double *row = (double *)(uintptr_t)testudo_design_nested_coefficients(r.design, 1, 2);
  row[1] *= 1.1;
  testudo_codec_free(r.codec);
  assert_ok(testudo_codec_create(r.design, TESTUDO_DECODER_EXACT, &r.codec, NULL));
  decode_progress(&r, done);
  assert_int_equal(r.refused, 1);
  close_rig(&r);
}

static void refuses_wrong_tolerances(void **state)
{
  (void)state;
  static const struct {
    int32_t n, levels, tolerance[3];
    const char *sentence;
  } wrong[] = {
      {4, 0, {0}, "tolerances: the largest of 0 is -1, but it must be in 0..workers - 1 = 3"},
      {4, 2, {0, 4}, "tolerances: the largest of 2 is 4, but it must be in 0..workers - 1 = 3"},
      {4, 2, {-1, 2}, "code.tolerances[0]: -1, but it must be in 0..3 (workers - 1)"},
      {4, 3, {0, 2, 2}, "code.tolerances[2]: 2, but it must be more than the one before it, 2"},
      {4, 2, {3, 1}, "code.tolerances[1]: 1, but it must be more than the one before it, 3"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_design *design = (testudo_design *)&design;
    testudo_error error = {""};
    assert_status(testudo_design_create_nested(wrong[k].n, wrong[k].tolerance, wrong[k].levels, 1, "", &design, &error),
                  TESTUDO_ERROR_ARGUMENT);
    assert_string_equal(error.text, wrong[k].sentence);
    assert_null(design);
  }
}

static void tolerances_draw_independent_codes(void **state)
{
  (void)state;
  const int32_t both[] = {1, 2}, one[] = {2};
  testudo_design *a = nested_of(6, both, 2, 9), *b = nested_of(6, one, 1, 9), *c = nested_of(6, one, 1, 10);
  for (int32_t j = 0; j < 6; j++)
    for (int32_t k = 1; k <= 2; k++) {
      double first = testudo_design_nested_coefficients(a, 1, j)[k];
      assert_true(first == testudo_design_nested_coefficients(b, 0, j)[k]);
      assert_true(first != testudo_design_nested_coefficients(c, 0, j)[k]);
    }
  assert_true(testudo_design_nested_coefficients(a, 0, 3)[1] != testudo_design_nested_coefficients(a, 1, 3)[1]);
  assert_null(testudo_design_nested_coefficients(a, 2, 0));
  testudo_design_free(a);
  testudo_design_free(b);
  testudo_design_free(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_progress_vector_up_to_5_workers_and_every_tolerance_set),
      cmocka_unit_test(random_progress_of_up_to_50_workers),
      cmocka_unit_test(before_the_announcement_the_best_tolerance_is_used),
      cmocka_unit_test(what_was_announced_first_stays_and_the_codec_follows_it),
      cmocka_unit_test(one_mark_that_makes_two_tolerances_true_announces_the_smaller),
      cmocka_unit_test(a_broken_row_is_refused),
      cmocka_unit_test(refuses_wrong_tolerances),
      cmocka_unit_test(tolerances_draw_independent_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
