/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a scan and their transitions. A state is what each open row still lacks; a row that can no longer be
   covered loses everything, and one that is covered whenever another is lacks nothing (each worker left that comes to
   the other comes to it first, and it lacks no more). Then, from the end, states with the same future become one. */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exact/elimination/scan.h"

/* Rows i and j among the open ones: i is covered where j is; `both`: and the reverse. */
typedef struct implied {
  int32_t by, row;
  bool both;
} implied;

/* A state's transition before states are put together: the worker's progress up to `high`, from where the last ended,
   and what the rows that close then lack, where that is counted. */
typedef struct transition {
  int32_t to, high, missing;
} transition;

typedef struct layer {
  int32_t states;
  int64_t *edge_row;      /* states + 1, into edge */
  transition *edge;
  size_t edge_room;
  int32_t *merged;        /* of each state: its number among those that are left */
  int32_t kept;
  int32_t *of_kept;       /* a state that stands for it */
} layer;

/* What lies between two workers. */
typedef struct boundary {
  int32_t *open, count;     /* rows open there */
  unsigned char *key;       /* the states, `width` bytes each */
  size_t key_room, width;
} boundary;

typedef struct builder {
  const testudo_i_cover *cover;
  const int32_t *sequence;
  int32_t base, layers;     /* workers base .. */
  int32_t row_base, rows;
  int64_t max_states;
  bool errors;              /* nothing is lost: what rows lack is counted, and no row follows from another */
  testudo_i_arena *arena;   /* of the layers */
  int32_t *seen;            /* by row: holders seen */
  boundary before, after;   /* the present worker */
  unsigned char *lacks;     /* by row: of the state that is followed */
  int32_t *table;           /* state of the next layer + 1, or 0 */
  size_t mask;
  implied *implied;
  size_t implied_count, implied_room;
  int32_t *slot;            /* by row: its place among the rows open after */
  layer *layer;
  int64_t states, edges;
  unsigned char *trial;
} builder;

static int32_t left_of(const builder *b, int32_t row)
{
  const testudo_i_cover *cover = b->cover;
  return (int32_t)(cover->held[row + 1] - cover->held[row]) - b->seen[row - b->row_base];
}

/* ---- what is open ---- */

/* Rows open after the worker: those before and its own, as far as somebody is left. Its own count as seen from here. */
static void open_rows(builder *b, int32_t worker)
{
  const testudo_i_cover *cover = b->cover;
  int32_t count = 0, *after = b->after.open;
  for (int64_t e = cover->first[worker]; e < cover->first[worker + 1]; e++) {
    int32_t r = cover->row[e];
    if (b->seen[r - b->row_base]++ == 0 && left_of(b, r) > 0)
      after[count++] = r;
  }
  for (int32_t k = 0; k < b->before.count; k++)
    if (left_of(b, b->before.open[k]) > 0)
      after[count++] = b->before.open[k];
  b->after.count = count;
  b->after.width = ((size_t)count + 7) / 8 * 8;
  for (int32_t k = 0; k < count; k++)
    b->slot[after[k] - b->row_base] = k;
}

static bool is_left(const builder *b, int32_t worker, const bool *taken)
{
  return !taken[worker - b->base];
}

/* Does every worker left that comes to row j come to row i as well, and not later? */
static bool comes_first(const builder *b, int32_t i, int32_t j, const bool *taken)
{
  const testudo_i_cover *cover = b->cover;
  int64_t x = cover->held[i];
  for (int64_t y = cover->held[j]; y < cover->held[j + 1]; y++) {
    if (!is_left(b, cover->holder[y], taken))
      continue;
    while (x < cover->held[i + 1] && cover->holder[x] < cover->holder[y])
      x++;
    if (x == cover->held[i + 1] || cover->holder[x] != cover->holder[y] || cover->place[x] > cover->place[y])
      return false;
  }
  return true;
}

