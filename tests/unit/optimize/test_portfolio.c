/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The portfolio: its structures against their definitions, its answer against laws known from elsewhere. */
#include "check.h"

#include <testudo/exact.h>
#include <testudo/optimize.h>

#include "base/random.h"
#include "code/assignment.h"
#include "optimize/portfolio/pool.h"

enum { MOST = 64 };

/* Each worker `load` different chunks, and every chunk on `replication` workers, or on so many on average and one at
   least. */
static void check_regular(const testudo_assignment *a, int32_t replication, bool uneven, int32_t load)
{
  int32_t copies[MOST] = {0};
  for (int32_t j = 0; j < a->workers; j++) {
    uint64_t seen = 0;
    assert_int_equal(a->row[j + 1] - a->row[j], load);
    for (int64_t e = a->row[j]; e < a->row[j + 1]; e++) {
      assert_in_range(a->chunk[e], 0, a->chunks - 1);
      assert_true((seen >> a->chunk[e] & 1) == 0);
      seen |= UINT64_C(1) << a->chunk[e];
      copies[a->chunk[e]]++;
    }
  }
  for (int32_t i = 0; i < a->chunks; i++)
    assert_true(uneven ? copies[i] >= 1 : copies[i] == replication);
}

static void shifts_make_the_known_families(void **state)
{
  (void)state;
  int32_t shift[4] = {0, 1, 2, 3};
  testudo_assignment made, wanted;
  /* Z_12: cyclic. */
  testudo_i_shifts ring = {.modulus = {12}, .moduli = 1, .order = 12, .blocks = 1, .mates = 1, .count = 3,
                           .shift = shift};
  assert_ok(testudo_i_shifts_assign(&ring, &made, NULL));
  assert_ok(testudo_assignment_cyclic(12, 3, &wanted, NULL));
  assert_memory_equal(made.chunk, wanted.chunk, 36 * sizeof *made.chunk);
  testudo_assignment_free(&made);
  testudo_assignment_free(&wanted);
  /* Z_2 x Z_2 x Z_3 with the first two as shifts: repetition groups in XOR order. */
  testudo_i_shifts twos = {.modulus = {2, 2, 3}, .moduli = 3, .order = 12, .blocks = 1, .mates = 1, .count = 4,
                           .shift = shift};
  assert_ok(testudo_i_shifts_assign(&twos, &made, NULL));
  assert_ok(testudo_assignment_frc(12, 12, 4, &wanted, NULL));
  assert_ok(testudo_order_xor(&wanted, NULL));
  assert_memory_equal(made.chunk, wanted.chunk, 48 * sizeof *made.chunk);
  testudo_assignment_free(&made);
  testudo_assignment_free(&wanted);
  /* One element a group, four mates, four blocks: repetition groups, rotated the other way round. */
  testudo_i_shifts groups = {.modulus = {3}, .moduli = 1, .order = 3, .blocks = 4, .mates = 4, .count = 1,
                             .shift = shift};
  assert_ok(testudo_i_shifts_assign(&groups, &made, NULL));
  for (int32_t j = 0; j < 12; j++)
    for (int32_t k = 0; k < 4; k++)
      assert_int_equal(made.chunk[4 * j + k], j / 4 * 4 + (j % 4 + k) % 4);
  testudo_assignment_free(&made);
}

static void adding_in_the_group_is_adding_digits(void **state)
{
  (void)state;
  testudo_i_shifts shifts = {.modulus = {3, 2, 5}, .moduli = 3, .order = 30};
  for (int32_t a = 0; a < 30; a++)
    for (int32_t b = 0; b < 30; b++) {
      int32_t first = (a % 3 + b % 3) % 3, second = (a / 3 % 2 + b / 3 % 2) % 2, third = (a / 6 + b / 6) % 5;
      assert_int_equal(testudo_i_shifts_add(&shifts, a, b), first + 3 * second + 6 * third);
    }
}

