/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/fence.c - the fence as two tables of nftables: `arp` (who answers for an IPv4 address) and `inet`
 * (packets to and from the addresses, and with those the neighbour advertisements of IPv6). An address passes while it
 * is an element of a set; an element has a time-out in milliseconds, counted in ticks from when the kernel takes it in,
 * and a lookup that finds it timed out does not find it. The tables are made by nft, once; elements by netlink, in one
 * transaction for all addresses. */
#include "platform/fence.h"
#include "platform/linux/nfset.h"
#include "platform/linux/tool.h"
#include "platform/vip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SET4 "open4"
#define SET6 "open6"

/* ---- the tables ---- */

struct text {
    char at[8192];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof text->at - text->used;
    int length = vsnprintf(text->at + text->used, room, format, args);
    va_end(args);
    text->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* `what` of a packet is one of the addresses, and that is not open: it goes no further. */
static void say_rule(struct text *text, const struct fence *fence, bool v6, const char *what)
{
    const char *gap = "";
    say(text, "%s {", what);
    for (unsigned i = 0; i < fence->vips; i++) {
        char address[INET6_ADDRSTRLEN];
        if (fence->vip[i].v6 != v6)
            continue;
        inet_ntop(v6 ? AF_INET6 : AF_INET, fence->vip[i].bytes, address, sizeof address);
        say(text, "%s %s", gap, address);
        gap = ",";
    }
    say(text, " } %s != @%s drop;\n", what, v6 ? SET6 : SET4);
}

static bool has(const struct fence *fence, bool v6)
{
    for (unsigned i = 0; i < fence->vips; i++)
        if (fence->vip[i].v6 == v6)
            return true;
    return false;
}

static void say_removal(struct text *text, const struct fence *fence)
{
    static const char *const families[] = {"arp", "inet"};
    for (unsigned i = 0; i < 2; i++) /* made first, so that deleting it works where it was not there */
        say(text, "table %s %s {}\ndelete table %s %s\n", families[i], fence->name, families[i], fence->name);
}

static void say_tables(struct text *text, const struct fence *fence)
{
    bool v4 = has(fence, false), v6 = has(fence, true);
    say(text, "table arp %s {\nset " SET4 " { type ipv4_addr; flags timeout; }\n", fence->name);
    say(text, "chain out { type filter hook output priority 0;\n");
    if (v4)
        say_rule(text, fence, false, "arp saddr ip");
    say(text, "}\n}\ntable inet %s {\nset " SET4 " { type ipv4_addr; flags timeout; }\n", fence->name);
    say(text, "set " SET6 " { type ipv6_addr; flags timeout; }\n");
    say(text, "chain in { type filter hook prerouting priority -310;\n"); /* before any translation of addresses */
    if (v4)
        say_rule(text, fence, false, "ip daddr");
    if (v6)
        say_rule(text, fence, true, "ip6 daddr");
    say(text, "}\nchain out { type filter hook postrouting priority 310;\n"); /* and after any */
    if (v4)
        say_rule(text, fence, false, "ip saddr");
    if (v6)
        say_rule(text, fence, true, "ip6 saddr");
    say(text, "}\n}\n");
}

/* All of it, or nothing: one transaction. */
static enum dr_code load(const struct text *text, struct dr_error *err)
{
    char program[PATH_MAX], file[32], output[512];
    if (!tool_find(program, "nft"))
        return dr_fail(err, DR_NOT_FOUND,
                       "nft is missing, without which there is no guard = watchdog: install the "
                       "package nftables, or set guard to kernel");
    int fd = memfd_create("fence", 0); /* nft inherits it */
    if (fd < 0 || write(fd, text->at, text->used) != (ssize_t)text->used) {
        enum dr_code code = dr_fail(err, DR_FULL, "no memory for the rules of a fence: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return code;
    }
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    const char *argv[] = {program, "-f", file, NULL};
    int status = tool_run(argv, output, sizeof output);
    close(fd);
    if (status == 0)
        return DR_OK;
    return dr_fail(err, DR_IO, "nft cannot load the fence of the addresses (status %d): %.300s", status, output);
}

enum dr_code fence_build(const struct fence *fence, struct dr_error *err)
{
    struct text text = {.used = 0};
    say_removal(&text, fence);
    say_tables(&text, fence);
    return load(&text, err);
}

/* ---- the elements ---- */

static void put_all(struct nfset_batch *batch, const struct fence *fence, bool add, msec lifetime)
{
    for (unsigned i = 0; i < fence->vips; i++) {
        const struct vip *vip = &fence->vip[i];
        struct nfset_element element = {.family = NFPROTO_INET,
                                        .table = fence->name,
                                        .set = vip->v6 ? SET6 : SET4,
                                        .key = vip->bytes,
                                        .size = vip->v6 ? 16 : 4,
                                        .timeout = lifetime};
        nfset_put(batch, add, &element);
        element.family = NFPROTO_ARP;
        if (!vip->v6)
            nfset_put(batch, add, &element);
    }
}

static void put_flush(struct nfset_batch *batch, const struct fence *fence)
{
    nfset_put(batch, false, &(struct nfset_element){.family = NFPROTO_INET, .table = fence->name, .set = SET4});
    nfset_put(batch, false, &(struct nfset_element){.family = NFPROTO_INET, .table = fence->name, .set = SET6});
    nfset_put(batch, false, &(struct nfset_element){.family = NFPROTO_ARP, .table = fence->name, .set = SET4});
}

static enum dr_code failed(int why, const char *what, struct dr_error *err)
{
    return dr_fail(err, why == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot %s the fence of the addresses: %s", what,
                   why == ENOENT ? "it is shut, or was taken away" : strerror(why));
}

enum dr_code fence_open(const struct fence *fence, msec lifetime, struct dr_error *err)
{
    struct nfset_batch batch;
    nfset_begin(&batch);
    put_flush(&batch, fence);
    put_all(&batch, fence, true, lifetime);
    int why = nfset_commit(&batch);
    return why == 0 ? DR_OK : failed(why, "open", err);
}

/* An element that has timed out cannot be deleted; then the transaction fails, and nothing is added. */
enum dr_code fence_extend(const struct fence *fence, msec lifetime, struct dr_error *err)
{
    struct nfset_batch batch;
    nfset_begin(&batch);
    put_all(&batch, fence, false, 0);
    put_all(&batch, fence, true, lifetime);
    int why = nfset_commit(&batch);
    return why == 0 ? DR_OK : failed(why, "extend", err);
}

enum dr_code fence_shut(const struct fence *fence, struct dr_error *err)
{
    struct nfset_batch batch;
    nfset_begin(&batch);
    put_flush(&batch, fence);
    int why = nfset_commit(&batch);
    return why == 0 || why == ENOENT ? DR_OK : failed(why, "shut", err);
}

enum dr_code fence_is_open(const struct fence *fence, bool *open, struct dr_error *err)
{
    *open = false;
    for (unsigned i = 0; i < fence->vips && !*open; i++) {
        const struct vip *vip = &fence->vip[i];
        int why = nfset_has(&(struct nfset_element){.family = NFPROTO_INET,
                                                    .table = fence->name,
                                                    .set = vip->v6 ? SET6 : SET4,
                                                    .key = vip->bytes,
                                                    .size = vip->v6 ? 16 : 4});
        if (why != 0 && why != ENOENT)
            return failed(why, "look at", err);
        *open = why == 0;
    }
    return DR_OK;
}

/* Deleting all elements of a set fails only where there is none. */
static bool is_built(const struct fence *fence)
{
    struct nfset_batch batch;
    nfset_begin(&batch);
    put_flush(&batch, fence);
    return nfset_commit(&batch) != ENOENT;
}

enum dr_code fence_remove(const struct fence *fence, struct dr_error *err)
{
    struct text text = {.used = 0};
    if (!is_built(fence))
        return DR_OK;
    say_removal(&text, fence);
    return load(&text, err);
}
