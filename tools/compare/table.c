/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as text. */
#include "compare/compare.h"

#include <math.h>
#include <string.h>

typedef struct cli_cell {
  char text[96];
} cli_cell;

static cli_cell number(double value, int digits)
{
  cli_cell cell = {"-"};
  if (isfinite(value))
    snprintf(cell.text, sizeof cell.text, "%.*g", digits, value);
  else if (isinf(value))
    strcpy(cell.text, "infinite");
  return cell;
}

/* One number where both bounds are it. */
static cli_cell between(double lower, double upper, bool exact, int digits)
{
  cli_cell cell, low = number(lower, digits), high = number(upper, digits);
  if (exact)
    return low;
  snprintf(cell.text, sizeof cell.text, "[%.40s, %.40s%s", low.text, high.text, isinf(upper) ? ")" : "]");
  return cell;
}

static int label_width(const cli_comparison *comparison)
{
  size_t width = strlen("design");
  for (size_t k = 0; k < comparison->measured; k++)
    width = strlen(comparison->row[k].label) > width ? strlen(comparison->row[k].label) : width;
  for (size_t k = 0; k < comparison->ideals; k++)
    width = strlen(comparison->ideal[k].label) > width ? strlen(comparison->ideal[k].label) : width;
  return (int)width;
}

/* ---- expected time ---- */

static cli_cell over_ideal(const cli_row *row)
{
  const over_ideal_result *over = &row->over_ideal;
  if (isfinite(over->exact) || !isfinite(over->ideal) || row->analyze.latency.mean_status != LAW_BOUNDED)
    return number(over->exact, 4);
  return between(over->lower, over->upper, false, 4);
}

/* What every row's ratio is to: the row's own limit may be another, of other loads. */
static double yardstick(const cli_comparison *comparison)
{
  for (size_t k = 0; k < comparison->measured; k++)
    if (isfinite(comparison->row[k].over_ideal.ideal))
      return comparison->row[k].over_ideal.ideal;
  return NAN;
}

static void table_print_times(FILE *stream, const cli_comparison *comparison, int width)
{
  double ideal = yardstick(comparison);
  fputs("\nexpected time of an iteration in seconds", stream);
  if (isfinite(ideal))
    fprintf(stream, "; over ideal: over %.6g s%s", ideal,
            comparison->ideals > 1 ? " in all rows, the least of the limits at the end" : "");
  fprintf(stream, "\n  %-*s  %-13s %s\n", width, "design", "over ideal", "expected");
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *row = &comparison->row[k];
    fprintf(stream, "  %-*s  %-13s ", width, row->label, over_ideal(row).text);
    law_print_mean(stream, &row->analyze.latency, &row->simulate.latency);
    fputc('\n', stream);
  }
  for (size_t k = 0; k < comparison->ideals; k++)
    fprintf(stream, "  %-*s  %-13s exact %.9g\n", width, comparison->ideal[k].label,
            number(comparison->ideal[k].mean / ideal, 4).text, comparison->ideal[k].mean);
}

/* ---- quantiles ---- */

static const latency_result *shown_latency(const cli_row *row)
{
  return row->latency == NULL ? &row->simulate.latency : &row->analyze.latency;
}

static bool may_never_end(const cli_comparison *comparison)
{
  for (size_t k = 0; k < comparison->measured; k++)
    if (latency_may_never_end(shown_latency(&comparison->row[k])))
      return true;
  return false;
}

/* "5.62494 (5.46, 5.8)"; ">= 7.2" of what the iterations cannot know. */
static cli_cell replayed(const latency_result *latency, size_t q)
{
  cli_cell cell, value = number(latency->quantiles.value[q], 6);
  double low = latency->quantiles_low.value[q], high = latency->quantiles_high.value[q];
  if (isinf(low))
    return number(low, 4);
  if (isnan(latency->quantiles.value[q]))
    snprintf(cell.text, sizeof cell.text, isinf(high) ? ">= %.4g" : "<= %.4g", isinf(high) ? low : high);
  else
    snprintf(cell.text, sizeof cell.text, "%.24s (%.24s, %.24s)", value.text, number(low, 4).text,
             number(high, 4).text);
  return cell;
}

