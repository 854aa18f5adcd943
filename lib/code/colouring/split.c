/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Euler split without Euler tours. Pair the edges at every vertex, on both sides. An edge then has one left and one
   right partner, so the edges fall into cycles that leave a vertex by the partner of the edge they came by; giving them
   to `low` and `high` in turn gives every vertex half of each, because partners always differ.

   Edges lie by left vertex, so the left partner of edge e is e ^ 1, and only right partners are stored. Following a
   cycle is one dependent cache miss a pair of edges; therefore many walkers follow cycles at the same time, each
   asking for its next cache line before the others move. Where a walker runs into another's track it leaves a segment
   behind, whose orientation is settled afterwards. */
#include "code/colouring/colouring.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

/* After a pair has been walked, the slot of its edge in the walker's low half holds CLAIMED and the segment, the other
   slot holds TAKEN. */
#define CLAIMED UINT32_C(0x80000000)
#define TAKEN UINT32_MAX
#define WALKERS 24

/* A track that ran into other tracks at both ends. */
struct segment {
  uint32_t front; /* the edge that would have come next: low in this segment's view; NONE: the track closed */
  uint32_t back;  /* the right partner of the first edge: high in this segment's view */
  bool flipped, settled;
};

struct walker {
  uint32_t start, at;
  uint32_t segment;
};

struct testudo_i_splitter {
  testudo_i_arena arena; /* of all but the segments */
  const uint32_t *bin;
  uint32_t *partner;      /* one per edge */
  uint32_t *open, *open_bin; /* by right vertex, by right bin: an edge without partner, or NONE; all NONE at rest */
  struct segment *segment;
  size_t segments, segment_room;
};

testudo_status testudo_i_splitter_create(const testudo_i_padded *padded, testudo_i_splitter **splitter,
                                         testudo_error *error)
{
  testudo_i_splitter *made = testudo_i_calloc(1, sizeof *made);
  *splitter = made;
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->bin = padded->bin;
  made->partner = testudo_i_arena_alloc(&made->arena, (size_t)padded->count, sizeof *made->partner);
  made->open = testudo_i_arena_alloc(&made->arena, padded->rights, sizeof *made->open);
  made->open_bin = testudo_i_arena_alloc(&made->arena, (size_t)padded->bins, sizeof *made->open_bin);
  TESTUDO_I_TRY(testudo_i_arena_check(&made->arena, error));
  for (uint32_t v = 0; v < padded->rights; v++)
    made->open[v] = TESTUDO_I_NONE;
  for (int32_t b = 0; b < padded->bins; b++)
    made->open_bin[b] = TESTUDO_I_NONE;
  return TESTUDO_OK;
}

void testudo_i_splitter_free(testudo_i_splitter *splitter)
{
  if (splitter == NULL)
    return;
  testudo_i_arena_clear(&splitter->arena);
  free(splitter->segment);
  free(splitter);
}

/* Pairs edge e with the one waiting at *open, or lets it wait; returns the change in how many wait. */
static inline int pair_up(uint32_t *partner, uint32_t *open, uint32_t e)
{
  uint32_t other = *open;
  if (other == TESTUDO_I_NONE) {
    *open = e;
    return 1;
  }
  partner[other] = e;
  partner[e] = other;
  *open = TESTUDO_I_NONE;
  return -1;
}

/* Within a vertex first, so that merged vertices are halved too; then the odd ones within their bin. */
static void pair_right(testudo_i_splitter *splitter, const testudo_i_edge *edge, uint32_t count)
{
  int64_t waiting = 0;
  for (uint32_t e = 0; e < count; e++)
    waiting += pair_up(splitter->partner, &splitter->open[edge[e].right], e);
  for (uint32_t e = 0; e < count && waiting > 0; e++)
    if (splitter->open[edge[e].right] == e) {
      splitter->open[edge[e].right] = TESTUDO_I_NONE;
      pair_up(splitter->partner, &splitter->open_bin[splitter->bin[edge[e].right]], e);
      waiting--;
    }
}

static testudo_status new_segment(testudo_i_splitter *splitter, uint32_t *number, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(splitter->segment, splitter->segment_room, splitter->segments + 1, error));
  splitter->segment[splitter->segments] = (struct segment){TESTUDO_I_NONE, TESTUDO_I_NONE, false, false};
  *number = (uint32_t)splitter->segments++;
  return TESTUDO_OK;
}

