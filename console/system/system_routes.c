/* SPDX-License-Identifier: Apache-2.0 */
#include "console/system/system_routes.h"

#include "console/console.h"
#include "console/system/operation.h"

static void version(const struct call *call)
{
    answer_put_text(call->answer, "version", CONSOLE_VERSION);
    answer_put_text(call->answer, "prod_type", "STD");
    answer_put_text(call->answer, "api_version", CONSOLE_API_VERSION);
    answer_put_number(call->answer, "server_time", call->console->now_s());
}

static void public_settings(const struct call *call)
{
    struct answer *answer = call->answer;
    answer_put_text(answer, "prod_type", "STD");
    answer_put_text(answer, "product_title", "drnode");
    answer_put_text(answer, "pubKey", cipher_public_key(call->console->cipher));
    answer_put_text(answer, "pub", cipher_public_key(call->console->cipher));
    answer_put_number(answer, "time", call->console->now_s());
    answer_put_number(answer, "login_method_switch", 0);
    answer_put_number(answer, "email_login", 0);
    answer_put_number(answer, "sms_login", 0);
    answer_put_number(answer, "ldap_login", 0);
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/version", ROUTE_ANYONE, version, NULL, "What runs here.", ROUTE_READS},
    {"GET", "/op_log", "opLog", operation_list, NULL, "What users changed.", ROUTE_READS},
    {"GET", "/sys/public_settings", ROUTE_OPEN, public_settings, NULL, "What a client must know to log in.", ROUTE_READS},
};
/* clang-format on */
const struct route_area system_routes = ROUTE_AREA("system", routes);
