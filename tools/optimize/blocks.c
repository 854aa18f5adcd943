/* SPDX-License-Identifier: GPL-3.0-or-later */
/* optimize --scheme block: tolerances and sizes of a block code, chosen for a delay model. */
#include "optimize/optimize.h"

#include <inttypes.h>
#include <math.h>

#include "base/error.h"
#include "base/limits.h"
#include "code/making/making.h"
#include "optimize/block/law.h"

/* Seconds: codes that are made of a search that was stopped by the user, and of one that ran out of time. */
#define SOON 0.6
#define MOST_MAKING 5.0

/* ---- the time that making the code takes ---- */

/* Of the tolerances given, or of all, on one core: n systems of s unknowns for each. */
static double making_seconds(int32_t workers, const int32_t *tolerance, int32_t count)
{
  double steps = 0.0;
  for (int32_t k = 0; k < (count > 0 ? count : workers); k++) {
    double s = count > 0 ? tolerance[k] : k;
    steps += workers * s * s * (2.0 / 3.0 * s + 20.0);
  }
  return steps / TESTUDO_I_LIMIT_SOLVE_RATE;
}

/* The limit holds for the whole command: what making the code will take, where that is not most of it, is left. */
static void leave_time(cli_optimized *o)
{
  const cli_request *request = &o->request;
  double limit = o->frame.limit, making = making_seconds(request->workers, request->tolerance, request->tolerances);
  if (limit > 0.0 && making < MOST_MAKING)
    o->frame.limit = fmax(0.4 * limit, limit - making - 0.3);
}

/* Its shape alone, for the result. */
static testudo_status show_shape(cli_optimized *o, testudo_error *error)
{
  o->unmade = true;
  return testudo_i_block_shape(o->request.workers, o->plan->tolerance, o->plan->size, o->plan->blocks, &o->better,
                               error);
}

/* A search that was stopped ends soon: its code is made only where that takes no time. */
static testudo_status make_plan(cli_optimized *o, testudo_error *error)
{
  cli_request *request = &o->request;
  request->tolerance = o->plan->tolerance;
  request->size = o->plan->size;
  request->tolerances = o->plan->blocks;
  request->replication = o->plan->tolerance[o->plan->blocks - 1] + 1;
  double making = making_seconds(request->workers, request->tolerance, request->tolerances);
  if (o->plan->stopped && making > (o->frame.interrupted ? SOON : MOST_MAKING))
    return show_shape(o, error);
  request->unwatched = o->frame.interrupted;
  testudo_status status = request_make(request, o->arguments, &o->better, error);
  if (status != TESTUDO_INTERRUPTED)
    return status;
  o->frame.interrupted = true;
  return show_shape(o, error);
}

testudo_status blocks_exit(const cli_optimized *o, testudo_error *error)
{
  if (!o->unmade)
    return TESTUDO_OK;
  return testudo_i_fail(error, o->frame.interrupted ? TESTUDO_INTERRUPTED : TESTUDO_ERROR_LIMIT,
                        "%s: the code of these %d blocks was not made, as that takes about %.2g s; give the tolerances "
                        "and sizes of the result to 'testudo design --scheme block', or allow fewer by --tolerances",
                        o->frame.interrupted ? "interrupted" : "--time-limit", (int)o->plan->blocks,
                        making_seconds(o->request.workers, o->plan->tolerance, o->plan->blocks));
}

/* ---- the search ---- */

/* P(T <= t) is made large: its complement small. */
static double as_small(const testudo_block_plan *plan, double value)
{
  return plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ? 1.0 - value : value;
}

static void fill_result(cli_optimized *o)
{
  const testudo_block_plan *plan = o->plan;
  bool optimal = as_small(plan, plan->value) <= as_small(plan, plan->bound) * (1.0 + 1e-9);
  o->result = (testudo_search_result){.answer = optimal ? TESTUDO_OPTIMAL : TESTUDO_FEASIBLE, .before = NAN,
                                      .after = as_small(plan, plan->value),
                                      .after_stderr = plan->exact ? 0.0 : plan->spread,
                                      .bound = as_small(plan, plan->bound),
                                      .tries = plan->samples > 0 ? plan->samples : plan->starts,
                                      .moves = plan->moves, .stopped = plan->stopped};
  snprintf(o->result.method, sizeof o->result.method, "%s",
           plan->samples > 0 ? "a linear programme over samples" : "a descent on the exact law");
  if (!isnan(plan->bound))
    snprintf(o->result.proof, sizeof o->result.proof, "%s",
             plan->objective.kind == TESTUDO_OBJECTIVE_MEAN ? "duality, at sizes that need not be whole"
                                                            : "concavity, at sizes that need not be whole");
}

testudo_status optimize_blocks(cli_optimized *o, testudo_error *error)
{
  cli_request *request = &o->request;
  bool alike = testudo_i_block_law_known(&o->cluster.model, request->workers);
  if (alike && cli_given(o->arguments, "samples"))
    return cli_refuse(error, "--samples would do nothing: the times of identical workers are not sampled");
  leave_time(o);
  search_start(&o->frame, "choosing blocks", o->arguments);
  testudo_status status = session_progress_end(testudo_block_search(
      request->workers, request->dim, request->tolerances > 0 ? request->tolerance : NULL, request->tolerances,
      &o->cluster.model, o->objective, &o->frame.options, &o->plan, error));
  if (status == TESTUDO_INTERRUPTED && !o->frame.interrupted)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: no plan was found in %g s",
                          cli_real(o->arguments, "time-limit", 0.0));
  TESTUDO_I_TRY(status);
  fill_result(o);
  return make_plan(o, error);
}

/* ---- output ---- */