static void arcs_go_around_the_circle(void **state)
{
  (void)state;
  static const int32_t loads[5] = {1, 4, 2, 0, 3}, around[5] = {4, 1, 3, 0, 2};
  testudo_assignment arcs;
  assert_ok(testudo_i_arcs_assign(5, 5, loads, around, &arcs, NULL));
  /* Worker 4 begins at 0, worker 1 at 3, worker 0 at 7 = 2 and worker 2 at 8 = 3; the second time around (from 5 on) an
     arc begins half its load later. */
  static const int32_t wanted[] = {2, 3, 4, 0, 1, 4, 3, 0, 1, 2};
  assert_memory_equal(arcs.chunk, wanted, sizeof wanted);
  assert_int_equal(arcs.row[1], 1);
  assert_int_equal(arcs.row[2], 5);
  assert_int_equal(arcs.row[3], 7);
  assert_int_equal(arcs.row[4], 7);
  testudo_assignment_free(&arcs);
  static const double rates[5] = {1.0, 3.0, 2.0, 3.0, 0.5};
  int32_t dealt[5];
  assert_ok(testudo_i_arcs_deal(rates, 5, 2, dealt, NULL));
  static const int32_t dealt_wanted[5] = {1, 2, 4, 3, 0};
  assert_memory_equal(dealt, dealt_wanted, sizeof dealt);
}

typedef struct asked {
  testudo_law *law;
  testudo_delay_model model;
  testudo_portfolio_request request;
  testudo_design *better; /* what was found */
  testudo_portfolio portfolio;
  testudo_search_result result;
} asked;

static void ask(asked *a, const char *law, int32_t workers, int32_t chunks, int32_t replication, int32_t parts)
{
  assert_ok(testudo_law_parse(law, &a->law, NULL));
  a->model = (testudo_delay_model){.law = a->law};
  a->request = (testudo_portfolio_request){.workers = workers, .chunks = chunks, .replication = replication,
                                           .parts = parts, .objective = {.kind = TESTUDO_OBJECTIVE_MEAN},
                                           .model = &a->model, .trials = 5000};
}

static void search(asked *a, const testudo_search_options *options)
{
  assert_ok(testudo_optimize_portfolio(&a->request, options, &a->better, &a->portfolio, &a->result, NULL));
}

static void leave(asked *a)
{
  testudo_design_free(a->better);
  testudo_portfolio_free(&a->portfolio);
}

static double entry_named(const testudo_portfolio *portfolio, const char *name)
{
  for (int32_t k = 0; k < portfolio->entries; k++)
    if (strcmp(portfolio->entry[k].name, name) == 0)
      return portfolio->entry[k].value;
  print_error("no entry is named %s\n", name);
  fail();
  return NAN;
}

/* Latin squares of order 2 are the same, rotated or xor, and so one candidate. */
static void the_best_is_no_worse_than_any_entry(void **state)
{
  (void)state;
  asked a;
  ask(&a, "exp:1", 6, 6, 2, 1);
  testudo_search_options options = {.seed = 3, .tries = 5, .threads = 2};
  search(&a, &options);
  assert_string_equal(a.portfolio.entry[0].name, "cyclic, natural order");
  double best = a.portfolio.entry[a.portfolio.best].value;
  for (int32_t k = 0; k < a.portfolio.entries; k++)
    assert_true(best <= a.portfolio.entry[k].value);
  assert_true(isfinite(entry_named(&a.portfolio, "repetition groups, rotated")));
  for (int32_t k = 0; k < a.portfolio.entries; k++)
    assert_string_not_equal(a.portfolio.entry[k].name, "repetition groups, xor");
  assert_close(a.result.before, a.portfolio.entry[0].value, 1e-9);
  assert_true(a.result.after <= a.result.before && a.result.bound < a.result.after);
  assert_int_equal(a.result.answer, TESTUDO_FEASIBLE);
  assert_int_equal(testudo_design_workers(a.better), 6);
  assert_int_equal(testudo_design_parts(a.better), 1);
  /* The same again with another number of threads. */
  asked again = a;
  options.threads = 1;
  search(&again, &options);
  assert_int_equal(again.portfolio.entries, a.portfolio.entries);
  assert_true(again.result.after == a.result.after);
  for (int32_t j = 0; j < 6; j++)
    assert_memory_equal(testudo_design_order(a.better, j), testudo_design_order(again.better, j),
                        2 * sizeof(int32_t));
  leave(&again);
  leave(&a);
  testudo_law_free(a.law);
}

