/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a model of a whole iteration has an exact law, the simulation follows it, and does not follow that of a model
   that is a little different. */
#include "../unit/sample/iteration.h"

#include <testudo/exact.h>

#define TRIALS 20000

/* Smooth laws, then laws of two values each, whose times have ties and jumps. */
static const char *const texts[2][5] = {
    {"exp:1", "lognormal:0,0.3", "shifted-exp:0.5,2", "shifted-exp:0.2,5", "gamma:4,0.25"},
    {"mixture:0.7,deterministic:1,deterministic:2.3", "mixture:0.5,deterministic:0.8,deterministic:1.3",
     "mixture:0.4,deterministic:0.1,deterministic:0.7", "mixture:0.6,deterministic:0.3,deterministic:1.7",
     "mixture:0.2,deterministic:0.9,deterministic:1.1"}};
enum { LAW_X, LAW_Z, LAW_STARTUP, LAW_MESSAGE, LAW_OTHER, LAWS };

enum {
  STARTUP = 1, OVERHEAD = 2, SHARES = 4, MESSAGE = 8, SIGNAL = 16, SLOW = 32, CLASSES = 64, ADDITIVE = 128, MIXED = 256
};
static const int combinations[] = {STARTUP, OVERHEAD, SHARES, MESSAGE, SIGNAL, SLOW, CLASSES, ADDITIVE, MIXED,
                                   STARTUP | OVERHEAD | MESSAGE, STARTUP | ADDITIVE | SIGNAL,
                                   STARTUP | OVERHEAD | SHARES | MESSAGE | SIGNAL | SLOW | CLASSES};

static testudo_delay_model model_of(testudo_law *const *law, const testudo_law *constant, const subject *s, int terms,
                                    testudo_worker_class *classes)
{
  bool announces = s->report == TESTUDO_REPORT_CHUNK && s->kind != BLOCKS;
  testudo_delay_model model = {.law = law[LAW_X]};
  model.startup = terms & STARTUP ? law[LAW_STARTUP] : NULL;
  model.overhead = terms & OVERHEAD ? 0.07 : 0.0;
  model.unit = terms & SHARES ? TESTUDO_UNIT_SHARE : TESTUDO_UNIT_CHUNK;
  model.message = !(terms & MESSAGE) ? NULL : announces ? constant : law[LAW_MESSAGE];
  model.signal = terms & SIGNAL ? 0.03 : 0.0;
  if (terms & SLOW)
    model.slow = (testudo_slow_state){0.2, 0.4, 3};
  if (terms & CLASSES) {
    classes[0] = (testudo_worker_class){2, 1.5, law[LAW_OTHER]};
    classes[1] = (testudo_worker_class){4, 0.75, NULL};
    model.classes = classes;
    model.class_count = 2;
  }
  if (terms & ADDITIVE)
    model.structure = TESTUDO_STRUCTURE_ADDITIVE;
  if (terms & MIXED) {
    model.structure = TESTUDO_STRUCTURE_MIXED;
    model.law = law[LAW_Z];
    model.chunk_law = law[LAW_OTHER];
  }
  return model;
}

/* The largest distance of the trials from the law, in standard errors of a fraction (at least 1/sqrt(n) of one), over
   33 of the times seen and just before them; -1 where the law is only bounded or not known. */
static double distance(const testudo_design *design, const subject *s, const testudo_delay_model *model,
                       const testudo_simulation *found)
{
  const testudo_analysis_options options = {s->report, 200000, 1e-9, NULL};
  testudo_latency *latency = NULL;
  double most = -1.0;
  if (testudo_latency_create(design, model, &options, &latency, NULL) == TESTUDO_OK &&
      testudo_latency_is_exact(latency))
    for (int64_t k = 2; k < 68; k++) {
      double t = found->completion[k / 2 * (TRIALS - 1) / 34] * (k % 2 ? 1.0 - 1e-9 : 1.0 + 1e-12);
      double lower, upper; /* sums that are equal but for their rounding are one jump of a bracketed law */
      assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
      double seen = testudo_simulation_cdf(found, t), beyond = fmax(lower - seen, seen - upper);
      most = fmax(most, beyond / sqrt(fmax(seen * (1.0 - seen), 1.0 / TRIALS) / TRIALS));
    }
  testudo_latency_free(latency);
  return most;
}

static void trials_follow_the_laws(void **state)
{
  int smooth = *state == NULL, known = 0, all = 0;
  testudo_law *law[LAWS], *constant = law_of("deterministic:0.4");
  testudo_worker_class classes[2];
  for (int k = 0; k < LAWS; k++)
    law[k] = law_of(texts[!smooth][k]);
  for (size_t k = 0; k < SUBJECTS; k++) {
    const subject *s = &subjects[k];
    testudo_design *design = design_of(s);
    for (size_t c = 0; c < sizeof combinations / sizeof *combinations; c++) {
      int terms = combinations[c];
      if (s->kind == BLOCKS && (terms & (ADDITIVE | MIXED)))
        continue;
      testudo_delay_model model = model_of(law, constant, s, terms, classes);
      testudo_simulation *found = simulate(
          design, &model,
          &(testudo_simulation_options){.report = s->report, .trials = TRIALS, .seed = 100 + k, .threads = 1});
      double apart = distance(design, s, &model, found);
      if (apart > 5.5)
        fail_msg("%s: terms %d: %.2f standard errors from the law", s->name, terms, apart);
      known += apart >= 0.0;
      all++;
      /* Controls: without start-up, and without messages. */
      testudo_delay_model other = model;
      if (terms & STARTUP)
        other.startup = NULL;
      else if (terms & MESSAGE)
        other.message = NULL;
      else
        other.overhead += 0.1;
      double control = apart < 0.0 ? HUGE_VAL : distance(design, s, &other, found);
      if (!(control > 5.5))
        fail_msg("%s: terms %d: the control is %.2f standard errors from the law", s->name, terms, control);
      testudo_simulation_free(found);
    }
    testudo_design_free(design);
  }
  print_message("%d laws of %d models\n", known, all);
  assert_true(known > all / 2);
  for (int k = 0; k < LAWS; k++)
    testudo_law_free(law[k]);
  testudo_law_free(constant);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(trials_follow_the_laws, NULL),
      cmocka_unit_test_prestate(trials_follow_the_laws, (void *)texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
