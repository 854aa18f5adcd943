/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests: what they say, the bytes that carry them, and what is refused. */
#include "check.h"

#include <limits.h>

#include <testudo/runtime.h>

#include "designs.h"

enum { DIM = 5, MOST_CHUNKS = 256 };

/* A server, a worker's codec of the same design and decoder, and a random progress. */
typedef struct exchange {
  const testudo_design *design;
  testudo_codec *server, *worker;
  testudo_progress *progress;
  unsigned char *bytes;
  size_t most;
  testudo_i_random random;
} exchange;

/* False where the decoder is not for this design. */
static bool open_exchange(exchange *x, const testudo_design *design, testudo_decoder decoder, uint64_t seed)
{
  *x = (exchange){.design = design};
  if (testudo_codec_create(design, decoder, &x->server, NULL) != TESTUDO_OK) {
    assert_true(decoder != TESTUDO_DECODER_EXACT);
    return false;
  }
  assert_ok(testudo_codec_create(design, decoder, &x->worker, NULL));
  assert_ok(testudo_progress_create(design, &x->progress, NULL));
  x->most = testudo_request_bytes_most(x->server);
  x->bytes = malloc(x->most + 1);
  assert_non_null(x->bytes);
  testudo_i_random_start(&x->random, seed, TESTUDO_I_FOR_TEST, 9, 0);
  return true;
}

static void close_exchange(exchange *x)
{
  testudo_codec_free(x->server);
  testudo_codec_free(x->worker);
  testudo_progress_free(x->progress);
  free(x->bytes);
}

/* Two workers of three have finished, the others are anywhere. */
static void draw_marks(exchange *x)
{
  testudo_progress_reset(x->progress);
  for (int32_t j = 0; j < testudo_design_workers(x->design); j++) {
    int32_t steps = testudo_design_steps(x->design, j), done = steps;
    if (testudo_i_random_below(&x->random, 3) == 0)
      done = (int32_t)testudo_i_random_below(&x->random, (uint64_t)steps + 1);
    assert_ok(testudo_progress_mark(x->progress, j, done, NULL));
  }
}

static void assert_same_request(const testudo_request *a, const testudo_request *b)
{
  assert_int_equal(a->worker, b->worker);
  assert_int_equal(a->done, b->done);
  assert_int_equal(a->rows, b->rows);
  assert_int_equal(a->chunks, b->chunks);
  assert_int_equal(a->count, b->count);
  assert_memory_equal(a->coefficient, b->coefficient, a->count * sizeof *a->coefficient);
}

/* Any request that is taken must be encoded or refused; what is read and written has exactly the size allowed. */
static testudo_status encode(testudo_codec *codec, const testudo_design *design, const testudo_request *request)
{
  double *number = malloc(DIM * sizeof *number);
  double *message = malloc(testudo_message_length(design, DIM) * sizeof *message);
  const double *gradient[MOST_CHUNKS];
  assert_true(number != NULL && message != NULL && testudo_design_max_load(design) <= MOST_CHUNKS);
  for (int t = 0; t < DIM; t++)
    number[t] = 1.0 + t;
  for (int32_t k = 0; k < testudo_design_max_load(design); k++)
    gradient[k] = number;
  testudo_status status = testudo_encode_double(codec, request, gradient, DIM, message, NULL);
  free(number);
  free(message);
  return status;
}

static size_t pack(exchange *x, int32_t worker, testudo_request *request)
{
  assert_ok(testudo_request_make(x->server, x->progress, worker, request, NULL));
  size_t length = testudo_request_bytes(request);
  assert_true(length <= x->most);
  memset(x->bytes, 0xee, x->most + 1);
  testudo_request_pack(request, x->bytes);
  assert_int_equal(x->bytes[length], 0xee);
  return length;
}

/* ---- round trips ---- */

typedef struct tally {
  int decoders[TESTUDO_DECODER_COMPONENT + 1];
  long sent, silent;
} tally;

static void round_trips(const char *name, testudo_design *design, void *state)
{
  tally *counts = state;
  (void)name;
  for (int decoder = TESTUDO_DECODER_EXACT; decoder <= TESTUDO_DECODER_COMPONENT; decoder++) {
    exchange x;
    if (!open_exchange(&x, design, (testudo_decoder)decoder, 3))
      continue;
    counts->decoders[decoder]++;
    for (int round = 0; round < 4; round++) {
      draw_marks(&x);
      for (int32_t j = 0; j < testudo_design_workers(design); j++) {
        testudo_request made, taken;
        size_t length = pack(&x, j, &made);
        assert_ok(testudo_request_unpack(x.worker, x.bytes, length, &taken, NULL));
        assert_same_request(&made, &taken);
        assert_int_equal(made.worker, j);
        assert_int_equal(made.done, testudo_progress_done(x.progress, j));
        assert_int_equal(made.count, made.rows * made.chunks);
        assert_ok(encode(x.worker, design, &taken));
        counts->sent += made.chunks > 0;
        counts->silent += made.chunks == 0;
      }
    }
    close_exchange(&x);
  }
}

