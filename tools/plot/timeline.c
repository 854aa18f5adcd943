/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One iteration as a picture: who computes which chunk when, what of it is needed, and when all is there. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/sample.h>

#include "base/arena.h"
#include "base/error.h"
#include "common/head.h"
#include "common/metrics.h"

enum { MOST_WORKERS = 48, KEY_WORKERS = 7 };

typedef struct cli_timeline {
  const testudo_design *design;
  testudo_i_arena arena;
  double *done;       /* of every entry, worker after worker */
  double *needed;     /* of every chunk: when its last copy that counts was there; HUGE_VAL: never */
  double completion;  /* HUGE_VAL: never */
  double end;         /* of the picture: the completion, or the last chunk that is ever done */
  int32_t shown;      /* workers */
} cli_timeline;

/* ---- one iteration ---- */

/* The parts-th smallest time of a chunk. Copies that come later are in vain. */
static testudo_status find_needed(cli_timeline *line, testudo_error *error)
{
  const testudo_design *design = line->design;
  int32_t chunks = testudo_design_chunks(design), parts = testudo_design_parts(design);
  double *first = testudo_i_arena_alloc(&line->arena, (size_t)chunks * (size_t)parts, sizeof *first);
  line->needed = testudo_i_arena_alloc(&line->arena, (size_t)chunks, sizeof *line->needed);
  TESTUDO_I_TRY(testudo_i_arena_check(&line->arena, error));
  for (int64_t k = 0; k < (int64_t)chunks * parts; k++)
    first[k] = HUGE_VAL;
  const double *done = line->done;
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    for (int32_t k = 0; k < testudo_design_load(design, j); k++, done++) {
      double time = *done, *of_chunk = first + (int64_t)testudo_design_order(design, j)[k] * parts;
      for (int32_t p = 0; p < parts; p++)
        if (time < of_chunk[p]) {
          double later = of_chunk[p];
          of_chunk[p] = time;
          time = later;
        }
    }
  for (int32_t i = 0; i < chunks; i++)
    line->needed[i] = first[(int64_t)i * parts + parts - 1];
  return TESTUDO_OK;
}

static testudo_status run_iteration(cli_timeline *line, const cli_cluster *cluster, testudo_error *error)
{
  const testudo_design *design = line->design = cluster->design;
  int64_t entries = metrics_entries(design);
  const testudo_simulation_options options = {.report = cluster->report, .trials = 1, .seed = cluster->seed};
  line->done = testudo_i_arena_alloc(&line->arena, (size_t)entries, sizeof *line->done);
  TESTUDO_I_TRY(testudo_i_arena_check(&line->arena, error));
  TESTUDO_I_TRY(testudo_simulate_trial(design, &cluster->model, &options, 0, line->done, &line->completion, error));
  line->end = isfinite(line->completion) ? line->completion : 0.0;
  for (int64_t e = 0; e < entries && !isfinite(line->completion); e++)
    line->end = isfinite(line->done[e]) ? fmax(line->end, line->done[e]) : line->end;
  int32_t workers = testudo_design_workers(design);
  line->shown = workers < MOST_WORKERS ? workers : MOST_WORKERS;
  return find_needed(line, error);
}

/* ---- the picture ---- */

/* Whose share of all data a chunk belongs to, where shares are whole chunks; otherwise the chunk itself. */
static int32_t share_of(const testudo_design *design, int32_t chunk)
{
  int32_t workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  return chunks % workers == 0 ? chunk / (chunks / workers) : chunk;
}

/* Full where the copy is needed, pale where it is in vain or never done. */
static unsigned long colour_of(int32_t share, bool needed)
{
  unsigned long full = strtoul(plot_colour((size_t)share) + 1, NULL, 16), pale = 0;
  for (int shift = 16; shift >= 0; shift -= 8) {
    unsigned long level = full >> shift & 0xff;
    pale |= (needed ? level : 0xff - (0xff - level) / 4) << shift;
  }
  return pale;
}

typedef struct cli_bar {
  double begin, end;
  int32_t chunk;
  bool needed;
} cli_bar;

/* The k-th bar of worker j, whose entries begin at `done`; false where it begins after all is there. */
static bool take_bar(const cli_timeline *line, int32_t j, int32_t k, const double *done, cli_bar *bar)
{
  bar->chunk = testudo_design_order(line->design, j)[k];
  bar->begin = k == 0 ? 0.0 : done[k - 1];
  bar->end = fmin(done[k], line->end);
  bar->needed = done[k] <= line->end && done[k] <= line->needed[bar->chunk];
  return bar->begin < line->end;
}

