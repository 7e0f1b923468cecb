/* SPDX-License-Identifier: Apache-2.0 */
#include "console/daemon.h"

#include "base/log.h"
#include "console/auth/account.h"
#include "console/console.h"
#include "console/http/certificate.h"
#include "console/http/server.h"
#include "console/keeper.h"
#include "console/licence/licences.h"
#include "console/route.h"
#include "core/model/console.h"
#include "net/xml.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define URL_SIZE 128

/* What one worker has to itself. */
struct desk {
    struct console *console;
    struct store *store;
};

struct daemon {
    char root[PATH_MAX], store_file[PATH_MAX], issuer_file[PATH_MAX], log_folder[PATH_MAX], url[URL_SIZE];
    struct console_settings settings;
    struct console console;
    struct desk desk[16];
    SSL_CTX *tls;
    struct server *server;
    struct keeper *keeper;
};

static long long clock_now_s(void)
{
    return (long long)time(NULL);
}

static enum dr_code path_of(char path[PATH_MAX], const struct daemon *daemon, const char *inner, struct dr_error *err)
{
    if (snprintf(path, PATH_MAX, "%s/%s", daemon->root, inner) < PATH_MAX)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "the name of folder %.256s is too long", daemon->root);
}

static enum dr_code make_folders(const struct daemon *daemon, struct dr_error *err)
{
    static const char *const folder[] = {"", "etc", "etc/tls", "var", "log"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
        if (path_of(path, daemon, folder[i], err) != DR_OK)
            return err->code;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return dr_fail(err, DR_IO,
                           "cannot make the folder %s: %s: make the folder above it, or name another with --root", path,
                           strerror(errno));
    }
    return DR_OK;
}

static enum dr_code read_settings(struct daemon *daemon, struct dr_error *err)
{
    char path[PATH_MAX];
    if (path_of(path, daemon, "etc/console.xml", err) != DR_OK)
        return err->code;
    enum dr_code code = xml_read_file(&console_model, &daemon->settings, path, err);
    if (code == DR_NOT_FOUND) {
        model_defaults(&console_model, &daemon->settings);
        code = DR_OK;
    }
    return code;
}

static enum dr_code open_log(struct daemon *daemon, struct dr_error *err)
{
    const struct console_settings *settings = &daemon->settings;
    if (path_of(daemon->log_folder, daemon, "log", err) != DR_OK)
        return err->code;
    struct log_config config = {.folder = daemon->log_folder,
                                .name = "drconsole.log",
                                .least = (enum log_level)settings->log_level,
                                .file_bytes = (uint64_t)settings->log_size << 20,
                                .files = settings->log_files};
    return log_open(&daemon->console.log, &config, err);
}

static enum dr_code open_secrets(struct daemon *daemon, struct dr_error *err)
{
    const char *older = daemon->settings.older_key[0] != '\0' ? daemon->settings.older_key : NULL;
    char path[PATH_MAX];
    if (path_of(path, daemon, "etc/tls/login.key", err) != DR_OK)
        return err->code;
    if (cipher_create(&daemon->console.cipher, path, older, err) != DR_OK ||
        path_of(path, daemon, "etc/tls/access.secret", err) != DR_OK ||
        path_of(daemon->issuer_file, daemon, "etc/issuer.pem", err) != DR_OK)
        return err->code;
    daemon->console.issuer_file = daemon->settings.issuer[0] != '\0' ? daemon->settings.issuer : daemon->issuer_file;
    return access_key_master(daemon->console.master, path, err);
}

