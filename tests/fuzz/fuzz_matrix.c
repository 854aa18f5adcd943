/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target of the readers of matrices and of orders: an assignment that keeps its rules, or one sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

static void check(const testudo_assignment *assignment, bool ascending)
{
  if (assignment->row[0] != 0)
    abort();
  for (int32_t j = 0; j < assignment->workers; j++)
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
      bool ascends = !ascending || e == assignment->row[j] || assignment->chunk[e - 1] < assignment->chunk[e];
      if (!ascends || assignment->chunk[e] < 0 || assignment->chunk[e] >= assignment->chunks)
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  testudo_assignment assignment;
  testudo_error error = {""};
  testudo_status status = testudo_assignment_parse((const char *)bytes, length, "fuzz", &assignment, &error);
  if (status == TESTUDO_OK)
    check(&assignment, true);
  else if (status != TESTUDO_ERROR_INPUT || strncmp(error.text, "fuzz: line ", 11) != 0)
    abort();
  /* Read as an order it is one of the matrix' workers, or of its own. */
  for (int own = 0; own < 2; own++) {
    testudo_status found = testudo_orders_parse((const char *)bytes, length, "fuzz", &assignment, &error);
    if (found == TESTUDO_OK)
      check(&assignment, false);
    else if (found != TESTUDO_ERROR_INPUT || strncmp(error.text, "fuzz: ", 6) != 0)
      abort();
    testudo_assignment_free(&assignment);
  }
  return 0;
}
