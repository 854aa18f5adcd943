/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network with capacities and costs: a largest flow, and a cheapest one among the largest. */
#ifndef TESTUDO_OPTIMIZE_PLACEMENT_NETWORK_H
#define TESTUDO_OPTIMIZE_PLACEMENT_NETWORK_H

#include <testudo/status.h>

#include <stdint.h>

#include "base/arena.h"

/* Arc a and its reverse a ^ 1; what is left of the capacity moves between the two. */
typedef struct testudo_i_network {
  int32_t nodes, source, sink;
  int32_t arcs;            /* both directions */
  int32_t *first, *next;   /* of a node; of an arc: a list that ends with -1 */
  int32_t *head, *left;    /* where it leads; what may still be sent */
  int64_t *cost;           /* per unit, >= 0 on forward arcs; at most 2^40 */
  int64_t *potential;      /* of a node: cost + potential[tail] - potential[head] >= 0 wherever something is left */
  int32_t *level, *at, *path;
  int64_t sent;
} testudo_i_network;

/* Node 0 is the source, node 1 the sink. room: forward arcs. */
TESTUDO_CHECKED testudo_status testudo_i_network_start(testudo_i_network *network, testudo_i_arena *arena,
                                                       int32_t nodes, int64_t room, testudo_error *error);
int32_t testudo_i_network_add(testudo_i_network *network, int32_t from, int32_t to, int32_t capacity, int64_t cost);

/* Sends as much as possible along arcs of no reduced cost (E. Dinic, 1970); `level` >= 0 then marks the nodes that the
   source reaches along such arcs. TESTUDO_INTERRUPTED by the monitor. */
TESTUDO_CHECKED testudo_status testudo_i_network_fill(testudo_i_network *network, int64_t wanted,
                                                      const testudo_monitor *monitor, testudo_error *error);

/* Moves the potentials so that a cheapest path has no reduced cost (E. Dijkstra, 1959). *reached: is there one? */
TESTUDO_CHECKED testudo_status testudo_i_network_price(testudo_i_network *network, bool *reached,
                                                       testudo_error *error);

#endif
