/* SPDX-License-Identifier: Apache-2.0
 * console/console.h - what all workers of one console share. Nothing in it changes after the start but what is behind a
 * lock of its own. */
#ifndef DR_CONSOLE_CONSOLE_H
#define DR_CONSOLE_CONSOLE_H

#include "console/auth/access_key.h"
#include "console/auth/cipher.h"
#include "console/observe.h"
#include "console/store/store.h"

#include <stdbool.h>

struct log;

#define CONSOLE_VERSION     "0.1.0"
#define CONSOLE_API_VERSION "2.0.0"

struct console {
    struct cipher *cipher;
    char master[ACCESS_KEY_MASTER_SIZE]; /* that secrets of access keys are made of */
    struct store_place place;
    const char *issuer_file; /* PEM: who signs licences */
    bool check_signatures;
    long long (*now_s)(void); /* since 1970; tests have their own */
    struct log *log;          /* NULL: none */
    struct observed observed;
};

#endif