/* Candidates are the rows of one worker that is left and comes to j. */
static testudo_status list_implied(builder *b, const bool *taken, testudo_error *error)
{
  const testudo_i_cover *cover = b->cover;
  b->implied_count = 0;
  for (int32_t k = 0; !b->errors && k < b->after.count; k++) {
    int32_t j = b->after.open[k];
    int64_t y = cover->held[j];
    while (!is_left(b, cover->holder[y], taken))
      y++;
    int32_t worker = cover->holder[y];
    for (int64_t e = cover->first[worker]; e < cover->first[worker + 1] && cover->step[e] <= cover->place[y]; e++) {
      int32_t i = cover->row[e], at = b->slot[i - b->row_base];
      if (i == j || at < 0 || b->seen[i - b->row_base] == 0 || !comes_first(b, i, j, taken))
        continue;
      bool both = comes_first(b, j, i, taken);
      if (both && at < k)
        continue; /* listed from the other side */
      TESTUDO_I_TRY(testudo_i_arena_grow(b->arena, (void **)&b->implied, &b->implied_room, b->implied_count + 1,
                                         sizeof *b->implied, error));
      b->implied[b->implied_count++] = (implied){k, at, both};
    }
  }
  return TESTUDO_OK;
}

static void drop_implied(const builder *b, unsigned char *key)
{
  for (size_t k = 0; k < b->implied_count; k++) {
    unsigned char *by = &key[b->implied[k].by], *row = &key[b->implied[k].row];
    if (b->implied[k].both && *row > *by)
      *by = *row;
    if (*row <= *by)
      *row = 0;
  }
}

/* ---- states of the next layer ---- */

static size_t key_place(const unsigned char *key, size_t width, size_t mask)
{
  uint64_t hash = TESTUDO_I_WORDS_START;
  for (size_t k = 0; k < width; k += 8) {
    uint64_t word;
    memcpy(&word, key + k, sizeof word);
    hash = testudo_i_hash_word(hash, word);
  }
  return (size_t)(hash ^ (hash >> 32)) & mask;
}

static testudo_status grow_table(builder *b, int32_t states, testudo_error *error)
{
  size_t size = b->table == NULL ? 1024 : 4 * (b->mask + 1);
  int32_t *table = testudo_i_arena_calloc(b->arena, size, sizeof *table);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  for (int32_t s = 0; s < states; s++) {
    size_t at = key_place(b->after.key + (size_t)s * b->after.width, b->after.width, size - 1);
    while (table[at] != 0)
      at = (at + 1) & (size - 1);
    table[at] = s + 1;
  }
  b->table = table;
  b->mask = size - 1;
  return TESTUDO_OK;
}

/* The number of b->trial among the next layer's states; a new one where it is not there. */
static testudo_status find_state(builder *b, int32_t *states, int32_t *state, testudo_error *error)
{
  size_t width = b->after.width;
  if (b->table == NULL || 2 * (size_t)*states >= b->mask)
    TESTUDO_I_TRY(grow_table(b, *states, error));
  size_t at = key_place(b->trial, width, b->mask);
  for (; b->table[at] != 0; at = (at + 1) & b->mask)
    if (memcmp(b->after.key + (size_t)(b->table[at] - 1) * width, b->trial, width) == 0) {
      *state = b->table[at] - 1;
      return TESTUDO_OK;
    }
  TESTUDO_I_TRY(testudo_i_arena_grow(b->arena, (void **)&b->after.key, &b->after.key_room,
                                     ((size_t)*states + 1) * width, 1, error));
  memcpy(b->after.key + (size_t)*states * width, b->trial, width);
  b->table[at] = *states + 1;
  *state = (*states)++;
  return TESTUDO_OK;
}

static testudo_status add_transition(builder *b, layer *of, transition next, testudo_error *error)
{
  size_t count = (size_t)of->edge_row[of->states];
  if (count > 0 && (int64_t)count > of->edge_row[of->states - 1] && of->edge[count - 1].to == next.to &&
      of->edge[count - 1].missing == next.missing) {
    of->edge[count - 1].high = next.high;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_arena_grow(b->arena, (void **)&of->edge, &of->edge_room, count + 1, sizeof *of->edge,
                                     error));
  of->edge[count] = next;
  of->edge_row[of->states]++;
  b->edges++;
  return TESTUDO_OK;
}

