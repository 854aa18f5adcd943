/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums under stragglers, uncompressed and compressed: no bias over many runs, and the recursions of plain loops. */
#include "learn_cases.h"

#include <testudo/approximate.h>
#include <testudo/code.h>

enum { WORKERS = 6, SAMPLES = 48, STEPS = 12, RUNS = 1500 };

/* Worker j holds chunks j and j + 1: two copies each. */
static testudo_design *pair_design(void)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(WORKERS, 2, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* What worker j sends at w: the gradients of its two chunks over 2 (1 - p). */
static void sum_of(const small *s, const double *w, int32_t j, double straggle, double *sum)
{
  memset(sum, 0, DIM * sizeof *sum);
  for (int32_t c = j; c < j + 2; c++)
    for (int32_t i = s->first[c % WORKERS]; i < s->first[c % WORKERS + 1]; i++)
      small_sample(s, w, i, 1.0 / SAMPLES / 2.0 / (1.0 - straggle), sum);
}

/* ---- no bias ---- */

static const testudo_sgd_method sums[] = {
    {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 0.2},
    {.kind = TESTUDO_SGD_COCO_UNBIASED, .step = 0.2, .compressor = TESTUDO_COMPRESSOR_RANDOM_K, .size = 1},
    {.kind = TESTUDO_SGD_COCO_UNBIASED, .step = 0.2, .compressor = TESTUDO_COMPRESSOR_STOCHASTIC_SIGN, .size = 3},
    {.kind = TESTUDO_SGD_COCO_UNBIASED, .step = 0.2, .compressor = TESTUDO_COMPRESSOR_NONE},
    {.kind = TESTUDO_SGD_COCO_DIFFERENCE, .step = 0.2, .compressor = TESTUDO_COMPRESSOR_RANDOM_K, .size = 2},
    {.kind = TESTUDO_SGD_COCO_DIFFERENCE, .step = 0.2, .compressor = TESTUDO_COMPRESSOR_STOCHASTIC_SIGN, .size = 2}};

/* z of the mean of w, number k of them, over the runs against a wanted one. */
static double z_of(const double *w, int k, double wanted)
{
  double mean = 0.0, squares = 0.0;
  for (int r = 0; r < RUNS; r++)
    mean += w[r * DIM + k] / RUNS;
  for (int r = 0; r < RUNS; r++)
    squares += pow(w[r * DIM + k] - mean, 2.0);
  return (mean - wanted) / sqrt(squares / (RUNS - 1.0) / RUNS);
}

/* The gradient is affine in w, so that without bias E w follows gradient descent. Stragglers: the last two of six, or
   workers that fail with probability 0.3; iterations in which all fail are passed over, which a factor undoes. Mini-
   batches add noise, no bias. The control: a compressor without memory and with a bias is 20 standard errors off. */
static void estimates_have_no_bias(void **state)
{
  (void)state;
  const double times[1] = {1e9};
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  testudo_design *design = pair_design();
  const testudo_sgd_options options = {.times = times, .time_count = 1, .updates = 3, .seed = 1, .runs = RUNS,
                                       .threads = 1};
  for (int failing = 0; failing < 2; failing++) {
    double wanted[DIM], gradient[DIM];
    s.model.failures = failing ? TESTUDO_FAILURES_EACH : TESTUDO_FAILURES_NONE;
    s.model.fail_prob = 0.3;
    memcpy(wanted, s.w0, sizeof wanted);
    for (int u = 0; u < 3; u++) {
      small_full(&s, wanted, gradient);
      for (int k = 0; k < DIM; k++)
        wanted[k] -= 0.2 / (failing ? 1.0 - pow(0.3, WORKERS) : 1.0) * gradient[k];
    }
    for (size_t m = 0; m <= sizeof sums / sizeof *sums; m++) {
      testudo_sgd_method method = {.kind = TESTUDO_SGD_COCO_NO_MEMORY, .step = 0.2,
                                   .compressor = TESTUDO_COMPRESSOR_TOP_K, .size = 1};
      bool control = m == sizeof sums / sizeof *sums;
      double largest = 0.0;
      method = control ? method : sums[m];
      method.design = design;
      method.wait = failing ? 0 : 4;
      s.setting.batch = m % 2 == 0 ? 0 : 3;
      double *w = parameters_of(&s.setting, &method, &options);
      for (int k = 0; k < DIM; k++)
        largest = fmax(largest, fabs(z_of(w, k, wanted[k])));
      if (control ? largest < 20.0 : largest > 4.0)
        fail_msg("method %d, failing %d: z = %g", (int)m, failing, largest);
      free(w);
    }
  }
  testudo_design_free(design);
  small_free(&s);
}

/* ---- recursions ---- */

/* The one number of largest magnitude. */
static void plain_top(const double *x, double *out)
{
  int at = 0;
  for (int k = 1; k < DIM; k++)
    at = fabs(x[k]) > fabs(x[at]) ? k : at;
  for (int k = 0; k < DIM; k++)
    out[k] = k == at ? x[k] : 0.0;
}

/* Groups {0, 1} and {2}. */
static void plain_sign(const double *x, double *out)
{
  double scale = (fabs(x[0]) + fabs(x[1])) / 2.0;
  out[0] = x[0] < 0.0 ? -scale : scale;
  out[1] = x[1] < 0.0 ? -scale : scale;
  out[2] = x[2];
}

/* One of three drawn ones of iteration u, worker j, whose names alone are shared with the run. */
static void plain_random(const double *x, uint64_t seed, int64_t u, int32_t j, double *out)
{
  testudo_compressor *compressor;
  const testudo_compress_draw draw = {seed, u, j};
  unsigned char bytes[64];
  assert_ok(testudo_compressor_create(TESTUDO_COMPRESSOR_RANDOM_K, DIM, 1, &compressor, NULL));
  assert_true(testudo_compressor_bytes_double(compressor) <= sizeof bytes);
  assert_ok(testudo_compress_double(compressor, &draw, x, bytes, NULL));
  assert_ok(testudo_decompress_double(compressor, bytes, testudo_compressor_bytes_double(compressor), out, NULL));
  testudo_compressor_free(compressor);
}

typedef struct recursion {
  double memory[WORKERS][DIM]; /* e, or h */
  int64_t bits;                /* of a message */
} recursion;

/* What worker j's sum g adds to the step; e <- a - C(a) of those that arrive, h <- h + C(g - h) / (1 + omega). */
static void recur(recursion *r, const testudo_sgd_method *method, uint64_t seed, int64_t u, int32_t j, const double *g,
                  double *step)
{
  double in[DIM], out[DIM], *memory = r->memory[j];
  bool difference = method->kind == TESTUDO_SGD_COCO_DIFFERENCE;
  for (int k = 0; k < DIM; k++)
    in[k] = difference ? g[k] - memory[k] : method->step * g[k] + memory[k];
  if (method->compressor == TESTUDO_COMPRESSOR_TOP_K)
    plain_top(in, out);
  else if (method->compressor == TESTUDO_COMPRESSOR_GROUPED_SIGN)
    plain_sign(in, out);
  else if (method->compressor == TESTUDO_COMPRESSOR_RANDOM_K)
    plain_random(in, seed, u, j, out);
  else
    memcpy(out, in, sizeof in);
  double omega = method->compressor == TESTUDO_COMPRESSOR_RANDOM_K ? DIM - 1.0 : 0.0;
  for (int k = 0; k < DIM; k++) {
    step[k] += difference ? method->step * (memory[k] + out[k]) : out[k];
    if (difference)
      memory[k] += out[k] / (1.0 + omega);
    else if (method->kind == TESTUDO_SGD_COCO_EF)
      memory[k] = in[k] - out[k];
  }
}

/* The first four of six arrive; time by the fourth, bits by the table: V = 32, indices of 2 bits, two groups. */
static void compressed_runs_are_those_of_a_plain_loop(void **state)
{
  (void)state;
  static const struct {
    testudo_sgd_kind kind;
    testudo_compressor_kind compressor;
    size_t size;
    double bits;
  } cases[] = {{TESTUDO_SGD_COCO_EF, TESTUDO_COMPRESSOR_TOP_K, 1, 34.0},
               {TESTUDO_SGD_COCO_EF, TESTUDO_COMPRESSOR_GROUPED_SIGN, 2, 67.0},
               {TESTUDO_SGD_COCO_NO_MEMORY, TESTUDO_COMPRESSOR_TOP_K, 1, 34.0},
               {TESTUDO_SGD_COCO_NO_MEMORY, TESTUDO_COMPRESSOR_GROUPED_SIGN, 2, 67.0},
               {TESTUDO_SGD_COCO_UNBIASED, TESTUDO_COMPRESSOR_NONE, 0, 96.0},
               {TESTUDO_SGD_COCO_UNBIASED, TESTUDO_COMPRESSOR_RANDOM_K, 1, 34.0},
               {TESTUDO_SGD_COCO_DIFFERENCE, TESTUDO_COMPRESSOR_NONE, 0, 96.0},
               {TESTUDO_SGD_COCO_DIFFERENCE, TESTUDO_COMPRESSOR_RANDOM_K, 1, 34.0},
               {TESTUDO_SGD_STOCHASTIC_CODE, TESTUDO_COMPRESSOR_NONE, 0, 96.0}};
  testudo_law *message = law_of("exp:0.5");
  testudo_design *design = pair_design();
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    small s;
    plain_run plain = {.updates = STEPS};
    recursion r = {.bits = 0};
    testudo_i_tasks *tasks;
    small_make(&s, WORKERS, SAMPLES, "exp:1");
    s.model.message = message; /* that a compressed message takes its part of */
    const testudo_sgd_method method = {.kind = cases[c].kind, .step = 0.3, .wait = 4, .design = design,
                                       .compressor = cases[c].compressor, .size = cases[c].size};
    assert_ok(testudo_i_tasks_create(&s.model, WORKERS, 2, 1.0, cases[c].bits / 96.0, 9, &tasks, NULL));
    memcpy(plain.w[0], s.w0, sizeof s.w0);
    for (int u = 1; u <= STEPS; u++) {
      double in[WORKERS], end[2], took, g[DIM], step[DIM] = {0.0};
      for (int32_t j = 0; j < WORKERS; j++) {
        testudo_i_tasks_draw(tasks, j, u - 1, 2, end, &took);
        in[j] = end[1] + took;
      }
      plain.time[u] = plain.time[u - 1];
      for (int32_t j = 0; j < WORKERS; j++) {
        int32_t before = 0;
        for (int32_t i = 0; i < WORKERS; i++)
          before += in[i] < in[j];
        if (before == 3)
          plain.time[u] = plain.time[u - 1] + in[j];
        sum_of(&s, plain.w[u - 1], j, 1.0 / 3.0, g);
        if (before < 4)
          recur(&r, &method, 9, u - 1, j, g, step);
      }
      for (int k = 0; k < DIM; k++)
        plain.w[u][k] = plain.w[u - 1][k] - step[k];
      plain.bits[u] = plain.bits[u - 1] + 4.0 * cases[c].bits;
    }
    assert_same_run(&s.setting, &method, 9, &plain, 1e-10);
    testudo_i_tasks_free(tasks);
    small_free(&s);
  }
  testudo_design_free(design);
  testudo_law_free(message);
}

