/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Powers of the block matrix [[M, L], [0, M + L]] whose entries are polynomials in z, by repeated squaring. */
#include <string.h>

#include "exact/cyclic/transfer.h"
#include "linalg/products.h"

/* Up to this many states the general product costs more than plain loops; it gives the same bits. */
#define SMALL_MATRIX 4

/* M, L and F = M + L of one element, (failed + 1) column-major matrices each. */
typedef struct element {
  double *covered, *lost;
} element;

int32_t testudo_i_power_steps(int32_t exponent)
{
  int32_t steps = -1;
  for (int32_t rest = exponent; rest > 1; rest /= 2)
    steps += 1 + rest % 2;
  return steps < 0 ? 0 : steps;
}

static void small_product(int32_t n, const double *restrict a, const double *restrict b, double *restrict c)
{
  memset(c, 0, (size_t)n * (size_t)n * sizeof *c);
  for (int32_t j = 0; j < n; j++)
    for (int32_t k = 0; k < n; k++) {
      double factor = b[(size_t)j * (size_t)n + (size_t)k];
      const double *column = a + (size_t)k * (size_t)n;
      double *sum = c + (size_t)j * (size_t)n;
      for (int32_t i = 0; i < n; i++)
        sum[i] += factor * column[i];
    }
}

/* c += a b, truncated at z^failed; scratch has one matrix. */
static void add_product(const testudo_i_transfer *transfer, const double *a, const double *b, double *c,
                        double *scratch)
{
  size_t n = (size_t)transfer->states, size = n * n, powers = (size_t)transfer->failed + 1;
  for (size_t x = 0; x < powers; x++)
    for (size_t y = 0; x + y < powers; y++) {
      if (n <= SMALL_MATRIX)
        small_product((int32_t)n, a + x * size, b + y * size, scratch);
      else
        testudo_i_multiply((int32_t)n, a + x * size, b + y * size, scratch);
      double *sum = c + (x + y) * size;
      for (size_t k = 0; k < size; k++)
        sum[k] += scratch[k];
    }
}

/* c = a b of whole elements; the corner is M_a L_b + L_a F_b with F_b = M_b + L_b (in `full`). */
static void multiply_elements(const testudo_i_transfer *transfer, element a, element b, element c, bool corner,
                              double *full, double *scratch)
{
  size_t size = testudo_i_transfer_block(transfer);
  memset(c.covered, 0, size * sizeof *c.covered);
  add_product(transfer, a.covered, b.covered, c.covered, scratch);
  if (!corner)
    return;
  for (size_t k = 0; k < size; k++)
    full[k] = b.covered[k] + b.lost[k];
  memset(c.lost, 0, size * sizeof *c.lost);
  add_product(transfer, a.covered, b.lost, c.lost, scratch);
  add_product(transfer, a.lost, full, c.lost, scratch);
}

/* The coefficient of z^failed of trace(a b). */
static double product_trace(const testudo_i_transfer *transfer, const double *a, const double *b)
{
  size_t n = (size_t)transfer->states, size = n * n, powers = (size_t)transfer->failed + 1;
  double trace = 0;
  for (size_t x = 0; x < powers; x++) {
    const double *left = a + x * size, *right = b + (powers - 1 - x) * size;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        trace += left[j * n + i] * right[i * n + j];
  }
  return trace;
}

static double plain_trace(const testudo_i_transfer *transfer, const double *a)
{
  size_t n = (size_t)transfer->states;
  const double *last = a + (size_t)transfer->failed * n * n;
  double trace = 0;
  for (size_t i = 0; i < n; i++)
    trace += last[i * n + i];
  return trace;
}

static void final_traces(const testudo_i_transfer *transfer, element a, element b, double *full,
                         double *covered_trace, double *lost_trace)
{
  *covered_trace = product_trace(transfer, a.covered, b.covered);
  if (lost_trace == NULL)
    return;
  for (size_t k = 0; k < testudo_i_transfer_block(transfer); k++)
    full[k] = b.covered[k] + b.lost[k];
  *lost_trace = product_trace(transfer, a.covered, b.lost) + product_trace(transfer, a.lost, full);
}

void testudo_i_power_traces(const testudo_i_transfer *transfer, int32_t exponent, double *covered_trace,
                            double *lost_trace)
{
  double *const *work = transfer->work;
  element base = {work[0], work[1]}, power = base, spare[2] = {{work[2], work[3]}, {work[4], work[5]}};
  double *full = work[6], *scratch = work[7];
  bool corner = lost_trace != NULL;
  int next = 0;
  int32_t bit = 1;
  while (bit <= exponent / 2)
    bit *= 2;
  if (bit == 1) {
    *covered_trace = plain_trace(transfer, base.covered);
    if (corner)
      *lost_trace = plain_trace(transfer, base.lost);
    return;
  }
  /* From the second bit of the exponent on: square, and multiply where the bit is set; the last of these operations is
     only a trace. */
  for (bit /= 2; bit >= 1; bit /= 2) {
    for (int multiplying = 0; multiplying <= ((exponent & bit) != 0); multiplying++) {
      element factor = multiplying ? base : power;
      if (bit == 1 && multiplying == (exponent & 1)) {
        final_traces(transfer, power, factor, full, covered_trace, lost_trace);
        return;
      }
      multiply_elements(transfer, power, factor, spare[next], corner, full, scratch);
      power = spare[next];
      next = 1 - next;
    }
  }
}
