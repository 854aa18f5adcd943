/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One iteration of a whole delay model, word by word and step by step as include/testudo/delay.h defines it; shares
   with sample/ only the generator and the laws. And the schemes on six workers to try it on. */
#ifndef TESTUDO_TESTS_SAMPLE_ITERATION_H
#define TESTUDO_TESTS_SAMPLE_ITERATION_H

#include "designs.h"

#include <testudo/block.h>

#include "delay/model.h"

#define WORKERS 6
#define STEPS 3

typedef enum rule_kind { FINISH, CHUNKS, LEVELS, BLOCKS } rule_kind;

typedef struct subject {
  const char *name;
  rule_kind kind;         /* when workers send, and what is waited for */
  int32_t load, parts, need, group;
  testudo_report report;
} subject;

/* need: of finished workers; group: .. in every group of so many workers that follow each other. */
static const subject subjects[] = {
    {"uncoded", FINISH, 2, 1, 6, 0, TESTUDO_REPORT_WHOLE},
    {"ignore-stragglers", FINISH, 2, 1, 4, 0, TESTUDO_REPORT_WHOLE},
    {"gradient-code", FINISH, 3, 1, 4, 0, TESTUDO_REPORT_WHOLE},
    {"frc", FINISH, 3, 1, 1, 3, TESTUDO_REPORT_WHOLE},
    {"gradient-code-parts", FINISH, 3, 2, 5, 0, TESTUDO_REPORT_WHOLE},
    {"partial whole", CHUNKS, 3, 2, 0, 0, TESTUDO_REPORT_WHOLE},
    {"partial", CHUNKS, 3, 1, 0, 0, TESTUDO_REPORT_CHUNK},
    {"partial of two parts", CHUNKS, 3, 2, 0, 0, TESTUDO_REPORT_CHUNK},
    {"nested", LEVELS, 3, 1, 0, 0, TESTUDO_REPORT_CHUNK},
    {"block", BLOCKS, 3, 1, 0, 0, TESTUDO_REPORT_CHUNK}};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

static const int32_t tolerance[2] = {0, 2};
static const int64_t block_size[2] = {3, 5};

static inline testudo_design *design_of(const subject *s)
{
  testudo_design *design = NULL;
  if (s->kind == LEVELS)
    assert_ok(testudo_design_create_nested(WORKERS, tolerance, 2, 1, "", &design, NULL));
  else if (s->kind == BLOCKS)
    assert_ok(testudo_design_create_block(WORKERS, tolerance, block_size, 2, 1, "", &design, NULL));
  else if (s->kind == CHUNKS)
    design = cyclic_design(TESTUDO_SCHEME_PARTIAL, WORKERS, s->load, s->parts, 0);
  else if (s->load == 2) {
    testudo_assignment assignment = empty_assignment(WORKERS, 2 * WORKERS, 2 * WORKERS);
    for (int32_t e = 0; e < 2 * WORKERS; e++) {
      assignment.chunk[e] = e;
      assignment.row[e / 2 + 1] = e + 1;
    }
    design = design_over(s->need == WORKERS ? TESTUDO_SCHEME_UNCODED : TESTUDO_SCHEME_IGNORE_STRAGGLERS, &assignment,
                         &(testudo_i_ingredients){.parts = 1, .wait = s->need});
  } else {
    testudo_assignment assignment;
    if (s->group > 0)
      assert_ok(testudo_assignment_frc(WORKERS, WORKERS, s->load, &assignment, NULL));
    else
      assert_ok(testudo_assignment_cyclic(WORKERS, s->load, &assignment, NULL));
    if (s->parts > 1)
      assert_ok(testudo_design_create_gradient_code_parts(&assignment, WORKERS - s->need, s->parts, 1, "", &design,
                                                          NULL));
    else
      assert_ok(testudo_design_create_gradient_code(&assignment, s->load - 1, 1, "", &design, NULL));
    testudo_assignment_free(&assignment);
  }
  return design;
}

/* ---- one iteration ---- */

typedef struct iteration {
  double c[WORKERS][STEPS];  /* C; of blocks, arrivals */
  double message[WORKERS];   /* of the part that is sent */
  double arrival[WORKERS];
} iteration;

