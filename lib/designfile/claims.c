/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims: numbers about a design that its file carries, so that a reader can measure them again.
   {"metric":"q_max","level":l,"value":..}, {"metric":"row_sum_max","level":l,"value":..},
   {"metric":"max_overlap","value":..}; of families for approximate codes also {"metric":"second_singular_value",..}
   - "centred_norm" where loads or replication differ -,
   {"metric":"spectral_gap",..} and {"metric":"pairwise_imbalance",..}, to ten digits; and
   those of placement_claims.c. */
#include <testudo/approximate.h>
#include <testudo/designfile.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "designfile/claims.h"
#include "designfile/placement_claims.h"
#include "json/read.h"
#include "json/write.h"
#include "runtime/design.h"

/* ---- measuring, each quantity once ---- */

/* Levels above the largest replication all have the values of the one just above it. */
typedef struct measure_set {
  testudo_i_arena *arena;
  const testudo_design *design;
  int32_t levels;         /* max_replication + 1 */
  int64_t *q_max;         /* NULL until measured */
  int64_t *row_sum_max;   /* -1 until measured */
  int32_t max_overlap;    /* -1 until measured */
  testudo_spectrum spectrum; /* first = 0 until measured */
} measure_set;

static testudo_status start_measures(measure_set *measures, const testudo_design *design, testudo_i_arena *arena,
                                     testudo_error *error)
{
  *measures = (measure_set){.arena = arena, .design = design, .levels = design->max_replication + 1, .max_overlap = -1};
  measures->row_sum_max = testudo_i_arena_alloc(arena, (size_t)measures->levels, sizeof *measures->row_sum_max);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t k = 0; k < measures->levels; k++)
    measures->row_sum_max[k] = -1;
  return TESTUDO_OK;
}

static testudo_status measure_q_max(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  if (measures->q_max == NULL) {
    int64_t *q_max = testudo_i_arena_alloc(measures->arena, (size_t)measures->levels, sizeof *q_max);
    TESTUDO_I_TRY(testudo_i_arena_check(measures->arena, error));
    TESTUDO_I_TRY(testudo_q_max(measures->design, measures->levels, q_max, error));
    measures->q_max = q_max;
  }
  *found = (double)measures->q_max[(level < measures->levels ? level : measures->levels) - 1];
  return TESTUDO_OK;
}

static testudo_status measure_row_sum_max(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  int32_t kept = level < measures->levels ? level : measures->levels;
  int64_t *value = &measures->row_sum_max[kept - 1];
  if (*value < 0)
    TESTUDO_I_TRY(testudo_row_sum_max(measures->design, kept, value, error));
  *found = (double)*value;
  return TESTUDO_OK;
}

static testudo_status measure_max_overlap(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  (void)level;
  if (measures->max_overlap < 0)
    TESTUDO_I_TRY(testudo_max_overlap(measures->design, &measures->max_overlap, error));
  *found = measures->max_overlap;
  return TESTUDO_OK;
}

static testudo_status measure_spectrum(measure_set *measures, testudo_error *error)
{
  return measures->spectrum.first > 0.0 ? TESTUDO_OK
                                        : testudo_spectrum_measure(measures->design, &measures->spectrum, error);
}

static testudo_status measure_second(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  (void)level;
  TESTUDO_I_TRY(measure_spectrum(measures, error));
  *found = measures->spectrum.second;
  return TESTUDO_OK;
}

static testudo_status measure_gap(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  (void)level;
  TESTUDO_I_TRY(measure_spectrum(measures, error));
  *found = measures->spectrum.gap;
  return TESTUDO_OK;
}

static testudo_status measure_imbalance(measure_set *measures, int32_t level, double *found, testudo_error *error)
{
  double root;
  (void)level;
  testudo_status status = testudo_balance_measure(measures->design, found, &root, error);
  if (status != TESTUDO_ERROR_ARGUMENT)
    return status;
  *found = NAN; /* too large to measure: does not hold */
  return TESTUDO_OK;
}

/* Eigenvalues come with rounding, whose last digits are the algorithm's: they are claimed to ten digits and hold to
   six. */
