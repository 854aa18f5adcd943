/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ranks of a program, as hand_out.c and rounds.c share them. */
#ifndef TESTUDO_CLUSTER_CLUSTER_H
#define TESTUDO_CLUSTER_CLUSTER_H

#include "cluster/hand_out.h"

/* What ranks say to rank 0: "give me a job", a result, "I live", "I have left"; and what it answers: a job. */
enum { TAG_READY = 1, TAG_RESULT, TAG_ALIVE, TAG_GONE, TAG_JOB };
enum { NO_JOB = -1 };

/* Of rounds.c: a round, its record, and what is timed. */
enum { TAG_ROUND = 11, TAG_RECORD, TAG_PING, TAG_PONG, TAG_VECTOR };

typedef enum rank_state { RANK_UNSEEN, RANK_WAITS, RANK_WORKS, RANK_LEFT, RANK_LOST } rank_state;

typedef struct rank {
  rank_state state;
  int64_t k;     /* of the job that it works on */
  double heard;  /* seconds: when it last said something */
} rank;

struct testudo_i_cluster {
  int own, count, lost;
  bool dismissed;
  rank *rank;
};

#endif
