/* SPDX-License-Identifier: Apache-2.0
 * console/http/sign.h - the second signature that newer clients put on a request, beside that of net/request_sign.h. */
#ifndef DR_CONSOLE_HTTP_SIGN_H
#define DR_CONSOLE_HTTP_SIGN_H

#include "net/request_sign.h"

#include <jansson.h>
#include <stdbool.h>

/* Header `enhanceStr`: over the parameters themselves, in the byte order of their names. */
bool sign_make_enhanced(char hex[SIGN_HEX_SIZE], const char *key, const json_t *parameters);

/* In constant time. */
bool sign_equal(const char *ours, const char *theirs);

#endif
