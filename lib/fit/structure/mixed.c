/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/mixed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/order.h"
#include "delay/number.h"
#include "fit/laws/climb.h"
#include "numeric/integrate.h"

static const double log_two_pi = 1.83787706640934548356;

/* What of a cell the likelihoods need. */
typedef struct group {
  int32_t rows;
  const double *log_x;
  double sum, logs, log_squares;  /* of x; of log x; of log x about its mean */
} group;

typedef struct groups {
  group *group;
  int64_t count, rows;
} groups;

/* ---- the likelihood of a cell ---- */

/* log of the integral over u, Z = exp(u), of exp(-n k u - B exp(-c u)) times the normal density of (mu, sigma): the
   integrand is log-concave. */
typedef struct bump {
  double nk, b, c, mu, sigma;
} bump;

static double bump_at(const bump *g, double u)
{
  double z = (u - g->mu) / g->sigma;
  return -g->nk * u - g->b * exp(-g->c * u) - 0.5 * z * z;
}

/* Newton from the right of the mode, or from where the data alone have theirs, whichever is less far: on the concave
   side every step stays on it. */
static double mode_of(const bump *g, double *curvature)
{
  double precision = 1.0 / (g->sigma * g->sigma), u = log(g->b * g->c / g->nk) / g->c;
  u = fmin(fmax(u, g->mu - 30.0 * g->sigma), g->mu + 30.0 * g->sigma);
  for (int k = 0; k < 60; k++) {
    double pull = g->b * g->c * exp(-g->c * u);
    double slope = -g->nk + pull - (u - g->mu) * precision;
    *curvature = g->c * pull + precision;
    double step = slope / *curvature;
    u += fmax(-1.0 / g->c, fmin(1.0 / g->c, step));
    if (fabs(step) < 1e-10 * (1.0 + fabs(u)))
      break;
  }
  return u;
}

static double log_integral(const bump *g)
{
  static const double node[] = {0.3429013272237046, 1.0366108297895137, 1.7566836492998817, 2.5327316742327897,
                                3.4361591188377374};
  static const double weight[] = {0.6108626337353258, 0.2401386110823147, 0.03387439445548106, 0.001343645746781233,
                                  7.640432855232621e-06};
  double curvature, middle = mode_of(g, &curvature), top = bump_at(g, middle), width = sqrt(2.0 / curvature), sum = 0.0;
  for (int k = 0; k < 5; k++)
    sum += weight[k] * (exp(node[k] * node[k] + bump_at(g, middle + width * node[k]) - top) +
                        exp(node[k] * node[k] + bump_at(g, middle - width * node[k]) - top));
  return top + log(width * sum) - 0.5 * log_two_pi - log(g->sigma);
}

static double lognormal_group(const group *g, double mu, double sigma, double s)
{
  double n = g->rows, wide = s * s + n * sigma * sigma, away = g->logs / n - (mu - 0.5 * s * s);
  return -0.5 * n * log_two_pi - (n - 1.0) * log(s) - 0.5 * log(wide) - g->log_squares / (2.0 * s * s) -
         n * away * away / (2.0 * wide) - g->logs;
}

static double gamma_group(const group *g, double mu, double sigma, double shape)
{
  double n = g->rows;
  return (shape - 1.0) * g->logs + n * (shape * log(shape) - testudo_i_log_gamma(shape)) +
         log_integral(&(bump){n * shape, shape * g->sum, 1.0, mu, sigma});
}

static double exp_group(const group *g, double mu, double sigma, double shape)
{
  (void)shape;
  return gamma_group(g, mu, sigma, 1.0);
}

static double weibull_group(const group *g, double mu, double sigma, double shape)
{
  double n = g->rows, log_scale = -testudo_i_log_gamma(1.0 + 1.0 / shape), sum = 0.0;
  for (int32_t k = 0; k < g->rows; k++)
    sum += exp(shape * (g->log_x[k] - log_scale));
  return n * log(shape) - n * shape * log_scale + (shape - 1.0) * g->logs +
         log_integral(&(bump){n * shape, sum, shape, mu, sigma});
}

/* ---- the laws of E ---- */

typedef struct kind {
  double (*group)(const group *g, double mu, double sigma, double shape);
  int32_t parameters;
  /* Shape for a standard deviation of log E; and E's two numbers for a shape. */
  double (*shape_of)(double deviation);
  const char *name;
  int numbers;
  double (*first)(double shape), (*second)(double shape);
} kind;

static double same(double x)
{
  return x;
}

static double inverse(double x)
{
  return 1.0 / x;
}

