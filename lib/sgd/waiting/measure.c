/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains run side by side, piece by piece; a batch is looked at only when every chain has run it, so that neither
   threads nor an interruption decide what is counted. */
#include "sgd/waiting/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sum.h"
#include "delay/model.h"
#include "parallel/loop.h"
#include "sgd/clock/events.h"

#define CHAINS TESTUDO_WAITING_CHAINS
#define BATCHES 16              /* of a chain */
#define PIECE 8192              /* updates of a chain between two looks at the monitor, at most, .. */
#define PIECE_BLOCKS 4000000    /* .. and blocks of them, for a fraction of a second; one update at least */
#define FIRST_BATCH 64          /* updates of the shortest batch */
#define CLASSES TESTUDO_STALENESS_CLASSES

/* What some updates add up to; gradients are counted in blocks. */
typedef struct tally {
  double time;
  int64_t updates, blocks, fresh;
  double stale;                 /* sum over the blocks of their staleness: whole numbers, exact up to 2^53 */
  int64_t count[CLASSES];
} tally;

typedef struct chain {
  testudo_i_tasks *tasks;
  testudo_i_events *events;
  double time;                  /* of its last update */
  tally batch[BATCHES];
  testudo_error error;
} chain;

typedef struct measurement {
  chain *chain;
  int64_t at, piece;            /* the next piece begins behind so many updates of the batches, and has so many */
  int64_t length;               /* updates of a batch; 0: they are discarded */
  int64_t most;                 /* updates of a piece */
  int64_t planned, done;        /* updates of a chain, burn-in included */
  const testudo_monitor *monitor;
} measurement;

static void add_tally(tally *sum, const tally *more)
{
  sum->time += more->time;
  sum->updates += more->updates;
  sum->blocks += more->blocks;
  sum->fresh += more->fresh;
  sum->stale += more->stale;
  for (int k = 0; k < CLASSES; k++)
    sum->count[k] += more->count[k];
}

/* ---- chains ---- */

static testudo_status make_chain(const testudo_delay_model *model, const testudo_waiting_options *options, int c,
                                 chain *made, testudo_error *error)
{
  uint64_t word[4];
  double unit = testudo_i_unit(model, 1, options->blocks);
  testudo_i_random_block(options->seed, TESTUDO_I_FOR_EVENTS, (uint64_t)c, 0, 0, word);
  TESTUDO_I_TRY(testudo_i_tasks_create(model, options->workers, options->blocks, unit, 1.0, word[0], &made->tasks,
                                       error));
  return testudo_i_events_create(made->tasks, options->rule, options->wait, options->blocks, &made->events, error);
}

static void clear_measurement(measurement *m)
{
  for (int c = 0; m->chain != NULL && c < CHAINS; c++) {
    testudo_i_events_free(m->chain[c].events);
    testudo_i_tasks_free(m->chain[c].tasks);
  }
  free(m->chain);
}

static void add_update(tally *sum, const testudo_i_update *update, double seconds)
{
  for (int32_t p = 0; p < update->parts; p++) {
    int64_t stale = update->version - 1 - update->part[p].version, blocks = update->part[p].blocks;
    sum->blocks += blocks;
    sum->fresh += stale == 0 ? blocks : 0;
    sum->stale += (double)(stale * blocks);
    sum->count[stale < CLASSES ? stale : CLASSES - 1] += blocks;
  }
  sum->updates++;
  sum->time += seconds;
}

static testudo_status run_piece(void *context, int32_t thread, int64_t index)
{
  const measurement *m = context;
  chain *own = &m->chain[index];
  (void)thread;
  for (int64_t k = m->at; k < m->at + m->piece; k++) {
    testudo_i_update update;
    TESTUDO_I_TRY(testudo_i_events_next(own->events, &update, &own->error));
    if (m->length > 0)
      add_update(&own->batch[k / m->length], &update, update.time - own->time);
    own->time = update.time;
  }
  return TESTUDO_OK;
}

/* Of a piece, which may be one update of a million workers: what is shown moves with the pieces. */
static bool watch_piece(void *context, double fraction)
{
  const measurement *m = context;
  (void)fraction;
  return !testudo_i_stopped(m->monitor, (double)m->done / (double)m->planned);
}

/* Updates m->at .. end - 1 of every chain. */
static testudo_status run_until(measurement *m, int32_t threads, int64_t end, testudo_error *error)
{
  const testudo_monitor watch = {watch_piece, m};
  while (m->at < end) {
    m->piece = end - m->at < m->most ? end - m->at : m->most;
    if (testudo_i_stopped(m->monitor, (double)m->done / (double)m->planned))
      return TESTUDO_INTERRUPTED;
    testudo_status status = testudo_i_parallel_for(CHAINS, threads, run_piece, m, &watch);
    for (int c = 0; c < CHAINS && status != TESTUDO_OK; c++)
      if (m->chain[c].error.text[0] != '\0')
        return testudo_i_fail(error, status, "%s", m->chain[c].error.text);
    TESTUDO_I_TRY(status);
    m->done += m->piece;
    m->at += m->piece;
  }
  return TESTUDO_OK;
}

