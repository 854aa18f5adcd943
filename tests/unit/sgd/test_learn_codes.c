/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of designs: with all samples every update is one of gradient descent, at the time that the definition of the
   scheme gives; messages are counted; estimates have no bias; compressed runs are those of plain loops. */
#include "learn_cases.h"

#include <testudo/approximate.h>
#include <testudo/code.h>

#include "sgd/learn/iteration.h"

enum { WORKERS = 6, SAMPLES = 48, STEPS = 20, MOST_LOAD = 4 };

typedef enum code_kind { CYCLIC, GROUPS, PARTS, NESTED, ONE_PART, TWO_PARTS, KINDS } code_kind;

static const int32_t tolerances[2] = {0, 2};

static testudo_design *design_of(code_kind kind)
{
  testudo_assignment assignment;
  testudo_design *design;
  if (kind == NESTED) {
    assert_ok(testudo_design_create_nested(WORKERS, tolerances, 2, 1, "", &design, NULL));
    return design;
  }
  if (kind == GROUPS)
    assert_ok(testudo_assignment_frc(WORKERS, WORKERS, 3, &assignment, NULL));
  else
    assert_ok(testudo_assignment_cyclic(WORKERS, 3, &assignment, NULL));
  if (kind == CYCLIC || kind == GROUPS)
    assert_ok(testudo_design_create_gradient_code(&assignment, 2, 1, "", &design, NULL));
  else if (kind == PARTS)
    assert_ok(testudo_design_create_gradient_code_parts(&assignment, 1, 2, 1, "", &design, NULL));
  else
    assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, kind == TWO_PARTS ? 2 : 1, 1, "", &design,
                                    NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* ---- one iteration by its definition ---- */

typedef struct iteration {
  double end[WORKERS][MOST_LOAD], message[WORKERS];
  double time;
  int32_t sent;
} iteration;

static int ascending(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static double least_of(const double *value, int32_t count, int32_t rank)
{
  double sorted[WORKERS * MOST_LOAD];
  memcpy(sorted, value, (size_t)count * sizeof *value);
  qsort(sorted, (size_t)count, sizeof *sorted, ascending);
  return sorted[rank - 1];
}

/* Messages of whole workers: those in by T are sent. */
static void whole_iteration(iteration *it, code_kind kind)
{
  double in[WORKERS];
  for (int32_t j = 0; j < WORKERS; j++)
    in[j] = it->end[j][2] + it->message[j];
  it->time = least_of(in, WORKERS, kind == PARTS ? WORKERS - 1 : WORKERS - 2);
  if (kind == GROUPS) {
    it->time = 0.0;
    for (int32_t g = 0; g < WORKERS; g += 3)
      it->time = fmax(it->time, fmin(in[g], fmin(in[g + 1], in[g + 2])));
  }
  for (int32_t j = 0; j < WORKERS; j++)
    it->sent += in[j] <= it->time;
}

/* Of those with `step` chunks at t at most so many send, ties by number; the time of the last. */
static void announce(iteration *it, double t, int32_t step, int32_t most, double signal)
{
  double last = 0.0;
  for (int32_t j = 0; j < WORKERS; j++)
    most -= it->end[j][step - 1] < t;
  for (int32_t j = 0; j < WORKERS; j++)
    if (it->end[j][step - 1] < t || (it->end[j][step - 1] == t && most-- > 0)) {
      it->sent++;
      last = fmax(last, it->message[j]);
    }
  it->time = t + signal + last;
}

static void nested_iteration(iteration *it, double signal)
{
  double t = HUGE_VAL;
  int32_t step = 0;
  for (int k = 0; k < 2; k++) {
    double end[WORKERS];
    for (int32_t j = 0; j < WORKERS; j++)
      end[j] = it->end[j][tolerances[k]];
    double at = least_of(end, WORKERS, WORKERS - tolerances[k]);
    step = at < t ? tolerances[k] + 1 : step;
    t = fmin(t, at);
  }
  announce(it, t, step, WORKERS + 1 - step, signal);
}

static void partial_iteration(iteration *it, int32_t parts, double signal)
{
  double t = 0.0;
  for (int32_t i = 0; i < WORKERS; i++) {
    double done[3];
    for (int32_t k = 0; k < 3; k++)
      done[k] = it->end[(i - k + WORKERS) % WORKERS][k];
    t = fmax(t, least_of(done, 3, parts));
  }
  announce(it, t, 1, WORKERS, signal);
}

static iteration iteration_of(testudo_i_tasks *tasks, const testudo_design *design, int64_t index, code_kind kind,
                              double signal)
{
  iteration it = {.sent = 0};
  for (int32_t j = 0; j < WORKERS; j++)
    testudo_i_tasks_draw(tasks, j, index, testudo_design_load(design, j), it.end[j], &it.message[j]);
  if (kind == NESTED)
    nested_iteration(&it, signal);
  else if (kind == ONE_PART || kind == TWO_PARTS)
    partial_iteration(&it, kind == TWO_PARTS ? 2 : 1, signal);
  else
    whole_iteration(&it, kind);
  return it;
}

/* ---- gradient descent ---- */

static void descend(const small *s, const double *w, double step, double *next)
{
  double gradient[DIM];
  small_full(s, w, gradient);
  for (int k = 0; k < DIM; k++)
    next[k] = w[k] - step * gradient[k];
}

static void assert_descends(const small *s, const testudo_sgd_method *method, code_kind kind, uint64_t seed)
{
  plain_run plain = {.updates = STEPS};
  int32_t parts = kind == PARTS || kind == TWO_PARTS ? 2 : 1, length = (DIM + parts - 1) / parts;
  testudo_i_tasks *tasks;
  double unit = s->model.unit == TESTUDO_UNIT_SHARE ? (double)WORKERS / testudo_design_chunks(method->design) : 1.0;
  assert_ok(testudo_i_tasks_create(&s->model, WORKERS, MOST_LOAD, unit, (double)length / DIM, seed, &tasks, NULL));
  memcpy(plain.w[0], s->w0, sizeof s->w0);
  for (int u = 1; u <= STEPS; u++) {
    iteration it = iteration_of(tasks, method->design, u - 1, kind, s->model.signal);
    plain.time[u] = plain.time[u - 1] + it.time;
    plain.bits[u] = plain.bits[u - 1] + 32.0 * length * it.sent;
    descend(s, plain.w[u - 1], method->step, plain.w[u]);
  }
  assert_same_run(&s->setting, method, seed, &plain, 1e-9);
  testudo_i_tasks_free(tasks);
}

/* Laws without and with ties, without and with the other terms. */
static void every_code_is_gradient_descent_at_its_times(void **state)
{
  (void)state;
  static const char *const laws[] = {"exp:1", "deterministic:1", "mixture:0.5,deterministic:1,deterministic:2"};
  testudo_law *startup = law_of("exp:2"), *message = law_of("exp:1");
  for (int kind = 0; kind < KINDS; kind++)
    for (int law = 0; law < 3; law++)
      for (int terms = 0; terms < 2; terms++) {
        small s;
        small_make(&s, WORKERS, SAMPLES, laws[law]);
        s.model.structure = law == 1 ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
        s.model.message = terms == 1 ? message : NULL;
        s.model.startup = terms == 1 && law == 0 ? startup : NULL;
        s.model.signal = 0.25 * terms;
        testudo_design *design = design_of((code_kind)kind);
        testudo_sgd_method method = {.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 0.3, .design = design};
        if (kind >= NESTED)
          method.kind = kind == NESTED ? TESTUDO_SGD_NESTED : TESTUDO_SGD_PARTIAL;
        assert_descends(&s, &method, (code_kind)kind, 3);
        method.kind = TESTUDO_SGD_PARTIAL_DEADLINE;
        method.deadline = 1e3;
        if (kind > NESTED)
          assert_descends(&s, &method, (code_kind)kind, 3);
        testudo_design_free(design);
        small_free(&s);
      }
  testudo_law_free(startup);
  testudo_law_free(message);
}

/* An early deadline: the sum over the chunks that anybody has done by then, in what time a deadline and messages
   take. */
static void a_deadline_gives_what_is_done(void **state)
{
  (void)state;
  enum { updates = 30 };
  const double deadline = 0.7;
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  s.model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  s.model.signal = 0.1;
  s.model.failures = TESTUDO_FAILURES_EACH;
  s.model.fail_prob = 0.7;
  testudo_design *design = design_of(ONE_PART);
  testudo_i_tasks *tasks;
  plain_run plain = {.updates = updates};
  int32_t partly = 0, nothing = 0;
  assert_ok(testudo_i_tasks_create(&s.model, WORKERS, 3, 1.0, 1.0, 4, &tasks, NULL));
  memcpy(plain.w[0], s.w0, sizeof s.w0);
  for (int u = 1; u <= updates; u++) {
    bool done[WORKERS] = {false};
    double end[3], message;
    int32_t sent = 0, chunks = 0;
    for (int32_t j = 0; j < WORKERS; j++) {
      testudo_i_tasks_draw(tasks, j, u - 1, 3, end, &message);
      sent += end[0] <= deadline;
      for (int32_t k = 0; k < 3 && end[k] <= deadline; k++)
        done[(j + k) % WORKERS] = true;
    }
    memcpy(plain.w[u], plain.w[u - 1], sizeof s.w0);
    for (int32_t i = 0; i < WORKERS; i++) {
      chunks += done[i];
      for (int32_t k = s.first[i]; done[i] && k < s.first[i + 1]; k++)
        small_sample(&s, plain.w[u - 1], k, -0.3 / SAMPLES, plain.w[u]);
    }
    assert_true(chunks < WORKERS); /* so that no iteration ends before the deadline */
    partly += chunks > 0;
    nothing += chunks == 0;
    plain.time[u] = plain.time[u - 1] + deadline + 0.1;
    plain.bits[u] = plain.bits[u - 1] + 32.0 * DIM * sent;
  }
  assert_true(partly >= 5 && nothing >= 3);
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_PARTIAL_DEADLINE, .step = 0.3, .design = design,
                                     .deadline = deadline};
  assert_same_run(&s.setting, &method, 4, &plain, 1e-11);
  testudo_i_tasks_free(tasks);
  testudo_design_free(design);
  small_free(&s);
}

/* ---- mini-batches of chunks ---- */

/* A partial design of `chunks` chunks: worker j holds chunk j mod chunks, and the next. */
static testudo_design *spread_design(int32_t chunks)
{
  testudo_assignment assignment;
  testudo_design *design;
  int32_t copies[16], workers = WORKERS;
  bool balanced;
  for (int32_t i = 0; i < chunks; i++)
    copies[i] = 3;
  assert_ok(testudo_assignment_pairwise(workers, chunks, copies, 1, NULL, &assignment, &balanced, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* Chunks of fewer, as many, and more than the workers; where they do not divide, of all samples in equal runs. */
static void chunks_draw_their_part_of_the_mini_batches(void **state)
{
  (void)state;
  static const int32_t numbers[] = {1, 2, 6, 7, 12};
  for (int c = 0; c < 5; c++) {
    int32_t chunks = numbers[c], batch = 10;
    small s;
    small_make(&s, WORKERS, SAMPLES, "exp:1");
    s.setting.batch = batch;
    testudo_design *design = spread_design(chunks);
    const double times[1] = {1e9};
    const testudo_sgd_method method = {.kind = TESTUDO_SGD_PARTIAL, .step = 0.3, .design = design};
    const testudo_sgd_options options = {.times = times, .time_count = 1, .updates = 3, .seed = 6, .runs = 1};
    double *w = parameters_of(&s.setting, &method, &options), plain[DIM];
    memcpy(plain, s.w0, sizeof plain);
    for (int u = 0; u < 3; u++) {
      double step[DIM] = {0.0};
      int32_t draws = (batch * WORKERS + chunks / 2) / chunks;
      for (int32_t i = 0; i < chunks; i++) {
        int32_t begin = SAMPLES * i / chunks, end = SAMPLES * (i + 1) / chunks;
        if (chunks == 6 || chunks == 12) {
          int32_t each = chunks / 6, j = i / each, size = s.first[j + 1] - s.first[j];
          begin = s.first[j] + size * (i % each) / each;
          end = s.first[j] + size * (i % each + 1) / each;
        }
        small_batch(&s, plain, 6, ((uint64_t)1 << 32) + (uint64_t)i, u, begin, end, draws, 0, draws,
                    0.3 * (end - begin) / SAMPLES, step);
      }
      for (int k = 0; k < DIM; k++)
        plain[k] -= step[k];
    }
    for (int k = 0; k < DIM; k++)
      assert_near(w[k], plain[k], 1e-11);
    free(w);
    testudo_design_free(design);
    small_free(&s);
  }
}

/* ---- failures ---- */

/* Four workers of six suffice for one part, every worker's message counts; 100 iterations, how many are lost. */
static void lost_iterations_take_time_and_change_nothing(void **state)
{
  (void)state;
  small s;
  plain_run plain = {.updates = STEPS};
  testudo_i_tasks *tasks;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  s.model.failures = TESTUDO_FAILURES_EACH;
  s.model.fail_prob = 0.5;
  testudo_design *design = design_of(CYCLIC);
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 0.3, .design = design};
  assert_ok(testudo_i_tasks_create(&s.model, WORKERS, 3, 1.0, 1.0, 8, &tasks, NULL));
  memcpy(plain.w[0], s.w0, sizeof s.w0);
  int64_t lost[STEPS + 1] = {0}, index = 0;
  for (int u = 1; u <= STEPS; u++) {
    double in[WORKERS];
    int32_t came = 0;
    for (; came == 0; index++)
      for (int32_t j = 0; j < WORKERS; j++) {
        double end[3], message;
        testudo_i_tasks_draw(tasks, j, index, 3, end, &message);
        in[j] = end[2];
        came += end[2] < HUGE_VAL;
      }
    bool whole = came >= 4;
    plain.time[u] = plain.time[u - 1] + least_of(in, WORKERS, whole ? 4 : came);
    plain.bits[u] = plain.bits[u - 1] + 32.0 * DIM * (whole ? 4 : came);
    lost[u] = lost[u - 1] + !whole;
    descend(&s, plain.w[u - 1], whole ? 0.3 : 0.0, plain.w[u]);
  }
  assert_true(lost[STEPS] > 5 && lost[STEPS] < STEPS - 1);
  assert_same_run(&s.setting, &method, 8, &plain, 1e-9);
  for (int u = 1; u < STEPS; u++) { /* only those that were over by then */
    const double time = (plain.time[u] + plain.time[u + 1]) / 2.0;
    const testudo_sgd_options options = {.times = &time, .time_count = 1, .seed = 8, .runs = 1};
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    assert_true(sgd->run[0].updates == u && sgd->run[0].lost == lost[u] && sgd->summary[0].lost == lost[u]);
    assert_close(sgd->run[0].ended, plain.time[u], 1e-12);
    testudo_sgd_free(sgd);
  }
  testudo_i_tasks_free(tasks);
  testudo_design_free(design);
  small_free(&s);
}

static void where_all_fail_nothing_ever_moves(void **state)
{
  (void)state;
  const double times[2] = {0.0, 100.0};
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  s.model.failures = TESTUDO_FAILURES_EXACTLY;
  s.model.failed = WORKERS;
  testudo_design *design[2] = {design_of(CYCLIC), design_of(ONE_PART)};
  const testudo_sgd_method methods[] = {
      {.kind = TESTUDO_SGD_GRADIENT_CODE, .step = 0.3, .design = design[0]},
      {.kind = TESTUDO_SGD_PARTIAL, .step = 0.3, .design = design[1]},
      {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 0.3, .design = design[1]},
      {.kind = TESTUDO_SGD_PARTIAL_DEADLINE, .step = 0.3, .design = design[1], .deadline = 7.0},
      {.kind = TESTUDO_SGD_K_SYNC, .step = 0.3, .wait = 1}};
  const testudo_sgd_options options = {.times = times, .time_count = 2, .seed = 1, .runs = 2};
  for (int m = 0; m < 5; m++) {
    testudo_sgd *sgd = NULL;
    testudo_status status = testudo_sgd_simulate(&s.setting, &methods[m], 1, &options, NULL, &sgd, NULL);
    if (methods[m].kind == TESTUDO_SGD_STOCHASTIC_CODE) { /* 1 / (1 - p) is infinite */
      assert_status(status, TESTUDO_ERROR_ARGUMENT);
      continue;
    }
    assert_ok(status);
    bool deadline = methods[m].kind == TESTUDO_SGD_PARTIAL_DEADLINE, code = m < 2;
    int64_t deadlines = deadline ? 14 : code ? 10000 : 0; /* codes give up in the end, and took no time */
    const double *loss = curve_of(sgd, 0, 1, TESTUDO_SGD_LOSS);
    assert_true(sgd->run[1].done && sgd->run[1].updates == deadlines && sgd->run[1].stuck == !deadline);
    assert_true(sgd->run[1].failed == (code ? 10000 : 0) && sgd->run[1].ended == (deadline ? 98.0 : 0.0));
    assert_close(loss[0], small_loss(&s, s.w0), 1e-12);
    assert_true(loss[1] == loss[0]);
    assert_true(deadline ? sgd->summary[0].update_time == 7.0 : isnan(sgd->summary[0].update_time));
    testudo_sgd_free(sgd);
  }
  testudo_design_free(design[0]);
  testudo_design_free(design[1]);
  small_free(&s);
}

/* Sums of those that have not failed: an iteration in which all fail is an update of nothing, so that an update moves w
   by the full gradient on average, (1/(1 - p)) (1 - p) of it, and not by 1 / (1 - p^m) of it. One step from the start,
   whose mean over the runs is linear in what arrives. The control: without those iterations the mean is off. */
static void sums_stay_unbiased_where_all_may_fail(void **state)
{
  (void)state;
  enum { RUNS = 4000 };
  small s;
  small_make(&s, 2, SAMPLES, "exp:1");
  s.model.failures = TESTUDO_FAILURES_EACH;
  s.model.fail_prob = 0.5;
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(2, 1, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  double target[DIM], gradient[DIM] = {0.0}, square = 0.0, sums[2] = {0.0, 0.0}, squares[2] = {0.0, 0.0};
  int64_t count[2] = {0, 0}, failed = 0;
  small_full(&s, s.w0, gradient);
  for (int k = 0; k < DIM; k++) {
    square += gradient[k] * gradient[k];
    target[k] = s.w0[k];
  }
  s.setting.target = target; /* the distance is then how far the step went */
  const double times[1] = {1e9};
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 0.01, .design = design};
  const testudo_sgd_options options = {.times = times, .time_count = 1, .seed = 3, .runs = RUNS, .updates = 1};
  testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
  for (int r = 0; r < RUNS; r++) {
    const testudo_sgd_run *run = &sgd->run[r];
    /* (F(w_0) - F(w_1)) / step to first order is <grad F, ghat>, whose mean is ||grad F||^2. */
    double moved = (small_loss(&s, s.w0) - run->curve[TESTUDO_SGD_LOSS]) / method.step / square;
    failed += run->failed;
    assert_true(run->updates == 1 && run->lost == run->failed);
    assert_true((run->failed == 0) == (run->curve[TESTUDO_SGD_DISTANCE] > 0.0));
    for (int c = 0; c < 2; c++)
      if (c == 0 || run->failed == 0) {
        sums[c] += moved;
        squares[c] += moved * moved;
        count[c]++;
      }
  }
  double mean[2], error[2];
  for (int c = 0; c < 2; c++) {
    mean[c] = sums[c] / (double)count[c];
    error[c] = sqrt((squares[c] / (double)count[c] - mean[c] * mean[c]) / (double)count[c]);
  }
  assert_true(fabs((double)failed / RUNS - 0.25) < 5.0 * sqrt(0.25 * 0.75 / RUNS));
  assert_true(fabs(mean[0] - 1.0) < 5.0 * error[0] + 0.1); /* the second order of the step */
  assert_true(mean[1] - 4.0 / 3.0 > -5.0 * error[1] - 0.13 && mean[1] > 1.1);
  testudo_sgd_free(sgd);
  testudo_design_free(design);
  small_free(&s);
}

/* Times alone are those of the runs: the same clock without gradients. */
static void times_alone_are_those_of_runs(void **state)
{
  (void)state;
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  s.model.message = law_of("exp:3");
  s.model.signal = 0.1;
  testudo_design *design = design_of(ONE_PART);
  const testudo_sgd_method methods[] = {
      {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 0.1, .design = design, .wait = 3},
      {.kind = TESTUDO_SGD_PARTIAL_DEADLINE, .step = 0.1, .design = design, .deadline = 1.5},
      {.kind = TESTUDO_SGD_COCO_EF, .step = 0.1, .design = design, .wait = 4,
       .compressor = TESTUDO_COMPRESSOR_TOP_K, .size = 1}};
  for (int m = 0; m < 3; m++) {
    const double times[1] = {1e9};
    const testudo_sgd_options options = {.times = times, .time_count = 1, .seed = 5, .runs = 40, .updates = 500};
    const testudo_i_timing_options wanted = {.share = m == 2 ? (32.0 + 2.0) / (32.0 * DIM) : 1.0, .updates = 20000,
                                             .seed = 9, .threads = 2};
    testudo_i_timing timing, again;
    assert_ok(testudo_i_iteration_measure(&methods[m], &s.model, WORKERS, &wanted, &timing, NULL));
    testudo_i_timing_options single = wanted;
    single.threads = 1;
    assert_ok(testudo_i_iteration_measure(&methods[m], &s.model, WORKERS, &single, &again, NULL));
    assert_true(timing.mean == again.mean && timing.updates == 20224 && timing.lost == 0);
    testudo_sgd *sgd = simulate(&s.setting, &methods[m], 1, &options);
    double error = hypot(timing.stderr_mean, sgd->summary[0].update_time_stderr);
    assert_true(fabs(timing.mean - sgd->summary[0].update_time) < 5.0 * error);
    assert_true(fabs(0.9 * timing.mean - sgd->summary[0].update_time) > 5.0 * error); /* the control */
    testudo_sgd_free(sgd);
  }
  testudo_design_free(design);
  testudo_law_free((testudo_law *)s.model.message);
  small_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_is_gradient_descent_at_its_times),
      cmocka_unit_test(a_deadline_gives_what_is_done),
      cmocka_unit_test(chunks_draw_their_part_of_the_mini_batches),
      cmocka_unit_test(lost_iterations_take_time_and_change_nothing),
      cmocka_unit_test(where_all_fail_nothing_ever_moves),
      cmocka_unit_test(sums_stay_unbiased_where_all_may_fail),
      cmocka_unit_test(times_alone_are_those_of_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
