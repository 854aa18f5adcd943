/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time per update: closed forms, the published table by events, what theory says of staleness, and what is refused. */
#include "check.h"

#include <stdbool.h>

#include <testudo/delay.h>
#include <testudo/waiting.h>

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

/* One thread unless said otherwise: the machine of a test may be busy. */
static testudo_update_time find(const testudo_delay_model *model, const testudo_waiting_options *options)
{
  testudo_waiting_options own = *options;
  testudo_update_time found;
  own.threads = own.threads == 0 ? 1 : own.threads;
  testudo_error error = {""};
  if (testudo_update_time_find(model, &own, &found, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return found;
}

/* P = 8, K = 3 of a law. */
static testudo_update_time of_eight(const char *text, testudo_update_rule rule, int64_t updates)
{
  testudo_law *law = law_of(text);
  const testudo_delay_model model = {.law = law};
  testudo_update_time found =
      find(&model, &(testudo_waiting_options){.rule = rule, .workers = 8, .wait = 3, .blocks = 1, .updates = updates,
                                              .burn_in = 2000, .always = true, .seed = 4});
  testudo_law_free(law);
  return found;
}

/* ---- closed forms ---- */

/* E X_{K:P} of x_m U^(-1/alpha). */
static double pareto_order_statistic(double least, double alpha, int p, int k)
{
  return least * exp(lgamma(p + 1.0) + lgamma(p - k + 1.0 - 1.0 / alpha) - lgamma(p - k + 1.0) -
                     lgamma(p + 1.0 - 1.0 / alpha));
}

static void closed_forms_are_met(void **state)
{
  (void)state;
  double third = 1.0 / 8 + 1.0 / 7 + 1.0 / 6;
  const struct {
    const char *law;
    testudo_update_rule rule;
    double wanted;
  } cases[] = {{"exp:1", TESTUDO_WAITING_K_SYNC, third},
               {"exp:1", TESTUDO_WAITING_K_BATCH_SYNC, 0.375},
               {"exp:1", TESTUDO_WAITING_K_ASYNC, third},
               {"exp:1", TESTUDO_WAITING_K_BATCH_ASYNC, 0.375},
               {"shifted-exp:1,1", TESTUDO_WAITING_K_SYNC, 1.0 + third},
               {"shifted-exp:1,1", TESTUDO_WAITING_K_BATCH_ASYNC, 0.75},
               {"pareto:1,2.5", TESTUDO_WAITING_K_SYNC, pareto_order_statistic(1.0, 2.5, 8, 3)},
               {"pareto:1,2.5", TESTUDO_WAITING_K_BATCH_ASYNC, 0.625},
               {"gamma:1,0.5", TESTUDO_WAITING_K_BATCH_SYNC, 0.1875},
               {"mixture:0.1,exp:0.1,exp:10", TESTUDO_WAITING_K_BATCH_ASYNC, 3.0 / 8.0 * 1.09}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_update_time found = of_eight(cases[k].law, cases[k].rule, 0);
    assert_int_equal(found.source, TESTUDO_WAITING_EXACT);
    assert_close(found.mean, cases[k].wanted, 1e-10);
    assert_near(found.mean, cases[k].wanted, found.abs_error + 1e-14); /* the rounding of lgamma */
    assert_true(isnan(found.stderr_mean));
    assert_true(strncmp(found.method, "exact: ", 7) == 0 && found.events.updates == 0);
  }
  assert_near(of_eight("pareto:1,2.5", TESTUDO_WAITING_K_SYNC, 0).mean, 1.19617, 5e-6);
}

/* Of Pareto laws with alpha = 2: x_m sqrt(pi) P! / Gamma(P + 1/2). */
static void full_sync_against_async(void **state)
{
  (void)state;
  for (int p = 2; p <= 64; p *= 2) {
    testudo_law *pareto = law_of("pareto:3,2"), *exponential = law_of("exp:2");
    testudo_delay_model model = {.law = pareto};
    testudo_waiting_options options = {.rule = TESTUDO_WAITING_K_SYNC, .workers = p, .wait = p, .blocks = 1};
    testudo_update_time found = find(&model, &options);
    double slowest = 3.0 * sqrt(acos(-1.0)) * exp(lgamma(p + 1.0) - lgamma(p + 0.5)), harmonic = 0.0;
    assert_close(found.mean, slowest, 1e-10);
    assert_close(found.speedup, p * slowest / 6.0, 1e-10);
    assert_true(found.heavy);
    for (int k = 1; k <= p; k++)
      harmonic += 1.0 / k;
    model.law = exponential;
    options.rule = TESTUDO_WAITING_K_ASYNC;
    found = find(&model, &options);
    assert_close(found.mean, harmonic / 2.0, 1e-10);
    assert_close(found.speedup, p * harmonic, 1e-10);
    testudo_law_free(pareto);
    testudo_law_free(exponential);
  }
}

/* ---- the published table ---- */

static void the_table_by_events(void **state)
{
  (void)state;
  static const char *const laws[3] = {"exp:1", "shifted-exp:1,1", "pareto:1,2.5"};
  /* With the errors that they are given with, and half a unit of the last digit. */
  static const double wanted[3][4] = {{.43452, .37500, .43452, .37500},
                                      {1.43452, 1.43418, .8568, .7500},
                                      {1.19617, 1.1962, .7134, .6250}};
  static const double error[3][4] = {{0, 0, 0, 0}, {0, 1e-4, 1e-4, 0}, {0, 2e-4, 1e-4, 0}};
  static const double unit[3][4] = {{5e-6, 5e-6, 5e-6, 5e-6}, {5e-6, 5e-6, 5e-5, 5e-5}, {5e-6, 5e-5, 5e-5, 5e-5}};
  for (int l = 0; l < 3; l++)
    for (int rule = 0; rule < 4; rule++) {
      testudo_update_time found = of_eight(laws[l], (testudo_update_rule)rule, 200000);
      const testudo_waiting_events *events = &found.events;
      assert_near(events->mean, wanted[l][rule], 4.0 * hypot(events->stderr_mean, error[l][rule]) + unit[l][rule]);
      assert_true(events->stderr_mean > 0.0 && events->stderr_mean < 2e-3 && events->updates >= 200000);
      assert_close(events->used * events->mean, 3.0, 1e-9);
      bool exact = found.source == TESTUDO_WAITING_EXACT;
      assert_true(exact || (found.source == TESTUDO_WAITING_SIMULATED && found.mean == events->mean));
      assert_true(exact == (strncmp(found.method, "exact", 5) == 0));
    }
}

/* K E[X] / P of every law of finite mean. */
static void k_batch_async_is_a_renewal(void **state)
{
  (void)state;
  const struct {
    const char *law;
    double mean;
  } cases[] = {{"weibull:0.6,2", 2.0 * tgamma(1.0 + 1.0 / 0.6)}, {"lognormal:0.2,0.9", exp(0.2 + 0.405)},
               {"gamma:3,0.5", 1.5},                            {"pareto:1,2.5", 2.5 / 1.5},
               {"lomax:3,1", 0.5},                              {"deterministic:2", 2.0},
               {"mixture:0.3,deterministic:5,gamma:2,1", 2.9}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_update_time found = of_eight(cases[k].law, TESTUDO_WAITING_K_BATCH_ASYNC, 100000);
    assert_int_equal(found.source, TESTUDO_WAITING_EXACT);
    assert_close(found.mean, 3.0 * cases[k].mean / 8.0, 1e-10);
    assert_near(found.events.mean, found.mean, 4.0 * found.events.stderr_mean);
    assert_near(found.events.staleness, 7.0 / 3.0, 1e-3);
    assert_close(found.staleness, 7.0 / 3.0, 1e-15);
  }
}

/* ---- new-longer-than-used ---- */

static void laws_age_by_what_they_do(void **state)
{
  (void)state;
  const struct {
    const char *law;
    testudo_ageing verdict;
  } cases[] = {{"exp:3", TESTUDO_AGEING_BOTH},
               {"gamma:1,2", TESTUDO_AGEING_BOTH},
               {"weibull:1,2", TESTUDO_AGEING_BOTH},
               {"mixture:0.5,exp:2,exp:2", TESTUDO_AGEING_BOTH},
               {"shifted-exp:1,1", TESTUDO_AGEING_NEW_LONGER},
               {"gamma:2,1", TESTUDO_AGEING_NEW_LONGER},
               {"gamma:1.01,1", TESTUDO_AGEING_NEW_LONGER},
               {"weibull:1.5,1", TESTUDO_AGEING_NEW_LONGER},
               {"deterministic:2", TESTUDO_AGEING_NEW_LONGER},
               {"gamma:0.99,1", TESTUDO_AGEING_NEW_SHORTER},
               {"weibull:0.7,1", TESTUDO_AGEING_NEW_SHORTER},
               {"lomax:2,1", TESTUDO_AGEING_NEW_SHORTER},
               {"mixture:0.1,exp:0.1,exp:10", TESTUDO_AGEING_NEW_SHORTER},
               {"pareto:1,2.5", TESTUDO_AGEING_NEITHER},
               {"lognormal:0,0.5", TESTUDO_AGEING_NEITHER},
               {"mixture:0.5,deterministic:1,deterministic:9", TESTUDO_AGEING_NEITHER},
               {"mixture:0.01,shifted-exp:1,0.01,shifted-exp:1,10", TESTUDO_AGEING_NEITHER}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_ageing_test test;
    testudo_law *law = law_of(cases[k].law);
    testudo_law_ageing(law, &test);
    if (test.verdict != cases[k].verdict)
      fail_msg("%s: %s", cases[k].law, test.text);
    assert_non_null(strstr(test.text, "at all pairs of "));
    testudo_law_free(law);
  }
}

/* The bound is given where tasks are new-longer-than-used, and only there. */
static void the_bound_stands_where_it_holds(void **state)
{
  (void)state;
  testudo_update_time shifted = of_eight("shifted-exp:1,1", TESTUDO_WAITING_K_ASYNC, 0);
  assert_int_equal(shifted.source, TESTUDO_WAITING_BOUND);
  assert_true(isnan(shifted.mean) && strncmp(shifted.method, "bound: ", 7) == 0);
  assert_close(shifted.upper_bound, 1.0 + 1.0 / 8 + 1.0 / 7 + 1.0 / 6, 1e-10);
  static const char *const longer[] = {"gamma:2,1", "weibull:1.5,1", "deterministic:1"};
  for (int k = 0; k < 3; k++) {
    testudo_update_time found = of_eight(longer[k], TESTUDO_WAITING_K_ASYNC, 50000);
    assert_true(found.source == TESTUDO_WAITING_SIMULATED && found.mean < found.upper_bound);
  }
  testudo_update_time mixture = of_eight("mixture:0.1,exp:0.1,exp:10", TESTUDO_WAITING_K_ASYNC, 400000);
  testudo_update_time sync = of_eight("mixture:0.1,exp:0.1,exp:10", TESTUDO_WAITING_K_SYNC, 0);
  assert_true(isnan(mixture.upper_bound) && mixture.source == TESTUDO_WAITING_SIMULATED);
  assert_near(mixture.mean, .5190, 4.0 * hypot(mixture.stderr_mean, 2e-4) + 5e-5);
  assert_near(sync.mean, .050457, 5e-7);
  assert_true(mixture.mean > 10.0 * sync.mean);
  testudo_update_time none = of_eight("lognormal:0,1", TESTUDO_WAITING_K_ASYNC, 0);
  assert_true(none.source == TESTUDO_WAITING_UNKNOWN && isnan(none.upper_bound) && isnan(none.mean));
}

/* Of tasks with several terms the law of the task decides: a constant start makes an exponential one age. */
static void tasks_of_several_terms_age_as_a_whole(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1"), *start = law_of("deterministic:0.5"), *shorter = law_of("weibull:0.5,1");
  testudo_delay_model model = {.law = x, .startup = start};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_K_ASYNC, .workers = 4, .wait = 2, .blocks = 1};
  testudo_update_time found = find(&model, &options);
  assert_int_equal(found.ageing.verdict, TESTUDO_AGEING_NEW_LONGER);
  assert_close(found.upper_bound, 0.5 + 1.0 / 4 + 1.0 / 3, 1e-9);
  model = (testudo_delay_model){.law = x, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  options.blocks = 3;
  found = find(&model, &options);
  assert_int_equal(found.ageing.verdict, TESTUDO_AGEING_NEW_LONGER);
  /* Classes: what holds of both. */
  const testudo_worker_class classes[2] = {{2, 1.0, NULL}, {2, 3.0, shorter}};
  model = (testudo_delay_model){.law = x, .classes = classes, .class_count = 2};
  options.blocks = 1;
  found = find(&model, &options);
  assert_true(found.ageing.verdict == TESTUDO_AGEING_NEW_SHORTER && isnan(found.upper_bound));
  model.slow = (testudo_slow_state){0.1, 0.1, 2.0};
  assert_int_equal(find(&model, &options).ageing.verdict, TESTUDO_AGEING_UNKNOWN);
  testudo_law_free(x);
  testudo_law_free(start);
  testudo_law_free(shorter);
}

/* ---- staleness ---- */

static void fresh_gradients_are_as_theory_says(void **state)
{
  (void)state;
  static const char *const laws[] = {"exp:1", "gamma:3,1", "shifted-exp:1,1", "deterministic:1", "weibull:0.6,1",
                                     "mixture:0.1,exp:0.1,exp:10"};
  for (int l = 0; l < 6; l++)
    for (int rule = TESTUDO_WAITING_K_ASYNC; rule <= TESTUDO_WAITING_K_BATCH_ASYNC; rule++)
      for (int wait = 1; wait <= 3; wait += 2) {
        testudo_law *law = law_of(laws[l]);
        const testudo_delay_model model = {.law = law};
        testudo_update_time found =
            find(&model, &(testudo_waiting_options){.rule = (testudo_update_rule)rule, .workers = 8, .wait = wait,
                                                    .blocks = 1, .updates = 60000, .burn_in = 1000, .always = true,
                                                    .seed = 6});
        const testudo_waiting_events *events = &found.events;
        double slack = 4.0 * events->fresh_stderr + 1e-12, sum = 0.0, mean = 0.0;
        assert_true(events->fresh >= found.fresh_lower - slack && events->fresh <= found.fresh_upper + slack);
        assert_true(events->fresh_low <= events->fresh && events->fresh <= events->fresh_high);
        for (int k = 0; k < TESTUDO_STALENESS_CLASSES; k++) {
          sum += events->share[k];
          mean += k * events->share[k];
        }
        assert_close(sum, 1.0, 1e-12);
        assert_true(events->share[0] == events->fresh && mean <= events->staleness * (1.0 + 1e-12));
        bool k_async = rule == TESTUDO_WAITING_K_ASYNC;
        assert_close(found.staleness, (8.0 - (k_async ? wait : 1)) / wait, 1e-14);
        assert_close(events->staleness, found.staleness, 5e-3);
        /* One sided where new tasks differ from used ones; known where they do not. */
        bool longer = l >= 1 && l <= 3, known = wait == 1 || k_async;
        double fair = k_async || wait == 1 ? wait / 8.0 : 0.0;
        for (int i = 1; i <= wait && !k_async && wait > 1; i++)
          fair += (1.0 - pow(0.875, i)) / wait;
        if (l == 0 || known)
          assert_close(longer || l == 0 ? found.fresh_upper : found.fresh_lower, fair, 1e-12);
        assert_true(l == 0 ? found.fresh_lower == found.fresh_upper : found.fresh_lower < found.fresh_upper);
        testudo_law_free(law);
      }
}

/* ---- clusters ---- */

/* Exact and simulated, of unlike workers, slow states and terms. */
static void exact_times_agree_with_events(void **state)
{
  (void)state;
  testudo_law *x = law_of("gamma:2,0.3"), *e = law_of("exp:1"), *start = law_of("exp:4"), *send = law_of("exp:6");
  const testudo_worker_class classes[2] = {{2, 1.0, NULL}, {3, 2.5, e}};
  const double rates[5] = {1.0, 2.0, 0.5, 1.5, 3.0};
  const testudo_delay_model models[] = {
      {.law = x, .startup = start, .message = send, .overhead = 0.2, .structure = TESTUDO_STRUCTURE_ADDITIVE},
      {.law = x, .classes = classes, .class_count = 2},
      {.law = e, .rates = rates, .workers = 5},
      {.law = x, .slow = {0.1, 0.2, 5.0}, .message = send},
      {.law = e, .unit = TESTUDO_UNIT_SHARE, .structure = TESTUDO_STRUCTURE_SCALED}};
  const struct {
    testudo_update_rule rule;
    int32_t wait;
  } asked[] = {{TESTUDO_WAITING_K_SYNC, 3}, {TESTUDO_WAITING_K_BATCH_SYNC, 1}, {TESTUDO_WAITING_K_ASYNC, 1},
               {TESTUDO_WAITING_K_ASYNC, 5}, {TESTUDO_WAITING_K_BATCH_ASYNC, 7}};
  for (size_t m = 0; m < sizeof models / sizeof *models; m++)
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
      testudo_update_time found =
          find(&models[m], &(testudo_waiting_options){.rule = asked[k].rule, .workers = 5, .wait = asked[k].wait,
                                                      .blocks = 2, .updates = 50000, .burn_in = 500, .always = true,
                                                      .seed = 9});
      assert_int_equal(found.source, TESTUDO_WAITING_EXACT);
      assert_near(found.events.mean, found.mean, 4.0 * found.events.stderr_mean + found.abs_error);
    }
  /* Unlike exponential workers: without memory all the same. */
  double sum = 8.0;
  testudo_update_time erlang = find(&models[2], &(testudo_waiting_options){.rule = TESTUDO_WAITING_K_BATCH_SYNC,
                                                                           .workers = 5, .wait = 4, .blocks = 1,
                                                                           .updates = 50000, .always = true});
  assert_close(erlang.mean, 4.0 / sum, 1e-12);
  assert_near(erlang.events.mean, erlang.mean, 4.0 * erlang.events.stderr_mean);
  testudo_update_time waiting = find(&models[2], &(testudo_waiting_options){.rule = TESTUDO_WAITING_K_ASYNC,
                                                                            .workers = 5, .wait = 3, .blocks = 1,
                                                                            .updates = 50000, .burn_in = 500,
                                                                            .always = true});
  assert_int_equal(waiting.source, TESTUDO_WAITING_EXACT);
  assert_near(waiting.events.mean, waiting.mean, 4.0 * waiting.events.stderr_mean);
  testudo_law_free(x);
  testudo_law_free(e);
  testudo_law_free(start);
  testudo_law_free(send);
}

/* Six workers, four blocks, three of rate 2: 4.544 s a round with K = 3; full sync with K = 6. */
static void lgc_rounds(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  const testudo_worker_class classes[2] = {{3, 2.0, NULL}, {3, 1.0, NULL}};
  const testudo_delay_model model = {.law = x, .structure = TESTUDO_STRUCTURE_ADDITIVE, .classes = classes,
                                     .class_count = 2};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_LGC, .workers = 6, .wait = 3, .blocks = 4,
                                     .updates = 200000, .burn_in = 200, .seed = 3, .always = true};
  testudo_update_time found = find(&model, &options);
  assert_int_equal(found.source, TESTUDO_WAITING_SIMULATED);
  assert_near(found.mean, 4.544, 4.0 * found.stderr_mean + 5e-4);
  assert_true(found.events.fresh > 0.5 && found.events.fresh < 1.0);
  assert_near(found.events.used * found.mean, 6.0, 1e-3);
  assert_near(found.events.share[0] + found.events.share[1], 1.0, 1e-12);
  options.wait = 6;
  found = find(&model, &options);
  assert_true(found.source == TESTUDO_WAITING_EXACT && found.events.fresh == 1.0);
  assert_near(found.events.mean, found.mean, 4.0 * found.events.stderr_mean);
  testudo_law_free(x);
}

