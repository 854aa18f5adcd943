/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps by which a trace is taken apart, each by a second road. */
#include "check.h"

#include "base/random.h"
#include "fit/room.h"
#include "fit/structure/predict.h"
#include "numeric/integrate.h"

/* ---- traces ---- */

typedef struct table {
  testudo_i_trace trace;
  int64_t room;
} table;

static void add_row(table *t, int32_t worker, int32_t iteration, int32_t chunk, double seconds)
{
  testudo_i_trace *trace = &t->trace;
  if (trace->rows == t->room) {
    t->room = t->room == 0 ? 64 : 2 * t->room;
    trace->seconds = realloc(trace->seconds, (size_t)t->room * sizeof *trace->seconds);
    trace->worker = realloc(trace->worker, (size_t)t->room * sizeof *trace->worker);
    trace->iteration = realloc(trace->iteration, (size_t)t->room * sizeof *trace->iteration);
    trace->chunk = realloc(trace->chunk, (size_t)t->room * sizeof *trace->chunk);
    assert_non_null(trace->chunk);
  }
  trace->seconds[trace->rows] = seconds;
  trace->worker[trace->rows] = worker;
  trace->iteration[trace->rows] = iteration;
  trace->chunk[trace->rows++] = chunk;
}

static testudo_i_cells cells_of(table *t)
{
  testudo_i_cells cells;
  testudo_error error;
  assert_ok(testudo_i_cells_make(&t->trace, &cells, &error));
  return cells;
}

static testudo_fit *fit_of(table *t)
{
  testudo_error error;
  testudo_fit *fit = calloc(1, sizeof *fit);
  fit->room = calloc(1, sizeof *fit->room);
  fit->room->trace = t->trace;
  fit->samples = t->trace.rows;
  fit->startup = fit->startup_error = fit->per_chunk = fit->per_chunk_error = NAN;
  t->trace = (testudo_i_trace){0};
  assert_ok(testudo_i_fit_structure(fit, &error));
  return fit;
}

/* ---- cells ---- */

