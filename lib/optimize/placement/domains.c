/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domain files: worker,domain. */
#include <testudo/optimize.h>

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"

enum { WORKER, DOMAIN, KNOWN };

/* A worker's domain by name, which the file's bytes lend; NULL: not said yet. */
typedef struct named {
  testudo_i_word name;
  int32_t worker;
} named;

static int compare_names(const void *a, const void *b)
{
  const named *x = a, *y = b;
  int lengths = TESTUDO_I_COMPARE(x->name.length, y->name.length);
  int names = memcmp(x->name.at, y->name.at, lengths < 0 ? x->name.length : y->name.length);
  return names != 0 ? names : lengths != 0 ? lengths : TESTUDO_I_COMPARE(x->worker, y->worker);
}

static testudo_status read_domain(testudo_i_csv *csv, const int *at, named *all, int32_t workers, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_csv_row(csv, error));
  testudo_i_word d = csv->field[at[DOMAIN]];
  int32_t worker;
  TESTUDO_I_TRY(testudo_i_csv_index(csv, at[WORKER], "worker", workers, &worker, error));
  if (all[worker].name.at != NULL)
    return testudo_i_text_fail(&csv->text, error, "worker %d has a domain already", (int)worker);
  if (d.length == 0)
    return testudo_i_text_fail(&csv->text, error, "worker %d has an empty domain", (int)worker);
  all[worker] = (named){d, worker};
  return TESTUDO_OK;
}

static testudo_status read_all(const char *bytes, size_t length, const char *name, named *all, int32_t workers,
                               testudo_error *error)
{
  static const char *const columns[KNOWN] = {[WORKER] = "worker", [DOMAIN] = "domain"};
  testudo_i_csv csv;
  int at[KNOWN];
  csv.text = testudo_i_text_start(bytes, length, name);
  TESTUDO_I_TRY(testudo_i_csv_header(&csv, columns, KNOWN, KNOWN, at, error));
  while (testudo_i_text_more(&csv.text))
    TESTUDO_I_TRY(read_domain(&csv, at, all, workers, error));
  for (int32_t j = 0; j < workers; j++)
    if (all[j].name.at == NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: worker %d has no domain, but each of 0..%d needs one",
                            name, (int)j, (int)workers - 1);
  return TESTUDO_OK;
}

/* Equal names stand together, the lowest worker first; its number stands for the name until names are counted. */
static void number(named *all, int32_t workers, int32_t *domain)
{
  qsort(all, (size_t)workers, sizeof *all, compare_names);
  for (int32_t k = 0; k < workers; k++) {
    bool same = k > 0 && all[k].name.length == all[k - 1].name.length &&
                memcmp(all[k].name.at, all[k - 1].name.at, all[k].name.length) == 0;
    domain[all[k].worker] = same ? domain[all[k - 1].worker] : all[k].worker;
  }
  int32_t domains = 0;
  for (int32_t j = 0; j < workers; j++)
    domain[j] = domain[j] == j ? domains++ : domain[domain[j]];
}

testudo_status testudo_domains_parse(const char *bytes, size_t length, const char *name, int32_t workers,
                                     int32_t **domain, testudo_error *error)
{
  *domain = NULL;
  if (workers < 1 || workers > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but 1..%d are allowed", (int)workers,
                          TESTUDO_MAX_WORKERS);
  TESTUDO_I_HELD(testudo_i_free_held) named *all = testudo_i_calloc((size_t)workers, sizeof *all);
  TESTUDO_I_TRY(testudo_i_memory_check(all != NULL, error));
  TESTUDO_I_TRY(read_all(bytes, length, name, all, workers, error));
  *domain = testudo_i_alloc((size_t)workers, sizeof **domain);
  TESTUDO_I_TRY(testudo_i_memory_check(*domain != NULL, error));
  number(all, workers, *domain);
  return TESTUDO_OK;
}

testudo_status testudo_domains_read(const char *path, int32_t workers, int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  *domain = NULL;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_TABLE_FILE, &bytes, &length, error));
  return testudo_domains_parse(bytes, length, path, workers, domain, error);
}
