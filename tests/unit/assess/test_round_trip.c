/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoding and decoding beside the truth: the harness against sums, singular values and magnifications found here. */
#include "check.h"

#include <float.h>

#include <testudo/code.h>

#include "assess/round_trip.h"
#include "base/random.h"
#include "linalg/dense.h"

enum { KINDS = 8, DIM = 7, MOST = 16 };

static testudo_design *over(testudo_scheme scheme, testudo_assignment *assignment, int32_t parts, uint64_t seed)
{
  testudo_design *design;
  assert_ok(testudo_design_create(scheme, assignment, parts, seed, "", &design, NULL));
  testudo_assignment_free(assignment);
  return design;
}

static testudo_design *gradient_code(bool cyclic, int32_t n, int32_t s, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design;
  if (cyclic)
    assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  else
    assert_ok(testudo_assignment_frc(n, n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *partial(int32_t n, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(n, load, &assignment, NULL));
  return over(TESTUDO_SCHEME_PARTIAL, &assignment, parts, seed);
}

/* A design of each way to encode. */
static testudo_design *design_of(int kind)
{
  testudo_assignment assignment;
  testudo_design *design;
  switch (kind) {
  case 0:
    assert_ok(testudo_assignment_uncoded(5, 12, &assignment, NULL));
    return over(TESTUDO_SCHEME_UNCODED, &assignment, 1, 1);
  case 1:
    return partial(9, 4, 1, 3);
  case 2:
    return partial(8, 5, 3, 4);
  case 3:
    return gradient_code(true, 10, 3, 5);
  case 4:
    return gradient_code(false, 9, 2, 5);
  case 5:
    assert_ok(testudo_design_create_nested(8, (const int32_t[]){0, 1, 3}, 3, 6, "", &design, NULL));
    return design;
  case 6:
    assert_ok(testudo_design_create_block(7, (const int32_t[]){0, 2, 3}, (const int64_t[]){3, 5, 2}, 3, 7, "", &design,
                                          NULL));
    return design;
  default:
    return partial(6, 6, 2, 8);
  }
}

/* Marks one random worker's next step until the gradient can be decoded. */
static void run_until_decodable(testudo_i_round_trip *trip, testudo_i_random *random)
{
  int32_t workers = testudo_design_workers(trip->design);
  testudo_progress_reset(trip->progress);
  while (!testudo_progress_decodable(trip->progress)) {
    int32_t j = (int32_t)testudo_i_random_below(random, (uint64_t)workers);
    int32_t done = testudo_progress_done(trip->progress, j);
    if (done < testudo_design_steps(trip->design, j))
      assert_ok(testudo_progress_mark(trip->progress, j, done + 1, NULL));
  }
}

/* decoded, the sum and how far apart: by plain loops over what the harness drew. */
static void check_against_the_sum(const testudo_i_round_trip *trip, double reported, bool floats, double allowed)
{
  double away = 0.0, size = 0.0;
  for (size_t k = 0; k < DIM; k++) {
    double sum = 0.0, decoded = floats ? (double)trip->decoded_float[k] : trip->decoded[k];
    for (int32_t i = 0; i < testudo_design_chunks(trip->design); i++)
      sum += trip->gradient[(size_t)i * DIM + k];
    assert_near(trip->sum[k], sum, 1e-14);
    away += (decoded - sum) * (decoded - sum);
    size += sum * sum;
  }
  if (!(reported <= allowed) || fabs(reported - sqrt(away / size)) > 1e-14)
    fail_msg("scheme %s: reported %g, found %g, allowed %g", testudo_scheme_name(testudo_design_scheme(trip->design)),
             reported, sqrt(away / size), allowed);
}

static void both_types_give_the_sum_of_every_scheme(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  int rounded = 0;
  for (int kind = 0; kind < KINDS; kind++) {
    testudo_design *design = design_of(kind);
    testudo_i_round_trip trip;
    assert_ok(testudo_i_round_trip_open(&trip, design, TESTUDO_DECODER_EXACT, DIM, true, NULL));
    assert_int_equal(trip.length, testudo_message_length(design, DIM));
    for (int64_t trial = 0; trial < 20; trial++) {
      double in_double, in_float, amplification;
      testudo_i_round_trip_draw(&trip, 9, trial);
      run_until_decodable(&trip, &random);
      assert_ok(testudo_amplification(trip.codec, trip.progress, &amplification, NULL, NULL));
      assert_ok(testudo_i_round_trip_double(&trip, &in_double, NULL));
      check_against_the_sum(&trip, in_double, false, fmax(1e-12, 100.0 * DBL_EPSILON * amplification));
      assert_ok(testudo_i_round_trip_float(&trip, &in_float, NULL));
      check_against_the_sum(&trip, in_float, true, 300.0 * FLT_EPSILON * amplification);
      rounded += in_float > 1e-9;
    }
    testudo_i_round_trip_close(&trip);
    testudo_design_free(design);
  }
  assert_true(rounded > KINDS * 20 / 2); /* the float road is another one */
}

/* Doubles of 53 random bits are hardly ever floats of 24. */
static void gradients_are_exact_in_float_where_there_are_floats(void **state)
{
  (void)state;
  testudo_design *design = design_of(2);
  testudo_i_round_trip with, without;
  assert_ok(testudo_i_round_trip_open(&with, design, TESTUDO_DECODER_EXACT, DIM, true, NULL));
  assert_ok(testudo_i_round_trip_open(&without, design, TESTUDO_DECODER_EXACT, DIM, false, NULL));
  assert_null(without.gradient_float);
  testudo_i_round_trip_draw(&with, 4, 1);
  testudo_i_round_trip_draw(&without, 4, 1);
  int inexact = 0;
  for (int e = 0; e < 8 * DIM; e++) {
    assert_true((double)with.gradient_float[e] == with.gradient[e]);
    assert_true((float)without.gradient[e] == with.gradient_float[e]);
    inexact += without.gradient[e] != with.gradient[e];
  }
  assert_true(inexact > 8 * DIM - 4);
  /* Another trial or seed draws others, the same the same. */
  double first = with.gradient[0];
  testudo_i_round_trip_draw(&with, 4, 2);
  assert_true(with.gradient[0] != first);
  testudo_i_round_trip_draw(&with, 5, 1);
  assert_true(with.gradient[0] != first);
  testudo_i_round_trip_draw(&with, 4, 1);
  assert_true(with.gradient[0] == first);
  testudo_i_round_trip_close(&with);
  testudo_i_round_trip_close(&without);
  testudo_design_free(design);
}

static void what_cannot_be_decoded_is_said_and_idle_workers_send_nothing(void **state)
{
  (void)state;
  testudo_design *design = design_of(3);
  testudo_i_round_trip trip;
  double relative;
  assert_ok(testudo_i_round_trip_open(&trip, design, TESTUDO_DECODER_EXACT, DIM, true, NULL));
  testudo_i_round_trip_draw(&trip, 1, 0);
  for (int32_t j = 0; j < 6; j++)
    assert_ok(testudo_progress_mark(trip.progress, j, 4, NULL));
  assert_status(testudo_i_round_trip_double(&trip, &relative, NULL), TESTUDO_UNDECODABLE);
  assert_status(testudo_i_round_trip_float(&trip, &relative, NULL), TESTUDO_UNDECODABLE);
  for (int32_t j = 0; j < 10; j++)
    assert_true((trip.of_worker[j] != NULL) == (j < 6));
  /* A message is the worker's coefficients times its gradients. */
  const double *coefficient = testudo_design_coefficients(design, 2);
  assert_ok(testudo_i_round_trip_send(&trip, 2, NULL));
  assert_ok(testudo_i_round_trip_send(&trip, 7, NULL));
  assert_null(trip.of_worker[7]);
  for (int d = 0; d < DIM; d++) {
    double wanted = 0.0;
    for (int k = 0; k < 4; k++)
      wanted += coefficient[k] * trip.gradient[testudo_design_order(design, 2)[k] * DIM + d];
    assert_near(((const double *)trip.of_worker[2])[d], wanted, 1e-13);
  }
  testudo_i_round_trip_close(&trip);
  testudo_i_round_trip_close(&trip);
  testudo_design_free(design);
}

/* dim 0: progress and codec only; and a decoder that is not for the design is refused. */
static void without_gradients_there_is_room_for_none(void **state)
{
  (void)state;
  testudo_design *design = design_of(3);
  testudo_i_round_trip trip;
  assert_ok(testudo_i_round_trip_open(&trip, design, TESTUDO_DECODER_EXACT, 0, true, NULL));
  assert_true(trip.progress != NULL && trip.codec != NULL && trip.gradient == NULL && trip.gradient_float == NULL);
  testudo_i_round_trip_close(&trip);
  assert_status(testudo_i_round_trip_open(&trip, design, TESTUDO_DECODER_ONE_STEP, DIM, true, NULL),
                TESTUDO_ERROR_ARGUMENT);
  testudo_i_round_trip_close(&trip);
  testudo_design_free(design);
}

static void the_condition_of_rows_is_that_of_their_singular_values(void **state)
{
  (void)state;
  testudo_design *design = gradient_code(true, MOST, 4, 11);
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 0, 0);
  for (int round = 0; round < 40; round++) {
    int32_t worker[MOST], count = 1 + (int32_t)testudo_i_random_below(&random, MOST);
    double rows[MOST * MOST] = {0}, room[4096], wanted, found;
    for (int32_t j = 0; j < MOST; j++)
      worker[j] = j;
    testudo_i_random_shuffle(&random, worker, MOST);
    for (int32_t r = 0; r < count; r++)
      for (int32_t k = 0; k < 5; k++)
        rows[r * MOST + testudo_design_order(design, worker[r])[k]] =
            testudo_design_coefficients(design, worker[r])[k];
    assert_true(testudo_i_condition_room(MOST, count) <= sizeof room / sizeof *room);
    assert_ok(testudo_i_condition(MOST, count, rows, &wanted, room, NULL));
    assert_ok(testudo_i_condition_of_rows(design, worker, count, &found, NULL));
    assert_close(found, wanted, 1e-9);
    assert_true(count == 1 ? fabs(found - 1.0) < 1e-12 : found > 1.0);
  }
  testudo_design_free(design);
}

static void schemes_without_rows_have_no_condition(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    testudo_design *design = design_of(kind);
    double condition = 0.0;
    assert_ok(testudo_i_condition_of_rows(design, (const int32_t[]){0, 1}, 2, &condition, NULL));
    testudo_scheme scheme = testudo_design_scheme(design);
    assert_true(isnan(condition) == (scheme != TESTUDO_SCHEME_GRADIENT_CODE));
    testudo_design_free(design);
  }
}

