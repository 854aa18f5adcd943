/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program, whoever starts it. */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

/* testudo <command> [options] [FILE..]: runs it, ends standard output, and answers the exit code. */
int program_run(int argc, char **argv);

#endif
