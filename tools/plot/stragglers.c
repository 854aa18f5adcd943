/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of stragglers: the mean error above, the worst found and its bound below, over the number of stragglers. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { MOST_CURVES = 24, MOST_POINTS = 2000 };

typedef struct cli_drawn_curve {
  const char *label, *decoder; /* lent by the document */
  double chunks;
  size_t count;
  double *stragglers, *mean, *worst, *bound; /* one block of memory */
} cli_drawn_curve;

static const char *const colours[] = {PLOT_BLUE, PLOT_RED, PLOT_GREEN, PLOT_ORANGE, "#CC79A7", PLOT_SKY, PLOT_BLACK};
enum { COLOURS = sizeof colours / sizeof *colours };

/* ---- reading ---- */

static testudo_status take_number(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                  const char *key, double *number, testudo_error *error)
{
  const testudo_i_json_value *value =
      testudo_i_json_kind_of(object) == TESTUDO_I_JSON_OBJECT ? testudo_i_json_member(object, key) : NULL;
  testudo_i_json_kind kind = value == NULL ? TESTUDO_I_JSON_NULL : testudo_i_json_kind_of(value);
  if (kind != TESTUDO_I_JSON_INTEGER && kind != TESTUDO_I_JSON_REAL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: %s is missing or no number",
                          testudo_i_json_name(document), key);
  *number = testudo_i_json_number(value);
  return TESTUDO_OK;
}

static testudo_status take_points(cli_drawn_curve *curve, const testudo_i_json_document *document,
                                  const testudo_i_json_value *points, testudo_error *error)
{
  curve->count = testudo_i_json_size(points);
  if (curve->count > MOST_POINTS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: %zu points, but at most %d are drawn",
                          testudo_i_json_name(document), curve->count, MOST_POINTS);
  curve->stragglers = testudo_i_calloc(4 * curve->count, sizeof *curve->stragglers);
  if (curve->stragglers == NULL)
    return testudo_i_fail_memory(error);
  curve->mean = curve->stragglers + curve->count;
  curve->worst = curve->mean + curve->count;
  curve->bound = curve->worst + curve->count;
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < curve->count && status == TESTUDO_OK; k++) {
    const testudo_i_json_value *point = testudo_i_json_item(points, k);
    const struct { const char *key; double *number; } wanted[] = {
        {"stragglers", &curve->stragglers[k]}, {"mean", &curve->mean[k]}, {"worst", &curve->worst[k]},
        {"bound", &curve->bound[k]}};
    for (size_t w = 0; w < 4 && status == TESTUDO_OK; w++) {
      status = take_number(document, point, wanted[w].key, wanted[w].number, error);
      if (w > 0)
        *wanted[w].number /= curve->chunks;
    }
  }
  return status;
}

