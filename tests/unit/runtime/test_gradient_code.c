/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classical gradient codes through the runtime, against the true sum: every straggler set of small codes, random sets
   of larger ones. */
#include "check.h"

#include <float.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/random.h"

#define DIM 7

typedef struct rig {
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  int32_t n, chunks;
  double *gradient; /* chunks x DIM */
  double *message;  /* n x DIM */
  double worst, worst_amplification;
  long decoded, refused;
} rig;

enum { FRC, CYCLIC, MDS };

static testudo_design *code_of(int kind, int32_t n, int32_t chunks, int32_t s, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  if (kind != FRC)
    assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  else
    assert_ok(testudo_assignment_frc(n, chunks, s + 1, &assignment, NULL));
  testudo_error error = {""};
  testudo_status status = kind == MDS
                              ? testudo_design_create_cyclic_mds(&assignment, s, "", &design, &error)
                              : testudo_design_create_gradient_code(&assignment, s, seed, "", &design, &error);
  if (status != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_ok(status);
  testudo_assignment_free(&assignment);
  return design;
}

static rig rig_of(testudo_design *design, uint64_t seed)
{
  rig r = {.design = design, .n = testudo_design_workers(design), .chunks = testudo_design_chunks(design)};
  assert_ok(testudo_progress_create(design, &r.progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &r.codec, NULL));
  r.gradient = malloc(sizeof(double) * (size_t)r.chunks * DIM);
  r.message = malloc(sizeof(double) * (size_t)r.n * DIM);
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t e = 0; e < r.chunks * DIM; e++)
    r.gradient[e] = testudo_i_random_normal(&random);
  return r;
}

static void free_rig(rig *r)
{
  testudo_codec_free(r->codec);
  testudo_progress_free(r->progress);
  testudo_design_free(r->design);
  free(r->gradient);
  free(r->message);
}

/* The straggling workers have done all but their last chunk: their work must not count. */
static void mark(rig *r, const bool *straggles)
{
  testudo_progress_reset(r->progress);
  for (int32_t j = 0; j < r->n; j++)
    assert_ok(testudo_progress_mark(r->progress, j, testudo_design_load(r->design, j) - (straggles[j] ? 1 : 0), NULL));
}

/* Only workers that have finished are asked for anything: their row of the code. */
static void encode_all(rig *r)
{
  const double *input[64];
  for (int32_t j = 0; j < r->n; j++) {
    testudo_request request;
    int32_t load = testudo_design_load(r->design, j), done = testudo_progress_done(r->progress, j);
    for (int32_t k = 0; k < done; k++)
      input[k] = r->gradient + testudo_design_order(r->design, j)[k] * DIM;
    for (int32_t t = 0; t < DIM; t++)
      r->message[j * DIM + t] = NAN;
    assert_ok(testudo_request_make(r->codec, r->progress, j, &request, NULL));
    assert_int_equal(request.chunks, done == load ? load : 0);
    if (request.chunks == 0)
      continue;
    assert_memory_equal(request.coefficient, testudo_design_coefficients(r->design, j),
                        (size_t)load * sizeof *request.coefficient);
    assert_ok(testudo_encode_double(r->codec, &request, input, DIM, r->message + j * DIM, NULL));
  }
}

static double relative_error(const rig *r, const double *found)
{
  double away = 0.0, size = 0.0;
  for (int32_t t = 0; t < DIM; t++) {
    double sum = 0.0;
    for (int32_t i = 0; i < r->chunks; i++)
      sum += r->gradient[i * DIM + t];
    away += (found[t] - sum) * (found[t] - sum);
    size += sum * sum;
  }
  return sqrt(away / size);
}

/* Decodes one straggler set; by rule it must be decodable. */
static void decode_set(rig *r, const bool *straggles)
{
  mark(r, straggles);
  assert_true(testudo_progress_decodable(r->progress));
  encode_all(r);
  const double *message[128];
  for (int32_t j = 0; j < r->n; j++)
    message[j] = straggles[j] ? NULL : r->message + j * DIM;
  double found[DIM], amplification;
  testudo_status status = testudo_decode_double(r->codec, r->progress, message, DIM, found, NULL);
  if (status == TESTUDO_UNDECODABLE) {
    r->refused++;
    return;
  }
  assert_ok(status);
  assert_ok(testudo_amplification(r->codec, r->progress, &amplification, NULL, NULL));
  double error = relative_error(r, found);
  assert_true(error <= fmax(1e-9, 100.0 * DBL_EPSILON * amplification));
  r->worst = fmax(r->worst, error);
  r->worst_amplification = fmax(r->worst_amplification, amplification);
  r->decoded++;
}

