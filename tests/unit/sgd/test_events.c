/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event engine against plain scans that share nothing with it but the times of the tasks, and against the
   properties that define its rules. */
#include "check.h"

#include <stdbool.h>

#include <testudo/delay.h>

#include "sgd/clock/events.h"

#define MOST 8 /* workers and blocks of the small clusters */

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

typedef struct cluster {
  testudo_delay_model model;
  testudo_i_tasks *tasks, *twin;    /* the same draws, twice */
  testudo_i_events *events;
} cluster;

static void start(cluster *c, int32_t workers, int32_t blocks, testudo_update_rule rule, int32_t wait, uint64_t seed)
{
  assert_ok(testudo_i_tasks_create(&c->model, workers, blocks, 1.0, 1.0, seed, &c->tasks, NULL));
  assert_ok(testudo_i_tasks_create(&c->model, workers, blocks, 1.0, 1.0, seed, &c->twin, NULL));
  assert_ok(testudo_i_events_create(c->tasks, rule, wait, blocks, &c->events, NULL));
}

static void stop(cluster *c)
{
  testudo_i_events_free(c->events);
  testudo_i_tasks_free(c->tasks);
  testudo_i_tasks_free(c->twin);
}

/* ---- the scans ---- */

typedef struct scan {
  testudo_i_tasks *tasks;
  testudo_update_rule rule;
  int32_t workers, blocks, wait;
  int64_t version;
  double now;
  bool busy[MOST];
  double in[MOST];
  int64_t task[MOST], read[MOST];
  /* lgc: absolute ends of the blocks of two tasks; done: used in an update */
  double end[MOST][2][MOST], message[MOST];
  bool done[MOST][2][MOST];
  testudo_i_part part[64];
  int32_t parts;
} scan;

static void scan_begin(scan *s, int32_t j, int64_t read)
{
  double finished[MOST], message;
  testudo_i_tasks_draw(s->tasks, j, s->task[j], s->blocks, finished, &message);
  s->in[j] = s->now + (finished[s->blocks - 1] + message);
  s->read[j] = read;
  s->busy[j] = true;
}

static int32_t scan_first(const scan *s)
{
  int32_t first = -1;
  for (int32_t j = 0; j < s->workers; j++)
    if (s->busy[j] && (first < 0 || s->in[j] < s->in[first]))
      first = j;
  return first;
}

static void scan_update(scan *s)
{
  bool sync = s->rule == TESTUDO_WAITING_K_SYNC || s->rule == TESTUDO_WAITING_K_BATCH_SYNC;
  s->parts = 0;
  if (sync || s->version == 0)
    for (int32_t j = 0; j < s->workers; j++)
      scan_begin(s, j, s->version);
  while (s->parts < s->wait) {
    int32_t j = scan_first(s);
    s->now = s->in[j];
    s->part[s->parts++] = (testudo_i_part){j, 0, s->blocks, s->task[j], s->read[j], s->now};
    s->busy[j] = false;
    bool last = s->parts == s->wait;
    if (s->rule == TESTUDO_WAITING_K_BATCH_ASYNC || (s->rule == TESTUDO_WAITING_K_BATCH_SYNC && !last)) {
      s->task[j]++;
      scan_begin(s, j, s->version + (last ? 1 : 0));
    }
  }
  s->version++;
  for (int32_t j = 0; j < s->workers && s->rule != TESTUDO_WAITING_K_BATCH_ASYNC; j++)
    if (sync || !s->busy[j]) {
      s->task[j]++;
      if (!sync)
        scan_begin(s, j, s->version);
    }
}

/* Block by block: slot version % 2 is this round, the other the last. */
static bool scan_round_ends(const scan *s, int now, double t)
{
  int32_t whole = 0;
  for (int32_t j = 0; j < s->workers; j++) {
    whole += s->end[j][now][s->blocks - 1] <= t;
    for (int32_t k = 0; k < s->blocks && s->version > 0; k++)
      if (!s->done[j][1 - now][k] && s->end[j][1 - now][k] > t)
        return false;
  }
  return whole >= s->wait;
}

