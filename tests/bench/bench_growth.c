/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing that a design of 10^5 workers goes through is quadratic in them: what costs 20 times as much on 20 times as
   many would then cost 400 times as much. Processor time, so that a busy machine does not matter, and a bound between
   the two with half a second on top, which a quadratic step of 10^10 operations exceeds many times over. */
#include "check.h"

#include <time.h>
#include <unistd.h>

#include <testudo/code.h>
#include <testudo/designfile.h>
#include <testudo/exact.h>
#include <testudo/sample.h>

#define SMALL 5000
#define LARGE 100000
#define LOAD 8
#define BETWEEN 80.0
#define ON_TOP 0.5

enum { ASSIGN, MATCH, MAKE, CLAIM, WRITE, READ, PROVE, ERROR_CURVE, BOUND, SIMULATE, STEPS };

static const char *const step_name[STEPS] = {"assign",  "matching order", "make",  "claim",    "write",
                                             "read",    "prove",          "error", "P(T <= t)", "simulate"};

static double start;

static void begin(void)
{
  start = (double)clock() / CLOCKS_PER_SEC;
}

static void end(double *spent)
{
  *spent = (double)clock() / CLOCKS_PER_SEC - start;
}

typedef enum kind { REGULAR, CYCLIC, ONE_COMMON_CHUNK, KINDS } kind;

/* Chunk 0 on everyone, and for each worker a chunk of its own: the holders of a chunk are as many as the workers. */
static void assign_common(int32_t workers, testudo_assignment *assignment)
{
  *assignment = (testudo_assignment){.workers = workers, .chunks = workers + 1};
  assignment->row = malloc(((size_t)workers + 1) * sizeof *assignment->row);
  assignment->chunk = malloc(2 * (size_t)workers * sizeof *assignment->chunk);
  assert_true(assignment->row != NULL && assignment->chunk != NULL);
  for (int32_t j = 0; j < workers; j++) {
    assignment->row[j] = 2 * j;
    assignment->chunk[2 * j] = 0;
    assignment->chunk[2 * j + 1] = j + 1;
  }
  assignment->row[workers] = 2 * workers;
}

static testudo_design *make(kind what, int32_t workers, double *spent)
{
  testudo_assignment assignment;
  testudo_design *design;
  begin();
  if (what == REGULAR)
    assert_ok(testudo_assignment_regular(workers, workers, LOAD, 5, &assignment, NULL));
  else if (what == CYCLIC)
    assert_ok(testudo_assignment_cyclic(workers, LOAD, &assignment, NULL));
  else
    assign_common(workers, &assignment);
  end(&spent[ASSIGN]);
  begin();
  if (what != ONE_COMMON_CHUNK) /* it would need as many colours as there are workers */
    assert_ok(testudo_order_matching(&assignment, NULL, NULL));
  end(&spent[MATCH]);
  begin();
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 3, "", &design, NULL));
  end(&spent[MAKE]);
  testudo_assignment_free(&assignment);
  return design;
}

static void go_through_a_file(testudo_design *design, double *spent)
{
  char path[] = "scale-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  testudo_design *found;
  testudo_claim *claims;
  size_t count;
  begin();
  assert_ok(testudo_design_claim(design, NULL));
  end(&spent[CLAIM]);
  begin();
  assert_ok(testudo_design_write(design, path, NULL));
  end(&spent[WRITE]);
  begin();
  assert_ok(testudo_design_read(path, &found, NULL));
  end(&spent[READ]);
  begin();
  assert_ok(testudo_design_prove(found, path, &claims, &count, NULL));
  end(&spent[PROVE]);
  assert_int_equal(count, 3);
  for (size_t k = 0; k < count; k++)
    assert_true(claims[k].holds);
  free(claims);
  testudo_design_free(found);
  unlink(path);
}

static void answer(const testudo_design *design, double *spent)
{
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  testudo_delay_model model = {.law = law};
  double time = 3, mse, lower, upper;
  begin();
  assert_ok(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, &time, 1, &mse, NULL));
  end(&spent[ERROR_CURVE]);
  testudo_analysis_options options = {.report = TESTUDO_REPORT_CHUNK, .max_states = 1, .rel_error = 1e-6};
  testudo_latency *latency;
  begin();
  assert_ok(testudo_latency_create(design, &model, &options, &latency, NULL));
  assert_ok(testudo_latency_cdf(latency, 4.5, &lower, &upper, NULL));
  end(&spent[BOUND]);
  if (!(lower <= upper && upper <= 1 && mse > 0))
    fail_msg("P(T <= t) between %.17g and %.17g, error %.17g", lower, upper, mse);
  testudo_latency_free(latency);
  testudo_simulation_options simulated = {.report = TESTUDO_REPORT_CHUNK, .trials = 16, .seed = 1, .threads = 1};
  testudo_simulation *simulation;
  begin();
  assert_ok(testudo_simulate(design, &model, &simulated, &simulation, NULL));
  end(&spent[SIMULATE]);
  testudo_simulation_free(simulation);
  testudo_law_free(law);
}

static void go(kind what, int32_t workers, double *spent)
{
  testudo_design *design = make(what, workers, spent);
  go_through_a_file(design, spent);
  answer(design, spent);
  testudo_design_free(design);
}

static void nothing_is_quadratic_in_the_workers(void **state)
{
  (void)state;
  for (int what = 0; what < KINDS; what++) {
    double small[STEPS], large[STEPS];
    go((kind)what, SMALL, small);
    go((kind)what, LARGE, large);
    for (int k = 0; k < STEPS; k++)
      if (large[k] > BETWEEN * small[k] + ON_TOP)
        fail_msg("design %d, %s: %.3f s, but %.3f s on %d times fewer workers", what, step_name[k], large[k], small[k],
                 LARGE / SMALL);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_quadratic_in_the_workers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
