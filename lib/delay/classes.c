/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers of equal rate and load follow the same law: many computations need one result a class. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/model.h"

typedef struct classed_worker {
  double rate;
  int32_t load, worker;
} classed_worker;

static int by_rate_and_load(const void *a, const void *b)
{
  const classed_worker *x = a, *y = b;
  return x->rate != y->rate ? TESTUDO_I_COMPARE(x->rate, y->rate) : TESTUDO_I_COMPARE(x->load, y->load);
}

testudo_status testudo_i_worker_classes(const testudo_delay_model *model, const int32_t *load, int32_t workers,
                                        int32_t *class_of, double *class_rate, int32_t *class_load,
                                        int32_t *class_size, int32_t *classes, testudo_error *error)
{
  classed_worker *sorted = testudo_i_alloc((size_t)workers, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  for (int32_t j = 0; j < workers; j++)
    sorted[j] = (classed_worker){testudo_i_rate(model, j), load[j], j};
  qsort(sorted, (size_t)workers, sizeof *sorted, by_rate_and_load);
  int32_t count = 0;
  for (int32_t k = 0; k < workers; k++) {
    if (k == 0 || by_rate_and_load(&sorted[k - 1], &sorted[k]) != 0) {
      class_rate[count] = sorted[k].rate;
      class_load[count] = sorted[k].load;
      class_size[count++] = 0;
    }
    class_of[sorted[k].worker] = count - 1;
    class_size[count - 1]++;
  }
  free(sorted);
  *classes = count;
  return TESTUDO_OK;
}
