/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding of approximate codes. The least error is found three times: by the library's sparse least squares, by its
   component formula, and here by Gram-Schmidt on dense columns. */
#include "check.h"

#include <testudo/runtime.h>

#include "designs.h"

static testudo_design *design_of(int32_t workers, int32_t chunks, const int32_t *load, const int32_t *chunk)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < workers; j++)
    entries += load[j];
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, workers, 1, entries);
  for (int32_t j = 0; j < workers; j++)
    design->row[j + 1] = design->row[j] + load[j];
  memcpy(design->order, chunk, (size_t)entries * sizeof *chunk);
  return finished(design, 5);
}

/* A random graph of so many edges, loops left out, double edges allowed; isolated vertices get a worker of their
   own, as do `singles` more. */
static testudo_design *random_graph(int32_t chunks, int32_t edges, int32_t singles, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 11, 0);
  int32_t room = edges + singles + chunks, workers = 0, at = 0;
  int32_t *load = malloc((size_t)room * sizeof *load), *chunk = malloc(2 * (size_t)room * sizeof *chunk);
  char *held = calloc((size_t)chunks, 1);
  assert_true(load != NULL && chunk != NULL && held != NULL);
  for (int32_t k = 0; k < edges; k++) {
    int32_t a = (int32_t)testudo_i_random_below(&random, (uint64_t)chunks);
    int32_t b = (int32_t)testudo_i_random_below(&random, (uint64_t)chunks);
    if (a == b)
      continue;
    load[workers++] = 2;
    chunk[at++] = a;
    chunk[at++] = b;
    held[a] = held[b] = 1;
  }
  for (int32_t k = 0; k < singles; k++) {
    load[workers++] = 1;
    chunk[at] = (int32_t)testudo_i_random_below(&random, (uint64_t)chunks);
    held[chunk[at++]] = 1;
  }
  for (int32_t i = 0; i < chunks; i++)
    if (!held[i]) {
      load[workers++] = 1;
      chunk[at++] = i;
    }
  testudo_design *design = design_of(workers, chunks, load, chunk);
  free(load);
  free(chunk);
  free(held);
  return design;
}

/* ||1 - projection of 1 on the columns of the finished workers||^2, by modified Gram-Schmidt, twice. */
static double brute_error(const testudo_design *design, const char *finished)
{
  enum { MOST = 40 };
  int32_t n = testudo_design_chunks(design), rank = 0;
  static double basis[MOST][MOST];
  double rest[MOST], error = 0.0;
  assert_true(n <= MOST);
  for (int32_t i = 0; i < n; i++)
    rest[i] = 1.0;
  for (int32_t j = 0; j < testudo_design_workers(design) && rank < n; j++) {
    double v[MOST] = {0.0}, size = 0.0;
    if (!finished[j])
      continue;
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      v[testudo_design_order(design, j)[k]] = 1.0;
    for (int pass = 0; pass < 3; pass++)
      for (int32_t b = 0; b < rank; b++) {
        double dot = 0.0;
        for (int32_t i = 0; i < n; i++)
          dot += basis[b][i] * v[i];
        for (int32_t i = 0; i < n; i++)
          v[i] -= dot * basis[b][i];
      }
    for (int32_t i = 0; i < n; i++)
      size += v[i] * v[i];
    if (size < 1e-20)
      continue;
    for (int32_t i = 0; i < n; i++)
      basis[rank][i] = v[i] / sqrt(size);
    rank++;
  }
  for (int32_t b = 0; b < rank; b++) {
    double dot = 0.0;
    for (int32_t i = 0; i < n; i++)
      dot += basis[b][i] * rest[i];
    for (int32_t i = 0; i < n; i++)
      rest[i] -= dot * basis[b][i];
  }
  for (int32_t i = 0; i < n; i++)
    error += rest[i] * rest[i];
  return error;
}

static void mark(const testudo_design *design, const char *finished, testudo_progress *progress)
{
  testudo_progress_reset(progress);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (finished[j])
      assert_ok(testudo_progress_mark(progress, j, testudo_design_load(design, j), NULL));
}

