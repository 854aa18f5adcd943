/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of testudo/runtime.h, the same for every scheme, against the true sum; at a deadline against dense least
   squares worked out here; and in two threads on one design. */
#include "check.h"

#include <float.h>
#include <pthread.h>

#include <testudo/runtime.h>

#include "designs.h"

enum { DIM = 37, MOST = 256 };

/* ---- numbers ---- */

/* Of each type: chunks and messages, MOST rows of DIM numbers. */
typedef struct room {
  double gradient[MOST][DIM], message[MOST][DIM], found[DIM];
  float gradient_f[MOST][DIM], message_f[MOST][DIM], found_f[DIM];
} room;

static room *fill_room(uint64_t seed)
{
  room *r = calloc(1, sizeof *r);
  testudo_i_random random;
  assert_non_null(r);
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 15, 0);
  for (int i = 0; i < MOST; i++)
    for (int t = 0; t < DIM; t++)
      r->gradient[i][t] = r->gradient_f[i][t] = (float)testudo_i_random_normal(&random);
  return r;
}

/* Of the chunks of the workers that have finished, where it is they alone whose sum is wanted. */
static double true_sum(const testudo_design *design, const testudo_progress *progress, const room *r, int t)
{
  double sum = 0.0;
  if (testudo_design_scheme(design) != TESTUDO_SCHEME_IGNORE_STRAGGLERS) {
    for (int32_t i = 0; i < testudo_design_chunks(design); i++)
      sum += r->gradient[i][t];
    return sum;
  }
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (testudo_progress_done(progress, j) == testudo_design_load(design, j))
      for (int32_t k = 0; k < testudo_design_load(design, j); k++)
        sum += r->gradient[testudo_design_order(design, j)[k]][t];
  return sum;
}

/* ---- the loop; nothing in it asserts, since threads run it too ---- */

/* Answers and messages of all workers in double. */
static testudo_status send_double(testudo_codec *codec, const testudo_design *design, const testudo_progress *progress,
                                  room *r, const double **messages, testudo_error *error)
{
  for (int32_t worker = 0; worker < testudo_design_workers(design); worker++) {
    testudo_request request;
    const double *gradients[MOST];
    messages[worker] = NULL;
    testudo_status status = testudo_request_make(codec, progress, worker, &request, error);
    if (status == TESTUDO_OK && request.chunks > 0) {
      for (int32_t k = 0; k < request.chunks; k++)
        gradients[k] = r->gradient[testudo_design_order(design, worker)[k]];
      messages[worker] = r->message[worker];
      status = testudo_encode_double(codec, &request, gradients, DIM, r->message[worker], error);
    }
    if (status != TESTUDO_OK)
      return status;
  }
  return TESTUDO_OK;
}

static testudo_status run_loop(testudo_codec *codec, const testudo_design *design, testudo_progress *progress,
                               testudo_i_random *random, room *r, testudo_error *error)
{
  const double *messages[MOST];
  testudo_status status = mark_until_decodable(progress, design, random, error);
  if (status == TESTUDO_OK)
    status = send_double(codec, design, progress, r, messages, error);
  if (status == TESTUDO_OK)
    status = testudo_decode_double(codec, progress, messages, DIM, r->found, error);
  return status;
}

/* In float on the same progress, every request carried as bytes to a codec of the worker's own. */
static void run_over_a_wire(testudo_codec *server, const testudo_design *design, const testudo_progress *progress,
                            room *r)
{
  testudo_codec *worker_codec;
  const float *messages[MOST], *gradients[MOST];
  unsigned char *wire = malloc(testudo_request_bytes_most(server));
  assert_non_null(wire);
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &worker_codec, NULL));
  for (int32_t worker = 0; worker < testudo_design_workers(design); worker++) {
    testudo_request request;
    assert_ok(testudo_request_make(server, progress, worker, &request, NULL));
    testudo_request_pack(&request, wire);
    assert_ok(testudo_request_unpack(worker_codec, wire, testudo_request_bytes(&request), &request, NULL));
    messages[worker] = request.chunks > 0 ? r->message_f[worker] : NULL;
    for (int32_t k = 0; k < request.chunks; k++)
      gradients[k] = r->gradient_f[testudo_design_order(design, worker)[k]];
    if (request.chunks > 0)
      assert_ok(testudo_encode_float(worker_codec, &request, gradients, DIM, r->message_f[worker], NULL));
  }
  assert_ok(testudo_decode_float(server, progress, messages, DIM, r->found_f, NULL));
  testudo_codec_free(worker_codec);
  free(wire);
}

