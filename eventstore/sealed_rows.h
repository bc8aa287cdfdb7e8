#pragma once
// Rows in the vault that are neither keys nor history: personal data that is kept for a while, such as the drafts of
// imports. A row's key stands in clear, so nothing secret belongs there; its text is sealed under a key of the server
// and bound to the row's key. Safe for use by any number of threads. Throws StorageError where the disk fails and
// DamageError where a row does not open.
//
//   row := id of the server's key u32 ‖ sealed text (integers big-endian)

#include "eventstore/vault.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

struct SealedRow {
    std::string key;
    std::string text;
};

class SealedRows {
public:
    SealedRows(Vault& vault, Table& table, Family family, Purpose purpose)
        : vault_(vault), table_(table), family_(family), purpose_(purpose) {}

    // All of them or none.
    void put(const std::vector<SealedRow>& rows, Sync sync);
    // As the table stands now, or as it stood when the snapshot was taken.
    [[nodiscard]] std::optional<std::string> get(std::string_view key, const Reading* at = nullptr) const;
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const { return table_.snapshot(); }
    // The keys that begin with `prefix`, in byte order.
    [[nodiscard]] std::vector<std::string> keys(std::string_view prefix) const;
    // All of them or none. Without `purge` their sealed text may stay on the disk for a while.
    void erase(const std::vector<std::string>& keys, Sync sync = Sync::yes);
    // What was erased or overwritten has left the disk when it returns. Dear: some 10 ms.
    void purge();

private:
    [[nodiscard]] std::string place(std::string_view key) const;

    Vault& vault_;
    Table& table_;
    Family family_;
    Purpose purpose_;
};

}  // namespace muster
