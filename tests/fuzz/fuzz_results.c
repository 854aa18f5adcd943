/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file that `testudo plot` and `testudo report` draw: the CSV file of a figure or of a sweep, results of
   sweep, analyze, compare and sgd. What is read can be drawn, and the data of a figure are read back as they are. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "figure/figure.h"
#include "json/read.h"
#include "plot/laws.h"
#include "plot/losses.h"
#include "plot/points.h"

enum { NUMBERS_DRAWN = 3 };
static const char *const name = "fuzz";

static void require(int holds)
{
  if (!holds)
    abort();
}

static void check_refusal(testudo_status status, const testudo_error *error)
{
  require(status == TESTUDO_OK || status == TESTUDO_ERROR_INPUT || status == TESTUDO_ERROR_ARGUMENT);
  require(status == TESTUDO_OK || (error->text[0] != '\0' && testudo_i_name_is_printable(error->text)));
}

static figure begin(bool logarithmic)
{
  return (figure){.x = {.least = NAN, .most = NAN},
                  .y = {.least = NAN, .most = NAN, .logarithmic = logarithmic}};
}

/* Its CSV file; free it. */
static char *data_of(const figure *f, size_t *length)
{
  char *text = NULL;
  FILE *stream = open_memstream(&text, length);
  require(stream != NULL);
  figure_data(stream, f, &plot_usual_look);
  require(fclose(stream) == 0);
  return text;
}

static void draw(const figure *f)
{
  double least, most;
  char *text = NULL;
  size_t length;
  figure thin = {.count = 0};
  testudo_error error = {""};
  if (!figure_range(f, 0, &least, &most))
    return;
  require(figure_thin(f, plot_usual_look.width, &thin, &error) == TESTUDO_OK);
  FILE *stream = open_memstream(&text, &length);
  require(stream != NULL);
  figure_pgfplots(stream, &thin, &plot_usual_look);
  figure_svg(stream, &thin);
  cli_plot plot = {.script = stream, .path = "", .look = plot_usual_look};
  figure_lines(&plot, &thin);
  require(fclose(stream) == 0 && length > 0);
  free(text);
  figure_clear(&thin);
}

/* The data of the figure that such data make; free them. */
static char *read_again(const char *data, size_t size, size_t *length)
{
  figure f = begin(false);
  size_t unseen;
  testudo_error error = {""};
  require(figure_begins(data, size) && figure_read(&f, data, size, name, &unseen, &error) == TESTUDO_OK);
  char *again = data_of(&f, length);
  figure_clear(&f);
  return again;
}

/* Data that were written by hand may come back in another order, a line and a band of one name apart; those stay. */
static void look_at_figure(const char *bytes, size_t size)
{
  figure f = begin(false);
  size_t unseen, length[3];
  testudo_error error = {""};
  testudo_status status = figure_read(&f, bytes, size, name, &unseen, &error);
  check_refusal(status, &error);
  if (status == TESTUDO_OK) {
    draw(&f);
    char *data = data_of(&f, &length[0]);
    char *again = read_again(data, length[0], &length[1]);
    char *same = read_again(again, length[1], &length[2]);
    require(length[1] == length[2] && memcmp(again, same, length[1]) == 0);
    free(data);
    free(again);
    free(same);
  }
  figure_clear(&f);
}

static void look_at_points(const testudo_i_json_document *document)
{
  static const char *const y[] = {"mean", "p99", "mse:1"};
  drawn_points points = {.count = 0};
  testudo_error error = {""};
  testudo_status status = points_read(&points, document, &error);
  check_refusal(status, &error);
  for (int k = 0; k < NUMBERS_DRAWN && status == TESTUDO_OK; k++) {
    const points_request request = {.y = y[k], .front = k == 1, .name = name};
    points_notes notes;
    figure f = begin(k == 2);
    testudo_status drawn = points_figure(&points, &request, &f, &notes, &error);
    check_refusal(drawn, &error);
    if (drawn == TESTUDO_OK)
      draw(&f);
    figure_clear(&f);
  }
  points_clear(&points);
}

static void look_at_laws(const testudo_i_json_document *document, bool comparison)
{
  drawn_laws laws = {.count = 0};
  testudo_error error = {""};
  testudo_status status = comparison ? laws_add_comparison_file(&laws, document, true, &error)
                                     : laws_add_result(&laws, document, &error);
  check_refusal(status, &error);
  for (int show = SHOW_LAW; show <= SHOW_ERROR && status == TESTUDO_OK; show++) {
    figure f = begin(false);
    testudo_status drawn = laws_figure(&laws, (law_picture)show, &f, &error);
    check_refusal(drawn, &error);
    if (drawn == TESTUDO_OK)
      draw(&f);
    figure_clear(&f);
  }
  laws_clear(&laws);
}

static void look_at_losses(const testudo_i_json_document *document)
{
  drawn_losses losses = {.count = 0};
  testudo_error error = {""};
  testudo_status status = losses_add(&losses, document, &error);
  check_refusal(status, &error);
  for (int bits = 0; bits < 2 && status == TESTUDO_OK; bits++) {
    figure f = begin(false);
    testudo_status drawn = losses_figure(&losses, bits, &f, &error);
    check_refusal(drawn, &error);
    if (drawn == TESTUDO_OK)
      draw(&f);
    figure_clear(&f);
  }
  losses_clear(&losses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data;
  testudo_i_json_document *document = NULL;
  testudo_error error = {""};
  if (size == 0 || bytes[0] != '{') {
    bool table = points_begins_csv(bytes, size);
    if (!table)
      look_at_figure(bytes, size);
    else if (fields_read_csv(bytes, size, name, "points", explore_row_fields, &document, &error) == TESTUDO_OK)
      look_at_points(document);
  }
  else if (testudo_i_json_parse(bytes, size, name, &document, &error) == TESTUDO_OK &&
           testudo_i_json_kind_of(testudo_i_json_root(document)) == TESTUDO_I_JSON_OBJECT) {
    look_at_points(document);
    look_at_laws(document, false);
    look_at_laws(document, true);
    look_at_losses(document);
  }
  testudo_i_json_free(document);
  return 0;
}