/* All structures between keep loads and copies. */
static void every_candidate_keeps_loads_and_copies(void **state)
{
  (void)state;
  static const int32_t sizes[][3] = {{12, 12, 4}, {12, 24, 6}, {6, 18, 2}, {16, 16, 8}, {5, 5, 5}, {7, 7, 3}};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    asked a;
    testudo_i_pool pool = {0};
    testudo_search_options options = {.seed = 2, .tries = 1};
    ask(&a, "exp:1", sizes[k][0], sizes[k][1], sizes[k][2], 1);
    assert_ok(testudo_i_pool_fill(&pool, &a.request, &options, NULL, NULL));
    assert_true(pool.count >= 2);
    for (size_t c = 0; c < pool.count; c++)
      check_regular(&pool.item[c].orders, sizes[k][2], strstr(pool.item[c].name, "cut short") != NULL,
                    sizes[k][1] * sizes[k][2] / sizes[k][0]);
    testudo_i_pool_free(&pool);
    testudo_law_free(a.law);
  }
}

/* Two workers, rates 1 and 3, deterministic: 4 chunks once. Equal loads end at 2, loads 1 and 3 at 1. */
static void loads_fit_the_rates(void **state)
{
  (void)state;
  asked a;
  static const double rates[2] = {1.0, 3.0};
  ask(&a, "deterministic:1", 2, 4, 1, 1);
  a.model.rates = rates;
  a.model.workers = 2;
  testudo_search_options options = {.seed = 1, .tries = 3};
  search(&a, &options);
  assert_close(a.result.before, 2.0, 1e-9);
  assert_close(a.result.after, 1.0, 1e-9);
  assert_int_equal(testudo_design_load(a.better, 1), 3);
  leave(&a);
  testudo_law_free(a.law);
}

static bool stop_after(void *context, double fraction, double best, double bound)
{
  (void)fraction;
  (void)best;
  (void)bound;
  return --*(int *)context >= 0;
}

static void stopped_portfolios_answer_what_they_have(void **state)
{
  (void)state;
  asked a;
  ask(&a, "pareto:1,1.5", 12, 12, 3, 2);
  for (int calls = 0; calls < 400; calls += 57) {
    int left = calls;
    testudo_search_monitor monitor = {stop_after, &left};
    testudo_search_options options = {.seed = 1, .tries = 3, .monitor = &monitor};
    search(&a, &options);
    assert_non_null(a.better);
    assert_int_equal(testudo_design_parts(a.better), 2);
    if (left < 0)
      assert_true(a.result.stopped);
    leave(&a);
  }
  testudo_law_free(a.law);
}

static bool stop_late(void *context, double fraction, double best, double bound)
{
  (void)best;
  (void)bound;
  return fraction < *(const double *)context;
}

/* Tables that were found before the stop are measured in spite of it, whichever round it cuts. */
static void a_stop_leaves_the_tables_that_were_found(void **state)
{
  (void)state;
  asked a;
  ask(&a, "exp:1", 12, 48, 1, 1);
  a.model.unit = TESTUDO_UNIT_SHARE;
  a.request.load = 3;
  a.request.effort = 0.1;
  for (double late = 0.35; late < 1; late += 0.15) {
    double at = late;
    testudo_search_monitor monitor = {stop_late, &at};
    const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 1, .monitor = &monitor};
    search(&a, &options);
    assert_true(a.result.stopped);
    assert_non_null(strstr(a.portfolio.entry[a.portfolio.best].name, "searched slots"));
    assert_false(a.portfolio.entry[a.portfolio.best].exact);
    assert_true(a.result.after_stderr > 0 && a.result.after < 1.23 + 3 * a.result.after_stderr);
    leave(&a);
  }
  testudo_law_free(a.law);
}

/* A share that is one chunk has no sums that would have to be tabulated: its bound was 1 of a probability of 0.355,
   which was called optimal. */
