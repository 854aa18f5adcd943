/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the completion time and errors at deadlines: their fields and their words. */
#include "common/law.h"

#include <math.h>
#include <string.h>

const char *const law_words[] = {[LAW_EXACT] = "exact", [LAW_BOUNDED] = "bounded", [LAW_SIMULATED] = "simulated",
                                 [LAW_INFINITE] = "infinite", [LAW_UNKNOWN] = "not known", NULL};

latency_result latency_unknown(void)
{
  return (latency_result){
      .mean_status = LAW_UNKNOWN, .stddev_status = LAW_UNKNOWN, .mean = NAN, .stderr_mean = NAN, .sample_mean = NAN,
      .stddev = NAN, .stddev_lower = NAN, .stddev_upper = NAN, .stddev_error = NAN, .lower = NAN, .upper = NAN,
      .abs_error = NAN, .abs_bound = NAN, .p_never = NAN, .p_never_lower = NAN,
      .p_never_upper = NAN, .ideal = NAN, .over_ideal = NAN, .mean_low = NAN, .mean_high = NAN, .iterations = -1,
      .block = -1, .p_never_upper95 = NAN, .stderr_reliable = -1, .sketch_error = NAN};
}

void law_fill_unknown(law_result *law, const cli_cluster *cluster)
{
  law->trials = law->never = -1;
  head_fill(&law->head, cluster);
  law->latency = latency_unknown();
}

bool latency_is_replayed(const latency_result *latency)
{
  return latency->iterations > 0;
}

bool latency_may_never_end(const latency_result *latency)
{
  return isnan(latency->p_never_upper) ? latency->p_never > 0.0 : latency->p_never_upper != 0.0;
}

/* ---- lines of text ---- */

/* "[2, 3]", "[2, infinite)", "infinite". */
static void print_interval(FILE *text, double lower, double upper)
{
  if (isfinite(upper))
    fprintf(text, "bounded [%.9g, %.9g]\n", lower, upper);
  else if (isfinite(lower))
    fprintf(text, "bounded [%.9g, infinite)\n", lower);
  else
    fputs("infinite\n", text);
}

static void print_simulated_mean(FILE *text, const latency_result *latency)
{
  const char *given = latency_may_never_end(latency) ? ", given that it ends" : "";
  if (latency_is_replayed(latency) && isfinite(latency->mean) && isnan(latency->mean_low))
    fields_line(text, "mean", "%.9g, its interval is not known from so few iterations\n", latency->mean);
  else if (latency_is_replayed(latency) && isfinite(latency->mean))
    fields_line(text, "mean", "%.9g, 95 %% interval %.6g to %.6g%s\n", latency->mean, latency->mean_low,
                latency->mean_high, given);
  else if (isfinite(latency->mean))
    fields_line(text, "mean", "%.9g +- %.2g (standard error%s)%s\n", latency->mean, latency->stderr_mean,
                latency->stderr_reliable == 0 ? ", not to be believed" : "", given);
  else if (isfinite(latency->sample_mean))
    fields_line(text, "mean", "infinite, so that the sample mean, %.9g, says nothing\n", latency->sample_mean);
}

static void print_doubt(FILE *text, const void *result)
{
  const latency_result *latency = result;
  fields_line(text, "", "the standard error may be far too small: %s\n", latency->stderr_doubt);
}

static void print_mean(FILE *text, const void *result)
{
  const latency_result *latency = result;
  bool never = latency_may_never_end(latency);
  if (isnan(latency->p_never_upper)) {
    print_simulated_mean(text, latency);
    return;
  }
  fields_label(text, never && latency->mean_status == LAW_BOUNDED ? "mean if it ends" : "mean");
  if (latency->mean_status == LAW_INFINITE)
    fputs("infinite\n", text);
  else if (latency->mean_status == LAW_EXACT)
    fprintf(text, "%.12g%s (exact, %s %.2g)\n", latency->mean, never ? " given that it ends" : "",
            latency->abs_bound <= latency->abs_error ? "error at most" : "estimated error", latency->abs_error);
  else
    print_interval(text, latency->lower, latency->upper);
}

