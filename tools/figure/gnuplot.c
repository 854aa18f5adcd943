/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures through gnuplot: the script is collected in memory, run, and its output renamed into place. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "figure/gnuplot.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "common/session.h"

const plot_look plot_usual_look = {.width = 900, .height = 600};

/* gnuplot's name; the usual size in its unit is that of plot_usual_look. Without a font there is no background
   either. */
static const struct {
  const char *name, *unit;
  double unit_pixels;
  const char *more, *font;
  int points;
} terminals[] = {
    [PLOT_SVG] = {"svg", "", 1.0, "dynamic enhanced", "Helvetica", 13},
    [PLOT_PNG] = {"pngcairo", "", 1.0, "enhanced", "Sans", 11},
    [PLOT_PDF] = {"pdfcairo", "cm", 37.5, "enhanced", "Sans", 12},
    [PLOT_EPS] = {"epscairo", "cm", 37.5, "enhanced", "Sans", 12},
    [PLOT_TEX] = {"tikz", "cm", 37.5, "", NULL, 0},
    [PLOT_CSV] = {"dumb", "", 10.0, "", NULL, 0},
};

static void set_terminal(const cli_plot *plot, double taller)
{
  double per = terminals[plot->kind].unit_pixels;
  const char *unit = terminals[plot->kind].unit, *font = terminals[plot->kind].font;
  /* Small pictures have smaller letters. */
  double small = fmin(1.0, fmax(0.6, sqrt(plot->look.width * plot->look.height / 540000.0)));
  fprintf(plot->script, "set terminal %s size %.5g%s,%.5g%s %s", terminals[plot->kind].name, plot->look.width / per,
          unit, taller * plot->look.height / per, unit, terminals[plot->kind].more);
  if (font != NULL)
    fprintf(plot->script, " font '%s,%.3g' background '%s'", font, small * terminals[plot->kind].points,
            plot->look.style == PLOT_DARK ? "#1b1d20" : "#ffffff");
  fputc('\n', plot->script);
}

void plot_taller(const cli_plot *plot, double by)
{
  set_terminal(plot, plot->look.sized ? 1.0 : by);
}

/* One side of a size, up to `end`. */
static bool take_side(const char *text, const char *end, int *pixels)
{
  char *stop;
  double value = strtod(text, &stop);
  if (end - stop == 2 && strncmp(stop, "cm", 2) == 0)
    value *= 37.5;
  else if (stop != end)
    return false;
  if (stop == text || !(value >= 200.0 && value <= 10000.0))
    return false;
  *pixels = (int)(value + 0.5);
  return true;
}

testudo_status plot_take_size(const char *text, plot_look *look, testudo_error *error)
{
  const char *by = strchr(text, 'x');
  if (by == NULL || !take_side(text, by, &look->width) || !take_side(by + 1, text + strlen(text), &look->height))
    return cli_refuse(error, "--size: '%.40s' is not a size; wanted: 900x600, in pixels, or 12cmx8cm; 200 to 10000"
                      " pixels each way, 37.5 of them to the centimetre", text);
  look->sized = true;
  return TESTUDO_OK;
}

testudo_status plot_open(cli_plot *plot, const char *path, int kind, const plot_look *look, testudo_error *error)
{
  *plot = (struct cli_plot){.path = path, .look = look == NULL ? plot_usual_look : *look};
  kind = kind >= 0 ? kind : cli_ending(path, PLOT_ENDINGS);
  if (kind < 0)
    return cli_refuse(error, "%s: unknown picture format; use a name that ends in .svg, .png, .pdf, .eps, .tex or .csv",
                      path);
  plot->script = open_memstream(&plot->text, &plot->length);
  TESTUDO_I_TRY(testudo_i_memory_check(plot->script != NULL, error));
  plot->kind = kind;
  fputs("set encoding utf8\n", plot->script);
  set_terminal(plot, 1.0);
  fputs("set grid linetype 1 linewidth 0.5 linecolor rgb '#d8d8d8'\nset border linecolor rgb '#555555'\n"
        "set tics nomirror out\nset style fill solid 1.0 noborder\n", plot->script);
  return TESTUDO_OK;
}

void plot_close(cli_plot *plot)
{
  if (plot->script != NULL)
    fclose(plot->script);
  free(plot->text);
}

