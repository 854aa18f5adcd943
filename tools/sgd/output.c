/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of testudo sgd as fields. */
#include <math.h>
#include <string.h>

#include "sgd/sgd.h"

const char *const sgd_source_words[] = {
    [TESTUDO_WAITING_EXACT] = "exact", [TESTUDO_WAITING_BOUND] = "bound", [TESTUDO_WAITING_SIMULATED] = "simulated",
    [TESTUDO_WAITING_INFINITE] = "infinite", [TESTUDO_WAITING_UNKNOWN] = "unknown", NULL};
static const char *const choose_words[] = {[CHOOSE_WAIT] = "wait", [CHOOSE_COMPRESSION] = "compression", NULL};

static const field band_fields[] = {
    {FIELD_LIST("mean", sgd_band_result, mean, count), .meaning = "mean over the runs, at the times"},
    {FIELD_LIST("low", sgd_band_result, low, count), .meaning = "lower end of the 95 % interval of the mean"},
    {FIELD_LIST("high", sgd_band_result, high, count), .meaning = "its upper end"},
    {.key = NULL},
};

static const field time_fields[] = {
    {FIELD(sgd_time_result, predicted), .unit = "s",
     .meaning = "seconds per update by a law; null: none is known"},
    {FIELD(sgd_time_result, predicted_low), .unit = "s", .meaning = "lower bound of it"},
    {FIELD(sgd_time_result, predicted_high), .unit = "s", .meaning = "upper bound of it"},
    {FIELD(sgd_time_result, simulated), .unit = "s",
     .meaning = "seconds per update as simulated"},
    {FIELD_AS("stderr", sgd_time_result, stderr_simulated), .unit = "s",
     .meaning = "standard error of that"},
    {FIELD_ENUM("status", sgd_time_result, status, sgd_source_words),
     .meaning = "what is known: exact, bound, infinite, by a law; simulated, where there is none; unknown"},
    {FIELD(sgd_time_result, method), .meaning = "how it was found"},
    {FIELD(sgd_time_result, fresh), .meaning = "share of gradients that are fresh (p0), simulated"},
    {FIELD(sgd_time_result, fresh_low), .meaning = "lower bound of p0 by theory"},
    {FIELD(sgd_time_result, fresh_high), .meaning = "upper bound of p0 by theory"},
    {FIELD(sgd_time_result, staleness), .unit = "updates", .meaning = "mean staleness of the gradients"},
    {.key = NULL},
};

static const field compression_fields[] = {
    {FIELD(sgd_compression_result, copies), .meaning = "copies of a chunk, on average"},
    {FIELD(sgd_compression_result, straggle), .meaning = "p, with which a worker straggles"},
    {FIELD(sgd_compression_result, spread),
     .meaning = "sum_i ||sum_k s_ik grad f_k / d_k||^2, the larger of those at the start and the optimum"},
    {FIELD(sgd_compression_result, variance),
     .meaning = "p / (1 - p) times that: variance of the uncompressed sum, if stragglers are independent"},
    {FIELD(sgd_compression_result, message_bits), .meaning = "bits of a message"},
    {FIELD_AS("updates_allowed", sgd_compression_result, updates), .meaning = "whole updates that --bits pay for"},
    {FIELD(sgd_compression_result, contraction), .meaning = "delta that holds for every vector"},
    {FIELD(sgd_compression_result, contraction_typical),
     .meaning = "delta of independent normal numbers on average, a working model"},
    {FIELD_AS("gradient_bound", sgd_compression_result, bound),
     .meaning = "bound of the mean of ||grad F||^2 after these updates, with the guaranteed delta"},
    {FIELD_AS("gradient_bound_typical", sgd_compression_result, bound_typical),
     .meaning = "the same with the typical one: a working model, no bound"},
    {.key = NULL},
};

