/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "base/random.h"
#include "exact/cluster.h"
#include "exact/cyclic/transfer.h"

typedef struct published_case {
  const char *law;
  testudo_structure structure;
  int32_t workers, load, parts;
  double mean;
  double digit;    /* of the last printed digit */
} published_case;

/* The check values of docs/theory/latency.md#check-values. */
static const published_case published[] = {
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 5, 2, 1, 1.43412698, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 5, 3, 2, 2.70354385, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 10, 3, 1, 1.48198247, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 10, 3, 2, 3.49057561, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 10, 3, 3, 8.78690476, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 20, 4, 1, 1.61043464, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 20, 4, 2, 3.29436050, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 24, 4, 1, 1.70435869, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 24, 4, 2, 3.46300789, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 12, 6, 3, 3.45247293, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 50, 6, 2, 3.08405371, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 100, 8, 1, 1.80710150, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_SCALED, 200, 8, 1, 2.08751616, 1e-8},
    {"shifted-exp:0.5,1", TESTUDO_STRUCTURE_SCALED, 10, 3, 1, 2.35581623, 1e-8},
    {"shifted-exp:0.5,1", TESTUDO_STRUCTURE_SCALED, 10, 3, 2, 4.65417154, 1e-8},
    {"shifted-exp:0.5,1", TESTUDO_STRUCTURE_SCALED, 20, 4, 2, 4.63307325, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_ADDITIVE, 10, 3, 1, 1.72794677, 1e-8},
    {"exp:1", TESTUDO_STRUCTURE_ADDITIVE, 20, 4, 2, 3.38749102, 1e-8},
};

static double mean_of(const published_case *wanted, int32_t parts)
{
  testudo_law *law = law_of(wanted->law);
  testudo_design *design = cyclic(wanted->workers, wanted->load, parts);
  testudo_delay_model model = {.law = law, .structure = wanted->structure};
  testudo_summary summary = summary_with(design, &model, &plain_options);
  assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
  assert_true(summary.abs_error <= 1e-8 * summary.mean);
  testudo_design_free(design);
  testudo_law_free(law);
  return summary.mean;
}

static void means_equal_the_published_check_values(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof published / sizeof *published; k++)
    assert_near(mean_of(&published[k], published[k].parts), published[k].mean, 0.51 * published[k].digit);
}

static void one_part_more_is_not_mistaken_for_the_published_value(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof published / sizeof *published; k++)
    if (published[k].parts < published[k].load)
      assert_true(fabs(mean_of(&published[k], published[k].parts + 1) - published[k].mean) > 0.1);
}

