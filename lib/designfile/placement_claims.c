/* SPDX-License-Identifier: GPL-3.0-or-later */
/* {"metric":"domain_copies","value":1,"domains":[..]}: no domain holds more copies of a chunk.
   {"metric":"overlap_bound","value":..,"least":..,"most":..,"domains":[..]}: no placement of the same copies within
   these loads and domains has a smaller largest overlap. Loads are one number a worker, or one for all. */
#define _POSIX_C_SOURCE 200809L
#include "designfile/placement_claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "base/memory.h"
#include "json/write.h"
#include "runtime/design.h"

/* ---- measuring again ---- */

bool testudo_i_is_placement_claim(const char *metric)
{
  return strcmp(metric, "domain_copies") == 0 || strcmp(metric, "overlap_bound") == 0;
}

typedef struct claim_reader {
  const testudo_design *design;
  const testudo_i_json_document *document;
  const testudo_i_json_value *item;
  const char *place;
  testudo_error *error;
} claim_reader;

static testudo_status read_item(const claim_reader *r, const char *key, const testudo_i_json_value *value, int64_t most,
                                int32_t *into)
{
  if (value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_INTEGER) {
    int64_t number = testudo_i_json_integer(value);
    *into = (int32_t)number;
    if (number >= 0 && number <= most)
      return TESTUDO_OK;
  }
  return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: %s.%s: must be integers in 0..%lld",
                        testudo_i_json_name(r->document), r->place, key, (long long)most);
}

/* One number a worker; where `one_for_all`, a single number too. */
static testudo_status read_numbers(const claim_reader *r, const char *key, bool one_for_all, int64_t most,
                                   int32_t *into)
{
  const testudo_i_json_value *value = testudo_i_json_member(r->item, key);
  int32_t workers = r->design->workers;
  bool single = one_for_all && value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_INTEGER;
  if (!single && (value == NULL || testudo_i_json_kind_of(value) != TESTUDO_I_JSON_ARRAY ||
                  testudo_i_json_size(value) != (size_t)workers))
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: %s.%s: must have one integer for each of the %d workers",
                          testudo_i_json_name(r->document), r->place, key, (int)workers);
  testudo_status status = TESTUDO_OK;
  for (int32_t j = 0; status == TESTUDO_OK && j < workers; j++)
    status = read_item(r, key, single ? value : testudo_i_json_item(value, (size_t)j), most, &into[j]);
  return status;
}

static testudo_status measure_bound(const claim_reader *r, const int32_t *domain, int32_t *least, int32_t *most,
                                    double *found)
{
  const testudo_design *design = r->design;
  testudo_status status = read_numbers(r, "least", true, design->chunks, least);
  if (status == TESTUDO_OK)
    status = read_numbers(r, "most", true, design->chunks, most);
  if (status != TESTUDO_OK)
    return status;
  for (int32_t j = 0; j < design->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load < least[j] || load > most[j])
      return TESTUDO_OK;
  }
  int32_t *replication = testudo_i_alloc((size_t)design->chunks, sizeof *replication);
  if (replication == NULL)
    return testudo_i_fail_memory(r->error);
  for (int32_t i = 0; i < design->chunks; i++)
    replication[i] = testudo_design_replication(design, i);
  testudo_placement_limits limits = {.workers = design->workers, .chunks = design->chunks, .replication = replication,
                                     .least = least, .most = most, .domain = domain};
  int32_t bound;
  char reason[96];
  status = testudo_overlap_bound(&limits, &bound, reason, r->error);
  if (status == TESTUDO_OK)
    *found = bound;
  free(replication);
  /* Limits that nothing keeps are not those of this design. */
  return status == TESTUDO_ERROR_ARGUMENT ? TESTUDO_OK : status;
}

testudo_status testudo_i_measure_placement_claim(const testudo_design *design, const testudo_i_json_document *document,
                                                 const testudo_i_json_value *item, const char *place,
                                                 const char *metric, double *found, testudo_error *error)
{
  claim_reader r = {design, document, item, place, error};
  size_t workers = (size_t)design->workers;
  bool bound = strcmp(metric, "overlap_bound") == 0;
  bool domains = !bound || testudo_i_json_member(item, "domains") != NULL;
  int32_t *domain = testudo_i_alloc(workers, sizeof *domain), copies;
  int32_t *least = testudo_i_alloc(workers, sizeof *least), *most = testudo_i_alloc(workers, sizeof *most);
  testudo_status status = TESTUDO_OK;
  *found = NAN;
  if (domain == NULL || least == NULL || most == NULL)
    status = testudo_i_fail_memory(error);
  if (status == TESTUDO_OK && domains)
    status = read_numbers(&r, "domains", false, design->workers - 1, domain);
  if (status == TESTUDO_OK && bound)
    status = measure_bound(&r, domains ? domain : NULL, least, most, found);
  else if (status == TESTUDO_OK) {
    status = testudo_domain_copies(design, domain, &copies, error);
    *found = copies;
  }
  free(domain);
  free(least);
  free(most);
  return status;
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
  testudo_i_json_open_array(writer, key);
  for (int32_t k = 0; k < count; k++)
    testudo_i_json_put_integer(writer, NULL, number[k]);
  testudo_i_json_close_array(writer);
}

