/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row as a line of JSON: written, read and checked. */
#include "best/row.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/text.h"

enum { MOST_TEXT = 4096 };

static const char *const objective_word[] = {[TESTUDO_OBJECTIVE_MEAN] = "mean",
                                             [TESTUDO_OBJECTIVE_QUANTILE] = "quantile"};
static const char *const kind_word[] = {[TESTUDO_BEST_EXACT] = "exact", [TESTUDO_BEST_SIMULATED] = "simulated"};

/* ---- writing ---- */

static void put_hash(testudo_i_json_writer *writer, const char *key, uint64_t hash)
{
  char text[24];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  testudo_i_json_put_string(writer, key, text);
}

static void put_known(testudo_i_json_writer *writer, const char *key, const char *text)
{
  if (text != NULL)
    testudo_i_json_put_string(writer, key, text);
}

static void put_key(testudo_i_json_writer *writer, const testudo_best_key *key, const char *delay)
{
  testudo_i_json_put_integer(writer, "workers", key->workers);
  testudo_i_json_put_real(writer, "load", key->load);
  testudo_i_json_put_integer(writer, "granularity", key->granularity);
  testudo_i_json_put_integer(writer, "parts", key->parts);
  testudo_i_json_put_real(writer, "copies", key->copies);
  testudo_i_json_put_integer(writer, "least_copies", key->least_copies);
  testudo_i_json_put_text(writer, "delay", delay);
  testudo_i_json_put_string(writer, "objective", objective_word[key->objective.kind]);
  if (key->objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    testudo_i_json_put_real(writer, "at", key->objective.at);
}

static void put_interval(testudo_i_json_writer *writer, double value, double low, double high)
{
  testudo_i_json_put_real(writer, "value", value);
  testudo_i_json_put_real(writer, "low", low);
  testudo_i_json_put_real(writer, "high", high);
}

/* Into the object that is open. */
static void put_value(testudo_i_json_writer *writer, const testudo_best_value *value)
{
  testudo_i_json_put_string(writer, "kind", kind_word[value->kind]);
  put_interval(writer, value->value, value->low, value->high);
  if (value->kind == TESTUDO_BEST_SIMULATED) {
    testudo_i_json_put_integer(writer, "trials", value->trials);
    testudo_i_json_put_integer(writer, "seed", (int64_t)value->seed);
  }
  testudo_i_json_put_string(writer, "method", value->method);
}

static void put_design(testudo_i_json_writer *writer, const testudo_best_row *row)
{
  testudo_i_json_open_object(writer, "design");
  put_known(writer, "command", row->command);
  put_known(writer, "file", row->file);
  put_hash(writer, "checksum", row->checksum);
  put_known(writer, "version", row->version);
  put_hash(writer, "orders", row->orders);
  if (row->canonical_by != NULL) {
    put_hash(writer, "canonical", row->canonical);
    testudo_i_json_put_string(writer, "canonical_by", row->canonical_by);
  }
  testudo_i_json_put_real(writer, "load", row->load);
  testudo_i_json_put_real(writer, "copies", row->copies);
  testudo_i_json_put_integer(writer, "least_copies", row->least_copies);
  testudo_i_json_close_object(writer);
}

static void put_previous(testudo_i_json_writer *writer, const testudo_best_previous *previous)
{
  testudo_i_json_open_object(writer, "previous");
  put_interval(writer, previous->value, previous->low, previous->high);
  put_hash(writer, "orders", previous->orders);
  testudo_i_json_put_string(writer, "method", previous->method);
  testudo_i_json_put_string(writer, "by", previous->by);
  testudo_i_json_put_string(writer, "date", previous->date);
  testudo_i_json_close_object(writer);
}

void testudo_i_best_row_put(testudo_i_json_writer *writer, const testudo_best_row *row)
{
  testudo_i_json_open_object(writer, NULL);
  put_key(writer, &row->key, row->delay);
  testudo_i_json_open_object(writer, "value");
  put_value(writer, &row->value);
  testudo_i_json_close_object(writer);
  put_design(writer, row);
  if (!isnan(row->bound)) {
    testudo_i_json_open_object(writer, "bound");
    testudo_i_json_put_real(writer, "value", row->bound);
    testudo_i_json_put_string(writer, "proof", row->proof);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_put_string(writer, "method", row->method);
  testudo_i_json_put_string(writer, "by", row->by);
  testudo_i_json_put_string(writer, "date", row->date);
  if (row->named != NULL) {
    testudo_i_json_open_object(writer, "named");
    testudo_i_json_put_string(writer, "command", row->named);
    put_value(writer, &row->named_value);
    testudo_i_json_close_object(writer);
  }
  put_known(writer, "searched", row->searched);
  if (row->previous.method != NULL)
    put_previous(writer, &row->previous);
  testudo_i_json_close_object(writer);
}

/* ---- reading ---- */

/* An object of the line, and what its texts are kept in. */
typedef struct row_reading {
  testudo_i_json_at at;
  testudo_i_arena *arena;
} row_reading;

static testudo_status row_refuse(const row_reading *r, const char *key, const char *what)
{
  return testudo_i_json_refuse(&r->at, "%s: %s", key, what);
}

static bool row_has(const row_reading *r, const char *key)
{
  return testudo_i_json_member(r->at.object, key) != NULL;
}

static testudo_status row_open(const row_reading *r, const char *key, row_reading *inside)
{
  *inside = *r;
  inside->at.place = key;
  return testudo_i_json_want_kind(&r->at, key, TESTUDO_I_JSON_OBJECT, &inside->at.object);
}

static testudo_status take_integer(const row_reading *r, const char *key, int64_t least, int64_t most, int64_t *number)
{
  return testudo_i_json_want_integer(&r->at, key, least, most, number);
}

static testudo_status take_count(const row_reading *r, const char *key, int64_t most, int32_t *number)
{
  int64_t found;
  TESTUDO_I_TRY(take_integer(r, key, 1, most, &found));
  *number = (int32_t)found;
  return TESTUDO_OK;
}

static testudo_status take_real(const row_reading *r, const char *key, double *number)
{
  TESTUDO_I_TRY(testudo_i_json_take_number(&r->at, key, NAN, number));
  return isnan(*number) ? row_refuse(r, key, "missing, but a number is needed") : TESTUDO_OK;
}

/* A text that may be printed. */
static testudo_status take_text(const row_reading *r, const char *key, const char **text)
{
  const char *found;
  TESTUDO_I_TRY(testudo_i_json_want_string(&r->at, key, &found));
  size_t length = strlen(found);
  if (length > MOST_TEXT || !testudo_i_name_is_printable(found))
    return row_refuse(r, key, length > MOST_TEXT ? "longer than 4096 characters" : "control characters or no UTF-8");
  *text = testudo_i_arena_text(r->arena, found);
  return testudo_i_arena_check(r->arena, r->at.error);
}

/* NULL where the member is absent. */
static testudo_status take_optional(const row_reading *r, const char *key, const char **text)
{
  *text = NULL;
  return row_has(r, key) ? take_text(r, key, text) : TESTUDO_OK;
}

static testudo_status take_hash(const row_reading *r, const char *key, uint64_t *hash)
{
  const char *text;
  TESTUDO_I_TRY(take_text(r, key, &text));
  if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
    return row_refuse(r, key, "must be 16 hexadecimal digits");
  *hash = strtoull(text, NULL, 16);
  return TESTUDO_OK;
}

/* The number of the word in the list. */
static testudo_status take_word(const row_reading *r, const char *key, const char *const *words, int count, int *number)
{
  const char *text;
  TESTUDO_I_TRY(take_text(r, key, &text));
  for (*number = 0; *number < count; ++*number)
    if (words[*number] != NULL && strcmp(words[*number], text) == 0)
      return TESTUDO_OK;
  char shown[TESTUDO_I_JSON_SHOWN], what[120];
  testudo_i_json_show(text, shown);
  snprintf(what, sizeof what, "'%s' is unknown; allowed: %s %s", shown, words[count - 2], words[count - 1]);
  return row_refuse(r, key, what);
}

bool testudo_i_best_is_date(const char *text)
{
  static const char form[] = "dddd-dd-dd";
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int number[3] = {0}, part = 0;
  for (size_t k = 0; k < sizeof form; k++)
    if (form[k] != 'd' ? text[k] != form[k] : !testudo_i_is_digit(text[k]))
      return false;
    else if (form[k] == 'd')
      number[part] = 10 * number[part] + (text[k] - '0');
    else
      part++;
  int year = number[0], month = number[1], day = number[2];
  bool leaps = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + leaps;
}

static testudo_status take_date(const row_reading *r, const char **date)
{
  TESTUDO_I_TRY(take_text(r, "date", date));
  return testudo_i_best_is_date(*date) ? TESTUDO_OK
                                       : row_refuse(r, "date", "must be a day, year-month-day, as 2026-11-29");
}

static testudo_status take_delay(const row_reading *r, testudo_i_best_held *held)
{
  row_reading delay;
  testudo_best_key *key = &held->row.key;
  TESTUDO_I_TRY(row_open(r, "delay", &delay));
  TESTUDO_I_TRY(testudo_i_delay_read_members(&delay.at, key->workers, &held->terms));
  if (!held->terms.structured)
    return row_refuse(&delay, "structure", "missing");
  key->model = &held->terms.model;
  TESTUDO_I_HELD(testudo_i_free_held) char *text = NULL;
  TESTUDO_I_TRY(testudo_i_best_delay_text(key->model, &text, r->at.error));
  held->row.delay = testudo_i_arena_text(r->arena, text);
  return testudo_i_arena_check(r->arena, r->at.error);
}

static testudo_status take_key(const row_reading *r, testudo_i_best_held *held)
{
  testudo_best_key *key = &held->row.key;
  int kind;
  TESTUDO_I_TRY(take_count(r, "workers", TESTUDO_MAX_WORKERS, &key->workers));
  TESTUDO_I_TRY(take_real(r, "load", &key->load));
  TESTUDO_I_TRY(take_count(r, "granularity", TESTUDO_MAX_CHUNKS, &key->granularity));
  TESTUDO_I_TRY(take_count(r, "parts", TESTUDO_MAX_PARTS, &key->parts));
  TESTUDO_I_TRY(take_real(r, "copies", &key->copies));
  TESTUDO_I_TRY(take_count(r, "least_copies", TESTUDO_MAX_WORKERS, &key->least_copies));
  TESTUDO_I_TRY(take_word(r, "objective", objective_word, sizeof objective_word / sizeof *objective_word, &kind));
  key->objective = (testudo_objective){.kind = (testudo_objective_kind)kind, .level = 1};
  if (kind == TESTUDO_OBJECTIVE_QUANTILE)
    TESTUDO_I_TRY(take_real(r, "at", &key->objective.at));
  TESTUDO_I_TRY(take_delay(r, held));
  testudo_error own = {""};
  return testudo_best_key_check(key, &own) == TESTUDO_OK ? TESTUDO_OK : testudo_i_json_refuse(&r->at, "%s", own.text);
}

static testudo_status take_interval(const row_reading *r, double *value, double *low, double *high)
{
  TESTUDO_I_TRY(take_real(r, "value", value));
  TESTUDO_I_TRY(take_real(r, "low", low));
  TESTUDO_I_TRY(take_real(r, "high", high));
  return 0 <= *low && *low <= *value && *value <= *high
             ? TESTUDO_OK
             : row_refuse(r, "value", "must lie between low, which is at least 0, and high");
}

static testudo_status take_value(const row_reading *r, testudo_best_value *value)
{
  const char *method;
  int kind;
  int64_t seed;
  TESTUDO_I_TRY(take_word(r, "kind", kind_word, sizeof kind_word / sizeof *kind_word, &kind));
  value->kind = (testudo_best_kind)kind;
  TESTUDO_I_TRY(take_interval(r, &value->value, &value->low, &value->high));
  if (value->kind == TESTUDO_BEST_SIMULATED) {
    TESTUDO_I_TRY(take_integer(r, "trials", 2, 1000000000, &value->trials));
    TESTUDO_I_TRY(take_integer(r, "seed", 0, INT64_MAX, &seed));
    value->seed = (uint64_t)seed;
  }
  TESTUDO_I_TRY(take_text(r, "method", &method));
  if (strlen(method) >= sizeof value->method)
    return row_refuse(r, "method", "longer than 119 characters");
  snprintf(value->method, sizeof value->method, "%s", method);
  return TESTUDO_OK;
}

/* The names of files are those that the table gives: a row must not make the program read others. */
static bool row_names_plainly(const char *file)
{
  return file[0] != '.' && file[0] != '\0' &&
         file[strspn(file, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

static testudo_status check_command(const row_reading *r, const char *command)
{
  return command == NULL || strncmp(command, "testudo design ", 15) == 0
             ? TESTUDO_OK
             : row_refuse(r, "command", "must begin with 'testudo design '");
}

static testudo_status take_design(const row_reading *r, testudo_best_row *row)
{
  row_reading inside;
  TESTUDO_I_TRY(row_open(r, "design", &inside));
  TESTUDO_I_TRY(take_optional(&inside, "command", &row->command));
  TESTUDO_I_TRY(take_optional(&inside, "file", &row->file));
  if ((row->command == NULL) == (row->file == NULL))
    return row_refuse(&inside, "command", "a design has a command or a file, one of the two");
  TESTUDO_I_TRY(check_command(&inside, row->command));
  if (row->file != NULL && !row_names_plainly(row->file))
    return row_refuse(&inside, "file", "must be the name of a file, of letters, digits, '.', '_' and '-'");
  TESTUDO_I_TRY(take_hash(&inside, "checksum", &row->checksum));
  TESTUDO_I_TRY(take_text(&inside, "version", &row->version));
  TESTUDO_I_TRY(take_hash(&inside, "orders", &row->orders));
  TESTUDO_I_TRY(take_optional(&inside, "canonical_by", &row->canonical_by));
  if (row->canonical_by != NULL)
    TESTUDO_I_TRY(take_hash(&inside, "canonical", &row->canonical));
  TESTUDO_I_TRY(take_real(&inside, "load", &row->load));
  TESTUDO_I_TRY(take_real(&inside, "copies", &row->copies));
  return take_count(&inside, "least_copies", TESTUDO_MAX_WORKERS, &row->least_copies);
}

static testudo_status take_bound(const row_reading *r, testudo_best_row *row)
{
  row_reading inside;
  row->bound = NAN;
  row->proof = "";
  if (!row_has(r, "bound"))
    return TESTUDO_OK;
  TESTUDO_I_TRY(row_open(r, "bound", &inside));
  TESTUDO_I_TRY(take_real(&inside, "value", &row->bound));
  return take_text(&inside, "proof", &row->proof);
}

static testudo_status take_named(const row_reading *r, testudo_best_row *row)
{
  row_reading inside;
  if (!row_has(r, "named"))
    return TESTUDO_OK;
  TESTUDO_I_TRY(row_open(r, "named", &inside));
  TESTUDO_I_TRY(take_text(&inside, "command", &row->named));
  TESTUDO_I_TRY(check_command(&inside, row->named));
  return take_value(&inside, &row->named_value);
}

static testudo_status take_previous(const row_reading *r, testudo_best_previous *previous)
{
  row_reading inside;
  if (!row_has(r, "previous"))
    return TESTUDO_OK;
  TESTUDO_I_TRY(row_open(r, "previous", &inside));
  TESTUDO_I_TRY(take_interval(&inside, &previous->value, &previous->low, &previous->high));
  TESTUDO_I_TRY(take_hash(&inside, "orders", &previous->orders));
  TESTUDO_I_TRY(take_text(&inside, "method", &previous->method));
  TESTUDO_I_TRY(take_text(&inside, "by", &previous->by));
  return take_date(&inside, &previous->date);
}

testudo_status testudo_i_best_row_read(const testudo_i_json_document *document, testudo_i_best_held *held,
                                       testudo_i_arena *arena, testudo_error *error)
{
  const row_reading r = {testudo_i_json_top(document, error), arena};
  testudo_best_row *row = &held->row;
  if (testudo_i_json_kind_of(r.at.object) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_json_refuse(&r.at, "%s, but an object is needed", testudo_i_json_kind_name(r.at.object));
  TESTUDO_I_TRY(take_key(&r, held));
  row_reading value;
  TESTUDO_I_TRY(row_open(&r, "value", &value));
  TESTUDO_I_TRY(take_value(&value, &row->value));
  TESTUDO_I_TRY(take_design(&r, row));
  TESTUDO_I_TRY(take_bound(&r, row));
  TESTUDO_I_TRY(take_text(&r, "method", &row->method));
  TESTUDO_I_TRY(take_text(&r, "by", &row->by));
  TESTUDO_I_TRY(take_date(&r, &row->date));
  TESTUDO_I_TRY(take_named(&r, row));
  TESTUDO_I_TRY(take_optional(&r, "searched", &row->searched));
  return take_previous(&r, &row->previous);
}

/* ---- what a row has besides ---- */

testudo_status testudo_i_best_refuse_lost(const testudo_i_json_at *at, const char *key)
{
  char shown[TESTUDO_I_JSON_SHOWN];
  testudo_i_json_show(key, shown);
  return testudo_i_json_refuse(at, "%s: unknown here, and would be lost when the table is written", shown);
}

/* Members of the object, and of objects in it, that `kept` has not. */
static testudo_status refuse_lost(const testudo_i_json_at *at, const testudo_i_json_value *kept)
{
  const testudo_i_json_value *value;
  void *walk = NULL;
  for (const char *key; (key = testudo_i_json_walk(at->object, &walk, &value)) != NULL;) {
    const testudo_i_json_value *same = testudo_i_json_member(kept, key);
    char place[96];
    if (same == NULL)
      return testudo_i_best_refuse_lost(at, key);
    if (testudo_i_json_kind_of(value) != TESTUDO_I_JSON_OBJECT)
      continue;
    snprintf(place, sizeof place, "%.40s%s%.40s", at->place, at->place[0] == '\0' ? "" : ".", key);
    const testudo_i_json_at inside = {at->document, value, place, at->error};
    TESTUDO_I_TRY(refuse_lost(&inside, same));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_best_row_is_whole(const testudo_i_json_document *document, const testudo_best_row *row,
                                           testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory memory = {0};
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *kept = NULL;
  const testudo_i_json_at top = testudo_i_json_top(document, error);
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_best_row_put(&memory.writer, row);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  TESTUDO_I_TRY(testudo_i_json_parse(memory.text, memory.length, "the row", &kept, error));
  return refuse_lost(&top, testudo_i_json_root(kept));
}

/* ---- copies, and their order ---- */

testudo_status testudo_i_best_delay_text(const testudo_delay_model *model, char **text, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory memory = {0};
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_json_open_object(&memory.writer, NULL);
  testudo_i_delay_put_members(&memory.writer, model);
  testudo_i_json_close_object(&memory.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  *text = memory.text;
  memory.text = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_i_best_row_copy(const testudo_best_row *row, testudo_i_best_held *held, testudo_i_arena *arena,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_memory_clear) testudo_i_json_memory memory = {0};
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *delay = NULL;
  testudo_best_row whole = *row;
  TESTUDO_I_TRY(testudo_i_best_delay_text(row->key.model, &delay, error));
  whole.delay = delay;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_best_row_put(&memory.writer, &whole);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  TESTUDO_I_TRY(testudo_i_json_parse(memory.text, memory.length, "the new row", &document, error));
  return testudo_i_best_row_read(document, held, arena, error);
}

int testudo_i_best_row_order(const testudo_best_row *a, const testudo_best_row *b)
{
  const testudo_best_key *p = &a->key, *q = &b->key;
  int by[] = {strcmp(a->delay, b->delay),
              TESTUDO_I_COMPARE(p->objective.kind, q->objective.kind),
              p->objective.kind == TESTUDO_OBJECTIVE_QUANTILE ? TESTUDO_I_COMPARE(p->objective.at, q->objective.at) : 0,
              TESTUDO_I_COMPARE(p->parts, q->parts),
              TESTUDO_I_COMPARE(p->workers, q->workers),
              TESTUDO_I_COMPARE(p->load, q->load),
              TESTUDO_I_COMPARE(p->granularity, q->granularity),
              TESTUDO_I_COMPARE(p->copies, q->copies),
              TESTUDO_I_COMPARE(p->least_copies, q->least_copies)};
  for (size_t k = 0; k < sizeof by / sizeof *by; k++)
    if (by[k] != 0)
      return by[k];
  return 0;
}
