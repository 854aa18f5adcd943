/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws: what each is, and their table. */
#include "delay/laws/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "delay/draws/curve.h"
#include "delay/draws/exponent.h"
#include "delay/draws/logarithm.h"
#include "delay/draws/normal.h"
#include "delay/number.h"
#include "numeric/integrate.h"

/* Formulas of a law's two numbers a and b, and of one variable. */
#define FORMULA(name, x, value)                                                                                        \
  static double name(const testudo_law *law, double x)                                                                 \
  {                                                                                                                    \
    const double a = law->a, b = law->b;                                                                               \
    (void)a;                                                                                                           \
    (void)b;                                                                                                           \
    return value;                                                                                                      \
  }
#define MOMENTS(name, mean, variance)                                                                                  \
  static testudo_i_moments name(const testudo_law *law)                                                                \
  {                                                                                                                    \
    const double a = law->a, b = law->b;                                                                               \
    return (testudo_i_moments){mean, variance};                                                                        \
  }

/* Logarithms of densities: value of a and b, of a constant c, and of y, a time from the start on. */
#define LOG_DENSITY(name, constant, value)                                                                             \
  static void name(const testudo_law *law, const double *restrict time, double *restrict log_density, size_t count)    \
  {                                                                                                                    \
    const double a = law->a, b = law->b, c = constant;                                                                 \
    (void)a;                                                                                                           \
    for (size_t k = 0; k < count; k++) {                                                                               \
      const double y = time[k];                                                                                        \
      log_density[k] = value;                                                                                          \
    }                                                                                                                  \
  }

/* ---- exp and shifted-exp: a = shift (exp: 0), b = rate ---- */

FORMULA(exponential_hazard, y, b * y)
FORMULA(exponential_draw, e, a + e / b)
LOG_DENSITY(exponential_density, log(b), c - b * y)
MOMENTS(exponential_moments, a + 1.0 / b, 1.0 / (b * b))

static double exponential_gap(const testudo_law *law, double work, int32_t c)
{
  return law->b * (work / c / (c + 1));
}

static double exponential_sum(const testudo_law *law, int32_t k, double y, bool above)
{
  double x = y <= 0.0 ? 0.0 : law->b * y;
  return above ? testudo_i_erlang_survival(k, x) : testudo_i_erlang_cdf(k, x);
}

static void exponential_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_exponentials(u, x, count, law->a, law->b);
}

/* ---- gamma: a = shape, b = scale ---- */

FORMULA(gamma_quantile, p, b * testudo_i_gamma_quantile(a, p, 1.0 - p))
LOG_DENSITY(gamma_density, testudo_i_log_gamma(a) + log(b), (a - 1.0) * log(y / b) - y / b - c)
MOMENTS(gamma_moments, a * b, a * b * b)

/* X_1 + .. + X_k is a gamma law again. */
static double gamma_sum(const testudo_law *law, int32_t k, double y, bool above)
{
  return above ? testudo_i_gamma_survival(k * law->a, y / law->b) : testudo_i_gamma_cdf(k * law->a, y / law->b);
}

static double gamma_side(const testudo_law *law, double x, bool above)
{
  return gamma_sum(law, 1, x, above);
}

static double gamma_log_quantile(const void *context, double p, double q)
{
  const testudo_law *law = context;
  return log(testudo_i_gamma_quantile(law->a, p, q));
}

static void gamma_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_curve_draws(law->curve, u, x, count, law->b);
}

/* Log quantiles, and their rounding, grow with 1 / shape where that is large. Inverting the law for every draw would
   cost hundreds of times as much. */
static testudo_status gamma_make(testudo_law *law, testudo_error *error)
{
  law->curve = testudo_i_arena_alloc(&law->arena, 1, sizeof *law->curve);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  testudo_i_curve_make(law->curve, gamma_log_quantile, law, 2e-13 * fmax(1.0, 1.0 / law->a));
  return TESTUDO_OK;
}

