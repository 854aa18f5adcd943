/* SPDX-License-Identifier: BSD-3-Clause */
/* Scheme partial of one part, decoded from prefixes: worker j sends the sum of the first k_j chunks of its order, and
   the k_j are such that every chunk is in one of the sums. Workers that hold chunks of each other, directly or through
   others, are a family. A family goes round a circle, or along a line, where every chunk is followed by the same one in
   all orders: an order is then an arc, and arcs that cover are cut where the next one that is used starts. Or it is two
   workers that go through the same chunks from opposite ends: they are cut where they have met. In any other family
   there may be no such k_j although every chunk is done. */
#include "runtime/stream/prefix.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/stream.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"

typedef struct family {
  int32_t *member;        /* workers, by where their arcs start */
  int32_t *chunk;
  int32_t members, chunks;
  int32_t witness;        /* of its chunks, one that was not done when it was last looked for */
  bool circle, pair;
} family;

typedef struct prefix_state {
  int32_t ahead, families, sums;
  family *family;
  int32_t *of;     /* worker: its family; -1: it has no chunks */
  int32_t *start;  /* worker: place of its first chunk in its family, 0.. */
  bool *starts;    /* chunk: is it the first of a worker? */
  int32_t *taken;  /* worker: k_j, of this progress */
  uint64_t settled; /* the epoch of `taken` */
} prefix_state;

/* While the families are found. */
typedef struct prefix_search {
  int32_t *root;     /* chunk: another of its family, or itself */
  int32_t *next, *before; /* chunk: what follows and precedes it; -1: nothing, or CONFLICT */
  int32_t *place;    /* chunk: on its line or circle; -1: not yet */
  int32_t *family_of; /* chunk that is a root: its family, or -1 */
} prefix_search;

enum { CONFLICT = -2 };

static int32_t root_of(int32_t *root, int32_t chunk)
{
  while (root[chunk] != chunk)
    chunk = root[chunk] = root[root[chunk]];
  return chunk;
}

static void follow(int32_t *of, int32_t chunk, int32_t other)
{
  if (of[chunk] == -1)
    of[chunk] = other;
  else if (of[chunk] != other)
    of[chunk] = CONFLICT;
}

static void read_orders(const testudo_design *design, prefix_search *search)
{
  for (int32_t i = 0; i < design->chunks; i++) {
    search->root[i] = i;
    search->next[i] = search->before[i] = search->place[i] = search->family_of[i] = -1;
  }
  for (int32_t j = 0; j < design->workers; j++) {
    const int32_t *order = testudo_design_order(design, j);
    for (int32_t k = 1; k < testudo_design_load(design, j); k++) {
      search->root[root_of(search->root, order[k])] = root_of(search->root, order[0]);
      follow(search->next, order[k - 1], order[k]);
      follow(search->before, order[k], order[k - 1]);
    }
  }
}

/* member, chunk: room for all workers, and all chunks, family by family. */
static void list_families(const testudo_design *design, prefix_state *state, prefix_search *search, int32_t *member,
                          int32_t *chunk)
{
  for (int32_t j = 0; j < design->workers; j++) {
    state->of[j] = -1;
    if (testudo_design_load(design, j) == 0)
      continue;
    int32_t root = root_of(search->root, testudo_design_order(design, j)[0]);
    if (search->family_of[root] < 0)
      search->family_of[root] = state->families++;
    state->of[j] = search->family_of[root];
    state->family[state->of[j]].members++;
  }
  for (int32_t i = 0; i < design->chunks; i++)
    state->family[search->family_of[root_of(search->root, i)]].chunks++;
  for (family *f = state->family; f < state->family + state->families; f++) {
    f->member = member;
    f->chunk = chunk;
    member += f->members;
    chunk += f->chunks;
    f->members = f->chunks = 0;
  }
  for (int32_t i = 0; i < design->chunks; i++) {
    family *f = &state->family[search->family_of[root_of(search->root, i)]];
    f->chunk[f->chunks++] = i;
  }
  for (int32_t j = 0; j < design->workers; j++)
    if (state->of[j] >= 0) {
      family *f = &state->family[state->of[j]];
      f->member[f->members++] = j;
      state->starts[testudo_design_order(design, j)[0]] = true;
    }
}

static bool has_conflict(const prefix_search *search, int32_t chunk)
{
  return search->next[chunk] == CONFLICT || search->before[chunk] == CONFLICT;
}

