/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page (troff, man macros) and the Markdown pages of docs/commands. */
#include "option/option.h"

/* ---- troff ---- */

/* A line that begins with a point or a quote would be a request; a backslash an escape; a bare hyphen is typeset. */
static void put_troff(FILE *stream, const char *text)
{
  bool start = true;
  for (; *text != '\0'; text++) {
    if (start && (*text == '.' || *text == '\''))
      fputs("\\&", stream);
    start = *text == '\n';
    if (*text == '\n' && text[1] == '\n') {
      fputs("\n.PP", stream);
      continue;
    }
    if (*text == '\\')
      fputs("\\e", stream);
    else if (*text == '-')
      fputs("\\-", stream);
    else
      fputc(*text, stream);
  }
}

static void put_troff_option(FILE *stream, const cli_option *option)
{
  char range[96];
  cli_range_text(option, range, sizeof range);
  if (option->heading != NULL)
    fprintf(stream, ".PP\n%s:\n", option->heading);
  fputs(".TP\n.B ", stream);
  if (option->letter != 0)
    fprintf(stream, "\\-%c, ", option->letter);
  fputs("\\-\\-", stream);
  put_troff(stream, option->name);
  if (option->value != NULL) {
    fputs(" \\fI", stream);
    put_troff(stream, option->value);
    fputs("\\fR", stream);
  }
  fputc('\n', stream);
  put_troff(stream, option->help);
  const char *label[] = {"One of", "Allowed", "Default"};
  const char *what[] = {option->choices, range[0] == '\0' ? NULL : range, option->preset};
  for (int k = 0; k < 3; k++)
    if (what[k] != NULL) {
      fprintf(stream, "\n%s: ", label[k]);
      put_troff(stream, what[k]);
      fputc('.', stream);
    }
  fputc('\n', stream);
}

static void put_troff_command(FILE *stream, const cli_command *command)
{
  fprintf(stream, ".SS testudo %s [options] %s\n", command->name, command->operands);
  put_troff(stream, command->summary);
  fputs("\n.PP\n", stream);
  put_troff(stream, command->details);
  fputc('\n', stream);
  for (const cli_option *const *group = command->groups; *group != NULL; group++)
    for (const cli_option *option = *group; *group != cli_common_options && option->name != NULL; option++)
      put_troff_option(stream, option);
  fputs(".PP\nExample:\n.PP\n.nf\n", stream);
  put_troff(stream, command->example);
  fputs("\n.fi\n", stream);
}

void cli_manual(FILE *stream, const cli_command *const *commands)
{
  fprintf(stream,
          ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n.TH TESTUDO 1 \"\" \"testudo %s\" \"User Commands\"\n",
          testudo_version());
  fputs(".SH NAME\ntestudo \\- design, analyse and validate gradient codes\n"
        ".SH SYNOPSIS\n.B testudo\n\\fIcommand\\fR [\\fIoptions\\fR] [\\fIFILE\\fR..]\n"
        ".SH DESCRIPTION\nTestudo makes and measures gradient codes: ways to spread the chunks of a training set over"
        " workers so that a learning step need not wait for the slow ones.\n"
        ".SH COMMON OPTIONS\n", stream);
  for (const cli_option *option = cli_common_options; option->name != NULL; option++)
    put_troff_option(stream, option);
  fputs(".SH COMMANDS\n", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++)
    put_troff_command(stream, *command);
  fputs(".SH EXIT STATUS\n0 done; 1 a claim failed; 2 usage; 3 bad input file; 4 undecided within the limit;"
        " 5 system error; 130 interrupted.\n", stream);
}

/* ---- Markdown ---- */

static void put_cell(FILE *stream, const char *text)
{
  for (; *text != '\0'; text++) {
    if (*text == '|' || *text == '<')
      fputc('\\', stream);
    fputc(*text, stream);
  }
}

static void put_markdown_option(FILE *stream, const cli_option *option, bool first)
{
  char range[96];
  cli_range_text(option, range, sizeof range);
  if (option->heading != NULL)
    fprintf(stream, "\n## %s\n", option->heading);
  if (option->heading != NULL || first)
    fputs("\n| option | meaning | allowed | default |\n|---|---|---|---|\n", stream);
  fputs("| `", stream);
  if (option->letter != 0)
    fprintf(stream, "-%c`, `", option->letter);
  fprintf(stream, "--%s%s%s` | ", option->name, option->value ? " " : "", option->value ? option->value : "");
  put_cell(stream, option->help);
  if (option->choices != NULL)
    fprintf(stream, " One of: `%s`.", option->choices);
  fputs(" | ", stream);
  put_cell(stream, range);
  fputs(" | ", stream);
  put_cell(stream, option->preset == NULL ? "" : option->preset);
  fputs(" |\n", stream);
}

void cli_markdown(FILE *stream, const cli_command *command)
{
  fprintf(stream, "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n"
                  "<!-- Made by `testudo help --markdown %s` from the command's option table; do not edit. -->\n",
          command->name);
  fprintf(stream, "# testudo %s\n\n%s\n\n", command->name, command->summary);
  fprintf(stream, "    testudo %s [options]%s%s\n\n", command->name, command->operands[0] ? " " : "",
          command->operands);
  fprintf(stream, "%s\n", command->details);
  CLI_EACH_OPTION(option, command)
    put_markdown_option(stream, option, option == command->groups[0]);
  fprintf(stream, "\nExample:\n\n```sh\n%s\n```\n", command->example);
}
