/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefixes of which every chunk is in exactly one: counted chunk by chunk on drawn circles, lines and mirrored pairs
   under any labels; what they decode to, by encode and by streams that have gone further; and what is refused. */
#include "check.h"

#include <float.h>

#include <testudo/stream.h>

#include "designs.h"
#include "runtime/stream/prefix.h"
#include "runtime/weighted_sum.h"

enum { DIM = 7, MOST = 400 };

/* ---- designs ---- */

typedef struct labels {
  int32_t worker[MOST], chunk[MOST];
} labels;

static void draw_labels(testudo_i_random *random, int32_t workers, int32_t chunks, labels *l)
{
  for (int32_t j = 0; j < workers; j++)
    l->worker[j] = j;
  for (int32_t i = 0; i < chunks; i++)
    l->chunk[i] = i;
  testudo_i_random_shuffle(random, l->worker, (size_t)workers);
  testudo_i_random_shuffle(random, l->chunk, (size_t)chunks);
}

typedef struct orders {
  int32_t workers, chunks;
  int32_t load[MOST], order[MOST][MOST];
} orders;

/* A design of these orders, workers and chunks renumbered. */
static testudo_design *labelled(const orders *o, const labels *l, uint64_t seed)
{
  int64_t entries = 0;
  int32_t who[MOST];
  for (int32_t j = 0; j < o->workers; j++) {
    entries += o->load[j];
    who[l->worker[j]] = j;
  }
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, o->chunks, o->workers, 1, entries);
  for (int32_t j = 0; j < o->workers; j++) {
    design->row[j + 1] = design->row[j];
    for (int32_t k = 0; k < o->load[who[j]]; k++)
      design->order[design->row[j + 1]++] = l->chunk[o->order[who[j]][k]];
  }
  return finished(design, seed);
}

/* Families side by side: circles and lines of arcs with random starts and lengths, and mirrored pairs. */
static void draw_orders(testudo_i_random *random, orders *o)
{
  int families = 1 + (int)testudo_i_random_below(random, 4);
  *o = (orders){0, 0, {0}, {{0}}};
  for (int f = 0; f < families; f++) {
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(random, 9), first = o->chunks;
    int kind = (int)testudo_i_random_below(random, 3); /* circle, line, pair */
    int32_t members = kind == 2 ? 2 : 1 + (int32_t)testudo_i_random_below(random, 5);
    for (int32_t m = 0; m < members; m++) {
      int32_t j = o->workers++, start = (int32_t)testudo_i_random_below(random, (uint64_t)chunks);
      int32_t load = 1 + (int32_t)testudo_i_random_below(random, (uint64_t)(kind == 1 ? chunks - start : chunks));
      if (kind == 2 || m == 0) { /* the first one holds all of them */
        start = kind == 0 ? start : 0;
        load = chunks;
      }
      o->load[j] = load;
      for (int32_t k = 0; k < load; k++)
        o->order[j][k] = first + (kind == 2 && m == 1 ? chunks - 1 - k : (start + k) % chunks);
    }
    o->chunks += chunks;
    if (testudo_i_random_below(random, 6) == 0)
      o->load[o->workers++] = 0;
  }
}

/* ---- every chunk that is done is in exactly one ---- */

static void mark_some(testudo_progress *progress, const testudo_design *design, testudo_i_random *random)
{
  uint64_t eagerness = testudo_i_random_below(random, 4);
  testudo_progress_reset(progress);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t load = testudo_design_load(design, j);
    int32_t done = (int32_t)testudo_i_random_below(random, (uint64_t)load + 1);
    if (eagerness == 3 && testudo_i_random_below(random, 2) == 0)
      done = load;
    if (eagerness == 0 && testudo_i_random_below(random, 2) == 0)
      done = 0;
    assert_ok(testudo_progress_mark(progress, j, done, NULL));
  }
}

/* k_j of every worker. */
static void ask_all(testudo_codec *codec, const testudo_progress *progress, const testudo_design *design,
                    int32_t prefix[MOST])
{
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    testudo_request request;
    assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
    prefix[j] = request.chunks;
    assert_true(request.chunks <= testudo_progress_done(progress, j));
    assert_true(request.chunks == 0 || request.rows == 1);
    for (int32_t k = 0; k < request.chunks; k++)
      assert_true(request.coefficient[k] == 1.0);
  }
}

