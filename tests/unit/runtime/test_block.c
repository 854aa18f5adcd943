/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block gradient codes through the runtime: which blocks can be decoded when, and the sum of every block on every set
   of finished workers. */
#include "check.h"

#include <float.h>

#include <testudo/block.h>
#include <testudo/code.h>

#include "base/random.h"
#include "runtime/design.h"

#define MOST 50
#define MOST_BLOCKS 4
#define MOST_DIM 32

typedef struct shape {
  int32_t n, blocks, tolerance[MOST_BLOCKS];
  int64_t size[MOST_BLOCKS];
} shape;

typedef struct rig {
  const shape *shape;
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  size_t dim;
  double gradient[MOST][MOST_DIM], message[MOST][MOST_DIM], truth[MOST_DIM];
  float small_gradient[MOST][MOST_DIM], small_message[MOST][MOST_DIM];
  long decoded, waiting, refused;
  double worst, worst_float;
} rig;

static void open_rig(rig *r, const shape *s, size_t dim, uint64_t seed)
{
  memset(r, 0, sizeof *r);
  r->shape = s;
  r->dim = dim;
  testudo_error error = {""};
  if (testudo_design_create_block(s->n, s->tolerance, s->size, s->blocks, seed, "", &r->design, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  assert_ok(testudo_progress_create(r->design, &r->progress, NULL));
  assert_ok(testudo_codec_create(r->design, TESTUDO_DECODER_EXACT, &r->codec, NULL));
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t i = 0; i < s->n; i++)
    for (size_t t = 0; t < dim; t++) {
      r->gradient[i][t] = testudo_i_random_normal(&random);
      r->small_gradient[i][t] = (float)r->gradient[i][t];
      r->truth[t] += r->gradient[i][t];
    }
}

static void close_rig(rig *r)
{
  testudo_codec_free(r->codec);
  testudo_progress_free(r->progress);
  testudo_design_free(r->design);
}

/* Own arithmetic: where a block starts in a gradient of `dim` numbers. */
static size_t starts_at(const shape *s, size_t dim, int32_t block)
{
  long double before = 0, all = 0;
  for (int32_t b = 0; b < s->blocks; b++) {
    before += b < block ? (long double)s->size[b] : 0;
    all += (long double)s->size[b];
  }
  return (size_t)floorl(before * (long double)dim / all);
}

/* Row `worker` of the code of a block on the whole circle of chunks. */
static void encode_by_hand(const rig *r, int32_t block, int32_t worker, double *message)
{
  const shape *s = r->shape;
  const double *row = testudo_design_nested_coefficients(r->design, block, worker);
  for (size_t t = starts_at(s, r->dim, block); t < starts_at(s, r->dim, block + 1); t++) {
    message[t] = 0.0;
    for (int32_t k = 0; k <= s->tolerance[block]; k++)
      message[t] += row[k] * r->gradient[(worker + k) % s->n][t];
  }
}

/* Row b of a request are the coefficients of block b, zero beyond its own chunks. */
static void assert_row_is_the_code(const rig *r, const testudo_request *request)
{
  for (int32_t b = 0; b < request->rows; b++)
    for (int32_t k = 0; k < request->chunks; k++)
      assert_true(request->coefficient[b * request->chunks + k] ==
                  (k <= r->shape->tolerance[b]
                       ? testudo_design_nested_coefficients(r->design, b, request->worker)[k]
                       : 0.0));
}

/* Every worker sends the blocks it has finished: all at once, in float block by block. What was not sent stays NAN. */
static void send(rig *r, const int32_t *done)
{
  const shape *s = r->shape;
  for (int32_t j = 0; j < s->n; j++) {
    const double *input[MOST];
    const float *part[MOST];
    for (size_t t = 0; t < r->dim; t++) {
      r->message[j][t] = NAN;
      r->small_message[j][t] = NAN;
    }
    testudo_request request;
    assert_ok(testudo_request_make(r->codec, r->progress, j, &request, NULL));
    assert_int_equal(request.done, done[j]);
    assert_int_equal(request.rows, done[j]);
    assert_int_equal(request.chunks, done[j] == 0 ? 0 : s->tolerance[done[j] - 1] + 1);
    for (int32_t k = 0; k < request.chunks; k++)
      input[k] = r->gradient[(j + k) % s->n];
    assert_row_is_the_code(r, &request);
    assert_ok(testudo_encode_double(r->codec, &request, input, r->dim, r->message[j], NULL));
    for (int32_t b = 0; b < done[j]; b++) {
      double by_hand[MOST_DIM];
      size_t first = starts_at(s, r->dim, b);
      encode_by_hand(r, b, j, by_hand);
      for (size_t t = first; t < starts_at(s, r->dim, b + 1); t++)
        assert_near(r->message[j][t], by_hand[t], 1e-12 * (1.0 + fabs(by_hand[t])));
      for (int32_t k = 0; k <= s->tolerance[b]; k++)
        part[k] = r->small_gradient[(j + k) % s->n] + first;
      assert_ok(testudo_block_encode_float(r->codec, j, b, part, r->dim, r->small_message[j] + first, NULL));
    }
  }
}

static double amplification_of(const rig *r, int32_t block)
{
  const double *vector;
  double square = 0.0;
  assert_ok(testudo_block_vector(r->codec, r->progress, block, &vector, NULL));
  for (int32_t j = 0; j < r->shape->n; j++)
    square += vector[j] * vector[j];
  return sqrt(square);
}

static bool reached(const shape *s, const int32_t *done, int32_t block)
{
  int32_t count = 0;
  for (int32_t j = 0; j < s->n; j++)
    count += done[j] > block;
  return count >= s->n - s->tolerance[block];
}

/* One block: double from whole messages moved to its start, float from its own. */
static void decode_block(rig *r, const int32_t *done, int32_t block)
{
  const shape *s = r->shape;
  size_t first = starts_at(s, r->dim, block), count = starts_at(s, r->dim, block + 1) - first;
  const double *message[MOST];
  const float *small[MOST];
  double found[MOST_DIM] = {42.0};
  float found_float[MOST_DIM];
  for (int32_t j = 0; j < s->n; j++) {
    message[j] = done[j] > block ? r->message[j] + first : NULL;
    small[j] = done[j] > block ? r->small_message[j] + first : NULL;
  }
  testudo_status status = testudo_block_decode_double(r->codec, r->progress, block, message, r->dim, found, NULL);
  assert_int_equal(testudo_progress_block_decodable(r->progress, block), reached(s, done, block));
  if (!reached(s, done, block)) {
    assert_status(status, TESTUDO_UNDECODABLE);
    assert_true(found[0] == 42.0);
    r->waiting++;
    return;
  }
  if (status == TESTUDO_UNDECODABLE) {
    r->refused++;
    return;
  }
  assert_ok(status);
  assert_ok(testudo_block_decode_float(r->codec, r->progress, block, small, r->dim, found_float, NULL));
  double amplification = amplification_of(r, block);
  for (size_t t = 0; t < count; t++) {
    double away = fabs(found[t] - r->truth[first + t]) / (double)s->n;
    double away_float = fabs((double)found_float[t] - r->truth[first + t]) / (double)s->n;
    assert_true(away <= fmax(1e-9, 100.0 * DBL_EPSILON * amplification));
    assert_true(away_float <= 1e-6 * fmax(10.0, 100.0 * amplification));
    r->worst = fmax(r->worst, away);
    r->worst_float = fmax(r->worst_float, away_float);
  }
  r->decoded++;
}

static void check_progress(rig *r, const int32_t *done)
{
  const shape *s = r->shape;
  bool all = true;
  long refused = r->refused;
  testudo_progress_reset(r->progress);
  for (int32_t j = 0; j < s->n; j++) {
    for (int32_t b = 0; b <= done[j]; b += 1 + j % 2)
      assert_ok(testudo_progress_mark(r->progress, j, b, NULL));
    assert_ok(testudo_progress_mark(r->progress, j, done[j], NULL));
    assert_int_equal(testudo_progress_done(r->progress, j), done[j]);
  }
  send(r, done);
  for (int32_t b = 0; b < s->blocks; b++) {
    all = all && reached(s, done, b);
    decode_block(r, done, b);
  }
  assert_int_equal(testudo_progress_decodable(r->progress), all);
  assert_int_equal(testudo_progress_announced(r->progress), -1);
  const double *message[MOST];
  double whole[MOST_DIM] = {42.0};
  for (int32_t j = 0; j < s->n; j++)
    message[j] = done[j] > 0 ? r->message[j] : NULL;
  testudo_status status = testudo_decode_double(r->codec, r->progress, message, r->dim, whole, NULL);
  assert_status(status, all && r->refused == refused ? TESTUDO_OK : TESTUDO_UNDECODABLE);
  if (status != TESTUDO_OK) {
    assert_true(whole[0] == 42.0);
    return;
  }
  double amplification;
  assert_ok(testudo_amplification(r->codec, r->progress, &amplification, NULL, NULL));
  for (int32_t b = 0; b < s->blocks; b++)
    assert_true(amplification >= amplification_of(r, b) - 1e-12);
  for (size_t t = 0; t < r->dim; t++)
    assert_near(whole[t], r->truth[t], (double)s->n * fmax(1e-9, 100.0 * DBL_EPSILON * amplification));
}

static void every_progress_up_to_6_workers(void **state)
{
  (void)state;
  static const shape shapes[] = {{1, 1, {0}, {5}},
                                 {2, 2, {0, 1}, {3, 4}},
                                 {3, 3, {0, 1, 2}, {2, 1, 6}},
                                 {4, 2, {1, 3}, {7, 5}},
                                 {5, 3, {0, 2, 3}, {4, 4, 3}},
                                 {6, 3, {1, 2, 4}, {6, 1, 2}},
                                 {6, 1, {2}, {9}}};
  long decoded = 0, waiting = 0;
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    int32_t done[6] = {0};
    rig r;
    /* Twice the stated length, and three numbers more. */
    int64_t dim = 3;
    for (int32_t b = 0; b < shapes[k].blocks; b++)
      dim += 2 * shapes[k].size[b];
    open_rig(&r, &shapes[k], (size_t)dim, 40 + k);
    for (bool more = true; more;) {
      check_progress(&r, done);
      int32_t j = 0;
      while (j < shapes[k].n && ++done[j] > shapes[k].blocks)
        done[j++] = 0;
      more = j < shapes[k].n;
    }
    assert_int_equal(r.refused, 0);
    decoded += r.decoded;
    waiting += r.waiting;
    close_rig(&r);
  }
  print_message("%ld blocks decoded, %ld not yet decodable\n", decoded, waiting);
  assert_true(decoded > 3000 && waiting > 3000);
}