/* Numbers the chunks of the family from the one that nothing precedes, or from any of a circle; false: some chunk is
   followed, or preceded, by different ones in different orders. */
static bool lay_out(const testudo_design *design, prefix_state *state, prefix_search *search, family *f)
{
  int32_t begin = testudo_design_order(design, f->member[0])[0], head = begin, count = 0;
  for (int32_t k = 0; k < f->chunks; k++)
    if (has_conflict(search, f->chunk[k]))
      return false;
  /* Without conflicts all chunks of a family lie on one line or circle. */
  while (search->before[head] >= 0 && search->before[head] != begin)
    head = search->before[head];
  f->circle = search->before[head] >= 0;
  for (int32_t at = head; at >= 0 && search->place[at] < 0; at = search->next[at])
    search->place[at] = count++;
  for (int32_t k = 0; k < f->members; k++)
    state->start[f->member[k]] = search->place[testudo_design_order(design, f->member[k])[0]];
  return true;
}

static bool is_mirrored(const testudo_design *design, const family *f)
{
  const int32_t *pair = f->member;
  if (f->members != 2 || testudo_design_load(design, pair[0]) != f->chunks ||
      testudo_design_load(design, pair[1]) != f->chunks)
    return false;
  const int32_t *there = testudo_design_order(design, pair[0]), *back = testudo_design_order(design, pair[1]);
  for (int32_t k = 0; k < f->chunks; k++)
    if (there[k] != back[f->chunks - 1 - k])
      return false;
  return true;
}

/* Members by their start, then by number. key: room for them. */
static void sort_members(const prefix_state *state, const family *f, int64_t *key)
{
  for (int32_t k = 0; k < f->members; k++)
    key[k] = (int64_t)state->start[f->member[k]] << 32 | f->member[k];
  qsort(key, (size_t)f->members, sizeof *key, testudo_i_ascending_int64);
  for (int32_t k = 0; k < f->members; k++)
    f->member[k] = (int32_t)(key[k] & INT32_MAX);
}

/* Names a chunk and two workers that go on from it, or came to it, differently. */
static testudo_status fail_orders(const testudo_design *design, const prefix_search *search, const family *f,
                                  testudo_error *error)
{
  int32_t chunk, first = -1, before = -1, k = 0;
  while (!has_conflict(search, f->chunk[k]))
    k++;
  chunk = f->chunk[k];
  bool after = search->next[chunk] == CONFLICT;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    int32_t j = design->holder[e], at = design->place[e] - 1 + (after ? 1 : -1);
    if (at < 0 || at >= testudo_design_load(design, j))
      continue;
    int32_t neighbour = testudo_design_order(design, j)[at];
    if (first < 0) {
      first = j;
      before = neighbour;
    } else if (neighbour != before) {
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "no prefixes that cover every chunk once: %s chunk %d worker %d has chunk %d, worker %d"
                            " chunk %d; all orders must go along one line or circle, or two workers through the same"
                            " chunks from opposite ends", after ? "after" : "before", (int)chunk, (int)first,
                            (int)before, (int)j, (int)neighbour);
    }
  }
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no prefixes that cover every chunk once");
}

static testudo_status find_families(testudo_codec *codec, prefix_state *state, prefix_search *search, int64_t *key,
                                    testudo_error *error)
{
  const testudo_design *design = codec->design;
  for (int32_t k = 0; k < state->families; k++) {
    family *f = &state->family[k];
    if (lay_out(design, state, search, f))
      sort_members(state, f, key);
    else if (is_mirrored(design, f))
      f->pair = true;
    else
      return fail_orders(design, search, f, error);
    for (int32_t m = 0; m < f->members; m++) {
      int32_t j = f->member[m];
      int32_t sums = f->pair ? testudo_i_prefix_ahead(codec, j) + 1 : testudo_i_prefix_ends(codec, j, NULL);
      state->sums = sums > state->sums ? sums : state->sums;
    }
  }
  return TESTUDO_OK;
}