static double inverse_square(double x)
{
  return 1.0 / (x * x);
}

static double weibull_shape(double deviation)
{
  return 1.2825498301618641 / deviation;
}

static double one(double shape)
{
  (void)shape;
  return 1.0;
}

static double minus_half_square(double s)
{
  return -0.5 * s * s;
}

static double weibull_scale(double shape)
{
  return exp(-testudo_i_log_gamma(1.0 + 1.0 / shape));
}

static const kind kinds[TESTUDO_I_MIXED_LAWS] = {
    {lognormal_group, 3, same, "lognormal", 2, minus_half_square, same},
    {gamma_group, 3, inverse_square, "gamma", 2, same, inverse},
    {exp_group, 2, one, "exp", 1, one, NULL},
    {weibull_group, 3, weibull_shape, "weibull", 2, same, weibull_scale},
};

/* ---- the fit ---- */

typedef struct problem {
  const groups *data;
  const kind *kind;
} problem;

/* x: mu, log sigma, log shape. */
static double likelihood(const double *x, void *context)
{
  const problem *p = context;
  double sigma = exp(x[1]), shape = p->kind->parameters > 2 ? exp(x[2]) : 1.0, sum = 0.0;
  if (!(sigma > 1e-6 && sigma < 10.0 && shape > 1e-3 && shape < 1e6))
    return -HUGE_VAL;
  for (int64_t k = 0; k < p->data->count; k++)
    sum += p->kind->group(&p->data->group[k], x[0], sigma, shape);
  return sum;
}

/* Standard deviations of log Z and log E by their mean squares. */
static void start_of(const groups *data, double *mu, double *sigma, double *deviation)
{
  double mean = 0.0, within = 0.0, between = 0.0, inverses = 0.0;
  for (int64_t k = 0; k < data->count; k++) {
    mean += data->group[k].logs / data->group[k].rows / (double)data->count;
    within += data->group[k].log_squares;
    inverses += 1.0 / data->group[k].rows / (double)data->count;
  }
  for (int64_t k = 0; k < data->count; k++) {
    double away = data->group[k].logs / data->group[k].rows - mean;
    between += away * away / (double)data->count;
  }
  within /= (double)(data->rows - data->count);
  *mu = mean + 0.5 * within;
  *deviation = fmax(sqrt(within), 1e-3);
  *sigma = sqrt(fmax(between - within * inverses, 1e-4 * within + 1e-10));
}

static void name_laws(testudo_fit_mixed *fit, const kind *k)
{
  char a[TESTUDO_I_REAL_ROOM], b[TESTUDO_I_REAL_ROOM];
  testudo_i_format_real(fit->number[0], a);
  testudo_i_format_real(fit->number[1], b);
  snprintf(fit->law, sizeof fit->law, "lognormal:%.30s,%.30s", a, b);
  double shape = k->parameters > 2 ? fit->number[2] : 1.0;
  testudo_i_format_real(k->first(shape), a);
  if (k->numbers == 1) {
    snprintf(fit->chunk_law, sizeof fit->chunk_law, "%s:%.30s", k->name, a);
    return;
  }
  testudo_i_format_real(k->second(shape), b);
  snprintf(fit->chunk_law, sizeof fit->chunk_law, "%s:%.30s,%.30s", k->name, a, b);
}

static void fit_kind(const groups *data, const kind *k, testudo_fit_mixed *fit)
{
  problem p = {data, k};
  double mu, sigma, deviation, covariance[9];
  start_of(data, &mu, &sigma, &deviation);
  double x[3] = {mu, log(sigma), log(k->shape_of(deviation))};
  testudo_i_climb(likelihood, &p, k->parameters, x);
  bool hill = testudo_i_covariances(likelihood, &p, k->parameters, x, covariance);
  *fit = (testudo_fit_mixed){.parameters = k->parameters, .log_likelihood = likelihood(x, &p)};
  for (int32_t n = 0; n < 3; n++) {
    bool has = n < k->parameters;
    fit->number[n] = !has ? NAN : n == 0 ? x[0] : exp(x[n]);
    /* of a logarithm relative, so by the number itself */
    fit->standard_error[n] = !has || !hill ? NAN
                                           : sqrt(covariance[n * k->parameters + n]) * (n == 0 ? 1.0 : exp(x[n]));
  }
  fit->aic = 2.0 * k->parameters - 2.0 * fit->log_likelihood;
  fit->bic = k->parameters * log((double)data->rows) - 2.0 * fit->log_likelihood;
  name_laws(fit, k);
}

