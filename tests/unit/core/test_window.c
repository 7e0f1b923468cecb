/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/rule.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

enum { MON, TUE, WED, THU, FRI, SAT, SUN };

static struct window window(const char *days, const char *from, const char *to)
{
    struct window w;
    model_defaults(&window_model, &w);
    snprintf(w.days, sizeof w.days, "%s", days);
    snprintf(w.from, sizeof w.from, "%s", from);
    snprintf(w.to, sizeof w.to, "%s", to);
    return w;
}

static bool open_at(const struct window *w, unsigned day, unsigned hour, unsigned minute)
{
    struct dr_error err;
    CU_ASSERT_EQUAL(window_check(w, &err), DR_OK);
    return window_covers(w, day, hour * 60 + minute);
}

static void within_a_day(void)
{
    struct window w = window("mon-fri", "08:00", "18:30");
    CU_ASSERT_TRUE(open_at(&w, MON, 8, 0));
    CU_ASSERT_TRUE(open_at(&w, FRI, 18, 29));
    CU_ASSERT_FALSE(open_at(&w, FRI, 18, 30));
    CU_ASSERT_FALSE(open_at(&w, WED, 7, 59));
    CU_ASSERT_FALSE(open_at(&w, SAT, 12, 0));
    CU_ASSERT_FALSE(open_at(&w, SUN, 12, 0));
}

static void over_midnight(void)
{
    struct window w = window("sat sun", "22:00", "06:00");
    CU_ASSERT_FALSE(open_at(&w, SAT, 5, 59));
    CU_ASSERT_TRUE(open_at(&w, SAT, 22, 0));
    CU_ASSERT_TRUE(open_at(&w, SUN, 5, 59));
    CU_ASSERT_FALSE(open_at(&w, SUN, 6, 0));
    CU_ASSERT_TRUE(open_at(&w, MON, 0, 0));
    CU_ASSERT_FALSE(open_at(&w, MON, 22, 0));
}

static void days_in_words(void)
{
    struct window w = window("fri-mon wed", "00:00", "24:00");
    static const bool open[] = {true, false, true, false, true, true, true};
    for (unsigned day = MON; day <= SUN; day++) {
        CU_ASSERT_EQUAL(open_at(&w, day, 0, 0), open[day]);
        CU_ASSERT_EQUAL(open_at(&w, day, 23, 59), open[day]);
    }
    model_defaults(&window_model, &w);
    for (unsigned day = MON; day <= SUN; day++)
        CU_ASSERT_TRUE(open_at(&w, day, 12, 0));
}

static void bad(const char *days, const char *from, const char *to, const char *why)
{
    struct dr_error err;
    struct window w = window(days, from, to);
    CU_ASSERT_EQUAL(window_check(&w, &err), DR_INVALID);
    unit_says(err.text, why);
}

static void what_is_no_window(void)
{
    bad("", "08:00", "18:00", "days: \"\" is no list");
    bad("monday", "08:00", "18:00", "days: \"monday\" is no list");
    bad("mon,tue", "08:00", "18:00", "days: \"mon,tue\"");
    bad("mon-", "08:00", "18:00", "days: \"mon-\"");
    bad("mon", "8:00", "18:00", "from: \"8:00\" is no time");
    bad("mon", "08:60", "18:00", "from: \"08:60\"");
    bad("mon", "08:00", "24:01", "to: \"24:01\"");
    bad("mon", "08:00", "08:00", "never open");
    bad("mon", "-1:00", "08:00", "from: \"-1:00\"");
}

/* No window: always. Several: any of them. */
static void windows_of_a_rule(void)
{
    static struct rule rule;
    CU_ASSERT_TRUE(rule_in_window(&rule, SUN, 0));
    rule.window[0] = window("mon", "08:00", "12:00");
    rule.window[1] = window("mon", "13:00", "17:00");
    rule.windows = 2;
    CU_ASSERT_TRUE(rule_in_window(&rule, MON, 9 * 60));
    CU_ASSERT_FALSE(rule_in_window(&rule, MON, 12 * 60 + 30));
    CU_ASSERT_TRUE(rule_in_window(&rule, MON, 13 * 60));
    CU_ASSERT_FALSE(rule_in_window(&rule, TUE, 9 * 60));
}

int main(void)
{
    CU_TestInfo cases[] = {{"B5.1.2-04 within a day", within_a_day},
                           {"B5.1.2-04 over midnight", over_midnight},
                           {"B5.1.2-04 days in words", days_in_words},
                           {"what is no window is refused", what_is_no_window},
                           {"B5.1.2-05 -07 windows of a rule", windows_of_a_rule},
                           CU_TEST_INFO_NULL};
    return unit_run("core/model/window", cases);
}