static void print_stddev(FILE *text, const void *result)
{
  const latency_result *latency = result;
  bool apart = latency->stddev_lower < latency->stddev_upper;
  if (!isfinite(latency->stddev) && latency->stddev_status != LAW_INFINITE && latency->stddev_status != LAW_BOUNDED)
    return;
  fields_label(text, "std deviation");
  if (isfinite(latency->stddev))
    fprintf(text, "%.9g%s", latency->stddev, apart ? ", " : "\n");
  if (latency->stddev_status == LAW_INFINITE)
    fputs("infinite\n", text);
  else if (apart)
    print_interval(text, latency->stddev_lower, latency->stddev_upper);
}

static void print_over_ideal(FILE *text, const void *result)
{
  const latency_result *latency = result;
  fields_line(text, "mean over ideal", "%.6g (1 = perfect load balancing)\n", latency->over_ideal);
}

static bool may_never_end(const void *result)
{
  return latency_may_never_end(result) || isfinite(((const latency_result *)result)->p_never_upper95);
}

static void print_never(FILE *text, const void *result)
{
  const latency_result *latency = result;
  fields_label(text, "P(never ends)");
  if (isfinite(latency->p_never_upper95))
    fprintf(text, "none seen, at most %.2g with confidence 0.95\n", latency->p_never_upper95);
  else if (isfinite(latency->p_never))
    fprintf(text, "%.9g\n", latency->p_never);
  else
    print_interval(text, latency->p_never_lower, latency->p_never_upper);
}

/* What trials, or the iterations of a replay, know of a quantile, or that they are too few for it. */
static void print_sampled_quantile(FILE *text, const latency_result *latency, size_t k)
{
  const char *what = latency_is_replayed(latency) ? "iterations" : "trials";
  double low = latency->quantiles_low.value[k], high = latency->quantiles_high.value[k];
  if (isinf(low))
    fputs("infinite\n", text);
  else if (isnan(latency->quantiles.value[k]) && isinf(high) && !(low > 0.0))
    fprintf(text, "not known from so few %s\n", what);
  else if (isnan(latency->quantiles.value[k]) && isinf(high))
    fprintf(text, "not known from so few %s, at least %.6g\n", what, low);
  else if (isnan(latency->quantiles.value[k]))
    fprintf(text, "not known from so few %s, at most %.6g\n", what, high);
  else if (isinf(latency->quantiles.value[k]))
    fprintf(text, "infinite, 95 %% interval from %.6g\n", low);
  else if (isinf(high))
    fprintf(text, "%.9g, 95 %% interval from %.6g\n", latency->quantiles.value[k], low);
  else
    fprintf(text, "%.9g, 95 %% interval %.6g to %.6g\n", latency->quantiles.value[k], low, high);
}

static void print_quantiles(FILE *text, const void *result)
{
  const latency_result *latency = result;
  bool exact = latency->quantiles.value != NULL;
  const field_map *low = exact ? &latency->quantiles : &latency->quantiles_lower;
  const field_map *high = exact ? &latency->quantiles : &latency->quantiles_upper;
  for (size_t k = 0; k < low->count; k++) {
    char label[64];
    snprintf(label, sizeof label, "quantile %s", low->key[k]);
    fields_label(text, label);
    fputs(strlen(label) < FIELDS_LABEL ? "" : " ", text);
    if (latency->quantiles_low.value != NULL)
      print_sampled_quantile(text, latency, k);
    else if (exact && latency->quantiles_lower.value != NULL && isfinite(low->value[k]) &&
             latency->quantiles_upper.value[k] - latency->quantiles_lower.value[k] > 1e-9 * low->value[k]) {
      fprintf(text, "%.9g, ", low->value[k]);
      print_interval(text, latency->quantiles_lower.value[k], latency->quantiles_upper.value[k]);
    } else if (exact && isfinite(low->value[k]))
      fprintf(text, "%.9g\n", low->value[k]);
    else
      print_interval(text, low->value[k], high->value[k]);
  }
}