/* ---- steps that are too large ---- */

static void diverging_runs_end_in_numbers_that_are_not_finite(void **state)
{
  (void)state;
  const double times[2] = {0.0, 1e9};
  small s;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  testudo_design *design = pair_design();
  const testudo_sgd_options options = {.times = times, .time_count = 2, .updates = 1500, .seed = 1, .runs = 3};
  const testudo_sgd_method methods[] = {
      {.kind = TESTUDO_SGD_K_SYNC, .wait = 2},
      {.kind = TESTUDO_SGD_K_BATCH_ASYNC, .wait = 2},
      {.kind = TESTUDO_SGD_ADASYNC, .wait = 2, .rule = TESTUDO_WAITING_K_SYNC, .interval = 1.0},
      {.kind = TESTUDO_SGD_LGC, .wait = 2},
      {.kind = TESTUDO_SGD_PARTIAL, .design = design},
      {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .wait = 4, .design = design},
      {.kind = TESTUDO_SGD_COCO_EF, .wait = 4, .design = design, .compressor = TESTUDO_COMPRESSOR_TOP_K, .size = 1},
      {.kind = TESTUDO_SGD_COCO_EF, .wait = 4, .design = design, .compressor = TESTUDO_COMPRESSOR_GROUPED_SIGN,
       .size = 3},
      {.kind = TESTUDO_SGD_COCO_NO_MEMORY, .wait = 4, .design = design, .compressor = TESTUDO_COMPRESSOR_GROUPED_SIGN,
       .size = 3},
      {.kind = TESTUDO_SGD_COCO_UNBIASED, .wait = 4, .design = design, .compressor = TESTUDO_COMPRESSOR_RANDOM_K,
       .size = 1},
      {.kind = TESTUDO_SGD_COCO_UNBIASED, .wait = 4, .design = design,
       .compressor = TESTUDO_COMPRESSOR_STOCHASTIC_SIGN, .size = 3},
      {.kind = TESTUDO_SGD_COCO_DIFFERENCE, .wait = 4, .design = design, .compressor = TESTUDO_COMPRESSOR_RANDOM_K,
       .size = 1}};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
    for (double step = 2.5; step < 1e3; step *= 7.0) {
      testudo_sgd_method method = methods[m];
      method.step = step;
      testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
      for (int r = 0; r < 3; r++) {
        const double *loss = curve_of(sgd, 0, r, TESTUDO_SGD_LOSS);
        assert_true(isfinite(loss[0]) && sgd->run[r].updates == 1500);
        assert_true(step < 10.0 || !isfinite(loss[1]));
      }
      if (step > 10.0)
        assert_true(isnan(sgd->summary[0].band[TESTUDO_SGD_LOSS].low[1]) &&
                    testudo_sgd_time_to(sgd, times, 0, 1e300) == HUGE_VAL);
      testudo_sgd_free(sgd);
    }
  testudo_design_free(design);
  small_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(estimates_have_no_bias),
      cmocka_unit_test(compressed_runs_are_those_of_a_plain_loop),
      cmocka_unit_test(diverging_runs_end_in_numbers_that_are_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
