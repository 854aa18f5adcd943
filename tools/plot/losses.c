/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loss of the methods of several results of sgd in one figure. */
#include "plot/losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "plot/curves.h"

enum { MOST_LOSSES = 64 };

void losses_clear(drawn_losses *losses)
{
  free(losses->loss);
  testudo_i_arena_clear(&losses->arena);
  memset(losses, 0, sizeof *losses);
}

double loss_above(const sgd_result *result, double loss)
{
  return isfinite(result->data.optimum) ? loss - result->data.optimum : loss;
}

/* ---- reading ---- */

bool loss_is_drawn(const sgd_method_result *row)
{
  return row->loss.mean != NULL && row->loss.count == row->count && row->time != NULL && row->count > 0;
}

static testudo_status check_method(const sgd_method_result *row, size_t m, const char *name, testudo_error *error)
{
  static const curves_kind any = {-HUGE_VAL, HUGE_VAL, "any", false};
  const struct {
    const char *key;
    const double *value;
    const curves_kind *kind;
  } lists[] = {{"time", row->time, &curves_times},
               {"bits", row->bits, &curves_times},
               {"loss.mean", row->loss.mean, &any}};
  for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
    char what[64];
    snprintf(what, sizeof what, "methods[%zu].%s", m, lists[k].key);
    TESTUDO_I_TRY(curves_check_list(name, what, curves_list(lists[k].value, row->count), lists[k].kind, error));
  }
  return TESTUDO_OK;
}

testudo_status losses_add(drawn_losses *losses, const testudo_i_json_document *document, testudo_error *error)
{
  const char *name = testudo_i_json_name(document);
  size_t before = losses->count;
  sgd_result *result = testudo_i_arena_calloc(&losses->arena, 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_memory_check(result != NULL, error));
  TESTUDO_I_TRY(fields_read(document, testudo_i_json_root(document), "", sgd_fields, result, &losses->arena, error));
  for (size_t m = 0; m < result->methods; m++) {
    const sgd_method_result *row = &result->method[m];
    if (!loss_is_drawn(row))
      continue;
    TESTUDO_I_TRY(check_method(row, m, name, error));
    TESTUDO_I_TRY(TESTUDO_I_GROW(losses->loss, losses->room, losses->count + 1, error));
    losses->loss[losses->count++] = (drawn_loss){.result = result, .method = row, .file = name};
  }
  losses->files++;
  if (losses->count == before)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no method has a curve of the loss (a result of --runtime has"
                          " none)", name);
  if (losses->count > MOST_LOSSES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: with its methods there are %zu curves, but at most %d are"
                          " drawn", name, losses->count, (int)MOST_LOSSES);
  return TESTUDO_OK;
}

/* ---- the figure ---- */

void losses_title(const sgd_result *result, char *text, size_t room)
{
  const sgd_data_result *data = &result->data;
  snprintf(text, room, "%.60s, %.30s, %lld workers", data->source == NULL ? "data" : data->source,
           data->loss == NULL ? "loss" : data->loss, (long long)result->workers);
  if (data->label_skew > 0.0)
    snprintf(text + strlen(text), room - strlen(text), ", label skew %g", data->label_skew);
}

/* A method, and where several files share the figure whose it is. */
static const char *label_of(const drawn_losses *losses, const drawn_loss *loss, figure *f)
{
  char text[300];
  const char *name = loss->method->text == NULL ? "?" : loss->method->text;
  if (loss->label != NULL)
    return loss->label;
  if (losses->files < 2)
    return name;
  snprintf(text, sizeof text, "%.150s (%.100s)", name, cli_basename(loss->file));
  return testudo_i_arena_text(&f->arena, text);
}

static const double *above(const drawn_loss *loss, const double *list, figure *f)
{
  double *numbers = list == NULL ? NULL : figure_numbers(f, (size_t)loss->method->count);
  for (int64_t k = 0; numbers != NULL && k < loss->method->count; k++)
    numbers[k] = loss_above(loss->result, list[k]);
  return numbers;
}

/* A line, the interval of its mean around it, and its bound, in grey: the last two against time alone. */
static testudo_status add_loss(const drawn_losses *losses, size_t k, bool bits, figure *f, testudo_error *error)
{
  const drawn_loss *loss = &losses->loss[k];
  const sgd_method_result *row = loss->method;
  figure_series series = {.look = k, .count = (size_t)row->count, .x = bits ? row->bits : row->time};
  if (series.x == NULL)
    return TESTUDO_OK;
  if (!bits && row->loss.low != NULL && row->loss.high != NULL) {
    series.kind = FIGURE_BAND;
    series.low = above(loss, row->loss.low, f);
    series.high = above(loss, row->loss.high, f);
    TESTUDO_I_TRY(figure_add(f, &series, error));
  }
  series.kind = FIGURE_LINE;
  series.low = series.high = NULL;
  if (!bits && row->bound != NULL) {
    series.reference = true;
    series.y = above(loss, row->bound, f);
    TESTUDO_I_TRY(figure_add(f, &series, error));
    series.reference = false;
  }
  series.label = label_of(losses, loss, f);
  series.y = above(loss, row->loss.mean, f);
  TESTUDO_I_TRY(figure_add(f, &series, error));
  return testudo_i_arena_check(&f->arena, error);
}

/* What diverges must not squeeze the rest: the axis ends at 100 times the loss at the start. */
static double highest(const drawn_losses *losses)
{
  double start = 0.0, most = 0.0;
  for (size_t k = 0; k < losses->count; k++) {
    const drawn_loss *loss = &losses->loss[k];
    start = fmax(start, loss_above(loss->result, loss->result->data.start_loss));
    for (int64_t n = 0; n < loss->method->count; n++)
      most = fmax(most, loss_above(loss->result, loss->method->loss.mean[n]));
  }
  return start > 0.0 && most > 100.0 * start ? 100.0 * start : NAN;
}

testudo_status losses_figure(const drawn_losses *losses, bool bits, figure *f, testudo_error *error)
{
  char title[200];
  bool optimum = true;
  for (size_t k = 0; k < losses->count; k++) {
    TESTUDO_I_TRY(add_loss(losses, k, bits, f, error));
    optimum = optimum && isfinite(losses->loss[k].result->data.optimum);
  }
  losses_title(losses->loss[0].result, title, sizeof title);
  f->title = losses->files > 1 ? "" : testudo_i_arena_text(&f->arena, title);
  f->x.label = bits ? "bits that have arrived" : "time (s)";
  f->y.label = optimum ? "loss above the optimum" : "loss";
  f->y.logarithmic = true;
  f->y.most = isnan(f->y.most) ? highest(losses) : f->y.most;
  return testudo_i_arena_check(&f->arena, error);
}