static void print_sketch(FILE *text, const void *result)
{
  const latency_result *latency = result;
  fields_line(text, "", "each within %.2g of itself: of so many trials a sketch is kept; the intervals include it\n",
              latency->sketch_error);
}

/* ---- the law ---- */

static const field cdf_fields[] = {
    {FIELD_LIST("t", cdf_result, t, count), .unit = "s", .meaning = "times"},
    {FIELD_LIST("p", cdf_result, p, count), .meaning = "P(T <= t); null where it is only bounded"},
    {FIELD_LIST("p_lower", cdf_result, p_lower, count),
     .meaning = "lower bound of P(T <= t), where it is bounded or bracketed"},
    {FIELD_LIST("p_upper", cdf_result, p_upper, count),
     .meaning = "upper bound of P(T <= t), where it is bounded or bracketed"},
    {.key = NULL},
};

static const field tail_fields[] = {
    {FIELD_LIST("t", cdf_result, t, count), .unit = "s", .meaning = "times"},
    {FIELD_LIST("p", cdf_result, p, count),
     .meaning = "P(T > t), to 1e-12 or as far as trials know it; null where it is only bounded"},
    {FIELD_LIST("p_lower", cdf_result, p_lower, count),
     .meaning = "lower bound of P(T > t), where it is bounded or bracketed"},
    {FIELD_LIST("p_upper", cdf_result, p_upper, count),
     .meaning = "upper bound of P(T > t), where it is bounded or bracketed"},
    {.key = NULL},
};