static void rows_of_any_order_find_their_cell(void **state)
{
  (void)state;
  table t = {0};
  const int32_t worker[] = {70000, 3, 12}, iteration[] = {5, 900000000};
  for (int32_t k = 2; k >= 0; k--)
    for (int32_t i = 1; i >= 0; i--)
      for (int32_t w = 0; w < 3; w++)
        add_row(&t, worker[w], iteration[i], k, 100.0 * w + 10.0 * i + k + 1.0);
  testudo_i_cells cells = cells_of(&t);
  assert_int_equal(cells.workers, 3);
  assert_int_equal(cells.iterations, 2);
  const int32_t in_order[] = {1, 2, 0}; /* of the numbers 3, 12, 70000 */
  for (int32_t w = 0; w < 3; w++)
    for (int32_t i = 0; i < 2; i++)
      for (int32_t k = 0; k < 3; k++)
        assert_near(cells.seconds[cells.start[w * 2 + i] + k], 100.0 * in_order[w] + 10.0 * i + k + 1.0, 0.0);
  assert_int_equal(cells.start[6], 18);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

static void a_table_far_longer_than_its_trace_is_not_made(void **state)
{
  (void)state;
  table t = {0};
  for (int32_t k = 0; k < 200; k++)
    add_row(&t, k, k, 0, 1.0);
  testudo_i_cells cells = cells_of(&t);
  assert_int_equal(cells.workers, 0);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

/* ---- components ---- */

/* A full table by the textbook: sums of squares of plain means. */
static void components_equal_the_balanced_analysis(void **state)
{
  (void)state;
  enum { W = 5, I = 7, K = 4 };
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  double y[W][I][K], all = 0.0, worker[W] = {0}, iteration[I] = {0}, cell[W][I] = {{0}};
  for (int w = 0; w < W; w++)
    for (int i = 0; i < I; i++)
      for (int k = 0; k < K; k++) {
        y[w][i][k] = 5.0 + 0.5 * w + 0.3 * ((i * i) % 5) + testudo_i_random_normal(&random) +
                     (k == 0 ? 0.4 * testudo_i_random_normal(&random) : 0.0);
        add_row(&t, w, i, k, y[w][i][k]);
        all += y[w][i][k] / (W * I * K);
        worker[w] += y[w][i][k] / (I * K);
        iteration[i] += y[w][i][k] / (W * K);
        cell[w][i] += y[w][i][k] / K;
      }
  double of_worker = 0.0, of_iteration = 0.0, of_both = 0.0, rest = 0.0;
  for (int w = 0; w < W; w++)
    of_worker += I * K * (worker[w] - all) * (worker[w] - all);
  for (int i = 0; i < I; i++)
    of_iteration += W * K * (iteration[i] - all) * (iteration[i] - all);
  for (int w = 0; w < W; w++)
    for (int i = 0; i < I; i++) {
      double both = cell[w][i] - worker[w] - iteration[i] + all;
      of_both += K * both * both;
      for (int k = 0; k < K; k++)
        rest += (y[w][i][k] - cell[w][i]) * (y[w][i][k] - cell[w][i]);
    }
  double ms_worker = of_worker / (W - 1), ms_iteration = of_iteration / (I - 1);
  double ms_both = of_both / ((W - 1) * (I - 1)), ms_rest = rest / (W * I * (K - 1));
  testudo_i_cells cells = cells_of(&t);
  testudo_i_arena arena = {0};
  testudo_i_components found;
  testudo_error error;
  assert_ok(testudo_i_components_of(&cells, cells.seconds, &arena, &found, &error));
  assert_close(found.residual, ms_rest, 1e-12);
  assert_near(found.worker_iteration, fmax(0.0, (ms_both - ms_rest) / K), 1e-12);
  assert_near(found.worker, fmax(0.0, (ms_worker - ms_both) / (I * K)), 1e-12);
  assert_near(found.iteration, fmax(0.0, (ms_iteration - ms_both) / (W * K)), 1e-12);
  for (int w = 0; w < W; w++)
    assert_near(found.worker_effect[w], worker[w] - all, 1e-12);
  testudo_i_arena_clear(&arena);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

/* F of two means of the same variance: its tail by another road, P(F > f) = P(|t| > sqrt(f)) for one degree above. */
static void p_values_are_those_of_students_t(void **state)
{
  (void)state;
  enum { I = 9 };
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 0, 0);
  double apart[I], mean = 0.0, squares = 0.0;
  for (int i = 0; i < I; i++) {
    double a = 9.0 + testudo_i_random_normal(&random), b = 9.7 + testudo_i_random_normal(&random);
    add_row(&t, 0, i, 0, a);
    add_row(&t, 1, i, 0, b);
    apart[i] = b - a;
    mean += apart[i] / I;
  }
  for (int i = 0; i < I; i++)
    squares += (apart[i] - mean) * (apart[i] - mean);
  double student = fabs(mean) / sqrt(squares / (I - 1) / I);
  testudo_i_cells cells = cells_of(&t);
  testudo_i_arena arena = {0};
  testudo_i_components found;
  testudo_error error;
  assert_ok(testudo_i_components_of(&cells, cells.seconds, &arena, &found, &error));
  /* the quantile at 1 - p/2 is the statistic again */
  assert_close(testudo_i_student_quantile(1.0 - found.worker_p / 2.0, I - 1), student, 1e-9);
  testudo_i_arena_clear(&arena);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

/* Cells taken out leave the effects where least squares by the normal equations (here: many more rounds of another
   alternation, from another start) have them. */
static void missing_cells_leave_least_squares(void **state)
{
  (void)state;
  enum { W = 6, I = 8 };
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  double y[W][I];
  bool there[W][I];
  for (int w = 0; w < W; w++)
    for (int i = 0; i < I; i++) {
      there[w][i] = (w * 3 + i * 5) % 4 != 0;
      y[w][i] = 20.0 + w + 0.2 * i * i + testudo_i_random_normal(&random);
      if (there[w][i])
        add_row(&t, w, i, 0, y[w][i]);
    }
  testudo_i_cells cells = cells_of(&t);
  testudo_i_arena arena = {0};
  testudo_i_components found;
  testudo_error error;
  assert_ok(testudo_i_components_of(&cells, cells.seconds, &arena, &found, &error));
  /* least squares: what is left adds up to 0 over every worker and every iteration */
  for (int w = 0; w < W; w++) {
    double sum = 0.0, count = 0.0;
    for (int i = 0; i < I; i++)
      if (there[w][i]) {
        sum += y[w][i] - found.worker_effect[w] - found.iteration_effect[i];
        count++;
      }
    for (int v = 0; v < w; v++) {
      double other = 0.0, others = 0.0;
      for (int i = 0; i < I; i++)
        if (there[v][i]) {
          other += y[v][i] - found.worker_effect[v] - found.iteration_effect[i];
          others++;
        }
      assert_near(sum / count, other / others, 1e-8);
    }
  }
  testudo_i_arena_clear(&arena);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

/* ---- rows of unknown end ---- */

/* Log times normal about a mean of each worker; a worker four times as slow is cut at twice the others' time, nearly
   always: it is named all the same, by about the right factor. */
static void a_worker_that_is_cancelled_is_named(void **state)
{
  (void)state;
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, 0, 0);
  bool *censored = calloc(8 * 200, sizeof *censored);
  int64_t cut = 0;
  for (int32_t w = 0; w < 8; w++)
    for (int32_t i = 0; i < 200; i++) {
      double seconds = (w == 5 ? 2.5 : 1.0) * exp(0.4 * testudo_i_random_normal(&random));
      censored[t.trace.rows] = seconds > 2.5;
      cut += seconds > 2.5;
      add_row(&t, w, i, 0, fmin(seconds, 2.5));
    }
  assert_true(cut > 90 && cut < 250);
  t.trace.censored = censored;
  testudo_fit *fit = fit_of(&t);
  assert_int_equal(fit->named, 1);
  assert_string_equal(fit->persistent[0].name, "5");
  assert_near(fit->persistent[0].factor, 2.5, 0.25);
  testudo_fit_free(fit);
}

/* ---- slow spells ---- */

static void slow_spells_are_found_with_their_numbers(void **state)
{
  (void)state;
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, 0, 0);
  const double begin = 0.05, end = 0.25, factor = 3.0;
  for (int32_t w = 0; w < 20; w++) {
    bool slow = testudo_i_random_uniform(&random) < begin / (begin + end);
    for (int32_t i = 0; i < 150; i++) {
      add_row(&t, w, i, 0, (slow ? factor : 1.0) * exp(0.2 * testudo_i_random_normal(&random)));
      slow = testudo_i_random_uniform(&random) < (slow ? 1.0 - end : begin);
    }
  }
  testudo_fit *fit = fit_of(&t);
  assert_true(fit->slow_found);
  assert_near(fit->slow.begin, begin, 4.0 * fit->slow_begin_error);
  assert_near(fit->slow.end, end, 4.0 * fit->slow_end_error);
  assert_near(log(fit->slow.factor), log(factor), 4.0 * fit->slow_factor_error + 0.01);
  assert_int_equal(fit->named, 0);
  testudo_fit_free(fit);
}

static void independent_times_have_no_slow_spells(void **state)
{
  (void)state;
  for (uint64_t k = 0; k < 20; k++) {
    table t = {0};
    testudo_i_random random;
    testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, k, 0);
    for (int32_t w = 0; w < 12; w++)
      for (int32_t i = 0; i < 80; i++)
        add_row(&t, w, i, 0,
                testudo_i_random_uniform(&random) < 0.2 ? 3.0 : exp(0.2 * testudo_i_random_normal(&random)));
    testudo_fit *fit = fit_of(&t);
    assert_false(fit->slow_found);
    testudo_fit_free(fit);
  }
}

/* ---- loads ---- */

static void start_up_is_found_beside_slow_workers(void **state)
{
  (void)state;
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 9, TESTUDO_I_FOR_TEST, 0, 0);
  int32_t *chunks = calloc(10 * 80, sizeof *chunks);
  for (int32_t w = 0; w < 10; w++)
    for (int32_t i = 0; i < 80; i++) {
      int32_t load = 1 << (i % 5);
      double x = 0.05 * exp(0.1 * testudo_i_random_normal(&random) - 0.005);
      chunks[t.trace.rows] = load;
      add_row(&t, w, i, 0, 0.65 + load * x * (w == 4 ? 2.0 : 1.0));
    }
  t.trace.chunks = chunks;
  testudo_fit *fit = fit_of(&t);
  assert_near(fit->startup, 0.65, 4.0 * fit->startup_error);
  assert_true(fit->startup_error < 0.01);
  assert_int_equal(fit->named, 1);
  assert_string_equal(fit->persistent[0].name, "4");
  assert_near(fit->persistent[0].factor, 2.0, 0.1);
  testudo_fit_free(fit);
}

