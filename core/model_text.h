/* SPDX-License-Identifier: Apache-2.0
 * core/model_text.h - the texts that stand for values in configuration: read strictly, the whole text or nothing. */
#ifndef DR_CORE_MODEL_TEXT_H
#define DR_CORE_MODEL_TEXT_H

#include "core/types.h"

/* Decimal digits only, no sign, no overflow. */
bool model_text_number(const char *text, uint64_t *value);
/* Exactly 16 hexadecimal digits. */
bool model_text_hex(const char *text, uint64_t *value);
/* A number and its unit: ms, s, min or h. */
bool model_text_span(const char *text, msec *value);
/* In the greatest unit that needs no fraction. */
void model_text_of_span(msec value, char *text, size_t size);

/* IPv4 (as ::ffff:a.b.c.d) or IPv6 without a zone; the two are told apart by *v4. */
#define MODEL_ADDRESS_BYTES 16
bool model_text_address(const char *text, uint8_t bytes[MODEL_ADDRESS_BYTES], bool *v4);
/* address/length with a length that the family has. */
bool model_text_prefix(const char *text, uint8_t bytes[MODEL_ADDRESS_BYTES], bool *v4, unsigned *length);

/* Bytes of the UTF-8 character that the text begins with; 0: it is a control character, or no UTF-8 (in its
 * shortest form). */
unsigned model_text_character(const char *text);
/* UTF-8 without control characters. */
bool model_text_is_clean(const char *text);
bool model_text_is_host(const char *text);
bool model_text_is_folder(const char *text);
bool model_text_is_plain(const char *text);

/* Of two folders, as model_text_is_folder() lets them through: the same, or below it; and: either is inside the other.
 */
bool model_text_is_inside(const char *inner, const char *outer);
bool model_text_meet(const char *one, const char *other);

#endif