static long decode_every_set(int kind)
{
  long sets = 0;
  for (int32_t n = 1; n <= 10; n++)
    for (int32_t s = 0; s < n; s++) {
      if (kind == MDS && s > 0 && (n - s) % 2 == 0)
        continue;
      rig r = rig_of(code_of(kind, n, n, s, 100u + (unsigned)n), (uint64_t)(17 * n + s));
      for (unsigned set = 0; set < 1u << n; set++) {
        bool straggles[10];
        for (int32_t j = 0; j < n; j++)
          straggles[j] = set >> j & 1;
        if (__builtin_popcount(set) <= s)
          decode_set(&r, straggles);
      }
      assert_int_equal(r.refused, 0);
      sets += r.decoded;
      free_rig(&r);
    }
  return sets;
}

static void every_straggler_set_of_cyclic_codes_up_to_10_workers_decodes(void **state)
{
  (void)state;
  assert_true(decode_every_set(CYCLIC) > 5000);
}

static void every_straggler_set_of_cyclic_mds_codes_up_to_10_workers_decodes(void **state)
{
  (void)state;
  assert_true(decode_every_set(MDS) > 2500);
}

static void every_set_that_leaves_each_group_a_worker_decodes_a_repetition_code(void **state)
{
  (void)state;
  const int32_t shape[][3] = {{1, 1, 0}, {4, 4, 1}, {6, 6, 2}, {8, 8, 3}, {9, 3, 2}, {10, 20, 4}, {8, 4, 1}, {6, 6, 5}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
    int32_t n = shape[k][0], s = shape[k][2];
    rig r = rig_of(code_of(FRC, n, shape[k][1], s, 1), k);
    long expected = 0;
    for (unsigned set = 0; set < 1u << n; set++) {
      bool straggles[10], whole = true;
      for (int32_t j = 0; j < n; j++)
        straggles[j] = set >> j & 1;
      for (int32_t g = 0; g < n; g += s + 1)
        whole = whole && (~set >> g & ((1u << (s + 1)) - 1)) != 0;
      mark(&r, straggles);
      assert_int_equal(testudo_progress_decodable(r.progress), whole);
      if (whole)
        decode_set(&r, straggles), expected++;
    }
    assert_int_equal(r.decoded, expected);
    assert_int_equal(r.refused, 0);
    free_rig(&r);
  }
}

/* s workers drawn without replacement. */
static void draw_set(testudo_i_random *random, int32_t n, int32_t s, bool *straggles)
{
  int32_t item[128];
  for (int32_t j = 0; j < n; j++)
    item[j] = j, straggles[j] = false;
  testudo_i_random_shuffle(random, item, (size_t)n);
  for (int32_t k = 0; k < s; k++)
    straggles[item[k]] = true;
}

static void ten_thousand_random_sets_of_larger_codes_decode_or_are_refused_as_badly_amplified(void **state)
{
  (void)state;
  const int32_t size[][2] = {{20, 4}, {50, 4}, {100, 3}};
  static const char *const name[] = {"frc", "cyclic", "cyclic-mds"};
  for (size_t k = 0; k < 3; k++)
    for (int kind = FRC; kind <= MDS; kind++) {
      int32_t n = size[k][0], s = size[k][1] + (kind == MDS && size[k][1] == 4 ? 1 : 0);
      rig r = rig_of(code_of(kind, n, n, s, 5), k);
      testudo_i_random random;
      testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, k, 0);
      for (int draw = 0; draw < 10000; draw++) {
        bool straggles[128];
        draw_set(&random, n, s, straggles);
        decode_set(&r, straggles);
      }
      print_message("%s n=%d s=%d: worst error %.2g, worst amplification %.3g, refused %ld of 10000\n",
                    name[kind], (int)n, (int)s, r.worst, r.worst_amplification, r.refused);
      /* A fixed seed; what the code promises is that nothing wrong passes silently, and that little is refused. */
      assert_true(r.refused <= (kind == CYCLIC ? 10 : 0));
      free_rig(&r);
    }
}

