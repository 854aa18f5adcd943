/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a sweep or store on a page: a sentence, the best of every delay model, fronts, all points in a table, and
   of each all that is known of it. */
#define _POSIX_C_SOURCE 200809L
#include "pages/pages.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "report/html.h"

const char page_points_style[] =
    ".figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1rem; }\n"
    ".best td { min-width: 11rem; } .best td:first-child { overflow-wrap: anywhere; max-width: 24rem; }\n"
    "#table td.d { min-width: 16rem; overflow-wrap: anywhere; }\n"
    "dialog { max-width: 60rem; width: 90%; border: 1px solid var(--line); border-radius: .4rem; }\n"
    "dialog h2 { margin: .8rem 0 .3rem; } dialog h3 { font-size: 1rem; margin: .8rem 0 .2rem; }\n"
    "dialog pre { white-space: pre-wrap; background: var(--faint); padding: .4rem .6rem; margin: 0; }\n"
    ".chart { width: 100%; max-width: 34rem; height: auto; } .chart circle, .chart .name { fill: var(--c); }\n"
    ".chart .line { fill: none; stroke: var(--c); stroke-width: 1.5; }\n"
    "dialog dl { grid-template-columns: minmax(8rem, max-content) 1fr; }\n";

/* The link of a row opens what is known of its point; without the script it leads to the row. */
const char page_points_script[] =
    "const data = document.querySelector(\"#points\"), dialog = document.querySelector(\"dialog\");\n"
    "let points, delays;\n"
    "const pairs = (value, key) => value !== null && typeof value === \"object\" && !Array.isArray(value)\n"
    "  ? Object.entries(value).flatMap(([name, inside]) => pairs(inside, key === \"\" ? name : key + \" \" + name))\n"
    "  : value === null ? [] : [[key, String(value)]];\n"
    "const element = (name, text, about = {}) => {\n"
    "  const space = \"http://www.w3.org/2000/svg\";\n"
    "  const made = [\"svg\", \"path\", \"circle\", \"text\", \"title\"].includes(name)\n"
    "    ? document.createElementNS(space, name) : document.createElement(name);\n"
    "  made.textContent = text;\n"
    "  for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);\n"
    "  return made;\n"
    "};\n"
    "const short = number => String(Number(number.toPrecision(6)));\n"
    "const list = map => Object.entries(map ?? {}).map(([key, value]) => [Number(key), value])\n"
    "  .filter(([, value]) => value !== null).sort(([a], [b]) => a - b);\n"
    "const chart = (title, x, marks, height, lines) => {\n"
    "  const made = element(\"svg\", \"\", { viewBox: \"0 0 440 180\", class: \"chart\" });\n"
    "  const place = ([t, v]) => [46 + 350 * (t - x[0]) / (x[1] - x[0]), 146 - 132 * height(v)];\n"
    "  made.append(element(\"title\", title), element(\"path\", \"\", { class: \"axis\", d: \"M46 10V146H426\" }),\n"
    "    element(\"text\", title, { x: 46, y: 176 }));\n"
    "  for (const t of x)\n"
    "    made.append(element(\"text\", short(t), { x: place([t, 0])[0], y: 160, \"text-anchor\": \"middle\" }));\n"
    "  for (const [v, text] of marks)\n"
    "    made.append(element(\"text\", text, { x: 42, y: place([0, v])[1] + 4, \"text-anchor\": \"end\" }));\n"
    "  lines.forEach(({ name, points, look, dots }, k) => {\n"
    "    const seen = points.filter(([t]) => t <= x[1]).map(place);\n"
    "    if (seen.length === 0) return;\n"
    "    made.append(element(\"path\", \"\", { class: \"line look\" + look, d: \"M\" + seen.join(\"L\") }));\n"
    "    for (const [cx, cy] of dots ? seen : [])\n"
    "      made.append(element(\"circle\", \"\", { class: \"look\" + look, cx, cy, r: 3 }));\n"
    "    made.append(element(\"text\", name,\n"
    "      { class: \"name look\" + look, x: 440, y: 100 + 13 * k, \"text-anchor\": \"end\" }));\n"
    "  });\n"
    "  return made;\n"
    "};\n"
    "const turned = map => list(map).map(([p, t]) => [t, p]);\n"
    "const drawLaw = point => {\n"
    "  const latency = point.latency ?? {}, word = point.parameters?.delay, delay = delays[word];\n"
    "  const lines = [[\"T\", latency.quantiles], [\"T at the earliest\", latency.quantiles_lower],\n"
    "    [\"T at the latest\", latency.quantiles_upper]].map(([name, map], k) =>\n"
    "    ({ name, points: turned(map), look: k === 0 ? 0 : 2, dots: true })).filter(line => line.points.length > 1);\n"
    "  const law = lines.filter(line => line.name === \"T\"), exact = law.length > 0 ? law : lines;\n"
    "  if (exact.length === 0) return \"\";\n"
    "  let most = Math.max(...exact.flatMap(line => line.points.map(([t]) => t)));\n"
    "  if (delay) {\n"
    "    most = Math.max(most, delay[Math.floor(delay.length / 2)][1]);\n"
    "    const what = /^mixed/.test(point.parameters.structure) ? \"a worker's factor, \" : \"one draw of \";\n"
    "    exact.push({ name: what + word, points: delay.map(([p, t]) => [t, p]), look: 1 });\n"
    "  }\n"
    "  return chart(\"P(\\u2264 t) at the quantiles that are known, t in s\", [0, most], [[0, \"0\"], [1, \"1\"]],\n"
    "    v => v, exact);\n"
    "};\n"
    "const drawError = point => {\n"
    "  const known = list(point.mse).filter(([, value]) => value > 0);\n"
    "  if (known.length < 2) return \"\";\n"
    "  const logs = known.map(([, value]) => Math.log10(value));\n"
    "  const low = Math.floor(Math.min(...logs)), high = Math.max(low + 1, Math.ceil(Math.max(...logs)));\n"
    "  const power = v => v < -3 || v > 3 ? \"1e\" + v : String(Number((10 ** v).toPrecision(3)));\n"
    "  const ends = [known[0][0], known[known.length - 1][0]];\n"
    "  return chart(\"error of stopping at a deadline (chunks), which is in s\", ends,\n"
    "    [[10 ** low, power(low)], [10 ** high, power(high)]], v => (Math.log10(v) - low) / (high - low),\n"
    "    [{ name: \"\", points: known, look: 0, dots: true }]);\n"
    "};\n"
    "const sentence = point => {\n"
    "  const { mean, mean_status: how, lower, upper, method } = point.latency ?? {};\n"
    "  const value = how === \"bounded\" ? \"between \" + short(lower) + \" and \" + short(upper) + \" s\"\n"
    "    : how === \"infinite\" ? \"infinite\" : mean === undefined ? \"not known\" : short(mean) + \" s\";\n"
    "  return \"Mean \" + value + (how ? \" (\" + how + (method ? \"; \" + method : \"\") + \")\" : \"\") +\n"
    "    (point.delay_model ? \", under \" + point.delay_model : \"\") +\n"
    "    (point.design?.load === undefined ? \"\" : \", load \" + short(point.design.load)) + \".\";\n"
    "};\n"
    "document.addEventListener(\"click\", event => {\n"
    "  const link = event.target.closest(\"a[href^=\\\"#p\\\"]\");\n"
    "  if (link === null) return;\n"
    "  event.preventDefault();\n"
    "  points = points ?? JSON.parse(data.textContent);\n"
    "  delays = delays ?? JSON.parse(document.querySelector(\"#delays\").textContent);\n"
    "  const number = Number(link.hash.slice(2)), point = points[number], known = element(\"dl\", \"\");\n"
    "  for (const [name, value] of pairs(point, \"\")) known.append(element(\"dt\", name), element(\"dd\", value));\n"
    "  const pictures = element(\"div\", \"\", { class: \"figures\" });\n"
    "  pictures.append(drawLaw(point), drawError(point));\n"
    "  const close = element(\"button\", \"close\");\n"
    "  close.addEventListener(\"click\", () => dialog.close());\n"
    "  dialog.replaceChildren(close,\n"
    "    element(\"h2\", \"Point \" + number + \": \" + (point.design?.name ?? \"a design\")),\n"
    "    element(\"p\", sentence(point)), pictures, element(\"h3\", \"Made by\"),\n"
    "    element(\"pre\", point.design_command + \" -o design.json\\n\" + (point.command ?? \"\")),\n"
    "    element(\"h3\", \"All that is known\"), known);\n"
    "  dialog.showModal();\n"
    "  dialog.scrollTop = 0;\n"
    "});\n";

