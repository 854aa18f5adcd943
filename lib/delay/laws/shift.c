/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x + X for another law of X: law->a is x. Where that is a law of the table itself it becomes that one. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/laws/table.h"

double testudo_i_shift_side(const testudo_law *law, double x, bool above)
{
  return testudo_i_law_side(law->part[0], x - law->a, above);
}

testudo_i_moments testudo_i_shift_moments(const testudo_law *law)
{
  testudo_i_moments m = law->part[0]->row->moments(law->part[0]);
  m.mean += law->a;
  return m;
}

void testudo_i_shift_density(const testudo_law *law, const double *restrict y, double *restrict log_density,
                             size_t count)
{
  law->part[0]->row->log_density(law->part[0], y, log_density, count);
}

double testudo_i_shift_quantile(const testudo_law *law, double p)
{
  return law->a + testudo_law_quantile(law->part[0], p);
}

void testudo_i_shift_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_law_fill(law->part[0], u, x, count);
  for (size_t k = 0; k < count; k++)
    x[k] += law->a;
}

testudo_status testudo_i_law_set_kink(testudo_law *law, double kink, testudo_error *error)
{
  law->kinks = 0;
  if (!(kink > 0.0))
    return TESTUDO_OK;
  law->kink = testudo_i_arena_alloc(&law->arena, 1, sizeof *law->kink);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  law->kink[law->kinks++] = kink;
  return TESTUDO_OK;
}

/* The mixture of the shifted parts, made of the mixture that is shifted. */
static testudo_status shift_mixture(testudo_law *law, testudo_error *error)
{
  testudo_law *mixture = law->part[0];
  double x = law->a;
  law->row = mixture->row;
  law->a = mixture->a;
  law->part[0] = NULL;
  testudo_status status = TESTUDO_OK;
  for (int k = 0; k < 2 && status == TESTUDO_OK; k++) {
    testudo_law *part = law->part[k] = testudo_i_calloc(1, sizeof *part);
    status = testudo_i_memory_check(part != NULL, error);
    if (status != TESTUDO_OK)
      break;
    part->row = testudo_i_law_row_of("shift:");
    part->a = x;
    part->part[0] = mixture->part[k];
    mixture->part[k] = NULL;
    status = testudo_i_shift_make(part, error);
  }
  testudo_law_free(mixture);
  return status == TESTUDO_OK ? law->row->make(law, error) : status;
}

testudo_status testudo_i_shift_make(testudo_law *law, testudo_error *error)
{
  testudo_law *part = law->part[0];
  double start = part->kinks == 1 ? part->kink[0] : 0.0;
  if (part->row->parts == 2)
    return shift_mixture(law, error);
  if (part->row->parts == 1) {
    start -= part->a;
    law->a += part->a;
    law->part[0] = part->part[0];
    part->part[0] = NULL;
    testudo_law_free(part);
    return testudo_i_law_set_kink(law, law->a + start, error);
  }
  if (!part->row->constant && !(part->row->starts && part->row->sum != NULL))
    return testudo_i_law_set_kink(law, law->a + start, error);
  /* deterministic, or an exponential law */
  law->a += part->row->constant ? part->a : start;
  law->b = part->b;
  law->row = testudo_i_law_row_of(part->row->constant ? "deterministic:" : "shifted-exp:");
  law->part[0] = NULL;
  testudo_law_free(part);
  TESTUDO_I_TRY(testudo_i_law_set_kink(law, law->a, error));
  return law->row->make != NULL ? law->row->make(law, error) : TESTUDO_OK;
}
