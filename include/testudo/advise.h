/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stragglers cost a cluster, and what helps (docs/theory/advice.md): a trace, or a delay model, is run again under
   a fixed list of remedies. Times are seconds; a share is the m-th part of the data, what a worker does without a
   code. */
#ifndef TESTUDO_ADVISE_H
#define TESTUDO_ADVISE_H

#include <testudo/delay.h>
#include <testudo/design.h>
#include <testudo/fit.h>
#include <testudo/optimize.h>
#include <testudo/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_advise_request {
  /* Either a trace, with worker and iteration; of the model only overhead, message and signal are then looked at (they
     are added to what was measured), and a NULL model adds nothing. Or, where trace is NULL, a model and its workers.
     Of structure scaled a draw of its law is the time of a share; otherwise of one of `granularity` chunks of it. */
  const char *trace;
  const testudo_trace_options *reading; /* NULL: by the file itself */
  const testudo_delay_model *model;
  int32_t workers;          /* of the model */
  double max_load;          /* shares that a worker may hold, 1 .. workers; 0: 4 */
  int32_t max_copies;       /* of a chunk; 0: no limit of its own */
  int32_t granularity;      /* the finest cut of a share, 1 .. 64; 0: 8. Of a trace with several chunks per worker those
                               are the finest cut, or as many together as keep within it */
  testudo_objective objective; /* mean, quantile, deadline (P(T > t)), or cost: mean + prices */
  double chunk_price, float_price; /* of cost: seconds that a chunk of 1 share computed, or a number sent, is worth */
  int64_t dim;              /* length of the gradient; 0: not known, and then `memory` is not looked at */
  double memory;            /* numbers that a worker can keep; 0: no limit */
  bool quick;               /* fewer drawn iterations, and no search of tables */
  uint64_t seed;
  int32_t threads;          /* 0: all cores. Never changes a number */
  const testudo_monitor *monitor;
} testudo_advise_request;

typedef enum testudo_remedy_kind {
  TESTUDO_REMEDY_NONE,          /* every worker its share, all waited for */
  TESTUDO_REMEDY_UNEQUAL_LOADS, /* the same data, dealt out by the workers' speeds */
  TESTUDO_REMEDY_BACKUP,        /* second copies of what is late, begun when most have finished */
  TESTUDO_REMEDY_GRADIENT_CODE, /* classical: the first m - s workers */
  TESTUDO_REMEDY_NESTED,        /* a gradient code for every number of stragglers up to s */
  TESTUDO_REMEDY_BLOCK,         /* a gradient code of its own for every block of coordinates */
  TESTUDO_REMEDY_PARTIAL,       /* every finished chunk counts */
  /* These are not the exact gradient of the same data on the same machines. They are never recommended. */
  TESTUDO_REMEDY_FIRST_K,       /* the first K workers, the others' data left out */
  TESTUDO_REMEDY_K_ASYNC,       /* updates by K workers, the others go on with old parameters */
  TESTUDO_REMEDY_REPLACE,       /* the named workers exchanged for median ones */
  TESTUDO_REMEDY_QUEUE,         /* a central queue over data that every worker can read: who is free takes a chunk */
  TESTUDO_REMEDY_QUEUE_COPIES,  /* the same, and who finds the queue empty repeats a running chunk */
  TESTUDO_REMEDIES
} testudo_remedy_kind;

/* "none", "unequal-loads", .. */
const char *testudo_remedy_name(testudo_remedy_kind kind);

/* Over the iterations of the trace, or those that were drawn from the model. */
typedef struct testudo_remedy_times {
  int64_t iterations;       /* 0: not known, and all that follows is NAN */
  double mean;              /* given T finite */
  double low, high;         /* of the mean, 95 %: of drawn iterations by its standard error, of measured ones by
                               resampled blocks */
  double median, high_quantile; /* 0.5 and 0.99; the latter NAN where fewer than 100 iterations are known */
  double p_never;
  double objective;         /* what was asked for: mean, quantile, P(T > t), or cost */
  double gain, gain_low, gain_high; /* 1 - objective over that of "none", and 95 % of it: paired by iterations */
} testudo_remedy_times;

