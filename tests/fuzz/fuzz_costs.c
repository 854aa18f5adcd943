/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a cost file: places in order with costs that limits allow, or one sentence. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/optimize.h>

enum { WORKERS = 5, CHUNKS = 7 };

static void require(int holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const int32_t replication[CHUNKS] = {1, 1, 1, 1, 1, 1, 1}, least[WORKERS] = {0},
                       most[WORKERS] = {CHUNKS, CHUNKS, CHUNKS, CHUNKS, CHUNKS};
  testudo_place_cost *cost;
  int64_t count;
  testudo_error error = {""};
  testudo_status status =
      testudo_costs_parse((const char *)data, size, "fuzz", WORKERS, CHUNKS, &cost, &count, &error);
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && cost == NULL && count == 0);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
    return 0;
  }
  testudo_placement_limits limits = {.workers = WORKERS, .chunks = CHUNKS, .replication = replication, .least = least,
                                     .most = most, .cost = cost, .costs = count};
  require(testudo_placement_check(&limits, NULL) == TESTUDO_OK);
  free(cost);
  return 0;
}
