/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help, for people at a terminal. */
#include "option/option.h"

#include <string.h>

enum { WIDTH = 100, INDENT = 28 };

/* Prints words, breaking lines before WIDTH; the first word goes at column `column`, later lines at `indent`. A newline
   in the text is kept. */
static void put_wrapped(FILE *stream, const char *text, int column, int indent)
{
  while (*text != '\0') {
    size_t blank = strspn(text, " ");
    text += blank;
    if (*text == '\n') {
      fprintf(stream, "\n%*s", text[1] == '\n' || text[1] == '\0' ? 0 : indent, "");
      column = indent;
      text++;
      continue;
    }
    size_t length = strcspn(text, " \n");
    if (column + (int)length + 1 > WIDTH && column > indent) {
      fprintf(stream, "\n%*s", indent, "");
      column = indent;
    } else if (blank > 0 && column > indent) {
      fputc(' ', stream);
      column++;
    }
    fwrite(text, 1, length, stream);
    column += (int)length;
    text += length;
  }
  fputc('\n', stream);
}

void cli_describe(const cli_option *option, char *text, size_t room)
{
  char range[96], forms[1024];
  cli_range_text(option, range, sizeof range);
  const char *label[] = {"", " One of: ", " Allowed: ", " Default: "};
  bool listed = option->kind != CLI_LAW && cli_forms(option, forms, sizeof forms); /* laws under --delay alone */
  const char *what[] = {option->help, listed ? forms : NULL,
                        range[0] == '\0' ? NULL : range, option->preset};
  for (size_t k = 0, length = 0; k < sizeof what / sizeof *what && length < room; k++)
    if (what[k] != NULL)
      length += (size_t)snprintf(text + length, room - length, "%s%s%s", label[k], what[k], k == 0 ? "" : ".");
}

static void put_option(FILE *stream, const cli_option *option)
{
  char text[2048];
  if (option->heading != NULL)
    fprintf(stream, "\n%s:\n", option->heading);
  cli_describe(option, text, sizeof text);
  int column = fprintf(stream, "  %s%c%s--%s%s%s", option->letter ? "-" : "", option->letter ? option->letter : ' ',
                       option->letter ? ", " : "   ", option->name, option->value ? " " : "",
                       option->value ? option->value : "");
  if (column > INDENT - 2) {
    fputc('\n', stream);
    column = 0;
  }
  column += fprintf(stream, "%*s", INDENT - column, "");
  put_wrapped(stream, text, column, INDENT);
}

void cli_usage(FILE *stream, const cli_command *command)
{
  fprintf(stream, "usage: testudo %s [options]%s%s\n\n", command->name, command->operands[0] ? " " : "",
          command->operands);
  put_wrapped(stream, command->summary, 0, 0);
  fputc('\n', stream);
  put_wrapped(stream, command->details, 0, 0);
  fputs(command->groups[0]->heading == NULL ? "\nOptions:\n" : "", stream);
  CLI_EACH_OPTION(option, command)
    put_option(stream, option);
  fprintf(stream, "\nExample:\n%s\n", command->example);
  fputs("\nExit codes: 0 done, 1 a claim failed, 2 usage, 3 bad input file, 4 undecided within the limit,"
        "\n5 system error, 130 interrupted.\n", stream);
}

void cli_overview(FILE *stream, const cli_command *const *commands)
{
  fputs("usage: testudo <command> [options] [FILE..]\n\n"
        "Testudo designs, analyses and validates gradient codes: distributed learning that does not wait for slow\n"
        "workers.\n\nCommands:\n", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++)
    fprintf(stream, "  %-12s%s\n", (*command)->name, (*command)->summary);
  fputs("  help        The help of a command: testudo help design.\n"
        "  completion  Completion for bash, zsh and fish: eval \"$(testudo completion bash)\".\n\n"
        "'testudo <command> --help' lists the options; 'testudo --version' prints the version.\n", stream);
}
