/* SPDX-License-Identifier: Apache-2.0
 * tests/lab/vipwatch.c - says which hosts of a lab hold an IPv4 address, sampled every 5 ms.
 * usage: vipwatch ADDRESS. Input lines: "add NAME PID" (a process in that host's network namespace), "del NAME"; at
 * their end it ends. Output: "holders MICROSECONDS NAME..." at each change (CLOCK_MONOTONIC), and at the end
 * "total samples=N two=N late=N gap_us=N". One socket a host, opened in its namespace. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 16
#define PERIOD_NS 5000000

struct host {
    char name[32];
    int socket; /* -1: free place */
};

struct watch {
    struct in_addr address;
    struct host hosts[HOSTS_MAX];
    unsigned held; /* bit i: hosts[i] holds it */
    long long last_us;
    unsigned long samples, two, late, gap_us; /* late: more than twice the period after the one before */
};

static long long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* A machine with all its cores busy must not make holes in the samples. Where the system does not allow it the longest
 * hole is told all the same (gap_us). */
static void hurry(void)
{
    const struct sched_param first = {.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_RR, &first) != 0)
        fprintf(stderr, "vipwatch: no real-time priority: %s\n", strerror(errno));
}

static void die(const char *what)
{
    fprintf(stderr, "vipwatch: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int socket_in(const char *pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0)
        die(path);
    close(space);
    int s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (s < 0)
        die("socket");
    return s;
}

/* Only to an address of the host's own can a socket be bound, a raw one as often as one likes. Unlike a list of
 * addresses this waits for no lock, which the end of another host would hold for long. */
static bool holds(const struct watch *watch, const struct host *host)
{
    const struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = watch->address};
    if (bind(host->socket, (const struct sockaddr *)&at, sizeof(at)) == 0)
        return true;
    if (errno != EADDRNOTAVAIL)
        die("bind");
    return false;
}

static void sample(struct watch *watch)
{
    unsigned held = 0;
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        if (watch->hosts[i].socket >= 0 && holds(watch, &watch->hosts[i]))
            held |= 1u << i;
    long long now = now_us();
    unsigned long gap_us = watch->samples++ ? (unsigned long)(now - watch->last_us) : 0;
    watch->late += gap_us > 2 * PERIOD_NS / 1000;
    if (gap_us > watch->gap_us)
        watch->gap_us = gap_us;
    watch->last_us = now;
    watch->two += (held & (held - 1)) != 0;
    if (held == watch->held)
        return;
    watch->held = held;
    printf("holders %lld", now);
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        if (held & (1u << i))
            printf(" %s", watch->hosts[i].name);
    printf("\n");
}

static struct host *find(struct watch *watch, const char *name)
{
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        if (watch->hosts[i].socket >= 0 && strcmp(watch->hosts[i].name, name) == 0)
            return &watch->hosts[i];
    return NULL;
}

static void forget(struct host *host)
{
    if (host) {
        close(host->socket);
        host->socket = -1;
    }
}

static void obey(struct watch *watch, const char *line)
{
    char verb[8] = "", name[32] = "", pid[16] = "";
    int words = sscanf(line, "%7s %31s %15s", verb, name, pid);
    if (words >= 2)
        forget(find(watch, name));
    if (words != 3)
        return;
    for (unsigned i = 0; i < HOSTS_MAX; i++) {
        if (watch->hosts[i].socket < 0) {
            snprintf(watch->hosts[i].name, sizeof(watch->hosts[i].name), "%s", name);
            watch->hosts[i].socket = socket_in(pid);
            return;
        }
    }
}

static int start_timer(void)
{
    const struct itimerspec period = {{0, PERIOD_NS}, {0, PERIOD_NS}};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timer < 0 || timerfd_settime(timer, 0, &period, NULL) != 0)
        die("timerfd");
    return timer;
}

/* Reads what there is and obeys whole lines; false at the end. */
static bool read_orders(struct watch *watch)
{
    static char held[1024];
    static size_t size;
    ssize_t n = read(STDIN_FILENO, held + size, sizeof(held) - 1 - size);
    if (n <= 0)
        return false;
    size += (size_t)n;
    held[size] = '\0';
    for (char *end; (end = strchr(held, '\n')) != NULL;) {
        *end = '\0';
        obey(watch, held);
        size -= (size_t)(end + 1 - held);
        memmove(held, end + 1, size + 1);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct watch watch = {0};
    if (argc != 2 || inet_pton(AF_INET, argv[1], &watch.address) != 1) {
        fprintf(stderr, "usage: vipwatch IPV4-ADDRESS\n");
        return 2;
    }
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        watch.hosts[i].socket = -1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    hurry();
    struct pollfd on[2] = {{start_timer(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    for (;;) {
        if (poll(on, 2, -1) < 0)
            die("poll");
        if (on[1].revents && !read_orders(&watch))
            break;
        unsigned long long ticks;
        if ((on[0].revents & POLLIN) && read(on[0].fd, &ticks, sizeof(ticks)) == sizeof(ticks))
            sample(&watch);
    }
    printf("total samples=%lu two=%lu late=%lu gap_us=%lu\n", watch.samples, watch.two, watch.late, watch.gap_us);
    return 0;
}