/* ---- the sentence ---- */

static const char *how_of(const explore_row *row)
{
  return row->latency.mean_status < 0 ? "not known" : law_words[row->latency.mean_status];
}

static const char *delay_of(const explore_row *row)
{
  return row->delay == NULL ? "" : row->delay;
}

/* The point of the least mean under a delay model, of load at most `load`: where it stands; `count`: there is none. Or
   of those that are only bounded that of the least lower bound below `limit`. */
static size_t least_of(const drawn_points *points, const char *delay, double load, bool bounded, double limit)
{
  size_t least = points->count;
  for (size_t k = 0; k < points->count; k++) {
    const explore_row *row = &points->row[k];
    double value = bounded ? row->latency.lower : row->latency.mean;
    bool in = (bounded ? row->latency.mean_status == LAW_BOUNDED : isfinite(value)) &&
              row->design.load <= load * (1.0 + 1e-12) && strcmp(delay_of(row), delay) == 0;
    if (in && value < limit) {
      limit = value;
      least = k;
    }
  }
  return least;
}

/* A link to a point, by the name of its design, or else `what`. */
static void put_link(FILE *stream, const drawn_points *points, size_t at, const char *what)
{
  const char *name = points->row[at].design.name;
  fprintf(stream, "<a href=\"#p%zu\">", at);
  html_put_in(stream, "", name == NULL ? what : name, "</a>");
}