static void infinite_means_are_said(void **state)
{
  (void)state;
  static const char *const laws[] = {"pareto:1,0.9", "lomax:1,1"};
  for (int l = 0; l < 2; l++) {
    assert_int_equal(of_eight(laws[l], TESTUDO_WAITING_K_SYNC, 0).source, TESTUDO_WAITING_EXACT);
    assert_int_equal(of_eight(laws[l], TESTUDO_WAITING_K_BATCH_SYNC, 1000).source, TESTUDO_WAITING_SIMULATED);
    for (int rule = TESTUDO_WAITING_K_ASYNC; rule <= TESTUDO_WAITING_LGC; rule++) {
      testudo_update_time found = of_eight(laws[l], (testudo_update_rule)rule, 1000);
      assert_true(found.source == TESTUDO_WAITING_INFINITE && isinf(found.mean) && found.events.updates == 0);
      assert_non_null(strstr(found.method, "infinite"));
    }
  }
  testudo_update_time tiny = of_eight("pareto:1,0.1", TESTUDO_WAITING_K_BATCH_SYNC, 1000);
  assert_int_equal(tiny.source, TESTUDO_WAITING_INFINITE);
  /* One bad worker of three does not stop the others. */
  testudo_law *x = law_of("exp:1"), *bad = law_of("pareto:1,0.5");
  const testudo_worker_class classes[2] = {{2, 1.0, NULL}, {1, 1.0, bad}};
  const testudo_delay_model model = {.law = x, .classes = classes, .class_count = 2};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_K_BATCH_ASYNC, .workers = 3, .wait = 3, .blocks = 1};
  assert_close(find(&model, &options).mean, 1.5, 1e-12);
  options.rule = TESTUDO_WAITING_K_ASYNC;
  assert_int_equal(find(&model, &options).source, TESTUDO_WAITING_INFINITE);
  testudo_law_free(x);
  testudo_law_free(bad);
}

