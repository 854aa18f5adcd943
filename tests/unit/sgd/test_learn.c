/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a simulation records, sums up, takes over, and refuses. */
#include "learn_cases.h"

#include <testudo/code.h>

enum { WORKERS = 3, SAMPLES = 20, TIMES = 8 };

static const double times[TIMES] = {0.0, 0.5, 1.0, 1.0, 2.5, 4.0, 30.0, 31.0};

static testudo_design *design_of(testudo_scheme scheme, int32_t workers)
{
  testudo_assignment assignment;
  testudo_design *design;
  if (scheme == TESTUDO_SCHEME_NESTED) {
    static const int32_t tolerances[2] = {0, 1};
    assert_ok(testudo_design_create_nested(workers, tolerances, 2, 1, "", &design, NULL));
    return design;
  }
  assert_ok(testudo_assignment_cyclic(workers, 2, &assignment, NULL));
  if (scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    assert_ok(testudo_design_create_gradient_code(&assignment, 1, 1, "", &design, NULL));
  else
    assert_ok(testudo_design_create(scheme, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* ---- curves ---- */

/* Updates at 1, 2, 3, .. : what counts at a time is what was taken by then, that time included. */
static void curves_are_recorded_at_their_times(void **state)
{
  (void)state;
  small s;
  small_make(&s, WORKERS, SAMPLES, "deterministic:1");
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_SYNC, .step = 0.3};
  testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 1, .runs = 1, .threads = 1};
  for (int limit = 0; limit <= 3; limit += 3) {
    options.updates = limit;
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    double *w = parameters_of(&s.setting, &method, &options);
    const testudo_sgd_run *run = &sgd->run[0];
    for (int at = 0; at < TIMES; at++) {
      double updates = floor(times[at]);
      if (limit > 0)
        updates = fmin(updates, limit);
      assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_UPDATES)[at] == updates);
      assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_BITS)[at] == updates * 32.0 * DIM * WORKERS);
      assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_WAIT)[at] == WORKERS);
      assert_true(isnan(curve_of(sgd, 0, 0, TESTUDO_SGD_DISTANCE)[at]));
      assert_true(isnan(curve_of(sgd, 0, 0, TESTUDO_SGD_ACCURACY)[at]));
      assert_close(curve_of(sgd, 0, 0, TESTUDO_SGD_LOSS)[at], small_loss(&s, w + at * DIM), 1e-11);
    }
    assert_true(run->updates == (limit > 0 ? 3 : 31) && run->ended == (limit > 0 ? 3.0 : 31.0) && run->lost == 0);
    assert_true(sgd->summary[0].update_time == 1.0 && isnan(sgd->summary[0].update_time_stderr));
    assert_true(!sgd->interrupted && sgd->methods == 1 && sgd->runs == 1 && sgd->time_count == TIMES);
    free(w);
    testudo_sgd_free(sgd);
  }
  small_free(&s);
}

/* Two classes on a line: which are right is seen at once. */
static void accuracy_counts_samples(void **state)
{
  (void)state;
  static const double x[5] = {-2.0, -1.0, 1.0, 2.0, -3.0}, label[5] = {0, 0, 1, 1, 1};
  static const int32_t first[2] = {0, 5};
  const double start[2] = {-1.0, 1.0}, wrong[2] = {1.0, -1.0}, late = 0.0;
  testudo_data *data;
  testudo_problem *problem;
  testudo_law *law = law_of("deterministic:1");
  const testudo_delay_model model = {.law = law};
  assert_ok(testudo_data_create(5, 1, x, label, TESTUDO_LABELS_CLASSES, &data, NULL));
  assert_ok(testudo_problem_create(data, TESTUDO_LOSS_SOFTMAX, 0.0, &problem, NULL));
  testudo_sgd_setting setting = {.problem = problem, .model = &model, .workers = 1, .first = first, .blocks = 1,
                                 .start = start};
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_SYNC, .step = 0.3};
  const testudo_sgd_options options = {.times = &late, .time_count = 1, .seed = 1, .runs = 1};
  for (int k = 0; k < 2; k++) {
    setting.start = k == 0 ? start : wrong;
    testudo_sgd *sgd = simulate(&setting, &method, 1, &options);
    assert_near(curve_of(sgd, 0, 0, TESTUDO_SGD_ACCURACY)[0], k == 0 ? 0.8 : 0.2, 1e-15);
    testudo_sgd_free(sgd);
  }
  testudo_problem_free(problem);
  testudo_data_free(data);
  testudo_law_free(law);
}