const char *plot_tex_sign(const char *character, size_t size)
{
  static const struct {
    const char *sign, *tex;
  } special[] = {{"\\", "\\textbackslash{}"}, {"{", "\\{"}, {"}", "\\}"}, {"$", "\\$"}, {"&", "\\&"}, {"#", "\\#"},
                 {"%", "\\%"}, {"_", "\\_"}, {"^", "\\textasciicircum{}"}, {"~", "\\textasciitilde{}"},
                 {"<", "\\textless{}"}, {">", "\\textgreater{}"}, {"≤", "$\\le$"}, {"≥", "$\\ge$"}};
  for (size_t k = 0; k < sizeof special / sizeof *special; k++)
    if (size == strlen(special[k].sign) && memcmp(character, special[k].sign, size) == 0)
      return special[k].tex;
  return NULL;
}

static void put_quoted(FILE *script, const char *text, size_t length)
{
  for (size_t k = 0; k < length; k++) {
    if (strchr("\"\\`", text[k]) != NULL)
      fputc('\\', script);
    fputc(text[k], script);
  }
}

void plot_quote(const cli_plot *plot, const char *text)
{
  FILE *script = plot->script;
  /* Whole characters only: half a one, where a long name was cut, makes an SVG file that nothing reads. */
  fputc('"', script);
  for (size_t left = strlen(text), size; left > 0; text += size, left -= size) {
    size = testudo_i_character(text, left);
    const char *tex = plot->kind == PLOT_TEX ? plot_tex_sign(text, size) : NULL;
    if (tex != NULL)
      put_quoted(script, tex, strlen(tex));
    else if (size > 0)
      put_quoted(script, text, size);
    else if ((unsigned char)*text < ' ')
      fputc(' ', script);
    size = size > 0 ? size : 1;
  }
  fputc('"', script);
}

const char *plot_colour(size_t k)
{
  static const char *const colours[PLOT_COLOURS] = {PLOT_BLUE, PLOT_RED, PLOT_GREEN, PLOT_ORANGE,
                                                    "#CC79A7", PLOT_SKY, PLOT_BLACK};
  return colours[k % PLOT_COLOURS];
}

void plot_heading(const cli_plot *plot, const char *text)
{
  plot_quote(plot, plot->look.title != NULL ? plot->look.title : text);
}

void plot_title(const cli_plot *plot, const char *text)
{
  fputs("set title ", plot->script);
  plot_heading(plot, text);
  fputs(" noenhanced\n", plot->script);
}

/* ---- running ---- */

/* The user's, or where their PATH has none the one that was there when this was built. It dies with us. */
static void gnuplot_child(FILE *script, FILE *picture, FILE *complaint)
{
  static const char *const names[] = {"gnuplot", TESTUDO_GNUPLOT};
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (dup2(fileno(script), STDIN_FILENO) < 0 || dup2(fileno(picture), STDOUT_FILENO) < 0 ||
      dup2(fileno(complaint), STDERR_FILENO) < 0)
    _exit(126);
  /* The same bytes whatever the user's clock and language are. */
  if (setenv("TZ", "UTC0", 1) != 0 || setenv("LC_ALL", "C.UTF-8", 1) != 0)
    _exit(126);
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    execlp(names[k], names[k], "-d", "-", (char *)NULL);
  if (errno != ENOENT && errno != EACCES)
    dprintf(STDERR_FILENO, "%s\n", strerror(errno));
  _exit(127);
}

static testudo_status gnuplot_judge(int answer, FILE *complaint, testudo_error *error)
{
  if (WIFEXITED(answer) && WEXITSTATUS(answer) == 0)
    return TESTUDO_OK;
  if (session_stopped())
    return TESTUDO_INTERRUPTED;
  char line[256] = "";
  rewind(complaint);
  while (fgets(line, sizeof line, complaint) != NULL && line[strspn(line, " \t\n^")] == '\0')
    continue;
  line[strcspn(line, "\n")] = '\0';
  /* 127: it did not start. The loader says why, as where its libraries do not fit into memory. */
  bool started = !WIFEXITED(answer) || WEXITSTATUS(answer) != 127;
  if (!started && line[0] == '\0')
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM,
                          "gnuplot was not found; plots need it (Debian: apt-get install gnuplot-nox)");
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "gnuplot %s: %s", started ? "failed" : "cannot be started",
                        line[0] == '\0' ? "no reason given" : line);
}

static testudo_status run_gnuplot(FILE *script, FILE *picture, FILE *complaint, testudo_error *error)
{
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGPIPE, SIG_DFL);
    gnuplot_child(script, picture, complaint);
  }
  if (pid < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "gnuplot cannot be started: %s", strerror(errno));
  int answer = 0;
  while (waitpid(pid, &answer, 0) < 0) {
    if (errno != EINTR)
      return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "gnuplot was lost: %s", strerror(errno));
    if (session_stopped())
      kill(pid, SIGKILL); /* it has nothing to save */
  }
  return gnuplot_judge(answer, complaint, error);
}