static testudo_status take_curve(cli_drawn_curve *curve, const testudo_i_json_document *document,
                                 const testudo_i_json_value *item, size_t k, testudo_error *error)
{
  char place[40];
  const testudo_i_json_value *design = NULL, *points = NULL;
  snprintf(place, sizeof place, "curves[%zu]", k);
  if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: is %s, but a curve is an object",
                          testudo_i_json_name(document), place, testudo_i_json_kind_name(item));
  testudo_status status = testudo_i_json_want_string(document, item, place, "decoder", &curve->decoder, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_kind(document, item, place, "design", TESTUDO_I_JSON_OBJECT, &design, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_string(document, design, place, "name", &curve->label, error);
  if (status == TESTUDO_OK)
    status = take_number(document, design, "chunks", &curve->chunks, error);
  if (status == TESTUDO_OK)
    status = testudo_i_json_want_kind(document, item, place, "points", TESTUDO_I_JSON_ARRAY, &points, error);
  return status == TESTUDO_OK ? take_points(curve, document, points, error) : status;
}

/* ---- drawing ---- */

/* Curves of one design have one colour; decoders differ in their dashes. */
static void put_line(FILE *script, const cli_drawn_curve *curve, size_t k, size_t colour, const char *columns,
                     double width, bool titled)
{
  bool one_step = strcmp(curve->decoder, "one-step") == 0;
  char title[200];
  snprintf(title, sizeof title, "%.120s, %.40s", curve->label, curve->decoder);
  fprintf(script, "$left%zu using %s with linespoints pointtype 7 pointsize 0.3 linewidth %.2g dashtype %d linecolor"
          " rgb '%s' ", k, columns, width, one_step ? 2 : 1, colours[colour % COLOURS]);
  if (titled) {
    fputs("title ", script);
    plot_quote(script, title);
  } else
    fputs("notitle", script);
  fputs(", ", script);
}

static void put_panel(FILE *script, const cli_drawn_curve *curve, size_t curves, bool worst)
{
  size_t colour = 0;
  fputs("plot ", script);
  for (size_t k = 0; k < curves; k++) {
    colour += k > 0 && strcmp(curve[k].label, curve[k - 1].label) != 0;
    put_line(script, &curve[k], k, colour, worst ? "1:3" : "1:2", 2.2, worst);
    if (worst)
      fprintf(script, "$left%zu using 1:4 with lines linewidth 1 dashtype 3 linecolor rgb '%s' notitle, ", k,
              colours[colour % COLOURS]);
  }
  fputs("NaN notitle\n", script);
}

static void put_script(FILE *script, const cli_drawn_curve *curve, size_t curves)
{
  double most = 0.0;
  for (size_t k = 0; k < curves; k++) {
    fprintf(script, "$left%zu << EOD\n", k);
    for (size_t p = 0; p < curve[k].count; p++) {
      fprintf(script, "%.9g %.9g %.9g %.9g\n", curve[k].stragglers[p], curve[k].mean[p], curve[k].worst[p],
              curve[k].bound[p]);
      most = fmax(most, curve[k].worst[p]);
    }
    fputs("EOD\n", script);
  }
  fprintf(script, "set multiplot\nset lmargin 10\nset rmargin 3\nset size 1,0.42\nset origin 0,0.58\nset yrange [0:*]\n"
                  "set title 'Mean error over random stragglers' noenhanced\nset xlabel 'stragglers'\n"
                  "set ylabel 'error / chunks'\nunset key\n");
  put_panel(script, curve, curves, false);
  fprintf(script, "set size 1,0.58\nset origin 0,0\nset yrange [0:%.9g]\nset title 'Worst stragglers found (lines) and"
                  " bound (dots)' noenhanced\nset key below center horizontal maxcols 2 Left reverse noenhanced"
                  " samplen 2.5 font ',9'\n", most > 0.0 ? fmin(1.25 * most, fmax(1.05, 1.1 * most)) : 1.0);
  put_panel(script, curve, curves, true);
  fputs("unset multiplot\n", script);
}

testudo_status draw_stragglers(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  const testudo_i_json_value *root = testudo_i_json_root(document), *list = NULL;
  testudo_status status = testudo_i_json_want_kind(document, root, "", "curves", TESTUDO_I_JSON_ARRAY, &list, error);
  if (status != TESTUDO_OK)
    return status;
  size_t curves = testudo_i_json_size(list);
  if (curves < 1 || curves > MOST_CURVES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: has %zu entries, but 1..%d are drawn",
                          testudo_i_json_name(document), curves, MOST_CURVES);
  cli_drawn_curve curve[MOST_CURVES];
  memset(curve, 0, sizeof curve);
  for (size_t k = 0; k < curves && status == TESTUDO_OK; k++) {
    status = take_curve(&curve[k], document, testudo_i_json_item(list, k), k, error);
    if (status == TESTUDO_OK && curve[k].count == 0)
      status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves[%zu].points: has none to draw",
                              testudo_i_json_name(document), k);
  }
  if (status == TESTUDO_OK)
    put_script(plot->script, curve, curves);
  for (size_t k = 0; k < curves; k++)
    free(curve[k].stragglers);
  return status;
}
