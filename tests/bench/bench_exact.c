/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of a whole analysis of cyclic designs (mean, deviation, balanced limit, three quantiles, 200 points of the
   cdf) and of one P(T <= t), beside a plain peer measured in the same run: every start state walked round the ring by
   itself, one transition a progress value. The two must agree to 1e-10. With exactly 7 failed, one P(T <= t) by the
   leading eigenvalue beside the same by squaring polynomials, which must agree too. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>
#include <testudo/exact.h>

#include "exact/cyclic/transfer.h"
#include "numeric/integrate.h"

#define PARTS_LIMIT 8

/* ---- the plain peer ---- */

/* A state is a number in base `load`; sorted digits only. */
static int number_of(int *reach, int parts, int load)
{
  int number = 0;
  for (int k = 1; k < parts; k++)
    for (int at = k; at > 0 && reach[at] > reach[at - 1]; at--) {
      int kept = reach[at];
      reach[at] = reach[at - 1];
      reach[at - 1] = kept;
    }
  for (int k = 0; k < parts; k++)
    number = number * load + reach[k];
  return number;
}

/* The state after a worker of progress c, or -1 where the chunk is lost. */
static int follow(int state, int c, int parts, int load)
{
  int reach[PARTS_LIMIT + 1];
  for (int k = parts - 1; k >= 0; k--, state /= load)
    reach[k] = state % load;
  if (c > reach[parts - 1])
    reach[parts - 1] = c;
  for (int k = 0; k < parts; k++)
    if (reach[k]-- == 0)
      return -1;
  return number_of(reach, parts, load);
}

static double plain_probability(int workers, int load, int parts, double t)
{
  int states = (int)pow(load, parts);
  int *to = malloc((size_t)states * (size_t)(load + 1) * sizeof *to);
  double *here = malloc((size_t)states * sizeof *here), *next = malloc((size_t)states * sizeof *next), q[64], total = 0;
  bool *start = calloc((size_t)states, sizeof *start);
  for (int s = 0; s < states; s++) {
    int reach[PARTS_LIMIT];
    for (int k = parts - 1, rest = s; k >= 0; k--, rest /= load)
      reach[k] = rest % load;
    start[s] = number_of(reach, parts, load) == s;
    for (int c = 0; c <= load; c++)
      to[s * (load + 1) + c] = follow(s, c, parts, load);
  }
  for (int c = 0; c <= load; c++)
    q[c] = (c == 0 ? 1 : 1 - exp(-t / c)) - (c == load ? 0 : 1 - exp(-t / (c + 1)));
  for (int first = 0; first < states; first++) {
    if (!start[first])
      continue;
    memset(here, 0, (size_t)states * sizeof *here);
    here[first] = 1;
    for (int j = 0; j < workers; j++) {
      memset(next, 0, (size_t)states * sizeof *next);
      for (int s = 0; s < states; s++)
        for (int c = 0; here[s] > 0 && c <= load; c++)
          if (to[s * (load + 1) + c] >= 0)
            next[to[s * (load + 1) + c]] += here[s] * q[c];
      double *other = here;
      here = next;
      next = other;
    }
    total += here[first];
  }
  free(to);
  free(here);
  free(next);
  free(start);
  return total;
}

/* ---- the library ---- */

static double analyse(testudo_latency *latency, testudo_summary *summary)
{
  static const double level[] = {0.5, 0.9, 0.99};
  testudo_error error;
  double lower, upper, times[200], start = bench_wall();
  bench_must(testudo_latency_summary(latency, summary, &error), &error);
  for (size_t k = 0; k < sizeof level / sizeof *level; k++)
    bench_must(testudo_latency_quantile(latency, level[k], &lower, &upper, &error), &error);
  bench_must(testudo_latency_grid(latency, 200, times, &error), &error);
  for (int k = 0; k < 200; k++)
    bench_must(testudo_latency_cdf(latency, times[k], &lower, &upper, &error), &error);
  return bench_wall() - start;
}

static void bench(int workers, int load, int parts)
{
  testudo_assignment assignment;
  testudo_design *design;
  testudo_law *law;
  testudo_latency *latency;
  testudo_summary summary;
  testudo_error error;
  bench_must(testudo_assignment_cyclic(workers, load, &assignment, &error), &error);
  bench_must(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, &error), &error);
  bench_must(testudo_law_parse("exp:1", &law, &error), &error);
  testudo_delay_model model = {.law = law};
  testudo_analysis_options options = {TESTUDO_REPORT_CHUNK, 200000, 1e-9, NULL};
  bench_must(testudo_latency_create(design, &model, &options, &latency, &error), &error);
  double whole = analyse(latency, &summary), t = summary.mean, lower, upper;
  int rounds = 0;
  double start = bench_wall();
  for (; bench_wall() - start < 0.2 || rounds == 0; rounds++)
    bench_must(testudo_latency_cdf(latency, t, &lower, &upper, &error), &error);
  double one = (bench_wall() - start) / rounds;
  start = bench_wall();
  double peer_value = plain_probability(workers, load, parts, t), peer = bench_wall() - start;
  printf("(%d, %d, %d)  E[T] %.10f  analysis %.3f s  one P(T<=t) %.3g ms  plain peer %.3g ms  ratio %.3g\n", workers,
         load, parts, summary.mean, whole, 1e3 * one, 1e3 * peer, peer / one);
  if (!(fabs(peer_value - lower) <= 1e-10)) {
    fprintf(stderr, "bench_exact: P(T<=t) is %.17g, the plain peer has %.17g\n", lower, peer_value);
    exit(1);
  }
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
}

