/* SPDX-License-Identifier: Apache-2.0 */
#include "console/observe.h"

#include "base/log.h"
#include "console/console.h"

#include <string.h>

#define STATUS_REFUSED 403

static bool is_login_refused(const struct request *request, const struct answer *answer)
{
    return answer->code == CODE_LOCKED ||
           (answer->code == CODE_CREDENTIALS && strcmp(request->path, "/auth/token") == 0);
}

static void count(struct observed *seen, const struct answer *answer, bool login_refused, uint64_t took_us)
{
    static const uint64_t end_us[] = OBSERVE_BUCKETS;
    unsigned bucket = 0;
    while (bucket < OBSERVE_BUCKET_COUNT - 1 && took_us > end_us[bucket])
        bucket++;
    seen->bucket[bucket]++;
    seen->took_us += took_us;
    if (answer->refusal != NULL)
        *(answer->status == STATUS_REFUSED ? &seen->refused : &seen->no_call) += 1;
    else
        *(answer->code == CODE_OK ? &seen->ok : &seen->failed) += 1;
    seen->login_refused += login_refused;
    seen->store_errors += answer->code == CODE_STORE;
}

static void tell(struct log *log, const struct request *request, const struct answer *answer, bool login_refused,
                 uint64_t took_us)
{
    const char *who = request->user.id != 0 ? request->user.name : "-";
    if (login_refused) /* who it said it was is in the operation log: what was typed there may be a password */
        log_write(log, LOG_LEVEL_WARNING, NULL, "login_refused", "from %s: %s", request->remote,
                  code_text(answer->code, false));
    else if (answer->refusal != NULL && answer->status == STATUS_REFUSED)
        log_write(log, LOG_LEVEL_WARNING, NULL, "call_refused", "%s %s from %s: no valid token or signature",
                  request->method, request->path, request->remote);
    else if (answer->code == CODE_STORE)
        log_write(log, LOG_LEVEL_ERROR, NULL, "store_error", "%s %s: %s", request->method, request->path,
                  answer->detail);
    log_write(log, LOG_LEVEL_DEBUG, NULL, "call", "%s %s from %s by %s: status %d code %ld, %llu us", request->method,
              request->path, request->remote, who, answer->status, code_number(answer->code),
              (unsigned long long)took_us);
}

void observe_call(struct console *console, const struct request *request, const struct answer *answer, uint64_t took_us)
{
    bool login_refused = is_login_refused(request, answer);
    count(&console->observed, answer, login_refused, took_us);
    if (console->log != NULL)
        tell(console->log, request, answer, login_refused, took_us);
}