static void every_request_survives_the_wire_bit_for_bit(void **state)
{
  (void)state;
  tally counts = {{0}, 0, 0};
  int designs = for_every_design(round_trips, &counts);
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    for (uint64_t seed = 0; seed < 20; seed++, designs++) {
      testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
      round_trips("drawn", design, &counts);
      testudo_design_free(design);
    }
  assert_int_equal(counts.decoders[TESTUDO_DECODER_EXACT], designs);
  assert_true(counts.decoders[TESTUDO_DECODER_OPTIMAL] > 20);
  assert_int_equal(counts.decoders[TESTUDO_DECODER_ONE_STEP], counts.decoders[TESTUDO_DECODER_OPTIMAL]);
  assert_true(counts.decoders[TESTUDO_DECODER_COMPONENT] >= 2);
  assert_true(counts.sent > 5000 && counts.silent > 1000);
}

/* "TRQ1", four words, one double: little endian, whatever the machine. */
static void the_bytes_are_those_of_the_format(void **state)
{
  (void)state;
  static const unsigned char wanted[] = {'T', 'R', 'Q', '1', 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0,
                                         1,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0xf0, 0x3f};
  const int32_t tolerance[] = {0, 1};
  testudo_design *design;
  exchange x;
  testudo_request made;
  assert_ok(testudo_design_create_nested(3, tolerance, 2, 1, "", &design, NULL));
  assert_true(open_exchange(&x, design, TESTUDO_DECODER_EXACT, 1));
  assert_ok(testudo_progress_mark(x.progress, 0, 1, NULL));
  assert_ok(testudo_progress_mark(x.progress, 2, 1, NULL));
  assert_ok(testudo_progress_mark(x.progress, 1, 1, NULL)); /* announces tolerance 0: the identity */
  assert_ok(testudo_progress_mark(x.progress, 1, 2, NULL));
  assert_int_equal(pack(&x, 1, &made), sizeof wanted);
  assert_memory_equal(x.bytes, wanted, sizeof wanted);
  close_exchange(&x);
  testudo_design_free(design);
}

/* ---- broken bytes ---- */

static void refuse_every_other_length(exchange *x, size_t length)
{
  testudo_request taken;
  testudo_error error;
  /* A copy of the exact size, so that a read beyond it is seen by a sanitizer. */
  for (size_t cut = 0; cut <= length + 9; cut++) {
    unsigned char *copy = calloc(cut + 1, 1);
    assert_non_null(copy);
    memcpy(copy, x->bytes, cut < length ? cut : length);
    unsigned char *exact = realloc(copy, cut == 0 ? 1 : cut);
    copy = exact == NULL ? copy : exact;
    testudo_status status = testudo_request_unpack(x->worker, copy, cut, &taken, &error);
    assert_status(status, cut == length ? TESTUDO_OK : TESTUDO_ERROR_INPUT);
    if (cut != length) {
      assert_memory_equal(error.text, "request: ", 9);
      assert_true(taken.chunks == 0 && taken.count == 0);
    }
    free(copy);
  }
}

static void change_every_byte(exchange *x, size_t length, long *refused, long *encoded)
{
  for (size_t at = 0; at < length; at++) {
    unsigned char kept = x->bytes[at];
    for (int change = 1; change < 256; change++) {
      testudo_request taken;
      x->bytes[at] = (unsigned char)(kept ^ change);
      testudo_status status = testudo_request_unpack(x->worker, x->bytes, length, &taken, NULL);
      if (status == TESTUDO_OK) {
        /* The mark, and what would change the length, is never taken. */
        assert_true(at >= 4 && testudo_request_bytes(&taken) == length);
        assert_ok(encode(x->worker, x->design, &taken));
        ++*encoded;
      } else {
        assert_status(status, TESTUDO_ERROR_INPUT);
        ++*refused;
      }
    }
    x->bytes[at] = kept;
  }
}

static void broken_bytes_are_refused_or_another_request(void **state)
{
  (void)state;
  long refused = 0, encoded = 0;
  for (int scheme = 0; scheme <= TESTUDO_SCHEME_GRADIENT_CODE_PARTS; scheme++)
    for (uint64_t seed = 0; seed < 6; seed++)
      for (int decoder = TESTUDO_DECODER_EXACT; decoder <= TESTUDO_DECODER_COMPONENT; decoder++) {
        testudo_design *design = drawn_design((testudo_scheme)scheme, seed);
        exchange x;
        if (open_exchange(&x, design, (testudo_decoder)decoder, seed)) {
          draw_marks(&x);
          for (int32_t j = 0; j < testudo_design_workers(design); j += 3) {
            testudo_request made;
            size_t length = pack(&x, j, &made);
            refuse_every_other_length(&x, length);
            change_every_byte(&x, length, &refused, &encoded);
          }
          close_exchange(&x);
        }
        testudo_design_free(design);
      }
  print_message("%ld changes refused, %ld encoded\n", refused, encoded);
  assert_true(refused > 100000 && encoded > 10000);
}

