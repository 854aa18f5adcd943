/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random regular assignments by the pairing model, or by its complement where chunks lie on most workers. */
#include "code/families/regular.h"

#include <string.h>

#include "base/error.h"
#include "code/assignment.h"

/* Far more than a double edge needs: with replication <= workers / 2 about every fourth try succeeds, except in
   graphs of a few edges. */
#define TRIES 1000

/* Random switches an edge when the repair got stuck. */
#define PROPOSALS 50

/* Worker j gets the chunks that do not hold it in the pairing. The labels have done their work and become stamps: the
   last chunk that holds the worker. */
static void fill_complement(testudo_i_pairing *pairing, testudo_assignment *assignment)
{
  int64_t *row = assignment->row;
  int32_t *stamp = pairing->label;
  for (int32_t j = 0; j < pairing->workers; j++) {
    row[j + 1] = pairing->chunks;
    stamp[j] = -1;
  }
  for (int64_t k = 0; k < pairing->entries; k++)
    row[pairing->stub[k] + 1]--;
  for (int32_t j = 0; j < pairing->workers; j++)
    row[j + 1] += row[j];
  /* row[j] walks to the start of row j + 1 and is put back afterwards. */
  int64_t k = 0;
  for (int32_t i = 0; i < pairing->chunks; i++) {
    for (int32_t copy = 0; copy < pairing->replication; copy++)
      stamp[pairing->stub[k++]] = i;
    for (int32_t j = 0; j < pairing->workers; j++)
      if (stamp[j] != i)
        assignment->chunk[row[j]++] = i;
  }
  memmove(row + 1, row, (size_t)pairing->workers * sizeof *row);
  row[0] = 0;
}

testudo_status testudo_assignment_regular(int32_t workers, int32_t chunks, int32_t replication, uint64_t seed,
                                          testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (replication < 1 || replication > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %d, but a chunk can lie on 1..%d different workers", (int)replication,
                          (int)workers);
  /* In the dense half the graph of what is NOT held is drawn: its degrees differ by at most one too. */
  bool complement = replication > workers / 2, simple;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment made = {0};
  TESTUDO_I_HELD(testudo_i_pairing_free) testudo_i_pairing pairing = {0};
  TESTUDO_I_TRY(testudo_i_assignment_allocate(&made, workers, chunks, (int64_t)chunks * replication, error));
  TESTUDO_I_TRY(testudo_i_pairing_start(&pairing, workers, chunks, complement ? workers - replication : replication,
                                        seed, error));
  TESTUDO_I_TRY(testudo_i_pairing_draw(&pairing, TRIES, &simple, error));
  if (!simple) {
    testudo_i_pairing_deal(&pairing);
    testudo_i_pairing_scramble(&pairing, PROPOSALS * (pairing.entries + 16));
  }
  if (complement)
    fill_complement(&pairing, &made);
  else
    testudo_i_assignment_fill(&made, pairing.stub, NULL, replication);
  *assignment = made;
  made = (testudo_assignment){0};
  return TESTUDO_OK;
}