/* ---- every design ---- */

typedef struct tally {
  int schemes[TESTUDO_SCHEME_GRADIENT_CODE_PARTS + 1];
  long decoded, refused;
  double worst, worst_f; /* error over what is allowed */
} tally;

static void compare(const char *name, const testudo_design *design, testudo_codec *codec,
                    const testudo_progress *progress, const room *r, tally *counts)
{
  double amplification, condition, chunks = testudo_design_chunks(design);
  assert_ok(testudo_amplification(codec, progress, &amplification, &condition, NULL));
  /* A vector of coefficients is found to 100 eps ||a||, and is used to 1e-9 however small ||a|| is. */
  bool by_vector = testudo_design_scheme(design) != TESTUDO_SCHEME_PARTIAL;
  double allowed = 64.0 * chunks * amplification * condition * DBL_EPSILON + (by_vector ? 1e-9 * chunks : 0.0);
  double allowed_f = 64.0 * chunks * amplification * condition * (double)FLT_EPSILON;
  for (int t = 0; t < DIM; t++) {
    double sum = true_sum(design, progress, r, t), away = fabs(r->found[t] - sum), away_f = fabs(r->found_f[t] - sum);
    if (away > allowed || away_f > allowed_f)
      fail_msg("%s: number %d is %.17g, in float %.9g, wanted %.17g within %.3g and %.3g", name, t, r->found[t],
               r->found_f[t], sum, allowed, allowed_f);
    counts->worst = fmax(counts->worst, away / allowed);
    counts->worst_f = fmax(counts->worst_f, away_f / allowed_f);
  }
}

static void run_design(const char *name, testudo_design *design, void *state)
{
  tally *counts = state;
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_i_random random;
  room *r = fill_room(1);
  testudo_error error = {""};
  assert_true(testudo_design_workers(design) <= MOST && testudo_design_chunks(design) <= MOST);
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, 16, 0);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  for (int round = 0; round < 20; round++) {
    testudo_status status = run_loop(codec, design, progress, &random, r, &error);
    if (status == TESTUDO_UNDECODABLE) { /* too badly conditioned, and said to be so */
      assert_null(strstr(error.text, "not decodable yet"));
      counts->refused++;
      continue;
    }
    if (status != TESTUDO_OK)
      fail_msg("%s: %s", name, error.text);
    run_over_a_wire(codec, design, progress, r);
    compare(name, design, codec, progress, r, counts);
    counts->decoded++;
  }
  counts->schemes[testudo_design_scheme(design)]++;
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  free(r);
}

static void the_loop_gives_the_sum_of_every_design(void **state)
{
  (void)state;
  tally counts = {{0}, 0, 0, 0.0, 0.0};
  for_every_design(run_design, &counts);
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    for (uint64_t seed = 0; seed < 20; seed++) {
      testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
      run_design(testudo_scheme_name((testudo_scheme)scheme), design, &counts);
      testudo_design_free(design);
    }
  print_message("%ld decoded, %ld refused; at worst %.2g of the error allowed, in float %.2g\n", counts.decoded,
                counts.refused, counts.worst, counts.worst_f);
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    assert_true(counts.schemes[scheme] >= 24);
  assert_true(counts.decoded > 3000 && counts.refused <= 5);
}

/* ---- at a deadline ---- */

/* cover = the projection of the all-ones vector on the span of `count` vectors of `length` numbers, by modified
   Gram-Schmidt, done three times: the coefficients that the chunks get at best. Answers the squared distance. */
