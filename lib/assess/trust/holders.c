/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of holders that just decode a chunk: all of them, or a climb among them. */
#include "assess/trust/holders.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "linalg/dense.h"
#include "runtime/design.h"
#include "runtime/scheme/partial.h"

/* Sets in a row that are no worse before another chunk gets its turn. */
enum { PATIENCE = 20 };

typedef struct holding {
  testudo_i_probe *probe;
  const testudo_i_trust_visitor *visitor;
  int64_t steps, *visited;
  int32_t chunk, holders, parts;
  int32_t *member; /* indices of the chunk's holders; the first `parts` have done it */
} holding;

static void take_chunk(holding *h, int32_t chunk)
{
  h->chunk = chunk;
  h->holders = testudo_design_replication(h->probe->trip.design, chunk);
  for (int32_t k = 0; k < h->holders; k++)
    h->member[k] = k;
}

static testudo_status look_at_holders(holding *h, testudo_i_probe_numbers *numbers, testudo_error *error)
{
  testudo_progress *progress = h->probe->trip.progress;
  const testudo_design *design = h->probe->trip.design;
  const int32_t *holder = testudo_design_holders(design, h->chunk), *place = testudo_design_places(design, h->chunk);
  if (*h->visited % 16 == 0 && h->visitor->stopped(h->visitor->context, (double)*h->visited / (double)h->steps))
    return TESTUDO_INTERRUPTED;
  testudo_progress_reset(progress);
  for (int32_t k = h->parts; k < h->holders; k++)
    TESTUDO_I_TRY(testudo_progress_mark(progress, holder[h->member[k]], place[h->member[k]] - 1, error));
  for (int32_t j = 0, k; j < design->workers; j++) {
    for (k = h->parts; k < h->holders && holder[h->member[k]] != j;)
      k++;
    if (k >= h->holders)
      TESTUDO_I_TRY(testudo_progress_mark(progress, j, testudo_design_load(design, j), error));
  }
  TESTUDO_I_TRY(testudo_i_probe_look(h->probe, numbers, error));
  ++*h->visited;
  h->visitor->visit(h->visitor->context, numbers);
  return TESTUDO_OK;
}

/* The next combination in lexical order is put first in member, what is left over behind it; false after the last. */
static bool next_set(holding *h, int32_t *first)
{
  int32_t n = h->holders, l = h->parts, rest = l;
  if (!testudo_i_next_subset(first, l, n))
    return false;
  for (int32_t k = 0, taken = 0; k < n; k++)
    if (taken < l && first[taken] == k)
      h->member[taken++] = k;
    else
      h->member[rest++] = k;
  return true;
}

static testudo_status visit_all(holding *h, int32_t *first, testudo_error *error)
{
  testudo_i_probe_numbers numbers;
  for (int32_t i = 0; i < h->probe->trip.design->chunks; i++) {
    take_chunk(h, i);
    for (int32_t k = 0; k < h->parts; k++)
      first[k] = k;
    do
      TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
    while (next_set(h, first));
  }
  return TESTUDO_OK;
}

