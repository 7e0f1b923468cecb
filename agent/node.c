/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/node_state.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TURN_LETTERS   64 /* then it is time to look whose time has come */
#define RULES_FOR_A_MS 10u
#define REST_MOST      10
#define REST_SHARE     50 /* of the shortest interval; a renewal meets three rests, and must bear ROUND_TRIP */
#define WAKE_LATEST    1000
#define RECORD_AGAIN   10000 /* after a full disk */
#define START_PATIENCE 5000  /* with a drcapture that does not come up */

void node_say(void *baton, const char *line)
{
    struct node *node = baton;
    log_write(node->log, LOG_LEVEL_WARNING, NULL, "node", "%s", line);
}

/* ---- the decision thread ---- */

static msec next_wake(const struct node *node)
{
    msec wake = clock_now() + WAKE_LATEST;
    for (unsigned i = 0; i < node->places; i++)
        wake = node->due[i] < wake ? node->due[i] : wake;
    return wake;
}

static void end_deciding(void *baton)
{
    struct node *node = baton;
    node->deciding = false;
}

/* False: there was more. */
static bool hear(struct node *node)
{
    struct letter letter;
    msec wait = next_wake(node) - clock_now();
    for (unsigned i = 0; i < TURN_LETTERS; i++) {
        if (!inbox_take(node->inbox, &letter, i == 0 ? wait : 0))
            return true;
        letter.deliver(letter.to, &letter);
        wire_drop(letter.wire);
    }
    return false;
}

static void tick(struct node *node)
{
    msec now = clock_now();
    for (unsigned i = 0; i < node->places; i++)
        if (node->due[i] <= now)
            runner_tick(node->place[i]->runner);
}

/* With many rules a turn comes every few milliseconds, for all that came meanwhile: what goes to one peer goes
 * together, and threads that hand us letters are not waited for one by one. */
static void rest(const struct node *node)
{
    msec span = node->places / RULES_FOR_A_MS, most = atomic_load(&node->shortest) / REST_SHARE;
    span = span < most ? span : most;
    if (span > 0)
        clock_sleep(span < REST_MOST ? span : REST_MOST);
}

static void *decide(void *baton)
{
    struct node *node = baton;
    while (node->deciding) {
        bool all = hear(node);
        scribe_tell(node->scribe);
        tick(node);
        outbox_flush(&node->outbox);
        if (all)
            rest(node);
    }
    return NULL;
}

/* ---- start ---- */

static enum dr_code make_folders(struct node *node, struct dr_error *err)
{
    static const char *const folders[] = {"var", "var/rules", "var/groups", "run", "log"};
    char path[CONFIG_PATH_SIZE];
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!config_path(path, node->root, folders[i]))
            return dr_fail(err, DR_INVALID, "the path %s is too long", node->root);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return dr_fail(err, DR_IO, "cannot make the folder %s: %s", path, strerror(errno));
    }
    return DR_OK;
}

static enum dr_code open_log(struct node *node, bool foreground, struct dr_error *err)
{
    const struct node_settings *settings = &node->config->node;
    if (!config_path(node->log_folder, node->root, "log"))
        return dr_fail(err, DR_INVALID, "the path %s is too long", node->root);
    struct log_config config = {.folder = node->log_folder,
                                .name = "drnode.log",
                                .foreground = foreground,
                                .least = (enum log_level)settings->log_level,
                                .file_bytes = (uint64_t)settings->log_size << 20,
                                .files = settings->log_files};
    return log_open(&node->log, &config, err);
}

static enum dr_code start_recording(struct node *node, struct dr_error *err)
{
    struct recorders_config config = {
        .log = node->log, .bytes = (uint64_t)node->config->node.flight_size << 20, .retry_after = RECORD_AGAIN};
    return config.bytes > 0 ? recorders_start(&node->recorders, &config, err) : DR_OK;
}

static enum dr_code start_errands(struct node *node, struct dr_error *err)
{
    struct errands_config config = {.say = node_say, .baton = node};
    return errands_create(&node->errands, &config, err);
}

