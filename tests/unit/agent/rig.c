/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/rig.h"
#include "agent/target/idmap.h"
#include "platform/clock.h"
#include "tests/tools/tree_compare.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT 5000

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "rig: %s\n", what);
    abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_all(const char *path)
{
    must(access(path, F_OK) != 0 || nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, "cannot clean up");
}

/* ---- the target's side ---- */

struct stream_end {
    struct rig *rig;
    bool over;
    struct dr_error why;
};

static void stream_ended(void *baton, const struct dr_error *why)
{
    struct stream_end *end = baton;
    pthread_mutex_lock(&end->rig->lock);
    end->over = true;
    end->why = *why;
    pthread_cond_broadcast(&end->rig->ended);
    pthread_mutex_unlock(&end->rig->lock);
}

/* To its end. */
static enum dr_code serve_stream(struct rig *rig, struct conn *conn, const struct repl_hello *hello,
                                 struct dr_error *err)
{
    struct stream_end stream = {.rig = rig};
    struct receive_end end = {stream_ended, &stream};
    enum dr_code code = receive_replication(conn, hello, rig->target, &rig->receive, &end, err);
    if (code)
        return code;
    pthread_mutex_lock(&rig->lock);
    while (!stream.over)
        pthread_cond_wait(&rig->ended, &rig->lock);
    pthread_mutex_unlock(&rig->lock);
    *err = stream.why;
    return err->code;
}

static enum dr_code serve_conn(struct rig *rig, enum lane lane, struct conn *conn, struct dr_error *err)
{
    struct frame frame;
    struct repl_hello hello;
    enum dr_code code = conn_receive(conn, &frame, LIMIT, err);
    if (code)
        return code;
    struct cursor c = cursor_reading(frame.body, frame.size);
    if (frame.type != REPL_HELLO || !repl_hello_decode(&c, &hello))
        return dr_fail(err, DR_PROTOCOL, "no HELLO");
    return lane == LANE_MIRROR ? receive_mirror(conn, &hello, rig->target, &rig->receive, err)
                               : serve_stream(rig, conn, &hello, err);
}

struct served {
    struct rig *rig;
    enum lane lane;
    unsigned number;
};

static void *conn_thread(void *baton)
{
    struct served served = *(struct served *)baton;
    struct rig *rig = served.rig;
    struct dr_error err;
    free(baton);
    pthread_mutex_lock(&rig->lock);
    struct conn *conn = rig->conn[served.number];
    pthread_mutex_unlock(&rig->lock);
    serve_conn(rig, served.lane, conn, &err);
    conn_shut(conn);
    pthread_mutex_lock(&rig->lock);

    rig->last = err;
    pthread_mutex_unlock(&rig->lock);
    return NULL;
}

static void take_conn(struct rig_listener *listener, int socket)
{
    struct rig *rig = listener->rig;
    struct dr_error err;
    struct conn *conn;
    if (conn_accept(&conn, rig->target_tls, listener->lane, socket, LIMIT, &err) != DR_OK)
        return;
    struct served *served = malloc(sizeof *served);
    pthread_mutex_lock(&rig->lock);
    must(served && rig->conns < RIG_CONNS, "too many connections");
    *served = (struct served){rig, listener->lane, rig->conns};
    rig->conn[rig->conns] = conn;
    must(pthread_create(&rig->thread[rig->conns], NULL, conn_thread, served) == 0, "pthread_create");
    rig->conns++;
    pthread_mutex_unlock(&rig->lock);
}

static void *listen_thread(void *baton)
{
    struct rig_listener *listener = baton;
    struct pollfd fd = {.fd = listener->socket, .events = POLLIN};
    for (;;) {
        pthread_mutex_lock(&listener->rig->lock);
        bool closing = listener->rig->closing;
        pthread_mutex_unlock(&listener->rig->lock);
        if (closing)
            return NULL;
        if (poll(&fd, 1, 50) > 0) {
            int socket = accept(listener->socket, NULL, NULL);
            if (socket >= 0)
                take_conn(listener, socket);
        }
    }
}

void rig_target_wipe(struct rig *rig, bool data)
{
    char state[128];
    snprintf(state, sizeof state, "%s/state", rig->base);
    remove_all(state);
    if (!data)
        return;
    if (rig->target_root >= 0)
        close(rig->target_root);
    remove_all(rig->target_folder);
    must(mkdir(rig->target_folder, 0755) == 0, "mkdir");
    rig->target_root = open(rig->target_folder, O_RDONLY | O_DIRECTORY);
}

void rig_target_start(struct rig *rig)
{
    static const enum lane lanes[2] = {LANE_REPLICATION, LANE_MIRROR};
    char state[128];
    struct dr_error err;
    snprintf(state, sizeof state, "%s/state", rig->base);
    struct target_config config = {.state = state, .self = MEMBER_B, .paths = 1, .root = &rig->target_root};
    if (target_open(&rig->target, &config, &err) != DR_OK)
        must(false, err.text);
    rig->closing = false;
    for (int i = 0; i < 2; i++) {
        struct rig_listener *listener = &rig->listener[i];
        listener->rig = rig;
        listener->lane = lanes[i];
        if (listener->socket <= 0)
            listener->socket = pair_listen(&listener->port);
        must(pthread_create(&listener->thread, NULL, listen_thread, listener) == 0, "pthread_create");
    }
}