/* The error of the weights, by the sums themselves: sum_i (sum_j w_j b_ji - 1)^2. */
static double error_of_weights(const testudo_design *design, const double *weight, bool divided)
{
  double error = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    double sum = 0.0, d = testudo_design_replication(design, i);
    for (int32_t h = 0; h < testudo_design_replication(design, i); h++)
      sum += weight[testudo_design_holders(design, i)[h]] / (divided ? d : 1.0);
    error += (sum - 1.0) * (sum - 1.0);
  }
  return error;
}

/* Weights (may be NULL) and the error of stopping now. */
static void ask(testudo_codec *codec, const testudo_progress *progress, double *weight, double *error)
{
  if (weight != NULL)
    assert_ok(testudo_decode_weights(codec, progress, 0, weight, NULL));
  assert_ok(testudo_decode_error(codec, progress, error, NULL));
}

/* Both decoders on this set: their errors, which are also the errors of their weights. */
static void check_set(const testudo_design *design, testudo_codec *optimal, testudo_codec *component,
                      testudo_progress *progress, const char *finished, double *by_squares, double *by_component)
{
  double *weight = malloc((size_t)testudo_design_workers(design) * sizeof *weight);
  assert_non_null(weight);
  mark(design, finished, progress);
  ask(optimal, progress, weight, by_squares);
  assert_near(error_of_weights(design, weight, false), *by_squares, 1e-10);
  ask(component, progress, weight, by_component);
  assert_near(error_of_weights(design, weight, false), *by_component, 1e-10);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (!finished[j])
      assert_true(weight[j] == 0.0);
  assert_near(*by_component, *by_squares, 1e-10);
  free(weight);
}

static int check_all_sets(const testudo_design *design)
{
  testudo_codec *optimal, *component;
  testudo_progress *progress;
  int32_t workers = testudo_design_workers(design);
  char finished[16];
  assert_true(workers <= 14);
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_OPTIMAL, &optimal, NULL));
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_COMPONENT, &component, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int32_t set = 0; set < 1 << workers; set++) {
    double squares, components;
    for (int32_t j = 0; j < workers; j++)
      finished[j] = (char)(set >> j & 1);
    check_set(design, optimal, component, progress, finished, &squares, &components);
    assert_near(components, brute_error(design, finished), 1e-10);
  }
  testudo_progress_free(progress);
  testudo_codec_free(optimal);
  testudo_codec_free(component);
  return 1 << workers;
}

static void squares_components_and_brute_force_agree_on_all_sets(void **state)
{
  (void)state;
  int cases = 0;
  for (uint64_t seed = 0; seed < 40; seed++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 12, 0);
    int32_t chunks = 2 + (int32_t)testudo_i_random_below(&random, 11);
    testudo_design *design;
    do
      design = random_graph(chunks, 2 + (int32_t)testudo_i_random_below(&random, 10), seed % 3 == 0,
                            testudo_i_random_word(&random));
    while (testudo_design_workers(design) > 12 && (testudo_design_free(design), true));
    cases += check_all_sets(design);
    testudo_design_free(design);
  }
  assert_true(cases > 10000);
}

/* K(4,4) less a matching, a cycle and a path. */
static void named_graphs_agree_on_all_sets(void **state)
{
  (void)state;
  static const int32_t two[16] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
  static const int32_t bipartite[24] = {0, 5, 0, 6, 0, 7, 1, 4, 1, 6, 1, 7, 2, 4, 2, 5, 2, 7, 3, 4, 3, 5, 3, 6};
  static const int32_t odd_cycle[22] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 0};
  static const int32_t path[22] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11};
  testudo_design *design = design_of(12, 8, two, bipartite);
  assert_int_equal(check_all_sets(design), 4096);
  testudo_design_free(design);
  design = design_of(11, 11, two, odd_cycle);
  assert_int_equal(check_all_sets(design), 2048);
  testudo_design_free(design);
  design = design_of(11, 12, two, path);
  assert_int_equal(check_all_sets(design), 2048);
  testudo_design_free(design);
}

