/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/whatif.h - a flight record under other settings: the same core, told the same facts, orders and words of the
 * other member at the same times, but with its own ticks. What it asks is answered by voters that are played beside it:
 * when the record shows that the one asked was reached about then, after as long as it took then. Its commands take as
 * long as they took. So it can tell when this member would have acted; not what the other would then have done. */
#ifndef DR_UI_WHATIF_H
#define DR_UI_WHATIF_H

#include "ui/cli/flight_files.h"

/* `settings`: NAME=VALUE, separated by commas. Prints the account; DR_INVALID names a bad setting. */
enum dr_code whatif_print(FILE *out, const struct flight_files *files, const char *settings, bool all,
                          struct dr_error *err) DR_MUST_USE;

#endif
