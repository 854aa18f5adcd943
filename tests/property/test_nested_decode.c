/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested codes of 20, 50 and 100 workers on 10^4 random progress vectors each: what the decoder answers is the sum to
   the accuracy that its amplification allows, or it refuses. Sum and announcement are found by own arithmetic. */

#include "check.h"

#include <float.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/random.h"

enum { MOST = 100, DIM = 2, SETS = 10000, LEVELS = 4 };

typedef struct setup {
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  int32_t n, load, tolerance[LEVELS];
  double gradient[MOST * DIM], message[MOST * DIM], sum[DIM];
  int32_t done[MOST];
  long announced[LEVELS], refused;
  double worst; /* error over what is allowed */
} setup;

static void open_setup(setup *r, int32_t n, const int32_t *tolerance, uint64_t seed)
{
  memset(r, 0, sizeof *r);
  r->n = n;
  memcpy(r->tolerance, tolerance, sizeof r->tolerance);
  r->load = tolerance[LEVELS - 1] + 1;
  assert_ok(testudo_design_create_nested(n, tolerance, LEVELS, seed, "", &r->design, NULL));
  assert_ok(testudo_progress_create(r->design, &r->progress, NULL));
  assert_ok(testudo_codec_create(r->design, TESTUDO_DECODER_EXACT, &r->codec, NULL));
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 7);
  for (int32_t e = 0; e < n * DIM; e++) {
    r->gradient[e] = testudo_i_random_normal(&random);
    r->sum[e % DIM] += r->gradient[e];
  }
}

static int32_t level_by_rule(const setup *r)
{
  for (int32_t level = 0; level < LEVELS; level++) {
    int32_t reached = 0;
    for (int32_t j = 0; j < r->n; j++)
      reached += r->done[j] > r->tolerance[level];
    if (reached >= r->n - r->tolerance[level])
      return level;
  }
  return -1;
}

/* Some workers stand still at a place of their own, the others go on in rounds until somebody decodes. */
static int32_t run(setup *r, uint64_t set)
{
  testudo_i_random random;
  int32_t stop[MOST], slow = -1, level = -1;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, set, (uint64_t)r->n);
  slow = (int32_t)testudo_i_random_below(&random, (uint64_t)r->tolerance[LEVELS - 1] + 1);
  for (int32_t j = 0; j < r->n; j++) {
    r->done[j] = 0;
    stop[j] = r->load;
  }
  for (int32_t k = 0; k < slow; k++)
    stop[testudo_i_random_below(&random, (uint64_t)r->n)] = (int32_t)testudo_i_random_below(&random,
                                                                                            (uint64_t)r->load);
  testudo_progress_reset(r->progress);
  while (level < 0) {
    for (int32_t j = 0; j < r->n; j++) {
      int32_t steps = (int32_t)testudo_i_random_below(&random, 3);
      r->done[j] = r->done[j] + steps < stop[j] ? r->done[j] + steps : stop[j];
      assert_ok(testudo_progress_mark(r->progress, j, r->done[j], NULL));
      if (testudo_progress_announced(r->progress) >= 0)
        break;
    }
    level = level_by_rule(r);
    assert_int_equal(testudo_progress_announced(r->progress), level < 0 ? -1 : r->tolerance[level]);
  }
  return level;
}

static void encode(setup *r)
{
  const double *input[MOST];
  testudo_request request;
  for (int32_t j = 0; j < r->n; j++) {
    assert_ok(testudo_request_make(r->codec, r->progress, j, &request, NULL));
    assert_true(request.chunks <= r->done[j]);
    for (int32_t k = 0; k < request.chunks; k++)
      input[k] = r->gradient + (size_t)((j + k) % r->n) * DIM;
    if (request.chunks > 0)
      assert_ok(testudo_encode_double(r->codec, &request, input, DIM, r->message + j * DIM, NULL));
  }
}

static void decode(setup *r, int32_t level, double spoil)
{
  const double *message[MOST];
  double decoded[DIM], amplification, away = 0.0, size = 0.0;
  encode(r);
  for (int32_t j = 0; j < r->n; j++)
    message[j] = r->message + j * DIM;
  for (int32_t j = 0; j < r->n * DIM; j++)
    r->message[j] *= 1.0 + spoil;
  testudo_status status = testudo_decode_double(r->codec, r->progress, message, DIM, decoded, NULL);
  assert_ok(testudo_amplification(r->codec, r->progress, &amplification, NULL, NULL));
  r->announced[level]++;
  if (status == TESTUDO_UNDECODABLE) {
    r->refused++;
    return;
  }
  assert_ok(status);
  assert_true(amplification <= TESTUDO_MAX_AMPLIFICATION);
  for (int32_t t = 0; t < DIM; t++) {
    away += (decoded[t] - r->sum[t]) * (decoded[t] - r->sum[t]);
    size += r->sum[t] * r->sum[t];
  }
  r->worst = fmax(r->worst, sqrt(away / size) / fmax(1e-9, 100.0 * DBL_EPSILON * amplification));
}

static void recover(int32_t n, const int32_t *tolerance, uint64_t seed)
{
  setup r;
  open_setup(&r, n, tolerance, seed);
  for (uint64_t set = 0; set < SETS; set++)
    decode(&r, run(&r, set), 0.0);
  print_message("n=%d: worst error %.3g of what is allowed, %ld of %d refused\n", (int)n, r.worst, r.refused, SETS);
  assert_true(r.worst <= 1.0);
  assert_true(r.refused <= SETS / 100);
  for (int32_t level = 0; level < LEVELS; level++)
    assert_true(r.announced[level] > 0);
  /* Negative control: messages off by a few parts in 10^5 are noticed at nearly any amplification. */
  r.worst = 0.0;
  decode(&r, run(&r, 1), 3e-5);
  assert_true(r.worst > 1.0);
  testudo_codec_free(r.codec);
  testudo_progress_free(r.progress);
  testudo_design_free(r.design);
}

static void the_sum_is_recovered_on_random_progress_of_20_workers(void **state)
{
  (void)state;
  recover(20, (const int32_t[]){0, 1, 3, 6}, 5);
}

static void the_sum_is_recovered_on_random_progress_of_50_workers(void **state)
{
  (void)state;
  recover(50, (const int32_t[]){0, 2, 5, 8}, 6);
}

static void the_sum_is_recovered_on_random_progress_of_100_workers(void **state)
{
  (void)state;
  recover(100, (const int32_t[]){0, 2, 4, 10}, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_sum_is_recovered_on_random_progress_of_20_workers),
      cmocka_unit_test(the_sum_is_recovered_on_random_progress_of_50_workers),
      cmocka_unit_test(the_sum_is_recovered_on_random_progress_of_100_workers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