/* Unit vectors through the whole loop: chunk i alone holds a one at coordinate d, which lies in one part; what worker
   j's message then is, is its coefficient. */
static double brute_magnification(const testudo_design *design, testudo_codec *codec, const testudo_progress *progress)
{
  int32_t parts = testudo_design_parts(design), workers = testudo_design_workers(design);
  double largest = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    for (int32_t of = 0; of < parts; of++)
      for (int32_t part = 0; part < parts; part++) {
        double weights[MOST], sum = 0.0;
        assert_ok(testudo_decode_weights(codec, progress, part, weights, NULL));
        for (int32_t j = 0; j < workers; j++) {
          testudo_request request;
          double unit[MOST] = {0}, zero[MOST] = {0}, message;
          const double *gradients[MOST];
          unit[of] = 1.0;
          assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
          if (request.chunks == 0)
            continue;
          for (int32_t k = 0; k < request.chunks; k++)
            gradients[k] = testudo_design_order(design, j)[k] == i ? unit : zero;
          assert_ok(testudo_encode_double(codec, &request, gradients, (size_t)parts, &message, NULL));
          sum += fabs(weights[j] * message);
        }
        largest = fmax(largest, sum);
      }
  return largest;
}

static void the_magnification_is_that_of_unit_gradients(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  for (int kind = 0; kind < KINDS; kind++) {
    if (kind == 6) /* block: a codec of stripes, asked level by level */
      continue;
    testudo_design *design = design_of(kind);
    testudo_i_round_trip trip;
    double weights[MOST], magnified[MOST], largest;
    assert_ok(testudo_i_round_trip_open(&trip, design, TESTUDO_DECODER_EXACT, 0, false, NULL));
    for (int round = 0; round < 6; round++) {
      run_until_decodable(&trip, &random);
      assert_ok(testudo_i_magnification(&trip, weights, magnified, &largest, NULL));
      assert_close(largest, brute_magnification(design, trip.codec, trip.progress), 1e-12);
      assert_true(largest >= 1.0 - 1e-9);
      /* Repetition and plain sums send each gradient once, by ones. */
      if (kind == 0 || kind == 4)
        assert_true(largest == 1.0);
    }
    testudo_i_round_trip_close(&trip);
    testudo_design_free(design);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_types_give_the_sum_of_every_scheme),
      cmocka_unit_test(gradients_are_exact_in_float_where_there_are_floats),
      cmocka_unit_test(what_cannot_be_decoded_is_said_and_idle_workers_send_nothing),
      cmocka_unit_test(without_gradients_there_is_room_for_none),
      cmocka_unit_test(the_condition_of_rows_is_that_of_their_singular_values),
      cmocka_unit_test(schemes_without_rows_have_no_condition),
      cmocka_unit_test(the_magnification_is_that_of_unit_gradients),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
