/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers of equal rate and load follow the same law: many computations need one result a class. */
#include "delay/model.h"

typedef struct workers {
  const testudo_delay_model *model;
  const int32_t *load;
  int32_t *index; /* being sorted by (rate, load) */
} workers;

static bool before(const workers *w, int32_t a, int32_t b)
{
  double rate_a = testudo_i_rate(w->model, a), rate_b = testudo_i_rate(w->model, b);
  return rate_a != rate_b ? rate_a < rate_b : w->load[a] < w->load[b];
}

static void sift_down(const workers *w, int32_t k, int32_t count)
{
  for (int64_t child; (child = 2 * (int64_t)k + 1) < count; k = (int32_t)child) {
    if (child + 1 < count && before(w, w->index[child], w->index[child + 1]))
      child++;
    if (!before(w, w->index[k], w->index[child]))
      return;
    int32_t kept = w->index[k];
    w->index[k] = w->index[child];
    w->index[child] = kept;
  }
}

/* Heap sort: in place, and O(m log m) in the worst case too. */
static void sort(const workers *w, int32_t count)
{
  for (int32_t k = count / 2; k-- > 0;)
    sift_down(w, k, count);
  for (int32_t last = count - 1; last > 0; last--) {
    int32_t kept = w->index[0];
    w->index[0] = w->index[last];
    w->index[last] = kept;
    sift_down(w, 0, last);
  }
}

void testudo_i_worker_classes(const testudo_delay_model *model, const int32_t *load, int32_t worker_count,
                              int32_t *class_of, double *class_rate, int32_t *class_load, int32_t *class_size,
                              int32_t *classes)
{
  /* class_size holds the sorted workers first: class g <= k is written only after place k has been read. */
  workers w = {model, load, class_size};
  for (int32_t j = 0; j < worker_count; j++)
    class_size[j] = j;
  sort(&w, worker_count);
  int32_t count = 0;
  for (int32_t k = 0; k < worker_count; k++) {
    int32_t j = class_size[k];
    double rate = testudo_i_rate(model, j);
    if (count == 0 || rate != class_rate[count - 1] || load[j] != class_load[count - 1]) {
      class_rate[count] = rate;
      class_load[count] = load[j];
      class_size[count] = 0;
      count++;
    }
    class_of[j] = count - 1;
    class_size[count - 1]++;
  }
  *classes = count;
}
