#pragma once
// The personal keys that were used last, as they are in memory.

#include "eventstore/vault.h"

#include <list>
#include <optional>
#include <unordered_map>

namespace muster {

namespace limits {
inline constexpr std::size_t cached_keys = 65'536;
}

// For one thread at a time.
class KeyCache {
public:
    std::optional<SecretKey> find(const Uuid& id) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) return std::nullopt;
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        return found->second->key;
    }
    void keep(const PersonKey& key) {
        if (by_id_.contains(key.id)) return;
        by_use_.push_front(key);
        by_id_[key.id] = by_use_.begin();
        if (by_use_.size() > limits::cached_keys) evict(Uuid(by_use_.back().id));
    }
    void evict(const Uuid& id) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) return;
        by_use_.erase(found->second);
        by_id_.erase(found);
    }

private:
    std::list<PersonKey> by_use_;  // the last used first
    std::unordered_map<Uuid, std::list<PersonKey>::iterator> by_id_;
};

}  // namespace muster
