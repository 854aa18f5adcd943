/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advise/iterations.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

/* Fewer say nothing; more than so many times are not kept. */
#define LEAST_ITERATIONS 5
#define MOST_TIMES 4e7

/* Chunks a share that are kept apart: of more, neighbours are added up. */
#define MOST_CHUNKS 64

/* ---- shares, and what they vary with ---- */

double testudo_i_iterations_share(const testudo_i_iterations *of, int64_t i, int32_t w)
{
  int64_t cell = i * of->workers + w;
  double sum = of->start[cell];
  for (int32_t k = 0; k < of->chunks; k++)
    sum += of->time[cell * of->places + k];
  return sum;
}

double testudo_i_iterations_factors(const testudo_i_iterations *of, double *worker, double *iteration, int64_t *ended)
{
  double all = 0.0;
  *ended = 0;
  for (int32_t w = 0; worker != NULL && w < of->workers; w++)
    worker[w] = 0.0;
  for (int64_t i = 0; i < of->count; i++) {
    double sum = 0.0;
    for (int32_t w = 0; w < of->workers; w++)
      sum += testudo_i_iterations_share(of, i, w);
    iteration[i] = isfinite(sum) ? sum / of->workers : NAN;
    if (isnan(iteration[i]))
      continue;
    ++*ended;
    all += iteration[i];
    for (int32_t w = 0; worker != NULL && w < of->workers; w++)
      worker[w] += testudo_i_iterations_share(of, i, w);
  }
  double mean = all / (double)*ended;
  for (int32_t w = 0; worker != NULL && w < of->workers; w++)
    worker[w] = mean > 0.0 ? worker[w] / (double)*ended / mean : 1.0;
  for (int64_t i = 0; i < of->count; i++)
    iteration[i] /= mean;
  return mean;
}

/* The mean logarithm of a cell's chunks, and their spread about it. */
static double cell_logarithm(const testudo_i_iterations *of, int64_t i, int32_t w, double *squares)
{
  const double *time = of->time + (i * of->workers + w) * of->places;
  double sum = 0.0, sum_squares = 0.0, each = of->start[i * of->workers + w] / of->chunks;
  for (int32_t k = 0; k < of->chunks; k++) {
    double y = log(fmax(time[k] + each, 1e-300));
    sum += y;
    sum_squares += y * y;
  }
  *squares = fmax(0.0, sum_squares - sum * sum / of->chunks);
  return sum / of->chunks;
}

testudo_status testudo_i_iterations_effects(const testudo_i_iterations *of, const double *iteration,
                                            testudo_i_effects *effects, testudo_error *error)
{
  *effects = (testudo_i_effects){NAN, NAN};
  if (of->single || of->loads || of->chunks < 2 || of->workers < 2)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  double *cell = testudo_i_arena_alloc(&arena, (size_t)of->count * (size_t)of->workers, sizeof *cell);
  double *worker = testudo_i_arena_calloc(&arena, (size_t)of->workers, sizeof *worker);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  double inside = 0.0, rows = 0.0, squares = 0.0;
  for (int64_t i = 0; i < of->count; i++) {
    if (isnan(iteration[i]))
      continue;
    double mean = 0.0, within, *own = cell + i * of->workers;
    for (int32_t w = 0; w < of->workers; w++) {
      own[w] = cell_logarithm(of, i, w, &within);
      inside += within;
      mean += own[w] / of->workers;
    }
    for (int32_t w = 0; w < of->workers; w++)
      worker[w] += own[w] -= mean;
    rows++;
  }
  for (int64_t i = 0; i < of->count; i++)
    for (int32_t w = 0; w < of->workers && !isnan(iteration[i]); w++) {
      double left = cell[i * of->workers + w] - worker[w] / rows;
      squares += left * left;
    }
  double chunk = inside / (rows * of->workers * (of->chunks - 1)) / of->chunks;
  double between = squares / fmax(1.0, (rows - 1.0) * (of->workers - 1.0));
  *effects = (testudo_i_effects){fmax(0.0, between - chunk), chunk};
  return TESTUDO_OK;
}

/* ---- measured ---- */

typedef struct measured {
  const testudo_fit *fit;
  const testudo_i_cells *cells;
  int32_t chunks;      /* that every worker has in every iteration, one row each; 0: not so */
  int32_t share;       /* of several loads: that which is measured most often; 0: all rows are of one chunk */
  const int32_t *kept; /* iterations */
  int64_t count;
} measured;

