/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means and sums of powers of deviations that can be merged (Chan, Golub and LeVeque, Updating formulae and a pairwise
   algorithm for computing sample variances, 1982; third and fourth powers: Pebay, Formulas for robust, one-pass
   parallel computation of covariances and arbitrary-order statistical moments, Sandia report SAND2008-6212, eqs. 1.6
   and 2.8). Merged in the order of the batches, they are the same to the last bit for any number of threads. */
#ifndef TESTUDO_SAMPLE_MOMENTS_H
#define TESTUDO_SAMPLE_MOMENTS_H

#include <math.h>
#include <stdint.h>

typedef struct testudo_i_moments {
  int64_t count;
  double mean;
  double squares; /* sum of (x - mean)^2 .. */
  double cubes;   /* .. of (x - mean)^3 .. */
  double fourths; /* .. and of (x - mean)^4 */
} testudo_i_moments;

static inline void testudo_i_moments_merge(testudo_i_moments *into, const testudo_i_moments *from)
{
  if (from->count == 0)
    return;
  if (into->count == 0) {
    *into = *from;
    return;
  }
  double a = (double)into->count, b = (double)from->count;
  double apart = from->mean - into->mean, n = a + b, step = apart / n;
  into->fourths += from->fourths + apart * step * step * step * a * b * (a * a - a * b + b * b) +
                   6.0 * step * step * (a * a * from->squares + b * b * into->squares) +
                   4.0 * step * (a * from->cubes - b * into->cubes);
  into->cubes += from->cubes + apart * step * step * a * b * (a - b) +
                 3.0 * step * (a * from->squares - b * into->squares);
  into->mean += apart * (b / (a + b));
  into->squares += from->squares + apart * apart * (a * b / (a + b));
  into->count += from->count;
}

/* NAN where the count is too small. */
static inline double testudo_i_moments_mean(const testudo_i_moments *moments)
{
  return moments->count > 0 ? moments->mean : NAN;
}

static inline double testudo_i_moments_stddev(const testudo_i_moments *moments)
{
  return moments->count > 1 ? sqrt(moments->squares / (double)(moments->count - 1)) : NAN;
}

static inline double testudo_i_moments_stderr(const testudo_i_moments *moments)
{
  return testudo_i_moments_stddev(moments) / sqrt((double)moments->count);
}

/* Third moment over the deviation cubed, fourth over its square, with divisor count; NAN where nothing varies. */
static inline double testudo_i_moments_skewness(const testudo_i_moments *moments)
{
  double variance = moments->squares / (double)moments->count;
  return moments->squares > 0.0 ? moments->cubes / (double)moments->count / variance / sqrt(variance) : NAN;
}

static inline double testudo_i_moments_kurtosis(const testudo_i_moments *moments)
{
  double variance = moments->squares / (double)moments->count;
  return moments->squares > 0.0 ? moments->fourths / (double)moments->count / variance / variance : NAN;
}

/* The moments of one batch as they come: sums about the first value, so that equal values have variance exactly 0. */
typedef struct testudo_i_shifted {
  int64_t count;
  double shift, sum, squares, cubes, fourths;
} testudo_i_shifted;

static inline void testudo_i_shifted_add(testudo_i_shifted *shifted, double x)
{
  if (shifted->count++ == 0)
    shifted->shift = x;
  double apart = x - shifted->shift, square = apart * apart;
  shifted->sum += apart;
  shifted->squares += square;
  shifted->cubes += square * apart;
  shifted->fourths += square * square;
}

static inline testudo_i_moments testudo_i_shifted_moments(const testudo_i_shifted *shifted)
{
  testudo_i_moments moments = {.count = shifted->count};
  if (shifted->count > 0) {
    double mean = shifted->sum / (double)shifted->count;
    double squares = shifted->squares - shifted->sum * mean;
    double fourths = shifted->fourths - mean * (4.0 * shifted->cubes - 3.0 * mean * (2.0 * shifted->squares -
                                                                                     mean * shifted->sum));
    moments.mean = shifted->shift + mean;
    moments.squares = squares > 0.0 ? squares : 0.0;
    moments.cubes = shifted->cubes - mean * (3.0 * shifted->squares - 2.0 * mean * shifted->sum);
    moments.fourths = fourths > 0.0 ? fourths : 0.0;
  }
  return moments;
}

#endif