static void squares_and_components_agree_at_5000(void **state)
{
  (void)state;
  enum { CHUNKS = 5000 };
  static const int32_t edges[] = {4000, 7500, 15000};
  for (size_t k = 0; k < sizeof edges / sizeof *edges; k++) {
    testudo_design *design = random_graph(CHUNKS, edges[k], 3, 70 + k);
    testudo_codec *optimal, *component;
    testudo_progress *progress;
    int32_t workers = testudo_design_workers(design);
    char *finished = malloc((size_t)workers);
    assert_non_null(finished);
    assert_ok(testudo_codec_create(design, TESTUDO_DECODER_OPTIMAL, &optimal, NULL));
    assert_ok(testudo_codec_create(design, TESTUDO_DECODER_COMPONENT, &component, NULL));
    assert_ok(testudo_progress_create(design, &progress, NULL));
    for (uint64_t draw = 0; draw < 6; draw++) {
      testudo_i_random random;
      double squares, components, straggle = 0.05 + 0.15 * (double)draw;
      testudo_i_random_start(&random, draw, TESTUDO_I_FOR_TEST, 13, k);
      for (int32_t j = 0; j < workers; j++)
        finished[j] = testudo_i_random_uniform(&random) > straggle;
      check_set(design, optimal, component, progress, finished, &squares, &components);
      assert_true(components > 0.0 && components < CHUNKS);
    }
    free(finished);
    testudo_progress_free(progress);
    testudo_codec_free(optimal);
    testudo_codec_free(component);
    testudo_design_free(design);
  }
}

/* A path of an odd number n of chunks misses 1 / n: |L| - |R| = 1. A star of k leaves (k - 1)^2 / (k + 1). */
static void paths_and_stars_have_their_closed_forms(void **state)
{
  (void)state;
  enum { MOST = 60 };
  int32_t load[MOST], chunk[2 * MOST];
  for (int32_t n = 2; n <= MOST; n++)
    for (int star = 0; star < 2; star++) {
      for (int32_t k = 0; k + 1 < n; k++) {
        load[k] = 2;
        chunk[2 * k] = star ? 0 : k;
        chunk[2 * k + 1] = k + 1;
      }
      testudo_design *design = design_of(n - 1, n, load, chunk);
      testudo_codec *combiner;
      testudo_progress *progress;
      double error, leaves = n - 1;
      char finished[MOST];
      memset(finished, 1, sizeof finished);
      assert_ok(testudo_progress_create(design, &progress, NULL));
      mark(design, finished, progress);
      for (int d = 0; d < 2; d++) {
        assert_ok(testudo_codec_create(design, d == 0 ? TESTUDO_DECODER_COMPONENT : TESTUDO_DECODER_OPTIMAL,
                                          &combiner, NULL));
        ask(combiner, progress, NULL, &error);
        assert_near(error, star ? (leaves - 1.0) * (leaves - 1.0) / (leaves + 1.0) : n % 2 / (double)n, 1e-12);
        testudo_codec_free(combiner);
      }
      testudo_progress_free(progress);
      testudo_design_free(design);
    }
}

/* A design whose copies differ, with a worker that holds nothing. */
static testudo_design *lopsided(void)
{
  static const int32_t load[] = {3, 2, 0, 4, 1, 2}, chunk[] = {0, 1, 2, 2, 4, 4, 3, 0, 1, 3, 4, 0};
  return design_of(6, 5, load, chunk);
}

static void one_step_weights_are_workers_over_finished(void **state)
{
  (void)state;
  testudo_design *design = lopsided();
  testudo_codec *combiner;
  testudo_progress *progress;
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_ONE_STEP, &combiner, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  static const int32_t busy[] = {0, 1, 3, 4, 5};
  double mean[5] = {0.0};
  int sets = 0;
  for (int32_t set = 0; set < 32; set++) {
    char finished[6] = {0};
    int32_t count = 0;
    double weight[6], error;
    for (int32_t k = 0; k < 5; k++) {
      finished[busy[k]] = (char)(set >> k & 1);
      count += set >> k & 1;
    }
    mark(design, finished, progress);
    ask(combiner, progress, weight, &error);
    for (int32_t j = 0; j < 6; j++)
      assert_near(weight[j], finished[j] ? 5.0 / count : 0.0, 1e-15);
    assert_close(error, error_of_weights(design, weight, true), 1e-13);
    if (count != 2)
      continue;
    sets++;
    for (int32_t i = 0; i < 5; i++)
      for (int32_t h = 0; h < testudo_design_replication(design, i); h++)
        mean[i] += weight[testudo_design_holders(design, i)[h]] / testudo_design_replication(design, i);
  }
  assert_int_equal(sets, 10);
  for (int32_t i = 0; i < 5; i++)
    assert_near(mean[i] / sets, 1.0, 1e-14);
  testudo_progress_free(progress);
  testudo_codec_free(combiner);
  testudo_design_free(design);
}