/* One store a worker; the first brings the schema up and makes the first user. */
static enum dr_code open_stores(struct daemon *daemon, struct dr_error *err)
{
    struct console *console = &daemon->console;
    bool file = daemon->settings.store == CONSOLE_SQLITE3;
    console->place = (struct store_place){.driver = file ? "sqlite3" : "pgsql", .where = daemon->settings.store_where};
    if (file && daemon->settings.store_where[0] == '\0') {
        if (path_of(daemon->store_file, daemon, "var/console.db", err) != DR_OK)
            return err->code;
        console->place.where = daemon->store_file;
    }
    for (unsigned i = 0; i < daemon->settings.workers; i++) {
        daemon->desk[i].console = console;
        if (store_open(&daemon->desk[i].store, &console->place, err) != DR_OK)
            return err->code;
    }
    long long now_s = console->now_s();
    if (account_make_first(daemon->desk[0].store, now_s, err) != DR_OK ||
        licences_begin(daemon->desk[0].store, now_s, err) != DR_OK)
        return err->code;
    return DR_OK;
}

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void answer_call(void *own, struct request *request, struct answer *answer)
{
    struct desk *desk = own;
    uint64_t from_us = monotonic_us();
    route_call(desk->console, desk->store, request, answer);
    observe_call(desk->console, request, answer, monotonic_us() - from_us);
}

static enum dr_code listen_on(struct daemon *daemon, struct dr_error *err)
{
    const struct console_settings *settings = &daemon->settings;
    char path[PATH_MAX];
    void *own[16];
    for (unsigned i = 0; i < settings->workers; i++)
        own[i] = &daemon->desk[i];
    if (path_of(path, daemon, "etc/tls", err) != DR_OK ||
        certificate_load(&daemon->tls, path, settings->tls12, err) != DR_OK ||
        server_create(&daemon->server, answer_call, own, settings->workers, err) != DR_OK ||
        server_listen(daemon->server, settings->listen, settings->https_port, daemon->tls, err) != DR_OK)
        return err->code;
    snprintf(daemon->url, sizeof daemon->url, "https://%s:%u", settings->listen, settings->https_port);
    return settings->http_port == 0 ? DR_OK
                                    : server_listen(daemon->server, settings->listen, settings->http_port, NULL, err);
}

enum dr_code daemon_start(struct daemon **made, const char *root, struct dr_error *err)
{
    struct daemon *daemon = *made = calloc(1, sizeof *daemon);
    if (daemon == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    if (snprintf(daemon->root, sizeof daemon->root, "%s", root) >= PATH_MAX)
        dr_fail(err, DR_INVALID, "the name of the folder is too long");
    else if (make_folders(daemon, err) == DR_OK && read_settings(daemon, err) == DR_OK &&
             open_log(daemon, err) == DR_OK) {
        daemon->console.check_signatures = daemon->settings.check_signatures;
        daemon->console.now_s = clock_now_s;
        if (open_secrets(daemon, err) == DR_OK && open_stores(daemon, err) == DR_OK &&
            keeper_start(&daemon->keeper, &daemon->console, daemon->settings.keep_days, err) == DR_OK &&
            listen_on(daemon, err) == DR_OK) {
            log_write(daemon->console.log, LOG_LEVEL_INFO, NULL, "start", "drconsole " CONSOLE_VERSION " on %s",
                      daemon->url);
            return DR_OK;
        }
        log_write(daemon->console.log, LOG_LEVEL_ERROR, NULL, "start_failed", "%s", err->text);
    }
    daemon_free(daemon);
    *made = NULL;
    return err->code;
}

void daemon_run(struct daemon *daemon)
{
    server_run(daemon->server);
}

void daemon_stop(struct daemon *daemon)
{
    server_stop(daemon->server);
}

void daemon_free(struct daemon *daemon)
{
    server_destroy(daemon->server);
    keeper_stop(daemon->keeper);
    SSL_CTX_free(daemon->tls);
    for (size_t i = 0; i < sizeof daemon->desk / sizeof *daemon->desk; i++)
        store_close(daemon->desk[i].store);
    cipher_destroy(daemon->console.cipher);
    if (daemon->console.log != NULL) {
        log_write(daemon->console.log, LOG_LEVEL_INFO, NULL, "stop", "drconsole ends");
        log_close(daemon->console.log);
    }
    free(daemon);
}

const char *daemon_url(const struct daemon *daemon)
{
    return daemon->url;
}