static void count_chunks(const testudo_progress *progress, const testudo_design *design, const int32_t prefix[MOST])
{
  int32_t count[MOST] = {0};
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    for (int32_t k = 0; k < prefix[j]; k++)
      count[testudo_design_order(design, j)[k]]++;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    if (count[i] != (testudo_progress_cover(progress, i) > 0))
      fail_msg("chunk %d is in %d of the prefixes, and done by %d workers", (int)i, (int)count[i],
               (int)testudo_progress_cover(progress, i));
}

/* Is every chunk done that a chain of common chunks connects with the worker's? By going through all of them. */
static bool settled_by_hand(const testudo_progress *progress, const testudo_design *design, int32_t worker)
{
  bool in[MOST] = {false}, grows = true;
  for (int32_t k = 0; k < testudo_design_load(design, worker); k++)
    in[testudo_design_order(design, worker)[k]] = true;
  while (grows) {
    grows = false;
    for (int32_t j = 0; j < testudo_design_workers(design); j++) {
      const int32_t *order = testudo_design_order(design, j);
      bool touches = false;
      for (int32_t k = 0; k < testudo_design_load(design, j); k++)
        touches = touches || in[order[k]];
      for (int32_t k = 0; k < testudo_design_load(design, j) && touches; k++) {
        grows = grows || !in[order[k]];
        in[order[k]] = true;
      }
    }
  }
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    if (in[i] && testudo_progress_cover(progress, i) == 0)
      return false;
  return true;
}

/* Streams of workers that have gone on since, as far as they may. */
static void check_streams(testudo_codec *codec, const testudo_progress *progress, const testudo_design *design,
                          int32_t ahead, const double gradient[MOST][DIM], testudo_i_random *random)
{
  static double message[MOST][DIM];
  const double *messages[MOST] = {NULL};
  double found[DIM];
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    testudo_request request;
    testudo_stream *stream;
    int32_t load = testudo_design_load(design, j);
    if (load == 0)
      continue;
    assert_ok(testudo_stream_create_double(codec, j, DIM, &stream, NULL));
    assert_ok(testudo_request_make(codec, progress, j, &request, NULL));
    int32_t most = testudo_i_prefix_ahead(codec, j) > 0 ? request.chunks + ahead : load;
    int32_t done = most < load ? most : load;
    done = request.chunks + (int32_t)testudo_i_random_below(random, (uint64_t)(done - request.chunks) + 1);
    bool ready = testudo_progress_decodable(progress);
    for (int32_t k = 0; k < (ready ? done : request.chunks); k++)
      assert_ok(testudo_stream_add_double(stream, k, gradient[testudo_design_order(design, j)[k]], 0, DIM, NULL));
    if (request.chunks > 0) {
      assert_ok(testudo_stream_message_double(stream, &request, message[j], NULL));
      messages[j] = message[j];
    }
    testudo_stream_free(stream);
  }
  assert_ok(testudo_decode_approximate_double(codec, progress, messages, DIM, found, NULL));
  for (int t = 0; t < DIM; t++) {
    double sum = 0.0, size = 0.0;
    for (int32_t i = 0; i < testudo_design_chunks(design); i++)
      if (testudo_progress_cover(progress, i) > 0) {
        sum += gradient[i][t];
        size += fabs(gradient[i][t]);
      }
    assert_true(fabs(found[t] - sum) <= 50.0 * DBL_EPSILON * size);
  }
}

