/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions on rows, and the names that rows go by there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "explore/explore.h"

/* What a number may be beside another. */
typedef enum comparison {
  LESS = 1, EQUAL = 2, GREATER = 4,
  LESS_OR_EQUAL = LESS | EQUAL, GREATER_OR_EQUAL = GREATER | EQUAL, UNEQUAL = LESS | GREATER
} comparison;

struct explore_condition {
  const char *name, *text; /* text: what a word is compared with */
  bool option;             /* an option of the point, by its text, or its number where that is one */
  comparison how;
  double number;
};

/* ---- names ---- */

#define TIME_AXIS .unit = " of the completion time (s)"

/* Numbers and words of a row; those of its design, which are known before the work, come first. The unit stands behind
   the name along an axis. */
static const field names[] = {
    {FIELD_AS("workers", explore_row, design.workers)}, {FIELD_AS("chunks", explore_row, design.chunks)},
    {FIELD_AS("parts", explore_row, design.parts)}, {FIELD_AS("scheme", explore_row, design.scheme)},
    {FIELD_AS("load", explore_row, design.load), .unit = " (shares of the data)"},
    {FIELD_AS("copies", explore_row, design.copies), .unit = " of a chunk"},
    {FIELD_AS("floats", explore_row, design.floats), .unit = " sent at most, over the length of the gradient"},
    {FIELD_AS("memory", explore_row, design.memory), .unit = " of a worker, over the length of the gradient"},
    {FIELD_AS("mean", explore_row, latency.mean), TIME_AXIS},
    {FIELD_AS("stderr", explore_row, latency.stderr_mean), TIME_AXIS},
    {FIELD_AS("lower", explore_row, latency.lower)}, {FIELD_AS("upper", explore_row, latency.upper)},
    {FIELD_AS("stddev", explore_row, latency.stddev), TIME_AXIS}, {FIELD_AS("p_never", explore_row, latency.p_never)},
    {FIELD_AS("over_ideal", explore_row, latency.over_ideal)}, {FIELD(explore_row, trials)},
    {FIELD(explore_row, computation)}, {FIELD_AS("compute", explore_row, computation)},
};
enum { EARLY = 8, NAMES = sizeof names / sizeof *names };

static const char allowed[] = "workers chunks parts load copies floats memory mean stderr lower upper stddev p_never"
                              " over_ideal trials, p99 and p999 for the quantiles 0.99 and 0.999, and mse:t for the"
                              " error at deadline t";

static const field *find_name(const char *name)
{
  for (size_t k = 0; k < NAMES; k++)
    if (strcmp(names[k].key, name) == 0)
      return &names[k];
  return NULL;
}

static bool is_word(const field *found)
{
  return found != NULL && found->kind == FIELD_TEXT;
}

/* "p50" is 0.5, "p99" 0.99, "p999" 0.999; "p5" could be two, and "p100" is not the tenth of all trials that it would
   be. */
static bool is_quantile(const char *name)
{
  size_t digits = name[0] == 'p' ? strspn(name + 1, "0123456789") : 0;
  return digits >= 2 && name[digits + 1] == '\0' && (digits == 2 || name[digits] != '0');
}

static double quantile_of(const char *name)
{
  char text[64];
  double p = NAN;
  snprintf(text, sizeof text, "0.%.50s", name + 1);
  (void)testudo_i_parse_real(text, strlen(text), &p);
  return p;
}

static bool is_error(const char *name)
{
  double t;
  return strncmp(name, "mse:", 4) == 0 && testudo_i_parse_real(name + 4, strlen(name + 4), &t);
}

/* Where the key is that number; map->count: nowhere. */
static size_t find_key(const field_map *map, double wanted)
{
  double key;
  size_t k = 0;
  while (k < map->count && !(testudo_i_parse_real(map->key[k], strlen(map->key[k]), &key) &&
                             fabs(key - wanted) <= 1e-12 * fabs(wanted)))
    k++;
  return k;
}

