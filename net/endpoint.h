/* SPDX-License-Identifier: Apache-2.0
 * net/endpoint.h - sockets before TLS: dialling with one deadline for everything, and the options all of ours have. */
#ifndef DR_NET_ENDPOINT_H
#define DR_NET_ENDPOINT_H

#include "core/error.h"
#include "core/types.h"

#define ENDPOINT_NAME 300 /* "address:port"; a host name has at most 253 characters */

/* A connected, non-blocking socket to address:port; look-up and connect end at `deadline`, or once `stop`, a
 * descriptor, is readable (-1: none). */
enum dr_code endpoint_dial(int *socket, const char *address, uint16_t port, const char *source, msec deadline, int stop,
                           struct dr_error *err) DR_MUST_USE;

/* Non-blocking, no delay of small frames, dead peers noticed. */
enum dr_code endpoint_tune(int socket, struct dr_error *err) DR_MUST_USE;

/* "address:port" of the other end. */
void endpoint_name(char name[ENDPOINT_NAME], int socket);

#endif
