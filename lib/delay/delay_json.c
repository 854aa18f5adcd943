/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay models in JSON: delay files (`testudo fit` writes them and --delay @FILE reads them), and claims. */
#include "delay/delay_json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "delay/grammar.h"
#include "delay/model.h"
#include "delay/number.h"

const char *const testudo_i_structure_names[] = {[TESTUDO_STRUCTURE_SCALED] = "scaled",
                                                 [TESTUDO_STRUCTURE_ADDITIVE] = "additive",
                                                 [TESTUDO_STRUCTURE_MIXED] = "mixed", NULL};
const char *const testudo_i_unit_names[] = {[TESTUDO_UNIT_CHUNK] = "chunk", [TESTUDO_UNIT_SHARE] = "share", NULL};

/* The laws of a model that stand once; the others are those of its classes. */
enum { SINGLE_LAWS = 5 };

/* ---- written ---- */

static bool is_in_file(const testudo_law *law)
{
  return law != NULL && testudo_i_law_file(testudo_law_named(law)) != NULL;
}

bool testudo_i_delay_names_file(const testudo_delay_model *model)
{
  bool named = model->replay != NULL || is_in_file(model->law) || is_in_file(model->chunk_law) ||
               is_in_file(model->startup) || is_in_file(model->message) || is_in_file(model->domain_factor);
  for (int32_t c = 0; c < model->class_count; c++)
    named |= is_in_file(model->classes[c].law);
  return named;
}

static void put_law(testudo_i_json_writer *writer, const char *key, const testudo_law *law)
{
  if (law != NULL)
    testudo_i_json_put_string(writer, key, testudo_law_named(law));
}