static void random_progress_of_20_and_50_workers(void **state)
{
  (void)state;
  static const shape shapes[] = {{20, 3, {0, 2, 5}, {5, 3, 2}}, {50, 4, {1, 2, 3, 4}, {1, 2, 3, 4}}};
  for (size_t k = 0; k < 2; k++) {
    rig r;
    open_rig(&r, &shapes[k], 10, 3 + k);
    testudo_i_random random;
    testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, k, 0);
    for (int draw = 0; draw < 2000; draw++) {
      int32_t done[MOST], slow = (int32_t)testudo_i_random_below(&random, 7);
      for (int32_t j = 0; j < r.shape->n; j++)
        done[j] = r.shape->blocks;
      for (int32_t v = 0; v < slow; v++)
        done[testudo_i_random_below(&random, (uint64_t)r.shape->n)] =
            (int32_t)testudo_i_random_below(&random, (uint64_t)r.shape->blocks + 1);
      check_progress(&r, done);
    }
    print_message("n=%d: %ld blocks decoded, %ld not yet, %ld refused, worst error %.2g, of float %.2g\n",
                  (int)r.shape->n, r.decoded, r.waiting, r.refused, r.worst, r.worst_float);
    assert_true(r.decoded > 4000 && r.waiting > 500 && r.refused <= 3);
    close_rig(&r);
  }
}

