/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/window.h"

#include <string.h>

#define DAYS        7
#define DAY_MINUTES 1440

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct window, member)
static const struct model_field window_fields[] = {
    {.name = "days", .kind = MODEL_TEXT, AT(days), .standard = "mon-sun",
     .doc = "Days on which it begins: mon tue wed thu fri sat sun, with blanks between them; mon-fri means five of them.",
     .doc_zh = "开始的日期：mon tue wed thu fri sat sun，以空格分隔；mon-fri 表示五天。"},
    {.name = "from", .kind = MODEL_TEXT, AT(from), .standard = "00:00",
     .doc = "Local time at which it begins, as hours:minutes.",
     .doc_zh = "开始的本地时间，格式为 时:分。"},
    {.name = "to", .kind = MODEL_TEXT, AT(to), .standard = "24:00",
     .doc = "Local time at which it ends; before `from`: on the next day.",
     .doc_zh = "结束的本地时间；早于 from 时为次日。"},
};
const struct model_object window_model = {.name = "window", MODEL_FIELDS(window_fields), .size = sizeof(struct window),
                                          .doc = "A time of the week, every week, in the local time of the member.",
                                          .doc_zh = "每周重复的时间段，按成员本地时间。"};
#undef AT
/* clang-format on */

/* One of the days' names at *at; DAYS: none. */
static unsigned take_day(const char **at)
{
    static const char *const names[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    unsigned day = 0;
    while (day < DAYS && strncmp(*at, names[day], 3) != 0)
        day++;
    *at += day < DAYS ? 3 : 0;
    return day;
}

/* "fri-mon" goes over the end of the week. */
static bool take_days(const char **at, unsigned *set)
{
    unsigned first = take_day(at), last = first;
    if (first < DAYS && **at == '-') {
        (*at)++;
        last = take_day(at);
    }
    if (first == DAYS || last == DAYS)
        return false;
    for (unsigned day = first;; day = (day + 1) % DAYS) {
        *set |= 1u << day;
        if (day == last)
            return true;
    }
}

static bool read_days(const char *text, unsigned *set)
{
    *set = 0;
    while (*text) {
        if (!take_days(&text, set) || (*text != '\0' && *text != ' '))
            return false;
        while (*text == ' ')
            text++;
    }
    return *set != 0;
}

static bool two_digits(const char *text, unsigned *value)
{
    bool both = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    *value = both ? (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0') : 0;
    return both;
}

static bool read_time(const char *text, unsigned *minute)
{
    unsigned hours, minutes;
    if (strlen(text) != 5 || text[2] != ':' || !two_digits(text, &hours) || !two_digits(text + 3, &minutes))
        return false;
    *minute = hours * 60 + minutes;
    return minutes < 60 && *minute <= DAY_MINUTES;
}

enum dr_code window_check(const struct window *w, struct dr_error *err)
{
    unsigned set, from, to;
    if (!read_days(w->days, &set))
        return dr_fail(err, DR_INVALID, "days: \"%.64s\" is no list of mon, tue, wed, thu, fri, sat, sun, or mon-fri",
                       w->days);
    if (!read_time(w->from, &from))
        return dr_fail(err, DR_INVALID, "from: \"%.8s\" is no time of 00:00..24:00", w->from);
    if (!read_time(w->to, &to))
        return dr_fail(err, DR_INVALID, "to: \"%.8s\" is no time of 00:00..24:00", w->to);
    if (from == to)
        return dr_fail(err, DR_INVALID, "from and to are both %s: such a window is never open", w->from);
    return DR_OK;
}

bool window_covers(const struct window *w, unsigned day, unsigned minute)
{
    unsigned set, from, to;
    if (!read_days(w->days, &set) || !read_time(w->from, &from) || !read_time(w->to, &to))
        return false;
    bool today = set >> day & 1, yesterday = set >> (day + DAYS - 1) % DAYS & 1;
    if (from < to)
        return today && minute >= from && minute < to;
    return (today && minute >= from) || (yesterday && minute < to);
}
