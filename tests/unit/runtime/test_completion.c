/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When an iteration is complete: progress objects and rules against the definitions of the schemes, worked out here
   from the orders alone, on designs of every scheme and random marks. */
#include "check.h"

#include <testudo/block.h>
#include <testudo/runtime.h>

#include "designs.h"
#include "runtime/completion.h"
#include "runtime/scheme/gradient_code_parts.h"
#include "seal.h"

enum { MOST_WORKERS = 256 };

/* ---- the definitions ---- */

static bool has_finished(const testudo_design *design, const int32_t *done, int32_t worker)
{
  return done[worker] == testudo_design_steps(design, worker);
}

static int32_t finished_workers(const testudo_design *design, const int32_t *done)
{
  int32_t count = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    count += has_finished(design, done, j);
  return count;
}

static bool holds_among_the_first(const testudo_design *design, int32_t worker, int32_t chunks, int32_t chunk)
{
  for (int32_t k = 0; k < chunks; k++)
    if (testudo_design_order(design, worker)[k] == chunk)
      return true;
  return false;
}

/* How many chunks of its order a worker has done something of. */
static int32_t chunks_begun(const testudo_design *design, int32_t steps)
{
  int32_t count;
  if (testudo_design_scheme(design) != TESTUDO_SCHEME_BLOCK || steps == 0)
    return steps;
  return testudo_design_tolerances(design, &count)[steps - 1] + 1;
}

/* |U_i|: workers whose work on the chunk counts under this report. */
static int32_t cover_of(const testudo_design *design, testudo_report report, const int32_t *done, int32_t chunk)
{
  int32_t cover = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    if (report == TESTUDO_REPORT_WHOLE && !has_finished(design, done, j))
      continue;
    cover += holds_among_the_first(design, j, chunks_begun(design, done[j]), chunk);
  }
  return cover;
}

/* The report under which progress counts chunks. */
static testudo_report report_of_progress(const testudo_design *design)
{
  testudo_scheme scheme = testudo_design_scheme(design);
  return scheme == TESTUDO_SCHEME_GRADIENT_CODE || scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS ||
                 scheme == TESTUDO_SCHEME_GRADIENT_CODE_PARTS
             ? TESTUDO_REPORT_WHOLE
             : TESTUDO_REPORT_CHUNK;
}

static bool level_is_reached(const testudo_design *design, const int32_t *done, int32_t steps, int32_t tolerance)
{
  int32_t reached = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    reached += done[j] >= steps;
  return reached >= testudo_design_workers(design) - tolerance;
}

static bool every_chunk_is_covered(const testudo_design *design, testudo_report report, const int32_t *done,
                                   int32_t copies)
{
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    if (cover_of(design, report, done, i) < copies)
      return false;
  return true;
}

/* The smallest tolerance of a nested code that is reached, -1 where none is. */
static int32_t tolerance_reached(const testudo_design *design, const int32_t *done)
{
  int32_t levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  for (int32_t k = 0; k < levels; k++)
    if (level_is_reached(design, done, tolerance[k] + 1, tolerance[k]))
      return tolerance[k];
  return -1;
}

static bool block_is_reached(const testudo_design *design, const int32_t *done, int32_t block)
{
  int32_t levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  return block >= 0 && block < levels && level_is_reached(design, done, block + 1, tolerance[block]);
}

