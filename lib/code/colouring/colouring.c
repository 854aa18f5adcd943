/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours by halving the degree again and again, with a matching peeled off where it is odd. */
#include "code/colouring/colouring.h"

#include "base/error.h"
#include "base/limits.h"

/* Every split halves the degree and leaves one sibling behind. */
#define STACK 64

/* A part of the padded graph that waits for colours first .. first + degree - 1. */
struct part {
  int64_t offset; /* of its edges in buffer[which] */
  int32_t degree, first;
  int which;
};

struct colourer {
  testudo_i_arena arena;
  testudo_i_padded padded;
  testudo_i_edge *buffer[2]; /* [0] is padded.edge; a split goes from one to the other, at the same offset */
  testudo_i_splitter *splitter;
  uint32_t *matched;
  int32_t *colour;
  int64_t coloured; /* edges */
  struct part stack[STACK];
  int waiting;
};

static void give_colour(struct colourer *colourer, testudo_i_edge edge, int32_t colour)
{
  if (edge.id != TESTUDO_I_NONE)
    colourer->colour[edge.id] = colour;
}

/* Takes a perfect matching out; it gets the middle colour, so that a chunk of low degree, whose edges the splits share
   out evenly, has about as many early as late places. */
static testudo_status peel_matching(struct colourer *colourer, struct part *part, const testudo_monitor *monitor,
                                    testudo_error *error)
{
  testudo_i_edge *edge = colourer->buffer[part->which] + part->offset;
  int32_t bins = colourer->padded.bins;
  /* The other buffer is free between splits; the walk over the graph is quicker on bare numbers. */
  uint32_t *to = (uint32_t *)(colourer->buffer[1 - part->which] + part->offset);
  for (int64_t k = 0; k < (int64_t)bins * part->degree; k++)
    to[k] = colourer->padded.bin[edge[k].right];
  TESTUDO_I_TRY(testudo_i_perfect_matching(to, bins, part->degree, colourer->matched, monitor, error));
  int64_t kept = 0, e = 0;
  for (int32_t b = 0; b < bins; b++)
    for (int32_t k = 0; k < part->degree; k++, e++) {
      if (e == colourer->matched[b])
        give_colour(colourer, edge[e], part->first + part->degree / 2);
      else
        edge[kept++] = edge[e];
    }
  colourer->coloured += bins;
  return TESTUDO_OK;
}

/* Colours a part of degree 1 or puts its halves on the stack. */
static testudo_status work_on(struct colourer *colourer, struct part part, const testudo_monitor *monitor,
                              testudo_error *error)
{
  int64_t bins = colourer->padded.bins;
  int32_t half = part.degree / 2;
  testudo_i_edge *edge = colourer->buffer[part.which] + part.offset;
  if (part.degree == 1) {
    for (int64_t b = 0; b < bins; b++)
      give_colour(colourer, edge[b], part.first);
    colourer->coloured += bins;
    return TESTUDO_OK;
  }
  bool odd = part.degree % 2 != 0;
  if (odd)
    TESTUDO_I_TRY(peel_matching(colourer, &part, monitor, error));
  testudo_i_edge *low = colourer->buffer[1 - part.which] + part.offset, *high = low + bins * half;
  TESTUDO_I_TRY(testudo_i_split(colourer->splitter, edge, 2 * bins * half, low, high, error));
  colourer->stack[colourer->waiting++] =
      (struct part){part.offset + bins * half, half, part.first + half + odd, 1 - part.which};
  colourer->stack[colourer->waiting++] = (struct part){part.offset, half, part.first, 1 - part.which};
  return TESTUDO_OK;
}

static void clear_colourer(struct colourer *colourer)
{
  testudo_i_splitter_free(colourer->splitter);
  testudo_i_arena_clear(&colourer->arena);
}

testudo_status testudo_i_edge_colouring(const testudo_assignment *assignment, int32_t *colour, int32_t *colours,
                                        const testudo_monitor *monitor, testudo_error *error)
{
  int64_t entries = assignment->row[assignment->workers];
  *colours = 0;
  if (entries == 0)
    return TESTUDO_OK;
  if (entries > TESTUDO_I_LIMIT_COLOURED_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "matching order: %lld entries (worker, chunk), but the limit is %lld",
                          (long long)entries, (long long)TESTUDO_I_LIMIT_COLOURED_ENTRIES);
  TESTUDO_I_HELD(clear_colourer) struct colourer colourer = {.colour = colour};
  TESTUDO_I_TRY(testudo_i_pad(assignment, &colourer.arena, &colourer.padded, error));
  colourer.buffer[0] = colourer.padded.edge;
  size_t count = (size_t)colourer.padded.count, bins = (size_t)colourer.padded.bins;
  colourer.buffer[1] = testudo_i_arena_alloc(&colourer.arena, count, sizeof *colourer.buffer[1]);
  colourer.matched = testudo_i_arena_alloc(&colourer.arena, bins, sizeof *colourer.matched);
  TESTUDO_I_TRY(testudo_i_arena_check(&colourer.arena, error));
  TESTUDO_I_TRY(testudo_i_splitter_create(&colourer.padded, &colourer.splitter, error));
  colourer.stack[colourer.waiting++] = (struct part){0, colourer.padded.degree, 0, 0};
  while (colourer.waiting > 0) {
    if (testudo_i_stopped(monitor, (double)colourer.coloured / (double)colourer.padded.count))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted while colouring edges");
    TESTUDO_I_TRY(work_on(&colourer, colourer.stack[--colourer.waiting], monitor, error));
  }
  *colours = colourer.padded.degree;
  return TESTUDO_OK;
}