static void bounds_of_one_draw_need_no_tables(void **state)
{
  (void)state;
  static const char *const laws[] = {"lognormal:0,1", "exp:1", "pareto:1,1.5"};
  static const testudo_objective objectives[] = {{.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 3},
                                                 {.kind = TESTUDO_OBJECTIVE_MEAN},
                                                 {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}};
  for (int k = 0; k < 9; k++) {
    asked a;
    ask(&a, laws[k / 3], 3, 3, 1, 1);
    a.model.structure = TESTUDO_STRUCTURE_ADDITIVE;
    a.request.objective = objectives[k % 3];
    const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 1};
    search(&a, &options);
    assert_true(a.result.bound <= a.result.after);
    assert_string_equal(a.result.proof, "perfect balancing and Finner's inequality of the same loads");
    assert_true((a.result.answer == TESTUDO_OPTIMAL) == (a.result.bound >= a.result.after * (1 - 1e-9)));
    leave(&a);
    testudo_law_free(a.law);
  }
}

/* A start under a load is gone on from: the next run is at least as good, where it would find less by itself. */
static void a_start_is_gone_on_from(void **state)
{
  (void)state;
  asked a;
  ask(&a, "exp:1", 10, 40, 1, 1);
  a.model.unit = TESTUDO_UNIT_SHARE;
  a.request.load = 3;
  double value[3];
  testudo_design *start = NULL;
  for (int run = 0; run < 3; run++) {
    const testudo_search_options options = {.seed = 1, .threads = 2};
    a.request.effort = run == 0 ? 0.3 : 0.01; /* too little to find anything by itself */
    a.request.start = run == 1 ? start : NULL;
    search(&a, &options);
    value[run] = a.result.after;
    if (run == 0) {
      start = a.better;
      a.better = NULL;
    }
    leave(&a);
  }
  assert_true(value[1] <= value[0] && value[0] < 0.99 * value[2]);
  testudo_design_free(start);
  testudo_law_free(a.law);
}

/* Where every chunk costs something by itself the best cut of a share into up to eight is neither the finest, nor one
   of its halves; its neighbours find nothing better by themselves, and the bound holds for all. */
static void an_overhead_chooses_the_cut(void **state)
{
  (void)state;
  enum { WORKERS = 6, FINEST = 8 };
  static const double overheads[] = {0.015, 0.03};
  static const int32_t wanted[] = {5, 3};
  for (int k = 0; k < 2; k++) {
    asked a;
    ask(&a, "exp:1", WORKERS, WORKERS * FINEST, 1, 1);
    a.model.unit = TESTUDO_UNIT_SHARE;
    a.model.overhead = overheads[k];
    a.request.load = 2;
    a.request.effort = 0.1;
    a.request.coarsest = WORKERS;
    const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 2};
    search(&a, &options);
    assert_int_equal(testudo_design_chunks(a.better), wanted[k] * WORKERS);
    assert_non_null(strstr(a.result.proof, "of workers of load 2, of any cut"));
    assert_true(a.result.bound > 0 && a.result.bound < a.result.after);
    double best = a.result.after, bound = a.result.bound;
    leave(&a);
    for (int32_t cut = wanted[k] - 1; cut <= wanted[k] + 1; cut++) {
      a.request.chunks = WORKERS * cut;
      a.request.coarsest = 0;
      search(&a, &options);
      assert_true(a.result.after >= best && a.result.bound >= bound);
      leave(&a);
    }
    testudo_law_free(a.law);
  }
}

/* The start's own value, whether it is a candidate, or holds more than is allowed; and, where it was one, after a stop
   too. The three workers of a group go the same way through three shares: their time is three times the least of three
   exponentials, the iteration's the larger one of two such times. */
static void before_is_what_the_start_takes(void **state)
{
  (void)state;
  static const int32_t late[] = {INT32_MAX, INT32_MAX, 300};
  testudo_assignment groups;
  testudo_design *start;
  assert_ok(testudo_assignment_frc(6, 12, 3, &groups, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &groups, 1, 1, "d", &start, NULL));
  for (int run = 0; run < 3; run++) {
    asked a;
    int left = late[run];
    testudo_search_monitor monitor = {stop_after, &left};
    const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 1, .monitor = &monitor};
    ask(&a, "exp:1", 6, 12, 1, 1);
    a.model.unit = TESTUDO_UNIT_SHARE;
    a.request.load = run == 1 ? 1 : 3;
    a.request.start = start;
    a.request.effort = 0.01;
    search(&a, &options);
    assert_true(a.result.stopped == (run == 2));
    assert_near(a.result.before, 1.5, a.result.stopped ? 5 * a.result.before_stderr + 1e-9 : 1e-8);
    assert_true((a.result.after < a.result.before) == (run != 1));
    bool tried = false;
    for (int32_t k = 0; k < a.portfolio.entries; k++)
      tried = tried || strcmp(a.portfolio.entry[k].name, "the start") == 0;
    assert_true(tried == (run != 1));
    leave(&a);
    testudo_law_free(a.law);
  }
  testudo_design_free(start);
  testudo_assignment_free(&groups);
}