static inline double word_of(const testudo_law *law, uint64_t seed, testudo_i_purpose purpose, int64_t trial,
                             int64_t word)
{
  uint64_t words[4];
  if (law == NULL && purpose != TESTUDO_I_FOR_STATE)
    return 0.0;
  testudo_i_random_block(seed, purpose, (uint64_t)trial, 0, (uint64_t)word / 4, words);
  double uniform = testudo_i_uniform_of(words[word % 4]);
  return law == NULL ? uniform : testudo_i_law_draw(law, uniform);
}

/* The k-th chunk (from 0) of a worker: the measured ones, one after another, group by group. */
static inline double replayed(const testudo_delay_model *model, int64_t trial, int32_t j, int32_t k, int32_t per_share)
{
  int64_t i = trial % testudo_replay_iterations(model->replay);
  for (;;) {
    int32_t count;
    const double *seconds = testudo_replay_times(model->replay, j, i, &count);
    int32_t group = model->unit == TESTUDO_UNIT_SHARE ? count / per_share : 1;
    if (k < count / group) {
      double sum = 0.0;
      for (int32_t g = 0; g < group; g++)
        sum += seconds[k * group + g];
      return sum;
    }
    k -= count / group;
    i = (i + 1) % testudo_replay_iterations(model->replay);
  }
}

static inline iteration iterate(const subject *s, const testudo_delay_model *model, uint64_t seed, int64_t trial)
{
  iteration it;
  double chunks = s->load == 2 ? 2.0 * WORKERS : WORKERS;
  double unit = model->unit == TESTUDO_UNIT_SHARE && model->replay == NULL ? WORKERS / chunks : 1.0;
  for (int32_t j = 0, class = 0, left = model->classes == NULL ? WORKERS : model->classes[0].workers; j < WORKERS;
       j++, left--) {
    if (left == 0)
      left = model->classes[++class].workers;
    double rate = model->rates != NULL ? model->rates[j] : model->classes != NULL ? model->classes[class].rate : 1.0;
    const testudo_law *law =
        model->classes != NULL && model->classes[class].law != NULL ? model->classes[class].law : model->law;
    double startup = word_of(model->startup, seed, TESTUDO_I_FOR_STARTUP, trial, j);
    double factor = 1.0, sum = 0.0, sent = 0.0, starts = 0.0, work = 0.0;
    if (model->domain_factor != NULL)
      factor = word_of(model->domain_factor, seed, TESTUDO_I_FOR_DOMAIN, trial, model->domain[j]);
    if (model->slow.factor > 0.0 && word_of(NULL, seed, TESTUDO_I_FOR_STATE, trial, j) <
                                        model->slow.begin / (model->slow.begin + model->slow.end))
      rate /= model->slow.factor;
    it.message[j] = word_of(model->message, seed, TESTUDO_I_FOR_MESSAGE, trial, j) / s->parts;
    int32_t steps = s->kind == BLOCKS ? 2 : s->load;
    for (int32_t k = 0; k < steps; k++) {
      double x = 0.0;
      starts += s->kind == BLOCKS ? tolerance[k] + 1.0 : 1.0;
      work += s->kind == BLOCKS ? (tolerance[k] + 1.0) * (double)block_size[k] / 8.0 : 1.0;
      if (model->replay != NULL)
        x = replayed(model, trial, j, k, (int32_t)chunks / WORKERS);
      else if (model->structure == TESTUDO_STRUCTURE_MIXED)
        x = factor * word_of(law, seed, TESTUDO_I_FOR_DELAY, trial, j) *
            word_of(model->chunk_law, seed, TESTUDO_I_FOR_CHUNK, trial, j * steps + k);
      else if (model->structure == TESTUDO_STRUCTURE_ADDITIVE)
        x = factor * word_of(law, seed, TESTUDO_I_FOR_DELAY, trial, j * steps + k);
      else
        x = factor * word_of(law, seed, TESTUDO_I_FOR_DELAY, trial, j);
      bool summed = model->structure != TESTUDO_STRUCTURE_SCALED || model->replay != NULL;
      sum += x;
      double c = startup + (starts * model->overhead + (summed ? sum * unit : work * unit * x)) / rate;
      if (s->kind == BLOCKS)
        c = sent = fmax(c, sent) + it.message[j] * (double)block_size[k] / 8.0;
      it.c[j][k] = c;
    }
    it.arrival[j] = it.c[j][steps - 1] + (s->kind == BLOCKS ? 0.0 : it.message[j]);
  }
  return it;
}