static const field assumed_fields[] = {
    {FIELD(testudo_assumptions, smoothness),
     .meaning = "L: the largest eigenvalue of X'X/n, of logistic a quarter and of softmax half of it, and ridge"},
    {FIELD(testudo_assumptions, convexity),
     .meaning = "c: of least squares the least eigenvalue above 0, and ridge; otherwise ridge alone"},
    {FIELD(testudo_assumptions, variance),
     .meaning = "sigma^2: of one sample, the larger of those at the start and the optimum (0 without --batch), and what"
                " an average of fewer than all workers adds"},
    {FIELD(testudo_assumptions, batch), .meaning = "m: samples of a mini-batch; 1 without --batch"},
    {FIELD(testudo_assumptions, wait), .meaning = "K: gradients per update"},
    {FIELD(testudo_assumptions, step), .meaning = "eta"},
    {FIELD(testudo_assumptions, gap), .meaning = "F(w_0) - F*; with F* = 0 where the optimum is not known"},
    {FIELD_AS("gamma", testudo_assumptions, staleness), .meaning = "--gamma, of Theorems 3 and 5 with stale gradients"},
    {FIELD(testudo_assumptions, fresh), .meaning = "p0: the lower bound by the law of the tasks"},
    {.key = NULL},
};

#define SGD_CURVE(name, quantity, text)                                                                                \
  {                                                                                                                    \
    .key = name, .at = offsetof(sgd_run_result, curve) + quantity * sizeof(const double *), .kind = FIELD_REALS,       \
    FIELD_COUNTED(sgd_run_result, count), .meaning = text                                                              \
  }

static const field run_fields[] = {
    {FIELD(sgd_run_result, seed), .meaning = "what everything of this run is drawn from"},
    {FIELD_AS("updates_done", sgd_run_result, updates), .meaning = "updates in all"},
    {FIELD(sgd_run_result, lost), .meaning = "iterations in which nothing could be decoded"},
    {FIELD(sgd_run_result, failed), .meaning = "of these, in which all workers failed: they take no time"},
    {FIELD(sgd_run_result, stuck), .meaning = "did failures keep a further update from ever coming?"},
    {FIELD(sgd_run_result, ended), .unit = "s", .meaning = "time of the last update"},
    SGD_CURVE("loss", TESTUDO_SGD_LOSS, "loss at the times"),
    SGD_CURVE("distance", TESTUDO_SGD_DISTANCE, "distance to the optimum at the times"),
    SGD_CURVE("accuracy", TESTUDO_SGD_ACCURACY, "accuracy at the times"),
    SGD_CURVE("updates", TESTUDO_SGD_UPDATES, "updates so far"),
    SGD_CURVE("bits", TESTUDO_SGD_BITS, "bits that have arrived"),
    SGD_CURVE("wait", TESTUDO_SGD_WAIT, "K of the update under way; 0 of a design"),
    SGD_CURVE("gradient", TESTUDO_SGD_GRADIENT, "mean of ||grad F||^2 over the updates so far"),
    SGD_CURVE("variance", TESTUDO_SGD_VARIANCE, "by formula: what stragglers add to a sum of codes"),
    SGD_CURVE("followed", TESTUDO_SGD_BOUND, "Theorem 4 for the steps so far"),
    {.key = NULL},
};

