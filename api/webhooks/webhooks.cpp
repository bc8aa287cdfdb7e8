#include "api/webhooks/webhooks.h"

#include "api/cloud_event.h"
#include "api/json/write.h"
#include "api/webhooks/limits.h"
#include "api/webhooks/signature.h"
#include "api/webhooks/turn.h"
#include "eventstore/codec.h"
#include "eventstore/scheduling.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace muster::webhooks {
namespace {

constexpr const char* follower = "webhooks";
constexpr std::chrono::milliseconds look_again{1000};  // clocks may jump

}  // namespace

Webhooks::Webhooks(Execute& execute, const History& history, Entropy& entropy, ClientOptions client,
                   std::string public_url, std::function<void(std::string_view)> report)
    : execute_(execute),
      history_(history),
      entropy_(entropy),
      plain_targets_(!client.allowed.empty()),
      public_url_(std::move(public_url)),
      report_(std::move(report)),
      client_(std::move(client)),
      endpoints_(execute.vault().webhooks(), execute.clock().now()),
      follower_(
          [this] {
              while (!stopping_ && follow_some()) wake_sender();
              start_senders();
          },
          [this](const std::string& why) { tell("webhooks do not follow the log: " + why); },
          std::chrono::seconds(pause_seconds_after_trouble)) {
    auto& vault = execute_.vault();
    // A vault that is newer than its log has followed what is no more.
    followed_ = std::min<Position>(vault.checkpoint(follower), execute_.log().head());
    auto now = execute_.now();
    endpoints_.drop_unused_secrets([&](const WebhookKey& key, const Uuid& id) {
        // Of one that was deleted, those that are still needed to tell of it.
        auto workspace = workspace_of(key);
        if (!workspace) return false;
        if (workspace->deleted && !endpoints_.find(key) &&
            deletion_of(execute_.log(), key.workspace)->position <= followed_)
            return false;
        const auto* held = webhook_in(workspace.get(), key.webhook);
        return held && (held->secret_id == id || held->former(now) == id);
    });
}

Webhooks::~Webhooks() { stop(); }

std::shared_ptr<const Workspace> Webhooks::workspace_of(const WebhookKey& key) const {
    auto workspace = execute_.directory().workspace(key.workspace);
    return workspace ? workspace : execute_.directory().deleted_workspace(key.workspace);
}

void Webhooks::tell(std::string_view what) const {
    if (report_) report_(what);
}

std::string Webhooks::keep_secret(const WebhookKey& key, const Uuid& id) {
    auto secret = random_key(entropy_);
    endpoints_.keep_secret(key, id, secret);
    return secret_text(secret);
}

// ---- Threads.

void Webhooks::start() {
    std::lock_guard lock(mutex_);
    runs_ = true;
    follower_.start();
}

// Where nobody has webhooks, there is nobody to send.
void Webhooks::start_senders() {
    while (!endpoints_.empty() && senders_.size() < limits::webhook_senders) senders_.emplace_back([this] { send(); });
}

void Webhooks::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    client_.stop();
    due_wakes_.notify_all();
    follower_.stop();
    for (auto& thread : senders_) thread.join();
    senders_.clear();
    testers_.stop();
}

// One, who wakes the next where there is more: there are many. Whoever found nothing due holds the mutex until they
// wait: none of them misses this.
void Webhooks::wake_sender() {
    {
        std::lock_guard lock(mutex_);
    }
    due_wakes_.notify_one();
}

void Webhooks::send() {
    come_behind(Niceness::unawaited);
    while (!stopping_) {
        if (send_one()) continue;
        std::unique_lock lock(mutex_);
        auto now = execute_.clock().now();
        auto due = endpoints_.next_due().value_or(Instant::never());
        if (!stopping_ && due > now)
            due_wakes_.wait_for(lock, std::min(std::chrono::milliseconds(due.ms - now.ms), look_again));
    }
}

void Webhooks::catch_up() {
    while (follow_some()) continue;
    while (send_one()) continue;
}

// ---- Following.

// Only an event's type and workspace are looked at, so that one that can't be read holds up nobody but who wants it.
bool Webhooks::follow_some() {
    auto& log = execute_.log();
    auto before = followed_;
    if (auto fresh = log.tail(followed_, limits::webhook_events_at_once)) {
        for (const auto& each : *fresh) heed(each->meta.position, type_of(each->event), each->workspace);
    } else {
        for (const auto& each : log.frames(followed_, limits::webhook_events_at_once))
            heed(each.meta.position, each.type, each.workspace);
    }
    if (followed_ == before) return false;
    execute_.vault().set_checkpoint(follower, followed_);
    return true;
}

