/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a rule, those that matter, by component. */
#include "exact/elimination/cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"

/* Pairs (worker, step) by row, and (row, step) by worker. */
typedef struct pairs {
  int64_t *start;
  int32_t *other, *step;
} pairs;

typedef struct maker {
  const testudo_i_cluster *cluster;
  const testudo_i_rule *rule;
  testudo_i_cover_of of;
  testudo_i_arena *scratch;
  int32_t workers, rows;
  int64_t entries;
  pairs by_row, by_worker;
  int32_t *need, *same;   /* same: 0 where the row is not kept */
  int32_t *root;          /* of each worker: the component's first */
} maker;

static testudo_status pairs_room(testudo_i_arena *arena, int32_t count, int64_t entries, pairs *p,
                                 testudo_error *error)
{
  p->start = testudo_i_arena_calloc(arena, (size_t)count + 2, sizeof *p->start);
  p->other = testudo_i_arena_alloc(arena, (size_t)entries, sizeof *p->other);
  p->step = testudo_i_arena_alloc(arena, (size_t)entries, sizeof *p->step);
  return testudo_i_arena_check(arena, error);
}

static int32_t step_of(const maker *m, int32_t row, int64_t pair)
{
  int32_t step = testudo_i_rule_pair_step(m->rule, row, pair);
  return m->of == TESTUDO_I_COVER_FAILURES && step > 0 ? 1 : step;
}

/* By worker; then by row, which sorts the holders. */
static testudo_status read_rule(maker *m, testudo_error *error)
{
  const testudo_i_rule *rule = m->rule;
  for (int32_t r = 0; r < m->rows; r++)
    m->entries += testudo_i_rule_pairs(rule, r);
  TESTUDO_I_TRY(pairs_room(m->scratch, m->workers, m->entries, &m->by_worker, error));
  TESTUDO_I_TRY(pairs_room(m->scratch, m->rows, m->entries, &m->by_row, error));
  m->need = testudo_i_arena_alloc(m->scratch, (size_t)m->rows, sizeof *m->need);
  m->same = testudo_i_arena_alloc(m->scratch, (size_t)m->rows, sizeof *m->same);
  TESTUDO_I_TRY(testudo_i_arena_check(m->scratch, error));
  int64_t *at = m->by_worker.start + 1; /* shifted by one: filling moves it into its place */
  for (int32_t r = 0; r < m->rows; r++)
    for (int64_t p = 0; p < testudo_i_rule_pairs(rule, r); p++)
      at[testudo_i_rule_pair_worker(rule, r, p) + 1]++;
  for (int32_t j = 0; j < m->workers; j++)
    at[j + 1] += at[j];
  for (int32_t r = 0; r < m->rows; r++)
    for (int64_t p = 0; p < testudo_i_rule_pairs(rule, r); p++) {
      int64_t e = at[testudo_i_rule_pair_worker(rule, r, p)]++;
      m->by_worker.other[e] = r;
      m->by_worker.step[e] = step_of(m, r, p);
    }
  at = m->by_row.start + 1;
  for (int32_t r = 0; r < m->rows; r++) {
    at[r + 1] = at[r] + testudo_i_rule_pairs(rule, r);
    m->need[r] = testudo_i_rule_need(rule, r);
    m->same[r] = 1;
  }
  for (int32_t j = 0; j < m->workers; j++)
    for (int64_t e = m->by_worker.start[j]; e < m->by_worker.start[j + 1]; e++) {
      int64_t to = at[m->by_worker.other[e]]++;
      m->by_row.other[to] = j;
      m->by_row.step[to] = m->by_worker.step[e];
    }
  return TESTUDO_OK;
}

/* ---- rows that follow from others ---- */

/* Is row a covered as soon as row b is: do all of b's holders come to a, and not later? */
static bool follows(const maker *m, int32_t a, int32_t b)
{
  const pairs *p = &m->by_row;
  if (m->need[a] > m->need[b])
    return false;
  int64_t x = p->start[a], y = p->start[b];
  for (; y < p->start[b + 1]; y++) {
    while (x < p->start[a + 1] && p->other[x] < p->other[y])
      x++;
    if (x == p->start[a + 1] || p->other[x] != p->other[y] || p->step[x] > p->step[y])
      return false;
  }
  return true;
}

static bool equal_rows(const maker *m, int32_t a, int32_t b)
{
  return m->by_row.start[a + 1] - m->by_row.start[a] == m->by_row.start[b + 1] - m->by_row.start[b] &&
         follows(m, a, b) && follows(m, b, a);
}

/* Holder of row r with the fewest rows. */
static int32_t least_holder(const maker *m, int32_t r)
{
  int32_t least = m->by_row.other[m->by_row.start[r]];
  for (int64_t e = m->by_row.start[r]; e < m->by_row.start[r + 1]; e++) {
    int32_t j = m->by_row.other[e];
    if (m->by_worker.start[j + 1] - m->by_worker.start[j] < m->by_worker.start[least + 1] - m->by_worker.start[least])
      least = j;
  }
  return least;
}

