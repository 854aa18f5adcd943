/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of the rules of updates against plain simulations that share nothing with them but the times of the tasks
   and the numbers of the samples; and the bias of ignoring stragglers, which live gradient compensation has not. */
#include "learn_cases.h"
#include "moments.h"

enum { MOST_BLOCKS = 4 };

/* A worker at its task: absolute times of its blocks and of its push. */
typedef struct plain_task {
  double end[MOST_BLOCKS], in;
  int64_t index, read;
  bool busy;
} plain_task;

typedef struct plain {
  const small *s;
  const testudo_sgd_method *method;
  uint64_t seed;
  testudo_i_tasks *tasks;
  plain_run run;
  plain_task task[MOST_WORKERS], owed[MOST_WORKERS];
  int32_t owes[MOST_WORKERS];     /* first block that is owed of owed[] */
  int32_t wait;
  double step[DIM];               /* w - w_next so far */
  double chosen;                  /* AdaSync: when K was chosen last */
} plain;

static void plain_begin(plain *p, int32_t j, double from, int64_t read)
{
  double finished[MOST_BLOCKS], message;
  int32_t blocks = p->s->setting.blocks;
  plain_task *task = &p->task[j];
  testudo_i_tasks_draw(p->tasks, j, task->index, blocks, finished, &message);
  for (int32_t k = 0; k < blocks; k++)
    task->end[k] = from + finished[k];
  task->in = from + (finished[blocks - 1] + message);
  task->read = read;
  task->busy = true;
}

static int32_t plain_first(const plain *p)
{
  int32_t first = -1;
  for (int32_t j = 0; j < p->s->workers; j++)
    if (p->task[j].busy && (first < 0 || p->task[j].in < p->task[first].in))
      first = j;
  return first;
}

static int32_t batch_of(const plain *p, int32_t j)
{
  return p->s->setting.batch > 0 ? p->s->setting.batch : p->s->first[j + 1] - p->s->first[j];
}

/* Adds `factor` times the gradient over blocks from .. to - 1 of a task at the parameters of `version`. */
static void plain_gradient(plain *p, int32_t j, int64_t index, int64_t version, int32_t from, int32_t to, double factor)
{
  int32_t size = batch_of(p, j), blocks = p->s->setting.blocks;
  small_batch(p->s, p->run.w[version], p->seed, (uint64_t)j, index, p->s->first[j], p->s->first[j + 1],
              p->s->setting.batch, size * from / blocks, size * to / blocks, factor, p->step);
}

static void plain_whole(plain *p, int32_t j, int32_t u)
{
  double factor = p->method->step / p->wait, distance = 0.0;
  const plain_task *task = &p->task[j];
  for (int i = 0; i < DIM; i++)
    distance += pow(p->run.w[u - 1][i] - p->run.w[task->read][i], 2.0);
  if (p->method->kind == TESTUDO_SGD_STALENESS_STEP && distance * p->method->step > p->method->spread)
    factor = p->method->spread / distance;
  plain_gradient(p, j, task->index, task->read, 0, p->s->setting.blocks, factor);
}

/* The update that makes version u of one of the four rules. */
static void plain_update(plain *p, testudo_update_rule rule, int32_t u)
{
  bool sync = rule == TESTUDO_WAITING_K_SYNC || rule == TESTUDO_WAITING_K_BATCH_SYNC;
  double now = p->run.time[u - 1];
  int32_t idle[MOST_WORKERS], idles = 0;
  for (int32_t j = 0; j < p->s->workers && (sync || u == 1); j++)
    plain_begin(p, j, now, u - 1);
  for (int32_t k = 0; k < p->wait; k++) {
    int32_t j = plain_first(p);
    now = p->task[j].in;
    plain_whole(p, j, u);
    p->task[j].busy = false;
    if (rule == TESTUDO_WAITING_K_BATCH_ASYNC || (rule == TESTUDO_WAITING_K_BATCH_SYNC && k + 1 < p->wait)) {
      p->task[j].index++;
      plain_begin(p, j, now, k + 1 == p->wait ? u : u - 1);
    } else {
      idle[idles++] = j;
    }
  }
  for (int32_t k = 0; k < idles && rule == TESTUDO_WAITING_K_ASYNC; k++) {
    p->task[idle[k]].index++;
    plain_begin(p, idle[k], now, u);
  }
  for (int32_t j = 0; j < p->s->workers && sync; j++)
    p->task[j].index++;
  p->run.time[u] = now;
  p->run.bits[u] = p->run.bits[u - 1] + 32.0 * DIM * p->wait;
}

