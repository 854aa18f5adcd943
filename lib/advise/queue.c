/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remedies that no design describes: a central queue, and updates that do not wait. */
#include <math.h>
#include <string.h>

#include "advise/ground.h"

/* ---- a central queue ---- */

typedef struct queue {
  const testudo_i_iterations *of;
  const double *start, *time;   /* of the iteration */
  int32_t together;             /* chunks that are taken at once */
  double overhead;
  double *free;                 /* by worker: when it is free */
  int32_t *done;                /* chunks that it has begun */
  double *end, *begun;          /* by chunk of the queue: when the first copy is done, when it was begun */
  int32_t *copies;
} queue;

/* What the worker's next chunk takes; it goes on with the first where it knows no more. */
static double next_time(queue *q, int32_t w)
{
  double sum = q->overhead + (q->done[w] == 0 ? q->start[w] : 0.0);
  for (int32_t k = 0; k < q->together; k++)
    sum += q->time[(int64_t)w * q->of->places + (q->done[w] * q->together + k) % q->of->places];
  q->done[w]++;
  return sum;
}

static int32_t next_free(const queue *q)
{
  int32_t first = 0;
  for (int32_t w = 1; w < q->of->workers; w++)
    if (q->free[w] < q->free[first])
      first = w;
  return first;
}

static void begin(queue *q, int32_t w, int32_t chunk)
{
  double from = q->free[w];
  q->free[w] += next_time(q, w);
  q->begun[chunk] = q->copies[chunk] == 0 ? from : q->begun[chunk];
  q->end[chunk] = q->copies[chunk] == 0 ? q->free[w] : fmin(q->end[chunk], q->free[w]);
  q->copies[chunk]++;
}

/* The one of those that still run at a time; -1: none. */
static int32_t running(const queue *q, int32_t chunks, double at)
{
  int32_t found = -1;
  for (int32_t c = 0; c < chunks; c++)
    if (q->end[c] > at && (found < 0 || q->copies[c] < q->copies[found] ||
                           (q->copies[c] == q->copies[found] && q->begun[c] < q->begun[found])))
      found = c;
  return found;
}

/* A worker whose chunk was done by another goes on when that is in: its own end stands until then. */
static void repeat(queue *q, int32_t chunks, double *computed)
{
  for (int32_t left = 4 * q->of->workers; left > 0; left--) {
    int32_t w = next_free(q), chunk = running(q, chunks, q->free[w]);
    if (chunk < 0)
      return;
    begin(q, w, chunk);
    ++*computed;
  }
}

size_t testudo_i_queue_room(const testudo_i_iterations *of, int32_t granularity)
{
  size_t chunks = (size_t)of->workers * (size_t)granularity;
  return 2 * (size_t)of->workers + 3 * chunks;
}

void testudo_i_queue_times(const testudo_i_iterations *of, int32_t granularity, double overhead, bool copies,
                           double *completion, double *computed, double *room)
{
  int32_t chunks = of->workers * granularity;
  queue q = {.of = of, .together = of->chunks / granularity, .overhead = overhead, .free = room};
  q.end = q.free + of->workers;
  q.begun = q.end + chunks;
  q.copies = (int32_t *)(q.begun + chunks);
  q.done = q.copies + chunks;
  double more = 0.0;
  for (int64_t i = 0; i < of->count; i++) {
    q.start = of->start + i * of->workers;
    q.time = of->time + i * of->workers * of->places;
    memset(q.free, 0, (size_t)of->workers * sizeof *q.free);
    memset(q.copies, 0, (size_t)chunks * sizeof *q.copies);
    memset(q.done, 0, (size_t)of->workers * sizeof *q.done);
    for (int32_t c = 0; c < chunks; c++)
      begin(&q, next_free(&q), c);
    if (copies)
      repeat(&q, chunks, &more);
    completion[i] = 0.0;
    for (int32_t c = 0; c < chunks; c++)
      completion[i] = fmax(completion[i], q.end[c]);
  }
  *computed = 1.0 + more / (double)of->count / chunks;
}

/* ---- updates by some ---- */

static void start_share(const testudo_i_iterations *of, double overhead, int32_t w, int64_t at, double from,
                        double *end)
{
  end[w] = from + overhead + testudo_i_iterations_share(of, at % of->count, w);
}

void testudo_i_async_times(const testudo_i_iterations *of, double overhead, int32_t wait, double *completion,
                           double *staleness, double *room)
{
  double *end = room, now = 0.0, stale = 0.0;
  int64_t *read = (int64_t *)(room + of->workers), *shares = read + of->workers;
  for (int32_t w = 0; w < of->workers; w++) {
    read[w] = shares[w] = 0;
    start_share(of, overhead, w, 0, 0.0, end);
  }
  for (int64_t u = 0; u < of->count; u++) {
    double at = 0.0;
    for (int32_t k = 0; k < wait; k++) { /* the next to finish; who has pushed idles until the update */
      int32_t first = 0;
      for (int32_t w = 1; w < of->workers; w++)
        if (end[w] < end[first])
          first = w;
      at = fmax(at, end[first]);
      stale += (double)(u - read[first]);
      end[first] = HUGE_VAL;
      read[first] = -1;
    }
    completion[u] = at - now;
    now = at;
    for (int32_t w = 0; w < of->workers; w++)
      if (read[w] < 0) {
        read[w] = u + 1;
        start_share(of, overhead, w, ++shares[w], now, end);
      }
  }
  *staleness = stale / (double)of->count / wait;
}