/* ---- weibull: a = shape, b = scale: P(X > x) = exp(-(x / scale)^shape) ---- */

FORMULA(weibull_hazard, y, pow(y / b, a))
FORMULA(weibull_draw, e, b * pow(e, 1.0 / a))
LOG_DENSITY(weibull_density, log(a), c - log(y) + a * log(y / b) - pow(y / b, a))

static void weibull_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_exponentials(u, x, count, 0.0, 1.0);
  testudo_i_logarithms(x, count, 1.0 / law->a);
  testudo_i_exponents(x, count, law->b);
}

/* The variance is scale^2 (Gamma(1 + 2h) - Gamma(1 + h)^2), h = 1 / shape. The two are nearly equal for a small h; the
   logarithms differ by the sum over n >= 2 of zeta(n) (-1)^n (2^n - 2) h^n / n (Abramowitz and Stegun, 6.1.33). */
static testudo_i_moments weibull_moments(const testudo_law *law)
{
  static const double zeta[] = {1.6449340668482264, 1.2020569031595943, 1.0823232337111382, 1.0369277551433699,
                                1.0173430619844491, 1.0083492773819228, 1.0040773561979443};
  double h = 1.0 / law->a, first = tgamma(1.0 + h), apart = 0.0;
  for (int n = 8; n >= 2; n--)
    apart += zeta[n - 2] * (n % 2 == 0 ? 1.0 : -1.0) * (pow(2.0, n) - 2.0) * pow(h, n) / n;
  double variance = h > 0.01 ? tgamma(1.0 + 2.0 * h) - first * first : first * first * expm1(apart);
  return (testudo_i_moments){law->b * first, law->b * law->b * variance};
}

/* ---- pareto: a = xmin, b = alpha: P(X > x) = (xmin / x)^alpha ---- */

FORMULA(pareto_hazard, y, b * log1p(y / a))
FORMULA(pareto_hazard_at, x, b * log(x / a))
FORMULA(pareto_draw, e, a * exp(e / b))
LOG_DENSITY(pareto_density, log(b), c - log(a + y) - b * log1p(y / a))
MOMENTS(pareto_moments, b > 1.0 ? a * b / (b - 1.0) : HUGE_VAL,
        b > 2.0 ? a / (b - 1.0) * a / (b - 1.0) * b / (b - 2.0) : HUGE_VAL)

static void pareto_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_exponentials(u, x, count, 0.0, law->b);
  testudo_i_exponents(x, count, law->a);
}

static double pareto_gap(const testudo_law *law, double work, int32_t c)
{
  (void)work;
  return law->b * log1p(1.0 / c);
}

/* ---- lomax: a = alpha, b = scale: P(X > x) = (1 + x / scale)^-alpha ---- */

FORMULA(lomax_hazard, y, a * log1p(y / b))
FORMULA(lomax_draw, e, b * expm1(e / a))
LOG_DENSITY(lomax_density, log(a), c - log(b + y) - a * log1p(y / b))
MOMENTS(lomax_moments, a > 1.0 ? b / (a - 1.0) : HUGE_VAL,
        a > 2.0 ? b / (a - 1.0) * b / (a - 1.0) * a / (a - 2.0) : HUGE_VAL)

/* Exponentials of 53 bits are at most 37.5, alpha is at least 0.1. */
static void lomax_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_exponentials(u, x, count, 0.0, law->a);
  testudo_i_exponents_less_1(x, count, law->b);
}

/* ---- lognormal: a = mu, b = sigma: log X is normal ---- */

FORMULA(lognormal_draw, z, exp(a + b * z))
FORMULA(lognormal_score, x, (log(x) - a) / b)
LOG_DENSITY(lognormal_density, log(b) + 0.91893853320467274178,
            -0.5 * pow((log(y) - a) / b, 2) - log(y) - c)
MOMENTS(lognormal_moments, exp(a + 0.5 * b * b), expm1(b * b) * exp(2.0 * a + b * b))

static void lognormal_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  testudo_i_lognormals(u, x, count, law->a, law->b);
}

