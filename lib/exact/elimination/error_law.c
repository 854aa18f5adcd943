/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distribution of the error at a time (docs/theory/latency.md#expected-error): the scans of a law, in which nothing
   is lost but what is missing is counted, as the power of y. Polynomials in y, and in z where exactly f workers fail,
   are sums of nonnegative terms; components are multiplied. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/answer.h"
#include "delay/sums/brackets.h"
#include "exact/elimination/ring.h"
#include "exact/elimination/scan.h"
#include "exact/latency.h"
#include "runtime/scheme/scheme.h"

/* Components of one kind; polynomials of a state have `most` + 1 powers of y, `degree` + 1 of z. */
typedef struct part {
  int64_t count, most;
  int32_t degree;
  bool on_ring, held;    /* held: by anybody */
  testudo_i_scan scan;
  testudo_i_ring_factor ring;
} part;

struct testudo_error_law {
  testudo_i_cluster cluster;
  testudo_i_rule rule;   /* of the cover */
  testudo_i_cover cover;
  part *part;
  int32_t parts, degree;
  int64_t most, width;   /* the largest error; width: most + 1 */
  double shift, fail;
  double **q;
  double *room, *total, *one, *square, *product;
  const testudo_monitor *monitor;
  testudo_i_arena arena;
};

/* ---- one component ---- */

/* to += weight * y^missing * from, of polynomials in z (rows) and y; a failure raises the power of z. */
static void add_shifted(const part *p, const double *from, double lives, double fails, int64_t missing, double *to)
{
  size_t width = (size_t)p->most + 1, end = width - (size_t)missing;
  for (int32_t d = 0; d <= p->degree; d++) {
    double *next = to + (size_t)d * width + missing;
    const double *mass = from + (size_t)d * width, *fewer = mass - width;
    for (size_t k = 0; k < end; k++)
      next[k] += lives * mass[k];
    for (size_t k = 0; d > 0 && fails > 0 && k < end; k++)
      next[k] += fails * fewer[k];
  }
}

static size_t part_block(const part *p)
{
  return ((size_t)p->most + 1) * ((size_t)p->degree + 1);
}

static size_t part_states(const part *p)
{
  return p->on_ring ? (size_t)p->ring.of_failed[0].states : p->held ? (size_t)p->scan.widest : 1;
}

static double part_steps(const part *p)
{
  double block = (double)part_block(p);
  if (p->on_ring) {
    const testudo_i_transfer *ring = &p->ring.of_failed[0];
    return block * ring->states * ring->row[ring->states] * ring->workers;
  }
  return p->held ? block * (double)p->scan.edge_row[p->scan.states] : block;
}

static void run_scan(testudo_error_law *law, const part *p, double *result)
{
  const testudo_i_scan *scan = &p->scan;
  size_t block = part_block(p), states = (size_t)scan->widest;
  double *from = law->room, *to = law->room + states * block;
  testudo_i_scan_set_values(scan, (const double *const *)law->q);
  memset(from, 0, block * sizeof *from);
  from[0] = 1;
  for (int32_t k = 0; k < scan->layers; k++) {
    int64_t first = scan->first[k], next = k + 1 < scan->layers ? scan->first[k + 2] - scan->first[k + 1] : 1;
    memset(to, 0, (size_t)next * block * sizeof *to);
    for (int64_t s = first; s < scan->first[k + 1]; s++)
      for (int64_t e = scan->edge_row[s]; e < scan->edge_row[s + 1]; e++)
        add_shifted(p, from + (size_t)(s - first) * block, (1 - law->fail) * scan->value[scan->edge[e].range],
                    e == scan->edge_row[s] ? law->fail : 0, scan->missing[e], to + (size_t)scan->edge[e].to * block);
    double *kept = from;
    from = to;
    to = kept;
  }
  memcpy(result, from, block * sizeof *from);
}

/* From every state round the ring and back to it. */
static void run_ring(testudo_error_law *law, const part *p, double *result)
{
  testudo_i_transfer *ring = &p->ring.of_failed[0];
  size_t block = part_block(p), states = (size_t)ring->states;
  testudo_i_ring_take(&p->ring, (const double *const *)law->q);
  testudo_i_transfer_set_weights(ring, p->ring.q);
  memset(result, 0, block * sizeof *result);
  for (size_t start = 0; start < states; start++) {
    double *from = law->room, *to = law->room + states * block;
    memset(from, 0, states * block * sizeof *from);
    from[start * block] = 1;
    for (int32_t j = 0; j < ring->workers; j++) {
      const double *weight = ring->weight_of + (size_t)ring->class_at[j] * (size_t)ring->weights;
      memset(to, 0, states * block * sizeof *to);
      for (size_t s = 0; s < states; s++)
        for (int32_t e = ring->row[s]; e < ring->row[s + 1]; e++)
          add_shifted(p, from + s * block, (1 - law->fail) * weight[ring->edge[e].weight],
                      e == ring->row[s] ? law->fail : 0, ring->edge[e].missing, to + (size_t)ring->edge[e].to * block);
      double *kept = from;
      from = to;
      to = kept;
    }
    for (size_t k = 0; k < block; k++)
      result[k] += from[start * block + k];
  }
}

/* ---- all of them: polynomials of the whole size ---- */

static void run_part(testudo_error_law *law, const part *p, double *result)
{
  size_t width = (size_t)p->most + 1;
  double *own = law->square;
  memset(own, 0, part_block(p) * sizeof *own);
  if (!p->held)
    own[p->most] = 1; /* rows that nobody holds lack everything */
  else if (p->on_ring)
    run_ring(law, p, own);
  else
    run_scan(law, p, own);
  memset(result, 0, (size_t)law->width * ((size_t)law->degree + 1) * sizeof *result);
  for (int32_t d = 0; d <= p->degree; d++)
    memcpy(result + (size_t)d * (size_t)law->width, own + (size_t)d * width, width * sizeof *own);
}

/* The highest power of y with anything. */
static int64_t top_power(const testudo_error_law *law, const double *of)
{
  for (int64_t k = law->most; k > 0; k--)
    for (int32_t d = 0; d <= law->degree; d++)
      if (of[(size_t)d * (size_t)law->width + (size_t)k] != 0)
        return k;
  return 0;
}

static void multiply_errors(testudo_error_law *law, double *left, const double *right)
{
  size_t width = (size_t)law->width;
  int64_t tops[2] = {top_power(law, left), top_power(law, right)};
  memset(law->product, 0, width * ((size_t)law->degree + 1) * sizeof *law->product);
  for (int32_t a = 0; a <= law->degree; a++)
    for (int32_t b = 0; a + b <= law->degree; b++)
      for (int64_t x = 0; x <= tops[0]; x++) {
        double factor = left[(size_t)a * width + (size_t)x], *to = law->product + (size_t)(a + b) * width + x;
        const double *other = right + (size_t)b * width;
        int64_t end = tops[1] < law->most - x ? tops[1] : law->most - x;
        for (int64_t y = 0; factor != 0 && y <= end; y++)
          to[y] += factor * other[y];
      }
  memcpy(left, law->product, width * ((size_t)law->degree + 1) * sizeof *left);
}

static void multiply_part(testudo_error_law *law, const part *p)
{
  size_t bytes = (size_t)law->width * ((size_t)law->degree + 1) * sizeof *law->one;
  run_part(law, p, law->one);
  for (int64_t count = p->count; count > 0; count >>= 1) {
    if (count & 1)
      multiply_errors(law, law->total, law->one);
    if (count > 1) {
      memcpy(law->square, law->one, bytes);
      multiply_errors(law, law->one, law->square);
    }
  }
}

testudo_status testudo_error_law_at(testudo_error_law *law, double t, double *probability, testudo_error *error)
{
  const testudo_i_cluster *cluster = &law->cluster;
  if (isnan(t))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the time is not a number");
  double when = fmax(0, testudo_i_latest_progress(t, law->shift));
  for (int32_t c = 0; c < cluster->classes; c++)
    testudo_i_cluster_progress(cluster, c, when, law->q[c]);
  memset(law->total, 0, (size_t)law->width * ((size_t)law->degree + 1) * sizeof *law->total);
  law->total[0] = 1;
  for (int32_t k = 0; k < law->parts; k++) {
    if (testudo_i_stopped(law->monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
    multiply_part(law, &law->part[k]);
  }
  const double *chance = law->total + (size_t)law->degree * (size_t)law->width;
  double all = 0;
  for (int64_t k = 0; k <= law->most; k++)
    all += chance[k];
  for (int64_t k = 0; k <= law->most; k++)
    probability[k] = chance[k] / all; /* what is certain is exactly 1 */
  return TESTUDO_OK;
}

int64_t testudo_error_law_most(const testudo_error_law *law)
{
  return law->most;
}

/* ---- making ---- */

static testudo_status too_large(testudo_error *error, int64_t max_states)
{
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                        "the distribution of the error needs more than %lld states, or too many steps of arithmetic",
                        (long long)max_states);
}

static testudo_status add_part(testudo_error_law *law, int32_t c, int64_t max_states, testudo_error *error)
{
  const testudo_i_cover *cover = &law->cover;
  part *p = &law->part[law->parts];
  int32_t workers = cover->worker_start[c + 1] - cover->worker_start[c];
  bool fits = true;
  *p = (part){.count = 1, .degree = law->degree < workers ? law->degree : workers, .held = workers > 0};
  for (int32_t r = cover->row_start[c]; r < cover->row_start[c + 1]; r++)
    p->most += (int64_t)cover->need[r] * cover->same[r];
  law->parts++;
  if (p->held)
    TESTUDO_I_TRY(testudo_i_ring_find(cover, c, law->cluster.whole, law->cluster.classes, 0, max_states, &law->arena,
                                      &p->on_ring, &p->ring, error));
  if (p->held && !p->on_ring)
    TESTUDO_I_TRY(testudo_i_scan_best(cover, c, true, max_states, law->monitor, &law->arena, &fits, &p->scan, error));
  if (!fits || part_steps(p) > TESTUDO_I_LIMIT_ERROR_STEPS)
    return too_large(error, max_states);
  return TESTUDO_OK;
}

static testudo_status add_parts(testudo_error_law *law, int64_t max_states, testudo_error *error)
{
  const testudo_i_cover *cover = &law->cover;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *part_of = testudo_i_alloc((size_t)cover->components, sizeof *part_of);
  TESTUDO_I_TRY(testudo_i_memory_check(part_of != NULL, error));
  law->part = testudo_i_arena_alloc(&law->arena, (size_t)cover->components, sizeof *law->part);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (int32_t c = 0; c < cover->components; c++) {
    if (cover->kind[c] != c) {
      part_of[c] = part_of[cover->kind[c]];
      law->part[part_of[c]].count++;
      continue;
    }
    part_of[c] = law->parts;
    TESTUDO_I_TRY(add_part(law, c, max_states, error));
  }
  for (int32_t k = 0; k < law->parts; k++)
    law->most += law->part[k].count * law->part[k].most;
  law->width = law->most + 1;
  return TESTUDO_OK;
}

static testudo_status make_room(testudo_error_law *law, int64_t max_states, testudo_error *error)
{
  size_t room = 0, whole = (size_t)law->width * ((size_t)law->degree + 1), classes = (size_t)law->cluster.classes;
  for (int32_t k = 0; k < law->parts; k++) {
    size_t here = 2 * part_states(&law->part[k]) * part_block(&law->part[k]);
    room = here > room ? here : room;
  }
  double steps = (double)law->width * (double)law->width * (law->degree + 1.0) * (law->degree + 1.0) * law->parts;
  if (room > TESTUDO_I_LIMIT_ELIMINATION_ROOM || steps > TESTUDO_I_LIMIT_ERROR_STEPS)
    return too_large(error, max_states);
  law->room = testudo_i_arena_alloc(&law->arena, room, sizeof *law->room);
  law->total = testudo_i_arena_alloc(&law->arena, whole, sizeof *law->total);
  law->one = testudo_i_arena_alloc(&law->arena, whole, sizeof *law->one);
  law->square = testudo_i_arena_alloc(&law->arena, whole, sizeof *law->square);
  law->product = testudo_i_arena_alloc(&law->arena, whole, sizeof *law->product);
  law->q = testudo_i_arena_alloc(&law->arena, classes, sizeof *law->q);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  for (size_t c = 0; c < classes; c++)
    law->q[c] = testudo_i_arena_alloc(&law->arena, (size_t)law->cluster.max_load + 1, sizeof *law->q[c]);
  return testudo_i_arena_check(&law->arena, error);
}

static testudo_status fill_error_law(testudo_error_law *law, const testudo_design *design,
                                     const testudo_delay_model *model, const testudo_analysis_options *options,
                                     testudo_error *error)
{
  const testudo_i_delay known = {.model = model};
  bool whole = testudo_design_report_for(design, options->report) == TESTUDO_REPORT_WHOLE, covered;
  TESTUDO_I_TRY(testudo_delay_check(model, testudo_design_workers(design), error));
  TESTUDO_I_TRY(testudo_i_cover_rule(design, options->report, &law->rule, &covered, error));
  if (!covered || testudo_i_has_own_steps(design))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the error of scheme %s has no closed distribution here, it is simulated only",
                          testudo_i_scheme_of(design)->name);
  if (testudo_i_wants_brackets(model, testudo_design_max_load(design)))
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the distribution of the error is not known of sums that are only bracketed");
  TESTUDO_I_TRY(testudo_i_error_shift(design, model, whole, &law->shift, error));
  TESTUDO_I_TRY(testudo_i_cluster_init(&law->cluster, design, &known, whole, error));
  law->degree = testudo_i_cluster_failed(&law->cluster);
  law->fail = (double)law->degree / law->cluster.workers;
  TESTUDO_I_TRY(testudo_i_cover_make(&law->cluster, &law->rule, TESTUDO_I_COVER_ERROR, &law->arena, &law->cover,
                                     error));
  TESTUDO_I_TRY(testudo_i_cover_kinds(&law->cover, &law->arena, error));
  TESTUDO_I_TRY(add_parts(law, options->max_states, error));
  return make_room(law, options->max_states, error);
}

testudo_status testudo_error_law_create(const testudo_design *design, const testudo_delay_model *model,
                                        const testudo_analysis_options *options, testudo_error_law **law,
                                        testudo_error *error)
{
  testudo_error_law *made = testudo_i_calloc(1, sizeof *made);
  *law = NULL;
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->monitor = options->monitor;
  TESTUDO_I_HAND_OVER(fill_error_law(made, design, model, options, error), made, testudo_error_law_free, law);
}

void testudo_error_law_free(testudo_error_law *law)
{
  if (law == NULL)
    return;
  testudo_i_rule_clear(&law->rule);
  testudo_i_arena_clear(&law->arena);
  testudo_i_cluster_free(&law->cluster);
  free(law);
}
