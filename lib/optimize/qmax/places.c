/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders as worths of places: of a design, of a quotient of it, and back. */
#include "optimize/qmax/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "code/assignment.h"

void testudo_i_places_free(testudo_i_places *places)
{
  testudo_assignment_free(&places->orders);
  free(places->first);
  free(places->counted);
  *places = (testudo_i_places){.loads = 0};
}

static testudo_status allocate_places(testudo_i_places *places, int32_t chunks, testudo_error *error)
{
  places->counted = testudo_i_alloc((size_t)chunks, sizeof *places->counted);
  places->first = testudo_i_calloc((size_t)chunks + 1, sizeof *places->first);
  return testudo_i_memory_check(places->counted != NULL && places->first != NULL, error);
}

/* Everything that follows from orders and counted. */
static void derive(testudo_i_places *places)
{
  const testudo_assignment *orders = &places->orders;
  places->loads = orders->row[orders->workers];
  for (int64_t e = 0; e < places->loads; e++)
    places->first[orders->chunk[e] + 1]++;
  for (int32_t i = 0; i < orders->chunks; i++) {
    if (places->first[i + 1] > places->max_holders)
      places->max_holders = (int32_t)places->first[i + 1];
    places->first[i + 1] += places->first[i];
  }
  for (int32_t j = 0; j < orders->workers; j++)
    if (orders->row[j + 1] - orders->row[j] > places->max_load)
      places->max_load = (int32_t)(orders->row[j + 1] - orders->row[j]);
}

testudo_status testudo_i_places_make(const testudo_design *design, int32_t level, testudo_i_places *places,
                                     testudo_error *error)
{
  *places = (testudo_i_places){.loads = 0};
  int32_t chunks = testudo_design_chunks(design);
  TESTUDO_I_TRY(testudo_design_orders(design, &places->orders, error));
  TESTUDO_I_TRY(allocate_places(places, chunks, error));
  for (int32_t i = 0; i < chunks; i++)
    places->counted[i] = testudo_design_replication(design, i) - level + 1;
  derive(places);
  return TESTUDO_OK;
}

testudo_status testudo_i_places_quotient(const testudo_i_places *whole, int32_t workers, int32_t chunks,
                                         testudo_i_places *places, testudo_error *error)
{
  *places = (testudo_i_places){.loads = 0};
  const testudo_assignment first = {workers, chunks, whole->orders.row, whole->orders.chunk};
  TESTUDO_I_TRY(testudo_i_assignment_copy(&places->orders, &first, error));
  for (int64_t e = 0; e < first.row[workers]; e++)
    places->orders.chunk[e] %= chunks;
  TESTUDO_I_TRY(allocate_places(places, chunks, error));
  memcpy(places->counted, whole->counted, (size_t)chunks * sizeof *places->counted);
  derive(places);
  return TESTUDO_OK;
}

bool testudo_i_places_repeat(const testudo_i_places *whole, int32_t workers, int32_t chunks, int32_t *held)
{
  const testudo_assignment *orders = &whole->orders;
  for (int32_t i = 0; i < orders->chunks; i++)
    held[i] = -1;
  for (int32_t j = 0; j < orders->workers; j++) {
    int32_t next = (j + workers) % orders->workers;
    int64_t load = orders->row[j + 1] - orders->row[j];
    if (orders->row[next + 1] - orders->row[next] != load)
      return false;
    for (int64_t e = orders->row[next]; e < orders->row[next + 1]; e++)
      held[orders->chunk[e]] = next;
    for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++)
      if (held[(orders->chunk[e] + chunks) % orders->chunks] != next)
        return false;
  }
  return true;
}

/* A worker of the quotient is one of the whole; its copies of a chunk are numbered in any way. */
static void spread_worker(const int32_t *order, const testudo_i_places *quotient, testudo_i_places *whole, int32_t j,
                          int32_t *own)
{
  int64_t first = quotient->orders.row[j], load = quotient->orders.row[j + 1] - first;
  memcpy(own, whole->orders.chunk + first, (size_t)load * sizeof *own);
  for (int64_t k = 0; k < load; k++) {
    int64_t at = k;
    while (own[at] % quotient->orders.chunks != order[first + k])
      at++;
    whole->orders.chunk[first + k] = own[at];
    own[at] = own[k];
  }
}

testudo_status testudo_i_places_spread(const int32_t *order, const testudo_i_places *quotient, testudo_i_places *whole,
                                       testudo_error *error)
{
  testudo_assignment *large = &whole->orders;
  int32_t workers = quotient->orders.workers, chunks = quotient->orders.chunks;
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *own = testudo_i_alloc((size_t)whole->max_load, sizeof *own);
  TESTUDO_I_TRY(testudo_i_memory_check(own != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    spread_worker(order, quotient, whole, j, own);
  for (int32_t j = workers; j < large->workers; j++)
    for (int64_t k = 0; k < large->row[j + 1] - large->row[j]; k++)
      large->chunk[large->row[j] + k] = (large->chunk[large->row[j - workers] + k] + chunks) % large->chunks;
  return TESTUDO_OK;
}

int64_t testudo_i_places_least(const testudo_i_places *places, int32_t *worth)
{
  const testudo_assignment *orders = &places->orders;
  int64_t *first = places->first, least = INT64_MAX;
  /* first[i] runs to first[i+1] while chunk i is filled, and is put back below. */
  for (int32_t j = 0; j < orders->workers; j++)
    for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++)
      worth[first[orders->chunk[e]]++] = (int32_t)(orders->row[j + 1] - e);
  memmove(first + 1, first, (size_t)orders->chunks * sizeof *first);
  first[0] = 0;
  for (int32_t i = 0; i < orders->chunks; i++) {
    int64_t sum = 0;
    qsort(worth + first[i], (size_t)(first[i + 1] - first[i]), sizeof *worth, testudo_i_ascending_int32);
    for (int32_t k = 0; k < places->counted[i]; k++)
      sum += worth[first[i] + k];
    if (sum < least)
      least = sum;
  }
  return least;
}