/* Encodes with the real encoder, combines, and compares with sum_i c_i g_i. */
static void check_messages(testudo_decoder decoder, const testudo_design *design)
{
  enum { DIM = 37, MOST = 12 };
  int32_t chunks = testudo_design_chunks(design), workers = testudo_design_workers(design);
  static double gradient[MOST][DIM], message[MOST][DIM];
  static float short_gradient[MOST][DIM], short_message[MOST][DIM];
  double found[DIM], coefficient[MOST] = {0.0}, weight[MOST], error;
  float short_found[DIM];
  const double *messages[MOST] = {NULL};
  const float *short_messages[MOST] = {NULL};
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 14, decoder);
  for (int32_t i = 0; i < chunks; i++)
    for (int k = 0; k < DIM; k++)
      short_gradient[i][k] = (float)(gradient[i][k] = testudo_i_random_normal(&random));
  testudo_codec *combiner;
  testudo_request request;
  testudo_progress *progress;
  assert_ok(testudo_codec_create(design, decoder, &combiner, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int32_t j = 1; j < workers; j++) { /* worker 0 straggles, unfinished */
    int32_t load = testudo_design_load(design, j);
    const double *in[MOST];
    const float *short_in[MOST];
    for (int32_t k = 0; k < load; k++) {
      in[k] = gradient[testudo_design_order(design, j)[k]];
      short_in[k] = short_gradient[testudo_design_order(design, j)[k]];
    }
    assert_ok(testudo_progress_mark(progress, j, load, NULL));
    assert_ok(testudo_request_make(combiner, progress, j, &request, NULL));
    assert_int_equal(request.rows, 1);
    assert_int_equal(request.chunks, load);
    assert_ok(testudo_encode_double(combiner, &request, in, DIM, message[j], NULL));
    assert_ok(testudo_encode_float(combiner, &request, short_in, DIM, short_message[j], NULL));
    messages[j] = message[j];
    short_messages[j] = short_message[j];
  }
  assert_ok(testudo_progress_mark(progress, 0, 1, NULL));
  assert_ok(testudo_request_make(combiner, progress, 0, &request, NULL));
  assert_int_equal(request.chunks, 0);
  ask(combiner, progress, weight, &error);
  assert_true(weight[0] == 0.0 && error > 1e-3);
  for (int32_t i = 0; i < chunks; i++)
    for (int32_t h = 0; h < testudo_design_replication(design, i); h++)
      coefficient[i] += weight[testudo_design_holders(design, i)[h]] /
                        (decoder == TESTUDO_DECODER_ONE_STEP ? testudo_design_replication(design, i) : 1);
  assert_ok(testudo_decode_approximate_double(combiner, progress, messages, DIM, found, NULL));
  assert_ok(testudo_decode_approximate_float(combiner, progress, short_messages, DIM, short_found, NULL));
  for (int k = 0; k < DIM; k++) {
    double wanted = 0.0;
    for (int32_t i = 0; i < chunks; i++)
      wanted += coefficient[i] * gradient[i][k];
    assert_near(found[k], wanted, 1e-11);
    assert_near(short_found[k], wanted, 1e-4);
  }
  testudo_error said;
  found[0] = 42.0;
  assert_status(testudo_decode_double(combiner, progress, messages, DIM, found, &said), TESTUDO_UNDECODABLE);
  assert_non_null(strstr(said.text, "only an approximation can be decoded"));
  assert_true(found[0] == 42.0);
  messages[workers - 1] = NULL;
  assert_status(testudo_decode_approximate_double(combiner, progress, messages, DIM, found, &said),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(said.text, "messages["));
  assert_status(testudo_decode_approximate_float(combiner, progress, short_messages, 0, short_found, &said),
                TESTUDO_ERROR_ARGUMENT);
  testudo_progress_free(progress);
  testudo_codec_free(combiner);
}

