/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of the program: its signals, its end, its progress bar, and where its results go. */
#define _POSIX_C_SOURCE 200809L
#include "common/session.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <testudo/designfile.h>

#include "base/error.h"
#include "base/text.h"
#include "designfile/write.h"
#include "parallel/loop.h"

static volatile sig_atomic_t stop_requested = 0;
static volatile sig_atomic_t stop_heeded = 0;
static volatile sig_atomic_t pipe_closed = 0;
static volatile sig_atomic_t bar_drawn = 0;
static volatile sig_atomic_t file_open = 0; /* it is about to be whole */
static double began;
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

/* What asks the monitor often enough has seen the request by then, and saves what it has. What does not, has nothing to
   save: files under their final names are whole at any time. */
#define HEEDED_WITHIN_MICROSECONDS 700000

static void watch_for_heed(void)
{
  const struct itimerval once = {.it_value = {.tv_usec = HEEDED_WITHIN_MICROSECONDS}};
  setitimer(ITIMER_REAL, &once, NULL);
}

static void on_alarm(int signal_number)
{
  static const char cleared[] = "\r\033[K", said[] = "testudo: interrupted\n";
  (void)signal_number;
  if (stop_heeded)
    return;
  if (file_open) {
    watch_for_heed();
    return;
  }
  if (bar_drawn && write(STDERR_FILENO, cleared, sizeof cleared - 1) < 0)
    _exit(TESTUDO_INTERRUPTED);
  if (write(STDERR_FILENO, said, sizeof said - 1) < 0)
    _exit(TESTUDO_INTERRUPTED);
  _exit(TESTUDO_INTERRUPTED);
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
    watch_for_heed();
  }
}

void session_catch_signals(void)
{
  began = testudo_i_seconds_now();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGPIPE, &action, NULL);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
}

void session_end_by_pipe(void)
{
  signal(SIGPIPE, SIG_DFL);
  raise(SIGPIPE);
}

double session_seconds(void)
{
  return testudo_i_seconds_now() - began;
}

bool session_out_of_time(double limit)
{
  return limit > 0.0 && session_seconds() >= limit;
}

double session_part(double limit, double fraction)
{
  return limit > 0.0 ? fmin(1.0, fmax(fraction, session_seconds() / limit)) : fraction;
}

bool session_stopped(void)
{
  if (stop_requested)
    stop_heeded = 1;
  return stop_requested != 0;
}

testudo_status session_close_stdout(testudo_error *error)
{
  errno = 0;
  bool failed = fflush(stdout) != 0;
  /* A write that failed long ago has left its mark but not its reason: one more byte shows it. */
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

static struct {
  testudo_monitor monitor;
  const char *label;
  bool show;
  double started, shown; /* seconds */
} progress;

static void progress_draw(double fraction, double time)
{
  enum { CELLS = 30 };
  char bar[CELLS + 1];
  int full = (int)(fraction * CELLS);
  for (int k = 0; k < CELLS; k++)
    bar[k] = k < full ? '=' : k == full ? '>' : ' ';
  bar[CELLS] = '\0';
  double left = fraction > 0.01 ? (time - progress.started) * (1.0 - fraction) / fraction : -1.0;
  if (left >= 0.0)
    fprintf(stderr, "\r%s [%s] %3.0f %%, %d:%02d left \033[K", progress.label, bar, 100.0 * fraction, (int)left / 60,
            (int)left % 60);
  else
    fprintf(stderr, "\r%s [%s] %3.0f %%\033[K", progress.label, bar, 100.0 * fraction);
  fflush(stderr);
}

static bool progress_step(void *context, double fraction)
{
  (void)context;
  if (progress.show && fraction >= 0.0 && fraction <= 1.0) {
    double time = testudo_i_seconds_now();
    /* Work that ends within half a second needs no bar. */
    if (time - progress.started > 0.5 && time - progress.shown > 0.1) {
      progress_draw(fraction, time);
      progress.shown = time;
      bar_drawn = 1;
    }
  }
  return !session_stopped();
}

/* Of a thread of a batch of computations. */
static _Thread_local const testudo_monitor *watching;

void session_watch_thread(const testudo_monitor *monitor)
{
  watching = monitor;
}

const testudo_monitor *session_progress_start(const char *label, const cli_arguments *arguments)
{
  if (watching != NULL)
    return watching;
  progress.label = label;
  progress.started = testudo_i_seconds_now();
  progress.shown = 0.0;
  progress.show = isatty(STDERR_FILENO) && !cli_given(arguments, "quiet");
  progress.monitor.step = progress_step;
  return &progress.monitor;
}

const testudo_monitor *session_progress_resume(const char *label, const cli_arguments *arguments, double started)
{
  const testudo_monitor *monitor = session_progress_start(label, arguments);
  if (watching == NULL)
    progress.started = started;
  return monitor;
}

testudo_status session_progress_end(testudo_status status)
{
  if (watching != NULL)
    return status;
  if (bar_drawn)
    fputs("\r\033[K", stderr);
  bar_drawn = 0;
  progress.show = false;
  return status;
}

int32_t session_threads(const cli_arguments *arguments)
{
  static int32_t found; /* once a run */
  if (watching != NULL)
    return 1;
  if (found > 0)
    return found;
  int32_t wanted = (int32_t)cli_integer(arguments, "threads", 0);
  if (wanted == 0)
    wanted = testudo_i_cores();
  found = testudo_i_threads_to_be_had(wanted);
  if (found < wanted)
    session_say(arguments, "%d of %d threads can be started here; going on with %d", (int)found, (int)wanted,
                (int)found);
  return found;
}

static void session_put(const char *format, va_list list)
{
  static const char head[] = "testudo: ";
  char line[4096];
  size_t begun = sizeof head - 1;
  memcpy(line, head, begun);
  /* One byte for the end of the line, and that behind it. */
  int length = vsnprintf(line + begun, sizeof line - begun - 1, format, list);
  begun += length < 0 ? 0 : (size_t)length;
  begun = begun < sizeof line - 2 ? begun : sizeof line - 2;
  memcpy(line + begun, "\n", 2);
  testudo_i_text_put(stderr, line);
}

void session_say(const cli_arguments *arguments, const char *format, ...)
{
  if (cli_given(arguments, "quiet") || watching != NULL)
    return;
  va_list list;
  va_start(list, format);
  session_put(format, list);
  va_end(list);
}

void session_complain(const char *format, ...)
{
  va_list list;
  va_start(list, format);
  session_put(format, list);
  va_end(list);
}

/* ---- files that are written ---- */

testudo_status session_output(testudo_i_output *output, const char *path, testudo_error *error)
{
  if (!cli_is_standard(path)) {
    testudo_status status = testudo_i_output_open(output, path, error);
    file_open = status == TESTUDO_OK;
    return status;
  }
  *output = (testudo_i_output){.stream = stdout};
  return TESTUDO_OK;
}

testudo_status session_output_end(testudo_i_output *output, testudo_status status, testudo_error *error)
{
  if (output->stream == stdout)
    return status; /* session_close_stdout sees to it */
  if (status == TESTUDO_OK)
    status = testudo_i_output_commit(output, error);
  else
    testudo_i_output_abandon(output);
  file_open = 0;
  return status;
}

testudo_status session_put_design(testudo_design *design, const char *path, testudo_error *error)
{
  uint64_t checksum;
  if (cli_is_standard(path))
    return testudo_i_design_put(design, stdout, &checksum, error);
  file_open = 1;
  testudo_status status = testudo_design_write(design, path, error);
  file_open = 0;
  return status;
}