static double project_ones(int32_t count, int32_t length, double (*vector)[MOST], double *cover)
{
  int32_t rank = 0;
  double distance = 0.0;
  for (int32_t i = 0; i < length; i++)
    cover[i] = 0.0;
  for (int32_t j = 0; j < count; j++) {
    double *v = vector[j], size = 0.0, left = 0.0, dot = 0.0;
    for (int32_t i = 0; i < length; i++)
      size += v[i] * v[i];
    for (int32_t b = 0; b < 3 * rank; b++) {
      double along = 0.0;
      for (int32_t i = 0; i < length; i++)
        along += v[i] * vector[b % rank][i];
      for (int32_t i = 0; i < length; i++)
        v[i] -= along * vector[b % rank][i];
    }
    for (int32_t i = 0; i < length; i++)
      left += v[i] * v[i];
    if (left <= 1e-18 * size)
      continue;
    for (int32_t i = 0; i < length; i++) {
      vector[rank][i] = v[i] / sqrt(left);
      dot += vector[rank][i];
    }
    for (int32_t i = 0; i < length; i++)
      cover[i] += dot * vector[rank][i];
    rank++;
  }
  for (int32_t i = 0; i < length; i++)
    distance += (cover[i] - 1.0) * (cover[i] - 1.0);
  return distance;
}

/* The vectors of the workers that have finished: their coefficients, or ones. */
static int32_t vectors_of_finished(const testudo_design *design, const testudo_progress *progress,
                                   double (*vector)[MOST])
{
  int32_t count = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t load = testudo_design_load(design, j);
    const double *row = testudo_design_coefficients(design, j);
    if (load == 0 || testudo_progress_done(progress, j) < load)
      continue;
    memset(vector[count], 0, sizeof vector[count]);
    for (int32_t k = 0; k < load; k++)
      vector[count][testudo_design_order(design, j)[k]] = row == NULL ? 1.0 : row[k];
    count++;
  }
  return count;
}

/* m / |S| for each of the |S| finished workers, chunks divided by their copies. */
static double one_step(const testudo_design *design, const testudo_progress *progress, double *cover)
{
  static double vector[MOST][MOST];
  int32_t finished = vectors_of_finished(design, progress, vector), busy = 0;
  double error = 0.0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    busy += testudo_design_load(design, j) > 0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    cover[i] = 0.0;
    for (int32_t k = 0; k < finished; k++)
      cover[i] += vector[k][i] * busy / finished / testudo_design_replication(design, i);
    error += (cover[i] - 1.0) * (cover[i] - 1.0);
  }
  return error;
}

static void draw_deadline(const testudo_design *design, testudo_progress *progress, testudo_i_random *random)
{
  testudo_progress_reset(progress);
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t done = testudo_design_steps(design, j);
    if (testudo_i_random_below(random, 3) == 0)
      done = (int32_t)testudo_i_random_below(random, (uint64_t)done + 1);
    assert_ok(testudo_progress_mark(progress, j, done, NULL));
  }
}

static void meet_a_deadline(const char *name, const testudo_design *design, testudo_decoder decoder,
                            testudo_codec *codec, testudo_progress *progress, testudo_i_random *random, room *r)
{
  static double vector[MOST][MOST];
  const double *messages[MOST];
  double cover[MOST], error, found, sum = 0.0;
  draw_deadline(design, progress, random);
  if (decoder == TESTUDO_DECODER_ONE_STEP)
    error = one_step(design, progress, cover);
  else
    error = project_ones(vectors_of_finished(design, progress, vector), testudo_design_chunks(design), vector, cover);
  assert_ok(testudo_decode_error(codec, progress, &found, NULL));
  assert_near(found, error, 1e-8);
  assert_ok(send_double(codec, design, progress, r, messages, NULL));
  assert_ok(testudo_decode_approximate_double(codec, progress, messages, DIM, r->found, NULL));
  for (int t = 0; t < DIM; t++) {
    sum = 0.0;
    for (int32_t i = 0; i < testudo_design_chunks(design); i++)
      sum += cover[i] * r->gradient[i][t];
    if (fabs(r->found[t] - sum) > 1e-7)
      fail_msg("%s, decoder %s: number %d is %.17g, wanted %.17g", name, testudo_decoder_name(decoder), t, r->found[t],
               sum);
  }
  testudo_status status = testudo_decode_double(codec, progress, messages, DIM, r->found, NULL);
  if (decoder != TESTUDO_DECODER_EXACT)
    assert_status(status, found == 0.0 ? TESTUDO_OK : TESTUDO_UNDECODABLE);
}

typedef struct deadlines {
  int decoders[TESTUDO_DECODER_COMPONENT + 1];
} deadlines;

