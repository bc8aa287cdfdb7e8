// What becomes of an endpoint's turn: the next event is sent, again if need be, until it is taken or given up.
#include "api/cloud_event.h"
#include "api/webhooks/limits.h"
#include "api/webhooks/retry.h"
#include "api/webhooks/signature.h"
#include "api/webhooks/turn.h"
#include "eventstore/codec.h"

#include <algorithm>

namespace muster::webhooks {
namespace {

constexpr int gone = 410;

std::uint64_t random_number(Entropy& entropy) {
    std::uint64_t number = 0;
    entropy.fill(reinterpret_cast<std::uint8_t*>(&number), sizeof number);
    return number;
}

}  // namespace

bool wants(const Webhook& webhook, std::string_view type) {
    if (webhook.events.empty()) return true;
    return webhook.events.contains(EventType{std::string(event_type_prefix) + event_type(type)});
}

// False where nothing is due.
bool Webhooks::send_one() {
    auto now = execute_.clock().now();
    auto taken = endpoints_.take(now);
    if (!taken) return false;
    wake_sender();  // for what else is due
    Turn turn{std::move(*taken), {}};
    try {
        take_turn(turn);
        if (turn.is_over(execute_.clock().now())) endpoints_.forget(turn.endpoint.key);
        if (turn.last && turn.due) turn.due = std::min(*turn.due, turn.end());
        turn.endpoint.behind = turn.endpoint.enabled ? behind(turn.endpoint) : 0;
    } catch (const std::exception& error) {
        tell("webhook " + turn.endpoint.key.webhook.text() + " waits: " + error.what());
        turn.due = now.plus_seconds(pause_seconds_after_trouble);
    }
    endpoints_.put_back(turn.endpoint, turn.due, execute_.clock().now());
    wake_sender();  // there may be room for two now: one of its workspace, and one who may hang
    return true;
}

void Webhooks::take_turn(Turn& turn) {
    auto& endpoint = turn.endpoint;
    // A vault that is newer than its log has sent what is no more.
    endpoint.done = std::min(endpoint.done, execute_.log().head());
    if (endpoint.trial.position <= endpoint.done) endpoint.trial = {};
    auto workspace = workspace_of(endpoint.key);
    if (!workspace) return endpoints_.forget(endpoint.key.workspace);
    const auto* held = webhook_in(workspace.get(), endpoint.key.webhook);
    endpoint.enabled = held && held->value.enabled;
    if (workspace->deleted) turn.last = deletion_of(execute_.log(), endpoint.key.workspace);
    if (turn.is_over(execute_.clock().now())) return;
    while (!stopping_ && !endpoint.retries.empty() && !turn.lasts_too_long())
        if (!retry_asked(turn)) return;
    if (!endpoint.retries.empty()) {
        turn.due = execute_.clock().now();
        return;
    }
    if (endpoint.in_trouble() && endpoint.trial.due > execute_.clock().now()) {
        turn.due = endpoint.trial.due;
        return;
    }
    for (std::size_t sent = 0; sent < limits::webhook_turn && !turn.lasts_too_long(); ++sent)
        if (stopping_ || !deliver_next(turn)) return;
    turn.due = execute_.clock().now();
}

// One attempt at what somebody wants sent again, whatever becomes of it. False where the turn is over.
bool Webhooks::retry_asked(Turn& turn) {
    auto& endpoint = turn.endpoint;
    auto position = *endpoint.retries.begin();
    endpoint.retries.erase(endpoint.retries.begin());
    auto workspace = workspace_of(endpoint.key);
    const auto* held = webhook_in(workspace.get(), endpoint.key.webhook);
    auto frame = execute_.log().frame(position);
    if (!held || !frame) return held != nullptr;
    Trial trial{position, frame->id, 0, {}, {}, {}, 0, {}};
    for (const auto& each : endpoints_.over(endpoint.key))
        if (each.trial.position == position) trial = each.trial;
    bool next = endpoint.trial.position == position;
    if (next) trial = endpoint.trial;
    ++trial.attempts;
    auto attempt = post_asked(turn, *held, position);
    if (attempt.stopped) return false;
    count(attempt);
    trial.last = execute_.clock().now();
    if (trial.first == Instant{}) trial.first = trial.last;
    trial.status = attempt.status;
    trial.detail = attempt.detail;
    if (next && attempt.taken()) trial.due = trial.last;  // what waits behind it goes on
    if (next) endpoint.trial = trial;
    endpoints_.record(endpoint, {trial, attempt.taken()});
    return true;
}

std::vector<Webhooks::Wanted> Webhooks::wanted(const HeldWebhook& webhook, WorkspaceId workspace, Position& after,
                                               std::size_t most) const {
    std::vector<Wanted> found;
    auto at_once = std::min(limits::webhook_events_at_once, 8 * most);
    for (std::size_t looked = 0; looked < limits::webhook_events_looked_through; looked += at_once) {
        auto positions = execute_.log().positions(workspace, after, at_once);
        for (auto position : positions) {
            auto frame = execute_.log().frame(position);
            if (frame && wants(webhook.value, frame->type)) {
                if (found.size() == most) return found;
                found.push_back({position, frame->id});
            }
            after = position;
        }
        if (found.size() == most || positions.size() < at_once) break;
    }
    return found;
}

// The next event in order. False where the turn is over.
bool Webhooks::deliver_next(Turn& turn) {
    auto& endpoint = turn.endpoint;
    auto& trial = endpoint.trial;
    if (turn.last && endpoint.done >= turn.last->position) return false;
    auto workspace = workspace_of(endpoint.key);
    const auto* held = webhook_in(workspace.get(), endpoint.key.webhook);
    endpoint.enabled = held && held->value.enabled;
    if (!endpoint.enabled) return false;
    auto looked_at = endpoint.done;
    auto next_ones = wanted(*held, endpoint.key.workspace, looked_at, 1);
    if (next_ones.empty()) {
        bool moved = endpoint.done != looked_at;  // over what was not wanted: on with what is behind it
        endpoint.done = looked_at;
        return moved;
    }
    const auto& next = next_ones.front();
    endpoint.done = next.position - 1;
    if (turn.last && next.position > turn.last->position) return false;
    if (trial.position != next.position) trial = {next.position, next.event, 0, {}, {}, {}, 0, {}};
    if (endpoints_.taken_ahead(endpoint.key, trial)) {
        endpoint.done = trial.position;
        trial = {};
        return true;
    }

    auto attempt = post_event(turn, *held, next.position);
    if (attempt.stopped) return false;
    count(attempt);
    auto now = execute_.clock().now();
    if (trial.first == Instant{}) trial.first = now;
    trial.last = now;
    ++trial.attempts;
    trial.status = attempt.status;
    trial.detail = attempt.detail;
    trial.due = {};
    bool over_now = attempt.taken() || attempt.status == gone;
    turn.due = over_now ? std::nullopt
                        : next_attempt(trial.first, now, trial.attempts, random_number(entropy_), attempt.retry_after);
    if (turn.due) {
        trial.due = *turn.due;
        return false;
    }
    if (!attempt.taken() && changed_since(endpoint.key, held->changed)) {  // it is tried as it is now, as if anew
        turn.due = trial.due = trial.first = now;
        return false;
    }
    Over over{trial, attempt.taken()};
    endpoint.done = trial.position;
    trial = {};
    endpoints_.record(endpoint, over);
    if (over.taken) return true;
    ++given_up_;
    endpoint.enabled = false;
    tell("webhook " + endpoint.key.webhook.text() + " is disabled: " + over.trial.detail);
    disable(endpoint.key, attempt.status == gone ? WebhookTrouble::gone : WebhookTrouble::failing);
    return false;
}

bool Webhooks::changed_since(const WebhookKey& key, Version seen) const {
    auto workspace = workspace_of(key);
    const auto* held = webhook_in(workspace.get(), key.webhook);
    return held && held->changed != seen;
}

Attempt Webhooks::post(Turn& turn, const HeldWebhook& webhook, const std::string& id, const std::string& body) {
    auto now = execute_.now();
    std::vector<SecretKey> secrets;
    for (const auto& each : {std::optional(webhook.secret_id), webhook.former(now)})
        if (each)
            if (auto secret = endpoints_.secret(turn.endpoint.key, *each)) secrets.push_back(*secret);
    if (secrets.empty()) return {0, "its secret is not in the vault; rotate it", false, {}};
    auto begun = std::chrono::steady_clock::now();  // looking the target up may be what hangs
    if (!turn.line || turn.line->url() != webhook.value.url.value) turn.line = client_.line_to(webhook.value.url.value);
    auto attempt = turn.line->post(signed_headers(secrets, id, execute_.clock().now(), body), body);
    turn.endpoint.known = true;
    turn.endpoint.slow = std::chrono::steady_clock::now() - begun >= limits::webhook_turn_most;
    return attempt;
}

void Webhooks::count(const Attempt& attempt) {
    ++(attempt.taken() ? taken_ : attempt.status != 0 ? refused_ : unanswered_);
}

// Once a turn, not whenever somebody asks for figures: what that costs grows with what is sent.
std::size_t Webhooks::behind(const Endpoint& endpoint) const {
    return execute_.log().positions(endpoint.key.workspace, endpoint.done, limits::webhook_behind_counted).size();
}

// The event as it is now: of who was erased meanwhile nothing is left in it.
Attempt Webhooks::post_event(Turn& turn, const HeldWebhook& webhook, Position position) {
    auto event = history_.at(position);
    return post(turn, webhook, event->id.text(), cloud_event(*event, public_url_));
}

// What can't be read holds up nothing else: it is not sent, and can be asked for again.
Attempt Webhooks::post_asked(Turn& turn, const HeldWebhook& webhook, Position position) {
    auto unread = [&](const std::exception& error) {
        tell("webhook " + turn.endpoint.key.webhook.text() + ": " + error.what());
        return Attempt{0, "the event can't be read", false, {}};
    };
    try {
        return post_event(turn, webhook, position);
    } catch (const DamageError& error) {
        return unread(error);
    } catch (const UnknownEvent& error) {
        return unread(error);
    }
}

// By the log itself: who waited for a command's answer here would wait for ever while the server stops. Where it does
// not come to it, the next event's delivery does.
void Webhooks::disable(const WebhookKey& key, WebhookTrouble trouble) {
    for (int tries = 0; tries < limits::attempts; ++tries) {
        auto workspace = execute_.directory().workspace(key.workspace);
        if (!workspace) return;
        Context context;
        context.now = execute_.now();
        auto decided = decide(*workspace, key.webhook, DisableWebhook{trouble}, context);
        if (!decided || decided->events.empty()) return;
        Append append;
        append.workspace = key.workspace;
        append.command = append.correlation = execute_.fresh();
        append.expected = {{stream_of(key.workspace), workspace->version}};
        for (const auto& each : decided->events) {
            auto payload = encode(each.event, nullptr);
            append.events.push_back({each.stream, each.event, payload, sha256(payload)});
        }
        auto status = execute_.log().append_and_wait(std::move(append)).status;
        if (status == AppendStatus::done || status == AppendStatus::failed || stopping_) return;
    }
    tell("webhook " + key.webhook.text() + " could not be disabled yet");
}

}  // namespace muster::webhooks