static bool worth_reducing(const maker *m)
{
  double cost = 0;
  for (int32_t j = 0; j < m->workers; j++) {
    double load = (double)(m->by_worker.start[j + 1] - m->by_worker.start[j]);
    cost += load * load;
  }
  return cost <= TESTUDO_I_LIMIT_COVER_SCAN;
}

static void reduce_rows(maker *m)
{
  bool all = m->of == TESTUDO_I_COVER_ERROR;
  if (!worth_reducing(m))
    return;
  for (int32_t b = 0; b < m->rows; b++) {
    if (m->same[b] == 0 || m->by_row.start[b] == m->by_row.start[b + 1])
      continue;
    int32_t j = least_holder(m, b);
    for (int64_t e = m->by_worker.start[j]; e < m->by_worker.start[j + 1]; e++) {
      int32_t a = m->by_worker.other[e];
      if (a == b || m->same[a] == 0 || !(all ? equal_rows(m, a, b) : follows(m, a, b)))
        continue;
      m->same[b] += all ? m->same[a] : 0;
      m->same[a] = 0;
    }
  }
}

/* ---- components ---- */

static int32_t root_of(int32_t *root, int32_t j)
{
  while (root[j] != j) {
    root[j] = root[root[j]];
    j = root[j];
  }
  return j;
}

static testudo_status join_workers(maker *m, testudo_error *error)
{
  m->root = testudo_i_arena_alloc(m->scratch, (size_t)m->workers, sizeof *m->root);
  TESTUDO_I_TRY(testudo_i_arena_check(m->scratch, error));
  for (int32_t j = 0; j < m->workers; j++)
    m->root[j] = j;
  for (int32_t r = 0; r < m->rows; r++)
    for (int64_t e = m->by_row.start[r] + 1; m->same[r] > 0 && e < m->by_row.start[r + 1]; e++) {
      int32_t a = root_of(m->root, m->by_row.other[e - 1]), b = root_of(m->root, m->by_row.other[e]);
      m->root[a > b ? a : b] = a > b ? b : a;
    }
  for (int32_t j = 0; j < m->workers; j++)
    m->root[j] = root_of(m->root, j);
  return TESTUDO_OK;
}

static int ascending_steps(const void *a, const void *b)
{
  const int32_t *x = a, *y = b;
  return x[0] != y[0] ? TESTUDO_I_COMPARE(x[0], y[0]) : TESTUDO_I_COMPARE(x[1], y[1]);
}

/* Sorts workers by component, and gives rows the component of their first holder; a row that nobody holds is a
   component of its own. */
static testudo_status number_all(maker *m, testudo_i_cover *cover, int32_t *worker_at, int32_t *row_at,
                                 testudo_error *error)
{
  int32_t *component = testudo_i_arena_alloc(m->scratch, (size_t)m->workers, sizeof *component);
  int32_t *workers = testudo_i_arena_calloc(m->scratch, (size_t)m->workers + (size_t)m->rows + 2, sizeof *workers);
  int32_t *rows = testudo_i_arena_calloc(m->scratch, (size_t)m->workers + (size_t)m->rows + 2, sizeof *rows);
  TESTUDO_I_TRY(testudo_i_arena_check(m->scratch, error));
  int32_t count = 0;
  for (int32_t j = 0; j < m->workers; j++) {
    component[j] = m->root[j] == j ? count++ : component[m->root[j]];
    workers[component[j] + 1]++;
  }
  for (int32_t r = 0; r < m->rows; r++) {
    bool held = m->by_row.start[r] < m->by_row.start[r + 1];
    row_at[r] = m->same[r] == 0 ? -1 : held ? component[m->by_row.other[m->by_row.start[r]]] : count++;
    if (row_at[r] >= 0)
      rows[row_at[r] + 1]++;
  }
  for (int32_t c = 0; c < count; c++) {
    workers[c + 1] += workers[c];
    rows[c + 1] += rows[c];
  }
  cover->components = count;
  cover->workers = m->workers;
  cover->rows = rows[count];
  memcpy(cover->worker_start, workers, ((size_t)count + 1) * sizeof *workers);
  memcpy(cover->row_start, rows, ((size_t)count + 1) * sizeof *rows);
  for (int32_t j = 0; j < m->workers; j++)
    worker_at[j] = workers[component[j]]++;
  for (int32_t r = 0; r < m->rows; r++)
    row_at[r] = row_at[r] < 0 ? -1 : rows[row_at[r]]++;
  return TESTUDO_OK;
}