static bool was_seen(const testudo_i_cells *cells, int64_t cell)
{
  bool seen = testudo_i_cell_size(cells, cell) > 0;
  for (int64_t r = cells->start[cell]; seen && r < cells->start[cell + 1]; r++)
    seen = testudo_i_cells_saw(cells, r);
  return seen;
}

static testudo_status keep_iterations(measured *m, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_i_cells *cells = m->cells;
  if (cells->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "the trace says of no row which worker's it is, and of which"
                          " iteration: columns worker and iteration are needed");
  int32_t *kept = testudo_i_arena_alloc(arena, (size_t)cells->iterations, sizeof *kept);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t i = 0; i < cells->iterations; i++) {
    bool seen = true;
    for (int32_t w = 0; w < cells->workers && seen; w++)
      seen = was_seen(cells, (int64_t)w * cells->iterations + i);
    if (seen)
      kept[m->count++] = i;
  }
  m->kept = kept;
  return m->count >= LEAST_ITERATIONS
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "every worker was seen to end in %lld of the iterations: at"
                              " least %d are needed", (long long)m->count, LEAST_ITERATIONS);
}

static int64_t cell_of(const measured *m, int64_t i, int32_t w)
{
  return (int64_t)w * m->cells->iterations + m->kept[i];
}

/* As many rows everywhere? And of several loads, which is measured most often; of equal ones the least. */
static testudo_status find_shares(measured *m, testudo_error *error)
{
  const testudo_i_cells *cells = m->cells;
  m->chunks = (int32_t)testudo_i_cell_size(cells, cell_of(m, 0, 0));
  for (int64_t i = 0; i < m->count; i++)
    for (int32_t w = 0; w < cells->workers; w++)
      if (testudo_i_cell_size(cells, cell_of(m, i, w)) != m->chunks)
        m->chunks = 0;
  int32_t most = 0;
  for (int64_t r = 0; cells->load != NULL && r < cells->rows; r++)
    most = cells->load[r] > most ? cells->load[r] : most;
  if (most == 0)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *times = testudo_i_calloc((size_t)most + 1, sizeof *times);
  TESTUDO_I_TRY(testudo_i_memory_check(times != NULL, error));
  for (int64_t r = 0; r < cells->rows; r++)
    times[cells->load[r]]++;
  m->share = 1;
  for (int32_t n = 1; n <= most; n++)
    if (times[n] > times[m->share])
      m->share = n;
  return TESTUDO_OK;
}

/* Rows of several loads: what is not the chunks' is before them. */
static void fill_by_load(const measured *m, testudo_i_iterations *made, int64_t i, int32_t w)
{
  const testudo_i_cells *cells = m->cells;
  int64_t cell = i * made->workers + w, from = cells->start[cell_of(m, i, w)], to = cells->start[cell_of(m, i, w) + 1];
  double seconds = 0.0, load = 0.0, start = 0.0, rate = m->fit->worker == NULL ? 1.0 : m->fit->worker[w].rate;
  for (int64_t r = from; r < to; r++) {
    seconds += cells->seconds[r];
    load += cells->load[r];
  }
  double chunk = seconds / load;
  if (m->fit->startup > 0.0) {
    chunk = m->fit->per_chunk / rate;
    start = fmax(0.0, seconds - load * chunk) / (double)(to - from);
  }
  made->start[cell] = start;
  for (int32_t k = 0; k < made->places; k++)
    made->time[cell * made->places + k] = chunk * m->share / made->chunks;
}

static void fill_own(const measured *m, testudo_i_iterations *made, int64_t i, int32_t w)
{
  const testudo_i_cells *cells = m->cells;
  int64_t cell = i * made->workers + w, from = cells->start[cell_of(m, i, w)], to = cells->start[cell_of(m, i, w) + 1];
  double *time = made->time + cell * made->places, sum = 0.0;
  made->start[cell] = 0.0;
  for (int64_t r = from; r < to; r++)
    sum += cells->seconds[r];
  for (int32_t k = 0; k < made->places; k++)
    time[k] = made->single ? sum / made->chunks : 0.0;
  for (int64_t r = from; !made->single && r < to; r++)
    time[(r - from) * made->chunks / (to - from)] += cells->seconds[r];
}

/* Chunks beyond those that were measured are the worker's of the iterations that follow, slower or faster by as much as
   it was then: by all of what all workers had in common, and by what is certain of what it had alone. */