/* || 1 - projection of 1 on the rows received ||^2, by modified Gram-Schmidt, done twice. */
static double brute_error(const rig *r, const int32_t *done, int32_t block)
{
  const shape *s = r->shape;
  double base[MOST][MOST], rest[MOST], square = 0.0;
  int32_t count = 0;
  for (int32_t i = 0; i < s->n; i++)
    rest[i] = 1.0;
  for (int32_t j = 0; j < s->n; j++) {
    if (done[j] <= block)
      continue;
    double *v = base[count], size = 0.0, left = 0.0, dot = 0.0;
    memset(v, 0, sizeof base[0]);
    for (int32_t k = 0; k <= s->tolerance[block]; k++) {
      double c = testudo_design_nested_coefficients(r->design, block, j)[k];
      v[(j + k) % s->n] = c;
      size += c * c;
    }
    for (int32_t b = 0; b < 2 * count; b++) {
      double along = 0.0;
      for (int32_t i = 0; i < s->n; i++)
        along += v[i] * base[b % count][i];
      for (int32_t i = 0; i < s->n; i++)
        v[i] -= along * base[b % count][i];
    }
    for (int32_t i = 0; i < s->n; i++)
      left += v[i] * v[i];
    if (left <= 1e-20 * size)
      continue;
    for (int32_t i = 0; i < s->n; i++) {
      v[i] /= sqrt(left);
      dot += v[i] * rest[i];
    }
    for (int32_t i = 0; i < s->n; i++)
      rest[i] -= dot * v[i];
    count++;
  }
  for (int32_t i = 0; i < s->n; i++)
    square += rest[i] * rest[i];
  return square;
}

