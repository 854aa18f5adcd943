/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks computed by nested codes until they complete: every outcome of small clusters, a closed form, simulation. And
   their errors at deadlines: what nobody has done, exactly, and the best nested combination, by elimination. */
#include "brute.h"

#include <testudo/runtime.h>
#include <testudo/sample.h>

/* For some s of the set n - s workers have s + 1 chunks done; `load` chunks at most a worker. */
static double nested_time(const brute_model *model, const double *x, int n, unsigned set)
{
  double least = HUGE_VAL;
  for (int s = 0; s < n; s++) {
    double time[BRUTE_WORKERS];
    for (int j = 0; j < n; j++) {
      double own = isinf(x[j]) ? HUGE_VAL : (s + 1) * x[j] / model->rate[j];
      int at = j;
      for (; at > 0 && time[at - 1] > own; at--)
        time[at] = time[at - 1];
      time[at] = own;
    }
    if (set >> s & 1)
      least = fmin(least, time[n - s - 1]);
  }
  return least;
}

static testudo_design *nested_design(int n, unsigned set)
{
  int32_t tolerance[BRUTE_WORKERS], count = 0;
  for (int s = 0; s < n; s++)
    if (set >> s & 1)
      tolerance[count++] = s;
  testudo_design *design;
  assert_ok(testudo_design_create_nested(n, tolerance, count, 1, "", &design, NULL));
  return design;
}

static int largest(int n, unsigned set)
{
  while ((set >> (n - 1) & 1) == 0)
    n--;
  return n;
}

/* The expected number of chunks each worker has done at T, given T finite. */
static void brute_work(const brute_law *law, const brute_model *model, int n, unsigned set, double *chunks)
{
  long double finite = 0, sum[BRUTE_WORKERS] = {0};
  for (size_t k = 0; k < law->outcomes; k++) {
    const double *x = law->outcome[k].finish;
    double t = nested_time(model, x, n, set);
    if (isinf(t))
      continue;
    finite += law->outcome[k].chance;
    for (int j = 0; j < n; j++)
      for (int c = 1; c <= largest(n, set); c++)
        if (!isinf(x[j]) && c * x[j] / model->rate[j] <= t)
          sum[j] += law->outcome[k].chance;
  }
  for (int j = 0; j < n; j++)
    chunks[j] = finite > 0 ? (double)(sum[j] / finite) : NAN;
}

static long check_cluster(const brute_model *model, int n)
{
  brute_design design = {.workers = n, .chunks = n, .parts = 1};
  for (int j = 0; j < n; j++) {
    design.load[j] = 1;
    design.order[j][0] = j;
  }
  brute_law law = brute_enumerate(&design, model);
  testudo_law *trace = brute_trace(model);
  testudo_delay_model delay = brute_library_model(model, trace, n);
  long numbers = 0;
  for (unsigned set = 1; set < 1u << n; set++) {
    testudo_design *nested = nested_design(n, set);
    testudo_latency *latency = latency_with(nested, &delay, &plain_options);
    double found[BRUTE_WORKERS], wanted[BRUTE_WORKERS], abs_error;
    assert_ok(testudo_expected_work(latency, found, &abs_error, NULL));
    brute_work(&law, model, n, set, wanted);
    for (int j = 0; j < n; j++, numbers++) {
      if (isnan(wanted[j]))
        assert_true(isnan(found[j]));
      else
        assert_near(found[j], wanted[j], 1e-12);
    }
    assert_true(abs_error < 1e-12);
    testudo_latency_free(latency);
    testudo_design_free(nested);
  }
  testudo_law_free(trace);
  free(law.outcome);
  return numbers;
}

static void work_equals_enumeration_for_every_set_of_tolerances(void **state)
{
  (void)state;
  long numbers = 0;
  for (int unequal = 0; unequal < 2; unequal++)
    for (int n = 1; n <= 5; n++) {
      brute_model model = {.atoms = n <= 4 ? 3 : 2, .value = {0.37, 1.21, 2.9}, .weight = {2, 1, 3}};
      for (int j = 0; j < BRUTE_WORKERS; j++)
        model.rate[j] = unequal ? 1 + 0.25 * (j % 3) : 1;
      numbers += check_cluster(&model, n);
      model.failures = TESTUDO_FAILURES_EACH;
      model.fail_prob = 0.23;
      numbers += check_cluster(&model, n);
      model.failures = TESTUDO_FAILURES_EXACTLY;
      for (model.failed = 1; model.failed <= n; model.failed++)
        numbers += check_cluster(&model, n);
    }
  print_message("%ld expected numbers of chunks\n", numbers);
  assert_true(numbers > 2000);
}

/* One tolerance s = n - 1: the first worker to have done all n chunks ends it. Of two workers the fast one does 2, and
   the slow one has done its first when X_slow <= 2 X_fast; the ratio of exponentials lies in (1/2, 2) with
   probability 1/3. */
