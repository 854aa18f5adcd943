/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "common/session.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

static volatile sig_atomic_t stop_requested = 0;
static volatile sig_atomic_t pipe_closed = 0;
static struct timespec first_stop; /* written before stop_requested is set, by the handler alone */

/* `timeout` signals the program and then its group: two signals at once are one request to stop. */
#define SAME_REQUEST_SECONDS 1

/* A person who asks again is not content with the stop that is under way. */
static void end_if_asked_again(int signal_number)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec - first_stop.tv_sec <= SAME_REQUEST_SECONDS)
    return;
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static void on_signal(int signal_number)
{
  if (signal_number == SIGPIPE)
    pipe_closed = 1;
  else if (stop_requested)
    end_if_asked_again(signal_number);
  else {
    clock_gettime(CLOCK_MONOTONIC, &first_stop);
    stop_requested = 1;
  }
}

void session_catch_signals(void)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGPIPE, &action, NULL);
}

bool session_stopped(void)
{
  return stop_requested != 0;
}

testudo_status session_close_stdout(testudo_error *error)
{
  errno = 0;
  bool failed = fflush(stdout) != 0;
  /* A write that failed long ago has left its mark but not its reason: one more byte tells it. */
  if (ferror(stdout) && !failed) {
    clearerr(stdout);
    (void)(fputc('\n', stdout) == EOF || fflush(stdout));
    failed = true;
  }
  int why = failed && errno == 0 ? EIO : errno;
  if (fclose(stdout) != 0 && !failed) {
    failed = true;
    why = errno;
  }
  if (!failed)
    return TESTUDO_OK;
  if (why == EPIPE || pipe_closed)
    return TESTUDO_INTERRUPTED;
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "standard output: writing failed: %s", strerror(why));
}

/* ---- progress ---- */

static double now(void)
{
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static void draw(session_progress *progress, double fraction, double time)
{
  enum { CELLS = 30 };
  char bar[CELLS + 1];
  int full = (int)(fraction * CELLS);
  for (int k = 0; k < CELLS; k++)
    bar[k] = k < full ? '=' : k == full ? '>' : ' ';
  bar[CELLS] = '\0';
  double left = fraction > 0.01 ? (time - progress->started) * (1.0 - fraction) / fraction : -1.0;
  if (left >= 0.0)
    fprintf(stderr, "\r%s [%s] %3.0f %%, %d:%02d left \033[K", progress->label, bar, 100.0 * fraction, (int)left / 60,
            (int)left % 60);
  else
    fprintf(stderr, "\r%s [%s] %3.0f %%\033[K", progress->label, bar, 100.0 * fraction);
  fflush(stderr);
}

static bool step(void *context, double fraction)
{
  session_progress *progress = context;
  if (progress->show && fraction >= 0.0 && fraction <= 1.0) {
    double time = now();
    /* Work that ends within half a second needs no bar. */
    if (time - progress->started > 0.5 && time - progress->shown > 0.1) {
      draw(progress, fraction, time);
      progress->shown = time;
      progress->drawn = true;
    }
  }
  return !session_stopped();
}

void session_progress_start(session_progress *progress, const char *label, const cli_arguments *arguments)
{
  *progress = (session_progress){.label = label, .started = now()};
  progress->show = isatty(STDERR_FILENO) && !cli_given(arguments, "quiet");
  progress->monitor = (testudo_monitor){step, progress};
}

void session_progress_end(session_progress *progress)
{
  if (progress->drawn)
    fputs("\r\033[K", stderr);
  progress->drawn = false;
}

void session_say(const cli_arguments *arguments, const char *format, ...)
{
  if (cli_given(arguments, "quiet"))
    return;
  va_list list;
  va_start(list, format);
  fputs("testudo: ", stderr);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  va_end(list);
}

/* ---- results ---- */

testudo_status session_write(const cli_arguments *arguments, const session_result *result, testudo_error *error)
{
  const char *path = cli_text(arguments, "output", NULL);
  if (path != NULL) {
    testudo_i_output output;
    testudo_status status = testudo_i_output_open(&output, path, error);
    if (status != TESTUDO_OK)
      return status;
    result->json(output.stream, result->context);
    status = testudo_i_output_commit(&output, error);
    if (status != TESTUDO_OK)
      return status;
  }
  if (cli_given(arguments, "json"))
    result->json(stdout, result->context);
  else
    result->text(stdout, result->context);
  return TESTUDO_OK;
}