static void no_start_up_is_found_where_there_is_none(void **state)
{
  (void)state;
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 10, TESTUDO_I_FOR_TEST, 0, 0);
  int32_t *chunks = calloc(10 * 80, sizeof *chunks);
  for (int32_t w = 0; w < 10; w++)
    for (int32_t i = 0; i < 80; i++) {
      chunks[t.trace.rows] = 1 + i % 4;
      add_row(&t, w, i, 0, (1 + i % 4) * 0.05 * exp(0.3 * testudo_i_random_normal(&random)));
    }
  t.trace.chunks = chunks;
  testudo_fit *fit = fit_of(&t);
  assert_true(isnan(fit->startup));
  testudo_fit_free(fit);
}

/* ---- mixed ---- */

/* The likelihood of the fitted laws by a plain sum over a fine grid of Z. */
static double likelihood_by_grid(const testudo_i_cells *cells, const testudo_fit_mixed *m)
{
  testudo_error error;
  testudo_law *chunk;
  assert_ok(testudo_law_parse(m->chunk_law, &chunk, &error));
  double sum = 0.0, mu = m->number[0], sigma = m->number[1];
  for (int64_t c = 0; c < (int64_t)cells->workers * cells->iterations; c++) {
    double whole = 0.0;
    for (int k = -4000; k <= 4000; k++) {
      double z = k * 0.002, u = mu + sigma * z, log_density = -0.5 * z * z - 0.91893853320467274178;
      for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
        log_density += log(testudo_i_started_density(chunk, cells->seconds[r] * exp(-u))) - u;
      whole += 0.002 * exp(log_density);
    }
    sum += log(whole);
  }
  testudo_law_free(chunk);
  return sum;
}

