/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/status_view.h"

#include "ui/cli/text.h"

#include <string.h>

#define TEXT_SIZE 32

const char *status_view_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

long long status_view_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

int status_view_is(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void print_row(FILE *out, const char *label, const char *text)
{
    if (*text)
        fprintf(out, "  %-10s %s\n", label, text);
}

static void print_head(FILE *out, const json_t *s)
{
    char since[TEXT_SIZE];
    text_span(since, sizeof since, status_view_number(s, "since_ms"));
    fprintf(out, "%s on %s: %s, %s, term %lld, for %s\n", status_view_text(s, "name"), status_view_text(s, "node_name"),
            status_view_text(s, "role"), status_view_text(s, "state"), status_view_number(s, "term"), since);
}

void status_view_why(FILE *out, const json_t *s)
{
    size_t i;
    json_t *why;
    json_array_foreach(json_object_get(s, "why"), i, why) print_row(out, i ? "" : "why", status_view_text(why, "text"));
    if (status_view_number(s, "split_a"))
        fprintf(out, "  %-10s both members were master: terms %lld and %lld; choose a side\n", "SPLIT",
                status_view_number(s, "split_a"), status_view_number(s, "split_b"));
}

static void print_peer(FILE *out, const json_t *s)
{
    if (status_view_is(s, "peer_heard"))
        fprintf(out, "  %-10s %s: %s, %s\n", "peer", status_view_text(s, "peer_name"), status_view_text(s, "peer_role"),
                status_view_text(s, "peer_state"));
    else
        fprintf(out, "  %-10s %s: NOT HEARD\n", "peer", status_view_text(s, "peer_name"));
}

static void print_authority(FILE *out, const json_t *s)
{
    char left[TEXT_SIZE];
    if (strcmp(status_view_text(s, "role"), "master") != 0)
        return;
    text_span(left, sizeof left, status_view_number(s, "authority_ms"));
    fprintf(out, "  %-10s %s left\n", "authority", left);
}

static void print_lines(FILE *out, const json_t *s)
{
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(s, "line"), i, line)
    {
        char age[TEXT_SIZE];
        long long ms = status_view_number(line, "age_ms");
        text_span(age, sizeof age, ms);
        fprintf(out, "  %-10s %s - %s  %s, %s%s%s\n", "line", status_view_text(line, "a"), status_view_text(line, "b"),
                status_view_is(line, "up") ? "up" : "DOWN", ms ? "last answer " : "never answered", ms ? age : "",
                ms ? " ago" : "");
    }
}

static void print_vips(FILE *out, const json_t *s)
{
    size_t i;
    json_t *vip;
    json_array_foreach(json_object_get(s, "vip"), i, vip)
        fprintf(out, "  %-10s %s  %s\n", "vip", status_view_text(vip, "address"),
                status_view_is(vip, "held") ? "held here" : "not here");
}

static void print_monitors(FILE *out, const json_t *s)
{
    size_t i;
    json_t *m;
    json_array_foreach(json_object_get(s, "monitor"), i, m)
    {
        char since[TEXT_SIZE];
        text_span(since, sizeof since, status_view_number(m, "since_ms"));
        fprintf(out, "  %-10s %s (%s%s%s, on %s%s): ", "monitor", status_view_text(m, "name"),
                status_view_text(m, "kind"), *status_view_text(m, "object") ? " " : "", status_view_text(m, "object"),
                status_view_text(m, "role"), status_view_is(m, "log_only") ? ", log only" : "");
        if (!status_view_is(m, "watched"))
            fprintf(out, "not watched in this role\n");
        else
            fprintf(out, "%s for %s, %lld of %lld bad; %s\n", status_view_text(m, "state"), since,
                    status_view_number(m, "bad"), status_view_number(m, "max_failures"), status_view_text(m, "text"));
    }
}

static void print_volumes(FILE *out, const json_t *s)
{
    size_t i;
    json_t *volume;
    json_array_foreach(json_object_get(s, "volume"), i, volume)
        fprintf(out, "  %-10s %s  %s\n", "volume", status_view_text(volume, "mount"),
                status_view_is(volume, "held") ? "mounted here" : "not here");
}

static void print_mirror(FILE *out, const json_t *source)
{
    char done[TEXT_SIZE], all[TEXT_SIZE], sent[TEXT_SIZE];
    text_bytes(done, sizeof done, (unsigned long long)status_view_number(source, "mirror_bytes_done"));
    text_bytes(all, sizeof all, (unsigned long long)status_view_number(source, "mirror_bytes"));
    text_bytes(sent, sizeof sent, (unsigned long long)status_view_number(source, "mirror_bytes_sent"));
    fprintf(out, "  %-10s %lld of %lld files, %s of %s, %s sent\n", "mirror",
            status_view_number(source, "mirror_files_done"), status_view_number(source, "mirror_files"), done, all,
            sent);
}

static void print_sending(FILE *out, const json_t *s)
{
    const json_t *source = json_object_get(s, "source");
    char lag[TEXT_SIZE], bytes[TEXT_SIZE], wire[TEXT_SIZE];
    if (!status_view_is(s, "sending"))
        return;
    text_span(lag, sizeof lag, status_view_number(source, "lag_ms"));
    text_bytes(bytes, sizeof bytes, (unsigned long long)status_view_number(source, "lag_bytes"));
    text_bytes(wire, sizeof wire, (unsigned long long)status_view_number(source, "wire_bytes"));
    fprintf(out, "  %-10s %s, %lld records (%s, %s) behind; %s on the wire so far\n", "sending",
            status_view_text(source, "phase"), status_view_number(source, "lag_records"), bytes, lag, wire);
    if (strcmp(status_view_text(source, "phase"), "mirroring") == 0)
        print_mirror(out, source);
    print_row(out, "", status_view_text(source, "why"));
}

static void print_receiving(FILE *out, const json_t *s)
{
    const json_t *target = json_object_get(s, "target");
    if (!status_view_is(s, "receiving"))
        return;
    fprintf(out, "  %-10s durable to %lld, applied to %lld%s\n", "receiving", status_view_number(target, "durable"),
            status_view_number(target, "applied"),
            status_view_is(target, "mixed") ? "; MIXED: a first mirror is under way" : "");
    print_row(out, "broken", status_view_text(target, "broken"));
}

static void print_rule(FILE *out, const json_t *s)
{
    char witness[320];
    print_head(out, s);
    status_view_why(out, s);
    print_peer(out, s);
    print_authority(out, s);
    print_lines(out, s);
    const char *name = status_view_text(s, "witness_name");
    snprintf(witness, sizeof witness, "%s%s%s", status_view_text(s, "witness"), *name ? " " : "", name);
    print_row(out, "witness", witness);
    print_vips(out, s);
    print_volumes(out, s);
    print_monitors(out, s);
    print_row(out, "window", status_view_is(s, "in_window") ? "" : "outside: no switch by itself now");
    print_row(out, "folders", status_view_is(s, "read_write") ? "read-write" : "read-only");
    print_row(out, "capture", status_view_text(s, "broken"));
    print_sending(out, s);
    print_receiving(out, s);
}

void status_view_print(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *rule, *rules = json_object_get(answer, "rules");
    if (json_array_size(rules) == 0)
        fputs(
            "this node is a member of no rule that runs: `drctl --local events` says more (an arbiter is no member)\n",
            out);
    json_array_foreach(rules, i, rule)
    {
        if (i)
            fputc('\n', out);
        print_rule(out, rule);
    }
}
