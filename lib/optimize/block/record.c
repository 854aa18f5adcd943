/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search that chose the blocks of a design, in its provenance. */
#include <testudo/block_search.h>

#include <math.h>

#include "base/error.h"
#include "designfile/write.h"
#include "json/write.h"

static void put_objective(testudo_i_json_writer *writer, const testudo_block_plan *plan)
{
  static const char *const word[] = {[TESTUDO_OBJECTIVE_MEAN] = "mean", [TESTUDO_OBJECTIVE_QUANTILE] = "quantile",
                                     [TESTUDO_OBJECTIVE_DEADLINE] = "deadline"};
  testudo_i_json_put_string(writer, "objective", word[plan->objective.kind]);
  if (plan->objective.kind != TESTUDO_OBJECTIVE_MEAN)
    testudo_i_json_put_real(writer, "at", plan->objective.at);
}

static void put_samples(testudo_i_json_writer *writer, const testudo_block_plan *plan)
{
  testudo_i_json_put_string(writer, "method", "linear programme over samples, rounded");
  testudo_i_json_put_integer(writer, "samples", plan->samples);
  testudo_i_json_put_real(writer, "lp_value", plan->lp_value);
  testudo_i_json_put_real(writer, "lp_bound", plan->lp_bound);
  testudo_i_json_put_integer(writer, "lp_rows", plan->rows);
}

static void put_descent(testudo_i_json_writer *writer, const testudo_block_plan *plan)
{
  testudo_i_json_put_string(writer, "method", "descent on the exact law, rounded");
  testudo_i_json_put_integer(writer, "starts", plan->starts);
  testudo_i_json_put_integer(writer, "steps", plan->steps);
  testudo_i_json_put_integer(writer, "evaluations", plan->evaluations);
  testudo_i_json_put_integer(writer, "moves", plan->moves);
  testudo_i_json_put_real(writer, "real", plan->real);
  if (!isnan(plan->bound))
    testudo_i_json_put_real(writer, "bound", plan->bound);
}

testudo_status testudo_block_plan_record(testudo_design *design, const testudo_block_plan *plan, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory record = {0};
  testudo_i_json_writer *writer = &record.writer;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&record, error));
  testudo_i_json_open_object(writer, NULL);
  put_objective(writer, plan);
  (plan->samples > 0 ? put_samples : put_descent)(writer, plan);
  testudo_i_json_put_real(writer, "value", plan->value);
  if (!plan->exact)
    testudo_i_json_put_real(writer, "value_stderr", plan->spread);
  testudo_i_json_put_integer(writer, "best_single", plan->single);
  testudo_i_json_put_real(writer, "best_single_value", plan->single_value);
  testudo_i_json_put_string(writer, "status", "feasible");
  if (plan->stopped)
    testudo_i_json_put_boolean(writer, "stopped", true);
  testudo_i_json_close_object(writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&record, error));
  return testudo_i_design_add_provenance(design, "search", record.text, error);
}