static void a_request_for_another_design_is_refused(void **state)
{
  (void)state;
  /* More workers, more chunks per worker, more parts, blocks instead of parts. */
  const int32_t tolerance[] = {1, 2};
  const int64_t size[] = {2, 3};
  testudo_design *design[5] = {cyclic_design(5, 3, 2, 1), cyclic_design(6, 3, 2, 1), cyclic_design(5, 4, 2, 1),
                               cyclic_design(5, 3, 3, 1), NULL};
  assert_ok(testudo_design_create_block(5, tolerance, size, 2, 1, "", &design[4], NULL));
  exchange own;
  assert_true(open_exchange(&own, design[0], TESTUDO_DECODER_EXACT, 1));
  for (int k = 1; k < 5; k++) {
    exchange other;
    testudo_request request, taken;
    testudo_error error;
    int32_t last = testudo_design_workers(design[k]) - 1;
    assert_true(open_exchange(&other, design[k], TESTUDO_DECODER_EXACT, 1));
    for (int32_t j = 0; j <= last; j++)
      assert_ok(testudo_progress_mark(other.progress, j, k == 4 ? 1 : testudo_design_load(design[k], j), NULL));
    size_t length = pack(&other, last, &request);
    assert_status(testudo_request_unpack(own.worker, other.bytes, length, &taken, &error), TESTUDO_ERROR_INPUT);
    assert_status(encode(own.worker, design[0], &request), TESTUDO_ERROR_ARGUMENT);
    close_exchange(&other);
  }
  close_exchange(&own);
  for (int k = 0; k < 5; k++)
    testudo_design_free(design[k]);
}

/* ---- requests put together by hand ---- */

static void nonsense_is_refused(const char *name, testudo_design *design, void *state)
{
  exchange x;
  int32_t worker = 0, workers = testudo_design_workers(design);
  (void)name;
  assert_true(open_exchange(&x, design, TESTUDO_DECODER_EXACT, 2));
  while (testudo_design_load(design, worker) == 0)
    worker++;
  for (int32_t j = 0; j < workers; j++)
    assert_ok(testudo_progress_mark(x.progress, j, testudo_design_steps(design, j), NULL));
  testudo_request good, bad[16];
  int count = 0;
  assert_ok(testudo_request_make(x.server, x.progress, worker, &good, NULL));
  assert_ok(encode(x.server, design, &good));
  for (int k = 0; k < 16; k++)
    bad[k] = good;
  bad[count++].worker = -1;
  bad[count++].worker = workers;
  bad[count++].worker = INT32_MIN;
  bad[count++].done = -1;
  bad[count++].done = testudo_design_steps(design, worker) + 1;
  bad[count++].rows = good.rows + 1;
  bad[count++].rows = good.rows - 1;
  bad[count++].rows = -good.rows;
  bad[count++].chunks = testudo_design_load(design, worker) + 1;
  bad[count++].chunks = -1;
  bad[count++].chunks = INT32_MAX;
  bad[count++].count = good.count + 1;
  bad[count++].count = 0;
  bad[count++].coefficient = NULL;
  bad[count].rows = good.rows + 1;
  bad[count].count = (size_t)bad[count].rows * (size_t)good.chunks;
  count++;
  bad[count].chunks = testudo_design_load(design, worker) + 1;
  bad[count].count = (size_t)good.rows * (size_t)bad[count].chunks;
  count++;
  for (int k = 0; k < count; k++) {
    testudo_error error = {""};
    if (encode(x.server, design, &bad[k]) != TESTUDO_ERROR_ARGUMENT)
      fail_msg("%s: nonsense %d is encoded", name, k);
    const double *gradient[MOST_CHUNKS] = {NULL};
    double message[DIM];
    assert_status(testudo_encode_double(x.server, &bad[k], gradient, DIM, message, &error), TESTUDO_ERROR_ARGUMENT);
    assert_memory_equal(error.text, "request: ", 9);
    ++*(int *)state;
  }
  close_exchange(&x);
}

static void requests_put_together_wrongly_are_refused(void **state)
{
  (void)state;
  int refused = 0;
  int designs = for_every_design(nonsense_is_refused, &refused);
  assert_int_equal(refused, designs * 16);
}

static void an_empty_request_encodes_to_zeros_or_to_nothing(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(4, 2, 2, 1);
  exchange x;
  assert_true(open_exchange(&x, design, TESTUDO_DECODER_EXACT, 1));
  testudo_request request = {.worker = 2, .done = 1};
  double message[3] = {7.0, 7.0, 7.0};
  assert_ok(testudo_encode_double(x.server, &request, NULL, DIM, message, NULL));
  for (int t = 0; t < 3; t++)
    assert_true(message[t] == 0.0);
  request.rows = 2;
  assert_status(testudo_encode_double(x.server, &request, NULL, DIM, message, NULL), TESTUDO_ERROR_ARGUMENT);
  close_exchange(&x);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_request_survives_the_wire_bit_for_bit),
      cmocka_unit_test(the_bytes_are_those_of_the_format),
      cmocka_unit_test(broken_bytes_are_refused_or_another_request),
      cmocka_unit_test(a_request_for_another_design_is_refused),
      cmocka_unit_test(requests_put_together_wrongly_are_refused),
      cmocka_unit_test(an_empty_request_encodes_to_zeros_or_to_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
