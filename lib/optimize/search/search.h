/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every search shares. */
#ifndef TESTUDO_OPTIMIZE_SEARCH_SEARCH_H
#define TESTUDO_OPTIMIZE_SEARCH_SEARCH_H

#include <testudo/code.h>
#include <testudo/optimize.h>

/* Does the monitor ask to stop? NULL never does. */
bool testudo_i_search_stopped(const testudo_search_monitor *monitor, double fraction, double best, double bound);

/* A search monitor as the plain one that the rest of the library takes: best and bound stay as they are here. Give it
   &watch->plain. `stopped` says afterwards that TESTUDO_INTERRUPTED came from the monitor. */
typedef struct testudo_i_search_watch {
  testudo_monitor plain;
  const testudo_search_monitor *monitor;
  double from, to;      /* the part of the whole that the work watched makes up */
  double best, bound;
  bool stopped;
} testudo_i_search_watch;

void testudo_i_search_watch_start(testudo_i_search_watch *watch, const testudo_search_monitor *monitor, double from,
                                  double to, double best, double bound);

/* The design of scheme partial over another assignment with as many workers: R stays. Its claims and provenance are
   left behind. */
TESTUDO_CHECKED testudo_status testudo_i_search_reassign(const testudo_design *design,
                                                         const testudo_assignment *orders, testudo_design **made,
                                                         testudo_error *error);

/* An exact value and its bound have errors of some 1e-9: a bound that is above the value by no more than 1e-7 of it
   becomes the value, and one that contradicts it is no bound, which the proof then says. */
void testudo_i_search_mend_bound(testudo_search_result *result);

/* The design of scheme partial over these orders, which is what assignments and orders are searched for. */
TESTUDO_CHECKED testudo_status testudo_i_search_design(const testudo_assignment *orders, int32_t parts, uint64_t seed,
                                                       const char *name, testudo_design **design,
                                                       testudo_error *error);

/* A design whose workers hold the `places` chunks that follow the first of their own `chunks`, on the circle of all: to
   draw times with, for what workers hold does not change these. */
TESTUDO_CHECKED testudo_status testudo_i_search_hold(int32_t workers, int32_t chunks, int32_t places,
                                                     testudo_design **design, testudo_error *error);

/* What is measured after a stop is exact where that takes no time: a monitor that stops after 0.3 seconds. */
typedef struct testudo_i_haste {
  double until;
  testudo_monitor monitor;
} testudo_i_haste;

const testudo_monitor *testudo_i_haste_begin(testudo_i_haste *haste);

#endif