static void per_worker_rates_equal_the_published_check_value(void **state)
{
  (void)state;
  double rates[12];
  for (int j = 0; j < 12; j++)
    rates[j] = 1 + j % 3;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic(12, 3, 1);
  testudo_delay_model model = {.law = law, .rates = rates, .workers = 12};
  assert_near(summary_with(design, &model, &plain_options).mean, 0.81526536, 0.51e-8);
  rates[4] += 0.03;
  assert_true(fabs(summary_with(design, &model, &plain_options).mean - 0.81526536) > 1e-5);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Worker j processes chunks 4+3-j.., so the ring runs against the numbering of the workers. */
static void finds_the_ring_under_any_numbering_of_the_workers(void **state)
{
  (void)state;
  int32_t load[10], order[30];
  double rates[10], plain_rates[10];
  for (int32_t j = 0; j < 10; j++) {
    int32_t first = (7 * j + 4) % 10;
    load[j] = 3;
    rates[j] = 1 + 0.37 * j;
    plain_rates[first] = rates[j];
    for (int32_t k = 0; k < 3; k++)
      order[3 * j + k] = (first + k) % 10;
  }
  testudo_law *law = law_of("exp:1.25");
  testudo_design *moved = partial(10, 10, 2, load, order), *plain = cyclic(10, 3, 2);
  testudo_delay_model moved_model = {.law = law, .rates = rates, .workers = 10};
  testudo_delay_model plain_model = {.law = law, .rates = plain_rates, .workers = 10};
  testudo_summary found = summary_with(moved, &moved_model, &plain_options);
  assert_int_equal(found.status, TESTUDO_MEAN_EXACT);
  assert_close(found.mean, summary_with(plain, &plain_model, &plain_options).mean, 1e-12);
  testudo_design_free(moved);
  testudo_design_free(plain);
  testudo_law_free(law);
}

/* Orders that workers share, with the rates of their workers, under other numbers of workers and chunks: the same law.
   Steps of 4 and 9 go round all of 12 chunks only together. */
static void the_numbers_of_workers_and_chunks_do_not_matter(void **state)
{
  (void)state;
  static const struct {
    int32_t size, load, parts, step[5];
  } shared[] = {{7, 3, 1, {0, 1, 3}},       {7, 3, 2, {0, 3, 1}},         {9, 4, 2, {3, 1, 0, 2}},
                {12, 3, 1, {0, 4, 9}},      {12, 4, 1, {0, 4, 3, 7}},     {6, 3, 1, {0, 2, 3}},
                {10, 5, 2, {0, 2, 4, 6, 8}}, {8, 5, 3, {4, 3, 2, 1, 0}}, {10, 2, 1, {0, 5}},
                {11, 5, 1, {0, 9, 4, 2, 1}}};
  testudo_law *law = law_of("shifted-exp:0.3,1.25");
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  for (size_t c = 0; c < sizeof shared / sizeof *shared; c++) {
    int32_t n = shared[c].size, d = shared[c].load, load[12], plain_order[60], order[60], worker[12], chunk[12];
    double rates[12], plain_rates[12];
    for (int32_t j = 0; j < n; j++) {
      load[j] = d;
      worker[j] = chunk[j] = j;
      plain_rates[j] = 1 + 0.37 * (j % 5);
      for (int32_t k = 0; k < d; k++)
        plain_order[d * j + k] = (j + shared[c].step[k]) % n;
    }
    testudo_i_random_shuffle(&random, worker, (size_t)n);
    testudo_i_random_shuffle(&random, chunk, (size_t)n);
    for (int32_t j = 0; j < n; j++) {
      rates[j] = plain_rates[worker[j]];
      for (int32_t k = 0; k < d; k++)
        order[d * j + k] = chunk[plain_order[d * worker[j] + k]];
    }
    testudo_delay_model model = {.law = law, .rates = rates, .workers = n};
    testudo_delay_model plain_model = {.law = law, .rates = plain_rates, .workers = n};
    testudo_design *moved = partial(n, n, shared[c].parts, load, order);
    testudo_design *plain = partial(n, n, shared[c].parts, load, plain_order);
    testudo_latency *a = latency_with(moved, &model, &plain_options);
    testudo_latency *b = latency_with(plain, &plain_model, &plain_options);
    bool ring = n != 10 || d != 2; /* steps of 5 make rings of two side by side, found under their own numbers only */
    assert_true(testudo_latency_is_exact(b));
    assert_int_equal(testudo_latency_is_exact(a), ring || strstr(testudo_latency_method(a), "group") != NULL);
    for (double t = 0.5; ring && t < 12; t += 1.3) {
      double of_a, of_b, upper;
      assert_ok(testudo_latency_cdf(a, t, &of_a, &upper, NULL));
      assert_ok(testudo_latency_cdf(b, t, &of_b, &upper, NULL));
      assert_near(of_a, of_b, 1e-13);
    }
    testudo_latency_free(a);
    testudo_latency_free(b);
    testudo_design_free(moved);
    testudo_design_free(plain);
  }
  testudo_law_free(law);
}

/* Every matching order of the Fano plane is one that seven workers share, so its numbers do not matter. */
static void the_fano_plane_in_matching_order_has_one_mean(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  for (int round = 0; round < 40; round++) {
    static const int32_t step[] = {0, 1, 3};
    testudo_assignment plane;
    int32_t worker[7] = {0, 1, 2, 3, 4, 5, 6}, chunk[7] = {0, 1, 2, 3, 4, 5, 6};
    assert_ok(testudo_assignment_cyclic(7, 3, &plane, NULL));
    testudo_i_random_shuffle(&random, worker, 7);
    testudo_i_random_shuffle(&random, chunk, 7);
    for (int32_t j = 0; j < 7; j++)
      for (int32_t k = 0; k < 3; k++)
        plane.chunk[3 * j + k] = chunk[(worker[j] + step[k]) % 7];
    assert_ok(testudo_order_natural(&plane, NULL));
    assert_ok(testudo_order_matching(&plane, NULL, NULL));
    testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &plane, 1);
    testudo_summary found = summary_with(design, &model, &plain_options);
    assert_int_equal(found.status, TESTUDO_MEAN_EXACT);
    assert_near(found.mean, 1.32068170558, 0.51e-11 + found.abs_error);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

/* Sets that are arcs, in random orders under random numbers: where only finished workers count, a ring all the same. */
static void a_ring_of_finished_workers_needs_no_order(void **state)
{
  (void)state;
  testudo_analysis_options whole = plain_options;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 0, 0);
  whole.report = TESTUDO_REPORT_WHOLE;
  for (int32_t d = 1; d <= 9; d++) {
    int32_t load[9], order[81], chunk[9], worker[9];
    for (int32_t j = 0; j < 9; j++)
      worker[j] = chunk[j] = j;
    testudo_i_random_shuffle(&random, worker, 9);
    testudo_i_random_shuffle(&random, chunk, 9);
    for (int32_t j = 0; j < 9; j++) {
      load[j] = d;
      for (int32_t k = 0; k < d; k++)
        order[d * j + k] = chunk[(worker[j] + k) % 9];
      testudo_i_random_shuffle(&random, order + d * j, (size_t)d);
    }
    testudo_design *moved = partial(9, 9, 1, load, order), *plain = cyclic(9, d, 1);
    testudo_summary found = summary_with(moved, &model, &whole), wanted = summary_with(plain, &model, &whole);
    assert_int_equal(found.status, TESTUDO_MEAN_EXACT);
    assert_close(found.mean, wanted.mean, 1e-12);
    testudo_design_free(moved);
    testudo_design_free(plain);
  }
  testudo_law_free(law);
}

static void two_places_swapped_are_not_taken_for_a_ring(void **state)
{
  (void)state;
  int32_t load[6], order[18];
  for (int32_t j = 0; j < 6; j++) {
    load[j] = 3;
    for (int32_t k = 0; k < 3; k++)
      order[3 * j + k] = (j + k) % 6;
  }
  order[7] = 4;
  order[8] = 3;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = partial(6, 6, 1, load, order);
  testudo_delay_model model = {.law = law};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  assert_non_null(strstr(testudo_latency_method(latency), "elimination"));
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void too_many_states_are_bounded_around_the_exact_mean(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic(20, 4, 2);
  testudo_delay_model model = {.law = law};
  testudo_analysis_options options = plain_options;
  options.max_states = 100;
  assert_int_equal(summary_with(design, &model, &options).status, TESTUDO_MEAN_EXACT);
  options.max_states = 99;
  testudo_summary summary = summary_with(design, &model, &options);
  assert_int_equal(summary.status, TESTUDO_MEAN_BOUNDED);
  assert_true(isnan(summary.mean) && isnan(summary.stddev) && isnan(summary.over_ideal));
  assert_true(summary.lower <= 3.29436050 && summary.upper >= 3.29436050);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* The tail of the last of two, load 1: 2 e^-t - e^-2t, known to any size. */
static void small_tails_keep_their_digits(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *last = cyclic(2, 1, 1), *large = cyclic(60, 8, 3), *small = cyclic(60, 3, 1);
  testudo_latency *two = latency_with(last, &model, &plain_options);
  for (double t = 1; t < 300; t *= 2.3) {
    double lower, upper;
    assert_ok(testudo_latency_tail(two, t, &lower, &upper, NULL));
    assert_close(lower, -expm1(-t) * exp(-t) + exp(-t), 1e-13);
    assert_true(lower == upper);
  }
  /* Far out P(T > t) is the sum over chunks of the chance of being missed by all holders: exp(-t (1 + 1/2 + 1/3)). */
  testudo_latency *sparse = latency_with(small, &model, &plain_options);
  double lower, upper, t = 60;
  assert_ok(testudo_latency_tail(sparse, t, &lower, &upper, NULL));
  assert_close(lower, 60 * exp(-t * (1 + 0.5 + 1.0 / 3)), 1e-9);
  /* 120 states: the tail agrees with 1 - P where the method changes. */
  testudo_latency *dense = latency_with(large, &model, &plain_options);
  for (t = 3; t < 40; t *= 1.3) {
    double below;
    assert_ok(testudo_latency_tail(dense, t, &lower, &upper, NULL));
    assert_ok(testudo_latency_cdf(dense, t, &below, &upper, NULL));
    assert_near(lower + below, 1.0, 1e-12);
  }
  testudo_latency_free(two);
  testudo_latency_free(sparse);
  testudo_latency_free(dense);
  testudo_design_free(last);
  testudo_design_free(large);
  testudo_design_free(small);
  testudo_law_free(law);
}

/* Both roads of the transfer object at the same laws, with a periodic pattern of two classes and with failures. */
static void walking_and_squaring_agree(void **state)
{
  (void)state;
  int32_t class_at[36];
  for (int32_t j = 0; j < 36; j++)
    class_at[j] = j % 3 == 1;
  const double q[8] = {0.11, 0.23, 0.29, 0.37, 0.05, 0.19, 0.35, 0.41};
  int cases = 0;
  for (int32_t failed = 0; failed <= 3; failed++)
    for (int32_t parts = 1; parts <= 3; parts++, cases++) {
      testudo_i_arena arena = {0};
      testudo_i_transfer transfer;
      double below[2], above[2];
      assert_ok(testudo_i_transfer_init(&transfer, &arena, 36, 3, parts, NULL, failed, 2, class_at, NULL));
      assert_int_equal(transfer.period, 3);
      for (size_t k = 0; k < 8; k++)
        if (transfer.work[k] == NULL)
          transfer.work[k] = malloc(testudo_i_transfer_block(&transfer) * sizeof(double));
      for (int road = 0; road < 2; road++) {
        transfer.by_power = road == 1;
        assert_ok(testudo_i_transfer_evaluate(&transfer, q, &below[road], &above[road], NULL));
      }
      assert_close(below[0], below[1], 1e-13);
      assert_close(above[0], above[1], 1e-13);
      assert_near(below[0] + above[0], 1.0, 1e-13);
      testudo_i_arena_clear(&arena);
    }
  assert_int_equal(cases, 12);
}

/* The leading eigenvalue against the other roads, from probabilities that are nearly 0 to nearly 1. Alone it answers
   all but what is near 0: there all eigenvalues count, and it says so. */
static void the_leading_eigenvalue_agrees_with_squaring(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 81, 0);
  int led = 0, all = 0;
  for (int32_t failed = 0; failed <= 6; failed++)
    for (int32_t parts = 1; parts <= 3; parts++) {
      const int32_t workers = 40 + 30 * parts + failed, load = 3 + failed % 3;
      int32_t *class_at = calloc((size_t)workers, sizeof *class_at);
      testudo_i_arena arena = {0};
      testudo_i_transfer transfer;
      assert_non_null(class_at);
      assert_ok(testudo_i_transfer_init(&transfer, &arena, workers, load, parts, NULL, failed, 1, class_at, NULL));
      assert_true(transfer.leading);
      double mass = exp(testudo_i_log_binomial(workers, failed, (double)failed / workers));
      for (int drawn = 0; drawn < 40; drawn++) {
        double q[6], sum = 0.0, below[2], above[2], covered, lost;
        for (int32_t c = 0; c <= load; c++) {
          double slope = (drawn % 8) * (drawn < 20 ? 1.0 : -1.0);
          q[c] = pow(testudo_i_random_uniform(&random), 3.0) * pow(10.0, slope * (c - load));
          sum += q[c];
        }
        for (int32_t c = 0; c <= load; c++)
          q[c] /= sum;
        for (int road = 0; road < 2; road++) {
          transfer.leading = road == 0;
          assert_ok(testudo_i_transfer_evaluate(&transfer, q, &below[road], &above[road], NULL));
        }
        all++;
        assert_true(fabs(below[0] - below[1]) <= 1e-12 + 1e-10 * below[1]);
        assert_true(fabs(above[0] - above[1]) <= 1e-12 + 1e-10 * above[1]);
        if (below[1] > 1e-40)
          assert_true(fabs(below[0] / below[1] - 1.0) < 1e-10);
        if (above[1] > 1e-40)
          assert_true(fabs(above[0] / above[1] - 1.0) < 1e-9);
        testudo_i_transfer_set_weights(&transfer, q);
        if (!testudo_i_leading_traces(&transfer, &covered, &lost))
          continue;
        led++;
        assert_true(covered >= 0.0 && lost >= 0.0);
        assert_true(fabs(covered - mass * below[1]) <= 1e-12 && fabs(lost - mass * above[1]) <= 1e-12);
        assert_true(fabs(covered + lost - mass) <= 1e-12 * mass);
      }
      testudo_i_arena_clear(&arena);
      free(class_at);
    }
  print_message("%d of %d by the leading eigenvalue\n", led, all);
  assert_true(led > all / 3);
}

/* A ring that is short for its states: the bound of what is left out must see that the other eigenvalues count. */
static void a_short_ring_is_not_led(void **state)
{
  (void)state;
  const double q[7] = {0.3, 0.05, 0.05, 0.1, 0.1, 0.1, 0.3};
  int32_t class_at[12] = {0};
  testudo_i_arena arena = {0};
  testudo_i_transfer transfer;
  double covered, lost;
  assert_ok(testudo_i_transfer_init(&transfer, &arena, 12, 6, 2, NULL, 0, 1, class_at, NULL));
  assert_false(transfer.leading);
  transfer.vector = malloc(3 * (size_t)transfer.states * sizeof *transfer.vector);
  for (size_t k = 0; k < 4; k++)
    if (transfer.work[k] == NULL)
      transfer.work[k] = malloc(testudo_i_transfer_block(&transfer) * sizeof(double));
  testudo_i_transfer_set_weights(&transfer, q);
  assert_false(testudo_i_leading_traces(&transfer, &covered, &lost));
  free(transfer.vector);
  testudo_i_arena_clear(&arena);
}

static void counts_states_without_overflow(void **state)
{
  (void)state;
  assert_int_equal(testudo_i_transfer_states(8, 1, 1000), 8);
  assert_int_equal(testudo_i_transfer_states(8, 3, 1000), 120);
  assert_int_equal(testudo_i_transfer_states(1, 1, 1000), 1);
  assert_int_equal(testudo_i_transfer_states(11, 3, 285), 286);
  assert_int_equal(testudo_i_transfer_states(INT32_MAX - 5000, 1000, 1000), 1001);
}

static void whole_reports_of_one_chunk_each_are_the_last_of_all(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:2");
  testudo_delay_model model = {.law = law};
  testudo_analysis_options options = plain_options;
  options.report = TESTUDO_REPORT_WHOLE;
  testudo_design *one = cyclic(7, 1, 1), *single = cyclic(1, 1, 1);
  double harmonic = 0;
  for (int k = 1; k <= 7; k++)
    harmonic += 1.0 / k;
  assert_close(summary_with(one, &model, &options).mean, harmonic / 2, 1e-9);
  assert_close(summary_with(single, &model, &options).mean, 0.5, 1e-9);
  assert_close(summary_with(single, &model, &options).stddev, 0.5, 1e-8);
  testudo_design_free(one);
  testudo_design_free(single);
  testudo_law_free(law);
}

/* Chunks j, j + 5, j + 10, .. of 24 are neighbours when numbered in steps of 5. */
static void steps_that_go_round_are_natural(void **state)
{
  (void)state;
  int32_t load[24], order[24 * 8];
  for (int32_t j = 0; j < 24; j++) {
    load[j] = 8;
    for (int32_t k = 0; k < 8; k++)
      order[8 * j + k] = (7 * j + 5 * k + 3) % 24;
  }
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *stepped = partial(24, 24, 2, load, order), *plain = cyclic(24, 8, 2);
  testudo_latency *a = latency_with(stepped, &model, &plain_options), *b = latency_with(plain, &model, &plain_options);
  double of_a, of_b, upper;
  assert_string_equal(testudo_latency_method(a), testudo_latency_method(b));
  for (double t = 0.5; t < 12; t += 1.3) {
    assert_ok(testudo_latency_cdf(a, t, &of_a, &upper, NULL));
    assert_ok(testudo_latency_cdf(b, t, &of_b, &upper, NULL));
    assert_near(of_a, of_b, 1e-13);
  }
  testudo_latency_free(a);
  testudo_latency_free(b);
  testudo_design_free(stepped);
  testudo_design_free(plain);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(means_equal_the_published_check_values),
      cmocka_unit_test(one_part_more_is_not_mistaken_for_the_published_value),
      cmocka_unit_test(per_worker_rates_equal_the_published_check_value),
      cmocka_unit_test(finds_the_ring_under_any_numbering_of_the_workers),
      cmocka_unit_test(the_numbers_of_workers_and_chunks_do_not_matter),
      cmocka_unit_test(the_fano_plane_in_matching_order_has_one_mean),
      cmocka_unit_test(a_ring_of_finished_workers_needs_no_order),
      cmocka_unit_test(two_places_swapped_are_not_taken_for_a_ring),
      cmocka_unit_test(too_many_states_are_bounded_around_the_exact_mean),
      cmocka_unit_test(small_tails_keep_their_digits),
      cmocka_unit_test(walking_and_squaring_agree),
      cmocka_unit_test(the_leading_eigenvalue_agrees_with_squaring),
      cmocka_unit_test(a_short_ring_is_not_led),
      cmocka_unit_test(counts_states_without_overflow),
      cmocka_unit_test(whole_reports_of_one_chunk_each_are_the_last_of_all),
      cmocka_unit_test(steps_that_go_round_are_natural),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
