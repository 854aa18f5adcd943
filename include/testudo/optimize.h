/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching: better orders and assignments, with proofs where there are proofs (docs/theory/search.md). */
#ifndef TESTUDO_OPTIMIZE_H
#define TESTUDO_OPTIMIZE_H

#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/designfile.h>
#include <testudo/placement.h>
#include <testudo/trust.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Three different answers. Optimal: nothing that the problem allows has a smaller objective, proved (the bound is
   reached). Feasible: the best found; something better may exist, also where the search went through all of a narrower
   range, which `range` then names. Undecided: nothing was found within the limit. */
typedef enum testudo_answer {
  TESTUDO_OPTIMAL,
  TESTUDO_FEASIBLE,
  TESTUDO_UNDECIDED
} testudo_answer;

const char *testudo_answer_name(testudo_answer answer); /* "optimal", .. */

/* Called now and then from the calling thread. fraction as in testudo_monitor; best and bound are values of the
   objective, NAN while not known. Returning false ends the search, which then answers with the best so far (`stopped`):
   this is also how a caller sets a time limit. */
typedef struct testudo_search_monitor {
  bool (*step)(void *context, double fraction, double best, double bound);
  void *context;
} testudo_search_monitor;

typedef struct testudo_search_options {
  uint64_t seed;
  int32_t threads;          /* 0: all cores. Never changes the result of a search that was not stopped */
  int64_t tries;            /* restarts, or samples, of the method; 0: its default. Searches that end by themselves end
                               at the same design for the same seed and tries */
  const testudo_search_monitor *monitor; /* NULL: never stopped */
} testudo_search_options;

typedef struct testudo_search_result {
  testudo_answer answer;
  char method[96];          /* what found the best, in words */
  char proof[96];           /* where the bound comes from; "" without one */
  double before, after;     /* the objective of the design given, and of the one returned; NAN where not known */
  double before_stderr, after_stderr; /* of simulated values, from samples that chose nothing; 0: exact */
  double gain_stderr;       /* of after - before, on the same trials: less than either where they go together */
  double bound;             /* nothing that the problem allows is below; NAN without one */
  char range[96];           /* all of this was gone through, and nothing in it is better; "" where nothing was */
  double proved;            /* Q_max: the part of the bound that testudo_search_prove proves again, in exact integers */
  int64_t tries, moves;     /* done */
  bool stopped;             /* by the monitor */
} testudo_search_result;

/* ---- objectives ---- */

typedef enum testudo_objective_kind {
  TESTUDO_OBJECTIVE_Q_MAX,    /* Q_max^(level) (docs/theory/orders.md#q_max) */
  TESTUDO_OBJECTIVE_MEAN,     /* E[T], seconds */
  TESTUDO_OBJECTIVE_QUANTILE, /* the `at`-quantile of T, seconds */
  TESTUDO_OBJECTIVE_MSE,      /* the expected error at `at` seconds (docs/theory/latency.md#expected-error) */
  TESTUDO_OBJECTIVE_OVERLAP,  /* the most chunks that two workers share; for placements */
  TESTUDO_OBJECTIVE_COST,     /* the sum of the costs of all copies; for placements */
  TESTUDO_OBJECTIVE_DEADLINE, /* P(T > t) at `at` seconds */
  TESTUDO_OBJECTIVE_PRICED    /* E[T] + chunk_price E[shares computed until T] + vector_price E[vectors sent] */
} testudo_objective_kind;

typedef struct testudo_objective {
  testudo_objective_kind kind;
  int32_t level;            /* l of Q_max, >= 1 */
  double at;
  double chunk_price;       /* seconds that a share of the data is worth which a worker computes, >= 0, .. */
  double vector_price;      /* .. and a vector of the gradient's length that is sent */
} testudo_objective;

typedef enum testudo_search_method {
  TESTUDO_METHOD_BEST,      /* what suits the problem, one after the other */
  TESTUDO_METHOD_MATCHING,
  TESTUDO_METHOD_MILP,
  TESTUDO_METHOD_EXHAUSTIVE,
  TESTUDO_METHOD_LOCAL
} testudo_search_method;

/* ---- orders of a given assignment, the least Q_max (docs/theory/search.md) ---- */

