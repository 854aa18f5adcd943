/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace says of structure and of workers, on traces whose answer is known: made here, by a generator of the
   test's own. TESTUDO_LONG=1 (make check-long) looks at ten times as many. */
#include "check.h"

#include "base/random.h"
#include "fit/room.h"
#include "fit/structure/predict.h"

/* ---- the generator: 8 to 64 workers, 30 to 200 iterations, 4 to 16 chunks, ratio .05 to 5, up to 2 slow ---- */

typedef struct made {
  testudo_i_trace trace;
  int32_t workers, iterations, chunks, slow[2], slow_workers;
  double factor[2], ratio;
  double sigma, shape;      /* of structure mixed: of log Z; of E: gamma's shape */
} made;

static double between(testudo_i_random *random, double low, double high)
{
  return low + (high - low) * testudo_i_random_uniform(random);
}

static int32_t whole(testudo_i_random *random, int32_t low, int32_t high)
{
  return low + (int32_t)testudo_i_random_below(random, (uint64_t)(high - low + 1));
}

/* Gamma of a whole shape and mean 1, by a sum of exponentials. */
static double erlang(testudo_i_random *random, int32_t shape)
{
  double sum = 0.0;
  for (int32_t k = 0; k < shape; k++)
    sum -= log(testudo_i_random_uniform(random));
  return sum / shape;
}

/* Variance of the log of a gamma variable of whole shape k: trigamma(k) = pi^2/6 - sum of 1/j^2. */
static double log_variance(int32_t shape)
{
  double v = 1.6449340668482264;
  for (int32_t j = 1; j < shape; j++)
    v -= 1.0 / ((double)j * j);
  return v;
}

static void fill_trace(made *m, testudo_structure structure, testudo_i_random *random)
{
  int64_t rows = (int64_t)m->workers * m->iterations * m->chunks, r = 0;
  int32_t shape = whole(random, 1, 8);
  m->shape = shape;
  m->sigma = sqrt(m->ratio * log_variance(shape));
  m->trace.rows = rows;
  m->trace.seconds = calloc((size_t)rows, sizeof(double));
  m->trace.worker = calloc((size_t)rows, sizeof(int32_t));
  m->trace.iteration = calloc((size_t)rows, sizeof(int32_t));
  m->trace.chunk = calloc((size_t)rows, sizeof(int32_t));
  assert_non_null(m->trace.chunk);
  for (int32_t w = 0; w < m->workers; w++)
    for (int32_t i = 0; i < m->iterations; i++) {
      double own = structure == TESTUDO_STRUCTURE_SCALED  ? erlang(random, shape)
                   : structure == TESTUDO_STRUCTURE_MIXED ? exp(m->sigma * testudo_i_random_normal(random)) : 1.0;
      for (int32_t s = 0; s < m->slow_workers; s++)
        own *= m->slow[s] == w ? m->factor[s] : 1.0;
      for (int32_t k = 0; k < m->chunks; k++, r++) {
        m->trace.seconds[r] = own * (structure == TESTUDO_STRUCTURE_SCALED ? 1.0 : erlang(random, shape));
        m->trace.worker[r] = w;
        m->trace.iteration[r] = i;
        m->trace.chunk[r] = k;
      }
    }
}

static made make_trace(testudo_structure structure, int32_t number)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, (uint64_t)structure, (uint64_t)number);
  made m = {.workers = whole(&random, 8, 64), .iterations = whole(&random, 30, 200), .chunks = whole(&random, 4, 16)};
  m.ratio = exp(between(&random, log(0.05), log(5.0)));
  m.slow_workers = whole(&random, 0, 2);
  m.slow[0] = whole(&random, 0, m.workers - 1);
  m.slow[1] = (m.slow[0] + whole(&random, 1, m.workers - 1)) % m.workers;
  m.factor[0] = between(&random, 1.5, 10.0);
  m.factor[1] = between(&random, 1.5, 10.0);
  fill_trace(&m, structure, &random);
  return m;
}

/* ---- the fit, without laws ---- */