static double look_up(const field_map *map, double wanted)
{
  size_t k = map->value == NULL ? map->count : find_key(map, wanted);
  return k < map->count ? map->value[k] : NAN;
}

/* The map that has a quantile or an error, and the key there. */
static const field_map *map_of(const char *name, const explore_row *row, double *key)
{
  if (is_quantile(name)) {
    *key = quantile_of(name);
    return &row->latency.quantiles;
  }
  *key = NAN;
  if (is_error(name))
    (void)testudo_i_parse_real(name + 4, strlen(name + 4), key);
  return &row->mse;
}

double within_number(const char *name, const explore_row *row)
{
  const field *found = find_name(name);
  double key;
  if (found != NULL && found->kind == FIELD_INT64)
    return fmax(0.0, field_number(found, row)); /* no trials are none */
  if (found != NULL)
    return is_word(found) ? NAN : field_number(found, row);
  const field_map *map = map_of(name, row, &key);
  return look_up(map, key);
}

const char *within_axis(const char *name, bool several)
{
  static const field quantile = {TIME_AXIS};
  const field *found = is_quantile(name) ? &quantile : find_name(name);
  if (found != NULL)
    return found->unit == NULL ? "" : found->unit;
  return !is_error(name) ? ""
         : several       ? ": errors of stopping then (chunks)"
                         : ": error of stopping then (chunks)";
}

void within_bounds(const char *name, const explore_row *row, double *low, double *high)
{
  const latency_result *latency = &row->latency;
  *low = *high = NAN;
  if (strcmp(name, "mean") == 0 && latency->mean_status == LAW_BOUNDED) {
    *low = latency->lower;
    *high = latency->upper;
  }
  else if (is_quantile(name) && isnan(within_number(name, row))) {
    *low = look_up(&latency->quantiles_lower, quantile_of(name));
    *high = look_up(&latency->quantiles_upper, quantile_of(name));
  }
}

testudo_status within_check_name(const char *option, const char *name, testudo_error *error)
{
  const field *found = find_name(name);
  if (found != NULL ? !is_word(found) : is_quantile(name) || is_error(name))
    return TESTUDO_OK;
  return cli_refuse(error, "--%s: %.40s is not a number of a row; allowed: %s", option, name, allowed);
}

/* Keys of the numbers that some row has, as names. */
static void list_keys(char *text, size_t room, const explore_row *row, size_t count, bool quantiles)
{
  enum { MOST = 12 };
  const char *seen[MOST];
  size_t keys = 0;
  for (size_t k = 0; k < count; k++) {
    const field_map *map = quantiles ? &row[k].latency.quantiles : &row[k].mse;
    for (size_t v = 0; map->value != NULL && v < map->count && keys < MOST; v++) {
      size_t s = 0;
      while (s < keys && strcmp(seen[s], map->key[v]) != 0)
        s++;
      const double *lower = quantiles ? row[k].latency.quantiles_lower.value : NULL; /* of the same keys */
      if (s < keys || (isnan(map->value[v]) && (lower == NULL || isnan(lower[v]))))
        continue;
      seen[keys++] = map->key[v];
      const char *digits = strncmp(map->key[v], "0.", 2) == 0 ? map->key[v] + 2 : "";
      if (!quantiles)
        snprintf(text + strlen(text), room - strlen(text), "%smse:%.20s", keys > 1 ? " " : "", map->key[v]);
      else if (digits[0] != '\0') /* 0.5 is p50 */
        snprintf(text + strlen(text), room - strlen(text), "%sp%.20s%s", keys > 1 ? " " : "", digits,
                 digits[1] == '\0' ? "0" : "");
    }
  }
}

