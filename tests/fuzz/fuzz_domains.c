/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a domain file: numbers that keep their promises, or one sentence. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/optimize.h>

enum { WORKERS = 5 };

static void require(int holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  int32_t *domain, domains = 0;
  testudo_error error = {""};
  testudo_status status = testudo_domains_parse((const char *)data, size, "fuzz", WORKERS, &domain, &error);
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && domain == NULL);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
    return 0;
  }
  /* Counted from 0 as they first occur. */
  for (int32_t j = 0; j < WORKERS; j++) {
    require(domain[j] >= 0 && domain[j] <= domains);
    domains += domain[j] == domains;
  }
  free(domain);
  return 0;
}
