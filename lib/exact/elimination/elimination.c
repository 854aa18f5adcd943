/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of any rows of any workers (docs/theory/latency.md#elimination): components share no worker, so the law is a
   product over them, each a scan of its own; those that are the same up to numbers are scanned once. Exactly f failed
   workers couple them; each worker then fails with weight (f/m) z, and the coefficient of z^f over
   P(Binomial(m, f/m) = f) is the law. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "exact/elimination/counted.h"
#include "exact/elimination/ring.h"
#include "exact/elimination/scan.h"
#include "exact/latency.h"

/* Components of one kind: a scan; where there is one row at most, a count; one of several rings, its matrix. */
typedef struct factor {
  int32_t component, degree; /* no more of its workers can fail */
  int64_t count;
  bool counted, on_ring;
  testudo_i_scan scan;
  testudo_i_ring_factor ring;
} factor;

typedef struct elimination {
  const testudo_i_cluster *cluster;
  testudo_i_cover_of of;
  testudo_i_cover cover;
  factor *factor;
  int32_t factors;
  int32_t *at;           /* of each worker of the cluster: its place in the cover */
  int32_t *component_of, *factor_of; /* of each worker of the cover; of each component */
  int32_t degree;
  double fail;           /* f/m */
  double **q;            /* by class */
  double *room;
  double *polynomial;    /* 4 pairs of degree + 1 numbers */
  int64_t states, most;  /* of all factors; before equal ones were put together */
} elimination;

/* ---- the law ---- */

static testudo_i_pair pair_at(const elimination *e, int32_t which)
{
  double *start = e->polynomial + (int64_t)which * 2 * (e->degree + 1);
  return (testudo_i_pair){start, start + e->degree + 1};
}

static void pair_copy(testudo_i_pair to, testudo_i_pair from, int32_t degree)
{
  memcpy(to.done, from.done, (size_t)(degree + 1) * sizeof *to.done);
  memcpy(to.lost, from.lost, (size_t)(degree + 1) * sizeof *to.lost);
}

/* total <- total * one^count by repeated squaring. */
static void multiply_power(const elimination *e, testudo_i_pair total, testudo_i_pair one, int64_t count)
{
  double *room = pair_at(e, 3).done;
  for (; count > 0; count >>= 1) {
    if (count & 1)
      testudo_i_pair_multiply(total, one, e->degree, room);
    if (count > 1) {
      testudo_i_pair square = pair_at(e, 2);
      pair_copy(square, one, e->degree);
      testudo_i_pair_multiply(one, square, e->degree, room);
    }
  }
}

static int32_t layer_of(const testudo_i_scan *scan, int32_t worker)
{
  int32_t k = 0;
  while (scan->worker[k] != worker)
    k++;
  return k;
}

/* One component of the factor's kind; unless `worker` is -1, with that worker alive and at `step`. */
static testudo_status run_factor(const elimination *e, factor *f, int32_t worker, int32_t step, testudo_i_pair result,
                                 testudo_error *error)
{
  const double *const *q = (const double *const *)e->q;
  size_t bytes = (size_t)(e->degree + 1) * sizeof(double);
  memset(result.done, 0, bytes);
  memset(result.lost, 0, bytes);
  if (f->on_ring)
    return testudo_i_ring_run(&f->ring, q, e->fail, result, error);
  if (f->counted)
    testudo_i_counted_run(&e->cover, f->component, q, e->fail, f->degree, worker, step, result, e->room);
  else
    testudo_i_scan_run(&f->scan, q, e->fail, f->degree, worker < 0 ? -1 : layer_of(&f->scan, worker), step, result,
                       e->room);
  return TESTUDO_OK;
}

/* Of a worker of the cluster: does no row need it? */
static bool worker_is_idle(const elimination *e, int32_t worker)
{
  int32_t w = e->at[worker];
  return e->cover.first[w] == e->cover.first[w + 1];
}

/* Of failures alone: everything or nothing. */
static void set_progress(const elimination *e, int32_t class_, double t)
{
  double *q = e->q[class_];
  if (e->of != TESTUDO_I_COVER_FAILURES) {
    testudo_i_cluster_progress(e->cluster, class_, t, q);
    return;
  }
  q[0] = testudo_i_independent_failures(e->cluster->model);
  q[1] = 1 - q[0];
}

static testudo_status run_all(elimination *e, double t, int32_t worker, int32_t step, testudo_i_pair *result,
                              testudo_error *error)
{
  for (int32_t c = 0; c < e->cluster->classes; c++)
    set_progress(e, c, t);
  testudo_i_pair total = pair_at(e, 0), one = pair_at(e, 1);
  memset(total.done, 0, (size_t)(e->degree + 1) * 2 * sizeof *total.done);
  total.done[0] = 1.0;
  factor *marked = NULL;
  if (worker >= 0) {
    int32_t twin = e->cover.twin[e->at[worker]];
    int32_t own = worker_is_idle(e, worker) ? 0 : step; /* its twin is of any class, and may hold fewer chunks */
    marked = &e->factor[e->factor_of[e->component_of[e->at[worker]]]];
    TESTUDO_I_TRY(run_factor(e, marked, twin, own, one, error));
    testudo_i_pair_multiply(total, one, e->degree, pair_at(e, 3).done);
  }
  for (int32_t k = 0; k < e->factors; k++) {
    factor *f = &e->factor[k];
    if (f == marked && f->count == 1)
      continue;
    TESTUDO_I_TRY(run_factor(e, f, -1, 0, one, error));
    multiply_power(e, total, one, f->count - (f == marked));
  }
  *result = total;
  return TESTUDO_OK;
}

static testudo_status evaluate_elimination(void *state, double t, int want, testudo_i_probability *probability,
                                           testudo_error *error)
{
  (void)want;
  elimination *e = state;
  testudo_i_pair total;
  TESTUDO_I_TRY(run_all(e, t, -1, 0, &total, error));
  double done = total.done[e->degree], lost = total.lost[e->degree];
  *probability = testudo_i_exact(done / (done + lost), lost / (done + lost)); /* what is certain is exactly 1 */
  return TESTUDO_OK;
}

/* ---- making ---- */

static testudo_status add_factor(elimination *e, int32_t c, int64_t max_states, const testudo_monitor *monitor,
                                 testudo_i_arena *arena, bool *fits, testudo_error *error)
{
  const testudo_i_cover *cover = &e->cover;
  factor *f = &e->factor[e->factors];
  int32_t workers = cover->worker_start[c + 1] - cover->worker_start[c];
  int32_t rows = cover->row_start[c + 1] - cover->row_start[c];
  *f = (factor){.component = c, .degree = e->degree < workers ? e->degree : workers, .count = 1, .counted = rows <= 1};
  e->factor_of[c] = e->factors++;
  if (f->counted) {
    int64_t states = rows == 0 ? 1 : cover->need[cover->row_start[c]] + INT64_C(1);
    e->states += states;
    e->most += states;
    return TESTUDO_OK;
  }
  bool set_only = e->cluster->whole || e->of == TESTUDO_I_COVER_FAILURES;
  /* A short ring has few states as it is, and its scan knows the work. */
  if (cover->components > 1 && workers > 2 * cover->load[cover->worker_start[c]])
    TESTUDO_I_TRY(testudo_i_ring_find(cover, c, set_only, e->cluster->classes, f->degree, max_states - e->most, arena,
                                      &f->on_ring, &f->ring, error));
  if (f->on_ring) {
    e->states += f->ring.states;
    e->most += f->ring.states * f->ring.states * (f->degree + 1);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_scan_best(cover, c, false, max_states - e->most, monitor, arena, fits, &f->scan, error));
  if (*fits) {
    e->states += f->scan.states;
    e->most += f->scan.most_states;
  }
  return TESTUDO_OK;
}

static testudo_status add_factors(elimination *e, int64_t max_states, const testudo_monitor *monitor,
                                  testudo_i_arena *arena, bool *fits, testudo_error *error)
{
  const testudo_i_cover *cover = &e->cover;
  *fits = true;
  for (int32_t c = 0; c < cover->components && *fits; c++) {
    if (cover->kind[c] != c) {
      e->factor_of[c] = e->factor_of[cover->kind[c]];
      e->factor[e->factor_of[c]].count++;
    } else
      TESTUDO_I_TRY(add_factor(e, c, max_states, monitor, arena, fits, error));
    *fits = *fits && e->most <= max_states;
  }
  return TESTUDO_OK;
}

static testudo_status make_room(elimination *e, testudo_i_arena *arena, bool *fits, testudo_error *error)
{
  const testudo_i_cluster *cluster = e->cluster;
  size_t room = 0, width = (size_t)cluster->max_load + 2;
  for (int32_t k = 0; k < e->factors; k++) {
    const factor *f = &e->factor[k];
    size_t here = f->on_ring   ? 0
                  : f->counted ? testudo_i_counted_room(&e->cover, f->component, f->degree)
                               : testudo_i_scan_room(&f->scan, f->degree);
    room = here > room ? here : room;
  }
  *fits = room <= TESTUDO_I_LIMIT_ELIMINATION_ROOM;
  if (!*fits)
    return TESTUDO_OK;
  e->room = testudo_i_arena_alloc(arena, room, sizeof *e->room);
  e->polynomial = testudo_i_arena_alloc(arena, 8 * ((size_t)e->degree + 1), sizeof *e->polynomial);
  double *store = testudo_i_arena_alloc(arena, width * (size_t)cluster->classes, sizeof *store);
  e->q = testudo_i_arena_alloc(arena, (size_t)cluster->classes, sizeof *e->q);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t c = 0; c < cluster->classes; c++)
    e->q[c] = store + width * (size_t)c;
  return TESTUDO_OK;
}