static void two_workers_have_a_closed_form(void **state)
{
  (void)state;
  testudo_design *design = nested_design(2, 2);
  testudo_law *law = law_of("exp:1.7");
  testudo_delay_model model = {.law = law};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double chunks[2], abs_error;
  assert_ok(testudo_expected_work(latency, chunks, &abs_error, NULL));
  assert_near(chunks[0] + chunks[1], 2 + 1.0 / 3, 1e-9);
  assert_near(chunks[0], chunks[1], 1e-12);
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void agrees_with_simulation(const char *text, testudo_structure structure, bool rated, int32_t failed,
                                   double fail_prob)
{
  const int32_t tolerance[] = {0, 2, 3};
  double rates[8] = {1, 2, 1, 1.5, 1, 2, 3, 1}, chunks[8], abs_error, sum = 0;
  testudo_design *design;
  assert_ok(testudo_design_create_nested(8, tolerance, 3, 1, "", &design, NULL));
  testudo_law *law = law_of(text);
  testudo_delay_model model = {.law = law, .structure = structure, .rates = rated ? rates : NULL, .workers = 8,
                               .failures = failed > 0      ? TESTUDO_FAILURES_EXACTLY
                                           : fail_prob > 0 ? TESTUDO_FAILURES_EACH
                                                           : TESTUDO_FAILURES_NONE,
                               .failed = failed, .fail_prob = fail_prob};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  assert_ok(testudo_expected_work(latency, chunks, &abs_error, NULL));
  for (int j = 0; j < 8; j++)
    sum += chunks[j];
  assert_true(abs_error < 1e-6);
  testudo_simulation_options options = {.trials = 200000, .seed = 31};
  testudo_work work;
  assert_ok(testudo_simulate_work(design, &model, &options, &work, NULL));
  print_message("%s: %.9g, simulated %.6g +- %.2g\n", text, sum, work.chunks, work.chunks_stderr);
  assert_near(work.chunks, sum, 5.5 * work.chunks_stderr);
  /* The comparison must notice one chunk in a hundred. */
  assert_true(fabs(work.chunks - 1.01 * sum) > 5.5 * work.chunks_stderr);
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void work_agrees_with_simulation(void **state)
{
  (void)state;
  agrees_with_simulation("exp:1", TESTUDO_STRUCTURE_SCALED, false, 0, 0);
  agrees_with_simulation("exp:1", TESTUDO_STRUCTURE_SCALED, true, 2, 0);
  agrees_with_simulation("pareto:1,1.5", TESTUDO_STRUCTURE_SCALED, true, 0, 0);
  agrees_with_simulation("lognormal:-0.3,0.8", TESTUDO_STRUCTURE_SCALED, false, 0, 0.2);
  agrees_with_simulation("shifted-exp:0.4,1.3", TESTUDO_STRUCTURE_ADDITIVE, false, 1, 0);
  agrees_with_simulation("exp:1.3", TESTUDO_STRUCTURE_ADDITIVE, true, 0, 0.1);
}

static void refuses_other_schemes_and_too_much_work(void **state)
{
  (void)state;
  testudo_design *design = uncoded(4, 4);
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double chunks[4], abs_error;
  testudo_error error = {""};
  assert_status(testudo_expected_work(latency, chunks, &abs_error, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text,
                      "the expected work of scheme uncoded has no closed form here, it is simulated only");
  testudo_latency_free(latency);
  testudo_design_free(design);
  int32_t tolerance[40];
  for (int32_t s = 0; s < 40; s++)
    tolerance[s] = s;
  assert_ok(testudo_design_create_nested(400, tolerance, 40, 1, "", &design, NULL));
  latency = latency_with(design, &model, &plain_options);
  double *many = malloc(400 * sizeof *many);
  assert_status(testudo_expected_work(latency, many, &abs_error, &error), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "nested: the expected work needs "));
  free(many);
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

/* ---- errors at deadlines ---- */

/* min_x ||B'x - 1||^2 over the rows of the workers that have reached the level, by Gram-Schmidt. */
static double best_of_level(const testudo_design *design, int level, const int *done, int n)
{
  double basis[BRUTE_WORKERS][BRUTE_CHUNKS], left[BRUTE_CHUNKS];
  int count = 0, levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  for (int i = 0; i < n; i++)
    left[i] = 1;
  for (int j = 0; j < n; j++) {
    if (done[j] < tolerance[level] + 1)
      continue;
    double row[BRUTE_CHUNKS] = {0}, length = 0, before = 0;
    for (int k = 0; k <= tolerance[level]; k++)
      row[(j + k) % n] = testudo_design_nested_coefficients(design, level, j)[k];
    for (int i = 0; i < n; i++)
      before += row[i] * row[i];
    for (int twice = 0; twice < 2; twice++)
      for (int b = 0; b < count; b++) {
        double along = 0;
        for (int i = 0; i < n; i++)
          along += basis[b][i] * row[i];
        for (int i = 0; i < n; i++)
          row[i] -= along * basis[b][i];
      }
    for (int i = 0; i < n; i++)
      length += row[i] * row[i];
    if (length <= 1e-18 * before)
      continue;
    double along = 0;
    for (int i = 0; i < n; i++)
      along += (basis[count][i] = row[i] / sqrt(length)) * left[i];
    for (int i = 0; i < n; i++)
      left[i] -= along * basis[count][i];
    count++;
  }
  double error = 0;
  for (int i = 0; i < n; i++)
    error += left[i] * left[i];
  return error;
}

static double brute_nested_error(const testudo_design *design, const int *done, int n)
{
  int32_t levels;
  testudo_design_tolerances(design, &levels);
  double least = n;
  for (int level = 0; level < levels; level++)
    least = fmin(least, best_of_level(design, level, done, n));
  return least;
}

/* Every progress vector: the library's error against elimination, and never below what nobody has done. */
static void the_best_nested_combination_equals_elimination_for_every_progress(void **state)
{
  (void)state;
  long vectors = 0, apart = 0;
  for (int n = 1; n <= 5; n++)
    for (unsigned set = 1; set < 1u << n; set++) {
      testudo_design *design = nested_design(n, set);
      int load = largest(n, set), done[BRUTE_WORKERS], total = 1;
      for (int j = 0; j < n; j++)
        total *= load + 1;
      testudo_codec *codec;
      testudo_progress *progress;
      assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
      assert_ok(testudo_progress_create(design, &progress, NULL));
      for (int code = 0; code < total; code += n < 5 ? 1 : 7, vectors++) {
        testudo_progress_reset(progress);
        for (int j = 0, rest = code; j < n; j++, rest /= load + 1) {
          done[j] = rest % (load + 1);
          assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
        }
        double wanted = brute_nested_error(design, done, n), found, uncovered = 0;
        for (int i = 0; i < n; i++) {
          bool covered = false;
          for (int k = 0; k < load; k++)
            covered = covered || done[(i - k + n) % n] > k;
          uncovered += !covered;
        }
        assert_ok(testudo_decode_error(codec, progress, &found, NULL));
        if (!testudo_progress_decodable(progress))
          assert_near(found, wanted, 1e-9);
        else
          assert_true(found < 1e-9 && wanted < 1e-9);
        assert_true(wanted > uncovered - 1e-9);
        apart += wanted > uncovered + 1e-3;
      }
      testudo_codec_free(codec);
      testudo_progress_free(progress);
      testudo_design_free(design);
    }
  print_message("%ld progress vectors\n", vectors);
  assert_true(vectors > 20000 && apart > 1000);
}

/* The means at deadlines: what nobody has done, exactly; the best combination, simulated. */
static void errors_at_deadlines_equal_enumeration(void **state)
{
  (void)state;
  enum { N = 4 };
  const double times[] = {0, 0.4, 0.8, 1.3, 2.5, 3};
  brute_model model = {.atoms = 3, .value = {0.37, 1.21, 2.9}, .weight = {2, 1, 3}, .rate = {1, 1, 1.5, 1, 1, 1},
                       .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1};
  brute_design plain = {.workers = N, .chunks = N, .parts = 1, .load = {3, 3, 3, 3}};
  for (int j = 0; j < N; j++)
    for (int k = 0; k < 3; k++)
      plain.order[j][k] = (j + k) % N;
  brute_law law = brute_enumerate(&plain, &model);
  testudo_law *trace = brute_trace(&model);
  testudo_delay_model delay = brute_library_model(&model, trace, N);
  testudo_design *design = nested_design(N, 1u << 0 | 1u << 2);
  double uncovered[6];
  assert_ok(testudo_expected_uncovered(design, &delay, times, 6, uncovered, NULL));
  testudo_simulation_options options = {.trials = 20000, .seed = 3, .times = times, .time_count = 6};
  testudo_simulation *simulation;
  assert_ok(testudo_simulate(design, &delay, &options, &simulation, NULL));
  for (int d = 0; d < 6; d++) {
    double nested = 0;
    for (size_t k = 0; k < law.outcomes; k++) {
      int done[N];
      for (int j = 0; j < N; j++)
        for (done[j] = 0; done[j] < 3 && (done[j] + 1) * law.outcome[k].finish[j] / model.rate[j] <= times[d];)
          done[j]++;
      nested += law.outcome[k].chance * brute_nested_error(design, done, N);
    }
    assert_near(uncovered[d], brute_error(&plain, &model, &law, times[d]), 1e-12);
    assert_near(simulation->mse[d], nested, 5.5 * simulation->mse_stderr[d] + 1e-12);
    assert_true(nested > uncovered[d] - 1e-12);
  }
  const double bad[] = {NAN};
  assert_status(testudo_expected_uncovered(design, &delay, bad, 1, uncovered, NULL), TESTUDO_ERROR_ARGUMENT);
  testudo_simulation_free(simulation);
  testudo_design_free(design);
  testudo_law_free(trace);
  free(law.outcome);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(work_equals_enumeration_for_every_set_of_tolerances),
      cmocka_unit_test(two_workers_have_a_closed_form),
      cmocka_unit_test(work_agrees_with_simulation),
      cmocka_unit_test(refuses_other_schemes_and_too_much_work),
      cmocka_unit_test(the_best_nested_combination_equals_elimination_for_every_progress),
      cmocka_unit_test(errors_at_deadlines_equal_enumeration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
