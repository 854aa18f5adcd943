/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What results begin with: the command, the design and the delay model. */
#include "common/head.h"

#include <math.h>
#include <string.h>

#include <testudo/block.h>

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
  fields_line(text, "design", "%s%s%s", name, name[0] != '\0' ? ": " : "", scheme->name);
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

static const char *const source_words[] = {[STRUCTURE_BY_COMMAND] = "command", [STRUCTURE_BY_FILE] = "delay file",
                                           [STRUCTURE_BY_TRACE] = "trace",
                                           [STRUCTURE_ASSUMED] = "not known: scaled assumed", NULL};


static const field class_fields[] = {
    {FIELD(class_result, workers), .presence = FIELD_NEEDED, .meaning = "how many workers, consecutive ones"},
    {FIELD(class_result, rate), .meaning = "their speed"},
    {FIELD(class_result, law), .meaning = "their own law instead of the model's; null: the model's"},
    {.key = NULL},
};

static const field markov_fields[] = {
    {FIELD(markov_result, p), .presence = FIELD_NEEDED, .meaning = "probability of becoming slow, per iteration"},
    {FIELD(markov_result, q), .presence = FIELD_NEEDED, .meaning = "probability of becoming normal again"},
    {FIELD(markov_result, factor), .presence = FIELD_NEEDED,
     .meaning = "by which a slow worker's times are multiplied"},
    {.key = NULL},
};

const field delay_term_fields[] = {
    {FIELD(delay_result, mixed), .meaning = "structure mixed: law of a chunk's own factor"},
    {FIELD_ENUM("unit", delay_result, unit, testudo_i_unit_names), .meaning = "what a draw of the law is the time of"},
    {FIELD(delay_result, startup), .meaning = "law of the time before a worker's first chunk"},
    {FIELD(delay_result, overhead), .unit = "s", .meaning = "fixed cost of a chunk"},
    {FIELD_LIST("rates", delay_result, rates, workers), .meaning = "speed of each worker; null: all 1"},
    {FIELD_ROWS("classes", delay_result, class, classes, class_fields), .meaning = "classes of workers"},
    {FIELD(delay_result, message), .meaning = "law of the time of sending a vector of full length"},
    {FIELD(delay_result, signal), .unit = "s", .meaning = "time for a report of progress and its answer"},
    {FIELD_BEHIND("markov", delay_result, markov, markov_fields), .meaning = "slow states of workers; null: none"},
    {FIELD_LIST("domains", delay_result, domain, domain_workers), .meaning = "failure domain of each worker"},
    {FIELD(delay_result, domain_factor), .meaning = "law of the factor that the workers of a domain share"},
    {FIELD(delay_result, failed), .meaning = "exactly so many workers, chosen uniformly, never finish anything"},
    {FIELD(delay_result, fail_prob), .meaning = "probability of each worker never to finish anything"},
    {.key = NULL},
};

const field delay_fields[] = {
    {FIELD(delay_result, law), .meaning = "law of the time X of one chunk, as it was given; null: a replay"},
    {FIELD(delay_result, law_of_file), .meaning = "the law that a delay file names"},
    {FIELD(delay_result, replay), .meaning = "the trace whose iterations are run again as they were measured"},
    {FIELD(delay_result, discrete), .meaning = "has every law of the model atoms only?"},
    {FIELD_ENUM("structure", delay_result, structure, testudo_i_structure_names),
     .meaning = "how the times of a worker's chunks hang together; null: a replay"},
    {FIELD_ENUM("structure_source", delay_result, structure_source, source_words),
     .meaning = "who says so: the command, the delay file, the trace, or nobody"},
    {FIELD(delay_result, icc),
     .meaning = "of a trace: intraclass correlation of the chunks of a worker in an iteration; below 0.5 additive"},
    {FIELD(delay_result, icc_low), .meaning = "lower end of its interval of 95 %"},
    {FIELD(delay_result, icc_high), .meaning = "upper end of it"},
    {FIELD(delay_result, phases),
     .meaning = "of a trace or a replay: rows added to others of the same worker, iteration and chunk"},
    {FIELD_SAME(delay_term_fields)},
    {.key = NULL},
};

static const char *shown_law(const testudo_law *law)
{
  return law == NULL ? NULL : testudo_law_shown(law);
}

static bool has_atoms_only(const testudo_law *law)
{
  return law == NULL || testudo_i_law_is_discrete(law);
}

static bool is_discrete(const testudo_delay_model *model)
{
  bool discrete = model->replay == NULL && has_atoms_only(model->law) && has_atoms_only(model->chunk_law) &&
                  has_atoms_only(model->startup) && has_atoms_only(model->message) &&
                  has_atoms_only(model->domain_factor);
  for (int32_t c = 0; c < model->class_count; c++)
    discrete &= has_atoms_only(model->classes[c].law);
  return discrete;
}

static void fill_law(delay_result *result, const testudo_law *law)
{
  result->law = testudo_law_shown(law);
  if (testudo_law_named(law) != testudo_law_text(law))
    result->law_of_file = testudo_law_named(law);
  result->icc = law->chunks.icc;
  result->icc_low = law->chunks.low;
  result->icc_high = law->chunks.high;
  result->phases = law->phases;
}