static double lognormal_side(const testudo_law *law, double x, bool above)
{
  if (x <= 0.0)
    return above ? 1.0 : 0.0;
  double z = lognormal_score(law, x);
  return 0.5 * erfc((above ? z : -z) * 0.70710678118654752440);
}

/* ---- deterministic (a = x) and trace: values that are as likely as they stand often ---- */

static testudo_i_moments sample_moments(const testudo_law *law)
{
  testudo_i_sum sum = {0.0, 0.0}, squares = {0.0, 0.0};
  double count = (double)law->samples;
  for (int64_t k = 0; k < law->samples; k++)
    testudo_i_sum_add(&sum, law->sample[k]);
  double mean = testudo_i_sum_value(&sum) / count;
  for (int64_t k = 0; k < law->samples; k++)
    testudo_i_sum_add(&squares, (law->sample[k] - mean) * (law->sample[k] - mean));
  /* The law is the empirical one itself: divided by the rows, not by one less. */
  return (testudo_i_moments){mean, testudo_i_sum_value(&squares) / count};
}

static void sample_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    int64_t row = (int64_t)(u[k] * (double)law->samples);
    x[k] = law->sample[row < law->samples ? row : law->samples - 1];
  }
}

testudo_status testudo_i_law_set_samples(testudo_law *law, double *sample, int64_t samples, testudo_error *error)
{
  law->sample = sample;
  law->samples = samples;
  law->value = testudo_i_arena_alloc(&law->arena, (size_t)samples, sizeof *law->value);
  law->cumulated = testudo_i_arena_alloc(&law->arena, (size_t)samples, sizeof *law->cumulated);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  qsort(sample, (size_t)samples, sizeof *sample, testudo_i_ascending_reals);
  for (int64_t k = 0; k < samples; k++) {
    if (k == 0 || sample[k] != sample[k - 1])
      law->value[law->values++] = sample[k];
    law->cumulated[law->values - 1] = (double)(k + 1) / (double)samples;
  }
  return TESTUDO_OK;
}

static testudo_status deterministic_make(testudo_law *law, testudo_error *error)
{
  double *sample = testudo_i_alloc(1, sizeof *sample);
  TESTUDO_I_TRY(testudo_i_memory_check(sample != NULL, error));
  *sample = law->a;
  return testudo_i_law_set_samples(law, sample, 1, error);
}

/* ---- does x^2 f(x) / F(x), the hazard rate of 1 / X at 1 / x, fall with x? ---- */

/* With y = b (x - a) its derivative has the sign of 2 (1 - exp(-y)) - y - a b, which is largest at y = log 2. */
static bool exponential_speed_rises(const testudo_law *law, double from)
{
  double y = fmax(log(2.0), law->b * (from - law->a));
  return y + law->a * law->b >= -2.0 * expm1(-y);
}

/* It is a power, x^(1 - b), over what grows. */
static bool pareto_speed_rises(const testudo_law *law, double from)
{
  (void)from;
  return law->b >= 1.0;
}

/* ---- the table ---- */

#define POSITIVE TESTUDO_I_LEAST, TESTUDO_I_MOST, TESTUDO_I_ENDS_TOO
#define EXPONENTIAL                                                                                                    \
  .starts = true, .hazard = exponential_hazard, .gap = exponential_gap,                                                \
  .draw = exponential_draw, .moments = exponential_moments, .log_density = exponential_density,                        \
  .sum = exponential_sum, .fill = exponential_fill, .speed_rises = exponential_speed_rises

/* What a row leaves out is false, none or not known. mu is the logarithm of a time in the accepted range. A larger
   sigma or a smaller alpha would give moments, and draws from uniforms of 53 bits, beyond what a double holds. */
