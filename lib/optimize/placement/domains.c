/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domain files: worker,domain. */
#include <testudo/optimize.h>

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/table.h"

enum { WORKER, DOMAIN, KNOWN };

/* A worker's domain as the number of its name, -1 where it is not said yet. */
static testudo_status read_domain(testudo_i_table *table, const int64_t *at, testudo_i_names *names, int32_t *domain,
                                  int32_t workers, testudo_error *error)
{
  testudo_i_word name = table->cell[at[DOMAIN]];
  int32_t worker;
  TESTUDO_I_TRY(testudo_i_table_index(table, (size_t)at[WORKER], "worker", workers, &worker, error));
  if (domain[worker] >= 0)
    return testudo_i_table_fail(table, error, "worker %d has a domain already", (int)worker);
  if (name.length == 0)
    return testudo_i_table_fail(table, error, "worker %d has an empty domain", (int)worker);
  return testudo_i_names_number(names, name, &domain[worker], error);
}

static testudo_status read_rows(testudo_i_source *source, testudo_i_names *names, int32_t *domain, int32_t workers,
                                testudo_error *error)
{
  static const char *const columns[KNOWN] = {[WORKER] = "worker", [DOMAIN] = "domain"};
  TESTUDO_I_HELD(testudo_i_table_close) testudo_i_table table = {0};
  int64_t at[KNOWN];
  TESTUDO_I_TRY(testudo_i_table_start(&table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_header(&table, columns, KNOWN, at, error));
  for (bool more = true; more;) {
    TESTUDO_I_TRY(testudo_i_table_row(&table, &more, error));
    if (more)
      TESTUDO_I_TRY(read_domain(&table, at, names, domain, workers, error));
  }
  for (int32_t j = 0; j < workers; j++)
    if (domain[j] < 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: worker %d has no domain, but each of 0..%d needs one",
                            source->name, (int)j, (int)workers - 1);
  return TESTUDO_OK;
}

/* Names in the order of their lowest workers. */
static testudo_status number_domains(int32_t names, int32_t *domain, int32_t workers, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *number = testudo_i_alloc((size_t)names, sizeof *number);
  TESTUDO_I_TRY(testudo_i_memory_check(number != NULL, error));
  memset(number, 0xff, (size_t)names * sizeof *number);
  for (int32_t j = 0, domains = 0; j < workers; j++) {
    if (number[domain[j]] < 0)
      number[domain[j]] = domains++;
    domain[j] = number[domain[j]];
  }
  return TESTUDO_OK;
}

static testudo_status read_domains(testudo_i_source *source, int32_t workers, int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_names_clear) testudo_i_names names = {.count = 0};
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *made = testudo_i_alloc((size_t)workers, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  memset(made, 0xff, (size_t)workers * sizeof *made);
  TESTUDO_I_TRY(read_rows(source, &names, made, workers, error));
  TESTUDO_I_TRY(number_domains(names.count, made, workers, error));
  *domain = made;
  made = NULL;
  return TESTUDO_OK;
}

static testudo_status check_workers(int32_t workers, testudo_error *error)
{
  return workers >= 1 && workers <= TESTUDO_MAX_WORKERS
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but 1..%d are allowed", (int)workers,
                              TESTUDO_MAX_WORKERS);
}

testudo_status testudo_domains_parse(const char *bytes, size_t length, const char *name, int32_t workers,
                                     int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *domain = NULL;
  TESTUDO_I_TRY(check_workers(workers, error));
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_domains(&source, workers, domain, error);
}

testudo_status testudo_domains_read(const char *path, int32_t workers, int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *domain = NULL;
  TESTUDO_I_TRY(check_workers(workers, error));
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_domains(&source, workers, domain, error);
}