/* From one straggler to nearly all workers: whatever decodes is right, and what is refused says so. */
static void random_sets_of_any_number_of_stragglers_decode_rightly_or_are_refused(void **state)
{
  (void)state;
  static const int32_t sizes[] = {20, 50, 100};
  static const int32_t sets[][10] = {{1, 3, 4, 9, 13, 17, 19, -1}, {1, 4, 9, 15, 24, 33, 43, 49, -1},
                                     {1, 9, 19, 33, 49, 61, -1}};
  long codes = 0;
  for (int k = 0; k < 3; k++)
    for (const int32_t *s = sets[k]; *s >= 0; s++)
      for (int kind = FRC; kind <= MDS; kind++) {
        int32_t n = sizes[k];
        if ((kind == FRC && n % (*s + 1) != 0) || (kind == MDS && (n - *s) % 2 == 0))
          continue;
        rig r = rig_of(code_of(kind, n, n, *s, 11), (uint64_t)k);
        testudo_i_random random;
        testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, (uint64_t)(100 * k + *s), (uint64_t)kind);
        for (int draw = 0; draw < 200; draw++) {
          bool straggles[128];
          /* Every tenth set has fewer stragglers than the code tolerates. */
          draw_set(&random, n, draw % 10 == 0 ? *s / 2 : *s, straggles);
          decode_set(&r, straggles);
        }
        print_message("kind %d n=%d s=%d: worst error %.2g, worst amplification %.3g, refused %ld of 200\n", kind,
                      (int)n, (int)*s, r.worst, r.worst_amplification, r.refused);
        assert_true(r.decoded + r.refused == 200);
        assert_true(kind != FRC || r.refused == 0);
        /* Fixed seeds: Tandon's numbers were refused nowhere, those of cyclic MDS codes up to 12 times of 200. */
        assert_true(r.refused <= (kind == CYCLIC ? 0 : 20));
        codes++;
        free_rig(&r);
      }
  assert_true(codes > 35);
}

static void too_few_workers_are_undecodable_and_nothing_is_written(void **state)
{
  (void)state;
  rig r = rig_of(code_of(CYCLIC, 7, 7, 2, 3), 4);
  bool straggles[7] = {true, true, true, false, false, false, false};
  mark(&r, straggles);
  assert_false(testudo_progress_decodable(r.progress));
  encode_all(&r);
  const double *message[7];
  for (int32_t j = 0; j < 7; j++)
    message[j] = r.message + j * DIM;
  double found[DIM] = {42.0}, decode_error;
  testudo_error error = {""};
  assert_status(testudo_decode_double(r.codec, r.progress, message, DIM, found, &error), TESTUDO_UNDECODABLE);
  assert_string_equal(error.text,
                      "the gradient is not decodable yet: scheme gradient-code waits for all but `stragglers` workers "
                      "to finish (frc: one worker of every group)");
  assert_true(found[0] == 42.0);
  assert_ok(testudo_decode_error(r.codec, r.progress, &decode_error, NULL));
  assert_true(decode_error > 1e-3);
  assert_ok(testudo_decode_approximate_double(r.codec, r.progress, message, DIM, found, NULL));
  assert_true(relative_error(&r, found) > 1e-6);
  free_rig(&r);
}

/* The residual of a repetition code is the number of chunks in groups without a finished worker. */
static void the_decode_error_of_repetition_counts_the_uncovered_chunks(void **state)
{
  (void)state;
  rig r = rig_of(code_of(FRC, 6, 12, 1, 3), 4);
  for (unsigned set = 0; set < 64; set++) {
    bool straggles[6];
    int uncovered = 0;
    for (int j = 0; j < 6; j++)
      straggles[j] = set >> j & 1;
    for (int g = 0; g < 3; g++)
      uncovered += straggles[2 * g] && straggles[2 * g + 1] ? 4 : 0;
    mark(&r, straggles);
    double decode_error;
    assert_ok(testudo_decode_error(r.codec, r.progress, &decode_error, NULL));
    assert_near(decode_error, uncovered, 1e-12);
    assert_int_equal(testudo_progress_error(r.progress), uncovered);
  }
  free_rig(&r);
}

/* The code (1, 1) on a circle of workers: the finished ones join chunks j and j + 1, so the residual is that of paths,
   1/v for each with an odd number v of chunks. At this size what does not decode goes to the sparse least squares. */
/* Chunk i of the natural code is chunk[i], worker j is worker[j]: the same code, and the same weights, elsewhere. */
static testudo_design *renumbered(int32_t n, int32_t s, uint64_t seed, const int32_t *worker, const int32_t *chunk)
{
  testudo_assignment natural, other;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &natural, NULL));
  assert_ok(testudo_assignment_cyclic(n, s + 1, &other, NULL));
  for (int32_t j = 0; j < n; j++)
    for (int32_t k = 0; k <= s; k++)
      other.chunk[worker[j] * (s + 1) + k] = chunk[natural.chunk[j * (s + 1) + k]];
  assert_ok(testudo_design_create_gradient_code(&other, s, seed, "", &design, NULL));
  testudo_assignment_free(&natural);
  testudo_assignment_free(&other);
  return design;
}

