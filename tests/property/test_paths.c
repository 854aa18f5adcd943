/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path by path, on the cyclic assignment in natural order (docs/theory/partial.md#path-by-path): the partial scheme of
   load s_max + 1 and one part ends no later than the gradient code of any s <= s_max whose workers do the first s + 1
   chunks of the same sequences at the same times. Negative control: in other orders it ends later now and then. */
#include "../unit/sample/designs.h"

#include <testudo/code.h>

#include "sample/draw.h"
#include "sample/kernels/kernel.h"

enum { MOST_WORKERS = 16, MOST_SLOTS = 256 };

typedef struct world {
  int32_t n, most; /* workers; s_max */
  testudo_delay_model model;
  testudo_design *partial, *code[MOST_WORKERS];
  testudo_i_plan partial_plan, code_plan[MOST_WORKERS];
  testudo_i_failures failures;
  double room[8 * MOST_SLOTS];
} world;

static testudo_design *partial_design(int32_t n, int32_t load, bool natural)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, load, &assignment, NULL));
  if (!natural)
    testudo_order_random(&assignment, 5);
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *code_design(int32_t n, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, 3, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static void open_world(world *w, int32_t n, int32_t most, bool natural)
{
  const testudo_simulation_options options = {.trials = 1};
  w->n = n;
  w->most = most;
  w->partial = partial_design(n, most + 1, natural);
  assert_ok(testudo_i_plan_make(&w->partial_plan, w->partial, &w->model, &options, NULL));
  for (int32_t s = 0; s <= most; s++) {
    w->code[s] = code_design(n, s);
    assert_ok(testudo_i_plan_make(&w->code_plan[s], w->code[s], &w->model, &options, NULL));
  }
  assert_ok(testudo_i_failures_make(&w->failures, n, NULL));
  assert_true(w->partial_plan.slots <= MOST_SLOTS);
}

static void close_world(world *w)
{
  testudo_i_failures_clear(&w->failures);
  testudo_i_plan_clear(&w->partial_plan);
  testudo_design_free(w->partial);
  for (int32_t s = 0; s <= w->most; s++) {
    testudo_i_plan_clear(&w->code_plan[s]);
    testudo_design_free(w->code[s]);
  }
}

/* min_s T_GC(s) on the path of the partial scheme: the same X_j, or the same first s + 1 times of every worker. */
static double best_code(world *w, const double *time)
{
  double best = HUGE_VAL;
  for (int32_t s = 0; s <= w->most; s++) {
    const testudo_i_plan *plan = &w->code_plan[s];
    double own[MOST_SLOTS], t;
    for (int32_t j = 0; j < w->n; j++)
      for (int32_t k = 0; k <= (plan->timed ? s : 0); k++)
        own[plan->slot_row[j] + k] = time[w->partial_plan.slot_row[j] + k];
    testudo_i_kernel_base(plan, own, &t, NULL, w->room);
    best = fmin(best, t);
  }
  return best;
}

static int late_paths(world *w, int paths, int *finite)
{
  int late = 0;
  for (int k = 0; k < paths; k++) {
    double time[MOST_SLOTS], t;
    testudo_i_draw_base(&w->partial_plan, 60, k, &w->failures, time);
    testudo_i_kernel_base(&w->partial_plan, time, &t, NULL, w->room);
    double best = best_code(w, time);
    late += t > best;
    *finite += !isinf(best);
  }
  return late;
}

static int run(bool natural, int32_t n, int32_t most, int *finite, int paths)
{
  static const char *const text[] = {"exp:1", "shifted-exp:0.3,1.2", "pareto:1,1.5"};
  double rates[MOST_WORKERS];
  int late = 0;
  for (int j = 0; j < MOST_WORKERS; j++)
    rates[j] = 0.5 + 0.11 * ((7 * j) % 9);
  for (int v = 0; v < 36; v++) {
    testudo_law *law = law_of(text[v % 3]);
    world w = {.model = {.law = law, .rates = v / 3 % 2 ? rates : NULL, .workers = n}};
    w.model.structure =
        v / 6 % 2 && v % 3 != 2 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
    w.model.failures = (testudo_failure_kind)(v / 12);
    w.model.failed = w.model.failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0;
    w.model.fail_prob = w.model.failures == TESTUDO_FAILURES_EACH ? 0.05 : 0.0;
    open_world(&w, n, most, natural);
    late += late_paths(&w, paths, finite);
    close_world(&w);
    testudo_law_free(law);
  }
  return late;
}

static void partial_ends_no_later_than_any_gradient_code(void **state)
{
  (void)state;
  int finite = 0;
  static const int32_t shapes[][2] = {{1, 0}, {3, 2}, {5, 4}, {8, 3}, {11, 6}, {16, 2}, {16, 15}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    assert_int_equal(run(true, shapes[k][0], shapes[k][1], &finite, 150), 0);
  assert_true(finite > 25000);
}

/* About 13 % of the paths at 8 workers and load 4 in random orders: of 36 * 150 paths, some hundred at the least. */
static void other_orders_end_later_now_and_then(void **state)
{
  (void)state;
  int finite = 0;
  assert_true(run(false, 8, 3, &finite, 150) > 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(partial_ends_no_later_than_any_gradient_code),
      cmocka_unit_test(other_orders_end_later_now_and_then),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
