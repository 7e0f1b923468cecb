/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model_text.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads digits from *at on; false: none, or more than 64 bits hold. */
static bool digits(const char **at, uint64_t *value)
{
    const char *c = *at;
    uint64_t sum = 0;
    for (; is_digit(*c); c++) {
        unsigned digit = (unsigned)(*c - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    bool any = c > *at;
    *at = c;
    *value = sum;
    return any;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool model_text_number(const char *text, uint64_t *value)
{
    return digits(&text, value) && *text == '\0';
}

bool model_text_hex(const char *text, uint64_t *value)
{
    uint64_t sum = 0;
    size_t length = 0;
    for (int digit; (digit = hex_digit(text[length])) >= 0 && length < 16; length++)
        sum = sum << 4 | (unsigned)digit;
    *value = sum;
    return length == 16 && text[length] == '\0';
}

static const struct {
    const char *name;
    msec length;
} units[] = {{"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
#define UNITS (sizeof units / sizeof *units)

bool model_text_span(const char *text, msec *value)
{
    uint64_t number;
    if (!digits(&text, &number))
        return false;
    for (size_t i = 0; i < UNITS; i++)
        if (strcmp(text, units[i].name) == 0 && number <= (uint64_t)(INT64_MAX / units[i].length)) {
            *value = (msec)number * units[i].length;
            return true;
        }
    return false;
}

void model_text_of_span(msec value, char *text, size_t size)
{
    size_t i = 0;
    while (i + 1 < UNITS && (value == 0 || value % units[i].length != 0))
        i++;
    snprintf(text, size, "%lld%s", (long long)(value / units[i].length), units[i].name);
}

static bool ipv4(const char *text, uint8_t bytes[4])
{
    for (unsigned i = 0; i < 4; i++) {
        const char *start = text;
        uint64_t part;
        if (!digits(&text, &part) || part > 255 || text - start > 3 || (text - start > 1 && *start == '0'))
            return false;
        bytes[i] = (uint8_t)part;
        if (i < 3 && *text++ != '.')
            return false;
    }
    return *text == '\0';
}

/* One group of up to four hexadecimal digits. */
static bool hex_group(const char **text, uint8_t bytes[2])
{
    unsigned value = 0, length = 0;
    for (int digit; (digit = hex_digit(**text)) >= 0; (*text)++, length++)
        value = value << 4 | (unsigned)digit;
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
    return length >= 1 && length <= 4;
}

/* Groups from left to right; `gap` is where `::` stood, and what follows it is moved to the end. */
static bool ipv6(const char *text, uint8_t bytes[MODEL_ADDRESS_BYTES])
{
    size_t used = 0, gap = SIZE_MAX;
    memset(bytes, 0, MODEL_ADDRESS_BYTES);
    if (text[0] == ':' && text[1] != ':')
        return false;
    while (*text) {
        if (text[0] == ':' && text[1] == ':') {
            if (gap != SIZE_MAX)
                return false;
            gap = used;
            text += 2;
            continue;
        }
        if (*text == ':' && (used == 0 || gap == used || *++text == '\0'))
            return false;
        if (used + 4 <= MODEL_ADDRESS_BYTES && ipv4(text, bytes + used)) {
            used += 4;
            break;
        }
        if (used + 2 > MODEL_ADDRESS_BYTES || !hex_group(&text, bytes + used) || (*text && *text != ':'))
            return false;
        used += 2;
    }
    if (gap == SIZE_MAX)
        return used == MODEL_ADDRESS_BYTES;
    if (used == MODEL_ADDRESS_BYTES)
        return false;
    memmove(bytes + MODEL_ADDRESS_BYTES - (used - gap), bytes + gap, used - gap);
    memset(bytes + gap, 0, MODEL_ADDRESS_BYTES - used);
    return true;
}

bool model_text_address(const char *text, uint8_t bytes[MODEL_ADDRESS_BYTES], bool *v4)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    *v4 = ipv4(text, bytes + sizeof mapped);
    if (!*v4)
        return ipv6(text, bytes);
    memcpy(bytes, mapped, sizeof mapped);
    return true;
}

bool model_text_prefix(const char *text, uint8_t bytes[MODEL_ADDRESS_BYTES], bool *v4, unsigned *length)
{
    char address[64];
    const char *slash = strchr(text, '/');
    uint64_t bits;
    if (!slash || (size_t)(slash - text) >= sizeof address || !model_text_number(slash + 1, &bits))
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    if (!model_text_address(address, bytes, v4) || bits < 1 || bits > (*v4 ? 32 : 128))
        return false;
    *length = (unsigned)bits;
    return true;
}

unsigned model_text_character(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    if (s[0] < 0x80)
        return s[0] >= 0x20 && s[0] != 0x7f;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    unsigned length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    uint32_t point = s[0] & (0xffu >> (length + 1));
    for (unsigned i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (s[i] & 0x3f);
    }
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least[length] || point > 0x10ffff || surrogate ? 0 : length;
}

bool model_text_is_clean(const char *text)
{
    while (*text) {
        unsigned length = model_text_character(text);
        if (!length)
            return false;
        text += length;
    }
    return true;
}

bool model_text_is_host(const char *text)
{
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4;
    if (model_text_address(text, bytes, &v4))
        return true;
    bool letter = false;
    size_t i = 0;
    for (; is_letter(text[i]) || is_digit(text[i]) || text[i] == '-' || text[i] == '.'; i++)
        letter |= is_letter(text[i]);
    return text[i] == '\0' && letter && i <= 253 && text[0] != '-' && text[0] != '.';
}

bool model_text_is_plain(const char *text)
{
    return *text && *text != '.' && !strchr(text, '/') && model_text_is_clean(text);
}

bool model_text_is_folder(const char *text)
{
    if (text[0] != '/' || text[1] == '\0' || !model_text_is_clean(text))
        return false;
    while (*text == '/') {
        size_t length = strcspn(++text, "/");
        bool dots = (length == 1 && text[0] == '.') || (length == 2 && text[0] == '.' && text[1] == '.');
        if (length == 0 || dots)
            return false;
        text += length;
    }
    return true;
}

bool model_text_is_inside(const char *inner, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

bool model_text_meet(const char *one, const char *other)
{
    return model_text_is_inside(one, other) || model_text_is_inside(other, one);
}
