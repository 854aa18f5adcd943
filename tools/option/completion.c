/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shell completion for bash, written from the tables. */
#include "option/option.h"

/* What may follow an option: its choices, or files, or nothing known. */
static void put_values(FILE *stream, const cli_option *option)
{
  if (option->kind == CLI_FLAG)
    return;
  fprintf(stream, "      --%s", option->name);
  if (option->letter != 0)
    fprintf(stream, "|-%c", option->letter);
  fputs(") ", stream);
  if (option->kind == CLI_FILE || option->kind == CLI_OUTPUT)
    fputs("COMPREPLY=($(compgen -f -- \"$word\")); return", stream);
  else if (option->kind == CLI_CHOICE || option->kind == CLI_CHOICE_OR_FILE ||
           option->kind == CLI_OBJECTIVE)
    fprintf(stream, "COMPREPLY=($(compgen -W '%s' -- \"$word\")); return", option->choices);
  else
    fputs("return", stream);
  fputs(" ;;\n", stream);
}

static void put_command(FILE *stream, const cli_command *command)
{
  fprintf(stream, "  %s)\n    case \"$before\" in\n", command->name);
  CLI_EACH_OPTION(option, command)
    put_values(stream, option);
  fputs("    esac\n    options='", stream);
  CLI_EACH_OPTION(option, command)
    fprintf(stream, "--%s ", option->name);
  fputs("' ;;\n", stream);
}

void cli_completion(FILE *stream, const cli_command *const *commands)
{
  fputs("# bash completion for testudo: eval \"$(testudo completion bash)\"\n_testudo()\n{\n"
        "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" options=\n"
        "  COMPREPLY=()\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++)
    fprintf(stream, "%s ", (*command)->name);
  fputs("help completion' -- \"$word\"))\n    return\n  fi\n  case \"${COMP_WORDS[1]}\" in\n", stream);
  for (const cli_command *const *command = commands; *command != NULL; command++)
    put_command(stream, *command);
  fputs("  esac\n  case \"$word\" in\n  -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
        "  *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\ncomplete -F _testudo testudo\n", stream);
}
