/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a domain file and as a cost file: numbers that keep their promises, or one sentence. */
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

static void check_refusal(testudo_status status, const testudo_error *error, const void *made)
{
  require(status == TESTUDO_ERROR_INPUT && made == NULL);
  require(strncmp(error->text, "fuzz: ", 6) == 0 && strchr(error->text, '\n') == NULL);
}

static void as_domains(const char *bytes, size_t size)
{
  int32_t *domain, domains = 0;
  testudo_error error = {""};
  testudo_status status = testudo_domains_parse(bytes, size, "fuzz", WORKERS, &domain, &error);
  if (status != TESTUDO_OK) {
    check_refusal(status, &error, domain);
    return;
  }
  /* Counted from 0 as they first occur. */
  for (int32_t j = 0; j < WORKERS; j++) {
    require(domain[j] >= 0 && domain[j] <= domains);
    domains += domain[j] == domains;
  }
  free(domain);
}

static void as_costs(const char *bytes, size_t size)
{
  testudo_place_cost *cost;
  int64_t count;
  testudo_error error = {""};
  testudo_status status = testudo_costs_parse(bytes, size, "fuzz", WORKERS, CHUNKS, &cost, &count, &error);
  if (status != TESTUDO_OK) {
    check_refusal(status, &error, cost);
    return;
  }
  static const int32_t replication[CHUNKS] = {1, 1, 1, 1, 1, 1, 1}, least[WORKERS] = {0},
                       most[WORKERS] = {CHUNKS, CHUNKS, CHUNKS, CHUNKS, CHUNKS};
  testudo_placement_limits limits = {.workers = WORKERS, .chunks = CHUNKS, .replication = replication, .least = least,
                                     .most = most, .cost = cost, .costs = count};
  require(testudo_placement_check(&limits, NULL) == TESTUDO_OK);
  free(cost);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  as_domains((const char *)data, size);
  as_costs((const char *)data, size);
  return 0;
}