/* Nothing stands behind the last column. */
static int column_width(const cli_value *quantiles, size_t q, bool more)
{
  return more || q + 1 < quantiles->count ? 27 : 0;
}

static void table_print_quantiles(FILE *stream, const cli_comparison *comparison, int width)
{
  const cli_value *quantiles = comparison->row[0].cluster.quantiles;
  bool never = may_never_end(comparison);
  const char *intervals = ", with their 95 % intervals (>=: more cannot be known from so few iterations)";
  fprintf(stream, "\nquantiles of the time in seconds%s%s\n  %-*s",
          comparison->delay.replay != NULL ? intervals : "",
          never ? ", and the probability that it never ends" : "", width, "design");
  for (size_t q = 0; q < quantiles->count; q++)
    fprintf(stream, "  %-*s", column_width(quantiles, q, never), quantiles->item[q]);
  fprintf(stream, "%s\n", never ? "  P(never)" : "");
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *row = &comparison->row[k];
    const latency_result *latency = shown_latency(row);
    bool exact = latency->quantiles.value != NULL;
    const field_map *low = exact ? &latency->quantiles : &latency->quantiles_lower;
    fprintf(stream, "  %-*s", width, row->label);
    for (size_t q = 0; q < quantiles->count; q++)
      fprintf(stream, "  %-*s", column_width(quantiles, q, never),
              latency->quantiles_low.value != NULL && (latency_is_replayed(latency) || isnan(low->value[q]))
                  ? replayed(latency, q).text
                  : between(low->value[q], exact ? NAN : latency->quantiles_upper.value[q], exact, 6).text);
    if (never)
      fprintf(stream, "  %s", isfinite(latency->p_never)
                                  ? number(latency->p_never, 4).text
                                  : between(latency->p_never_lower, latency->p_never_upper, false, 4).text);
    fputc('\n', stream);
  }
}

/* ---- work ---- */

/* Chunks of different sizes are no common unit: then shares, which are a worker's part of all data without a code. */
static cli_cell computed(const cli_comparison *comparison, const cli_row *row)
{
  double per_share = (double)testudo_design_chunks(row->cluster.design) / testudo_design_workers(row->cluster.design);
  return number(row->work.chunks / (comparison->chunks < 0 ? per_share : 1.0), 6);
}

static cli_cell amplification(const cli_row *row)
{
  const testudo_decode_report *decode = &row->simulation->decode;
  cli_cell cell = number(decode->decodes > 0 ? decode->max_amplification : NAN, 4);
  size_t length = strlen(cell.text);
  if (decode->failures > 0 || decode->refused > 0)
    snprintf(cell.text + length, sizeof cell.text - length, " (%lld failed, %lld refused)",
             (long long)decode->failures, (long long)decode->refused);
  return cell;
}

static void table_print_work(FILE *stream, const cli_comparison *comparison, int width)
{
  bool units = !cli_given(comparison->arguments, "dim");
  fprintf(stream, "\nwork of an iteration, %s; amplification: the worst of the first decodes; memory: numbers"
                  " that a worker keeps\n  %-*s  %-16s %-18s %-14s %-8s %s\n",
          comparison->delay.replay != NULL ? "as measured" : "simulated", width, "design",
          comparison->chunks < 0 ? "shares computed" : "chunks computed",
          "floats sent / dim", units ? "memory / dim" : "memory", "decodes", "amplification");
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *row = &comparison->row[k];
    double parts = testudo_design_parts(row->cluster.design);
    fprintf(stream, "  %-*s  %-16s %-18s %-14s %-8lld %s\n", width, row->label, computed(comparison, row).text,
            number(row->work.messages / parts, 6).text, number(row->memory, 9).text,
            (long long)row->simulation->decode.decodes, amplification(row).text);
  }
}

/* ---- error at deadlines ---- */

