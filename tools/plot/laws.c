/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of several results in one figure: P(T <= t), P(T > t) on a logarithmic axis, or the error of stopping at t. */
#include "plot/laws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

void laws_clear(drawn_laws *laws)
{
  free(laws->law);
  testudo_i_arena_clear(&laws->arena);
  memset(laws, 0, sizeof *laws);
}

/* ---- what is drawn ---- */

static testudo_status add_law(drawn_laws *laws, const law_result *law, const head_result *head, drawn_law about,
                              const char *name, testudo_error *error)
{
  cli_curves curves;
  bool simulated = law->trials >= 0;
  curves_fill(&curves, simulated ? NULL : law, simulated ? law : NULL);
  TESTUDO_I_TRY(curves_check(&curves, name, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(laws->law, laws->room, laws->count + 1, error));
  about.discrete = head->delay.discrete;
  about.exact = !simulated;
  about.cdf = law->latency.cdf;
  about.tail = law->latency.tail;
  if (about.tail.t == NULL)
    about.tail.count = 0;
  const cdf_result *tail = &about.tail;
  TESTUDO_I_TRY(curves_check_list(name, "tail.t", curves_list(tail->t, tail->count), &curves_times, error));
  TESTUDO_I_TRY(curves_check_list(name, "tail.p", curves_list(tail->p, tail->count), &curves_chances, error));
  about.error_time = simulated ? curves.sim_error_time : curves.error_time;
  about.error = simulated ? curves.sim_mse : curves.mse;
  about.mean = law->latency.mean;
  if (simulated)
    about.how = head->delay.replay != NULL ? "as measured" : "simulated";
  else
    about.how = about.cdf.p != NULL ? "exact" : "bounds";
  about.error_how = simulated ? about.how : "exact";
  laws->law[laws->count++] = about;
  return TESTUDO_OK;
}

/* The delay model in words, for labels. */
static const char *delay_words(drawn_laws *laws, const head_result *head)
{
  char text[300] = "";
  const delay_result *delay = &head->delay;
  snprintf(text, sizeof text, "%s%.150s", delay->replay != NULL ? "replay of " : "",
           delay->replay != NULL ? delay->replay : delay->law != NULL ? delay->law : "");
  if (delay->replay == NULL && delay->structure >= 0)
    snprintf(text + strlen(text), sizeof text - strlen(text), ", %s", testudo_i_structure_names[delay->structure]);
  delay_terms_write(delay, text + strlen(text), sizeof text - strlen(text));
  const char *kept = testudo_i_arena_text(&laws->arena, text);
  return kept == NULL ? "" : kept;
}

testudo_status laws_add_result(drawn_laws *laws, const testudo_i_json_document *document, testudo_error *error)
{
  const testudo_i_json_value *root = testudo_i_json_root(document), *part[2] = {root, NULL};
  const char *name = testudo_i_json_name(document), *where[2] = {"", ""};
  if (testudo_i_json_member(root, "analyze") != NULL && testudo_i_json_member(root, "simulate") != NULL) {
    part[0] = testudo_i_json_member(root, where[0] = "analyze");
    part[1] = testudo_i_json_member(root, where[1] = "simulate");
  } else if (testudo_i_json_member(root, "latency") == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: not a result of analyze, simulate, validate or compare;"
                          " only these have laws", name);
  head_result head = {.report = -1};
  TESTUDO_I_TRY(fields_read(document, root, "", head_fields, &head, &laws->arena, error));
  for (int k = 0; k < 2 && part[k] != NULL; k++) {
    law_result law = {.trials = -1};
    TESTUDO_I_TRY(fields_read(document, part[k], where[k], law_fields, &law, &laws->arena, error));
    const drawn_law about = {.file = name, .name = head.design.name == NULL ? "" : head.design.name,
                             .delay = delay_words(laws, &head), .command = head.command};
    TESTUDO_I_TRY(add_law(laws, &law, &head, about, name, error));
  }
  return testudo_i_arena_check(&laws->arena, error);
}

testudo_status laws_add_comparison(drawn_laws *laws, const cli_comparison *comparison, bool references,
                                   const char *name, testudo_error *error)
{
  const head_result head = {.delay = comparison->delay};
  const char *delay = delay_words(laws, &head);
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *row = &comparison->row[k];
    const cdf_result *cdf = &row->analyze.latency.cdf;
    const bool known = cdf->t != NULL || cdf->p != NULL || cdf->p_lower != NULL;
    if (row->label == NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: rows[%zu].label: is missing", name, k);
    if (row->reference != NULL && !references)
      continue;
    const drawn_law about = {.file = name, .name = row->label, .delay = delay, .reference = row->reference != NULL,
                             .command = comparison->command};
    law_result exact = row->analyze;
    exact.trials = -1;
    if (known)
      TESTUDO_I_TRY(add_law(laws, &exact, &head, about, name, error));
    if (!known || exact.latency.cdf.p == NULL) {
      law_result simulated = row->simulate;
      simulated.trials = simulated.trials < 0 ? 0 : simulated.trials;
      if (simulated.latency.cdf.t != NULL) {
        TESTUDO_I_TRY(add_law(laws, &simulated, &head, about, name, error));
        laws->law[laws->count - 1].with_last = known;
      }
    }
    /* At the deadlines of --at, exact where it is known. */
    if (laws->count > 0 && row->error != NULL && row->error->nmse != NULL) {
      drawn_law *last = &laws->law[laws->count - 1];
      last->error_time = (cli_list){row->error->t, (size_t)row->error->count};
      last->error = (cli_list){row->error->nmse, (size_t)row->error->count};
    }
  }
  return testudo_i_arena_check(&laws->arena, error);
}

testudo_status laws_add_comparison_file(drawn_laws *laws, const testudo_i_json_document *document, bool references,
                                        testudo_error *error)
{
  cli_comparison comparison = {.rows = 0};
  const char *name = testudo_i_json_name(document);
  TESTUDO_I_TRY(fields_read(document, testudo_i_json_root(document), "", compare_fields, &comparison, &laws->arena,
                            error));
  if (comparison.measured < 1 || comparison.measured > COMPARE_MOST_ROWS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: rows: has %zu entries, but 1..%d are drawn", name,
                          comparison.measured, COMPARE_MOST_ROWS);
  return laws_add_comparison(laws, &comparison, references, name, error);
}

/* ---- labels ---- */

static const char *text_at(const drawn_law *law, size_t offset)
{
  return *(const char *const *)(const void *)((const char *)law + offset);
}

/* Have all the same name, or delay model? */
static bool all_same(const drawn_laws *laws, size_t offset)
{
  for (size_t k = 1; k < laws->count; k++)
    if (strcmp(text_at(&laws->law[k], offset), text_at(&laws->law[0], offset)) != 0)
      return false;
  return true;
}

/* Do these differ in any two laws? */
static bool tells_apart(const drawn_laws *laws, bool name, bool delay)
{
  for (size_t k = 1; k < laws->count; k++)
    for (size_t n = 0; n < k; n++) {
      const drawn_law *a = &laws->law[k], *b = &laws->law[n];
      bool same = (!name || strcmp(a->name, b->name) == 0) && (!delay || strcmp(a->delay, b->delay) == 0) &&
                  strcmp(a->how, b->how) == 0;
      if (same)
        return false;
    }
  return true;
}

static void append(char *text, size_t room, const char *what)
{
  if (what[0] != '\0')
    snprintf(text + strlen(text), room - strlen(text), "%s%s", text[0] == '\0' ? "" : ", ", what);
}

/* What a law differs in from others, and how it, or its error, is known. */
static const char *label_of(const drawn_laws *laws, const drawn_law *law, law_picture show, figure *f)
{
  char text[400] = "";
  bool name = !all_same(laws, offsetof(drawn_law, name)), delay = !all_same(laws, offsetof(drawn_law, delay));
  if (law->label != NULL)
    return law->label;
  if (name)
    append(text, sizeof text, law->name);
  if (delay)
    append(text, sizeof text, law->delay);
  if (laws->count > 1 && !tells_apart(laws, name, delay))
    append(text, sizeof text, cli_basename(law->file));
  char how[64];
  if (show == SHOW_ERROR)
    snprintf(how, sizeof how, "%s", law->error_how);
  else
    snprintf(how, sizeof how, "%s%s", law->with_last ? "bounds, " : "", law->how);
  snprintf(text + strlen(text), sizeof text - strlen(text), text[0] == '\0' ? "%s" : " (%s)", how);
  return testudo_i_arena_text(&f->arena, text);
}

/* ---- series ---- */

static double *copy_with_end(figure *f, const double *from, size_t count, double end)
{
  double *list = figure_numbers(f, count + 1);
  if (list != NULL && count > 0)
    memcpy(list, from, count * sizeof *list);
  if (list != NULL)
    list[count] = end;
  return list;
}

/* A curve, which ends where the axis does: `end` is a time, NAN for none, and `last` what the curve is there. */
static testudo_status add_curve(figure *f, const cdf_result *curve, const drawn_law *law, const char *label,
                                size_t look, double end, testudo_error *error)
{
  size_t count = (size_t)curve->count, more = count > 0 && isfinite(end) && end > curve->t[count - 1];
  figure_series series = {.kind = law->discrete ? FIGURE_STEPS : FIGURE_LINE, .label = label,
                          .reference = law->reference, .look = look, .count = count + more};
  if (count == 0)
    return TESTUDO_OK;
  series.x = copy_with_end(f, curve->t, count, end);
  if (curve->p != NULL) /* bounds beside it are so close that nobody sees them */
    series.y = copy_with_end(f, curve->p, count, curve->p[count - 1]);
  else if (curve->p_lower != NULL && curve->p_upper != NULL) {
    series.low = copy_with_end(f, curve->p_lower, count, curve->p_lower[count - 1]);
    series.high = copy_with_end(f, curve->p_upper, count, curve->p_upper[count - 1]);
  }
  TESTUDO_I_TRY(testudo_i_arena_check(&f->arena, error));
  return figure_add_both(f, &series, FIGURE_BAND, error);
}

static testudo_status add_error(figure *f, const drawn_law *law, const char *label, size_t look, testudo_error *error)
{
  if (law->error.count == 0)
    return TESTUDO_OK;
  bool few = law->error.count <= 30;
  const figure_series series = {.label = label, .kind = law->discrete && !few ? FIGURE_STEPS : FIGURE_LINE,
                                .marked = few, .reference = law->reference, .look = look, .count = law->error.count,
                                .x = law->error_time.value, .y = law->error.value};
  return figure_add(f, &series, error);
}

/* Survival where the result has no tail of its own: of an older file. */
static cdf_result tail_of(const drawn_law *law, figure *f)
{
  if (law->tail.count > 0)
    return law->tail;
  cdf_result tail = law->cdf;
  double *p = figure_numbers(f, (size_t)tail.count);
  for (int64_t k = 0; p != NULL && tail.p != NULL && k < tail.count; k++)
    p[k] = 1.0 - tail.p[k];
  tail.p = tail.p == NULL ? NULL : p;
  tail.p_lower = tail.p_upper = NULL;
  return tail;
}

/* ---- axes ---- */

/* Where a law reaches the share p of what it reaches at all. */
static double time_of(const drawn_law *law, double p)
{
  const double *share = law->cdf.p != NULL ? law->cdf.p : law->cdf.p_lower;
  for (int64_t k = 0; share != NULL && k < law->cdf.count; k++)
    if (share[k] >= p * share[law->cdf.count - 1] && isfinite(law->cdf.t[k]))
      return law->cdf.t[k];
  return 0.0;
}

/* One heavy tail must not squeeze the others: the axis ends where all have their 0.99 quantile, or at 2.5 times the
   middle of those quantiles, but shows every median. */
static testudo_status end_of(const drawn_laws *laws, double *end, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *high = testudo_i_calloc(laws->count + 1, sizeof *high);
  double median = 0.0;
  TESTUDO_I_TRY(testudo_i_memory_check(high != NULL, error));
  for (size_t k = 0; k < laws->count; k++) {
    high[k] = time_of(&laws->law[k], 0.99);
    median = fmax(median, time_of(&laws->law[k], 0.5));
  }
  qsort(high, laws->count, sizeof *high, testudo_i_ascending_reals);
  *end = fmax(1.2 * median, fmin(1.02 * high[laws->count - 1], 2.5 * high[(laws->count - 1) / 2]));
  *end = *end > 0.0 ? *end : 1.0;
  return TESTUDO_OK;
}

/* Where the axis of errors ends: a power of ten, not below TAIL_LEAST. */
static double least_error(const drawn_laws *laws)
{
  double least = 0.1;
  for (size_t k = 0; k < laws->count; k++)
    for (size_t n = 0; n < laws->law[k].error.count; n++)
      if (laws->law[k].error.value[n] > 0.0)
        least = fmin(least, laws->law[k].error.value[n]);
  return fmax(TAIL_LEAST, pow(10.0, floor(log10(least) + 1e-9)));
}

/* Where the longest tail ends; NAN: there is none. */
static double end_of_tails(const drawn_laws *laws)
{
  double last = NAN;
  for (size_t k = 0; k < laws->count; k++)
    if (laws->law[k].tail.count > 0)
      last = fmax(last, laws->law[k].tail.t[laws->law[k].tail.count - 1]);
  return last;
}

/* What the user has not set. */
static void set_end(double *end, double value)
{
  *end = isnan(*end) ? value : *end;
}

static testudo_status set_axes(const drawn_laws *laws, law_picture show, figure *f, testudo_error *error)
{
  static const char *const words[] = {[SHOW_LAW] = "P(T ≤ t)", [SHOW_SURVIVAL] = "P(T > t)",
                                      [SHOW_ERROR] = "nmse: error of stopping at t / (N l)"};
  double end;
  TESTUDO_I_TRY(end_of(laws, &end, error));
  f->x.label = show == SHOW_ERROR ? "deadline t (s)" : "completion time t (s)";
  f->y.label = words[show];
  f->free_below = show == SHOW_LAW;
  if (show == SHOW_LAW) {
    set_end(&f->x.most, end);
    set_end(&f->y.least, f->y.logarithmic ? NAN : 0.0);
  } else {
    f->x.logarithmic = f->x.logarithmic || (show == SHOW_SURVIVAL && end_of_tails(laws) > 100.0 * end); /* heavy */
    f->y.logarithmic = true;
    set_end(&f->y.least, show == SHOW_SURVIVAL ? TAIL_LEAST : least_error(laws));
  }
  set_end(&f->x.least, f->x.logarithmic ? NAN : 0.0);
  set_end(&f->y.most, show == SHOW_LAW ? 1.02 : 1.0);
  return TESTUDO_OK;
}

static void set_title(const drawn_laws *laws, law_picture show, figure *f)
{
  char title[400] = "";
  static const char *const words[] = {[SHOW_LAW] = "Time of an iteration", [SHOW_SURVIVAL] = "Tail of the time of an"
                                      " iteration", [SHOW_ERROR] = "Error of stopping at a deadline"};
  snprintf(title, sizeof title, "%s", words[show]);
  if (all_same(laws, offsetof(drawn_law, name)) && laws->law[0].name[0] != '\0')
    snprintf(title + strlen(title), sizeof title - strlen(title), " of %.150s", laws->law[0].name);
  if (all_same(laws, offsetof(drawn_law, delay)) && laws->law[0].delay[0] != '\0')
    snprintf(title + strlen(title), sizeof title - strlen(title), " under %.200s", laws->law[0].delay);
  f->title = testudo_i_arena_text(&f->arena, title);
}

testudo_status laws_figure(const drawn_laws *laws, law_picture show, figure *f, testudo_error *error)
{
  size_t looks[2] = {0, 0};
  double last = isnan(f->x.most) ? end_of_tails(laws) : f->x.most;
  if (show != SHOW_LAW && f->y.least <= 0.0)
    return cli_refuse(error, "--yrange: the axis is logarithmic, and begins above 0");
  if (laws->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "there is no law to draw");
  TESTUDO_I_TRY(set_axes(laws, show, f, error));
  set_title(laws, show, f);
  for (size_t k = 0; k < laws->count; k++) {
    const drawn_law *law = &laws->law[k];
    bool named_next = k + 1 < laws->count && laws->law[k + 1].with_last; /* a band, and the line in it */
    const char *label = named_next ? NULL : label_of(laws, law, show, f);
    size_t look = law->with_last ? looks[law->reference] - 1 : looks[law->reference]++;
    const cdf_result tail = show == SHOW_SURVIVAL ? tail_of(law, f) : law->tail;
    /* Of a law that may never end the tail stays above 0, to the end of the axis. */
    bool stays = tail.count > 0 && tail.p != NULL && tail.p[tail.count - 1] > 100.0 * TAIL_LEAST && law->exact;
    TESTUDO_I_TRY(show == SHOW_ERROR      ? add_error(f, law, label, look, error)
                  : show == SHOW_SURVIVAL ? add_curve(f, &tail, law, label, look, stays ? last : NAN, error)
                                          : add_curve(f, &law->cdf, law, label, look, f->x.most, error));
  }
  if (show == SHOW_ERROR && f->count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no result has an error at deadlines: results of 'testudo"
                          " analyze', or of --at", laws->law[0].file);
  return testudo_i_arena_check(&f->arena, error);
}

testudo_status draw_comparison(cli_plot *plot, const cli_comparison *comparison, bool references,
                               testudo_error *error)
{
  TESTUDO_I_HELD(laws_clear) drawn_laws laws = {.count = 0};
  TESTUDO_I_HELD(figure_clear) figure f = {.x = {.least = NAN, .most = NAN}, .y = {.least = NAN, .most = NAN}};
  TESTUDO_I_TRY(laws_add_comparison(&laws, comparison, references, "comparison", error));
  TESTUDO_I_TRY(laws_figure(&laws, SHOW_LAW, &f, error));
  return figure_draw(plot, &f, "comparison", error);
}
