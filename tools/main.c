/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include <testudo/status.h>

int main(int argc, char **argv)
{
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("testudo %s\n", testudo_version());
    return TESTUDO_OK;
  }
  fputs("usage: testudo --version\n", stderr);
  return TESTUDO_ERROR_ARGUMENT;
}
