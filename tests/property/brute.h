/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of T by going through every outcome of a small cluster with a discrete delay. Shares nothing with the library
   that counts cover, progress or probability: from the design it takes plain arrays. */
#ifndef TESTUDO_TESTS_PROPERTY_BRUTE_H
#define TESTUDO_TESTS_PROPERTY_BRUTE_H

#include "../unit/exact/cases.h"

#include <unistd.h>

#define BRUTE_WORKERS 6
#define BRUTE_CHUNKS 6
#define BRUTE_LOAD 6
#define BRUTE_ATOMS 3

typedef struct brute_design {
  int workers, chunks, parts;
  int load[BRUTE_WORKERS];
  int order[BRUTE_WORKERS][BRUTE_LOAD];
} brute_design;

typedef struct brute_model {
  int atoms;
  double value[BRUTE_ATOMS], weight[BRUTE_ATOMS]; /* weight: a number of trace rows */
  double rate[BRUTE_WORKERS];
  testudo_failure_kind failures;
  int failed;
  double fail_prob;
  bool whole;
} brute_model;

typedef struct brute_outcome {
  double time, chance;
  double finish[BRUTE_WORKERS]; /* X_j, HUGE_VAL when failed: the error of a deadline needs it */
} brute_outcome;

typedef struct brute_law {
  brute_outcome *outcome;   /* by time */
  size_t outcomes;
  double finite, mean, stddev; /* P(T < infinity); of T given finite */
} brute_law;

/* When worker j is done with its place-th chunk. */
static inline double brute_time(const brute_design *design, const brute_model *model, const double *x, int j, int place)
{
  int counted = model->whole ? design->load[j] : place;
  return isinf(x[j]) ? HUGE_VAL : counted * x[j] / model->rate[j];
}

/* All the times at which a holder is done with the chunk, ascending; their number. */
static inline int brute_holder_times(const brute_design *design, const brute_model *model, const double *x, int chunk,
                                     double *time)
{
  int count = 0;
  for (int j = 0; j < design->workers; j++)
    for (int k = 0; k < design->load[j]; k++)
      if (design->order[j][k] == chunk) {
        double own = brute_time(design, model, x, j, k + 1);
        int at = count++;
        for (; at > 0 && time[at - 1] > own; at--)
          time[at] = time[at - 1];
        time[at] = own;
      }
  return count;
}

static inline double brute_completion(const brute_design *design, const brute_model *model, const double *x)
{
  double last = 0, time[BRUTE_WORKERS];
  for (int chunk = 0; chunk < design->chunks; chunk++) {
    int count = brute_holder_times(design, model, x, chunk, time);
    double own = count < design->parts ? HUGE_VAL : time[design->parts - 1];
    last = own > last ? own : last;
  }
  return last;
}

static inline double brute_error(const brute_design *design, const brute_model *model, const brute_law *law, double t)
{
  long double total = 0;
  double time[BRUTE_WORKERS];
  for (size_t k = 0; k < law->outcomes; k++)
    for (int chunk = 0; chunk < design->chunks; chunk++) {
      int count = brute_holder_times(design, model, law->outcome[k].finish, chunk, time), done = 0;
      while (done < count && time[done] <= t)
        done++;
      if (done < design->parts)
        total += (long double)law->outcome[k].chance * (design->parts - done);
    }
  return (double)total;
}

static inline int brute_compare(const void *a, const void *b)
{
  double x = ((const brute_outcome *)a)->time, y = ((const brute_outcome *)b)->time;
  return (x > y) - (x < y);
}

static inline int brute_bits(int mask)
{
  int bits = 0;
  for (; mask != 0; mask &= mask - 1)
    bits++;
  return bits;
}

static inline double brute_failure_chance(const brute_model *model, int workers, int mask)
{
  int bits = brute_bits(mask);
  if (model->failures == TESTUDO_FAILURES_EACH)
    return pow(model->fail_prob, bits) * pow(1 - model->fail_prob, workers - bits);
  if (bits != (model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0))
    return 0;
  double sets = 0;
  for (int other = 0; other < 1 << workers; other++)
    sets += brute_bits(other) == bits;
  return 1 / sets;
}

static inline void brute_moments(brute_law *law)
{
  long double finite = 0, first = 0, second = 0;
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++) {
    finite += law->outcome[k].chance;
    first += (long double)law->outcome[k].chance * law->outcome[k].time;
  }
  long double mean = finite > 0 ? first / finite : NAN;
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++)
    second += law->outcome[k].chance * (law->outcome[k].time - mean) * (law->outcome[k].time - mean);
  law->finite = (double)finite;
  law->mean = (double)mean;
  law->stddev = finite > 0 ? (double)sqrtl(second / finite) : NAN;
}