#define TOLERANCE 1e-6

typedef struct metric_rule {
  const char *name;
  bool has_level;
  bool is_real;
  testudo_status (*measure)(measure_set *measures, int32_t level, double *found, testudo_error *error);
} metric_rule;

static const metric_rule known_metrics[] = {
    {"q_max", true, false, measure_q_max},
    {"row_sum_max", true, false, measure_row_sum_max},
    {"max_overlap", false, false, measure_max_overlap},
    {"second_singular_value", false, true, measure_second},
    {"centred_norm", false, true, measure_second},
    {"spectral_gap", false, true, measure_gap},
    {"pairwise_imbalance", false, true, measure_imbalance},
};

static const metric_rule *find_metric(const char *name)
{
  for (size_t k = 0; k < sizeof known_metrics / sizeof *known_metrics; k++)
    if (strcmp(known_metrics[k].name, name) == 0)
      return &known_metrics[k];
  return NULL;
}

/* ---- claiming ---- */

static testudo_status put_metric(testudo_i_json_writer *writer, measure_set *measures, const char *name, int32_t level,
                                 testudo_error *error)
{
  const metric_rule *metric = find_metric(name);
  double found;
  TESTUDO_I_TRY(metric->measure(measures, level, &found, error));
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", name);
  if (metric->has_level)
    testudo_i_json_put_integer(writer, "level", level);
  if (metric->is_real) {
    char digits[40];
    snprintf(digits, sizeof digits, "%.10g", fabs(found) < 1e-10 ? 0.0 : found);
    testudo_i_json_put_real(writer, "value", strtod(digits, NULL));
  } else
    testudo_i_json_put_integer(writer, "value", (int64_t)found);
  testudo_i_json_close_object(writer);
  return TESTUDO_OK;
}

static testudo_status put_claims(testudo_i_json_writer *writer, measure_set *measures, testudo_family_claims family,
                                 testudo_error *error)
{
  int32_t parts = measures->design->parts;
  testudo_i_json_open_array(writer, NULL);
  for (int32_t level = 1; level <= parts; level++)
    TESTUDO_I_TRY(put_metric(writer, measures, "q_max", level, error));
  TESTUDO_I_TRY(put_metric(writer, measures, "row_sum_max", parts, error));
  TESTUDO_I_TRY(put_metric(writer, measures, "max_overlap", 0, error));
  if (family != TESTUDO_CLAIM_NOTHING_MORE) {
    TESTUDO_I_TRY(measure_spectrum(measures, error));
    const char *second = measures->spectrum.regular ? "second_singular_value" : "centred_norm";
    TESTUDO_I_TRY(put_metric(writer, measures, second, 0, error));
    TESTUDO_I_TRY(put_metric(writer, measures, "spectral_gap", 0, error));
  }
  if (family == TESTUDO_CLAIM_BALANCE)
    TESTUDO_I_TRY(put_metric(writer, measures, "pairwise_imbalance", 0, error));
  testudo_i_json_close_array(writer);
  return TESTUDO_OK;
}

testudo_status testudo_design_claim(testudo_design *design, testudo_error *error)
{
  return testudo_design_claim_family(design, TESTUDO_CLAIM_NOTHING_MORE, error);
}

testudo_status testudo_design_claim_family(testudo_design *design, testudo_family_claims family, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  measure_set measures;
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory claims = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&claims, error));
  TESTUDO_I_TRY(start_measures(&measures, design, &arena, error));
  TESTUDO_I_TRY(put_claims(&claims.writer, &measures, family, error));
  TESTUDO_I_TRY(testudo_i_json_memory_end(&claims, error));
  return testudo_i_design_set_member(design, "claims", claims.text, error);
}

/* ---- proving ---- */