typedef struct testudo_remedy {
  testudo_remedy_kind kind;
  char name[96];            /* "partial, groups of 4, 8 chunks a share, draft" */
  char change[200];         /* what must change in the training loop */
  char dropped[160];        /* why it was not measured; "" where it was */
  bool exact_gradient;      /* of the same data on the same machines, so that it may be recommended */
  testudo_design *design;   /* what the times are of; NULL where there is none */
  int32_t granularity;      /* chunks a share */
  double load;              /* shares of the worker that holds most */
  double copies;            /* of the data, on average over the chunks */
  double computed;          /* shares that all workers together compute in an iteration, over the number of workers */
  double messages;          /* messages a decoder reads in an iteration */
  double floats;            /* numbers sent in an iteration, over the length of the gradient */
  double memory;            /* vectors of the gradient's length that a worker keeps */
  double missing;           /* share of the data that is left out: first K */
  double staleness;         /* mean updates between reading and using: K-async */
  testudo_remedy_times predicted; /* of drawn iterations */
  testudo_remedy_times replayed;  /* of measured ones; without a trace not known */
} testudo_remedy;

/* S - 1 in parts (docs/theory/advice.md#what-stragglers-cost). */
typedef struct testudo_straggler_cost {
  double slowest;           /* mean over the iterations of the slowest worker's time, seconds */
  double mean;              /* mean time of all workers, seconds */
  double slowest_over_mean; /* S */
  double persistent;        /* what goes of S when every worker is made as fast as the others on average .. */
  double iteration;         /* .. then, when chunks are dealt out anew, so that no worker is slow for an iteration */
  double chunk;             /* the rest, S - 1 of single chunks; NAN where each worker has one time per iteration, and
                               `iteration` is all of the rest */
  double common;            /* coefficient of variation of the iterations' means: it does not enter S */
} testudo_straggler_cost;

typedef struct testudo_advice {
  int32_t workers, chunks;  /* chunks measured, or drawn, for each worker in an iteration; 0: not as many for all */
  int64_t iterations;       /* measured; 0 without a trace */
  int64_t drawn;            /* from the model; 0 where no model holds */
  const testudo_fit *fit;   /* of the trace (lent); NULL without one */
  char assumed[240];        /* what is assumed of times that were not measured; "" nothing */
  testudo_straggler_cost cost;
  testudo_remedy *remedy;   /* a fixed list: exact ones first */
  int32_t remedies;
  int32_t recommended;      /* index; "none" is 0 */
  int32_t best_code;        /* the best gradient-code, nested, block or partial; -1: none was measured */
  char verdict[400];        /* one sentence */
  char because[400];        /* why */
  /* What the objective of the best partial design that needs no search of tables would be, on drawn iterations (on
     measured ones where none were drawn): as it is, with a limit of load that is one share larger, with chunks half the
     size, and with half the start-up; NAN: no such thing. */
  double now, more_copies, finer, cheaper_start;
  bool stopped;             /* by the monitor: later remedies were not measured */
  struct testudo_advice_room *room;
} testudo_advice;

/* Reads the trace, fits it, and measures all remedies. A trace taken after a collective: TESTUDO_ERROR_INPUT with the
   reason. Free with testudo_advice_free. Cost: seconds to two minutes of two cores for 64 workers. */
TESTUDO_CHECKED testudo_status testudo_advise(const testudo_advise_request *request, testudo_advice **advice,
                                              testudo_error *error);
void testudo_advice_free(testudo_advice *advice);

/* For judging an advice: the objective of all its remedies on iterations that are drawn from the model of `request`,
   which has as many workers; `value` has room for one number each, NAN where a remedy was dropped. The iterations are
   others than those of an advice with the same seed. */
TESTUDO_CHECKED testudo_status testudo_advice_judge(const testudo_advice *advice, const testudo_advise_request *request,
                                                    int64_t iterations, double *value, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