/* Seconds for one evaluation, which is put into *below. */
static double evaluate(testudo_i_transfer *transfer, const double *q, double *below)
{
  testudo_error error;
  double above, start = bench_processor();
  int rounds = 0;
  for (; bench_processor() - start < 0.2 || rounds == 0; rounds++)
    bench_must(testudo_i_transfer_evaluate(transfer, q, below, &above, &error), &error);
  return (bench_processor() - start) / rounds;
}

/* exp:1 of a worker's chunks, all as slow as one another. */
static void bench_failed(int workers, int load, int parts, int failed, double t)
{
  testudo_i_arena arena = {0};
  testudo_i_transfer transfer;
  testudo_error error;
  double q[16], below[2], seconds[2];
  int32_t *class_at = calloc((size_t)workers, sizeof *class_at);
  bench_require(class_at != NULL && load < 16, "memory, or the load");
  for (int c = 0; c <= load; c++)
    q[c] = (c == 0 ? 1.0 : -expm1(-t / c)) - (c == load ? 0.0 : -expm1(-t / (c + 1)));
  bench_must(testudo_i_transfer_init(&transfer, &arena, workers, load, parts, NULL, failed, 1, class_at, &error),
             &error);
  for (int road = 0; road < 2; road++) {
    transfer.leading = road == 0;
    seconds[road] = evaluate(&transfer, q, &below[road]);
  }
  printf("(%d, %d, %d), %d failed  one P(T<=t) %.3g ms  by squaring %.3g ms of processor  ratio %.3g\n", workers, load,
         parts, failed, 1e3 * seconds[0], 1e3 * seconds[1], seconds[1] / seconds[0]);
  bench_require(fabs(below[0] - below[1]) <= 1e-11, "the leading eigenvalue gives another probability than squaring");
  testudo_i_arena_clear(&arena);
  free(class_at);
}

enum { TOLERANCES = 21 };

/* P(T > t) of the tolerances 0 .. 20: given how many have s + 2 chunks done, those with s + 1 are binomial. */
static double plain_nested(int32_t n, double t)
{
  double *now = calloc((size_t)n + 1, sizeof *now), *next = calloc((size_t)n + 1, sizeof *next), left = 0, above = 1;
  bench_require(now != NULL && next != NULL, "memory");
  now[0] = 1;
  for (int32_t s = TOLERANCES - 1; s >= 0; s--) {
    double missed = exp(-t / (s + 1)), p = (above - missed) / above;
    memset(next, 0, ((size_t)n + 1) * sizeof *next);
    for (int32_t a = 0; a <= n; a++)
      for (int32_t b = 0; now[a] > 0 && a + b < n - s; b++)
        next[a + b] += now[a] * testudo_i_binomial_mass(b, n - a, p, missed / above);
    double *kept = now;
    now = next;
    next = kept;
    above = missed;
  }
  for (int32_t a = 0; a <= n; a++)
    left += now[a];
  free(now);
  free(next);
  return left;
}

static void bench_nested(int32_t workers, bool with_peer)
{
  int32_t tolerance[TOLERANCES];
  testudo_design *design;
  testudo_law *law;
  testudo_latency *latency;
  testudo_summary summary;
  testudo_error error;
  for (int32_t s = 0; s < TOLERANCES; s++)
    tolerance[s] = s;
  bench_must(testudo_design_create_nested(workers, tolerance, TOLERANCES, 1, "", &design, &error), &error);
  bench_must(testudo_law_parse("exp:1", &law, &error), &error);
  testudo_delay_model model = {.law = law};
  testudo_analysis_options options = {TESTUDO_REPORT_CHUNK, 200000, 1e-9, NULL};
  bench_must(testudo_latency_create(design, &model, &options, &latency, &error), &error);
  double begun = bench_processor(), lower, upper;
  bench_must(testudo_latency_summary(latency, &summary, &error), &error);
  double whole = bench_processor() - begun, start = bench_processor(), t = summary.mean;
  int rounds = 0;
  for (; bench_processor() - start < 0.2 || rounds == 0; rounds++)
    bench_must(testudo_latency_tail(latency, t, &lower, &upper, &error), &error);
  double one = (bench_processor() - start) / rounds;
  printf("nested, %ld workers, %d tolerances  E[T] %.10f  summary %.3f s of processor  one P(T>t) %.3g ms",
         (long)workers, TOLERANCES, summary.mean, whole, 1e3 * one);
  if (with_peer) {
    start = bench_processor();
    double peer_value = plain_nested(workers, t), peer = bench_processor() - start;
    printf("  plain peer %.3g ms  ratio %.3g", 1e3 * peer, peer / one);
    bench_require(fabs(peer_value - lower) <= 1e-10, "binomials give another probability than Poisson rows");
  }
  putchar('\n');
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

int main(void)
{
  bench_nested(1000, true);
  bench_nested(10000, false);
  bench_failed(200, 8, 1, 7, 2.3);
  bench_failed(200, 8, 2, 7, 3.8);
  bench_failed(200, 8, 3, 0, 5.1);
  bench_failed(200, 8, 3, 7, 5.8);
  bench(200, 8, 1);
  bench(200, 8, 2);
  bench(200, 8, 3);
  bench(1000, 8, 2);
  return 0;
}
