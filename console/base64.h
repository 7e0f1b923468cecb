/* SPDX-License-Identifier: Apache-2.0
 * console/base64.h - bytes as clients send them in texts. */
#ifndef DR_CONSOLE_BASE64_H
#define DR_CONSOLE_BASE64_H

#include <stddef.h>

/* Bytes decoded, at most `room`; 0: it is no base64 (without blanks), or longer. */
size_t base64_decode(unsigned char *bytes, size_t room, const char *text);

#endif
