/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --assignment best under a delay law: the families, and what lies between them. */
#include "optimize/best.h"

#include <math.h>

#include "base/error.h"

testudo_status best_assign_timed(best_search *best, const cli_request *request, const cli_arguments *arguments,
                                 testudo_assignment *assignment, testudo_error *error)
{
  testudo_portfolio_request portfolio = {.workers = request->workers, .chunks = request->chunks,
                                         .replication = request->replication, .parts = request->parts,
                                         .model = &best->cluster.model};
  best->cluster.workers = request->workers;
  TESTUDO_I_TRY(search_objective(best->objective, 1, &portfolio.objective, error));
  TESTUDO_I_TRY(cluster_take_model(&best->cluster, arguments, error));
  if (cli_given(arguments, "start"))
    TESTUDO_I_TRY(testudo_design_read(cli_text(arguments, "start", ""), &best->from, error));
  portfolio.start = best->from;
  search_start(&best->frame, "trying families", arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_optimize_portfolio(&portfolio, &best->frame.options, &best->found,
                                                                &best->portfolio, &best->result, error)));
  TESTUDO_I_TRY(testudo_design_orders(best->found, assignment, error));
  best->ran = true;
  return TESTUDO_OK;
}

void best_put_tried(testudo_i_json_writer *writer, const testudo_portfolio *portfolio)
{
  testudo_i_json_open_array(writer, "tried");
  for (int32_t k = 0; k < portfolio->entries; k++) {
    const testudo_portfolio_entry *entry = &portfolio->entry[k];
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_string(writer, "name", entry->name);
    testudo_i_json_put_real(writer, "value", entry->value);
    testudo_i_json_put_real(writer, "spread", entry->spread);
    testudo_i_json_put_boolean(writer, "exact", entry->exact);
    testudo_i_json_put_boolean(writer, "best", k == portfolio->best);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

void best_print_tried(FILE *stream, const testudo_portfolio *portfolio)
{
  fprintf(stream, "  %-58s value\n", "tried");
  for (int32_t k = 0; k < portfolio->entries; k++) {
    const testudo_portfolio_entry *entry = &portfolio->entry[k];
    fprintf(stream, "  %c %-56s ", k == portfolio->best ? '*' : ' ', entry->name);
    if (isnan(entry->value))
      fprintf(stream, "not measured\n");
    else if (entry->exact)
      fprintf(stream, "%.9g\n", entry->value);
    else
      fprintf(stream, "%.5g, standard error %.2g\n", entry->value, entry->spread);
  }
}
