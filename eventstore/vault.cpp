#include "eventstore/vault.h"

#include "eventstore/bytes.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/vault_state.h"

#include <algorithm>
#include <exception>

namespace muster {
namespace {

constexpr std::size_t block_keys = 1'024;   // minted and synced at once
constexpr std::size_t keys_left_min = 256;  // fewer left: the next block is minted
constexpr std::uint64_t blocks_listed = 4;  // An older one was given out long ago; what it has unused stays unused.

const std::string destroyed_row(1, '\3');

std::uint64_t destroyed_of(const Reading& vault) {
    const std::optional<std::string> count = vault.get(number(VaultFamily::server_keys), destroyed_row);
    return count ? read_u64(*count) : 0;
}

}  // namespace

void check_erasures(const Reading& vault, std::size_t listed, const std::string& path) {
    if (const std::uint64_t destroyed = destroyed_of(vault); listed < destroyed)
        throw DamageError(path + ": lists " + std::to_string(listed) + " destroyed keys of " +
                          std::to_string(destroyed) + "; put back the newest copy of this file");
}

// ---- opening

void Vault::State::open(const std::function<bool(const Uuid&)>& in_use,
                        const std::function<std::vector<Uuid>()>& destroyed) {
    keys.check_master();
    check_list(destroyed);
    finish_destructions();
    take_unused(in_use);
}

void Vault::State::check_list(const std::function<std::vector<Uuid>()>& destroyed) {
    if (erasures.path().empty()) return;
    erasures.load();
    std::vector<Uuid> lost;
    if (destroyed && erasures.ids().size() < destroyed_of(*table)) {
        lost = destroyed();
        std::erase_if(lost, [&](const Uuid& id) { return erasures.contains(id); });
    }
    check_erasures(*table, erasures.ids().size() + lost.size(), erasures.path());
    erasures.mend();
    erasures.list(lost);
    erasures.know(lost);
    listed_again = lost.size();
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
             Entropy& entropy, const std::function<bool(const Uuid&)>& in_use,
             const std::function<std::vector<Uuid>()>& destroyed)
    : state_(std::make_unique<State>(std::move(table), master, std::move(erasures), clock, entropy)) {
    try {
        state_->open(in_use, destroyed);
    } catch (const DecodeError& error) {
        throw DamageError(std::string("the vault: a row has a wrong size: ") + error.what());
    }
}

Vault::~Vault() = default;

std::size_t Vault::listed_again() const { return state_->listed_again; }

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
    std::optional<SecretKey> key = state.keys.get(VaultFamily::person_keys, bytes_of(id));
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