/* ---- all runs together ---- */

static const testudo_sgd_method two[2] = {{.kind = TESTUDO_SGD_K_SYNC, .step = 0.2, .wait = 2},
                                          {.kind = TESTUDO_SGD_LGC, .step = 0.2, .wait = 1}};

/* Student's quantile for 0.975 and 4 degrees of freedom, from tables. */
static void bands_are_those_of_student(void **state)
{
  (void)state;
  enum { runs = 5 };
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  const testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = runs};
  testudo_sgd *sgd = simulate(&s.setting, two, 2, &options);
  for (int m = 0; m < 2; m++) {
    double mean = 0.0, squares = 0.0;
    for (int q = 0; q <= TESTUDO_SGD_CURVES; q++)
      for (int at = 0; at < TIMES; at++) {
        double value[runs];
        mean = squares = 0.0;
        for (int r = 0; r < runs; r++) {
          const testudo_sgd_run *run = &sgd->run[m * runs + r];
          value[r] = q < TESTUDO_SGD_CURVES ? run->curve[q * TIMES + at] : run->ended / (double)run->updates;
          mean += value[r] / runs;
        }
        for (int r = 0; r < runs; r++)
          squares += (value[r] - mean) * (value[r] - mean);
        if (q == TESTUDO_SGD_CURVES || isnan(mean)) /* no distance, no accuracy, .. */
          continue;
        const testudo_sgd_band *band = &sgd->summary[m].band[q];
        double half = 2.7764451051977987 * sqrt(squares / 4.0 / runs);
        assert_close(band->mean[at], mean, 1e-13);
        assert_near(band->high[at] - mean, half, 1e-9 * half + 1e-12 * mean);
        assert_near(mean - band->low[at], half, 1e-9 * half + 1e-12 * mean);
      }
    assert_close(sgd->summary[m].update_time, mean, 1e-13);
    assert_close(sgd->summary[m].update_time_stderr, sqrt(squares / 4.0 / runs), 1e-9);
    assert_true(sgd->summary[m].runs == runs && isnan(sgd->summary[m].band[TESTUDO_SGD_ACCURACY].mean[0]));
  }
  const double *loss = sgd->summary[0].band[TESTUDO_SGD_LOSS].mean;
  assert_true(testudo_sgd_time_to(sgd, times, 0, loss[0]) == 0.0 && loss[7] < loss[4]);
  assert_true(testudo_sgd_time_to(sgd, times, 0, fmax(loss[6], loss[7])) == 30.0);
  assert_true(testudo_sgd_time_to(sgd, times, 0, loss[7] * 0.9) == HUGE_VAL);
  testudo_sgd_free(sgd);
  small_free(&s);
}

static void assert_same_bits(const testudo_sgd *a, const testudo_sgd *b)
{
  assert_true(a->methods == b->methods && a->runs == b->runs && a->time_count == b->time_count);
  for (int k = 0; k < a->methods * a->runs; k++) {
    const testudo_sgd_run *x = &a->run[k], *y = &b->run[k];
    assert_true(x->done && y->done && x->updates == y->updates && x->lost == y->lost && x->ended == y->ended);
    assert_memory_equal(x->curve, y->curve, TESTUDO_SGD_CURVES * (size_t)a->time_count * sizeof *x->curve);
  }
  for (int m = 0; m < a->methods; m++) {
    assert_true(a->summary[m].runs == b->summary[m].runs && a->summary[m].lost == b->summary[m].lost);
    assert_memory_equal(&a->summary[m].update_time, &b->summary[m].update_time, 2 * sizeof(double));
    for (int q = 0; q < TESTUDO_SGD_CURVES; q++)
      assert_memory_equal(a->summary[m].band[q].low, b->summary[m].band[q].low,
                          (size_t)a->time_count * sizeof(double));
  }
}