const testudo_i_law_row testudo_i_law_table[] = {
    {"exp", "exp:rate", 1, 1, {{"rate", POSITIVE}}, .memoryless = true, EXPONENTIAL},
    {"shifted-exp", "shifted-exp:shift,rate", 2, 0,
     {{"shift", TESTUDO_I_LEAST, TESTUDO_I_MOST, TESTUDO_I_ZERO_TOO}, {"rate", POSITIVE}}, EXPONENTIAL},
    {"gamma", "gamma:shape,scale", 2, 0, {{"shape", 0.1, 1e6, TESTUDO_I_ENDS_TOO}, {"scale", POSITIVE}},
     .side = gamma_side, .quantile = gamma_quantile, .moments = gamma_moments, .log_density = gamma_density,
     .sum = gamma_sum, .fill = gamma_fill, .make = gamma_make},
    {"weibull", "weibull:shape,scale", 2, 0, {{"shape", 0.1, 1e6, TESTUDO_I_ENDS_TOO}, {"scale", POSITIVE}},
     .hazard = weibull_hazard, .draw = weibull_draw,
     .fill = weibull_fill, .moments = weibull_moments, .log_density = weibull_density},
    {"pareto", "pareto:xmin,alpha", 2, 0,
     {{"xmin", POSITIVE}, {"alpha", 0.1, TESTUDO_I_MOST, TESTUDO_I_ENDS_TOO}}, .starts = true, .power = true,
     .tail = 'b', .hazard = pareto_hazard, .hazard_at = pareto_hazard_at, .gap = pareto_gap, .draw = pareto_draw,
     .fill = pareto_fill, .moments = pareto_moments, .log_density = pareto_density,
     .speed_rises = pareto_speed_rises},
    {"lomax", "lomax:alpha,scale", 2, 0, {{"alpha", 0.1, 1e15, TESTUDO_I_ENDS_TOO}, {"scale", POSITIVE}},
     .tail = 'a', .hazard = lomax_hazard, .draw = lomax_draw, .fill = lomax_fill, .moments = lomax_moments,
     .log_density = lomax_density},
    {"lognormal", "lognormal:mu,sigma", 2, 0,
     {{"mu", -230, 230, TESTUDO_I_ZERO_TOO}, {"sigma", TESTUDO_I_LEAST, 10, TESTUDO_I_ENDS_TOO}},
     .side = lognormal_side, .draw = lognormal_draw, .fill = lognormal_fill, .moments = lognormal_moments,
     .log_density = lognormal_density},
    {"deterministic", "deterministic:x", 1, 0, {{"x", POSITIVE}}, .starts = true, .constant = true,
     .moments = sample_moments, .fill = sample_fill, .make = deterministic_make},
    {"mixture", "mixture:p,LAW,LAW", 1, 0, {{"p", 0, 1, TESTUDO_I_BETWEEN}}, .parts = 2,
     .side = testudo_i_mixture_side, .quantile = testudo_i_mixture_quantile, .moments = testudo_i_mixture_moments,
     .log_density = testudo_i_mixture_density, .fill = testudo_i_mixture_fill, .make = testudo_i_mixture_make},
    {"shift", "shift:x,LAW", 1, 0, {{"x", TESTUDO_I_LEAST, TESTUDO_I_MOST, TESTUDO_I_ZERO_TOO}}, .parts = 1,
     .side = testudo_i_shift_side, .quantile = testudo_i_shift_quantile, .moments = testudo_i_shift_moments,
     .log_density = testudo_i_shift_density, .fill = testudo_i_shift_fill, .make = testudo_i_shift_make},
    {"trace", "trace:FILE.csv", .file = true, .moments = sample_moments, .fill = sample_fill},
};

const size_t testudo_i_laws = sizeof testudo_i_law_table / sizeof *testudo_i_law_table;

const testudo_i_law_row *testudo_i_law_row_of(const char *text)
{
  size_t length = strcspn(text, ":");
  for (size_t k = 0; text[length] == ':' && k < testudo_i_laws; k++)
    if (strlen(testudo_i_law_table[k].name) == length && memcmp(text, testudo_i_law_table[k].name, length) == 0)
      return &testudo_i_law_table[k];
  return NULL;
}