const field latency_value_fields[] = {
    {FIELD(latency_result, mean), .unit = "s", .phrase = print_mean, .when = field_always,
     .meaning = "expected completion time, given that it ends; null where it is bounded or infinite"},
    {FIELD_ENUM("mean_status", latency_result, mean_status, law_words), .meaning = "what the mean is"},
    {FIELD_AS("stderr", latency_result, stderr_mean), .unit = "s", .meaning = "standard error of a simulated mean"},
    {FIELD_ANSWERED(latency_result, stderr_reliable),
     .meaning = "can the standard error of the mean be believed? null: there is none"},
    {FIELD(latency_result, stderr_doubt), .phrase = print_doubt, .meaning = "why not; null: it can, or there is none"},
    {FIELD(latency_result, mean_low), .unit = "s",
     .meaning = "of a replay: lower end of the 95 % interval of the mean, by a block bootstrap of its iterations"},
    {FIELD(latency_result, mean_high), .unit = "s", .meaning = "upper end of it"},
    {FIELD(latency_result, iterations), .meaning = "iterations of the replay; null: there is none"},
    {FIELD(latency_result, block), .meaning = "consecutive iterations in a block of the bootstrap"},
    {FIELD(latency_result, sample_mean), .unit = "s",
     .meaning = "mean of the trials, which says nothing where the law has none"},
    {FIELD(latency_result, stddev), .unit = "s", .phrase = print_stddev, .when = field_always,
     .meaning = "standard deviation, given that it ends"},
    {FIELD(latency_result, stddev_lower), .unit = "s", .meaning = "lower bound of it; the same where it is exact"},
    {FIELD(latency_result, stddev_upper), .unit = "s", .meaning = "upper bound of it; null: none"},
    {FIELD_ENUM("stddev_status", latency_result, stddev_status, law_words),
     .meaning = "what the standard deviation is"},
    {FIELD(latency_result, stddev_error), .unit = "s", .meaning = "estimated numerical error of it"},
    {FIELD(latency_result, lower), .unit = "s", .meaning = "lower bound of the mean"},
    {FIELD(latency_result, upper), .unit = "s", .meaning = "upper bound of the mean; null: none"},
    {FIELD(latency_result, abs_error), .unit = "s",
     .meaning = "estimated numerical error of the mean, or of each bound"},
    {FIELD(latency_result, abs_bound), .unit = "s",
     .meaning = "what the numerical error of the mean is at most, proved; null: nothing is"},
    {FIELD(latency_result, method), .meaning = "how the law was found"},
    {FIELD(latency_result, model), .meaning = "'working model' where the times are those of one"},
    {FIELD(latency_result, why_not_exact), .meaning = "why a law is simulated here that analyze can give exactly"},
    {FIELD(latency_result, ideal), .unit = "s", .meaning = "mean of the perfectly balanced cluster of the same loads"},
    {FIELD(latency_result, over_ideal), .phrase = print_over_ideal, .meaning = "mean over ideal"},
    {FIELD(latency_result, p_never), .when = may_never_end, .phrase = print_never,
     .meaning = "probability that the iteration never ends"},
    {FIELD(latency_result, p_never_upper95),
     .meaning = "of trials that all ended though some may not: upper limit of it with confidence 0.95"},
    {FIELD(latency_result, p_never_lower), .meaning = "lower bound of it"},
    {FIELD(latency_result, p_never_upper), .meaning = "upper bound of it"},
    {FIELD(latency_result, quantiles), .unit = "s", .when = field_always, .phrase = print_quantiles,
     .meaning = "quantiles of the unconditional law, by the texts of --quantiles; null above 1 - p_never, and where so"
                " few trials cannot know them"},
    {FIELD(latency_result, quantiles_lower), .unit = "s",
     .meaning = "lower bounds of the quantiles, where bounded or bracketed"},
    {FIELD(latency_result, quantiles_upper), .unit = "s",
     .meaning = "upper bounds of the quantiles, where bounded or bracketed"},
    {FIELD(latency_result, quantiles_low), .unit = "s",
     .meaning = "of trials: lower ends of the 95 % intervals of the quantiles"},
    {FIELD(latency_result, quantiles_high), .unit = "s", .meaning = "upper ends of them; null: none"},
    {FIELD(latency_result, sketch_error), .phrase = print_sketch,
     .meaning = "relative error of the quantiles, of the times of cdf and tail, and of the edges of the histogram, of"
                " more than 10000000 trials, of which a sketch is kept; null: none"},
    {FIELD(latency_result, why_unknown), .meaning = "of trials: why there are quantiles that they cannot know"},
    {.key = NULL},
};

const field latency_fields[] = {
    {FIELD_SAME(latency_value_fields)},
    {FIELD_INSIDE("cdf", latency_result, cdf, cdf_fields), .meaning = "the law as a curve"},
    {FIELD_INSIDE("tail", latency_result, tail, tail_fields), .meaning = "its tail as a curve"},
    {.key = NULL},
};

/* ---- errors ---- */

static const field chance_fields[] = {
    {FIELD(error_chance, t), .unit = "s", .meaning = "deadline"},
    {FIELD(error_chance, missing), .meaning = "the error: parts of chunks that are missing then"},
    {FIELD(error_chance, p), .meaning = "its probability"},
    {.key = NULL},
};

