/* SPDX-License-Identifier: Apache-2.0
 * net/lookup.h - addresses of a host, with a deadline, which getaddrinfo() has not. */
#ifndef DR_NET_LOOKUP_H
#define DR_NET_LOOKUP_H

#include "core/error.h"
#include "core/types.h"

#include <netdb.h>

/* Free *found with freeaddrinfo(). An IP address is taken as it is; a name is looked up until `deadline`, or until
 * `stop`, a descriptor, is readable (-1: none). */
enum dr_code lookup_host(struct addrinfo **found, const char *address, uint16_t port, msec deadline, int stop,
                         struct dr_error *err) DR_MUST_USE;

/* IP addresses only. `passive`: to listen on. */
enum dr_code lookup_address(struct addrinfo **found, const char *address, uint16_t port, bool passive,
                            struct dr_error *err) DR_MUST_USE;

#endif
