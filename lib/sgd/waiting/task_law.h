/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the tasks of a cluster by law: their means, their order statistics, how they age. */
#ifndef TESTUDO_SGD_WAITING_TASK_LAW_H
#define TESTUDO_SGD_WAITING_TASK_LAW_H

#include <testudo/waiting.h>

typedef struct testudo_i_task_laws {
  bool alike;             /* are the tasks of all workers and times independent and of one law? */
  bool renewal;           /* are those of a worker independent and of one law? */
  double throughput;      /* sum over the workers of 1 / E[A_j]; NAN where not known */
  int32_t finite;         /* workers whose E[A_j] is finite */
  double tail;            /* least tail index of a worker's tasks, HUGE_VAL where all are light; and .. */
  double tail_sum;        /* .. their sum over the workers */
  testudo_ageing_test ageing;
} testudo_i_task_laws;

TESTUDO_CHECKED testudo_status testudo_i_task_laws_find(const testudo_delay_model *model, int32_t workers,
                                                        int32_t blocks, testudo_i_task_laws *laws,
                                                        testudo_error *error);

/* The K-th of P new tasks. */
typedef struct testudo_i_kth_task {
  bool known;             /* is there a law, exact or between two that are close? */
  bool bracketed;
  double mean, abs_error; /* given that it comes; HUGE_VAL where infinite */
  double p_never;
} testudo_i_kth_task;

TESTUDO_CHECKED testudo_status testudo_i_kth_task_find(const testudo_delay_model *model, int32_t workers,
                                                       int32_t blocks, int32_t wait,
                                                       const testudo_monitor *monitor, testudo_i_kth_task *kth,
                                                       testudo_error *error);

#endif
