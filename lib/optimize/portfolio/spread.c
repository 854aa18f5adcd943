/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers by other numbers, so that no two of a domain share a chunk. Of groups that hold the same each takes a worker
   of every domain that is large enough first; of other assignments this is a heuristic, begun again some times. */
#include "optimize/portfolio/pool.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/random.h"
#include "optimize/local/holding.h"

typedef struct spread {
  const testudo_assignment *orders;
  const int32_t *domain;
  testudo_i_holding holding;
  int32_t *component;     /* by place: the first place that is tied to it by chunks */
  int32_t *left;          /* by component: places without a worker */
  int32_t *worker;        /* by place, -1: none yet */
  int32_t *blocked;       /* by place: the domain that must not come there, + 1 */
  int32_t *listed;        /* workers, one domain after the other, the largest first */
} spread;

/* The places that hold a chunk: rows of the assignment, the h-th of all of them. */
static int32_t holder(const spread *s, int64_t h)
{
  return s->holding.worker[s->holding.holder[h]];
}

/* Is no domain twice among the holders of a chunk? `seen`: a number per domain. */
static bool lies_apart(const spread *s, int32_t *seen)
{
  memset(seen, 0, (size_t)s->orders->workers * sizeof *seen);
  for (int32_t i = 0; i < s->orders->chunks; i++)
    for (int64_t h = s->holding.holder_row[i]; h < s->holding.holder_row[i + 1]; h++) {
      int32_t *here = &seen[s->domain[holder(s, h)]];
      if (*here == i + 1)
        return false;
      *here = i + 1;
    }
  return true;
}

static int32_t root_of(int32_t *component, int32_t place)
{
  while (component[place] != place)
    place = component[place] = component[component[place]];
  return place;
}

static void find_components(spread *s)
{
  for (int32_t j = 0; j < s->orders->workers; j++)
    s->component[j] = j;
  for (int32_t i = 0; i < s->orders->chunks; i++)
    for (int64_t h = s->holding.holder_row[i] + 1; h < s->holding.holder_row[i + 1]; h++)
      s->component[root_of(s->component, holder(s, h))] = root_of(s->component, holder(s, s->holding.holder_row[i]));
  for (int32_t j = 0; j < s->orders->workers; j++)
    s->component[j] = root_of(s->component, j);
}

static void list_workers(spread *s, int32_t *size)
{
  int32_t workers = s->orders->workers, listed = 0;
  memset(size, 0, (size_t)workers * sizeof *size);
  for (int32_t j = 0; j < workers; j++)
    size[s->domain[j]]++;
  while (listed < workers) {
    int32_t largest = 0;
    for (int32_t d = 1; d < workers; d++)
      largest = size[d] > size[largest] ? d : largest;
    for (int32_t j = 0; j < workers; j++)
      if (s->domain[j] == largest)
        s->listed[listed++] = j;
    size[largest] = 0;
  }
}

/* The free place that is not blocked for the domain, in the component with most free places; looking from `from` on. */
static int32_t best_place(const spread *s, int32_t domain, int32_t from)
{
  int32_t best = -1, workers = s->orders->workers;
  for (int32_t k = 0; k < workers; k++) {
    int32_t place = (from + k) % workers;
    if (s->worker[place] < 0 && s->blocked[place] != domain + 1 &&
        (best < 0 || s->left[s->component[place]] > s->left[s->component[best]]))
      best = place;
  }
  return best;
}

static bool deal_workers(spread *s, testudo_i_random *random)
{
  const testudo_assignment *a = s->orders;
  size_t workers = (size_t)a->workers;
  memset(s->blocked, 0, workers * sizeof *s->blocked);
  memset(s->left, 0, workers * sizeof *s->left);
  for (size_t j = 0; j < workers; j++) {
    s->worker[j] = -1;
    s->left[s->component[j]]++;
  }
  for (size_t k = 0; k < workers; k++) {
    int32_t domain = s->domain[s->listed[k]];
    int32_t place = best_place(s, domain, (int32_t)testudo_i_random_below(random, workers));
    if (place < 0)
      return false;
    s->worker[place] = s->listed[k];
    s->left[s->component[place]]--;
    for (int64_t e = a->row[place]; e < a->row[place + 1]; e++)
      for (int64_t h = s->holding.holder_row[a->chunk[e]]; h < s->holding.holder_row[a->chunk[e] + 1]; h++)
        s->blocked[holder(s, h)] = domain + 1;
  }
  return true;
}

/* The order at a place becomes that of its worker. */
static testudo_status renumber(const spread *s, testudo_assignment *orders, testudo_error *error)
{
  testudo_assignment moved = {.workers = orders->workers, .chunks = orders->chunks};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t workers = (size_t)orders->workers, entries = (size_t)orders->row[workers];
  moved.row = testudo_i_arena_calloc(&arena, workers + 1, sizeof *moved.row);
  moved.chunk = testudo_i_arena_alloc(&arena, entries, sizeof *moved.chunk);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (size_t place = 0; place < workers; place++)
    moved.row[s->worker[place] + 1] = orders->row[place + 1] - orders->row[place];
  for (size_t j = 0; j < workers; j++)
    moved.row[j + 1] += moved.row[j];
  for (size_t place = 0; place < workers; place++)
    memcpy(moved.chunk + moved.row[s->worker[place]], orders->chunk + orders->row[place],
           (size_t)(orders->row[place + 1] - orders->row[place]) * sizeof *moved.chunk);
  memcpy(orders->row, moved.row, (workers + 1) * sizeof *moved.row);
  memcpy(orders->chunk, moved.chunk, entries * sizeof *moved.chunk);
  return TESTUDO_OK;
}

testudo_status testudo_i_spread(testudo_assignment *orders, const int32_t *domain, bool alike, uint64_t seed,
                                bool *apart, testudo_error *error)
{
  enum { TRIES = 20 };
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t workers = (size_t)orders->workers;
  spread s = {.orders = orders, .domain = domain};
  TESTUDO_I_TRY(testudo_i_holding_make(&s.holding, &arena, orders, error));
  int32_t *room = testudo_i_arena_alloc(&arena, workers, 6 * sizeof *room);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  s.component = room;
  s.left = room + workers;
  s.worker = room + 2 * workers;
  s.blocked = room + 3 * workers;
  s.listed = room + 4 * workers;
  *apart = lies_apart(&s, s.left);
  if (*apart || !alike)
    return TESTUDO_OK;
  find_components(&s);
  list_workers(&s, room + 5 * workers);
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, 0, 12);
  for (int k = 0; k < TRIES && !*apart; k++)
    *apart = deal_workers(&s, &random);
  return *apart ? renumber(&s, orders, error) : TESTUDO_OK;
}
