/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advice on clusters whose answer is known: two published traces where they are, traces made here, and models whose
   times have closed forms. TESTUDO_LONG=1 (make check-long) measures with all iterations and the search of tables. */
#include "advice.h"

#include "base/random.h"

/* A file beside the tree, or NULL where it is not there. */
static const char *shared(const char *name)
{
  static char path[2048];
  const char *source = getenv("srcdir");
  snprintf(path, sizeof path, "%s/../shared/%s", source == NULL ? "." : source, name);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return NULL;
  fclose(file);
  return path;
}

static bool quick(void)
{
  return getenv("TESTUDO_LONG") == NULL;
}

static testudo_advise_request of_trace(const char *path)
{
  return (testudo_advise_request){
      .trace = path, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = quick(), .seed = 1};
}

static void says_a_collective(const char *path)
{
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice;
  testudo_error error = {""};
  assert_status(testudo_advise(&request, &advice, &error), TESTUDO_ERROR_INPUT);
  assert_null(advice);
  if (strstr(error.text, "collective") == NULL)
    fail_msg("'%s' names no collective", error.text);
}

/* ---- published traces ---- */

static void one_slow_worker_is_named_and_gets_less_to_do(void **state)
{
  (void)state;
  const char *path = shared("data/traces/llm-persistent-microbatches.csv");
  if (path == NULL)
    skip();
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice = advice_of(&request);
  assert_int_equal(advice->workers, 16);
  assert_int_equal(advice->chunks, 32);
  assert_int_equal(advice->iterations, 44);
  assert_int_equal(advice->fit->named, 1);
  assert_string_equal(advice->fit->persistent[0].name, "0");
  assert_near(advice->fit->persistent[0].factor, 2.35, 0.02);
  assert_near(advice->cost.slowest_over_mean, 2.15, 0.01);
  assert_true(advice->cost.persistent > 0.8 * (advice->cost.slowest_over_mean - 1.0));

  int32_t loads = least_of(advice, TESTUDO_REMEDY_UNEQUAL_LOADS);
  assert_true(loads > 0);
  assert_int_equal(advice->recommended, loads);
  for (int32_t k = 0; k < advice->remedies; k++)
    if (k != loads && advice->remedy[k].exact_gradient && advice->remedy[k].dropped[0] == '\0')
      assert_false(advice->remedy[k].replayed.objective < advice->remedy[loads].replayed.objective);
  assert_close(advice->remedy[loads].predicted.objective, advice->remedy[loads].replayed.objective, 0.03);
  assert_true(advice->remedy[loads].replayed.gain > 0.4 && advice->remedy[loads].copies < 1.0 + 1e-12);
  testudo_advice_free(advice);
}

static void transient_slowness_takes_copies_in_fine_chunks(void **state)
{
  (void)state;
  const char *path = shared("data/traces/llm-dp32-microbatches.csv");
  if (path == NULL)
    skip();
  const testudo_trace_options reading = {.sum = "phase"};
  testudo_advise_request request = of_trace(path);
  request.reading = &reading;
  testudo_advice *advice = advice_of(&request);
  assert_int_equal(advice->workers, 32);
  assert_int_equal(advice->chunks, 8);
  assert_int_equal(advice->iterations, 45);
  assert_int_equal(advice->fit->named, 0);
  assert_near(advice->cost.slowest_over_mean, 1.38, 0.005);
  assert_near(advice->cost.slowest, 5.62494, 1e-5);
  assert_near(advice->remedy[0].replayed.mean, 5.62494, 1e-5);
  assert_true(isfinite(advice->cost.chunk));

  const testudo_remedy *code = &advice->remedy[advice->best_code];
  assert_int_equal(code->kind, TESTUDO_REMEDY_PARTIAL);
  assert_int_equal(code->granularity, 8);
  assert_true(code->copies >= 1.4 && code->copies <= 2.1);
  assert_true(isfinite(code->replayed.gain_low) && isfinite(code->replayed.gain_high));
  assert_true(code->replayed.gain_low < code->replayed.gain && code->replayed.gain < code->replayed.gain_high);

  /* Whose time a chunk has that another worker takes is a convention: the measured time of the chunk, of the worker's
     next iteration, or a random one move the values within 4.59 .. 4.72 and 4.42 .. 4.55. */
  int32_t queue = least_of(advice, TESTUDO_REMEDY_QUEUE), copies = least_of(advice, TESTUDO_REMEDY_QUEUE_COPIES);
  assert_true(queue > 0 && copies > 0);
  assert_near(advice->remedy[queue].replayed.mean, 4.66, 0.07);
  assert_near(advice->remedy[copies].replayed.mean, 4.49, 0.07);
  testudo_advice_free(advice);
}

