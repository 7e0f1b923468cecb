/* SPDX-License-Identifier: Apache-2.0
 * tests/lab/impostor.c - a node with a good certificate that says it is another: `impostor TLS ADDRESS LANE RULE
 * MEMBER` connects with the papers in the folder TLS, speaks as member A or B of a rule (a beat that asks for the vote,
 * or a source's greeting), and prints what came of it: `hung up on`, or `answered`. */
#include "core/ha_message.h"
#include "core/repl_message.h"
#include "net/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 10000

static struct dr_error err;

static void check(enum dr_code code)
{
    if (code == DR_OK)
        return;
    fprintf(stderr, "impostor: %s\n", err.text);
    exit(EXIT_FAILURE);
}

static struct tls *papers(const char *folder)
{
    static const char *const name[] = {"ca.pem", "node.pem", "node.key"};
    char file[3][512];
    struct tls *tls = NULL;
    for (int i = 0; i < 3; i++)
        snprintf(file[i], sizeof file[i], "%s/%s", folder, name[i]);
    check(tls_create(&tls, file[0], file[1], file[2], &err));
    return tls;
}

static enum lane lane_of(const char *name)
{
    for (enum lane lane = 0; lane < LANE_COUNT; lane++)
        if (strcmp(lane_facts(lane)->name, name) == 0)
            return lane;
    check(dr_fail(&err, DR_INVALID, "no lane %s", name));
    return LANE_COUNT;
}

/* Of a mastership that would win every vote. */
static void put_beat(struct cursor *c, const struct dr_id *rule, enum member self)
{
    term_no term = self == MEMBER_A ? 1001 : 1002;
    struct ha_message m = {.kind = HA_BEAT, .rule = *rule, .from = self, .asker = 8, .round = {1, 1}, .sent = 1};
    m.ask = (struct vote_request){
        .kind = VOTE_ASK, .term = term, .candidate = self, .round = m.round, .length = 2000, .forced = true};
    m.report = (struct ha_report){
        .stamp = {1000, 1}, .identity = 8, .acting = true, .able = true, .term = term, .acted = term, .seen = term};
    m.report.configuration = (struct configuration){.version = {term, 1},
                                                    .kind = QUORUM_TRIO,
                                                    .release_grace = 500,
                                                    .voter = {7, 8},
                                                    .witnesses = 1,
                                                    .witness = {9}};
    ha_message_encode(c, &m);
}

static void put_hello(struct cursor *c, const struct dr_id *rule, enum member self)
{
    struct repl_hello m = {.version = REPL_VERSION,
                           .rule = *rule,
                           .member = self,
                           .term = self == MEMBER_A ? 1001 : 1002,
                           .stream = 1,
                           .first = 1,
                           .last = 1,
                           .paths = 1};
    repl_hello_encode(c, &m);
}

int main(int argc, char **argv)
{
    struct conn *conn;
    struct frame frame;
    struct dr_id rule = {""};
    uint8_t bytes[HA_MESSAGE_WIRE];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    if (argc != 6) {
        fprintf(stderr, "usage: impostor TLS ADDRESS LANE RULE a|b\n");
        return 2;
    }
    enum lane lane = lane_of(argv[3]);
    enum member self = strcmp(argv[5], "a") == 0 ? MEMBER_A : MEMBER_B;
    snprintf(rule.hex, sizeof rule.hex, "%s", argv[4]);
    struct tls *tls = papers(argv[1]);
    struct conn_to to = {.address = argv[2], .port = lane_facts(lane)->port, .limit = LIMIT};
    check(conn_dial(&conn, tls, lane, &to, &err));
    bool beats = lane == LANE_HEARTBEAT || lane == LANE_ARBITRATION;
    (beats ? put_beat : put_hello)(&c, &rule, self);
    struct piece piece = {bytes, sizeof bytes - cursor_left(&c)};
    check(cursor_ok(&c) ? conn_send(conn, 1, &piece, 1, LIMIT, &err) : dr_fail(&err, DR_INVALID, "it does not fit"));
    enum dr_code code = conn_receive(conn, &frame, LIMIT, &err);
    printf("%s\n", code == DR_OK ? "answered" : code == DR_TIMEOUT ? "left waiting" : "hung up on");
    conn_close(conn);
    tls_destroy(tls);
    return EXIT_SUCCESS;
}
