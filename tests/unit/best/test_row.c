/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of tables of designs that are broken, each refused with its line and the reason. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include <testudo/best.h>

#include "best/row.h"

#define HEAD "{\"format\":\"testudo-table\",\"version\":1}\n"
#define KEY "\"workers\":4,\"load\":2.0,\"granularity\":1,\"parts\":1,\"copies\":2.0,\"least_copies\":1,"
#define DELAY "\"delay\":{\"law\":\"exp:1\",\"structure\":\"scaled\"},"
#define VALUE "\"value\":{\"kind\":\"exact\",\"value\":1.0,\"low\":1.0,\"high\":1.0,\"method\":\"m\"},"
#define HASHES "\"checksum\":\"0123456789abcdef\",\"orders\":\"0123456789abcdef\","
#define MADE "\"version\":\"0.1.0\",\"load\":2.0,\"copies\":2.0,\"least_copies\":2},"
#define END "\"method\":\"m\",\"by\":\"b\",\"date\":\"2026-11-29\"}"
#define FILE_OF(name) "\"design\":{\"file\":\"" name "\"," HASHES MADE
#define SOUND "{" KEY DELAY "\"objective\":\"mean\"," VALUE FILE_OF("d.json") END
#define FINE "\"workers\":4,\"load\":2.0,\"granularity\":2,\"parts\":1,\"copies\":2.0,\"least_copies\":1,"
#define BEFORE "\"previous\":{\"value\":2,\"low\":2,\"high\":2,\"orders\":\"0123456789abcdef\","
#define WITH(more) HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE FILE_OF("d.json") more END
#define ON(day) "\"method\":\"m\",\"by\":\"b\",\"date\":\"" day "\"}"

