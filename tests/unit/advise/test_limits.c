/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be asked of an advice: limits that it keeps, objectives, threads that change nothing, requests that are
   refused. */
#include "advice.h"

#include "base/random.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

/* 10 workers, 70 iterations, 8 chunks: mixed times, one worker twice as slow. */
static void write_mixed(FILE *file)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  fputs("worker,iteration,chunk,seconds\n", file);
  for (int i = 0; i < 70; i++)
    for (int w = 0; w < 10; w++) {
      double own = (w == 4 ? 2.0 : 1.0) * exp(0.4 * testudo_i_random_normal(&random));
      for (int k = 0; k < 8; k++)
        fprintf(file, "%d,%d,%d,%.9f\n", w, i, k, own * exp(0.3 * testudo_i_random_normal(&random)));
    }
  assert_int_equal(fclose(file), 0);
}

/* ---- threads ---- */

static void alike(const testudo_advice *a, const testudo_advice *b)
{
  assert_int_equal(a->remedies, b->remedies);
  assert_int_equal(a->recommended, b->recommended);
  assert_int_equal(a->best_code, b->best_code);
  assert_int_equal(a->drawn, b->drawn);
  assert_string_equal(a->verdict, b->verdict);
  assert_string_equal(a->because, b->because);
  assert_memory_equal(&a->cost, &b->cost, sizeof a->cost);
  assert_memory_equal(&a->now, &b->now, sizeof a->now);
  assert_memory_equal(&a->more_copies, &b->more_copies, sizeof a->more_copies);
  assert_memory_equal(&a->finer, &b->finer, sizeof a->finer);
  assert_memory_equal(&a->cheaper_start, &b->cheaper_start, sizeof a->cheaper_start);
  for (int32_t k = 0; k < a->remedies; k++) {
    const testudo_remedy *one = &a->remedy[k], *other = &b->remedy[k];
    assert_string_equal(one->name, other->name);
    assert_string_equal(one->dropped, other->dropped);
    assert_memory_equal(&one->predicted, &other->predicted, sizeof one->predicted);
    assert_memory_equal(&one->replayed, &other->replayed, sizeof one->replayed);
    assert_memory_equal(&one->copies, &other->copies, sizeof one->copies);
    assert_memory_equal(&one->computed, &other->computed, sizeof one->computed);
    assert_memory_equal(&one->floats, &other->floats, sizeof one->floats);
  }
}

static void threads_change_no_number(void **state)
{
  (void)state;
  char path[64];
  write_mixed(new_trace(path));
  testudo_law *law = law_of("lognormal:0,0.5");
  const testudo_delay_model model = {.law = law};
  for (int k = 0; k < 2; k++) {
    testudo_advise_request request = {.objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true, .seed = 3};
    request.trace = k == 0 ? path : NULL;
    request.model = k == 0 ? NULL : &model;
    request.workers = k == 0 ? 0 : 9;
    request.threads = 1;
    testudo_advice *one = advice_of(&request);
    request.threads = 3;
    testudo_advice *three = advice_of(&request);
    alike(one, three);
    testudo_advice_free(one);
    testudo_advice_free(three);
  }
  testudo_law_free(law);
  remove(path);
}

/* ---- limits ---- */

static void limits_are_kept_and_what_they_exclude_is_dropped(void **state)
{
  (void)state;
  char path[64];
  write_mixed(new_trace(path));
  const testudo_advise_request requests[] = {
      {.trace = path, .max_load = 1.0}, {.trace = path, .max_load = 2.0}, {.trace = path, .max_copies = 2},
      {.trace = path, .granularity = 2}, {.trace = path, .dim = 1000, .memory = 1500.0}};
  for (size_t k = 0; k < sizeof requests / sizeof *requests; k++) {
    testudo_advise_request request = requests[k];
    request.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN};
    request.quick = true;
    testudo_advice *advice = advice_of(&request);
    double load = request.max_load > 0.0 ? request.max_load : 4.0;
    int32_t finest = request.granularity > 0 ? request.granularity : 8;
    for (int32_t r = 0; r < advice->remedies; r++) {
      const testudo_remedy *remedy = &advice->remedy[r];
      if (remedy->dropped[0] != '\0' || !remedy->exact_gradient)
        continue;
      assert_true(remedy->load <= load + 1e-9);
      /* Loads by speed are dealt out in chunks as they were measured. */
      assert_true(remedy->granularity <= finest || remedy->kind == TESTUDO_REMEDY_UNEQUAL_LOADS);
      assert_true(request.max_copies == 0 || remedy->copies <= request.max_copies + 1e-9);
      assert_true(request.memory == 0.0 || remedy->memory * 1000.0 <= request.memory + 1e-9);
    }
    testudo_advice_free(advice);
  }
  remove(path);
}

