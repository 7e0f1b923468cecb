/* SPDX-License-Identifier: Apache-2.0
 * wire.h - what drnode and drcapture of one host say to each other, one packet each way, in this host's layout. The
 * socket lies below a folder of mode 0700, and both ends check the other's uid. */
#ifndef DR_CAPTURE_WIRE_H
#define DR_CAPTURE_WIRE_H

#include "platform/capture.h"

#define WIRE_VERSION   1u
#define WIRE_TEXT      256u
#define WIRE_WAIT_S    60 /* for an answer: a flip waits for changes under way */
#define WIRE_FDS_FIRST 2u /* ring memory, eventfd; then a root for each path */

enum wire_ask { WIRE_ATTACH = 1, WIRE_FLIP, WIRE_APPEND, WIRE_FREEZE, WIRE_THAW, WIRE_RESTART, WIRE_STOP, WIRE_LEASE };

struct wire_request {
    uint32_t version;
    uint32_t ask;
    uint32_t what; /* FLIP: mode; APPEND: operation */
    term_no term;
    uint64_t stream;
    msec limit; /* FREEZE: how long; LEASE: until when */
    char text[WIRE_TEXT];
};

struct wire_reply {
    uint32_t code; /* enum dr_code; then `text` says more */
    uint32_t mode;
    uint32_t paths;
    uint64_t memory;
    term_no term;
    msec lease;
    uint64_t seq;
    char text[DR_ERROR_TEXT]; /* why not; to ATTACH: capture_info.folders */
};

/* A packet of `size` bytes as it came, before anything in it is looked at. DR_PROTOCOL: not from a program of this
 * version, or out of the bounds of what those ask and answer; hang up. */
enum dr_code wire_request_check(struct wire_request *request, size_t size, struct dr_error *err) DR_MUST_USE;
enum dr_code wire_reply_check(struct wire_reply *reply, size_t size, struct dr_error *err) DR_MUST_USE;

#endif