/* A point that is only bounded, and may be better than the best whose mean is known. */
static void put_rival(FILE *stream, const drawn_points *points, const char *delay, double load, size_t best)
{
  double mean = best < points->count ? points->row[best].latency.mean : INFINITY;
  size_t at = least_of(points, delay, load, true, mean);
  if (at == points->count)
    return;
  const explore_row *rival = &points->row[at];
  fprintf(stream, " Perhaps better, between %.5g and %.5g s: ", rival->latency.lower, rival->latency.upper);
  html_put_in(stream, "", rival->design.name == NULL ? "a design" : rival->design.name, ".");
}

static void put_summary(FILE *stream, const drawn_points *points, const explore_names *delays, const char *sources)
{
  size_t of[5] = {0};
  for (size_t k = 0; k < points->count; k++) {
    int status = points->row[k].latency.mean_status;
    of[status < 0 || status > LAW_UNKNOWN ? LAW_UNKNOWN : status]++;
  }
  fprintf(stream, "<p>%zu point%s under %zu delay model%s: the mean of %zu is exact, of %zu between bounds, of"
                  " %zu simulated", points->count, points->count == 1 ? "" : "s", delays->count,
          delays->count == 1 ? "" : "s", of[LAW_EXACT], of[LAW_BOUNDED], of[LAW_SIMULATED]);
  if (of[LAW_INFINITE] + of[LAW_UNKNOWN] > 0)
    fprintf(stream, ", of %zu infinite or not known", of[LAW_INFINITE] + of[LAW_UNKNOWN]);
  fputs(". ", stream);
  if (points->skipped > 0)
    fprintf(stream, "%" PRId64 " more combination%s of the options %s skipped, since the commands refuse %s. ",
            points->skipped, points->skipped == 1 ? "" : "s", points->skipped == 1 ? "was" : "were",
            points->skipped == 1 ? "it" : "them");
  size_t best = delays->count == 1 ? least_of(points, delays->name[0], HUGE_VAL, false, HUGE_VAL) : points->count;
  if (best < points->count) {
    const explore_row *row = &points->row[best];
    fprintf(stream, "The least mean is %.6g s (%s), of ", row->latency.mean, how_of(row));
    put_link(stream, points, best, "a design");
    fprintf(stream, " with load %.4g.", row->design.load);
    put_rival(stream, points, delays->name[0], HUGE_VAL, best);
    fputc(' ', stream);
  }
  html_put_in(stream, "Source: ", sources, ".</p>\n");
}

