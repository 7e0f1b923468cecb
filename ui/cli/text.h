/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/text.h - numbers as people read them. */
#ifndef DR_UI_TEXT_H
#define DR_UI_TEXT_H

#include <stddef.h>

/* 0 ms, 850 ms, 12.4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h */
void text_span(char *text, size_t size, long long ms);
/* 0 B, 1023 B, 1.0 KiB, 3.4 GiB */
void text_bytes(char *text, size_t size, unsigned long long bytes);
/* Local time of day of a line: 14:03:07.123 */
void text_clock(char *text, size_t size, long long ms_since_1970);

#endif
