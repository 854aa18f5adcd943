/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order table of a design as a picture. */
#include "plot/draw.h"

#include "common/head.h"

enum { MOST_WORKERS = 2000, MOST_PLACES = 500, NUMBERED_WORKERS = 26, NUMBERED_PLACES = 16 };

/* With chunks finer than workers the colour is that of the share that a chunk is of: its own number would be noise. */
static int32_t chunks_of_share(const testudo_design *design)
{
  int32_t workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  return chunks % workers == 0 ? chunks / workers : 1;
}

static void put_table(FILE *script, const testudo_design *design, int32_t shown, int32_t places)
{
  int32_t finer = chunks_of_share(design);
  fputs("$table << EOD\n", script);
  for (int32_t p = 0; p < places; p++) {
    for (int32_t k = 0; k < shown; k++) {
      int32_t j = (int32_t)((int64_t)k * testudo_design_workers(design) / shown);
      if (p < testudo_design_load(design, j))
        fprintf(script, "%d ", testudo_design_order(design, j)[p] / finer);
      else
        fputs("NaN ", script);
    }
    fputc('\n', script);
  }
  fputs("EOD\n", script);
}

/* All places of one chunk. */
static void put_marked(FILE *script, const testudo_design *design, int32_t shown, int32_t places, int32_t mark)
{
  fputs("$marked << EOD\n-9 -9 0\n", script);
  for (int32_t k = 0; k < shown; k++) {
    int32_t j = (int32_t)((int64_t)k * testudo_design_workers(design) / shown);
    for (int32_t p = 0; p < testudo_design_load(design, j) && p < places; p++)
      if (testudo_design_order(design, j)[p] == mark)
        fprintf(script, "%d %d %d\n", j, p + 1, mark);
  }
  fputs("EOD\n", script);
}

/* Chunk numbers, for tables small enough to read: dark cells take white figures, light ones black. */
static void order_numbers(FILE *script, const testudo_design *design)
{
  const char *const name[] = {"$dark", "$light"};
  for (int light = 0; light < 2; light++) {
    /* A point outside the picture: gnuplot refuses an empty block. */
    fprintf(script, "%s << EOD\n-9 -9 0\n", name[light]);
    for (int32_t j = 0; j < testudo_design_workers(design); j++)
      for (int32_t p = 0; p < testudo_design_load(design, j); p++) {
        int32_t chunk = testudo_design_order(design, j)[p];
        if ((2 * chunk >= testudo_design_chunks(design)) == (light == 1))
          fprintf(script, "%d %d %d\n", j, p + 1, chunk);
      }
    fputs("EOD\n", script);
  }
}

static void order_title(const cli_plot *plot, const testudo_design *design, int32_t shown, int32_t places,
                        int32_t mark)
{
  char title[600], sample[96] = "", cut[96] = "", marked[64] = "";
  if (shown < testudo_design_workers(design))
    snprintf(sample, sizeof sample, " - %d of %d workers, evenly spaced", shown, testudo_design_workers(design));
  if (places < testudo_design_max_load(design))
    snprintf(cut, sizeof cut, " - first %d places of %d", places, testudo_design_max_load(design));
  if (mark >= 0)
    snprintf(marked, sizeof marked, " - copies of chunk %d", mark);
  const char *name = testudo_design_name(design);
  snprintf(title, sizeof title, "Order table: %.300s%s%s%s%s", name, head_model_of(design, name), sample, cut, marked);
  plot_title(plot, title);
}

static void put_axes(FILE *script, const testudo_design *design, double step, int32_t places)
{
  int32_t workers = testudo_design_workers(design), finer = chunks_of_share(design);
  int32_t chunks = testudo_design_chunks(design) / finer;
  /* Viridis (van der Walt and Smith), which keeps its order without colour. */
  fputs("set palette defined (0 '#440154', 1 '#482878', 2 '#3e4989', 3 '#31688e', 4 '#26828e', 5 '#1f9e89',"
        " 6 '#35b779', 7 '#6ece58', 8 '#b5de2b', 9 '#fde725')\nunset grid\nunset key\n"
        "set xlabel 'worker'\nset ylabel 'place in the order (1 = first)'\n", script);
  fprintf(script, finer > 1 ? "set cblabel 'share, of %d chunks'\n" : "set cblabel 'chunk'\n", finer);
  fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [%.9g:0.5]\n", -0.5 * step, workers - 0.5 * step, places + 0.5);
  fprintf(script, "set cbrange [0:%d]\n", chunks > 1 ? chunks - 1 : 1);
  if (workers <= 40)
    fprintf(script, "set xtics %d\n", workers <= 20 ? 1 : 2);
  if (places <= 24)
    fputs("set ytics 1\n", script);
  if (chunks <= 12)
    fputs("set cbtics 1\n", script);
}

void draw_order(cli_plot *plot, const testudo_design *design, int32_t mark)
{
  FILE *script = plot->script;
  int32_t workers = testudo_design_workers(design), load = testudo_design_max_load(design);
  int32_t shown = workers < MOST_WORKERS ? workers : MOST_WORKERS, places = load < MOST_PLACES ? load : MOST_PLACES;
  bool numbered = workers <= NUMBERED_WORKERS && load <= NUMBERED_PLACES;
  double step = (double)workers / shown;
  put_table(script, design, shown, places);
  if (numbered)
    order_numbers(script, design);
  if (mark >= 0)
    put_marked(script, design, shown, places, mark);
  order_title(plot, design, shown, places, mark);
  put_axes(script, design, step, places);
  /* An image needs two rows and two columns; narrow boxes would leave seams. */
  if (shown > 100 && places > 1)
    fprintf(script, "plot $table matrix using ($1*%.9g):($2+1):3 with image", step);
  else
    fprintf(script, "plot $table matrix using ($1*%.9g):($2+1):(%.9g):(0.5):3 with boxxyerror fillcolor palette",
            step, 0.5 * step);
  if (numbered)
    fputs(", $dark using 1:2:(sprintf('%d',$3)) with labels textcolor rgb 'white'"
          ", $light using 1:2:(sprintf('%d',$3)) with labels textcolor rgb 'black'", script);
  if (mark >= 0)
    fprintf(script, ", $marked using 1:2:(%.9g):(0.5) with boxxyerror fillstyle solid 1.0 border linecolor rgb '"
                    PLOT_RED "' linewidth 2 fillcolor rgb '" PLOT_RED "'%s", 0.5 * step,
            numbered ? ", $marked using 1:2:(sprintf('%d',$3)) with labels textcolor rgb 'white'" : "");
  fputc('\n', script);
}
