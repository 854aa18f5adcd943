/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces whose rows are the times of several chunks: what varies, the start-up or the chunks, and how the chunks hang
   together, on traces whose answer is known. TESTUDO_LONG=1 (make check-long) looks at ten times as many. */
#include "check.h"

#include "base/random.h"
#include "fit/room.h"

/* ---- the generator: 8 to 48 workers, 30 to 120 iterations, loads of one of three sets ---- */

typedef enum startup_kind { CONSTANT, SERVERLESS, BROAD } startup_kind;
typedef enum chunk_kind { FIXED, TOGETHER, APART, HEAVY, HEAVIER } chunk_kind;

typedef struct kind {
  const char *name;
  startup_kind startup;
  chunk_kind chunks;
  bool slow;                /* worker 3 takes 3 times as long for its chunks */
  double least;             /* share of the traces of which the answer is to be right */
} kind;

enum { SETS = 3, LOADS = 4 };
static const int32_t loads[SETS][LOADS] = {{1, 4, 16, 64}, {1, 2, 4, 8}, {1, 10, 20, 30}};

#define START 0.6           /* a start-up's least, or only, time */
#define MEAN_START 0.125    /* beyond it: of an exponential, or of a lognormal law with sigma = 0.5 */
#define CHUNK 0.01

static double start_of(testudo_i_random *random, startup_kind which)
{
  if (which == CONSTANT)
    return START;
  double broad = exp(0.5 * testudo_i_random_normal(random) - 0.125);
  return START + MEAN_START * (which == SERVERLESS ? -log(testudo_i_random_uniform(random)) : broad);
}

/* Of mean 1: gamma of shape 2; one in four exponential, the others none; lognormal with sigma = 0.8; Pareto of index
   2.3. */
static double factor_of(testudo_i_random *random, chunk_kind which)
{
  double a = testudo_i_random_uniform(random), b = testudo_i_random_uniform(random);
  switch (which) {
  case TOGETHER:
    return -0.5 * log(a * b);
  case APART:
    return a < 0.25 ? -4.0 * log(b) : 0.0;
  case HEAVY:
    return exp(0.8 * testudo_i_random_normal(random) - 0.32);
  case HEAVIER:
    return 1.3 / 2.3 * pow(a, -1.0 / 2.3);
  default:
    return 1.0;
  }
}

static double chunks_of(testudo_i_random *random, chunk_kind which, int32_t load)
{
  if (which != APART)
    return CHUNK * load * factor_of(random, which);
  double sum = 0.0;
  for (int32_t k = 0; k < load; k++)
    sum += CHUNK * factor_of(random, which);
  return sum;
}

static testudo_i_trace make_trace(const kind *of, int32_t number)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, (uint64_t)(of->startup * 8 + of->chunks), (uint64_t)number);
  int32_t workers = 8 + (int32_t)testudo_i_random_below(&random, 41);
  int32_t iterations = 30 + (int32_t)testudo_i_random_below(&random, 91);
  size_t rows = (size_t)workers * (size_t)iterations;
  /* Beside a start-up that varies, chunks that do are seen where there are many of them. */
  int32_t set = of->startup != CONSTANT && of->chunks != FIXED ? 0 : number % SETS;
  testudo_i_trace trace = {.rows = (int64_t)rows, .seconds = calloc(rows, sizeof(double)),
                           .worker = calloc(rows, sizeof(int32_t)), .iteration = calloc(rows, sizeof(int32_t)),
                           .chunks = calloc(rows, sizeof(int32_t))};
  assert_true(trace.seconds != NULL && trace.worker != NULL && trace.iteration != NULL && trace.chunks != NULL);
  for (size_t r = 0; r < rows; r++) {
    int32_t load = loads[set][testudo_i_random_below(&random, LOADS)], w = (int32_t)r % workers;
    trace.worker[r] = w;
    trace.iteration[r] = (int32_t)r / workers;
    trace.chunks[r] = load;
    trace.seconds[r] = start_of(&random, of->startup);
    trace.seconds[r] += chunks_of(&random, of->chunks, load) * (of->slow && w == 3 ? 3.0 : 1.0);
  }
  return trace;
}

