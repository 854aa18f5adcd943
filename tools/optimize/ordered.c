/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --order best, milp: the search of an order, and what is told of it. */
#include "optimize/ordered.h"

#include <string.h>

#include "base/error.h"
#include "common/head.h"

bool ordered_wanted(const cli_request *request)
{
  return strcmp(request->order, "best") == 0 || strcmp(request->order, "milp") == 0;
}

bool ordered_delayed(const cli_request *request, const cli_arguments *arguments)
{
  return ordered_wanted(request) && request_is_free(request) && !request_assigns(request, "best") &&
         cli_given(arguments, "delay");
}

/* --objective and --delay are of the assignment where that is searched: the order is then made for Q_max. */
static testudo_status take_objective(ordered_search *ordered, const cli_request *request,
                                     const cli_arguments *arguments, int32_t level, testudo_error *error)
{
  const char *preset = ordered_delayed(request, arguments) ? "mean" : "qmax";
  ordered->text = request_assigns(request, "best") ? preset : cli_text(arguments, "objective", preset);
  return search_objective(ordered->text, level, &ordered->objective, error);
}

testudo_status ordered_check(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  ordered_search ordered = {.ran = false};
  if (!ordered_wanted(request))
    return TESTUDO_OK;
  TESTUDO_I_TRY(take_objective(&ordered, request, arguments, 1, error));
  bool seconds = ordered.objective.kind != TESTUDO_OBJECTIVE_Q_MAX;
  if (seconds && strcmp(request->order, "milp") == 0)
    return cli_refuse(error, "--order milp is of --objective qmax, not of %s", ordered.text);
  if (!seconds && cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay does not apply to --objective qmax, which counts chunks, not seconds");
  if (seconds && !cli_given(arguments, "delay"))
    return cli_refuse(error, "--objective %s needs --delay LAW", ordered.text);
  return TESTUDO_OK;
}

static testudo_status ordered_find(ordered_search *ordered, const cli_request *request, const testudo_design *design,
                                   testudo_design **better, testudo_error *error)
{
  bool milp = strcmp(request->order, "milp") == 0;
  if (ordered->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    return testudo_optimize_latency(design, &ordered->latency.goal, TESTUDO_METHOD_BEST, &ordered->frame.options,
                                    better, &ordered->result, error);
  return testudo_optimize_q_max(design, testudo_design_parts(design), milp ? TESTUDO_METHOD_MILP : TESTUDO_METHOD_BEST,
                                &ordered->frame.options, better, &ordered->result, error);
}

testudo_status ordered_run(ordered_search *ordered, const cli_request *request, const cli_arguments *arguments,
                           testudo_design **design, testudo_error *error)
{
  if (!ordered_wanted(request))
    return TESTUDO_OK;
  testudo_design *better = NULL;
  TESTUDO_I_TRY(take_objective(ordered, request, arguments, testudo_design_parts(*design), error));
  if (ordered->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    TESTUDO_I_TRY(latency_take_model(&ordered->latency, *design, &ordered->objective, arguments, error));
  search_start(&ordered->frame, "ordering", arguments);
  TESTUDO_I_TRY(session_progress_end(ordered_find(ordered, request, *design, &better, error)));
  testudo_design_free(*design);
  *design = better;
  ordered->latency.cluster.design = better;
  ordered->ran = true;
  return TESTUDO_OK;
}

testudo_status ordered_record(const ordered_search *ordered, const char *key, testudo_design *design,
                              testudo_error *error)
{
  if (!ordered->ran)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_search_record_as(design, key, ordered->text, &ordered->frame.options, &ordered->result,
                                         error));
  return ordered->objective.kind == TESTUDO_OBJECTIVE_Q_MAX
             ? testudo_search_claim_q_max(design, testudo_design_parts(design), &ordered->result, error)
             : testudo_search_claim_latency(design, &ordered->latency.goal, &ordered->result, error);
}

void ordered_put(testudo_i_json_writer *writer, const ordered_search *ordered)
{
  if (!ordered->ran)
    return;
  testudo_i_json_open_object(writer, "order_search");
  testudo_i_json_put_string(writer, "objective", ordered->text);
  search_put(writer, &ordered->result);
  testudo_i_json_put_real(writer, "seconds", search_seconds(&ordered->frame));
  testudo_i_json_close_object(writer);
}

void ordered_print(FILE *stream, const ordered_search *ordered, int32_t level)
{
  if (!ordered->ran)
    return;
  fprintf(stream, "objective %s of the order", ordered->text);
  if (ordered->objective.kind == TESTUDO_OBJECTIVE_Q_MAX)
    fprintf(stream, ", level %d", level);
  else {
    fprintf(stream, ", delay ");
    delay_print(stream, &ordered->latency.cluster.model);
  }
  fputc('\n', stream);
  search_print(stream, &ordered->result, latency_unit(&ordered->objective));
}