/* Shares of two chunks, of which nobody can hold half a one: a load of 2.25 is one of 2, for the bound too. */
static void loads_within_a_chunk_have_one_bound(void **state)
{
  (void)state;
  static const double load[] = {2, 2.25, 2.5};
  double bound[3];
  for (int k = 0; k < 3; k++) {
    asked a;
    ask(&a, "exp:1", 4, 8, 1, 1);
    a.model.unit = TESTUDO_UNIT_SHARE;
    a.request.load = load[k];
    a.request.effort = 0.01;
    a.request.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_DEADLINE, .at = 0.9};
    const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 1};
    search(&a, &options);
    bound[k] = a.result.bound;
    leave(&a);
    testudo_law_free(a.law);
  }
  assert_true(bound[0] == bound[1] && bound[2] < bound[1]);
}

/* Errors count chunks, so that other cuts are no candidates: all that is tried has the cut that was asked for. */
static void errors_of_other_cuts_are_not_compared(void **state)
{
  (void)state;
  asked a;
  ask(&a, "exp:1", 6, 24, 1, 1);
  a.model.unit = TESTUDO_UNIT_SHARE;
  a.request.load = 2;
  a.request.coarsest = 6;
  a.request.objective = (testudo_objective){.kind = TESTUDO_OBJECTIVE_MSE, .at = 1};
  const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 2};
  search(&a, &options);
  assert_int_equal(testudo_design_chunks(a.better), 24);
  assert_true(a.result.bound < a.result.after && a.result.answer == TESTUDO_FEASIBLE);
  leave(&a);
  testudo_law_free(a.law);
}

static bool end_after(void *context, double fraction)
{
  (void)fraction;
  return --*(int *)context > 0;
}

/* So many workers that the spectrum of an expander is found step by step, each of which may be the last. */
static void families_are_left_where_they_are_stopped(void **state)
{
  (void)state;
  asked a;
  ask(&a, "exp:1", 700, 700, 3, 1);
  for (int calls = 2; calls < 200; calls *= 4) {
    int left = calls;
    testudo_monitor monitor = {end_after, &left};
    testudo_search_options options = {.seed = 1};
    testudo_i_pool pool = {0};
    assert_status(testudo_i_pool_fill(&pool, &a.request, &options, &monitor, NULL), TESTUDO_INTERRUPTED);
    assert_int_equal(left, 0);
    assert_true(pool.count >= 1);
    testudo_i_pool_free(&pool);
  }
  testudo_law_free(a.law);
}

/* 7 workers have groups of 4 and of 3 only, or of 7, or of 5 and 2: with loads that differ the search finds at least as
   much, within the limits of each worker and of all; and the bound is of workers that all hold what one may hold. */
static void loads_may_differ_about_their_mean(void **state)
{
  (void)state;
  enum { WORKERS = 7, CHUNKS = 28 };
  asked a;
  ask(&a, "exp:1", WORKERS, CHUNKS, 1, 1);
  a.model.unit = TESTUDO_UNIT_SHARE;
  a.request.effort = 0.2;
  double value[2], bound[2];
  for (int differ = 0; differ < 2; differ++) {
    const testudo_search_options options = {.seed = 1, .tries = 2, .threads = 2};
    a.request.load = 2;
    a.request.most_load = differ ? 3 : 0;
    search(&a, &options);
    value[differ] = a.result.after;
    bound[differ] = a.result.bound;
    int32_t entries = 0;
    for (int32_t j = 0; j < WORKERS; j++) {
      assert_true(testudo_design_load(a.better, j) <= (differ ? 12 : 8));
      entries += testudo_design_load(a.better, j);
    }
    assert_true(entries <= 2 * CHUNKS);
    assert_true((strstr(a.result.proof, "12 chunks") != NULL) == differ);
    leave(&a);
  }
  assert_true(value[1] < value[0] * (1 - 1e-3));
  assert_true(bound[1] > 0 && bound[1] < bound[0] && bound[0] < value[1]);
  testudo_law_free(a.law);
}