/* Run r alone is run 0 of the seed r further on, and methods share the draws. */
static void threads_change_nothing_and_seeds_follow_one_another(void **state)
{
  (void)state;
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  s.setting.batch = 2;
  testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = 7, .threads = 1};
  testudo_sgd *one = simulate(&s.setting, two, 2, &options);
  options.threads = 2;
  testudo_sgd *pair = simulate(&s.setting, two, 2, &options);
  options.threads = 0;
  testudo_sgd *all = simulate(&s.setting, two, 2, &options);
  assert_same_bits(one, pair);
  assert_same_bits(one, all);
  options.seed = 9;
  options.runs = 1;
  testudo_sgd *later = simulate(&s.setting, two, 2, &options);
  for (int m = 0; m < 2; m++)
    assert_memory_equal(later->run[m].curve, one->run[m * 7 + 5].curve, TESTUDO_SGD_CURVES * sizeof times);
  assert_true(one->run[0].ended != one->run[1].ended);
  testudo_sgd_free(one);
  testudo_sgd_free(pair);
  testudo_sgd_free(all);
  testudo_sgd_free(later);
  small_free(&s);
}

/* ---- stopping and going on ---- */

typedef struct watch {
  int calls, stop;          /* at this call; 0: never */
  double last;
} watch;

static bool step_watch(void *context, double fraction)
{
  watch *w = context;
  assert_true(fraction >= w->last && fraction <= 1.0);
  w->last = fraction;
  return ++w->calls != w->stop;
}

static void a_stopped_simulation_goes_on(void **state)
{
  (void)state;
  enum { runs = 4 };
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  watch w = {0, 0, 0.0};
  const testudo_monitor monitor = {step_watch, &w};
  testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = runs, .threads = 1,
                                 .monitor = &monitor};
  testudo_sgd *whole = simulate(&s.setting, two, 2, &options);
  assert_true(w.calls == 2 * runs); /* short runs: one call after each */
  for (int stop = 1; stop <= 2 * runs; stop++) {
    testudo_sgd *part = NULL, *rest = NULL;
    w = (watch){0, stop, 0.0};
    testudo_status status = testudo_sgd_simulate(&s.setting, two, 2, &options, NULL, &part, NULL);
    assert_non_null(part);
    assert_status(status, stop < 2 * runs ? TESTUDO_INTERRUPTED : TESTUDO_OK); /* nothing was left to do */
    assert_true(part->interrupted == (stop < 2 * runs));
    assert_true(part->summary[0].runs == (stop + 1) / 2 && part->summary[1].runs == stop / 2); /* in turn */
    for (int k = 0; k < 2 * runs; k++)
      assert_true(part->run[k].done == (k % runs * 2 + k / runs < stop));
    assert_true(isnan(part->summary[1].band[TESTUDO_SGD_LOSS].mean[0]) == (stop < 2));
    w = (watch){0, 0, 0.0};
    assert_ok(testudo_sgd_simulate(&s.setting, two, 2, &options, part->run, &rest, NULL));
    assert_true(w.calls == 2 * runs - stop);
    testudo_sgd_free(part);
    assert_same_bits(whole, rest);
    testudo_sgd_free(rest);
  }
  testudo_sgd_free(whole);
  small_free(&s);
}

/* A run of many seconds pauses for the monitor; with nothing done there is nothing to keep. */
static void a_long_run_can_be_stopped(void **state)
{
  (void)state;
  const double far = 1e12;
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  watch w = {0, 2, 0.0};
  const testudo_monitor monitor = {step_watch, &w};
  const testudo_sgd_options options = {.times = &far, .time_count = 1, .seed = 4, .runs = 2, .threads = 1,
                                       .monitor = &monitor};
  testudo_sgd *sgd = (testudo_sgd *)(void *)&w;
  assert_status(testudo_sgd_simulate(&s.setting, two, 1, &options, NULL, &sgd, NULL), TESTUDO_INTERRUPTED);
  assert_true(w.calls == 2 && sgd == NULL);
  small_free(&s);
}

