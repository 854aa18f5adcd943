/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chrome traces, as torch.profiler and Perfetto write them: complete events ("ph": "X") whose names match a pattern are
   chunks. Ranges called ProfilerStep#N are iterations; without them, so is the k-th event of each name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "json/read.h"
#include "trace/reader.h"

#define STEP "ProfilerStep#"

typedef struct event {
  double begin, duration;    /* in the file's unit */
  int32_t process, name, iteration, chunk;
} event;

typedef struct profile {
  testudo_i_trace_reader *reader;
  const char *first, *at, *stop;
  testudo_i_names processes, names; /* the texts of pid, and of names that match */
  event *event, *step;              /* a step's `iteration` is its N */
  size_t events, steps, event_room, step_room;
  int32_t rank;                     /* of the whole file; -1: not said */
} profile;

static void profile_clear(profile *p)
{
  testudo_i_names_clear(&p->processes);
  testudo_i_names_clear(&p->names);
  free(p->event);
  free(p->step);
}

/* ---- the text, cut into values ---- */

static testudo_status profile_fail(const profile *p, testudo_error *error, const char *what)
{
  long long line = 1;
  for (const char *at = p->first; at < p->at; at++)
    line += *at == '\n';
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: %s", p->reader->source->name, line, what);
}

static char next_character(profile *p)
{
  while (p->at < p->stop && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
    p->at++;
  return p->at < p->stop ? *p->at : '\0';
}

static void skip_string(profile *p)
{
  for (p->at++; p->at < p->stop && *p->at != '"'; p->at++)
    p->at += *p->at == '\\';
  p->at = p->at < p->stop ? p->at + 1 : p->stop;
}

/* A value's text: what is inside is not looked at yet. */
static testudo_i_word cut_value(profile *p)
{
  next_character(p);
  const char *first = p->at;
  for (int64_t depth = 0; p->at < p->stop;) {
    char c = *p->at;
    if (c == '"')
      skip_string(p);
    else if (depth == 0 && (c == ',' || c == ']' || c == '}'))
      break;
    else {
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      p->at++;
      if (depth == 0 && (c == '}' || c == ']'))
        break;
    }
  }
  return (testudo_i_word){first, (size_t)(p->at - first)};
}

static testudo_status parse_value(profile *p, testudo_i_word text, testudo_i_json_document **value,
                                  testudo_error *error)
{
  const char *end = p->at;
  testudo_status status = testudo_i_json_parse(text.at, text.length, p->reader->source->name, value, NULL);
  p->at = text.at;
  if (status == TESTUDO_ERROR_INPUT)
    return profile_fail(p, error, "an event that is no JSON");
  p->at = end;
  return status == TESTUDO_OK ? TESTUDO_OK : testudo_i_fail_memory(error);
}

/* ---- events ---- */

static bool matches(const char *pattern, const char *name)
{
  const char *star = NULL, *again = NULL;
  while (*name != '\0') {
    if (*pattern == '*') {
      star = pattern++;
      again = name;
    } else if (*pattern == *name || *pattern == '?') {
      pattern++;
      name++;
    } else if (star != NULL) {
      pattern = star + 1;
      name = ++again;
    } else
      return false;
  }
  return pattern[strspn(pattern, "*")] == '\0';
}

static const char *member_text(const testudo_i_json_value *object, const char *key)
{
  const testudo_i_json_value *value = testudo_i_json_member(object, key);
  bool text = value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_STRING;
  return text ? testudo_i_json_string(value) : "";
}

static double member_number(const testudo_i_json_value *object, const char *key)
{
  const testudo_i_json_value *value = testudo_i_json_member(object, key);
  testudo_i_json_kind kind = value == NULL ? TESTUDO_I_JSON_NULL : testudo_i_json_kind_of(value);
  return kind == TESTUDO_I_JSON_INTEGER || kind == TESTUDO_I_JSON_REAL ? testudo_i_json_number(value) : NAN;
}

static testudo_status number_process(profile *p, const testudo_i_json_value *root, int32_t *process,
                                     testudo_error *error)
{
  const testudo_i_json_value *pid = testudo_i_json_member(root, "pid");
  char text[32] = "0";
  const char *shown = member_text(root, "pid");
  if (pid != NULL && testudo_i_json_kind_of(pid) == TESTUDO_I_JSON_INTEGER)
    snprintf(text, sizeof text, "%lld", (long long)testudo_i_json_integer(pid));
  shown = shown[0] != '\0' && testudo_i_word_is_printable((testudo_i_word){shown, strlen(shown)}) ? shown : text;
  return testudo_i_names_number(&p->processes, (testudo_i_word){shown, strlen(shown)}, process, error);
}

static testudo_status add_event(event **list, size_t *count, size_t *room, const event *added, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(*list, *room, *count + 1, error));
  (*list)[(*count)++] = *added;
  return TESTUDO_OK;
}

