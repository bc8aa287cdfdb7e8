#include "api/webhooks/endpoint_rows.h"

#include "eventstore/bytes.h"
#include "eventstore/frame.h"

namespace muster::webhooks {
namespace {

void append_time(std::string& bytes, Instant at) { append_u64(bytes, static_cast<std::uint64_t>(at.ms)); }
Instant take_time(ByteReader& bytes) { return {static_cast<std::int64_t>(bytes.take<std::uint64_t>())}; }

void append_trial(std::string& bytes, const Trial& trial) {
    append_u64(bytes, trial.position);
    append_uuid(bytes, trial.event.uuid);
    append_u32(bytes, trial.attempts);
    append_time(bytes, trial.first);
    append_time(bytes, trial.last);
    append_time(bytes, trial.due);
    append_u32(bytes, static_cast<std::uint32_t>(trial.status));
    append_u32(bytes, static_cast<std::uint32_t>(trial.detail.size()));
    bytes += trial.detail;
}

Trial take_trial(ByteReader& bytes) {
    Trial trial;
    trial.position = bytes.take<std::uint64_t>();
    trial.event.uuid = take_uuid(bytes);
    trial.attempts = bytes.take<std::uint32_t>();
    trial.first = take_time(bytes);
    trial.last = take_time(bytes);
    trial.due = take_time(bytes);
    trial.status = static_cast<int>(bytes.take<std::uint32_t>());
    trial.detail = bytes.take(bytes.take<std::uint32_t>());
    return trial;
}

}  // namespace

std::string prefix(std::uint8_t kind, const WebhookKey& key) {
    std::string bytes;
    append_u8(bytes, kind);
    append_uuid(bytes, key.workspace.uuid);
    append_uuid(bytes, key.webhook.uuid);
    return bytes;
}

std::string secret_row(const WebhookKey& key, const Uuid& id) {
    auto bytes = prefix(secret_rows, key);
    append_uuid(bytes, id);
    return bytes;
}

std::string over_row(const WebhookKey& key, const Trial& trial) {
    auto bytes = prefix(over_rows, key);
    append_u64(bytes, trial.position);
    append_uuid(bytes, trial.event.uuid);
    return bytes;
}

WebhookKey key_in(std::string_view row) {
    ByteReader bytes(row.substr(1));
    WebhookKey key;
    key.workspace.uuid = take_uuid(bytes);
    key.webhook.uuid = take_uuid(bytes);
    return key;
}

std::string bytes_of(const Over& over) {
    std::string bytes;
    append_u8(bytes, over.taken ? 1 : 0);
    append_trial(bytes, over.trial);
    return bytes;
}

Over over_in(std::string_view row) {
    ByteReader bytes(row);
    bool taken = bytes.take<std::uint8_t>() == 1;
    return {take_trial(bytes), taken};
}

std::string bytes_of(const Endpoint& endpoint) {
    std::string bytes;
    append_u64(bytes, endpoint.done);
    append_trial(bytes, endpoint.trial);
    for (auto position : endpoint.retries) append_u64(bytes, position);
    return bytes;
}

Endpoint read_endpoint(const WebhookKey& key, std::string_view row) {
    ByteReader bytes(row);
    Endpoint endpoint{key, bytes.take<std::uint64_t>(), take_trial(bytes), {}, true, 0};
    while (!bytes.empty()) endpoint.retries.insert(bytes.take<std::uint64_t>());
    return endpoint;
}

}  // namespace muster::webhooks