testudo_status within_missing(const char *option, const char *name, const explore_row *row, size_t count,
                              testudo_error *error)
{
  bool quantile = is_quantile(name), other = find_name(name) != NULL;
  const char *of = quantile ? "--quantiles" : "--at";
  char there[300] = "";
  for (size_t k = 0; k < count; k++) {
    double low, high, key;
    const field_map *map = map_of(name, &row[k], &key);
    within_bounds(name, &row[k], &low, &high);
    if (!isnan(low) || !isnan(high))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "--%s: %.40s is known between bounds only", option, name);
    if (find_key(map, key) < map->count)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "--%s: no point has a value of %.40s, though it was asked"
                            " for: the trials are too few, or it is not known for such designs", option, name);
  }
  list_keys(there, sizeof there, row, count, quantile);
  if (other || there[0] == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "--%s: no point has %.40s%s%s", option, name,
                          other ? "" : "; 'testudo sweep' computes it with ", other ? "" : of);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "--%s: no point has %.40s; there are %s, and 'testudo sweep'"
                        " computes others with %s", option, name, there, of);
}

testudo_status within_check_key(const char *option, const char *name, const explore_row *row, size_t count,
                                testudo_error *error)
{
  bool there = count == 0 || !(is_quantile(name) || is_error(name));
  for (size_t k = 0; k < count && !there; k++)
    there = !isnan(within_number(name, &row[k]));
  return there ? TESTUDO_OK : within_missing(option, name, row, count, error);
}

/* ---- conditions ---- */

static const struct {
  const char *sign;
  comparison how;
} signs[] = {{"<=", LESS_OR_EQUAL}, {">=", GREATER_OR_EQUAL}, {"!=", UNEQUAL}, {"<", LESS}, {">", GREATER},
             {"=", EQUAL}};

static char *keep(testudo_i_arena *arena, const char *from, size_t length)
{
  while (length > 0 && *from == ' ') {
    from++;
    length--;
  }
  while (length > 0 && from[length - 1] == ' ')
    length--;
  char *text = testudo_i_arena_alloc(arena, length + 1, 1);
  if (text != NULL) {
    memcpy(text, from, length);
    text[length] = '\0';
  }
  return text;
}

static testudo_status take_condition(explore_within *within, const char *option, const char *piece, size_t length,
                                     bool early, testudo_error *error)
{
  struct explore_condition *condition = &within->condition[within->conditions];
  size_t at = 0, sign = 0;
  while (at < length && strchr("<>=!", piece[at]) == NULL)
    at++;
  while (sign < sizeof signs / sizeof *signs && (length - at < strlen(signs[sign].sign) ||
                                                 strncmp(piece + at, signs[sign].sign, strlen(signs[sign].sign)) != 0))
    sign++;
  if (sign == sizeof signs / sizeof *signs)
    return cli_refuse(error, "--%s: '%.*s' is not a condition; wanted: load<=4,p99<2, the signs < <= > >= = !=; where a"
                      " value has commas, ; between conditions", option,
                      (int)(length > 40 ? 40 : length), piece);
  size_t behind = at + strlen(signs[sign].sign);
  condition->how = signs[sign].how;
  condition->name = keep(&within->arena, piece, at);
  condition->text = keep(&within->arena, piece + behind, length - behind);
  TESTUDO_I_TRY(testudo_i_arena_check(&within->arena, error));
  const field *found = find_name(condition->name);
  bool word = is_word(found);
  condition->option = !early && found == NULL && !is_quantile(condition->name) && !is_error(condition->name) &&
                      condition->name[0] != '\0';
  word = word || condition->option;
  if (found != NULL && word && condition->how != EQUAL && condition->how != UNEQUAL)
    return cli_refuse(error, "--%s: %s is a word; wanted: %s=WORD or %s!=WORD", option, found->key, found->key,
                      found->key);
  if (early && (found == NULL || found >= names + EARLY))
    return cli_refuse(error, "--%s: %.40s is not known before the work; allowed: workers chunks parts load copies"
                      " floats memory scheme; 'testudo pick --within' weighs results", option, condition->name);
  if (!word)
    TESTUDO_I_TRY(within_check_name(option, condition->name, error));
  if (!word && !testudo_i_parse_real(condition->text, strlen(condition->text), &condition->number))
    return cli_refuse(error, "--%s: %s is compared with '%.40s', which is not a number", option, condition->name,
                      condition->text);
  within->conditions++;
  return TESTUDO_OK;
}