static void messages_combine_to_the_weighted_sum(void **state)
{
  (void)state;
  static const int32_t load[] = {3, 2, 4, 1, 2, 3}, chunk[] = {0, 1, 5, 2, 4, 4, 3, 0, 1, 3, 4, 0, 2, 3, 1};
  static const int32_t two[] = {2, 2, 2, 2, 2, 2}, edges[] = {0, 6, 1, 2, 2, 3, 3, 1, 4, 5, 4, 0};
  testudo_design *design = design_of(6, 6, load, chunk), *graph = design_of(6, 7, two, edges);
  check_messages(TESTUDO_DECODER_OPTIMAL, design);
  check_messages(TESTUDO_DECODER_ONE_STEP, design);
  check_messages(TESTUDO_DECODER_COMPONENT, graph);
  check_messages(TESTUDO_DECODER_OPTIMAL, graph);
  testudo_design_free(design);
  testudo_design_free(graph);
}

static void one_worker_and_one_chunk(void **state)
{
  (void)state;
  static const int32_t load[] = {1}, chunk[] = {0};
  testudo_design *design = design_of(1, 1, load, chunk);
  testudo_progress *progress;
  assert_ok(testudo_progress_create(design, &progress, NULL));
  for (int decoder = TESTUDO_DECODER_OPTIMAL; decoder <= TESTUDO_DECODER_COMPONENT; decoder++) {
    testudo_codec *combiner;
    double weight[1], error;
    testudo_progress_reset(progress);
    assert_ok(testudo_codec_create(design, (testudo_decoder)decoder, &combiner, NULL));
    ask(combiner, progress, weight, &error);
    assert_true(error == 1.0 && weight[0] == 0.0);
    assert_ok(testudo_progress_mark(progress, 0, 1, NULL));
    ask(combiner, progress, weight, &error);
    assert_true(error == 0.0);
    assert_near(weight[0], 1.0, 1e-15);
    testudo_codec_free(combiner);
  }
  testudo_codec_free(NULL);
  testudo_progress_free(progress);
  testudo_design_free(design);
}

static void refusals_say_why(void **state)
{
  (void)state;
  testudo_design *design = lopsided(), *other = lopsided();
  testudo_codec *combiner;
  testudo_progress *progress;
  testudo_error error;
  testudo_request request;
  double weight[6], decode_error;
  assert_status(testudo_codec_create(design, TESTUDO_DECODER_COMPONENT, &combiner, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "worker 0 holds 3"));
  assert_null(combiner);
  assert_status(testudo_codec_create(design, (testudo_decoder)7, &combiner, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text,
                      "decoder: 7, but it is exact (0), optimal (1), one-step (2) or component (3)");
  assert_ok(testudo_codec_create(design, TESTUDO_DECODER_OPTIMAL, &combiner, NULL));
  assert_ok(testudo_progress_create(design, &progress, NULL));
  assert_status(testudo_request_make(combiner, progress, 6, &request, &error), TESTUDO_ERROR_ARGUMENT);
  testudo_progress_free(progress);
  assert_ok(testudo_progress_create(other, &progress, NULL));
  assert_status(testudo_decode_weights(combiner, progress, 0, weight, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "different designs"));
  assert_status(testudo_decode_error(combiner, progress, &decode_error, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "different designs"));
  testudo_progress_free(progress);
  testudo_codec_free(combiner);
  other->parts = 2;
  assert_status(testudo_codec_create(other, TESTUDO_DECODER_ONE_STEP, &combiner, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "1 part"));
  testudo_design_free(design);
  testudo_design_free(other);
  assert_string_equal(testudo_decoder_name(TESTUDO_DECODER_ONE_STEP), "one-step");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(squares_components_and_brute_force_agree_on_all_sets),
      cmocka_unit_test(named_graphs_agree_on_all_sets),
      cmocka_unit_test(squares_and_components_agree_at_5000),
      cmocka_unit_test(paths_and_stars_have_their_closed_forms),
      cmocka_unit_test(one_step_weights_are_workers_over_finished),
      cmocka_unit_test(messages_combine_to_the_weighted_sum),
      cmocka_unit_test(one_worker_and_one_chunk),
      cmocka_unit_test(refusals_say_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
