/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that a JSON result holds, and its numbers and texts. */
#include "plot/curves.h"

#include <math.h>

#include "base/error.h"

static double number_of(const testudo_i_json_value *value)
{
  if (value == NULL)
    return NAN;
  testudo_i_json_kind kind = testudo_i_json_kind_of(value);
  return kind == TESTUDO_I_JSON_INTEGER || kind == TESTUDO_I_JSON_REAL ? testudo_i_json_number(value) : NAN;
}

const testudo_i_json_value *curves_member(const testudo_i_json_value *object, const char *key)
{
  if (object == NULL || testudo_i_json_kind_of(object) != TESTUDO_I_JSON_OBJECT)
    return NULL;
  return testudo_i_json_member(object, key);
}

double curves_number(const testudo_i_json_value *object, const char *key)
{
  return number_of(curves_member(object, key));
}

const char *curves_text(const testudo_i_json_value *object, const char *key)
{
  const testudo_i_json_value *text = curves_member(object, key);
  return text != NULL && testudo_i_json_kind_of(text) == TESTUDO_I_JSON_STRING ? testudo_i_json_string(text) : NULL;
}

testudo_status curves_want_list(const testudo_i_json_document *document, const char *key, size_t most,
                                const testudo_i_json_value **list, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, testudo_i_json_root(document), "", key, TESTUDO_I_JSON_ARRAY, list,
                                         error));
  size_t count = testudo_i_json_size(*list);
  if (count >= 1 && count <= most)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: has %zu entries, but 1..%zu can be drawn",
                        testudo_i_json_name(document), key, count, most);
}

static testudo_status curves_take(cli_list *list, const testudo_i_json_value *object, const char *key,
                                  testudo_i_arena *arena, testudo_error *error)
{
  const testudo_i_json_value *array = curves_member(object, key);
  if (array == NULL || testudo_i_json_kind_of(array) != TESTUDO_I_JSON_ARRAY)
    return TESTUDO_OK;
  size_t count = testudo_i_json_size(array);
  list->value = testudo_i_arena_alloc(arena, count, sizeof *list->value);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
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

static testudo_status curves_take_all(const cli_wanted *wanted, size_t count, testudo_i_arena *arena,
                                      testudo_error *error)
{
  for (size_t k = 0; k < count; k++)
    TESTUDO_I_TRY(curves_take(wanted[k].list, wanted[k].object, wanted[k].key, arena, error));
  return TESTUDO_OK;
}

static testudo_status take_analysis(cli_curves *curves, const testudo_i_json_value *object, testudo_error *error)
{
  const testudo_i_json_value *latency = curves_member(object, "latency"), *cdf = curves_member(latency, "cdf");
  const testudo_i_json_value *deadline = curves_member(object, "error");
  const cli_wanted all[] = {{&curves->time, cdf, "t"}, {&curves->p, cdf, "p"}, {&curves->lower, cdf, "p_lower"},
                            {&curves->upper, cdf, "p_upper"}, {&curves->error_time, deadline, "t"},
                            {&curves->mse, deadline, "nmse"}, {&curves->bin, object, "histogram"}};
  curves->mean = curves_number(latency, "mean");
  if (!isfinite(curves->mean)) {
    curves->mean_lower = curves_number(latency, "lower");
    curves->mean_upper = curves_number(latency, "upper");
  }
  return curves_take_all(all, sizeof all / sizeof *all, &curves->arena, error);
}

static testudo_status take_simulation(cli_curves *curves, const testudo_i_json_value *object, testudo_error *error)
{
  const testudo_i_json_value *latency = curves_member(object, "latency"), *cdf = curves_member(latency, "cdf");
  const testudo_i_json_value *deadline = curves_member(object, "error"), *bins = curves_member(object, "histogram");
  const cli_wanted all[] = {{&curves->sim_time, cdf, "t"}, {&curves->sim_p, cdf, "p"},
                            {&curves->sim_error_time, deadline, "t"}, {&curves->sim_mse, deadline, "nmse"},
                            {&curves->edge, bins, "edges"}, {&curves->count, bins, "counts"}};
  curves->trials = curves_number(object, "trials");
  if (!isfinite(curves->mean)) {
    curves->mean = curves_number(latency, "mean");
    curves->mean_simulated = isfinite(curves->mean);
  }
  return curves_take_all(all, sizeof all / sizeof *all, &curves->arena, error);
}

void curves_free(cli_curves *curves)
{
  testudo_i_arena_clear(&curves->arena);
}

/* Lists that belong together must have one length, whoever wrote the file. */
static testudo_status curves_check(const cli_curves *curves, const char *name, testudo_error *error)
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
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: contains no completion-time law to draw", name);
  return TESTUDO_OK;
}

testudo_status curves_read_law(cli_list *time, cli_list *p, const testudo_i_json_value *fit, testudo_i_arena *arena,
                               testudo_error *error)
{
  const testudo_i_json_value *law = curves_member(fit, "ecdf");
  TESTUDO_I_TRY(curves_take(time, law, "t", arena, error));
  return curves_take(p, law, "p", arena, error);
}

testudo_status curves_read(cli_curves *curves, const testudo_i_json_value *object, const char *name,
                           testudo_error *error)
{
  *curves = (struct cli_curves){.mean = NAN, .trials = NAN, .mean_lower = NAN, .mean_upper = NAN};
  const testudo_i_json_value *analysis = curves_member(object, "analyze");
  const testudo_i_json_value *simulation = curves_member(object, "simulate");
  if (analysis == NULL && simulation == NULL && curves_member(object, "latency") == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: neither a design nor a result of analyze, simulate, validate or compare", name);
  if (analysis == NULL && simulation == NULL) {
    bool simulated = curves_member(object, "trials") != NULL;
    analysis = simulated ? NULL : object;
    simulation = simulated ? object : NULL;
  }
  if (analysis != NULL)
    TESTUDO_I_TRY(take_analysis(curves, analysis, error));
  if (simulation != NULL)
    TESTUDO_I_TRY(take_simulation(curves, simulation, error));
  return curves_check(curves, name, error);
}
