#pragma once
// What one thread has in hand while it sends to one webhook. Internal to Webhooks, but for what a webhook wants.

#include "api/deletion.h"
#include "api/webhooks/webhooks.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace muster::webhooks {

inline constexpr std::int64_t pause_seconds_after_trouble = 15;  // of our own, such as damage

// What is to be sent next.
struct Webhooks::Wanted {
    Position position = 0;
    EventId event;
};

// One endpoint's, for one thread.
struct Webhooks::Turn {
    Endpoint endpoint;
    std::optional<Instant> due;  // when there is more to do
    std::unique_ptr<Client::Line> line = {};
    // The event that deleted its workspace: the last that it is sent.
    std::optional<Meta> last = {};
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    [[nodiscard]] bool lasts_too_long() const {
        return std::chrono::steady_clock::now() - begun >= limits::webhook_turn_most;
    }
    // Until when it is told of the deletion.
    [[nodiscard]] Instant end() const { return last->at.plus_seconds(limits::webhook_tried_seconds); }
    // Its workspace was deleted, and it knows, or need not know any more.
    [[nodiscard]] bool is_over(Instant now) const {
        return last && (!endpoint.enabled || endpoint.done >= last->position || now >= end());
    }
};

inline const HeldWebhook* webhook_in(const Workspace* workspace, WebhookId id) {
    if (!workspace) return nullptr;
    auto found = workspace->webhooks.find(id);
    return found == workspace->webhooks.end() ? nullptr : &found->second;
}

// Whether it is sent events of this type, as the log names it.
bool wants(const Webhook& webhook, std::string_view type);

}  // namespace muster::webhooks