static void the_shared_trace_after_a_collective_is_refused(void **state)
{
  (void)state;
  const char *path = shared("cases/t_equalised.csv");
  if (path == NULL)
    skip();
  says_a_collective(path);
}

/* ---- traces made here ---- */

/* 8 workers that are 2 ms apart in iterations of one common time each. */
static void a_trace_after_a_collective_is_refused(void **state)
{
  (void)state;
  char path[64];
  testudo_i_random random;
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, 1, 0);
  FILE *file = new_trace(path);
  fputs("worker,iteration,seconds\n", file);
  for (int i = 0; i < 200; i++) {
    double common = 1.0 + testudo_i_random_uniform(&random);
    for (int w = 0; w < 8; w++)
      fprintf(file, "%d,%d,%.6f\n", w, i, common + 0.002 * testudo_i_random_uniform(&random));
  }
  assert_int_equal(fclose(file), 0);
  says_a_collective(path);
  remove(path);
}

/* Every worker is as slow for all its chunks of an iteration as the others are in their turn: nothing of S is
   persistent, and nothing is of single chunks. */
static void write_turns(char path[64], double slower)
{
  enum { WORKERS = 6, ITERATIONS = 42, CHUNKS = 8 };
  FILE *file = new_trace(path);
  fputs("worker,iteration,chunk,seconds\n", file);
  for (int i = 0; i < ITERATIONS; i++)
    for (int w = 0; w < WORKERS; w++)
      for (int k = 0; k < CHUNKS; k++)
        fprintf(file, "%d,%d,%d,%.9f\n", w, i, k,
                (1.0 + slower * ((i + w) % 6)) * (1.0 + 1e-4 * ((i + 3 * w + k) % 5)));
  assert_int_equal(fclose(file), 0);
}

static void slow_iterations_are_no_slow_chunks(void **state)
{
  (void)state;
  char path[64];
  write_turns(path, 0.3);
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice = advice_of(&request);
  assert_close(advice->cost.slowest_over_mean, 2.5 / 1.75, 1e-3);
  assert_near(advice->cost.persistent, 0.0, 2e-3);
  assert_near(advice->cost.iteration, 2.5 / 1.75 - 1.0, 5e-3);
  assert_near(advice->cost.chunk, 0.0, 5e-3);
  testudo_advice_free(advice);
  remove(path);
}

/* What a worker cannot keep is dropped, and what gains next to nothing is not recommended. */
static void limits_of_memory_and_gain_hold(void **state)
{
  (void)state;
  char path[64];
  write_turns(path, 0.3);
  testudo_advise_request request = of_trace(path);
  request.dim = 10;
  request.memory = 30.0; /* three gradients */
  testudo_advice *advice = advice_of(&request);
  int32_t dropped = 0;
  for (int32_t k = 0; k < advice->remedies; k++) {
    bool fits = !(advice->remedy[k].memory > 3.0);
    dropped += !fits && strstr(advice->remedy[k].dropped, "more than its memory") != NULL;
    assert_true(fits || advice->remedy[k].dropped[0] != '\0');
  }
  assert_true(dropped > 0);
  testudo_advice_free(advice);
  remove(path);
  write_turns(path, 0.035);
  request = of_trace(path);
  advice = advice_of(&request);
  assert_true(advice->best_code > 0 && deciding_value(advice, advice->best_code) < deciding_value(advice, 0));
  assert_int_equal(advice->recommended, 0);
  testudo_advice_free(advice);
  remove(path);
}

/* A file of several chunks, each worker's times exactly those of its speed: everything of S is persistent, and loads by
   speed end all workers together as nearly as chunks can be dealt out. */