static void every_chunk_is_in_one_prefix(void **state)
{
  (void)state;
  static double gradient[MOST][DIM];
  static orders o;
  static labels l;
  testudo_i_random random;
  long decodable = 0, settled = 0;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 71, 0);
  for (int i = 0; i < MOST; i++)
    for (int t = 0; t < DIM; t++)
      gradient[i][t] = testudo_i_random_normal(&random);
  for (int drawn = 0; drawn < 600; drawn++) {
    int32_t prefix[MOST], ahead = 1 + (int32_t)testudo_i_random_below(&random, 3);
    testudo_progress *progress;
    testudo_codec *codec;
    testudo_error error;
    draw_orders(&random, &o);
    draw_labels(&random, o.workers, o.chunks, &l);
    testudo_design *design = labelled(&o, &l, (uint64_t)drawn);
    assert_ok(testudo_progress_create(design, &progress, NULL));
    if (testudo_codec_create_prefix(design, ahead, &codec, &error) != TESTUDO_OK)
      fail_msg("design %d: %s", drawn, error.text);
    for (int round = 0; round < 20; round++) {
      if (round % 2 == 0)
        mark_some(progress, design, &random);
      else
        assert_ok(mark_until_decodable(progress, design, &random, NULL));
      ask_all(codec, progress, design, prefix);
      count_chunks(progress, design, prefix);
      check_streams(codec, progress, design, ahead, gradient, &random);
      decodable += testudo_progress_decodable(progress);
      for (int32_t j = 0; j < o.workers; j++) {
        assert_int_equal(testudo_codec_settled(codec, progress, j), settled_by_hand(progress, design, j));
        settled += testudo_codec_settled(codec, progress, j) && !testudo_progress_decodable(progress);
      }
    }
    testudo_codec_free(codec);
    testudo_progress_free(progress);
    testudo_design_free(design);
  }
  print_message("%ld of 12000 progresses decodable; %ld workers settled before\n", decodable, settled);
  assert_true(decodable > 6000 && decodable < 12000 && settled > 1000);
}

/* ---- any orders: accepted only where every progress can be cut ---- */

static bool every_progress_is_cut(const testudo_design *design, testudo_codec *codec)
{
  testudo_progress *progress;
  int32_t workers = testudo_design_workers(design), done[4] = {0}, at = 0, prefix[MOST];
  bool all = true;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  while (at < workers && all) {
    int32_t count[4] = {0};
    testudo_progress_reset(progress);
    for (int32_t j = 0; j < workers; j++)
      assert_ok(testudo_progress_mark(progress, j, done[j], NULL));
    ask_all(codec, progress, design, prefix);
    for (int32_t j = 0; j < workers; j++)
      for (int32_t k = 0; k < prefix[j]; k++)
        count[testudo_design_order(design, j)[k]]++;
    for (int32_t i = 0; i < testudo_design_chunks(design); i++)
      all = all && count[i] == (testudo_progress_cover(progress, i) > 0);
    for (at = 0; at < workers && ++done[at] > testudo_design_load(design, at); at++)
      done[at] = 0;
  }
  testudo_progress_free(progress);
  return all;
}

static void drawn_orders_are_taken_only_where_they_can_be_cut(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 73, 0);
  int taken = 0, refused = 0;
  for (int drawn = 0; drawn < 20000; drawn++) {
    int32_t chunks = 2 + (int32_t)testudo_i_random_below(&random, 3);
    int32_t workers = 2 + (int32_t)testudo_i_random_below(&random, 3), all[4];
    testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, workers, 1, (int64_t)workers * chunks);
    testudo_codec *codec;
    testudo_error error = {""};
    for (int32_t i = 0; i < chunks; i++)
      all[i] = i;
    for (int32_t j = 0; j < workers; j++) {
      int32_t load = j == 0 ? chunks : (int32_t)testudo_i_random_below(&random, (uint64_t)chunks + 1);
      testudo_i_random_shuffle(&random, all, (size_t)chunks);
      memcpy(design->order + design->row[j], all, (size_t)load * sizeof *all);
      design->row[j + 1] = design->row[j] + load;
    }
    finished(design, 1);
    if (testudo_codec_create_prefix(design, 1, &codec, &error) == TESTUDO_OK) {
      taken++;
      if (!every_progress_is_cut(design, codec))
        fail_msg("design %d is taken, and cannot be cut", drawn);
      testudo_codec_free(codec);
    } else {
      refused++;
      assert_non_null(strstr(error.text, " has chunk "));
    }
    testudo_design_free(design);
  }
  print_message("%d taken, %d refused\n", taken, refused);
  assert_true(taken > 1000 && refused > 1000);
}