static const field method_fields[] = {
    {FIELD_AS("method", sgd_method_result, text), .meaning = "METHOD as asked for"},
    {FIELD(sgd_method_result, kind), .meaning = "its name"},
    {FIELD(sgd_method_result, design), .meaning = "file of its design; null: made by the command, or none"},
    {FIELD(sgd_method_result, model), .meaning = "working model where the method is one of ours"},
    {FIELD(sgd_method_result, step), .meaning = "step size"},
    {FIELD_AS("wait_for", sgd_method_result, wait), .meaning = "how many an update waits for; 0: a design's own rule"},
    {FIELD_INSIDE("time_per_update", sgd_method_result, update_time, time_fields)},
    {FIELD_INSIDE("compression", sgd_method_result, compression, compression_fields),
     .meaning = "what --choose compression goes by; otherwise its numbers are null"},
    {FIELD(sgd_method_result, last_updates), .meaning = "mean number of updates at the last time"},
    {FIELD(sgd_method_result, last_bits), .meaning = "mean number of bits arrived at the last time"},
    {FIELD(sgd_method_result, last_loss), .meaning = "mean loss at the last time"},
    {FIELD(sgd_method_result, last_low), .meaning = "lower end of its 95 % interval"},
    {FIELD(sgd_method_result, last_high), .meaning = "upper end of its 95 % interval"},
    {FIELD(sgd_method_result, last_accuracy), .meaning = "mean accuracy at the last time"},
    {FIELD(sgd_method_result, time_to_target), .unit = "s",
     .meaning = "when the mean loss is at most --target for good; null: not yet"},
    {FIELD(sgd_method_result, bits_to_target), .meaning = "mean number of bits that have arrived by then"},
    {FIELD(sgd_method_result, bound_to_target), .unit = "s",
     .meaning = "when the bound is at most --target; null: never, or no bound"},
    {FIELD(sgd_method_result, last_bound), .meaning = "the bound at the last time; null: none"},
    {FIELD(sgd_method_result, lost), .meaning = "iterations of all runs in which nothing could be decoded"},
    {FIELD(sgd_method_result, failed), .meaning = "of these, in which all workers failed: they take no time"},
    {FIELD(sgd_method_result, stuck),
     .meaning = "runs that ended early, because failures keep a further update from ever coming"},
    {FIELD(sgd_method_result, runs), .meaning = "runs that are done"},
    {FIELD_LIST("time", sgd_method_result, time, count), .unit = "s", .meaning = "times of the curves"},
    {FIELD_INSIDE("loss", sgd_method_result, loss, band_fields), .meaning = "F(w)"},
    {FIELD_INSIDE("distance", sgd_method_result, distance, band_fields), .meaning = "distance to the optimum"},
    {FIELD_INSIDE("accuracy", sgd_method_result, accuracy, band_fields),
     .meaning = "share of samples whose class is found"},
    {FIELD_INSIDE("gradient", sgd_method_result, gradient, band_fields),
     .meaning = "mean of ||grad F||^2 over the updates so far, by the trapezoidal rule from the recorded times"},
    {FIELD_LIST("variance", sgd_method_result, variance, count),
     .meaning = "of sums of codes: p / (1 - p) sum_i ||sum_k s_ik grad f_k / d_k||^2 at w, full gradients, before"
                " compression"},
    {FIELD_LIST("updates", sgd_method_result, updates, count), .meaning = "mean number of updates so far"},
    {FIELD_LIST("bits", sgd_method_result, bits, count), .meaning = "mean number of bits that have arrived"},
    {FIELD_LIST("wait", sgd_method_result, waits, count), .meaning = "mean K of the update under way"},
    {FIELD_LIST("bound", sgd_method_result, bound, count), .meaning = "error bound of the loss, where there is one"},
    {FIELD(sgd_method_result, bound_source), .meaning = "which bound, or why there is none"},
    {FIELD_LIST("gradient_bound", sgd_method_result, gradient_bound, count),
     .meaning = "Theorem 5: bound of gradient"},
    {FIELD(sgd_method_result, gradient_bound_source), .meaning = "the same, or why there is none"},
    {FIELD_INSIDE("assumed", sgd_method_result, assumed, assumed_fields),
     .meaning = "the constants of the bounds, M_G being 0; its numbers are null where nothing bounds the method"},
    {FIELD_ROWS("runs_done", sgd_method_result, run, run_count, run_fields), .meaning = "each run"},
    {.key = NULL},
};

static const field data_fields[] = {
    {FIELD(sgd_data_result, source), .meaning = "file, or synthetic"},
    {FIELD(sgd_data_result, loss), .meaning = "what is minimised"},
    {FIELD(sgd_data_result, samples), .meaning = "samples"},
    {FIELD(sgd_data_result, features), .meaning = "features"},
    {FIELD(sgd_data_result, classes), .meaning = "classes; 0: labels are values"},
    {FIELD(sgd_data_result, dim), .meaning = "parameters"},
    {FIELD(sgd_data_result, ridge), .meaning = "mu"},
    {FIELD(sgd_data_result, label_skew), .meaning = "how far workers differ in labels, 0 to 1"},
    {FIELD(sgd_data_result, feature_shift), .meaning = "how far workers differ in features"},
    {FIELD(sgd_data_result, optimum), .meaning = "F*, the least loss; null: not known"},
    {FIELD(sgd_data_result, start_loss), .meaning = "F(0)"},
    {FIELD(sgd_data_result, smoothness), .meaning = "L, or an upper bound of it"},
    {FIELD(sgd_data_result, convexity), .meaning = "c, or a lower bound of it"},
    {FIELD(sgd_data_result, variance),
     .meaning = "sigma^2 of one sample, the larger of those at the start and the optimum"},
    {.key = NULL},
};