static void mixed_likelihoods_are_integrals_and_maximal(void **state)
{
  (void)state;
  table t = {0};
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t w = 0; w < 4; w++)
    for (int32_t i = 0; i < 5; i++) {
      double z = exp(0.5 * testudo_i_random_normal(&random));
      for (int32_t k = 0; k < 4; k++)
        add_row(&t, w, i, k, -z * log(testudo_i_random_uniform(&random) * testudo_i_random_uniform(&random)) / 2.0);
    }
  testudo_i_cells cells = cells_of(&t);
  testudo_fit_mixed fit[TESTUDO_I_MIXED_LAWS];
  size_t count;
  int64_t used;
  testudo_error error;
  assert_ok(testudo_i_fit_mixed(&cells, cells.seconds, fit, &count, &used, &error));
  assert_int_equal(count, TESTUDO_I_MIXED_LAWS);
  assert_int_equal(used, 80);
  for (size_t k = 0; k < count; k++) {
    double here = likelihood_by_grid(&cells, &fit[k]);
    assert_near(fit[k].log_likelihood, here, 1e-4);
    assert_true(k == 0 || fit[k - 1].bic <= fit[k].bic);
    for (int n = 0; n < 2; n++) { /* not larger a step aside, E being the same */
      testudo_fit_mixed aside = fit[k];
      aside.number[n] *= 1.05;
      assert_true(likelihood_by_grid(&cells, &aside) < here);
      aside.number[n] *= 0.9;
      assert_true(likelihood_by_grid(&cells, &aside) < here);
    }
  }
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