static void failures_of_sync_rules(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  testudo_delay_model model = {.law = x, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_K_SYNC, .workers = 5, .wait = 3, .blocks = 1,
                                     .updates = 50000, .always = true};
  testudo_update_time found = find(&model, &options);
  assert_true(found.source == TESTUDO_WAITING_EXACT && found.p_never == 0.0);
  assert_close(found.mean, 1.0 + 1.0 / 2 + 1.0 / 3, 1e-10);
  assert_near(found.events.mean, found.mean, 4.0 * found.events.stderr_mean);
  options.wait = 4;
  found = find(&model, &options);
  assert_true(found.source == TESTUDO_WAITING_INFINITE && found.p_never == 1.0);
  model = (testudo_delay_model){.law = x, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.5};
  found = find(&model, &options);
  assert_close(found.p_never, 1.0 - 6.0 / 32.0, 1e-10);
  assert_int_equal(found.events.updates, 0);
  options.rule = TESTUDO_WAITING_K_BATCH_SYNC;
  found = find(&model, &options);
  assert_true(found.source == TESTUDO_WAITING_INFINITE && strstr(found.method, "never comes") != NULL);
  testudo_law_free(x);
}

/* ---- the run ---- */

static void threads_change_nothing(void **state)
{
  (void)state;
  testudo_law *x = law_of("weibull:0.8,1");
  const testudo_delay_model model = {.law = x};
  testudo_update_time found[2];
  for (int k = 0; k < 2; k++)
    found[k] = find(&model, &(testudo_waiting_options){.rule = TESTUDO_WAITING_K_ASYNC, .workers = 5, .wait = 2,
                                                       .blocks = 1, .updates = 20000, .burn_in = 100, .seed = 2,
                                                       .rel_error = 0.001, .threads = 1 + 3 * k});
  assert_memory_equal(&found[0].events, &found[1].events, sizeof found[0].events);
  testudo_law_free(x);
}

