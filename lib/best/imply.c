/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a record says of other cells: its design, or the same with every chunk cut, may stand there. */
#include <testudo/best.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/memory.h"
#include "best/row.h"
#include "code/assignment.h"
#include "optimize/search/search.h"

/* Cut, the pieces end when the chunk ended, or before. An overhead would be paid for each, other structures draw a time
   for each, and when a first piece is done its worker counts among the senders of messages. */
static bool pieces_are_no_slower(const testudo_delay_model *model)
{
  return model->structure == TESTUDO_STRUCTURE_SCALED && model->unit == TESTUDO_UNIT_SHARE && model->overhead == 0 &&
         model->message == NULL;
}

static bool objectives_agree(const testudo_objective *a, const testudo_objective *b)
{
  return a->kind == b->kind && (a->kind != TESTUDO_OBJECTIVE_QUANTILE || a->at == b->at);
}

/* All but the delay, which is a text to compare. */
static int32_t implied_pieces(const testudo_best_row *row, const testudo_best_key *key)
{
  const testudo_best_key *from = &row->key;
  if (from->workers != key->workers || from->parts != key->parts || key->granularity % from->granularity != 0 ||
      !objectives_agree(&from->objective, &key->objective) || row->load > key->load * (1 + 1e-12) ||
      row->copies > key->copies * (1 + 1e-12) || row->least_copies < key->least_copies)
    return 0;
  int32_t pieces = key->granularity / from->granularity;
  return pieces == 1 || pieces_are_no_slower(key->model) ? pieces : 0;
}

static bool keys_agree(const testudo_best_key *a, const testudo_best_key *b)
{
  return a->load == b->load && a->granularity == b->granularity && a->copies == b->copies &&
         a->least_copies == b->least_copies;
}

testudo_status testudo_best_implies(const testudo_best_row *row, const testudo_best_key *key, int32_t *pieces,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *delay = NULL;
  *pieces = implied_pieces(row, key);
  if (*pieces == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_best_delay_text(key->model, &delay, error));
  if (strcmp(delay, row->delay) != 0)
    *pieces = 0;
  return TESTUDO_OK;
}

testudo_status testudo_best_implied(const testudo_best_table *table, const testudo_best_key *key,
                                    const testudo_best_row **row, int32_t *pieces, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *delay = NULL;
  *row = NULL;
  *pieces = 0;
  TESTUDO_I_TRY(testudo_i_best_delay_text(key->model, &delay, error));
  for (size_t k = 0; k < testudo_best_rows(table); k++) {
    const testudo_best_row *other = testudo_best_row_at(table, k);
    int32_t found = implied_pieces(other, key);
    if (found == 0 || strcmp(delay, other->delay) != 0 || keys_agree(&other->key, key) ||
        (*row != NULL && (*row)->value.value <= other->value.value))
      continue;
    *row = other;
    *pieces = found;
  }
  return TESTUDO_OK;
}

testudo_status testudo_best_split(const testudo_design *design, int32_t pieces, testudo_design **split,
                                  testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment orders = {0};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment finer = {0};
  *split = NULL;
  TESTUDO_I_TRY(testudo_design_orders(design, &orders, error));
  if (pieces < 1 || (int64_t)orders.chunks * pieces > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d chunks cannot be cut into %d pieces each; at most %d in"
                          " all", (int)orders.chunks, (int)pieces, TESTUDO_MAX_CHUNKS);
  int64_t entries = orders.row[orders.workers];
  TESTUDO_I_TRY(testudo_i_assignment_begin(&finer, orders.workers, orders.chunks * pieces, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(&finer, orders.workers, orders.chunks * pieces, entries * pieces, error));
  for (int32_t j = 0; j <= orders.workers; j++)
    finer.row[j] = orders.row[j] * pieces;
  for (int64_t e = 0; e < entries * pieces; e++)
    finer.chunk[e] = (int32_t)(orders.chunk[e / pieces] * pieces + e % pieces);
  return testudo_i_search_design(&finer, testudo_design_parts(design), 1, "split", split, error);
}