static enum dr_code open_tls(struct node *node, struct dr_error *err)
{
    char ca[CONFIG_PATH_SIZE], cert[CONFIG_PATH_SIZE], key[CONFIG_PATH_SIZE];
    if (!config_path(ca, node->root, "etc/tls/ca.pem") || !config_path(cert, node->root, "etc/tls/node.pem") ||
        !config_path(key, node->root, "etc/tls/node.key"))
        return dr_fail(err, DR_INVALID, "the path %s is too long", node->root);
    enum dr_code code = tls_create(&node->tls, ca, cert, key, err);
    if (code == DR_OK && strcmp(tls_self(node->tls)->hex, node->config->id.hex) != 0)
        return dr_fail(err, DR_INVALID, "%s is the certificate of node %s, but etc/drid.conf says %s: issue a new one",
                       cert, tls_self(node->tls)->hex, node->config->id.hex);
    return code;
}

static enum dr_code start_monitors(struct node *node, struct dr_error *err)
{
    memcpy(node->script_user, node->config->node.script_user, sizeof node->script_user);
    struct monitors_config config = {
        .root = node->root, .script_user = node->script_user, .program = node->program, .log = node->log};
    enum dr_code code = host_program(node->program, sizeof node->program, "drnode", err);
    return code == DR_OK ? monitors_create(&node->monitors, &config, err) : code;
}

static enum dr_code open_ports(struct node *node, struct dr_error *err)
{
    const struct node_settings *s = &node->config->node;
    const struct {
        enum lane lane;
        uint16_t port;
    } ports[] = {{LANE_HEARTBEAT, s->heartbeat_port},
                 {LANE_ARBITRATION, s->arbitration_port},
                 {LANE_MIRROR, s->mirror_port},
                 {LANE_REPLICATION, s->replication_port}};
    struct listen_config config = {.tls = node->tls, .serve = node_serve, .say = node_say, .baton = node};
    enum dr_code code = listen_create(&node->listen, &config, err);
    for (unsigned i = 0; code == DR_OK && i < sizeof ports / sizeof *ports; i++)
        code = listen_open(node->listen, ports[i].lane, s->listen, ports[i].port, err);
    return code;
}

static enum dr_code open_control(struct node *node, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    if (!config_path(path, node->root, "run/drnode.sock"))
        return dr_fail(err, DR_INVALID, "the path %s is too long", node->root);
    return control_start(&node->control, path, node_commands, node, err);
}

static void wake_decider(void *baton)
{
    struct node *node = baton;
    inbox_nudge(node->inbox);
}

static enum dr_code start_deciding(struct node *node, struct dr_error *err)
{
    enum dr_code code = inbox_create(&node->inbox, err);
    if (code == DR_OK)
        code = scribe_create(&node->scribe, wake_decider, node, err);
    if (code != DR_OK)
        return code;
    node->deciding = true;
    if (pthread_create(&node->decider, NULL, decide, node) == 0)
        return DR_OK;
    node->deciding = false;
    return dr_fail(err, DR_FULL, "cannot start the decision thread: raise the limit of tasks");
}

/* The socket comes before the ports: it tells whether another drnode runs with this root. */
static enum dr_code build(struct node *node, const struct node_options *options, struct dr_error *err)
{
    enum dr_code code = make_folders(node, err);
    if (code == DR_OK)
        code = open_log(node, options->foreground, err);
    if (code == DR_OK)
        code = start_recording(node, err);
    if (code == DR_OK)
        code = trunks_create(&node->trunks, err);
    if (code == DR_OK)
        code = start_errands(node, err);
    if (code == DR_OK)
        code = open_tls(node, err);
    if (code == DR_OK)
        code = start_monitors(node, err);
    if (code == DR_OK)
        code = start_deciding(node, err);
    if (code == DR_OK)
        code = groups_create(&node->groups, node, err);
    if (code == DR_OK)
        code = open_control(node, err);
    if (code == DR_OK)
        code = open_ports(node, err);
    return code;
}

/* What a configuration says while there is no log yet: it comes first in the log, or on stderr if none comes. */
struct early {
    char text[16384];
    size_t used;
};