/* Searches an order with a smaller Q_max^(level) from the order of `design`, which is never made worse. *better is a
   new design (the caller frees it) with the same assignment, code and name; it is set whenever TESTUDO_OK is answered.
   Any assignment, unequal loads and replications too. Methods: best, matching, milp, local. */
TESTUDO_CHECKED testudo_status testudo_optimize_q_max(const testudo_design *design, int32_t level,
                                                      testudo_search_method method,
                                                      const testudo_search_options *options,
                                                      testudo_design **better, testudo_search_result *result,
                                                      testudo_error *error);

/* ---- placements: assignments within limits (docs/theory/placement.md) ---- */

/* A placement of least total cost, as a flow: the answer is optimal, and result->bound is the dual value, summed from
   the costs as given (equal to `after` up to rounding). Rows ascend; the caller frees *placement. Where none exists:
   TESTUDO_ERROR_ARGUMENT with the reason. Stopped before one was found: the answer is undecided and *placement empty.
   TESTUDO_ERROR_LIMIT beyond 2^22 workers times chunks. Deterministic. */
TESTUDO_CHECKED testudo_status testudo_place_least_cost(const testudo_placement_limits *limits,
                                                        const testudo_search_options *options,
                                                        testudo_assignment *placement, testudo_search_result *result,
                                                        testudo_error *error);

/* A placement with the least largest overlap that is found: a flow, or `start` where one is given (it must keep the
   limits, TESTUDO_ERROR_ARGUMENT otherwise); then annealing towards one chunk less, again and again, `tries` times four
   times at each aim (default 3); and for small sizes branch and bound at the last aim. result->bound is that of
   testudo_overlap_bound, or what branch and bound proves. Costs but HUGE_VAL are not looked at. At most 2048 workers,
   and sizes as above. */
TESTUDO_CHECKED testudo_status testudo_place_least_overlap(const testudo_placement_limits *limits,
                                                           const testudo_assignment *start,
                                                           const testudo_search_options *options,
                                                           testudo_assignment *placement,
                                                           testudo_search_result *result, testudo_error *error);

/* The total cost of an assignment that keeps the limits; otherwise TESTUDO_ERROR_ARGUMENT says what it breaks. */
TESTUDO_CHECKED testudo_status testudo_placement_cost(const testudo_placement_limits *limits,
                                                      const testudo_assignment *assignment, double *cost,
                                                      testudo_error *error);

/* Files of placements (docs/file-format.md): CSV with a header. `worker,domain` names the domain of every worker, each
   once: *domain (malloc) has one number per worker, domains counted from 0 as they first occur among the workers.
   `worker,chunk,cost` names costs: numbers >= 0, or "inf" or "forbidden"; *cost (malloc) is sorted as limits want it.
   TESTUDO_ERROR_INPUT with the line for anything wrong. */