/* From what every row lacks to the state that this is, or -1. */
static testudo_status name_state(builder *b, int32_t lost, int32_t *states, int32_t *state, testudo_error *error)
{
  *state = -1;
  if (lost > 0)
    return TESTUDO_OK;
  memset(b->trial, 0, b->after.width);
  for (int32_t k = 0; k < b->after.count; k++)
    b->trial[k] = b->lacks[b->after.open[k] - b->row_base];
  drop_implied(b, b->trial);
  return find_state(b, states, state, error);
}

/* What the worker's rows that nobody else comes to lack. */
static int32_t missing_rows(const builder *b, int32_t worker)
{
  const testudo_i_cover *cover = b->cover;
  int32_t missing = 0;
  for (int64_t e = cover->first[worker]; b->errors && e < cover->first[worker + 1]; e++)
    if (left_of(b, cover->row[e]) == 0)
      missing += cover->same[cover->row[e]] * b->lacks[cover->row[e] - b->row_base];
  return missing;
}

/* All that the worker may have done, from state s on. */
static testudo_status follow_state(builder *b, int32_t worker, layer *of, int32_t s, int32_t *next,
                                   testudo_error *error)
{
  const testudo_i_cover *cover = b->cover;
  int64_t e = cover->first[worker], end = cover->first[worker + 1];
  int32_t load = cover->load[worker], lost = 0, to = -1, missing = 0;
  for (int64_t k = e; k < end; k++) /* new ones lack all they need */
    b->lacks[cover->row[k] - b->row_base] = (unsigned char)cover->need[cover->row[k]];
  for (int32_t k = 0; k < b->before.count; k++)
    b->lacks[b->before.open[k] - b->row_base] = b->before.key[(size_t)s * b->before.width + (size_t)k];
  for (int64_t k = e; k < end; k++)
    lost += b->lacks[cover->row[k] - b->row_base] > left_of(b, cover->row[k]);
  of->edge_row[s + 1] = of->edge_row[s];
  of->states = s + 1;
  for (int32_t done = 0; done <= load;) {
    bool changed = done == 0;
    for (; e < end && cover->step[e] <= done; e++) {
      unsigned char *lacks = &b->lacks[cover->row[e] - b->row_base];
      if (*lacks == 0)
        continue;
      lost -= *lacks > left_of(b, cover->row[e]);
      --*lacks;
      lost += *lacks > left_of(b, cover->row[e]);
      changed = true;
    }
    int32_t high = e < end ? cover->step[e] - 1 : load;
    high = high < load ? high : load;
    if (changed) {
      TESTUDO_I_TRY(name_state(b, b->errors ? 0 : lost, next, &to, error));
      missing = missing_rows(b, worker);
    }
    TESTUDO_I_TRY(add_transition(b, of, (transition){to, high, missing}, error));
    done = high + 1;
  }
  return TESTUDO_OK;
}

static testudo_status build_layer(builder *b, int32_t k, const testudo_monitor *monitor, bool *fits,
                                  testudo_error *error)
{
  layer *of = &b->layer[k];
  int32_t states = of->states, next = 0;
  /* Each state looks at all rows that follow from others, as often as its worker has steps. */
  int32_t unasked = (int32_t)(100000 / (b->implied_count + 98)) + 1;
  of->edge_row = testudo_i_arena_calloc(b->arena, (size_t)states + 1, sizeof *of->edge_row);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  if (b->table != NULL)
    memset(b->table, 0, (b->mask + 1) * sizeof *b->table);
  for (int32_t s = 0; s < states && *fits; s++) {
    if (s % unasked == 0 && testudo_i_stopped(monitor, -1))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
    TESTUDO_I_TRY(follow_state(b, b->sequence[k], of, s, &next, error));
    *fits = b->states + next <= b->max_states && b->edges <= TESTUDO_I_LIMIT_ELIMINATION_EDGES;
  }
  b->states += next;
  b->layer[k + 1].states = next;
  return TESTUDO_OK;
}

