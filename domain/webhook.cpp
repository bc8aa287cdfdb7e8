#include "domain/webhook.h"

#include "domain/event.h"
#include "domain/seats.h"

#include <algorithm>

namespace muster {
namespace {

constexpr std::string_view https_scheme = "https://", http_scheme = "http://";

bool is_host(std::string_view host) {
    if (host.starts_with('[')) {
        auto inside = host.substr(1, host.size() - 2);
        return host.ends_with(']') && !inside.empty() &&
               inside.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    }
    return !host.empty() &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
               std::string_view::npos;
}

bool is_port(std::string_view port) {
    return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos &&
           std::stoi(std::string(port)) > 0 && std::stoi(std::string(port)) <= 65'535;
}

// `host` or `host:port`; a user would stand before an `@`.
bool is_authority(std::string_view authority) {
    auto end = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
    auto colon = authority.find(':', end == std::string_view::npos ? 0 : end);
    return is_host(authority.substr(0, colon)) &&
           (colon == std::string_view::npos || is_port(authority.substr(colon + 1)));
}

std::unexpected<Refusal> no_such_webhook() { return refused(Code::not_found, "There is no such webhook here."); }

Decision only(const Workspace& workspace, Event event) {
    return Decision{{{stream_of(workspace.id), std::move(event)}}, {}, Instant::never()};
}

std::optional<Fault> needs_https(const TargetUrl& url, const Context& context) {
    if (context.plain_targets || !url.value.starts_with(http_scheme)) return std::nullopt;
    return Fault{"/url",
                 Code::invalid_value,
                 "An https URL is needed; http is for networks that this server was told to allow (--allow-target).",
                 {}};
}

}  // namespace

std::expected<std::string, Fault> TargetUrlRule::check(std::string_view text) {
    if (text.size() > limits::url_bytes)
        return fault(Code::too_long, "A URL is at most " + std::to_string(limits::url_bytes) + " bytes.");
    auto rest = text.starts_with(https_scheme)  ? text.substr(https_scheme.size())
                : text.starts_with(http_scheme) ? text.substr(http_scheme.size())
                                                : std::string_view{};
    auto authority = rest.substr(0, rest.find_first_of("/?#"));
    bool plain = std::ranges::all_of(
        text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '#'; });
    if (!plain || !is_authority(authority))
        return fault(Code::invalid_value,
                     "An absolute URL is needed, like https://company.com/hooks, without user, password and fragment; "
                     "a name that is not ASCII as DNS has it (xn--…).");
    return std::string(text);
}

std::expected<std::string, Fault> EventTypeRule::check(std::string_view text) {
    if (!text.starts_with(event_type_prefix) || !is_event_type(text.substr(event_type_prefix.size())))
        return fault(Code::invalid_value, "There is no such type of event; one is `muster.member_invited`.");
    return std::string(text);
}

void evolve(Workspace& workspace, const WebhookCreated& event, const Meta& meta) {
    HeldWebhook held;
    held.value = event.webhook;
    held.secret_id = event.secret_id;
    held.made_by = meta.actor;
    held.created_at = meta.at;
    held.changed = meta.version;
    workspace.webhooks[event.webhook.id] = std::move(held);
}

void evolve(Workspace& workspace, const WebhookChanged& event, const Meta& meta) {
    auto& held = workspace.webhooks[event.to.id];
    held.value = event.to;
    if (event.to.enabled) held.disabled_for.reset();
    held.changed = meta.version;
}

void evolve(Workspace& workspace, const WebhookSecretRotated& event, const Meta& meta) {
    auto& held = workspace.webhooks[event.webhook.id];
    held.secret_id = event.secret_id;
    held.former_secret_id = event.former_secret_id;
    held.former_ends = meta.at.plus_seconds(event.overlap_seconds);
    held.changed = meta.version;
}

void evolve(Workspace& workspace, const WebhookDisabled& event, const Meta& meta) {
    auto& held = workspace.webhooks[event.webhook.id];
    held.value = event.webhook;
    held.disabled_for = event.trouble;
    held.changed = meta.version;
}

void evolve(Workspace& workspace, const WebhookDeleted& event, const Meta&) {
    workspace.webhooks.erase(event.webhook.id);
}

Decided decide(const Workspace& workspace, const CreateWebhook& command, const Context& context) {
    if (auto fault = needs_https(command.url, context)) return std::unexpected(refuse({*fault}));
    if (workspace.webhooks.size() >= limits::webhooks_per_workspace)
        return limit_reached("webhooks", limits::webhooks_per_workspace);
    Webhook made{
        WebhookId{context.fresh}, command.url, {command.events.begin(), command.events.end()}, command.enabled};
    return only(workspace, WebhookCreated{made, context.credential});
}

Decided decide(const Workspace& workspace, const WebhookId& id, const ChangeWebhook& command, const Context& context) {
    std::vector<Fault> faults;
    if (command.url.is_null()) faults.push_back({"/url", Code::required, "A webhook needs a URL.", {}});
    if (command.url.has_value())
        if (auto fault = needs_https(command.url.value, context)) faults.push_back(*fault);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    auto found = workspace.webhooks.find(id);
    if (found == workspace.webhooks.end()) return no_such_webhook();
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    const Webhook& from = found->second.value;
    Webhook to = from;
    command.url.apply_to(to.url);
    if (!command.events.absent()) to.events = {command.events.value.begin(), command.events.value.end()};
    if (!command.enabled.absent()) to.enabled = command.enabled.is_null() || command.enabled.value;
    if (to == from) return Decision{};
    return only(workspace, WebhookChanged{from, to});
}

Decided decide(const Workspace& workspace, const WebhookId& id, const RotateWebhookSecret& command,
               const Context& context) {
    if (command.overlap_seconds < 0 || command.overlap_seconds > limits::webhook_overlap_seconds_max)
        return std::unexpected(refuse({{"/overlap_seconds",
                                        Code::invalid_value,
                                        "The former secret is good for 0 to " +
                                            std::to_string(limits::webhook_overlap_seconds_max) + " seconds more.",
                                        {{"minimum", 0}, {"maximum", limits::webhook_overlap_seconds_max}}}}));
    auto found = workspace.webhooks.find(id);
    if (found == workspace.webhooks.end()) return no_such_webhook();
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    const auto& held = found->second;
    return only(workspace,
                WebhookSecretRotated{held.value, context.credential, held.secret_id, command.overlap_seconds});
}

Decided decide(const Workspace& workspace, const WebhookId& id, const DeleteWebhook&, const Context& context) {
    auto found = workspace.webhooks.find(id);
    if (found == workspace.webhooks.end()) return no_such_webhook();
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    return only(workspace, WebhookDeleted{found->second.value});
}

// Somebody may have deleted it or disabled it meanwhile.
Decided decide(const Workspace& workspace, const WebhookId& id, const DisableWebhook& command, const Context&) {
    auto found = workspace.webhooks.find(id);
    if (found == workspace.webhooks.end() || !found->second.value.enabled) return Decision{};
    auto to = found->second.value;
    to.enabled = false;
    return only(workspace, WebhookDisabled{to, command.trouble});
}

}  // namespace muster
