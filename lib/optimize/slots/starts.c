/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The known rules, cut to the places that there are, with every chunk's copies mended. */
#include "optimize/slots/state.h"

#include "base/error.h"

static const testudo_slot_rule rules[TESTUDO_I_SLOT_STARTS] = {TESTUDO_SLOTS_DRAFT, TESTUDO_SLOTS_BACK,
                                                               TESTUDO_SLOTS_STEAL, TESTUDO_SLOTS_UNEVEN};

/* The table of uneven copies is of one shape. */
bool testudo_i_slot_has_start(const testudo_i_slot_shape *shape, int32_t start)
{
  return rules[start] != TESTUDO_SLOTS_UNEVEN ||
         (shape->chunks == 8 && shape->group == 6 && shape->places == 32 && shape->twins == 1 && shape->least == 1 &&
          shape->most == 6);
}

/* The last slot of the chunk with the most copies becomes one of a chunk that lacks copies; in the end nobody has more
   copies than allowed, for those that must lose one are taken first. */
static bool mend_one(const testudo_i_slot_shape *shape, testudo_slot *slot, int32_t *copies)
{
  int32_t least = 0, most = 0;
  for (int32_t q = 1; q < shape->chunks; q++) {
    least = copies[q] < copies[least] ? q : least;
    most = copies[q] > copies[most] ? q : most;
  }
  if (copies[least] >= shape->least && copies[most] <= shape->most)
    return false;
  int32_t at = shape->places - 1, partner = 0;
  while (slot[at].chunk != most)
    at--;
  for (int32_t k = 0; k < shape->places; k++)
    if (slot[k].chunk == least && slot[k].partner == partner) {
      partner++;
      k = -1;
    }
  slot[at] = (testudo_slot){partner, least};
  copies[most]--;
  copies[least]++;
  return true;
}

static void mend(const testudo_i_slot_shape *shape, testudo_slot *slot)
{
  int32_t copies[TESTUDO_I_SLOT_CHUNKS] = {0};
  for (int32_t k = 0; k < shape->places; k++)
    copies[slot[k].chunk]++;
  while (mend_one(shape, slot, copies))
    ;
}

testudo_status testudo_i_slot_start(const testudo_i_slot_shape *shape, int32_t start, testudo_slot *slot,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  testudo_slot_order order = {.rule = rules[start], .pairing = shape->pairing, .shortened = true,
                              .foreign = shape->places - shape->chunks};
  if (order.rule == TESTUDO_SLOTS_UNEVEN) /* is short already */
    order.shortened = false;
  TESTUDO_I_TRY(testudo_slots_make(&order, testudo_i_slot_partners(shape), shape->chunks, &slots, error));
  memcpy(slot, slots.slot, (size_t)shape->places * sizeof *slot);
  mend(shape, slot);
  return TESTUDO_OK;
}
