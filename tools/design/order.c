/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders by blocks, from their words to the order. */
#include "design/request.h"

#include <string.h>

#include "base/error.h"
#include "code/assignment.h"
#include "common/cluster.h"
#include "common/session.h"
#include "delay/number.h"
#include "design/schemes.h"
#include "runtime/scheme/scheme.h"

/* ---- words ---- */

/* What follows "stem:" in the word; NULL: it does not begin so. */
static const char *word_after(const char *word, const char *stem)
{
  size_t length = strlen(stem);
  return strncmp(word, stem, length) == 0 && word[length] == ':' ? word + length + 1 : NULL;
}

static testudo_status take_plain_word(cli_request *request, const char *word, const char *whole,
                                      testudo_error *error)
{
  const char *time = word_after(word, "draft");
  char stem[24];
  snprintf(stem, sizeof stem, "%s", time != NULL ? "draft" : word);
  if (time != NULL && (!testudo_i_parse_real(time, strlen(time), &request->draft_time) || request->draft_time <= 0.0))
    return cli_refuse(error, "--order: %s, but the time of draft is a number of seconds above 0", whole);
  if (testudo_slot_order_take(&request->slot_order, stem))
    return TESTUDO_OK;
  return cli_refuse(error, "--order: %s, but '%s' is not an order by blocks; allowed: rotated xor steal back stealxor"
                    " backxor mirror staircase draft draft:t uneven, and short:K:ORDER behind twins:", whole, word);
}

/* "4" or "4:draft", the order being draft when it is not said: of independent chunk times, for which few copies are
   enough. */
static testudo_status take_short_word(cli_request *request, const char *word, const char *whole, testudo_error *error)
{
  size_t digits = strcspn(word, ":");
  int64_t foreign = testudo_i_word_count((testudo_i_word){word, digits});
  if (foreign < 0 || foreign > TESTUDO_MAX_CHUNKS)
    return cli_refuse(error, "--order: %s, but short: is followed by the number of chunks of others, short:K or"
                      " short:K:ORDER", whole);
  request->slot_order.shortened = true;
  request->slot_order.foreign = (int32_t)foreign;
  request->slot_order.independent = word[digits] == '\0';
  return take_plain_word(request, word[digits] == '\0' ? "draft" : word + digits + 1, whole, error);
}

testudo_status order_take_word(cli_request *request, const char *word, testudo_error *error)
{
  const char *twins = word_after(word, "twins"), *base = twins != NULL ? twins : word;
  const char *foreign = word_after(base, "short");
  request->slot_order = (testudo_slot_order){.name = word, .twins = twins != NULL ? request->parts : 0};
  request->draft_time = 0;
  if (twins != NULL && request->parts < 2)
    return cli_refuse(error, "--order: %s, but without --parts of 2 or more no two workers need to do the same", word);
  if (request->slots_file != NULL) {
    request->slot_order.rule = TESTUDO_SLOTS_LISTED;
    return TESTUDO_OK;
  }
  return foreign != NULL ? take_short_word(request, foreign, word, error)
                         : take_plain_word(request, base, word, error);
}

bool request_orders_by_blocks(const cli_request *request)
{
  return request->order >= ORDER_STEAL && request->order <= ORDER_SLOTS;
}

bool request_orders_by_law(const cli_request *request)
{
  return request_orders_by_blocks(request) && request->slot_order.rule == TESTUDO_SLOTS_DRAFT;
}

/* Steal grows worse with finer chunks where every chunk is needed from several workers. */
testudo_status order_take_preset(cli_request *request, testudo_error *error)
{
  bool family = request->assignment == ASSIGN_FRC || request->assignment == ASSIGN_CYCLIC;
  bool power = request->assignment == ASSIGN_FRC && (request->replication & (request->replication - 1)) == 0;
  bool finer = request->chunks > request->workers && request->chunks % request->workers == 0;
  if (request->ordered || request->search != SEARCH_NOTHING || !family || !finer || request->replication < 2 ||
      !testudo_i_scheme_by_id(request->scheme->id)->order_matters)
    return TESTUDO_OK;
  if (request->parts == 1) {
    request->order = ORDER_DRAFT;
    return order_take_word(request, "draft", error);
  }
  if (request->replication % request->parts == 0) {
    request->order = ORDER_TWINS;
    return order_take_word(request, "twins:draft", error);
  }
  request->order = power ? ORDER_BACK_XOR : ORDER_BACK;
  return order_take_word(request, power ? "backxor" : "back", error);
}

/* ---- making ---- */

/* Does the order say who holds what? */
static bool order_assigns(const cli_request *request)
{
  const testudo_slot_order *order = &request->slot_order;
  bool circle = request->assignment == ASSIGN_CYCLIC;
  return (circle || request->assignment == ASSIGN_FRC) &&
         (order->shortened || order->rule >= TESTUDO_SLOTS_UNEVEN ||
          (circle && order->pairing == TESTUDO_PAIRING_ALTERNATING));
}

static testudo_status place_by_blocks(const cli_request *request, const testudo_slot_order *order,
                                      testudo_assignment *assignment, testudo_error *error)
{
  if (!order_assigns(request))
    return testudo_order_by_slots(assignment, order, error);
  int32_t group = request->assignment == ASSIGN_FRC ? request->replication : request->workers;
  testudo_assignment_free(assignment);
  return testudo_assignment_by_slots(request->workers, request->chunks, group, request->replication, order, assignment,
                                     error);
}

static void law_drop(testudo_draft_law **law)
{
  testudo_draft_law_free(*law);
}

/* Draft under the law of --delay. The time that it looks at is found in its form without a law, of a copy: in another
   order than they are made in arcs are not seen to be such. */
static testudo_status place_by_law(cli_request *request, const cli_arguments *arguments, testudo_assignment *assignment,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment plain = {.row = NULL};
  TESTUDO_I_HELD(cluster_close) cli_cluster cluster = {.workers = assignment->workers};
  TESTUDO_I_HELD(law_drop) testudo_draft_law *law = NULL;
  testudo_slot_order order = request->slot_order;
  TESTUDO_I_TRY(cluster_take_model(&cluster, arguments, error));
  TESTUDO_I_TRY(testudo_i_assignment_copy(&plain, assignment, error));
  TESTUDO_I_TRY(place_by_blocks(request, &order, &plain, error));
  const testudo_monitor *monitor = session_progress_start("looking at the law", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_draft_law_create(&plain, request->parts, &cluster.model,
                                                              request->draft_time, monitor, &law, error)));
  request->draft_time = testudo_draft_law_time(law);
  order.undone = testudo_draft_law_undone;
  order.context = law;
  return place_by_blocks(request, &order, assignment, error);
}

testudo_status order_by_blocks(cli_request *request, const cli_arguments *arguments, testudo_assignment *assignment,
                               testudo_error *error)
{
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  testudo_slot_order order = request->slot_order;
  if (request->slots_file != NULL)
    TESTUDO_I_TRY(testudo_slots_read(request->slots_file, &slots, error));
  order.listed = &slots;
  if (request_orders_by_law(request) && cli_given(arguments, "delay"))
    return place_by_law(request, arguments, assignment, error);
  request->draft_time = 0;
  return place_by_blocks(request, &order, assignment, error);
}