static bool is_complete(const testudo_design *design, testudo_report report, const int32_t *done)
{
  int32_t workers = testudo_design_workers(design), blocks;
  switch (testudo_design_scheme(design)) {
  case TESTUDO_SCHEME_UNCODED:
    return finished_workers(design, done) == workers;
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    return finished_workers(design, done) >= testudo_design_wait(design);
  case TESTUDO_SCHEME_GRADIENT_CODE:
    /* Repetition: one worker of every group, that is, of every chunk's holders. */
    if (strcmp(testudo_design_construction(design), "frc") == 0)
      return every_chunk_is_covered(design, TESTUDO_REPORT_WHOLE, done, 1);
    return finished_workers(design, done) >= workers - testudo_design_stragglers(design);
  case TESTUDO_SCHEME_GRADIENT_CODE_PARTS:
    return finished_workers(design, done) >= workers - ((const testudo_i_parts_code *)design->code)->stragglers;
  case TESTUDO_SCHEME_NESTED:
    return tolerance_reached(design, done) >= 0;
  case TESTUDO_SCHEME_PARTIAL:
    return every_chunk_is_covered(design, report, done, testudo_design_parts(design));
  case TESTUDO_SCHEME_BLOCK:
    testudo_design_tolerances(design, &blocks);
    for (int32_t b = 0; b < blocks; b++)
      if (!block_is_reached(design, done, b))
        return false;
    return true;
  }
  fail_msg("scheme %d is not known here", (int)testudo_design_scheme(design));
  return false;
}

/* ---- a plain evaluator of a rule ---- */

static int64_t pairs_done(const testudo_i_rule *rule, int32_t row, const int32_t *done)
{
  int64_t count = 0;
  for (int64_t p = 0; p < testudo_i_rule_pairs(rule, row); p++)
    count += done[testudo_i_rule_pair_worker(rule, row, p)] >= testudo_i_rule_pair_step(rule, row, p);
  return count;
}

/* The first row that holds, -1 where none does; *all: do all? */
static int32_t first_row(const testudo_i_rule *rule, const int32_t *done, bool *all)
{
  int32_t first = -1;
  *all = true;
  for (int32_t r = 0; r < rule->rows; r++) {
    bool holds = pairs_done(rule, r, done) >= testudo_i_rule_need(rule, r);
    *all = *all && holds;
    first = holds && first < 0 ? r : first;
  }
  return first;
}

static bool rule_holds(const testudo_i_rule *rule, const int32_t *done)
{
  bool all;
  int32_t first = first_row(rule, done, &all);
  return rule->join == TESTUDO_I_ALL ? all : first >= 0;
}

/* ---- one design ---- */

typedef struct subject {
  const char *name;
  const testudo_design *design;
  testudo_progress *progress;
  bool whole_too;             /* does the scheme have both reports? */
  testudo_i_rule rule[2], cover[2];
  int32_t done[MOST_WORKERS], announced;
  testudo_i_random random;
} subject;

