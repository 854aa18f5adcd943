/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What schemes nested and block ask for: tolerances that increase, and of a block code the sizes of its blocks. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <testudo/block.h>

#include "base/error.h"
#include "design/request.h"

static testudo_status check_tolerances(const cli_request *request, testudo_error *error)
{
  for (int32_t k = 0; k < request->tolerances; k++) {
    double s = request->tolerance[k];
    if (s != floor(s) || s >= request->workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "--tolerances: %.16g of %d workers; allowed: integers in 0..%d", s, request->workers,
                            request->workers - 1);
    if (k > 0 && s <= request->tolerance[k - 1])
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--tolerances: %.16g after %.16g, but they must increase",
                            s, request->tolerance[k - 1]);
  }
  return TESTUDO_OK;
}

static testudo_status check_sizes(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *sizes = cli_get(arguments, "sizes");
  double sum = 0;
  if (!sizes->given)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--sizes is missing: scheme block needs it");
  if (sizes->count != (size_t)request->tolerances)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--sizes: %zu given, but --tolerances has %d", sizes->count,
                          request->tolerances);
  for (size_t b = 0; b < sizes->count; b++) {
    if (sizes->reals[b] != floor(sizes->reals[b]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--sizes: %.16g, but sizes are integers", sizes->reals[b]);
    sum += sizes->reals[b];
  }
  if (sum < 1 || sum > (double)TESTUDO_MAX_DIM)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--sizes: %.16g in all; allowed: 1..%" PRId64, sum,
                          TESTUDO_MAX_DIM);
  int64_t dim = cli_integer(arguments, "dim", (int64_t)sum);
  if (dim != (int64_t)sum)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--sizes: %.16g in all, but --dim is %" PRId64, sum, dim);
  return TESTUDO_OK;
}

/* The largest tolerance that codes something. */
static int32_t largest(const cli_request *request)
{
  int32_t k = request->tolerances - 1;
  while (request->scheme == TESTUDO_SCHEME_BLOCK && k > 0 && request->size[k] == 0)
    k--;
  return (int32_t)request->tolerance[k];
}

/* The supports are prefixes of the cyclic natural order, so nothing else is left to choose. */
testudo_status request_check_tolerances(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *scheme = testudo_scheme_name(request->scheme);
  /* A search will choose the sizes, of all tolerances or of some. */
  bool chosen = request->scheme == TESTUDO_SCHEME_BLOCK && cli_given(arguments, "delay");
  testudo_status status = check_tolerances(request, error);
  if (status == TESTUDO_OK && !chosen && request->scheme == TESTUDO_SCHEME_BLOCK)
    status = check_sizes(request, arguments, error);
  if (status != TESTUDO_OK)
    return status;
  int32_t copies = chosen ? 1 : largest(request) + 1;
  if (!chosen && cli_given(arguments, "replication") && request->replication != copies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--replication: %d, but a %s code of largest tolerance %d has %d copies of every chunk",
                          request->replication, scheme, copies - 1, copies);
  request->replication = copies;
  if (!request_assigns(request, "cyclic"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--assignment: scheme %s is built on cyclic, not on %s",
                          scheme, request->assignment);
  if (strcmp(request->order, "natural") != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--order: scheme %s needs the natural order, not %s", scheme,
                          request->order);
  return TESTUDO_OK;
}