static inline void claim(uint32_t *partner, struct walker *walker, uint32_t e)
{
  uint32_t next = partner[e ^ 1];
  partner[e] = CLAIMED | walker->segment;
  partner[e ^ 1] = TAKEN;
  walker->at = next;
  TESTUDO_I_PREFETCH(&partner[next], 1);
}

/* Puts a walker on the next free pair at or after *next; false when there is none. */
static bool start_walker(testudo_i_splitter *splitter, struct walker *walker, uint32_t *next, uint32_t count)
{
  const uint32_t *partner = splitter->partner;
  while (*next < count && (partner[*next] & CLAIMED) != 0)
    *next += 2;
  if (*next >= count)
    return false;
  walker->start = *next;
  splitter->segment[walker->segment].back = partner[*next];
  claim(splitter->partner, walker, *next);
  return true;
}

/* The walker stands before a claimed edge: its own start (the track is a whole cycle and its segment can be used again)
   or another track. */
static testudo_status end_track(testudo_i_splitter *splitter, struct walker *walker, testudo_error *error)
{
  if (walker->at == walker->start)
    return TESTUDO_OK;
  splitter->segment[walker->segment].front = walker->at;
  return new_segment(splitter, &walker->segment, error);
}

static testudo_status walk(testudo_i_splitter *splitter, uint32_t count, testudo_error *error)
{
  struct walker walker[WALKERS];
  uint32_t *partner = splitter->partner;
  uint32_t next = 0;
  int walking = 0;
  splitter->segments = 0;
  for (bool started = true; started && walking < WALKERS; walking += started) {
    TESTUDO_I_TRY(new_segment(splitter, &walker[walking].segment, error));
    started = start_walker(splitter, &walker[walking], &next, count);
  }
  while (walking > 0)
    for (int w = 0; w < walking; w++) {
      uint32_t e = walker[w].at;
      if ((partner[e] & CLAIMED) == 0) {
        claim(partner, &walker[w], e);
        continue;
      }
      TESTUDO_I_TRY(end_track(splitter, &walker[w], error));
      if (!start_walker(splitter, &walker[w], &next, count))
        walker[w--] = walker[--walking];
    }
  return TESTUDO_OK;
}

/* The segment that walked over edge e, and whether e is low in its view. */
static uint32_t segment_at(const uint32_t *partner, uint32_t e, bool *low)
{
  *low = partner[e] != TAKEN;
  return (*low ? partner[e] : partner[e ^ 1]) & ~CLAIMED;
}

/* Segments that touch form cycles in which every one knows both neighbours; going around once fixes them all. */
static void settle_segments(testudo_i_splitter *splitter)
{
  struct segment *segment = splitter->segment;
  for (size_t first = 0; first < splitter->segments; first++) {
    uint32_t now = (uint32_t)first;
    while (segment[now].front != TESTUDO_I_NONE) {
      segment[now].settled = true;
      bool low;
      uint32_t neighbour = segment_at(splitter->partner, segment[now].front, &low);
      bool flip = segment[now].flipped != !low;
      if (segment[neighbour].settled) {
        neighbour = segment_at(splitter->partner, segment[now].back, &low);
        flip = segment[now].flipped != low;
      }
      if (segment[neighbour].settled)
        break;
      segment[neighbour].flipped = flip;
      now = neighbour;
    }
  }
}

testudo_status testudo_i_split(testudo_i_splitter *splitter, const testudo_i_edge *edge, int64_t count,
                               testudo_i_edge *low, testudo_i_edge *high, testudo_error *error)
{
  pair_right(splitter, edge, (uint32_t)count);
  TESTUDO_I_TRY(walk(splitter, (uint32_t)count, error));
  settle_segments(splitter);
  for (int64_t k = 0; k < count / 2; k++) {
    bool first_low;
    uint32_t number = segment_at(splitter->partner, (uint32_t)(2 * k), &first_low);
    first_low ^= splitter->segment[number].flipped;
    low[k] = edge[2 * k + !first_low];
    high[k] = edge[2 * k + first_low];
  }
  return TESTUDO_OK;
}