static bool is_trained(const void *result)
{
  return ((const sgd_result *)result)->data.samples > 0;
}

static void data_print(FILE *text, const void *result)
{
  const sgd_data_result *data = &((const sgd_result *)result)->data;
  fields_line(text, "data", "%s, %s: %lld samples, %lld parameters", data->source, data->loss,
              (long long)data->samples, (long long)data->dim);
  if (data->label_skew > 0.0)
    fprintf(text, ", label skew %g", data->label_skew);
  if (data->feature_shift > 0.0)
    fprintf(text, ", feature shift %g", data->feature_shift);
  if (isfinite(data->optimum))
    fprintf(text, "; loss %.6g at the start, %.6g at the optimum", data->start_loss, data->optimum);
  fputc('\n', text);
}

static void delay_line(FILE *text, const void *result)
{
  const sgd_result *all = result;
  fields_label(text, "delay");
  delay_print(text, &all->delay);
  fprintf(text, "; %lld workers", (long long)all->workers);
  if (all->blocks > 1)
    fprintf(text, ", %lld blocks", (long long)all->blocks);
  fputc('\n', text);
}

static bool was_interrupted(const void *result)
{
  return ((const sgd_result *)result)->interrupted;
}

static void interrupted_print(FILE *text, const void *result)
{
  const sgd_result *all = result;
  int64_t least = INT64_MAX, most = 0;
  if (!is_trained(result)) {
    fputs("interrupted: methods without numbers are not timed\n", text);
    return;
  }
  for (size_t m = 0; m < all->methods; m++) {
    least = all->method[m].runs < least ? all->method[m].runs : least;
    most = all->method[m].runs > most ? all->method[m].runs : most;
  }
  fprintf(text, "interrupted: these numbers are of the runs that are done, %lld to %lld per method\n",
          (long long)least, (long long)most);
}

static bool has_target(const void *result)
{
  return isfinite(((const sgd_result *)result)->target);
}

/* As wide as the longest method, up to a limit. */
static int methods_width(const sgd_result *all)
{
  size_t width = 16;
  for (size_t m = 0; m < all->methods; m++)
    width = strlen(all->method[m].text) > width ? strlen(all->method[m].text) : width;
  return width < 64 ? (int)width : 64;
}

/* A blank and a number in so many columns; "-" where there is none. */
static void put_number(FILE *text, int width, int digits, double x)
{
  if (isfinite(x))
    fprintf(text, " %*.*g", width, digits, x);
  else
    fprintf(text, " %*s", width, "-");
}

/* What failures did to the time axis and to the length of the runs. */
static void failures_print(FILE *text, const sgd_result *all, int width)
{
  for (size_t m = 0; m < all->methods; m++) {
    const sgd_method_result *row = &all->method[m];
    if (row->failed > 0)
      fprintf(text, "  %-*s all workers failed in %lld iterations, which change nothing and take no time here\n", width,
              row->text, (long long)row->failed);
    if (row->stuck > 0)
      fprintf(text, "  %-*s %lld of %lld runs ended early: failures leave too few workers for a further update\n",
              width, row->text, (long long)row->stuck, (long long)row->runs);
  }
}

static double last_of(const double *curve, int64_t count)
{
  return curve == NULL ? NAN : curve[count - 1];
}

