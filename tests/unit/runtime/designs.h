/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs for the tests of the runtime: small ones made here, and the checked-in ones of tests/designs, which
   have every scheme. */
#ifndef TESTUDO_TESTS_RUNTIME_DESIGNS_H
#define TESTUDO_TESTS_RUNTIME_DESIGNS_H

#include "check.h"

#include <dirent.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/random.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* testudo_i_design_new for a scheme of this number. */
static inline testudo_design *empty_design(testudo_scheme scheme, int32_t chunks, int32_t workers, int32_t parts,
                                           int64_t entries)
{
  testudo_design *design = testudo_i_design_new(testudo_i_scheme_by_id(scheme), chunks, workers, parts, entries);
  assert_non_null(design);
  return design;
}

/* Gives the design, whose orders are set, its code. */
static inline void give_code(testudo_design *design, const testudo_i_ingredients *with)
{
  testudo_error error = {""};
  if (testudo_i_making_by_id(design->scheme->id)->make(design, with, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
}

static inline testudo_design *finished_with(testudo_design *design, const testudo_i_ingredients *with)
{
  testudo_error error = {""};
  give_code(design, with);
  if (testudo_i_design_finish(design, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return design;
}

static inline testudo_design *finished(testudo_design *design, uint64_t seed)
{
  return finished_with(design, &(testudo_i_ingredients){.parts = design->parts, .seed = seed});
}

/* R of scheme partial, to be written into. */
static inline double *matrix_of(testudo_design *design)
{
  size_t count;
  return testudo_i_making_by_id(TESTUDO_SCHEME_PARTIAL)->numbers(design, &count);
}

/* Steps of random workers, one at a time, until the gradient can be decoded. Asserts nothing: threads call it. */
static inline testudo_status mark_until_decodable(testudo_progress *progress, const testudo_design *design,
                                                  testudo_i_random *random, testudo_error *error)
{
  uint64_t workers = (uint64_t)testudo_design_workers(design);
  testudo_progress_reset(progress);
  while (!testudo_progress_decodable(progress)) {
    int32_t worker = (int32_t)testudo_i_random_below(random, workers);
    int32_t done = testudo_progress_done(progress, worker);
    if (done == testudo_design_steps(design, worker))
      continue;
    testudo_status status = testudo_progress_mark(progress, worker, done + 1, error);
    if (status != TESTUDO_OK)
      return status;
  }
  return TESTUDO_OK;
}

/* Worker j holds j, j+1, .., j+load-1 (mod workers). */
static inline testudo_design *cyclic_design(int32_t workers, int32_t load, int32_t parts, uint64_t seed)
{
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, workers, workers, parts, (int64_t)workers * load);
  for (int32_t j = 0; j < workers; j++) {
    for (int32_t k = 0; k < load; k++)
      design->order[j * load + k] = (j + k) % workers;
    design->row[j + 1] = design->row[j] + load;
  }
  return finished(design, seed);
}

/* The first `parts` workers hold everything, the others about half, all in random order. */
static inline testudo_design *random_design(int32_t workers, int32_t chunks, int32_t parts, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 1, 0);
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, workers, parts, (int64_t)workers * chunks);
  int32_t *all = malloc((size_t)chunks * sizeof *all);
  assert_non_null(all);
  for (int32_t i = 0; i < chunks; i++)
    all[i] = i;
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    testudo_i_random_shuffle(&random, all, (size_t)chunks);
    for (int32_t i = 0; i < chunks; i++)
      if (j < parts || testudo_i_random_below(&random, 2) == 0)
        design->order[design->row[j + 1]++] = all[i];
  }
  free(all);
  return finished(design, seed);
}

/* Chunk i on worker i mod workers alone. */
static inline testudo_design *uncoded_design(int32_t workers, int32_t chunks, testudo_scheme scheme, int32_t wait)
{
  testudo_design *design = empty_design(scheme, chunks, workers, 1, chunks);
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    for (int32_t i = j; i < chunks; i += workers)
      design->order[design->row[j + 1]++] = i;
  }
  return finished_with(design, &(testudo_i_ingredients){.parts = 1, .wait = wait});
}

/* Some workers hold nothing; otherwise every chunk is on `parts` workers or more. */
static inline testudo_design *design_with_holes(int32_t workers, int32_t chunks, int32_t parts, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 4, 0);
  testudo_design *design = empty_design(TESTUDO_SCHEME_PARTIAL, chunks, workers, parts, (int64_t)workers * chunks);
  for (int32_t j = 0; j < workers; j++) {
    design->row[j + 1] = design->row[j];
    for (int32_t i = 0; i < chunks; i++)
      if (j % 2 == 0 && (j < 2 * parts || testudo_i_random_below(&random, 3) == 0))
        design->order[design->row[j + 1]++] = i;
    testudo_i_random_shuffle(&random, design->order + design->row[j], (size_t)(design->row[j + 1] - design->row[j]));
  }
  return finished(design, seed);
}