static void scan_round(scan *s, double signal)
{
  int now = (int)(s->version % 2);
  double t = HUGE_VAL, largest = 0.0;
  for (int32_t j = 0; j < s->workers; j++) {
    double finished[MOST], from = s->now;
    if (s->version > 0 && !s->done[j][1 - now][s->blocks - 1])
      from = fmax(from, s->end[j][1 - now][s->blocks - 1]);
    testudo_i_tasks_draw(s->tasks, j, s->version, s->blocks, finished, &s->message[j]);
    for (int32_t k = 0; k < s->blocks; k++) {
      s->end[j][now][k] = from + finished[k];
      s->done[j][now][k] = false;
    }
  }
  for (int32_t j = 0; j < s->workers; j++)
    for (int slot = 0; slot < 2; slot++)
      for (int32_t k = 0; k < s->blocks; k++)
        if ((s->version > 0 || slot == now) && s->end[j][slot][k] < t && scan_round_ends(s, now, s->end[j][slot][k]))
          t = s->end[j][slot][k];
  s->parts = 0;
  for (int32_t j = 0; j < s->workers; j++) {
    bool sends = false;
    for (int old = s->version > 0; old >= 0; old--) {
      int slot = old ? 1 - now : now;
      testudo_i_part part = {j, -1, 0, s->version - old, s->version - old, t + signal + s->message[j]};
      for (int32_t k = 0; k < s->blocks; k++)
        if (!s->done[j][slot][k] && s->end[j][slot][k] <= t) {
          part.first = part.blocks == 0 ? k : part.first;
          part.blocks++;
          s->done[j][slot][k] = true;
        }
      if (part.blocks > 0) {
        s->part[s->parts++] = part;
        sends = true;
      }
    }
    if (sends)
      largest = fmax(largest, s->message[j]);
  }
  s->now = t + signal + largest;
  s->version++;
}

static int by_arrival(const void *a, const void *b)
{
  const testudo_i_part *x = a, *y = b;
  return x->arrived != y->arrived ? (x->arrived > y->arrived) - (x->arrived < y->arrived)
                                  : (x->worker > y->worker) - (x->worker < y->worker);
}

static void compare_updates(cluster *c, scan *s, int32_t updates, int32_t other_wait)
{
  for (int32_t u = 0; u < updates; u++) {
    testudo_i_update found;
    if (u == updates / 2) {
      testudo_i_events_wait(c->events, other_wait);
      s->wait = other_wait;
    }
    if (s->rule == TESTUDO_WAITING_LGC) {
      scan_round(s, c->model.signal);
    } else {
      scan_update(s);
      qsort(s->part, (size_t)s->parts, sizeof *s->part, by_arrival);
    }
    assert_ok(testudo_i_events_next(c->events, &found, NULL));
    assert_true(found.version == u + 1 && found.parts == s->parts);
    assert_close(found.time, s->now, 1e-13);
    for (int32_t p = 0; p < s->parts; p++) {
      const testudo_i_part *a = &found.part[p], *b = &s->part[p];
      assert_true(a->worker == b->worker && a->first == b->first && a->blocks == b->blocks && a->task == b->task &&
                  a->version == b->version);
      assert_close(a->arrived, b->arrived, 1e-13);
    }
  }
}

/* Continuous laws, laws with ties, all terms; K changes half-way. */
static void updates_are_those_of_a_plain_scan(void **state)
{
  (void)state;
  static const char *const laws[] = {"exp:1", "pareto:1,1.5", "mixture:0.5,deterministic:1,deterministic:2",
                                     "deterministic:1"};
  testudo_law *startup = law_of("exp:3"), *message = law_of("exp:2"), *chunk = law_of("gamma:2,1");
  for (int l = 0; l < 4; l++)
    for (int rule = TESTUDO_WAITING_K_SYNC; rule <= TESTUDO_WAITING_LGC; rule++)
      for (int kind = 0; kind < 4; kind++) {
        cluster c = {.model = {.law = law_of(laws[l])}};
        int32_t workers = 3 + kind, blocks = 1 + kind;
        testudo_worker_class classes[2] = {{1, 2.0, NULL}, {workers - 1, 1.0, NULL}};
        c.model.structure = kind == 0 ? TESTUDO_STRUCTURE_SCALED : TESTUDO_STRUCTURE_ADDITIVE;
        if (kind >= 2) {
          c.model.classes = classes;
          c.model.class_count = 2;
        }
        if (kind == 3) {
          c.model.startup = startup;
          c.model.message = message;
          c.model.signal = 0.25;
          c.model.overhead = 0.1;
          c.model.structure = TESTUDO_STRUCTURE_MIXED;
          c.model.chunk_law = chunk;
          c.model.slow = (testudo_slow_state){0.2, 0.4, 3.0};
        }
        start(&c, workers, blocks, (testudo_update_rule)rule, 2, 5);
        scan s = {.tasks = c.twin, .rule = (testudo_update_rule)rule, .workers = workers, .blocks = blocks, .wait = 2};
        compare_updates(&c, &s, 400, kind % 2 == 0 ? 3 : 1);
        stop(&c);
        testudo_law_free((testudo_law *)c.model.law);
      }
  testudo_law_free(startup);
  testudo_law_free(message);
  testudo_law_free(chunk);
}

