/* SPDX-License-Identifier: GPL-3.0-or-later */
/* {"metric":"domain_copies","value":1,"domains":[..]}: no domain holds more copies of a chunk.
   {"metric":"overlap_bound","value":..,"least":..,"most":..,"domains":[..]}: no placement of the same copies within
   these loads and domains has a smaller largest overlap. Loads are one number per worker, or one for all. */
#include "designfile/placement_claims.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <testudo/designfile.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/write.h"
#include "runtime/design.h"

/* ---- measuring again ---- */

static const char *const metric_words[] = {[TESTUDO_I_DOMAIN_COPIES] = "domain_copies",
                                           [TESTUDO_I_OVERLAP_BOUND] = "overlap_bound", NULL};

int testudo_i_placement_metric_of(const char *metric)
{
  return testudo_i_find_word(metric_words, metric);
}

static testudo_status read_item(const testudo_i_json_at *at, const char *key, const testudo_i_json_value *value,
                                int64_t most, int32_t *into)
{
  if (value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_INTEGER) {
    int64_t number = testudo_i_json_integer(value);
    *into = (int32_t)number;
    if (number >= 0 && number <= most)
      return TESTUDO_OK;
  }
  return testudo_i_json_refuse(at, "%s: must be integers in 0..%lld", key, (long long)most);
}

/* One number per worker; where `one_for_all`, a single number too. */
static testudo_status read_numbers(const testudo_i_claim_item *r, const char *key, bool one_for_all, int64_t most,
                                   int32_t *into)
{
  const testudo_i_json_value *value = testudo_i_json_member(r->at.object, key);
  int32_t workers = r->design->workers;
  bool single = one_for_all && value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_INTEGER;
  if (!single && (value == NULL || testudo_i_json_kind_of(value) != TESTUDO_I_JSON_ARRAY ||
                  testudo_i_json_size(value) != (size_t)workers))
    return testudo_i_json_refuse(&r->at, "%s: must have one integer for each of the %d workers", key, (int)workers);
  for (int32_t j = 0; j < workers; j++)
    TESTUDO_I_TRY(read_item(&r->at, key, single ? value : testudo_i_json_item(value, (size_t)j), most, &into[j]));
  return TESTUDO_OK;
}

static testudo_status measure_bound(const testudo_i_claim_item *r, testudo_i_arena *arena, const int32_t *domain,
                                    double *found)
{
  const testudo_design *design = r->design;
  int32_t *least = testudo_i_arena_alloc(arena, (size_t)design->workers, sizeof *least);
  int32_t *most = testudo_i_arena_alloc(arena, (size_t)design->workers, sizeof *most);
  int32_t *replication = testudo_i_arena_alloc(arena, (size_t)design->chunks, sizeof *replication);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, r->at.error));
  TESTUDO_I_TRY(read_numbers(r, "least", true, design->chunks, least));
  TESTUDO_I_TRY(read_numbers(r, "most", true, design->chunks, most));
  for (int32_t j = 0; j < design->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load < least[j] || load > most[j])
      return TESTUDO_OK;
  }
  for (int32_t i = 0; i < design->chunks; i++)
    replication[i] = testudo_design_replication(design, i);
  testudo_placement_limits limits = {.workers = design->workers, .chunks = design->chunks, .replication = replication,
                                     .least = least, .most = most, .domain = domain};
  int32_t bound;
  char reason[96];
  testudo_status status = testudo_overlap_bound(&limits, &bound, reason, r->at.error);
  if (status == TESTUDO_OK)
    *found = bound;
  /* Limits that nothing keeps are not those of this design. */
  return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : status;
}

static testudo_status measure_claim(const testudo_i_claim_item *r, testudo_i_arena *arena, bool bound, double *found)
{
  bool domains = !bound || testudo_i_json_member(r->at.object, "domains") != NULL;
  int32_t *domain = testudo_i_arena_alloc(arena, (size_t)r->design->workers, sizeof *domain), copies;
  TESTUDO_I_TRY(testudo_i_arena_check(arena, r->at.error));
  if (domains)
    TESTUDO_I_TRY(read_numbers(r, "domains", false, r->design->workers - 1, domain));
  if (bound)
    return measure_bound(r, arena, domains ? domain : NULL, found);
  TESTUDO_I_TRY(testudo_domain_copies(r->design, domain, &copies, r->at.error));
  *found = copies;
  return TESTUDO_OK;
}

