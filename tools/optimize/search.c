/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search that is asked for, and what the design that it finds says of itself. */
#include "optimize/optimize.h"

#include <math.h>
#include <string.h>

#include <testudo/designfile.h>
#include <testudo/exact.h>

#include "base/error.h"
#include "base/limits.h"
#include "design/family.h"
#include "exact/answered.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* Before the work: a model without a law is searched by simulation. Only these terms leave a model without one. */
static void say_simulated(const cli_optimized *o)
{
  const testudo_delay_model *model = &o->cluster.model;
  testudo_latency *latency = NULL;
  testudo_error why;
  if ((model->domain_factor == NULL && model->message == NULL) || !testudo_i_scheme_of(o->design)->order_matters)
    return;
  if (model->domain_factor == NULL && testudo_i_answers_randomly(o->design, model, TESTUDO_REPORT_CHUNK)) {
    session_say(o->arguments, "simulated only: messages of random time (%s) leave the law between bounds, and orders"
                " differ by less", testudo_law_text(model->message));
    return;
  }
  const testudo_analysis_options options = {
      .report = TESTUDO_REPORT_CHUNK, .rel_error = 1e-6,
      .max_states = o->goal.max_states > 0 ? o->goal.max_states : TESTUDO_I_LIMIT_GOAL_STATES};
  if (testudo_latency_create(o->design, model, &options, &latency, &why) == TESTUDO_ERROR_LIMIT)
    session_say(o->arguments, "simulated only: %s", why.text);
  testudo_latency_free(latency);
}