static void put_best_cell(FILE *stream, const drawn_points *points, const char *delay, double load)
{
  size_t at = least_of(points, delay, load, false, HUGE_VAL);
  fputs("<td>", stream);
  if (at < points->count)
    fprintf(stream, "%.6g s, %s<br>", points->row[at].latency.mean, how_of(&points->row[at]));
  fputs("<small>", stream);
  if (at < points->count)
    put_link(stream, points, at, "design");
  put_rival(stream, points, delay, load, at);
  fputs("</small></td>", stream);
}

static void put_best(FILE *stream, const drawn_points *points, const explore_names *delays)
{
  static const double load[] = {1.0, 2.0, 4.0, HUGE_VAL};
  enum { MOST_SHOWN = 50 };
  fputs("<h2>Least mean, by load</h2>\n<div class=\"wide\"><table class=\"best\">\n<thead><tr><th>delay"
        " model</th><th>load at most 1</th><th>at most 2</th><th>at most 4</th><th>any</th></tr></thead>\n"
        "<tbody>\n", stream);
  for (size_t d = 0; d < delays->count && d < MOST_SHOWN; d++) {
    fputs("<tr>", stream);
    html_put_cell(stream, delays->name[d]);
    for (size_t k = 0; k < sizeof load / sizeof *load; k++)
      put_best_cell(stream, points, delays->name[d], load[k]);
    fputs("</tr>\n", stream);
  }
  fputs("</tbody>\n</table></div>\n", stream);
}

/* ---- fronts ---- */

static testudo_status put_front(FILE *stream, const drawn_points *points, const char *by, const char *x,
                                const char *y, testudo_error *error)
{
  TESTUDO_I_HELD(figure_clear) figure f = {.x = {.least = NAN, .most = NAN}, .y = {.least = NAN, .most = NAN}};
  const points_request request = {.x = x, .y = y, .by = by, .front = true, .name = "the points"};
  points_notes notes;
  char title[120];
  TESTUDO_I_TRY(points_figure(points, &request, &f, &notes, error));
  snprintf(title, sizeof title, "%.40s against %.40s", y, x);
  f.title = title;
  figure_svg(stream, &f);
  f.title = NULL;
  return TESTUDO_OK;
}

static bool is_known(const drawn_points *points, const char *name)
{
  for (size_t k = 0; k < points->count; k++)
    if (isfinite(within_number(name, &points->row[k])))
      return true;
  return false;
}

/* Is it known, and not the same in all points? */
static bool takes_values(const drawn_points *points, const char *name)
{
  double first = NAN;
  for (size_t k = 0; k < points->count; k++) {
    double value = within_number(name, &points->row[k]);
    if (isfinite(first) && isfinite(value) && value != first)
      return true;
    first = isfinite(value) ? value : first;
  }
  return false;
}

/* "0.99" is p99; "" where there is none, or it has no such name. */
static void largest_quantile(const field_map *quantiles, char name[24])
{
  const char *most = "";
  for (size_t q = 0; q < quantiles->count; q++) /* 0.99 is after 0.9 */
    if (strncmp(quantiles->key[q], "0.", 2) == 0 && strlen(quantiles->key[q]) >= 4 &&
        strcmp(quantiles->key[q], most) > 0)
      most = quantiles->key[q];
  snprintf(name, 24, "%s%.20s", most[0] == '\0' ? "" : "p", most[0] == '\0' ? "" : most + 2);
}

