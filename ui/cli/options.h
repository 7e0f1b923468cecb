/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/options.h - the command line taken apart, by way of a model table. */
#ifndef DR_UI_OPTIONS_H
#define DR_UI_OPTIONS_H

#include "core/model.h"
#include "ui/cli/cli.h"

extern const struct model_object cli_options_model;

/* Defaults, and the root from the environment's DRNODE_ROOT. */
enum dr_code options_begin(struct cli_options *options, struct dr_error *err) DR_MUST_USE;
/* If argv[*at] is an option, takes it (and its value) and moves *at behind it; else leaves *at. */
enum dr_code options_take(struct cli_options *options, int argc, char **argv, int *at, const char *allowed,
                          struct dr_error *err) DR_MUST_USE;

#endif