static void put_classes(testudo_i_json_writer *writer, const testudo_delay_model *model)
{
  if (model->classes == NULL)
    return;
  testudo_i_json_open_array(writer, "classes");
  for (int32_t c = 0; c < model->class_count; c++) {
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_integer(writer, "workers", model->classes[c].workers);
    testudo_i_json_put_real(writer, "rate", model->classes[c].rate);
    put_law(writer, "law", model->classes[c].law);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

static void put_slow_state(testudo_i_json_writer *writer, const testudo_slow_state *slow)
{
  if (slow->factor == 0.0)
    return;
  testudo_i_json_open_object(writer, "markov");
  testudo_i_json_put_real(writer, "p", slow->begin);
  testudo_i_json_put_real(writer, "q", slow->end);
  testudo_i_json_put_real(writer, "factor", slow->factor);
  testudo_i_json_close_object(writer);
}

void testudo_i_delay_put_members(testudo_i_json_writer *writer, const testudo_delay_model *model)
{
  put_law(writer, "law", model->law);
  testudo_i_json_put_string(writer, "structure", testudo_i_structure_names[model->structure]);
  put_law(writer, "mixed", model->chunk_law);
  if (model->unit != TESTUDO_UNIT_CHUNK)
    testudo_i_json_put_string(writer, "unit", testudo_i_unit_names[model->unit]);
  put_law(writer, "startup", model->startup);
  if (model->overhead > 0.0)
    testudo_i_json_put_real(writer, "overhead", model->overhead);
  if (model->rates != NULL)
    testudo_i_json_put_reals(writer, "rates", model->rates, (size_t)model->workers);
  put_classes(writer, model);
  put_law(writer, "message", model->message);
  if (model->signal > 0.0)
    testudo_i_json_put_real(writer, "signal", model->signal);
  put_slow_state(writer, &model->slow);
  if (model->failures == TESTUDO_FAILURES_EXACTLY)
    testudo_i_json_put_integer(writer, "failed", model->failed);
  if (model->failures == TESTUDO_FAILURES_EACH)
    testudo_i_json_put_real(writer, "fail_prob", model->fail_prob);
}

/* ---- read ---- */

typedef struct reading {
  testudo_i_json_at at;
  int32_t workers;      /* 0: not known yet */
  testudo_i_delay_terms *terms;
} reading;

static testudo_status refuse_member(const reading *r, const char *key, const char *what)
{
  return testudo_i_json_refuse(&r->at, "%s: %s", key, what);
}

/* NULL where it is absent or null. */
static const testudo_i_json_value *find_member(const reading *r, const char *key)
{
  const testudo_i_json_value *value = testudo_i_json_member(r->at.object, key);
  return value == NULL || testudo_i_json_kind_of(value) == TESTUDO_I_JSON_NULL ? NULL : value;
}

static testudo_status take_number(const reading *r, const char *key, double *number)
{
  return testudo_i_json_take_number(&r->at, key, 0.0, number);
}

static testudo_status refuse_number(const reading *r, const char *key, double number, const char *allowed)
{
  return testudo_i_json_refuse(&r->at, "%s: is %.9g, but it is %s", key, number, allowed);
}

static testudo_status take_seconds(const reading *r, const char *key, double *seconds)
{
  TESTUDO_I_TRY(take_number(r, key, seconds));
  return *seconds >= 0.0 && *seconds <= TESTUDO_I_MOST ? TESTUDO_OK
                                                       : refuse_number(r, key, *seconds, "from 0 to 1e100 seconds");
}

static testudo_status check_rate(const reading *r, const char *key, double rate)
{
  return rate >= TESTUDO_I_LEAST && rate <= TESTUDO_I_MOST ? TESTUDO_OK
                                                           : refuse_number(r, key, rate, "from 1e-100 to 1e100");
}

static testudo_status take_probability(const reading *r, const char *key, double *p)
{
  TESTUDO_I_TRY(take_number(r, key, p));
  return *p > 0.0 && *p <= 1.0 ? TESTUDO_OK : refuse_number(r, key, *p, "above 0 and at most 1");
}

static testudo_status take_law(const reading *r, const char *key, const testudo_law **law)
{
  const char *text;
  testudo_error own = {""};
  TESTUDO_I_TRY(testudo_i_json_want_string(&r->at, key, &text));
  if (testudo_i_law_file(text) != NULL)
    return refuse_member(r, key, "names another file, but it must be a law with its numbers, such as exp:1");
  testudo_law **made = &r->terms->law[r->terms->laws];
  testudo_status status = testudo_law_parse(text, made, &own);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return refuse_member(r, key, own.text);
  if (status != TESTUDO_OK)
    return testudo_i_fail(r->at.error, status, "%s", own.text);
  r->terms->laws++;
  *law = *made;
  return TESTUDO_OK;
}

static testudo_status take_optional_law(const reading *r, const char *key, const testudo_law **law)
{
  return find_member(r, key) == NULL ? TESTUDO_OK : take_law(r, key, law);
}

/* The number of the word, of a list with NULL at the end, that a member is; unchanged where there is no such member. */
static testudo_status take_word(const reading *r, const char *key, const char *const *words, int *number)
{
  const char *word;
  char what[96] = "is none of";
  if (find_member(r, key) == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_json_want_string(&r->at, key, &word));
  int found = testudo_i_find_word(words, word);
  for (int k = 0; found < 0 && words[k] != NULL; k++)
    snprintf(what + strlen(what), sizeof what - strlen(what), "%s %s", k > 0 ? "," : "", words[k]);
  if (found >= 0)
    *number = found;
  return found >= 0 ? TESTUDO_OK : refuse_member(r, key, what);
}

/* ---- measured times ---- */

/* A list of at least one time, in *seconds (malloc). */
static testudo_status take_measured(const reading *r, const char *key, const testudo_i_json_value *list,
                                    double **seconds, size_t *count)
{
  bool fine = testudo_i_json_kind_of(list) == TESTUDO_I_JSON_ARRAY && testudo_i_json_size(list) > 0;
  *count = fine ? testudo_i_json_size(list) : 0;
  *seconds = testudo_i_alloc(*count, sizeof **seconds);
  TESTUDO_I_TRY(testudo_i_memory_check(*seconds != NULL, r->at.error));
  for (size_t k = 0; fine && k < *count; k++) {
    const testudo_i_json_value *item = testudo_i_json_item(list, k);
    (*seconds)[k] = testudo_i_json_is_number(item) ? testudo_i_json_number(item) : 0.0;
    fine = (*seconds)[k] >= TESTUDO_I_LEAST && (*seconds)[k] <= TESTUDO_I_MOST;
  }
  return fine ? TESTUDO_OK : refuse_member(r, key, "must be a list of times, numbers from 1e-100 to 1e100 seconds");
}

/* The law of a list of times, the member `key`; the member `name` is its text. */
static testudo_status take_samples(const reading *r, const char *key, const char *name, const testudo_law **law)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *seconds = NULL;
  const char *text;
  size_t count;
  TESTUDO_I_TRY(testudo_i_json_want_string(&r->at, name, &text));
  const char *file = testudo_i_law_file(text);
  if (file == NULL || text[0] == '@')
    return refuse_member(r, name, "must be trace:NAME, the name of the times that are in the file");
  TESTUDO_I_TRY(take_measured(r, key, find_member(r, key), &seconds, &count));
  testudo_law **made = &r->terms->law[r->terms->laws];
  double *taken = seconds;
  seconds = NULL;
  TESTUDO_I_TRY(testudo_i_law_of_samples(text, taken, (int64_t)count, made, r->at.error));
  r->terms->laws++;
  *law = *made;
  return TESTUDO_OK;
}

static testudo_status take_structure(const reading *r)
{
  testudo_delay_model *model = &r->terms->model;
  int structure = TESTUDO_STRUCTURE_SCALED, unit = TESTUDO_UNIT_CHUNK;
  TESTUDO_I_TRY(take_word(r, "structure", testudo_i_structure_names, &structure));
  TESTUDO_I_TRY(take_word(r, "unit", testudo_i_unit_names, &unit));
  model->structure = (testudo_structure)structure;
  model->unit = (testudo_unit)unit;
  r->terms->structured = find_member(r, "structure") != NULL;
  if (find_member(r, "mixed_samples") != NULL)
    return take_samples(r, "mixed_samples", "mixed", &model->chunk_law);
  return take_optional_law(r, "mixed", &model->chunk_law);
}

/* A list of one item per worker, in *list; NULL where there is none. It may be the first to say how many there are. */
static testudo_status find_list(reading *r, const char *key, const testudo_i_json_value **list)
{
  *list = find_member(r, key);
  if (*list == NULL)
    return TESTUDO_OK;
  size_t count = testudo_i_json_kind_of(*list) == TESTUDO_I_JSON_ARRAY ? testudo_i_json_size(*list) : 0;
  bool fits = r->workers == 0 ? count >= 1 && count <= INT32_MAX : count == (size_t)r->workers;
  for (size_t j = 0; fits && j < count; j++)
    fits = testudo_i_json_is_number(testudo_i_json_item(*list, j));
  if (!fits)
    return refuse_member(r, key, "must be a list of one number per worker");
  r->workers = (int32_t)count;
  return TESTUDO_OK;
}

static testudo_status take_rates(reading *r)
{
  const testudo_i_json_value *list;
  TESTUDO_I_TRY(find_list(r, "rates", &list));
  if (list == NULL)
    return TESTUDO_OK;
  double *rates = testudo_i_arena_alloc(&r->terms->arena, (size_t)r->workers, sizeof *rates);
  TESTUDO_I_TRY(testudo_i_arena_check(&r->terms->arena, r->at.error));
  for (int32_t j = 0; j < r->workers; j++) {
    char key[32];
    snprintf(key, sizeof key, "rates[%d]", (int)j);
    rates[j] = testudo_i_json_number(testudo_i_json_item(list, (size_t)j));
    TESTUDO_I_TRY(check_rate(r, key, rates[j]));
  }
  r->terms->model.rates = rates;
  r->terms->model.workers = r->workers;
  return TESTUDO_OK;
}

static testudo_status take_domains(reading *r)
{
  const testudo_i_json_value *list;
  testudo_delay_model *model = &r->terms->model;
  TESTUDO_I_TRY(take_optional_law(r, "domain_factor", &model->domain_factor));
  TESTUDO_I_TRY(find_list(r, "domains", &list));
  if (list == NULL)
    return TESTUDO_OK;
  int32_t *domain = testudo_i_arena_alloc(&r->terms->arena, (size_t)r->workers, sizeof *domain);
  TESTUDO_I_TRY(testudo_i_arena_check(&r->terms->arena, r->at.error));
  for (int32_t j = 0; j < r->workers; j++) {
    double number = testudo_i_json_number(testudo_i_json_item(list, (size_t)j));
    if (!(number >= 0.0 && number < r->workers) || number != floor(number))
      return refuse_member(r, "domains", "must be whole numbers from 0 on, below the number of workers");
    domain[j] = (int32_t)number;
    model->domains = domain[j] >= model->domains ? domain[j] + 1 : model->domains;
  }
  model->domain = domain;
  return TESTUDO_OK;
}

static testudo_status take_class(const reading *outer, size_t index, testudo_worker_class *class)
{
  char place[96];
  snprintf(place, sizeof place, "%s%sclasses[%zu]", outer->at.place, outer->at.place[0] == '\0' ? "" : ".", index);
  reading r = *outer;
  r.at.place = place;
  r.at.object = testudo_i_json_item(testudo_i_json_member(outer->at.object, "classes"), index);
  int64_t workers;
  if (testudo_i_json_kind_of(r.at.object) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(r.at.error, TESTUDO_ERROR_INPUT, "%s: %s: must be an object {\"workers\", \"rate\"}",
                          testudo_i_json_name(r.at.document), place);
  TESTUDO_I_TRY(testudo_i_json_want_integer(&r.at, "workers", 1, INT32_MAX, &workers));
  class->workers = (int32_t)workers;
  TESTUDO_I_TRY(testudo_i_json_take_number(&r.at, "rate", 1.0, &class->rate));
  TESTUDO_I_TRY(check_rate(&r, "rate", class->rate));
  return take_optional_law(&r, "law", &class->law);
}

static testudo_status take_classes(reading *r, size_t count)
{
  int64_t workers = 0;
  if (count == 0)
    return TESTUDO_OK;
  testudo_worker_class *classes = testudo_i_arena_calloc(&r->terms->arena, count, sizeof *classes);
  TESTUDO_I_TRY(testudo_i_arena_check(&r->terms->arena, r->at.error));
  for (size_t c = 0; c < count; c++) {
    TESTUDO_I_TRY(take_class(r, c, &classes[c]));
    workers += classes[c].workers;
  }
  if (workers > INT32_MAX)
    return refuse_member(r, "classes", "have too many workers together");
  r->terms->model.classes = classes;
  r->terms->model.class_count = (int32_t)count;
  r->workers = r->workers == 0 ? (int32_t)workers : r->workers;
  return TESTUDO_OK;
}

static testudo_status take_slow_state(const reading *r)
{
  testudo_slow_state *slow = &r->terms->model.slow;
  const testudo_i_json_value *markov = find_member(r, "markov");
  if (markov == NULL)
    return TESTUDO_OK;
  char place[96];
  snprintf(place, sizeof place, "%s%smarkov", r->at.place, r->at.place[0] == '\0' ? "" : ".");
  reading inner = *r;
  inner.at.object = markov;
  inner.at.place = place;
  if (testudo_i_json_kind_of(markov) == TESTUDO_I_JSON_OBJECT && find_member(&inner, "p") != NULL &&
      find_member(&inner, "q") != NULL && find_member(&inner, "factor") != NULL) {
    TESTUDO_I_TRY(take_probability(&inner, "p", &slow->begin));
    TESTUDO_I_TRY(take_probability(&inner, "q", &slow->end));
    TESTUDO_I_TRY(take_number(&inner, "factor", &slow->factor));
    bool slower = slow->factor > 1.0 && slow->factor <= TESTUDO_I_MOST;
    return slower ? TESTUDO_OK : refuse_number(&inner, "factor", slow->factor, "above 1 and at most 1e100");
  }
  return refuse_member(r, "markov", "must be {\"p\", \"q\", \"factor\"}, three numbers, the factor above 1");
}

static testudo_status take_failures(const reading *r)
{
  testudo_delay_model *model = &r->terms->model;
  int64_t failed = 0;
  TESTUDO_I_TRY(take_number(r, "fail_prob", &model->fail_prob));
  if (!(model->fail_prob >= 0.0 && model->fail_prob < 1.0))
    return refuse_number(r, "fail_prob", model->fail_prob, "at least 0 and below 1");
  if (find_member(r, "failed") != NULL)
    TESTUDO_I_TRY(testudo_i_json_want_integer(&r->at, "failed", 0, r->workers == 0 ? INT32_MAX : r->workers, &failed));
  if (failed > 0 && model->fail_prob != 0.0)
    return refuse_member(r, "failed", "excludes fail_prob");
  model->failed = (int32_t)failed;
  model->failures = failed > 0                ? TESTUDO_FAILURES_EXACTLY
                    : model->fail_prob != 0.0 ? TESTUDO_FAILURES_EACH
                                              : TESTUDO_FAILURES_NONE;
  return TESTUDO_OK;
}

/* ---- measured iterations ---- */

/* The whole number that an item is, 1 .. most; 0 where it is none. */
static int32_t count_of(const testudo_i_json_value *item, double most)
{
  double number = testudo_i_json_is_number(item) ? testudo_i_json_number(item) : 0.0;
  return number >= 1.0 && number <= most && number == floor(number) ? (int32_t)number : 0;
}

/* Rows of iteration after iteration, worker after worker. */
static testudo_status fill_replay(const reading *r, const testudo_i_json_value *chunks, int32_t workers,
                                  testudo_i_trace *trace)
{
  size_t rows = (size_t)trace->rows, cells = testudo_i_json_size(chunks), at = 0;
  trace->worker = testudo_i_alloc(rows, sizeof *trace->worker);
  trace->iteration = testudo_i_alloc(rows, sizeof *trace->iteration);
  TESTUDO_I_TRY(testudo_i_memory_check(trace->worker != NULL && trace->iteration != NULL, r->at.error));
  for (size_t c = 0; c < cells; c++) {
    int32_t own = count_of(testudo_i_json_item(chunks, c), (double)rows);
    if (own == 0 || (size_t)own > rows - at)
      return refuse_member(r, "replay.chunks", "must be the numbers of times of each worker in each iteration, and add "
                                               "up to those in seconds");
    for (int32_t k = 0; k < own; k++, at++) {
      trace->worker[at] = (int32_t)(c % (size_t)workers);
      trace->iteration[at] = (int32_t)(c / (size_t)workers);
    }
  }
  return at == rows && cells % (size_t)workers == 0
             ? TESTUDO_OK
             : refuse_member(r, "replay.chunks", "must have a number for every worker in every iteration, which add up "
                                                 "to those in seconds");
}

static testudo_status take_replay(const reading *r)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  const testudo_i_json_value *replay = find_member(r, "replay");
  const char *text = "the trace";
  bool object = testudo_i_json_kind_of(replay) == TESTUDO_I_JSON_OBJECT;
  const testudo_i_json_value *chunks = object ? testudo_i_json_member(replay, "chunks") : NULL;
  const testudo_i_json_value *seconds = object ? testudo_i_json_member(replay, "seconds") : NULL;
  int32_t workers = object ? count_of(testudo_i_json_member(replay, "workers"), INT32_MAX) : 0;
  if (workers == 0 || chunks == NULL || seconds == NULL || testudo_i_json_kind_of(chunks) != TESTUDO_I_JSON_ARRAY)
    return refuse_member(r, "replay", "must be {\"workers\", \"chunks\", \"seconds\"}, a number and two lists");
  if (find_member(r, "name") != NULL)
    TESTUDO_I_TRY(testudo_i_json_want_string(&r->at, "name", &text));
  size_t rows;
  TESTUDO_I_TRY(take_measured(r, "replay.seconds", seconds, &trace.seconds, &rows));
  trace.rows = (int64_t)rows;
  TESTUDO_I_TRY(fill_replay(r, chunks, workers, &trace));
  TESTUDO_I_TRY(testudo_i_replay_make(&trace, text, &r->terms->replay, r->at.error));
  r->terms->model.replay = r->terms->replay;
  return TESTUDO_OK;
}

static testudo_status take_main_law(const reading *r)
{
  bool samples = find_member(r, "samples") != NULL, replay = find_member(r, "replay") != NULL;
  if (samples && replay)
    return refuse_member(r, "samples", "excludes replay");
  if (replay && find_member(r, "law") != NULL)
    return refuse_member(r, "law", "excludes replay, which has no law");
  const testudo_law **law = &r->terms->model.law;
  return samples ? take_samples(r, "samples", "law", law) : replay ? take_replay(r) : take_law(r, "law", law);
}

static testudo_status take_times(const reading *r)
{
  testudo_delay_model *model = &r->terms->model;
  TESTUDO_I_TRY(take_main_law(r));
  TESTUDO_I_TRY(take_structure(r));
  TESTUDO_I_TRY(take_optional_law(r, "startup", &model->startup));
  TESTUDO_I_TRY(take_seconds(r, "overhead", &model->overhead));
  TESTUDO_I_TRY(take_optional_law(r, "message", &model->message));
  return take_seconds(r, "signal", &model->signal);
}

static testudo_status count_classes(const reading *r, size_t *count)
{
  const testudo_i_json_value *list = find_member(r, "classes");
  *count = 0;
  if (list == NULL)
    return TESTUDO_OK;
  *count = testudo_i_json_kind_of(list) == TESTUDO_I_JSON_ARRAY ? testudo_i_json_size(list) : 0;
  return *count >= 1 && *count <= INT32_MAX
             ? TESTUDO_OK : refuse_member(r, "classes", "must be a list of {\"workers\", \"rate\"}");
}

/* What goes together is known to the model alone. */
static testudo_status check_terms(const reading *r)
{
  const testudo_delay_model *model = &r->terms->model;
  testudo_error own = {""};
  int32_t workers = r->workers > 0 ? r->workers : model->failed > 0 ? model->failed : 1;
  testudo_status status = testudo_delay_check(model, workers, &own);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return testudo_i_fail(r->at.error, TESTUDO_ERROR_INPUT, "%s: %s%s%s", testudo_i_json_name(r->at.document),
                          r->at.place, r->at.place[0] == '\0' ? "" : ": ", own.text);
  return status == TESTUDO_OK ? TESTUDO_OK : testudo_i_fail(r->at.error, status, "%s", own.text);
}

testudo_status testudo_i_delay_read_members(const testudo_i_json_at *at, int32_t workers, testudo_i_delay_terms *terms)
{
  reading r = {*at, workers, terms};
  size_t classes;
  *terms = (testudo_i_delay_terms){.law = NULL};
  TESTUDO_I_TRY(count_classes(&r, &classes));
  terms->law = testudo_i_arena_calloc(&terms->arena, SINGLE_LAWS + classes, sizeof *terms->law);
  TESTUDO_I_TRY(testudo_i_arena_check(&terms->arena, at->error));
  TESTUDO_I_TRY(take_times(&r));
  TESTUDO_I_TRY(take_rates(&r));
  TESTUDO_I_TRY(take_classes(&r, classes));
  TESTUDO_I_TRY(take_slow_state(&r));
  TESTUDO_I_TRY(take_domains(&r));
  TESTUDO_I_TRY(take_failures(&r));
  terms->workers = r.workers;
  return check_terms(&r);
}

void testudo_i_delay_terms_clear(testudo_i_delay_terms *terms)
{
  for (size_t k = 0; k < terms->laws; k++)
    testudo_law_free(terms->law[k]);
  testudo_replay_free(terms->replay);
  testudo_i_arena_clear(&terms->arena);
  *terms = (testudo_i_delay_terms){.law = NULL};
}

testudo_status testudo_i_delay_terms_take_law(testudo_i_delay_terms *terms, const char *text, testudo_law **law,
                                              testudo_error *error)
{
  *law = NULL;
  if (terms->model.law == NULL)
    return TESTUDO_OK;
  size_t k = 0;
  while (terms->law[k] != terms->model.law)
    k++;
  TESTUDO_I_TRY(testudo_i_law_rename(terms->law[k], text, error));
  *law = terms->law[k];
  terms->law[k] = NULL;
  terms->model.law = NULL;
  return TESTUDO_OK;
}

/* ---- delay files ---- */

testudo_status testudo_i_delay_file_parse(const char *bytes, size_t length, const char *name,
                                          testudo_i_delay_terms *terms, testudo_error *error)
{
  *terms = (testudo_i_delay_terms){.law = NULL};
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_TRY(testudo_i_json_parse(bytes, length, name, &document, error));
  const testudo_i_json_at root = testudo_i_json_top(document, error);
  int64_t version;
  TESTUDO_I_TRY(testudo_i_json_want_format(&root, "a delay file", TESTUDO_I_DELAY_FORMAT));
  TESTUDO_I_TRY(testudo_i_json_want_integer(&root, "version", 1, 1, &version));
  return testudo_i_delay_read_members(&root, 0, terms);
}

testudo_status testudo_i_delay_file_read(const char *path, testudo_i_delay_terms *terms, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  *terms = (testudo_i_delay_terms){.law = NULL};
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_DELAY_FILE, &bytes, &length, error));
  return testudo_i_delay_file_parse(bytes, length, path, terms, error);
}
