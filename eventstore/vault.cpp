#include "eventstore/vault.h"

#include "eventstore/bytes.h"
#include "eventstore/erasures.h"
#include "eventstore/key_cache.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/wrapped_keys.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t block_keys = 1'024;   // minted and synced at once
constexpr std::size_t keys_left_min = 256;  // fewer left: the next block is minted
constexpr std::uint64_t blocks_listed = 4;  // An older one was given out long ago; what it has unused stays unused.

const std::string destroyed_row(1, '\3');

std::string_view bytes_of(const Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

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

// Where two are held at once, they are taken in the order of their declaration.
struct Vault::State {
    State(std::unique_ptr<Table> table_, const SecretKey& master_, std::string erasures_, const Clock& clock_,
          Entropy& entropy_)
        : table(std::move(table_)),
          keys(*table, master_),
          clock(clock_),
          entropy(entropy_),
          erasures(std::move(erasures_)) {}

    const std::unique_ptr<Table> table;
    WrappedKeys keys;
    const Clock& clock;
    Entropy& entropy;

    std::mutex destroying;  // one destruction at a time; guards the file of erasures
    std::mutex days_mutex;
    std::map<std::int64_t, SecretKey> days;  // guarded by days_mutex
    std::mutex making;                       // one key or block is made at a time; guards entropy and next_block
    std::uint64_t next_block = 1;

    mutable std::mutex mutex;  // guards the rest, and is never held while the disk is waited for
    Erasures erasures;         // its ids; its file belongs to `destroying`
    std::deque<PersonKey> minted;
    bool minting = false;
    std::condition_variable minting_ended;
    KeyCache persons;
    KeyCache claims;
    std::map<Purpose, Generation> newest;

    SecretKey stored_or_made(VaultFamily family, std::string_view row) {
        const std::lock_guard one_at_a_time(making);
        if (std::optional<SecretKey> key = keys.get(family, row)) return *key;
        const SecretKey key = random_key(entropy);
        WriteBatch batch;
        keys.put(batch, family, row, key);
        table->write(batch, Sync::yes);
        return key;
    }

    [[nodiscard]] bool is_erased(const Uuid& id) const { return erasures.contains(id); }

    void open(const std::function<bool(const Uuid&)>& in_use);
    void check_erasures();
    void finish_destructions();
    void take_unused(const std::function<bool(const Uuid&)>& in_use);
    std::vector<PersonKey> mint_block();
    void erase_rows(VaultFamily family, const std::vector<Uuid>& ids);
};

// ---- opening

void Vault::State::open(const std::function<bool(const Uuid&)>& in_use) {
    keys.check_master();
    check_erasures();
    finish_destructions();
    take_unused(in_use);
}

void Vault::State::check_erasures() {
    if (erasures.path().empty()) return;
    erasures.load();
    const std::optional<std::string> count = table->get(number(VaultFamily::server_keys), destroyed_row);
    if (count && erasures.ids().size() < read_u64(*count))
        throw DamageError(erasures.path() + ": lists " + std::to_string(erasures.ids().size()) + " destroyed keys of " +
                          std::to_string(read_u64(*count)) + "; put back the newest copy of this file");
}

void Vault::State::finish_destructions() {
    for (const VaultFamily family : {VaultFamily::person_keys, VaultFamily::claim_keys}) {
        std::vector<Uuid> remaining;
        for (const Uuid& id : erasures.ids())
            if (table->get(number(family), bytes_of(id))) remaining.push_back(id);
        if (!remaining.empty()) erase_rows(family, remaining);
    }
}

void Vault::State::take_unused(const std::function<bool(const Uuid&)>& in_use) {
    WriteBatch used_up;
    for (const auto block = table->scan(number(VaultFamily::blocks), ""); block->valid(); block->next()) {
        next_block = read_u64(block->key()) + 1;
        const std::size_t minted_before = minted.size();
        for (ByteReader ids(block->value()); !ids.empty();) {
            PersonKey key;
            const std::string_view id = ids.take(key.id.bytes.size());
            std::copy(id.begin(), id.end(), key.id.bytes.begin());
            if (is_erased(key.id) || in_use(key.id)) continue;
            const std::optional<SecretKey> secret = keys.get(VaultFamily::person_keys, id);
            if (!secret) continue;  // destroyed under a list of erasures that was kept in memory only
            key.key = *secret;
            minted.push_back(key);
        }
        if (minted.size() == minted_before) used_up.erase(number(VaultFamily::blocks), std::string(block->key()));
    }
    if (!used_up.empty()) table->write(used_up, Sync::no);
}

// ---- personal keys

std::vector<PersonKey> Vault::State::mint_block() {
    const std::lock_guard one_at_a_time(making);
    std::vector<PersonKey> block(block_keys);
    WriteBatch batch;
    std::string ids;
    for (PersonKey& key : block) {
        key = {new_uuid(clock, entropy), random_key(entropy)};
        keys.put(batch, VaultFamily::person_keys, bytes_of(key.id), key.key);
        ids += bytes_of(key.id);
    }
    const auto row = [](std::uint64_t block_number) {
        std::string bytes;
        append_u64(bytes, block_number);
        return bytes;
    };
    batch.put(number(VaultFamily::blocks), row(next_block), ids);
    if (next_block > blocks_listed) batch.erase(number(VaultFamily::blocks), row(next_block - blocks_listed));
    table->write(batch, Sync::yes);
    ++next_block;
    return block;
}

void Vault::State::erase_rows(VaultFamily family, const std::vector<Uuid>& ids) {
    WriteBatch batch;
    for (const Uuid& id : ids) batch.erase(number(family), std::string(bytes_of(id)));
    std::string count;
    append_u64(count, erasures.ids().size());
    batch.put(number(VaultFamily::server_keys), destroyed_row, count);
    table->write(batch, Sync::yes);
    table->purge(number(family));
}

Vault::Vault(std::unique_ptr<Table> table, const SecretKey& master, std::string erasures, const Clock& clock,
             Entropy& entropy, const std::function<bool(const Uuid&)>& in_use)
    : state_(std::make_unique<State>(std::move(table), master, std::move(erasures), clock, entropy)) {
    try {
        state_->open(in_use);
    } catch (const DecodeError& error) {
        throw DamageError(std::string("the vault: a row has a wrong size: ") + error.what());
    }
}

Vault::~Vault() = default;

PersonKey Vault::mint() {
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    while (true) {
        // While one thread mints, the others live on what is left.
        if (state.minted.size() >= keys_left_min || (state.minting && !state.minted.empty())) {
            PersonKey key = state.minted.front();
            state.minted.pop_front();
            state.persons.keep(key);
            return key;
        }
        if (state.minting) {
            state.minting_ended.wait(lock);
            continue;
        }
        state.minting = true;
        lock.unlock();
        std::vector<PersonKey> block;
        std::exception_ptr failure;
        try {
            block = state.mint_block();
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        state.minted.insert(state.minted.end(), block.begin(), block.end());
        state.minting = false;
        state.minting_ended.notify_all();
        if (failure) std::rethrow_exception(failure);
    }
}

void Vault::give_back(const PersonKey& key) {
    const std::lock_guard lock(state_->mutex);
    if (!state_->is_erased(key.id)) state_->minted.push_front(key);
}

std::optional<SecretKey> Vault::person_key(const Uuid& id) {
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        if (state.is_erased(id)) return std::nullopt;
        if (std::optional<SecretKey> key = state.persons.find(id)) return key;
    }
    const std::optional<SecretKey> key = state.keys.get(VaultFamily::person_keys, bytes_of(id));
    if (!key) return std::nullopt;
    const std::lock_guard lock(state.mutex);
    if (state.is_erased(id)) return std::nullopt;  // meanwhile: it must not come back into the cache
    state.persons.keep({id, *key});
    return key;
}

void Vault::destroy(const std::vector<Uuid>& ids) {
    if (ids.empty()) return;
    State& state = *state_;
    const std::lock_guard one_at_a_time(state.destroying);
    std::vector<Uuid> unlisted = ids;
    std::ranges::sort(unlisted);
    const auto repeated = std::ranges::unique(unlisted);
    unlisted.erase(repeated.begin(), repeated.end());
    // Only this thread changes the ids of erasures, so looking needs no lock.
    std::erase_if(unlisted, [&](const Uuid& id) { return state.is_erased(id); });
    state.erasures.list(unlisted);
    {
        const std::lock_guard lock(state.mutex);
        state.erasures.know(unlisted);
        for (const Uuid& id : ids) state.persons.evict(id);
        std::erase_if(state.minted, [&](const PersonKey& key) { return state.is_erased(key.id); });
    }
    state.erase_rows(VaultFamily::person_keys, ids);
}

bool Vault::erased(const Uuid& id) const {
    const std::lock_guard lock(state_->mutex);
    return state_->is_erased(id);
}

std::vector<Uuid> Vault::all_erased() const {
    const std::lock_guard lock(state_->mutex);
    return {state_->erasures.ids().begin(), state_->erasures.ids().end()};
}

// ---- keys of workspaces and of the server

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

// ---- checkpoints

std::uint64_t Vault::checkpoint(const std::string& follower) {
    const std::optional<std::string> position = state_->table->get(number(VaultFamily::checkpoints), follower);
    if (!position) return 0;
    if (position->size() != sizeof(std::uint64_t))
        throw DamageError("the vault: the checkpoint of " + follower + " is not a position");
    return read_u64(*position);
}

void Vault::set_checkpoint(const std::string& follower, std::uint64_t position) {
    WriteBatch batch;
    std::string bytes;
    append_u64(bytes, position);
    batch.put(number(VaultFamily::checkpoints), follower, bytes);
    state_->table->write(batch, Sync::no);
}

std::vector<std::string> Vault::followers() const {
    std::vector<std::string> names;
    for (const auto row = state_->table->scan(number(VaultFamily::checkpoints), ""); row->valid(); row->next())
        names.emplace_back(row->key());
    return names;
}

void Vault::copy_to(const std::string& directory) { state_->table->checkpoint(directory); }

SealedRows Vault::mails() { return {*this, *state_->table, number(VaultFamily::mails), Purpose::mails}; }
SealedRows Vault::webhooks() { return {*this, *state_->table, number(VaultFamily::webhooks), Purpose::webhooks}; }
SealedRows Vault::drafts() { return {*this, *state_->table, number(VaultFamily::drafts), Purpose::drafts}; }
SealedRows Vault::passwords() { return {*this, *state_->table, number(VaultFamily::passwords), Purpose::passwords}; }
SealedRows Vault::sessions() { return {*this, *state_->table, number(VaultFamily::sessions), Purpose::sessions}; }
SealedRows Vault::api_keys() { return {*this, *state_->table, number(VaultFamily::api_keys), Purpose::api_keys}; }

}  // namespace muster