static void without_noise_all_of_the_cost_is_persistent(void **state)
{
  (void)state;
  enum { WORKERS = 6, ITERATIONS = 40, CHUNKS = 8 };
  char path[64];
  FILE *file = new_trace(path);
  fputs("worker,iteration,chunk,seconds\n", file);
  for (int i = 0; i < ITERATIONS; i++)
    for (int w = 0; w < WORKERS; w++)
      for (int k = 0; k < CHUNKS; k++)
        fprintf(file, "%d,%d,%d,%.9f\n", w, i, k, (w == 2 ? 3.0 : 1.0) * (1.0 + 1e-4 * ((i + 3 * w + k) % 5)));
  assert_int_equal(fclose(file), 0);
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice = advice_of(&request);
  assert_close(advice->cost.slowest_over_mean, 3.0 / (8.0 / 6.0), 1e-3);
  assert_close(advice->cost.persistent, 3.0 / (8.0 / 6.0) - 1.0, 2e-3);
  assert_near(advice->cost.iteration, 0.0, 2e-3);
  assert_near(advice->cost.chunk, 0.0, 2e-3);
  assert_int_equal(advice->fit->named, 1);
  assert_string_equal(advice->fit->persistent[0].name, "2");
  /* 48 chunks: 3 for the slow worker and 9 for each other take 9; 24 without a remedy. */
  int32_t loads = least_of(advice, TESTUDO_REMEDY_UNEQUAL_LOADS);
  assert_true(loads > 0);
  assert_close(advice->remedy[0].replayed.mean, 24.0, 1e-3);
  assert_close(advice->remedy[loads].replayed.mean, 9.0, 1e-3);
  assert_near(advice->remedy[loads].load, 9.0 / 8.0, 1e-12);
  assert_near(advice->remedy[loads].copies, 1.0, 1e-12);
  assert_true(deciding_value(advice, advice->recommended) <= 9.01);
  testudo_advice_free(advice);
  remove(path);
}

/* One time per worker and iteration: whether chunks differ is not known, and nothing of S is said to be theirs. */
static void one_time_per_iteration_knows_no_chunks(void **state)
{
  (void)state;
  char path[64];
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 2, 0);
  FILE *file = new_trace(path);
  fputs("worker,iteration,seconds\n", file);
  for (int i = 0; i < 80; i++)
    for (int w = 0; w < 12; w++)
      fprintf(file, "%d,%d,%.9f\n", w, i, exp(0.5 * testudo_i_random_normal(&random)));
  assert_int_equal(fclose(file), 0);
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice = advice_of(&request);
  assert_int_equal(advice->chunks, 1);
  assert_true(isnan(advice->cost.chunk) && advice->assumed[0] != '\0');
  assert_near(advice->cost.persistent + advice->cost.iteration, advice->cost.slowest_over_mean - 1.0, 1e-12);
  /* A deviation of 50 % among 12: nearly all of S - 1 is of single iterations, and copies pay. */
  assert_true(advice->cost.iteration > 0.8 * (advice->cost.slowest_over_mean - 1.0));
  assert_true(is_code(advice->remedy[advice->recommended].kind) ||
              advice->remedy[advice->recommended].kind == TESTUDO_REMEDY_BACKUP);
  testudo_advice_free(advice);
  remove(path);
}

/* Start-up 0.6 + Exp(8) and 4.5 ms a chunk; one iteration of ten measures 16 chunks, so that the trace can tell them
   apart. Copies cost next to nothing, and a code need not wait for the slowest start. */
static void a_long_start_is_seen_in_several_loads_and_takes_a_code(void **state)
{
  (void)state;
  char path[64];
  testudo_i_random random;
  testudo_i_random_start(&random, 9, TESTUDO_I_FOR_TEST, 3, 0);
  FILE *file = new_trace(path);
  fputs("worker,iteration,chunks,seconds\n", file);
  for (int i = 0; i < 200; i++)
    for (int w = 0; w < 64; w++) {
      int chunks = i % 10 == 9 ? 16 : 1;
      double start = 0.6 - log(testudo_i_random_uniform(&random)) / 8.0;
      fprintf(file, "%d,%d,%d,%.9f\n", w, i, chunks, start + 0.0045 * chunks);
    }
  assert_int_equal(fclose(file), 0);
  testudo_advise_request request = of_trace(path);
  testudo_advice *advice = advice_of(&request);
  if (!is_code(advice->remedy[advice->recommended].kind))
    fail_msg("recommended is %s: %s", advice->remedy[advice->recommended].name, advice->because);
  testudo_advice_free(advice);
  remove(path);
}

