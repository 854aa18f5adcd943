/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of all designs of a small cell. More places behind the others are no loss, so all workers hold as much as
   they may. Of m - 1 workers all tables are listed up to the numbers of workers and chunks; the order of the last
   worker is found among all by going through sets of chunks. Values are sums of weights of vectors of progress, the
   same weights for all designs (docs/designs.md#all-designs-of-a-small-cell). */
#include "best/all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "best/partials.h"
#include "code/assignment.h"
#include "exact/cluster.h"
#include "numeric/integrate.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

const char testudo_i_best_of_all_proof[] = "complete enumeration of all designs";

/* Vectors of progress; the work for all tables, in steps of some nanoseconds. */
#define MOST_VECTORS 1e5
#define MOST_STEPS 5e9
#define MEAN_ERROR 1e-12     /* asked for, and .. */
#define MOST_ERROR 1e-10     /* .. enough */
enum { MOST_ROUNDS = 50, MOST_WORKERS = 16 };

typedef struct all_cell {
  const testudo_best_key *key;
  const testudo_monitor *monitor;
  int32_t workers, places, chunks, parts;
  size_t vectors, before;   /* of progress, of all workers and of all but the last */
  double *weight;           /* of each vector, worker 0 the least digit of base places + 1 */
  testudo_design *full;     /* any whose workers hold as much as they may, and its laws */
  testudo_i_cluster cluster;
  testudo_i_partials partials;
  double *done;             /* places + 1 for each set of chunks */
  double *reached;          /* for each set of chunks: the best order of them as the first ones of the last worker */
  testudo_i_arena arena;
  double best;              /* weight of the vectors that complete, of the best design .. */
  size_t best_partial;
  uint8_t best_row[TESTUDO_I_PARTIAL_CHUNKS];
} all_cell;

static void cell_clear(all_cell *c)
{
  testudo_i_partials_free(&c->partials);
  testudo_i_cluster_free(&c->cluster);
  testudo_design_free(c->full);
  testudo_i_arena_clear(&c->arena);
}

/* ---- one table of all workers but the last ---- */

typedef struct cell_walk {
  all_cell *c;
  const testudo_i_partial *table;
  uint32_t needed;          /* what the last worker must have done when all others have done all; UINT32_MAX: in vain */
} cell_walk;

/* Chunks that are done at least k times: level[k], level[0] all. */
static void walk_vectors(cell_walk *w, int32_t worker, size_t at, size_t power, const uint32_t *level)
{
  all_cell *c = w->c;
  uint32_t all = level[0], own[MOST_WORKERS + 1];
  if (worker == c->workers - 1) {
    uint32_t lacks = all & ~level[c->parts];
    w->needed = (lacks & ~level[c->parts - 1]) == 0 ? lacks : UINT32_MAX;
    for (int32_t x = 0; x <= c->places && w->needed == lacks; x++)
      c->done[lacks * (size_t)(c->places + 1) + (size_t)x] += c->weight[at + (size_t)x * power];
    return;
  }
  memcpy(own, level, ((size_t)c->parts + 1) * sizeof *own);
  for (int32_t x = 0; x <= c->places; x++) {
    walk_vectors(w, worker + 1, at + (size_t)x * power, power * (size_t)(c->places + 1), own);
    if (x == c->places)
      break;
    uint32_t chunk = UINT32_C(1) << w->table->chunk[worker * c->places + x];
    for (int32_t k = c->parts; k > 0; k--)
      own[k] |= own[k - 1] & chunk;
  }
}

/* done[set][x] becomes the sum over all subsets: what completes when the last worker has done the set, of x chunks. */
static void sum_subsets(const all_cell *c)
{
  size_t width = (size_t)c->places + 1, sets = (size_t)1 << c->chunks;
  for (size_t bit = 1; bit < sets; bit *= 2)
    for (size_t set = 0; set < sets; set++)
      for (size_t x = 0; (set & bit) != 0 && x < width; x++)
        c->done[set * width + x] += c->done[(set ^ bit) * width + x];
}

static int32_t set_size(size_t set)
{
  int32_t size = 0;
  for (; set != 0; set &= set - 1)
    size++;
  return size;
}

/* The best last row, as the set that it ends with. */
static size_t best_end(const all_cell *c, uint32_t needed)
{
  size_t width = (size_t)c->places + 1, sets = (size_t)1 << c->chunks, best = 0;
  c->reached[0] = c->done[0];
  for (size_t set = 1; set < sets; set++) {
    int32_t size = set_size(set);
    double most = -HUGE_VAL;
    for (size_t rest = set; size <= c->places && rest != 0; rest &= rest - 1)
      most = fmax(most, c->reached[set ^ (rest & ~(rest - 1))]);
    c->reached[set] = most + c->done[set * width + (size_t)size % width];
    if (size == c->places && (needed & ~set) == 0 && (best == 0 || c->reached[set] > c->reached[best]))
      best = set;
  }
  return best;
}

static void take_row(all_cell *c, size_t set)
{
  for (int32_t place = c->places; place-- > 0;) {
    size_t last = 0;
    for (size_t rest = set; rest != 0; rest &= rest - 1) {
      size_t bit = rest & ~(rest - 1);
      if (last == 0 || c->reached[set ^ bit] > c->reached[set ^ last])
        last = bit;
    }
    set ^= last;
    for (c->best_row[place] = 0; last > 1; last /= 2)
      c->best_row[place]++;
  }
}

static testudo_status find_best(all_cell *c, testudo_error *error)
{
  uint32_t level[MOST_WORKERS + 1] = {(UINT32_C(1) << c->chunks) - 1};
  c->best = -HUGE_VAL;
  for (size_t k = 0; k < c->partials.count; k++) {
    cell_walk w = {.c = c, .table = &c->partials.table[k]};
    if (k % 256 == 0 && testudo_i_stopped(c->monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
    memset(c->done, 0, ((size_t)(c->places + 1) << c->chunks) * sizeof *c->done);
    walk_vectors(&w, 0, 0, 1, level);
    sum_subsets(c);
    size_t end = best_end(c, w.needed);
    if (end == 0 || c->reached[end] <= c->best)
      continue;
    c->best = c->reached[end];
    c->best_partial = k;
    take_row(c, end);
  }
  return TESTUDO_OK;
}

/* ---- weights ---- */

/* The last of independent workers, worker j with its first digit[j] chunks. */
typedef struct last_of {
  const testudo_i_cluster *cluster;
  int32_t digit[TESTUDO_I_PARTIAL_ENTRIES], workers;
} last_of;

static testudo_status last_is_late(void *context, double t, double *value, testudo_error *error)
{
  const last_of *l = context;
  const testudo_i_delay delay = testudo_i_class_delay(l->cluster, 0);
  double done = 0;
  (void)error;
  for (int32_t j = 0; j < l->workers && t < HUGE_VAL; j++)
    if (l->digit[j] > 0)
      done += log1p(-testudo_i_survival_at(&delay, l->cluster->class_rate[0], l->digit[j], t));
  *value = -expm1(done);
  return TESTUDO_OK;
}

/* The digits of a vector, ascending; *first: it has them so already. */
static void take_digits(const all_cell *c, size_t vector, last_of *l, bool *first)
{
  size_t base = (size_t)c->places + 1;
  l->cluster = &c->cluster;
  l->workers = c->workers;
  *first = true;
  for (int32_t j = 0; j < c->workers; j++, vector /= base) {
    l->digit[j] = (int32_t)(vector % base);
    *first = *first && (j == 0 || l->digit[j] >= l->digit[j - 1]);
  }
}

static size_t sorted_vector(const all_cell *c, last_of *l)
{
  size_t vector = 0;
  qsort(l->digit, (size_t)l->workers, sizeof *l->digit, testudo_i_ascending_int32);
  for (int32_t j = c->workers; j-- > 0;)
    vector = vector * ((size_t)c->places + 1) + (size_t)l->digit[j];
  return vector;
}

/* E of the last, for every vector whose digits ascend, then for all. */
static testudo_status expect_last(all_cell *c, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *points = NULL;
  const testudo_i_cluster *k = &c->cluster;
  size_t count = 0;
  double abs_error;
  last_of l;
  bool first, discrete = testudo_i_delay_is_discrete(&k->delay);
  TESTUDO_I_TRY(testudo_i_delay_points(&k->delay, k->class_law, k->class_rate, k->class_load, k->classes,
                                       TESTUDO_I_LIMIT_LAW_POINTS, &points, &count, error));
  for (size_t vector = 1; vector < c->vectors; vector++) {
    take_digits(c, vector, &l, &first);
    if (!first)
      continue;
    if (testudo_i_stopped(c->monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
    double *mean = &c->weight[vector];
    TESTUDO_I_TRY(testudo_i_integrate_tail(last_is_late, &l, points, count, MEAN_ERROR,
                                           discrete ? TESTUDO_I_LIMIT_LAW_STEPS : 0, mean, &abs_error, error));
    if (!isfinite(*mean) || !(abs_error <= MOST_ERROR * *mean))
      return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the mean of the last of some workers is not known well");
  }
  for (size_t vector = 1; vector < c->vectors; vector++) {
    take_digits(c, vector, &l, &first);
    if (!first)
      c->weight[vector] = c->weight[sorted_vector(c, &l)];
  }
  return TESTUDO_OK;
}

/* The time during which progress is just so is, worker by worker, a difference of times at which it is at least so, or
   more; all chunks of all workers count for nothing, for then every design is complete. */
static void difference_weights(all_cell *c)
{
  size_t base = (size_t)c->places + 1;
  for (size_t vector = 0; vector < c->vectors; vector++)
    c->weight[vector] = -c->weight[vector];
  for (size_t power = 1; power < c->vectors; power *= base)
    for (size_t vector = 0; vector < c->vectors; vector++)
      if (vector / power % base < base - 1)
        c->weight[vector] -= c->weight[vector + power];
  c->weight[c->vectors - 1] = 0;
}

/* Of a quantile: how probable the vectors are at a time. */
static void weights_at(all_cell *c, double t)
{
  double q[TESTUDO_I_PARTIAL_CHUNKS + 1];
  last_of l;
  bool first;
  testudo_i_cluster_progress(&c->cluster, 0, t, q);
  for (size_t vector = 0; vector < c->vectors; vector++) {
    take_digits(c, vector, &l, &first);
    c->weight[vector] = 1;
    for (int32_t j = 0; j < c->workers; j++)
      c->weight[vector] *= q[l.digit[j]];
  }
}

/* ---- the cell ---- */

static testudo_status best_design(const all_cell *c, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  int64_t entries = (int64_t)c->workers * c->places, before = entries - c->places;
  TESTUDO_I_TRY(testudo_i_assignment_begin(&orders, c->workers, c->chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(&orders, c->workers, c->chunks, entries, error));
  for (int32_t j = 0; j <= c->workers; j++)
    orders.row[j] = (int64_t)j * c->places;
  for (int64_t e = 0; e < entries; e++)
    orders.chunk[e] = e < before ? c->partials.table[c->best_partial].chunk[e] : c->best_row[e - before];
  testudo_design_free(*design);
  *design = NULL;
  return testudo_i_search_design(&orders, c->parts, 1, "best-of-all", design, error);
}

static testudo_status measure_best(const all_cell *c, testudo_best_value *value, testudo_design **design,
                                   testudo_error *error)
{
  const testudo_best_options options = {.threads = 1, .monitor = c->monitor};
  const testudo_best_value exactly = {.kind = TESTUDO_BEST_EXACT};
  TESTUDO_I_TRY(best_design(c, design, error));
  return testudo_best_measure(c->key, *design, &options, &exactly, value, error);
}

static testudo_status best_mean(all_cell *c, testudo_best_value *value, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_TRY(expect_last(c, error));
  difference_weights(c);
  TESTUDO_I_TRY(find_best(c, error));
  return measure_best(c, value, design, error);
}

/* Some design may be complete just before the quantile of the one so far with a chance of q; then its own is less,
   until none is. */
static testudo_status best_quantile(all_cell *c, testudo_best_value *value, testudo_design **design,
                                    testudo_error *error)
{
  double t = testudo_i_cluster_scale(&c->cluster, 0.5);
  for (int round = 0; round < MOST_ROUNDS; round++) {
    weights_at(c, t);
    TESTUDO_I_TRY(find_best(c, error));
    if (round > 0 && c->best < c->key->objective.at)
      return TESTUDO_OK;
    TESTUDO_I_TRY(measure_best(c, value, design, error));
    t = value->value * (1 - TESTUDO_I_BEST_APART / 2);
  }
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "no design stays the best");
}

static bool cell_is_small(const testudo_best_key *key, all_cell *c)
{
  bool full = key->copies * key->granularity * (1 + 1e-12) >= c->places && key->least_copies == key->parts;
  const testudo_delay_model *model = key->model;
  bool plain = model->failures == TESTUDO_FAILURES_NONE && model->message == NULL && model->signal == 0 &&
               model->structure != TESTUDO_STRUCTURE_MIXED;
  if (!full || !plain || c->workers < 2 || c->workers > MOST_WORKERS || c->chunks > TESTUDO_I_PARTIAL_CHUNKS ||
      pow(c->places + 1, c->workers) > MOST_VECTORS)
    return false;
  c->before = 1;
  for (int32_t j = 1; j < c->workers; j++)
    c->before *= (size_t)c->places + 1;
  c->vectors = c->before * ((size_t)c->places + 1);
  return true;
}

static testudo_status cell_open(all_cell *c, bool *feasible, testudo_error *error)
{
  *feasible = cell_is_small(c->key, c);
  if (!*feasible)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_partials_make(c->workers - 1, c->places, c->chunks, 1, c->parts, c->monitor, &c->partials,
                                        feasible, error));
  size_t sets = (size_t)1 << c->chunks, width = (size_t)c->places + 1;
  *feasible = *feasible && (double)c->partials.count * (double)(c->before * 2 + sets * width) <= MOST_STEPS;
  if (!*feasible)
    return TESTUDO_OK;
  c->weight = testudo_i_arena_calloc(&c->arena, c->vectors, sizeof *c->weight);
  c->done = testudo_i_arena_alloc(&c->arena, sets * width, sizeof *c->done);
  c->reached = testudo_i_arena_alloc(&c->arena, sets, sizeof *c->reached);
  TESTUDO_I_TRY(testudo_i_arena_check(&c->arena, error));
  TESTUDO_I_TRY(testudo_i_search_hold(c->workers, c->key->granularity, c->places, &c->full, error));
  const testudo_i_delay delay = {.model = c->key->model};
  testudo_status status = testudo_i_cluster_init(&c->cluster, c->full, &delay, false, error);
  *feasible = status != TESTUDO_ERROR_LIMIT;
  return *feasible ? status : TESTUDO_OK;
}

static testudo_status search_cell(all_cell *c, bool *feasible, testudo_best_value *value, testudo_design **design,
                                  testudo_error *error)
{
  TESTUDO_I_TRY(cell_open(c, feasible, error));
  if (!*feasible)
    return TESTUDO_OK;
  return (c->key->objective.kind == TESTUDO_OBJECTIVE_QUANTILE ? best_quantile : best_mean)(c, value, design, error);
}

testudo_status testudo_i_best_of_all(const testudo_best_key *key, const testudo_monitor *monitor, bool *feasible,
                                     testudo_best_value *value, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(cell_clear) all_cell c = {
      .key = key, .monitor = monitor, .workers = key->workers, .chunks = key->workers * key->granularity,
      .places = (int32_t)floor(key->load * key->granularity * (1 + 1e-12)), .parts = key->parts};
  *feasible = false;
  *design = NULL;
  TESTUDO_I_TRY(testudo_best_key_check(key, error));
  testudo_error own = {""};
  testudo_status status = search_cell(&c, feasible, value, design, &own);
  /* A law that is not known, or not to these states: nothing is proved. */
  bool unknown = status == TESTUDO_ERROR_LIMIT;
  if (status != TESTUDO_OK) {
    testudo_design_free(*design);
    *design = NULL;
    *feasible = false;
  }
  return status == TESTUDO_OK || unknown ? TESTUDO_OK : testudo_i_fail(error, status, "%s", own.text);
}