void delay_fill(delay_result *result, const cli_cluster *cluster)
{
  const testudo_delay_model *model = &cluster->model;
  bool replay = model->replay != NULL;
  *result = (delay_result){
      .replay = replay ? testudo_replay_text(model->replay) : NULL, .discrete = is_discrete(model),
      .structure = replay ? -1 : (int)model->structure, .mixed = shown_law(model->chunk_law),
      .structure_source = replay ? -1 : (int)cluster->structure_by, .unit = (int)model->unit,
      .startup = shown_law(model->startup), .message = shown_law(model->message), .overhead = model->overhead,
      .signal = model->signal, .workers = model->workers, .rates = model->rates, .class = cluster->class,
      .classes = model->class_count,
      .domain = model->domain, .domain_factor = shown_law(model->domain_factor), .icc = NAN, .icc_low = NAN,
      .icc_high = NAN, .failed = model->failed, .fail_prob = model->fail_prob};
  if (model->slow.factor > 0.0)
    result->markov = &cluster->markov;
  if (model->domain != NULL)
    result->domain_workers = cluster_workers(cluster);
  if (replay)
    result->phases = testudo_i_replay_phases(model->replay);
  else
    fill_law(result, model->law);
}

/* Who says so. */
static void print_structure(FILE *text, const delay_result *delay)
{
  if (delay->mixed != NULL)
    fprintf(text, ", mixed with %s for each chunk", delay->mixed);
  else
    fprintf(text, ", %s", testudo_i_structure_names[delay->structure]);
  if (delay->structure_source == STRUCTURE_ASSUMED)
    fputs(" (assumed)", text);
  else if (delay->structure_source == STRUCTURE_BY_FILE)
    fputs(" (from the delay file)", text);
  else if (delay->structure_source == STRUCTURE_BY_TRACE)
    fprintf(text, " (from the trace: intraclass correlation %.3g, 95 %% interval %.3g to %.3g)", delay->icc,
            delay->icc_low, delay->icc_high);
}

static void print_classes(FILE *text, const delay_result *delay)
{
  fputs(", classes of workers:", text);
  for (int32_t c = 0; c < delay->classes; c++)
    fprintf(text, "%s %d of rate %.9g%s%s", c > 0 ? " and" : "", (int)delay->class[c].workers, delay->class[c].rate,
            delay->class[c].law != NULL ? " with " : "", delay->class[c].law != NULL ? delay->class[c].law : "");
}

static void print_terms(FILE *text, const delay_result *delay)
{
  if (delay->unit == TESTUDO_UNIT_SHARE)
    fputs(", per share", text);
  if (delay->startup != NULL)
    fprintf(text, ", start-up %s", delay->startup);
  if (delay->overhead > 0.0)
    fprintf(text, ", overhead %.9g s", delay->overhead);
  if (delay->rates != NULL)
    fputs(", a rate for every worker", text);
  if (delay->classes > 0)
    print_classes(text, delay);
  if (delay->message != NULL)
    fprintf(text, ", message %s", delay->message);
  if (delay->signal > 0.0)
    fprintf(text, ", signal %.9g s", delay->signal);
  if (delay->markov != NULL)
    fprintf(text, ", slow by %.9g with probability %.9g, normal again with %.9g", delay->markov->factor,
            delay->markov->p, delay->markov->q);
  if (delay->domain_factor != NULL)
    fprintf(text, ", domains with factor %s", delay->domain_factor);
  if (delay->failed > 0)
    fprintf(text, ", exactly %d worker%s failed", delay->failed, delay->failed == 1 ? "" : "s");
  if (delay->fail_prob > 0.0)
    fprintf(text, ", each worker fails with probability %.9g", delay->fail_prob);
}

void delay_print(FILE *text, const delay_result *delay)
{
  if (delay->replay != NULL)
    fprintf(text, "replay of %s", delay->replay);
  else {
    fputs(delay->law, text);
    if (delay->law_of_file != NULL)
      fprintf(text, " (%s)", delay->law_of_file);
    if (delay->phases > 0)
      fprintf(text, " (%lld rows were added to others of the same chunk)", (long long)delay->phases);
    print_structure(text, delay);
  }
  print_terms(text, delay);
}

void delay_terms_write(const delay_result *delay, char *text, size_t room)
{
  FILE *stream = fmemopen(text, room, "w");
  text[0] = '\0'; /* nothing written ends nothing */
  if (stream == NULL)
    return;
  print_terms(stream, delay);
  fclose(stream);
}

/* ---- head ---- */

double cluster_most_error(const cli_cluster *cluster)
{
  return (double)testudo_design_chunks(cluster->design) * (double)testudo_design_parts(cluster->design);
}

const char *const report_words[] = {[TESTUDO_REPORT_CHUNK] = "chunk", [TESTUDO_REPORT_WHOLE] = "whole", NULL};

static void head_print(FILE *text, const void *result)
{
  const head_result *head = result;
  const cli_cluster *cluster = head->cluster;
  design_print(text, cluster->design);
  fields_label(text, "delay");
  delay_print(text, &head->delay);
  fputc('\n', text);
  fields_label(text, "counted");
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
  delay_fill(&result->delay, cluster);
}