static double plan_gap(const void *result)
{
  const testudo_block_plan *plan = result;
  return as_small(plan, plan->value) - as_small(plan, plan->bound);
}

static const char *const plan_value_words[] = {"simulated", "exact", NULL};

const field plan_fields[] = {
    {FIELD(testudo_block_plan, value),
     .meaning = "of the plan: its expected time or quantile, seconds, or of a deadline P(T <= t), which is made large"},
    {FIELD_EITHER("value_status", testudo_block_plan, exact, plan_value_words), .meaning = "what the value is"},
    {FIELD_AS("value_error", testudo_block_plan, spread),
     .meaning = "numerical error of an exact value, standard error of a simulated one"},
    {FIELD_CHARS("method", testudo_block_plan, method), .meaning = "what measured it"},
    {FIELD(testudo_block_plan, real), .meaning = "value at sizes that need not be whole; null: not known"},
    {FIELD(testudo_block_plan, bound), .meaning = "no sizes have a better value; null: no bound is known"},
    {FIELD_WORKED_OUT("gap", plan_gap), .meaning = "value - bound, of a deadline bound - value"},
    {FIELD_AS("best_single", testudo_block_plan, single), .meaning = "stragglers of the best classical code"},
    {FIELD_AS("best_single_value", testudo_block_plan, single_value), .meaning = "its value, exact"},
    {FIELD(testudo_block_plan, starts), .meaning = "places that the descent began at; 0: times were sampled"},
    {FIELD(testudo_block_plan, steps), .meaning = "steps of the descent"},
    {FIELD(testudo_block_plan, evaluations), .meaning = "laws evaluated"},
    {FIELD(testudo_block_plan, moves), .meaning = "coordinates moved after rounding"},
    {FIELD(testudo_block_plan, samples), .meaning = "samples that a linear programme was solved for; 0: none was"},
    {FIELD(testudo_block_plan, lp_value), .unit = "s", .meaning = "sample mean at its solution"},
    {FIELD(testudo_block_plan, lp_bound), .unit = "s", .meaning = "no sizes have a smaller sample mean"},
    {FIELD_AS("lp_rows", testudo_block_plan, rows), .meaning = "rows of the programme"},
    {FIELD_AS("lp_rounds", testudo_block_plan, rounds), .meaning = "rounds in which rows were added"},
    {.key = NULL},
};

/* "mean", "0.99 quantile", "P(T <= 3)" */
static void name_value(const testudo_block_plan *plan, char *text, size_t room)
{
  if (plan->objective.kind == TESTUDO_OBJECTIVE_MEAN)
    snprintf(text, room, "mean");
  else if (plan->objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    snprintf(text, room, "%g quantile", plan->objective.at);
  else
    snprintf(text, room, "P(T <= %g)", plan->objective.at);
}

static void print_road(FILE *stream, const testudo_block_plan *found)
{
  if (found->samples == 0) {
    fields_line(stream, "sizes not whole", "%.9g, by a descent of %d step%s from %d start%s\n", found->real,
                (int)found->steps, found->steps == 1 ? "" : "s", (int)found->starts, found->starts == 1 ? "" : "s");
    return;
  }
  bool solved = found->lp_value - found->lp_bound <= 1e-9 * found->lp_value;
  fields_line(stream, "programme", "%.9g s over %" PRId64 " samples (bound %.9g), %s for these samples only\n",
              found->lp_value, found->samples, found->lp_bound, solved ? "optimal" : "feasible");
}

static void print_bound(FILE *stream, const testudo_block_plan *found)
{
  bool deadline = found->objective.kind == TESTUDO_OBJECTIVE_DEADLINE;
  if (isnan(found->bound))
    fields_line(stream, "bound", "none is known: feasible, not proved optimal\n");
  else if (deadline)
    fields_line(stream, "bound", "%.9g: no sizes have a larger P(T <= t)\n", found->bound);
  else
    fields_line(stream, "bound", "%.9g s: no sizes are faster; the plan is within %.2g %% of optimal\n", found->bound,
                100.0 * fmax(0.0, found->value / found->bound - 1.0));
}

static void print_sizes(FILE *stream, const testudo_block_plan *found)
{
  fields_label(stream, "tolerances");
  for (int32_t b = 0; b < found->blocks; b++)
    fprintf(stream, "%s%d", b == 0 ? "" : ",", (int)found->tolerance[b]);
  fputc('\n', stream);
  fields_label(stream, "sizes");
  for (int32_t b = 0; b < found->blocks; b++)
    fprintf(stream, "%s%" PRId64, b == 0 ? "" : ",", found->size[b]);
  fputc('\n', stream);
}

void plan_print(FILE *stream, const testudo_block_plan *found, bool all)
{
  char name[60];
  bool deadline = found->objective.kind == TESTUDO_OBJECTIVE_DEADLINE;
  const char *unit = deadline ? "" : " s";
  name_value(found, name, sizeof name);
  fprintf(stream, "\nblock sizes for a %s %s%s\n", deadline ? "large" : "small", name,
          found->stopped ? ", stopped: the best so far" : "");
  print_road(stream, found);
  if (found->exact)
    fields_line(stream, name, "%.9g%s, exact\n", found->value, unit);
  else
    fields_line(stream, name, "%.9g +- %.2g%s, simulated on fresh trials\n", found->value, found->spread, unit);
  print_bound(stream, found);
  fields_line(stream, "best single", "%.9g%s, exact, the classical code for %d stragglers%s", found->single_value, unit,
              (int)found->single, deadline ? "\n" : "");
  if (!deadline)
    fprintf(stream, ": %.3g times the %s\n", found->single_value / found->value, name);
  if (all)
    print_sizes(stream, found);
}
