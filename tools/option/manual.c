/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page (troff, man macros) and the Markdown pages of docs/commands. */
#include "option/option.h"
#include "report/field.h"

#include <ctype.h>
#include <string.h>

/* ---- troff ---- */

/* A line that begins with a point or a quote would be a request; a backslash an escape; hyphens and quotes would be
   typeset. */
static const char *troff_escape(char letter)
{
  static const char special[] = "\\-'^~";
  static const char *const written[] = {"\\e", "\\-", "\\(aq", "\\(ha", "\\(ti"};
  const char *found = strchr(special, letter);
  return found == NULL || letter == '\0' ? NULL : written[found - special];
}

static void put_troff(FILE *stream, const char *text, size_t length)
{
  bool start = true;
  for (size_t k = 0; k < length; k++) {
    const char *escape = troff_escape(text[k]);
    if (start && text[k] == '.')
      fputs("\\&", stream);
    start = text[k] == '\n';
    if (escape != NULL)
      fputs(escape, stream);
    else
      fputc(text[k], stream);
  }
}

/* As it stands in the file. */
static size_t troff_width(const char *text, size_t length)
{
  size_t width = length > 0 && text[0] == '.' ? strlen("\\&") : 0;
  for (size_t k = 0; k < length; k++)
    width += troff_escape(text[k]) == NULL ? 1 : strlen(troff_escape(text[k]));
  return width;
}

/* In lines of fewer than 80 characters; an empty line begins a paragraph. */
static void put_filled(FILE *stream, const char *text)
{
  for (size_t column = 0; *text != '\0';) {
    size_t blank = strspn(text, " \n"), length = strcspn(text + blank, " \n");
    size_t width = troff_width(text + blank, length);
    bool paragraph = blank > 1 && text[1] == '\n', breaks = column + width > 75;
    if (column > 0 && length > 0)
      fputs(paragraph ? "\n.PP\n" : breaks ? "\n" : " ", stream);
    put_troff(stream, text + blank, length);
    column = paragraph || breaks ? width : column + 1 + width;
    text += blank + length;
  }
  fputc('\n', stream);
}

static void put_troff_option(FILE *stream, const cli_option *option)
{
  char text[2048];
  cli_describe(option, text, sizeof text);
  if (option->heading != NULL)
    fprintf(stream, ".SS %s\n", option->heading);
  fputs(".TP\n.B ", stream);
  if (option->letter != 0)
    fprintf(stream, "\\-%c, ", option->letter);
  fputs("\\-\\-", stream);
  put_troff(stream, option->name, strlen(option->name));
  if (option->value != NULL) {
    fputs(" \\fI", stream);
    put_troff(stream, option->value, strlen(option->value));
    fputs("\\fR", stream);
  }
  fputc('\n', stream);
  put_filled(stream, text);
}

/* The head of testudo.1, or of the page of a command, up to NAME. */
static void put_title(FILE *stream, const char *name, const char *summary)
{
  const char *dash = name[0] == '\0' ? "" : "\\-";
  fputs(".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n.TH TESTUDO", stream);
  fputs(dash, stream);
  for (const char *letter = name; *letter != '\0'; letter++)
    fputc(toupper((unsigned char)*letter), stream);
  fprintf(stream, " 1 \"\" \"testudo %s\" \"User Commands\"\n.SH NAME\ntestudo%s%s \\-\n", testudo_version(), dash,
          name);
  put_filled(stream, summary);
}

void cli_manual_command(FILE *stream, const cli_command *command)
{
  put_title(stream, command->name, command->summary);
  fprintf(stream, ".SH SYNOPSIS\n.B testudo %s\n[\\fIoptions\\fR]", command->name);
  if (command->operands[0] != '\0')
    fprintf(stream, " \\fI%s\\fR", command->operands);
  fputs("\n.SH DESCRIPTION\n", stream);
  put_filled(stream, command->details);
  fputs(".SH OPTIONS\n", stream);
  CLI_EACH_OPTION(option, command)
    put_troff_option(stream, option);
  fputs(".SH EXIT STATUS\nThat of every command: see\n.BR testudo (1).\n.SH EXAMPLES\n.nf\n", stream);
  put_troff(stream, command->example, strlen(command->example));
  fputs("\n.fi\n.SH SEE ALSO\n.BR testudo (1)\n", stream);
}

