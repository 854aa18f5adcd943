/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What varies, of traces whose rows are the times of several chunks: the start-up, or chunks, together or each by
   itself; by the growth of the variance with the load (docs/theory/structure.md#several-loads). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "fit/room.h"
#include "fit/squares.h"

/* seconds = startup + per_chunk n + e, the variance of e = start + chunk g(n), with g(n) = n^2 where the chunks of a
   row take the same time (scaled), n where they are independent (additive). */
typedef struct growth {
  bool scaled;
  double startup, per_chunk, startup_error, per_chunk_error;
  double start, chunk;             /* variances, >= 0 */
  double start_sure, chunk_sure;   /* over their standard errors, before they are held at 0 */
  double fits;                     /* log likelihood of normal errors */
} growth;

static double grown(const growth *g, double load)
{
  return g->scaled ? load * load : load;
}

static double variance_at(const growth *g, double load)
{
  return g->start + g->chunk * grown(g, load);
}

static void fit_line(const testudo_i_cells *cells, growth *g)
{
  testudo_i_squares s = {0};
  for (int64_t r = 0; r < cells->rows; r++)
    testudo_i_squares_add(&s, 1.0 / variance_at(g, cells->load[r]), 1.0, cells->load[r], cells->seconds[r]);
  double determinant = testudo_i_squares_determinant(&s);
  testudo_i_squares_solve(&s, &g->startup, &g->per_chunk);
  g->startup_error = sqrt(s.bb / determinant);
  g->per_chunk_error = sqrt(s.aa / determinant);
}

static double left_of(const testudo_i_cells *cells, const growth *g, int64_t row)
{
  return cells->seconds[row] - g->startup - g->per_chunk * cells->load[row];
}

/* The variances by least squares of the squared errors, whose own deviation grows as the variance; their standard
   errors by what is left, whatever the law of the errors (White, Econometrica 48, 1980). */
static void fit_variances(const testudo_i_cells *cells, growth *g)
{
  testudo_i_squares s = {0}, noise = {0};
  double all = 0.0, weights = 0.0, ends = 0.0, start, chunk;
  for (int64_t r = 0; r < cells->rows; r++) {
    double e = left_of(cells, g, r), v = variance_at(g, cells->load[r]);
    testudo_i_squares_add(&s, 1.0 / (v * v), 1.0, grown(g, cells->load[r]), e * e);
  }
  double determinant = testudo_i_squares_determinant(&s);
  testudo_i_squares_solve(&s, &start, &chunk);
  for (int64_t r = 0; r < cells->rows; r++) {
    double e = left_of(cells, g, r), v = variance_at(g, cells->load[r]), b = grown(g, cells->load[r]);
    double off = (e * e - start - chunk * b) / (v * v);
    testudo_i_squares_add(&noise, off * off, 1.0, b, 0.0);
    all += e * e / (v * v);
    weights += 1.0 / (v * v);
    ends += b / (v * v);
  }
  double start_noise = s.bb * s.bb * noise.aa - 2.0 * s.bb * s.ab * noise.ab + s.ab * s.ab * noise.bb;
  double chunk_noise = s.aa * s.aa * noise.bb - 2.0 * s.aa * s.ab * noise.ab + s.ab * s.ab * noise.aa;
  g->start_sure = start * determinant / sqrt(start_noise);
  g->chunk_sure = chunk * determinant / sqrt(chunk_noise);
  g->start = start > 0.0 ? chunk > 0.0 ? start : all / weights : 0.0;
  g->chunk = chunk > 0.0 ? start > 0.0 ? chunk : all / ends : 0.0;
}

static double mean_square_left(const testudo_i_cells *cells, const growth *g)
{
  double sum = 0.0;
  for (int64_t r = 0; r < cells->rows; r++)
    sum += left_of(cells, g, r) * left_of(cells, g, r);
  return sum / (double)cells->rows;
}

static double likelihood_of(const testudo_i_cells *cells, const growth *g)
{
  double sum = 0.0;
  for (int64_t r = 0; r < cells->rows; r++) {
    double e = left_of(cells, g, r), v = variance_at(g, cells->load[r]);
    sum -= 0.5 * (log(v) + e * e / v);
  }
  return sum;
}

enum { ROUNDS = 20 };

static growth fit_growth(const testudo_i_cells *cells, bool scaled)
{
  growth g = {.scaled = scaled, .start = 1.0, .chunk = 1.0};
  for (int round = 0; round < ROUNDS; round++) {
    fit_line(cells, &g);
    fit_variances(cells, &g);
  }
  fit_line(cells, &g);
  g.fits = likelihood_of(cells, &g);
  return g;
}

/* ---- does the start-up vary? ---- */

#define LEAST_ROWS 200        /* fewer make weights of their own */
#define LEAST_ITERATIONS 10
#define LEAST_SINGLES 30
#define SURE 4.0          /* standard errors above 0, of the start-up's variance */
#define CHUNKS_SURE 2.0   /* of the chunks', beside it */
#define SHARPER 2.6       /* standard errors that the sharper slope may be away: more is chunks that vary unseen */
#define LEAST_SHARE 0.05  /* of the variance where its share is largest: less is none */
#define LEAST_GAIN 10.0   /* in log likelihood, against a start-up that does not */
#define MOST_SHORTER 0.002 /* of the rows, but two in any case, may be shorter than a start-up that does not vary */

/* One row a worker and iteration, all seen to end: a row's start-up is its worker's. */
static bool may_vary(const testudo_i_cells *cells)
{
  int64_t count = (int64_t)cells->workers * cells->iterations;
  bool single = cells->censored == NULL && cells->rows >= LEAST_ROWS && cells->iterations >= LEAST_ITERATIONS;
  for (int64_t c = 0; single && c < count; c++)
    single = testudo_i_cell_size(cells, c) <= 1;
  return single;
}

/* Where chunks alone vary. */
static growth fit_without_start(const testudo_i_cells *cells, bool scaled)
{
  growth g = {.scaled = scaled, .chunk = 1.0};
  fit_line(cells, &g);
  double sum = 0.0;
  for (int64_t r = 0; r < cells->rows; r++) {
    double e = left_of(cells, &g, r);
    sum += e * e / grown(&g, cells->load[r]) / (double)cells->rows;
  }
  g.chunk = sum;
  g.fits = likelihood_of(cells, &g);
  return g;
}

static void find_loads(const testudo_i_cells *cells, double *least, double *most)
{
  *least = *most = cells->load[0];
  for (int64_t r = 0; r < cells->rows; r++) {
    *least = fmin(*least, cells->load[r]);
    *most = fmax(*most, cells->load[r]);
  }
}

/* Are there rows that a start-up which does not vary is longer than? */
static bool is_disproved(const testudo_fit *fit)
{
  const testudo_i_cells *cells = &fit->room->cells;
  double shorter = 0.0;
  for (int64_t r = 0; r < cells->rows; r++)
    shorter += cells->seconds[r] < fit->startup - 3.0 * fit->startup_error;
  return shorter > fmax(2.0, MOST_SHORTER * (double)cells->rows);
}

/* `without`: log likelihood where it does not; `disproved`: it cannot but vary. */
static bool varies(const growth *g, double least, double without, bool disproved)
{
  return isfinite(g->fits) && g->start > LEAST_SHARE * variance_at(g, least) &&
         g->startup > 3.0 * g->startup_error && g->per_chunk > 3.0 * g->per_chunk_error &&
         (disproved || (g->start_sure > SURE && g->fits > without + LEAST_GAIN));
}

/* ---- chunks that do not vary ---- */

enum { MOST_SEARCHED = 20000, STEPS = 60, FINER = 3 };

/* The entropy of the rows' start-ups were a chunk's time `slope`, by spacings of sqrt(rows) (Vasicek, A test for
   normality based on sample entropy, Journal of the Royal Statistical Society B 38, 1976); `room` for all of them. */
static double entropy_at(const testudo_i_cells *cells, double slope, double *room)
{
  int64_t stride = (cells->rows - 1) / MOST_SEARCHED + 1, count = 0;
  for (int64_t r = 0; r < cells->rows; r += stride)
    room[count++] = cells->seconds[r] - slope * cells->load[r];
  qsort(room, (size_t)count, sizeof *room, testudo_i_ascending_reals);
  int64_t apart = (int64_t)sqrt((double)count);
  double least = 1e-9 * (room[count - 1] - room[0]), sum = 0.0;
  for (int64_t k = 0; k < count; k++) {
    double above = room[k + apart < count ? k + apart : count - 1], below = room[k > apart ? k - apart : 0];
    sum += log(fmax(above - below, least));
  }
  return sum / (double)count;
}

/* Start-ups that end at a sharp least time, as they do, say where the line lies better than squares can: the slope of
   the least entropy, if it lies within SHARPER standard errors (Wolsztynski, Thierry and Pronzato, Minimum-entropy
   estimation in semi-parametric models, Signal Processing 85, 2005). */
static testudo_status sharpen(const testudo_i_cells *cells, growth *g, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *room = testudo_i_alloc((size_t)cells->rows, sizeof *room);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  double centre = g->per_chunk, step = 3.0 * g->per_chunk_error / STEPS, sum = 0.0;
  for (int level = 0; level < FINER; level++) {
    double least = HUGE_VAL, best = centre;
    int steps = level == 0 ? STEPS : 8;
    for (int k = -steps; k <= steps; k++) {
      double entropy = entropy_at(cells, centre + k * step, room);
      if (entropy < least) {
        least = entropy;
        best = centre + k * step;
      }
    }
    centre = best;
    step /= 8.0;
  }
  if (fabs(centre - g->per_chunk) > SHARPER * g->per_chunk_error)
    return TESTUDO_OK;
  g->per_chunk = centre;
  for (int64_t r = 0; r < cells->rows; r++)
    sum += cells->seconds[r] - centre * cells->load[r];
  g->startup = sum / (double)cells->rows;
  return TESTUDO_OK;
}

/* The line, its variance, and the line's errors by that. */
static testudo_status fit_constant_chunks(const testudo_i_cells *cells, growth *g, testudo_error *error)
{
  g->chunk = 0.0;
  fit_line(cells, g);
  g->start = mean_square_left(cells, g);
  fit_line(cells, g);
  TESTUDO_I_TRY(sharpen(cells, g, error));
  g->start = mean_square_left(cells, g);
  return TESTUDO_OK;
}

/* ---- what it is ---- */

#define LEAST_PART 0.01 /* of the mean start-up: less is what sharing out has made */

/* What a row is off by is shared out between its start-up and its chunks as their deviations are, so that both have
   their mean and variance; where chunks do not vary it is all the start-up's. */
static testudo_status list_startups(testudo_fit *fit, const growth *g, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  room->startup = testudo_i_arena_alloc(&room->arena, (size_t)cells->rows, sizeof *room->startup);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (int64_t r = 0; r < cells->rows; r++) {
    double share = sqrt(g->start / variance_at(g, cells->load[r]));
    room->startup[r] = fmax(g->startup + share * left_of(cells, g, r), LEAST_PART * g->startup);
  }
  qsort(room->startup, (size_t)cells->rows, sizeof *room->startup, testudo_i_ascending_reals);
  return TESTUDO_OK;
}

#define LEAST_SPREAD 1e-4 /* of the variance over the squared mean: less is none */
#define MOST_GAMMA 10.0   /* gamma laws have a shape of 0.1 at least */

/* The law of a chunk: a constant, or the gamma law of its mean and variance, lognormal where they are far apart. */
static void name_chunks(testudo_fit *fit, const growth *g)
{
  testudo_i_fit_room *room = fit->room;
  double mean = g->per_chunk, variance = g->chunk;
  double spread = variance / (mean * mean);
  if (spread < LEAST_SPREAD)
    snprintf(room->chunk_law, sizeof room->chunk_law, "deterministic:%.17g", mean);
  else if (spread < MOST_GAMMA)
    snprintf(room->chunk_law, sizeof room->chunk_law, "gamma:%.17g,%.17g", 1.0 / spread, variance / mean);
  else
    snprintf(room->chunk_law, sizeof room->chunk_law, "lognormal:%.17g,%.17g", log(mean) - 0.5 * log1p(spread),
             sqrt(log1p(spread)));
}

/* Chunks alone vary, and rows of one chunk have their law: are the others sums of independent ones? */
static void find_independence(testudo_i_fit_room *room, const growth *scaled, const growth *additive)
{
  const testudo_i_cells *cells = &room->cells;
  int64_t singles = 0;
  for (int64_t r = 0; r < cells->rows; r++)
    singles += cells->load[r] == 1;
  room->chunks_independent = singles >= LEAST_SINGLES && additive->fits > scaled->fits + LEAST_GAIN;
}

testudo_status testudo_i_fit_growth(testudo_fit *fit, testudo_error *error)
{
  testudo_i_fit_room *room = fit->room;
  const testudo_i_cells *cells = &room->cells;
  if (!may_vary(cells))
    return TESTUDO_OK;
  double least, most;
  find_loads(cells, &least, &most);
  growth scaled = fit_growth(cells, true), additive = fit_growth(cells, false);
  growth g = additive.fits > scaled.fits ? additive : scaled;
  scaled = fit_without_start(cells, true);
  additive = fit_without_start(cells, false);
  bool disproved = is_disproved(fit);
  if (!varies(&g, least, fmax(scaled.fits, additive.fits), disproved)) {
    find_independence(room, &scaled, &additive);
    if (disproved)
      fit->startup = fit->startup_error = fit->per_chunk = fit->per_chunk_error = NAN;
    return TESTUDO_OK;
  }
  if (!(g.chunk_sure > CHUNKS_SURE && g.chunk * grown(&g, most) > LEAST_SHARE * variance_at(&g, most)))
    TESTUDO_I_TRY(fit_constant_chunks(cells, &g, error));
  fit->startup = g.startup;
  fit->startup_error = g.startup_error;
  fit->per_chunk = g.per_chunk;
  fit->per_chunk_error = g.per_chunk_error;
  fit->startup_deviation = sqrt(g.start);
  fit->chunk_deviation = sqrt(g.chunk);
  room->chunks_scaled = g.scaled;
  name_chunks(fit, &g);
  return list_startups(fit, &g, error);
}