/* What is known is taken over as it is, not computed again. */
static void known_runs_are_taken_over(void **state)
{
  (void)state;
  small s;
  double curve[TESTUDO_SGD_CURVES * TIMES];
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  for (int k = 0; k < TESTUDO_SGD_CURVES * TIMES; k++)
    curve[k] = k;
  const testudo_sgd_run known[4] = {{.done = false}, {true, curve, 17, 3, 34.0, 2, true},
                                    {.done = false}, {.done = false}};
  const testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = 2};
  testudo_sgd *sgd = NULL, *fresh = simulate(&s.setting, two, 2, &options);
  assert_ok(testudo_sgd_simulate(&s.setting, two, 2, &options, known, &sgd, NULL));
  assert_true(sgd->run[1].updates == 17 && sgd->run[1].lost == 3 && sgd->run[1].ended == 34.0);
  assert_true(sgd->run[1].curve != curve && sgd->summary[0].lost == 3 && sgd->summary[0].failed == 2 &&
              sgd->summary[0].stuck == 1 && sgd->summary[0].runs == 2);
  assert_memory_equal(sgd->run[1].curve, curve, sizeof curve);
  assert_memory_equal(sgd->run[0].curve, fresh->run[0].curve, sizeof curve);
  assert_memory_equal(sgd->run[3].curve, fresh->run[3].curve, sizeof curve);
  testudo_sgd_free(sgd);
  testudo_sgd_free(fresh);
  small_free(&s);
}

/* ---- K of AdaSync, and measured times ---- */

/* At the beginning K is the first, whatever rounding does to the root; a schedule for more workers is cut. */
static void adasync_begins_with_its_first(void **state)
{
  (void)state;
  static const double at[2] = {100.0, 50.0};
  static const int32_t waits[2] = {5, 7};
  const double zero = 0.0;
  testudo_schedule *schedule;
  small s;
  small_make(&s, 8, SAMPLES, "exp:1");
  assert_ok(testudo_schedule_create(TESTUDO_SCHEDULE_BY_LOSS, 2, at, waits, 9, &schedule, NULL));
  const testudo_sgd_options options = {.times = &zero, .time_count = 1, .seed = 1, .runs = 1};
  testudo_sgd_method method = {.kind = TESTUDO_SGD_ADASYNC, .step = 0.1, .interval = 1.0};
  for (int rule = TESTUDO_WAITING_K_SYNC; rule <= TESTUDO_WAITING_K_BATCH_ASYNC; rule++) {
    method.rule = (testudo_update_rule)rule;
    for (method.wait = 1; method.wait <= 8; method.wait++) {
      testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
      assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_WAIT)[0] == method.wait);
      testudo_sgd_free(sgd);
    }
    small few;
    small_make(&few, WORKERS, SAMPLES, "exp:1");
    method.schedule = schedule;
    method.wait = 0; /* is not looked at */
    testudo_sgd *sgd = simulate(&few.setting, &method, 1, &options);
    assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_WAIT)[0] == (rule % 2 == 0 ? WORKERS : 7));
    testudo_sgd_free(sgd);
    method.schedule = NULL;
    small_free(&few);
  }
  testudo_schedule_free(schedule);
  small_free(&s);
}

/* Two workers hold all of four chunks, two per share. Of the four measured ones of an iteration a chunk takes two,
   so that a worker needs those of two iterations; by chunks it takes one. */
static void measured_times_are_cut_by_shares(void **state)
{
  (void)state;
  static const char name[] = "test_learn_replay.csv";
  double seconds[2][3][4];
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  fputs("worker,iteration,chunk,seconds\n", file);
  for (int j = 0; j < 2; j++)
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 4; k++) {
        seconds[j][i][k] = 1.0 + (7 * j + 5 * i + 3 * k) % 8;
        fprintf(file, "%d,%d,%d,%g\n", j, i, k, seconds[j][i][k]);
      }
  assert_int_equal(fclose(file), 0);
  testudo_replay *replay;
  testudo_assignment assignment;
  testudo_design *design;
  small s;
  small_make(&s, 2, SAMPLES, "exp:1");
  assert_ok(testudo_replay_read(name, &replay, NULL));
  assert_int_equal(remove(name), 0);
  assert_ok(testudo_assignment_frc(2, 4, 2, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  assert_int_equal(testudo_design_load(design, 0), 4);
  testudo_delay_model model = {.replay = replay};
  s.setting.model = &model;
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 0.1, .design = design};
  const double late = 1e6;
  const testudo_sgd_options options = {.times = &late, .time_count = 1, .updates = 5, .seed = 1, .runs = 1};
  for (int shares = 0; shares < 2; shares++) {
    double wanted = 0.0;
    for (int u = 0; u < 5; u++) {
      double sum[2] = {0.0, 0.0};
      for (int j = 0; j < 2; j++)
        for (int k = 0; k < 4 * (1 + shares); k++)
          sum[j] += seconds[j][(u + k / 4) % 3][k % 4];
      wanted += fmin(sum[0], sum[1]);
    }
    model.unit = shares ? TESTUDO_UNIT_SHARE : TESTUDO_UNIT_CHUNK;
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    assert_close(sgd->run[0].ended, wanted, 1e-13);
    testudo_sgd_free(sgd);
  }
  testudo_design_free(design);
  testudo_replay_free(replay);
  small_free(&s);
}