static subject *open_subject(const char *name, const testudo_design *design)
{
  subject *s = calloc(1, sizeof *s);
  testudo_scheme scheme = testudo_design_scheme(design);
  testudo_error error = {""};
  bool known;
  assert_non_null(s);
  assert_true(testudo_design_workers(design) <= MOST_WORKERS);
  s->name = name;
  s->design = design;
  s->announced = -1;
  s->whole_too = scheme != TESTUDO_SCHEME_NESTED && scheme != TESTUDO_SCHEME_BLOCK;
  assert_ok(testudo_progress_create(design, &s->progress, NULL));
  for (int report = 0; report < (s->whole_too ? 2 : 1); report++) {
    assert_ok(testudo_i_completion_rule(design, (testudo_report)report, &s->rule[report], NULL));
    assert_ok(testudo_i_cover_rule(design, (testudo_report)report, &s->cover[report], &known, NULL));
  }
  testudo_i_rule none;
  if (!s->whole_too) {
    assert_status(testudo_i_completion_rule(design, TESTUDO_REPORT_WHOLE, &none, &error), TESTUDO_ERROR_ARGUMENT);
    assert_non_null(strstr(error.text, "report whole does not apply to scheme "));
  }
  assert_status(testudo_i_completion_rule(design, (testudo_report)2, &none, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "report: 2, but it is chunk (0) or whole (1)");
  testudo_i_random_start(&s->random, 6, TESTUDO_I_FOR_TEST, (uint64_t)scheme, (uint64_t)strlen(name));
  return s;
}

static void close_subject(subject *s)
{
  for (int report = 0; report < 2; report++) {
    testudo_i_rule_clear(&s->rule[report]);
    testudo_i_rule_clear(&s->cover[report]);
  }
  testudo_progress_free(s->progress);
  free(s);
}

/* ---- progress is what the definitions say ---- */

static void check_progress(const subject *s)
{
  const testudo_design *design = s->design;
  testudo_report report = report_of_progress(design);
  int64_t missing = 0;
  int32_t parts = testudo_design_parts(design), blocks;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    int32_t cover = cover_of(design, report, s->done, i);
    if (testudo_progress_cover(s->progress, i) != cover)
      fail_msg("%s: |U_%d| is %d, wanted %d", s->name, (int)i, (int)testudo_progress_cover(s->progress, i),
               (int)cover);
    missing += cover < parts ? parts - cover : 0;
  }
  if (testudo_progress_error(s->progress) != missing)
    fail_msg("%s: error %lld, wanted %lld", s->name, (long long)testudo_progress_error(s->progress),
             (long long)missing);
  if (testudo_progress_decodable(s->progress) != is_complete(design, TESTUDO_REPORT_CHUNK, s->done))
    fail_msg("%s: decodable is %d", s->name, (int)testudo_progress_decodable(s->progress));
  assert_int_equal(testudo_progress_announced(s->progress), s->announced);
  testudo_design_tolerances(design, &blocks);
  for (int32_t b = -1; b <= blocks; b++)
    assert_int_equal(testudo_progress_block_decodable(s->progress, b),
                     testudo_design_scheme(design) == TESTUDO_SCHEME_BLOCK && block_is_reached(design, s->done, b));
}

static void check_rules(const subject *s)
{
  for (int report = 0; report < (s->whole_too ? 2 : 1); report++) {
    if (rule_holds(&s->rule[report], s->done) != is_complete(s->design, (testudo_report)report, s->done))
      fail_msg("%s, report %d: the rule holds: %d", s->name, report, (int)rule_holds(&s->rule[report], s->done));
    assert_int_equal(s->cover[report].rows, testudo_design_chunks(s->design));
    testudo_report counts = report_of_progress(s->design) == TESTUDO_REPORT_WHOLE ? TESTUDO_REPORT_WHOLE
                                                                                  : (testudo_report)report;
    for (int32_t i = 0; i < s->cover[report].rows; i++) {
      assert_int_equal(testudo_i_rule_need(&s->cover[report], i), testudo_design_parts(s->design));
      assert_int_equal(pairs_done(&s->cover[report], i, s->done), cover_of(s->design, counts, s->done, i));
    }
  }
}

static void advance(subject *s)
{
  int32_t j = (int32_t)testudo_i_random_below(&s->random, (uint64_t)testudo_design_workers(s->design));
  int32_t left = testudo_design_steps(s->design, j) - s->done[j];
  s->done[j] += (int32_t)testudo_i_random_below(&s->random, (uint64_t)(left < 3 ? left : 3) + 1);
  assert_ok(testudo_progress_mark(s->progress, j, s->done[j], NULL));
  if (testudo_design_scheme(s->design) == TESTUDO_SCHEME_NESTED && s->announced < 0)
    s->announced = tolerance_reached(s->design, s->done);
}

static void follow_random_marks(subject *s, int rounds)
{
  int32_t workers = testudo_design_workers(s->design);
  int marks = 4 * workers + 20, every = workers > 40 ? 53 : 1;
  for (int round = 0; round < rounds; round++) {
    testudo_progress_reset(s->progress);
    memset(s->done, 0, sizeof s->done);
    s->announced = -1;
    check_progress(s);
    for (int k = 0; k < marks; k++) {
      advance(s);
      if (k % every == 0) {
        check_progress(s);
        check_rules(s);
      }
    }
    for (int32_t j = 0; j < workers; j++) {
      s->done[j] = testudo_design_steps(s->design, j);
      assert_ok(testudo_progress_mark(s->progress, j, s->done[j], NULL));
      if (testudo_design_scheme(s->design) == TESTUDO_SCHEME_NESTED && s->announced < 0)
        s->announced = tolerance_reached(s->design, s->done);
    }
    check_progress(s);
    check_rules(s);
    assert_true(testudo_progress_decodable(s->progress));
    assert_int_equal(testudo_progress_error(s->progress), 0);
  }
}

