#pragma once
// Webhooks: where a workspace's events are sent as they happen. A webhook is a part of its workspace, as an API key is;
// its secret is in the vault, under an id that the events name. Whoever may manage webhooks may have everything that
// happens in the workspace sent wherever they say; a webhook outlives whoever made it.
//
// What a target's address may be is seen when something is sent there (api/webhooks/target.h): names move.

#include "domain/decision.h"

#include <optional>
#include <set>
#include <vector>

namespace muster {

struct Workspace;

// Where to: absolute, https or http, without user and fragment.
struct TargetUrlRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
using TargetUrl = Text<TargetUrlRule>;

// `muster.` and the event's name in snake_case, as it stands in what is sent; one that this program knows.
struct EventTypeRule {
    static std::expected<std::string, Fault> check(std::string_view);
};
using EventType = Text<EventTypeRule>;

struct Webhook {
    WebhookId id;
    TargetUrl url;
    std::set<EventType> events;  // none: all, those to come too
    bool enabled = true;
    bool operator==(const Webhook&) const = default;
};
MUSTER_DESCRIBE(Webhook, id, url, events, enabled);

// Why Muster itself disabled one: its target says that it is gone for good (410), or took nothing for days.
enum class WebhookTrouble : std::uint8_t { gone, failing };
MUSTER_ENUM(WebhookTrouble, gone, failing);

// As the workspace has it.
struct HeldWebhook {
    Webhook value;
    Uuid secret_id;                        // under which it is in the vault
    std::optional<Uuid> former_secret_id;  // of the one before, which signs too
    Instant former_ends;                   // until then
    std::optional<WebhookTrouble> disabled_for;
    Actor made_by;
    Instant created_at;
    Version changed = 0;
    [[nodiscard]] std::optional<Uuid> former(Instant now) const {
        return former_secret_id && now < former_ends ? former_secret_id : std::nullopt;
    }
};

struct WebhookCreated {
    static constexpr std::string_view sentence = "{actor} had events sent to {webhook.url}";
    Webhook webhook;
    Uuid secret_id;
};
struct WebhookChanged {
    static constexpr std::string_view sentence = "{actor} changed the webhook {to.url}";
    Webhook from;
    Webhook to;
};
// Both secrets sign for so many seconds from then on; a third one is good for nothing.
struct WebhookSecretRotated {
    static constexpr std::string_view sentence = "{actor} rotated the secret of the webhook {webhook.url}";
    Webhook webhook;
    Uuid secret_id;
    Uuid former_secret_id;
    std::int64_t overlap_seconds = 0;
};
struct WebhookDisabled {
    static constexpr std::string_view sentence =
        "The webhook {webhook.url} was disabled, because its target is {trouble}";
    Webhook webhook;
    WebhookTrouble trouble{};
};
struct WebhookDeleted {
    static constexpr std::string_view sentence = "{actor} deleted the webhook {webhook.url}";
    Webhook webhook;
};
MUSTER_DESCRIBE(WebhookCreated, webhook, secret_id);
MUSTER_DESCRIBE(WebhookChanged, from, to);
MUSTER_DESCRIBE(WebhookSecretRotated, webhook, secret_id, former_secret_id, overlap_seconds);
MUSTER_DESCRIBE(WebhookDisabled, webhook, trouble);
MUSTER_DESCRIBE(WebhookDeleted, webhook);

using WebhookEvents =
    boost::mp11::mp_list<WebhookCreated, WebhookChanged, WebhookSecretRotated, WebhookDisabled, WebhookDeleted>;

// The secrets of both are in the vault before the event (Context::credential).
struct CreateWebhook {
    TargetUrl url;
    std::vector<EventType> events;  // none: all
    bool enabled = true;
};
struct ChangeWebhook {
    Patch<TargetUrl> url;
    Patch<std::vector<EventType>> events;
    Patch<bool> enabled;
};
struct RotateWebhookSecret {
    std::int64_t overlap_seconds = limits::webhook_overlap_seconds_default;
};
struct DeleteWebhook {};
// By Muster itself.
struct DisableWebhook {
    WebhookTrouble trouble{};
};
MUSTER_DESCRIBE(CreateWebhook, url, events, enabled);
MUSTER_DESCRIBE(ChangeWebhook, url, events, enabled);
MUSTER_DESCRIBE(RotateWebhookSecret, overlap_seconds);
MUSTER_DESCRIBE(DeleteWebhook);

void evolve(Workspace&, const WebhookCreated&, const Meta&);
void evolve(Workspace&, const WebhookChanged&, const Meta&);
void evolve(Workspace&, const WebhookSecretRotated&, const Meta&);
void evolve(Workspace&, const WebhookDisabled&, const Meta&);
void evolve(Workspace&, const WebhookDeleted&, const Meta&);

Decided decide(const Workspace&, const CreateWebhook&, const Context&);
Decided decide(const Workspace&, const WebhookId&, const ChangeWebhook&, const Context&);
Decided decide(const Workspace&, const WebhookId&, const RotateWebhookSecret&, const Context&);
Decided decide(const Workspace&, const WebhookId&, const DeleteWebhook&, const Context&);
Decided decide(const Workspace&, const WebhookId&, const DisableWebhook&, const Context&);

}  // namespace muster
