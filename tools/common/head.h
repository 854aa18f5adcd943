/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What results begin with: the command, the design and the delay model. */
#ifndef TOOLS_COMMON_HEAD_H
#define TOOLS_COMMON_HEAD_H

#include <testudo/design.h>

#include "common/cluster.h"
#include "delay/delay_json.h"
#include "report/field.h"

typedef struct design_result {
  const testudo_design *design; /* NULL where it was read from a result */
  const char *name, *scheme, *model, *construction;
  char checksum[24];
  int32_t workers, chunks, parts, wait, stragglers, tolerances, blocks;
  const int32_t *tolerance;
  int64_t dim;
  const int64_t *size;
  const double *work;
} design_result;

extern const field design_fields[];
void design_fill(design_result *result, const testudo_design *design);
/* The line of text "design". */
void design_print(FILE *text, const testudo_design *design);

typedef struct delay_result {
  const char *law, *law_of_file, *mixed, *startup, *message, *domain_factor, *replay;
  bool discrete;
  int structure, structure_source, unit;
  int32_t workers, classes, domain_workers, failed;
  const double *rates;
  const class_result *class;
  const int32_t *domain;
  double overhead, signal, fail_prob, icc, icc_low, icc_high;
  int64_t phases;
  const markov_result *markov;
} delay_result;

extern const field delay_fields[], delay_term_fields[]; /* terms: what delay files have behind law and structure */
/* Lent by the cluster. */
void delay_fill(delay_result *result, const cli_cluster *cluster);
/* In words: "exp:1, scaled". */
void delay_print(FILE *text, const delay_result *delay);
/* What is beside law and structure, each after a comma; nothing where nothing is. */
void delay_terms_write(const delay_result *delay, char *text, size_t room);

typedef struct head_result {
  const cli_cluster *cluster;
  const char *command, *version;
  int64_t seed;
  design_result design;
  delay_result delay;
  int report;
} head_result;

extern const field head_fields[]; /* its text: the lines "design", "delay", "counted" */
extern const char *const report_words[];
void head_fill(head_result *result, const cli_cluster *cluster);

/* What stands behind the name of a working model's design that does not say it: " (working model)". Else "". */
const char *head_model_of(const testudo_design *design, const char *name);

#endif