static testudo_status prefix_open(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  testudo_i_arena *arena = &codec->arena;
  prefix_state *state = codec->state = testudo_i_arena_calloc(arena, 1, sizeof *state);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  state->ahead = codec->ahead;
  state->family = testudo_i_arena_calloc(arena, workers, sizeof *state->family);
  state->of = testudo_i_arena_alloc(arena, workers, sizeof *state->of);
  int32_t *member = testudo_i_arena_alloc(arena, workers, sizeof *member);
  state->start = testudo_i_arena_calloc(arena, workers, sizeof *state->start);
  state->starts = testudo_i_arena_calloc(arena, chunks, sizeof *state->starts);
  int32_t *chunk = testudo_i_arena_alloc(arena, chunks, sizeof *chunk);
  state->taken = testudo_i_arena_calloc(arena, workers, sizeof *state->taken);
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *room = testudo_i_alloc(5 * chunks, sizeof *room);
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *key = testudo_i_alloc(workers, sizeof *key);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL && key != NULL, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  prefix_search search = {room, room + chunks, room + 2 * chunks, room + 3 * chunks, room + 4 * chunks};
  read_orders(design, &search);
  list_families(design, state, &search, member, chunk);
  return find_families(codec, state, &search, key, error);
}

/* ---- which prefixes ---- */

/* Two that have met have done their overlap twice: each gives up half of it. */
static void cut_pair(prefix_state *state, const family *f, const testudo_progress *progress)
{
  const int32_t *pair = f->member;
  int32_t done[2] = {progress->done[pair[0]], progress->done[pair[1]]}, twice = done[0] + done[1] - f->chunks;
  twice = twice > 0 ? twice : 0;
  state->taken[pair[0]] = done[0] - twice / 2;
  state->taken[pair[1]] = done[1] - (twice - twice / 2);
}

/* Where the sweep over a family begins: with a member before which a chunk is missing; on a circle that is covered with
   the longest arc, which lies in no other one. -1: nothing is done. */
static int32_t first_of_sweep(const prefix_state *state, const family *f, const testudo_progress *progress)
{
  const int32_t *member = f->member;
  int32_t reach = 0, longest = -1;
  for (int32_t k = 0; k < f->members && f->circle; k++) { /* arcs that cross the place where numbers begin again */
    int32_t over = state->start[member[k]] + progress->done[member[k]] - f->chunks;
    reach = over > reach ? over : reach;
  }
  for (int32_t k = 0; k < f->members; k++) {
    int32_t start = state->start[member[k]], done = progress->done[member[k]];
    if (done == 0)
      continue;
    if (start > reach)
      return k;
    if (longest < 0 || done > progress->done[member[longest]])
      longest = k;
    reach = start + done > reach ? start + done : reach;
  }
  return longest;
}

typedef struct arc {
  int32_t worker; /* -1: none */
  int32_t begin, reach;
} arc;

/* Arcs in use end where the next one starts: of those that start within an arc, the one that reaches furthest. */
static void cut_arcs(prefix_state *state, const family *f, const testudo_progress *progress)
{
  const int32_t *member = f->member;
  int32_t from = first_of_sweep(state, f, progress);
  if (from < 0)
    return;
  int32_t end = state->start[member[from]] + f->chunks; /* of the circle; no arc of a line comes so far */
  arc used = {-1, 0, -1}, best = {-1, 0, -1};
  for (int32_t k = 0; k < f->members;) {
    int32_t at = (from + k) % f->members, j = member[at];
    int32_t start = state->start[j] + (at < from ? f->chunks : 0);
    const arc here = {j, start, start + progress->done[j]};
    bool within = here.begin <= used.reach;
    if (progress->done[j] > 0 && !within && best.worker >= 0) { /* nothing else starts within the one in use */
      state->taken[used.worker] = best.begin - used.begin;
      used = best;
      best.worker = -1;
      continue;
    }
    if (progress->done[j] > 0 && within && here.reach > (best.worker < 0 ? used : best).reach)
      best = here;
    else if (progress->done[j] > 0 && !within) { /* what lies between is missing */
      if (used.worker >= 0)
        state->taken[used.worker] = used.reach - used.begin;
      used = here;
    }
    k++;
  }
  if (best.worker >= 0 && used.reach < end) {
    state->taken[used.worker] = best.begin - used.begin;
    used = best;
  }
  state->taken[used.worker] = (used.reach < end ? used.reach : end) - used.begin;
}

static testudo_status prefix_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe, bool exact,
                                    testudo_error *error)
{
  (void)stripe;
  (void)exact;
  (void)error;
  prefix_state *state = codec->state;
  if (state->settled == codec->epoch)
    return TESTUDO_OK;
  memset(state->taken, 0, (size_t)codec->design->workers * sizeof *state->taken);
  for (int32_t k = 0; k < state->families; k++)
    (state->family[k].pair ? cut_pair : cut_arcs)(state, &state->family[k], progress);
  state->settled = codec->epoch;
  return TESTUDO_OK;
}

