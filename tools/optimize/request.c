/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What optimize is asked for: which search, from a design or from sizes, and which options go with it. */
#include "optimize/optimize.h"

#include <stdlib.h>

#include "base/error.h"
#include "option/input.h"
#include "common/metrics.h"
#include "design/schemes.h"
#include "runtime/scheme/scheme.h"

const cli_option optimize_goal_options[] = {
    {.name = "objective", .value = "WORD", .kind = CLI_OBJECTIVE, .choices = CLI_OBJECTIVES, .heading = "Objective",
     .preset = "mean with --delay, otherwise qmax of the design; from sizes --delay or --objective must be given",
     .help = "Objective to minimise: qmax, the largest number of chunks processed without completing (a worst case, not"
             " a latency); under --delay mean or quantile:q of the completion time, deadline:t, the probability that"
             " it is above t seconds, or mse:t, the expected error at t seconds; for assignments the largest number of"
             " chunks that two workers share (overlap), or the sum of --costs (cost). With --chunk-price or"
             " --float-price cost is the mean time and what is computed and sent in it, at these prices."},
    {.name = "level", .value = "l", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_PARTS,
     .preset = "the design's parts", .help = "The l for which Q_max is minimised."},
    {.name = "method", .value = "WORD", .kind = CLI_CHOICE, .choices = "best matching milp exhaustive local families",
     .preset = "best",
     .help = "How orders are searched: a matching order (matching); for qmax an integer programme (milp); under --delay"
             " all orders that the workers of a ring share, or all tables of repetition groups (all Latin ones of more"
             " than four workers or chunks), by their exact laws (exhaustive); annealing with restarts (local); or"
             " those that suit the problem, one after the other (best). Under --delay also assignments: every family of"
             " the same sizes, and what lies between them (families; from sizes without --assignment that is best)."},
    {.name = "scheme", .value = "WORD", .kind = CLI_CHOICE, .choices = "partial block", .preset = "partial",
     .heading = "Without a design, from sizes",
     .help = "partial: assignments and orders are searched; block, under --delay: the tolerances and sizes of the"
             " blocks, for a gradient of --dim coordinates."},
    {.name = "name", .value = "TEXT", .kind = CLI_TEXT, .preset = "made from the sizes",
     .help = "Name of the design, kept in its file."},
    {.name = NULL},
};