/* The least cluster: four shares, the default, are more than its workers have. */
static void two_workers_have_an_advice(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  const testudo_advise_request request = {
      .model = &model, .workers = 2, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true, .seed = 1};
  testudo_advice *advice = advice_of(&request);
  assert_close(advice->remedy[0].predicted.mean, 1.5, 0.05);
  for (int32_t k = 0; k < advice->remedies; k++)
    if (advice->remedy[k].dropped[0] == '\0' && advice->remedy[k].exact_gradient)
      assert_true(advice->remedy[k].load <= 2.0 + 1e-9);
  testudo_advice_free(advice);
  testudo_law_free(law);
}

/* ---- objectives ---- */

static double start_value(testudo_objective objective, double chunk_price, testudo_remedy_times *none)
{
  testudo_law *law = law_of("deterministic:0.0045"), *startup = law_of("shift:0.6,exp:8");
  const testudo_delay_model model = {.law = law, .startup = startup};
  const testudo_advise_request request = {.model = &model, .workers = 24, .objective = objective,
                                          .chunk_price = chunk_price, .quick = true, .seed = 1};
  testudo_advice *advice = advice_of(&request);
  double value = deciding_value(advice, advice->recommended);
  *none = advice->remedy[0].predicted;
  if (chunk_price > 10.0)
    assert_int_equal(advice->recommended, 0); /* no start is so late that a single copy more is worth it */
  testudo_advice_free(advice);
  testudo_law_free(law);
  testudo_law_free(startup);
  return value;
}

static void objectives_are_what_was_asked_for(void **state)
{
  (void)state;
  testudo_remedy_times none, free_none;
  double best = start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_MEAN}, 0.0, &none);
  assert_true(none.objective == none.mean && best < none.mean);
  double cost = start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_COST}, 0.0, &free_none);
  assert_true(free_none.objective == none.objective && cost == best);
  start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_COST}, 100.0, &none);
  assert_true(none.objective > none.mean + 99.0);

  start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.5}, 0.0, &none);
  assert_close(none.objective, none.median, 1e-12);
  /* The largest of 24 exponential starts: P(all <= x) = (1 - e^(-8 x))^24. */
  assert_close(none.median, 0.6045 - log(1.0 - pow(0.5, 1.0 / 24)) / 8.0, 0.01);
  start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}, 0.0, &none);
  assert_close(none.objective, 0.6045 - log(1.0 - pow(0.9, 1.0 / 24)) / 8.0, 0.03);

  best = start_value((testudo_objective){.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 1.0}, 0.0, &none);
  assert_near(none.objective, 1.0 - pow(1.0 - exp(-8.0 * 0.3955), 24), 0.02);
  assert_true(best >= 0.0 && best < none.objective);
}

/* ---- the monitor ---- */

typedef struct watch {
  int calls, stop_at;
  bool wrong;
} watch;

static bool step(void *context, double fraction)
{
  watch *w = context;
  w->calls++;
  w->wrong = w->wrong || isnan(fraction) || fraction > 1.0;
  return w->stop_at == 0 || w->calls < w->stop_at;
}

/* Stopped: either nothing, or a list whose later remedies were not measured. */
static void the_monitor_is_called_and_may_stop(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  const int stops[] = {0, 1, 3, 20};
  for (size_t k = 0; k < sizeof stops / sizeof *stops; k++) {
    watch w = {.stop_at = stops[k]};
    const testudo_monitor monitor = {step, &w};
    const testudo_advise_request request = {.model = &model, .workers = 12, .quick = true, .seed = 1,
                                            .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .monitor = &monitor};
    testudo_advice *advice;
    testudo_error error = {""};
    testudo_status status = testudo_advise(&request, &advice, &error);
    assert_true(w.calls > 0 && !w.wrong);
    assert_true(status == TESTUDO_OK || (stops[k] > 0 && status == TESTUDO_INTERRUPTED));
    assert_int_equal(status == TESTUDO_OK, advice != NULL);
    if (advice != NULL)
      assert_true(advice->stopped || stops[k] == 0 || w.calls < stops[k]);
    testudo_advice_free(advice);
  }
  testudo_law_free(law);
}

/* ---- refusals ---- */

static void refuse(const testudo_advise_request *request, const char *what)
{
  testudo_advice *advice = (testudo_advice *)1;
  testudo_error error = {""};
  testudo_status status = testudo_advise(request, &advice, &error);
  if (status != TESTUDO_ERROR_ARGUMENT || error.text[0] == '\0' || advice != NULL)
    fail_msg("%s: answer %d, '%s'", what, (int)status, error.text);
}