/* ---- refusals ---- */

typedef struct refusal {
  testudo_sgd_method method;
  const char *sentence;
} refusal;

static void assert_refused(const testudo_sgd_setting *setting, const testudo_sgd_method *method,
                           const testudo_sgd_options *options, const char *sentence)
{
  testudo_sgd *sgd = NULL;
  testudo_error error = {""};
  testudo_sgd_method both[2] = {{.kind = TESTUDO_SGD_SYNC, .step = 0.1}, *method};
  assert_status(testudo_sgd_simulate(setting, both, 2, options, NULL, &sgd, &error), TESTUDO_ERROR_ARGUMENT);
  if (strstr(error.text, sentence) == NULL)
    fail_msg("\"%s\" does not say \"%s\"", error.text, sentence);
  assert_null(sgd);
}

/* Nothing runs before: the monitor is never called. */
static void methods_are_refused_before_any_runs(void **state)
{
  (void)state;
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  testudo_design *code = design_of(TESTUDO_SCHEME_GRADIENT_CODE, WORKERS), *nested =
      design_of(TESTUDO_SCHEME_NESTED, WORKERS), *partial = design_of(TESTUDO_SCHEME_PARTIAL, WORKERS), *large =
      design_of(TESTUDO_SCHEME_PARTIAL, 4);
  const refusal cases[] = {
      {{.kind = (testudo_sgd_kind)17, .step = 1.0}, "unknown method 17; methods have the numbers 0..16"},
      {{.kind = (testudo_sgd_kind)-1, .step = 1.0}, "unknown method -1; methods have the numbers 0..16"},
      {{.kind = TESTUDO_SGD_SYNC}, "method sync: step 0; it must be above 0"},
      {{.kind = TESTUDO_SGD_LGC, .step = NAN, .wait = 1}, "method lgc: step nan; it must be above 0"},
      {{.kind = TESTUDO_SGD_LGC, .step = HUGE_VAL, .wait = 1}, "method lgc: step inf; it must be above 0"},
      {{.kind = TESTUDO_SGD_STALENESS_STEP, .step = 1.0}, "method staleness-step: C 0; it must be above 0"},
      {{.kind = TESTUDO_SGD_K_SYNC, .step = 1.0, .wait = 4},
       "k-sync: rule k-sync waits for 4, but it can wait for 1..3"},
      {{.kind = TESTUDO_SGD_K_BATCH_ASYNC, .step = 1.0}, "k-batch-async: rule k-batch-async waits for 0"},
      {{.kind = TESTUDO_SGD_ADASYNC, .step = 1.0, .rule = TESTUDO_WAITING_LGC, .wait = 1, .interval = 1.0},
       "method adasync takes the rules k-sync, k-batch-sync, k-async and k-batch-async"},
      {{.kind = TESTUDO_SGD_ADASYNC, .step = 1.0, .rule = TESTUDO_WAITING_K_BATCH_SYNC, .wait = 4, .interval = 1.0},
       "method adasync begins with K = 4; it must be in 1..3"},
      {{.kind = TESTUDO_SGD_ADASYNC, .step = 1.0, .wait = 1}, "method adasync: interval 0; it must be above 0"},
      {{.kind = TESTUDO_SGD_PARTIAL, .step = 1.0}, "method partial runs a design, and there is none"},
      {{.kind = TESTUDO_SGD_PARTIAL, .step = 1.0, .design = large}, "the design has 4 workers, the cluster 3"},
      {{.kind = TESTUDO_SGD_PARTIAL, .step = 1.0, .design = code},
       "method partial runs designs of scheme partial, not gradient-code"},
      {{.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 1.0, .design = nested},
       "method gradient-code runs designs of scheme gradient-code, not nested"},
      {{.kind = TESTUDO_SGD_NESTED, .step = 1.0, .design = partial},
       "method nested runs designs of scheme nested, not partial"},
      {{.kind = TESTUDO_SGD_COCO_EF, .step = 1.0, .design = code, .wait = 2},
       "method coco-ef runs designs of scheme partial, not gradient-code"},
      {{.kind = TESTUDO_SGD_PARTIAL_DEADLINE, .step = 1.0, .design = partial},
       "method partial-deadline: deadline 0; it must be above 0"},
      {{.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 1.0, .design = partial, .wait = 4},
       "method stochastic-code waits for 4, which is not within 0..3 (0: all)"},
      {{.kind = TESTUDO_SGD_COCO_EF, .step = 1.0, .design = partial, .wait = 2,
        .compressor = TESTUDO_COMPRESSOR_RANDOM_K, .size = 1},
       "method coco-ef takes the compressors top-k and grouped-sign, not random-k"},
      {{.kind = TESTUDO_SGD_COCO_DIFFERENCE, .step = 1.0, .design = partial, .wait = 2,
        .compressor = TESTUDO_COMPRESSOR_TOP_K, .size = 1},
       "method coco-difference takes the compressors random-k, stochastic-sign and none, not top-k"},
      {{.kind = TESTUDO_SGD_COCO_EF, .step = 1.0, .design = partial, .wait = 2, .compressor = TESTUDO_COMPRESSOR_TOP_K,
        .size = 4}, "coco-ef: "},
  };
  watch w = {0, 0, 0.0};
  const testudo_monitor monitor = {step_watch, &w};
  const testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = 2, .monitor = &monitor};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    assert_refused(&s.setting, &cases[k].method, &options, cases[k].sentence);
  s.model.failures = TESTUDO_FAILURES_EACH;
  s.model.fail_prob = 0.1;
  testudo_sgd_method both = {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 1.0, .design = partial, .wait = 2};
  assert_refused(&s.setting, &both, &options, "the weights know one of the two");
  both.kind = TESTUDO_SGD_K_ASYNC;
  assert_refused(&s.setting, &both, &options, "rule k-async does not support failures");
  assert_int_equal(w.calls, 0);
  testudo_design_free(code);
  testudo_design_free(nested);
  testudo_design_free(partial);
  testudo_design_free(large);
  small_free(&s);
}

