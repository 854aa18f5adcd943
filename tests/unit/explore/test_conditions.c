/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions on points: what they mean, that their order does not matter, and that no text does harm. */
#include "check.h"

#include "base/random.h"
#include "explore/explore.h"

static explore_row sample_row(void)
{
  static const char *key[] = {"workers", "granularity"}, *value[] = {"12", NULL};
  explore_row row = {.parameters = {2, key, value}, .computation = "analyze",
                     .design = {.name = "d", .scheme = "partial", .workers = 12, .chunks = 24, .parts = 1, .load = 2.5,
                                .copies = 2.5}};
  row.latency = latency_unknown();
  row.latency.mean = 1.5;
  return row;
}

static bool met(const char *text, bool early, bool *unknown)
{
  explore_within within = {.conditions = 0};
  testudo_error error = {.text = ""};
  explore_row row = sample_row();
  if (within_take(&within, "within", text, early, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  bool answer = within_met(&within, &row, unknown);
  within_clear(&within);
  return answer;
}

static void conditions_compare(void **state)
{
  static const struct {
    const char *text;
    bool met, unknown;
  } known[] = {{"load<=2.5", true, false},       {"load<2.5", false, false},
               {"load>=2.5,mean<2", true, false}, {"mean>2", false, false},
               {"scheme=partial", true, false},  {"scheme!=partial", false, false},
               {"workers=12", true, false},      {"workers=12.0", true, false},
               {"granularity=none", true, false}, {"granularity!=none", false, false},
               {"p99<=2", false, true},          {"p99<=2,load>3", false, false},
               {"load>3,p99<=2", false, false},  {"load<3;p99<=2", false, true},
               {" load <= 3 , mean = 1.5", true, false}};
  (void)state;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    bool unknown;
    assert_int_equal(met(known[k].text, false, &unknown), known[k].met);
    assert_int_equal(unknown, known[k].unknown);
  }
}

static void no_text_does_harm(void **state)
{
  static const char *const piece[] = {"load", "p99", "mean", "scheme", "workers", "delay", "mse:1", "<=", "<", ">", "=",
                                      "!=", ",", ";", " ", "1", "1e999", "nan", "-", "partial", "exp:1", ""};
  enum { PIECES = sizeof piece / sizeof *piece };
  testudo_i_random random;
  (void)state;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 17, 0);
  explore_row row = sample_row();
  int taken = 0;
  for (int k = 0; k < 50000; k++) {
    char text[200] = "";
    int64_t count = (int64_t)testudo_i_random_below(&random, 9);
    for (int64_t n = 0; n < count; n++) {
      if (testudo_i_random_below(&random, 12) == 0)
        snprintf(text + strlen(text), 3, "%c", (char)(1 + testudo_i_random_below(&random, 255)));
      else
        strcat(text, piece[testudo_i_random_below(&random, PIECES)]);
    }
    explore_within within = {.conditions = 0};
    testudo_error error = {.text = ""};
    bool unknown;
    testudo_status status = within_take(&within, "within", text, k % 2 == 0, &error);
    if (status == TESTUDO_OK) {
      taken++;
      (void)within_met(&within, &row, &unknown);
    } else
      assert_true(status == TESTUDO_ERROR_ARGUMENT && strncmp(error.text, "--within: ", 10) == 0);
    within_clear(&within);
  }
  assert_true(taken > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conditions_compare),
      cmocka_unit_test(no_text_does_harm),
  };
  return cmocka_run_group_tests_name("conditions", tests, NULL, NULL);
}
