/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P(T = infinity) under failures alone, exact wherever it can be counted: by elimination of workers that do everything
   or nothing, or by going through the sets of exactly f failed workers. */
#ifndef TESTUDO_EXACT_BOUNDS_NEVER_H
#define TESTUDO_EXACT_BOUNDS_NEVER_H

#include "exact/latency.h"

typedef struct testudo_i_never {
  bool known;
  double never, finite;  /* both as accurate as their terms */
  char how[48];          /* "by elimination" .. */
} testudo_i_never;

/* `cluster` has a rule of chunks. *never.known = false where neither road is short enough. */
TESTUDO_CHECKED testudo_status testudo_i_never_find(const testudo_i_cluster *cluster, int64_t max_states,
                                                    const testudo_monitor *monitor, testudo_i_never *never,
                                                    testudo_error *error);

#endif
