/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is learned: a file or synthetic data, split over the workers. */
#include <math.h>

#include "base/error.h"
#include "common/session.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

const cli_option sgd_data_options[] = {
    {.name = "data", .value = "FILE", .kind = CLI_FILE, .heading = "Data",
     .help = "Samples: a CSV where the name ends in .csv, otherwise LIBSVM's text. Without, they are synthetic."
             " Labels of classes may be texts in a CSV."},
    {.name = "label", .value = "COLUMN", .kind = CLI_TEXT, .preset = "the last",
     .help = "Column of the labels in a CSV, by name or number from 1."},
    {.name = "loss", .value = "WORD", .kind = CLI_CHOICE, .choices = "least-squares logistic softmax",
     .preset = "least-squares", .help = "What is minimised, on average over the samples."},
    {.name = "ridge", .value = "mu", .kind = CLI_REAL, .least = 0, .most = 1e100, .preset = "0",
     .help = "Regulariser: mu/2 times the squared norm of the parameters is added."},
    {.name = "standardise", .kind = CLI_FLAG, .help = "Move and scale every feature to mean 0 and variance 1."},
    {.name = "bias", .kind = CLI_FLAG, .help = "Add a feature that is always 1."},
    {.name = "samples", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 100000000, .preset = "1000",
     .help = "Synthetic samples."},
    {.name = "features", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1000000, .preset = "10",
     .help = "Features of synthetic samples."},
    {.name = "classes", .value = "n", .kind = CLI_INTEGER, .least = 2, .most = 1000, .preset = "2",
     .help = "Classes of synthetic samples, with --loss logistic (2) or softmax."},
    {.name = "condition", .value = "x", .kind = CLI_REAL, .least = 1, .most = 1e15, .preset = "10",
     .help = "Condition number of the covariance of synthetic features."},
    {.name = "noise", .value = "x", .kind = CLI_REAL, .least = 0, .most = 1e100, .preset = "1",
     .help = "Standard deviation of the noise of synthetic labels, with --loss least-squares."},
    {.name = "label-skew", .value = "x", .kind = CLI_REAL, .least = 0, .most = 1, .preset = "0",
     .help = "That part of the samples is given to workers in the order of labels; 0: workers are alike."},
    {.name = "feature-shift", .value = "x", .kind = CLI_REAL, .least = 0, .most = 1e100, .preset = "0",
     .help = "The features of every worker are moved by a vector of this length."},
    {.name = "batch", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 100000000, .preset = "all of a worker's",
     .help = "Samples of a worker's mini-batch, drawn with replacement."},
    {.name = "blocks", .value = "b", .kind = CLI_INTEGER, .least = 1, .most = 1000000, .preset = "1",
     .help = "Blocks that a mini-batch is cut into: a draw of --delay is the time of one, unless --unit is share."
             " Designs have the chunks that they have."},
    {.name = NULL},
};