static bool is_whole(const testudo_i_cells *cells, int64_t cell)
{
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    if (!testudo_i_cells_saw(cells, r))
      return false;
  return testudo_i_cell_size(cells, cell) >= 2;
}

static group group_of(const double *x, int64_t rows, double *log_x)
{
  group g = {.rows = (int32_t)rows, .log_x = log_x};
  for (int64_t r = 0; r < rows; r++) {
    log_x[r] = log(x[r]);
    g.sum += x[r];
    g.logs += log_x[r];
  }
  for (int64_t r = 0; r < rows; r++) {
    double away = log_x[r] - g.logs / (double)rows;
    g.log_squares += away * away;
  }
  return g;
}

static testudo_status take_groups(const testudo_i_cells *cells, const double *x, testudo_i_arena *arena, groups *data,
                                  testudo_error *error)
{
  int64_t count = (int64_t)cells->workers * cells->iterations, stride = 1 + cells->rows / TESTUDO_I_MIXED_ROWS;
  *data = (groups){.group = testudo_i_arena_alloc(arena, (size_t)(count / stride) + 1, sizeof *data->group)};
  double *log_x = testudo_i_arena_alloc(arena, (size_t)cells->rows, sizeof *log_x);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int64_t c = 0; c < count; c += stride) {
    if (!is_whole(cells, c))
      continue;
    group g = group_of(x + cells->start[c], testudo_i_cell_size(cells, c), log_x + data->rows);
    data->group[data->count++] = g;
    data->rows += g.rows;
  }
  return TESTUDO_OK;
}

static int by_bic(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const testudo_fit_mixed *)a)->bic, ((const testudo_fit_mixed *)b)->bic);
}

testudo_status testudo_i_fit_mixed(const testudo_i_cells *cells, const double *x,
                                   testudo_fit_mixed fit[TESTUDO_I_MIXED_LAWS], size_t *count, int64_t *used,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  groups data;
  *count = 0;
  TESTUDO_I_TRY(take_groups(cells, x, &scratch, &data, error));
  *used = data.rows;
  if (data.count < 10)
    return TESTUDO_OK;
  for (size_t k = 0; k < TESTUDO_I_MIXED_LAWS; k++)
    fit_kind(&data, &kinds[k], &fit[(*count)++]);
  qsort(fit, *count, sizeof *fit, by_bic);
  return TESTUDO_OK;
}

/* ---- E by its own times ---- */

static void remove_means(const testudo_i_cells *cells, const double *x, double between, double within, double *left)
{
  double mean = 0.0;
  for (int64_t r = 0; r < cells->rows; r++)
    mean += log(x[r]) / (double)cells->rows;
  for (int64_t c = 0; c < (int64_t)cells->workers * cells->iterations; c++) {
    double size = (double)testudo_i_cell_size(cells, c), own = 0.0;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
      own += log(x[r]) / size;
    double shrunken = mean + between / (between + within / size) * (own - mean);
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
      left[r] = log(x[r]) - shrunken;
  }
}

/* To the variance `within`, and to times of mean 1. */
static void stretch(double *left, int64_t rows, double within)
{
  double squares = 0.0, mean = 0.0;
  for (int64_t r = 0; r < rows; r++)
    squares += left[r] * left[r] / (double)rows;
  double by = squares > 0.0 ? sqrt(within / squares) : 1.0;
  for (int64_t r = 0; r < rows; r++) {
    left[r] = exp(by * left[r]);
    mean += left[r] / (double)rows;
  }
  for (int64_t r = 0; r < rows; r++)
    left[r] /= mean;
}

testudo_status testudo_i_mixed_times(const testudo_i_cells *cells, const double *x, double between, double within,
                                     testudo_i_arena *arena, double **chunk, char law[96], testudo_error *error)
{
  double mean = 0.0, *left = testudo_i_arena_alloc(arena, (size_t)cells->rows, sizeof *left);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  remove_means(cells, x, between, within, left);
  stretch(left, cells->rows, within);
  qsort(left, (size_t)cells->rows, sizeof *left, testudo_i_ascending_reals);
  for (int64_t r = 0; r < cells->rows; r++)
    mean += x[r] / (double)cells->rows;
  char mu[TESTUDO_I_REAL_ROOM], sigma[TESTUDO_I_REAL_ROOM];
  testudo_i_format_real(log(mean) - 0.5 * between, mu);
  testudo_i_format_real(sqrt(between), sigma);
  snprintf(law, 96, "lognormal:%.30s,%.30s", mu, sigma);
  *chunk = left;
  return TESTUDO_OK;
}