/* ---- the fit, without laws ---- */

static testudo_fit *loads_of(const kind *of, int32_t number)
{
  testudo_error error;
  testudo_fit *fit = calloc(1, sizeof *fit);
  assert_non_null(fit);
  fit->room = calloc(1, sizeof *fit->room);
  assert_non_null(fit->room);
  fit->room->trace = make_trace(of, number);
  fit->samples = fit->room->trace.rows;
  fit->startup = fit->startup_error = fit->per_chunk = fit->per_chunk_error = NAN;
  fit->startup_deviation = fit->chunk_deviation = fit->icc = NAN;
  assert_ok(testudo_i_fit_structure(fit, &error));
  return fit;
}

static bool is_within(double found, double wanted, double width)
{
  return fabs(found - wanted) <= width;
}

/* Is it known what varies, and by how much? */
static bool is_right(const testudo_fit *fit, const kind *of)
{
  bool varies = of->startup != CONSTANT, found = isfinite(fit->startup_deviation);
  if (varies != found)
    return false;
  if (!varies) /* heavy times leave no start-up to be seen */
    return of->chunks >= HEAVY || (is_within(fit->startup, START, fmax(4.0 * fit->startup_error, 0.01)) &&
                                   fit->room->chunks_independent == (of->chunks == APART));
  if (!is_within(fit->startup, START + MEAN_START, 4.0 * fit->startup_error) ||
      !is_within(fit->per_chunk, CHUNK, 4.0 * fit->per_chunk_error))
    return false;
  return of->chunks == FIXED ? fit->chunk_deviation < 0.3 * CHUNK
                             : fit->chunk_deviation > 0.3 * CHUNK && fit->structure != NULL &&
                                   strcmp(fit->structure, of->chunks == APART ? "additive" : "scaled") == 0;
}

static void count_right(const kind *of)
{
  int32_t all = getenv("TESTUDO_LONG") != NULL ? 200 : 20, right = 0;
  for (int32_t k = 0; k < all; k++) {
    testudo_fit *fit = loads_of(of, k);
    bool good = is_right(fit, of);
    right += good;
    if (!good)
      print_message("%s %d: %d workers, %d iterations: start-up %.4g +- %.2g, deviation %.3g; chunk %.4g +- %.2g,"
                    " deviation %.3g; %s%s\n", of->name, (int)k, (int)fit->room->cells.workers,
                    (int)fit->room->cells.iterations, fit->startup, fit->startup_error, fit->startup_deviation,
                    fit->per_chunk, fit->per_chunk_error, fit->chunk_deviation,
                    fit->structure == NULL ? "no structure" : fit->structure,
                    fit->room->chunks_independent ? ", independent" : "");
    if (of->slow)
      assert_true(!good || fit->named == 1 || fit->worker[3].factor < 2.0);
    testudo_fit_free(fit);
  }
  print_message("%s: %d of %d right\n", of->name, (int)right, (int)all);
  assert_true(right >= of->least * all);
}

/* Short traces do not show that chunks vary beside a start-up that does. */
static void what_varies_is_told(void **state)
{
  (void)state;
  static const kind kinds[] = {
      {"constant start-up, chunks together", CONSTANT, TOGETHER, false, 0.95},
      {"the same with a slow worker", CONSTANT, TOGETHER, true, 0.95},
      {"constant start-up, chunks apart", CONSTANT, APART, false, 0.95},
      {"constant start-up, lognormal chunks", CONSTANT, HEAVY, false, 0.95},
      {"constant start-up, Pareto chunks", CONSTANT, HEAVIER, false, 0.95},
      {"serverless", SERVERLESS, FIXED, false, 0.95},
      {"broad start-up", BROAD, FIXED, false, 0.95},
      {"serverless, chunks together", SERVERLESS, TOGETHER, false, 0.95},
      {"serverless, chunks apart", SERVERLESS, APART, false, 0.85},
  };
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    count_right(&kinds[k]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_varies_is_told)};
  return cmocka_run_group_tests_name("loads", tests, NULL, NULL);
}