/* Two workers are of one family where a chain of common chunks connects them: the union, by hand, of what they hold. */
static void families_are_what_common_chunks_connect(void **state)
{
  (void)state;
  static orders o;
  static labels l;
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 74, 0);
  for (int drawn = 0; drawn < 200; drawn++) {
    testudo_codec *codec, *own;
    int32_t tag[MOST];
    draw_orders(&random, &o);
    draw_labels(&random, o.workers, o.chunks, &l);
    testudo_design *design = labelled(&o, &l, 5);
    assert_ok(testudo_codec_create_prefix(design, 1, &codec, NULL));
    assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &own, NULL));
    for (int32_t i = 0; i < o.chunks; i++)
      tag[i] = i;
    for (bool moved = true; moved;) {
      moved = false;
      for (int32_t j = 0; j < o.workers; j++)
        for (int32_t k = 1; k < testudo_design_load(design, j); k++) {
          int32_t *a = &tag[testudo_design_order(design, j)[k - 1]], *b = &tag[testudo_design_order(design, j)[k]];
          moved = moved || *a != *b;
          *a = *b = *a < *b ? *a : *b;
        }
    }
    for (int32_t j = 0; j < o.workers; j++) {
      int32_t count = 7, wanted = 0;
      const int32_t *family = testudo_codec_family(codec, j, &count);
      assert_int_equal(family == NULL, testudo_design_load(design, j) == 0);
      for (int32_t w = 0; w < o.workers && family != NULL; w++) {
        bool in = false;
        for (int32_t k = 0; k < count; k++)
          in = in || family[k] == w;
        bool connected = testudo_design_load(design, w) > 0 && tag[testudo_design_order(design, w)[0]] ==
                                                                   tag[testudo_design_order(design, j)[0]];
        assert_int_equal(in, connected);
        wanted += connected;
      }
      assert_int_equal(count, wanted);
      assert_null(testudo_codec_family(own, j, &count));
      assert_int_equal(count, 0);
    }
    assert_null(testudo_codec_family(codec, o.workers, NULL));
    testudo_codec_free(own);
    testudo_codec_free(codec);
    testudo_design_free(design);
  }
}

/* ---- asked early: a family that is settled stops, the others go on ---- */

static void families_may_be_asked_early(void **state)
{
  (void)state;
  static orders o;
  static labels l;
  testudo_i_random random;
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, 72, 0);
  for (int drawn = 0; drawn < 300; drawn++) {
    int32_t asked[MOST], prefix[MOST];
    testudo_progress *progress;
    testudo_codec *codec;
    draw_orders(&random, &o);
    draw_labels(&random, o.workers, o.chunks, &l);
    testudo_design *design = labelled(&o, &l, 5);
    assert_ok(testudo_progress_create(design, &progress, NULL));
    assert_ok(testudo_codec_create_prefix(design, 1, &codec, NULL));
    for (int32_t j = 0; j < o.workers; j++)
      asked[j] = -1;
    while (!testudo_progress_decodable(progress)) {
      int32_t j = (int32_t)testudo_i_random_below(&random, (uint64_t)o.workers);
      int32_t done = testudo_progress_done(progress, j);
      if (asked[j] >= 0 || done == testudo_design_load(design, j))
        continue;
      assert_ok(testudo_progress_mark(progress, j, done + 1, NULL));
      for (int32_t w = 0; w < o.workers; w++)
        if (asked[w] < 0 && testudo_codec_settled(codec, progress, w)) {
          testudo_request request;
          assert_ok(testudo_request_make(codec, progress, w, &request, NULL));
          asked[w] = request.chunks;
        }
    }
    ask_all(codec, progress, design, prefix);
    count_chunks(progress, design, prefix);
    for (int32_t j = 0; j < o.workers; j++)
      assert_true(asked[j] < 0 ? testudo_design_load(design, j) == 0 : asked[j] == prefix[j]);
    testudo_codec_free(codec);
    testudo_progress_free(progress);
    testudo_design_free(design);
  }
}

/* ---- what a worker keeps ---- */

/* m workers on a circle of m c chunks, d c of them each. */
static testudo_design *fine_circle(int32_t workers, int32_t copies, int32_t c)
{
  testudo_design *design =
      empty_design(TESTUDO_SCHEME_PARTIAL, workers * c, workers, 1, (int64_t)workers * copies * c);
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    for (int32_t k = 0; k < copies * c; k++)
      design->order[design->row[j + 1]++] = (j * c + k) % (workers * c);
  }
  return finished(design, 1);
}

static testudo_design *pair_of(int32_t chunks)
{
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, 2, 1, 2 * chunks);
  for (int32_t k = 0; k < chunks; k++) {
    design->order[k] = k;
    design->order[chunks + k] = chunks - 1 - k;
  }
  design->row[1] = chunks;
  design->row[2] = 2 * chunks;
  return finished(design, 1);
}

