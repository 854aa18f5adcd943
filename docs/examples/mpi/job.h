/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What server and workers of the training job share: what was asked for, the data, the delays that are put in, and what
   goes over the wire. Rank 0 is the server; worker j of the design is rank j + 1. */
#ifndef TRAIN_JOB_H
#define TRAIN_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpi.h>
#include <testudo/testudo.h>

/* ---- what was asked for (options.c) ---- */

typedef struct settings {
  const char *design, *libsvm, *csv, *label, *delay;
  const char *trace, *drawn, *times;  /* files to be written; NULL: none */
  testudo_structure structure;
  testudo_unit unit;
  testudo_decoder decoder;
  int32_t samples, features, classes; /* of generated data */
  int32_t iterations;
  double step;                        /* of gradient descent */
  double deadline;                    /* seconds; 0: none */
  double patience;                    /* seconds of silence after which a rank is taken for dead */
  double poll;                        /* seconds between two looks at what has come */
  double *slow;                       /* per worker, >= 1 .. */
  int32_t slow_room;                  /* .. for so many workers; others 1 */
  int32_t fail_rank, fail_iteration;  /* this rank kills itself there; -1: none */
  uint64_t seed;
  bool prefixes;                      /* of the orders are asked for */
  bool doubles, check, quiet;
} settings;

/* False with a sentence in error; *help: the help is to be shown, and nothing else. */
bool settings_read(int argc, char **argv, settings *s, bool *help, char *error, size_t room);
void settings_help(void);
double settings_slow(const settings *s, int32_t worker);

/* ---- the job (job.c) ---- */

typedef struct job {
  settings set;
  testudo_design *design;
  testudo_codec *codec;
  testudo_data *data;
  testudo_problem *problem;
  testudo_problem_work *work;
  testudo_law *law;                   /* NULL: no delays are put in */
  int32_t *first;                     /* samples of chunk i: first[i] .. first[i + 1] - 1 */
  size_t dim, message;                /* numbers in a gradient and in a message .. */
  size_t number;                      /* .. of so many bytes */
  bool streams;                       /* workers sum as they go, and keep no gradients */
  double *piece;                      /* dim numbers for what is under way */
} job;

bool job_make(job *j, char *error, size_t room);
void job_free(job *j);

/* The gradient of the mean loss is the sum of the chunks' gradients. Adds what `count` samples from `from` on, all of
   one chunk, contribute at w to `sum`. */
void job_add_gradient(job *j, const double *w, int32_t from, int32_t count, double *sum);

/* Seconds that the drawn delay gives step `step` (from 0) of a worker in an iteration, the worker's slowness included;
   0 without a law. A function of the seed and the arguments alone: every rank, and the log, draws the same. */
double job_delay(const job *j, int64_t iteration, int32_t worker, int32_t step);

/* How many chunks of its order a worker has begun with when it does step `step`. */
int32_t job_chunks_until(const job *j, int32_t step);

void sleep_for(double seconds);

/* ---- what goes over the wire (post.c): never waited for, looked at between sleeps ---- */

enum { TAG_PARAMETERS = 1, TAG_REQUEST, TAG_SEEN, TAG_END, TAG_SIGNAL, TAG_MESSAGE };

typedef enum signal_kind { SIGNAL_ALIVE, SIGNAL_STEP, SIGNAL_STOPPED } signal_kind;

typedef struct head {
  int64_t version;    /* of the parameters that this belongs to: a new one whenever they are sent out */
  int64_t iteration;
  int32_t kind;       /* of a signal */
  int32_t done;       /* steps */
  int32_t lost;       /* the end: ranks that were lost, so that leaving MPI in order would wait for them */
  int32_t unused;
  double seconds;     /* of the step that is done, or of the one that was stopped */
} head;

typedef struct outbox {
  struct letter *first;
} outbox;

/* Copies what is to be sent. False without memory. */
bool outbox_put(outbox *box, int to, int tag, const head *what, const void *body, size_t length);
bool outbox_holds(const outbox *box, int to, int tag); /* has it not left yet? */
void outbox_sweep(outbox *box);                        /* forgets what has left */
void outbox_empty(outbox *box, double seconds);        /* waits until all has left, so long at most */

typedef struct inbox {
  int slots;
  int *from, *tag;
  size_t *room;       /* bytes behind the head */
  char **bytes;
  MPI_Request *request;
} inbox;

bool inbox_make(inbox *box, int slots);
bool inbox_open(inbox *box, int slot, int from, int tag, size_t room);
/* The next slot into which something has come; -1: none. It stays there until the slot is opened again. */
int inbox_next(inbox *box, size_t *length);
void inbox_again(inbox *box, int slot);
static inline const head *inbox_head(const inbox *box, int slot)
{
  return (const head *)box->bytes[slot];
}
static inline const void *inbox_body(const inbox *box, int slot)
{
  return box->bytes[slot] + sizeof(head);
}

/* ---- the roles: exit codes; *orderly: may MPI be left in order, or are there ranks that would never come? ---- */

int serve(job *j, bool *orderly);
int work(job *j, bool *orderly);

#endif