/* An order of `design` with a smaller objective. */
static testudo_status optimize_order(cli_optimized *o, testudo_error *error)
{
  if (o->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    say_simulated(o);
  else if (!cli_given(o->arguments, "objective"))
    session_say(o->arguments, "without --delay the objective is qmax, a worst case; --delay LAW makes it the mean"
                " time");
  const testudo_search_options *options = &o->frame.options;
  search_start(&o->frame, "searching", o->arguments);
  return session_progress_end(
      o->objective.kind == TESTUDO_OBJECTIVE_Q_MAX
          ? testudo_optimize_q_max(o->design, o->objective.level, o->method, options, &o->better, &o->result, error)
          : testudo_optimize_latency(o->design, &o->goal, o->method, options, &o->better, &o->result, error));
}

/* From sizes under a delay law: the families, and what lies between them. */
static testudo_status optimize_families(cli_optimized *o, testudo_error *error)
{
  const cli_request *request = &o->request;
  const cli_arguments *arguments = o->arguments;
  const int32_t *apart = cli_given(arguments, "apart") ? o->cluster.domain : NULL;
  for (int32_t j = 0; apart != NULL && j < request->workers; j++)
    o->placement.domains = apart[j] >= o->placement.domains ? apart[j] + 1 : o->placement.domains;
  const testudo_portfolio_request portfolio = {
      .workers = request->workers, .chunks = request->chunks, .replication = request->replication,
      .parts = request->parts, .load = cli_real(arguments, "mean-load", cli_real(arguments, "max-load", 0)),
      .most_load = cli_given(arguments, "mean-load") ? cli_real(arguments, "max-load", 0) : 0,
      .apart = apart, .coarsest = request->workers,
      .effort = cli_real(arguments, "effort", 0),
      .least_copies = (int32_t)cli_integer(arguments, "min-copies", 0),
      .most_copies = (int32_t)cli_integer(arguments, "max-copies", 0), .objective = o->objective,
      .model = &o->cluster.model,
      .max_states = o->goal.max_states, .trials = o->goal.trials, .start = o->design};
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *found = NULL;
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {.row = NULL};
  search_start(&o->frame, "trying families", o->arguments);
  TESTUDO_I_TRY(session_progress_end(
      testudo_optimize_portfolio(&portfolio, &o->frame.options, &found, &o->portfolio, &o->result, error)));
  TESTUDO_I_TRY(testudo_design_orders(found, &assignment, error));
  return request_create(request, o->arguments, &assignment, &o->better, error);
}

const field tried_fields[] = {
    {FIELD_CHARS("name", testudo_portfolio_entry, name), .meaning = "the family"},
    {FIELD(testudo_portfolio_entry, value), .meaning = "the objective; null: not measured any more"},
    {FIELD(testudo_portfolio_entry, spread), .meaning = "its standard error, or numerical error where exact"},
    {FIELD(testudo_portfolio_entry, exact), .meaning = "is it exact?"},
    {FIELD(testudo_portfolio_entry, p_never), .meaning = "probability that the iteration never ends"},
    {.key = NULL},
};

void families_print(FILE *stream, const testudo_portfolio *portfolio)
{
  int width = 56;
  for (int32_t k = 0; k < portfolio->entries; k++) {
    int here = (int)strlen(portfolio->entry[k].name);
    width = here > width ? here : width;
  }
  fprintf(stream, "  %-*s value\n", width + 2, "tried");
  for (int32_t k = 0; k < portfolio->entries; k++) {
    const testudo_portfolio_entry *entry = &portfolio->entry[k];
    fprintf(stream, "  %c %-*s ", k == portfolio->best ? '*' : ' ', width, entry->name);
    if (isnan(entry->value))
      fprintf(stream, "not measured");
    else if (entry->exact)
      fprintf(stream, "%.9g", entry->value);
    else
      fprintf(stream, "%.5g, standard error %.2g", entry->value, entry->spread);
    if (entry->p_never > 0) /* which counts first */
      fprintf(stream, ", never with probability %.3g", entry->p_never);
    fputc('\n', stream);
  }
}

testudo_design *optimize_found(const cli_optimized *o)
{
  return o->better != NULL ? o->better : o->design;
}

/* What of the search can be proved again. */
static testudo_status optimize_claim(const cli_optimized *o, testudo_design *design, testudo_error *error)
{
  if (o->search == SEARCH_BLOCKS)
    return TESTUDO_OK;
  if (o->search == SEARCH_PLACEMENT)
    return testudo_design_claim_placement(design, &o->placement.limits, true, error);
  if (o->design != NULL)
    TESTUDO_I_TRY(testudo_design_carry_placement(design, o->design, error));
  return o->objective.kind == TESTUDO_OBJECTIVE_Q_MAX
             ? testudo_search_claim_q_max(design, o->objective.level, &o->result, error)
             : testudo_search_claim_latency(design, &o->goal, &o->result, error);
}

/* The design carries the command that made it, what the search found, and claims about itself. */
static testudo_status optimize_record(const cli_optimized *o, testudo_design *design, testudo_error *error)
{
  const testudo_search_options *options = &o->frame.options;
  TESTUDO_I_TRY(testudo_design_set_provenance(design, o->arguments->line, options->seed, error));
  TESTUDO_I_TRY(o->plan != NULL
                    ? testudo_block_plan_record(design, o->plan, error)
                    : testudo_search_record(design, o->objective_text, options, &o->result, error));
  TESTUDO_I_TRY(testudo_design_claim_family(design, family_claims(&o->request), error));
  return optimize_claim(o, design, error);
}

testudo_status optimize_find(cli_optimized *o, const cli_arguments *arguments, testudo_error *error)
{
  static testudo_status (*const search[])(cli_optimized *, testudo_error *) = {
      [SEARCH_ORDER] = optimize_order, [SEARCH_PLACEMENT] = optimize_placement, [SEARCH_FAMILIES] = optimize_families,
      [SEARCH_BLOCKS] = optimize_blocks};
  TESTUDO_I_TRY(optimize_take(o, arguments, error));
  TESTUDO_I_TRY(search[o->search](o, error));
  return o->unmade ? TESTUDO_OK : optimize_record(o, optimize_found(o), error);
}