static void the_error_of_stopping_is_the_weighted_residual_of_the_blocks(void **state)
{
  (void)state;
  static const shape s = {7, 3, {0, 1, 3}, {2, 5, 3}};
  rig r;
  open_rig(&r, &s, 10, 5);
  testudo_i_random random;
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 0, 0);
  for (int draw = 0; draw < 1000; draw++) {
    int32_t done[7];
    double wanted = 0.0, found, uncovered = 0.0;
    testudo_progress_reset(r.progress);
    for (int32_t j = 0; j < 7; j++) {
      done[j] = (int32_t)testudo_i_random_below(&random, 4);
      assert_ok(testudo_progress_mark(r.progress, j, done[j], NULL));
    }
    for (int32_t b = 0; b < 3; b++)
      wanted += (double)s.size[b] / 10.0 * brute_error(&r, done, b);
    assert_ok(testudo_decode_error(r.codec, r.progress, &found, NULL));
    assert_near(found, wanted, 1e-9);
    for (int32_t i = 0; i < 7; i++) {
      int32_t covers = 0;
      for (int32_t j = 0; j < 7; j++)
        covers += done[j] > 0 && (i - j + 7) % 7 <= s.tolerance[done[j] - 1];
      assert_int_equal(testudo_progress_cover(r.progress, i), covers);
      uncovered += covers == 0;
    }
    assert_near((double)testudo_progress_error(r.progress), uncovered, 0.0);
    assert_true(found >= uncovered - 1e-9);
    /* The estimate at a deadline is the messages combined by each block's vector. */
    const double *message[MOST], *vector;
    double estimate[10], by_hand[10] = {0};
    send(&r, done);
    for (int32_t j = 0; j < 7; j++)
      message[j] = r.message[j];
    assert_ok(testudo_decode_approximate_double(r.codec, r.progress, message, 10, estimate, NULL));
    for (int32_t b = 0; b < 3; b++) {
      double weight[7];
      assert_ok(testudo_decode_weights(r.codec, r.progress, b, weight, NULL));
      assert_ok(testudo_block_vector(r.codec, r.progress, b, &vector, NULL));
      assert_memory_equal(weight, vector, sizeof weight);
      for (int32_t j = 0; j < 7; j++)
        for (size_t t = starts_at(&s, 10, b); done[j] > b && t < starts_at(&s, 10, b + 1); t++)
          by_hand[t] += vector[j] * r.message[j][t];
    }
    for (size_t t = 0; t < 10; t++)
      assert_near(estimate[t], by_hand[t], 1e-9);
  }
  close_rig(&r);
}

