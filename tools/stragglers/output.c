/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors by the number of stragglers: their fields. */
#include "stragglers/stragglers.h"

#include <math.h>

#include "runtime/codec.h"
#include "runtime/design.h"

static const char *const mean_words[] = {"simulated", "exact", NULL};
static const char *const worst_words[] = {"found", "exact", NULL};

static bool has_aligned(const void *result)
{
  return isfinite(((const cli_left *)result)->aligned);
}

static const field left_fields[] = {
    {FIELD_AS("stragglers", cli_left, error.stragglers), .label = "stragglers", .meaning = "workers not finished"},
    {FIELD_AS("mean", cli_left, error.mean), .label = "mean", .digits = 6, .unit = "chunks",
     .meaning = "mean error over all sets of so many stragglers"},
    {FIELD_EITHER("mean_status", cli_left, error.mean_exact, mean_words), .label = "",
     .meaning = "simulated: over random sets"},
    {FIELD_AS("mean_stderr", cli_left, error.mean_stderr), .label = "std error", .digits = 2,
     .meaning = "standard error of the mean"},
    {FIELD_AS("mean_upper", cli_left, error.mean_upper), .unit = "chunks",
     .meaning = "no sample lost anything: the mean is at most this, at false alarm 1e-6"},
    {FIELD_AS("aligned_mean", cli_left, aligned), .label = "aligned", .digits = 6, .when = has_aligned,
     .meaning = "one-step: mean square of sum_i (c_i - 1)"},
    {FIELD_AS("worst", cli_left, error.worst), .label = "worst", .digits = 6, .unit = "chunks",
     .meaning = "error of the worst set"},
    {FIELD_EITHER("worst_status", cli_left, error.worst_exact, worst_words), .label = "",
     .meaning = "found: the worst that the search met, a lower bound"},
    {FIELD_LIST("worst_set", cli_left, error.worst_set, error.stragglers), .meaning = "the stragglers of that set"},
    {FIELD_AS("bound", cli_left, error.bound), .label = "bound", .digits = 6, .unit = "chunks",
     .meaning = "no set leaves more"},
    {FIELD_AS("bound_fails", cli_left, error.bound_fails), .meaning = "probability that the bound is wrong, at most"},
    {FIELD_AS("visited", cli_left, error.visited), .meaning = "sets looked at"},
    {.key = NULL},
};

static const field chance_fields[] = {
    {FIELD(cli_chance, p), .label = "probability", .meaning = "with which each worker straggles"},
    {FIELD(cli_chance, mean), .label = "mean", .digits = 6, .unit = "chunks", .meaning = "mean error, exact"},
    {FIELD_AS("aligned_mean", cli_chance, aligned), .label = "aligned", .digits = 6,
     .meaning = "mean square of sum_i (c_i - 1), exact"},
    {.key = NULL},
};

/* ---- text ---- */

static void print_curve(FILE *text, const cli_curve *curve, int64_t samples)
{
  if (curve->count == 0 && curve->chances == 0)
    return;
  int32_t workers = testudo_design_workers(curve->design), busy = testudo_i_design_busy(curve->design);
  fprintf(text, "\n%s decoding, error in chunks of %d", testudo_decoder_name(curve->decoder), curve->about.chunks);
  if (busy < workers)
    fprintf(text, "; stragglers among the %d of %d workers that hold chunks", busy, workers);
  fputc('\n', text);
  fields_print_rows(text, left_fields, curve->left, curve->count, sizeof *curve->left);
  for (size_t k = 0; k < curve->count; k++)
    if (isfinite(curve->left[k].error.mean_upper))
      fprintf(text, "  %d stragglers: no loss in %lld samples, so the mean is at most %.3g at false alarm 1e-6\n",
              curve->left[k].error.stragglers, (long long)samples, curve->left[k].error.mean_upper);
  if (curve->chances > 0)
    fputs("  each worker straggles on its own, exact\n", text);
  fields_print_rows(text, chance_fields, curve->chance, curve->chances, sizeof *curve->chance);
}

static void stragglers_print(FILE *text, const void *result)
{
  const cli_stragglers *all = result;
  const testudo_design *last = NULL;
  for (size_t c = 0; c < all->curves; c++) {
    if (all->curve[c].design != last) {
      fprintf(text, "%s%s\n", last == NULL ? "" : "\n", all->curve[c].file);
      design_print(text, all->curve[c].design);
    }
    last = all->curve[c].design;
    print_curve(text, &all->curve[c], all->samples);
  }
  if (all->interrupted)
    fputs("\ninterrupted: these are the numbers that were ready\n", text);
}

static const field curve_fields[] = {
    {FIELD(cli_curve, file), .meaning = "the design file"},
    {FIELD_INSIDE("design", cli_curve, about, design_fields), .meaning = "the design"},
    {FIELD_ENUM("decoder", cli_curve, decoder, testudo_i_decoder_names),
     .meaning = "how the finished workers' sums are weighted"},
    {FIELD_ROWS("points", cli_curve, left, count, left_fields), .meaning = "by the number of stragglers"},
    {FIELD_ROWS("independent", cli_curve, chance, chances, chance_fields), .meaning = "each straggles on its own"},
    {.key = NULL},
};

const field stragglers_fields[] = {
    {FIELD(cli_stragglers, command), .phrase = stragglers_print, .meaning = "the command, without --threads"},
    {FIELD(cli_stragglers, version), .meaning = "of the program"},
    {FIELD(cli_stragglers, seed), .meaning = "of the random sets"},
    {FIELD(cli_stragglers, samples), .meaning = "random sets looked at"},
    {FIELD_ROWS("curves", cli_stragglers, curve, curves, curve_fields), .meaning = "one per design and decoder"},
    {FIELD(cli_stragglers, interrupted), .meaning = "was it interrupted? Then points are missing"},
    {.key = NULL},
};