static void the_run_stops_when_it_knows_enough(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  const testudo_delay_model model = {.law = x};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_K_BATCH_ASYNC, .workers = 5, .wait = 2, .blocks = 1,
                                     .updates = 2000000, .burn_in = 100, .seed = 2, .rel_error = 0.004, .always = true};
  testudo_update_time found = find(&model, &options);
  assert_true(found.events.stderr_mean <= 0.004 * found.events.mean && found.events.updates < 500000);
  assert_true(found.events.updates % 256 == 0 && found.events.burn_in == 100);
  testudo_law_free(x);
}

static bool stop_at(void *context, double fraction)
{
  return fraction < *(double *)context;
}

static void an_interruption_keeps_what_is_done(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  const testudo_delay_model model = {.law = x};
  double at = 0.5;
  const testudo_monitor monitor = {stop_at, &at};
  testudo_waiting_options options = {.rule = TESTUDO_WAITING_LGC, .workers = 5, .wait = 2, .blocks = 1,
                                     .updates = 400000, .burn_in = 100, .monitor = &monitor};
  testudo_update_time found = find(&model, &options);
  assert_true(found.events.interrupted && found.events.updates > 100000 && found.events.updates < 300000);
  assert_true(found.events.mean > 0.0 && found.events.stderr_mean > 0.0);
  at = 0.0;
  assert_status(testudo_update_time_find(&model, &options, &found, NULL), TESTUDO_INTERRUPTED);
  testudo_law_free(x);
}

