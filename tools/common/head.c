/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What results begin with: the command, the design and the delay model. */
#include "common/head.h"

#include <string.h>

#include <testudo/block.h>

#include "delay/delay_json.h"
#include "delay/model.h"
#include "runtime/scheme/scheme.h"

/* ---- design ---- */

const field design_fields[] = {
    {FIELD(design_result, name), .meaning = "the design's name, as its file has it"},
    {FIELD(design_result, scheme), .meaning = "the scheme: what the server waits for"},
    {FIELD(design_result, workers), .meaning = "number of workers m"},
    {FIELD(design_result, chunks), .meaning = "number of data chunks N"},
    {FIELD(design_result, parts), .meaning = "parts l into which the gradient is cut"},
    {FIELD(design_result, model), .meaning = "'working model' where the times are those of one"},
    {FIELD(design_result, wait), .meaning = "ignore-stragglers: how many workers are waited for"},
    {FIELD(design_result, construction), .meaning = "gradient-code: where its coefficients come from"},
    {FIELD(design_result, stragglers), .meaning = "gradient codes: stragglers s that are tolerated"},
    {FIELD_LIST("tolerances", design_result, tolerance, tolerances), .meaning = "nested, block: stragglers tolerated"},
    {FIELD(design_result, dim), .meaning = "block: length of the gradient that the sizes are stated for"},
    {FIELD_LIST("sizes", design_result, size, blocks), .meaning = "block: coordinates of each block"},
    {FIELD_LIST("work", design_result, work, blocks), .unit = "chunk times",
     .meaning = "block: work of a worker until it has sent each block"},
    {FIELD_CHARS("checksum", design_result, checksum),
     .meaning = "checksum of the design file, 16 hex digits; null: it is in no file"},
    {.key = NULL},
};

static int32_t known_above_zero(int64_t number)
{
  return number > 0 ? (int32_t)number : -1;
}

void design_fill(design_result *result, const testudo_design *design)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(design);
  int32_t blocks;
  int64_t dim;
  *result = (design_result){.design = design, .name = testudo_design_name(design), .scheme = scheme->name,
                            .model = scheme->working_model ? "working model" : NULL,
                            .construction = testudo_design_construction(design),
                            .workers = testudo_design_workers(design), .chunks = testudo_design_chunks(design),
                            .parts = testudo_design_parts(design),
                            .wait = known_above_zero(testudo_design_wait(design)),
                            .stragglers = testudo_design_stragglers(design)};
  if (result->stragglers == 0 && result->construction == NULL)
    result->stragglers = -1;
  result->tolerance = testudo_design_tolerances(design, &result->tolerances);
  result->size = testudo_design_block_sizes(design, &blocks, &dim);
  result->work = testudo_design_block_work(design);
  result->blocks = blocks;
  result->dim = known_above_zero(dim);
  if (testudo_design_checksum(design) != 0) /* 0: it is in no file */
    snprintf(result->checksum, sizeof result->checksum, "%016llx",
             (unsigned long long)testudo_design_checksum(design));
}

const char *head_model_of(const testudo_design *design, const char *name)
{
  return testudo_i_scheme_of(design)->working_model && strstr(name, "working model") == NULL ? " (working model)" : "";
}

/* "gradient-code (cyclic, 2 stragglers)", "nested (tolerances 0, 2, 5; a working model)" */
void design_print(FILE *text, const testudo_design *design)
{
  const testudo_i_scheme *scheme = testudo_i_scheme_of(design);
  const char *name = testudo_design_name(design);
  char words[400] = "";
  fprintf(text, "  %-18s%s%s%s", "design", name, name[0] != '\0' ? ": " : "", scheme->name);
  if (scheme->phrase != NULL) {
    scheme->phrase(design, words, sizeof words);
    fprintf(text, " (%s%s)", words, scheme->working_model ? "; a working model" : "");
  }
  fprintf(text, ", %d workers, %d chunks, %d part%s", testudo_design_workers(design), testudo_design_chunks(design),
          testudo_design_parts(design), testudo_design_parts(design) == 1 ? "" : "s");
  if (testudo_design_checksum(design) != 0)
    fprintf(text, ", checksum %016llx", (unsigned long long)testudo_design_checksum(design));
  fputc('\n', text);
}