/* Many workers: the heap is deep. */
static void every_worker_of_a_large_cluster_takes_its_turn(void **state)
{
  (void)state;
  cluster c = {.model = {.law = law_of("exp:1")}};
  int64_t next[500] = {0}, last = 0;
  double before = 0.0;
  start(&c, 500, 1, TESTUDO_WAITING_K_BATCH_ASYNC, 7, 3);
  for (int u = 0; u < 3000; u++) {
    testudo_i_update update;
    assert_ok(testudo_i_events_next(c.events, &update, NULL));
    for (int32_t p = 0; p < update.parts; p++) {
      assert_true(update.part[p].task == next[update.part[p].worker]++);
      assert_true(update.part[p].arrived >= before && update.part[p].version <= update.version - 1);
      before = update.part[p].arrived;
    }
    last = update.version;
  }
  assert_int_equal(last, 3000);
  stop(&c);
  testudo_law_free((testudo_law *)c.model.law);
}

/* ---- live gradient compensation ---- */

static void lgc_uses_every_block_once(void **state)
{
  (void)state;
  enum { workers = 6, blocks = 5, rounds = 2000 };
  static unsigned char used[workers][rounds][blocks];
  cluster c = {.model = {.law = law_of("weibull:0.6,1"), .structure = TESTUDO_STRUCTURE_ADDITIVE}};
  memset(used, 0, sizeof used);
  start(&c, workers, blocks, TESTUDO_WAITING_LGC, 2, 8);
  int64_t late = 0;
  for (int u = 0; u < rounds; u++) {
    testudo_i_update update;
    assert_ok(testudo_i_events_next(c.events, &update, NULL));
    for (int32_t p = 0; p < update.parts; p++) {
      const testudo_i_part *part = &update.part[p];
      int64_t stale = update.version - 1 - part->version;
      assert_true(part->task == part->version && (stale == 0 || stale == 1));
      late += stale * part->blocks;
      for (int32_t k = 0; k < part->blocks; k++)
        used[part->worker][part->task][part->first + k]++;
    }
  }
  for (int j = 0; j < workers; j++)
    for (int t = 0; t < rounds - 1; t++)
      for (int k = 0; k < blocks; k++)
        assert_int_equal(used[j][t][k], 1);
  assert_true(late > 1000);
  stop(&c);
  testudo_law_free((testudo_law *)c.model.law);
}

/* f_i(w) = (w - i)^2 / 2 on six workers, the first three twice as fast: w from the parts of the events. */
typedef struct descent {
  double w[2];              /* at the last two versions */
  double mean, error;       /* of w in the long run, standard error by batches */
  double seconds, seconds_error;
} descent;

static void batch_moments(const double *batch, int count, double *mean, double *error)
{
  double squares = 0.0;
  *mean = 0.0;
  for (int k = 0; k < count; k++)
    *mean += batch[k] / count;
  for (int k = 0; k < count; k++)
    squares += (batch[k] - *mean) * (batch[k] - *mean);
  *error = sqrt(squares / (count - 1) / count);
}

