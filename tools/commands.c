/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of commands, in the order in which help shows them. */
#include "commands.h"

const cli_command *const all_commands[] = {
    &command_measure, &command_fit, &command_advise, &command_design, &command_check, &command_analyze,
    &command_simulate, &command_validate, &command_compare, &command_stragglers, &command_sgd, &command_plot,
    &command_export, &command_optimize, &command_sweep, &command_explore, &command_pick,
    &command_report, &command_table, &command_schema, NULL,
};
