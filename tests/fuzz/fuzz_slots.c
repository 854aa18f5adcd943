/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a table of slots: one that keeps its rules, reads back as it is and orders groups, or one sentence. */
#include "fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

enum { FEW = 64, ROOM = 32 * FEW };

static void require(int holds)
{
  if (!holds)
    abort();
}

static void check_slots(const testudo_slots *slots)
{
  int32_t partners = 0, chunks = 0;
  require(slots->count >= 1);
  for (int32_t k = 0; k < slots->count; k++) {
    testudo_slot at = slots->slot[k];
    require(at.partner >= 0 && at.chunk >= 0);
    partners = at.partner >= partners ? at.partner + 1 : partners;
    chunks = at.chunk >= chunks ? at.chunk + 1 : chunks;
    for (int32_t i = 0; i < k && k < FEW; i++)
      require(slots->slot[i].partner != at.partner || slots->slot[i].chunk != at.chunk);
  }
  require(partners == slots->partners && chunks == slots->chunks && chunks <= slots->count);
}

static void read_back(const testudo_slots *slots)
{
  char text[ROOM];
  size_t length = 0;
  testudo_slots again;
  for (int32_t k = 0; k < slots->count; k++)
    length += (size_t)snprintf(text + length, ROOM - length, "%d,%d\n", (int)slots->slot[k].partner,
                               (int)slots->slot[k].chunk);
  require(testudo_slots_parse(text, length, "again", &again, NULL) == TESTUDO_OK);
  require(again.count == slots->count && again.partners == slots->partners && again.chunks == slots->chunks);
  require(memcmp(again.slot, slots->slot, (size_t)again.count * sizeof *again.slot) == 0);
  testudo_slots_free(&again);
}

/* A full table permutes the rows of a group; one that leaves slots out is refused, and the rows stay. */
static void order_group(const testudo_slots *slots)
{
  const testudo_slot_order order = {.rule = TESTUDO_SLOTS_LISTED, .listed = slots, .name = "fuzz"};
  int32_t all = slots->partners * slots->chunks;
  testudo_assignment made, natural;
  require(testudo_assignment_frc(slots->partners, all, slots->partners, &made, NULL) == TESTUDO_OK);
  require(testudo_assignment_frc(slots->partners, all, slots->partners, &natural, NULL) == TESTUDO_OK);
  testudo_error error = {""};
  testudo_status status = testudo_order_by_slots(&made, &order, &error);
  require(status == (slots->count == all ? TESTUDO_OK : TESTUDO_ERROR_ARGUMENT));
  for (int32_t j = 0; j < slots->partners; j++) {
    bool held[FEW] = {false};
    require(made.row[j + 1] == natural.row[j + 1]);
    for (int64_t e = made.row[j]; e < made.row[j + 1]; e++) {
      require(status == TESTUDO_OK || made.chunk[e] == natural.chunk[e]);
      require(!held[made.chunk[e]]);
      held[made.chunk[e]] = true;
    }
  }
  testudo_assignment_free(&made);
  testudo_assignment_free(&natural);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  testudo_slots slots;
  testudo_error error = {""};
  testudo_status status = testudo_slots_parse((const char *)data, size, "fuzz", &slots, &error);
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && slots.slot == NULL && slots.count == 0);
    require(strncmp(error.text, "fuzz: ", 6) == 0 && strchr(error.text, '\n') == NULL);
    return 0;
  }
  check_slots(&slots);
  if (slots.count <= FEW)
    read_back(&slots);
  if (slots.chunks <= FEW && slots.partners <= FEW / slots.chunks)
    order_group(&slots);
  testudo_slots_free(&slots);
  return 0;
}
