/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which samples a shard has. */
#include "sgd/problem/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"
#include "base/random.h"

/* Streams behind those of synthetic.c; b is the shard. */
enum { OF_ORDER = 16, OF_SHARD = 17, OF_SHIFT = 18 };

typedef struct splitter {
  testudo_data *data;
  const testudo_split *want;
  int32_t *order;           /* of all samples, at random: the first `sorted` are to be sorted by label */
  int32_t *dealt;           /* shard after shard */
  double *direction;        /* features */
  testudo_i_ranked *ranked; /* the sorted part: label, and place in `order` */
  int32_t sorted;
} splitter;

static testudo_status check_split(const testudo_data *data, const testudo_split *split, testudo_error *error)
{
  if (split->shards < 1 || split->shards > data->samples)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d shards, but %d samples make 1 to %d", (int)split->shards,
                          (int)data->samples, (int)data->samples);
  if (!(split->label_skew >= 0.0 && split->label_skew <= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "label skew %g, but it is 0 to 1", split->label_skew);
  if (!(split->feature_shift >= 0.0) || !isfinite(split->feature_shift))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "feature shift %g, but it is at least 0",
                          split->feature_shift);
  return TESTUDO_OK;
}

static int by_label(const void *a, const void *b)
{
  const testudo_i_ranked *x = a, *y = b;
  return x->value != y->value ? TESTUDO_I_COMPARE(x->value, y->value) : TESTUDO_I_COMPARE(x->index, y->index);
}

/* order: a random permutation whose first part is then sorted by label, equal ones as they came. */
static void order_samples(splitter *s)
{
  testudo_i_random random;
  for (int32_t i = 0; i < s->data->samples; i++)
    s->order[i] = i;
  testudo_i_random_start(&random, s->want->seed, TESTUDO_I_FOR_DATA, OF_ORDER, 0);
  testudo_i_random_shuffle(&random, s->order, (size_t)s->data->samples);
  for (int32_t k = 0; k < s->sorted; k++)
    s->ranked[k] = (testudo_i_ranked){s->data->label[s->order[k]], k};
  qsort(s->ranked, (size_t)s->sorted, sizeof *s->ranked, by_label);
  for (int32_t k = 0; k < s->sorted; k++)
    s->dealt[k] = s->order[s->ranked[k].index];
  memcpy(s->order, s->dealt, (size_t)s->sorted * sizeof *s->order);
}

/* How many of the first `place` samples of all shards come from the sorted part: its share, rounded down, so that no
   shard is given more than it has room for. */
static int32_t sorted_before(const splitter *s, int32_t place)
{
  return (int32_t)((int64_t)place * s->sorted / s->data->samples);
}

static void deal_samples(splitter *s, int32_t *first)
{
  int32_t n = s->data->samples, shards = s->want->shards;
  for (int32_t k = 0; k <= shards; k++)
    first[k] = (int32_t)((int64_t)n * k / shards);
  for (int32_t k = 0; k < shards; k++) {
    testudo_i_random random;
    int32_t from = sorted_before(s, first[k]), count = sorted_before(s, first[k + 1]) - from;
    int32_t rest = first[k + 1] - first[k] - count, *shard = s->dealt + first[k];
    memcpy(shard, s->order + from, (size_t)count * sizeof *shard);
    memcpy(shard + count, s->order + s->sorted + (first[k] - from), (size_t)rest * sizeof *shard);
    testudo_i_random_start(&random, s->want->seed, TESTUDO_I_FOR_DATA, OF_SHARD, (uint64_t)k);
    testudo_i_random_shuffle(&random, shard, (size_t)(count + rest));
  }
}

static void shift_shard(splitter *s, int32_t shard, int32_t begin, int32_t end)
{
  int32_t features = testudo_i_data_free_features(s->data);
  testudo_i_random random;
  double square = 0.0;
  testudo_i_random_start(&random, s->want->seed, TESTUDO_I_FOR_DATA, OF_SHIFT, (uint64_t)shard);
  for (int32_t e = 0; e < features; e++) {
    s->direction[e] = testudo_i_random_normal(&random);
    square += s->direction[e] * s->direction[e];
  }
  for (int32_t i = begin; i < end; i++)
    for (int32_t e = 0; e < features; e++)
      s->data->feature[(size_t)i * (size_t)s->data->features + (size_t)e] +=
          s->want->feature_shift * s->direction[e] / sqrt(square);
}

/* The samples in the dealt order, cycle by cycle of the permutation, with one row kept aside. */
static void move_samples(splitter *s)
{
  testudo_data *data = s->data;
  size_t width = (size_t)data->features, bytes = width * sizeof *data->feature;
  for (int32_t start = 0; start < data->samples; start++) {
    double label = data->label[start];
    int32_t source = data->source[start], at = start, from;
    if (s->dealt[start] < 0)
      continue;
    memcpy(s->direction, data->feature + (size_t)start * width, bytes);
    for (; (from = s->dealt[at]) != start; at = from) {
      memcpy(data->feature + (size_t)at * width, data->feature + (size_t)from * width, bytes);
      data->label[at] = data->label[from];
      data->source[at] = data->source[from];
      s->dealt[at] = -1;
    }
    memcpy(data->feature + (size_t)at * width, s->direction, bytes);
    data->label[at] = label;
    data->source[at] = source;
    s->dealt[at] = -1;
  }
}

static testudo_status allocate_splitter(splitter *s, testudo_i_arena *arena, testudo_error *error)
{
  size_t n = (size_t)s->data->samples;
  s->order = testudo_i_arena_alloc(arena, n, sizeof *s->order);
  s->dealt = testudo_i_arena_alloc(arena, n, sizeof *s->dealt);
  s->direction = testudo_i_arena_alloc(arena, (size_t)s->data->features, sizeof *s->direction);
  s->ranked = testudo_i_arena_alloc(arena, (size_t)s->sorted, sizeof *s->ranked);
  return testudo_i_arena_check(arena, error);
}

testudo_status testudo_data_split(testudo_data *data, const testudo_split *split, int32_t *first, testudo_error *error)
{
  TESTUDO_I_TRY(check_split(data, split, error));
  splitter s = {.data = data, .want = split, .sorted = (int32_t)lround(split->label_skew * data->samples)};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(allocate_splitter(&s, &arena, error));
  order_samples(&s);
  deal_samples(&s, first);
  move_samples(&s);
  for (int32_t k = 0; k < split->shards && split->feature_shift > 0.0; k++)
    shift_shard(&s, k, first[k], first[k + 1]);
  return TESTUDO_OK;
}
