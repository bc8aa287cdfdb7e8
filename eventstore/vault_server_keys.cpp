// The vault's keys of workspaces and of the server.
#include "eventstore/bytes.h"
#include "eventstore/vault_state.h"

#include <stdexcept>

namespace muster {
namespace {

std::string purpose_row(Purpose purpose, std::uint32_t id) {
    std::string row(1, '\1');
    append_u8(row, static_cast<std::uint8_t>(purpose));
    append_u32(row, id);
    return row;
}

const std::string rotated_rows(1, '\4');

// When the key of that row was superseded.
std::string rotated_row(Purpose purpose, std::uint32_t id) { return rotated_rows + purpose_row(purpose, id).substr(1); }

std::string day_row(std::int64_t day) {
    std::string row(1, '\2');
    append_u64(row, static_cast<std::uint64_t>(day));
    return row;
}

}  // namespace

void Vault::destroy_claim_key(WorkspaceId workspace) {
    State& state = *state_;
    const std::lock_guard one_at_a_time(state.destroying);
    if (!state.is_erased(workspace.uuid)) state.erasures.list({workspace.uuid});
    {
        const std::lock_guard lock(state.mutex);
        state.erasures.know({workspace.uuid});
        state.claims.evict(workspace.uuid);
    }
    state.erase_rows(VaultFamily::claim_keys, {workspace.uuid});
}

SecretKey Vault::claim_key(WorkspaceId workspace) {
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        if (std::optional<SecretKey> key = state.claims.find(workspace.uuid)) return *key;
        if (state.is_erased(workspace.uuid))
            throw StorageError("the claim key of workspace " + workspace.text() + " is destroyed with it");
    }
    std::optional<SecretKey> key = state.keys.get(VaultFamily::claim_keys, bytes_of(workspace.uuid));
    if (!key) key = state.stored_or_made(VaultFamily::claim_keys, bytes_of(workspace.uuid));
    const std::lock_guard lock(state.mutex);
    state.claims.keep({workspace.uuid, *key});
    return *key;
}

Vault::Generation Vault::current(Purpose purpose) {
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        if (const auto found = state.newest.find(purpose); found != state.newest.end()) return found->second;
    }
    Generation newest{.id = 1, .key = {}};
    const std::string prefix = purpose_row(purpose, 0).substr(0, 2);
    const auto rows = state.table->scan(number(VaultFamily::server_keys), prefix);
    rows->seek_to_last();
    if (rows->valid()) newest.id = read_u32(rows->key().substr(prefix.size()));
    newest.key = state.stored_or_made(VaultFamily::server_keys, purpose_row(purpose, newest.id));
    const std::lock_guard lock(state.mutex);
    return state.newest.try_emplace(purpose, newest).first->second;
}

std::optional<SecretKey> Vault::of(Purpose purpose, std::uint32_t id) {
    {
        const std::lock_guard lock(state_->mutex);
        const auto found = state_->newest.find(purpose);
        if (found != state_->newest.end() && found->second.id == id) return found->second.key;
    }
    return state_->keys.get(VaultFamily::server_keys, purpose_row(purpose, id));
}

Vault::Rotation Vault::rotate(Purpose purpose) {
    if (!rotates(purpose)) throw std::invalid_argument("the keys of this purpose do not rotate");
    State& state = *state_;
    (void)current(purpose);  // so that there is one before
    const std::lock_guard one_at_a_time(state.making);
    std::uint32_t former = 0;
    {
        const std::lock_guard lock(state.mutex);
        former = state.newest.at(purpose).id;
    }
    const Rotation rotation{former + 1, former, state.clock.now()};
    const SecretKey key = random_key(state.entropy);
    WriteBatch batch;
    state.keys.put(batch, VaultFamily::server_keys, purpose_row(purpose, rotation.id), key);
    std::string at;
    append_u64(at, static_cast<std::uint64_t>(rotation.at.ms));
    batch.put(number(VaultFamily::server_keys), rotated_row(purpose, former), at);
    state.table->write(batch, Sync::yes);
    const std::lock_guard lock(state.mutex);
    state.newest.insert_or_assign(purpose, Generation{rotation.id, key});
    return rotation;
}

void Vault::destroy_keys_rotated_before(Instant then) {
    const Family family = number(VaultFamily::server_keys);
    WriteBatch batch;
    for (const auto row = state_->table->scan(family, rotated_rows); row->valid(); row->next()) {
        if (row->value().size() != sizeof(std::uint64_t))
            throw DamageError("the vault: the time of a key's rotation is not a time");
        if (static_cast<std::int64_t>(read_u64(row->value())) >= then.ms) continue;
        batch.erase(family, std::string(1, '\1').append(row->key().substr(1)));
        batch.erase(family, std::string(row->key()));
    }
    if (batch.empty()) return;
    state_->table->write(batch, Sync::yes);
    state_->table->purge(family);
}

SecretKey Vault::day_key(std::int64_t day) {
    const std::lock_guard lock(state_->days_mutex);
    if (const auto found = state_->days.find(day); found != state_->days.end()) return found->second;
    const SecretKey key = state_->stored_or_made(VaultFamily::server_keys, day_row(day));
    state_->days.emplace(day, key);
    return key;
}

std::optional<SecretKey> Vault::existing_day_key(std::int64_t day) {
    const std::lock_guard lock(state_->days_mutex);
    if (const auto found = state_->days.find(day); found != state_->days.end()) return found->second;
    const std::optional<SecretKey> key = state_->keys.get(VaultFamily::server_keys, day_row(day));
    if (key) state_->days.emplace(day, *key);
    return key;
}

void Vault::destroy_day_keys_before(std::int64_t day) {
    {
        const std::lock_guard lock(state_->days_mutex);
        state_->days.erase(state_->days.begin(), state_->days.lower_bound(day));
        WriteBatch batch;
        const std::string end = day_row(day);
        for (const auto row = state_->table->scan(number(VaultFamily::server_keys), end.substr(0, 1));
             row->valid() && row->key() < end; row->next())
            batch.erase(number(VaultFamily::server_keys), std::string(row->key()));
        if (batch.empty()) return;
        state_->table->write(batch, Sync::yes);
    }
    state_->table->purge(number(VaultFamily::server_keys));
}

}  // namespace muster
