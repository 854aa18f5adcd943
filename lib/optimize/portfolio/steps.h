/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches within a family, by steps that are kept when the objective is smaller on the same trials. */
#ifndef TESTUDO_OPTIMIZE_PORTFOLIO_STEPS_H
#define TESTUDO_OPTIMIZE_PORTFOLIO_STEPS_H

#include "base/arena.h"
#include "optimize/latency/objective.h"
#include "optimize/portfolio/pool.h"

typedef struct testudo_i_steps {
  testudo_i_arena arena;   /* cleared by the owner */
  const testudo_portfolio_request *request;
  testudo_i_goal goal;     /* few trials, the same for every step */
  uint64_t seed;
  int64_t tries;           /* steps */
  int64_t done;            /* in all */
} testudo_i_steps;

/* The objective of an assignment, as a design of the request. */
TESTUDO_CHECKED testudo_status testudo_i_steps_measure(const testudo_i_steps *steps, const testudo_assignment *orders,
                                                       testudo_i_measure *measure, testudo_error *error);

/* Is a better than b? Less often without end, or as often and smaller. */
bool testudo_i_measure_is_less(const testudo_i_measure *a, const testudo_i_measure *b);

/* Shifts of groups of as many elements as there are workers: Z_m, and Z_2 x Z_2 x .. x Z_odd. Needs chunks = a multiple
   of the workers and a whole load; adds what it finds. */
TESTUDO_CHECKED testudo_status testudo_i_steps_shifts(testudo_i_steps *steps, testudo_i_pool *pool,
                                                      testudo_error *error);

/* Loads and the sequence of arcs, from those for the rates: a chunk more here and one fewer there, or two workers
   change places on the circle. Needs rates. */
TESTUDO_CHECKED testudo_status testudo_i_steps_arcs(testudo_i_steps *steps, testudo_i_pool *pool,
                                                    testudo_error *error);

#endif
