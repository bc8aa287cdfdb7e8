#include "eventstore/sealed_rows.h"

#include "eventstore/bytes.h"

namespace muster {

// A row can't be taken for another one, nor for one of another family.
std::string SealedRows::place(std::string_view key) const {
    std::string bytes;
    append_u8(bytes, family_);
    return bytes.append(key);
}

void SealedRows::put(const std::vector<SealedRow>& rows, Sync sync) {
    const Vault::Generation key = vault_.current(purpose_);
    WriteBatch batch;
    for (const SealedRow& row : rows) {
        std::string bytes;
        append_u32(bytes, key.id);
        batch.put(family_, row.key, bytes + seal(key.key, row.text, place(row.key)));
    }
    table_.write(batch, sync);
}

std::optional<std::string> SealedRows::get(std::string_view key, const Reading* at) const {
    const std::optional<std::string> row = (at ? *at : table_).get(family_, key);
    if (!row) return std::nullopt;
    if (row->size() < sizeof(std::uint32_t)) throw DamageError("the vault: a sealed row is too short");
    const std::optional<SecretKey> sealed_by = vault_.of(purpose_, read_u32(*row));
    std::optional<std::string> text;
    if (sealed_by) text = unseal(*sealed_by, std::string_view(*row).substr(sizeof(std::uint32_t)), place(key));
    if (!text) throw DamageError("the vault: a sealed row does not open under its key");
    return text;
}

std::vector<std::string> SealedRows::keys(std::string_view prefix) const {
    std::vector<std::string> found;
    for (const auto row = table_.scan(family_, prefix); row->valid(); row->next()) found.emplace_back(row->key());
    return found;
}

void SealedRows::erase(const std::vector<std::string>& keys, Sync sync) {
    if (keys.empty()) return;
    WriteBatch batch;
    for (const std::string& key : keys) batch.erase(family_, key);
    table_.write(batch, sync);
}

void SealedRows::purge() { table_.purge(family_); }

}  // namespace muster