TESTUDO_CHECKED testudo_status testudo_domains_read(const char *path, int32_t workers, int32_t **domain,
                                                    testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_domains_parse(const char *bytes, size_t length, const char *name,
                                                     int32_t workers, int32_t **domain, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_costs_read(const char *path, int32_t workers, int32_t chunks,
                                                  testudo_place_cost **cost, int64_t *count, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_costs_parse(const char *bytes, size_t length, const char *name,
                                                   int32_t workers, int32_t chunks, testudo_place_cost **cost,
                                                   int64_t *count, testudo_error *error);

/* ---- orders and assignments, the least latency or error (docs/theory/search-latency.md) ---- */

typedef struct testudo_latency_goal {
  testudo_objective objective;      /* mean (given T finite), quantile or mse */
  const testudo_delay_model *model; /* rates of workers and failures count */
  int64_t max_states;               /* of an exact law; a law that must hold more is simulated. 0: 200000 */
  int64_t trials;                   /* on which simulated values are measured. 0: 400000 */
  bool reassign;                    /* chunks may change workers; loads and copies stay */
} testudo_latency_goal;

/* Searches an order (or, reassign, also an assignment) of scheme partial with a smaller objective. Exhaustive: every
   order that the workers of a ring share, or every table of repetition groups (every Latin one from order 5 on), by
   exact laws: optimal among these, as `range` says, and no more, but for a single group whose tables are all orders of
   the assignment. Where there are several chunks per worker's share, local and best begin at the best order by blocks
   (code.h), and end no worse. Local: tables of repetition groups by their exact
   law; on any assignment exchanges, on common random numbers. Best: both where they apply, then exchanges from the
   best. Before and after are measured on trials that chose nothing; a design that is not better is not returned, but
   the one given. Matching is a method, milp is refused. *better is set whenever TESTUDO_OK is answered, also when
   stopped. The threads never change what a search that was not stopped finds. TESTUDO_ERROR_ARGUMENT for other
   schemes, in which only finished workers count, so that their orders are all the same. */
TESTUDO_CHECKED testudo_status testudo_optimize_latency(const testudo_design *design, const testudo_latency_goal *goal,
                                                        testudo_search_method method,
                                                        const testudo_search_options *options,
                                                        testudo_design **better, testudo_search_result *result,
                                                        testudo_error *error);

/* ---- loads for workers of different rates (docs/theory/placement.md#workers-of-different-rates) ---- */

/* In units of the time of one chunk at rate 1. */
typedef struct testudo_makespan {
  double value;   /* max over workers of load / rate */
  double bound;   /* of the linear programme, loads not whole: value - bound is what whole numbers cost */
  int64_t sooner; /* the most chunks that workers can finish before `value`: fewer than the copies, so that no whole
                     numbers have a smaller makespan */
} testudo_makespan;

/* loads[j] in 0..chunks with sum chunks * replication, 1 <= replication <= workers, that finish first at these rates
   when nobody straggles: optimal among whole numbers. rates are 1e-100..1e100. O(m log m). */
TESTUDO_CHECKED testudo_status testudo_loads_for_rates(int32_t workers, int32_t chunks, int32_t replication,
                                                       const double *rates, int32_t *loads, testudo_makespan *makespan,
                                                       testudo_error *error);

/* ---- assignments and orders of all families, the least latency or error (docs/theory/placement.md) ---- */

/* Without a `load` every chunk has `replication` copies. With one every worker holds at most `load` shares of the data,
   so that this is what chunks have copies on average, while single ones have from least_copies (0: parts) to
   most_copies (0: as many as workers); replication is then not looked at. With a most_load workers hold `load` shares
   on average, and a worker most_load: where groups of several sizes stand side by side, the small ones gain more from
   a place than the large ones lose. Where there is a load, and the law is that of a share and scaled, coarser cuts are
   tried too, down to `coarsest` chunks: by halves, or, where chunks have an overhead, all. */
typedef struct testudo_portfolio_request {
  int32_t workers, chunks, replication, parts;
  double load, most_load;           /* 0, or parts .. workers; 0: load, or load .. workers */
  int32_t coarsest;                 /* 0: chunks, and no other cut */
  int32_t least_copies, most_copies;
  const int32_t *apart;             /* lent: a domain, 0 .. workers - 1, per worker, none of which may hold two copies
                                       of a chunk; NULL: no such limit. Workers that are alike change places for it */
  double effort;                    /* moves of a search of tables, times the default; 0: 1 */
  testudo_objective objective;      /* mean or priced (given T finite), quantile, mse, deadline; of priced orders and
                                       tables are searched for the mean, and fewer copies than the load tried too */
  const testudo_delay_model *model; /* with rates, loads that fit them are tried too */
  int64_t max_states;               /* of exact laws; 0: 200000 */
  int64_t trials;                   /* by which candidates are compared where no law is exact; 0: 100000 */
  const testudo_design *start;      /* a candidate more; NULL: none */
  bool quick;                       /* no exchanges; result->after is of the trials that chose, no bound */
} testudo_portfolio_request;

/* One that was tried. */
typedef struct testudo_portfolio_entry {
  char name[80];       /* "groups of 2 on a ring of 12, rotated" */
  double value;        /* the objective; NAN: not measured any more when the search was stopped */
  double spread;       /* its standard error, or numerical error when exact */
  bool exact;
  double p_never;      /* as in the laws: designs with a larger one are not preferred */
} testudo_portfolio_entry;

typedef struct testudo_portfolio {
  testudo_portfolio_entry *entry;
  int32_t entries, best;
} testudo_portfolio;

void testudo_portfolio_free(testudo_portfolio *portfolio);

/* Tries the families that exist for these sizes, what lies between them, and searches of shifts, of loads and, where
   there are several chunks a share, of tables of slots (code.h; docs/theory/search-latency.md#tables-of-slots); keeps
   the best, a design of scheme partial. Entries are compared on trials that they share; result->after is measured on
   others, and so is result->before, that of the first entry: cyclic in natural order where there is one, otherwise a
   random regular assignment. options->tries: steps of each search of shifts and loads (default 60), and runs from each
   shape of a table of slots (default 3). The threads never change the result of a search that was not stopped. The
   caller frees *better and the portfolio. */
TESTUDO_CHECKED testudo_status testudo_optimize_portfolio(const testudo_portfolio_request *request,
                                                          const testudo_search_options *options,
                                                          testudo_design **better, testudo_portfolio *portfolio,
                                                          testudo_search_result *result, testudo_error *error);

/* Adds a claim of result->after that carries its delay model: {"metric": "latency_mean", "latency_quantile",
   "expected_error" or "late_probability", "value", "law", "structure", ..} (docs/file-format.md). Nothing is added
   where the value was simulated or is infinite, or the law is a trace, for a claim is proved from the design file
   alone. */
TESTUDO_CHECKED testudo_status testudo_search_claim_latency(testudo_design *design, const testudo_latency_goal *goal,
                                                            const testudo_search_result *result,
                                                            testudo_error *error);

/* ---- what the file says of a search ---- */

/* Adds what a search for Q_max^(level) found to the claims that the design has: {"metric":"q_max_bound","level",
   "value"}, no order of this assignment has a smaller Q_max (the proved bound); and q_max where level > parts, for
   which no claim is made otherwise. */
TESTUDO_CHECKED testudo_status testudo_search_claim_q_max(testudo_design *design, int32_t level,
                                                          const testudo_search_result *result, testudo_error *error);

/* Adds what testudo_code_verify found of a code of the caller's own, every set of which decoded: {"metric":
   "straggler_sets","value":sets,"exhaustive":true where those are all}. Tried again, as many must decode. */
TESTUDO_CHECKED testudo_status testudo_claim_straggler_sets(testudo_design *design, const testudo_code_check *check,
                                                            testudo_error *error);

/* testudo_design_prove for the claims of searches too. q_max_bound holds when no order has a smaller Q_max than the
   value claimed, by a bound computed again; found is that bound. TESTUDO_INTERRUPTED by the monitor (may be NULL). */
TESTUDO_CHECKED testudo_status testudo_search_prove(const testudo_design *design, const char *name,
                                                    const testudo_monitor *monitor, testudo_claim **claims,
                                                    size_t *count, testudo_error *error);

/* Puts {"search":{"objective","method","seed","tries","before","after","bound","gap","status"}} into the design's
   provenance, which must be there. `objective` is the user's text. */
TESTUDO_CHECKED testudo_status testudo_search_record(testudo_design *design, const char *objective,
                                                     const testudo_search_options *options,
                                                     const testudo_search_result *result, testudo_error *error);

/* ---- the law that order draft goes by ---- */

/* For testudo_slot_order (code.h): what a worker drawn at random has not done by a late time of the iteration. */
typedef struct testudo_draft_law testudo_draft_law;

/* Of an assignment that is in the draft's exponential form. `time` > 0: the time that is looked at, seconds; 0: the
   0.999 quantile of T, given T finite, of that assignment and order under the model, from at most 20,000 simulated
   iterations of scheme partial with so many parts, always the same. Workers that fail count as never done. monitor may
   be NULL. TESTUDO_ERROR_ARGUMENT or TESTUDO_ERROR_LIMIT where the law of a worker's chunks is not known (domain
   factors). The model is lent until the law is freed; the assignment is not. Up to a second. */
TESTUDO_CHECKED testudo_status testudo_draft_law_create(const testudo_assignment *assignment, int32_t parts,
                                                        const testudo_delay_model *model, double time,
                                                        const testudo_monitor *monitor, testudo_draft_law **law,
                                                        testudo_error *error);
void testudo_draft_law_free(testudo_draft_law *law); /* NULL is fine */

double testudo_draft_law_time(const testudo_draft_law *law); /* the time that is looked at */

/* A testudo_undone whose context is a testudo_draft_law. Of workers with blocks of other sizes than `block` the place
   is counted in shares of their own blocks. */
double testudo_draft_law_undone(const void *law, int32_t place, int32_t block);

#ifdef __cplusplus
}
#endif
#endif