static testudo_status read_claim(const testudo_i_json_at *at, testudo_claim *claim, const metric_rule **metric)
{
  const char *name;
  if (testudo_i_json_kind_of(at->object) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(at->error, TESTUDO_ERROR_INPUT, "%s: %s: is %s, but must be an object",
                          testudo_i_json_name(at->document), at->place, testudo_i_json_kind_name(at->object));
  TESTUDO_I_TRY(testudo_i_json_want_string(at, "metric", &name));
  const testudo_i_json_value *value = testudo_i_json_member(at->object, "value");
  if (!testudo_i_json_is_number(value))
    return testudo_i_json_refuse(at, "value: must be a number");
  snprintf(claim->metric, sizeof claim->metric, "%s", name);
  claim->claimed = testudo_i_json_number(value);
  *metric = find_metric(name);
  int64_t level = 0;
  if (*metric != NULL && (*metric)->has_level)
    TESTUDO_I_TRY(testudo_i_json_want_integer(at, "level", 1, TESTUDO_MAX_WORKERS, &level));
  claim->level = (int32_t)level;
  return TESTUDO_OK;
}

static testudo_status prove_one(const testudo_i_claim_item *item, measure_set *measures,
                                const testudo_i_prover *prover, testudo_claim *claim)
{
  const metric_rule *metric = NULL;
  TESTUDO_I_TRY(read_claim(&item->at, claim, &metric));
  int placement = testudo_i_placement_metric_of(claim->metric);
  if (metric != NULL)
    TESTUDO_I_TRY(metric->measure(measures, claim->level, &claim->found, item->at.error));
  else if (placement >= 0)
    TESTUDO_I_TRY(testudo_i_measure_placement_claim(item, (testudo_i_placement_metric)placement, &claim->found));
  else
    return prover == NULL ? TESTUDO_OK : prover->prove(prover->context, item, claim);
  double allowed = metric != NULL && metric->is_real ? TOLERANCE * fmax(1.0, fabs(claim->found)) : 0.0;
  claim->known = true;
  claim->holds = fabs(claim->found - claim->claimed) <= allowed;
  return TESTUDO_OK;
}

testudo_status testudo_i_design_prove_with(const testudo_design *design, const char *name,
                                           const testudo_i_prover *prover, testudo_claim **claims, size_t *count,
                                           testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_free_held) testudo_claim *proved = NULL;
  measure_set measures;
  *claims = NULL;
  *count = 0;
  /* The member as it was read, so it is JSON. */
  const char *text = testudo_i_design_member(design, "claims");
  text = text == NULL ? "[]" : text;
  TESTUDO_I_TRY(testudo_i_json_parse(text, strlen(text), name, &document, error));
  const testudo_i_json_value *root = testudo_i_json_root(document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_ARRAY)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: claims: is %s, but must be an array", name,
                          testudo_i_json_kind_name(root));
  proved = testudo_i_calloc(testudo_i_json_size(root), sizeof *proved);
  TESTUDO_I_TRY(testudo_i_memory_check(proved != NULL, error));
  TESTUDO_I_TRY(start_measures(&measures, design, &arena, error));
  for (size_t k = 0; k < testudo_i_json_size(root); k++) {
    char place[40];
    snprintf(place, sizeof place, "claims[%zu]", k);
    const testudo_i_claim_item item = {design, {document, testudo_i_json_item(root, k), place, error}};
    TESTUDO_I_TRY(prove_one(&item, &measures, prover, &proved[k]));
  }
  *count = testudo_i_json_size(root);
  *claims = proved;
  proved = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_design_prove(const testudo_design *design, const char *name, testudo_claim **claims,
                                    size_t *count, testudo_error *error)
{
  return testudo_i_design_prove_with(design, name, NULL, claims, count, error);
}

testudo_status testudo_i_design_add_claim(testudo_design *design, const char *text, testudo_error *error)
{
  const char *before = testudo_i_design_member(design, "claims");
  if (before == NULL || strlen(before) < 2)
    before = "[]";
  size_t kept = strlen(before) - 1, room = kept + strlen(text) + 3;
  TESTUDO_I_HELD(testudo_i_free_held) char *whole = testudo_i_alloc(room, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(whole != NULL, error));
  snprintf(whole, room, "%.*s%s%s]", (int)kept, before, kept > 1 ? "," : "", text);
  return testudo_i_design_set_member(design, "claims", whole, error);
}
