/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of one P(T <= t) by elimination beside the roads of its own kind, measured in the same run: the transfer matrix
   on rings, the dense scan on groups. All must agree to 1e-10. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/code.h>

#include "exact/groups/group_scan.h"
#include "exact/latency.h"

enum { TIMES = 40 };

static double time_at(int k)
{
  return 0.25 * (k + 1);
}

/* Microseconds of one evaluation; probability[k] of each time. */
static double measure(testudo_i_method *method, double *probability)
{
  int rounds = 0;
  double start = bench_processor();
  do {
    for (int k = 0; k < TIMES; k++) {
      testudo_i_probability p;
      bench_require(method->evaluate(method->state, time_at(k), TESTUDO_I_WANT_BOTH, &p, NULL) == TESTUDO_OK,
                    "evaluation");
      probability[k] = p.above_lower;
    }
    rounds++;
  } while (bench_processor() - start < 0.2);
  return 1e6 * (bench_processor() - start) / rounds / TIMES;
}

static double measure_dense(const testudo_i_cluster *cluster, int32_t size, int32_t groups, int32_t parts,
                            double *probability)
{
  const testudo_design *design = cluster->design;
  int32_t load = testudo_design_load(design, 0), *class_ = calloc((size_t)size, sizeof *class_);
  int32_t *order = malloc((size_t)size * (size_t)load * sizeof *order);
  double *room = malloc(2 * (size_t)testudo_i_group_states(load, parts) * sizeof *room);
  double *q = malloc(((size_t)load + 1) * sizeof *q), done, lost;
  const double *const law[] = {q};
  for (int32_t a = 0; a < size; a++)
    for (int32_t p = 0; p < load; p++)
      order[a * load + p] = testudo_design_order(design, a)[p];
  testudo_i_group_shape shape = {size, load, class_, order};
  int rounds = 0;
  double start = bench_processor();
  do {
    for (int k = 0; k < TIMES; k++) {
      testudo_i_cluster_progress(cluster, 0, time_at(k), q);
      testudo_i_group_scan(&shape, parts, law, 0, 0, (testudo_i_pair){&done, &lost}, room);
      probability[k] = -expm1(groups * log1p(-lost));
    }
    rounds++;
  } while (bench_processor() - start < 0.2);
  double spent = 1e6 * (bench_processor() - start) / rounds / TIMES;
  free(class_);
  free(order);
  free(room);
  free(q);
  return spent;
}

static void run_case(const char *what, int32_t workers, int32_t load, int32_t parts, bool ring)
{
  testudo_assignment assignment;
  testudo_design *design;
  testudo_law *law;
  bench_require((ring ? testudo_assignment_cyclic(workers, load, &assignment, NULL)
                : testudo_assignment_frc(workers, workers, load, &assignment, NULL)) == TESTUDO_OK, "assignment");
  bench_require(ring || testudo_order_rotated(&assignment, NULL) == TESTUDO_OK, "order");
  bench_require(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL) == TESTUDO_OK,
                "design");
  bench_require(testudo_law_parse("exp:1", &law, NULL) == TESTUDO_OK, "law");
  testudo_delay_model model = {.law = law};
  const testudo_i_delay delay = {.model = &model};
  testudo_i_cluster cluster;
  testudo_i_method method = {0}, peer = {0};
  bool fits;
  double found[TIMES], wanted[TIMES], peer_time;
  bench_require(testudo_i_cluster_init(&cluster, design, &delay, false, NULL) == TESTUDO_OK, "cluster");
  double start = bench_processor();
  bench_require(testudo_i_eliminated(&cluster, false, 1000000, NULL, &fits, &method, NULL) == TESTUDO_OK && fits,
                "elimination");
  double made = bench_processor() - start, own = measure(&method, found);
  if (ring) {
    bench_require(testudo_i_cyclic(&cluster, 1000000, &fits, &peer, NULL) == TESTUDO_OK && fits, "transfer matrix");
    peer_time = measure(&peer, wanted);
  } else
    peer_time = measure_dense(&cluster, load, workers / load, parts, wanted);
  for (int k = 0; k < TIMES; k++)
    bench_require(fabs(found[k] - wanted[k]) <= 1e-10 * wanted[k] + 1e-300, "the two disagree");
  printf("%-7s m %4d load %2d l %d: %-45s made in %6.1f ms, %9.2f us; %s %9.2f us, ratio %.3g\n", what, (int)workers,
         (int)load, (int)parts, method.name, 1e3 * made, own, ring ? "transfer matrix" : "dense scan", peer_time,
         own / peer_time);
  testudo_i_arena_clear(&method.arena);
  testudo_i_arena_clear(&peer.arena);
  testudo_i_cluster_free(&cluster);
  testudo_assignment_free(&assignment);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  run_case("ring", 12, 4, 1, true);
  run_case("ring", 20, 4, 2, true);
  run_case("ring", 100, 4, 1, true);
  run_case("groups", 24, 4, 1, false);
  run_case("groups", 24, 4, 2, false);
  run_case("groups", 200, 8, 1, false);
  run_case("groups", 64, 16, 1, false);
  return 0;
}
