/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/local/board.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static void index_holders(testudo_i_board *board)
{
  memset(board->holder_row, 0, ((size_t)board->chunks + 1) * sizeof *board->holder_row);
  for (int64_t e = 0; e < board->slots; e++)
    board->holder_row[board->chunk[e] + 1]++;
  for (int32_t i = 0; i < board->chunks; i++)
    board->holder_row[i + 1] += board->holder_row[i];
  for (int64_t e = board->slots; e-- > 0;) {
    /* From the end, so that the rows are filled from their ends and stand where they began. */
    int64_t at = --board->holder_row[board->chunk[e] + 1];
    board->holder[at] = e;
    board->at[e] = at;
  }
  /* Every end has moved to its row's beginning: one place down. */
  memmove(board->holder_row, board->holder_row + 1, (size_t)board->chunks * sizeof *board->holder_row);
  board->holder_row[board->chunks] = board->slots;
}

testudo_status testudo_i_board_make(testudo_i_board *board, const testudo_assignment *orders, testudo_error *error)
{
  int64_t slots = orders->row[orders->workers];
  size_t room = (size_t)slots;
  *board = (testudo_i_board){.workers = orders->workers, .chunks = orders->chunks, .slots = slots};
  board->row = testudo_i_alloc((size_t)orders->workers + 1, sizeof *board->row);
  board->worker = testudo_i_alloc(room, sizeof *board->worker);
  board->chunk = testudo_i_alloc(room, sizeof *board->chunk);
  board->holder_row = testudo_i_alloc((size_t)orders->chunks + 1, sizeof *board->holder_row);
  board->holder = testudo_i_alloc(room, sizeof *board->holder);
  board->at = testudo_i_alloc(room, sizeof *board->at);
  if (board->row == NULL || board->worker == NULL || board->chunk == NULL || board->holder_row == NULL ||
      board->holder == NULL || board->at == NULL) {
    testudo_i_board_free(board);
    return testudo_i_fail_memory(error);
  }
  memcpy(board->row, orders->row, ((size_t)orders->workers + 1) * sizeof *board->row);
  for (int32_t j = 0; j < orders->workers; j++)
    for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++)
      board->worker[e] = j;
  testudo_i_board_set(board, orders->chunk);
  return TESTUDO_OK;
}

void testudo_i_board_free(testudo_i_board *board)
{
  free(board->row);
  free(board->worker);
  free(board->chunk);
  free(board->holder_row);
  free(board->holder);
  free(board->at);
  *board = (testudo_i_board){.workers = 0};
}

void testudo_i_board_set(testudo_i_board *board, const int32_t *chunk)
{
  if (board->slots > 0)
    memcpy(board->chunk, chunk, (size_t)board->slots * sizeof *chunk);
  index_holders(board);
}

static bool holds(const testudo_i_board *board, int32_t worker, int32_t chunk)
{
  for (int64_t e = board->row[worker]; e < board->row[worker + 1]; e++)
    if (board->chunk[e] == chunk)
      return true;
  return false;
}

bool testudo_i_board_may_exchange(const testudo_i_board *board, int64_t one, int64_t other)
{
  int32_t a = board->chunk[one], b = board->chunk[other], j = board->worker[one], k = board->worker[other];
  if (a == b)
    return false;
  return j == k || (!holds(board, j, b) && !holds(board, k, a));
}

void testudo_i_board_exchange(testudo_i_board *board, int64_t one, int64_t other)
{
  int32_t a = board->chunk[one], b = board->chunk[other];
  int64_t at_a = board->at[one], at_b = board->at[other];
  board->chunk[one] = b;
  board->chunk[other] = a;
  board->holder[at_a] = other;
  board->holder[at_b] = one;
  board->at[other] = at_a;
  board->at[one] = at_b;
}