/* ---- delay ---- */

const char *const structure_words[] = {
    [TESTUDO_STRUCTURE_SCALED] = "scaled", [TESTUDO_STRUCTURE_ADDITIVE] = "additive", NULL};

const field delay_fields[] = {
    {FIELD(delay_result, law), .meaning = "law of the time X of one chunk, as it was given"},
    {FIELD(delay_result, law_of_file), .meaning = "the law that a delay file names"},
    {FIELD(delay_result, discrete), .meaning = "has the law atoms only?"},
    {FIELD_ENUM("structure", delay_result, structure, structure_words),
     .meaning = "how the times of a worker's chunks add up"},
    {FIELD_LIST("rates", delay_result, rates, workers), .meaning = "speed of each worker; null: all 1"},
    {FIELD(delay_result, failed), .meaning = "exactly so many workers, chosen uniformly, never finish anything"},
    {FIELD(delay_result, fail_prob), .meaning = "probability of each worker never to finish anything"},
    {.key = NULL},
};

void delay_fill(delay_result *result, const testudo_delay_model *model)
{
  const testudo_law *law = model->law;
  *result = (delay_result){.law = testudo_law_shown(law), .discrete = testudo_i_law_is_discrete(law),
                           .structure = (int)model->structure, .workers = model->workers, .rates = model->rates,
                           .failed = model->failed, .fail_prob = model->fail_prob};
  if (testudo_law_named(law) != testudo_law_text(law))
    result->law_of_file = testudo_law_named(law);
}

void delay_print(FILE *text, const testudo_delay_model *model)
{
  delay_result delay;
  delay_fill(&delay, model);
  fputs(delay.law, text);
  if (delay.law_of_file != NULL)
    fprintf(text, " (%s)", delay.law_of_file);
  fprintf(text, ", %s%s", structure_words[delay.structure], delay.rates != NULL ? ", a rate for every worker" : "");
  if (model->failures == TESTUDO_FAILURES_EXACTLY)
    fprintf(text, ", exactly %d worker%s failed", delay.failed, delay.failed == 1 ? "" : "s");
  else if (model->failures == TESTUDO_FAILURES_EACH)
    fprintf(text, ", each worker fails with probability %.9g", delay.fail_prob);
}

/* ---- head ---- */

double cluster_most_error(const cli_cluster *cluster)
{
  return (double)testudo_design_chunks(cluster->design) * (double)testudo_design_parts(cluster->design);
}

const char *const report_words[] = {[TESTUDO_REPORT_CHUNK] = "chunk", [TESTUDO_REPORT_WHOLE] = "whole", NULL};

static void head_print(FILE *text, const void *result)
{
  const cli_cluster *cluster = ((const head_result *)result)->cluster;
  design_print(text, cluster->design);
  fprintf(text, "  %-18s", "delay");
  delay_print(text, &cluster->model);
  fprintf(text, "\n  %-18s", "counted");
  if (cluster->report == TESTUDO_REPORT_WHOLE)
    fputs("only workers that finished all their chunks (report whole)\n", text);
  else
    fprintf(text, "every finished %s (report chunk)\n", testudo_i_scheme_of(cluster->design)->step);
}

const field head_fields[] = {
    {FIELD(head_result, command), .phrase = head_print,
     .meaning = "the command that made the result, without folders and without what says only how to run"},
    {FIELD(head_result, version), .meaning = "the version of the program"},
    {FIELD(head_result, seed), .meaning = "of everything random"},
    {FIELD_INSIDE("design", head_result, design, design_fields), .meaning = "the design"},
    {FIELD_INSIDE("delay", head_result, delay, delay_fields), .meaning = "the delay model that was assumed"},
    {FIELD_ENUM("report", head_result, report, report_words),
     .meaning = "chunk: every finished chunk counts; whole: only workers that finished all of theirs"},
    {.key = NULL},
};

void head_fill(head_result *result, const cli_cluster *cluster)
{
  *result = (head_result){.cluster = cluster, .command = cluster->command, .version = testudo_version(),
                          .seed = (int64_t)cluster->seed, .report = (int)cluster->report};
  design_fill(&result->design, cluster->design);
  delay_fill(&result->delay, &cluster->model);
}
