/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every command of the program, once. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "option/option.h"

extern const cli_command command_measure, command_design, command_check, command_analyze, command_simulate,
    command_validate, command_plot, command_export, command_fit, command_compare, command_stragglers,
    command_optimize, command_schema, command_sgd, command_table, command_advise, command_sweep, command_explore,
    command_report, command_pick;

/* NULL at the end; the order in which help lists them. */
extern const cli_command *const all_commands[];

#endif
