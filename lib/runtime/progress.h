/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a progress object. */
#ifndef TESTUDO_RUNTIME_PROGRESS_H
#define TESTUDO_RUNTIME_PROGRESS_H

#include <testudo/runtime.h>

struct testudo_progress {
  const testudo_design *design;
  int32_t *done;        /* c_j */
  int32_t *cover;       /* |U_i| */
  int32_t finished;     /* workers with all their chunks done */
  int64_t missing;      /* sum_i max(0, l - |U_i|) */
  uint64_t fingerprint; /* of the vector done: equal vectors have equal ones, whatever object holds them */
};

#endif
