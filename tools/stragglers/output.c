/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors by the number of stragglers, as JSON and as text. */
#include "stragglers/stragglers.h"

#include <math.h>

#include "common/lists.h"
#include "common/metrics.h"

/* ---- JSON ---- */

static void put_left(testudo_i_json_writer *writer, const cli_curve *curve, const cli_left *left)
{
  const testudo_straggler_error *error = &left->error;
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_integer(writer, "stragglers", error->stragglers);
  testudo_i_json_put_real(writer, "mean", error->mean);
  testudo_i_json_put_string(writer, "mean_status", error->mean_exact ? "exact" : "simulated");
  testudo_i_json_put_real(writer, "mean_stderr", error->mean_stderr);
  if (isfinite(error->mean_upper))
    testudo_i_json_put_real(writer, "mean_upper", error->mean_upper);
  if (curve->decoder == TESTUDO_DECODER_ONE_STEP)
    testudo_i_json_put_real(writer, "aligned_mean", left->aligned);
  testudo_i_json_put_real(writer, "worst", error->worst);
  testudo_i_json_put_string(writer, "worst_status", error->worst_exact ? "exact" : "found");
  lists_put_int32(writer, "worst_set", error->worst_set, error->stragglers);
  testudo_i_json_put_real(writer, "bound", error->bound);
  testudo_i_json_put_real(writer, "bound_fails", error->bound_fails);
  testudo_i_json_put_integer(writer, "visited", error->visited);
  testudo_i_json_close_object(writer);
}

static void stragglers_put_curve(testudo_i_json_writer *writer, const cli_curve *curve)
{
  testudo_i_json_open_object(writer, NULL);
  testudo_i_json_put_string(writer, "file", curve->file);
  metrics_put_design(writer, curve->design);
  testudo_i_json_put_string(writer, "decoder", testudo_decoder_name(curve->decoder));
  testudo_i_json_open_array(writer, "points");
  for (size_t k = 0; k < curve->count; k++)
    put_left(writer, curve, &curve->left[k]);
  testudo_i_json_close_array(writer);
  testudo_i_json_open_array(writer, "independent");
  for (size_t k = 0; k < curve->chances; k++) {
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_real(writer, "p", curve->chance[k].p);
    testudo_i_json_put_real(writer, "mean", curve->chance[k].mean);
    testudo_i_json_put_string(writer, "mean_status", "exact");
    testudo_i_json_put_real(writer, "aligned_mean", curve->chance[k].aligned);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
  testudo_i_json_close_object(writer);
}

void stragglers_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_stragglers *all = context;
  testudo_i_json_put_string(writer, "command", all->arguments->line);
  testudo_i_json_put_string(writer, "version", testudo_version());
  testudo_i_json_put_integer(writer, "seed", (int64_t)all->seed);
  testudo_i_json_put_integer(writer, "samples", all->samples);
  testudo_i_json_open_array(writer, "curves");
  for (size_t c = 0; c < all->curves; c++)
    stragglers_put_curve(writer, &all->curve[c]);
  testudo_i_json_close_array(writer);
  testudo_i_json_put_boolean(writer, "interrupted", all->interrupted);
}

/* ---- text ---- */

static void print_left(FILE *stream, const cli_curve *curve, const cli_left *left, int64_t samples)
{
  const testudo_straggler_error *error = &left->error;
  char mean[64];
  if (error->mean_exact)
    snprintf(mean, sizeof mean, "exact");
  else if (error->mean_stderr == 0.0)
    snprintf(mean, sizeof mean, "all alike");
  else
    snprintf(mean, sizeof mean, "+- %.2g", error->mean_stderr);
  fprintf(stream, "  %10d %12.6g %-10s %12.6g %-6s %12.6g", error->stragglers, error->mean, mean, error->worst,
          error->worst_exact ? "exact" : "found", error->bound);
  if (curve->decoder == TESTUDO_DECODER_ONE_STEP)
    fprintf(stream, " %12.6g", left->aligned);
  fputc('\n', stream);
  if (isfinite(error->mean_upper))
    fprintf(stream, "             no loss in %lld samples, so the mean is at most %.3g at false alarm 1e-6\n",
            (long long)samples, error->mean_upper);
}

static void print_curve(FILE *stream, const cli_curve *curve, int64_t samples)
{
  if (curve->count == 0 && curve->chances == 0)
    return;
  bool one_step = curve->decoder == TESTUDO_DECODER_ONE_STEP;
  fprintf(stream, "\n%s decoding, error in chunks of %d\n", testudo_decoder_name(curve->decoder),
          testudo_design_chunks(curve->design));
  if (curve->count > 0)
    fprintf(stream, "  %10s %12s %-10s %12s %-6s %12s%s\n", "stragglers", "mean", "", "worst", "", "bound",
            one_step ? "      aligned" : "");
  for (size_t k = 0; k < curve->count; k++)
    print_left(stream, curve, &curve->left[k], samples);
  for (size_t k = 0; k < curve->chances; k++)
    fprintf(stream, "  each straggles with probability %.9g: mean %.6g, exact; aligned %.6g\n", curve->chance[k].p,
            curve->chance[k].mean, curve->chance[k].aligned);
}

void stragglers_print(FILE *stream, const void *context)
{
  const cli_stragglers *all = context;
  const testudo_design *last = NULL;
  for (size_t c = 0; c < all->curves; c++) {
    if (all->curve[c].design != last) {
      fprintf(stream, "%s%s\n", last == NULL ? "" : "\n", all->curve[c].file);
      metrics_print_design(stream, all->curve[c].design);
    }
    last = all->curve[c].design;
    print_curve(stream, &all->curve[c], all->samples);
  }
  if (all->interrupted)
    fputs("\ninterrupted: these are the numbers that were ready\n", stream);
}
