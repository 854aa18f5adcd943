/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times counted by the upper bits of their doubles, which have the order of the times. */
#include "sample/kept/sketch.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "sample/moments.h"

/* Of a bin's number the upper bits name its page; pages are made where times fall. */
enum {
  DROPPED = 52 - TESTUDO_I_SKETCH_BITS,
  IN_PAGE = 10,
  PAGES = 1 << (11 + TESTUDO_I_SKETCH_BITS - IN_PAGE),
  BINS = 1 << IN_PAGE
};

typedef struct sketch_bin {
  int64_t count;
  double least, most;
} sketch_bin;

typedef struct sketch_page {
  int64_t count;
  sketch_bin bin[BINS];
} sketch_page;

/* Times whose sums are plain: of more of them rounding would show. */
enum { PIECE = 1024 };

/* A time at which nothing is left to the bins. */
typedef struct sketch_mark {
  double t;
  int64_t until;
  testudo_i_moments capped; /* min(T, t) */
} sketch_mark;

struct testudo_sketch {
  int64_t times, count; /* all, and the finite ones */
  sketch_page **page;   /* NULL: no time there */
  sketch_mark *mark;
  int64_t marks;
};

void testudo_i_sketch_free(testudo_sketch *sketch)
{
  if (sketch == NULL)
    return;
  for (int k = 0; sketch->page != NULL && k < PAGES; k++)
    free(sketch->page[k]);
  free(sketch->page);
  free(sketch->mark);
  free(sketch);
}

testudo_status testudo_i_sketch_create(const double *by, int64_t by_count, testudo_sketch **sketch,
                                       testudo_error *error)
{
  testudo_sketch *made = *sketch = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->page = testudo_i_calloc(PAGES, sizeof *made->page);
  made->mark = testudo_i_calloc((size_t)by_count, sizeof *made->mark);
  if (made->page == NULL || made->mark == NULL) {
    testudo_i_sketch_free(made);
    *sketch = NULL;
    return testudo_i_fail_memory(error);
  }
  for (int64_t k = 0; k < by_count; k++)
    made->mark[made->marks++].t = by[k];
  return TESTUDO_OK;
}

/* ---- counting ---- */

static uint32_t bin_of(double t)
{
  uint64_t bits;
  t = fabs(t); /* 0 may have a sign */
  memcpy(&bits, &t, sizeof bits);
  return (uint32_t)(bits >> DROPPED);
}

/* The last time of the bin that t is in. */
static double last_of_bin(double t)
{
  uint64_t bits;
  t = fabs(t);
  memcpy(&bits, &t, sizeof bits);
  bits |= (UINT64_C(1) << DROPPED) - 1;
  memcpy(&t, &bits, sizeof t);
  return t;
}

static void count_time(sketch_page *page, uint32_t bin, double t)
{
  sketch_bin *at = &page->bin[bin];
  page->count++;
  if (at->count++ == 0)
    at->least = at->most = t;
  else if (t < at->least)
    at->least = t;
  else if (t > at->most)
    at->most = t;
}

static void add_to_mark(sketch_mark *mark, const double *time, int64_t count)
{
  testudo_i_shifted capped = {0};
  int64_t until = 0;
  for (int64_t k = 0; k < count; k++) {
    until += time[k] <= mark->t;
    testudo_i_shifted_add(&capped, time[k] < mark->t ? time[k] : mark->t);
  }
  testudo_i_moments moments = testudo_i_shifted_moments(&capped);
  testudo_i_moments_merge(&mark->capped, &moments);
  mark->until += until;
}

testudo_status testudo_i_sketch_add(testudo_sketch *sketch, const double *time, int64_t count, testudo_error *error)
{
  for (int64_t k = 0; k < count; k++) {
    if (!(time[k] <= DBL_MAX))
      continue;
    uint32_t bin = bin_of(time[k]);
    sketch_page **page = &sketch->page[bin >> IN_PAGE];
    if (*page == NULL) {
      *page = testudo_i_calloc(1, sizeof **page);
      TESTUDO_I_TRY(testudo_i_memory_check(*page != NULL, error));
    }
    count_time(*page, bin & (BINS - 1), time[k]);
    sketch->count++;
  }
  sketch->times += count;
  for (int64_t m = 0; m < sketch->marks; m++)
    for (int64_t k = 0; k < count; k += PIECE)
      add_to_mark(&sketch->mark[m], time + k, count - k < PIECE ? count - k : PIECE);
  return TESTUDO_OK;
}

/* ---- looking up ---- */

int64_t testudo_i_sketch_count(const testudo_sketch *sketch)
{
  return sketch->count;
}