static void say_early(void *baton, const char *line)
{
    struct early *early = baton;
    size_t size = strlen(line) + 1;
    if (size > sizeof early->text - early->used)
        return; /* dozens of bad files: the first ones tell enough */
    memcpy(early->text + early->used, line, size);
    early->used += size;
}

static void hand_on(const struct early *early, void (*say)(void *baton, const char *line), void *baton)
{
    for (const char *line = early->text; line < early->text + early->used; line += strlen(line) + 1)
        say(baton, line);
}

static void say_stderr(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "drnode: %s\n", line);
}

static enum dr_code load_and_build(struct node *node, const struct node_options *options, struct dr_error *err)
{
    struct early early = {.used = 0};
    enum dr_code code = config_load(&node->config, node->root, say_early, &early, err);
    if (code == DR_OK)
        code = build(node, options, err);
    hand_on(&early, code == DR_OK ? node_say : say_stderr, node);
    return code;
}

enum dr_code node_start(struct node **out, const struct node_options *options, struct dr_error *err)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    snprintf(node->root, sizeof node->root, "%s", options->root);
    pthread_mutex_init(&node->lock, NULL);
    starts_init(&node->starts, START_PATIENCE);
    pthread_cond_init(&node->left, NULL);
    while (node->life == 0)
        host_random(&node->life, sizeof node->life);
    enum dr_code code = load_and_build(node, options, err);
    if (code != DR_OK) {
        node_stop(node);
        return code;
    }
    log_write(node->log, LOG_LEVEL_INFO, NULL, "start", "node %s with %u rules", node->config->id.hex,
              node->config->rules);
    node_apply(node, node->config);
    groups_apply(node->groups, node->config);
    *out = node;
    return DR_OK;
}

static enum dr_code load_whole(struct node *node, struct config **config, struct dr_error *err)
{
    enum dr_code code = config_load(config, node->root, node_say, node, err);
    if (code != DR_OK || (*config)->left_out == 0)
        return code;
    dr_fail(err, DR_INVALID, "%u files of rules or groups are bad (see above): mend them, then read them again",
            (*config)->left_out);
    config_free(*config);
    return DR_INVALID;
}

void node_reload(struct node *node)
{
    struct config *config;
    struct dr_error err;
    if (load_whole(node, &config, &err) != DR_OK) {
        log_write(node->log, LOG_LEVEL_ERROR, NULL, "reload", "the rules stay as they were: %s", err.text);
        return;
    }
    config_share(config, node->config);
    node_apply(node, config);
    pthread_mutex_lock(&node->lock);
    struct config *old = node->config;
    node->config = config;
    pthread_mutex_unlock(&node->lock);
    groups_apply(node->groups, config);
    config_free(old);
    log_write(node->log, LOG_LEVEL_INFO, NULL, "reload", "%u rules", node->config->rules);
}

/* From what lets others in, inwards. */
void node_stop(struct node *node)
{
    if (node->control != NULL)
        control_stop(node->control);
    if (node->groups != NULL)
        groups_destroy(node->groups);
    if (node->inbox != NULL && node->deciding) {
        (void)inbox_ask(node->inbox, end_deciding, node);
        inbox_close(node->inbox);
        pthread_join(node->decider, NULL);
    }
    if (node->listen != NULL)
        listen_destroy(node->listen);
    node_forget_all(node);
    errands_destroy(node->errands);
    if (node->monitors != NULL)
        monitors_destroy(node->monitors);
    if (node->scribe != NULL)
        scribe_destroy(node->scribe);
    if (node->inbox != NULL)
        inbox_destroy(node->inbox);
    if (node->trunks != NULL)
        trunks_destroy(node->trunks);
    if (node->recorders != NULL)
        recorders_stop(node->recorders);
    if (node->tls != NULL)
        tls_destroy(node->tls);
    if (node->log != NULL)
        log_close(node->log);
    if (node->config != NULL)
        config_free(node->config);
    pthread_cond_destroy(&node->left);
    pthread_mutex_destroy(&node->lock);
    starts_destroy(&node->starts);
    free(node);
}
