/* SPDX-License-Identifier: Apache-2.0
 * control.h - the socket on which drnode attaches and commands. Runs in the thread that calls it. */
#ifndef DR_CAPTURE_CONTROL_H
#define DR_CAPTURE_CONTROL_H

#include "platform/linux/capture/session.h"

struct control;

enum dr_code control_open(struct control **control, struct session *s, struct dr_error *err) DR_MUST_USE;
/* Serves until told to stop, by a link or by one of the signals of `signals` (a signalfd). */
void control_serve(struct control *control, int signals);
/* Tells who asked for the stop that it is done. */
void control_close(struct control *control);

#endif
