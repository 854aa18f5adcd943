/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rigorous bounds of P(T > t) for any assignment (docs/theory/bounds.md). A_i is the event
   that fewer than l workers have finished chunk i; T > t when one of them holds. */
#ifndef TESTUDO_EXACT_BOUNDS_BOUNDS_H
#define TESTUDO_EXACT_BOUNDS_BOUNDS_H

#include "exact/bounds/averaged.h"
#include "exact/bounds/chain.h"
#include "exact/bounds/failed_sets.h"
#include "exact/bounds/never.h"
#include "exact/chunk_types.h"
#include "exact/ideal.h"
#include "exact/latency.h"

/* Each bound by itself, of P(T > t). The upper ones start at 1, the lower ones at 0; an inequality that does not apply
   stays there. */
typedef struct testudo_i_bound_terms {
  double union_bound;  /* upper: S1 = sum P(A_i); any failures */
  double association;  /* upper: 1 - prod (1 - P(A_i)); independent workers */
  double below;        /* prod (1 - P(A_i)) itself */
  double single;       /* lower: max P(A_i); any failures */
  double ideal;        /* lower: perfect balancing; any failures */
  double disjoint;     /* lower: chunks without common holders; independent workers, as the rest */
  double janson;       /* lower: 1 - exp(-max_q (q S1 - q^2 D)), D = sum of P(A_i A_j) over dependent pairs */
  double chain;        /* lower: 1 - prod over kept i of 1 - (at most P(A_i | the kept chunks before are covered)) */
  double second_order; /* lower: of S1 and S2; any failures */
} testudo_i_bound_terms;

typedef struct testudo_i_bounds {
  const testudo_i_cluster *cluster;
  testudo_i_chunk_types types;
  int64_t *disjoint_count;    /* chunks of each type among those with pairwise disjoint holders */
  double *missing;            /* by type: P(A_i) */
  bool *included;             /* by chunk: NULL where all pairs are few enough, else the chunks that matter most */
  int64_t *included_count;    /* of each type; with `included` */
  int32_t included_chunks;
  testudo_i_pairs pairs;      /* of the included chunks */
  bool paired;
  testudo_i_chain chain;      /* where the pairs have their neighbours */
  testudo_i_never end;        /* at infinity */
  testudo_i_failed_sets sets;
  testudo_i_averaged averaged; /* where these are too many */
  double finite;               /* at most P(T < infinity), for it */
  testudo_i_ideal ideal;
  bool balanced;
  double *grid, *grid_tail;   /* lower bounds of P(T > t') at later times hold at t too */
  size_t grid_count;
} testudo_i_bounds;

/* Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_bounds_init(testudo_i_bounds *bounds, testudo_i_arena *arena,
                                                     const testudo_i_cluster *cluster, int64_t max_states,
                                                     const testudo_monitor *monitor, testudo_error *error);

/* All terms at t >= 0 or HUGE_VAL, of independent workers that each fail with probability fail_prob (the cluster's own
   failures are set aside). `want` as in latency.h: LOWER asks for upper bounds of P(T > t) only. */
void testudo_i_bounds_independent(testudo_i_bounds *bounds, double t, double fail_prob, int want,
                                  testudo_i_bound_terms *terms);

/* The terms that hold under the cluster's own failures; under exactly-f failures union_bound, single, ideal and, of one
   part, second_order.
   sum: S1(t), the sum over the chunks of P(not covered by t); late: S1(t) - S1(infinity) >= P(t < T < infinity). */
void testudo_i_bounds_direct(testudo_i_bounds *bounds, double t, int want, testudo_i_bound_terms *terms);
double testudo_i_bounds_sum(testudo_i_bounds *bounds, double t);
double testudo_i_bounds_late(testudo_i_bounds *bounds, double t);

/* The best of all, exactly-f failures through independent ones: with b = Binomial(m, phi) any phi gives
   P_f(T > t) <= P_phi(T > t) / P(b >= f) and P_f(T <= t) <= P_phi(T <= t) / P(b <= f), as failures only delay; and
   P(T <= t) <= P(T < infinity) P_0(T <= t), P_0 without failures. Where the sets are few, association given each. */
void testudo_i_bounds_best(testudo_i_bounds *bounds, double t, int want, testudo_i_probability *probability);

#endif