void cli_manual(FILE *stream, const cli_command *const *commands)
{
  put_title(stream, "", "design, analyse and validate gradient codes");
  fputs(".SH SYNOPSIS\n.B testudo\n\\fIcommand\\fR [\\fIoptions\\fR] [\\fIFILE\\fR..]\n.SH DESCRIPTION\n"
        "Testudo makes and measures gradient codes: ways to spread the chunks of a\n"
        "training set over workers so that a learning step need not wait for the slow\nones.\n"
        "Each command has a page of its own.\n.SH COMMANDS\n", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++) {
    fprintf(stream, ".TP\n.BR testudo\\-%s (1)\n", (*command)->name);
    put_filled(stream, (*command)->summary);
  }
  fputs(".TP\n.B testudo help \\fIcommand\\fR\nThe help of a command.\n"
        ".TP\n.B testudo completion bash\\fR|\\fBzsh\\fR|\\fBfish\nPrints the completion of a shell:\n"
        "eval \"$(testudo completion bash)\".\n.SH OPTIONS\n", stream);
  for (const cli_option *option = cli_common_options; option->name != NULL; option++)
    put_troff_option(stream, option);
  fputs(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nA claim failed.\n.TP\n.B 2\nThe command line is wrong.\n"
        ".TP\n.B 3\nAn input file is wrong.\n.TP\n.B 4\nNot decided within the limit.\n"
        ".TP\n.B 5\nThe system refused: memory, disk space, a file that cannot be opened.\n"
        ".TP\n.B 130\nInterrupted; where there is a result so far, it is written.\n"
        ".SH ENVIRONMENT\n.TP\n.B PATH\ngnuplot, which draws plots, is looked for there if it is not where it was\n"
        "when testudo was built.\n.PP\nThe locale changes nothing: numbers have a decimal point.\n"
        ".SH FILES\nDesign files and results are JSON, traces of chunk times and matrices CSV; the\n"
        "formats are in docs/file\\-format.md of the documentation. The name \\- stands for\n"
        "standard input or output.\n.SH SEE ALSO\n", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++)
    fprintf(stream, ".BR testudo\\-%s (1),\n", (*command)->name);
  fputs(".BR testudo (3)\n", stream);
}

/* ---- Markdown ---- */

/* A cell of a table and what ends it; NULL: empty. */
static void put_cell(FILE *stream, const char *text, const char *special, const char *end)
{
  for (; text != NULL && *text != '\0'; text++) {
    if (strchr(special, *text) != NULL)
      fputc('\\', stream);
    fputc(*text, stream);
  }
  fputs(end, stream);
}

static void put_markdown_option(FILE *stream, const cli_option *option, bool first)
{
  char range[96], forms[1024];
  cli_range_text(option, range, sizeof range);
  if (option->heading != NULL)
    fprintf(stream, "\n## %s\n", option->heading);
  if (option->heading != NULL || first)
    fputs("\n| option | meaning | allowed | default |\n|---|---|---|---|\n", stream);
  fputs("| `", stream);
  if (option->letter != 0)
    fprintf(stream, "-%c`, `", option->letter);
  fprintf(stream, "--%s%s%s` | ", option->name, option->value ? " " : "", option->value ? option->value : "");
  put_cell(stream, option->help, "|<", "");
  if (option->kind != CLI_LAW && cli_forms(option, forms, sizeof forms))
    fprintf(stream, " One of: `%s`.", forms);
  fputs(" | ", stream);
  put_cell(stream, range, "|<", " | ");
  put_cell(stream, option->preset, "|<", " |\n");
}

/* The keys of a result, those of objects and of the rows of tables under dotted names. */
static void put_markdown_fields(FILE *stream, const field *table, const char *before)
{
  for (const field *f = table; f->key != NULL; f++) {
    char path[200];
    snprintf(path, sizeof path, "%s%s%s", before, f->key, f->kind == FIELD_TABLE ? "[]" : "");
    if (f->key[0] != '\0') {
      fprintf(stream, "| `%s` | ", path);
      put_cell(stream, f->meaning, "|", " | ");
      put_cell(stream, f->unit, "|", " |\n");
    }
    snprintf(path + strlen(path), sizeof path - strlen(path), f->key[0] != '\0' ? "." : "");
    if (f->sub != NULL)
      put_markdown_fields(stream, f->sub, f->key[0] != '\0' ? path : before);
  }
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
  if (command->result == NULL)
    return;
  fprintf(stream, "\n## Keys of the JSON result\n\nEvery key is always there; null: not known. `testudo schema %s`"
                  " prints the same as a JSON schema.\n\n| key | meaning | unit |\n|---|---|---|\n", command->name);
  put_markdown_fields(stream, command->result, "");
}
