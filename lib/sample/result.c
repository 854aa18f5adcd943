/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a simulation found: its law, and giving it back. */
#include <math.h>
#include <stdlib.h>

#include <testudo/sample.h>

void testudo_simulation_free(testudo_simulation *simulation)
{
  if (simulation == NULL)
    return;
  free(simulation->completion);
  free(simulation->mse); /* with the other numbers per deadline behind it */
  free(simulation->error_trials);
  free(simulation->combined_mse);
  free(simulation);
}

/* Ties included: the number of completion times <= t. */
static int64_t trials_done_by(const testudo_simulation *simulation, double t)
{
  int64_t low = 0, high = simulation->trials - simulation->never;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (simulation->completion[middle] <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

double testudo_simulation_cdf(const testudo_simulation *simulation, double t)
{
  return (double)trials_done_by(simulation, t) / (double)simulation->trials;
}

double testudo_simulation_quantile(const testudo_simulation *simulation, double q)
{
  double trials = (double)simulation->trials;
  int64_t finite = simulation->trials - simulation->never;
  /* The least rank k >= 1 with k / trials >= q; one step either way mends the rounding of the product. */
  int64_t rank = (int64_t)ceil(q * trials);
  if (rank > 1 && (double)(rank - 1) / trials >= q)
    rank--;
  if (rank < 1)
    rank = 1;
  if ((double)rank / trials < q)
    rank++;
  return rank <= finite ? simulation->completion[rank - 1] : HUGE_VAL;
}