static testudo_status take_event(profile *p, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_TRY(parse_value(p, cut_value(p), &document, error));
  const testudo_i_json_value *root = testudo_i_json_root(document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return profile_fail(p, error, "an event that is no object");
  const char *name = member_text(root, "name"), *pattern = p->reader->options->events;
  event found = {.begin = member_number(root, "ts"), .duration = member_number(root, "dur")};
  if (strcmp(member_text(root, "ph"), "X") != 0 || !(fabs(found.begin) < HUGE_VAL) || !(found.duration > 0.0))
    return TESTUDO_OK;
  TESTUDO_I_TRY(number_process(p, root, &found.process, error));
  if (strncmp(name, STEP, strlen(STEP)) == 0) {
    int64_t number = testudo_i_word_count((testudo_i_word){name + strlen(STEP), strlen(name) - strlen(STEP)});
    found.iteration = number >= 0 && number <= INT32_MAX ? (int32_t)number : 0;
    return number < 0 ? TESTUDO_OK : add_event(&p->step, &p->steps, &p->step_room, &found, error);
  }
  if (pattern != NULL && !matches(pattern, name))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_names_number(&p->names, (testudo_i_word){name, strlen(name)}, &found.name, error));
  return add_event(&p->event, &p->events, &p->event_room, &found, error);
}

/* "[event, event ..": the end may be missing, which the programs that show such files forgive too. */
static testudo_status take_events(profile *p, bool open_end, testudo_error *error)
{
  if (next_character(p) != '[')
    return profile_fail(p, error, "traceEvents is no array");
  p->at++;
  while (true) {
    char c = next_character(p);
    if (c == ']' || (c == '\0' && open_end && p->at == p->stop)) {
      p->at += c == ']';
      return TESTUDO_OK;
    }
    if (c != '{')
      return profile_fail(p, error, "an event is missing, or the end of the events");
    TESTUDO_I_TRY(take_event(p, error));
    c = next_character(p);
    if (c != ',' && c != ']' && (c != '\0' || !open_end))
      return profile_fail(p, error, "a comma, or the end of the events, is missing");
    p->at += c == ',';
  }
}

static testudo_status take_rank(profile *p, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_TRY(parse_value(p, cut_value(p), &document, error));
  const testudo_i_json_value *root = testudo_i_json_root(document);
  double rank = testudo_i_json_kind_of(root) == TESTUDO_I_JSON_OBJECT ? member_number(root, "rank") : NAN;
  if (rank >= 0.0 && rank <= INT32_MAX)
    p->rank = (int32_t)rank;
  return TESTUDO_OK;
}

static testudo_status take_document(profile *p, testudo_error *error)
{
  if (next_character(p) == '[')
    return take_events(p, true, error);
  bool events = false;
  for (p->at++; next_character(p) != '}';) {
    const char *key = p->at;
    if (*key != '"' || p->at == p->stop)
      return profile_fail(p, error, "a member's name is missing: the file is cut off, or no JSON");
    skip_string(p);
    size_t length = (size_t)(p->at - key);
    if (next_character(p) != ':')
      return profile_fail(p, error, "a colon is missing");
    p->at++;
    if (length == 13 && memcmp(key, "\"traceEvents\"", length) == 0) {
      events = true;
      TESTUDO_I_TRY(take_events(p, false, error));
    } else if (length == 17 && memcmp(key, "\"distributedInfo\"", length) == 0)
      TESTUDO_I_TRY(take_rank(p, error));
    else
      (void)cut_value(p);
    if (next_character(p) == ',')
      p->at++;
  }
  return events ? TESTUDO_OK
                : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                 "%s: is JSON, but no trace of a profiler: it has no traceEvents",
                                 p->reader->source->name);
}

/* ---- iterations and chunks ---- */

static int by_process_and_time(const void *a, const void *b)
{
  const event *x = a, *y = b;
  return x->process != y->process ? TESTUDO_I_COMPARE(x->process, y->process)
         : x->begin != y->begin   ? TESTUDO_I_COMPARE(x->begin, y->begin)
                                  : TESTUDO_I_COMPARE(x->name, y->name);
}

static int by_iteration(const void *a, const void *b)
{
  const event *x = a, *y = b;
  if (x->process != y->process)
    return TESTUDO_I_COMPARE(x->process, y->process);
  return x->iteration != y->iteration ? TESTUDO_I_COMPARE(x->iteration, y->iteration) : by_process_and_time(a, b);
}

