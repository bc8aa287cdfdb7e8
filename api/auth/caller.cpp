#include "api/auth/caller.h"

#include "api/auth/api_keys.h"
#include "api/auth/cookie.h"
#include "api/auth/secret_token.h"
#include "api/auth/sessions.h"

#include <algorithm>

namespace muster {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> bearer(const http::Request& request) {
    auto header = request.header("authorization");
    constexpr std::string_view scheme = "bearer ";
    if (!header || header->size() <= scheme.size()) return std::nullopt;
    bool is_bearer = std::ranges::equal(header->substr(0, scheme.size()), scheme,
                                        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
    if (!is_bearer) return std::nullopt;
    return header->substr(scheme.size());
}

bool by_tls(const Service& service) { return service.public_url.starts_with("https://"); }

std::string_view cookie_name(const Service& service) { return by_tls(service) ? cookie_by_tls : cookie_without_tls; }

std::optional<std::string_view> cookie(const Service& service, const http::Request& request) {
    auto header = request.header("cookie");
    if (!header) return std::nullopt;
    auto name = cookie_name(service);
    for (auto rest = *header; !rest.empty();) {
        auto pair = trimmed(rest.substr(0, rest.find(';')));
        rest.remove_prefix(std::min(rest.size(), rest.find(';') == rest.npos ? rest.size() : rest.find(';') + 1));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
    }
    return std::nullopt;
}

std::optional<Caller> member_of(Service& service, std::string_view token, SessionUse use) {
    auto session = service.sessions.find(token, service.execute.now(), use);
    if (!session) return std::nullopt;
    auto member = service.directory.membership_anywhere(session->member);
    if (member->phase != Phase::active || session->position < member->sessions_end_position) return std::nullopt;
    auto workspace = service.directory.workspace(member->workspace);
    if (!workspace) return std::nullopt;
    Caller caller;
    caller.actor = {ActorKind::member, member->id.uuid};
    caller.permissions = effective_permissions(*workspace, member->assignment);
    caller.workspace = member->workspace;
    caller.session = session->id;
    return caller;
}

}  // namespace

std::optional<Caller> caller_of(Service& service, const http::Request& request, SessionUse use) {
    auto token = bearer(request);
    bool by_cookie = !token;
    if (by_cookie) token = cookie(service, request);
    if (!token) return std::nullopt;
    if (token->starts_with(session_prefix)) {
        auto caller = member_of(service, *token, use);
        if (caller) caller->by_cookie = by_cookie;
        return caller;
    }
    if (by_cookie) return std::nullopt;
    if (token->starts_with(api_key_prefix)) return service.api_keys.caller(service, *token);
    auto hash = sha256(*token);
    if (!equal_in_constant_time(view(hash), view(service.operator_key))) return std::nullopt;
    Caller caller;
    caller.actor.kind = ActorKind::operator_;
    caller.permissions.everything = true;
    return caller;
}

OpenedSession open_session(const Call& call, MemberId member, Position checked_at) {
    auto client = call.request.header("user-agent").value_or("");
    auto opened = call.service.sessions.open(member, checked_at, call.service.execute.now(), client);
    // Who was deleted while it was opened: theirs may have been ended already, and this one would stay for ever.
    if (call.service.directory.membership_anywhere(member)->phase == Phase::deleted)
        call.service.sessions.end_all(member);
    return opened;
}

std::string session_cookie(const Service& service, std::string_view token) {
    return std::string(cookie_name(service)) + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Lax" +
           (by_tls(service) ? "; Secure" : "");
}

std::string ended_session_cookie(const Service& service) { return session_cookie(service, "") + "; Max-Age=0"; }

bool from_own_pages(const Service& service, const http::Request& request) {
    if (auto site = request.header("sec-fetch-site")) return *site == "same-origin";
    auto origin = request.header("origin");
    if (!origin) return false;
    auto host = request.header("host");
    return *origin == service.public_url ||
           (host && *origin == std::string(by_tls(service) ? "https://" : "http://").append(*host));
}

}  // namespace muster
