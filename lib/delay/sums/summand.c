/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One summand of a step's time, rounded down to a grid. */
#include <math.h>

#include "delay/sums/lattice.h"

/* Where no smooth law has more than this below, it begins. */
#define LEAST 1e-17

static double start_of(const testudo_law *law)
{
  if (testudo_i_law_is_discrete(law))
    return law->value[0];
  if (law->part[1] != NULL)
    return fmin(start_of(law->part[0]), start_of(law->part[1]));
  double start;
  return testudo_i_starts_once(law, &start) && start > 0.0 ? start : testudo_law_quantile(law, LEAST);
}

static testudo_i_cell_summand summand_of(const testudo_law *law, double overhead, double scale, double divisor)
{
  testudo_i_cell_summand s = {.law = law, .start = start_of(law), .scale = scale / divisor};
  s.origin = (overhead + scale * s.start) / divisor;
  return s;
}

int testudo_i_lattice_summands(const testudo_i_lattice_request *request, testudo_i_cell_summand *summand)
{
  int count = 0;
  summand[count++] = summand_of(request->law, request->overhead, request->unit, request->rate);
  if (request->startup != NULL)
    summand[count++] = summand_of(request->startup, 0.0, 1.0, 1.0);
  if (request->message != NULL)
    summand[count++] = summand_of(request->message, 0.0, request->message_share, 1.0);
  return count;
}

static void add_atoms(const testudo_i_cell_summand *s, const testudo_law *law, double weight, double step, size_t cells,
                      double *mass, bool *exact)
{
  for (int64_t k = 0; k < law->values; k++) {
    double place = s->scale * (law->value[k] - s->start) / step, nearest = nearbyint(place);
    double slack = TESTUDO_I_LATTICE_SNAP * fmax(s->origin, s->scale * law->value[k]) / step;
    if (fabs(place - nearest) <= fmin(slack, 0.25))
      place = nearest;
    else
      *exact = false;
    place = floor(place);
    if (place < (double)cells)
      mass[(size_t)fmax(0.0, place)] += weight * testudo_i_atom_mass(law, k);
  }
}

/* Differences of the side that is small; below the start's 1e-17 all is in the first cell. */
static void add_smooth(const testudo_i_cell_summand *s, const testudo_law *law, double weight, double step,
                       size_t cells,
                       double *mass, bool *exact)
{
  double below = 0.0, above = 1.0;
  *exact = false;
  for (size_t i = 0; i < cells && above > 0.0; i++) {
    double x = s->start + step * (double)(i + 1) / s->scale;
    double next_below = below < 0.5 ? testudo_i_law_side(law, x, false) : 1.0;
    double next_above = next_below < 0.5 ? 1.0 - next_below : testudo_i_law_side(law, x, true);
    mass[i] += weight * (next_below < 0.5 ? next_below - below : fmax(0.0, above - next_above));
    below = next_below;
    above = next_above;
  }
}

static void add_cells(const testudo_i_cell_summand *s, const testudo_law *law, double weight, double step, size_t cells,
                      double *mass, bool *exact)
{
  if (testudo_i_law_is_discrete(law)) {
    add_atoms(s, law, weight, step, cells, mass, exact);
  } else if (law->part[1] != NULL) {
    add_cells(s, law->part[0], weight * law->a, step, cells, mass, exact);
    add_cells(s, law->part[1], weight * (1.0 - law->a), step, cells, mass, exact);
  } else {
    add_smooth(s, law, weight, step, cells, mass, exact);
  }
}

void testudo_i_cells_add(const testudo_i_cell_summand *summand, double step, size_t cells, double *mass, bool *exact)
{
  add_cells(summand, summand->law, 1.0, step, cells, mass, exact);
}