/* The step of the process in which the event begins: the last that began before it; -1: none. */
static int32_t step_of(const profile *p, int32_t process, double begin)
{
  const event wanted = {.begin = begin, .process = process, .name = INT32_MAX};
  size_t low = 0;
  for (size_t high = p->steps; low < high;) {
    size_t middle = low + (high - low) / 2;
    if (by_process_and_time(&p->step[middle], &wanted) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  const event *step = &p->step[low - (low > 0)];
  return low > 0 && step->process == process && begin < step->begin + step->duration ? step->iteration : -1;
}

/* Kernels of a device stand in a process of their own: without steps there, those of any process count. */
static void find_steps(profile *p)
{
  size_t kept = 0;
  qsort(p->step, p->steps, sizeof *p->step, by_process_and_time);
  for (size_t k = 0; k < p->events; k++) {
    event *e = &p->event[k];
    e->iteration = step_of(p, e->process, e->begin);
    bool has_steps = e->iteration >= 0;
    for (size_t s = 0; s < p->steps && !has_steps; s++)
      has_steps = p->step[s].process == e->process;
    for (int32_t other = 0; other < p->processes.count && !has_steps && e->iteration < 0; other++)
      e->iteration = step_of(p, other, e->begin);
    if (e->iteration >= 0)
      p->event[kept++] = *e;
  }
  p->events = kept;
}

/* A running number of each name within a process, and with `within` within an iteration too. */
static testudo_status count_names(profile *p, bool within, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *count = testudo_i_calloc((size_t)p->names.count + 1, sizeof *count);
  TESTUDO_I_HELD(testudo_i_free_held) size_t *since = testudo_i_calloc((size_t)p->names.count + 1, sizeof *since);
  TESTUDO_I_TRY(testudo_i_memory_check(count != NULL && since != NULL, error));
  for (size_t k = 0, first = 0; k < p->events; k++) {
    event *e = &p->event[k];
    if (e->process != p->event[first].process || (within && e->iteration != p->event[first].iteration))
      first = k;
    if (since[e->name] < first + 1)
      count[e->name] = 0;
    since[e->name] = first + 1;
    *(within ? &e->chunk : &e->iteration) = count[e->name]++;
  }
  return TESTUDO_OK;
}

/* An event is a chunk, or with --sum name a part of one: the k-th of each name make the k-th chunk. */
static testudo_status number_events(profile *p, testudo_error *error)
{
  if (p->steps > 0)
    find_steps(p);
  qsort(p->event, p->events, sizeof *p->event, by_process_and_time);
  if (p->steps == 0)
    TESTUDO_I_TRY(count_names(p, false, error));
  qsort(p->event, p->events, sizeof *p->event, by_iteration);
  if (p->reader->options->sum != NULL)
    return count_names(p, true, error);
  for (size_t k = 0; k < p->events; k++) {
    bool same = k > 0 && p->event[k].process == p->event[k - 1].process &&
                p->event[k].iteration == p->event[k - 1].iteration;
    p->event[k].chunk = same ? p->event[k - 1].chunk + 1 : 0;
  }
  return TESTUDO_OK;
}

/* ---- rows ---- */

/* "rank3.json" */
static int32_t rank_in_name(const char *path)
{
  const char *slash = strrchr(path, '/'), *at = strstr(slash == NULL ? path : slash, "rank");
  if (at == NULL)
    return -1;
  at += 4 + strspn(at + 4, "_-.");
  int64_t rank = testudo_i_word_count((testudo_i_word){at, strspn(at, "0123456789")});
  return rank >= 0 && rank <= INT32_MAX ? (int32_t)rank : -1;
}

static void choose_rank(profile *p)
{
  bool one = true;
  for (size_t k = 1; k < p->events; k++)
    one = one && p->event[k].process == p->event[0].process;
  if (p->rank < 0 && one)
    p->rank = rank_in_name(p->reader->source->name);
}

static testudo_status put_worker(profile *p, const event *e, bool named, testudo_error *error)
{
  testudo_i_trace *trace = p->reader->trace;
  const char *text = p->processes.text[e->process];
  testudo_i_word word = {text, strlen(text)};
  if (p->rank < 0 && named)
    return testudo_i_trace_name_worker(p->reader, word, error);
  trace->worker[trace->rows] = p->rank >= 0 ? p->rank : (int32_t)testudo_i_word_count(word);
  return TESTUDO_OK;
}

static testudo_status put_event(profile *p, const event *e, bool named, testudo_error *error)
{
  testudo_i_trace *trace = p->reader->trace;
  TESTUDO_I_TRY(testudo_i_trace_room(p->reader, error));
  if (!testudo_i_trace_seconds(p->reader, e->duration, &trace->seconds[trace->rows]))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: an event of %g %s", p->reader->source->name, e->duration,
                          testudo_i_trace_unit_name(trace->unit));
  TESTUDO_I_TRY(put_worker(p, e, named, error));
  trace->iteration[trace->rows] = e->iteration;
  trace->chunk[trace->rows] = e->chunk;
  if (p->reader->part != NULL)
    p->reader->part[trace->rows] = e->name;
  trace->rows++;
  return TESTUDO_OK;
}

static testudo_status put_events(profile *p, testudo_error *error)
{
  testudo_i_trace_reader *r = p->reader;
  bool named = false;
  for (int32_t k = 0; k < p->processes.count; k++) {
    const char *text = p->processes.text[k];
    int64_t number = testudo_i_word_count((testudo_i_word){text, strlen(text)});
    named = named || number < 0 || number > INT32_MAX;
  }
  choose_rank(p);
  for (size_t k = 0; k < p->events; k++)
    TESTUDO_I_TRY(put_event(p, &p->event[k], named, error));
  r->trace->taken[TESTUDO_TRACE_SECONDS] = testudo_i_copy_string("dur");
  r->trace->taken[TESTUDO_TRACE_WORKER] = testudo_i_copy_string(p->rank >= 0 ? "rank" : "pid");
  r->trace->taken[TESTUDO_TRACE_ITERATION] = testudo_i_copy_string(p->steps > 0 ? "ProfilerStep" : "order");
  r->trace->taken[TESTUDO_TRACE_CHUNK] = testudo_i_copy_string("order");
  bool had = true;
  for (int c = TESTUDO_TRACE_SECONDS; c <= TESTUDO_TRACE_CHUNK; c++)
    had = had && r->trace->taken[c] != NULL;
  return testudo_i_memory_check(had, error);
}

/* The names that have the most time, for people who have to choose. */
static testudo_status ask_for_pattern(const profile *p, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) testudo_i_ranked *total =
      testudo_i_calloc((size_t)p->names.count + 1, sizeof *total);
  TESTUDO_I_TRY(testudo_i_memory_check(total != NULL, error));
  for (size_t k = 0; k < p->events; k++)
    total[p->event[k].name].value += p->event[k].duration;
  for (int32_t k = 0; k < p->names.count; k++)
    total[k].index = k;
  qsort(total, (size_t)p->names.count, sizeof *total, testudo_i_falling_ranks);
  char list[256] = "";
  for (int32_t k = 0; k < 3 && k < p->names.count; k++) {
    const char *name = p->names.text[total[k].index];
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s'%s'", k == 0 ? "" : ", ",
             testudo_i_word_quote((testudo_i_word){name, strlen(name)}).text);
  }
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                        "%s: a profiler's file of %d names of events: say which are chunks, --events PATTERN with * "
                            "and "
                        "?; most of the time is in %s",
                        p->reader->source->name, (int)p->names.count, list);
}

