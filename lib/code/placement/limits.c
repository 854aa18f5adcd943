/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of placement limits that can be seen without searching. */
#include "code/placement/limits.h"

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

static testudo_status check_load(const testudo_placement_limits *limits, int32_t j, testudo_error *error)
{
  if (limits->least[j] < 0 || limits->least[j] > limits->most[j] || limits->most[j] > limits->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "load of worker %d: %d to %d, but a worker holds between 0 and %d chunks", (int)j,
                          (int)limits->least[j], (int)limits->most[j], (int)limits->chunks);
  if (limits->domain != NULL && (limits->domain[j] < 0 || limits->domain[j] >= limits->workers))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "domain of worker %d: %d, but 0..%d are allowed", (int)j,
                          (int)limits->domain[j], (int)limits->workers - 1);
  return TESTUDO_OK;
}

static testudo_status check_place_cost(const testudo_placement_limits *limits, int64_t k, testudo_error *error)
{
  const testudo_place_cost *cost = &limits->cost[k], *before = k > 0 ? cost - 1 : NULL;
  if (cost->worker < 0 || cost->worker >= limits->workers || cost->chunk < 0 || cost->chunk >= limits->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "cost of chunk %d on worker %d, but chunks are 0..%d and workers 0..%d", (int)cost->chunk,
                          (int)cost->worker, (int)limits->chunks - 1, (int)limits->workers - 1);
  if (!(cost->cost >= 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "cost of chunk %d on worker %d: not a number from 0 up",
                          (int)cost->chunk, (int)cost->worker);
  if (before != NULL && (before->worker > cost->worker ||
                         (before->worker == cost->worker && before->chunk >= cost->chunk)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "cost of chunk %d on worker %d: given twice, or not in ascending order", (int)cost->chunk,
                          (int)cost->worker);
  return TESTUDO_OK;
}

int32_t testudo_i_count_domains(const int32_t *domain, int32_t workers, int32_t *size)
{
  int32_t domains = 0;
  for (int32_t j = 0; j < workers; j++)
    size[j] = 0;
  for (int32_t j = 0; j < workers; j++)
    domains += size[domain == NULL ? j : domain[j]]++ == 0;
  return domains;
}

/* Copies, loads and domains, all together. */
static testudo_status check_sums(const testudo_placement_limits *limits, int32_t domains, testudo_error *error)
{
  int64_t copies = 0, least = 0, most = 0;
  for (int32_t i = 0; i < limits->chunks; i++) {
    if (limits->replication[i] < 1 || limits->replication[i] > limits->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication of chunk %d: %d, but %d workers allow 1..%d",
                            (int)i, (int)limits->replication[i], (int)limits->workers, (int)limits->workers);
    if (limits->replication[i] > domains)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "no placement exists: chunk %d needs %d copies, each in a domain of its own, but there are"
                            " %d domains", (int)i, (int)limits->replication[i], (int)domains);
    copies += limits->replication[i];
  }
  for (int32_t j = 0; j < limits->workers; j++) {
    least += limits->least[j];
    most += limits->most[j];
  }
  if (copies > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%lld copies, but a design has at most %d", (long long)copies,
                          TESTUDO_MAX_ENTRIES);
  if (copies > most)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "no placement exists: there are %lld copies, but the workers have room for %lld",
                          (long long)copies, (long long)most);
  if (copies < least)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "no placement exists: there are %lld copies, but the workers must hold %lld at least",
                          (long long)copies, (long long)least);
  return TESTUDO_OK;
}

testudo_status testudo_placement_check(const testudo_placement_limits *limits, testudo_error *error)
{
  if (limits->workers < 1 || limits->workers > TESTUDO_MAX_WORKERS || limits->chunks < 1 ||
      limits->chunks > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d workers and %d chunks, but 1..%d and 1..%d are allowed",
                          (int)limits->workers, (int)limits->chunks, TESTUDO_MAX_WORKERS, TESTUDO_MAX_CHUNKS);
  for (int32_t j = 0; j < limits->workers; j++)
    TESTUDO_I_TRY(check_load(limits, j, error));
  for (int64_t k = 0; k < limits->costs; k++)
    TESTUDO_I_TRY(check_place_cost(limits, k, error));
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *size = testudo_i_alloc((size_t)limits->workers, sizeof *size);
  TESTUDO_I_TRY(testudo_i_memory_check(size != NULL, error));
  return check_sums(limits, testudo_i_count_domains(limits->domain, limits->workers, size), error);
}

testudo_status testudo_domain_copies(const testudo_design *design, const int32_t *domain, int32_t *copies,
                                     testudo_error *error)
{
  typedef struct count {
    int32_t chunk, copies;
  } count;
  *copies = 0;
  for (int32_t j = 0; j < design->workers; j++)
    if (domain[j] < 0 || domain[j] >= design->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "domain of worker %d: %d, but 0..%d are allowed", (int)j,
                            (int)domain[j], (int)design->workers - 1);
  TESTUDO_I_HELD(testudo_i_free_held) count *seen = testudo_i_calloc((size_t)design->workers, sizeof *seen);
  TESTUDO_I_TRY(testudo_i_memory_check(seen != NULL, error));
  for (int32_t i = 0; i < design->chunks; i++)
    for (int64_t h = design->chunk_row[i]; h < design->chunk_row[i + 1]; h++) {
      count *here = &seen[domain[design->holder[h]]];
      *here = (count){i, here->chunk == i ? here->copies + 1 : 1};
      *copies = here->copies > *copies ? here->copies : *copies;
    }
  return TESTUDO_OK;
}