/* One and a half copies: the own block, and half as much of others in groups, of the draft for independent times
   too. */
static void loads_between_whole_shares_have_families(void **state)
{
  (void)state;
  asked a;
  ask(&a, "gamma:7,0.02", 8, 64, 1, 1);
  a.model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  a.request.load = 1.5;
  a.request.effort = 0.01;
  a.request.trials = 1000;
  const testudo_search_options options = {.seed = 1, .tries = 1, .threads = 2};
  search(&a, &options);
  double drafted = entry_named(&a.portfolio, "groups of 2, draft, cut short");
  double independent = entry_named(&a.portfolio, "groups of 4, draft of independent times, cut short");
  double nothing = entry_named(&a.portfolio, "least overlap, matching order");
  assert_true(independent < nothing && drafted < nothing);
  for (int32_t j = 0; j < 8; j++)
    assert_int_equal(testudo_design_load(a.better, j), 12);
  leave(&a);
  testudo_law_free(a.law);
}

static bool copies_lie_apart(const testudo_assignment *a, const int32_t *domain)
{
  for (int32_t i = 0; i < a->workers; i++)
    for (int32_t j = 0; j < i; j++)
      for (int64_t e = a->row[i]; domain[i] == domain[j] && e < a->row[i + 1]; e++)
        for (int64_t f = a->row[j]; f < a->row[j + 1]; f++)
          if (a->chunk[e] == a->chunk[f])
            return false;
  return true;
}

/* Every order is still there, of whichever worker. */
static bool same_orders(const testudo_assignment *a, const testudo_assignment *b)
{
  bool taken[32] = {false};
  for (int32_t i = 0; i < a->workers; i++) {
    int32_t j = 0;
    size_t bytes = (size_t)(a->row[i + 1] - a->row[i]) * sizeof *a->chunk;
    while (j < b->workers && (taken[j] || b->row[j + 1] - b->row[j] != a->row[i + 1] - a->row[i] ||
                              memcmp(a->chunk + a->row[i], b->chunk + b->row[j], bytes) != 0))
      j++;
    if (j == b->workers)
      return false;
    taken[j] = true;
  }
  return true;
}

/* Groups have room for a domain as long as it has no more workers than there are groups, and a ring as long as there
   are so many places that are far enough from each other; workers that differ keep their places. */
static void workers_of_a_domain_come_apart(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 41, TESTUDO_I_FOR_TEST, 0, 0);
  int spread = 0, not = 0;
  for (int k = 0; k < 400; k++) {
    int32_t group = 2 + (int32_t)testudo_i_random_below(&random, 3), groups = 2 + k % 4;
    int32_t workers = group * groups;
    int32_t domain[32], size[32] = {0}, largest = 0, domains = group + (int32_t)testudo_i_random_below(&random, 4);
    testudo_assignment a, before;
    bool ring = k % 5 == 0, apart;
    for (int32_t j = 0; j < workers; j++) {
      domain[j] = (int32_t)testudo_i_random_below(&random, (uint64_t)(domains < workers ? domains : workers));
      size[domain[j]]++;
      largest = size[domain[j]] > largest ? size[domain[j]] : largest;
    }
    assert_ok(ring ? testudo_assignment_cyclic(workers, group, &a, NULL)
                   : testudo_assignment_frc(workers, workers, group, &a, NULL));
    assert_ok(testudo_i_assignment_copy(&before, &a, NULL));
    bool was = copies_lie_apart(&a, domain);
    assert_ok(testudo_i_spread(&a, domain, false, 1, &apart, NULL));
    assert_true(apart == was);
    assert_memory_equal(a.chunk, before.chunk, (size_t)a.row[workers] * sizeof *a.chunk);
    assert_ok(testudo_i_spread(&a, domain, true, 1, &apart, NULL));
    assert_true(same_orders(&before, &a));
    assert_true(apart == copies_lie_apart(&a, domain));
    if (!ring)
      assert_true(apart == (largest <= groups));
    else
      assert_true(!apart || largest <= workers / group);
    spread += apart && !was;
    not += !apart;
    testudo_assignment_free(&a);
    testudo_assignment_free(&before);
  }
  assert_true(spread > 50 && not > 50);
}

