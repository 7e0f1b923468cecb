/* SPDX-License-Identifier: Apache-2.0 */
#include "core/licence.h"

#include <stdio.h>
#include <string.h>

#define FIRST_LINE "drnode licence 1\n"
#define LAST_LINE  "signature="
#define DIGITS     (2 * LICENCE_SIGNATURE_SIZE)

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct licence, member)
static const struct model_field licence_fields[] = {
    {.name = "sn", .kind = MODEL_PLAIN, AT(sn), .required = true, .doc = "Serial number.", .doc_zh = "序列号。"},
    {.name = "feature", .kind = MODEL_PLAIN, AT(feature), .required = true, .standard = LICENCE_HA,
     .doc = "What it is for.", .doc_zh = "功能。"},
    {.name = "hosts", .kind = MODEL_NUMBER, AT(hosts), .standard = "2", .min = 1, .max = 100000,
     .doc = "How many hosts it may be bound to.", .doc_zh = "可绑定的主机数。"},
    {.name = "from", .kind = MODEL_NUMBER, AT(from_s), .max = UINT32_MAX, .unit = "s",
     .doc = "Begins at this time (seconds since 1970).", .doc_zh = "生效时间（1970 年以来的秒数）。"},
    {.name = "until", .kind = MODEL_NUMBER, AT(until_s), .max = UINT32_MAX, .unit = "s",
     .doc = "Ends at this time (seconds since 1970).", .doc_zh = "到期时间（1970 年以来的秒数）。"},
    {.name = "console", .kind = MODEL_ID, AT(console),
     .doc = "The console that it is for; empty: any.", .doc_zh = "所属控制机；空为任意控制机。"},
    {.name = "company", .kind = MODEL_TEXT, AT(company), .doc = "Who bought it.", .doc_zh = "客户名称。"},
};
const struct model_object licence_model = {
    .name = "licence", MODEL_FIELDS(licence_fields), .size = sizeof(struct licence),
    .doc = "A licence.", .doc_zh = "许可。"};
/* clang-format on */

size_t licence_write(char text[LICENCE_TEXT_SIZE], const struct licence *licence)
{
    char value[MODEL_TEXT_MAX];
    size_t used = (size_t)snprintf(text, LICENCE_TEXT_SIZE, FIRST_LINE);
    for (unsigned i = 0; i < licence_model.fields; i++) {
        const struct model_field *field = &licence_model.field[i];
        model_get(field, licence, value, sizeof value);
        used += (size_t)snprintf(text + used, LICENCE_TEXT_SIZE - used, "%s=%s\n", field->name, value);
        if (used >= LICENCE_TEXT_SIZE)
            return 0;
    }
    return used;
}

size_t licence_write_signed(char text[LICENCE_TEXT_SIZE], const struct licence *licence,
                            const uint8_t signature[LICENCE_SIGNATURE_SIZE])
{
    size_t used = licence_write(text, licence);
    if (used == 0 || used + strlen(LAST_LINE) + DIGITS + 2 > LICENCE_TEXT_SIZE)
        return 0;
    used += (size_t)snprintf(text + used, LICENCE_TEXT_SIZE - used, LAST_LINE);
    for (unsigned i = 0; i < LICENCE_SIGNATURE_SIZE; i++)
        used += (size_t)snprintf(text + used, LICENCE_TEXT_SIZE - used, "%02x", signature[i]);
    text[used++] = '\n';
    text[used] = '\0';
    return used;
}

/* The line that `*at` points to, without its end; moves behind it. NULL: there is none, or it does not begin so. */
static const char *line(char room[LICENCE_TEXT_SIZE], const char **at, const char *end, const char *begin)
{
    const char *stop = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    size_t head = strlen(begin);
    if (stop == NULL || (size_t)(stop - *at) < head || memcmp(*at, begin, head) != 0)
        return NULL;
    size_t length = (size_t)(stop - *at) - head;
    if (length >= LICENCE_TEXT_SIZE || memchr(*at, '\0', length + head) != NULL)
        return NULL;
    memcpy(room, *at + head, length);
    room[length] = '\0';
    *at = stop + 1;
    return room;
}

static bool digit(uint8_t *value, char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    if (at == NULL)
        return false;
    *value = (uint8_t)(at - digits);
    return true;
}