/* Sums of finished workers: an approximate code, and a gradient code. */
static void meet_deadlines(const char *name, testudo_design *design, void *state)
{
  bool gradient_code = testudo_design_scheme(design) == TESTUDO_SCHEME_GRADIENT_CODE;
  bool sums = testudo_design_scheme(design) == TESTUDO_SCHEME_PARTIAL && testudo_design_parts(design) == 1;
  if ((!gradient_code && !sums) || testudo_design_workers(design) > 40)
    return;
  room *r = fill_room(4);
  testudo_progress *progress;
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 17, 0);
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int decoder = TESTUDO_DECODER_EXACT; decoder <= TESTUDO_DECODER_COMPONENT; decoder++) {
    testudo_codec *codec;
    if (gradient_code != (decoder == TESTUDO_DECODER_EXACT))
      continue;
    if (decoder == TESTUDO_DECODER_COMPONENT && testudo_design_max_load(design) > 2) {
      assert_status(testudo_codec_create(design, (testudo_decoder)decoder, &codec, NULL), TESTUDO_ERROR_ARGUMENT);
      continue;
    }
    assert_ok(testudo_codec_create(design, (testudo_decoder)decoder, &codec, NULL));
    for (int round = 0; round < 20; round++)
      meet_a_deadline(name, design, (testudo_decoder)decoder, codec, progress, &random, r);
    testudo_codec_free(codec);
    ((deadlines *)state)->decoders[decoder]++;
  }
  testudo_progress_free(progress);
  free(r);
}

static void at_a_deadline_the_estimate_is_the_least_squares_one(void **state)
{
  (void)state;
  deadlines counts = {{0}};
  for_every_design(meet_deadlines, &counts);
  assert_true(counts.decoders[TESTUDO_DECODER_EXACT] >= 8);
  assert_true(counts.decoders[TESTUDO_DECODER_OPTIMAL] >= 10);
  assert_int_equal(counts.decoders[TESTUDO_DECODER_ONE_STEP], counts.decoders[TESTUDO_DECODER_OPTIMAL]);
  assert_true(counts.decoders[TESTUDO_DECODER_COMPONENT] >= 2);
}

/* ---- two threads ---- */

enum { ROUNDS = 12 };

typedef struct thread {
  const testudo_design *design;
  room *room;
  double found[ROUNDS][DIM];
  testudo_status status[ROUNDS];
} thread;

static void *run_thread(void *argument)
{
  thread *own = argument;
  testudo_progress *progress = NULL;
  testudo_codec *codec = NULL;
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 18, 0);
  testudo_status status = testudo_progress_create(own->design, &progress, NULL);
  if (status == TESTUDO_OK)
    status = testudo_codec_create(own->design, TESTUDO_DECODER_EXACT, &codec, NULL);
  for (int round = 0; round < ROUNDS; round++) {
    own->status[round] = status;
    if (status == TESTUDO_OK)
      own->status[round] = run_loop(codec, own->design, progress, &random, own->room, NULL);
    memcpy(own->found[round], own->room->found, sizeof own->found[round]);
  }
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  return NULL;
}

static void share_between_threads(const char *name, testudo_design *design, void *state)
{
  enum { THREADS = 2 };
  thread alone = {.design = design, .room = fill_room(6)}, *both = calloc(THREADS, sizeof *both);
  pthread_t id[THREADS];
  assert_non_null(both);
  run_thread(&alone);
  for (int k = 0; k < THREADS; k++) {
    both[k].design = design;
    both[k].room = fill_room(6);
    assert_int_equal(pthread_create(&id[k], NULL, run_thread, &both[k]), 0);
  }
  for (int k = 0; k < THREADS; k++)
    assert_int_equal(pthread_join(id[k], NULL), 0);
  for (int k = 0; k < THREADS; k++) {
    if (memcmp(both[k].found, alone.found, sizeof alone.found) != 0)
      fail_msg("%s: thread %d found other bits", name, k);
    assert_memory_equal(both[k].status, alone.status, sizeof alone.status);
    free(both[k].room);
  }
  assert_status(alone.status[0], TESTUDO_OK);
  free(alone.room);
  free(both);
  ++*(int *)state;
}

static void two_threads_share_a_design_and_find_the_same_bits(void **state)
{
  (void)state;
  int designs = 0;
  for_every_design(share_between_threads, &designs);
  assert_true(designs > 60);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_loop_gives_the_sum_of_every_design),
      cmocka_unit_test(at_a_deadline_the_estimate_is_the_least_squares_one),
      cmocka_unit_test(two_threads_share_a_design_and_find_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
