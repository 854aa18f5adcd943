/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --choose: every K, or copies and compression under a number of bits; which is best by formula, and which as run. */
#include <math.h>

#include "base/error.h"
#include "common/session.h"
#include "runtime/design.h"
#include "sgd/learn/iteration.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

enum { TIMED_UPDATES = 2560 };

/* ---- every K ---- */

/* For --target, or for the end of the runs. */
static testudo_status spread_waits(cli_sgd *sgd, testudo_error *error)
{
  int32_t asked = sgd->methods;
  char text[512];
  if (!cli_given(sgd->arguments, "target") && !cli_given(sgd->arguments, "time"))
    return cli_refuse(error, "--choose wait needs --target, the loss to be reached, or --time, at whose end it counts");
  for (int32_t m = 0; m < asked; m++) {
    sgd_wanted *wanted = &sgd->wanted[m];
    if (!testudo_i_sgd_waits(wanted->method.kind))
      return cli_refuse(error, "--choose wait: method %s has no number K of workers to wait for", wanted->text);
    for (int32_t wait = 1; wait <= sgd->cluster.workers; wait++) {
      snprintf(text, sizeof text, "%.400s:wait=%d", wanted->text, (int)wait);
      if (wait == wanted->method.wait)
        continue;
      TESTUDO_I_TRY(sgd_add_method(sgd, text, error));
    }
  }
  return TESTUDO_OK;
}

/* ---- copies and compression ---- */

/* What the bound of docs/theory/convergence.md#compressed-coded-gradients asks of a method with this design. */
static testudo_status coco_of(cli_sgd *sgd, const testudo_sgd_method *method, testudo_coco *coco,
                              testudo_error *error)
{
  double spread[2] = {0.0, 0.0};
  TESTUDO_I_TRY(sgd_take_gram(sgd, error));
  for (int k = 0; k < 2 && sgd->gram[k] != NULL; k++)
    TESTUDO_I_TRY(testudo_coded_spread(method->design, sgd->gram[k], &spread[k], error));
  *coco = (testudo_coco){
      .workers = sgd->cluster.workers,
      .straggle = testudo_i_sgd_straggle(method, &sgd->cluster.model, sgd->cluster.workers),
      .spread = fmax(spread[0], spread[1]), .smoothness = sgd->constants.smooth,
      .step = isnan(method->step) ? 0.5 / sgd->constants.smooth : method->step, .gap = sgd->constants.gap,
      .dim = (int64_t)sgd_dim(sgd), .bits = sgd->result.bits,
      .compression = method->compressor == TESTUDO_COMPRESSOR_GROUPED_SIGN ? TESTUDO_COMPRESSION_GROUPED_SIGN
                                                                           : TESTUDO_COMPRESSION_TOP_K};
  return TESTUDO_OK;
}

static bool same_compression(const sgd_wanted *a, const sgd_wanted *b)
{
  const testudo_sgd_method *x = &a->method, *y = &b->method;
  bool same_step = x->step == y->step || (isnan(x->step) && isnan(y->step));
  return x->kind == y->kind && x->wait == y->wait && same_step && a->copies == b->copies && a->by_norm == b->by_norm &&
         x->compressor == y->compressor && x->size == y->size;
}

/* A row more, unless it is there. */
static testudo_status add_candidate(cli_sgd *sgd, const sgd_wanted *asked, const sgd_wanted *candidate, int64_t size,
                                    testudo_error *error)
{
  char text[512];
  sgd_wanted like = *candidate;
  int64_t dim = (int64_t)sgd_dim(sgd);
  like.method.size = (size_t)(size < 1 ? 1 : size > dim ? dim : size);
  for (int32_t m = 0; m < sgd->methods; m++)
    if (same_compression(&sgd->wanted[m], &like))
      return TESTUDO_OK;
  snprintf(text, sizeof text, "%.300s:copies=%s%d:compressor=%s/%zu", asked->text, like.by_norm ? "by-norm/" : "",
           (int)like.copies, testudo_compressor_name(like.method.compressor), like.method.size);
  return sgd_add_method(sgd, text, error);
}

