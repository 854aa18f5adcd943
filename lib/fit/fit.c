/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace and what is known of it. */
#include <testudo/fit.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/delay_json.h"
#include "delay/model.h"
#include "fit/fit.h"
#include "fit/laws/laws.h"

static testudo_status fill_structure(testudo_fit *fit, const testudo_i_trace *trace, testudo_error *error)
{
  testudo_i_correlation chunks;
  testudo_structure structure;
  TESTUDO_I_TRY(testudo_i_trace_correlation(trace, &chunks, error));
  fit->icc = chunks.icc;
  fit->icc_low = chunks.low;
  fit->icc_high = chunks.high;
  fit->phases = trace->phases;
  if (testudo_i_correlation_structure(&chunks, &structure))
    fit->structure = testudo_i_structure_names[structure];
  return TESTUDO_OK;
}

static testudo_status fill_fit(testudo_fit *fit, const testudo_i_trace *trace, testudo_error *error)
{
  fit->sorted = testudo_i_alloc((size_t)trace->rows, sizeof *fit->sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(fit->sorted != NULL, error));
  fit->samples = trace->rows;
  memcpy(fit->sorted, trace->seconds, (size_t)trace->rows * sizeof *fit->sorted);
  qsort(fit->sorted, (size_t)fit->samples, sizeof *fit->sorted, testudo_i_ascending_reals);
  TESTUDO_I_TRY(testudo_i_trace_spread(trace, fit, error));
  TESTUDO_I_TRY(fill_structure(fit, trace, error));
  const testudo_i_fit_samples samples = {.exact = fit->sorted, .exacts = fit->samples};
  return testudo_i_fit_laws(&samples, NULL, &fit->model, &fit->models, error);
}

testudo_status testudo_fit_trace(const char *path, testudo_fit **fit, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  *fit = NULL;
  TESTUDO_I_TRY(testudo_i_trace_read(path, &trace, error));
  testudo_fit *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(fill_fit(made, &trace, error), made, testudo_fit_free, fit);
}

void testudo_fit_free(testudo_fit *fit)
{
  if (fit == NULL)
    return;
  free(fit->sorted);
  free(fit->model);
  free(fit);
}
