/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target of the readers of matrices and of orders: an assignment that keeps its rules, or one sentence. */
#include <math.h>
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

static void check_sentence(testudo_status status, const testudo_error *error)
{
  if (status != TESTUDO_ERROR_INPUT || strncmp(error->text, "fuzz: ", 6) != 0)
    abort();
}

/* Who holds what, and weights; a row per worker, or per chunk. */
static void read_matrix(const char *bytes, size_t length, bool transposed, bool weighted)
{
  const testudo_matrix_options options = {transposed, weighted};
  testudo_matrix matrix;
  testudo_error error = {""};
  testudo_status status = testudo_matrix_parse(bytes, length, "fuzz", &options, &matrix, &error);
  if (status != TESTUDO_OK) {
    check_sentence(status, &error);
    return;
  }
  check(&matrix.assignment, !matrix.ordered);
  if (weighted != (matrix.weight != NULL))
    abort();
  for (int64_t e = 0; weighted && e < matrix.assignment.row[matrix.assignment.workers]; e++)
    if (!isfinite(matrix.weight[e]) || matrix.weight[e] == 0.0)
      abort();
  testudo_matrix_free(&matrix);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  const char *text = (const char *)bytes;
  for (int how = 0; how < 4; how++)
    read_matrix(text, length, how & 1, how & 2);
  /* Read as an order it is one of the matrix' workers, or of its own. */
  testudo_matrix matrix;
  testudo_error error = {""};
  (void)!testudo_matrix_parse(text, length, "fuzz", NULL, &matrix, &error);
  for (int own = 0; own < 2; own++) {
    testudo_status found = testudo_orders_parse(text, length, "fuzz", &matrix.assignment, &error);
    if (found == TESTUDO_OK)
      check(&matrix.assignment, false);
    else
      check_sentence(found, &error);
    testudo_assignment_free(&matrix.assignment);
  }
  return 0;
}