static testudo_status fill_beyond(testudo_i_iterations *made, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  double *iteration = testudo_i_arena_alloc(&arena, (size_t)made->count, sizeof *iteration), common = 1.0, alone = 1.0;
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  int64_t ended, then = 0;
  testudo_i_iterations_factors(made, NULL, iteration, &ended);
  testudo_i_effects effects;
  TESTUDO_I_TRY(testudo_i_iterations_effects(made, iteration, &effects, error));
  double certain = effects.cell > 0.0 ? effects.cell / (effects.cell + effects.chunk) : 0.0;
  for (int64_t i = 0; i < made->count; i++)
    for (int32_t w = 0; w < made->workers; w++) {
      double own = testudo_i_iterations_share(made, i, w), *time = made->time + (i * made->workers + w) * made->places;
      for (int32_t k = made->chunks; k < made->places; k++) {
        if (k % made->chunks == 0) { /* a share more */
          then = (i + k / made->chunks) % made->count;
          double other = testudo_i_iterations_share(made, then, w);
          common = iteration[i] / iteration[then];
          alone = other > 0.0 && own > 0.0 ? pow(own / other / common, certain) : 1.0;
        }
        time[k] = made->time[(then * made->workers + w) * made->places + k % made->chunks] * common * alone;
      }
    }
  return TESTUDO_OK;
}

static testudo_status make_room(testudo_i_iterations *made, double most_load, testudo_i_arena *arena,
                                testudo_error *error)
{
  made->places = (int32_t)ceil(fmin(fmax(most_load, 1.0), made->workers) * made->chunks);
  double each = (double)made->workers * made->places;
  if ((double)made->count * each > MOST_TIMES)
    made->count = (int64_t)fmax(LEAST_ITERATIONS, MOST_TIMES / each);
  size_t cells = (size_t)made->count * (size_t)made->workers;
  made->start = testudo_i_arena_alloc(arena, cells, sizeof *made->start);
  made->time = testudo_i_arena_alloc(arena, cells * (size_t)made->places, sizeof *made->time);
  return testudo_i_arena_check(arena, error);
}

int32_t testudo_i_divisor_within(int32_t number, int32_t most)
{
  int32_t divisor = number < most ? number : most;
  while (number % divisor != 0)
    divisor--;
  return divisor;
}

testudo_status testudo_i_iterations_measured(const testudo_fit *fit, int32_t granularity, double most_load,
                                             testudo_i_arena *arena, testudo_i_iterations *made, char *assumed,
                                             testudo_error *error)
{
  measured m = {.fit = fit, .cells = &fit->room->cells};
  assumed[0] = '\0';
  TESTUDO_I_TRY(keep_iterations(&m, arena, error));
  TESTUDO_I_TRY(find_shares(&m, error));
  *made = (testudo_i_iterations){.count = m.count, .workers = m.cells->workers, .loads = m.share > 0,
                                 .single = m.share == 0 && m.chunks < 2};
  made->chunks = made->single || made->loads ? granularity : testudo_i_divisor_within(m.chunks, MOST_CHUNKS);
  made->rows = made->single || made->loads ? 0 : m.chunks;
  made->uneven = made->single && m.chunks == 0;
  if (made->loads)
    snprintf(assumed, 240, "a share is %d chunk%s, the load that was measured most often; its chunks take the same time"
             " each, and what is left of a measured time is before them", (int)m.share, m.share == 1 ? "" : "s");
  else if (made->single)
    snprintf(assumed, 240, "%s: that is its share, cut into equal chunks, and a worker that is slow in an iteration is"
             " as slow with every chunk", m.chunks == 1 ? "each worker has one time in an iteration"
                                                        : "workers have different numbers of times in an iteration");
  TESTUDO_I_TRY(make_room(made, most_load, arena, error));
  for (int64_t i = 0; i < made->count; i++)
    for (int32_t w = 0; w < made->workers; w++)
      (made->loads ? fill_by_load : fill_own)(&m, made, i, w);
  return made->loads || made->single ? TESTUDO_OK : fill_beyond(made, error);
}

/* ---- drawn ---- */

/* From when chunks are done to how long each of them takes; `unstarted` the same without start-up, NULL: there is none.
   */
static void take_times(testudo_i_iterations *made, int64_t i, const double *done, const double *unstarted)
{
  for (int32_t w = 0; w < made->workers; w++) {
    int64_t cell = i * made->workers + w, first = (int64_t)w * made->places;
    double start = unstarted != NULL && isfinite(done[first]) ? done[first] - unstarted[first] : 0.0, before = start;
    made->start[cell] = start;
    for (int32_t k = 0; k < made->places; k++) {
      double at = done[(int64_t)w * made->places + k];
      made->time[cell * made->places + k] = isfinite(at) ? at - before : HUGE_VAL;
      before = at;
    }
  }
}