static testudo_status make_elimination(elimination *e, int64_t max_states, const testudo_monitor *monitor,
                                       testudo_i_arena *arena, bool *fits, testudo_error *error)
{
  const testudo_i_cluster *cluster = e->cluster;
  TESTUDO_I_TRY(testudo_i_cover_make(cluster, &cluster->rule, e->of, arena, &e->cover, error));
  TESTUDO_I_TRY(testudo_i_cover_kinds(&e->cover, arena, error));
  e->factor = testudo_i_arena_alloc(arena, (size_t)e->cover.components, sizeof *e->factor);
  e->factor_of = testudo_i_arena_alloc(arena, (size_t)e->cover.components, sizeof *e->factor_of);
  e->at = testudo_i_arena_alloc(arena, (size_t)cluster->workers, sizeof *e->at);
  e->component_of = testudo_i_arena_alloc(arena, (size_t)cluster->workers, sizeof *e->component_of);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t w = 0; w < e->cover.workers; w++)
    e->at[e->cover.worker[w]] = w;
  for (int32_t c = 0; c < e->cover.components; c++)
    for (int32_t w = e->cover.worker_start[c]; w < e->cover.worker_start[c + 1]; w++)
      e->component_of[w] = c;
  TESTUDO_I_TRY(add_factors(e, max_states, monitor, arena, fits, error));
  return *fits ? make_room(e, arena, fits, error) : TESTUDO_OK;
}

