/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs, models and latencies in one call each; a failure ends the test. */
#ifndef TESTUDO_TESTS_EXACT_CASES_H
#define TESTUDO_TESTS_EXACT_CASES_H

#include "check.h"

#include <testudo/code.h>
#include <testudo/exact.h>

static const testudo_analysis_options plain_options = {TESTUDO_REPORT_CHUNK, 200000, 1e-9, NULL};

static inline testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  testudo_error error = {""};
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    print_error("%s: %s\n", text, error.text);
  assert_non_null(law);
  return law;
}

static inline testudo_design *design_of(testudo_scheme scheme, testudo_assignment *assignment, int32_t parts)
{
  testudo_design *design = NULL;
  testudo_error error = {""};
  if (testudo_design_create(scheme, assignment, parts, 1, "", &design, &error) != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_non_null(design);
  testudo_assignment_free(assignment);
  return design;
}

static inline testudo_design *cyclic(int32_t workers, int32_t load, int32_t parts)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_cyclic(workers, load, &assignment, NULL));
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

static inline testudo_design *uncoded(int32_t workers, int32_t chunks)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_uncoded(workers, chunks, &assignment, NULL));
  return design_of(TESTUDO_SCHEME_UNCODED, &assignment, 1);
}

static inline testudo_design *k_of_n(int32_t workers, int32_t chunks, int32_t wait)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_uncoded(workers, chunks, &assignment, NULL));
  assert_ok(testudo_design_create_waiting(&assignment, wait, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static inline testudo_design *regular_matching(int32_t workers, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_regular(workers, workers, load, seed, &assignment, NULL));
  assert_ok(testudo_order_matching(&assignment, NULL, NULL));
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

/* Worker j's order: the next load[j] entries of order. */
static inline testudo_design *partial(int32_t workers, int32_t chunks, int32_t parts, const int32_t *load,
                                      const int32_t *order)
{
  testudo_assignment assignment = {.workers = workers, .chunks = chunks};
  assignment.row = calloc((size_t)workers + 1, sizeof *assignment.row);
  for (int32_t j = 0; j < workers; j++)
    assignment.row[j + 1] = assignment.row[j] + load[j];
  assignment.chunk = malloc((size_t)assignment.row[workers] * sizeof *assignment.chunk);
  memcpy(assignment.chunk, order, (size_t)assignment.row[workers] * sizeof *order);
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, parts);
}

static inline testudo_latency *latency_with(const testudo_design *design, const testudo_delay_model *model,
                                            const testudo_analysis_options *options)
{
  testudo_latency *latency = NULL;
  testudo_error error = {""};
  if (testudo_latency_create(design, model, options, &latency, &error) != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_non_null(latency);
  return latency;
}

static inline testudo_summary summary_with(const testudo_design *design, const testudo_delay_model *model,
                                           const testudo_analysis_options *options)
{
  testudo_summary summary;
  testudo_latency *latency = latency_with(design, model, options);
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  testudo_latency_free(latency);
  return summary;
}

#endif