/* Some tolerances in 0..workers - 1, increasing; answers how many. */
static inline int32_t draw_tolerances(testudo_i_random *random, int32_t workers, int32_t *tolerance)
{
  int32_t count = 0;
  for (int32_t s = 0; s < workers; s++)
    if (testudo_i_random_below(random, 2) == 0)
      tolerance[count++] = s;
  if (count == 0)
    tolerance[count++] = workers - 1;
  return count;
}

static inline testudo_design *drawn_gradient_code(testudo_i_random *random, uint64_t seed)
{
  testudo_assignment assignment;
  testudo_design *design;
  int32_t s = (int32_t)testudo_i_random_below(random, 3);
  if (seed % 2 == 0)
    assert_ok(testudo_assignment_cyclic(s + 1 + (int32_t)testudo_i_random_below(random, 6), s + 1, &assignment, NULL));
  else {
    int32_t groups = 1 + (int32_t)testudo_i_random_below(random, 3), workers = groups * (s + 1);
    assert_ok(testudo_assignment_frc(workers, 2 * groups, s + 1, &assignment, NULL));
  }
  assert_ok(testudo_design_create_gradient_code(&assignment, s, seed, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* Every chunk on s + l workers at least, in rotated orders. */
static inline testudo_design *drawn_parts_code(testudo_i_random *random, uint64_t seed)
{
  int32_t parts = 1 + (int32_t)testudo_i_random_below(random, 3), s = (int32_t)testudo_i_random_below(random, 3);
  int32_t load = s + parts + (int32_t)(seed % 5 == 0), workers = load + (int32_t)testudo_i_random_below(random, 4);
  testudo_design *design = empty_design(TESTUDO_SCHEME_GRADIENT_CODE_PARTS, workers, workers, parts, workers * load);
  for (int32_t j = 0; j < workers; j++) {
    for (int32_t k = 0; k < load; k++)
      design->order[j * load + k] = (j + (k + j) % load) % workers;
    design->row[j + 1] = design->row[j] + load;
  }
  return finished_with(design, &(testudo_i_ingredients){.parts = parts, .stragglers = s, .seed = seed});
}

/* A small design of this scheme, at most 9 workers and 9 chunks. */
static inline testudo_design *drawn_design(testudo_scheme scheme, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 3, (uint64_t)scheme);
  testudo_design *design = NULL;
  int32_t workers = 1 + (int32_t)testudo_i_random_below(&random, 7), tolerance[8], count;
  int64_t size[8];
  switch (scheme) {
  case TESTUDO_SCHEME_UNCODED:
  case TESTUDO_SCHEME_IGNORE_STRAGGLERS:
    return uncoded_design(workers, 1 + (int32_t)testudo_i_random_below(&random, 9), scheme,
                          1 + (int32_t)testudo_i_random_below(&random, (uint64_t)workers));
  case TESTUDO_SCHEME_GRADIENT_CODE:
    return drawn_gradient_code(&random, seed);
  case TESTUDO_SCHEME_NESTED:
    count = draw_tolerances(&random, workers, tolerance);
    assert_ok(testudo_design_create_nested(workers, tolerance, count, seed, "", &design, NULL));
    return design;
  case TESTUDO_SCHEME_BLOCK:
    count = draw_tolerances(&random, workers, tolerance);
    for (int32_t b = 0; b < count; b++)
      size[b] = 1 + (int64_t)testudo_i_random_below(&random, 5);
    assert_ok(testudo_design_create_block(workers, tolerance, size, count, seed, "", &design, NULL));
    return design;
  case TESTUDO_SCHEME_GRADIENT_CODE_PARTS:
    return drawn_parts_code(&random, seed);
  case TESTUDO_SCHEME_PARTIAL:
    count = 1 + (int32_t)testudo_i_random_below(&random, 3);
    return seed % 2 == 0 ? random_design(workers + 2, 1 + (int32_t)testudo_i_random_below(&random, 9), count, seed)
                         : design_with_holes(2 * count + 3, 6, count, seed);
  }
  fail_msg("scheme %d: no designs of it are drawn", (int)scheme);
  return design;
}

typedef void design_visitor(const char *name, testudo_design *design, void *state);

/* Calls `with` for every design of a folder of the source tree; answers how many there were. `broken_too`: files that
   are refused are passed over. */
static inline int for_every_design_of(const char *folder_name, bool broken_too, design_visitor *with, void *state)
{
  const char *source = getenv("srcdir");
  char folder[2048], path[4096];
  int designs = 0;
  snprintf(folder, sizeof folder, "%s/%s", source == NULL ? "." : source, folder_name);
  DIR *list = opendir(folder);
  if (list == NULL)
    fail_msg("%s: cannot be opened", folder);
  for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
    testudo_design *design;
    testudo_error error = {""};
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (strstr(entry->d_name, ".json") == NULL)
      continue;
    if (testudo_design_read(path, &design, &error) != TESTUDO_OK) {
      if (!broken_too)
        fail_msg("%s", error.text);
      continue;
    }
    with(entry->d_name, design, state);
    testudo_design_free(design);
    designs++;
  }
  closedir(list);
  return designs;
}

/* The checked-in designs of all schemes. */
static inline int for_every_design(design_visitor *with, void *state)
{
  return for_every_design_of("tests/designs", false, with, state);
}

#endif
