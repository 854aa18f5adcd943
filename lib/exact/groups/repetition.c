/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional repetition with any orders inside the groups: groups are independent, so the law is a product over them
   (docs/theory/latency.md#repetition-groups). Exactly f failed workers couple them; each worker then fails with weight
   (f/m) z, and the coefficient of z^f over P(Binomial(m, f/m) = f) is the law. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/order.h"
#include "runtime/vector/groups.h"
#include "exact/groups/group_scan.h"
#include "exact/latency.h"
#include "runtime/design.h"

/* Groups that do the same thing are scanned once. */
typedef struct kind {
  testudo_i_group_shape shape;
  int32_t *class_, *order;
  int64_t count;         /* groups of this kind */
  uint64_t hash;
} kind;

typedef struct repetition {
  const testudo_i_cluster *cluster;
  int32_t parts, degree;
  bool by_count;         /* only finished workers matter */
  kind *kind;
  int32_t kinds;
  double fail, log_norm; /* f/m, and log P(Binomial(m, f/m) = f) */
  double **q;            /* by class */
  double *room;
  double *polynomial;    /* 4 pairs of degree + 1 numbers */
  testudo_i_arena *arena; /* the method's */
} repetition;

/* ---- finding the kinds ---- */

/* Components of the law that share no worker, be they rows of the rule or groups of the design. */
typedef struct components {
  int32_t count;
  const int64_t *first;   /* count + 1: component g has the workers worker[first[g]] .. */
  const int32_t *worker;
  const int32_t *index;   /* chunk -> its rank among the component's; NULL where only finished workers matter */
  testudo_i_groups groups;
} components;

/* *found = false where the design is none of this kind. */
static testudo_status find_components(repetition *r, components *of, bool *found, testudo_error *error)
{
  const testudo_design *design = r->cluster->design;
  const testudo_i_rule *rule = &r->cluster->rule;
  *found = testudo_i_rule_shape(rule) == TESTUDO_I_SHAPE_DISJOINT;
  if (*found) {
    *of = (components){.count = rule->rows, .first = rule->start, .worker = rule->worker};
    return TESTUDO_OK;
  }
  *of = (components){0};
  TESTUDO_I_TRY(
      testudo_i_groups_find(design->workers, design->chunks, design->row, design->order, &of->groups, error));
  if (of->groups.groups == 0)
    return TESTUDO_OK;
  of->count = of->groups.groups;
  int64_t *first = testudo_i_arena_calloc(r->arena, (size_t)of->count + 1, sizeof *first);
  int32_t *worker = testudo_i_arena_alloc(r->arena, (size_t)design->workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_arena_check(r->arena, error));
  for (int32_t g = 0; g < of->count; g++)
    first[g + 1] = first[g] + of->groups.size[g];
  for (int32_t j = 0; j < design->workers; j++)
    worker[first[of->groups.group_of[j]] + of->groups.rank[j]] = j;
  of->first = first;
  of->worker = worker;
  of->index = r->by_count ? NULL : of->groups.index;
  *found = true;
  return TESTUDO_OK;
}

static void describe(const testudo_i_cluster *cluster, const int32_t *index, const int32_t *worker, kind *k)
{
  for (int32_t a = 0; a < k->shape.size; a++) {
    k->class_[a] = cluster->class_of[worker[a]];
    const int32_t *order = testudo_design_order(cluster->design, worker[a]);
    for (int32_t p = 0; p < k->shape.load; p++)
      k->order[(int64_t)a * k->shape.load + p] = index == NULL ? p : index[order[p]];
  }
  k->hash = testudo_i_fnv(TESTUDO_I_FNV_START, k->class_, (size_t)k->shape.size * sizeof *k->class_);
  k->hash = testudo_i_fnv(k->hash, k->order, (size_t)k->shape.size * (size_t)k->shape.load * sizeof *k->order);
}

static bool same_kind(const kind *a, const kind *b)
{
  size_t size = (size_t)a->shape.size, load = (size_t)a->shape.load;
  return a->hash == b->hash && a->shape.size == b->shape.size && a->shape.load == b->shape.load &&
         memcmp(a->class_, b->class_, size * sizeof *a->class_) == 0 &&
         memcmp(a->order, b->order, size * load * sizeof *a->order) == 0;
}

static int by_hash(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const kind *)a)->hash, ((const kind *)b)->hash);
}

