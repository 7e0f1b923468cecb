/* SPDX-License-Identifier: Apache-2.0
 * net/base64.h - bytes in texts. */
#ifndef DR_NET_BASE64_H
#define DR_NET_BASE64_H

#include <stddef.h>

/* Bytes decoded, at most `room`; 0: it is no base64 (without blanks), or longer. */
size_t base64_decode(unsigned char *bytes, size_t room, const char *text);
/* The caller frees it; NULL: no memory. */
char *base64_encode(const unsigned char *bytes, size_t size);

#endif