testudo_status testudo_i_measure_placement_claim(const testudo_i_claim_item *item, testudo_i_placement_metric metric,
                                                 double *found)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  *found = NAN;
  return measure_claim(item, &arena, metric == TESTUDO_I_OVERLAP_BOUND, found);
}

/* ---- claiming ---- */

static void put_numbers(testudo_i_json_writer *writer, const char *key, const int32_t *number, int32_t count,
                        bool one_for_all)
{
  int32_t same = 1;
  while (same < count && number[same] == number[0])
    same++;
  if (one_for_all && same == count) {
    testudo_i_json_put_integer(writer, key, number[0]);
    return;
  }
  testudo_i_json_put_integers(writer, key, number, (size_t)count);
}

static void put_claim(testudo_i_json_writer *writer, const testudo_placement_limits *limits,
                      testudo_i_placement_metric metric, int32_t value)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", metric_words[metric]);
  testudo_i_json_put_integer(writer, "value", value);
  if (metric == TESTUDO_I_OVERLAP_BOUND) {
    put_numbers(writer, "least", limits->least, limits->workers, true);
    put_numbers(writer, "most", limits->most, limits->workers, true);
  }
  if (limits->domain != NULL)
    put_numbers(writer, "domains", limits->domain, limits->workers, false);
  testudo_i_json_close_object(writer);
}

static testudo_status add_claim(testudo_design *design, const testudo_placement_limits *limits,
                                testudo_i_placement_metric metric, int32_t value, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory claim = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&claim, error));
  put_claim(&claim.writer, limits, metric, value);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&claim, error));
  return testudo_i_design_add_claim(design, claim.text, error);
}

testudo_status testudo_design_claim_placement(testudo_design *design, const testudo_placement_limits *limits,
                                              bool bound_too, testudo_error *error)
{
  int32_t bound = 0, copies;
  char reason[96];
  if (limits->workers != design->workers || limits->chunks != design->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the limits and the design differ in size");
  if (bound_too)
    TESTUDO_I_TRY(testudo_overlap_bound(limits, &bound, reason, error));
  if (limits->domain != NULL) {
    TESTUDO_I_TRY(testudo_domain_copies(design, limits->domain, &copies, error));
    TESTUDO_I_TRY(add_claim(design, limits, TESTUDO_I_DOMAIN_COPIES, copies, error));
  }
  return bound_too ? add_claim(design, limits, TESTUDO_I_OVERLAP_BOUND, bound, error) : TESTUDO_OK;
}

/* ---- carrying over ---- */

/* One claim of the other design, if it concerns a placement and holds here too. */
static testudo_status carry_claim(testudo_design *design, const testudo_i_claim_item *item)
{
  const testudo_i_json_value *metric = testudo_i_json_member(item->at.object, "metric");
  const testudo_i_json_value *value = testudo_i_json_member(item->at.object, "value");
  double found;
  if (metric == NULL || testudo_i_json_kind_of(metric) != TESTUDO_I_JSON_STRING || value == NULL ||
      testudo_i_json_kind_of(value) != TESTUDO_I_JSON_INTEGER)
    return TESTUDO_OK;
  int which = testudo_i_placement_metric_of(testudo_i_json_string(metric));
  if (which < 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_measure_placement_claim(item, (testudo_i_placement_metric)which, &found));
  if (found != testudo_i_json_number(value))
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) char *text = testudo_i_json_text(item->at.object);
  TESTUDO_I_TRY(testudo_i_memory_check(text != NULL, item->at.error));
  return testudo_i_design_add_claim(design, text, item->at.error);
}

testudo_status testudo_design_carry_placement(testudo_design *design, const testudo_design *from, testudo_error *error)
{
  const char *claims = testudo_i_design_member(from, "claims");
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  if (claims == NULL || from->workers != design->workers)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_json_parse(claims, strlen(claims), "claims", &document, error));
  const testudo_i_json_value *root = testudo_i_json_root(document);
  for (size_t k = 0; k < testudo_i_json_size(root); k++) {
    char place[40];
    snprintf(place, sizeof place, "claims[%zu]", k);
    const testudo_i_claim_item item = {design, {document, testudo_i_json_item(root, k), place, error}};
    if (testudo_i_json_kind_of(item.at.object) == TESTUDO_I_JSON_OBJECT)
      TESTUDO_I_TRY(carry_claim(design, &item));
  }
  return TESTUDO_OK;
}
