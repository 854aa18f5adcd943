/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers of equal law, rate and load follow the same law: many computations need one result a class. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/model.h"

typedef struct classed_worker {
  const testudo_law *law;
  double rate;
  int32_t load, first, worker; /* first: the first class of workers that has this law */
} classed_worker;

static int by_rate_and_load(const void *a, const void *b)
{
  const classed_worker *x = a, *y = b;
  if (x->first != y->first)
    return TESTUDO_I_COMPARE(x->first, y->first);
  return x->rate != y->rate ? TESTUDO_I_COMPARE(x->rate, y->rate) : TESTUDO_I_COMPARE(x->load, y->load);
}

/* By the first class with that law, not by where laws lie in memory, so that the order is always the same. */
static void list_workers(const testudo_delay_model *model, const int32_t *load, int32_t workers, classed_worker *list)
{
  for (int32_t j = 0, c = 0, left = model->class_count > 0 ? model->classes[0].workers : workers; j < workers; j++) {
    while (left == 0)
      left = model->classes[++c].workers;
    left--;
    int32_t first = 0;
    while (first < c && testudo_i_class_law(model, first) != testudo_i_class_law(model, c))
      first++;
    double rate = model->class_count > 0 ? model->classes[c].rate : model->rates == NULL ? 1.0 : model->rates[j];
    list[j] = (classed_worker){testudo_i_class_law(model, c), rate, load[j], first, j};
  }
}

testudo_status testudo_i_worker_classes(const testudo_delay_model *model, const int32_t *load, int32_t workers,
                                        int32_t *class_of, const testudo_law **class_law, double *class_rate,
                                        int32_t *class_load, int32_t *class_size, int32_t *classes,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) classed_worker *sorted = testudo_i_alloc((size_t)workers, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  list_workers(model, load, workers, sorted);
  qsort(sorted, (size_t)workers, sizeof *sorted, by_rate_and_load);
  int32_t count = 0;
  for (int32_t k = 0; k < workers; k++) {
    if (k == 0 || by_rate_and_load(&sorted[k - 1], &sorted[k]) != 0) {
      class_law[count] = sorted[k].law;
      class_rate[count] = sorted[k].rate;
      class_load[count] = sorted[k].load;
      class_size[count++] = 0;
    }
    class_of[sorted[k].worker] = count - 1;
    class_size[count - 1]++;
  }
  *classes = count;
  return TESTUDO_OK;
}