/* ---- hits are the inverse of the pairs ---- */

static bool has_pair(const testudo_i_rule *rule, int32_t row, int32_t worker, int32_t step)
{
  for (int64_t p = 0; p < testudo_i_rule_pairs(rule, row); p++)
    if (testudo_i_rule_pair_worker(rule, row, p) == worker)
      return testudo_i_rule_pair_step(rule, row, p) == step;
  return false;
}

static int64_t pairs_with_a_step(const testudo_i_rule *rule)
{
  int64_t count = 0;
  for (int32_t r = 0; r < rule->rows; r++)
    for (int64_t p = 0; p < testudo_i_rule_pairs(rule, r); p++) {
      int32_t worker = testudo_i_rule_pair_worker(rule, r, p);
      assert_in_range(worker, 0, rule->workers - 1);
      assert_in_range(testudo_i_rule_pair_step(rule, r, p), 0, testudo_i_rule_steps(rule, worker));
      count += testudo_i_rule_pair_step(rule, r, p) > 0;
    }
  return count;
}

static void check_hits(const char *name, const testudo_i_rule *rule)
{
  int64_t found = 0;
  int32_t *seen = malloc((size_t)rule->rows * sizeof *seen), stamp = 0;
  assert_non_null(seen);
  memset(seen, -1, (size_t)rule->rows * sizeof *seen);
  for (int32_t j = 0; j < rule->workers; j++)
    for (int32_t step = 1; step <= testudo_i_rule_steps(rule, j); step++, stamp++) {
      const int32_t *hit;
      int64_t hits = testudo_i_rule_hits(rule, j, step, &hit);
      for (int64_t k = 0; k < hits; k++) {
        if (hit[k] < 0)
          continue;
        assert_true(hit[k] < rule->rows && seen[hit[k]] != stamp);
        seen[hit[k]] = stamp;
        if (!has_pair(rule, hit[k], j, step))
          fail_msg("%s: step %d of worker %d hits row %d, which has no such pair", name, (int)step, (int)j,
                   (int)hit[k]);
        found++;
      }
    }
  free(seen);
  assert_int_equal(found, pairs_with_a_step(rule));
}

/* ---- shapes ---- */

static testudo_i_shape shape_of(const testudo_design *design)
{
  switch (testudo_design_scheme(design)) {
  case TESTUDO_SCHEME_NESTED:
  case TESTUDO_SCHEME_BLOCK:
    return TESTUDO_I_SHAPE_STEPPED;
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
  case TESTUDO_SCHEME_GRADIENT_CODE_PARTS:
    return TESTUDO_I_SHAPE_ONE_ROW;
  case TESTUDO_SCHEME_UNCODED:
    return TESTUDO_I_SHAPE_SINGLES;
  case TESTUDO_SCHEME_GRADIENT_CODE:
    if (strcmp(testudo_design_construction(design), "frc") != 0)
      return TESTUDO_I_SHAPE_ONE_ROW;
    return testudo_design_max_replication(design) > 1 ? TESTUDO_I_SHAPE_DISJOINT : TESTUDO_I_SHAPE_SINGLES;
  case TESTUDO_SCHEME_PARTIAL:
    return TESTUDO_I_SHAPE_GENERAL;
  }
  return TESTUDO_I_SHAPE_GENERAL;
}

/* ---- fatal sets ---- */