/* A round: the least of all moments at which K have done everything and nobody owes anything. */
static void plain_round(plain *p, int32_t u)
{
  int32_t b = p->s->setting.blocks, workers = p->s->workers;
  double now = p->run.time[u - 1], end = HUGE_VAL, last = 0.0;
  for (int32_t j = 0; j < workers; j++) {
    double from = p->owes[j] < b ? fmax(now, p->owed[j].end[b - 1]) : now;
    p->task[j].index = u - 1;
    plain_begin(p, j, from, u - 1);
  }
  for (int32_t c = 0; c < 2 * workers; c++) {
    double t = c < workers ? p->task[c].end[b - 1] : p->owes[c - workers] < b ? p->owed[c - workers].end[b - 1] : now;
    int32_t whole = 0;
    bool owing = false;
    for (int32_t j = 0; j < workers; j++) {
      whole += p->task[j].end[b - 1] <= t;
      owing = owing || (p->owes[j] < b && p->owed[j].end[b - 1] > t);
    }
    if (whole >= p->wait && !owing)
      end = fmin(end, t);
  }
  p->run.bits[u] = p->run.bits[u - 1];
  for (int32_t j = 0; j < workers; j++) {
    double each = p->method->step / workers / batch_of(p, j);
    int32_t size = batch_of(p, j), done = 0, owed = p->owes[j];
    while (done < b && p->task[j].end[done] <= end)
      done++;
    if (owed < b)
      plain_gradient(p, j, u - 2, u - 2, owed, b, each * (size - size * owed / b));
    if (done > 0)
      plain_gradient(p, j, u - 1, u - 1, 0, done, each * (size * done / b));
    if (owed < b || done > 0) {
      p->run.bits[u] += 32.0 * DIM;
      last = fmax(last, p->task[j].in - p->task[j].end[b - 1]);
    }
    p->owed[j] = p->task[j];
    p->owes[j] = done;
  }
  p->run.time[u] = end + p->s->model.signal + last;
}

/* K of AdaSync: by the schedule, or 1, 2, .. as far as the formula of the closed form allows. */
static void plain_choose(plain *p, int32_t u)
{
  const testudo_sgd_method *m = p->method;
  double now = p->run.time[u], loss = small_loss(p->s, p->run.w[u]);
  int32_t workers = p->s->workers;
  if (m->kind != TESTUDO_SGD_ADASYNC || (u > 0 && now < p->chosen + m->interval))
    return;
  p->chosen = now;
  if (m->schedule != NULL) {
    bool by_time = testudo_schedule_looks_up(m->schedule) == TESTUDO_SCHEDULE_BY_TIME;
    p->wait = testudo_schedule_waits(m->schedule)[0];
    for (size_t k = 0; k < testudo_schedule_count(m->schedule); k++) {
      double at = testudo_schedule_thresholds(m->schedule)[k];
      if (by_time ? now >= at : loss <= at)
        p->wait = testudo_schedule_waits(m->schedule)[k];
    }
    p->wait = p->wait > workers && m->rule % 2 == 0 ? workers : p->wait;
    return;
  }
  double ratio = (small_loss(p->s, p->s->w0) - m->optimum) / (loss - m->optimum), most = 1e-9;
  int32_t first = m->wait;
  for (p->wait = 1; p->wait < workers; p->wait++) {
    double next = p->wait + 1;
    bool sync = m->rule == TESTUDO_WAITING_K_SYNC && first < workers;
    if (sync ? (workers - next) * ratio * first * first / (workers - first) < next * next - most
             : first * sqrt(ratio) < next - most)
      break;
  }
}

static testudo_update_rule plain_rule(const testudo_sgd_method *method)
{
  switch (method->kind) {
  case TESTUDO_SGD_SYNC:
  case TESTUDO_SGD_K_SYNC:
    return TESTUDO_WAITING_K_SYNC;
  case TESTUDO_SGD_K_BATCH_SYNC:
    return TESTUDO_WAITING_K_BATCH_SYNC;
  case TESTUDO_SGD_K_BATCH_ASYNC:
    return TESTUDO_WAITING_K_BATCH_ASYNC;
  case TESTUDO_SGD_ADASYNC:
    return method->rule;
  default:
    return TESTUDO_WAITING_K_ASYNC;
  }
}