static testudo_status put_fronts(FILE *stream, const drawn_points *points, size_t delays, testudo_error *error)
{
  char name[24];
  const char *text;
  bool apart = delays > 1 && delays <= PLOT_COLOURS && row_option(&points->row[0], "delay", &text);
  const char *by = apart ? "delay" : "none";
  static const char *const price[] = {"copies", "floats", "memory"};
  const field_map *quantiles = &points->row[0].latency.quantiles, *mse = &points->row[0].mse;
  fputs("<h2>Fronts</h2>\n<p>Every point, and a line through those that no other of the same delay law is"
        " better than in both numbers; points that are only bounded are bars, and have no part in the lines. floats are"
        " the numbers that are sent at most in an iteration, memory those that a worker keeps, both over the length of"
        " the gradient."
        " Of a store, <code>testudo pick STORE --pareto load,mean</code> lists them.</p>\n<div"
        " class=\"figures\">\n", stream);
  if (is_known(points, "mean"))
    TESTUDO_I_TRY(put_front(stream, points, by, "load", "mean", error));
  largest_quantile(quantiles, name);
  if (name[0] != '\0' && is_known(points, name)) {
    TESTUDO_I_TRY(put_front(stream, points, by, "load", name, error));
    TESTUDO_I_TRY(put_front(stream, points, by, "copies", name, error));
  }
  for (size_t k = 0; k < sizeof price / sizeof *price; k++)
    if (is_known(points, "mean") && takes_values(points, price[k]))
      TESTUDO_I_TRY(put_front(stream, points, by, price[k], "mean", error));
  if (mse->count > 0) {
    char error_name[64];
    snprintf(error_name, sizeof error_name, "mse:%.50s", mse->key[0]);
    if (is_known(points, error_name))
      TESTUDO_I_TRY(put_front(stream, points, by, "load", error_name, error));
  }
  fputs("</div>\n", stream);
  return TESTUDO_OK;
}

/* ---- the table ---- */

enum { DIGITS = 6 };

/* Parameters that are not the same in all rows: these have columns. */
static bool differs(const drawn_points *points, size_t p)
{
  const char *first = points->row[0].parameters.value[p];
  for (size_t k = 1; k < points->count; k++) {
    const char *other = points->row[k].parameters.value[p];
    if ((first == NULL) != (other == NULL) || (first != NULL && strcmp(first, other) != 0))
      return true;
  }
  return false;
}

/* Are all values of a parameter numbers, or left out? */
static bool are_numbers(const drawn_points *points, size_t p)
{
  for (size_t k = 0; k < points->count; k++) {
    const char *text = points->row[k].parameters.value[p];
    double value;
    if (text != NULL && !testudo_i_parse_real(text, strlen(text), &value))
      return false;
  }
  return true;
}

/* A number, or where it is only bounded its bounds. */
static void put_between(FILE *stream, const field_map *value, const field_map *lower, const field_map *upper, size_t k)
{
  bool known = value->value != NULL && isfinite(value->value[k]);
  if (!known && lower->value != NULL && upper->value != NULL && isfinite(lower->value[k]))
    html_put_range(stream, lower->value[k], upper->value[k]);
  else
    html_put_number(stream, known ? value->value[k] : NAN, DIGITS);
}

static void put_heads(FILE *stream, const drawn_points *points, const bool *column)
{
  const explore_row *row = &points->row[0];
  fputs("<thead><tr><th class=\"n\">point</th>", stream);
  for (size_t p = 0; p < row->parameters.count; p++)
    if (column[p]) {
      fputs(are_numbers(points, p) ? "<th class=\"n\"" : "<th", stream);
      html_put_in(stream, " data-filter=\"", row->parameters.key[p], "\">");
      html_put_in(stream, "", row->parameters.key[p], "</th>");
    }
  fputs("<th data-filter=\"computed by\">computed by</th><th>design</th><th class=\"n\">load</th>"
        "<th class=\"n\">copies</th><th class=\"n\">floats / dim</th><th class=\"n\">memory / dim</th>"
        "<th class=\"n\">mean (s)</th><th data-filter=\"how\">how</th>", stream);
  for (size_t q = 0; q < row->latency.quantiles.count; q++)
    html_put_in(stream, "<th class=\"n\">quantile ", row->latency.quantiles.key[q], "</th>");
  for (size_t e = 0; e < row->mse.count; e++)
    html_put_in(stream, "<th class=\"n\">error at ", row->mse.key[e], "</th>");
  fputs("<th class=\"n\">P(never)</th></tr></thead>\n", stream);
}