static void settings_and_options_are_refused(void **state)
{
  (void)state;
  static const int32_t empty[4] = {0, 5, 5, SAMPLES}, part[4] = {0, 5, 9, SAMPLES - 1}, late[4] = {1, 5, 9, SAMPLES};
  static const int32_t single[4] = {0, 1, 9, SAMPLES};
  static const double falling[2] = {1.0, 0.5}, below[1] = {-1.0}, never[1] = {HUGE_VAL};
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  const testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = 2};
  testudo_sgd_options bad = options;
  testudo_sgd_setting setting = s.setting;
  testudo_sgd *sgd = NULL;
  const testudo_sgd_method *method = &two[0];
  const char *shards = "the shards must be consecutive, hold a sample each and all of them together";
  const char *run = "a simulation needs a run at least, and times that are finite, increase and are not below 0";
  setting.workers = 0;
  assert_refused(&setting, method, &options, "worker");
  setting.workers = SAMPLES + 1;
  assert_refused(&setting, method, &options, "21 workers for 20 samples; every worker needs one");
  setting.workers = WORKERS;
  for (int k = 0; k < 3; k++) {
    setting.first = k == 0 ? empty : k == 1 ? part : late;
    assert_refused(&setting, method, &options, shards);
  }
  setting.first = single;
  setting.blocks = 2;
  assert_refused(&setting, method, &options, "2 blocks of a mini-batch of 1 samples; every block needs one");
  setting.batch = 3;
  testudo_sgd_free(simulate(&setting, method, 1, &options));
  setting.blocks = 0;
  assert_refused(&setting, method, &options, "0 blocks of a mini-batch of 3 samples");
  setting.blocks = 1;
  setting.batch = -1;
  assert_refused(&setting, method, &options, "1 blocks of a mini-batch of -1 samples");
  bad.runs = 0;
  assert_refused(&s.setting, method, &bad, run);
  bad = options;
  bad.updates = -1;
  assert_refused(&s.setting, method, &bad, run);
  bad = options;
  bad.time_count = 0;
  assert_refused(&s.setting, method, &bad, run);
  for (int k = 0; k < 3; k++) {
    bad = (testudo_sgd_options){.times = k == 0 ? falling : k == 1 ? below : never, .time_count = k == 0 ? 2 : 1,
                                .runs = 1};
    assert_refused(&s.setting, method, &bad, run);
  }
  assert_status(testudo_sgd_simulate(&s.setting, two, 0, &options, NULL, &sgd, NULL), TESTUDO_ERROR_ARGUMENT);
  small_free(&s);
}

