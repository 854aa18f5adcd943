/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a compressed message: the first three choose the compressor, its dim and its size. Refused with a
   sentence and nothing written, or a vector of finite numbers that compresses to a message of its own. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/compress.h>

enum { DIM = 256 };

static void require(int holds)
{
  if (!holds)
    abort();
}

static void check_refusal(testudo_status status, const testudo_error *error)
{
  require(status == TESTUDO_ERROR_INPUT);
  require(strncmp(error->text, "message: ", 9) == 0 && strchr(error->text, '\n') == NULL);
}

static void as_floats(const testudo_compressor *c, const uint8_t *bytes, size_t size)
{
  float vector[DIM], sum[DIM] = {0.0f};
  testudo_error error = {""};
  vector[0] = -7.5f;
  testudo_status status = testudo_decompress_float(c, bytes, size, vector, &error);
  if (status != TESTUDO_OK) {
    check_refusal(status, &error);
    require(vector[0] == -7.5f);
    return;
  }
  require(testudo_decompress_add_float(c, bytes, size, sum, NULL) == TESTUDO_OK);
  for (size_t i = 0; i < testudo_compressor_dim(c); i++)
    require(isfinite(vector[i]) && sum[i] == vector[i]);
}

static void as_doubles(const testudo_compressor *c, const uint8_t *bytes, size_t size)
{
  double vector[DIM], sum[DIM] = {0.0};
  testudo_error error = {""};
  vector[0] = -7.5;
  testudo_status status = testudo_decompress_double(c, bytes, size, vector, &error);
  if (status != TESTUDO_OK) {
    check_refusal(status, &error);
    require(vector[0] == -7.5);
    return;
  }
  require(testudo_decompress_add_double(c, bytes, size, sum, NULL) == TESTUDO_OK);
  for (size_t i = 0; i < testudo_compressor_dim(c); i++)
    require(isfinite(vector[i]) && sum[i] == vector[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 3)
    return 0;
  testudo_compressor_kind kind = (testudo_compressor_kind)(data[0] % 5);
  size_t dim = 1 + (size_t)data[1] % DIM, part = 1 + data[2] % dim;
  testudo_compressor *c;
  require(testudo_compressor_create(kind, dim, kind == TESTUDO_COMPRESSOR_NONE ? 0 : part, &c, NULL) == TESTUDO_OK);
  as_floats(c, data + 3, size - 3);
  as_doubles(c, data + 3, size - 3);
  testudo_compressor_free(c);
  return 0;
}