static void broken_tables_are_refused_with_their_line(void **state)
{
  (void)state;
  static const struct {
    const char *text, *wanted;
  } broken[] = {
      {"", "t: empty"},
      {"[]\n", "t: line 1: no table of designs"},
      {"{\"format\":\"testudo-design\",\"version\":1}\n", "t: line 1: format: must be testudo-table"},
      {"{\"format\":\"testudo-table\",\"version\":2}\n", "t: line 1: version: 2"},
      {HEAD SOUND "\n" SOUND "\n", "t: line 3: another row is of the same cell"},
      {HEAD "{" DELAY "\"load\":2.0}", "t: line 2: workers: missing"},
      {HEAD "{" KEY DELAY "\"objective\":\"qmax\"}", "t: line 2: objective: 'qmax' is unknown; allowed: mean quantile"},
      {HEAD "{" KEY DELAY "\"objective\":\"quantile\",\"at\":1.5}", "t: line 2: a quantile lies between 0 and 1"},
      {HEAD "{" KEY "\"delay\":{\"law\":\"exp:1\",\"structure\":\"scaled\"}}", "t: line 2: objective: missing"},
      {HEAD "{" KEY "\"delay\":{\"law\":\"exp:1\"},\"objective\":\"mean\"}", "t: line 2: delay.structure: missing"},
      {HEAD "{" KEY "\"delay\":{\"law\":\"trace:x.csv\",\"structure\":\"scaled\"},\"objective\":\"mean\"}",
       "t: line 2: delay"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\",\"value\":{\"kind\":\"exact\",\"value\":2,\"low\":1,\"high\":1.5,"
       "\"method\":\"m\"}}", "t: line 2: value.value: must lie between"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE FILE_OF("../d.json") END, "t: line 2: design.file: must be"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE "\"design\":{" HASHES MADE END,
       "t: line 2: design.command: a design has a command or a file"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE "\"design\":{\"command\":\"rm x\"," HASHES MADE END,
       "t: line 2: design.command: must begin"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE FILE_OF("d.json")
       "\"method\":\"m\",\"by\":\"b\",\"date\":\"today\"}", "t: line 2: date: must be a day, year-month-day"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE FILE_OF("d.json")
       "\"method\":\"\\u001b[1m\",\"by\":\"b\",\"date\":\"2026-11-29\"}", "t: line 2: method: control characters"},
      {HEAD "{" FINE DELAY "\"objective\":\"mean\"," VALUE FILE_OF("d.json") END "\n" SOUND "\n",
       "t: line 3: this row belongs before that of line 2"},
      {WITH("\"colour\":1,"), "t: line 2: colour: unknown here"},
      {WITH("\"canonical\":1,"), "t: line 2: canonical: unknown here"},
      {WITH("\"at\":0.5,"), "t: line 2: at: unknown here"},
      {WITH("\"bound\":{\"value\":0.5,\"proof\":\"p\",\"method\":\"m\"},"), "t: line 2: bound.method: unknown here"},
      {WITH("\"named\":{\"command\":\"testudo design \",\"kind\":\"exact\",\"value\":2,\"low\":2,\"high\":2,"
            "\"method\":\"m\",\"by\":\"b\"},"), "t: line 2: named.by: unknown here"},
      {WITH(BEFORE "\"kind\":\"exact\"," ON("2026-11-28") ","), "t: line 2: previous.kind: unknown here"},
      {WITH(BEFORE ON("2026-13-28") ","), "t: line 2: previous.date: must be a day"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\",\"value\":{\"kind\":\"exact\",\"value\":1,\"low\":1,\"high\":1,"
       "\"trials\":1000,\"method\":\"m\"}," FILE_OF("d.json") END, "t: line 2: value.trials: unknown here"},
      {HEAD "{" KEY "\"delay\":{\"law\":\"exp:1\",\"structure\":\"scaled\",\"units\":\"share\"},\"objective\":\"mean\","
       VALUE FILE_OF("d.json") END, "t: line 2: delay.units: unknown here"},
      {HEAD "{" KEY "\"delay\":{\"law\":\"exp:1\",\"structure\":\"scaled\",\"markov\":{\"p\":0.1,\"q\":0.5,"
       "\"factor\":2,\"r\":1}},\"objective\":\"mean\"," VALUE FILE_OF("d.json") END,
       "t: line 2: delay.markov.r: unknown here"},
      {HEAD "{" KEY DELAY "\"objective\":\"mean\"," VALUE "\"design\":{\"file\":\"d.json\"," HASHES
       "\"canonical\":\"0123456789abcdef\"," MADE END, "t: line 2: design.canonical: unknown here"},
      {HEAD "\n", "t: line 2"},
  };
  testudo_best_table *table;
  assert_ok(testudo_best_parse(HEAD SOUND "\n", strlen(HEAD SOUND "\n"), "t", &table, NULL));
  assert_int_equal(testudo_best_rows(table), 1);
  testudo_best_free(table);
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_error error = {""};
    assert_status(testudo_best_parse(broken[k].text, strlen(broken[k].text), "t", &table, &error),
                  TESTUDO_ERROR_INPUT);
    assert_null(table);
    if (strncmp(error.text, broken[k].wanted, strlen(broken[k].wanted)) != 0)
      fail_msg("%zu: '%s', wanted '%s'", k, error.text, broken[k].wanted);
  }
}

/* The days of four years and of the turns of centuries, by counting. */
static void dates_are_days_of_the_calendar(void **state)
{
  (void)state;
  static const int years[] = {1900, 2000, 2023, 2024, 2026, 2100}, days[] = {365, 366, 365, 366, 365, 365};
  for (size_t k = 0; k < sizeof years / sizeof *years; k++) {
    int count = 0, last[13] = {0};
    for (int month = 0; month < 20; month++)
      for (int day = 0; day < 40; day++) {
        char text[48];
        snprintf(text, sizeof text, "%04d-%02d-%02d", years[k], month, day);
        bool is_one = testudo_i_best_is_date(text);
        assert_true(!is_one || (month >= 1 && month <= 12 && day == last[month] + 1));
        if (is_one)
          last[month] = day;
        count += is_one;
      }
    assert_int_equal(count, days[k]);
  }
  static const char *const none[] = {"", "today", "2026-11-3", "2026-11-300", "2026/11/30", "26-11-30", "2026-1a-30",
                                     " 2026-11-30", "2026-11-30 ", "2026-1130", "-026-11-30"};
  for (size_t k = 0; k < sizeof none / sizeof *none; k++)
    assert_false(testudo_i_best_is_date(none[k]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broken_tables_are_refused_with_their_line),
      cmocka_unit_test(dates_are_days_of_the_calendar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
