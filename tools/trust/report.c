/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What check reports of a code. */
#include "trust/report.h"

#include <math.h>

static void tolerance_print(FILE *text, const void *result)
{
  fprintf(text, "  tolerance %d\n", ((const trust_result *)result)->tolerance);
}

static void amplification_print(FILE *text, const void *result)
{
  const trust_result *r = result;
  const testudo_trust *trust = &r->trust;
  fields_line(text, "amplification", "median %.3g, 99 %% %.3g, worst of %lld samples %.3g", trust->amplification_median,
              trust->amplification_p99, (long long)trust->samples, trust->amplification_sampled);
  if (trust->visited > 0)
    fprintf(text, ", worst found %.3g (%lld %s)", trust->amplification_found, (long long)trust->visited,
            trust->exhaustive && r->holders ? "sets of holders, all that there are"
            : trust->exhaustive             ? "sets, all that there are"
            : r->holders      ? "sets of holders searched"
                              : "sets searched");
  fputc('\n', text);
}

static void magnification_print(FILE *text, const void *result)
{
  const testudo_trust *trust = &((const trust_result *)result)->trust;
  fields_line(text, "magnification", "median %.3g, sampled worst %.3g, worst found %.3g\n", trust->magnification_median,
              trust->magnification_sampled, trust->magnification_found);
}

static void condition_print(FILE *text, const void *result)
{
  const trust_result *r = result;
  const testudo_trust *trust = &r->trust;
  if (!isfinite(trust->condition_p99) || (trust->visited == 0 && !r->holders))
    return;
  fields_line(text, "condition", "99 %% %.3g, sampled worst %.3g, worst found %.3g", trust->condition_p99,
              trust->condition_sampled, trust->condition_found);
  if (!r->holders)
    fprintf(text, " (of the finished workers' rows, %lld samples)", (long long)trust->condition_samples);
  fputc('\n', text);
}

static void errors_print(FILE *text, const void *result)
{
  const trust_result *r = result;
  const testudo_trust *trust = &r->trust;
  fields_line(text, "decode error", "sampled worst %.2g in double, %.2g in float; %lld of %lld samples refused\n",
              trust->error_double, trust->error_float, (long long)trust->refused, (long long)trust->samples);
  if (trust->visited > 0 && !r->holders && isfinite(trust->error_double_found))
    fields_line(text, "", "at the worst set found %.2g in double, %.2g in float\n", trust->error_double_found,
                trust->error_float_found);
  else if (trust->visited > 0 && !r->holders)
    fields_line(text, "", "the worst set found is refused\n");
}

#define TRUST(name, member) FIELD_AS(name, trust_result, trust.member)

const field trust_fields[] = {
    {FIELD(trust_result, tolerance), .phrase = tolerance_print, .meaning = "stragglers tolerated; null: one code only"},
    {TRUST("samples", samples), .meaning = "progress vectors sampled"},
    {TRUST("visited", visited), .meaning = "sets that the search looked at; 0: nothing to search for"},
    {TRUST("exhaustive", exhaustive), .meaning = "were those all sets?"},
    {TRUST("refused", refused), .meaning = "samples that the decoder refuses"},
    {TRUST("amplification_median", amplification_median), .when = field_always, .phrase = amplification_print,
     .meaning = "amplification of rounding errors: median of the samples"},
    {TRUST("amplification_p99", amplification_p99), .meaning = "its 99 % quantile"},
    {TRUST("amplification_sampled_worst", amplification_sampled), .meaning = "its largest sampled"},
    {TRUST("amplification_found_worst", amplification_found),
     .meaning = "its largest found: a lower bound of the worst"},
    {TRUST("magnification_median", magnification_median), .when = field_always, .phrase = magnification_print,
     .meaning = "the same free of scale: the largest over chunks of sum_j |a_j B_ji|, median"},
    {TRUST("magnification_sampled_worst", magnification_sampled), .meaning = "its largest sampled"},
    {TRUST("magnification_found_worst", magnification_found), .meaning = "its largest found"},
    {TRUST("condition_samples", condition_samples), .meaning = "samples whose condition number was found"},
    {TRUST("condition_p99", condition_p99), .when = field_always, .phrase = condition_print,
     .meaning = "2-norm condition number: 99 % quantile"},
    {TRUST("condition_sampled_worst", condition_sampled), .meaning = "its largest sampled"},
    {TRUST("condition_found_worst", condition_found), .meaning = "its largest found"},
    {TRUST("error_double_sampled_worst", error_double), .when = field_always, .phrase = errors_print,
     .meaning = "largest relative error of decoding in double"},
    {TRUST("error_float_sampled_worst", error_float), .meaning = "the same in float"},
    {TRUST("error_double_at_found", error_double_found), .meaning = "error in double at the worst set found"},
    {TRUST("error_float_at_found", error_float_found), .meaning = "the same in float"},
    {.key = NULL},
};

static void code_check_print(FILE *text, const void *result)
{
  const testudo_code_check *check = result;
  const char *what = check->holders ? "sets of holders of a chunk" : "sets of stragglers";
  fields_label(text, "code");
  if (check->failed > 0 && check->holders)
    fprintf(text, "FAILS: %lld of %lld sets of holders tested do not decode their chunk (%s)\n",
            (long long)check->failed, (long long)check->sets, check->first);
  else if (check->failed > 0)
    fprintf(text, "FAILS: a well conditioned set of stragglers%s%s%s decodes to within %.2g only\n",
            check->first[0] == '\0' ? "" : " (", check->first, check->first[0] == '\0' ? "" : ")", check->residual);
  else if (check->refused == check->sets)
    fprintf(text, "not tested: all %lld %s tried are badly conditioned\n", (long long)check->sets, what);
  else if (check->exhaustive && check->refused == 0)
    fprintf(text, "decodes all %lld %s that there are, to within %.2g\n", (long long)check->sets, what,
            check->residual);
  else if (check->possible > 0)
    fprintf(text, "decodes %lld %s of %.6g that there are, %s, to within %.2g%s%s\n",
            (long long)(check->sets - check->refused), what, check->possible,
            check->exhaustive ? "all tested" : "sampled", check->residual,
            check->refused > 0 ? "; refused as badly conditioned: " : "",
            check->refused > 0 ? check->first : "");
  else
    fprintf(text, "decodes %lld sets of stragglers tried, to within %.2g\n",
            (long long)(check->sets - check->refused), check->residual);
}


const field code_check_fields[] = {
    {FIELD(testudo_code_check, sets), .phrase = code_check_print, .meaning = "sets of stragglers tried"},
    {FIELD(testudo_code_check, holders), .meaning = "scheme partial: are the sets of holders of a chunk?"},
    {FIELD(testudo_code_check, failed), .meaning = "of these, well conditioned ones that do not decode"},
    {FIELD(testudo_code_check, refused), .meaning = "of these, badly conditioned ones, which show nothing"},
    {FIELD(testudo_code_check, residual), .meaning = "largest distance from the sum of those that decode"},
    {FIELD(testudo_code_check, possible),
     .meaning = "sets that there are, of scheme partial and of a code of the file's own; 0: not counted"},
    {FIELD(testudo_code_check, exhaustive), .meaning = "were all of them tried?"},
    {FIELD_CHARS("first", testudo_code_check, first), .meaning = "the first set that does not decode; null: none"},
    {.key = NULL},
};