static inline brute_law brute_enumerate(const brute_design *design, const brute_model *model)
{
  int draws = 1;
  double rows = 0;
  for (int j = 0; j < design->workers; j++)
    draws *= model->atoms;
  for (int a = 0; a < model->atoms; a++)
    rows += model->weight[a];
  brute_law law = {malloc((size_t)draws * (1u << design->workers) * sizeof(brute_outcome)), 0, 0, 0, 0};
  for (int mask = 0; mask < 1 << design->workers; mask++) {
    double of_mask = brute_failure_chance(model, design->workers, mask);
    for (int draw = 0; of_mask > 0 && draw < draws; draw++) {
      brute_outcome *outcome = &law.outcome[law.outcomes++];
      outcome->chance = of_mask;
      for (int j = 0, rest = draw; j < design->workers; j++, rest /= model->atoms) {
        outcome->chance *= model->weight[rest % model->atoms] / rows;
        outcome->finish[j] = mask >> j & 1 ? HUGE_VAL : model->value[rest % model->atoms];
      }
      outcome->time = brute_completion(design, model, outcome->finish);
    }
  }
  qsort(law.outcome, law.outcomes, sizeof *law.outcome, brute_compare);
  brute_moments(&law);
  return law;
}

static inline double brute_cdf(const brute_law *law, double t)
{
  long double sum = 0;
  for (size_t k = 0; k < law->outcomes && law->outcome[k].time <= t && !isinf(law->outcome[k].time); k++)
    sum += law->outcome[k].chance;
  return (double)sum;
}

/* The least t with P(T <= t) >= q; HUGE_VAL when there is none. */
static inline double brute_quantile(const brute_law *law, double q)
{
  long double sum = 0;
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++) {
    sum += law->outcome[k].chance;
    if (sum >= q)
      return law->outcome[k].time;
  }
  return HUGE_VAL;
}

/* P(T > t). */
static inline double brute_late(const brute_law *law, double t)
{
  long double sum = 0;
  for (size_t k = 0; k < law->outcomes; k++)
    if (law->outcome[k].time > t)
      sum += law->outcome[k].chance;
  return (double)sum;
}

/* ---- the same for the library ---- */

static inline testudo_law *brute_trace(const brute_model *model)
{
  char path[] = "brute-XXXXXX", text[64];
  int file = mkstemp(path);
  assert_true(file >= 0);
  FILE *stream = fdopen(file, "w");
  fprintf(stream, "seconds\n");
  for (int a = 0; a < model->atoms; a++)
    for (int row = 0; row < model->weight[a]; row++)
      fprintf(stream, "%.17g\n", model->value[a]);
  assert_int_equal(fclose(stream), 0);
  snprintf(text, sizeof text, "trace:%s", path);
  testudo_law *law = law_of(text);
  unlink(path);
  return law;
}

static inline testudo_design *brute_library_design(const brute_design *design)
{
  int32_t load[BRUTE_WORKERS], order[BRUTE_WORKERS * BRUTE_LOAD], entries = 0;
  for (int j = 0; j < design->workers; j++) {
    load[j] = design->load[j];
    for (int k = 0; k < design->load[j]; k++)
      order[entries++] = design->order[j][k];
  }
  return partial(design->workers, design->chunks, design->parts, load, order);
}

static inline testudo_delay_model brute_library_model(const brute_model *model, const testudo_law *law, int workers)
{
  bool rated = false;
  for (int j = 0; j < workers; j++)
    rated = rated || model->rate[j] != 1;
  return (testudo_delay_model){.law = law, .rates = rated ? model->rate : NULL, .workers = workers,
                               .failures = model->failures, .failed = model->failed,
                               .fail_prob = model->fail_prob};
}

/* The library's design and model, and the law by enumeration, of `enumerated`: as a rule the same design. The model
   must outlive it. */
typedef struct brute_case {
  brute_law wanted;
  testudo_law *law;
  testudo_design *design;
  testudo_delay_model delay;
  testudo_report report;
} brute_case;

static inline brute_case brute_case_start(const brute_design *design, const brute_design *enumerated,
                                          const brute_model *model)
{
  brute_case made = {.wanted = brute_enumerate(enumerated, model), .law = brute_trace(model),
                     .design = brute_library_design(design),
                     .report = model->whole ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK};
  made.delay = brute_library_model(model, made.law, design->workers);
  return made;
}

static inline void brute_case_clear(brute_case *made)
{
  testudo_design_free(made->design);
  testudo_law_free(made->law);
  free(made->wanted.outcome);
}

#endif
