/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primal-dual method (L. Ford, D. Fulkerson, Flows in Networks, 1962): price, fill what costs nothing more, price
   again. */
#include "optimize/placement/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

testudo_status testudo_i_network_start(testudo_i_network *network, testudo_i_arena *arena, int32_t nodes, int64_t room,
                                       testudo_error *error)
{
  *network = (testudo_i_network){.nodes = nodes, .source = 0, .sink = 1};
  size_t arcs = 2 * (size_t)room, n = (size_t)nodes;
  network->first = testudo_i_arena_alloc(arena, n, sizeof *network->first);
  network->next = testudo_i_arena_alloc(arena, arcs, sizeof *network->next);
  network->head = testudo_i_arena_alloc(arena, arcs, sizeof *network->head);
  network->left = testudo_i_arena_alloc(arena, arcs, sizeof *network->left);
  network->cost = testudo_i_arena_alloc(arena, arcs, sizeof *network->cost);
  network->potential = testudo_i_arena_calloc(arena, n, sizeof *network->potential);
  network->level = testudo_i_arena_alloc(arena, n, sizeof *network->level);
  network->at = testudo_i_arena_alloc(arena, n, sizeof *network->at);
  network->path = testudo_i_arena_alloc(arena, n, sizeof *network->path);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t v = 0; v < nodes; v++)
    network->first[v] = -1;
  return TESTUDO_OK;
}

static void add_half(testudo_i_network *network, int32_t from, int32_t to, int32_t left, int64_t cost)
{
  int32_t a = network->arcs++;
  network->head[a] = to;
  network->left[a] = left;
  network->cost[a] = cost;
  network->next[a] = network->first[from];
  network->first[from] = a;
}

int32_t testudo_i_network_add(testudo_i_network *network, int32_t from, int32_t to, int32_t capacity, int64_t cost)
{
  add_half(network, from, to, capacity, cost);
  add_half(network, to, from, 0, -cost);
  return network->arcs - 2;
}

static int64_t reduced(const testudo_i_network *network, int32_t tail, int32_t arc)
{
  return network->cost[arc] + network->potential[tail] - network->potential[network->head[arc]];
}

/* ---- filling ---- */

/* Distances from the source in admissible arcs, breadth first; `path` serves as the queue. */
static bool find_levels(testudo_i_network *network)
{
  int32_t *queue = network->path, begin = 0, end = 0;
  for (int32_t v = 0; v < network->nodes; v++)
    network->level[v] = -1;
  network->level[network->source] = 0;
  queue[end++] = network->source;
  while (begin < end) {
    int32_t v = queue[begin++];
    for (int32_t a = network->first[v]; a >= 0; a = network->next[a]) {
      int32_t w = network->head[a];
      if (network->left[a] > 0 && network->level[w] < 0 && reduced(network, v, a) == 0) {
        network->level[w] = network->level[v] + 1;
        queue[end++] = w;
      }
    }
  }
  return network->level[network->sink] >= 0;
}

static void send_along(testudo_i_network *network, int32_t length)
{
  int32_t least = INT32_MAX;
  for (int32_t k = 0; k < length; k++)
    if (network->left[network->path[k]] < least)
      least = network->left[network->path[k]];
  for (int32_t k = 0; k < length; k++) {
    network->left[network->path[k]] -= least;
    network->left[network->path[k] ^ 1] += least;
  }
  network->sent += least;
}

/* Depth first along rising levels, each arc looked at once; a path is the arcs walked, so that depth costs no stack. */
static void fill_levels(testudo_i_network *network)
{
  int32_t length = 0, v = network->source;
  memcpy(network->at, network->first, (size_t)network->nodes * sizeof *network->at);
  for (;;) {
    int32_t a = network->at[v];
    if (a < 0) {
      if (length == 0)
        return;
      v = network->head[network->path[--length] ^ 1];
      network->at[v] = network->next[network->at[v]];
      continue;
    }
    int32_t w = network->head[a];
    if (network->left[a] <= 0 || network->level[w] != network->level[v] + 1 || reduced(network, v, a) != 0) {
      network->at[v] = network->next[a];
      continue;
    }
    network->path[length++] = a;
    v = w;
    if (v == network->sink) {
      send_along(network, length);
      length = 0;
      v = network->source;
    }
  }
}

testudo_status testudo_i_network_fill(testudo_i_network *network, int64_t wanted, const testudo_monitor *monitor,
                                      testudo_error *error)
{
  while (find_levels(network)) {
    if (testudo_i_stopped(monitor, (double)network->sent / (double)(wanted > 0 ? wanted : 1)))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
    fill_levels(network);
  }
  return TESTUDO_OK;
}

/* ---- pricing ---- */

typedef struct near {
  int64_t distance;
  int32_t node;
} near;

typedef struct near_heap {
  near *item;
  size_t count, room;
} near_heap;

static void clear_heap(near_heap *heap)
{
  free(heap->item);
}

static testudo_status push(near_heap *heap, near added, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(heap->item, heap->room, heap->count + 1, error));
  size_t k = heap->count++;
  for (; k > 0 && heap->item[(k - 1) / 2].distance > added.distance; k = (k - 1) / 2)
    heap->item[k] = heap->item[(k - 1) / 2];
  heap->item[k] = added;
  return TESTUDO_OK;
}

static near pop(near_heap *heap)
{
  near top = heap->item[0], last = heap->item[--heap->count];
  size_t k = 0;
  for (size_t child; (child = 2 * k + 1) < heap->count; k = child) {
    if (child + 1 < heap->count && heap->item[child + 1].distance < heap->item[child].distance)
      child++;
    if (heap->item[child].distance >= last.distance)
      break;
    heap->item[k] = heap->item[child];
  }
  heap->item[k] = last;
  return top;
}

/* Distances from the source along reduced costs. */
static testudo_status find_distances(testudo_i_network *network, int64_t *distance, near_heap *heap,
                                     testudo_error *error)
{
  for (int32_t v = 0; v < network->nodes; v++)
    distance[v] = INT64_MAX;
  distance[network->source] = 0;
  TESTUDO_I_TRY(push(heap, (near){0, network->source}, error));
  while (heap->count > 0) {
    near v = pop(heap);
    if (v.distance > distance[v.node])
      continue;
    for (int32_t a = network->first[v.node]; a >= 0; a = network->next[a]) {
      int32_t w = network->head[a];
      int64_t through = v.distance + reduced(network, v.node, a);
      if (network->left[a] <= 0 || through >= distance[w])
        continue;
      distance[w] = through;
      TESTUDO_I_TRY(push(heap, (near){through, w}, error));
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_network_price(testudo_i_network *network, bool *reached, testudo_error *error)
{
  TESTUDO_I_HELD(clear_heap) near_heap heap = {0};
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *distance = testudo_i_alloc((size_t)network->nodes, sizeof *distance);
  TESTUDO_I_TRY(testudo_i_memory_check(distance != NULL, error));
  TESTUDO_I_TRY(find_distances(network, distance, &heap, error));
  int64_t end = distance[network->sink];
  *reached = end < INT64_MAX;
  /* Nodes farther than the sink move as far as it: reduced costs stay >= 0. */
  for (int32_t v = 0; *reached && v < network->nodes; v++)
    network->potential[v] += distance[v] < end ? distance[v] : end;
  return TESTUDO_OK;
}