static void put_bars(FILE *script, const cli_timeline *line)
{
  const double *done = line->done;
  fputs("$bars << EOD\n", script);
  for (int32_t j = 0; j < line->shown; done += testudo_design_load(line->design, j++))
    for (int32_t k = 0; k < testudo_design_load(line->design, j); k++) {
      cli_bar bar;
      if (take_bar(line, j, k, done, &bar))
        fprintf(script, "%.9g %d %.9g %.9g %.9g %.9g %lu\n", bar.begin, j, bar.begin, bar.end, j - 0.4, j + 0.4,
                colour_of(share_of(line->design, bar.chunk), bar.needed));
    }
  fputs("EOD\n", script);
}

/* Chunk numbers where the bar has room for them. */
static void put_numbers(FILE *script, const cli_timeline *line)
{
  for (int needed = 0; needed < 2; needed++) {
    fprintf(script, "%s << EOD\n-9 -9 0\n", needed ? "$full" : "$pale");
    const double *done = line->done;
    for (int32_t j = 0; j < line->shown; done += testudo_design_load(line->design, j++))
      for (int32_t k = 0; k < testudo_design_load(line->design, j); k++) {
        cli_bar bar;
        double digits = 1.0;
        if (!take_bar(line, j, k, done, &bar) || bar.needed != needed)
          continue;
        for (int32_t rest = bar.chunk; rest > 9; rest /= 10)
          digits++;
        if (bar.end - bar.begin > (0.006 + 0.011 * digits) * line->end)
          fprintf(script, "%.9g %d %d\n", (bar.begin + bar.end) / 2, j, bar.chunk);
      }
    fputs("EOD\n", script);
  }
}

static void timeline_title(FILE *script, const cli_timeline *line, const cli_cluster *cluster)
{
  char title[700], sample[64] = "";
  delay_result delay;
  delay_fill(&delay, cluster);
  const char *name = testudo_design_name(line->design);
  if (line->shown < testudo_design_workers(line->design))
    snprintf(sample, sizeof sample, " - the first %d of %d workers", line->shown, testudo_design_workers(line->design));
  snprintf(title, sizeof title, "One iteration of %.200s under %.200s%s", name[0] == '\0' ? "the design" : name,
           delay.law != NULL ? delay.law : delay.replay, sample);
  delay_terms_write(&delay, title + strlen(title), sizeof title - strlen(title));
  plot_title(script, title);
}

static void put_axes(FILE *script, const cli_timeline *line)
{
  fprintf(script, "set xrange [0:%.9g]\nset yrange [%g:-0.6]\nset xlabel \"time (s); pale: in vain, or not finished\"\n"
                  "set ylabel 'worker'\nunset grid\nset ytics %d\n", 1.05 * line->end, line->shown - 0.4,
          line->shown <= 24 ? 1 : 4);
  if (isfinite(line->completion))
    fprintf(script, "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead linewidth 2 linecolor rgb '%s' front\n"
                    "set label \"T = %.4g\" at %.9g, graph 0.5 center rotate by 90 offset 1.1,0 textcolor rgb '%s'\n",
            line->completion, line->completion, PLOT_BLACK, line->completion, line->completion, PLOT_BLACK);
}

/* Every share has a colour of its own. */
static bool has_key(const testudo_design *design)
{
  int32_t workers = testudo_design_workers(design);
  return workers <= KEY_WORKERS && testudo_design_chunks(design) % workers == 0;
}

static void timeline_script(const cli_plot *plot, const cli_timeline *line, const cli_cluster *cluster)
{
  FILE *script = plot->script;
  const testudo_design *design = line->design;
  plot_taller(plot, fmin(1.7, 0.3 + 0.08 * line->shown));
  timeline_title(script, line, cluster);
  put_bars(script, line);
  put_numbers(script, line);
  put_axes(script, line);
  fputs(has_key(design) ? "set key outside right top Left reverse noenhanced samplen 1.5\n" : "unset key\n", script);
  fputs("plot $bars using 1:2:3:4:5:6:7 with boxxyerror fillcolor rgb variable fillstyle solid 1.0 border linecolor"
        " rgb '#ffffff' notitle", script);
  fputs(", $full using 1:2:(sprintf('%d',$3)) with labels font ',9' textcolor rgb 'white' notitle"
        ", $pale using 1:2:(sprintf('%d',$3)) with labels font ',9' textcolor rgb '#777777' notitle", script);
  for (int32_t j = 0; has_key(design) && j < testudo_design_workers(design); j++)
    fprintf(script, ", NaN with boxes linecolor rgb '%s' title 'share %d'", plot_colour((size_t)j), j);
  fputc('\n', script);
}

testudo_status draw_timeline(cli_plot *plot, const cli_cluster *cluster, testudo_error *error)
{
  cli_timeline line = {.end = 0.0};
  testudo_status status = run_iteration(&line, cluster, error);
  if (status == TESTUDO_OK && !(line.end > 0.0))
    status = testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no time passes in this iteration: nothing to draw");
  if (status == TESTUDO_OK)
    timeline_script(plot, &line, cluster);
  testudo_i_arena_clear(&line.arena);
  return status;
}
