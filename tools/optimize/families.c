/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimize from sizes under a delay law: the families, and what lies between them. */
#include "optimize/optimize.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "runtime/design.h"

testudo_status optimize_families(cli_optimized *o, testudo_error *error)
{
  const cli_request *request = &o->request;
  const cli_arguments *arguments = o->arguments;
  const testudo_portfolio_request portfolio = {
      .workers = request->workers, .chunks = request->chunks, .replication = request->replication,
      .parts = request->parts, .load = cli_real(arguments, "mean-load", cli_real(arguments, "max-load", 0)),
      .most_load = cli_given(arguments, "mean-load") ? cli_real(arguments, "max-load", 0) : 0,
      .coarsest = request->workers,
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
      fprintf(stream, "not measured\n");
    else if (entry->exact)
      fprintf(stream, "%.9g\n", entry->value);
    else
      fprintf(stream, "%.5g, standard error %.2g\n", entry->value, entry->spread);
  }
}