static descent descend(testudo_update_rule rule, int32_t wait, uint64_t seed)
{
  enum { batches = 100, length = 2000, burn_in = 1000 };
  const testudo_worker_class classes[2] = {{3, 2.0, NULL}, {3, 1.0, NULL}};
  cluster c = {.model = {.law = law_of("exp:1"), .structure = TESTUDO_STRUCTURE_ADDITIVE, .classes = classes,
                         .class_count = 2}};
  double mean_w[batches], time[batches], begun = 0.0;
  descent d = {.w = {0.0, 0.0}};
  start(&c, 6, 4, rule, wait, seed);
  for (int u = -burn_in, k = 0; k < batches; u++) {
    testudo_i_update update;
    double step = 0.0;
    assert_ok(testudo_i_events_next(c.events, &update, NULL));
    for (int32_t p = 0; p < update.parts; p++) {
      const testudo_i_part *part = &update.part[p];
      step += part->blocks / 4.0 * (d.w[part->version % 2] - part->worker);
    }
    double next = d.w[(update.version - 1) % 2] - 0.05 * step / (rule == TESTUDO_WAITING_LGC ? 6 : wait);
    d.w[update.version % 2] = next;
    if (u == 0)
      begun = update.time;
    if (u <= 0)
      continue;
    if (u % length == 1)
      mean_w[k] = 0.0;
    mean_w[k] += next / length;
    if (u % length == 0) {
      time[k++] = (update.time - begun) / length;
      begun = update.time;
    }
  }
  batch_moments(mean_w, batches, &d.mean, &d.error);
  batch_moments(time, batches, &d.seconds, &d.seconds_error);
  stop(&c);
  testudo_law_free((testudo_law *)c.model.law);
  return d;
}

static void lgc_has_no_bias(void **state)
{
  (void)state;
  descent d = descend(TESTUDO_WAITING_LGC, 3, 1);
  assert_near(d.mean, 2.5, 4.0 * d.error);
  assert_true(d.error < 1e-3);
  assert_near(d.seconds, 4.544, 4.0 * d.seconds_error + 5e-4);
  assert_true(d.seconds_error < 0.01);
}

/* P(at most `most` of the workers but `but` have done four blocks by t), by the law of their number. */
static double few_others(double t, int but, int most)
{
  double number[7] = {1.0};
  for (int j = 0; j < 6; j++) {
    if (j == but)
      continue;
    double x = (j < 3 ? 2.0 : 1.0) * t, left = exp(-x) * (1.0 + x + x * x / 2.0 + x * x * x / 6.0);
    for (int n = 6; n >= 0; n--)
      number[n] = number[n] * left + (n > 0 ? number[n - 1] * (1.0 - left) : 0.0);
  }
  double sum = 0.0;
  for (int n = 0; n <= most; n++)
    sum += number[n];
  return sum;
}

/* Sum over i of i P(worker i is among the first K) / K, by Simpson's rule over Erlang densities. */
static double ignoring_mean(int wait)
{
  enum { steps = 20000 };
  double mean = 0.0, h = 60.0 / steps;
  for (int i = 0; i < 6; i++) {
    double rate = i < 3 ? 2.0 : 1.0, p = 0.0;
    for (int k = 0; k <= steps; k++) {
      double t = k * h, x = rate * t, density = rate * x * x * x / 6.0 * exp(-x);
      p += (k == 0 || k == steps ? 1.0 : k % 2 == 1 ? 4.0 : 2.0) * density * few_others(t, i, wait - 1);
    }
    mean += i * p * h / 3.0 / wait;
  }
  return mean;
}

static void ignoring_stragglers_is_biased(void **state)
{
  (void)state;
  static const double wanted[] = {1.53815158, 1.70406175, 1.96430304, 2.24383246};
  for (int wait = 2; wait <= 5; wait++) {
    descent d = descend(TESTUDO_WAITING_K_SYNC, wait, 2);
    assert_near(ignoring_mean(wait), wanted[wait - 2], 6e-9);
    assert_near(d.mean, wanted[wait - 2], 4.0 * d.error);
    assert_true(d.error < 5e-3 && 2.5 - d.mean > 20.0 * d.error);
  }
}

/* ---- refusals ---- */

