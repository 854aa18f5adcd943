/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of commands, in the order in which help shows them. */
#include "commands.h"

/* In the contract, not built: known by name so that the answer is "not built", not "unknown". */
static const cli_command sgd = {
    .name = "sgd", .operands = "SPEC.json", .summary = "Error against wall-clock time of learning methods."};
static const cli_command explore = {
    .name = "explore", .operands = "SPEC.json", .summary = "Explore many designs into a store."};
static const cli_command pick = {.name = "pick", .operands = "STORE", .summary = "Pick the winner of a store."};
static const cli_command report = {.name = "report", .operands = "STORE", .summary = "Report on a store."};

const cli_command *const all_commands[] = {
    &command_measure, &command_fit, &command_design, &command_check, &command_analyze, &command_simulate,
    &command_validate, &command_compare, &command_stragglers, &command_plot, &command_export, &command_optimize,
    &command_schema, &sgd,
    &explore, &pick, &report, NULL,
};