/* What was after the worker is before the next one. */
static void turn_layers(builder *b)
{
  boundary before = b->before;
  b->before = b->after;
  b->after = before;
}

static testudo_status build_layers(builder *b, const testudo_monitor *monitor, bool *fits, testudo_error *error)
{
  bool *taken = testudo_i_arena_calloc(b->arena, (size_t)b->layers, sizeof *taken);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  b->layer[0].states = 1;
  b->states = 1;
  *fits = true;
  for (int32_t k = 0; k < b->layers && *fits; k++) {
    for (int32_t r = 0; r < b->before.count; r++)
      b->slot[b->before.open[r] - b->row_base] = -1;
    open_rows(b, b->sequence[k]);
    taken[b->sequence[k] - b->base] = true;
    TESTUDO_I_TRY(list_implied(b, taken, error));
    TESTUDO_I_TRY(build_layer(b, k, monitor, fits, error));
    turn_layers(b);
  }
  return TESTUDO_OK;
}

/* ---- equal futures ---- */

static bool same_future(const layer *of, int32_t a, int32_t b)
{
  int64_t x = of->edge_row[a], y = of->edge_row[b], count = of->edge_row[a + 1] - x;
  return count == of->edge_row[b + 1] - y &&
         memcmp(of->edge + x, of->edge + y, (size_t)count * sizeof *of->edge) == 0;
}

static size_t future_place(const layer *of, int32_t s, size_t mask)
{
  uint64_t hash = TESTUDO_I_WORDS_START;
  for (int64_t e = of->edge_row[s]; e < of->edge_row[s + 1]; e++) {
    uint64_t word = (uint64_t)(uint32_t)of->edge[e].to << 32 | (uint32_t)of->edge[e].high;
    hash = testudo_i_hash_word(hash, word ^ (uint64_t)of->edge[e].missing << 20);
  }
  return (size_t)(hash ^ (hash >> 32)) & mask;
}

/* Transitions to the states that are left of the next layer; neighbours that became one are joined. Rows move down. */
static void rename_transitions(layer *of, const layer *next)
{
  int64_t out = 0, e = 0;
  for (int32_t s = 0; s < of->states; s++) {
    int64_t end = of->edge_row[s + 1], start = out;
    of->edge_row[s] = start;
    for (; e < end; e++) {
      int32_t to = of->edge[e].to < 0 ? -1 : next->merged[of->edge[e].to];
      transition moved = {to, of->edge[e].high, of->edge[e].missing};
      if (out > start && of->edge[out - 1].to == to && of->edge[out - 1].missing == moved.missing)
        of->edge[out - 1].high = moved.high;
      else
        of->edge[out++] = moved;
    }
  }
  of->edge_row[of->states] = out;
}

static testudo_status merge_layer(builder *b, layer *of, const layer *next, testudo_error *error)
{
  size_t size = 2;
  while (size < 2 * (size_t)of->states)
    size *= 2;
  of->merged = testudo_i_arena_alloc(b->arena, (size_t)of->states, sizeof *of->merged);
  of->of_kept = testudo_i_arena_alloc(b->arena, (size_t)of->states, sizeof *of->of_kept);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *table = testudo_i_calloc(size, sizeof *table);
  TESTUDO_I_TRY(testudo_i_memory_check(table != NULL, error));
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  rename_transitions(of, next);
  for (int32_t s = 0; s < of->states; s++) {
    size_t at = future_place(of, s, size - 1);
    while (table[at] != 0 && !same_future(of, of->of_kept[table[at] - 1], s))
      at = (at + 1) & (size - 1);
    if (table[at] == 0) {
      of->of_kept[of->kept++] = s;
      table[at] = of->kept;
    }
    of->merged[s] = table[at] - 1;
  }
  return TESTUDO_OK;
}

static testudo_status merge_layers(builder *b, testudo_error *error)
{
  layer *end = &b->layer[b->layers];
  end->merged = testudo_i_arena_calloc(b->arena, (size_t)end->states + 1, sizeof *end->merged);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  end->kept = 1;
  for (int32_t k = b->layers; k-- > 0;)
    TESTUDO_I_TRY(merge_layer(b, &b->layer[k], &b->layer[k + 1], error));
  return TESTUDO_OK;
}

