/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completion times of a table of slots in a sample, and moves of the table. */
#include "optimize/local/least.h"
#include "optimize/slots/state.h"

#include <math.h>

#include "base/error.h"
#include "base/order.h"
#include "code/orders/slots.h"

#define BLOCK TESTUDO_I_TIMES_BLOCK

/* ---- when a chunk is done ---- */

TESTUDO_I_INLINED void join_two(float *restrict first, float *restrict second, const float *restrict time, float factor)
{
  for (int r = 0; r < BLOCK; r++) {
    float t = factor * time[r], high = t < first[r] ? first[r] : t;
    first[r] = t < first[r] ? t : first[r];
    second[r] = high < second[r] ? high : second[r];
  }
}

TESTUDO_I_INLINED void join_latest(float *restrict latest, const float *restrict done)
{
  for (int r = 0; r < BLOCK; r++)
    latest[r] = done[r] > latest[r] ? done[r] : latest[r];
}

/* room: the parts least times so far, parts blocks, then one of what is carried. */
TESTUDO_I_INLINED void join_copy(const testudo_i_slot_state *state, const float *time, float factor)
{
  float *room = state->room;
  int32_t parts = state->shape.parts;
  if (parts == 1)
    testudo_i_least_join(room, time, factor);
  else if (parts == 2)
    join_two(room, room + BLOCK, time, factor);
  else {
    float *carry = room + parts * BLOCK;
    testudo_i_least_scale(carry, time, factor);
    for (int32_t k = 0; k < parts; k++)
      testudo_i_least_pass(room + k * BLOCK, carry);
  }
}

/* When chunk q of the last of a group's blocks is there often enough, in a block of trials. */
TESTUDO_I_CLONES static void chunk_done(const testudo_i_slot_state *state, int32_t q, int32_t base, int64_t begin,
                                        float *latest)
{
  const testudo_i_slot_shape *shape = &state->shape;
  int32_t twins = shape->twins;
  for (int r = 0; r < BLOCK; r++)
    latest[r] = 0;
  for (int32_t b = 0; b < shape->group; b++) {
    for (int32_t k = 0; k < shape->parts; k++)
      testudo_i_least_start(state->room + k * BLOCK);
    for (int32_t at = state->place_row[q]; at < state->place_row[q + 1]; at++) {
      int32_t place = state->place[at], s = state->slot[place].partner;
      for (int32_t twin = 0; twin < twins; twin++) {
        int32_t rank = state->holder[b * shape->group + s * twins + twin];
        float factor;
        const float *time = testudo_i_slot_sample_row(state->sample, base + rank, place * twins + twin, begin, &factor);
        join_copy(state, time, factor);
      }
    }
    join_latest(latest, state->room + (shape->parts - 1) * BLOCK);
  }
}

/* ---- the whole table ---- */

static void list_places(testudo_i_slot_state *state)
{
  int32_t chunks = state->shape.chunks, *row = state->place_row;
  memset(row, 0, ((size_t)chunks + 1) * sizeof *row);
  for (int32_t k = 0; k < state->shape.places; k++)
    row[state->slot[k].chunk + 1]++;
  for (int32_t q = 0; q < chunks; q++)
    row[q + 1] += row[q];
  for (int32_t k = state->shape.places - 1; k >= 0; k--)
    state->place[--row[state->slot[k].chunk + 1]] = k;
  /* Filled from its end, every row has come to begin where the one before it ends. */
  for (int32_t q = 0; q < chunks; q++)
    row[q] = row[q + 1];
  row[chunks] = state->shape.places;
}

TESTUDO_I_CLONES static void join_chunks(const testudo_i_slot_state *state, int64_t at, float *latest)
{
  for (int32_t q = 0; q < state->shape.chunks; q++)
    join_latest(latest, (state->changed[q] ? state->next[q] : state->done[q]) + at);
}

/* Of trials 0 .. `trials`, which have been counted. */
static double value_so_far(const testudo_i_slot_state *state, int64_t trials)
{
  bool alike = state->sample->alike;
  const double *law = state->law;
  double times = alike ? (double)state->shape.workers / state->shape.group : 1;
  testudo_i_slot_law(state->points, (double)(alike ? trials * state->groups : trials), state->law);
  return testudo_i_slot_value(&state->grid, &state->aim, &law, &times, 1);
}

/* Where groups are alike each group of each trial counts, otherwise the latest of each trial. */
static void count_block(testudo_i_slot_state *state, int64_t begin)
{
  const testudo_i_slot_shape *shape = &state->shape;
  bool alike = state->sample->alike;
  float latest[BLOCK] = {0};
  for (int32_t g = 0; g < state->groups; g++) {
    int64_t at = (begin / BLOCK * state->groups + g) * BLOCK;
    if (alike)
      memset(latest, 0, sizeof latest);
    for (int32_t q = 0; q < shape->chunks; q++)
      if (state->changed[q])
        chunk_done(state, q, g * shape->group, begin, state->next[q] + at);
    join_chunks(state, at, latest);
    if (alike || g == state->groups - 1)
      testudo_i_slot_count(&state->grid, latest, BLOCK, state->points);
  }
}