/* Cairo writes the time of day into a PDF; the same command must give the same bytes, so the date is set to one that
   is as long. */
static void still_date(char *bytes, size_t length)
{
  static const char mark[] = "/CreationDate (D:", fixed[] = "20000101000000";
  for (size_t k = 0; k + sizeof mark < length; k++) {
    if (memcmp(bytes + k, mark, sizeof mark - 1) != 0)
      continue;
    char *date = bytes + k + sizeof mark - 1, *end = bytes + length;
    for (size_t d = 0; date + d < end && date[d] != ')'; d++)
      if (date[d] >= '0' && date[d] <= '9')
        date[d] = d < sizeof fixed - 1 ? fixed[d] : '0';
      else if (date[d] == '+' || date[d] == '-')
        date[d] = '+';
  }
}

/* The same of an EPS file, and of TeX: the rest of the line behind the mark, as long as it was. */
static void still_line(char *bytes, size_t length, const char *mark)
{
  static const char fixed[] = "Sat Jan  1 00:00:00 2000";
  size_t marked = strlen(mark);
  for (size_t k = 0; k + marked < length; k++) {
    if (memcmp(bytes + k, mark, marked) != 0)
      continue;
    for (size_t d = k + marked, n = 0; d < length && bytes[d] != '\n'; d++, n++)
      bytes[d] = n < sizeof fixed - 1 ? fixed[n] : ' ';
    return;
  }
}

static testudo_status picture_write(FILE *picture, const char *path, char *bytes, size_t length, testudo_error *error)
{
  testudo_i_output output;
  rewind(picture);
  if (fread(bytes, 1, length, picture) != length)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the picture cannot be read back");
  still_date(bytes, length);
  still_line(bytes, length < 4096 ? length : 4096, "%%CreationDate: ");
  still_line(bytes, length < 4096 ? length : 4096, ")\n%% "); /* behind the line of gnuplot's version */
  TESTUDO_I_TRY(session_output(&output, path, error));
  fwrite(bytes, 1, length, output.stream);
  return session_output_end(&output, TESTUDO_OK, error);
}

static testudo_status picture_keep(FILE *picture, const char *path, testudo_error *error)
{
  long end = fseek(picture, 0, SEEK_END) == 0 ? ftell(picture) : -1;
  if (end <= 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "gnuplot drew nothing");
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = testudo_i_alloc((size_t)end, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(bytes != NULL, error));
  return picture_write(picture, path, bytes, (size_t)end, error);
}

static testudo_status draw_through(const cli_plot *plot, FILE *script, FILE *picture, FILE *complaint,
                                   testudo_error *error)
{
  bool room = script != NULL && picture != NULL && complaint != NULL;
  if (!room || fwrite(plot->text, 1, plot->length, script) != plot->length || fflush(script) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "no room for temporary files: %s", strerror(errno));
  rewind(script);
  TESTUDO_I_TRY(run_gnuplot(script, picture, complaint, error));
  return picture_keep(picture, plot->path, error);
}

/* What the blocks of a script hold, between "$name << EOD" and "EOD". */
static void put_blocks(FILE *stream, char *text)
{
  char name[64] = "", *next;
  bool inside = false;
  fputs("block,values\r\n", stream);
  for (char *line = text; line != NULL; line = next) {
    next = strchr(line, '\n');
    if (next != NULL)
      *next++ = '\0';
    if (inside && strcmp(line, "EOD") == 0)
      inside = false;
    else if (inside) {
      fprintf(stream, "%s", name);
      for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        fprintf(stream, ",%s", word);
      fputs("\r\n", stream);
    } else if (line[0] == '$' && strstr(line, " << EOD") != NULL) {
      snprintf(name, sizeof name, "%.*s", (int)strcspn(line + 1, " "), line + 1);
      inside = true;
    }
  }
}

static testudo_status draw_data(const cli_plot *plot, testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, plot->path, error));
  put_blocks(output.stream, plot->text);
  return session_output_end(&output, TESTUDO_OK, error);
}

testudo_status plot_draw(const cli_plot *plot, testudo_error *error)
{
  bool whole = fflush(plot->script) == 0 && !ferror(plot->script);
  TESTUDO_I_TRY(testudo_i_memory_check(whole, error));
  if (plot->kind == PLOT_CSV)
    return draw_data(plot, error);
  FILE *file[] = {tmpfile(), tmpfile(), tmpfile()};
  testudo_status status = draw_through(plot, file[0], file[1], file[2], error);
  for (int k = 0; k < 3; k++)
    if (file[k] != NULL)
      fclose(file[k]);
  return status;
}
