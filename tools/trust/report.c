/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What check --trust tells of a design. */
#include "trust/report.h"

#include "runtime/scheme/scheme.h"

#include <math.h>

/* JSON has no NaN: what was refused is left out. */
static void put_known(testudo_i_json_writer *writer, const char *key, double value)
{
  if (isfinite(value))
    testudo_i_json_put_real(writer, key, value);
}

static void trust_put_numbers(testudo_i_json_writer *writer, const testudo_trust *trust)
{
  testudo_i_json_put_integer(writer, "samples", trust->samples);
  testudo_i_json_put_integer(writer, "visited", trust->visited);
  testudo_i_json_put_boolean(writer, "exhaustive", trust->exhaustive);
  testudo_i_json_put_integer(writer, "refused", trust->refused);
  put_known(writer, "amplification_median", trust->amplification_median);
  put_known(writer, "amplification_p99", trust->amplification_p99);
  put_known(writer, "amplification_sampled_worst", trust->amplification_sampled);
  put_known(writer, "amplification_found_worst", trust->amplification_found);
  put_known(writer, "magnification_median", trust->magnification_median);
  put_known(writer, "magnification_sampled_worst", trust->magnification_sampled);
  put_known(writer, "magnification_found_worst", trust->magnification_found);
  testudo_i_json_put_integer(writer, "condition_samples", trust->condition_samples);
  /* Not measured everywhere, but there all the same, as null. */
  testudo_i_json_put_real(writer, "condition_p99", trust->condition_p99);
  testudo_i_json_put_real(writer, "condition_sampled_worst", trust->condition_sampled);
  testudo_i_json_put_real(writer, "condition_found_worst", trust->condition_found);
  put_known(writer, "error_double_sampled_worst", trust->error_double);
  put_known(writer, "error_float_sampled_worst", trust->error_float);
  put_known(writer, "error_double_at_found", trust->error_double_found);
  put_known(writer, "error_float_at_found", trust->error_float_found);
}

void trust_put(testudo_i_json_writer *writer, const testudo_design *design, const testudo_trust *trust)
{
  int32_t levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  if (levels == 0) {
    testudo_i_json_open_object(writer, "trust");
    trust_put_numbers(writer, trust);
    testudo_i_json_close_object(writer);
    return;
  }
  testudo_i_json_open_array(writer, "trust_by_tolerance");
  for (int32_t level = 0; level < levels; level++) {
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_integer(writer, "tolerance", tolerance[level]);
    trust_put_numbers(writer, &trust[level]);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

static void print_condition(FILE *stream, const testudo_trust *trust, bool holders)
{
  if (!isfinite(trust->condition_p99) || (trust->visited == 0 && !holders))
    return;
  fprintf(stream, "  condition     99 %% %.3g, sampled worst %.3g, worst found %.3g", trust->condition_p99,
          trust->condition_sampled, trust->condition_found);
  if (!holders)
    fprintf(stream, " (of the rows at hand, %lld samples)", (long long)trust->condition_samples);
  fputc('\n', stream);
}

static void print_numbers(FILE *stream, const testudo_trust *trust, bool holders)
{
  fprintf(stream, "  amplification median %.3g, 99 %% %.3g, worst of %lld samples %.3g", trust->amplification_median,
          trust->amplification_p99, (long long)trust->samples, trust->amplification_sampled);
  if (trust->visited > 0)
    fprintf(stream, ", worst found %.3g (%lld %s)", trust->amplification_found, (long long)trust->visited,
            trust->exhaustive ? "sets of holders, all that there are"
            : holders         ? "sets of holders searched"
                              : "sets searched");
  fprintf(stream, "\n  magnification median %.3g, sampled worst %.3g, worst found %.3g\n", trust->magnification_median,
          trust->magnification_sampled, trust->magnification_found);
  print_condition(stream, trust, holders);
  fprintf(stream, "  decode error  sampled worst %.2g in double, %.2g in float; %lld of %lld samples refused\n",
          trust->error_double, trust->error_float, (long long)trust->refused, (long long)trust->samples);
  if (trust->visited > 0 && !holders && isfinite(trust->error_double_found))
    fprintf(stream, "                at the worst set found %.2g in double, %.2g in float\n",
            trust->error_double_found, trust->error_float_found);
  else if (trust->visited > 0 && !holders)
    fprintf(stream, "                the worst set found is refused\n");
}

void trust_print(FILE *stream, const testudo_design *design, const testudo_trust *trust)
{
  int32_t levels;
  const int32_t *tolerance = testudo_design_tolerances(design, &levels);
  bool holders = testudo_i_scheme_of(design)->order_matters && testudo_design_parts(design) > 1;
  if (levels == 0)
    print_numbers(stream, trust, holders);
  for (int32_t level = 0; level < levels; level++) {
    fprintf(stream, "  tolerance %d\n", (int)tolerance[level]);
    print_numbers(stream, &trust[level], false);
  }
}

void code_check_put(testudo_i_json_writer *writer, const testudo_code_check *check)
{
  testudo_i_json_open_object(writer, "code_check");
  testudo_i_json_put_integer(writer, "sets", check->sets);
  testudo_i_json_put_integer(writer, "failed", check->failed);
  testudo_i_json_put_integer(writer, "refused", check->refused);
  put_known(writer, "residual", check->residual);
  testudo_i_json_close_object(writer);
}

void code_check_print(FILE *stream, const testudo_code_check *check)
{
  fprintf(stream, "  %-14s", "code");
  if (check->failed > 0)
    fprintf(stream, "FAILS: a well conditioned set of stragglers decodes to within %.2g only\n", check->residual);
  else if (check->refused == check->sets)
    fprintf(stream, "not tested: all %lld sets of stragglers tried are badly conditioned\n", (long long)check->sets);
  else
    fprintf(stream, "decodes %lld sets of stragglers tried, to within %.2g\n",
            (long long)(check->sets - check->refused), check->residual);
}