const field error_fields[] = {
    {FIELD_LIST("t", error_result, t, count), .label = "t", .unit = "s", .meaning = "deadlines"},
    {FIELD_LIST("mse", error_result, mse, known), .label = "mse", .unit = "chunks",
     .meaning = "expected error of stopping then, per unit of chunk-gradient energy"},
    {FIELD_LIST("stderr", error_result, stderr_mse, known), .label = "std error", .digits = 3,
     .meaning = "standard error of a simulated mse; null where no trial had an error"},
    {FIELD_LIST("upper95", error_result, upper95, known), .label = "at most", .digits = 3,
     .meaning = "where no trial had an error: upper limit of the mse with confidence 0.95"},
    {FIELD_LIST("nmse", error_result, nmse, known), .label = "nmse", .meaning = "mse over chunks times parts"},
    {FIELD_LIST("mean_norm", error_result, mean_norm, known), .label = "mean norm",
     .meaning = "mean of the square root of the error, simulated"},
    {FIELD_LIST("mean_norm_stderr", error_result, mean_norm_stderr, known), .meaning = "standard error of mean_norm"},
    {FIELD_LIST("error_trials", error_result, error_trials, known), .meaning = "trials with an error that is not 0"},
    {FIELD_LIST("error_max", error_result, error_max, known), .meaning = "largest error of a trial"},
    {FIELD(error_result, trials), .meaning = "trials behind the error; null: exact"},
    {FIELD(error_result, method), .meaning = "how the error was found"},
    {FIELD_LIST("partial_mse", error_result, partial_mse, partial), .label = "partial", .unit = "chunks",
     .meaning = "nested: what the decoder of partial(l=1) misses on the same progress"},
    {FIELD_LIST("partial_nmse", error_result, partial_nmse, partial), .meaning = "the same over chunks times parts"},
    {FIELD(error_result, partial_method), .meaning = "nested: how partial_mse was found"},
    {FIELD_LIST("no_error", error_result, no_error, spread), .label = "P(no error)",
     .meaning = "probability that nothing is missing, where the distribution of the error is known"},
    {FIELD_ROWS("distribution", error_result, chance, chances, chance_fields),
     .meaning = "the distribution of the error: of each deadline all but 1e-12 on either side; null: not known"},
    {.key = NULL},
};

/* ---- work ---- */

static double per_worker(const void *result)
{
  const work_result *work = result;
  return work->chunks / work->workers;
}

static double floats_over_dim(const void *result)
{
  const work_result *work = result;
  return work->messages / work->parts;
}

static double floats_stderr(const void *result)
{
  const work_result *work = result;
  return work->messages_stderr / work->parts;
}

static double signals_of(const void *result)
{
  const work_result *work = result;
  return work->signals ? work->chunks : NAN;
}

static double signals_per_worker(const void *result)
{
  const work_result *work = result;
  return work->signals ? per_worker(work) : NAN;
}

static void work_print(FILE *text, const void *result)
{
  const work_result *work = result;
  double least = HUGE_VAL, most = 0.0;
  for (int32_t j = 0; work->of_worker != NULL && j < work->workers; j++) {
    least = fmin(least, work->of_worker[j]);
    most = fmax(most, work->of_worker[j]);
  }
  fields_line(text, "chunks computed", "%.9g", work->chunks);
  if (isfinite(work->chunks_stderr))
    fprintf(text, " +- %.2g", work->chunks_stderr);
  fprintf(text, ", %.6g per worker", per_worker(work));
  if (most > least)
    fprintf(text, " (from %.6g to %.6g)", least, most);
  fputs(work->signals ? ", and as many signals\n" : "\n", text);
}

const field work_fields[] = {
    {FIELD(work_result, chunks), .unit = "chunks", .phrase = work_print,
     .meaning = "chunk gradients that all workers have computed until the iteration ends"},
    {FIELD(work_result, chunks_stderr), .meaning = "standard error of it; null: exact, or a replay"},
    {FIELD(work_result, abs_error), .meaning = "numerical error of it, where it is exact"},
    {FIELD_WORKED_OUT("chunks_per_worker", per_worker), .meaning = "the same per worker"},
    {FIELD_LIST("chunks_of_worker", work_result, of_worker, workers), .meaning = "of each worker"},
    {FIELD_WORKED_OUT("signals", signals_of),
     .meaning = "progress signals sent: as many as chunks computed; null: only whole workers count, none are sent"},
    {FIELD_WORKED_OUT("signals_per_worker", signals_per_worker), .meaning = "the same per worker"},
    {FIELD(work_result, messages), .label = "messages", .digits = 6,
     .meaning = "messages that the decoder reads, each of dim / parts numbers"},
    {FIELD(work_result, messages_stderr), .meaning = "standard error of it"},
    {FIELD_WORKED_OUT("floats_over_dim", floats_over_dim), .meaning = "numbers that the decoder reads, over dim"},
    {FIELD_WORKED_OUT("floats_over_dim_stderr", floats_stderr), .meaning = "standard error of it"},
    {FIELD(work_result, method), .meaning = "how the work was found"},
    {.key = NULL},
};