/* Sorts by hash and folds equal neighbours together. */
static void fold_kinds(repetition *r)
{
  qsort(r->kind, (size_t)r->kinds, sizeof *r->kind, by_hash);
  int32_t kept = 0;
  for (int32_t k = 0; k < r->kinds; k++) {
    if (kept > 0 && same_kind(&r->kind[kept - 1], &r->kind[k])) {
      r->kind[kept - 1].count++;
    } else
      r->kind[kept++] = r->kind[k];
  }
  r->kinds = kept;
}

static testudo_status find_kinds(repetition *r, const components *of, testudo_error *error)
{
  const testudo_design *design = r->cluster->design;
  r->kind = testudo_i_arena_calloc(r->arena, (size_t)of->count, sizeof *r->kind);
  TESTUDO_I_TRY(testudo_i_arena_check(r->arena, error));
  for (int32_t g = 0; g < of->count; g++) {
    kind *k = &r->kind[r->kinds++];
    const int32_t *worker = of->worker + of->first[g];
    int32_t size = (int32_t)(of->first[g + 1] - of->first[g]), load = testudo_design_load(design, worker[0]);
    k->class_ = testudo_i_arena_alloc(r->arena, (size_t)size, sizeof *k->class_);
    k->order = testudo_i_arena_alloc(r->arena, (size_t)size * (size_t)load, sizeof *k->order);
    TESTUDO_I_TRY(testudo_i_arena_check(r->arena, error));
    k->shape = (testudo_i_group_shape){.size = size, .load = load, .class_ = k->class_, .order = k->order};
    k->count = 1;
    describe(r->cluster, of->index, worker, k);
  }
  fold_kinds(r);
  return TESTUDO_OK;
}

/* ---- the law ---- */

static testudo_i_pair pair_at(const repetition *r, int32_t which)
{
  double *start = r->polynomial + (int64_t)which * 2 * (r->degree + 1);
  return (testudo_i_pair){start, start + r->degree + 1};
}

static void pair_copy(testudo_i_pair to, testudo_i_pair from, int32_t degree)
{
  memcpy(to.done, from.done, (size_t)(degree + 1) * sizeof *to.done);
  memcpy(to.lost, from.lost, (size_t)(degree + 1) * sizeof *to.lost);
}

static void scan_kind(repetition *r, const kind *k, testudo_i_pair result)
{
  const double *const *q = (const double *const *)r->q;
  if (r->by_count)
    testudo_i_group_count(&k->shape, r->parts, q, r->fail, r->degree, result, r->room);
  else
    testudo_i_group_scan(&k->shape, r->parts, q, r->fail, r->degree, result, r->room);
}

/* total <- total * one^count by repeated squaring. */
static void multiply_power(repetition *r, testudo_i_pair total, testudo_i_pair one, int64_t count)
{
  double *room = pair_at(r, 3).done;
  for (; count > 0; count >>= 1) {
    if (count & 1)
      testudo_i_pair_multiply(total, one, r->degree, room);
    if (count > 1) {
      testudo_i_pair square = pair_at(r, 2);
      pair_copy(square, one, r->degree);
      testudo_i_pair_multiply(one, square, r->degree, room);
    }
  }
}

static testudo_status evaluate_repetition(void *state, double t, int want, testudo_i_probability *probability,
                                          testudo_error *error)
{
  (void)want;
  (void)error;
  repetition *r = state;
  for (int32_t c = 0; c < r->cluster->classes; c++)
    testudo_i_cluster_progress(r->cluster, c, t, r->q[c]);
  testudo_i_pair total = pair_at(r, 0), one = pair_at(r, 1);
  memset(total.done, 0, (size_t)(r->degree + 1) * 2 * sizeof *total.done);
  total.done[0] = 1.0;
  for (int32_t k = 0; k < r->kinds; k++) {
    scan_kind(r, &r->kind[k], one);
    multiply_power(r, total, one, r->kind[k].count);
  }
  double norm = exp(-r->log_norm);
  *probability = testudo_i_exact(total.done[r->degree] * norm, total.lost[r->degree] * norm);
  return TESTUDO_OK;
}