static void ranges_follow_the_rule_at_any_length(void **state)
{
  (void)state;
  static const shape s = {5, 3, {0, 2, 4}, {1000000007, 1, 1000000000}};
  testudo_design *design;
  assert_ok(testudo_design_create_block(s.n, s.tolerance, s.size, 3, 1, "", &design, NULL));
  const size_t length[] = {1, 2, 3, 7, 1000, 2000000008, 4000000017u, (size_t)1 << 40};
  size_t first, count;
  for (size_t k = 0; k < sizeof length / sizeof *length; k++) {
    size_t next = 0;
    for (int32_t b = 0; b < 3; b++) {
      testudo_block_range(design, length[k], b, &first, &count);
      assert_int_equal(first, next);
      assert_int_equal(first, starts_at(&s, length[k], b));
      next = first + count;
    }
    assert_int_equal(next, length[k]);
  }
  testudo_block_range(design, 2000000008, 1, &first, &count);
  assert_true(first == 1000000007 && count == 1);
  testudo_block_range(design, 9, 3, &first, &count);
  assert_true(first == 0 && count == 0);
  testudo_block_range(design, 9, -1, &first, &count);
  assert_true(first == 0 && count == 0);
  testudo_design_free(design);
}

static void what_the_design_says(void **state)
{
  (void)state;
  static const shape s = {6, 4, {0, 1, 3, 5}, {10, 0, 30, 0}};
  rig r;
  open_rig(&r, &s, 4, 1);
  int32_t count;
  int64_t dim;
  const int64_t *size = testudo_design_block_sizes(r.design, &count, &dim);
  assert_true(count == 2 && dim == 40 && size[0] == 10 && size[1] == 30);
  const int32_t *tolerance = testudo_design_tolerances(r.design, &count);
  assert_true(count == 2 && tolerance[0] == 0 && tolerance[1] == 3);
  const double *work = testudo_design_block_work(r.design);
  assert_true(work[0] == 0.25 && work[1] == 0.25 + 4 * 0.75);
  assert_int_equal(testudo_design_max_load(r.design), 4);
  assert_string_equal(testudo_scheme_name(testudo_design_scheme(r.design)), "block");
  close_rig(&r);
}

/* A row changed by a tenth: what passed by the rule must not pass silently, and the other block is none the worse. */
static void a_broken_row_is_refused(void **state)
{
  (void)state;
  static const shape s = {6, 2, {1, 2}, {4, 4}};
  rig r;
  const int32_t done[6] = {2, 2, 2, 2, 1, 0};
  open_rig(&r, &s, 8, 5);
  check_progress(&r, done);
  assert_int_equal(r.refused, 0);
  double *row = (double *)(uintptr_t)testudo_design_nested_coefficients(r.design, 1, 2);
  row[1] *= 1.1;
  testudo_codec_free(r.codec);
  assert_ok(testudo_codec_create(r.design, TESTUDO_DECODER_EXACT, &r.codec, NULL));
  check_progress(&r, done);
  assert_int_equal(r.refused, 1);
  assert_int_equal(r.decoded, 3);
  close_rig(&r);
}