/* ---- all of it ---- */

static const field histogram_fields[] = {
    {FIELD_LIST("edges", histogram_result, edge, edges), .unit = "s", .meaning = "edges of the bins"},
    {FIELD_LIST("counts", histogram_result, count, bins), .meaning = "trials in each bin"},
    {FIELD_LIST("probability", histogram_result, probability, bins),
     .meaning = "exact probability of each bin, where it is known (validate)"},
    {FIELD(histogram_result, beyond), .meaning = "trials beyond the last edge"},
    {.key = NULL},
};

static void print_latency_heading(FILE *text, const void *result)
{
  const law_result *law = result;
  fprintf(text, "\ncompletion time in seconds%s, ", law->latency.model != NULL ? " of the working model" : "");
  if (latency_is_replayed(&law->latency)) {
    fprintf(text, "as measured in %lld iterations", (long long)law->latency.iterations);
    if (law->trials != law->latency.iterations)
      fprintf(text, " (%lld trials)", (long long)law->trials);
    fputc('\n', text);
  } else if (law->trials >= 0)
    fprintf(text, "simulated (%lld trials)\n", (long long)law->trials);
  else
    fprintf(text, "%s (%s)\n", law->latency.quantiles.value != NULL ? "exact" : "between rigorous bounds",
            law->latency.method);
}

/* Without --at the curve is for plots; a table was not asked for. */
static bool has_deadlines(const void *result)
{
  const law_result *law = result;
  return law->head.cluster != NULL && law->head.cluster->time_count > 0 && law->error != NULL;
}

static void print_by_heading(FILE *text, const void *result)
{
  const law_result *law = result;
  fprintf(text, "\ndone by a time, and the mean cost of an iteration that is given up then, %s\n",
          law->trials >= 0 ? "simulated" : law->by->p != NULL ? "exact" : "between rigorous bounds");
}

static void print_error_heading(FILE *text, const void *result)
{
  const error_result *error = ((const law_result *)result)->error;
  fputs("\nerror of stopping at a deadline", text);
  if (error->partial_method != NULL) {
    fputs(": the best nested combination", text);
    if (error->trials > 0)
      fprintf(text, ", simulated (%lld trials)", (long long)error->trials);
    fprintf(text, ",\nand the decoder of partial(l=1) on the same progress, %s\n", error->partial_method);
  } else if (error->mse == NULL)
    fputs(": simulated only (a least squares over the finished workers)\n", text);
  else
    fprintf(text, ", %s\n", error->trials >= 0 ? "simulated" : error->method);
}

static void print_work_heading(FILE *text, const void *result)
{
  const work_result *work = ((const law_result *)result)->work;
  fprintf(text, "\nwork of an iteration until it ends, %s\n", isfinite(work->abs_error) ? "exact" : "simulated");
}

const field law_fields[] = {
    {FIELD_INSIDE("latency", law_result, latency, latency_fields), .phrase = print_latency_heading,
     .meaning = "the law of the completion time"},
    {FIELD_BEHIND("by", law_result, by, by_fields), .columns = true, .phrase = print_by_heading,
     .meaning = "what is done by the times of --by"},
    {FIELD_BEHIND("error", law_result, error, error_fields), .columns = true,
     .when = has_deadlines, .phrase = print_error_heading, .meaning = "the error of stopping at deadlines"},
    {FIELD(law_result, trials), .meaning = "trials simulated; null: none"},
    {FIELD(law_result, never), .meaning = "trials that never ended"},
    {FIELD_BEHIND("work", law_result, work, work_fields),
     .phrase = print_work_heading, .meaning = "what an iteration costs"},
    {FIELD_BEHIND("histogram", law_result, histogram, histogram_fields),
     .meaning = "of the simulated completion times"},
    {.key = NULL},
};

