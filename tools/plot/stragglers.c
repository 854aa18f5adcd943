/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of stragglers: the mean error above, the worst found and its bound below, over the number of stragglers. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "plot/curves.h"

enum { MOST_CURVES = 24, MOST_POINTS = 2000 };

typedef struct cli_drawn_curve {
  const char *label, *decoder; /* lent by the document */
  double chunks;
  size_t count;
  double *stragglers, *mean, *worst, *bound;
} cli_drawn_curve;

/* ---- reading ---- */

static testudo_status take_number(const testudo_i_json_document *document, const testudo_i_json_value *object,
                                  const char *key, double *number, testudo_error *error)
{
  *number = curves_number(object, key);
  if (!isnan(*number))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: %s is missing or not a number",
                        testudo_i_json_name(document), key);
}

static testudo_status take_points(cli_drawn_curve *curve, const testudo_i_json_document *document,
                                  const testudo_i_json_value *points, testudo_i_arena *arena, testudo_error *error)
{
  curve->count = testudo_i_json_size(points);
  if (curve->count > MOST_POINTS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: %zu points, but at most %d are drawn",
                          testudo_i_json_name(document), curve->count, MOST_POINTS);
  const struct {
    const char *key;
    double **list;
    double unit;
  } wanted[] = {{"stragglers", &curve->stragglers, 1.0}, {"mean", &curve->mean, curve->chunks},
                {"worst", &curve->worst, curve->chunks}, {"bound", &curve->bound, curve->chunks}};
  for (size_t w = 0; w < 4; w++)
    *wanted[w].list = testudo_i_arena_alloc(arena, curve->count, sizeof **wanted[w].list);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < curve->count; k++)
    for (size_t w = 0; w < 4; w++) {
      double *number = &(*wanted[w].list)[k];
      TESTUDO_I_TRY(take_number(document, testudo_i_json_item(points, k), wanted[w].key, number, error));
      *number /= wanted[w].unit;
    }
  return TESTUDO_OK;
}

static testudo_status take_curve(cli_drawn_curve *curve, const testudo_i_json_document *document,
                                 const testudo_i_json_value *item, size_t k, testudo_i_arena *arena,
                                 testudo_error *error)
{
  char place[40];
  const testudo_i_json_value *design = NULL, *points = NULL;
  snprintf(place, sizeof place, "curves[%zu]", k);
  if (testudo_i_json_kind_of(item) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: is %s, but a curve is an object",
                          testudo_i_json_name(document), place, testudo_i_json_kind_name(item));
  TESTUDO_I_TRY(testudo_i_json_want_string(document, item, place, "decoder", &curve->decoder, error));
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, item, place, "design", TESTUDO_I_JSON_OBJECT, &design, error));
  TESTUDO_I_TRY(testudo_i_json_want_string(document, design, place, "name", &curve->label, error));
  TESTUDO_I_TRY(take_number(document, design, "chunks", &curve->chunks, error));
  TESTUDO_I_TRY(testudo_i_json_want_kind(document, item, place, "points", TESTUDO_I_JSON_ARRAY, &points, error));
  TESTUDO_I_TRY(take_points(curve, document, points, arena, error));
  if (curve->count > 0)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s.points: has none to draw", testudo_i_json_name(document),
                        place);
}

/* ---- drawing ---- */

/* Curves of one design have one colour; decoders differ in their dashes. */
static void put_error_line(FILE *script, const cli_drawn_curve *curve, size_t k, size_t colour, const char *columns,
                     double width, bool titled)
{
  bool one_step = strcmp(curve->decoder, "one-step") == 0;
  char title[200];
  snprintf(title, sizeof title, "%.120s, %.40s", curve->label, curve->decoder);
  fprintf(script, "$left%zu using %s with linespoints pointtype 7 pointsize 0.3 linewidth %.2g dashtype %d linecolor"
          " rgb '%s' ", k, columns, width, one_step ? 2 : 1, plot_colour(colour));
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
    put_error_line(script, &curve[k], k, colour, worst ? "1:3" : "1:2", 2.2, worst);
    if (worst)
      fprintf(script, "$left%zu using 1:4 with lines linewidth 1 dashtype 3 linecolor rgb '%s' notitle, ", k,
              plot_colour(colour));
  }
  fputs("NaN notitle\n", script);
}

static void stragglers_script(FILE *script, const cli_drawn_curve *curve, size_t curves)
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
  const testudo_i_json_value *list = NULL;
  TESTUDO_I_TRY(curves_want_list(document, "curves", MOST_CURVES, &list, error));
  size_t curves = testudo_i_json_size(list);
  cli_drawn_curve curve[MOST_CURVES];
  testudo_i_arena arena = {.last = NULL};
  testudo_status status = TESTUDO_OK;
  for (size_t k = 0; k < curves && status == TESTUDO_OK; k++)
    status = take_curve(&curve[k], document, testudo_i_json_item(list, k), k, &arena, error);
  if (status == TESTUDO_OK)
    stragglers_script(plot->script, curve, curves);
  testudo_i_arena_clear(&arena);
  return status;
}