static void a_worker_keeps_few_sums(void **state)
{
  (void)state;
  for (int32_t c = 1; c <= 16; c *= 2) {
    testudo_design *design = fine_circle(8, 3, c), *pair = pair_of(4 * c);
    testudo_codec *codec;
    assert_int_equal(testudo_design_prefix_sums(design), 3);
    assert_int_equal(testudo_design_prefix_sums(pair), 2);
    assert_int_equal(testudo_design_sums(design), 0);
    assert_ok(testudo_codec_create_prefix(pair, 3, &codec, NULL));
    assert_int_equal(testudo_stream_sums(codec), 4);
    assert_int_equal(testudo_codec_ahead(codec, 1), 3);
    testudo_codec_free(codec);
    assert_ok(testudo_codec_create_prefix(pair, INT32_MAX, &codec, NULL)); /* no more than there is */
    assert_int_equal(testudo_codec_ahead(codec, 0), 4 * c);
    testudo_codec_free(codec);
    testudo_design_free(design);
    testudo_design_free(pair);
  }
  assert_int_equal(testudo_design_prefix_sums(NULL), 0);
}

/* The same numbers as floats and halves, in pieces; and what a pair refuses. */
static void a_pair_keeps_its_last_chunks_apart(void **state)
{
  (void)state;
  testudo_design *design = pair_of(6);
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_request request;
  testudo_stream *stream;
  testudo_error error;
  float one[3] = {1.0F, 2.0F, 3.0F}, found[3];
  testudo_bfloat16 half[3], found_b[3];
  for (int t = 0; t < 3; t++)
    half[t] = testudo_i_bfloat16_of(one[t]);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create_prefix(design, 2, &codec, NULL));
  assert_ok(testudo_progress_mark(progress, 0, 4, NULL));
  assert_ok(testudo_progress_mark(progress, 1, 2, NULL));
  assert_ok(testudo_request_make(codec, progress, 0, &request, NULL));
  assert_int_equal(request.chunks, 4);
  assert_ok(testudo_stream_create_float(codec, 0, 3, &stream, NULL));
  for (int32_t k = 0; k < 6; k++) {
    assert_ok(testudo_stream_add_float(stream, k, one, 0, 1, NULL));
    testudo_status status = testudo_stream_message_float(stream, &request, found, &error);
    assert_int_equal(status, k < 4 ? TESTUDO_ERROR_ARGUMENT : TESTUDO_OK); /* not all of chunk 3 before k is 4 */
    if (k < 4)
      assert_non_null(strstr(error.text, "numbers were added"));
    assert_ok(testudo_stream_add_bfloat16(stream, k, half + 1, 1, 2, NULL));
    status = testudo_stream_message_float(stream, &request, found, &error);
    assert_int_equal(status, k < 3 ? TESTUDO_ERROR_ARGUMENT : TESTUDO_OK); /* chunks 0..3, then with 2 more behind */
    for (int t = 0; t < 3 && status == TESTUDO_OK; t++)
      assert_true(fabs((double)found[t] - 4.0 * (t + 1)) < 1e-5);
    if (status == TESTUDO_OK) {
      assert_ok(testudo_stream_message_bfloat16(stream, &request, found_b, NULL));
      assert_int_equal(found_b[2], testudo_i_bfloat16_of(found[2]));
    }
  }
  assert_ok(testudo_progress_mark(progress, 1, 4, NULL)); /* the two have done 2 twice: one each is given up */
  assert_ok(testudo_request_make(codec, progress, 0, &request, NULL));
  assert_int_equal(request.chunks, 3);
  assert_status(testudo_stream_message_float(stream, &request, found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the request asks for the first 3 chunks of worker 0, but so many are no longer"
                                  " apart: it keeps sums of 4 and more");
  testudo_stream_begin(stream);
  assert_ok(testudo_stream_add_float(stream, 0, one, 0, 2, NULL));
  assert_status(testudo_stream_add_float(stream, 3, one, 0, 3, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "chunk 3 of worker 0: in a mirrored pair chunks are added in their order, and chunk 1"
                                  " is next");
  assert_ok(testudo_stream_add_float(stream, 1, one, 0, 3, NULL));
  assert_status(testudo_stream_add_float(stream, 2, one, 0, 3, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "chunk 2 of worker 0: chunk 0 must have been added whole before it (ahead is 2)");
  assert_int_equal(testudo_stream_message_float(stream, &request, found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_ok(testudo_stream_add_float(stream, 0, one, 2, 1, NULL));
  assert_ok(testudo_stream_add_float(stream, 2, one, 0, 3, NULL));
  assert_status(testudo_stream_add_float(stream, 0, one, 0, 3, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "chunk 0 of worker 0 is no longer apart: the last 2 chunks are, and chunk 2 was"
                                  " begun");
  request.coefficient[1] = 0.5;
  assert_status(testudo_stream_message_float(stream, &request, found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the request does not ask for a prefix of the order of worker 0: it is of another"
                                  " codec");
  testudo_stream_free(stream);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

/* On a circle it is the chunks that count, not how many there are. */
static void other_chunks_are_not_taken_for_those_asked_for(void **state)
{
  (void)state;
  testudo_design *design = fine_circle(3, 2, 4);
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_request request;
  testudo_stream *stream;
  testudo_error error;
  double one = 1.0, found = 7.0;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create_prefix(design, 1, &codec, NULL));
  assert_ok(testudo_progress_mark(progress, 0, 2, NULL)); /* a deadline: the arc ends within a sum */
  assert_ok(testudo_request_make(codec, progress, 0, &request, NULL));
  assert_int_equal(request.chunks, 2);
  assert_ok(testudo_stream_create_double(codec, 0, 1, &stream, NULL));
  assert_ok(testudo_stream_add_double(stream, 2, &one, 0, 1, NULL));
  assert_ok(testudo_stream_add_double(stream, 3, &one, 0, 1, NULL));
  assert_status(testudo_stream_message_double(stream, &request, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the request asks for the first 2 chunks of worker 0, but 0 of their 2 numbers were"
                                  " added");
  assert_ok(testudo_stream_add_double(stream, 0, &one, 0, 1, NULL));
  assert_ok(testudo_stream_add_double(stream, 1, &one, 0, 1, NULL));
  assert_status(testudo_stream_message_double(stream, &request, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "the request asks for the first 2 chunks of worker 0, but chunk 2 has been added to"
                                  " their sum");
  assert_true(found == 7.0);
  testudo_stream_free(stream);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

/* ---- refusals ---- */

static void refuses_other_orders_and_schemes(void **state)
{
  (void)state;
  testudo_codec *codec;
  testudo_error error;
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, 3, 3, 1, 9);
  static const int32_t order[9] = {0, 1, 2, 1, 0, 2, 2, 1, 0};
  memcpy(design->order, order, sizeof order);
  for (int32_t j = 0; j < 3; j++)
    design->row[j + 1] = 3 * (j + 1);
  finished(design, 1);
  assert_int_equal(testudo_codec_create_prefix(design, 1, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(codec);
  assert_non_null(strstr(error.text, "no prefixes that cover every chunk once"));
  assert_int_equal(testudo_design_prefix_sums(design), 0);
  testudo_design_free(design);
  design = cyclic_design(6, 3, 2, 1);
  assert_status(testudo_codec_create_prefix(design, 1, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "prefixes are asked for only of scheme partial with 1 part, not of scheme partial"
                                  " with parts 2");
  testudo_design_free(design);
  design = cyclic_design(6, 3, 1, 1);
  assert_status(testudo_codec_create_prefix(design, 0, &codec, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "ahead: 0, but it must be at least 1");
  assert_int_equal(testudo_codec_create_prefix(NULL, 1, &codec, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_int_equal(testudo_codec_create_prefix(design, 1, NULL, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_false(testudo_codec_settled(NULL, NULL, 0));
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_chunk_is_in_one_prefix),
      cmocka_unit_test(drawn_orders_are_taken_only_where_they_can_be_cut),
      cmocka_unit_test(families_are_what_common_chunks_connect),
      cmocka_unit_test(families_may_be_asked_early),
      cmocka_unit_test(other_chunks_are_not_taken_for_those_asked_for),
      cmocka_unit_test(a_worker_keeps_few_sums),
      cmocka_unit_test(a_pair_keeps_its_last_chunks_apart),
      cmocka_unit_test(refuses_other_orders_and_schemes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
