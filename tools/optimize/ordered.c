/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/ordered.h"

#include <string.h>

bool ordered_wanted(const cli_request *request)
{
  return strcmp(request->order, "best") == 0 || strcmp(request->order, "milp") == 0;
}

testudo_status ordered_run(ordered_search *ordered, const cli_request *request, const cli_arguments *arguments,
                           testudo_design **design, testudo_error *error)
{
  if (!ordered_wanted(request))
    return TESTUDO_OK;
  testudo_design *better = NULL;
  bool milp = strcmp(request->order, "milp") == 0;
  search_start(&ordered->frame, "ordering", arguments);
  testudo_status status = testudo_optimize_q_max(*design, testudo_design_parts(*design),
                                                 milp ? TESTUDO_METHOD_MILP : TESTUDO_METHOD_BEST,
                                                 &ordered->frame.options, &better, &ordered->result, error);
  search_end(&ordered->frame);
  if (status != TESTUDO_OK)
    return status;
  testudo_design_free(*design);
  *design = better;
  ordered->ran = true;
  return TESTUDO_OK;
}

testudo_status ordered_record(const ordered_search *ordered, const char *key, testudo_design *design,
                              testudo_error *error)
{
  if (!ordered->ran)
    return TESTUDO_OK;
  testudo_status status =
      testudo_search_record_as(design, key, "qmax", &ordered->frame.options, &ordered->result, error);
  if (status == TESTUDO_OK)
    status = testudo_search_claim_q_max(design, testudo_design_parts(design), &ordered->result, error);
  return status;
}

void ordered_put(testudo_i_json_writer *writer, const ordered_search *ordered)
{
  if (!ordered->ran)
    return;
  testudo_i_json_open_object(writer, "order_search");
  testudo_i_json_put_string(writer, "objective", "qmax");
  search_put(writer, &ordered->result);
  testudo_i_json_put_real(writer, "seconds", search_seconds(&ordered->frame));
  testudo_i_json_close_object(writer);
}

void ordered_print(FILE *stream, const ordered_search *ordered, int32_t level)
{
  if (!ordered->ran)
    return;
  fprintf(stream, "objective qmax of the order, level %d\n", level);
  search_print(stream, &ordered->result, "");
}
