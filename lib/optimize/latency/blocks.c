/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders by blocks, one after the other. */
#include "optimize/latency/blocks.h"

#include "base/error.h"
#include "code/assignment.h"

typedef struct block_order {
  const char *word, *name, *twins; /* twins: with every slot by as many neighbours as there are parts */
  bool lawful;                     /* goes by the law */
} block_order;

static const block_order orders[] = {
    {"draft", "draft", "twins of draft", false},
    {"draft", "draft by the law", "twins of draft by the law", true},
    {"back", "back", "twins of back", false},
    {"backxor", "backxor", "twins of backxor", false},
    {"steal", "steal", "twins of steal", false},
    {"stealxor", "stealxor", "twins of stealxor", false},
    {"staircase", "staircase", NULL, false},
};

bool testudo_i_is_finer(int32_t workers, int32_t chunks)
{
  return chunks > workers && chunks % workers == 0;
}

/* Those without twins, then, of several parts, those with. */
bool testudo_i_block_order(int32_t k, int32_t parts, const testudo_draft_law *law, testudo_slot_order *order)
{
  const int32_t count = sizeof orders / sizeof *orders;
  for (int32_t at = 0; at < (parts > 1 ? 2 : 1) * count; at++) {
    const block_order *of = &orders[at % count];
    bool twins = at >= count;
    if ((of->lawful && law == NULL) || (twins && of->twins == NULL) || k-- > 0)
      continue;
    *order = (testudo_slot_order){.twins = twins ? parts : 0, .name = twins ? of->twins : of->name};
    (void)testudo_slot_order_take(order, of->word);
    if (of->lawful) {
      order->undone = testudo_draft_law_undone;
      order->context = law;
    }
    return true;
  }
  return false;
}

testudo_status testudo_i_block_law(const testudo_assignment *assignment, int32_t parts,
                                   const testudo_delay_model *model, const testudo_monitor *monitor,
                                   testudo_draft_law **law, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment drafted = {0};
  testudo_slot_order draft;
  *law = NULL;
  if (!testudo_i_block_order(0, 1, NULL, &draft))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_assignment_copy(&drafted, assignment, error));
  testudo_status status = testudo_order_by_slots(&drafted, &draft, error);
  if (status == TESTUDO_OK)
    status = testudo_draft_law_create(&drafted, parts, model, 0.0, monitor, law, error);
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT ? TESTUDO_OK : status;
}