/* ---- times ---- */

/* Exponential times: the slowest of n is the sum of 1/j, the second slowest that without the last term. */
static void predictions_equal_order_statistics(void **state)
{
  (void)state;
  table t = {0};
  for (int32_t w = 0; w < 6; w++)
    for (int32_t i = 0; i < 3; i++)
      add_row(&t, w, i, 0, 1.0 + w);
  testudo_i_cells cells = cells_of(&t);
  testudo_error error;
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, &error));
  testudo_i_draws draws = {.structure = TESTUDO_STRUCTURE_SCALED, .law = law, .startup = 0.5};
  testudo_fit_times times;
  assert_ok(testudo_i_times_predicted(&cells, &draws, 1, &times, &error));
  double slowest = 0.5;
  for (int j = 1; j <= 6; j++)
    slowest += 1.0 / j;
  assert_near(times.slowest, slowest, 5.0 * times.slowest_error);
  assert_near(times.but_one, slowest - 1.0, 5.0 * times.but_one_error);
  assert_near(times.waiting, slowest - 1.5, 5.0 * times.waiting_error);
  testudo_law_free(law);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

static void measured_times_are_means_over_whole_iterations(void **state)
{
  (void)state;
  table t = {0};
  const double seconds[3][3] = {{1, 4, 2}, {2, 2, 6}, {3, 9, 1}};
  for (int32_t i = 0; i < 3; i++)
    for (int32_t w = 0; w < 3; w++)
      for (int32_t k = 0; k < 2; k++)
        add_row(&t, w, i, k, seconds[i][w] / 2.0);
  add_row(&t, 0, 3, 0, 100.0); /* the others are not there */
  testudo_i_cells cells = cells_of(&t);
  double slowest[4];
  testudo_fit_times times = testudo_i_times_measured(&cells, slowest);
  assert_near(times.iterations, 3.0, 0.0);
  assert_close(times.slowest, 19.0 / 3.0, 1e-14);
  assert_close(times.but_one, 7.0 / 3.0, 1e-14);
  assert_close(times.waiting, 19.0 / 3.0 - 10.0 / 3.0, 1e-14);
  assert_near(slowest[1], 6.0, 0.0);
  testudo_i_cells_clear(&cells);
  testudo_i_trace_free(&t.trace);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_any_order_find_their_cell),
      cmocka_unit_test(a_table_far_longer_than_its_trace_is_not_made),
      cmocka_unit_test(components_equal_the_balanced_analysis),
      cmocka_unit_test(p_values_are_those_of_students_t),
      cmocka_unit_test(missing_cells_leave_least_squares),
      cmocka_unit_test(a_worker_that_is_cancelled_is_named),
      cmocka_unit_test(slow_spells_are_found_with_their_numbers),
      cmocka_unit_test(independent_times_have_no_slow_spells),
      cmocka_unit_test(start_up_is_found_beside_slow_workers),
      cmocka_unit_test(no_start_up_is_found_where_there_is_none),
      cmocka_unit_test(mixed_likelihoods_are_integrals_and_maximal),
      cmocka_unit_test(predictions_equal_order_statistics),
      cmocka_unit_test(measured_times_are_means_over_whole_iterations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
