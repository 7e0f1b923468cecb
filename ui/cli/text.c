/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/text.h"

#include <stdio.h>
#include <time.h>

void text_span(char *text, size_t size, long long ms)
{
    long long s = ms / 1000;
    if (ms < 1000)
        snprintf(text, size, "%lld ms", ms);
    else if (s < 60)
        snprintf(text, size, "%lld.%lld s", s, ms % 1000 / 100);
    else if (s < 3600)
        snprintf(text, size, "%lld min %lld s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, size, "%lld h %lld min", s / 3600, s % 3600 / 60);
    else
        snprintf(text, size, "%lld d %lld h", s / 86400, s % 86400 / 3600);
}

void text_bytes(char *text, size_t size, unsigned long long bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) {
        snprintf(text, size, "%llu B", bytes);
        return;
    }
    double value = (double)bytes / 1024;
    unsigned unit = 0;
    for (; value >= 1024 && unit < 3; unit++)
        value /= 1024;
    snprintf(text, size, "%.1f %s", value, units[unit]);
}

void text_clock(char *text, size_t size, long long ms_since_1970)
{
    time_t seconds = (time_t)(ms_since_1970 / 1000);
    struct tm tm;
    char clock[16];
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    snprintf(text, size, "%s.%03d", clock, (int)(ms_since_1970 % 1000));
}