/* A part of the trials speaks for all where what it says is this much more than what is asked, relative to the value:
   differences of two tables on the same trials are hardly larger by chance. */
#define CLEARLY 5e-4

double testudo_i_slot_state_try(testudo_i_slot_state *state, double limit)
{
  int64_t trials = state->sample->times.trials;
  int64_t glance = trials / BLOCK >= 4 ? trials / BLOCK / 4 * BLOCK : trials;
  list_places(state);
  memset(state->points, 0, TESTUDO_I_SLOT_POINTS * sizeof *state->points);
  for (int64_t begin = 0; begin < trials; begin += BLOCK) {
    count_block(state, begin);
    if (begin + BLOCK != glance)
      continue;
    state->glance_next = value_so_far(state, glance);
    double more = state->glance_next - state->glance, asked = limit - state->value;
    if (limit < HUGE_VAL && more > 3 * fmax(asked, 0) + CLEARLY * fabs(state->value))
      return HUGE_VAL;
  }
  return value_so_far(state, trials);
}

void testudo_i_slot_state_accept(testudo_i_slot_state *state, double value)
{
  for (int32_t q = 0; q < state->shape.chunks; q++)
    if (state->changed[q]) {
      float *done = state->done[q];
      state->done[q] = state->next[q];
      state->next[q] = done;
    }
  state->value = value;
  state->glance = state->glance_next;
}

static void mark_used(testudo_i_slot_state *state)
{
  const testudo_i_slot_shape *shape = &state->shape;
  memset(state->used, 0, (size_t)testudo_i_slot_partners(shape) * (size_t)shape->chunks * sizeof *state->used);
  memset(state->copies, 0, (size_t)shape->chunks * sizeof *state->copies);
  for (int32_t k = 0; k < shape->places; k++) {
    state->used[state->slot[k].partner * shape->chunks + state->slot[k].chunk] = true;
    state->copies[state->slot[k].chunk]++;
  }
}

void testudo_i_slot_state_undo(testudo_i_slot_state *state)
{
  memcpy(state->slot, state->kept, (size_t)state->shape.places * sizeof *state->slot);
  mark_used(state);
}

void testudo_i_slot_state_start(testudo_i_slot_state *state, const testudo_slot *slot)
{
  memcpy(state->slot, slot, (size_t)state->shape.places * sizeof *slot);
  mark_used(state);
  for (int32_t q = 0; q < state->shape.chunks; q++)
    state->changed[q] = true;
  testudo_i_slot_state_accept(state, testudo_i_slot_state_try(state, HUGE_VAL));
}

/* ---- moves ---- */

static void exchange(testudo_i_slot_state *state, int32_t i, int32_t j)
{
  testudo_slot held = state->slot[i];
  state->slot[i] = state->slot[j];
  state->slot[j] = held;
}

/* The slot at i comes to j, those between move up. */
static void insert(testudo_i_slot_state *state, int32_t i, int32_t j)
{
  testudo_slot held = state->slot[i];
  for (; i < j; i++)
    state->slot[i] = state->slot[i + 1];
  for (; i > j; i--)
    state->slot[i] = state->slot[i - 1];
  state->slot[j] = held;
}

static void reverse(testudo_i_slot_state *state, int32_t i, int32_t j)
{
  for (; i < j; i++, j--)
    exchange(state, i, j);
}

/* The slot at i becomes one that is not in the table, if its chunk can lose a copy and the other one have one more. */
static bool replace(testudo_i_slot_state *state, int32_t i, testudo_slot by)
{
  const testudo_i_slot_shape *shape = &state->shape;
  testudo_slot *slot = &state->slot[i];
  if (state->used[by.partner * shape->chunks + by.chunk])
    return false;
  if (by.chunk != slot->chunk &&
      (state->copies[slot->chunk] <= shape->least || state->copies[by.chunk] >= shape->most))
    return false;
  *slot = by;
  return true;
}

/* A chunk that has another slot, or a slot that has another place. */
static void mark_changed(testudo_i_slot_state *state)
{
  memset(state->changed, 0, (size_t)state->shape.chunks * sizeof *state->changed);
  for (int32_t k = 0; k < state->shape.places; k++)
    if (state->slot[k].partner != state->kept[k].partner || state->slot[k].chunk != state->kept[k].chunk)
      state->changed[state->slot[k].chunk] = state->changed[state->kept[k].chunk] = true;
}

/* Most steps are short: half of them go one or two places. */
static int32_t draw_near(testudo_i_draws *draws, int32_t i, int32_t places)
{
  int32_t most = 1;
  while (2 * most < places && testudo_i_draw_below(draws, 2) == 0)
    most *= 2;
  int32_t far = 1 + testudo_i_draw_below(draws, most), j = testudo_i_draw_below(draws, 2) == 0 ? i - far : i + far;
  return j < 0 || j >= places ? i : j;
}