void Webhooks::heed(Position position, std::string_view type, WorkspaceId workspace) {
    auto now = execute_.clock().now();
    if (names_type<WebhookCreated>(type)) {
        auto created = history_.at(position);
        endpoints_.add({workspace, std::get<WebhookCreated>(created->event).webhook.id}, position);
    } else if (names_type<WebhookChanged>(type)) {
        auto changed = history_.at(position);
        endpoints_.changed({workspace, std::get<WebhookChanged>(changed->event).to.id}, now);
    } else if (names_type<WebhookSecretRotated>(type)) {
        auto rotated = history_.at(position);
        endpoints_.changed({workspace, std::get<WebhookSecretRotated>(rotated->event).webhook.id}, now);
    } else if (names_type<WebhookDeleted>(type)) {
        auto deleted = history_.at(position);
        endpoints_.forget({workspace, std::get<WebhookDeleted>(deleted->event).webhook.id});
    }
    endpoints_.more_for(workspace, now);
    followed_ = position;
}

// ---- What is asked of it.

bool Webhooks::retry(const WebhookKey& key, const Delivery& delivery) {
    if (!endpoints_.retry(key, delivery.trial.position, delivery.in_turn, execute_.clock().now())) return false;
    wake_sender();
    return true;
}

bool Webhooks::test(const WebhookKey& key, std::function<void(const std::string&, const Attempt&)> told) {
    auto send = [this, key, told = std::move(told)] {
        auto id = EventId{execute_.fresh()}.text();
        Turn turn{{key, 0, {}, {}, true, 0}, {}};
        Attempt attempt{0, "the webhook was deleted meanwhile", false, {}};
        try {
            auto workspace = execute_.directory().workspace(key.workspace);
            std::string body;
            ObjectWriter into(body);
            into.field("specversion", "1.0");
            into.field("id", id);
            into.field("source", public_url_ + "/v1/workspaces/" + key.workspace.text());
            into.field("type", std::string(event_type_prefix) + "test");
            into.field("subject", key.webhook);
            into.field("time", execute_.clock().now());
            into.field("datacontenttype", "application/json");
            into.raw("data", "{}");
            into.end();
            if (const auto* held = webhook_in(workspace.get(), key.webhook)) attempt = post(turn, *held, id, body);
        } catch (const std::exception& error) {
            tell(std::string("a test of a webhook failed: ") + error.what());
            attempt.detail = "the server could not send it";
        }
        told(id, attempt);
    };
    {
        std::lock_guard lock(mutex_);
        if (runs_) return testers_.run(key.workspace, std::move(send));
    }
    send();
    return true;
}

Figures Webhooks::figures() const {
    return {taken_.load(), refused_.load(), unanswered_.load(), given_up_.load(), endpoints_.standing()};
}

std::vector<Delivery> Webhooks::deliveries(const Workspace& workspace, const HeldWebhook& webhook) const {
    WebhookKey key{workspace.id, webhook.value.id};
    auto endpoint = endpoints_.find(key);
    if (!endpoint) return {};
    std::map<Position, Over> over;
    for (auto& each : endpoints_.over(key)) over.emplace(each.trial.position, std::move(each));
    auto status_of = [&](const Over& each) {
        if (endpoint->retries.contains(each.trial.position)) return DeliveryStatus::pending;
        return each.taken ? DeliveryStatus::delivered : DeliveryStatus::failed;
    };
    std::vector<Delivery> all;
    auto after = endpoint->done;
    for (const auto& next : wanted(webhook, workspace.id, after, limits::webhook_deliveries_waiting_shown)) {
        Delivery waits{DeliveryStatus::pending, {next.position, next.event, 0, {}, {}, {}, 0, {}}, false};
        bool tried = endpoint->trial.position == next.position;
        if (tried) waits.trial = endpoint->trial;
        waits.in_turn = tried && webhook.value.enabled;
        // Sent by hand before its turn.
        if (auto early = over.find(next.position); early != over.end()) {
            if (early->second.taken) waits.status = status_of(early->second);
            if (early->second.taken || !tried) waits.trial = early->second.trial;
        }
        all.push_back(std::move(waits));
    }
    std::ranges::reverse(all);
    for (auto each = over.rbegin(); each != over.rend(); ++each)
        if (each->first <= endpoint->done)  // it has not come to it only meanwhile
            all.push_back({status_of(each->second), each->second.trial, false});
    return all;
}

}  // namespace muster::webhooks