static void put_claim(testudo_i_json_writer *writer, const testudo_placement_limits *limits, const char *metric,
                      int32_t value)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "metric", metric);
  testudo_i_json_put_integer(writer, "value", value);
  if (strcmp(metric, "overlap_bound") == 0) {
    put_numbers(writer, "least", limits->least, limits->workers, true);
    put_numbers(writer, "most", limits->most, limits->workers, true);
  }
  if (limits->domain != NULL)
    put_numbers(writer, "domains", limits->domain, limits->workers, false);
  testudo_i_json_close_object(writer);
}

static testudo_status put_claims(FILE *stream, const testudo_placement_limits *limits, bool bounded, int32_t bound,
                                 int32_t copies, testudo_error *error)
{
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_array(&writer, NULL);
  if (limits->domain != NULL)
    put_claim(&writer, limits, "domain_copies", copies);
  if (bounded)
    put_claim(&writer, limits, "overlap_bound", bound);
  testudo_i_json_close_array(&writer);
  return writer.failed ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

/* Two lists one after the other, each "[]" or "[..]". */
static char *join_lists(const char *first, const char *second)
{
  size_t before = strlen(first), after = strlen(second);
  char *joined = malloc(before + after + 1);
  if (joined == NULL)
    return NULL;
  bool comma = before > 2 && after > 2;
  snprintf(joined, before + after + 1, "%.*s%s%s", (int)(before - 1), first, comma ? "," : "", second + 1);
  return joined;
}

static testudo_status append_claims(testudo_design *design, const char *added, testudo_error *error)
{
  const char *before = testudo_i_design_member(design, "claims");
  char *joined = join_lists(before == NULL ? "[]" : before, added);
  if (joined == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_i_design_set_member(design, "claims", joined, error);
  free(joined);
  return status;
}

testudo_status testudo_design_claim_placement(testudo_design *design, const testudo_placement_limits *limits,
                                              bool bound_too, testudo_error *error)
{
  int32_t bound = 0, copies = 0;
  char reason[96], *text = NULL;
  size_t length;
  testudo_status status = TESTUDO_OK;
  if (limits->workers != design->workers || limits->chunks != design->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the limits are of another size than the design");
  if (bound_too)
    status = testudo_overlap_bound(limits, &bound, reason, error);
  if (status == TESTUDO_OK && limits->domain != NULL)
    status = testudo_domain_copies(design, limits->domain, &copies, error);
  if (status != TESTUDO_OK)
    return status;
  FILE *stream = open_memstream(&text, &length);
  if (stream == NULL)
    return testudo_i_fail_memory(error);
  status = put_claims(stream, limits, bound_too, bound, copies, error);
  if (fclose(stream) != 0 && status == TESTUDO_OK)
    status = testudo_i_fail_memory(error);
  if (status == TESTUDO_OK)
    status = append_claims(design, text, error);
  free(text);
  return status;
}

/* ---- carrying over ---- */

/* One claim of the other design, if it is of a placement and holds here too. */
static testudo_status carry(testudo_design *design, const testudo_i_json_document *document,
                            const testudo_i_json_value *item, size_t index, testudo_error *error)
{
  const testudo_i_json_value *metric = testudo_i_json_member(item, "metric"),
                             *value = testudo_i_json_member(item, "value");
  char place[40];
  double found;
  if (metric == NULL || testudo_i_json_kind_of(metric) != TESTUDO_I_JSON_STRING || value == NULL ||
      testudo_i_json_kind_of(value) != TESTUDO_I_JSON_INTEGER ||
      !testudo_i_is_placement_claim(testudo_i_json_string(metric)))
    return TESTUDO_OK;
  snprintf(place, sizeof place, "claims[%zu]", index);
  testudo_status status = testudo_i_measure_placement_claim(design, document, item, place,
                                                            testudo_i_json_string(metric), &found, error);
  if (status != TESTUDO_OK || found != testudo_i_json_number(value))
    return status;
  char *text = testudo_i_json_text(item), *list = text == NULL ? NULL : malloc(strlen(text) + 3);
  if (list == NULL)
    status = testudo_i_fail_memory(error);
  else {
    snprintf(list, strlen(text) + 3, "[%s]", text);
    status = append_claims(design, list, error);
  }
  free(text);
  free(list);
  return status;
}

testudo_status testudo_design_carry_placement(testudo_design *design, const testudo_design *from, testudo_error *error)
{
  const char *claims = testudo_i_design_member(from, "claims");
  testudo_i_json_document *document;
  if (claims == NULL || from->workers != design->workers)
    return TESTUDO_OK;
  testudo_status status = testudo_i_json_parse(claims, strlen(claims), "claims", &document, error);
  if (status != TESTUDO_OK)
    return status;
  const testudo_i_json_value *root = testudo_i_json_root(document);
  for (size_t k = 0; status == TESTUDO_OK && k < testudo_i_json_size(root); k++) {
    const testudo_i_json_value *item = testudo_i_json_item(root, k);
    if (item != NULL && testudo_i_json_kind_of(item) == TESTUDO_I_JSON_OBJECT)
      status = carry(design, document, item, k, error);
  }
  testudo_i_json_free(document);
  return status;
}
