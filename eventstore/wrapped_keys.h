#pragma once
// The vault's keys as they lie in its table: each sealed under the master key and bound to its place, so that none can
// be taken for another. Safe for use by any number of threads.

#include "eventstore/vault.h"

#include <optional>
#include <string_view>

namespace muster {

constexpr Family number(VaultFamily family) { return static_cast<Family>(family); }

class WrappedKeys {
public:
    WrappedKeys(Table& table, const SecretKey& master) : table_(table), master_(master) {}

    // Throws StorageError unless the keys here were wrapped by this master key. A new table remembers it.
    void check_master();

    // Throws DamageError where the row is not as it was written.
    [[nodiscard]] std::optional<SecretKey> get(VaultFamily family, std::string_view row) const;
    void put(WriteBatch& batch, VaultFamily family, std::string_view row, const SecretKey& key) const;

private:
    Table& table_;
    const SecretKey master_;
};

}  // namespace muster