static bool read_signature(uint8_t signature[LICENCE_SIGNATURE_SIZE], const char *text)
{
    if (text == NULL || strlen(text) != DIGITS)
        return false;
    for (unsigned i = 0; i < LICENCE_SIGNATURE_SIZE; i++) {
        uint8_t high, low;
        if (!digit(&high, text[2 * i]) || !digit(&low, text[2 * i + 1]))
            return false;
        signature[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static enum dr_code read_fields(struct licence *licence, const char **at, const char *end, struct dr_error *err)
{
    char room[LICENCE_TEXT_SIZE], begin[32];
    model_defaults(&licence_model, licence);
    for (unsigned i = 0; i < licence_model.fields; i++) {
        const struct model_field *field = &licence_model.field[i];
        snprintf(begin, sizeof begin, "%s=", field->name);
        const char *value = line(room, at, end, begin);
        if (value == NULL)
            return dr_fail(err, DR_PROTOCOL, "the licence has no line %s where one is due", begin);
        if (field->kind == MODEL_ID && value[0] == '\0')
            continue;
        if (model_set(field, licence, value, err) != DR_OK)
            return dr_within(err, "the licence");
    }
    return model_check(&licence_model, licence, err);
}

enum dr_code licence_read(struct licence *licence, size_t *part, uint8_t signature[LICENCE_SIGNATURE_SIZE],
                          const char *text, size_t size, struct dr_error *err)
{
    char room[LICENCE_TEXT_SIZE];
    const char *at = text, *end = text + size;
    if (size >= LICENCE_TEXT_SIZE || line(room, &at, end, "drnode licence 1") == NULL || room[0] != '\0')
        return dr_fail(err, DR_PROTOCOL, "this is no licence: its first line is not \"drnode licence 1\"");
    if (read_fields(licence, &at, end, err) != DR_OK)
        return err->code;
    *part = (size_t)(at - text);
    if (!read_signature(signature, line(room, &at, end, LAST_LINE)) || at != end)
        return dr_fail(err, DR_PROTOCOL, "the licence does not end with its signature");
    if (licence_write(room, licence) != *part || memcmp(room, text, *part) != 0)
        return dr_fail(err, DR_PROTOCOL, "the licence is not written as its issuer writes it");
    if (licence->until_s < licence->from_s)
        return dr_fail(err, DR_PROTOCOL, "the licence ends before it begins");
    return DR_OK;
}

void licence_trial(struct licence *licence, uint64_t first_start_s)
{
    model_defaults(&licence_model, licence);
    snprintf(licence->sn, sizeof licence->sn, LICENCE_TRIAL_SERIAL);
    licence->hosts = LICENCE_TRIAL_HOSTS;
    licence->from_s = first_start_s;
    licence->until_s = first_start_s + (uint64_t)LICENCE_TRIAL_DAYS * LICENCE_DAY_S;
}

enum licence_state licence_state(const struct licence *licence, uint64_t now_s)
{
    if (now_s < licence->from_s)
        return LICENCE_NOT_YET;
    return now_s < licence->until_s ? LICENCE_VALID : LICENCE_EXPIRED;
}

unsigned licence_warning(const struct licence *licence, uint64_t now_s)
{
    static const unsigned days[] = {1, 7, 30};
    if (licence_state(licence, now_s) != LICENCE_VALID)
        return 0;
    uint64_t left_s = licence->until_s - now_s;
    for (unsigned i = 0; i < sizeof days / sizeof *days; i++)
        if (left_s <= (uint64_t)days[i] * LICENCE_DAY_S)
            return days[i];
    return 0;
}

bool licence_has_room(const struct licence *licence, uint64_t hosts)
{
    return hosts <= licence->hosts;
}

enum licence_verdict licence_judge(unsigned *index, const struct licence_use *use, unsigned count, const char *feature,
                                   uint64_t now_s)
{
    enum licence_verdict verdict = LICENCE_NONE;
    for (unsigned i = 0; i < count; i++) {
        if (!use[i].has_host || strcmp(use[i].licence.feature, feature) != 0)
            continue;
        *index = i;
        return licence_state(&use[i].licence, now_s) == LICENCE_VALID ? LICENCE_OK : LICENCE_RAN_OUT;
    }
    for (unsigned i = 0; i < count && verdict != LICENCE_BIND; i++) {
        if (!use[i].by_itself || strcmp(use[i].licence.feature, feature) != 0)
            continue;
        *index = i;
        if (licence_state(&use[i].licence, now_s) != LICENCE_VALID)
            verdict = LICENCE_RAN_OUT;
        else if (licence_has_room(&use[i].licence, (uint64_t)use[i].bound + 1))
            verdict = LICENCE_BIND;
    }
    return verdict;
}
