/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a design file; what is accepted must also be fit for use. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

#include "json/read.h"
#include "runtime/read.h"

static void require(int holds)
{
  if (!holds)
    abort();
}

/* Every worker finishes everything: then the gradient is decodable and each worker has its coefficients. */
static void run_an_iteration(const testudo_design *design)
{
  testudo_progress *progress;
  testudo_codec *codec;
  require(testudo_progress_create(design, &progress, NULL) == TESTUDO_OK);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    require(testudo_progress_mark(progress, j, testudo_design_load(design, j), NULL) == TESTUDO_OK);
  require(testudo_progress_decodable(progress));
  require(testudo_progress_error(progress) == 0);
  if (testudo_codec_create(design, &codec, NULL) == TESTUDO_OK) {
    size_t room = (size_t)testudo_design_max_load(design) * (size_t)testudo_design_parts(design);
    double *coefficients = malloc(room * sizeof *coefficients + 1);
    for (int32_t j = 0; coefficients != NULL && j < testudo_design_workers(design); j++)
      (void)!testudo_coefficients(codec, progress, j, coefficients, NULL);
    free(coefficients);
    testudo_codec_free(codec);
  }
  testudo_progress_free(progress);
}

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
  run_an_iteration(design);
  testudo_design_free(design);
  return 0;
}
