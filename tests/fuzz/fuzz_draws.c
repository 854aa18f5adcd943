/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as draws of a store: numbers that make the same bytes again, or one sentence. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "sample/kept/draws.h"

static void require(int holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_i_draws draws = {.trials = 0};
  testudo_error error = {""};
  char *bytes;
  size_t length;
  testudo_status status = testudo_i_draws_unpack(&draws, (const char *)data, size, &error);
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && error.text[0] != '\0' && draws.tally == NULL);
    return 0;
  }
  require(testudo_i_draws_pack(&draws, &bytes, &length, &error) == TESTUDO_OK);
  require(length == size && memcmp(bytes, data, size) == 0);
  testudo_i_draws_clear(&draws);
  free(bytes);
  return 0;
}