static void put_row(FILE *stream, const explore_row *row, size_t k, const bool *column)
{
  fprintf(stream, "<tr id=\"p%zu\"><td class=\"n\" data-v=\"%zu\"><a href=\"#p%zu\">%zu</a></td>", k, k, k, k);
  for (size_t p = 0; p < row->parameters.count; p++)
    if (column[p])
      html_put_cell(stream, row->parameters.value[p]);
  html_put_cell(stream, row->computation);
  html_put_in(stream, "<td class=\"d\">", row->design.name, "</td>");
  html_put_number(stream, row->design.load, DIGITS);
  html_put_number(stream, row->design.copies, DIGITS);
  html_put_number(stream, row->design.floats, DIGITS);
  html_put_number(stream, row->design.memory, DIGITS);
  if (row->latency.mean_status == LAW_BOUNDED)
    html_put_range(stream, row->latency.lower, row->latency.upper);
  else
    html_put_number(stream, row->latency.mean, DIGITS);
  html_put_cell(stream, how_of(row));
  for (size_t q = 0; q < row->latency.quantiles.count; q++)
    put_between(stream, &row->latency.quantiles, &row->latency.quantiles_lower, &row->latency.quantiles_upper, q);
  for (size_t e = 0; e < row->mse.count; e++)
    html_put_number(stream, row->mse.value == NULL ? NAN : row->mse.value[e], DIGITS);
  html_put_number(stream, row->latency.p_never, DIGITS);
  fputs("</tr>\n", stream);
}

static testudo_status put_table(FILE *stream, const drawn_points *points, testudo_error *error)
{
  size_t parameters = points->row[0].parameters.count;
  TESTUDO_I_HELD(testudo_i_free_held) bool *column = testudo_i_calloc(parameters + 1, sizeof *column);
  TESTUDO_I_TRY(testudo_i_memory_check(column != NULL, error));
  for (size_t p = 0; p < parameters; p++)
    column[p] = differs(points, p);
  fputs("<h2>All points</h2>\n<p>The number of a point opens all that is known of it, with the commands that make it"
        " again.</p>\n" HTML_LONG "<div class=\"wide\"><table class=\"" HTML_SORTED " long\" id=\"table\">\n", stream);
  put_heads(stream, points, column);
  fputs("<tbody>\n", stream);
  for (size_t k = 0; k < points->count; k++)
    put_row(stream, &points->row[k], k, column);
  fputs("</tbody>\n</table></div>\n<dialog></dialog>\n", stream);
  return TESTUDO_OK;
}

static testudo_status put_all(FILE *stream, const drawn_points *points, testudo_error *error)
{
  fputs("<script type=\"application/json\" id=\"points\">[", stream);
  for (size_t k = 0; k < points->count; k++) {
    testudo_i_json_memory memory;
    TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
    testudo_i_json_open_object(&memory.writer, NULL);
    fields_put_known(&memory.writer, explore_row_fields, &points->row[k]);
    testudo_i_json_close_object(&memory.writer);
    TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
    fputs(k > 0 ? ",\n" : "\n", stream);
    html_put_data(stream, memory.text);
    free(memory.text);
  }
  fputs("]</script>\n", stream);
  return TESTUDO_OK;
}

/* What opens with a script, in short. */
static void put_commands(FILE *stream, const drawn_points *points)
{
  fputs("<noscript>\n<h2>Commands</h2>\n<div class=\"wide\"><table>\n<thead><tr><th class=\"n\">point</th><th>makes the"
        " design</th><th>makes the result</th></tr></thead>\n<tbody>\n", stream);
  for (size_t k = 0; k < points->count; k++) {
    fprintf(stream, "<tr><td class=\"n\"><a href=\"#p%zu\">%zu</a></td>", k, k);
    html_put_in(stream, "<td><code>", points->row[k].design_command, "</code></td>");
    html_put_in(stream, "<td><code>", points->row[k].command, "</code></td></tr>\n");
  }
  fputs("</tbody>\n</table></div>\n</noscript>\n", stream);
}

testudo_status page_put_points(FILE *stream, const drawn_points *points, const char *sources, testudo_error *error)
{
  TESTUDO_I_HELD(names_clear) explore_names delays = {.count = 0};
  for (size_t k = 0; k < points->count; k++)
    TESTUDO_I_TRY(names_add(&delays, delay_of(&points->row[k]), error));
  put_summary(stream, points, &delays, sources);
  put_best(stream, points, &delays);
  TESTUDO_I_TRY(put_fronts(stream, points, delays.count, error));
  TESTUDO_I_TRY(put_table(stream, points, error));
  put_commands(stream, points);
  TESTUDO_I_TRY(page_put_delays(stream, points, error));
  return put_all(stream, points, error);
}