/* The k-th smallest of a bin, as if its times lay at equal distances: exact at both ends. */
static double time_in_bin(const sketch_bin *bin, int64_t k)
{
  if (k >= bin->count)
    return bin->most;
  return bin->least + (bin->most - bin->least) * ((double)(k - 1) / (double)(bin->count - 1));
}

/* The other way round. */
static int64_t until_in_bin(const sketch_bin *bin, double t)
{
  if (t >= bin->most)
    return bin->count;
  if (t < bin->least)
    return 0;
  double steps = (double)(bin->count - 1) * ((t - bin->least) / (bin->most - bin->least));
  int64_t until = 1 + (int64_t)(steps * (1.0 + 1e-12));
  return until < bin->count ? until : bin->count - 1;
}

testudo_interval testudo_i_sketch_rank(const testudo_sketch *sketch, int64_t rank)
{
  int64_t before = 0;
  int p = 0, b = 0;
  for (; sketch->page[p] == NULL || before + sketch->page[p]->count < rank; p++)
    before += sketch->page[p] == NULL ? 0 : sketch->page[p]->count;
  for (; before + sketch->page[p]->bin[b].count < rank; b++)
    before += sketch->page[p]->bin[b].count;
  const sketch_bin *bin = &sketch->page[p]->bin[b];
  int64_t k = rank - before;
  return (testudo_interval){time_in_bin(bin, k), k < bin->count ? bin->least : bin->most,
                            k > 1 ? bin->most : bin->least};
}

static const sketch_mark *mark_at(const testudo_sketch *sketch, double t)
{
  for (int64_t m = 0; m < sketch->marks; m++)
    if (sketch->mark[m].t == t)
      return &sketch->mark[m];
  return NULL;
}

int64_t testudo_i_sketch_until(const testudo_sketch *sketch, double t)
{
  const sketch_mark *mark = mark_at(sketch, t);
  if (mark != NULL)
    return mark->until;
  if (!(t >= 0.0))
    return 0;
  if (t > DBL_MAX)
    return sketch->count;
  uint32_t own = bin_of(t), last = own >> IN_PAGE;
  int64_t until = 0;
  for (uint32_t p = 0; p < last; p++)
    until += sketch->page[p] == NULL ? 0 : sketch->page[p]->count;
  const sketch_page *page = sketch->page[last];
  for (uint32_t b = 0; page != NULL && b < (own & (BINS - 1)); b++)
    until += page->bin[b].count;
  return page == NULL ? until : until + until_in_bin(&page->bin[own & (BINS - 1)], t);
}

double testudo_i_sketch_exact_time(const testudo_sketch *sketch, double t)
{
  return mark_at(sketch, t) != NULL || !(t >= 0.0 && t <= DBL_MAX) ? t : last_of_bin(t);
}

/* Of times spread evenly over the bin. */
static double middle_of_bin(const sketch_bin *bin)
{
  return bin->least + (bin->most - bin->least) / 2.0;
}

/* Adds weight * f of every bin up to time t: f is 1 and a power of the distance from `about`. */
static double capped_power(const testudo_sketch *sketch, double t, double about, int power)
{
  testudo_i_sum sum = {0};
  int64_t until = 0;
  for (int p = 0; p < PAGES; p++)
    for (int b = 0; sketch->page[p] != NULL && b < BINS; b++) {
      const sketch_bin *bin = &sketch->page[p]->bin[b];
      int64_t count = bin->count == 0 ? 0 : until_in_bin(bin, t);
      if (count == 0)
        continue;
      double apart = fmin(middle_of_bin(bin), t) - about;
      until += count;
      testudo_i_sum_add(&sum, (double)count * (power == 1 ? apart : apart * apart));
    }
  double apart = t - about;
  if (until < sketch->times)
    testudo_i_sum_add(&sum, (double)(sketch->times - until) * (power == 1 ? apart : apart * apart));
  return testudo_i_sum_value(&sum);
}

void testudo_i_sketch_capped(const testudo_sketch *sketch, double t, double *mean, double *squares)
{
  const sketch_mark *mark = mark_at(sketch, t);
  *mean = mark != NULL ? mark->capped.mean : capped_power(sketch, t, 0.0, 1) / (double)sketch->times;
  *squares = mark != NULL ? mark->capped.squares : capped_power(sketch, t, *mean, 2);
}

double testudo_i_sketch_log_sum(const testudo_sketch *sketch, int64_t most, double from)
{
  double sum = 0.0;
  for (int p = PAGES - 1; p >= 0 && most > 0; p--)
    for (int b = BINS - 1; sketch->page[p] != NULL && b >= 0 && most > 0; b--) {
      const sketch_bin *bin = &sketch->page[p]->bin[b];
      int64_t count = bin->count < most ? bin->count : most;
      if (count > 0)
        sum += (double)count * log(fmax(middle_of_bin(bin) / from, 1.0));
      most -= count;
    }
  return sum;
}