static void table_print_errors(FILE *stream, const cli_comparison *comparison, int width)
{
  const cli_cluster *first = &comparison->row[0].cluster;
  if (first->time_count == 0)
    return;
  fprintf(stream, "\nerror of stopping at a deadline, in shares of chunks times parts (nmse)\n  %-*s", width,
          "design");
  for (int64_t t = 0; t < first->time_count; t++) {
    char head[32];
    snprintf(head, sizeof head, "t = %.6g", first->times[t]);
    fprintf(stream, "  %-12s", head);
  }
  fputs("  method\n", stream);
  for (size_t k = 0; k < comparison->measured; k++) {
    const cli_row *row = &comparison->row[k];
    fprintf(stream, "  %-*s", width, row->label);
    for (int64_t t = 0; t < first->time_count; t++)
      fprintf(stream, "  %-12s", number(row->error == NULL ? NAN : row->error->nmse[t], 6).text);
    fprintf(stream, "  %s\n", row->error == NULL      ? "not counted under a rule of waiting"
                              : row->error->trials < 0 ? "exact"
                              : row->cluster.model.replay != NULL ? "as measured" : "simulated");
  }
}

/* ---- rules of waiting ---- */

static void print_waiting(FILE *stream, const cli_row *row, int width)
{
  const testudo_waiting *found = &row->waiting->found;
  bool ignores = row->waiting->rule.kind == TESTUDO_WAITING_IGNORE;
  double value = ignores ? found->missing : found->copies;
  double spread = ignores ? found->missing_stderr : found->copies_stderr;
  fprintf(stream, "  %-*s  ", width, row->label);
  if (isfinite(value))
    fprintf(stream, "%.6g %s", value, ignores ? "chunks missing" : "second copies");
  else
    fputs("never ends", stream);
  if (isfinite(value) && isfinite(spread))
    fprintf(stream, " +- %.2g", spread);
  if (isfinite(value) && ignores)
    fprintf(stream, ", some in %.4g %% of the trials",
            100.0 * (double)found->missing_trials / (double)(row->simulation->trials - row->simulation->never));
  fputc('\n', stream);
}

static void table_print_waiting(FILE *stream, const cli_comparison *comparison, int width)
{
  bool any = false;
  for (size_t k = 0; k < comparison->measured; k++) {
    if (comparison->row[k].waiting == NULL)
      continue;
    if (!any)
      fputs("\nuncoded under rules of waiting, of an iteration that ends\n", stream);
    any = true;
    print_waiting(stream, &comparison->row[k], width);
  }
}

void compare_print(FILE *stream, const void *context)
{
  const cli_comparison *comparison = context;
  int width = label_width(comparison);
  fprintf(stream, "%zu design%s and %zu reference%s ", comparison->designs,
          comparison->designs == 1 ? "" : "s", comparison->rows - comparison->designs,
          comparison->rows - comparison->designs == 1 ? "" : "s");
  if (comparison->chunks < 0)
    fputs("of different numbers of chunks under ", stream);
  else
    fprintf(stream, "on %d chunks under ", comparison->chunks);
  delay_print(stream, &comparison->delay);
  if (comparison->delay.replay != NULL)
    fprintf(stream, "; %lld iterations", (long long)comparison->row[0].simulate.latency.iterations);
  if (comparison->delay.replay == NULL || comparison->row[0].trials != comparison->row[0].simulate.latency.iterations)
    fprintf(stream, "; %lld trials", (long long)comparison->row[0].simulation->trials);
  fputc('\n', stream);
  if (comparison->unequal)
    fputs("note: the designs have different numbers of workers, which is not the same price\n", stream);
  if (comparison->measured < comparison->rows)
    fprintf(stream, "interrupted: %zu of %zu rows were done\n", comparison->measured, comparison->rows);
  table_print_times(stream, comparison, width);
  table_print_quantiles(stream, comparison, width);
  table_print_work(stream, comparison, width);
  table_print_waiting(stream, comparison, width);
  table_print_errors(stream, comparison, width);
}