static void assert_like_plain(const small *s, const testudo_sgd_method *method, uint64_t seed, int32_t updates)
{
  plain p = {.s = s, .method = method, .seed = seed, .run.updates = updates};
  bool alone = method->kind == TESTUDO_SGD_STALENESS_STEP;
  p.wait = method->kind == TESTUDO_SGD_SYNC ? s->workers : alone ? 1 : method->wait;
  double unit = s->model.unit == TESTUDO_UNIT_SHARE ? 1.0 / s->setting.blocks : 1.0;
  assert_ok(testudo_i_tasks_create(&s->model, s->workers, s->setting.blocks, unit, 1.0, seed, &p.tasks, NULL));
  memcpy(p.run.w[0], s->w0, sizeof s->w0);
  for (int32_t j = 0; j < s->workers; j++)
    p.owes[j] = s->setting.blocks;
  plain_choose(&p, 0);
  for (int32_t u = 1; u <= updates; u++) {
    p.run.wait[u - 1] = p.wait;
    memset(p.step, 0, sizeof p.step);
    if (method->kind == TESTUDO_SGD_LGC)
      plain_round(&p, u);
    else
      plain_update(&p, plain_rule(method), u);
    for (int i = 0; i < DIM; i++)
      p.run.w[u][i] = p.run.w[u - 1][i] - p.step[i];
    plain_choose(&p, u);
  }
  assert_same_run(&s->setting, method, seed, &p.run, 1e-11);
  testudo_i_tasks_free(p.tasks);
}

/* ---- the cases ---- */

static const testudo_worker_class unlike[] = {{1, 1.0, NULL}, {1, 1.7, NULL}, {1, 0.6, NULL}};

/* Kinds of clusters: deterministic with ties, deterministic of unlike workers, additive, all terms. */
enum { CLUSTERS = 4 };
static const char *const cluster_laws[CLUSTERS] = {"deterministic:1", "deterministic:1", "exp:1", "gamma:2,0.5"};

static void cluster_make(small *s, int kind, testudo_law **startup, testudo_law **message)
{
  small_make(s, 3, 20, cluster_laws[kind]);
  s->model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  *startup = law_of("exp:3");
  *message = law_of("exp:2");
  if (kind == 1 || kind == 3) {
    s->model.classes = unlike;
    s->model.class_count = 3;
  }
  if (kind == 3) {
    s->model.startup = *startup;
    s->model.message = *message;
    s->model.signal = 0.25;
    s->model.overhead = 0.1;
    s->model.slow = (testudo_slow_state){0.2, 0.4, 3.0};
    s->model.unit = TESTUDO_UNIT_SHARE;
  }
}

static void for_every_cluster(testudo_sgd_method method, int32_t least, int32_t most)
{
  for (int kind = 0; kind < CLUSTERS; kind++)
    for (int batch = 0; batch < 2; batch++)
      for (int32_t wait = least; wait <= most; wait++) {
        small s;
        testudo_law *startup, *message;
        cluster_make(&s, kind, &startup, &message);
        s.setting.batch = batch * 5;
        s.setting.blocks = 1 + kind;
        method.wait = wait;
        assert_like_plain(&s, &method, (uint64_t)(5 + kind), 40);
        testudo_law_free(startup);
        testudo_law_free(message);
        small_free(&s);
      }
}

static void sync_rules_are_those_of_a_plain_loop(void **state)
{
  (void)state;
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_SYNC, .step = 0.2}, 0, 0);
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_K_SYNC, .step = 0.2}, 1, 3);
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_K_BATCH_SYNC, .step = 0.2}, 1, 5);
}

static void stale_gradients_are_those_of_a_plain_loop(void **state)
{
  (void)state;
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_K_ASYNC, .step = 0.1}, 1, 3);
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_K_BATCH_ASYNC, .step = 0.1}, 1, 7);
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_STALENESS_STEP, .step = 0.1, .spread = 1e-3}, 1, 1);
}

static void lgc_is_that_of_a_plain_loop(void **state)
{
  (void)state;
  for_every_cluster((testudo_sgd_method){.kind = TESTUDO_SGD_LGC, .step = 0.1}, 1, 3);
}

static void adasync_is_that_of_a_plain_loop(void **state)
{
  (void)state;
  static const int32_t waits[] = {1, 2, 3};
  static const double losses[] = {9.0, 3.0, 2.0}, seconds[] = {0.0, 6.0, 14.0};
  testudo_schedule *schedule[2];
  assert_ok(testudo_schedule_create(TESTUDO_SCHEDULE_BY_LOSS, 3, losses, waits, 3, &schedule[0], NULL));
  assert_ok(testudo_schedule_create(TESTUDO_SCHEDULE_BY_TIME, 3, seconds, waits, 3, &schedule[1], NULL));
  for (int rule = TESTUDO_WAITING_K_SYNC; rule <= TESTUDO_WAITING_K_BATCH_ASYNC; rule++) {
    testudo_sgd_method method = {.kind = TESTUDO_SGD_ADASYNC, .step = 0.1, .rule = (testudo_update_rule)rule,
                                 .interval = 1.5, .optimum = 0.5};
    for_every_cluster(method, 1, 3);
    for (int k = 0; k < 2; k++) {
      method.schedule = schedule[k];
      for_every_cluster(method, 1, 1);
    }
  }
  testudo_schedule_free(schedule[0]);
  testudo_schedule_free(schedule[1]);
}

/* ---- f_i(w) = (w - i)^2 / 2 on six workers, the first three twice as fast ---- */