static testudo_status make_data(cli_sgd *sgd, testudo_loss loss, testudo_error *error)
{
  static const char *const synthetic_only[] = {"samples", "features", "classes", "condition", "noise"};
  const cli_arguments *arguments = sgd->arguments;
  const char *file = cli_get(arguments, "data")->file;
  bool values = loss == TESTUDO_LOSS_LEAST_SQUARES;
  testudo_labels labels = values ? TESTUDO_LABELS_REAL : TESTUDO_LABELS_CLASSES;
  if (file == NULL) {
    if (cli_given(arguments, "label"))
      return cli_refuse(error, "--label applies to --data FILE.csv only");
    if (values && cli_given(arguments, "classes"))
      return cli_refuse(error, "--classes applies to --loss logistic and softmax only");
    if (!values && cli_given(arguments, "noise"))
      return cli_refuse(error, "--noise applies to --loss least-squares only");
    testudo_synthetic synthetic = {.samples = (int32_t)cli_integer(arguments, "samples", 1000),
                                   .features = (int32_t)cli_integer(arguments, "features", 10),
                                   .classes = values ? 0 : (int32_t)cli_integer(arguments, "classes", 2),
                                   .condition = cli_real(arguments, "condition", 10.0), .signal = values ? 1.0 : 2.0,
                                   .noise = values ? cli_real(arguments, "noise", 1.0) : 0.0,
                                   .seed = sgd->cluster.seed};
    if (synthetic.features == 1)
      synthetic.condition = 1.0;
    return testudo_data_make(&synthetic, &sgd->data, error);
  }
  for (size_t k = 0; k < sizeof synthetic_only / sizeof *synthetic_only; k++)
    if (cli_given(arguments, synthetic_only[k]))
      return cli_refuse(error, "--%s applies to synthetic data only, not to --data", synthetic_only[k]);
  if (cli_ending(file, ".csv") == 0)
    return testudo_data_read_csv(file, labels, cli_text(arguments, "label", NULL), &sgd->data, error);
  if (cli_given(arguments, "label"))
    return cli_refuse(error, "--label applies to --data FILE.csv only");
  return testudo_data_read_libsvm(file, labels, 0, &sgd->data, error);
}

/* How far the mean gradients of the workers are from that of all samples: the larger of what is measured. */
static testudo_status measure_between(cli_sgd *sgd, const double *w, testudo_error *error)
{
  size_t dim = testudo_problem_dim(sgd->problem);
  int32_t workers = sgd->cluster.workers;
  double *all = testudo_i_arena_alloc(&sgd->arena, dim, sizeof *all), sum = 0.0;
  double *own = testudo_i_arena_alloc(&sgd->arena, dim, sizeof *own);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  testudo_problem_work *work = NULL;
  TESTUDO_I_TRY(testudo_problem_work_create(sgd->problem, &work, error));
  testudo_problem_gradient_range(sgd->problem, work, w, 0, testudo_problem_samples(sgd->problem), all);
  for (int32_t j = 0; j < workers; j++) {
    testudo_problem_gradient_range(sgd->problem, work, w, sgd->first[j], sgd->first[j + 1] - sgd->first[j], own);
    for (size_t i = 0; i < dim; i++)
      sum += (own[i] - all[i]) * (own[i] - all[i]);
  }
  testudo_problem_work_free(work);
  sgd->between = fmax(sgd->between, sum / workers);
  return TESTUDO_OK;
}

static testudo_status solve_problem(cli_sgd *sgd, testudo_error *error)
{
  testudo_optimum optimum;
  size_t dim = testudo_problem_dim(sgd->problem);
  sgd->optimum = testudo_i_arena_alloc(&sgd->arena, dim, sizeof *sgd->optimum);
  double *zero = testudo_i_arena_calloc(&sgd->arena, dim, sizeof *zero);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  const testudo_monitor *monitor = session_progress_start("solving", sgd->arguments);
  testudo_error why;
  testudo_status status =
      session_progress_end(testudo_problem_solve(sgd->problem, monitor, sgd->optimum, &optimum, &why));
  bool unknown = status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT;
  double least = unknown ? 0.0 : optimum.value; /* no loss here is below 0 */
  if (unknown)
    session_say(sgd->arguments, "no optimum: %s", why.text);
  else if (status != TESTUDO_OK) {
    if (error != NULL)
      *error = why;
    return status;
  }
  if (unknown)
    sgd->optimum = NULL;
  sgd->result.data.optimum = unknown ? NAN : optimum.value;
  TESTUDO_I_TRY(testudo_problem_measure(sgd->problem, zero, least, &sgd->constants, error));
  if (!(sgd->constants.smooth > 0.0))
    return cli_refuse(error, "every feature is 0 in every sample, so that there is nothing to learn");
  TESTUDO_I_TRY(measure_between(sgd, zero, error));
  if (unknown)
    return TESTUDO_OK;
  TESTUDO_I_TRY(measure_between(sgd, sgd->optimum, error));
  testudo_problem_constants there;
  TESTUDO_I_TRY(testudo_problem_measure(sgd->problem, sgd->optimum, optimum.value, &there, error));
  sgd->constants.noise = fmax(sgd->constants.noise, there.noise);
  return TESTUDO_OK;
}

