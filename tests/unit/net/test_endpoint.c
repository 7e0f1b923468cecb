/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_endpoint.c - dialling and listening: addresses, names, sources, ports in use. */
#include "net/conn.h"
#include "net/deadline.h"
#include "net/endpoint.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_MS 5000

static enum dr_code dial(int *s, const char *address, uint16_t port, const char *source, struct dr_error *err)
{
    return endpoint_dial(s, address, port, source, deadline_after(LIMIT_MS), -1, err);
}

/* Dials a listener of ours; `name` gets how the listener sees the dialler. */
static void reaches(const char *listen_on, const char *address, const char *source, char name[ENDPOINT_NAME])
{
    struct dr_error err = {.text = ""};
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    int listener, s;
    CU_ASSERT_EQUAL_FATAL(conn_listen(&listener, listen_on, 0, &err), DR_OK);
    CU_ASSERT_EQUAL(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    uint16_t port = ntohs(((struct sockaddr_in *)&at)->sin_port); /* the same place in both families */
    CU_ASSERT_EQUAL_FATAL(dial(&s, address, port, source, &err), DR_OK);
    int accepted = accept(listener, NULL, NULL);
    endpoint_name(name, accepted);
    close(accepted);
    close(s);
    close(listener);
}

static void addresses_and_names_are_reached(void)
{
    char name[ENDPOINT_NAME];
    reaches("127.0.0.1", "127.0.0.1", NULL, name);
    CU_ASSERT_EQUAL(strncmp(name, "127.0.0.1:", 10), 0);
    reaches("0.0.0.0", "localhost", NULL, name);
    CU_ASSERT_EQUAL(strncmp(name, "127.0.0.1:", 10), 0);
    reaches("::1", "::1", NULL, name);
    CU_ASSERT_EQUAL(strncmp(name, "[::1]:", 6), 0);
    reaches("::", "127.0.0.1", NULL, name);
    CU_ASSERT_EQUAL(strncmp(name, "[::ffff:127.0.0.1]:", 19), 0);
}

static void the_source_address_is_used(void)
{
    char name[ENDPOINT_NAME];
    struct dr_error err;
    int s;
    reaches("0.0.0.0", "127.0.0.1", "127.0.0.77", name);
    CU_ASSERT_EQUAL(strncmp(name, "127.0.0.77:", 11), 0);
    CU_ASSERT_EQUAL(dial(&s, "127.0.0.1", 1, "192.0.2.1", &err), DR_INVALID);
    unit_says(err.text, "source address 192.0.2.1");
    CU_ASSERT_EQUAL(dial(&s, "127.0.0.1", 1, "::1", &err), DR_INVALID);
    unit_says(err.text, "source address ::1");
    CU_ASSERT_EQUAL(dial(&s, "127.0.0.1", 1, "eth0", &err), DR_INVALID);
    unit_says(err.text, "eth0 is no IP address");
}

static void options_are_set(void)
{
    struct dr_error err;
    uint16_t port;
    int listener = pair_listen(&port), s, on = 0;
    socklen_t size = sizeof on;
    CU_ASSERT_EQUAL_FATAL(dial(&s, "127.0.0.1", port, NULL, &err), DR_OK);
    CU_ASSERT_TRUE(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0 && on);
    CU_ASSERT_TRUE(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &on, &size) == 0 && on);
    CU_ASSERT_TRUE(fcntl(s, F_GETFL) & O_NONBLOCK);
    CU_ASSERT_TRUE(fcntl(s, F_GETFD) & FD_CLOEXEC);
    close(s);
    close(listener);
}

static void a_port_in_use_is_named(void)
{
    struct dr_error err;
    uint16_t port;
    char number[8];
    int listener = pair_listen(&port), second;
    CU_ASSERT_EQUAL(conn_listen(&second, "127.0.0.1", port, &err), DR_BUSY);
    snprintf(number, sizeof number, "%u", port);
    unit_says(err.text, number);
    close(listener);
    CU_ASSERT_EQUAL_FATAL(conn_listen(&second, "127.0.0.1", port, &err), DR_OK);
    close(second);
    CU_ASSERT_EQUAL(conn_listen(&second, "192.0.2.1", 0, &err), DR_IO);
    unit_says(err.text, "192.0.2.1");
    CU_ASSERT_EQUAL(conn_listen(&second, "somewhere", 0, &err), DR_INVALID);
    unit_says(err.text, "somewhere is no IP address");
}

static void a_refused_dial_is_named(void)
{
    struct dr_error err;
    uint16_t port;
    int s;
    close(pair_listen(&port));
    CU_ASSERT_EQUAL(dial(&s, "127.0.0.1", port, NULL, &err), DR_CLOSED);
    unit_says(err.text, "cannot reach 127.0.0.1 port");
    unit_says(err.text, "is drnode running there");
}

/* A listener whose queue is full drops what comes: the dial hangs until its deadline, or until it is stopped. */
static void a_dial_ends_in_time(void)
{
    struct dr_error err;
    uint16_t port;
    int s, waiting[8], count = 0, listener = pair_listen(&port), stop = eventfd(1, 0);
    CU_ASSERT_EQUAL(listen(listener, 0), 0);
    enum dr_code code = DR_OK;
    while (count < 8 && code == DR_OK) {
        code = endpoint_dial(&s, "127.0.0.1", port, NULL, deadline_after(200), -1, &err);
        if (code == DR_OK)
            waiting[count++] = s;
    }
    CU_ASSERT_EQUAL(code, DR_TIMEOUT);
    msec began = clock_msec();
    CU_ASSERT_EQUAL(endpoint_dial(&s, "127.0.0.1", port, NULL, deadline_after(LIMIT_MS), stop, &err), DR_CLOSED);
    CU_ASSERT_TRUE(clock_msec() - began < LIMIT_MS / 2);
    while (count > 0)
        close(waiting[--count]);
    close(stop);
    close(listener);
}

int main(void)
{
    CU_TestInfo cases[] = {{"addresses and names are reached", addresses_and_names_are_reached},
                           {"the source address is used", the_source_address_is_used},
                           {"options are set", options_are_set},
                           {"a port in use is named", a_port_in_use_is_named},
                           {"a refused dial is named", a_refused_dial_is_named},
                           {"a dial ends in time", a_dial_ends_in_time},
                           CU_TEST_INFO_NULL};
    return unit_run("endpoint", cases);
}