static bool prefix_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  (void)progress;
  return ((const prefix_state *)codec->state)->taken[worker] > 0;
}

static testudo_status prefix_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                     testudo_error *error)
{
  const prefix_state *state = codec->state;
  TESTUDO_I_TRY(prefix_settle(codec, progress, 0, false, error));
  int32_t taken = state->taken[request->worker];
  if (taken == 0)
    return TESTUDO_OK;
  testudo_i_request_shape(request, 1, taken);
  for (int32_t k = 0; k < taken; k++)
    request->coefficient[k] = 1.0;
  return TESTUDO_OK;
}

const testudo_i_codec_class testudo_i_codec_of_prefixes = {.open = prefix_open, .settle = prefix_settle,
                                                           .reads = prefix_reads, .request = prefix_request};

/* ---- what streams and users ask ---- */

int32_t testudo_i_prefix_sums(const testudo_codec *codec)
{
  return ((const prefix_state *)codec->state)->sums;
}

int32_t testudo_i_prefix_ahead(const testudo_codec *codec, int32_t worker)
{
  const prefix_state *state = codec->state;
  int32_t load = testudo_design_load(codec->design, worker);
  bool pair = state->of[worker] >= 0 && state->family[state->of[worker]].pair;
  return !pair ? 0 : state->ahead < load ? state->ahead : load;
}

int32_t testudo_i_prefix_ends(const testudo_codec *codec, int32_t worker, int32_t *end)
{
  const prefix_state *state = codec->state;
  const int32_t *order = testudo_design_order(codec->design, worker);
  int32_t load = testudo_design_load(codec->design, worker), ends = 0;
  for (int32_t k = 1; k <= load; k++)
    if (k == load || state->starts[order[k]]) {
      if (end != NULL)
        end[ends] = k;
      ends++;
    }
  return ends;
}

static bool is_there(const testudo_codec *codec, int32_t worker)
{
  return codec != NULL && testudo_i_asks_prefixes(codec) && worker >= 0 && worker < codec->design->workers;
}

int32_t testudo_codec_ahead(const testudo_codec *codec, int32_t worker)
{
  return is_there(codec, worker) ? testudo_i_prefix_ahead(codec, worker) : 0;
}

const int32_t *testudo_codec_family(const testudo_codec *codec, int32_t worker, int32_t *count)
{
  const prefix_state *state = is_there(codec, worker) ? codec->state : NULL;
  const family *f = state == NULL || state->of[worker] < 0 ? NULL : &state->family[state->of[worker]];
  if (count != NULL)
    *count = f == NULL ? 0 : f->members;
  return f == NULL ? NULL : f->member;
}

bool testudo_codec_settled(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  if (codec == NULL || progress == NULL || progress->design != codec->design || worker < 0 ||
      worker >= codec->design->workers)
    return false;
  if (!testudo_i_asks_prefixes(codec))
    return testudo_progress_decodable(progress);
  prefix_state *state = codec->state;
  if (state->of[worker] < 0)
    return true;
  family *f = &state->family[state->of[worker]];
  /* On from where the last one was missing: those that were passed over are done until the next iteration. */
  for (int32_t k = 0; k < f->chunks; k++) {
    if (progress->cover[f->chunk[f->witness]] == 0)
      return false;
    f->witness = f->witness + 1 < f->chunks ? f->witness + 1 : 0;
  }
  return true;
}

testudo_status testudo_codec_create_prefix(const testudo_design *design, int32_t ahead, testudo_codec **codec,
                                           testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(design);
  *codec = NULL;
  if (!testudo_i_takes_plain_sums(design))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "prefixes are asked for only of scheme partial with 1 part, not of scheme %s with parts %d",
                          design->scheme->name, (int)design->parts);
  if (ahead < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "ahead: %d, but it must be at least 1", (int)ahead);
  return testudo_i_codec_make((testudo_codec){.design = design, .class = &testudo_i_codec_of_prefixes, .ahead = ahead},
                              codec, error);
}

int32_t testudo_design_prefix_sums(const testudo_design *design)
{
  testudo_codec *codec;
  if (design == NULL || testudo_codec_create_prefix(design, 1, &codec, NULL) != TESTUDO_OK)
    return 0;
  int32_t sums = testudo_i_prefix_sums(codec);
  testudo_codec_free(codec);
  return sums;
}
