/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advise/candidates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "code/assignment.h"
#include "sample/sort.h"

/* Tolerances of a nested code: all up to so many, and then in steps. */
#define MOST_TRIED 12

void testudo_i_candidates_clear(testudo_i_candidates *candidates)
{
  for (size_t k = 0; k < candidates->count; k++)
    testudo_design_free(candidates->item[k].way.design);
  free(candidates->item);
  *candidates = (testudo_i_candidates){NULL, 0, 0};
}

/* Takes the design over. */
static testudo_status add(testudo_i_candidates *to, testudo_remedy_kind kind, testudo_design *design, double quantile,
                          const char *name, testudo_error *error)
{
  testudo_status status = TESTUDO_I_GROW(to->item, to->room, to->count + 1, error);
  if (status != TESTUDO_OK) {
    testudo_design_free(design);
    return status;
  }
  testudo_i_candidate_design *item = &to->item[to->count++];
  *item = (testudo_i_candidate_design){.way = {.kind = kind, .design = design, .quantile = quantile}};
  snprintf(item->name, sizeof item->name, "%s", name);
  return TESTUDO_OK;
}

static testudo_status add_design(testudo_i_candidates *to, testudo_remedy_kind kind, testudo_scheme scheme,
                                 const testudo_assignment *assignment, const testudo_i_limits *limits,
                                 double quantile, const char *name, testudo_error *error)
{
  testudo_design *design;
  TESTUDO_I_TRY(testudo_design_create(scheme, assignment, 1, limits->seed, name, &design, error));
  return add(to, kind, design, quantile, name, error);
}

/* ---- every chunk once ---- */

testudo_status testudo_i_offer_uncoded(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment shares = {0};
  TESTUDO_I_TRY(testudo_assignment_uncoded(limits->workers, limits->workers * limits->granularity, &shares, error));
  return add_design(to, TESTUDO_REMEDY_NONE, TESTUDO_SCHEME_UNCODED, &shares, limits, 0.0, "none", error);
}