/* ---- models ---- */

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

/* The gradient code on the circle, for which there is a closed form: the mean of the (64 - s)-th worker. */
static const testudo_remedy *cyclic_code(const testudo_advice *advice)
{
  for (int32_t k = 0; k < advice->remedies; k++)
    if (advice->remedy[k].kind == TESTUDO_REMEDY_GRADIENT_CODE && advice->remedy[k].design != NULL &&
        strcmp(testudo_design_construction(advice->remedy[k].design), "cyclic") == 0)
      return &advice->remedy[k];
  fail_msg("no cyclic gradient code was measured");
  return NULL;
}

/* H_64 - H_s by addition: the mean of the (64 - s)-th of 64 exponential starts is 1/8 of it. */
static double start_of(int32_t stragglers)
{
  double sum = 0.0;
  for (int32_t k = stragglers + 1; k <= 64; k++)
    sum += 1.0 / k;
  return 0.6 + sum / 8.0;
}

static void a_long_start_takes_the_gradient_code_of_the_closed_form(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:0.0045"), *startup = law_of("shift:0.6,exp:8");
  const testudo_delay_model model = {.law = law, .startup = startup};
  testudo_advise_request request = {
      .model = &model, .workers = 64, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true, .seed = 1};
  testudo_advice *advice = advice_of(&request);
  assert_int_equal(advice->workers, 64);
  assert_true(advice->fit == NULL && advice->drawn > 0);
  assert_close(advice->remedy[0].predicted.mean, start_of(0) + 0.0045, 0.01);
  assert_close(start_of(0) + 0.0045, 1.1975, 1e-4);
  assert_true(is_code(advice->remedy[advice->recommended].kind));
  /* Four shares are the default: three stragglers. */
  const testudo_remedy *code = cyclic_code(advice);
  assert_int_equal(testudo_design_stragglers(code->design), 3);
  assert_close(code->predicted.mean, start_of(3) + 4 * 0.0045, 0.01);
  testudo_advice_free(advice);

  request.max_load = 28.0;
  request.granularity = 1; /* which says nothing of gradient codes, and takes no time */
  advice = advice_of(&request);
  assert_true(is_code(advice->remedy[advice->recommended].kind));
  code = cyclic_code(advice);
  int32_t stragglers = testudo_design_stragglers(code->design);
  assert_in_range(stragglers, 24, 30);
  assert_close(code->predicted.mean, 0.8326, 0.01);
  assert_close(code->predicted.mean, start_of(stragglers) + (stragglers + 1) * 0.0045, 0.01);
  /* Half the start is worth a lot here. */
  assert_true(isnan(advice->now) || advice->cheaper_start < 0.8 * advice->now);
  testudo_advice_free(advice);
  testudo_law_free(law);
  testudo_law_free(startup);
}

/* Block codes are measured by the model itself, on the draws of all others: the exact mean of the best sizes for
   tolerances 0 to 3 is 4.15975285 s (optimize --scheme block). */
static void block_codes_are_measured_where_a_law_is_given(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:1,1");
  const testudo_delay_model model = {.law = law};
  testudo_advise_request request = {.model = &model, .workers = 20, .dim = 20000, .seed = 1,
                                    .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true};
  testudo_advice *advice = advice_of(&request);
  int32_t block = least_of(advice, TESTUDO_REMEDY_BLOCK);
  assert_true(block > 0);
  const testudo_remedy_times *times = &advice->remedy[block].predicted;
  assert_near(times->mean, 4.15975285, 2.5 * (times->high - times->low)); /* five standard errors */
  /* Paired: far narrower than two intervals of means that know nothing of each other. */
  assert_true((times->gain_high - times->gain_low) * times->mean < 0.5 * (times->high - times->low));
  testudo_advice_free(advice);
  request.dim = 0;
  advice = advice_of(&request);
  assert_int_equal(least_of(advice, TESTUDO_REMEDY_BLOCK), -1);
  testudo_advice_free(advice);
  testudo_law_free(law);
}