static testudo_status climb_holders(holding *h, uint64_t seed, testudo_error *error)
{
  testudo_i_probe_numbers numbers;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, 0, 2);
  while (*h->visited < h->steps) {
    take_chunk(h, (int32_t)testudo_i_random_below(&random, (uint64_t)h->probe->trip.design->chunks));
    testudo_i_random_shuffle(&random, h->member, (size_t)h->holders);
    TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
    double current = numbers.amplification;
    for (int in_vain = 0; in_vain < PATIENCE && h->holders > h->parts && *h->visited < h->steps;) {
      int32_t out = (int32_t)testudo_i_random_below(&random, (uint64_t)h->parts);
      int32_t in = h->parts + (int32_t)testudo_i_random_below(&random, (uint64_t)(h->holders - h->parts));
      testudo_i_swap(&h->member[out], &h->member[in]);
      TESTUDO_I_TRY(look_at_holders(h, &numbers, error));
      if (numbers.amplification > current) {
        current = numbers.amplification;
        in_vain = 0;
      } else {
        testudo_i_swap(&h->member[out], &h->member[in]);
        in_vain++;
      }
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_trust_holders(testudo_i_probe *probe, uint64_t seed, int64_t steps,
                                       const testudo_i_trust_visitor *visitor, int64_t *visited, bool *exhaustive,
                                       testudo_error *error)
{
  const testudo_design *design = probe->trip.design;
  double sets = testudo_i_partial_sets(design);
  *exhaustive = sets <= (double)steps;
  holding h = {.probe = probe, .visitor = visitor, .steps = *exhaustive ? (int64_t)sets : steps, .visited = visited,
               .parts = design->parts};
  h.member = testudo_i_arena_alloc(&probe->arena, (size_t)design->max_replication, sizeof *h.member);
  int32_t *first = testudo_i_arena_alloc(&probe->arena, (size_t)design->parts, sizeof *first);
  TESTUDO_I_TRY(testudo_i_arena_check(&probe->arena, error));
  return *exhaustive ? visit_all(&h, first, error) : climb_holders(&h, seed, error);
}

/* ---- do they decode? ---- */

/* All sets are tried where there are so few. */
enum { FEW_SETS = 20000, SAMPLED_SETS = 2000 };

/* Columns over their lengths are no longer independent to rounding. */
#define SINGULAR 1e12

typedef struct holder_test {
  const testudo_design *design;
  const testudo_monitor *monitor;
  testudo_code_check *check;
  int32_t chunk, *member;    /* of its holders; the first `parts` */
  double *columns, *inverse, *work;
  testudo_i_arena arena;
} holder_test;

static void holder_test_clear(holder_test *test)
{
  testudo_i_arena_clear(&test->arena);
}

/* "chunk 3: workers 0, 1". */
static void name_holders(const holder_test *test)
{
  char *text = test->check->first;
  size_t room = sizeof test->check->first;
  if (*text != '\0')
    return;
  size_t length = (size_t)snprintf(text, room, "chunk %d: workers", (int)test->chunk);
  for (int32_t k = 0; k < test->design->parts && length + 16 < room; k++)
    length += (size_t)snprintf(text + length, room - length, "%s %d", k == 0 ? "" : ",",
                               (int)testudo_design_holders(test->design, test->chunk)[test->member[k]]);
}

static void collect_unit_columns(const holder_test *test)
{
  const int32_t *holder = testudo_design_holders(test->design, test->chunk);
  for (int32_t k = 0; k < test->design->parts; k++)
    testudo_i_partial_unit_column(test->design, holder[test->member[k]],
                                  test->columns + (size_t)k * (size_t)test->design->parts);
}

/* The largest number of U Z - I. */
static double inverse_residual(const double *columns, const double *inverse, size_t parts)
{
  double largest = 0.0;
  for (size_t row = 0; row < parts; row++)
    for (size_t p = 0; p < parts; p++) {
      double sum = row == p ? -1.0 : 0.0;
      for (size_t k = 0; k < parts; k++)
        sum += columns[k * parts + row] * inverse[p * parts + k];
      largest = fmax(largest, fabs(sum));
    }
  return largest;
}

static testudo_status try_holders(holder_test *test, testudo_error *error)
{
  int32_t parts = test->design->parts;
  double condition;
  testudo_code_check *check = test->check;
  collect_unit_columns(test);
  TESTUDO_I_TRY(testudo_i_pseudo_inverse(parts, parts, test->columns, test->inverse, &condition, test->work, error));
  collect_unit_columns(test);
  bool failed = !(condition <= SINGULAR), refused = !failed && condition > TESTUDO_MAX_AMPLIFICATION;
  check->sets++;
  check->failed += failed;
  check->refused += refused;
  if (failed || refused)
    name_holders(test);
  if (!refused)
    check->residual = fmax(check->residual, inverse_residual(test->columns, test->inverse, (size_t)parts));
  return check->sets % 64 == 0 && testudo_i_stopped(test->monitor, -1.0)
             ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "the test of the coefficients was interrupted")
             : TESTUDO_OK;
}

static testudo_status try_all_holders(holder_test *test, testudo_error *error)
{
  for (test->chunk = 0; test->chunk < test->design->chunks; test->chunk++) {
    int32_t holders = testudo_design_replication(test->design, test->chunk);
    for (int32_t k = 0; k < holders; k++)
      test->member[k] = k;
    do
      TESTUDO_I_TRY(try_holders(test, error));
    while (testudo_i_next_subset(test->member, test->design->parts, holders));
  }
  return TESTUDO_OK;
}

static testudo_status try_sampled_holders(holder_test *test, testudo_error *error)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, 0, 5);
  for (int64_t set = 0; set < SAMPLED_SETS; set++) {
    test->chunk = (int32_t)testudo_i_random_below(&random, (uint64_t)test->design->chunks);
    int32_t holders = testudo_design_replication(test->design, test->chunk);
    for (int32_t k = 0; k < holders; k++)
      test->member[k] = k;
    testudo_i_random_shuffle(&random, test->member, (size_t)holders);
    TESTUDO_I_TRY(try_holders(test, error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_verify_holders(const testudo_design *design, const testudo_monitor *monitor,
                                        testudo_code_check *check, testudo_error *error)
{
  TESTUDO_I_HELD(holder_test_clear) holder_test test = {.design = design, .monitor = monitor, .check = check};
  size_t parts = (size_t)design->parts;
  check->holders = true;
  check->possible = testudo_i_partial_sets(design);
  check->exhaustive = check->possible <= FEW_SETS;
  test.member = testudo_i_arena_alloc(&test.arena, (size_t)design->max_replication, sizeof *test.member);
  test.columns = testudo_i_arena_alloc(&test.arena, parts * parts, sizeof *test.columns);
  test.inverse = testudo_i_arena_alloc(&test.arena, parts * parts, sizeof *test.inverse);
  test.work = testudo_i_arena_alloc(&test.arena, testudo_i_pseudo_inverse_room(design->parts, design->parts),
                                    sizeof *test.work);
  TESTUDO_I_TRY(testudo_i_arena_check(&test.arena, error));
  return check->exhaustive ? try_all_holders(&test, error) : try_sampled_holders(&test, error);
}