testudo_status testudo_i_offer_loads(testudo_i_candidates *to, const testudo_i_limits *limits, const double *rates,
                                     testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment uneven = {0};
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *loads = testudo_i_alloc((size_t)limits->workers, sizeof *loads);
  int32_t chunks = limits->workers * limits->granularity;
  testudo_makespan makespan;
  TESTUDO_I_TRY(testudo_i_memory_check(loads != NULL, error));
  TESTUDO_I_TRY(testudo_loads_for_rates(limits->workers, chunks, 1, rates, loads, &makespan, error));
  TESTUDO_I_TRY(testudo_i_assignment_begin(&uneven, limits->workers, chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(&uneven, limits->workers, chunks, chunks, error));
  for (int32_t w = 0; w < limits->workers; w++)
    uneven.row[w + 1] = uneven.row[w] + loads[w];
  for (int32_t i = 0; i < chunks; i++)
    uneven.chunk[i] = i;
  return add_design(to, TESTUDO_REMEDY_UNEQUAL_LOADS, TESTUDO_SCHEME_UNCODED, &uneven, limits, 0.0,
                    "unequal loads, by the workers' speeds", error);
}

testudo_status testudo_i_offer_backup(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error)
{
  static const double quantile[] = {0.75, 0.9}; /* what schedulers use */
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment shares = {0};
  if (limits->load < 2.0 || limits->most_copies < 2)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_assignment_uncoded(limits->workers, limits->workers * limits->granularity, &shares, error));
  for (size_t k = 0; k < sizeof quantile / sizeof *quantile; k++) {
    char name[96];
    snprintf(name, sizeof name, "backup copies of what is late when %.0f %% have finished", 100.0 * quantile[k]);
    TESTUDO_I_TRY(add_design(to, TESTUDO_REMEDY_BACKUP, TESTUDO_SCHEME_UNCODED, &shares, limits, quantile[k], name,
                             error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_offer_first(testudo_i_candidates *to, const testudo_i_limits *limits, int32_t wait,
                                     testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment shares = {0};
  testudo_design *design;
  char name[96];
  TESTUDO_I_TRY(testudo_assignment_uncoded(limits->workers, limits->workers, &shares, error));
  snprintf(name, sizeof name, "the first %d of %d workers, the others left out", (int)wait, (int)limits->workers);
  TESTUDO_I_TRY(testudo_design_create_waiting(&shares, wait, name, &design, error));
  return add(to, TESTUDO_REMEDY_FIRST_K, design, 0.0, name, error);
}

/* ---- gradient codes ---- */

static int32_t most_copies(const testudo_i_limits *limits)
{
  int32_t most = (int32_t)floor(limits->load * (1.0 + 1e-12));
  most = most < limits->most_copies ? most : limits->most_copies;
  return most < limits->workers ? most : limits->workers;
}

static testudo_status offer_code(testudo_i_candidates *to, const testudo_i_limits *limits, int32_t stragglers,
                                 bool groups, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0};
  int32_t m = limits->workers, copies = stragglers + 1;
  testudo_design *design;
  char name[96];
  if (groups && m % copies != 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(groups ? testudo_assignment_frc(m, m, copies, &assignment, error)
                       : testudo_assignment_cyclic(m, copies, &assignment, error));
  snprintf(name, sizeof name, "gradient code for %d straggler%s, %s", (int)stragglers, stragglers == 1 ? "" : "s",
           groups ? "in groups" : "cyclic");
  testudo_status status =
      testudo_design_create_gradient_code(&assignment, stragglers, limits->seed, name, &design, error);
  return status == TESTUDO_OK ? add(to, TESTUDO_REMEDY_GRADIENT_CODE, design, 0.0, name, error) : status;
}

/* When the m - s-th worker has done s + 1 shares, on average; messages are the same for all. */
static double mean_of_code(const testudo_i_ground *ground, int32_t stragglers, double *end)
{
  const testudo_i_iterations *of = &ground->iterations;
  double sum = 0.0, over = ground->request->model != NULL ? ground->request->model->overhead : 0.0;
  for (int64_t i = 0; i < of->count; i++) {
    for (int32_t w = 0; w < of->workers; w++) {
      int64_t cell = i * of->workers + w;
      end[w] = of->start[cell] + (stragglers + 1) * over;
      for (int32_t k = 0; k < (stragglers + 1) * of->chunks; k++)
        end[w] += of->time[cell * of->places + k];
    }
    testudo_i_sort_times(end, (size_t)of->workers);
    sum += end[of->workers - 1 - stragglers];
  }
  return sum;
}

testudo_status testudo_i_offer_gradient_codes(testudo_i_candidates *to, const testudo_i_limits *limits,
                                              const testudo_i_ground *ground, testudo_error *error)
{
  int32_t most = most_copies(limits) - 1, best = 1;
  TESTUDO_I_HELD(testudo_i_free_held) double *end = testudo_i_alloc((size_t)limits->workers, sizeof *end);
  TESTUDO_I_TRY(testudo_i_memory_check(end != NULL, error));
  if (most < 1)
    return TESTUDO_OK;
  double least = mean_of_code(ground, best, end);
  for (int32_t s = 2; s <= most; s++) {
    double one = mean_of_code(ground, s, end);
    best = one < least ? s : best;
    least = fmin(least, one);
  }
  return offer_code(to, limits, best, false, error);
}

testudo_status testudo_i_offer_grouped_codes(testudo_i_candidates *to, const testudo_i_limits *limits,
                                             testudo_error *error)
{
  for (int32_t s = 1; s < most_copies(limits); s++)
    TESTUDO_I_TRY(offer_code(to, limits, s, true, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_offer_nested(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error)
{
  int32_t most = most_copies(limits) - 1, tolerance[MOST_TRIED + 1], count = 0, step = 1 + most / (MOST_TRIED + 1);
  testudo_design *design;
  char name[96];
  for (int32_t s = 0; s <= most; s += step)
    tolerance[count++] = s;
  if (count < 2)
    return TESTUDO_OK;
  snprintf(name, sizeof name, "nested code for up to %d straggler%s", (int)tolerance[count - 1],
           tolerance[count - 1] == 1 ? "" : "s");
  TESTUDO_I_TRY(testudo_design_create_nested(limits->workers, tolerance, count, limits->seed, name, &design, error));
  return add(to, TESTUDO_REMEDY_NESTED, design, 0.0, name, error);
}

/* ---- partial ---- */

typedef struct partial_rule {
  testudo_slot_rule rule;
  testudo_pairing pairing;
  bool independent;
  const char *name;
} partial_rule;

static const partial_rule rules[] = {
    {TESTUDO_SLOTS_BACK, TESTUDO_PAIRING_ADDED, false, "back"},
    {TESTUDO_SLOTS_BACK, TESTUDO_PAIRING_XOR, false, "back, xor"},
    {TESTUDO_SLOTS_STEAL, TESTUDO_PAIRING_BEST, false, "steal"},
    {TESTUDO_SLOTS_DRAFT, TESTUDO_PAIRING_BEST, false, "draft"},
    {TESTUDO_SLOTS_DRAFT, TESTUDO_PAIRING_BEST, true, "draft for independent chunks"},
};

/* Groups where they fill the workers, otherwise a circle; `foreign` slots of others, 0: all. What does not exist for
   these sizes is no candidate. */
static testudo_status offer_slots(testudo_i_candidates *to, const testudo_i_limits *limits, int32_t partners,
                                  const partial_rule *rule, int32_t foreign, testudo_error *error)
{
  int32_t m = limits->workers, c = limits->granularity;
  bool groups = m % partners == 0, power = (partners & (partners - 1)) == 0;
  const testudo_slot_order order = {.rule = rule->rule, .pairing = groups ? rule->pairing : TESTUDO_PAIRING_ADDED,
                                    .independent = rule->independent, .shortened = foreign > 0, .foreign = foreign};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0};
  char name[96];
  if (rule->pairing == TESTUDO_PAIRING_XOR && !(groups && power && partners > 2))
    return TESTUDO_OK;
  double load = foreign > 0 ? 1.0 + (double)foreign / c : partners;
  if (load > limits->load * (1.0 + 1e-12))
    return TESTUDO_OK;
  testudo_error own;
  testudo_status status = testudo_assignment_by_slots(m, m * c, groups ? partners : m, partners, &order, &assignment,
                                                      &own);
  if (status != TESTUDO_OK)
    return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : testudo_i_fail(error, status, "%s", own.text);
  snprintf(name, sizeof name, "partial, %s of %d, %d chunk%s a share, %s%s", groups ? "groups" : "a circle",
           (int)(groups ? partners : m), (int)c, c == 1 ? "" : "s", rule->name, foreign > 0 ? ", shortened" : "");
  return add_design(to, TESTUDO_REMEDY_PARTIAL, TESTUDO_SCHEME_PARTIAL, &assignment, limits, 0.0, name, error);
}

/* 8 chunks a share in groups of six, 1 to 6 copies. */
static testudo_status offer_uneven(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error)
{
  static const testudo_slot_order order = {.rule = TESTUDO_SLOTS_UNEVEN, .pairing = TESTUDO_PAIRING_ADDED};
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0};
  if (limits->granularity != 8 || limits->workers % 6 != 0 || limits->load < 4.0 || limits->most_copies < 6)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_assignment_by_slots(limits->workers, limits->workers * 8, 6, 6, &order, &assignment, error));
  return add_design(to, TESTUDO_REMEDY_PARTIAL, TESTUDO_SCHEME_PARTIAL, &assignment, limits, 0.0,
                    "partial, groups of 6, 8 chunks a share, uneven copies", error);
}

/* Chunks as large as shares. */
static testudo_status offer_coarse(testudo_i_candidates *to, const testudo_i_limits *limits, int32_t copies,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment groups = {0}, circle = {0};
  int32_t m = limits->workers;
  char name[96];
  if (m % copies == 0) {
    bool power = (copies & (copies - 1)) == 0;
    TESTUDO_I_TRY(testudo_assignment_frc(m, m, copies, &groups, error));
    TESTUDO_I_TRY(power ? testudo_order_xor(&groups, error) : testudo_order_rotated(&groups, error));
    snprintf(name, sizeof name, "partial, groups of %d, whole shares, %s", (int)copies, power ? "xor" : "rotated");
    TESTUDO_I_TRY(add_design(to, TESTUDO_REMEDY_PARTIAL, TESTUDO_SCHEME_PARTIAL, &groups, limits, 0.0, name, error));
  }
  TESTUDO_I_TRY(testudo_assignment_cyclic(m, copies, &circle, error));
  snprintf(name, sizeof name, "partial, %d copies on a circle, whole shares", (int)copies);
  return add_design(to, TESTUDO_REMEDY_PARTIAL, TESTUDO_SCHEME_PARTIAL, &circle, limits, 0.0, name, error);
}

static testudo_status offer_finer(testudo_i_candidates *to, const testudo_i_limits *limits, int32_t copies,
                                  testudo_error *error)
{
  int32_t c = limits->granularity;
  for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
    TESTUDO_I_TRY(offer_slots(to, limits, copies, &rules[k], 0, error));
    /* Half a share of other workers' chunks, and one share of more partners. */
    TESTUDO_I_TRY(offer_slots(to, limits, copies, &rules[k], c / 2, error));
    if (copies > 2)
      TESTUDO_I_TRY(offer_slots(to, limits, copies, &rules[k], c, error));
    /* As many as a tight limit of load leaves. */
    int32_t left = (int32_t)floor((limits->load - 1.0) * c * (1.0 + 1e-12));
    if (left > 0 && left < c && left != c / 2)
      TESTUDO_I_TRY(offer_slots(to, limits, copies, &rules[k], left, error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_offer_partial(testudo_i_candidates *to, const testudo_i_limits *limits, testudo_error *error)
{
  int32_t most = most_copies(limits);
  /* Shortened orders have more partners than copies. */
  int32_t partners = limits->load > 1.0 && most < 4 && limits->granularity > 1 ? 4 : most;
  partners = partners < limits->most_copies ? partners : limits->most_copies;
  partners = partners < limits->workers ? partners : limits->workers;
  for (int32_t d = 2; d <= partners; d++)
    if (d <= 6 || d == most || limits->workers % d == 0) /* of large limits only what divides */
      TESTUDO_I_TRY((limits->granularity == 1 ? offer_coarse : offer_finer)(to, limits, d, error));
  return limits->granularity == 1 ? TESTUDO_OK : offer_uneven(to, limits, error);
}
