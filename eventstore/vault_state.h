#pragma once
// What the vault consists of while it is open; for vault*.cpp only.

#include "eventstore/erasures.h"
#include "eventstore/key_cache.h"
#include "eventstore/vault.h"
#include "eventstore/wrapped_keys.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace muster {

inline std::string_view bytes_of(const Uuid& id) {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

// Where two are held at once, they are taken in the order of their declaration.
struct Vault::State {
    State(std::unique_ptr<Table> on, const SecretKey& master, std::string erasures_file, const Clock& time,
          Entropy& randomness)
        : table(std::move(on)),
          keys(*table, master),
          clock(time),
          entropy(randomness),
          erasures(std::move(erasures_file)) {}

    const std::unique_ptr<Table> table;
    WrappedKeys keys;
    const Clock& clock;
    Entropy& entropy;

    std::mutex destroying;  // one destruction at a time; guards the file of erasures
    std::mutex days_mutex;
    std::map<std::int64_t, SecretKey> days;  // guarded by days_mutex
    std::mutex making;                       // one key or block is made at a time; guards entropy and next_block
    std::uint64_t next_block = 1;
    std::size_t listed_again = 0;

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

    void open(const std::function<bool(const Uuid&)>& in_use, const std::function<std::vector<Uuid>()>& destroyed);
    void check_list(const std::function<std::vector<Uuid>()>& destroyed);
    void finish_destructions();
    void take_unused(const std::function<bool(const Uuid&)>& in_use);
    std::vector<PersonKey> mint_block();
    void erase_rows(VaultFamily family, const std::vector<Uuid>& ids);
};

}  // namespace muster