/* A piece without a sign is what a value has behind its comma: delay=gamma:2,0.5 is one condition. */
static size_t condition_length(const char *text, const char *separator)
{
  size_t length = strcspn(text, separator);
  while (text[length] == ',') {
    size_t next = 1 + strcspn(text + length + 1, separator);
    if (next == 1 || strcspn(text + length + 1, "<>=!") + 1 < next)
      return length;
    length += next;
  }
  return length;
}

/* Options of conditions that no row has, and quantiles and errors, are mistakes. */
testudo_status within_check_options(const explore_within *within, const char *option, const explore_row *row,
                                    size_t count, testudo_error *error)
{
  for (size_t c = 0; c < within->conditions; c++) {
    const struct explore_condition *condition = &within->condition[c];
    const char *text;
    bool known = !condition->option || count == 0;
    TESTUDO_I_TRY(within_check_key(option, condition->name, row, count, error));
    for (size_t k = 0; k < count && !known; k++)
      known = row_option(&row[k], condition->name, &text);
    if (!known)
      return cli_refuse(error, "--%s: no point has the option %.40s; allowed: its options, or %s", option,
                        condition->name, allowed);
  }
  return TESTUDO_OK;
}

testudo_status within_take(explore_within *within, const char *option, const char *text, bool early,
                           testudo_error *error)
{
  size_t count = 1;
  const char *separator = strchr(text, ';') != NULL ? ";" : ",";
  for (const char *at = text; *at != '\0'; at++)
    count += *at == *separator;
  within->condition = testudo_i_arena_calloc(&within->arena, count, sizeof *within->condition);
  TESTUDO_I_TRY(testudo_i_arena_check(&within->arena, error));
  for (;; text++) {
    size_t length = condition_length(text, separator);
    TESTUDO_I_TRY(take_condition(within, option, text, length, early, error));
    text += length;
    if (*text == '\0' || (*text == ';' && text[1] == '\0'))
      return TESTUDO_OK;
  }
}

void within_clear(explore_within *within)
{
  testudo_i_arena_clear(&within->arena);
  memset(within, 0, sizeof *within);
}

static bool compares(double a, comparison how, double b)
{
  return (how & (a < b ? LESS : a > b ? GREATER : EQUAL)) != 0;
}

/* As texts, or where both are numbers as these. */
static bool meets_option(const struct explore_condition *condition, const explore_row *row)
{
  const char *text;
  double given, wanted;
  if (!row_option(row, condition->name, &text) || text == NULL)
    return (strcmp(condition->text, "none") == 0) == (condition->how == EQUAL) &&
           (condition->how == EQUAL || condition->how == UNEQUAL);
  if (testudo_i_parse_real(text, strlen(text), &given) &&
      testudo_i_parse_real(condition->text, strlen(condition->text), &wanted))
    return compares(given, condition->how, wanted);
  return (condition->how == EQUAL && strcmp(text, condition->text) == 0) ||
         (condition->how == UNEQUAL && strcmp(text, condition->text) != 0);
}

static bool meets(const struct explore_condition *condition, const explore_row *row, bool *unknown)
{
  const field *found = find_name(condition->name);
  if (is_word(found)) {
    const char *word = field_text(found, row);
    return (word != NULL && strcmp(word, condition->text) == 0) == (condition->how == EQUAL);
  }
  if (condition->option)
    return meets_option(condition, row);
  double number = within_number(condition->name, row);
  *unknown = *unknown || isnan(number);
  return isnan(number) || compares(number, condition->how, condition->number);
}

/* Whatever the order of the conditions: one that is not met decides, and only then one that is not known. */
bool within_met(const explore_within *within, const explore_row *row, bool *unknown)
{
  bool met = true, some_unknown = false;
  for (size_t k = 0; k < within->conditions; k++)
    met = meets(&within->condition[k], row, &some_unknown) && met;
  *unknown = met && some_unknown;
  return met && !some_unknown;
}
