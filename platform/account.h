/* SPDX-License-Identifier: Apache-2.0
 * platform/account.h - accounts of this host. */
#ifndef DR_PLATFORM_ACCOUNT_H
#define DR_PLATFORM_ACCOUNT_H

#include "core/error.h"

/* This process is `user` from now on, with the groups of that account and nothing else. DR_NOT_FOUND: there is none. */
enum dr_code account_become(const char *user, struct dr_error *err) DR_MUST_USE;

#endif