static void refuses_wrong_arguments(void **state)
{
  (void)state;
  static const struct {
    int32_t n, blocks, tolerance[3];
    int64_t size[3];
    const char *sentence;
  } wrong[] = {
      {4, 0, {0}, {1}, "sizes: 0 in all, but a gradient has at least 1 number"},
      {4, 2, {0, 1}, {0, 0}, "sizes: 0 in all, but a gradient has at least 1 number"},
      {4, 2, {0, 4}, {1, 1}, "tolerances[1]: 4, but it must be in 0..3 (workers - 1)"},
      {4, 2, {-1, 2}, {1, 1}, "tolerances[0]: -1, but it must be in 0..3 (workers - 1)"},
      {4, 3, {0, 2, 2}, {1, 1, 1}, "tolerances[2]: 2, but it must be more than the one before it, 2"},
      {4, 2, {1, 2}, {1, -1}, "sizes[1]: -1, but sizes are at least 0 and at most 2147483647 in all"},
      {4, 2, {1, 2}, {2147483647, 1}, "sizes[1]: 1, but sizes are at least 0 and at most 2147483647 in all"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    testudo_design *design = (testudo_design *)&design;
    testudo_error error = {""};
    assert_status(testudo_design_create_block(wrong[k].n, wrong[k].tolerance, wrong[k].size, wrong[k].blocks, 1, "",
                                              &design, &error),
                  TESTUDO_ERROR_ARGUMENT);
    assert_string_equal(error.text, wrong[k].sentence);
    assert_null(design);
  }
}

#define REFUSED(call, wanted)                           \
  do {                                                  \
    testudo_error error = {""};                         \
    assert_status((call), TESTUDO_ERROR_ARGUMENT);      \
    assert_string_equal(error.text, (wanted));          \
  } while (0)

static void refuses_wrong_calls(void **state)
{
  (void)state;
  static const shape s = {3, 2, {0, 1}, {2, 2}};
  rig r;
  const double *input[2] = {NULL, NULL}, *vector;
  double out[4];
  open_rig(&r, &s, 4, 1);
  const double *missing[3] = {NULL, r.message[1], r.message[2]};
  REFUSED(testudo_block_encode_double(r.codec, 3, 0, input, 4, out, &error), "worker 3, but workers are 0..2");
  REFUSED(testudo_block_encode_double(r.codec, -1, 0, input, 4, out, &error), "worker -1, but workers are 0..2");
  REFUSED(testudo_block_encode_double(r.codec, 0, 2, input, 4, out, &error), "block 2, but blocks are 0..1");
  REFUSED(testudo_block_encode_double(r.codec, 0, -1, input, 4, out, &error), "block -1, but blocks are 0..1");
  REFUSED(testudo_block_encode_double(r.codec, 0, 0, input, 0, out, &error), "dim: 0, but it must be at least 1");
  REFUSED(testudo_block_encode_double(r.codec, 0, 1, input, 4, out, &error),
          "gradients[0] is missing, but that chunk or worker is done");
  double row[9] = {0.0};
  const testudo_request made = {.done = 3, .rows = 3, .chunks = 2, .count = 6, .coefficient = row};
  REFUSED(testudo_encode_double(r.codec, &made, input, 4, out, &error),
          "request: 3 rows of 2 coefficients after 3 steps, but for worker 0 it must be 3 rows of at most 2 after at "
          "most 2");
  REFUSED(testudo_progress_mark(r.progress, 0, 3, &error),
          "worker 0 has done 3 blocks, but 0 are marked and it holds 2: it must be in 0..2");
  REFUSED(testudo_decode_weights(r.codec, r.progress, 2, row, &error), "part 2, but parts are 0..1");
  REFUSED(testudo_block_vector(r.codec, r.progress, 2, &vector, &error), "block 2, but blocks are 0..1");
  testudo_error waiting = {""};
  assert_status(testudo_block_decode_double(r.codec, r.progress, 1, missing, 4, out, &waiting), TESTUDO_UNDECODABLE);
  assert_string_equal(waiting.text, "block 1 is not decodable yet: 0 of 3 workers have finished it, but 2 must");
  for (int32_t j = 0; j < 3; j++)
    assert_ok(testudo_progress_mark(r.progress, j, 2, NULL));
  REFUSED(testudo_block_decode_double(r.codec, r.progress, 0, missing, 4, out, &error),
          "messages[0] is missing, but that chunk or worker is done");
  assert_false(testudo_progress_block_decodable(r.progress, 2));
  assert_false(testudo_progress_block_decodable(r.progress, -1));
  close_rig(&r);
}

static void other_schemes_have_no_blocks(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 1};
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  const double *vector;
  int32_t count = 7;
  int64_t dim = 7;
  assert_ok(testudo_design_create_nested(3, tolerance, 2, 1, "", &design, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  assert_null(testudo_design_block_sizes(design, &count, &dim));
  assert_true(count == 0 && dim == 0);
  assert_null(testudo_design_block_sizes(design, NULL, NULL));
  assert_null(testudo_design_block_work(design));
  assert_false(testudo_progress_block_decodable(progress, 0));
  REFUSED(testudo_block_vector(codec, progress, 0, &vector, &error),
          "scheme nested has no blocks, only scheme block has");
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_progress_up_to_6_workers),
      cmocka_unit_test(random_progress_of_20_and_50_workers),
      cmocka_unit_test(the_error_of_stopping_is_the_weighted_residual_of_the_blocks),
      cmocka_unit_test(ranges_follow_the_rule_at_any_length),
      cmocka_unit_test(what_the_design_says),
      cmocka_unit_test(a_broken_row_is_refused),
      cmocka_unit_test(refuses_wrong_arguments),
      cmocka_unit_test(refuses_wrong_calls),
      cmocka_unit_test(other_schemes_have_no_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
