/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of a user of the toolkit: the design of 5 workers and 2 copies, its exact latency, and a file of it. */
#include <math.h>
#include <stdio.h>

#include <testudo/code.h>
#include <testudo/delay.h>
#include <testudo/designfile.h>
#include <testudo/exact.h>

static testudo_status make(const char *path, double *mean, testudo_error *error)
{
  testudo_assignment assignment = {0};
  testudo_design *design = NULL;
  testudo_law *law = NULL;
  testudo_latency *latency = NULL;
  testudo_summary summary;
  testudo_delay_model model = {.structure = TESTUDO_STRUCTURE_SCALED};
  const testudo_analysis_options options = {.max_states = 200000, .rel_error = 1e-9};
  testudo_status status = testudo_assignment_cyclic(5, 2, &assignment, error);
  if (status == TESTUDO_OK)
    status = testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "pair", &design, error);
  if (status == TESTUDO_OK)
    status = testudo_law_parse("exp:1", &law, error);
  model.law = law;
  if (status == TESTUDO_OK)
    status = testudo_latency_create(design, &model, &options, &latency, error);
  if (status == TESTUDO_OK)
    status = testudo_latency_summary(latency, &summary, error);
  if (status == TESTUDO_OK) {
    *mean = summary.mean;
    status = testudo_design_claim(design, error);
  }
  if (status == TESTUDO_OK)
    status = testudo_design_write(design, path, error);
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  return status;
}

int main(int argc, char **argv)
{
  testudo_error error = {""};
  double mean = 0.0;
  if (argc != 2 || make(argv[1], &mean, &error) != TESTUDO_OK) {
    fprintf(stderr, "%s\n", error.text);
    return 1;
  }
  printf("testudo %s: the mean is %.9g\n", testudo_version(), mean);
  return fabs(mean - 1.43412698) < 1e-8 ? 0 : 1;
}
