/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amplification sampled and searched for, against all straggler sets; better codes, against trying every seed. */
#include "check.h"

#include <testudo/runtime.h>
#include <testudo/trust.h>

#include "linalg/solve.h"
#include "runtime/scheme/codes.h"

static testudo_design *cyclic(int32_t n, int32_t s, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_i_gradient_code *code_of(testudo_design *design)
{
  return design->code;
}

static testudo_design *partial(int32_t n, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, load, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *groups(int32_t n, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_frc(n, n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* ||a|| and the largest sum_j |a_j B_ji| for these stragglers, by dense least squares. */
static void brute(const testudo_design *design, unsigned set, double *norm, double *magnification)
{
  int32_t n = testudo_design_workers(design), pivot[16], worker[16], count = 0;
  double a[256] = {0}, b[16], room[2048], sum[16] = {0};
  *norm = *magnification = 0.0;
  for (int32_t j = 0; j < n; j++) {
    b[j] = 1.0;
    if (set >> j & 1)
      continue;
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      a[count * n + testudo_design_order(design, j)[k]] = testudo_design_coefficients(design, j)[k];
    worker[count++] = j;
  }
  assert_true(testudo_i_least_squares_room(n, count) <= 2048);
  assert_ok(testudo_i_least_squares(n, count, a, b, 1e-13, pivot, room, NULL));
  for (int32_t q = 0; q < count; q++) {
    *norm += b[q] * b[q];
    for (int32_t k = 0; k < testudo_design_load(design, worker[q]); k++)
      sum[testudo_design_order(design, worker[q])[k]] +=
          fabs(b[q] * testudo_design_coefficients(design, worker[q])[k]);
  }
  *norm = sqrt(*norm);
  for (int32_t i = 0; i < n; i++)
    *magnification = fmax(*magnification, sum[i]);
}

/* Largest over smallest length of the finished rows once they are turned orthogonal (one-sided Jacobi). */
static double brute_condition(const testudo_design *design, unsigned set)
{
  int32_t n = testudo_design_workers(design), count = 0;
  double row[16][16] = {{0}}, least = HUGE_VAL, most = 0.0;
  for (int32_t j = 0; j < n; j++) {
    for (int32_t k = 0; k < testudo_design_load(design, j) && !(set >> j & 1); k++)
      row[count][testudo_design_order(design, j)[k]] = testudo_design_coefficients(design, j)[k];
    count += !(set >> j & 1);
  }
  for (int sweep = 0; sweep < 40; sweep++)
    for (int32_t p = 0; p < count; p++)
      for (int32_t q = p + 1; q < count; q++) {
        double pp = 0.0, qq = 0.0, pq = 0.0;
        for (int32_t i = 0; i < n; i++) {
          pp += row[p][i] * row[p][i];
          qq += row[q][i] * row[q][i];
          pq += row[p][i] * row[q][i];
        }
        double angle = 0.5 * atan2(2.0 * pq, pp - qq), c = cos(angle), s = sin(angle);
        for (int32_t i = 0; i < n; i++) {
          double a = row[p][i], b = row[q][i];
          row[p][i] = c * a + s * b;
          row[q][i] = c * b - s * a;
        }
      }
  for (int32_t p = 0; p < count; p++) {
    double square = 0.0;
    for (int32_t i = 0; i < n; i++)
      square += row[p][i] * row[p][i];
    least = fmin(least, sqrt(square));
    most = fmax(most, sqrt(square));
  }
  return most / least;
}

/* At most 15 sets: each is one sample. */
static void the_condition_is_that_of_the_rows_at_hand(void **state)
{
  (void)state;
  const int32_t shape[][2] = {{6, 2}, {5, 1}, {9, 8}, {5, 0}, {1, 0}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    int32_t n = shape[k][0], s = shape[k][1];
    testudo_design *design = cyclic(n, s, 70 + k);
    double worst = 0.0;
    for (unsigned set = 0; set < 1u << n; set++)
      if (__builtin_popcount(set) == s)
        worst = fmax(worst, brute_condition(design, set));
    testudo_trust trust;
    assert_ok(testudo_trust_measure(design, 300, 3, NULL, &trust, NULL));
    if (code_of(design)->groups.groups > 0) {
      assert_true(trust.condition_samples == 0 && isnan(trust.condition_found) && isnan(trust.condition_p99));
    } else {
      assert_int_equal(trust.condition_samples, s == 8 ? 9 : s == 2 ? 15 : s == 1 && n == 5 ? 5 : 1);
      assert_close(trust.condition_sampled, worst, 1e-9);
      assert_close(trust.condition_found, worst, 1e-9);
      assert_true(trust.condition_p99 > 1.0 && trust.condition_p99 <= trust.condition_sampled);
    }
    testudo_design_free(design);
  }
  testudo_trust large;
  testudo_design *design = cyclic(201, 2, 5);
  assert_ok(testudo_trust_measure(design, 5, 3, NULL, &large, NULL));
  assert_true(large.condition_samples == 0 && isnan(large.condition_sampled));
  testudo_design_free(design);
  design = cyclic(200, 2, 5);
  assert_ok(testudo_trust_measure(design, 130, 3, NULL, &large, NULL));
  assert_int_equal(large.condition_samples, 125);
  testudo_design_free(design);
}

/* B^(s) of a nested code beside the same rows as a gradient code made by hand. */
static void a_tolerance_of_a_nested_code_is_measured_as_the_gradient_code_it_is(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 2, 7};
  testudo_design *nested;
  testudo_trust trust;
  assert_ok(testudo_design_create_nested(8, tolerance, 3, 4, "", &nested, NULL));
  for (int32_t level = 0; level < 3; level++) {
    testudo_design *code = cyclic(8, 2, 1);
    double worst = 0.0, norm, magnification, magnified = 0.0;
    if (level == 1) {
      for (int32_t j = 0; j < 8; j++)
        memcpy(code_of(code)->family.coefficient + code->row[j], testudo_design_nested_coefficients(nested, level, j),
               3 * sizeof(double));
      for (unsigned set = 0; set < 256; set++)
        if (__builtin_popcount(set) == 2) {
          brute(code, set, &norm, &magnification);
          worst = fmax(worst, norm);
          magnified = fmax(magnified, magnification);
        }
    }
    assert_ok(testudo_trust_measure_level(nested, level, 300, 3, NULL, &trust, NULL));
    assert_int_equal(trust.refused, 0);
    assert_close(trust.amplification_found, level == 1 ? worst : level == 0 ? sqrt(8.0) : 1.0, 1e-9);
    assert_close(trust.magnification_found, level == 1 ? magnified : 1.0, 1e-9);
    testudo_design_free(code);
  }
  testudo_error error;
  assert_status(testudo_trust_measure_level(nested, 3, 10, 1, NULL, &trust, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "level: 3"));
  assert_status(testudo_trust_measure_level(nested, -1, 10, 1, NULL, &trust, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_trust_measure(nested, 10, 1, NULL, &trust, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "a code for every tolerance"));
  testudo_design_free(nested);
}

static void the_search_finds_the_worst_of_all_sets_of_small_codes(void **state)
{
  (void)state;
  const int32_t shape[][2] = {{6, 2}, {8, 3}, {9, 4}, {11, 3}, {5, 0}, {4, 3}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    int32_t n = shape[k][0], s = shape[k][1];
    testudo_design *design = cyclic(n, s, 40 + k);
    double worst = 0.0, least = HUGE_VAL, magnified = 0.0;
    for (unsigned set = 0; set < 1u << n; set++)
      if (__builtin_popcount(set) == s) {
        double norm, magnification;
        brute(design, set, &norm, &magnification);
        worst = fmax(worst, norm);
        least = fmin(least, norm);
        magnified = fmax(magnified, magnification);
      }
    testudo_trust trust;
    assert_ok(testudo_trust_measure(design, 300, 3, NULL, &trust, NULL));
    assert_close(trust.amplification_found, worst, 1e-8);
    assert_close(trust.magnification_found, magnified, 1e-8);
    assert_true(trust.amplification_sampled <= trust.amplification_found);
    assert_true(trust.amplification_median <= trust.amplification_p99);
    assert_true(trust.amplification_p99 <= trust.amplification_sampled);
    assert_true(trust.amplification_median >= least * (1 - 1e-9));
    /* No stragglers, or all but one: the coefficients are ones, and the sums may come out exactly. */
    assert_true(trust.error_double <= 1e-9 && (s == 0 || s == n - 1 || trust.error_double > 0.0));
    assert_true(trust.error_float > trust.error_double);
    assert_int_equal(trust.refused, 0);
    /* No more sets than samples asked for: each once. */
    int64_t sets = 0;
    for (unsigned set = 0; set < 1u << n; set++)
      sets += __builtin_popcount(set) == s;
    assert_true(trust.exhaustive && trust.samples == sets);
    assert_int_equal(trust.visited, s == 0 ? 0 : sets);
    if (sets > 100) {
      assert_ok(testudo_trust_measure(design, 100, 3, NULL, &trust, NULL));
      assert_true(!trust.exhaustive && trust.samples == 100 && trust.visited == 400);
      assert_close(trust.amplification_found, worst, 1e-8);
    }
    testudo_design_free(design);
  }
}

/* One worker of each of 4 groups: ||a|| = 2 whoever straggles, and nothing is magnified. */
static void repetition_amplifies_by_the_root_of_its_groups(void **state)
{
  (void)state;
  testudo_design *design = groups(12, 2);
  testudo_trust trust;
  assert_ok(testudo_trust_measure(design, 50, 3, NULL, &trust, NULL));
  assert_close(trust.amplification_median, 2.0, 1e-15);
  assert_close(trust.amplification_found, 2.0, 1e-15);
  assert_true(trust.magnification_found == 1.0);
  assert_true(trust.error_double <= 1e-15);
  testudo_design_free(design);
}

/* With one part a chunk's weights are r / ||r||^2: they sum to one with R, whoever has done it. */
static void one_part_magnifies_nothing_and_more_parts_do(void **state)
{
  (void)state;
  testudo_trust one, three;
  testudo_design *design = partial(12, 4, 1, 5);
  assert_ok(testudo_trust_measure(design, 60, 3, NULL, &one, NULL));
  assert_close(one.amplification_found, 1.0, 1e-12);
  assert_true(one.condition_sampled == 1.0 && one.visited == 0);
  testudo_design_free(design);
  design = partial(12, 5, 3, 5);
  assert_ok(testudo_trust_measure(design, 60, 3, NULL, &three, NULL));
  assert_true(three.condition_p99 > 3.0 && three.condition_p99 <= three.condition_sampled);
  assert_true(three.amplification_found > 1.5);
  assert_true(three.error_double < 1e-10 && three.error_float < 1e-2);
  testudo_design_free(design);
}

/* cond_2 and the amplification of two columns, in closed form. */
static void brute_pair(const testudo_design *design, int32_t j, int32_t k, double *condition, double *amplification)
{
  const double *r = testudo_design_matrix(design);
  int32_t m = testudo_design_workers(design);
  double a = r[j], b = r[k], c = r[m + j], d = r[m + k], det = a * d - b * c;
  double square = a * a + b * b + c * c + d * d, root = sqrt(square * square - 4.0 * det * det);
  *condition = sqrt((square + root) / (square - root));
  /* [a b; c d]^-1 = [d -b; -c a] / det: rows are workers, columns parts. */
  double inverse[2][2] = {{d / det, -b / det}, {-c / det, a / det}};
  *amplification = 0.0;
  for (int part = 0; part < 2; part++)
    *amplification = fmax(*amplification, fabs(r[part * m + j] * inverse[0][part]) +
                                              fabs(r[part * m + k] * inverse[1][part]));
}

/* With every set of two holders looked at, the worst is the worst pair that shares a chunk. */
static void all_sets_of_two_holders_are_looked_at_and_the_worst_is_found(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    testudo_design *design = partial(9, 4, 2, seed);
    testudo_trust trust;
    double condition = 1.0, amplification = 1.0;
    assert_ok(testudo_trust_measure(design, 40, seed, NULL, &trust, NULL));
    for (int32_t j = 0; j < 9; j++)
      for (int32_t apart = 1; apart < 4; apart++) {
        double one, other;
        brute_pair(design, j, (j + apart) % 9, &one, &other);
        condition = fmax(condition, one);
        amplification = fmax(amplification, other);
      }
    assert_true(trust.exhaustive && trust.visited == 9 * 6);
    assert_close(trust.condition_found, condition, 1e-6);
    assert_true(trust.amplification_found >= amplification * (1.0 - 1e-6));
    assert_true(trust.condition_found >= trust.condition_sampled);
    /* With fewer steps than sets it climbs, and finds no more. */
    testudo_trust fewer;
    assert_ok(testudo_trust_measure(design, 10, seed, NULL, &fewer, NULL));
    assert_true(!fewer.exhaustive && fewer.visited == 40);
    assert_true(fewer.condition_found <= trust.condition_found * (1.0 + 1e-9));
    testudo_design_free(design);
  }
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
  (void)state;
  testudo_design *design = cyclic(30, 3, 1);
  testudo_trust a, b, c;
  assert_ok(testudo_trust_measure(design, 40, 3, NULL, &a, NULL));
  assert_ok(testudo_trust_measure(design, 40, 3, NULL, &b, NULL));
  assert_ok(testudo_trust_measure(design, 40, 4, NULL, &c, NULL));
  assert_memory_equal(&a, &b, sizeof a);
  assert_true(a.amplification_median != c.amplification_median);
  testudo_design_free(design);
}

static void improving_keeps_the_best_of_the_seeds(void **state)
{
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    enum { TRIES = 12, SAMPLES = 30 };
    testudo_design *design = kind == 0 ? cyclic(16, 3, 7) : partial(14, 5, 3, 7);
    testudo_improvement found;
    assert_ok(testudo_code_improve(design, 7, 0.0, TRIES, SAMPLES, NULL, &found, NULL));
    assert_int_equal(found.tries, TRIES);
    assert_false(found.interrupted);
    double least = HUGE_VAL, first = 0.0;
    for (uint64_t seed = 7; seed < 7 + TRIES; seed++) {
      testudo_design *other = kind == 0 ? cyclic(16, 3, seed) : partial(14, 5, 3, seed);
      testudo_trust trust;
      assert_ok(testudo_trust_measure(other, SAMPLES, 7, NULL, &trust, NULL));
      least = fmin(least, trust.amplification_found);
      first = seed == 7 ? trust.amplification_found : first;
      if (seed == found.code_seed && kind == 0)
        for (int32_t j = 0; j < 16; j++)
          assert_memory_equal(testudo_design_coefficients(design, j), testudo_design_coefficients(other, j),
                              4 * sizeof(double));
      if (seed == found.code_seed && kind == 1)
        assert_memory_equal(testudo_design_matrix(design), testudo_design_matrix(other), 42 * sizeof(double));
      testudo_design_free(other);
    }
    assert_true(found.after == least && found.before == first);
    assert_true(found.after < 0.9 * found.before); /* with these seeds */
    testudo_design_free(design);
  }
}

static bool stop_after(void *context, double fraction)
{
  int *left = context;
  assert_true(fraction <= 1.0);
  return --*left > 0;
}

static void stopping_keeps_the_best_so_far(void **state)
{
  (void)state;
  testudo_design *design = cyclic(16, 3, 7);
  testudo_improvement found;
  testudo_trust trust;
  int left = 40;
  testudo_monitor monitor = {stop_after, &left};
  assert_ok(testudo_code_improve(design, 7, 1e6, 0, 30, &monitor, &found, NULL));
  assert_true(found.interrupted && found.tries >= 1 && found.tries < 40);
  assert_ok(testudo_trust_measure(design, 30, 7, NULL, &trust, NULL));
  assert_true(trust.amplification_found == found.after);
  left = 1;
  assert_status(testudo_code_improve(design, 7, 1e6, 0, 30, &monitor, &found, NULL), TESTUDO_INTERRUPTED);
  left = 1;
  assert_status(testudo_trust_measure(design, 30, 7, &monitor, &trust, NULL), TESTUDO_INTERRUPTED);
  /* A time that is over at once still makes one try. */
  assert_ok(testudo_code_improve(design, 7, 1e-9, 0, 30, NULL, &found, NULL));
  assert_int_equal(found.tries, 1);
  testudo_design_free(design);
}

static testudo_design *cyclic_mds(int32_t n, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_cyclic_mds(&assignment, s, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* Codes of every shape pass; any one number that is wrong by a thousandth is noticed. */
static void right_codes_verify_and_one_wrong_number_does_not(void **state)
{
  (void)state;
  static const int32_t shapes[][2] = {{4, 1}, {5, 3}, {9, 2}, {20, 3}, {20, 13}, {41, 8}, {60, 57}, {100, 7},
                                      {200, 9}};
  long wrong = 0;
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    for (int kind = 0; kind < 2; kind++) {
      int32_t n = shapes[k][0], s = shapes[k][1];
      /* 200 smooth rows do without any one of them: least squares finds the sum to 3e-10 beside a wrong number. */
      if (kind == 1 && ((n - s) % 2 == 0 || n == 200))
        continue;
      testudo_design *design = kind == 0 ? cyclic(n, s, 3) : cyclic_mds(n, s);
      testudo_code_check check;
      assert_ok(testudo_code_verify(design, NULL, &check, NULL));
      if (check.failed != 0 || check.refused >= check.sets)
        fail_msg("n=%d s=%d kind %d: %lld of %lld sets failed, %lld refused, residual %g", (int)n, (int)s, kind,
                 (long long)check.failed, (long long)check.sets, (long long)check.refused, check.residual);
      for (int32_t j = 0; j < n; j += 1 + n / 7) {
        double *number = &code_of(design)->family.coefficient[design->row[j] + (j * 3) % (s + 1)], kept = *number;
        *number *= 1.001;
        assert_ok(testudo_code_verify(design, NULL, &check, NULL));
        if (check.failed == 0)
          fail_msg("n=%d s=%d kind %d: worker %d's wrong number passes %lld sets, residual %g", (int)n, (int)s, kind,
                   (int)j, (long long)check.sets, check.residual);
        *number = kept;
        wrong++;
      }
      testudo_design_free(design);
    }
  assert_true(wrong > 80);
  testudo_design *design = groups(12, 2);
  testudo_code_check check;
  assert_ok(testudo_code_verify(design, NULL, &check, NULL));
  assert_true(check.sets == 0 && check.failed == 0);
  testudo_design_free(design);
}

static void every_tolerance_of_a_nested_code_is_verified(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 2, 5};
  testudo_design *design;
  testudo_code_check check;
  assert_ok(testudo_design_create_nested(12, tolerance, 3, 4, "", &design, NULL));
  assert_ok(testudo_code_verify(design, NULL, &check, NULL));
  assert_true(check.failed == 0 && check.sets > 10);
  /* One number per row decodes whatever it is, but 0. */
  for (int32_t level = 1; level < 3; level++) {
    double *number = (double *)(uintptr_t)testudo_design_nested_coefficients(design, level, 4), kept = *number;
    *number += 0.01;
    assert_ok(testudo_code_verify(design, NULL, &check, NULL));
    assert_true(check.failed == 1);
    *number = kept;
  }
  testudo_design_free(design);
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  testudo_design *design = groups(6, 1);
  testudo_improvement found;
  testudo_trust trust;
  testudo_error error = {""};
  assert_status(testudo_code_improve(design, 1, 1.0, 0, 9, NULL, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "only scheme partial and construction cyclic have random coefficients to draw again, "
                                  "not scheme gradient-code, construction frc");
  assert_status(testudo_trust_measure(design, 0, 1, NULL, &trust, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  design = cyclic(6, 1, 1);
  assert_status(testudo_code_improve(design, 1, 0.0, 0, 9, NULL, &found, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_code_improve(design, 1, NAN, 5, 9, NULL, &found, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_code_improve(design, 1, 1.0, -5, 9, NULL, &found, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_assignment assignment;
  assert_ok(testudo_assignment_uncoded(3, 5, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_UNCODED, &assignment, 1, 1, "", &design, NULL));
  assert_status(testudo_trust_measure(design, 5, 1, NULL, &trust, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "not for uncoded"));
  assert_status(testudo_code_improve(design, 1, 0.0, 5, 9, NULL, &found, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_condition_is_that_of_the_rows_at_hand),
      cmocka_unit_test(a_tolerance_of_a_nested_code_is_measured_as_the_gradient_code_it_is),
      cmocka_unit_test(the_search_finds_the_worst_of_all_sets_of_small_codes),
      cmocka_unit_test(repetition_amplifies_by_the_root_of_its_groups),
      cmocka_unit_test(one_part_magnifies_nothing_and_more_parts_do),
      cmocka_unit_test(all_sets_of_two_holders_are_looked_at_and_the_worst_is_found),
      cmocka_unit_test(the_same_seed_gives_the_same_numbers),
      cmocka_unit_test(improving_keeps_the_best_of_the_seeds),
      cmocka_unit_test(stopping_keeps_the_best_so_far),
      cmocka_unit_test(right_codes_verify_and_one_wrong_number_does_not),
      cmocka_unit_test(every_tolerance_of_a_nested_code_is_verified),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
