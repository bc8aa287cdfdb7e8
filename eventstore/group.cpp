#include "eventstore/group.h"

#include <algorithm>

namespace muster {

const std::optional<std::string>& Log::Group::row(LogFamily each, std::string key) {
    auto [found, fresh] = rows_[family(each)].try_emplace(std::move(key));
    if (!fresh) return found->second.value;
    const auto* before = before_ ? before_->known(each, found->first) : nullptr;
    found->second.value = before ? before->value : table_.get(family(each), found->first);
    return found->second.value;
}

const Log::Group::Row* Log::Group::known(LogFamily each, const std::string& key) const {
    auto found = rows_[family(each)].find(key);
    return found == rows_[family(each)].end() ? nullptr : &found->second;
}

void Log::Group::put(LogFamily each, std::string key, std::string value) {
    rows_[family(each)].insert_or_assign(std::move(key), Row{std::move(value), true});
}

void Log::Group::erase(LogFamily each, std::string key) {
    rows_[family(each)].insert_or_assign(std::move(key), Row{std::nullopt, true});
}

WriteBatch Log::Group::take() {
    for (Family each = 0; each < log_families; ++each)
        for (const auto& [key, row] : rows_[each]) {
            if (!row.written) continue;
            if (row.value)
                batch_.put(each, key, *row.value);
            else
                batch_.erase(each, key);
        }
    return std::move(batch_);
}

std::optional<Appended> Log::Group::guard(const Append& append, Instant at) {
    auto conflict = [](std::string why) { return Appended{AppendStatus::conflict, std::move(why), {}, 0}; };
    // First: a repeat is told so, and not decided again on what the first of them did.
    if (!append.idempotency_key.empty())
        if (const auto& kept = row(LogFamily::idempotency, append.idempotency_key))
            if (Instant{rows::to_number(std::string_view(*kept).substr(0, 8))}.plus_seconds(
                    limits::idempotency_seconds) > at)
                return Appended{AppendStatus::repeated, "the idempotency key is taken", {}, 0};
    if (at >= append.good_before)
        return Appended{AppendStatus::too_late, "the time has come that changes the answer", {}, 0};
    for (const auto& each : append.expected) {
        const auto& head = row(LogFamily::heads, rows::stream(each.stream));
        auto version = head ? rows::to_stream_head(*head).version : 0;
        if (version != each.version) return conflict("a stream moved on");
    }
    auto holder = [&](const Claim& claim) -> std::optional<StreamId> {
        const auto& held = row(LogFamily::claims, rows::claim(append.workspace, claim));
        if (!held) return std::nullopt;
        return rows::to_stream(*held);
    };
    for (const auto& [claim, stream] : append.released)
        if (holder(claim) != stream) return conflict("a claim is released by another than its holder");
    for (auto each = append.claimed.begin(); each != append.claimed.end(); ++each) {
        const auto& [claim, stream] = *each;
        auto same = [&](const auto& other) { return other.first == claim; };
        if (std::any_of(append.claimed.begin(), each, same)) return conflict("a claim is taken twice");
        auto held = holder(claim);
        if (held && held != stream && std::ranges::none_of(append.released, same)) return conflict("a claim is taken");
    }
    for (const auto& claim : append.vacant) {
        auto same = [&](const auto& other) { return other.first == claim; };
        if (holder(claim) && std::ranges::none_of(append.released, same)) return conflict("a claim is not vacant");
    }
    auto used = [&](const Counter& counter) {
        const auto& number = row(LogFamily::counters, rows::counter(append.workspace, counter));
        return number ? rows::to_number(*number) : 0;
    };
    for (const auto& each : append.counters) {
        auto now = used(each.counter) + each.delta;
        if (each.delta > 0 && each.limit && now > *each.limit) return conflict("a counter is at its limit");
        if (each.delta < 0 && each.keep_one && now < 1) return conflict("a counter must not fall below one");
    }
    for (const auto& each : append.bounds)
        if (used(each.counter) > each.most) return conflict("a counter is above its bound");
    for (const auto& each : append.persons) {
        const auto& bound = row(LogFamily::persons, rows::person(append.workspace, each.email_claim));
        if (bound ? rows::to_uuid(*bound) != each.key : each.bound_before)
            return conflict("the person has another key");
    }
    return std::nullopt;
}

Appended Log::Group::add(Append& append) {
    auto at = std::max(clock_.now(), end_.at);
    if (auto refused = guard(append, at)) return std::move(*refused);
    move_claims_and_counters(append, at);
    Appended done{AppendStatus::done, {}, record(append, at), end_.position};
    if (!append.idempotency_key.empty())
        put(LogFamily::idempotency, append.idempotency_key,
            rows::number(at.ms) + append.idempotency_row(done.events, done.position));
    return done;
}

std::vector<RecordedPtr> Log::Group::record(Append& append, Instant at) {
    std::vector<RecordedPtr> recorded;
    if (append.events.empty()) return recorded;
    auto chain_key = rows::chain(append.workspace);
    const auto& chain = row(LogFamily::heads, chain_key);
    auto link = chain ? rows::to_chain_head(*chain).link : Digest{};
    std::map<StreamId, rows::StreamHead> heads;
    for (auto& each : append.events) {
        auto head = heads.find(each.stream);
        if (head == heads.end()) {
            const auto& stored = row(LogFamily::heads, rows::stream(each.stream));
            head = heads.emplace(each.stream, stored ? rows::to_stream_head(*stored) : rows::StreamHead{}).first;
        }
        auto version = head->second.version + 1;
        auto position = end_.position + 1;
        Frame frame;
        frame.type = std::string(stored_name(each.event));
        frame.meta = {position, version, at, append.actor};
        frame.stream = each.stream;
        frame.id.uuid = ids_.next();
        frame.command = append.command;
        frame.correlation = append.correlation;
        frame.causation = append.causation;
        frame.workspace = append.workspace;
        auto header = header_of(frame);
        link = link_of(link, header, each.payload_hash);
        batch_.put(family(LogFamily::events), rows::position(position), frame_bytes(header, each.payload, link));
        batch_.put(family(LogFamily::streams), rows::stream_version(each.stream, version), rows::position(position));
        batch_.put(family(LogFamily::workspaces), rows::workspace_position(append.workspace, position), {});
        head->second = {version, position};
        end_ = {position, at, sha256(view(end_.running), view(link))};
        recorded.push_back(
            std::make_shared<Recorded>(Recorded{frame.meta, each.stream, append.workspace, frame.id, append.command,
                                                append.correlation, append.causation, std::move(each.event)}));
    }
    for (const auto& [stream, head] : heads) put(LogFamily::heads, rows::stream(stream), rows::bytes_of(head));
    put(LogFamily::heads, chain_key, rows::bytes_of(rows::ChainHead{end_.position, link}));
    put(LogFamily::heads, rows::head(), rows::bytes_of(end_));
    return recorded;
}

void Log::Group::move_claims_and_counters(const Append& append, Instant at) {
    for (const auto& [claim, stream] : append.released) erase(LogFamily::claims, rows::claim(append.workspace, claim));
    for (const auto& [claim, stream] : append.claimed)
        put(LogFamily::claims, rows::claim(append.workspace, claim), rows::bytes_of(stream));
    for (const auto& each : append.counters) {
        auto key = rows::counter(append.workspace, each.counter);
        const auto& stored = row(LogFamily::counters, key);
        auto now = (stored ? rows::to_number(*stored) : 0) + each.delta;
        if (now == 0)
            erase(LogFamily::counters, key);
        else
            put(LogFamily::counters, key, rows::number(now));
        counted_[append.workspace][each.counter] = now;
    }
    for (const auto& each : append.due) {
        if (each.before) batch_.erase(family(LogFamily::due), rows::due(append.workspace, *each.before, each.stream));
        if (each.after) {
            auto when = std::max(at.plus_seconds(each.after->ttl), each.after->not_before);
            batch_.put(family(LogFamily::due), rows::due(append.workspace, when, each.stream), {});
        }
    }
    for (const auto& claim : append.persons_unbound) erase(LogFamily::persons, rows::person(append.workspace, claim));
    for (const auto& each : append.persons) {
        if (row(LogFamily::persons, rows::person(append.workspace, each.email_claim))) continue;  // guarded: it is this
        put(LogFamily::persons, rows::person(append.workspace, each.email_claim), rows::bytes_of(each.key));
        put(LogFamily::persons, rows::person_key(each.key), rows::bytes_of(append.workspace.uuid) + each.email_claim);
    }
    for (const auto& key : append.keys_destroyed) erase(LogFamily::persons, rows::person_key(key));
}

}  // namespace muster
