/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components that are the same up to numbers: a map of one worker decides that of the others, as a worker's steps
   differ between its rows, and a row's places between its holders. Colours (what a worker and its rows look like, twice
   refined) say which components to compare, and which workers. */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "exact/elimination/cover.h"

typedef struct matcher {
  testudo_i_cover *cover;
  uint64_t *worker_colour, *row_colour;
  uint64_t *colour;       /* of each component */
  int32_t *worker_to, *row_to, *row_from; /* the map that is tried; -1: not yet */
  int32_t *queue;
  int32_t *chain, *head;  /* first components of kinds, by hash */
  size_t mask;
} matcher;

static uint64_t mix(uint64_t a, uint64_t b)
{
  return testudo_i_mix(a * UINT64_C(0x9e3779b97f4a7c15) + b + UINT64_C(0x632be59bd9b4e019));
}

static void colour_all(matcher *m)
{
  const testudo_i_cover *cover = m->cover;
  for (int32_t w = 0; w < cover->workers; w++)
    m->worker_colour[w] = mix((uint64_t)cover->class_[w], 1);
  for (int round = 0; round < 2; round++) {
    for (int32_t r = 0; r < cover->rows; r++) {
      m->row_colour[r] = mix((uint64_t)cover->need[r], (uint64_t)cover->same[r]);
      for (int64_t e = cover->held[r]; e < cover->held[r + 1]; e++)
        m->row_colour[r] += mix(m->worker_colour[cover->holder[e]], (uint64_t)cover->place[e]);
    }
    for (int32_t w = 0; w < cover->workers; w++) {
      uint64_t sum = mix((uint64_t)cover->class_[w], 2);
      for (int64_t e = cover->first[w]; e < cover->first[w + 1]; e++)
        sum += mix(m->row_colour[cover->row[e]], (uint64_t)cover->step[e]);
      m->worker_colour[w] = mix(sum, 3);
    }
  }
  for (int32_t c = 0; c < cover->components; c++) {
    bool idle = cover->row_start[c] == cover->row_start[c + 1]; /* classes do not matter */
    m->colour[c] = (uint64_t)(cover->worker_start[c + 1] - cover->worker_start[c]);
    for (int32_t w = cover->worker_start[c]; !idle && w < cover->worker_start[c + 1]; w++)
      m->colour[c] += mix(m->worker_colour[w], 4);
    for (int32_t r = cover->row_start[c]; r < cover->row_start[c + 1]; r++)
      m->colour[c] += mix(m->row_colour[r], 5);
  }
}

/* Row a of a worker counts like row b of its image; from then on they are one. */
static bool map_row(matcher *m, int32_t a, int32_t b, int32_t *queued)
{
  const testudo_i_cover *cover = m->cover;
  if (m->row_to[a] >= 0 || m->row_from[b] >= 0)
    return m->row_to[a] == b && m->row_from[b] == a;
  if (m->row_colour[a] != m->row_colour[b] || cover->need[a] != cover->need[b] || cover->same[a] != cover->same[b] ||
      cover->held[a + 1] - cover->held[a] != cover->held[b + 1] - cover->held[b])
    return false;
  m->row_to[a] = b;
  m->row_from[b] = a;
  for (int64_t e = cover->held[a]; e < cover->held[a + 1]; e++) {
    int32_t w = cover->holder[e];
    if (m->worker_to[w] >= 0)
      continue; /* looked at by its own rows */
    int64_t f = cover->held[b];
    for (; f < cover->held[b + 1]; f++) {
      int32_t v = cover->holder[f];
      if (cover->place[f] == cover->place[e] && m->worker_to[v] < 0 && m->worker_colour[v] == m->worker_colour[w])
        break;
    }
    if (f == cover->held[b + 1])
      return false;
    m->worker_to[w] = cover->holder[f];
    m->worker_to[cover->holder[f]] = w;
    m->queue[(*queued)++] = w;
  }
  return true;
}

/* The row of worker v that may be the image of row a, which counts at a step: its image, or an equal one without. */
static int32_t image_of(const matcher *m, int32_t a, int32_t step, int32_t v)
{
  const testudo_i_cover *cover = m->cover;
  int32_t found = -1;
  for (int64_t e = cover->first[v]; e < cover->first[v + 1]; e++) {
    int32_t b = cover->row[e];
    if (cover->step[e] != step)
      continue;
    if (m->row_to[a] == b)
      return b;
    if (found < 0 && m->row_from[b] < 0 && m->row_colour[a] == m->row_colour[b])
      found = b;
  }
  return m->row_to[a] >= 0 ? -1 : found;
}