/* The sizes of the least bound, with the guaranteed and the typical contraction; and `around` them what is two and four
   times as large and as small. */
static testudo_status spread_sizes(cli_sgd *sgd, const sgd_wanted *asked, sgd_wanted *candidate, bool around,
                                   testudo_error *error)
{
  testudo_coco coco;
  testudo_coco_choice found;
  TESTUDO_I_TRY(coco_of(sgd, &candidate->method, &coco, error));
  for (int typical = 0; typical < 2; typical++) {
    coco.typical = typical;
    TESTUDO_I_TRY(testudo_coco_choose(&coco, &found, error));
    TESTUDO_I_TRY(add_candidate(sgd, asked, candidate, found.size, error));
  }
  for (int64_t by = 2; by <= 4 && around; by += 2) {
    TESTUDO_I_TRY(add_candidate(sgd, asked, candidate, found.size / by, error));
    TESTUDO_I_TRY(add_candidate(sgd, asked, candidate, found.size * by, error));
  }
  return TESTUDO_OK;
}

/* Even copies 1 .. most, and copies by the norms of the chunks' gradients; each with both compressors. */
static testudo_status spread_copies(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  const sgd_wanted asked = sgd->wanted[m];
  int32_t most = (int32_t)cli_integer(sgd->arguments, "copies", 2);
  if (asked.file != NULL || asked.copies > 0 || asked.compressor)
    return cli_refuse(error, "--choose compression finds copies and compressor itself: leave design, copies and"
                      " compressor out of --method %s", asked.text);
  for (int32_t copies = 1; copies <= most; copies++)
    for (int uneven = 0; uneven <= (copies == most && most > 1); uneven++) {
      TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
      sgd_wanted candidate = asked;
      candidate.copies = copies;
      candidate.by_norm = uneven;
      TESTUDO_I_TRY(sgd_make_design(sgd, &candidate, &design, error));
      candidate.method.design = design;
      for (int kind = 0; kind < 2; kind++) {
        candidate.method.compressor = kind == 0 ? TESTUDO_COMPRESSOR_TOP_K : TESTUDO_COMPRESSOR_GROUPED_SIGN;
        TESTUDO_I_TRY(spread_sizes(sgd, &asked, &candidate, copies == most && !uneven, error));
      }
    }
  return TESTUDO_OK;
}

static testudo_status spread_compression(cli_sgd *sgd, testudo_error *error)
{
  int32_t asked = sgd->methods;
  if (!cli_given(sgd->arguments, "bits"))
    return cli_refuse(error, "--choose compression needs --bits, the bits of all messages of a run");
  for (int32_t m = 0; m < asked; m++)
    if (sgd->wanted[m].method.kind != TESTUDO_SGD_COCO_EF)
      return cli_refuse(error, "--choose compression applies to coco-ef only, not to %s", sgd->wanted[m].text);
  for (int32_t m = 0; m < asked; m++)
    TESTUDO_I_TRY(spread_copies(sgd, m, error));
  return TESTUDO_OK;
}

testudo_status sgd_spread_choices(cli_sgd *sgd, testudo_error *error)
{
  if (sgd->result.choose < 0)
    return TESTUDO_OK;
  return sgd->result.choose == CHOOSE_WAIT ? spread_waits(sgd, error) : spread_compression(sgd, error);
}

/* ---- how long the bits last ---- */

testudo_status sgd_message_bits(const cli_sgd *sgd, const testudo_sgd_method *method, double *bits,
                                testudo_error *error)
{
  testudo_compressor *compressor = NULL;
  TESTUDO_I_TRY(testudo_compressor_create(method->compressor, sgd_dim(sgd), method->size, &compressor, error));
  *bits = (double)testudo_compressor_bits_float(compressor);
  testudo_compressor_free(compressor);
  return TESTUDO_OK;
}