static void bad_requests_are_refused_in_a_sentence(void **state)
{
  (void)state;
  char path[64];
  write_mixed(new_trace(path)); /* 10 workers */
  testudo_law *law = law_of("exp:1");
  const testudo_delay_model model = {.law = law};
  const testudo_objective mean = {.kind = TESTUDO_OBJECTIVE_MEAN};
  const struct {
    const char *what;
    testudo_advise_request request;
  } bad[] = {
      {"neither trace nor model", {.workers = 8, .objective = mean}},
      {"no workers", {.model = &model, .objective = mean}},
      {"workers below 1", {.model = &model, .workers = -1, .objective = mean}},
      {"load below 1", {.model = &model, .workers = 8, .max_load = 0.5, .objective = mean}},
      {"load below 0", {.model = &model, .workers = 8, .max_load = -1.0, .objective = mean}},
      {"load above the workers", {.model = &model, .workers = 8, .max_load = 8.5, .objective = mean}},
      {"load above the trace's workers", {.trace = path, .max_load = 11.0, .objective = mean}},
      {"load that is no number", {.model = &model, .workers = 8, .max_load = NAN, .objective = mean}},
      {"copies below 0", {.model = &model, .workers = 8, .max_copies = -1, .objective = mean}},
      {"granularity below 0", {.model = &model, .workers = 8, .granularity = -1, .objective = mean}},
      {"granularity above 64", {.model = &model, .workers = 8, .granularity = 65, .objective = mean}},
      {"length below 0", {.model = &model, .workers = 8, .dim = -1, .objective = mean}},
      {"memory below 0", {.model = &model, .workers = 8, .dim = 10, .memory = -1.0, .objective = mean}},
      {"price below 0",
       {.model = &model, .workers = 8, .chunk_price = -1.0, .objective = {.kind = TESTUDO_OBJECTIVE_COST}}},
      {"another objective",
       {.model = &model, .workers = 8, .objective = {.kind = TESTUDO_OBJECTIVE_Q_MAX, .level = 1}}},
      {"quantile 1", {.model = &model, .workers = 8, .objective = {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 1.0}}},
      {"quantile 0", {.model = &model, .workers = 8, .objective = {.kind = TESTUDO_OBJECTIVE_QUANTILE}}},
      {"deadline below 0",
       {.model = &model, .workers = 8, .objective = {.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = -1.0}}},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    refuse(&bad[k].request, bad[k].what);
  const testudo_delay_model lawless = {.overhead = 0.1};
  const testudo_advise_request without_law = {.model = &lawless, .workers = 8, .objective = mean};
  refuse(&without_law, "a model without law");
  testudo_law_free(law);
  remove(path);
}

static void broken_traces_are_refused_with_their_place(void **state)
{
  (void)state;
  const char *const texts[] = {"worker,iteration,seconds\n0,0,1\n0,1,-3\n", /* a time below 0 */
                               "seconds\n1\n2\n3\n"};                       /* nobody knows whose */
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    char path[64];
    FILE *file = new_trace(path);
    fputs(texts[k], file);
    assert_int_equal(fclose(file), 0);
    const testudo_advise_request request = {.trace = path, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
    testudo_advice *advice;
    testudo_error error = {""};
    assert_status(testudo_advise(&request, &advice, &error), TESTUDO_ERROR_INPUT);
    assert_null(advice);
    assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
    remove(path);
  }
  const testudo_advise_request absent = {.trace = "no-such.csv", .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  testudo_advice *advice;
  assert_status(testudo_advise(&absent, &advice, NULL), TESTUDO_ERROR_INPUT);
  assert_null(advice);
  testudo_advice_free(NULL);
}

static void every_remedy_has_a_name_of_its_own(void **state)
{
  (void)state;
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_NONE), "none");
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_UNEQUAL_LOADS), "unequal-loads");
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_BACKUP), "backup");
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_GRADIENT_CODE), "gradient-code");
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_FIRST_K), "first-k");
  assert_string_equal(testudo_remedy_name(TESTUDO_REMEDY_K_ASYNC), "k-async");
  for (int k = 0; k < TESTUDO_REMEDIES; k++)
    for (int other = 0; other < k; other++)
      assert_string_not_equal(testudo_remedy_name((testudo_remedy_kind)k),
                              testudo_remedy_name((testudo_remedy_kind)other));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_change_no_number),
      cmocka_unit_test(limits_are_kept_and_what_they_exclude_is_dropped),
      cmocka_unit_test(two_workers_have_an_advice),
      cmocka_unit_test(objectives_are_what_was_asked_for),
      cmocka_unit_test(the_monitor_is_called_and_may_stop),
      cmocka_unit_test(bad_requests_are_refused_in_a_sentence),
      cmocka_unit_test(broken_traces_are_refused_with_their_place),
      cmocka_unit_test(every_remedy_has_a_name_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