testudo_status testudo_i_iterations_drawn(const testudo_delay_model *model, int32_t workers, int32_t chunks,
                                          double most_load, int64_t count, uint64_t seed,
                                          const testudo_monitor *monitor, testudo_i_arena *arena,
                                          testudo_i_iterations *made, testudo_error *error)
{
  testudo_delay_model own = *model;
  own.overhead = own.signal = 0.0;
  own.message = NULL;
  *made = (testudo_i_iterations){.count = count, .workers = workers, .chunks = chunks};
  TESTUDO_I_TRY(make_room(made, most_load, arena, error));
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_TRY(testudo_i_search_hold(workers, chunks, made->places, &design, error));
  size_t entries = (size_t)workers * (size_t)made->places;
  double *done = testudo_i_arena_alloc(arena, entries, sizeof *done), *unstarted = NULL;
  if (own.startup != NULL)
    unstarted = testudo_i_arena_alloc(arena, entries, sizeof *unstarted);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  testudo_delay_model without = own; /* the same draws but for the start */
  without.startup = NULL;
  const testudo_simulation_options options = {.trials = 1, .seed = seed, .threads = 1};
  double last;
  for (int64_t i = 0; i < made->count; i++) {
    if (testudo_i_stopped(monitor, (double)i / (double)made->count))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the drawing of iterations was interrupted");
    TESTUDO_I_TRY(testudo_simulate_trial(design, &own, &options, i, done, &last, error));
    if (unstarted != NULL)
      TESTUDO_I_TRY(testudo_simulate_trial(design, &without, &options, i, unstarted, &last, error));
    take_times(made, i, done, unstarted);
  }
  return TESTUDO_OK;
}

/* ---- from others ---- */

testudo_status testudo_i_iterations_resampled(const testudo_i_iterations *of, int64_t count, uint64_t seed,
                                              testudo_i_arena *arena, testudo_i_iterations *made, testudo_error *error)
{
  *made = *of;
  made->count = count;
  TESTUDO_I_TRY(make_room(made, (double)of->places / of->chunks, arena, error));
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_BOOTSTRAP, 0, 8);
  for (int64_t cell = 0; cell < made->count * made->workers; cell++) {
    int64_t then = (int64_t)testudo_i_random_below(&random, (uint64_t)of->count);
    int64_t from = then * of->workers + cell % of->workers;
    made->start[cell] = of->start[from];
    memcpy(made->time + cell * made->places, of->time + from * of->places, (size_t)of->places * sizeof *of->time);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_iterations_altered(const testudo_i_iterations *of, int32_t pieces, double start,
                                            const double *faster, testudo_i_arena *arena, testudo_i_iterations *made,
                                            testudo_error *error)
{
  size_t cells = (size_t)of->count * (size_t)of->workers;
  *made = *of;
  made->chunks = of->chunks * pieces;
  made->places = of->places * pieces;
  made->start = testudo_i_arena_alloc(arena, cells, sizeof *made->start);
  made->time = testudo_i_arena_alloc(arena, cells * (size_t)made->places, sizeof *made->time);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t c = 0; c < cells; c++) {
    double by = faster == NULL ? 1.0 : faster[c % (size_t)of->workers];
    const double *from = of->time + c * (size_t)of->places;
    made->start[c] = of->start[c] * start / by;
    for (int32_t k = 0; k < made->places; k++)
      made->time[c * (size_t)made->places + (size_t)k] = from[k / pieces] / by / pieces;
  }
  return TESTUDO_OK;
}

/* ---- as replays ---- */

testudo_status testudo_i_iterations_replay(const testudo_i_iterations *of, int32_t granularity, double overhead,
                                           testudo_replay **replay, testudo_error *error)
{
  int32_t together = of->chunks / granularity, places = of->places / together;
  double *seconds;
  TESTUDO_I_TRY(testudo_i_replay_begin("iterations", of->workers, of->count, places, replay, &seconds, error));
  for (int64_t cell = 0; cell < of->count * of->workers; cell++)
    for (int32_t k = 0; k < places; k++) {
      double sum = overhead + (k == 0 ? of->start[cell] : 0.0);
      for (int32_t one = k * together; one < (k + 1) * together; one++)
        sum += of->time[cell * of->places + one];
      seconds[cell * places + k] = sum;
    }
  return TESTUDO_OK;
}
