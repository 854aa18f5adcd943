/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The delay file that a fit writes: the recommended model, whole, so that nothing else has to be read with it. */
#include "fit/fit.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/output.h"
#include "common/session.h"
#include "delay/delay_json.h"

typedef struct replay_result {
  int32_t workers;
  int64_t cells, times;
  const int32_t *chunks;
  const double *seconds;
} replay_result;

typedef struct delay_file {
  const char *format, *law, *name;
  int structure;
  int32_t version;
  delay_result terms;
  const double *sample;         /* NULL: the law is its text */
  int64_t samples;
  const double *chunk_sample;   /* NULL: that of a chunk's factor is */
  int64_t chunk_samples;
  const replay_result *replay;  /* NULL: none */
  const fit_result *fit;
} delay_file;

static const field replay_fields[] = {
    {FIELD(replay_result, workers), .presence = FIELD_NEEDED, .meaning = "workers of the trace"},
    {FIELD_LIST("chunks", replay_result, chunks, cells), .presence = FIELD_NEEDED,
     .meaning = "number of times of each worker in each iteration, iteration after iteration"},
    {FIELD_LIST("seconds", replay_result, seconds, times), .presence = FIELD_NEEDED, .unit = "s",
     .meaning = "these times, in that order"},
    {.key = NULL},
};

const field delay_file_fields[] = {
    {FIELD(delay_file, format), .presence = FIELD_NEEDED,
     .words = (const char *const[]){TESTUDO_I_DELAY_FORMAT, NULL}, .meaning = TESTUDO_I_DELAY_FORMAT},
    {FIELD(delay_file, version), .presence = FIELD_NEEDED, .meaning = "1"},
    {FIELD(delay_file, law), .meaning = "the law; of samples their name; null: a replay"},
    {FIELD(delay_file, name), .meaning = "of a replay: the name of the trace"},
    {FIELD_ENUM("structure", delay_file, structure, testudo_i_structure_names),
     .meaning = "scaled, additive or mixed; null: not known"},
    {FIELD_SAME_INSIDE(delay_file, terms, delay_term_fields)},
    {FIELD_LIST("samples", delay_file, sample, samples), .unit = "s",
     .meaning = "the law as a list of times that are all as likely; null: the law is its text"},
    {FIELD_LIST("mixed_samples", delay_file, chunk_sample, chunk_samples),
     .meaning = "structure mixed: the law of a chunk's own factor in the same way"},
    {FIELD_BEHIND("replay", delay_file, replay, replay_fields), .meaning = "measured iterations; null: none"},
    {FIELD_BEHIND("fit", delay_file, fit, fit_fields), .presence = FIELD_WHOLE, .meaning = "where it comes from"},
    {.key = NULL},
};

/* More would make files of gigabytes. */
#define MOST_TIMES 2000000

testudo_status fit_write_delay(const fit_result *result, const char *law, const char *path, testudo_error *error)
{
  const recommended_result *from = result->recommended;
  const testudo_fit_delay *model = &result->fit.recommended;
  bool replayed = law == NULL && from->kind == TESTUDO_FIT_REPLAY;
  bool sampled = law == NULL && from->kind == TESTUDO_FIT_TRACE;
  bool of_startup = isfinite(result->fit.startup_deviation);
  if ((replayed || sampled) && model->samples + model->chunk_samples > MOST_TIMES)
    return cli_refuse(error, "-o: the recommended model is made of %lld times, and a delay file holds %d at most; "
                      "write --delay %s:%s instead", (long long)(model->samples + model->chunk_samples), MOST_TIMES,
                      replayed ? "replay" : "trace", result->trace);
  replay_result replay = {model->workers, model->cells, model->samples, model->chunks, model->sample};
  delay_file file = {.format = TESTUDO_I_DELAY_FORMAT, .version = 1, .fit = result, .terms = from->delay,
                     .law = law != NULL && !of_startup ? law : from->delay.law, .structure = from->delay.structure,
                     .name = replayed ? result->trace : NULL, .replay = replayed ? &replay : NULL,
                     .sample = sampled ? model->sample : NULL, .samples = sampled ? model->samples : 0,
                     .chunk_sample = sampled ? model->chunk_sample : NULL,
                     .chunk_samples = sampled ? model->chunk_samples : 0};
  if (law != NULL && of_startup)
    file.terms.startup = law;
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, path, error));
  testudo_status status = TESTUDO_OK;
  if (!report_put_json(output.stream, delay_file_fields, &file))
    status = cli_refuse(error, "%s: the name of the trace must be UTF-8, since the delay file holds it", result->trace);
  return session_output_end(&output, status, error);
}
