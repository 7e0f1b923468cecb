/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/load.c - /proc/meminfo, /proc/stat and statvfs(); formats: proc(5). */
#include "platform/load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static enum dr_code read_start(const char *file, char *text, size_t size, struct dr_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (got <= 0)
        return dr_fail(err, DR_IO, "cannot read %s: %s", file, strerror(why));
    text[got] = '\0';
    return DR_OK;
}

/* 0: there is no such line. */
static uint64_t line_of(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    uint64_t value = 0;
    return line != NULL && sscanf(line + strlen(name), ": %" SCNu64, &value) == 1 ? value : 0;
}

enum dr_code load_memory(unsigned *percent, struct dr_error *err)
{
    char text[4096];
    enum dr_code code = read_start("/proc/meminfo", text, sizeof text, err);
    if (code != DR_OK)
        return code;
    uint64_t total = line_of(text, "MemTotal"), available = line_of(text, "MemAvailable");
    if (total == 0 || available > total)
        return dr_fail(err, DR_CORRUPT, "/proc/meminfo does not say MemTotal and MemAvailable");
    *percent = (unsigned)((total - available) * 100 / total);
    return DR_OK;
}

/* user nice system idle iowait irq softirq steal; guest time is in user already. */
enum dr_code load_cpu(struct load_cpu *now, struct dr_error *err)
{
    char text[512];
    uint64_t t[8] = {0};
    enum dr_code code = read_start("/proc/stat", text, sizeof text, err);
    if (code != DR_OK)
        return code;
    int got =
        sscanf(text, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
               &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);
    if (got < 4)
        return dr_fail(err, DR_CORRUPT, "/proc/stat does not begin with the times of all processors");
    *now = (struct load_cpu){.busy = t[0] + t[1] + t[2] + t[5] + t[6] + t[7]};
    now->total = now->busy + t[3] + t[4];
    return DR_OK;
}

enum dr_code load_cpu_between(unsigned *percent, const struct load_cpu *before, const struct load_cpu *now,
                              struct dr_error *err)
{
    if (now->total <= before->total || now->busy < before->busy)
        return dr_fail(err, DR_FULL, "no time has passed between two looks at the processors");
    *percent = (unsigned)((now->busy - before->busy) * 100 / (now->total - before->total));
    return DR_OK;
}

enum dr_code load_disk(unsigned *percent, const char *folder, struct dr_error *err)
{
    struct statvfs fs;
    if (statvfs(folder, &fs) != 0)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot ask the file system of %s: %s", folder,
                       strerror(errno));
    uint64_t used = fs.f_blocks - fs.f_bfree, usable = used + fs.f_bavail;
    *percent = usable == 0 ? 0 : (unsigned)((used * 100 + usable - 1) / usable);
    return DR_OK;
}
