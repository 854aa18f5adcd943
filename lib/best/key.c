/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells: what may be asked for, and which designs may stand in them. */
#include <testudo/best.h>

#include <testudo/code.h>

#include "base/error.h"
#include "base/hash.h"
#include "delay/delay_json.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status key_check_sizes(const testudo_best_key *key, testudo_error *error)
{
  if (key->workers < 1 || key->granularity < 1 || key->parts < 1 || key->parts > TESTUDO_MAX_PARTS ||
      (int64_t)key->workers * key->granularity > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers, %d chunks per share, %d parts: each is at least"
                          " 1, there are at most %d chunks and %d parts", (int)key->workers, (int)key->granularity,
                          (int)key->parts, TESTUDO_MAX_CHUNKS, TESTUDO_MAX_PARTS);
  if (!(key->load >= key->parts && key->load <= key->workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a load of %g shares, but %d parts on %d workers allow %d..%d",
                          key->load, (int)key->parts, (int)key->workers, (int)key->parts, (int)key->workers);
  if (!(key->copies >= key->parts && key->copies <= key->load))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%g copies on average, but %d parts and a load of %g allow"
                          " %d..%g", key->copies, (int)key->parts, key->load, (int)key->parts, key->load);
  if (key->least_copies < key->parts || key->least_copies > key->copies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d copies of every chunk, but %d parts and %g copies on"
                          " average allow %d..%g", (int)key->least_copies, (int)key->parts, key->copies,
                          (int)key->parts, key->copies);
  return TESTUDO_OK;
}

testudo_status testudo_best_key_check(const testudo_best_key *key, testudo_error *error)
{
  const testudo_delay_model *model = key->model;
  TESTUDO_I_TRY(key_check_sizes(key, error));
  if (key->objective.kind == TESTUDO_OBJECTIVE_QUANTILE && !(key->objective.at > 0 && key->objective.at < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a quantile lies between 0 and 1");
  if (key->objective.kind != TESTUDO_OBJECTIVE_QUANTILE && key->objective.kind != TESTUDO_OBJECTIVE_MEAN)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the objective of a table of designs is the mean or a quantile"
                          " of the completion time");
  if (model->replay != NULL || model->law == NULL || testudo_i_delay_names_file(model))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the delay model of a table of designs is a law in words,"
                          " which needs no file");
  if (model->rates != NULL || model->classes != NULL || model->domain != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the workers of a table of designs are alike: its delay model"
                          " has no rates, classes or domains");
  return testudo_delay_check(model, key->workers, error);
}

/* Limits are whole numbers of chunks, or of copies, but for rounding. */
static bool key_exceeds(double value, double limit)
{
  return value > limit * (1 + 1e-12);
}

testudo_status testudo_best_fits(const testudo_best_key *key, const testudo_design *design, testudo_error *error)
{
  double copies = (double)design->row[design->workers] / design->chunks;
  if (!testudo_i_scheme_of(design)->order_matters)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s, but tables of designs hold scheme partial only",
                          testudo_scheme_name(testudo_design_scheme(design)));
  if (design->workers != key->workers || (int64_t)design->chunks != (int64_t)key->workers * key->granularity ||
      design->parts != key->parts)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers, %d chunks, %d parts, but the cell has %d, %lld"
                          " and %d", (int)design->workers, (int)design->chunks, (int)design->parts, (int)key->workers,
                          (long long)key->workers * key->granularity, (int)key->parts);
  if (key_exceeds((double)design->max_load / key->granularity, key->load))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a worker holds %.6g shares, but the cell allows %g",
                          (double)design->max_load / key->granularity, key->load);
  if (key_exceeds(copies, key->copies))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%.6g copies on average, but the cell allows %g", copies,
                          key->copies);
  if (design->min_replication < key->least_copies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a chunk has %d cop%s, but the cell wants %d at least",
                          (int)design->min_replication, design->min_replication == 1 ? "y" : "ies",
                          (int)key->least_copies);
  return TESTUDO_OK;
}

/* Whole numbers as bytes, the least first, on every machine. */
static uint64_t key_hash(uint64_t hash, uint32_t number)
{
  const unsigned char byte[4] = {number & 255, number >> 8 & 255, number >> 16 & 255, number >> 24};
  return testudo_i_fnv(hash, byte, sizeof byte);
}

uint64_t testudo_best_orders(const testudo_design *design)
{
  uint64_t hash = TESTUDO_I_FNV_START;
  hash = key_hash(hash, (uint32_t)design->workers);
  hash = key_hash(hash, (uint32_t)design->chunks);
  hash = key_hash(hash, (uint32_t)design->parts);
  for (int32_t j = 0; j < design->workers; j++) {
    hash = key_hash(hash, (uint32_t)testudo_design_load(design, j));
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      hash = key_hash(hash, (uint32_t)design->order[e]);
  }
  return hash;
}