/* Two batches become one, so that the later half is free for batches of twice the length. */
static void halve_batches(chain *chains)
{
  for (int c = 0; c < CHAINS; c++) {
    tally *batch = chains[c].batch;
    for (int k = 0; k < BATCHES / 2; k++) {
      tally sum = batch[2 * k];
      add_tally(&sum, &batch[2 * k + 1]);
      batch[k] = sum;
    }
    memset(batch + BATCHES / 2, 0, BATCHES / 2 * sizeof *batch);
  }
}

/* ---- conclusions ---- */

void testudo_i_waiting_unmeasured(testudo_waiting_events *events)
{
  *events = (testudo_waiting_events){.mean = NAN, .stderr_mean = NAN, .fresh = NAN, .fresh_stderr = NAN,
                                     .fresh_low = NAN, .fresh_high = NAN, .staleness = NAN, .used = NAN};
  for (int k = 0; k < CLASSES; k++)
    events->share[k] = NAN;
}

double testudo_i_error_of_mean(const double *value, int count)
{
  double mean = 0.0, squares = 0.0;
  for (int k = 0; k < count; k++)
    mean += value[k] / count;
  for (int k = 0; k < count; k++)
    squares += (value[k] - mean) * (value[k] - mean);
  return count > 1 ? sqrt(squares / (count - 1) / count) : NAN;
}

/* Wilson's score for p of n. */
static void find_wilson(double p, double n, double *low, double *high)
{
  const double z = 1.959963984540054;
  double centre = p + z * z / (2.0 * n), half = z * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  double scale = 1.0 + z * z / n;
  *low = fmax(0.0, (centre - half) / scale);
  *high = fmin(1.0, (centre + half) / scale);
}

static void conclude_tallies(const chain *chains, int batches, int32_t blocks, testudo_waiting_events *events)
{
  tally sum = {0};
  double time[CHAINS * BATCHES], fresh[CHAINS * BATCHES];
  int count = 0;
  for (int c = 0; c < CHAINS; c++)
    for (int k = 0; k < batches; k++, count++) {
      const tally *batch = &chains[c].batch[k];
      add_tally(&sum, batch);
      time[count] = batch->time / (double)batch->updates;
      fresh[count] = (double)batch->fresh / (double)batch->blocks;
    }
  events->updates = sum.updates;
  events->mean = sum.time / (double)sum.updates;
  events->stderr_mean = testudo_i_error_of_mean(time, count);
  events->fresh = (double)sum.fresh / (double)sum.blocks;
  events->fresh_stderr = testudo_i_error_of_mean(fresh, count);
  double p = events->fresh, of_mean = events->fresh_stderr, gradients = (double)sum.blocks / blocks;
  double effective = of_mean > 0.0 ? p * (1.0 - p) / (of_mean * of_mean) : gradients;
  find_wilson(p, effective, &events->fresh_low, &events->fresh_high);
  events->staleness = sum.stale / (double)sum.blocks;
  for (int k = 0; k < CLASSES; k++)
    events->share[k] = (double)sum.count[k] / (double)sum.blocks;
  events->used = gradients / sum.time;
}

/* ---- the run ---- */

/* The length of a first batch, so that doubling it some times comes to what is asked for. */
static int64_t first_length(const testudo_waiting_options *options, int64_t *last)
{
  int64_t length = (options->updates + CHAINS * BATCHES - 1) / (CHAINS * BATCHES), doublings = 0;
  while (options->rel_error > 0.0 && length >> (doublings + 1) >= FIRST_BATCH)
    doublings++;
  int64_t first = doublings > 0 ? (length + (INT64_C(1) << doublings) - 1) >> doublings : length;
  *last = first << doublings;
  return first;
}

static testudo_status run_measurement(measurement *m, const testudo_waiting_options *options,
                                      testudo_waiting_events *events, testudo_error *error)
{
  int64_t last, length = first_length(options, &last);
  m->planned = options->burn_in + last * BATCHES;
  TESTUDO_I_TRY(run_until(m, options->threads, options->burn_in, error));
  m->at = 0;
  m->length = length;
  for (;; m->length *= 2, m->at = BATCHES / 2 * m->length) {
    testudo_status status = run_until(m, options->threads, BATCHES * m->length, error);
    int whole = (int)(m->at / m->length);
    events->interrupted = status == TESTUDO_INTERRUPTED;
    if (status != TESTUDO_OK && !(events->interrupted && whole > 0))
      return status;
    conclude_tallies(m->chain, whole, options->blocks, events);
    if (events->interrupted || m->length >= last || events->stderr_mean <= options->rel_error * events->mean)
      return TESTUDO_OK;
    halve_batches(m->chain);
  }
}

testudo_status testudo_i_waiting_measure(const testudo_delay_model *model, const testudo_waiting_options *options,
                                         testudo_waiting_events *events, testudo_error *error)
{
  int64_t blocks = (int64_t)options->workers * options->blocks, fit = PIECE_BLOCKS / (CHAINS * blocks);
  TESTUDO_I_HELD(clear_measurement)
  measurement m = {.monitor = options->monitor, .most = fit < 1 ? 1 : fit > PIECE ? PIECE : fit};
  testudo_i_waiting_unmeasured(events);
  events->burn_in = options->burn_in;
  m.chain = testudo_i_calloc(CHAINS, sizeof *m.chain);
  TESTUDO_I_TRY(testudo_i_memory_check(m.chain != NULL, error));
  for (int c = 0; c < CHAINS; c++)
    TESTUDO_I_TRY(make_chain(model, options, c, &m.chain[c], error));
  return run_measurement(&m, options, events, error);
}