static int64_t states_of(const repetition *r, const kind *k)
{
  return r->by_count ? r->parts + 1 : testudo_i_group_states(k->shape.load, r->parts);
}

static testudo_status allocate_laws(repetition *r, testudo_error *error)
{
  const testudo_i_cluster *cluster = r->cluster;
  int64_t states = 0, width = (int64_t)cluster->max_load + 1;
  for (int32_t k = 0; k < r->kinds; k++) {
    int64_t here = states_of(r, &r->kind[k]);
    states = here > states ? here : states;
  }
  r->room = testudo_i_arena_alloc(r->arena, (size_t)(states * (r->degree + 2)), sizeof *r->room);
  r->polynomial = testudo_i_arena_alloc(r->arena, (size_t)(8 * (r->degree + 1)), sizeof *r->polynomial);
  double *store = testudo_i_arena_alloc(r->arena, (size_t)(width * cluster->classes), sizeof *store);
  r->q = testudo_i_arena_alloc(r->arena, (size_t)cluster->classes, sizeof *r->q);
  TESTUDO_I_TRY(testudo_i_arena_check(r->arena, error));
  for (int32_t c = 0; c < cluster->classes; c++)
    r->q[c] = store + width * c;
  return TESTUDO_OK;
}

/* Coverage states over all kinds, to be held against max_states. */
static int64_t total_states(const repetition *r)
{
  int64_t total = 0;
  for (int32_t k = 0; k < r->kinds; k++) {
    int64_t here = states_of(r, &r->kind[k]);
    if (here > INT64_MAX / 2 - total)
      return INT64_MAX;
    total += here;
  }
  return total;
}

static void set_failures(repetition *r)
{
  int32_t failed = testudo_i_cluster_failed(r->cluster);
  double m = r->cluster->workers, f = failed;
  r->degree = failed;
  r->fail = f / m;
  r->log_norm = 0.0;
  if (failed > 0 && failed < r->cluster->workers)
    r->log_norm = lgamma(m + 1) - lgamma(f + 1) - lgamma(m - f + 1) + f * log(r->fail) + (m - f) * log1p(-r->fail);
}

/* *fits = false where the design has another form, or too many states. */
static testudo_status make_repetition(repetition *r, int64_t max_states, bool *fits, testudo_error *error)
{
  components of;
  testudo_status status = find_components(r, &of, fits, error);
  if (status == TESTUDO_OK && *fits)
    status = find_kinds(r, &of, error);
  testudo_i_groups_free(&of.groups);
  TESTUDO_I_TRY(status);
  *fits = *fits && total_states(r) <= max_states;
  return *fits ? allocate_laws(r, error) : TESTUDO_OK;
}

testudo_status testudo_i_repetition(const testudo_i_cluster *cluster, int64_t max_states, bool *fits,
                                    testudo_i_method *method, testudo_error *error)
{
  *fits = false;
  repetition *r = method->state = testudo_i_arena_calloc(&method->arena, 1, sizeof *r);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  r->arena = &method->arena;
  r->cluster = cluster;
  r->parts = cluster->rule.need_all;
  r->by_count = cluster->rule.whole;
  set_failures(r);
  TESTUDO_I_TRY(make_repetition(r, max_states, fits, error));
  if (!*fits)
    return TESTUDO_OK;
  method->exact = true;
  method->evaluate = evaluate_repetition;
  snprintf(method->name, sizeof method->name, "product over groups, %d kind%s, %lld states", (int)r->kinds,
           r->kinds == 1 ? "" : "s", (long long)total_states(r));
  return TESTUDO_OK;
}