static bool map_worker(matcher *m, int32_t w, int32_t *queued)
{
  const testudo_i_cover *cover = m->cover;
  int32_t v = m->worker_to[w];
  if (cover->class_[w] != cover->class_[v] ||
      cover->first[w + 1] - cover->first[w] != cover->first[v + 1] - cover->first[v])
    return false;
  for (int64_t e = cover->first[w]; e < cover->first[w + 1]; e++) {
    int32_t b = image_of(m, cover->row[e], cover->step[e], v);
    if (b < 0 || !map_row(m, cover->row[e], b, queued))
      return false;
  }
  return true;
}

static void forget_map(matcher *m, int32_t c)
{
  const testudo_i_cover *cover = m->cover;
  for (int32_t w = cover->worker_start[c]; w < cover->worker_start[c + 1]; w++)
    m->worker_to[w] = -1;
  for (int32_t r = cover->row_start[c]; r < cover->row_start[c + 1]; r++)
    m->row_to[r] = m->row_from[r] = -1;
}

/* Is component c the same as d, with its first worker at v? */
static bool match_from(matcher *m, int32_t c, int32_t d, int32_t v)
{
  const testudo_i_cover *cover = m->cover;
  int32_t u = cover->worker_start[c], workers = cover->worker_start[c + 1] - u, queued = 0;
  forget_map(m, c);
  forget_map(m, d);
  m->worker_to[u] = v;
  m->worker_to[v] = u;
  m->queue[queued++] = u;
  for (int32_t k = 0; k < queued; k++)
    if (!map_worker(m, m->queue[k], &queued))
      return false;
  return queued == workers;
}

static bool same_component(matcher *m, int32_t c, int32_t d)
{
  const testudo_i_cover *cover = m->cover;
  int32_t u = cover->worker_start[c], workers = cover->worker_start[c + 1] - u;
  int32_t rows = cover->row_start[c + 1] - cover->row_start[c];
  if (cover->worker_start[d + 1] - cover->worker_start[d] != workers ||
      cover->row_start[d + 1] - cover->row_start[d] != rows)
    return false;
  if (rows == 0 || workers == 0) /* what a row that nobody holds needs is in the colour */
    return true;
  for (int32_t v = cover->worker_start[d]; v < cover->worker_start[d + 1]; v++)
    if (m->worker_colour[u] == m->worker_colour[v] && match_from(m, c, d, v))
      return true;
  return false;
}

/* The component c is of a kind seen before, or a new one. */
static void find_kind(matcher *m, int32_t c)
{
  testudo_i_cover *cover = m->cover;
  int32_t *head = &m->head[m->colour[c] & m->mask], tries = 0;
  for (int32_t d = *head; d >= 0 && tries < 8; d = m->chain[d]) {
    if (m->colour[d] != m->colour[c])
      continue;
    tries++;
    if (!same_component(m, c, d))
      continue;
    cover->kind[c] = d;
    for (int32_t w = cover->worker_start[c]; w < cover->worker_start[c + 1]; w++)
      cover->twin[w] = cover->row_start[c] == cover->row_start[c + 1] ? cover->worker_start[d] : m->worker_to[w];
    return;
  }
  cover->kind[c] = c;
  for (int32_t w = cover->worker_start[c]; w < cover->worker_start[c + 1]; w++)
    cover->twin[w] = w;
  m->chain[c] = *head;
  *head = c;
}

testudo_status testudo_i_cover_kinds(testudo_i_cover *cover, testudo_i_arena *arena, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  matcher m = {.cover = cover, .mask = 1};
  size_t workers = (size_t)cover->workers, rows = (size_t)cover->rows, components = (size_t)cover->components;
  while (m.mask < 2 * components)
    m.mask = 2 * m.mask + 1;
  cover->kind = testudo_i_arena_alloc(arena, components, sizeof *cover->kind);
  cover->twin = testudo_i_arena_alloc(arena, workers, sizeof *cover->twin);
  m.worker_colour = testudo_i_arena_alloc(&scratch, workers, sizeof *m.worker_colour);
  m.row_colour = testudo_i_arena_alloc(&scratch, rows, sizeof *m.row_colour);
  m.colour = testudo_i_arena_alloc(&scratch, components, sizeof *m.colour);
  m.worker_to = testudo_i_arena_alloc(&scratch, workers, sizeof *m.worker_to);
  m.row_to = testudo_i_arena_alloc(&scratch, rows, sizeof *m.row_to);
  m.row_from = testudo_i_arena_alloc(&scratch, rows, sizeof *m.row_from);
  m.queue = testudo_i_arena_alloc(&scratch, workers, sizeof *m.queue);
  m.chain = testudo_i_arena_alloc(&scratch, components, sizeof *m.chain);
  m.head = testudo_i_arena_alloc(&scratch, m.mask + 1, sizeof *m.head);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  memset(m.head, -1, (m.mask + 1) * sizeof *m.head);
  colour_all(&m);
  for (int32_t c = 0; c < cover->components; c++)
    find_kind(&m, c);
  return TESTUDO_OK;
}