/* Bounds at the last time beside what was simulated, and with which constants; or why there is none. */
static void bounds_print(FILE *text, const sgd_result *all, int width)
{
  fputs("\nbounds at the last time, what was simulated in brackets\n", text);
  for (size_t m = 0; m < all->methods; m++) {
    const sgd_method_result *row = &all->method[m];
    const testudo_assumptions *with = &row->assumed;
    fprintf(text, "  %-*s ", width, row->text);
    if (row->bound != NULL)
      fprintf(text, "loss <= %.5g (%.5g): ", last_of(row->bound, row->count), row->last_loss);
    fprintf(text, "%s\n", row->bound_source);
    if (row->gradient_bound != NULL)
      fprintf(text, "  %-*s mean ||grad F||^2 <= %.4g (%.4g): %s\n", width, "",
              last_of(row->gradient_bound, row->count), last_of(row->gradient.mean, row->gradient.count),
              row->gradient_bound_source);
    if (row->bound == NULL && row->gradient_bound == NULL)
      continue;
    fprintf(text, "  %-*s L %.4g, c %.4g, sigma^2 %.4g, m %lld, K %lld, eta %.4g, F(w_0) - F* %.4g", width, "",
            with->smoothness, with->convexity, with->variance, (long long)with->batch, (long long)with->wait,
            with->step, with->gap);
    if (isfinite(with->staleness))
      fprintf(text, ", gamma %.4g", with->staleness);
    if (isfinite(with->fresh))
      fprintf(text, ", p0 %.4g", with->fresh);
    fputc('\n', text);
  }
}

/* The columns of the text that say something. */
static void methods_print(FILE *text, const void *result)
{
  const sgd_result *all = result;
  bool trained = is_trained(result);
  int width = methods_width(all);
  fprintf(text, "\n%-*s %9s %10s %10s", width, "method", "source", "s/update", "simulated");
  if (trained)
    fprintf(text, " %9s %11s %11s %11s %9s", "updates", "loss", "from", "to", "bits");
  else
    fprintf(text, " %9s %7s %9s", "+-", "p0", "staleness");
  if (has_target(result))
    fprintf(text, " %10s", "to target");
  fputc('\n', text);
  for (size_t m = 0; m < all->methods; m++) {
    const sgd_method_result *row = &all->method[m];
    const sgd_time_result *time = &row->update_time;
    char predicted[32] = "-";
    if (isfinite(time->predicted))
      snprintf(predicted, sizeof predicted, "%.5g", time->predicted);
    else if (isfinite(time->predicted_high))
      snprintf(predicted, sizeof predicted, "<=%.5g", time->predicted_high);
    fprintf(text, "%-*s %9s %10s", width, row->text, sgd_source_words[time->status], predicted);
    put_number(text, 10, 5, time->simulated);
    put_number(text, 9, trained ? 6 : 2, trained ? row->last_updates : time->stderr_simulated);
    if (trained) {
      put_number(text, 11, 6, row->last_loss);
      put_number(text, 11, 6, row->last_low);
      put_number(text, 11, 6, row->last_high);
      put_number(text, 9, 3, row->last_bits);
    } else {
      put_number(text, 7, 4, time->fresh);
      put_number(text, 9, 4, time->staleness);
    }
    if (has_target(result))
      put_number(text, 10, 5, row->time_to_target);
    if (row->lost > 0)
      fprintf(text, "  (%lld iterations lost)", (long long)row->lost);
    fputc('\n', text);
  }
  failures_print(text, all, width);
  if (!trained) {
    fputs("\nhow the times were found\n", text);
    for (size_t m = 0; m < all->methods; m++)
      if (all->method[m].update_time.method != NULL)
        fprintf(text, "  %-*s %s\n", width, all->method[m].text, all->method[m].update_time.method);
    return;
  }
  if (all->choose != CHOOSE_COMPRESSION)
    bounds_print(text, all, width);
}

static bool has_choice(const void *result)
{
  const sgd_result *all = result;
  return all->choose >= 0 || all->choice != NULL;
}