/* ---- what is kept ---- */

/* The ranges that occur, by class, low and high: number[offset[class] + low * (load + 1) + high] of each. */
typedef struct numbering {
  int32_t classes, *load;
  int64_t *offset;
  int32_t *number;
} numbering;

static int32_t *number_of(const builder *b, const numbering *n, int32_t k, const layer *of, int32_t s, int64_t e)
{
  int32_t low = e == of->edge_row[s] ? 0 : of->edge[e - 1].high + 1, class_ = b->cover->class_[b->sequence[k]];
  return &n->number[n->offset[class_] + (int64_t)low * (n->load[class_] + 1) + of->edge[e].high];
}

/* *fits = false where there are too many that could occur. */
static testudo_status numbering_room(builder *b, numbering *n, bool *fits, testudo_error *error)
{
  for (int32_t k = 0; k < b->layers; k++) {
    int32_t class_ = b->cover->class_[b->sequence[k]];
    n->classes = class_ >= n->classes ? class_ + 1 : n->classes;
  }
  n->load = testudo_i_arena_alloc(b->arena, (size_t)n->classes, sizeof *n->load);
  n->offset = testudo_i_arena_calloc(b->arena, (size_t)n->classes + 1, sizeof *n->offset);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  for (int32_t c = 0; c < n->classes; c++)
    n->load[c] = -1;
  for (int32_t k = 0; k < b->layers; k++)
    n->load[b->cover->class_[b->sequence[k]]] = b->cover->load[b->sequence[k]];
  for (int32_t c = 0; c < n->classes; c++)
    n->offset[c + 1] = n->offset[c] + (n->load[c] + INT64_C(1)) * (n->load[c] + INT64_C(1));
  *fits = n->offset[n->classes] <= TESTUDO_I_LIMIT_ELIMINATION_EDGES;
  if (!*fits)
    return TESTUDO_OK;
  n->number = testudo_i_arena_calloc(b->arena, (size_t)n->offset[n->classes], sizeof *n->number);
  return testudo_i_arena_check(b->arena, error);
}

static testudo_status list_ranges(builder *b, numbering *n, testudo_i_arena *arena, testudo_i_scan *scan,
                                  testudo_error *error)
{
  for (int32_t k = 0; k < b->layers; k++)
    for (int32_t x = 0; x < b->layer[k].kept; x++) {
      int32_t s = b->layer[k].of_kept[x];
      for (int64_t e = b->layer[k].edge_row[s]; e < b->layer[k].edge_row[s + 1]; e++)
        *number_of(b, n, k, &b->layer[k], s, e) = 1;
    }
  for (int64_t at = 0; at < n->offset[n->classes]; at++)
    scan->ranges += n->number[at];
  scan->range = testudo_i_arena_alloc(arena, (size_t)scan->ranges, sizeof *scan->range);
  scan->value = testudo_i_arena_alloc(arena, (size_t)scan->ranges, sizeof *scan->value);
  scan->marked = testudo_i_arena_alloc(arena, (size_t)scan->ranges, sizeof *scan->marked);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int32_t count = 0;
  for (int32_t c = 0; c < n->classes; c++)
    for (int64_t at = n->offset[c]; at < n->offset[c + 1]; at++) {
      int64_t width = n->load[c] + INT64_C(1), pair = at - n->offset[c];
      if (n->number[at] == 0)
        continue;
      scan->range[count] = (testudo_i_scan_range){c, (int32_t)(pair / width), (int32_t)(pair % width)};
      n->number[at] = count++;
    }
  return TESTUDO_OK;
}