static void what_cannot_be_is_refused(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1"), *factor = law_of("gamma:2,0.5");
  const int32_t domain[3] = {0, 0, 1};
  const testudo_delay_model plain = {.law = law};
  const testudo_delay_model each = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1};
  const testudo_delay_model exactly = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  const testudo_delay_model domains = {.law = law, .domain = domain, .domains = 2, .domain_factor = factor};
  const struct {
    const testudo_delay_model *model;
    int rule, wait, blocks;
    const char *sentence;   /* NULL: fine */
  } cases[] = {
      {&plain, 0, 3, 1, NULL}, {&plain, 0, 4, 1, "1..3 of 3"}, {&plain, 2, 0, 1, "1..3 of 3"}, {&plain, 1, 9, 1, NULL},
      {&plain, 3, 9, 2, NULL}, {&plain, 4, 4, 1, "1..3 of 3"}, {&plain, 0, 1, 3, "up to 2"}, {&plain, 5, 1, 1, "0..4"},
      {&plain, 0, 1, 0, "up to 2"}, {&each, 0, 1, 1, NULL}, {&each, 1, 2, 1, NULL}, {&each, 2, 1, 1, "lost for good"},
      {&each, 3, 1, 1, "lost for good"}, {&each, 4, 1, 1, "owes it forever"}, {&exactly, 0, 1, 1, NULL},
      {&exactly, 1, 1, 1, "give each a probability"}, {&exactly, 3, 1, 1, "lost for good"}, {&domains, 0, 1, 1, NULL},
      {&domains, 4, 1, 1, NULL}, {&domains, 1, 1, 1, "every worker has its own"},
      {&domains, 2, 1, 1, "every worker has its own"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_i_tasks *tasks;
    testudo_i_events *events;
    testudo_error error = {""};
    assert_ok(testudo_i_tasks_create(cases[k].model, 3, 2, 1.0, 1.0, 1, &tasks, NULL));
    testudo_status status = testudo_i_events_create(tasks, (testudo_update_rule)cases[k].rule, cases[k].wait,
                                                    cases[k].blocks, &events, &error);
    assert_int_equal(status, cases[k].sentence == NULL ? TESTUDO_OK : TESTUDO_ERROR_ARGUMENT);
    assert_true(cases[k].sentence == NULL || strstr(error.text, cases[k].sentence) != NULL);
    testudo_i_events_free(events);
    testudo_i_tasks_free(tasks);
  }
  testudo_law_free(law);
  testudo_law_free(factor);
}

/* Two of three fail in every iteration. */
static void an_update_that_never_comes_says_so(void **state)
{
  (void)state;
  cluster c = {.model = {.law = law_of("exp:1"), .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2}};
  testudo_i_update update;
  testudo_error error = {""};
  start(&c, 3, 1, TESTUDO_WAITING_K_SYNC, 1, 1);
  for (int u = 0; u < 10; u++)
    assert_ok(testudo_i_events_next(c.events, &update, NULL));
  testudo_i_events_wait(c.events, 2);
  assert_status(testudo_i_events_next(c.events, &update, &error), TESTUDO_UNDECODABLE);
  assert_non_null(strstr(error.text, "update 11 never comes"));
  testudo_i_events_wait(c.events, 1);
  assert_status(testudo_i_events_next(c.events, &update, &error), TESTUDO_UNDECODABLE);
  stop(&c);
  c.model.failures = TESTUDO_FAILURES_EACH;
  c.model.fail_prob = 0.9;
  start(&c, 3, 1, TESTUDO_WAITING_K_BATCH_SYNC, 3, 1);
  testudo_status status = TESTUDO_OK;
  for (int u = 0; u < 1000 && status == TESTUDO_OK; u++)
    status = testudo_i_events_next(c.events, &update, &error);
  assert_status(status, TESTUDO_UNDECODABLE);
  stop(&c);
  testudo_law_free((testudo_law *)c.model.law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(updates_are_those_of_a_plain_scan),
      cmocka_unit_test(every_worker_of_a_large_cluster_takes_its_turn),
      cmocka_unit_test(lgc_uses_every_block_once),
      cmocka_unit_test(lgc_has_no_bias),
      cmocka_unit_test(ignoring_stragglers_is_biased),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(an_update_that_never_comes_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
