#include "api/webhooks/endpoints.h"

#include "api/webhooks/endpoint_rows.h"
#include "api/webhooks/limits.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"

#include <algorithm>

namespace muster::webhooks {
namespace {

constexpr std::size_t trim_every = 100;

Bearing bearing_of(const Endpoint& endpoint) {
    if (endpoint.in_trouble() || endpoint.slow) return Bearing::hangs;
    return endpoint.known ? Bearing::answers : Bearing::unknown;
}

}  // namespace

Endpoints::Endpoints(SealedRows rows, Instant now) : rows_(rows) {
    try {
        for (const auto& row : rows_.keys(std::string(1, static_cast<char>(endpoint_rows)))) {
            auto key = key_in(row);
            auto& held = held_[key];
            held.endpoint = read_endpoint(key, rows_.get(row).value_or(std::string()));
            auto& due = held.endpoint.trial.due;  // no later than a pause is long, wherever the clock stood
            due =
                held.endpoint.in_trouble() ? std::min(due, now.plus_seconds(limits::webhook_pause_seconds_most)) : now;
            schedule(held, due);
        }
    } catch (const DecodeError& error) {
        throw DamageError(std::string("the vault: the row of a webhook has a wrong size: ") + error.what());
    }
}

// ---- Secrets.

void Endpoints::keep_secret(const WebhookKey& key, const Uuid& id, const SecretKey& secret) {
    rows_.put({{secret_row(key, id), std::string(secret.bytes())}}, Sync::yes);
}

void Endpoints::drop_secret(const WebhookKey& key, const Uuid& id) { rows_.erase({secret_row(key, id)}); }

std::optional<SecretKey> Endpoints::secret(const WebhookKey& key, const Uuid& id) const {
    auto row = rows_.get(secret_row(key, id));
    if (!row || row->size() != 32) return std::nullopt;
    SecretKey secret(*row);
    wipe(row->data(), row->size());
    return secret;
}

void Endpoints::drop_unused_secrets(const std::function<bool(const WebhookKey&, const Uuid&)>& used) {
    std::vector<std::string> unused;
    for (const auto& row : rows_.keys(std::string(1, static_cast<char>(secret_rows)))) {
        auto key = key_in(row);
        ByteReader bytes(std::string_view(row).substr(prefix(secret_rows, key).size()));
        if (!used(key, take_uuid(bytes))) unused.push_back(row);
    }
    rows_.erase(unused);
}

// ---- Following.

void Endpoints::add(const WebhookKey& key, Position created) {
    std::lock_guard lock(mutex_);
    auto [found, fresh] = held_.try_emplace(key);
    if (!fresh) return;
    found->second.endpoint = {key, created, {}, {}, true, 0};
    write(found->second.endpoint);
}

void Endpoints::erase_rows(const WebhookKey& key) {
    std::vector<std::string> all{prefix(endpoint_rows, key)};
    for (auto kind : {secret_rows, over_rows})
        for (auto& row : rows_.keys(prefix(kind, key))) all.push_back(std::move(row));
    rows_.erase(all);
}

void Endpoints::forget(const WebhookKey& key) {
    std::lock_guard lock(mutex_);
    auto found = held_.find(key);
    if (found != held_.end()) {
        schedule(found->second, std::nullopt);
        held_.erase(found);
    }
    erase_rows(key);
}

void Endpoints::forget(WorkspaceId workspace) {
    std::vector<WebhookKey> all;
    {
        std::lock_guard lock(mutex_);
        for (auto each = held_.lower_bound({workspace, {}}); each != held_.end() && each->first.workspace == workspace;
             ++each)
            all.push_back(each->first);
    }
    for (const auto& each : all) forget(each);
}

void Endpoints::skip_to(Position position) {
    std::lock_guard lock(mutex_);
    for (auto& [key, held] : held_) {
        held.endpoint = {key, position, {}, {}, true, 0};
        write(held.endpoint);
    }
    rows_.erase(rows_.keys(std::string(1, static_cast<char>(over_rows))));
}

void Endpoints::more_for(WorkspaceId workspace, Instant now) {
    std::lock_guard lock(mutex_);
    for (auto each = held_.lower_bound({workspace, {}}); each != held_.end() && each->first.workspace == workspace;
         ++each) {
        auto& held = each->second;
        held.more = true;
        if (held.endpoint.behind < limits::webhook_behind_counted) ++held.endpoint.behind;
        if (!held.taken && !held.due) schedule(held, now);
    }
}

void Endpoints::changed(const WebhookKey& key, Instant now) {
    std::lock_guard lock(mutex_);
    auto found = held_.find(key);
    if (found == held_.end()) return;
    auto& held = found->second;
    held.changed = held.taken;
    if (held.taken) return;
    held.endpoint.trial.first = held.endpoint.trial.due = now;
    write(held.endpoint);
    schedule(held, now);
}

// ---- Sending.

void Endpoints::heed_clock(Instant now) {
    const auto most = now.plus_seconds(limits::webhook_pause_seconds_most);
    for (auto& [_, held] : held_) {
        if (!held.due || held.due->first <= most) continue;
        held.endpoint.trial.due = now;
        schedule(held, now);
    }
}

void Endpoints::schedule(Held& held, std::optional<Instant> due) {
    if (held.due) by_time_.erase(*held.due);
    held.due.reset();
    if (!due) return;
    held.due = {*due, ++scheduled_};
    by_time_.emplace(*held.due, held.endpoint.key);
}

void Endpoints::write(const Endpoint& endpoint) {
    rows_.put({{prefix(endpoint_rows, endpoint.key), bytes_of(endpoint)}}, Sync::no);
}

void Endpoints::Senders::count(Bearing bearing, std::ptrdiff_t more) {
    all += static_cast<std::size_t>(more);
    if (bearing == Bearing::hangs) for_hanging += static_cast<std::size_t>(more);
    if (bearing == Bearing::unknown) for_new += static_cast<std::size_t>(more);
}

bool Endpoints::room_for(const Endpoint& endpoint) const {
    auto found = busy_.find(endpoint.key.workspace);
    auto own = found == busy_.end() ? Senders{} : found->second;
    if (own.all >= limits::webhook_senders_of_workspace) return false;
    switch (bearing_of(endpoint)) {
        case Bearing::answers:
            return true;
        case Bearing::hangs:
            return own.for_hanging < limits::webhook_senders_of_workspace_for_hanging &&
                   all_busy_.for_hanging < limits::webhook_senders_for_hanging;
        case Bearing::unknown:
            break;
    }
    if (all_busy_.for_new < limits::webhook_senders_for_new_unshared) return true;
    return own.for_new < limits::webhook_senders_of_workspace_for_new &&
           all_busy_.for_new < limits::webhook_senders_for_new;
}

std::optional<Endpoint> Endpoints::take(Instant now) {
    std::lock_guard lock(mutex_);
    if (now < taken_at_) heed_clock(now);
    taken_at_ = now;
    for (const auto& [place, key] : by_time_) {
        if (place.first > now) break;
        auto& held = held_.at(key);
        if (!room_for(held.endpoint)) continue;
        const auto bearing = bearing_of(held.endpoint);
        taken_.emplace(key, bearing);
        for (auto* each : {&busy_[key.workspace], &all_busy_}) each->count(bearing, 1);
        held.taken = true;
        held.more = held.changed = held.asked = held.hurried = false;
        schedule(held, std::nullopt);
        return held.endpoint;
    }
    return std::nullopt;
}

void Endpoints::let_go(const WebhookKey& key) {
    auto taken = taken_.find(key);
    auto own = busy_.find(key.workspace);
    for (auto* each : {&own->second, &all_busy_}) each->count(taken->second, -1);
    if (own->second.all == 0) busy_.erase(own);
    taken_.erase(taken);
}

void Endpoints::put_back(const Endpoint& endpoint, std::optional<Instant> due, Instant now) {
    std::lock_guard lock(mutex_);
    let_go(endpoint.key);
    auto found = held_.find(endpoint.key);
    if (found == held_.end()) return erase_rows(endpoint.key);  // what was recorded of it since it was forgotten
    auto& held = found->second;
    held.taken = false;
    auto retries = std::move(held.endpoint.retries);  // what was asked for, but for what is recorded
    held.endpoint = endpoint;
    held.endpoint.retries = std::move(retries);
    if (held.changed) held.endpoint.trial.first = now;
    if (held.changed || held.hurried || (held.more && !due)) due = held.endpoint.trial.due = now;
    const auto most = now.plus_seconds(limits::webhook_pause_seconds_most);
    held.endpoint.trial.due = std::min(held.endpoint.trial.due, most);
    if (due) due = std::min(*due, most);
    if (held.asked) due = now;  // for what is asked for: an event in trouble has its pause still
    write(held.endpoint);
    schedule(held, due);
}

void Endpoints::record(const Endpoint& endpoint, const Over& over) {
    std::lock_guard lock(mutex_);
    auto found = held_.find(endpoint.key);
    if (found == held_.end()) return;
    auto& held = found->second;
    auto retries = std::move(held.endpoint.retries);
    retries.erase(over.trial.position);
    held.endpoint = endpoint;
    held.endpoint.retries = std::move(retries);
    rows_.put({{over_row(endpoint.key, over.trial), bytes_of(over)},
               {prefix(endpoint_rows, endpoint.key), bytes_of(held.endpoint)}},
              Sync::no);
    if (++held.over < trim_every) return;
    held.over = 0;
    trim(endpoint.key);
}

void Endpoints::trim(const WebhookKey& key) {
    auto rows = rows_.keys(prefix(over_rows, key));
    if (rows.size() <= limits::webhook_deliveries_kept) return;
    rows.resize(rows.size() - limits::webhook_deliveries_kept);
    rows_.erase(rows, Sync::no);
}

// ---- Looking.

std::optional<Endpoint> Endpoints::find(const WebhookKey& key) const {
    std::lock_guard lock(mutex_);
    auto found = held_.find(key);
    if (found == held_.end()) return std::nullopt;
    return found->second.endpoint;
}

std::vector<Over> Endpoints::over(const WebhookKey& key) const {
    std::vector<Over> all;
    auto at = rows_.snapshot();
    auto keys = rows_.keys(prefix(over_rows, key));
    for (auto row = keys.rbegin(); row != keys.rend() && all.size() < limits::webhook_deliveries_kept; ++row) {
        auto text = rows_.get(*row, at.get());
        if (text) all.push_back(over_in(*text));
    }
    return all;
}

bool Endpoints::taken_ahead(const WebhookKey& key, const Trial& next) const {
    auto row = rows_.get(over_row(key, next));
    return row && over_in(*row).taken;
}

bool Endpoints::retry(const WebhookKey& key, Position position, bool at_its_turn, Instant now) {
    std::lock_guard lock(mutex_);
    auto found = held_.find(key);
    if (found == held_.end()) return true;
    auto& held = found->second;
    const bool next = at_its_turn && held.endpoint.trial.position == position;
    if (!next) {
        if (held.endpoint.retries.size() >= limits::webhook_retries_waiting) return false;
        held.endpoint.retries.insert(position);
        write(held.endpoint);
    } else if (!held.taken) {
        held.endpoint.trial.due = now;
    }
    if (held.taken)
        (next ? held.hurried : held.asked) = true;
    else
        schedule(held, now);
    return true;
}

bool Endpoints::empty() const {
    std::lock_guard lock(mutex_);
    return held_.empty();
}

Standing Endpoints::standing() const {
    std::lock_guard lock(mutex_);
    Standing all;
    for (const auto& [_, held] : held_) {
        const auto& endpoint = held.endpoint;
        if (!endpoint.enabled) {
            ++all.disabled;
            continue;
        }
        ++(endpoint.in_trouble() ? all.retrying : held.taken || held.due ? all.sending : all.idle);
        all.behind += endpoint.behind;
        all.behind_most = std::max(all.behind_most, endpoint.behind);
    }
    return all;
}

std::optional<Instant> Endpoints::next_due() const {
    std::lock_guard lock(mutex_);
    for (const auto& [place, key] : by_time_)
        if (room_for(held_.at(key).endpoint)) return place.first;
    return std::nullopt;
}

}  // namespace muster::webhooks
