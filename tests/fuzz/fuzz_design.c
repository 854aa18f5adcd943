/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a design file; what is accepted must also be fit for use, by every decoder that takes it. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

#include "json/read.h"
#include "runtime/read.h"

enum { DIM = 5 };

static void require(int holds)
{
  if (!holds)
    abort();
}

/* ---- an iteration ---- */

typedef struct iteration {
  const testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  const double **gradients, **messages; /* max_load, workers */
  double *message;                      /* one per worker, as long as that of any scheme */
  unsigned char *bytes;
} iteration;

static const double gradient[DIM] = {1.0, -2.0, 0.5, 1e6, 3.0};

/* Workers have done this share of their steps, in halves: nothing, the half, all. */
static void mark(const iteration *it, int halves)
{
  testudo_progress_reset(it->progress);
  for (int32_t j = 0; j < testudo_design_workers(it->design); j++)
    require(testudo_progress_mark(it->progress, j, testudo_design_steps(it->design, j) * halves / 2, NULL) ==
            TESTUDO_OK);
}

/* By way of the wire: what is made must be taken back and be encoded. */
static void send_message(const iteration *it, int32_t worker)
{
  size_t length = testudo_message_length(it->design, DIM);
  testudo_request made, taken;
  it->messages[worker] = NULL;
  /* A pseudo-inverse of wild numbers may not converge. */
  if (testudo_request_make(it->codec, it->progress, worker, &made, NULL) != TESTUDO_OK)
    return;
  size_t bytes = testudo_request_bytes(&made);
  require(bytes <= testudo_request_bytes_most(it->codec));
  testudo_request_pack(&made, it->bytes);
  require(testudo_request_unpack(it->codec, it->bytes, bytes, &taken, NULL) == TESTUDO_OK);
  require(taken.worker == worker && taken.count == made.count && taken.chunks == made.chunks);
  if (taken.chunks == 0)
    return;
  it->messages[worker] = it->message + (size_t)worker * length;
  require(testudo_encode_double(it->codec, &taken, it->gradients, DIM, it->message + (size_t)worker * length, NULL) ==
          TESTUDO_OK);
}

/* Numbers may overflow, and a code may be too badly conditioned; the calls must come back all the same. */
static void decode(const iteration *it)
{
  double found[DIM], error, *weights = calloc((size_t)testudo_design_workers(it->design), sizeof *weights);
  testudo_status status = testudo_decode_double(it->codec, it->progress, it->messages, DIM, found, NULL);
  require(status != TESTUDO_ERROR_INPUT);
  (void)!testudo_decode_approximate_double(it->codec, it->progress, it->messages, DIM, found, NULL);
  (void)!testudo_decode_error(it->codec, it->progress, &error, NULL);
  (void)!testudo_amplification(it->codec, it->progress, &error, NULL, NULL);
  if (weights != NULL)
    (void)!testudo_decode_weights(it->codec, it->progress, 0, weights, NULL);
  free(weights);
}

static void run_decoder(const testudo_design *design, testudo_decoder decoder)
{
  size_t workers = (size_t)testudo_design_workers(design), load = (size_t)testudo_design_max_load(design);
  iteration it = {.design = design};
  if (testudo_codec_create(design, decoder, &it.codec, NULL) != TESTUDO_OK) {
    require(it.codec == NULL);
    return;
  }
  require(testudo_progress_create(design, &it.progress, NULL) == TESTUDO_OK);
  it.gradients = malloc((load + 1) * sizeof *it.gradients);
  it.messages = malloc(workers * sizeof *it.messages);
  it.message = calloc(workers * testudo_message_length(design, DIM), sizeof *it.message);
  it.bytes = malloc(testudo_request_bytes_most(it.codec));
  if (it.gradients != NULL && it.messages != NULL && it.message != NULL && it.bytes != NULL) {
    for (size_t k = 0; k < load; k++)
      it.gradients[k] = gradient;
    for (int halves = 0; halves <= 2; halves++) {
      mark(&it, halves);
      for (int32_t j = 0; j < testudo_design_workers(design); j++)
        send_message(&it, j);
      decode(&it);
    }
    /* Everything is done. */
    require(testudo_progress_decodable(it.progress));
    require(testudo_progress_error(it.progress) == 0);
  }
  free(it.gradients);
  free(it.messages);
  free(it.message);
  free(it.bytes);
  testudo_progress_free(it.progress);
  testudo_codec_free(it.codec);
}

/* ---- the design ---- */

static void visit_chunks(const testudo_design *design)
{
  for (int32_t i = 0; i < testudo_design_chunks(design); i++)
    for (int32_t h = 0; h < testudo_design_replication(design, i); h++) {
      int32_t j = testudo_design_holders(design, i)[h], place = testudo_design_places(design, i)[h];
      require(testudo_design_order(design, j)[place - 1] == i);
    }
}

/* Reading the big members lean must not change what is accepted, nor a word of a complaint. */
static void parse_both_ways(const char *bytes, size_t size)
{
  testudo_i_json_document *lean, *plain;
  testudo_error of_lean = {""}, of_plain = {""};
  testudo_status status = testudo_i_design_json(bytes, size, "fuzz", &lean, &of_lean);
  require(testudo_i_json_parse(bytes, size, "fuzz", &plain, &of_plain) == status);
  require(strcmp(of_lean.text, of_plain.text) == 0);
  testudo_i_json_free(lean);
  testudo_i_json_free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_design *design;
  testudo_error error = {""};
  parse_both_ways((const char *)data, size);
  testudo_status status = testudo_design_parse((const char *)data, size, "fuzz", &design, &error);
  if (status != TESTUDO_OK) {
    require(design == NULL);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
    return 0;
  }
  visit_chunks(design);
  for (int decoder = TESTUDO_DECODER_EXACT; decoder <= TESTUDO_DECODER_COMPONENT; decoder++)
    run_decoder(design, (testudo_decoder)decoder);
  testudo_design_free(design);
  return 0;
}
