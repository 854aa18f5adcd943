/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws of a simulation in a file: whether they are of this one, and how they are kept. */
#include "common/resume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <testudo/testudo.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "option/reading.h"

static const char head[] = "testudo-draws 1 ";

/* ---- what the draws are of ---- */

/* A value that says what the model is, a file by what is in it and not by its folder. */
static testudo_status put_value(FILE *text, const cli_option *option, const cli_value *value, testudo_error *error)
{
  uint64_t hash;
  if (value->file == NULL) {
    fprintf(text, "--%s %s\n", option->name, value->text == NULL ? "" : value->text);
    return TESTUDO_OK;
  }
  if (cli_is_standard(value->file))
    return cli_refuse(error, "--resume: standard input can be read once; let --%s name a file", option->name);
  TESTUDO_I_TRY(cli_hash_file(value->file, &hash, error));
  fprintf(text, "--%s %.*s%016" PRIx64 "\n", option->name, (int)(strlen(value->text) - strlen(value->file)),
          value->text, hash);
  return TESTUDO_OK;
}

static testudo_status put_model(FILE *text, const cli_arguments *arguments, testudo_error *error)
{
  static const cli_option *const tables[] = {cluster_model_options, cli_reading_options, NULL};
  for (size_t k = 0; k < arguments->options; k++)
    if (arguments->value[k].given && cli_is_in(tables, arguments->option[k]))
      CLI_EACH_VALUE(value, &arguments->value[k])
        TESTUDO_I_TRY(put_value(text, arguments->option[k], value, error));
  return TESTUDO_OK;
}

static void put_rest(FILE *text, const cli_cluster *cluster, const testudo_simulation_options *options)
{
  fprintf(text, "%s\n%016" PRIx64 "\n%d %" PRIu64 " %a\n", testudo_version(),
          testudo_design_checksum(cluster->design), (int)options->report, options->seed, options->round_up);
  for (int64_t k = 0; k < options->time_count; k++)
    fprintf(text, "%a\n", options->times[k]);
}

static testudo_status make_key(resume_file *file, const cli_cluster *cluster, const cli_arguments *arguments,
                               const testudo_simulation_options *options, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  FILE *text = open_memstream(&bytes, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(text != NULL, error));
  put_rest(text, cluster, options);
  testudo_status status = put_model(text, arguments, error);
  bool written = fclose(text) == 0;
  TESTUDO_I_TRY(status);
  TESTUDO_I_TRY(testudo_i_memory_check(written, error));
  snprintf(file->key, sizeof file->key, "%016" PRIx64,
           testudo_i_mix(testudo_i_fnv(TESTUDO_I_FNV_START, bytes, length)));
  return TESTUDO_OK;
}

static testudo_status fail_other(const resume_file *file, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: draws of another simulation: --resume goes on with the same"
                        " design, delay model, --report, --at, --round-up, --seed and version of testudo only",
                        file->path);
}

/* The key knows the words; what they stand for shows in the first batch. */
static testudo_status check_first_batch(const resume_file *file, const cli_cluster *cluster,
                                        const testudo_simulation_options *options, testudo_error *error)
{
  const testudo_i_draws *given = &file->given;
  testudo_simulation_options own = *options;
  TESTUDO_I_HELD(testudo_i_draws_clear) testudo_i_draws drawn = {0};
  own.trials = given->trials < given->batch ? given->trials : given->batch;
  own.rel_error = 0.0;
  own.monitor = NULL;
  TESTUDO_I_TRY(testudo_i_draws_take(cluster->design, &cluster->model, &own, 0, &drawn, error));
  bool same = drawn.batch == given->batch && drawn.time_count == given->time_count &&
              memcmp(drawn.completion, given->completion, (size_t)own.trials * sizeof(double)) == 0;
  return same ? TESTUDO_OK : fail_other(file, error);
}

/* ---- the file ---- */

typedef enum found { NOTHING, NO_DRAWS, OF_OTHERS, OURS } found;

/* What is there under the name, by its first line, and how many bytes. */
static found look_at(const resume_file *file, const char *path, off_t *size)
{
  char line[sizeof head + RESUME_KEY + 1];
  struct stat about;
  if (stat(path, &about) != 0)
    return NOTHING;
  *size = about.st_size;
  if (!S_ISREG(about.st_mode))
    return NO_DRAWS;
  FILE *stream = fopen(path, "rb");
  if (stream == NULL)
    return OURS; /* who reads it says why not */
  size_t got = fread(line, 1, sizeof line - 1, stream);
  (void)fclose(stream);
  if (got < sizeof line - 1 || memcmp(line, head, sizeof head - 1) != 0 || line[got - 1] != '\n')
    return NO_DRAWS;
  return memcmp(line + sizeof head - 1, file->key, RESUME_KEY) == 0 ? OURS : OF_OTHERS;
}

static testudo_status read_draws(resume_file *file, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  const size_t behind = sizeof head + RESUME_KEY; /* with the end of the line */
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(file->path, (size_t)1 << 36, &bytes, &length, error));
  if (length < behind)
    return fail_other(file, error);
  testudo_status status = testudo_i_draws_unpack(&file->given, bytes + behind, length - behind, error);
  if (status != TESTUDO_OK)
    testudo_i_error_prefix(error, file->path);
  return status;
}

testudo_status resume_open(resume_file *file, const cli_cluster *cluster, const cli_arguments *arguments,
                           const testudo_simulation_options *options, testudo_error *error)
{
  if (!cli_given(arguments, "resume"))
    return TESTUDO_OK;
  if (cluster->model.replay != NULL)
    return cli_refuse(error, "--resume does not apply to a replay, which has only the iterations that were measured");
  const char *path = cli_text(arguments, "resume", "");
  off_t size;
  if (cli_is_standard(path))
    return cli_refuse(error, "--resume is read and written: it must name a file");
  TESTUDO_I_TRY(make_key(file, cluster, arguments, options, error));
  file->path = path;
  switch (look_at(file, path, &size)) {
  case NOTHING:
    return TESTUDO_OK;
  case NO_DRAWS:
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: not the draws of a simulation; --resume names a file that"
                          " does not exist, or one that it has written", path);
  case OF_OTHERS:
    return fail_other(file, error);
  default:
    TESTUDO_I_TRY(read_draws(file, error));
    return file->given.first == 0 ? check_first_batch(file, cluster, options, error) : fail_other(file, error);
  }
}

testudo_status resume_save(const resume_file *file, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  TESTUDO_I_HELD(testudo_i_output_abandon) testudo_i_output output = {.stream = NULL};
  size_t length;
  off_t size;
  if (file->path == NULL || file->all.trials <= file->given.trials)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_draws_pack(&file->all, &bytes, &length, error));
  found now = look_at(file, file->path, &size); /* another run may have written it since */
  if (now == OURS && size >= (off_t)length + (off_t)sizeof head + RESUME_KEY)
    return TESTUDO_OK;
  if (now == NO_DRAWS || now == OF_OTHERS)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "%s: is another file by now; the draws are not kept",
                          file->path);
  TESTUDO_I_TRY(testudo_i_output_open(&output, file->path, error));
  fprintf(output.stream, "%s%s\n", head, file->key);
  (void)fwrite(bytes, 1, length, output.stream); /* errors show at the commit */
  return testudo_i_output_commit(&output, error);
}

void resume_clear(resume_file *file)
{
  testudo_i_draws_clear(&file->given);
  testudo_i_draws_clear(&file->all);
}