enum { TOY_WORKERS = 6, TOY_BATCH = 4, TOY_RUNS = 400, TOY_UPDATES = 200, TOY_FIRST = 40 };

typedef struct toy {
  testudo_data *data;
  testudo_problem *problem;
  testudo_worker_class classes[2];
  testudo_delay_model model;
  int32_t first[TOY_WORKERS + 1];
} toy;

static void toy_make(toy *t)
{
  double ones[TOY_WORKERS * TOY_BATCH], labels[TOY_WORKERS * TOY_BATCH];
  for (int k = 0; k < TOY_WORKERS * TOY_BATCH; k++) {
    ones[k] = 1.0;
    labels[k] = k / TOY_BATCH;
  }
  for (int j = 0; j <= TOY_WORKERS; j++)
    t->first[j] = j * TOY_BATCH;
  assert_ok(testudo_data_create(TOY_WORKERS * TOY_BATCH, 1, ones, labels, TESTUDO_LABELS_REAL, &t->data, NULL));
  assert_ok(testudo_problem_create(t->data, TESTUDO_LOSS_LEAST_SQUARES, 0.0, &t->problem, NULL));
  t->classes[0] = (testudo_worker_class){3, 2.0, NULL};
  t->classes[1] = (testudo_worker_class){3, 1.0, NULL};
  t->model = (testudo_delay_model){.law = law_of("exp:1"), .structure = TESTUDO_STRUCTURE_ADDITIVE,
                                   .classes = t->classes, .class_count = 2};
}

static void toy_free(toy *t)
{
  testudo_problem_free(t->problem);
  testudo_data_free(t->data);
  testudo_law_free((testudo_law *)t->model.law);
}

/* w after many updates of independent runs, where 0.95^updates of the start is left; and seconds per update, without
   those of the first updates. */
static moments toy_run(const toy *t, const testudo_sgd_method *method, uint64_t seed, moments *seconds)
{
  static const double times[1] = {1e9};
  static double value[TOY_RUNS];
  const double start = 2.0, target = -10.0;
  const testudo_sgd_setting setting = {.problem = t->problem, .model = &t->model, .workers = TOY_WORKERS,
                                       .first = t->first, .batch = 0, .blocks = 4, .start = &start, .target = &target};
  testudo_sgd_options options = {.times = times, .time_count = 1, .updates = TOY_UPDATES, .seed = seed,
                                 .runs = TOY_RUNS};
  testudo_sgd *sgd = simulate(&setting, method, 1, &options);
  options.updates = TOY_FIRST;
  testudo_sgd *begun = simulate(&setting, method, 1, &options);
  for (int r = 0; r < TOY_RUNS; r++)
    value[r] = (sgd->run[r].ended - begun->run[r].ended) / (TOY_UPDATES - TOY_FIRST);
  *seconds = moments_of(value, TOY_RUNS);
  for (int r = 0; r < TOY_RUNS; r++)
    value[r] = curve_of(sgd, 0, r, TESTUDO_SGD_DISTANCE)[0] + target;
  testudo_sgd_free(begun);
  testudo_sgd_free(sgd);
  return moments_of(value, TOY_RUNS);
}

/* The control: 2.5 lies more than 20 standard errors off what ignoring stragglers gives, and lgc waits for no more. */
static void lgc_has_no_bias_and_ignoring_stragglers_has(void **state)
{
  (void)state;
  static const double wanted[] = {1.53815158, 1.70406175, 1.96430304, 2.24383246};
  toy t;
  moments seconds;
  toy_make(&t);
  testudo_sgd_method method = {.kind = TESTUDO_SGD_LGC, .step = 0.05, .wait = 3};
  moments w = toy_run(&t, &method, 1, &seconds);
  assert_near(w.mean, 2.5, 4.0 * w.error);
  assert_true(w.error < 3e-3);
  assert_near(seconds.mean, 4.544, 4.0 * seconds.error + 5e-4);
  assert_true(seconds.error < 0.02);
  method.kind = TESTUDO_SGD_K_SYNC;
  for (method.wait = 2; method.wait <= 5; method.wait++) {
    w = toy_run(&t, &method, 100000 * (uint64_t)method.wait, &seconds);
    assert_near(w.mean, wanted[method.wait - 2], 4.0 * w.error);
    assert_true(2.5 - w.mean > 20.0 * w.error);
  }
  toy_free(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sync_rules_are_those_of_a_plain_loop),
      cmocka_unit_test(stale_gradients_are_those_of_a_plain_loop),
      cmocka_unit_test(lgc_is_that_of_a_plain_loop),
      cmocka_unit_test(adasync_is_that_of_a_plain_loop),
      cmocka_unit_test(lgc_has_no_bias_and_ignoring_stragglers_has),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
