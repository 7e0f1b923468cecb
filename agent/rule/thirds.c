/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/thirds.c - the third voters of a rule by their place in its list: arbiters (lines.c), then the shared
 * disk, then the etcd cluster (agent/witness). To core all are alike. */
#include "agent/rule/runner_state.h"
#include "agent/witness/disk.h"
#include "agent/witness/etcd.h"
#include "platform/host.h"

#include <stdio.h>

static void answered(void *baton, const struct ha_message *answer)
{
    struct runner_store *store = baton;
    runner_hear(store->runner, store->place, NULL, answer);
}

static void said(void *baton, enum dr_code code, const char *text)
{
    const struct runner_store *store = baton;
    const struct runner *r = store->runner;
    char name[RULE_HOST_SIZE];
    runner_witness_name(r, store->place, name, sizeof name);
    log_write(r->config.log, code == DR_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, &r->config.rule->id, "witness",
              code == DR_OK ? "%s votes: %s" : "%s gives no vote: %s", name, text);
}

static enum dr_code watch(struct runner *r, const struct witness_store *kind, void *opened, struct dr_error *err)
{
    struct runner_store *store = &r->store[r->stores];
    struct witness_config config = {.self = r->config.self,
                                    .interval = r->config.rule->interval,
                                    .kind = kind,
                                    .store = opened,
                                    .answer = answered,
                                    .say = said,
                                    .baton = store};
    *store = (struct runner_store){.runner = r, .place = r->config.rule->arbiters + r->stores};
    enum dr_code code = witness_start(&store->witness, &config, err);
    r->stores += code == DR_OK;
    return code;
}

/* What takes longer than half of a promise comes too late for the next one. */
static msec limit_of(const struct rule *rule)
{
    return rule_length(rule) / 2;
}

static enum dr_code watch_disk(struct runner *r, const struct rule_disk *disk, struct dr_error *err)
{
    const struct rule *rule = r->config.rule;
    char program[CONFIG_PATH_SIZE], lock[CONFIG_PATH_SIZE], relative[64];
    void *opened;
    snprintf(relative, sizeof relative, "var/rules/%s/disk.lock", rule->id.hex);
    enum dr_code code = config_path(lock, r->config.root, relative)
                            ? host_program(program, sizeof program, "drnode", err)
                            : dr_fail(err, DR_INVALID, "the path %s is too long", r->config.root);
    struct disk_config config = {.rule = rule->id,
                                 .self = r->config.self,
                                 .program = program,
                                 .folder = disk->folder[r->config.self],
                                 .lock = lock,
                                 .limit = limit_of(rule)};
    if (code == DR_OK)
        code = disk_create(&opened, &config, err);
    return code == DR_OK ? watch(r, &disk_store, opened, err) : code;
}

static bool tls_path(char path[CONFIG_PATH_SIZE], const struct runner *r, const char *name)
{
    char relative[RULE_NAME_SIZE + 16];
    snprintf(relative, sizeof relative, "etc/tls/%s", name);
    return config_path(path, r->config.root, relative);
}

static enum dr_code watch_etcd(struct runner *r, const struct rule_etcd *etcd, struct dr_error *err)
{
    char ca[CONFIG_PATH_SIZE], cert[CONFIG_PATH_SIZE], key[CONFIG_PATH_SIZE];
    void *opened;
    if (!tls_path(ca, r, etcd->ca) || !tls_path(cert, r, etcd->cert) || !tls_path(key, r, etcd->key))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->config.root);
    struct etcd_config config = {.rule = r->config.rule->id,
                                 .self = r->config.self,
                                 .endpoints = etcd->endpoints,
                                 .ca = ca,
                                 .cert = cert,
                                 .key = key,
                                 .limit = limit_of(r->config.rule)};
    for (unsigned i = 0; i < etcd->endpoints; i++)
        config.endpoint[i] = etcd->endpoint[i].url;
    enum dr_code code = etcd_create(&opened, &config, err);
    return code == DR_OK ? watch(r, &etcd_store, opened, err) : code;
}

enum dr_code runner_watch_stores(struct runner *r, struct dr_error *err)
{
    const struct rule *rule = r->config.rule;
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && i < rule->disks; i++)
        code = watch_disk(r, &rule->disk[i], err);
    for (unsigned i = 0; code == DR_OK && i < rule->etcds; i++)
        code = watch_etcd(r, &rule->etcd[i], err);
    return code;
}

void runner_leave_stores(struct runner *r)
{
    for (unsigned i = 0; i < r->stores; i++)
        witness_end(r->store[i].witness);
    for (unsigned i = 0; i < r->stores; i++)
        witness_destroy(r->store[i].witness);
    r->stores = 0;
}

void runner_send_witness(struct runner *r, uint32_t place, const struct ha_message *message)
{
    uint32_t arbiters = r->config.rule->arbiters;
    if (place < arbiters)
        runner_send_arbiter(r, place, message);
    else
        witness_ask(r->store[place - arbiters].witness, message);
}

void runner_witness_name(const struct runner *r, uint32_t place, char *name, size_t size)
{
    const struct rule *rule = r->config.rule;
    if (place < rule->arbiters)
        snprintf(name, size, "%s", rule->arbiter[place].address);
    else if (place < rule->arbiters + rule->disks)
        snprintf(name, size, "disk %s", rule->disk[place - rule->arbiters].folder[r->config.self]);
    else
        snprintf(name, size, "etcd %s", rule->etcd[place - rule->arbiters - rule->disks].endpoint[0].url);
}

static void check_etcd(const struct rule_etcd *etcd, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "check that most of its servers run and can be reached:");
    for (unsigned i = 0; i < etcd->endpoints && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", etcd->endpoint[i].url);
}

void runner_witness_check(const struct runner *r, uint32_t place, char *text, size_t size)
{
    const struct rule *rule = r->config.rule;
    if (place < rule->arbiters)
        snprintf(text, size, "check that its drnode runs and port %u is open", rule->arbiter[place].port);
    else if (place < rule->arbiters + rule->disks)
        snprintf(text, size, "check that %.100s is mounted here, its server runs, and drnode can write there",
                 rule->disk[place - rule->arbiters].folder[r->config.self]);
    else
        check_etcd(&rule->etcd[place - rule->arbiters - rule->disks], text, size);
}