static testudo_status read_profile(profile *p, testudo_error *error)
{
  const testudo_trace_options *options = p->reader->options;
  TESTUDO_I_TRY(take_document(p, error));
  if (p->events > 0 && options->events == NULL && p->names.count > 1)
    return ask_for_pattern(p, error);
  bool any = p->events > 0;
  if (any)
    TESTUDO_I_TRY(number_events(p, error));
  if (p->events == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no event that has a duration%s%s%s%s",
                          p->reader->source->name, options->events == NULL ? "" : " matches '",
                          options->events == NULL ? "" : options->events, options->events == NULL ? "" : "'",
                          any ? " within a " STEP "N" : "");
  return put_events(p, error);
}

testudo_status testudo_i_trace_events(testudo_i_trace_reader *r, testudo_error *error)
{
  TESTUDO_I_HELD(profile_clear) profile p = {.reader = r, .rank = -1};
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    r->at[c] = -1;
  if (r->options->sum != NULL && strcmp(r->options->sum, "name") != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "sum: '%s', but events of a profiler differ in their name: --sum name", r->options->sum);
  r->at[TESTUDO_TRACE_WORKER] = r->at[TESTUDO_TRACE_ITERATION] = r->at[TESTUDO_TRACE_CHUNK] = 0;
  r->sum_at = r->options->sum != NULL ? 0 : -1;
  r->trace->form = TESTUDO_TRACE_EVENTS;
  if (r->source->limit > TESTUDO_I_LIMIT_TABLE_FILE)
    r->source->limit = TESTUDO_I_LIMIT_TABLE_FILE;
  TESTUDO_I_TRY(testudo_i_source_all(r->source, error));
  p.first = p.at = r->source->window + r->source->at;
  p.stop = r->source->window + r->source->end;
  return read_profile(&p, error);
}