/* The least number of workers that keep the iteration open by doing nothing, over all sets. */
static int64_t least_fatal_set(const testudo_design *design, testudo_report report)
{
  int32_t workers = testudo_design_workers(design), done[16];
  int64_t least = INT64_MAX;
  for (unsigned set = 0; set < 1u << workers; set++) {
    int64_t size = 0;
    /* A worker without steps cannot fail to do them. */
    bool idle = false;
    for (int32_t j = 0; j < workers; j++) {
      done[j] = set >> j & 1 ? 0 : testudo_design_steps(design, j);
      size += set >> j & 1;
      idle = idle || ((set >> j & 1) && testudo_design_steps(design, j) == 0);
    }
    if (!idle && size < least && !is_complete(design, report, done))
      least = size;
  }
  return least;
}

static void check_fatal_sets(const subject *s)
{
  for (int report = 0; testudo_design_workers(s->design) <= 12 && report < (s->whole_too ? 2 : 1); report++) {
    int64_t least = least_fatal_set(s->design, (testudo_report)report);
    if (testudo_i_rule_least_fatal(&s->rule[report]) != least)
      fail_msg("%s, report %d: %lld workers are fatal, wanted %lld", s->name, report,
               (long long)testudo_i_rule_least_fatal(&s->rule[report]), (long long)least);
  }
}

/* ---- the tests ---- */

typedef struct tally {
  int designs[TESTUDO_SCHEME_GRADIENT_CODE_PARTS + 1];
} tally;

static void check_design(const char *name, testudo_design *design, void *state)
{
  subject *s = open_subject(name, design);
  follow_random_marks(s, testudo_design_workers(design) > 40 ? 1 : 6);
  for (int report = 0; report < (s->whole_too ? 2 : 1); report++) {
    check_hits(name, &s->rule[report]);
    check_hits(name, &s->cover[report]);
    if (testudo_i_rule_shape(&s->rule[report]) != shape_of(design))
      fail_msg("%s, report %d: shape %d, wanted %d", name, report, (int)testudo_i_rule_shape(&s->rule[report]),
               (int)shape_of(design));
    assert_int_equal(testudo_i_rule_is_stepped(&s->rule[report]), shape_of(design) == TESTUDO_I_SHAPE_STEPPED);
  }
  check_fatal_sets(s);
  close_subject(s);
  ((tally *)state)->designs[testudo_design_scheme(design)]++;
}

static void the_checked_in_designs_follow_the_definitions(void **state)
{
  (void)state;
  tally counts = {{0}};
  assert_true(for_every_design(check_design, &counts) > 60);
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    assert_true(counts.designs[scheme] >= 4);
}

static void random_designs_of_every_scheme_follow_the_definitions(void **state)
{
  (void)state;
  tally counts = {{0}};
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    for (uint64_t seed = 0; seed < 60; seed++) {
      char name[64];
      testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
      snprintf(name, sizeof name, "%s of seed %d", testudo_scheme_name((testudo_scheme)scheme), (int)seed);
      check_design(name, design, &counts);
      testudo_design_free(design);
    }
}