static testudo_status keep_scan(builder *b, testudo_i_arena *arena, bool *fits, testudo_i_scan *scan,
                                testudo_error *error)
{
  int64_t edges = 0;
  numbering n = {0};
  TESTUDO_I_TRY(numbering_room(b, &n, fits, error));
  if (!*fits)
    return TESTUDO_OK;
  *scan = (testudo_i_scan){.layers = b->layers, .most_states = b->states};
  for (int32_t k = 0; k < b->layers; k++) {
    const layer *of = &b->layer[k];
    scan->states += of->kept;
    scan->widest = of->kept > scan->widest ? of->kept : scan->widest;
    for (int32_t x = 0; x < of->kept; x++)
      edges += of->edge_row[of->of_kept[x] + 1] - of->edge_row[of->of_kept[x]];
  }
  scan->worker = testudo_i_arena_alloc(arena, (size_t)b->layers, sizeof *scan->worker);
  scan->first = testudo_i_arena_alloc(arena, (size_t)b->layers + 1, sizeof *scan->first);
  scan->edge_row = testudo_i_arena_alloc(arena, (size_t)scan->states + 1, sizeof *scan->edge_row);
  scan->edge = testudo_i_arena_alloc(arena, (size_t)edges, sizeof *scan->edge);
  if (b->errors)
    scan->missing = testudo_i_arena_alloc(arena, (size_t)edges, sizeof *scan->missing);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(list_ranges(b, &n, arena, scan, error));
  int64_t state = 0, out = 0;
  for (int32_t k = 0; k < b->layers; k++) {
    const layer *of = &b->layer[k];
    scan->worker[k] = b->sequence[k];
    scan->first[k] = state;
    for (int32_t x = 0; x < of->kept; x++) {
      int32_t s = of->of_kept[x];
      scan->edge_row[state++] = out;
      for (int64_t e = of->edge_row[s]; e < of->edge_row[s + 1]; e++) {
        if (b->errors)
          scan->missing[out] = of->edge[e].missing;
        scan->edge[out++] = (testudo_i_scan_edge){of->edge[e].to, *number_of(b, &n, k, of, s, e)};
      }
    }
  }
  scan->first[b->layers] = state;
  scan->edge_row[state] = out;
  return TESTUDO_OK;
}

static boundary new_boundary(testudo_i_arena *arena, size_t rows)
{
  return (boundary){.open = testudo_i_arena_alloc(arena, rows, sizeof(int32_t)),
                    .key = testudo_i_arena_calloc(arena, 64, 1), .key_room = 64};
}

static testudo_status builder_init(builder *b, testudo_error *error)
{
  size_t rows = (size_t)b->rows;
  b->seen = testudo_i_arena_calloc(b->arena, rows, sizeof *b->seen);
  b->lacks = testudo_i_arena_calloc(b->arena, rows, 1);
  b->trial = testudo_i_arena_calloc(b->arena, rows + 8, 1);
  b->slot = testudo_i_arena_alloc(b->arena, rows, sizeof *b->slot);
  b->layer = testudo_i_arena_calloc(b->arena, (size_t)b->layers + 1, sizeof *b->layer);
  b->before = new_boundary(b->arena, rows);
  b->after = new_boundary(b->arena, rows);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  memset(b->slot, -1, rows * sizeof *b->slot);
  return TESTUDO_OK;
}

testudo_status testudo_i_scan_make(const testudo_i_cover *cover, int32_t component, const int32_t *sequence,
                                   bool errors, int64_t max_states, const testudo_monitor *monitor,
                                   testudo_i_arena *arena, bool *fits, testudo_i_scan *scan, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena own = {0};
  builder b = {.cover = cover, .sequence = sequence, .arena = &own, .errors = errors, .max_states = max_states,
               .base = cover->worker_start[component], .row_base = cover->row_start[component]};
  b.layers = cover->worker_start[component + 1] - b.base;
  b.rows = cover->row_start[component + 1] - b.row_base;
  *fits = false;
  for (int32_t r = b.row_base; r < b.row_base + b.rows; r++)
    if (cover->need[r] > 255)
      return TESTUDO_OK;
  TESTUDO_I_TRY(builder_init(&b, error));
  TESTUDO_I_TRY(build_layers(&b, monitor, fits, error));
  if (!*fits)
    return TESTUDO_OK;
  TESTUDO_I_TRY(merge_layers(&b, error));
  return keep_scan(&b, arena, fits, scan, error);
}