static void light_tails_take_nothing(void **state)
{
  (void)state;
  testudo_law *law = law_of("lognormal:0,0.01");
  const testudo_delay_model model = {.law = law};
  const testudo_advise_request request = {
      .model = &model, .workers = 16, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true, .seed = 1};
  testudo_advice *advice = advice_of(&request);
  assert_int_equal(advice->recommended, 0);
  assert_near(advice->cost.slowest_over_mean, 1.0177, 0.002); /* the largest of 16 normals: 1.766 deviations */
  assert_true(advice->best_code > 0);
  testudo_advice_free(advice);
  testudo_law_free(law);
}

/* Rates of a model are known: the loads follow them. */
static void rates_of_a_model_deal_out_loads(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:1");
  const double rates[4] = {1.0, 1.0, 1.0, 0.5};
  const testudo_delay_model model = {.law = law, .rates = rates, .workers = 4};
  const testudo_advise_request request = {.model = &model, .workers = 4, .granularity = 7, .quick = true, .seed = 1,
                                          .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}};
  testudo_advice *advice = advice_of(&request);
  /* 28 chunks: 8, 8, 8 and 4, all of them done at 8/7. */
  int32_t loads = least_of(advice, TESTUDO_REMEDY_UNEQUAL_LOADS);
  assert_true(loads > 0);
  assert_close(advice->remedy[0].predicted.mean, 2.0, 1e-9);
  assert_close(advice->remedy[loads].predicted.mean, 8.0 / 7.0, 1e-9);
  assert_close(advice->cost.slowest_over_mean, 1.6, 1e-9);
  assert_close(advice->cost.persistent, 0.6, 1e-9);
  assert_true(deciding_value(advice, advice->recommended) <= 8.0 / 7.0 + 1e-9);
  testudo_advice_free(advice);
  testudo_law_free(law);
}

/* The value of each remedy under the model that it was measured with, on iterations of another seed. */
static void judging_repeats_what_was_predicted(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:1,2");
  const testudo_delay_model model = {.law = law};
  testudo_advise_request request = {
      .model = &model, .workers = 8, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN}, .quick = true, .seed = 1};
  testudo_advice *advice = advice_of(&request);
  double value[64], slowest = 1.0;
  for (int k = 1; k <= 8; k++)
    slowest += 0.5 / k;
  request.seed = 2;
  assert_true(advice->remedies <= 64);
  assert_ok(testudo_advice_judge(advice, &request, 20000, value, NULL));
  assert_close(value[0], slowest, 0.01);
  for (int32_t k = 0; k < advice->remedies; k++) {
    assert_int_equal(isnan(value[k]), advice->remedy[k].dropped[0] != '\0');
    if (!isnan(value[k]))
      assert_close(value[k], advice->remedy[k].predicted.objective, 0.04);
  }
  testudo_error error = {""};
  request.workers = 9;
  assert_status(testudo_advice_judge(advice, &request, 20000, value, &error), TESTUDO_ERROR_ARGUMENT);
  assert_true(error.text[0] != '\0');
  request.workers = 8;
  assert_status(testudo_advice_judge(advice, &request, 0, value, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_advice_free(advice);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_slow_worker_is_named_and_gets_less_to_do),
      cmocka_unit_test(transient_slowness_takes_copies_in_fine_chunks),
      cmocka_unit_test(the_shared_trace_after_a_collective_is_refused),
      cmocka_unit_test(a_trace_after_a_collective_is_refused),
      cmocka_unit_test(slow_iterations_are_no_slow_chunks),
      cmocka_unit_test(limits_of_memory_and_gain_hold),
      cmocka_unit_test(without_noise_all_of_the_cost_is_persistent),
      cmocka_unit_test(one_time_per_iteration_knows_no_chunks),
      cmocka_unit_test(a_long_start_is_seen_in_several_loads_and_takes_a_code),
      cmocka_unit_test(a_long_start_takes_the_gradient_code_of_the_closed_form),
      cmocka_unit_test(block_codes_are_measured_where_a_law_is_given),
      cmocka_unit_test(light_tails_take_nothing),
      cmocka_unit_test(rates_of_a_model_deal_out_loads),
      cmocka_unit_test(judging_repeats_what_was_predicted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