/* Workers 1 and 3 hold nothing: they have finished before anything begins. */
static void workers_without_chunks_have_finished_from_the_start(void **state)
{
  (void)state;
  static const char *const text[] = {
      "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"gradient-code\",\"chunks\":2,\"workers\":4,"
      "\"parts\":1,\"order\":[[0,1],[],[1,0],[]],\"code\":{\"kind\":\"gradient-code\",\"construction\":\"mine\","
      "\"stragglers\":1,\"matrix\":[[1,1],[],[1,1],[]]}",
      "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"ignore-stragglers\",\"chunks\":2,\"workers\":4,"
      "\"parts\":1,\"order\":[[0],[],[1],[]],\"code\":{\"kind\":\"uncoded\",\"wait\":2}",
      "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"uncoded\",\"chunks\":2,\"workers\":4,\"parts\":1,"
      "\"order\":[[0],[],[1],[]],\"code\":{\"kind\":\"uncoded\"}",
      "{\"format\":\"testudo-design\",\"version\":1,\"scheme\":\"partial\",\"chunks\":2,\"workers\":4,\"parts\":2,"
      "\"order\":[[0,1],[],[1,0],[]],\"code\":{\"kind\":\"partial\",\"matrix\":[[1,2,3,5],[1,3,2,1]]}"};
  /* One worker of two chunks; none; both workers; both chunks of both. */
  static const int marks_needed[] = {2, 0, 2, 4};
  tally counts = {{0}};
  for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
    char *file = sealed(text[k]);
    testudo_design *design;
    testudo_progress *progress;
    testudo_error error = {""};
    if (testudo_design_parse(file, strlen(file), "idle", &design, &error) != TESTUDO_OK)
      fail_msg("%s", error.text);
    check_design("idle", design, &counts);
    assert_ok(testudo_progress_create(design, &progress, NULL));
    int marks = 0;
    for (int32_t worker = 0; worker < 4; worker += 2) {
      int32_t load = testudo_design_load(design, worker);
      for (int32_t step = 1; step <= load && !testudo_progress_decodable(progress); step++) {
        marks++;
        assert_ok(testudo_progress_mark(progress, worker, step, NULL));
      }
    }
    assert_int_equal(marks, marks_needed[k]);
    testudo_progress_free(progress);
    testudo_design_free(design);
    free(file);
  }
}

/* Of the rows of an ANY rule that one mark makes true the first is announced, and stays when an earlier one follows. */
static void the_first_row_that_holds_is_announced_and_stays(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 1, 2};
  testudo_design *design;
  testudo_progress *progress;
  assert_ok(testudo_design_create_nested(3, tolerance, 3, 1, "", &design, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_progress_mark(progress, 0, 2, NULL));
  assert_int_equal(testudo_progress_announced(progress), -1);
  assert_ok(testudo_progress_mark(progress, 1, 3, NULL)); /* 1: two workers have 2; 2: one has 3 */
  assert_int_equal(testudo_progress_announced(progress), 1);
  assert_ok(testudo_progress_mark(progress, 2, 3, NULL)); /* now 0 holds as well */
  assert_int_equal(testudo_progress_announced(progress), 1);
  testudo_progress_reset(progress);
  assert_int_equal(testudo_progress_announced(progress), -1);
  assert_false(testudo_progress_decodable(progress));
  assert_ok(testudo_progress_mark(progress, 2, 3, NULL));
  assert_int_equal(testudo_progress_announced(progress), 2);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

/* Blocks take the time of their chunks' share of the coordinates, chunks one each. */
static void steps_take_the_time_of_their_work(void **state)
{
  (void)state;
  const int32_t tolerance[] = {0, 2};
  const int64_t size[] = {1, 3};
  testudo_design *block = NULL, *partial = cyclic_design(5, 3, 2, 1);
  testudo_i_rule rule;
  assert_ok(testudo_design_create_block(4, tolerance, size, 2, 1, "", &block, NULL));
  assert_ok(testudo_i_completion_rule(block, TESTUDO_REPORT_CHUNK, &rule, NULL));
  assert_true(rule.work[0] == 0.25);
  assert_true(rule.work[1] == 0.25 + 3 * 0.75);
  testudo_i_rule_clear(&rule);
  assert_ok(testudo_i_completion_rule(partial, TESTUDO_REPORT_CHUNK, &rule, NULL));
  assert_null(rule.work);
  testudo_i_rule_clear(&rule);
  testudo_i_rule_clear(&rule);
  testudo_design_free(block);
  testudo_design_free(partial);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_checked_in_designs_follow_the_definitions),
      cmocka_unit_test(random_designs_of_every_scheme_follow_the_definitions),
      cmocka_unit_test(workers_without_chunks_have_finished_from_the_start),
      cmocka_unit_test(the_first_row_that_holds_is_announced_and_stays),
      cmocka_unit_test(steps_take_the_time_of_their_work),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