static void name_elimination(const elimination *e, char *name, size_t room)
{
  if (e->cover.components == 1)
    snprintf(name, room, "elimination, %lld states", (long long)e->states);
  else
    snprintf(name, room, "product over groups, %ld kind%s, %lld states", (long)e->factors, e->factors == 1 ? "" : "s",
             (long long)e->states);
}

/* ---- one worker's progress given, for the expected work ---- */

static double marked_elimination(void *state, int32_t worker, int32_t step, double t)
{
  elimination *e = state;
  testudo_i_pair total;
  if (run_all(e, t, worker, step, &total, NULL) != TESTUDO_OK)
    return NAN;
  double done = total.done[e->degree], lost = total.lost[e->degree];
  return lost / (done + lost);
}

static double marked_elimination_steps(const void *state)
{
  const elimination *e = state;
  double steps = 0, width = e->degree + 1.0;
  for (int32_t k = 0; k < e->factors; k++) {
    const factor *f = &e->factor[k];
    steps += f->counted ? (double)testudo_i_counted_room(&e->cover, f->component, f->degree) * e->cluster->workers
                        : (double)f->scan.edge_row[f->scan.states] * (f->degree + 1.0);
    steps += width * width * 2 * log2(1.0 + (double)f->count);
  }
  return steps;
}

static int32_t elimination_alike(const void *state, int32_t worker)
{
  const elimination *e = state;
  return worker_is_idle(e, worker) ? worker : e->cover.worker[e->cover.twin[e->at[worker]]]; /* idle: of any class */
}

static void offer_marked(const elimination *e, testudo_i_method *method)
{
  for (int32_t k = 0; k < e->factors; k++)
    if (e->factor[k].on_ring)
      return; /* a ring's matrices know all its workers together */
  method->marked = marked_elimination;
  method->marked_steps = marked_elimination_steps;
  method->alike = elimination_alike;
}

testudo_status testudo_i_eliminated(const testudo_i_cluster *cluster, bool only_failures, int64_t max_states,
                                    const testudo_monitor *monitor, bool *fits, testudo_i_method *method,
                                    testudo_error *error)
{
  elimination *e = method->state = testudo_i_arena_calloc(&method->arena, 1, sizeof *e);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  int32_t failed = testudo_i_cluster_failed(cluster);
  *e = (elimination){.cluster = cluster, .degree = failed, .fail = (double)failed / cluster->workers,
                     .of = only_failures ? TESTUDO_I_COVER_FAILURES : TESTUDO_I_COVER_COMPLETION};
  TESTUDO_I_TRY(make_elimination(e, max_states, monitor, &method->arena, fits, error));
  if (!*fits)
    return TESTUDO_OK;
  method->exact = true;
  method->evaluate = evaluate_elimination;
  offer_marked(e, method);
  name_elimination(e, method->name, sizeof method->name);
  return TESTUDO_OK;
}