static void numbers_out_of_range_are_refused(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  const testudo_delay_model model = {.law = x};
  const testudo_waiting_options fine = {.rule = TESTUDO_WAITING_K_SYNC, .workers = 5, .wait = 2, .blocks = 1};
  testudo_waiting_options bad[10];
  static const char *const sentence[10] = {"1..5 of 5", "0 workers", "0 blocks", "-1 updates", "-1 updates to discard",
                                           "error of -1", "error of nan", "-2 threads", "unknown rule", "1..5 of 5"};
  for (int k = 0; k < 10; k++)
    bad[k] = fine;
  bad[0].wait = 6;
  bad[1].workers = 0;
  bad[2].blocks = 0;
  bad[3].updates = -1;
  bad[4].burn_in = -1;
  bad[5].rel_error = -1;
  bad[6].rel_error = NAN;
  bad[7].threads = -2;
  bad[8].rule = (testudo_update_rule)9;
  bad[9].wait = 0;
  for (int k = 0; k < 10; k++) {
    testudo_update_time found;
    testudo_error error = {""};
    assert_status(testudo_update_time_find(&model, &bad[k], &found, &error), TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, sentence[k]) == NULL)
      fail_msg("%s", error.text);
  }
  assert_string_equal(testudo_update_rule_name(TESTUDO_WAITING_LGC), "lgc");
  assert_string_equal(testudo_update_rule_name((testudo_update_rule)9), "?");
  testudo_law_free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(closed_forms_are_met),
      cmocka_unit_test(full_sync_against_async),
      cmocka_unit_test(the_table_by_events),
      cmocka_unit_test(k_batch_async_is_a_renewal),
      cmocka_unit_test(laws_age_by_what_they_do),
      cmocka_unit_test(the_bound_stands_where_it_holds),
      cmocka_unit_test(tasks_of_several_terms_age_as_a_whole),
      cmocka_unit_test(fresh_gradients_are_as_theory_says),
      cmocka_unit_test(exact_times_agree_with_events),
      cmocka_unit_test(lgc_rounds),
      cmocka_unit_test(infinite_means_are_said),
      cmocka_unit_test(failures_of_sync_rules),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(the_run_stops_when_it_knows_enough),
      cmocka_unit_test(an_interruption_keeps_what_is_done),
      cmocka_unit_test(numbers_out_of_range_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