/* Racks of neighbours, whom the ring would give the same chunks. */
static void portfolios_keep_copies_apart(void **state)
{
  (void)state;
  asked a;
  int32_t domain[12];
  testudo_error error = {""};
  ask(&a, "exp:1", 12, 12, 3, 1);
  for (int k = 0; k < 2; k++) {
    testudo_search_options options = {.seed = 3, .tries = 3, .threads = 2};
    testudo_assignment orders;
    for (int32_t j = 0; j < 12; j++)
      domain[j] = j / (k == 0 ? 4 : 5);
    a.request.apart = domain;
    testudo_status status =
        testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error);
    if (k == 1) {
      assert_status(status, TESTUDO_ERROR_ARGUMENT);
      assert_string_equal(error.text, "no family of these sizes keeps the copies of every chunk in different domains");
      continue;
    }
    assert_ok(status);
    assert_ok(testudo_design_orders(a.better, &orders, NULL));
    assert_true(copies_lie_apart(&orders, domain));
    assert_true(a.portfolio.entries > 2);
    testudo_assignment_free(&orders);
    leave(&a);
  }
  testudo_law_free(a.law);
}

static void refusals_say_what_is_wrong(void **state)
{
  (void)state;
  asked a;
  testudo_search_options options = {.seed = 1};
  testudo_error error = {""};
  ask(&a, "exp:1", 4, 4, 5, 1);
  assert_status(testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_null(a.better);
  a.request.replication = 2;
  a.request.parts = 3;
  assert_status(testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "parts: 3, but 2 copies of a chunk allow 1..2");
  a.request.parts = 1;
  a.request.objective.kind = TESTUDO_OBJECTIVE_Q_MAX;
  assert_status(testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error),
                TESTUDO_ERROR_ARGUMENT);
  a.request.objective.kind = TESTUDO_OBJECTIVE_MEAN;
  a.request.load = 2;
  a.request.most_load = 1.5;
  assert_status(testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "most_load: 1.5 shares, but 2 on average and 4 workers allow 2..4");
  a.request.load = a.request.most_load = 0;
  testudo_assignment other;
  testudo_design *start;
  assert_ok(testudo_assignment_cyclic(5, 2, &other, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &other, 1, 1, "", &start, NULL));
  a.request.start = start;
  assert_status(testudo_optimize_portfolio(&a.request, &options, &a.better, &a.portfolio, &a.result, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "the start has 5 workers and 5 chunks, but 4 and 4 are wanted"));
  testudo_assignment_free(&other);
  testudo_design_free(start);
  testudo_law_free(a.law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shifts_make_the_known_families),
      cmocka_unit_test(adding_in_the_group_is_adding_digits),
      cmocka_unit_test(arcs_go_around_the_circle),
      cmocka_unit_test(every_candidate_keeps_loads_and_copies),
      cmocka_unit_test(the_best_is_no_worse_than_any_entry),
      cmocka_unit_test(loads_fit_the_rates),
      cmocka_unit_test(loads_may_differ_about_their_mean),
      cmocka_unit_test(stopped_portfolios_answer_what_they_have),
      cmocka_unit_test(a_stop_leaves_the_tables_that_were_found),
      cmocka_unit_test(bounds_of_one_draw_need_no_tables),
      cmocka_unit_test(a_start_is_gone_on_from),
      cmocka_unit_test(an_overhead_chooses_the_cut),
      cmocka_unit_test(before_is_what_the_start_takes),
      cmocka_unit_test(loads_within_a_chunk_have_one_bound),
      cmocka_unit_test(errors_of_other_cuts_are_not_compared),
      cmocka_unit_test(families_are_left_where_they_are_stopped),
      cmocka_unit_test(loads_between_whole_shares_have_families),
      cmocka_unit_test(workers_of_a_domain_come_apart),
      cmocka_unit_test(portfolios_keep_copies_apart),
      cmocka_unit_test(refusals_say_what_is_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