testudo_status sgd_time_of_bits(cli_sgd *sgd, double *seconds, testudo_error *error)
{
  const testudo_delay_model *model = &sgd->cluster.model;
  *seconds = 0.0;
  for (int32_t m = 0; m < sgd->methods; m++) {
    const testudo_sgd_method *method = &sgd->wanted[m].method;
    testudo_i_timing timing;
    double bits;
    TESTUDO_I_TRY(sgd_message_bits(sgd, method, &bits, error));
    const testudo_i_timing_options options = {.share = bits / (32.0 * (double)sgd_dim(sgd)), .updates = TIMED_UPDATES,
                                              .seed = sgd->cluster.seed,
                                              .threads = session_threads(sgd->arguments),
                                              .monitor = session_progress_start("timing", sgd->arguments)};
    TESTUDO_I_TRY(testudo_i_timing_check(method, model, sgd->cluster.workers, error));
    TESTUDO_I_TRY(session_progress_end(
        testudo_i_iteration_measure(method, model, sgd->cluster.workers, &options, &timing, error)));
    double sent = 1.0 - testudo_i_sgd_straggle(method, model, sgd->cluster.workers);
    *seconds = fmax(*seconds, 1.1 * timing.mean * (1.0 + sgd->result.bits / (sent * sgd->cluster.workers * bits)));
  }
  return TESTUDO_OK;
}

/* ---- which is best ---- */

static testudo_status fill_formula(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  const testudo_sgd_method *method = &sgd->method[m];
  sgd_compression_result *row = &sgd->result.method[m].compression;
  testudo_coco coco;
  testudo_coco_choice found[2];
  int64_t entries = 0;
  TESTUDO_I_TRY(coco_of(sgd, method, &coco, error));
  for (int typical = 0; typical < 2; typical++) {
    coco.typical = typical;
    TESTUDO_I_TRY(testudo_coco_bound(&coco, (int64_t)method->size, &found[typical], error));
  }
  for (int32_t j = 0; j < sgd->cluster.workers; j++)
    entries += testudo_design_load(method->design, j);
  *row = (sgd_compression_result){
      .copies = (double)entries / testudo_design_chunks(method->design), .straggle = coco.straggle,
      .spread = coco.spread, .variance = testudo_coded_variance(coco.straggle, coco.spread),
      .message_bits = (double)found[0].message_bits, .updates = floor(found[0].updates),
      .contraction = found[0].contraction, .contraction_typical = found[1].contraction, .bound = found[0].bound,
      .bound_typical = found[1].bound};
  return TESTUDO_OK;
}

/* The method of the least of these numbers; NULL: none is finite. */
static const char *least_of(const sgd_result *result, size_t offset)
{
  const char *text = NULL;
  double least = HUGE_VAL;
  for (size_t m = 0; m < result->methods; m++) {
    double value = *(const double *)(const void *)((const char *)&result->method[m] + offset);
    if (value < least) {
      least = value;
      text = result->method[m].text;
    }
  }
  return text;
}

testudo_status sgd_make_choice(cli_sgd *sgd, testudo_error *error)
{
  sgd_result *result = &sgd->result;
  if (result->choose == CHOOSE_COMPRESSION) {
    for (int32_t m = 0; m < sgd->methods; m++)
      TESTUDO_I_TRY(fill_formula(sgd, m, error));
    result->choice = least_of(result, offsetof(sgd_method_result, last_loss));
    result->choice_by_bound = least_of(result, offsetof(sgd_method_result, compression.bound));
    result->choice_by_model = least_of(result, offsetof(sgd_method_result, compression.bound_typical));
  } else if (result->choose == CHOOSE_WAIT && !isfinite(result->target)) {
    result->choice = least_of(result, offsetof(sgd_method_result, last_loss));
    result->choice_by_bound = least_of(result, offsetof(sgd_method_result, last_bound));
  } else if (isfinite(result->target)) {
    result->choice = least_of(result, offsetof(sgd_method_result, time_to_target));
    result->choice_by_bound = least_of(result, offsetof(sgd_method_result, bound_to_target));
  }
  return TESTUDO_OK;
}