static inline void stop_worker(iteration *it, int32_t j)
{
  for (int k = 0; k < STEPS; k++)
    it->c[j][k] = HUGE_VAL;
  it->arrival[j] = HUGE_VAL;
}

static inline int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The k-th smallest, k from 1, of up to six numbers. */
static inline double smallest(const double *number, int32_t count, int32_t k)
{
  double sorted[WORKERS];
  memcpy(sorted, number, (size_t)count * sizeof *number);
  qsort(sorted, (size_t)count, sizeof *sorted, ascending);
  return sorted[k - 1];
}

static inline double level_time(const iteration *it, int32_t step, int32_t need)
{
  double at[WORKERS];
  for (int32_t j = 0; j < WORKERS; j++)
    at[j] = it->c[j][step];
  return smallest(at, WORKERS, need);
}

/* When the rule holds; of what is sent then, not yet when it is there. */
static inline double rule_time(const subject *s, const iteration *it)
{
  double t = 0.0;
  if (s->kind == FINISH)
    for (int32_t first = 0, size = s->group > 0 ? s->group : WORKERS; first < WORKERS; first += size)
      t = fmax(t, smallest(it->arrival + first, size, s->need));
  if (s->kind == CHUNKS)
    for (int32_t i = 0; i < WORKERS; i++) {
      double at[STEPS];
      for (int32_t k = 0; k < s->load; k++) {
        int32_t j = (i - k + WORKERS) % WORKERS;
        at[k] = s->report == TESTUDO_REPORT_WHOLE ? it->arrival[j] : it->c[j][k];
      }
      t = fmax(t, smallest(at, s->load, s->parts));
    }
  if (s->kind == LEVELS)
    t = fmin(level_time(it, 0, WORKERS), level_time(it, 2, WORKERS - 2));
  if (s->kind == BLOCKS)
    t = fmax(level_time(it, 0, WORKERS), level_time(it, 1, WORKERS - 2));
  return t;
}

/* T. Of nested codes the named ones are those that have the level by then: no two reach it at once but by chance. */
static inline double iteration_time(const subject *s, const testudo_delay_model *model, const iteration *it)
{
  double t = rule_time(s, it), latest = 0.0;
  if (s->report == TESTUDO_REPORT_WHOLE || s->kind == BLOCKS || isinf(t))
    return t;
  int32_t step = s->kind == LEVELS && level_time(it, 0, WORKERS) > t ? 2 : 0;
  for (int32_t j = 0; j < WORKERS; j++)
    if (it->c[j][step] <= t)
      latest = fmax(latest, it->message[j]);
  return t + model->signal + latest;
}

/* ---- models ---- */

static inline testudo_replay *replay_of(const char *csv)
{
  testudo_i_trace trace;
  testudo_replay *replay = NULL;
  testudo_error error = {""};
  if (testudo_i_trace_parse_as(csv, strlen(csv), "small.csv", NULL, &trace, &error) != TESTUDO_OK ||
      testudo_i_replay_make(&trace, "small.csv", &replay, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  testudo_i_trace_free(&trace);
  return replay;
}

/* `iterations` of `workers`, each with `chunks` times that all differ. */
static inline testudo_replay *made_replay(int32_t workers, int32_t iterations, int32_t chunks)
{
  size_t room = 64 * ((size_t)workers * (size_t)iterations * (size_t)chunks + 1), used;
  char *csv = malloc(room);
  assert_non_null(csv);
  used = (size_t)snprintf(csv, room, "worker,iteration,chunk,seconds\n");
  for (int32_t i = 0; i < iterations; i++)
    for (int32_t j = 0; j < workers; j++)
      for (int32_t k = 0; k < chunks; k++)
        used += (size_t)snprintf(csv + used, room - used, "%d,%d,%d,%.17g\n", (int)j, (int)i, (int)k,
                                 1.0 + fabs(sin(1.0 + i * 31 + j * 7 + k)));
  testudo_replay *replay = replay_of(csv);
  free(csv);
  return replay;
}

#endif