static void formula_print(FILE *text, const sgd_result *all)
{
  int width = methods_width(all);
  fprintf(text, "\ncopies and compression for %.6g bits, by formula\n%-*s %7s %9s %10s %9s %9s %10s %10s\n", all->bits,
          width, "method", "copies", "p", "variance", "message", "updates", "bound", "typical");
  for (size_t m = 0; m < all->methods; m++) {
    const sgd_compression_result *row = &all->method[m].compression;
    fprintf(text, "%-*s", width, all->method[m].text);
    put_number(text, 7, 4, row->copies);
    put_number(text, 9, 4, row->straggle);
    put_number(text, 10, 4, row->variance);
    put_number(text, 9, 9, row->message_bits);
    put_number(text, 9, 9, row->updates);
    put_number(text, 10, 4, row->bound);
    put_number(text, 10, 4, row->bound_typical);
    fputc('\n', text);
  }
  fputs("  bound: of the mean of ||grad F||^2, with the contraction that always holds, if stragglers are independent\n"
        "  and the spread nowhere above those at the start and the optimum; typical: with that of normal numbers,\n"
        "  a working model", text);
  fputs(all->batch > 0 ? ". Neither has the noise of mini-batches in it.\n" : ".\n", text);
}

static void choice_print(FILE *text, const void *result)
{
  const sgd_result *all = result;
  bool bits = all->choose == CHOOSE_COMPRESSION;
  if (bits)
    formula_print(text, all);
  fputc('\n', text);
  const char *simulated = all->choice == NULL ? "none" : all->choice;
  bool target = !bits && has_target(result);
  fields_line(text, target ? "first at target" : "least loss", "%s (simulated)\n", simulated);
  const char *none = target ? "none: no bound reaches the target" : "none has a bound";
  fields_line(text, "by the bound", "%s%s\n", all->choice_by_bound == NULL ? none : all->choice_by_bound,
              all->choice_by_bound == NULL ? "" : target ? " (the first whose bound is there)" : " (least bound)");
  if (bits)
    fields_line(text, "by the model", "%s (typical contraction)\n",
                all->choice_by_model == NULL ? "none" : all->choice_by_model);
}

const field sgd_fields[] = {
    {FIELD(sgd_result, command), .meaning = "the command that made it"},
    {FIELD(sgd_result, version), .meaning = "of the program"},
    {FIELD(sgd_result, seed), .meaning = "of the first run"},
    {FIELD(sgd_result, workers), .meaning = "P"},
    {FIELD(sgd_result, blocks), .meaning = "of a mini-batch"},
    {FIELD(sgd_result, batch), .meaning = "samples of a mini-batch; 0: all of a worker's"},
    {FIELD(sgd_result, bandwidth), .unit = "floats/s", .meaning = "null: messages as --message says"},
    {FIELD(sgd_result, target), .meaning = "--target, a loss"},
    {FIELD_INSIDE("delay", sgd_result, delay, delay_fields), .phrase = delay_line, .meaning = "the delay model"},
    {FIELD_INSIDE("data", sgd_result, data, data_fields), .when = is_trained, .phrase = data_print,
     .meaning = "what is learned"},
    {FIELD(sgd_result, interrupted), .when = was_interrupted, .phrase = interrupted_print,
     .meaning = "are runs missing?"},
    {FIELD_LIST("time", sgd_result, time, count), .unit = "s", .meaning = "times of all curves"},
    {FIELD_ROWS("methods", sgd_result, method, methods, method_fields), .phrase = methods_print,
     .meaning = "a row per method"},
    {FIELD_LIST("best", sgd_result, best_index, best_count),
     .meaning = "at each time, the number of the method of least mean loss, from 0"},
    {FIELD(sgd_result, bits), .meaning = "--bits"},
    {FIELD_ENUM("choose", sgd_result, choose, choose_words),
     .meaning = "what was chosen: wait, compression; null: nothing"},
    {FIELD(sgd_result, choice), .when = has_choice, .phrase = choice_print,
     .meaning = "as simulated: the method that reaches --target first; without, that of least last loss"},
    {FIELD(sgd_result, choice_by_bound),
     .meaning = "the method whose bound is first at --target; without, that of the least bound"},
    {FIELD(sgd_result, choice_by_model), .meaning = "of --choose compression, by the typical contraction"},
    {.key = NULL},
};