static void a_cyclic_code_is_one_under_any_numbers(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 71, TESTUDO_I_FOR_TEST, 0, 0);
  for (int round = 0; round < 60; round++) {
    int32_t n = 4 + (int32_t)testudo_i_random_below(&random, 6);
    int32_t s = 1 + (int32_t)testudo_i_random_below(&random, (uint64_t)n - 3), worker[10], chunk[10];
    for (int32_t j = 0; j < n; j++)
      worker[j] = chunk[j] = j;
    testudo_i_random_shuffle(&random, worker, (size_t)n);
    testudo_i_random_shuffle(&random, chunk, (size_t)n);
    rig r = rig_of(renumbered(n, s, 1 + (uint64_t)round, worker, chunk), 5);
    assert_string_equal(testudo_design_construction(r.design), "cyclic");
    for (int32_t set = 0; set < 1 << n; set++) {
      bool straggles[10];
      int32_t count = 0;
      for (int32_t j = 0; j < n; j++)
        count += straggles[j] = set >> j & 1;
      if (count == s)
        decode_set(&r, straggles);
    }
    assert_int_equal(r.refused, 0);
    free_rig(&r);
  }
}

static void the_decode_error_of_a_large_code_is_that_of_paths(void **state)
{
  (void)state;
  enum { N = 2100 };
  testudo_design *design = code_of(MDS, N, N, 1, 0);
  testudo_progress *progress;
  testudo_codec *codec;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL));
  for (int32_t every = 2; every < 40; every = 2 * every + 1) {
    double expected = 0.0, found;
    int32_t path = 0;
    testudo_progress_reset(progress);
    for (int32_t j = 0; j < N; j++) {
      path++; /* chunk j; worker j, where it has finished, joins it to the next */
      if (j % every != every - 1 && j < N - 1)
        assert_ok(testudo_progress_mark(progress, j, 2, NULL));
      else {
        expected += path % 2 == 1 ? 1.0 / path : 0.0;
        path = 0;
      }
    }
    assert_ok(testudo_decode_error(codec, progress, &found, NULL));
    assert_near(found, expected, 1e-8);
  }
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

/* More sets than the cache holds, twice over and back: what it gives is what a new codec finds. */
static void vectors_from_the_cache_are_those_found_anew(void **state)
{
  (void)state;
  rig r = rig_of(code_of(CYCLIC, 40, 40, 2, 6), 1);
  for (int round = 0; round < 3; round++)
    for (int32_t set = 0; set < 700; set++) {
      int32_t at = round == 1 ? 699 - set : set, a = at % 37, b = at / 37;
      bool straggles[40] = {[39] = true};
      straggles[a] = true;
      straggles[b] = straggles[b] || round < 2;
      mark(&r, straggles);
      double kept[40], anew[40], before, after;
      testudo_codec *fresh;
      assert_ok(testudo_codec_create(r.design, TESTUDO_DECODER_EXACT, &fresh, NULL));
      assert_ok(testudo_decode_weights(r.codec, r.progress, 0, kept, NULL));
      assert_ok(testudo_decode_weights(fresh, r.progress, 0, anew, NULL));
      assert_memory_equal(kept, anew, sizeof kept);
      assert_ok(testudo_amplification(r.codec, r.progress, &before, NULL, NULL));
      assert_ok(testudo_amplification(fresh, r.progress, &after, NULL, NULL));
      assert_true(before == after);
      testudo_codec_free(fresh);
    }
  free_rig(&r);
}

/* Two workers' rows made parallel: without the others the system has no solution, though by rule it should. */
static void a_broken_code_is_refused_not_decoded_wrongly(void **state)
{
  (void)state;
  rig r = rig_of(code_of(CYCLIC, 5, 5, 1, 3), 4);
  bool straggles[5] = {false, false, true, false, false};
  decode_set(&r, straggles);
  assert_int_equal(r.refused, 0);
  double *row = (double *)(uintptr_t)testudo_design_coefficients(r.design, 3);
  row[0] = -row[0];
  testudo_codec_free(r.codec);
  assert_ok(testudo_codec_create(r.design, TESTUDO_DECODER_EXACT, &r.codec, NULL));
  decode_set(&r, straggles);
  assert_int_equal(r.refused, 1);
  free_rig(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_straggler_set_of_cyclic_codes_up_to_10_workers_decodes),
      cmocka_unit_test(every_straggler_set_of_cyclic_mds_codes_up_to_10_workers_decodes),
      cmocka_unit_test(a_cyclic_code_is_one_under_any_numbers),
      cmocka_unit_test(the_decode_error_of_a_large_code_is_that_of_paths),
      cmocka_unit_test(vectors_from_the_cache_are_those_found_anew),
      cmocka_unit_test(every_set_that_leaves_each_group_a_worker_decodes_a_repetition_code),
      cmocka_unit_test(ten_thousand_random_sets_of_larger_codes_decode_or_are_refused_as_badly_amplified),
      cmocka_unit_test(random_sets_of_any_number_of_stragglers_decode_rightly_or_are_refused),
      cmocka_unit_test(too_few_workers_are_undecodable_and_nothing_is_written),
      cmocka_unit_test(the_decode_error_of_repetition_counts_the_uncovered_chunks),
      cmocka_unit_test(a_broken_code_is_refused_not_decoded_wrongly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