bool testudo_i_slot_state_move(testudo_i_slot_state *state, testudo_i_draws *draws)
{
  const testudo_i_slot_shape *shape = &state->shape;
  int32_t places = shape->places, i = testudo_i_draw_below(draws, places), j = i;
  bool moved = false;
  testudo_slot by;
  memcpy(state->kept, state->slot, (size_t)places * sizeof *state->slot);
  switch (testudo_i_draw_below(draws, 8)) {
  case 0:
  case 1:
    j = testudo_i_draw_below(draws, places);
    moved = i != j;
    exchange(state, i, j);
    break;
  case 2:
  case 3:
    j = draw_near(draws, i, places);
    moved = i != j;
    insert(state, i, j);
    break;
  case 4:
    j = draw_near(draws, i, places);
    moved = i != j;
    reverse(state, i < j ? i : j, i < j ? j : i);
    break;
  case 5:
    by = (testudo_slot){testudo_i_draw_below(draws, testudo_i_slot_partners(shape)), state->slot[i].chunk};
    moved = replace(state, i, by);
    break;
  default:
    by.partner = testudo_i_draw_below(draws, testudo_i_slot_partners(shape));
    by.chunk = testudo_i_draw_below(draws, shape->chunks);
    moved = replace(state, i, by);
    break;
  }
  if (!moved)
    return false;
  mark_used(state);
  mark_changed(state);
  return true;
}

/* ---- making ---- */

static void find_holders(testudo_i_slot_state *state)
{
  const testudo_i_slot_shape *shape = &state->shape;
  for (int32_t rank = 0; rank < shape->group; rank++)
    for (int32_t s = 0; s < shape->group; s++) {
      int32_t b = testudo_i_partner(shape->pairing, shape->twins, rank, s, shape->group);
      state->holder[b * shape->group + s] = rank;
    }
}

/* The grid lies around a quarter of the time, by its logarithm on average, that a worker takes for all its places. */
static testudo_i_slot_grid find_grid(const testudo_i_slot_state *state)
{
  const testudo_i_slot_sample *sample = state->sample;
  double sum = 0;
  int64_t count = 0;
  for (int32_t j = 0; j < sample->workers; j++) {
    float factor;
    const float *row = testudo_i_slot_sample_row(sample, j, sample->places - 1, 0, &factor);
    for (int r = 0; r < BLOCK; r++)
      if (row[r] > 0 && row[r] < HUGE_VALF) {
        sum += log((double)factor * (double)row[r]);
        count++;
      }
  }
  return testudo_i_slot_grid_around(count > 0 ? exp(sum / (double)count) / 4 : 1);
}

testudo_status testudo_i_slot_state_make(testudo_i_slot_state *state, testudo_i_arena *arena,
                                         const testudo_i_slot_shape *shape, const testudo_i_slot_sample *sample,
                                         const testudo_i_slot_aim *aim, testudo_error *error)
{
  size_t places = (size_t)shape->places, chunks = (size_t)shape->chunks, group = (size_t)shape->group;
  *state = (testudo_i_slot_state){.shape = *shape, .sample = sample, .aim = *aim,
                                  .groups = sample->workers / shape->group};
  state->size = sample->times.trials * state->groups;
  state->slot = testudo_i_arena_alloc(arena, places, sizeof *state->slot);
  state->kept = testudo_i_arena_alloc(arena, places, sizeof *state->kept);
  state->copies = testudo_i_arena_alloc(arena, chunks, sizeof *state->copies);
  state->used = testudo_i_arena_alloc(arena, group * chunks, sizeof *state->used);
  state->holder = testudo_i_arena_alloc(arena, group * group, sizeof *state->holder);
  state->done = testudo_i_arena_alloc(arena, chunks, sizeof *state->done);
  state->next = testudo_i_arena_alloc(arena, chunks, sizeof *state->next);
  state->changed = testudo_i_arena_alloc(arena, chunks, sizeof *state->changed);
  state->place_row = testudo_i_arena_alloc(arena, chunks + 1, sizeof *state->place_row);
  state->place = testudo_i_arena_alloc(arena, places, sizeof *state->place);
  state->room = testudo_i_arena_alloc(arena, ((size_t)shape->parts + 1) * BLOCK, sizeof *state->room);
  state->points = testudo_i_arena_alloc(arena, TESTUDO_I_SLOT_POINTS, sizeof *state->points);
  state->law = testudo_i_arena_alloc(arena, TESTUDO_I_SLOT_POINTS, sizeof *state->law);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t q = 0; q < chunks; q++) {
    state->done[q] = testudo_i_arena_alloc(arena, (size_t)state->size, sizeof **state->done);
    state->next[q] = testudo_i_arena_alloc(arena, (size_t)state->size, sizeof **state->next);
  }
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  find_holders(state);
  state->grid = find_grid(state);
  return TESTUDO_OK;
}