const cli_option optimize_own_options[] = {
    {.name = "reassign", .kind = CLI_FLAG, .heading = "Under a delay model",
     .help = "Chunks may change workers too, not only places; every worker keeps its number of chunks and every chunk"
             " its number of copies."},
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 100, .most = 1e10, .preset = "400000",
     .help = "Number of fresh trials on which the designs before and after are measured where their law is not exact;"
             " number of trials on which families are compared (there 100000 by default)."},
    {.name = "max-states", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12, .preset = "200000",
     .help = "A law that needs more states is simulated."},
    {.name = "max-load", .value = "s", .kind = CLI_REAL, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "The most that a worker holds, in shares of the data (a share is the m-th part), instead of --replication:"
             " chunks then have so many copies on average, and as many each as is best. Under --unit share and"
             " --structure scaled, but for mse:t, --granularity is the finest cut, and coarser ones are tried too;"
             " elsewhere it is the only one. With DESIGN.json its sizes are searched, and the tables of its groups are"
             " gone on from."},
    {.name = "mean-load", .value = "s", .kind = CLI_REAL, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--max-load", .help = "With --max-load: workers hold so many shares on average, and only single ones as"
                                     " many as --max-load says."},
    {.name = "min-copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--parts", .help = "With --max-load: the fewest copies of a chunk. With one copy a dead worker stops"
                                  " the iteration."},
    {.name = "max-copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "as many as workers", .help = "With --max-load: the most copies of a chunk."},
    {.name = "apart", .kind = CLI_FLAG,
     .help = "Families and tables under --delay: no two copies of a chunk lie in one of the --domains. Workers that are"
             " alike change places for it."},
    {.name = "effort", .value = "x", .kind = CLI_REAL, .least = 0.01, .most = 1000, .preset = "1",
     .help = "Where chunks are finer than workers: moves of each search of a table, times the default; --tries are the"
             " searches from each shape."},
    {.name = "chunk-price", .value = "s", .kind = CLI_REAL, .least = 0, .most = 1e30,
     .help = "With --objective cost from sizes: what a share that a worker computes is worth, in seconds of an"
             " iteration. With --max-load designs of fewer copies are tried then, too."},
    {.name = "float-price", .value = "s", .kind = CLI_REAL, .least = 0, .most = 1e30,
     .help = "What a number that is sent is worth, in seconds of an iteration; needs --dim."},
    {.name = "costs", .value = "FILE.csv", .kind = CLI_FILE, .heading = "Overlap and cost",
     .help = "CSV worker,chunk,cost: the cost of a copy there, inf or forbidden where none is allowed; what is not"
             " listed costs nothing."},
    {.name = "capacities", .value = "c0,c1,..", .kind = CLI_INTEGERS, .least = 0, .most = TESTUDO_MAX_CHUNKS,
     .preset = "loads differ by at most one, or as in the design",
     .help = "The most chunks each worker may hold, one number per worker."},
    {.name = "replications", .value = "d0,d1,..", .kind = CLI_INTEGERS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--replication for all", .help = "Number of workers that hold each chunk, one number per chunk."},
    {.name = "dim", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = 2147483647, .heading = "Scheme block",
     .help = "Length of the gradient that the sizes are for."},
    {.name = "tolerances", .value = "s0,s1,..", .kind = CLI_INTEGERS, .increasing = true, .least = 0,
     .most = TESTUDO_MAX_WORKERS, .preset = "all", .help = "The tolerances that a block may have, increasing."},
    {.name = "samples", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_BLOCK_SAMPLES, .preset = "2000",
     .help = "With --rates that differ: number of samples that the linear programme is solved for. The design's E[T] is"
             " measured under the law itself, not on these samples."},
    {.name = NULL},
};

/* One more than the library's, the last word of --method. */
enum { METHOD_FAMILIES = TESTUDO_METHOD_LOCAL + 1 };

static bool is_timed(const cli_optimized *o)
{
  return o->objective.kind == TESTUDO_OBJECTIVE_MEAN || o->objective.kind == TESTUDO_OBJECTIVE_QUANTILE ||
         o->objective.kind == TESTUDO_OBJECTIVE_MSE || o->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ||
         o->objective.kind == TESTUDO_OBJECTIVE_PRICED;
}

static testudo_status take_objective(cli_optimized *o, bool file, testudo_error *error)
{
  const cli_value *objective = cli_get(o->arguments, "objective");
  bool delay = cli_given(o->arguments, "delay");
  if (!objective->given && !file && !delay)
    return cli_refuse(error, "no objective is given: add --delay LAW for the mean time under it, or"
                      " --objective overlap, cost or qmax");
  o->objective = objective->given ? objective->objective
                                  : (testudo_objective){.kind = delay ? TESTUDO_OBJECTIVE_MEAN
                                                                      : TESTUDO_OBJECTIVE_Q_MAX};
  o->objective_text = objective->given ? objective->text : delay ? "mean" : "qmax";
  bool priced = cli_given(o->arguments, "chunk-price") || cli_given(o->arguments, "float-price");
  if (o->objective.kind == TESTUDO_OBJECTIVE_COST && priced) {
    o->objective.kind = TESTUDO_OBJECTIVE_PRICED;
    o->objective.chunk_price = cli_real(o->arguments, "chunk-price", 0.0);
    o->objective.vector_price = cli_real(o->arguments, "float-price", 0.0) *
                                (double)cli_integer(o->arguments, "dim", 0);
  }
  return TESTUDO_OK;
}

static void choose_search(cli_optimized *o, bool file, bool block)
{
  int method = cli_choice(o->arguments, "method", TESTUDO_METHOD_BEST);
  bool sizes_alone = !file && !cli_given(o->arguments, "assignment") && cli_get(o->arguments, "order")->file == NULL;
  bool placement = o->objective.kind == TESTUDO_OBJECTIVE_OVERLAP || o->objective.kind == TESTUDO_OBJECTIVE_COST;
  bool loads = cli_given(o->arguments, "max-load");
  bool families = method == METHOD_FAMILIES ||
                  (method == TESTUDO_METHOD_BEST && (sizes_alone || (file && loads)) && is_timed(o));
  o->method = families ? TESTUDO_METHOD_BEST : (testudo_search_method)method;
  o->search = block ? SEARCH_BLOCKS : placement ? SEARCH_PLACEMENT : families ? SEARCH_FAMILIES : SEARCH_ORDER;
}

/* What does not apply to this search. */
static testudo_status check_options(const cli_optimized *o, bool file, testudo_error *error)
{
  bool timed = is_timed(o), order = o->search == SEARCH_ORDER, place = o->search == SEARCH_PLACEMENT;
  bool blocks = o->search == SEARCH_BLOCKS, families = o->search == SEARCH_FAMILIES;
  bool arcs = cli_choice(o->arguments, "assignment", -1) == ASSIGN_ARCS;
  static const char times[] = "objectives of time (mean, quantile:q, mse:t, deadline:t, cost with prices)";
  const cli_rule rule[] = {
      {!file, {"scheme", "assignment", "transpose", "order", "workers", "chunks", "granularity", "replication", "parts",
               "name"},
       "searches from sizes, without a design,"},
      {order && !timed, {"level"}, "--objective qmax"},
      {order || families, {"method"}, "objectives qmax, mean, quantile:q, mse:t and deadline:t"},
      {order, {"assignment"}, "searches of orders"},
      {order || place, {"order"}, "searches of orders and of placements"},
      {timed, {"delay", "structure", "unit", "startup", "overhead", "class", "message", "signal", "markov",
               "domain-factor", "failed", "fail-prob"}, times},
      {timed || place, {"domains"}, "--objective overlap and cost, and with --domain-factor or --apart"},
      {timed || arcs, {"rates"}, "--assignment arcs, and with --delay"},
      {order && timed, {"reassign"}, "searches of orders under --delay"},
      {(order && timed) || families, {"trials", "max-states"}, times},
      {place, {"costs", "capacities"}, "--objective overlap and cost without prices"},
      {o->objective.kind == TESTUDO_OBJECTIVE_PRICED, {"chunk-price", "float-price"}, "--objective cost"},
      {place && !file, {"replications"}, "--objective overlap and cost from sizes"},
      {families, {"max-load"}, "searches of all families, under --delay"},
      {families, {"effort", "apart"}, "searches of all families"},
      {cli_given(o->arguments, "max-load"), {"mean-load", "min-copies", "max-copies"}, "--max-load"},
      {blocks || cli_given(o->arguments, "float-price"), {"dim"}, "--scheme block, and with --float-price"},
      {blocks, {"tolerances", "samples"}, "--scheme block"},
      {!blocks, {"chunks", "granularity", "replication"}, "--scheme partial"},
      {!blocks || o->objective.kind != TESTUDO_OBJECTIVE_MEAN, {"tries"},
       "--scheme partial, and to objectives quantile and deadline of scheme block"},
  };
  TESTUDO_I_TRY(cli_check_rules(o->arguments, rule, sizeof rule / sizeof *rule, error));
  bool programmed = o->method == TESTUDO_METHOD_MATCHING || o->method == TESTUDO_METHOD_MILP;
  if (cli_given(o->arguments, "seed") && file && order && !timed && programmed)
    return cli_refuse(error, "--seed would do nothing: for --objective qmax, --method matching and milp draw nothing");
  if (timed && !cli_given(o->arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing: --objective %s needs it, for example --delay exp:1",
                      o->objective_text);
  if (families && !timed)
    return cli_refuse(error, "--method families needs an objective of time (mean, quantile:q, mse:t, deadline:t), not"
                      " %s", o->objective_text);
  if (o->objective.kind == TESTUDO_OBJECTIVE_PRICED && !families)
    return cli_refuse(error, "--objective cost with prices chooses a design: from sizes, or of FILE with --method"
                      " families");
  if (cli_given(o->arguments, "float-price") && !cli_given(o->arguments, "dim"))
    return cli_refuse(error, "--dim is missing: --float-price is per number sent, and a message has as many numbers"
                      " as the gradient");
  if (blocks && (!timed || o->objective.kind == TESTUDO_OBJECTIVE_MSE))
    return cli_refuse(error, "--objective %s does not apply to --scheme block: mean, quantile:q and deadline:t do",
                      o->objective_text);
  if (cli_given(o->arguments, "apart") && !cli_given(o->arguments, "domains"))
    return cli_refuse(error, "--apart needs --domains FILE.csv, which says who must not hold the same chunk");
  double most = cli_real(o->arguments, "max-load", 0), mean = cli_real(o->arguments, "mean-load", most);
  if (mean > most)
    return cli_refuse(error, "--mean-load: %g shares on average, but --max-load allows no worker more than %g", mean,
                      most);
  if (blocks && !cli_given(o->arguments, "dim"))
    return cli_refuse(error, "--dim is missing: block sizes are chosen for a gradient of that length");
  return TESTUDO_OK;
}

/* The sizes of FILE, for what is made anew from it. */
static testudo_status take_file_sizes(cli_optimized *o, testudo_error *error)
{
  cli_request *request = &o->request;
  int64_t entries = metrics_entries(o->design);
  const testudo_i_scheme *scheme = testudo_i_scheme_of(o->design);
  if (!scheme->order_matters)
    return cli_refuse(error, "scheme %s: assignments are searched for scheme partial only", scheme->name);
  request->assignment = ASSIGN_SEARCHED;
  request->order = ORDER_MATCHING;
  request->name = testudo_design_name(o->design);
  request->workers = testudo_design_workers(o->design);
  request->chunks = testudo_design_chunks(o->design);
  request->parts = testudo_design_parts(o->design);
  request->replication = (int32_t)(entries / request->chunks);
  if (o->search == SEARCH_FAMILIES && entries % request->chunks != 0 && !cli_given(o->arguments, "max-load"))
    return cli_refuse(error, "--method families needs as many copies of every chunk, but there are %lld of %d chunks;"
                      " --max-load allows other loads", (long long)entries, request->chunks);
  return TESTUDO_OK;
}

static testudo_status take_model(cli_optimized *o, testudo_error *error)
{
  o->cluster.workers = o->design != NULL ? testudo_design_workers(o->design) : o->request.workers;
  TESTUDO_I_TRY(cluster_take_model(&o->cluster, o->arguments, error));
  o->goal = (testudo_latency_goal){.objective = o->objective, .model = &o->cluster.model,
                                   .max_states = cli_integer(o->arguments, "max-states", 0),
                                   .trials = cli_integer(o->arguments, "trials", 0),
                                   .reassign = cli_given(o->arguments, "reassign")};
  return TESTUDO_OK;
}

testudo_status optimize_take(cli_optimized *o, const cli_arguments *arguments, testudo_error *error)
{
  bool file = arguments->operands > 0, block = cli_choice(arguments, "scheme", 0) == 1;
  o->arguments = arguments;
  TESTUDO_I_TRY(take_objective(o, file, error));
  choose_search(o, file, block);
  TESTUDO_I_TRY(check_options(o, file, error));
  search_take(&o->frame, arguments);
  if (block)
    o->frame.options.tries =
        cli_integer(arguments, o->objective.kind == TESTUDO_OBJECTIVE_MEAN ? "samples" : "tries", 0);
  if (file) {
    TESTUDO_I_TRY(input_design(arguments->operand[0], &o->design, error));
    o->request = (cli_request){.scheme = &scheme_of_choice[CHOICE_PARTIAL],
                               .search = o->search, .seed = o->frame.options.seed};
    if (o->search != SEARCH_ORDER)
      TESTUDO_I_TRY(take_file_sizes(o, error));
  } else {
    o->request.scheme = &scheme_of_choice[block ? CHOICE_BLOCK : CHOICE_PARTIAL];
    o->request.search = o->search;
    TESTUDO_I_TRY(request_take(&o->request, arguments, error));
    if (o->search == SEARCH_ORDER) /* the design that it begins with */
      TESTUDO_I_TRY(request_make(&o->request, arguments, &o->design, error));
  }
  if (o->search == SEARCH_PLACEMENT)
    return placement_take(o, error);
  if (o->objective.kind != TESTUDO_OBJECTIVE_Q_MAX)
    return take_model(o, error);
  o->objective.level = (int32_t)cli_integer(arguments, "level", testudo_design_parts(o->design));
  return TESTUDO_OK;
}

void optimize_clear(void *context)
{
  cli_optimized *o = context;
  testudo_i_arena_clear(&o->request.arena);
  testudo_i_arena_clear(&o->arena);
  testudo_assignment_free(&o->placement.start);
  free((void *)o->placement.limits.domain);
  free((void *)o->placement.limits.cost);
  testudo_portfolio_free(&o->portfolio);
  cluster_close(&o->cluster);
  testudo_block_plan_free(o->plan);
  testudo_design_free(o->design);
  testudo_design_free(o->better);
}
