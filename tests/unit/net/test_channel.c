/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_channel.c - what conn.h does not show: keys that change under way. */
#include "net/channel.h"
#include "net/deadline.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_MS 10000
#define ALL      (4u << 20)
#define WINDOW   (64u << 10)

struct end {
    struct tls *tls;
    struct channel *channel;
    int socket;
    bool dials;
    const uint8_t *bytes;
};

static void *shake_hands(void *argument)
{
    struct end *e = argument;
    struct dr_error err = {.text = ""};
    enum dr_code code =
        channel_open(&e->channel, e->tls, e->socket, "peer", e->dials, WINDOW, deadline_after(LIMIT_MS), -1, &err);
    CU_ASSERT_EQUAL_FATAL(code, DR_OK);
    return NULL;
}

static void *write_all(void *argument)
{
    struct end *e = argument;
    struct dr_error err = {.text = ""};
    for (size_t at = 0; at < ALL; at += ALL / 64)
        CU_ASSERT_EQUAL(channel_write(e->channel, e->bytes + at, ALL / 64, LIMIT_MS, &err), DR_OK);
    CU_ASSERT_EQUAL(channel_flush(e->channel, LIMIT_MS, &err), DR_OK);
    return NULL;
}

static void *read_all(void *argument)
{
    struct end *e = argument;
    struct dr_error err = {.text = ""};
    uint8_t *bytes = malloc(ALL);
    size_t got = 0, part = 0;
    while (got < ALL &&
           channel_read(e->channel, bytes + got, ALL - got, &part, deadline_after(LIMIT_MS), &err) == DR_OK)
        got += part;
    CU_ASSERT_EQUAL(got, ALL);
    CU_ASSERT_EQUAL(memcmp(bytes, e->bytes, ALL), 0);
    free(bytes);
    return NULL;
}

static void together(struct end *ends, void *(*first)(void *), void *(*second)(void *))
{
    pthread_t threads[4];
    unsigned count = 0;
    for (unsigned i = 0; i < 2; i++) {
        pthread_create(&threads[count++], NULL, first, &ends[i]);
        if (second)
            pthread_create(&threads[count++], NULL, second, &ends[i]);
    }
    while (count > 0)
        pthread_join(threads[--count], NULL);
}

static void keys_change_while_both_ends_write(void)
{
    struct pki pki;
    int sockets[2];
    uint8_t *bytes = malloc(ALL);
    for (size_t i = 0; i < ALL; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    pki_make(&pki);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    struct end ends[2] = {
        {.tls = pki_node(&pki, "a", &pki_alpha), .socket = sockets[0], .dials = true, .bytes = bytes},
        {.tls = pki_node(&pki, "b", &pki_beta), .socket = sockets[1], .bytes = bytes},
    };
    together(ends, shake_hands, NULL);
    for (unsigned i = 0; i < 2; i++)
        channel_rekey_after(ends[i].channel, ALL / 50);
    together(ends, write_all, read_all);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(channel_rekeys(ends[i].channel) >= 40);
        channel_close(ends[i].channel);
        tls_destroy(ends[i].tls);
        close(sockets[i]);
    }
    free(bytes);
    pki_remove(&pki);
}

int main(void)
{
    CU_TestInfo cases[] = {{"keys change while both ends write", keys_change_while_both_ends_write}, CU_TEST_INFO_NULL};
    return unit_run("channel", cases);
}