/* Every chunk needs a sample: of its worker where designs have c P chunks, of all otherwise. */
static void chunks_without_samples_are_refused(void **state)
{
  (void)state;
  static const int32_t first[3] = {0, 3, SAMPLES};
  const testudo_sgd_options options = {.times = times, .time_count = TIMES, .seed = 4, .runs = 1};
  small s;
  small_make(&s, 2, SAMPLES, "exp:1");
  s.setting.first = first;
  s.setting.batch = 2;
  for (int32_t chunks = 6; chunks <= 21; chunks++) {
    testudo_assignment assignment;
    testudo_design *design;
    assert_ok(testudo_assignment_frc(2, chunks, 2, &assignment, NULL));
    assert_ok(testudo_design_create_gradient_code(&assignment, 1, 1, "", &design, NULL));
    const testudo_sgd_method method = {.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 0.1, .design = design};
    if (chunks % 2 == 0 && chunks > 6)
      assert_refused(&s.setting, &method, &options, "the design cuts the 3 samples of worker 0 into");
    else if (chunks > SAMPLES)
      assert_refused(&s.setting, &method, &options, "the design cuts 20 samples into 21 chunks");
    else
      testudo_sgd_free(simulate(&s.setting, &method, 1, &options));
    testudo_assignment_free(&assignment);
    testudo_design_free(design);
  }
  small_free(&s);
}

static void names_are_told(void **state)
{
  (void)state;
  for (int k = 0; k < TESTUDO_SGD_KINDS; k++) {
    assert_non_null(testudo_sgd_name((testudo_sgd_kind)k));
    for (int l = 0; l < k; l++)
      assert_string_not_equal(testudo_sgd_name((testudo_sgd_kind)k), testudo_sgd_name((testudo_sgd_kind)l));
    const char *name = testudo_sgd_name((testudo_sgd_kind)k);
    assert_true(testudo_sgd_compresses((testudo_sgd_kind)k) == (strncmp(name, "coco-", 5) == 0));
    assert_true(testudo_sgd_runs_design((testudo_sgd_kind)k) == (k >= TESTUDO_SGD_GRADIENT_CODE));
  }
  assert_string_equal(testudo_sgd_name(TESTUDO_SGD_PARTIAL_DEADLINE), "partial-deadline");
  assert_null(testudo_sgd_name((testudo_sgd_kind)TESTUDO_SGD_KINDS));
  assert_null(testudo_sgd_name((testudo_sgd_kind)-1));
  testudo_sgd_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(curves_are_recorded_at_their_times),
      cmocka_unit_test(accuracy_counts_samples),
      cmocka_unit_test(bands_are_those_of_student),
      cmocka_unit_test(threads_change_nothing_and_seeds_follow_one_another),
      cmocka_unit_test(a_stopped_simulation_goes_on),
      cmocka_unit_test(a_long_run_can_be_stopped),
      cmocka_unit_test(known_runs_are_taken_over),
      cmocka_unit_test(adasync_begins_with_its_first),
      cmocka_unit_test(measured_times_are_cut_by_shares),
      cmocka_unit_test(methods_are_refused_before_any_runs),
      cmocka_unit_test(settings_and_options_are_refused),
      cmocka_unit_test(chunks_without_samples_are_refused),
      cmocka_unit_test(names_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
