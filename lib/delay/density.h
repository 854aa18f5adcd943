/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_DELAY_DENSITY_H
#define TESTUDO_DELAY_DENSITY_H

#include "delay/model.h"

/* Has X - start a density that is smooth on (0, infinity)? Not with atoms, nor where parts of a mixture start apart. */
bool testudo_i_starts_once(const testudo_law *law, double *start);

/* P(X - start <= y), its complement, and the density at y, of such a law; each accurate where it is small. */
void testudo_i_started_sides(const testudo_law *law, double y, double *below, double *above);
double testudo_i_started_density(const testudo_law *law, double y);

#endif
