/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot/curves.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

static double number_of(const testudo_i_json_value *value)
{
  if (value == NULL)
    return NAN;
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  return kind == TESTUDO_I_JSON_INTEGER || kind == TESTUDO_I_JSON_REAL ? testudo_i_json_number(value) : NAN;
}

static const testudo_i_json_value *member(const testudo_i_json_value *object, const char *key)
{
  if (object == NULL || testudo_i_json_kind_of(object) != TESTUDO_I_JSON_OBJECT)
    return NULL;
  return testudo_i_json_member(object, key);
}

static testudo_status take(cli_list *list, const testudo_i_json_value *object, const char *key, testudo_error *error)
{
  const testudo_i_json_value *array = member(object, key);
  if (array == NULL || testudo_i_json_kind_of(array) != TESTUDO_I_JSON_ARRAY)
    return TESTUDO_OK;
  size_t count = testudo_i_json_size(array);
  list->value = testudo_i_alloc(count, sizeof *list->value);
  if (list->value == NULL)
    return testudo_i_fail_memory(error);
  for (size_t k = 0; k < count; k++)
    list->value[k] = number_of(testudo_i_json_item(array, k));
  list->count = count;
  return TESTUDO_OK;
}

typedef struct cli_wanted {
  cli_list *list;
  const testudo_i_json_value *object;
  const char *key;
} cli_wanted;

static testudo_status take_all(const cli_wanted *wanted, size_t count, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < count && status == TESTUDO_OK; k++)
    status = take(wanted[k].list, wanted[k].object, wanted[k].key, error);
  return status;
}

static testudo_status take_analysis(cli_curves *curves, const testudo_i_json_value *object, testudo_error *error)
{
  const testudo_i_json_value *latency = member(object, "latency"), *cdf = member(latency, "cdf");
  const testudo_i_json_value *deadline = member(object, "error");
  const cli_wanted all[] = {{&curves->time, cdf, "t"}, {&curves->p, cdf, "p"}, {&curves->lower, cdf, "p_lower"},
                        {&curves->upper, cdf, "p_upper"}, {&curves->error_time, deadline, "t"},
                        {&curves->mse, deadline, "nmse"}, {&curves->bin, object, "histogram"}};
  curves->mean = number_of(member(latency, "mean"));
  if (!isfinite(curves->mean)) {
    curves->mean_lower = number_of(member(latency, "lower"));
    curves->mean_upper = number_of(member(latency, "upper"));
  }
  return take_all(all, sizeof all / sizeof *all, error);
}

static testudo_status take_simulation(cli_curves *curves, const testudo_i_json_value *object, testudo_error *error)
{
  const testudo_i_json_value *latency = member(object, "latency"), *cdf = member(latency, "cdf");
  const testudo_i_json_value *deadline = member(object, "error"), *bins = member(object, "histogram");
  const cli_wanted all[] = {{&curves->sim_time, cdf, "t"}, {&curves->sim_p, cdf, "p"},
                        {&curves->sim_error_time, deadline, "t"}, {&curves->sim_mse, deadline, "nmse"},
                        {&curves->edge, bins, "edges"}, {&curves->count, bins, "counts"}};
  curves->trials = number_of(member(object, "trials"));
  if (!isfinite(curves->mean)) {
    curves->mean = number_of(member(latency, "mean"));
    curves->mean_simulated = isfinite(curves->mean);
  }
  return take_all(all, sizeof all / sizeof *all, error);
}

void curves_free(cli_curves *curves)
{
  cli_list *all[] = {&curves->time, &curves->p, &curves->lower, &curves->upper, &curves->sim_time, &curves->sim_p,
                 &curves->edge, &curves->count, &curves->bin, &curves->error_time, &curves->mse,
                 &curves->sim_error_time, &curves->sim_mse};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    free(all[k]->value);
}

/* Lists that belong together must have one length, whoever wrote the file. */
static testudo_status check(const cli_curves *curves, const char *name, testudo_error *error)
{
  const struct {
    const cli_list *a, *b;
    size_t more; /* a is longer by this */
    const char *what;
  } pairs[] = {{&curves->time, &curves->p, 0, "cdf.t and cdf.p"},
               {&curves->time, &curves->lower, 0, "cdf.t and cdf.p_lower"},
               {&curves->lower, &curves->upper, 0, "cdf.p_lower and cdf.p_upper"},
               {&curves->sim_time, &curves->sim_p, 0, "simulated cdf.t and cdf.p"},
               {&curves->error_time, &curves->mse, 0, "error.t and error.nmse"},
               {&curves->sim_error_time, &curves->sim_mse, 0, "simulated error.t and error.nmse"},
               {&curves->edge, &curves->count, 1, "histogram.edges and histogram.counts"},
               {&curves->edge, &curves->bin, 1, "histogram.edges and analyze.histogram"}};
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
    if (pairs[k].b->count > 0 && pairs[k].a->count != pairs[k].b->count + pairs[k].more)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s do not fit together: %zu and %zu entries", name,
                            pairs[k].what, pairs[k].a->count, pairs[k].b->count);
  bool band = curves->lower.count > 0 && curves->upper.count == curves->lower.count;
  if (curves->p.count == 0 && !band && curves->count.count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: there is no completion-time law in it to draw", name);
  return TESTUDO_OK;
}

testudo_status curves_read_law(cli_list *time, cli_list *p, const testudo_i_json_value *fit, testudo_error *error)
{
  const testudo_i_json_value *law = member(fit, "ecdf");
  testudo_status status = take(time, law, "t", error);
  return status == TESTUDO_OK ? take(p, law, "p", error) : status;
}

testudo_status curves_read_object(cli_curves *curves, const testudo_i_json_value *object, const char *name,
                                  testudo_error *error)
{
  *curves = (struct cli_curves){.mean = NAN, .trials = NAN, .mean_lower = NAN, .mean_upper = NAN};
  const testudo_i_json_value *analysis = member(object, "analyze"), *simulation = member(object, "simulate");
  if (analysis == NULL && simulation == NULL && member(object, "latency") == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: neither a design nor a result of analyze, simulate, validate or compare", name);
  if (analysis == NULL && simulation == NULL) {
    bool simulated = member(object, "trials") != NULL;
    analysis = simulated ? NULL : object;
    simulation = simulated ? object : NULL;
  }
  testudo_status status = analysis == NULL ? TESTUDO_OK : take_analysis(curves, analysis, error);
  if (status == TESTUDO_OK && simulation != NULL)
    status = take_simulation(curves, simulation, error);
  return status == TESTUDO_OK ? check(curves, name, error) : status;
}

testudo_status curves_read(cli_curves *curves, const testudo_i_json_document *document, testudo_error *error)
{
  return curves_read_object(curves, testudo_i_json_root(document), testudo_i_json_name(document), error);
}
