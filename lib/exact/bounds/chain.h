/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bound of P(T > t) that goes through the chunks one by one (proof in docs/theory/bounds.md). */
#ifndef TESTUDO_EXACT_BOUNDS_CHAIN_H
#define TESTUDO_EXACT_BOUNDS_CHAIN_H

#include "exact/bounds/pairs.h"

typedef struct testudo_i_chain {
  const testudo_i_pairs *pairs;
  double *factor[2];  /* by pair type, seen from its first and from its second chunk: at most what is left of P(A_i)
                         when the neighbour must be covered */
  bool *kept;         /* by member of the pairs, as the rest */
  double *pulled;     /* sum of P(A_i A_k) over the kept neighbours k met */
  double *left;       /* product of their factors */
  double *lift;       /* product of 1 / (1 - floor) over them */
  double *floor;      /* at most P(A_k | any kept chunks are covered) */
  double *rest;       /* 1 / (1 - floor) */
  /* Members whose neighbours have the same pair types, as often: their chunk type, how many there are, and for each
     pair type (2 * type + side) how many neighbours. */
  int32_t looks;
  int32_t *look_type;
  int64_t *look_count, *look_row;
  struct testudo_i_chain_tally {
    int32_t side_type, count;
  } *tally;
  double *log_factor; /* of 2 * type + side */
} testudo_i_chain;

/* `pairs` must have its neighbours. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_chain_init(testudo_i_chain *chain, testudo_i_arena *arena,
                                                    const testudo_i_pairs *pairs, testudo_error *error);

/* missing[k] = P(A_i) of chunk type k; the pairs are evaluated at the same survivals. */
double testudo_i_chain_tail(testudo_i_chain *chain, const double *missing, int32_t l);

#endif