enum { MOST_GRAM = 4096 };

testudo_status sgd_take_gram(cli_sgd *sgd, testudo_error *error)
{
  int32_t workers = sgd->cluster.workers;
  size_t entries = (size_t)workers * (size_t)workers, dim = testudo_problem_dim(sgd->problem);
  if (sgd->gram[0] != NULL)
    return TESTUDO_OK;
  if (workers > MOST_GRAM)
    return cli_refuse(error, "copies by the gradients of the workers are supported for up to %d workers", MOST_GRAM);
  double *zero = testudo_i_arena_calloc(&sgd->arena, dim, sizeof *zero);
  for (int k = 0; k < 2 && (k == 0 || sgd->optimum != NULL); k++)
    sgd->gram[k] = testudo_i_arena_alloc(&sgd->arena, entries, sizeof **sgd->gram);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  const double *at[2] = {zero, sgd->optimum};
  const testudo_monitor *monitor = session_progress_start("gradients of the workers", sgd->arguments);
  for (int k = 0; k < 2 && sgd->gram[k] != NULL; k++)
    TESTUDO_I_TRY(session_progress_end(
        testudo_i_chunk_gram(sgd->problem, sgd->first, workers, at[k], monitor, sgd->gram[k], error)));
  return TESTUDO_OK;
}

size_t sgd_dim(const cli_sgd *sgd)
{
  return sgd->runtime ? (size_t)cli_integer(sgd->arguments, "dim", 10) : testudo_problem_dim(sgd->problem);
}

testudo_status sgd_take_data(cli_sgd *sgd, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  testudo_loss loss = (testudo_loss)cli_choice(arguments, "loss", TESTUDO_LOSS_LEAST_SQUARES);
  sgd_data_result *result = &sgd->result.data;
  int32_t workers = sgd->cluster.workers;
  TESTUDO_I_TRY(make_data(sgd, loss, error));
  if (cli_given(arguments, "standardise"))
    testudo_data_standardise(sgd->data);
  if (cli_given(arguments, "bias"))
    TESTUDO_I_TRY(testudo_data_add_bias(sgd->data, error));
  if (sgd->data->samples < workers)
    return cli_refuse(error, "%d samples for %d workers: every worker needs one", (int)sgd->data->samples,
                      (int)workers);
  testudo_split split = {workers, cli_real(arguments, "label-skew", 0.0), cli_real(arguments, "feature-shift", 0.0),
                         sgd->cluster.seed};
  sgd->first = testudo_i_arena_alloc(&sgd->arena, (size_t)workers + 1, sizeof *sgd->first);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  TESTUDO_I_TRY(testudo_data_split(sgd->data, &split, sgd->first, error));
  TESTUDO_I_TRY(testudo_problem_create(sgd->data, loss, cli_real(arguments, "ridge", 0.0), &sgd->problem, error));
  TESTUDO_I_TRY(solve_problem(sgd, error));
  const char *file = cli_get(arguments, "data")->file;
  *result = (sgd_data_result){
      .source = file == NULL ? "synthetic" : cli_basename(file), .loss = testudo_loss_name(loss),
      .samples = sgd->data->samples, .features = sgd->data->features, .classes = sgd->data->classes,
      .dim = (int64_t)testudo_problem_dim(sgd->problem), .ridge = cli_real(arguments, "ridge", 0.0),
      .label_skew = split.label_skew, .feature_shift = split.feature_shift, .optimum = result->optimum,
      .start_loss = sgd->constants.gap + (isfinite(result->optimum) ? result->optimum : 0.0),
      .smoothness = sgd->constants.smooth,
      .convexity = sgd->constants.gradient_dominated, .variance = sgd->constants.noise};
  return TESTUDO_OK;
}