const field law_whole_fields[] = {
    {FIELD_SAME(head_fields)},
    {FIELD_SAME(law_fields)},
    {.key = NULL},
};

void law_print_mean(FILE *text, const latency_result *analyzed, const latency_result *simulated)
{
  bool infinite = analyzed->mean_status == LAW_INFINITE;
  if (latency_is_replayed(simulated)) {
    if (!isfinite(simulated->mean))
      fputs("infinite", text);
    else if (isnan(simulated->mean_low))
      fprintf(text, "as measured %.6g", simulated->mean);
    else
      fprintf(text, "as measured %.6g, 95 %% interval %.6g to %.6g", simulated->mean, simulated->mean_low,
              simulated->mean_high);
    if (isfinite(simulated->mean) && latency_may_never_end(simulated))
      fputs(", given that it ends", text);
    return;
  }
  if (analyzed->mean_status == LAW_EXACT)
    fprintf(text, "exact %.9g", analyzed->mean);
  else if (infinite)
    fputs("infinite", text);
  else if (analyzed->mean_status == LAW_UNKNOWN)
    fputs("no law", text);
  else if (isfinite(analyzed->upper))
    fprintf(text, "bounds [%.9g, %.9g]", analyzed->lower, analyzed->upper);
  else
    fprintf(text, "bounds [%.9g, infinite)", analyzed->lower);
  if (isfinite(simulated->sample_mean))
    fprintf(text, ", simulated %.6g%s", simulated->sample_mean, infinite ? ", which says nothing" : "");
  if (isfinite(simulated->stderr_mean) && !infinite)
    fprintf(text, " +- %.2g", simulated->stderr_mean);
  if (!infinite && (latency_may_never_end(analyzed) || latency_may_never_end(simulated)))
    fputs(", given that it ends", text);
}

/* ---- decoding ---- */

static double largest_error(const void *result)
{
  const testudo_decode_report *decode = result;
  return decode->decodes > 0 ? decode->max_rel_error : NAN; /* an interrupted run may have decoded nothing */
}

static double largest_amplification(const void *result)
{
  const testudo_decode_report *decode = result;
  return decode->decodes > 0 ? decode->max_amplification : NAN;
}

const field decode_fields[] = {
    {FIELD(testudo_decode_report, decodes), .meaning = "trials that were decodable by rule"},
    {FIELD(testudo_decode_report, failures),
     .meaning = "of these, those that the decoder failed, or that missed max(1e-9, 100 eps amplification)"},
    {FIELD(testudo_decode_report, undecodable), .meaning = "trials that never became decodable"},
    {FIELD(testudo_decode_report, refused),
     .meaning = "of decodes, trials that the decoder refused as singular or badly conditioned"},
    {FIELD_WORKED_OUT("max_rel_error", largest_error), .meaning = "largest ||ghat - g|| / ||g||"},
    {FIELD_WORKED_OUT("max_amplification", largest_amplification), .meaning = "largest amplification"},
    {.key = NULL},
};

void decode_print(FILE *text, const testudo_decode_report *decode)
{
  fprintf(text, "\ndecoded with the real encoder and decoder: %lld trials, %lld failures, %lld undecodable\n",
          (long long)decode->decodes, (long long)decode->failures, (long long)decode->undecodable);
  if (decode->refused > 0)
    fprintf(text, "  the decoder REFUSED %lld of these: decodable by rule, but singular or badly conditioned\n",
            (long long)decode->refused);
  if (decode->decodes > 0)
    fprintf(text, "  largest relative error %.3g, largest amplification %.3g\n", decode->max_rel_error,
            decode->max_amplification);
}