static testudo_fit *structure_of(const testudo_i_trace *trace)
{
  testudo_error error;
  testudo_fit *fit = calloc(1, sizeof *fit);
  fit->room = calloc(1, sizeof *fit->room);
  fit->room->trace = *trace;
  fit->samples = trace->rows;
  fit->startup = fit->per_chunk = NAN;
  assert_ok(testudo_i_fit_structure(fit, &error));
  return fit;
}

static bool names_the_slow(const testudo_fit *fit, const made *m)
{
  int32_t right = 0;
  for (int32_t k = 0; k < fit->named; k++)
    for (int32_t s = 0; s < m->slow_workers; s++)
      right += atoi(fit->persistent[k].name) == m->slow[s];
  return right == m->slow_workers && fit->named == m->slow_workers;
}

/* Do all factors and, of structure mixed, sigma and the shape lie within 4 standard errors? */
static int32_t far_off(testudo_fit *fit, const made *m, testudo_structure structure)
{
  int32_t off = 0;
  for (int32_t k = 0; k < fit->named; k++)
    for (int32_t s = 0; s < m->slow_workers; s++)
      if (atoi(fit->persistent[k].name) == m->slow[s]) {
        double error = log(fit->persistent[k].high / fit->persistent[k].factor) / 1.96;
        off += fabs(log(fit->persistent[k].factor / m->factor[s])) > 4.0 * error;
      }
  if (structure != TESTUDO_STRUCTURE_MIXED || !testudo_i_fit_is(fit, TESTUDO_STRUCTURE_MIXED))
    return off;
  testudo_fit_mixed mixed[TESTUDO_I_MIXED_LAWS];
  size_t count;
  int64_t used;
  testudo_error error;
  assert_ok(testudo_i_fit_mixed(&fit->room->cells, fit->room->x, mixed, &count, &used, &error));
  bool plain = strncmp(mixed[0].chunk_law, "exp", 3) == 0;
  off += fabs(mixed[0].number[1] - m->sigma) > 4.0 * mixed[0].standard_error[1];
  if (strncmp(mixed[0].chunk_law, "gamma", 5) == 0)
    off += fabs(mixed[0].number[2] - m->shape) > 4.0 * mixed[0].standard_error[2];
  return off + (plain && m->shape != 1.0);
}

static int32_t traces_of_each_kind(void)
{
  return getenv("TESTUDO_LONG") != NULL ? 200 : 20;
}

static void check_kind(testudo_structure structure, const char *name)
{
  int32_t all = traces_of_each_kind(), right = 0, off = 0;
  for (int32_t k = 0; k < all; k++) {
    made m = make_trace(structure, k);
    testudo_fit *fit = structure_of(&m.trace);
    bool structured = testudo_i_fit_is(fit, structure), named = names_the_slow(fit, &m);
    right += structured && named;
    off += far_off(fit, &m, structure);
    if (!structured || !named)
      print_message("%s %d: %d workers, %d iterations, %d chunks, ratio %.3g, slow %d (%.3g, %.3g): found %s, "
                    "named %d\n", name, (int)k, (int)m.workers, (int)m.iterations, (int)m.chunks, m.ratio,
                    (int)m.slow_workers, m.factor[0], m.factor[1], fit->structure, (int)fit->named);
    testudo_fit_free(fit);
  }
  print_message("%s: %d of %d right, %d parameters off\n", name, (int)right, (int)all, (int)off);
  assert_true(right * 20 >= all * 19);
  assert_true(off <= all / 100); /* a parameter is off by 4 standard errors once in 16,000 times */
}

static void scaled_traces_are_told(void **state)
{
  (void)state;
  check_kind(TESTUDO_STRUCTURE_SCALED, "scaled");
}

static void additive_traces_are_told(void **state)
{
  (void)state;
  check_kind(TESTUDO_STRUCTURE_ADDITIVE, "additive");
}

static void mixed_traces_are_told(void **state)
{
  (void)state;
  check_kind(TESTUDO_STRUCTURE_MIXED, "mixed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scaled_traces_are_told),
      cmocka_unit_test(additive_traces_are_told),
      cmocka_unit_test(mixed_traces_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