static testudo_status cover_room(const maker *m, testudo_i_arena *arena, testudo_i_cover *cover, testudo_error *error)
{
  size_t workers = (size_t)m->workers, rows = (size_t)m->rows, entries = (size_t)m->entries;
  cover->worker = testudo_i_arena_alloc(arena, workers, sizeof *cover->worker);
  cover->class_ = testudo_i_arena_alloc(arena, workers, sizeof *cover->class_);
  cover->load = testudo_i_arena_alloc(arena, workers, sizeof *cover->load);
  cover->first = testudo_i_arena_calloc(arena, workers + 1, sizeof *cover->first);
  cover->row = testudo_i_arena_alloc(arena, entries, sizeof *cover->row);
  cover->step = testudo_i_arena_alloc(arena, entries, sizeof *cover->step);
  cover->held = testudo_i_arena_calloc(arena, rows + 1, sizeof *cover->held);
  cover->holder = testudo_i_arena_alloc(arena, entries, sizeof *cover->holder);
  cover->place = testudo_i_arena_alloc(arena, entries, sizeof *cover->place);
  cover->need = testudo_i_arena_alloc(arena, rows, sizeof *cover->need);
  cover->same = testudo_i_arena_alloc(arena, rows, sizeof *cover->same);
  cover->worker_start = testudo_i_arena_alloc(arena, workers + rows + 1, sizeof *cover->worker_start);
  cover->row_start = testudo_i_arena_alloc(arena, workers + rows + 1, sizeof *cover->row_start);
  return testudo_i_arena_check(arena, error);
}

/* The kept pairs of each worker by step, then of each row by holder. */
static testudo_status fill_cover(maker *m, testudo_i_cover *cover, const int32_t *worker_at, const int32_t *row_at,
                                 testudo_error *error)
{
  int32_t *old = testudo_i_arena_alloc(m->scratch, (size_t)m->workers, sizeof *old);
  int32_t *touched = testudo_i_arena_alloc(m->scratch, 2 * (size_t)m->entries, sizeof *touched);
  int64_t *at = testudo_i_arena_alloc(m->scratch, (size_t)m->rows + 1, sizeof *at);
  TESTUDO_I_TRY(testudo_i_arena_check(m->scratch, error));
  for (int32_t j = 0; j < m->workers; j++)
    old[worker_at[j]] = j;
  for (int32_t r = 0; r < m->rows; r++)
    if (row_at[r] >= 0) {
      cover->need[row_at[r]] = m->need[r];
      cover->same[row_at[r]] = m->same[r];
      cover->held[row_at[r] + 1] = m->by_row.start[r + 1] - m->by_row.start[r];
    }
  for (int32_t r = 0; r < cover->rows; r++) {
    cover->held[r + 1] += cover->held[r];
    at[r] = cover->held[r];
  }
  for (int32_t w = 0; w < cover->workers; w++) {
    int32_t j = old[w], count = 0;
    cover->worker[w] = j;
    cover->class_[w] = m->cluster->class_of[j];
    cover->load[w] = m->of == TESTUDO_I_COVER_FAILURES ? 1 : m->cluster->class_load[cover->class_[w]];
    for (int64_t e = m->by_worker.start[j]; e < m->by_worker.start[j + 1]; e++)
      if (row_at[m->by_worker.other[e]] >= 0) {
        touched[2 * count] = m->by_worker.step[e];
        touched[2 * count++ + 1] = row_at[m->by_worker.other[e]];
      }
    qsort(touched, (size_t)count, 2 * sizeof *touched, ascending_steps);
    int64_t start = cover->first[w];
    for (int32_t k = 0; k < count; k++) {
      int32_t r = touched[2 * k + 1];
      cover->step[start + k] = touched[2 * k];
      cover->row[start + k] = r;
      cover->holder[at[r]] = w;
      cover->place[at[r]++] = touched[2 * k];
    }
    cover->first[w + 1] = start + count;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_cover_make(const testudo_i_cluster *cluster, const testudo_i_rule *rule,
                                    testudo_i_cover_of of, testudo_i_arena *arena, testudo_i_cover *cover,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  maker m = {.cluster = cluster, .rule = rule, .of = of, .scratch = &scratch, .workers = cluster->workers,
             .rows = rule->rows};
  *cover = (testudo_i_cover){0};
  TESTUDO_I_TRY(read_rule(&m, error));
  reduce_rows(&m);
  TESTUDO_I_TRY(join_workers(&m, error));
  TESTUDO_I_TRY(cover_room(&m, arena, cover, error));
  int32_t *worker_at = testudo_i_arena_alloc(&scratch, (size_t)m.workers, sizeof *worker_at);
  int32_t *row_at = testudo_i_arena_alloc(&scratch, (size_t)m.rows, sizeof *row_at);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  TESTUDO_I_TRY(number_all(&m, cover, worker_at, row_at, error));
  return fill_cover(&m, cover, worker_at, row_at, error);
}