void rig_cut(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    for (unsigned i = 0; i < rig->conns; i++)
        conn_shut(rig->conn[i]);
    pthread_mutex_unlock(&rig->lock);
}

void rig_target_stop(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    rig->closing = true;
    pthread_mutex_unlock(&rig->lock);
    for (int i = 0; i < 2; i++)
        pthread_join(rig->listener[i].thread, NULL);
    rig_cut(rig);
    for (unsigned i = 0; i < rig->conns; i++) {
        pthread_join(rig->thread[i], NULL);
        conn_close(rig->conn[i]);
    }
    rig->conns = 0;
    target_close(rig->target);
}

/* ---- the source's side ---- */

void rig_source_start(struct rig *rig, term_no term)
{
    struct dr_error err;
    struct source_config config = {.rule = rig->receive.rule, .self = MEMBER_A, .term = term, .tls = rig->source_tls};
    config.errands = rig->errands;
    config.peer = pki_beta;
    config.address = "127.0.0.1";
    config.replication_port = rig->listener[0].port;
    config.mirror_port = rig->listener[1].port;
    config.idmap = rig->idmap;
    config.capture = rig->capture;
    enum dr_code code;
    if (rig->capture) {
        code = source_start(&rig->source, &config, &err);
    } else {
        struct source_feed feed = played_feed(&rig->played);
        ring_set_term(rig->played.ring, term);
        code = source_start_feed(&rig->source, &config, &feed, &err);
    }
    if (code != DR_OK)
        must(false, err.text);
}

void rig_source_stop(struct rig *rig)
{
    source_stop(rig->source);
    rig->source = NULL;
}

/* ---- all of it ---- */

static void open_rest(struct rig *rig)
{
    struct dr_error err;
    char path[128];
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->ended, NULL);
    if (errands_create(&rig->errands, &(struct errands_config){.say = NULL}, &err) != DR_OK)
        must(false, err.text);
    rig->receive.errands = rig->errands;
    pki_make(&rig->pki);
    rig->source_tls = pki_node(&rig->pki, "alpha", &pki_alpha);
    rig->target_tls = pki_node(&rig->pki, "beta", &pki_beta);
    snprintf(rig->target_folder, sizeof rig->target_folder, "%s/target", rig->base);
    snprintf(path, sizeof path, "%s/idmap", rig->base);
    if (idmap_open(&rig->idmap, path, MEMBER_A, &err) != DR_OK)
        must(false, err.text);
    strcpy(rig->receive.rule.hex, "0123456789ABCDEF0123456789ABCDEF");
    rig->receive.self = MEMBER_B;
    rig->receive.peer = pki_alpha;
    rig->receive.term = 1;
    rig->receive.paths = 1;
    rig->target_root = -1;
    rig_target_wipe(rig, true);
    rig_target_start(rig);
}

static void open_base(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    strcpy(rig->base, "/var/tmp/drrig.XXXXXX");
    must(mkdtemp(rig->base) != NULL, "mkdtemp");
}

void rig_open(struct rig *rig, size_t ring_size)
{
    open_base(rig);
    played_open(&rig->played, rig->base, ring_size);
    snprintf(rig->source_folder, sizeof rig->source_folder, "%s", rig->played.folder);
    open_rest(rig);
}

void rig_open_capture(struct rig *rig, struct capture_link *capture)
{
    open_base(rig);
    rig->capture = capture;
    snprintf(rig->source_folder, sizeof rig->source_folder, "/proc/self/fd/%d", capture_info(capture)->root[0]);
    open_rest(rig);
}

void rig_close(struct rig *rig)
{
    if (rig->source)
        rig_source_stop(rig);
    rig_target_stop(rig);
    for (int i = 0; i < 2; i++)
        close(rig->listener[i].socket);
    errands_destroy(rig->errands);
    idmap_close(rig->idmap);
    close(rig->target_root);
    if (!rig->capture)
        played_close(&rig->played);
    tls_destroy(rig->source_tls);
    tls_destroy(rig->target_tls);
    pki_remove(&rig->pki);
    pthread_cond_destroy(&rig->ended);
    pthread_mutex_destroy(&rig->lock);
    remove_all(rig->base);
}

bool rig_level(struct rig *rig, msec limit)
{
    return rig_has(rig, ring_tail(rig->played.ring), limit);
}

bool rig_has(struct rig *rig, uint64_t seq, msec limit)
{
    struct dr_error err;
    struct source_status status;
    if (source_drain(rig->source, seq, limit, &err) == DR_OK)
        return true;
    source_status(rig->source, &status);
    fprintf(stderr, "rig: %s; the source says: %s; the target: %s\n", err.text, status.why, rig->last.text);
    return false;
}

static void say(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "  %s\n", line);
}

int rig_differences(struct rig *rig)
{
    struct dr_error err;
    struct tree_compare options = {.most = 10, .say = say};
    if (target_finish(rig->target, &err) != DR_OK)
        must(false, err.text);
    return tree_compare(rig->source_folder, rig->target_folder, &options);
}
