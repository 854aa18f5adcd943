/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional repetition with any orders inside the groups: groups are independent, so the law is a product over them
   (docs/theory 4 and 6). Exactly f failed workers couple them; each worker then fails with weight (f/m) z, and the
   coefficient of z^f over P(Binomial(m, f/m) = f) is the law. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "runtime/gradient_code/groups.h"
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
  double *q_store;
  double **q;            /* by class */
  double *room;
  double *polynomial;    /* 4 pairs of degree + 1 numbers */
} repetition;

static void free_repetition(void *state)
{
  repetition *r = state;
  if (r == NULL)
    return;
  for (int32_t k = 0; r->kind != NULL && k < r->kinds; k++) {
    free(r->kind[k].class_);
    free(r->kind[k].order);
  }
  free(r->kind);
  free(r->q_store);
  free(r->q);
  free(r->room);
  free(r->polynomial);
  free(r);
}

/* ---- finding the kinds ---- */

/* first[g] .. : the workers of group g by rank. */
static int32_t *list_workers(const testudo_i_groups *groups, int32_t workers, int32_t **first)
{
  int32_t *list = testudo_i_alloc((size_t)workers, sizeof *list);
  *first = testudo_i_calloc((size_t)groups->groups + 1, sizeof **first);
  if (list == NULL || *first == NULL) {
    free(list);
    return NULL;
  }
  for (int32_t g = 0; g < groups->groups; g++)
    (*first)[g + 1] = (*first)[g] + groups->size[g];
  for (int32_t j = 0; j < workers; j++)
    list[(*first)[groups->group_of[j]] + groups->rank[j]] = j;
  return list;
}

static void describe(const testudo_i_cluster *cluster, const testudo_i_groups *groups, const int32_t *worker,
                     kind *k, bool by_count)
{
  for (int32_t a = 0; a < k->shape.size; a++) {
    k->class_[a] = cluster->class_of[worker[a]];
    const int32_t *order = testudo_design_order(cluster->design, worker[a]);
    for (int32_t p = 0; p < k->shape.load; p++)
      k->order[(int64_t)a * k->shape.load + p] = by_count ? p : groups->index[order[p]];
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
  uint64_t x = ((const kind *)a)->hash, y = ((const kind *)b)->hash;
  return (x > y) - (x < y);
}

/* Sorts by hash and folds equal neighbours together. */
static void fold(repetition *r)
{
  qsort(r->kind, (size_t)r->kinds, sizeof *r->kind, by_hash);
  int32_t kept = 0;
  for (int32_t k = 0; k < r->kinds; k++) {
    if (kept > 0 && same_kind(&r->kind[kept - 1], &r->kind[k])) {
      r->kind[kept - 1].count++;
      free(r->kind[k].class_);
      free(r->kind[k].order);
    } else
      r->kind[kept++] = r->kind[k];
  }
  r->kinds = kept;
}

static testudo_status find_kinds(repetition *r, const testudo_i_groups *groups, testudo_error *error)
{
  int32_t *first = NULL;
  int32_t *worker = list_workers(groups, r->cluster->workers, &first);
  r->kind = testudo_i_calloc((size_t)groups->groups, sizeof *r->kind);
  testudo_status status = worker == NULL || r->kind == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  for (int32_t g = 0; status == TESTUDO_OK && g < groups->groups; g++) {
    kind *k = &r->kind[r->kinds++];
    *k = (kind){.shape = {.size = groups->size[g], .load = groups->load[g]}, .count = 1};
    k->class_ = testudo_i_alloc((size_t)k->shape.size, sizeof *k->class_);
    k->order = testudo_i_alloc((size_t)k->shape.size * (size_t)k->shape.load, sizeof *k->order);
    if (k->class_ == NULL || k->order == NULL) {
      status = testudo_i_fail_memory(error);
      break;
    }
    k->shape.class_ = k->class_;
    k->shape.order = k->order;
    describe(r->cluster, groups, worker + first[g], k, r->by_count);
  }
  if (status == TESTUDO_OK)
    fold(r);
  free(worker);
  free(first);
  return status;
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

static testudo_status evaluate(void *state, double t, int want, testudo_i_probability *probability,
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
  double below = fmin(1.0, total.done[r->degree] * norm), above = fmin(1.0, total.lost[r->degree] * norm);
  *probability = (testudo_i_probability){below, below, above, above};
  return TESTUDO_OK;
}

static testudo_status allocate_laws(repetition *r, testudo_error *error)
{
  const testudo_i_cluster *cluster = r->cluster;
  int64_t states = 0, width = (int64_t)cluster->max_load + 1;
  for (int32_t k = 0; k < r->kinds; k++) {
    int64_t here = r->by_count ? r->parts + 1 : testudo_i_group_states(r->kind[k].shape.load, r->parts);
    states = here > states ? here : states;
  }
  r->room = testudo_i_alloc((size_t)(states * (r->degree + 2)), sizeof *r->room);
  r->polynomial = testudo_i_alloc((size_t)(8 * (r->degree + 1)), sizeof *r->polynomial);
  r->q_store = testudo_i_alloc((size_t)(width * cluster->classes), sizeof *r->q_store);
  r->q = testudo_i_alloc((size_t)cluster->classes, sizeof *r->q);
  if (r->room == NULL || r->polynomial == NULL || r->q_store == NULL || r->q == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t c = 0; c < cluster->classes; c++)
    r->q[c] = r->q_store + width * c;
  return TESTUDO_OK;
}

/* Coverage states over all kinds, to be held against max_states. */
static int64_t total_states(const repetition *r)
{
  int64_t total = 0;
  for (int32_t k = 0; k < r->kinds; k++) {
    int64_t here = r->by_count ? r->parts + 1 : testudo_i_group_states(r->kind[k].shape.load, r->parts);
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

testudo_status testudo_i_repetition(const testudo_i_cluster *cluster, int32_t parts, int64_t max_states, bool *fits,
                                    testudo_i_method *method, testudo_error *error)
{
  *fits = false;
  testudo_i_groups groups;
  const testudo_design *design = cluster->design;
  testudo_status status = testudo_i_groups_find(cluster->workers, testudo_design_chunks(design),
                                                design->row, design->order, &groups,
                                                error);
  if (status != TESTUDO_OK || groups.groups == 0)
    return status;
  repetition *r = testudo_i_calloc(1, sizeof *r);
  if (r == NULL) {
    testudo_i_groups_free(&groups);
    return testudo_i_fail_memory(error);
  }
  r->cluster = cluster;
  r->parts = parts;
  r->by_count = cluster->whole;
  set_failures(r);
  status = find_kinds(r, &groups, error);
  testudo_i_groups_free(&groups);
  if (status == TESTUDO_OK && total_states(r) <= max_states) {
    status = allocate_laws(r, error);
    *fits = status == TESTUDO_OK;
  }
  if (!*fits) {
    free_repetition(r);
    return status;
  }
  *method = (testudo_i_method){.exact = true, .state = r, .evaluate = evaluate, .free_state = free_repetition};
  snprintf(method->name, sizeof method->name, "product over groups, %d kind%s, %lld states", (int)r->kinds,
           r->kinds == 1 ? "" : "s", (long long)total_states(r));
  return TESTUDO_OK;
}
