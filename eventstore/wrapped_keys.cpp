#include "eventstore/wrapped_keys.h"

#include "eventstore/bytes.h"

#include <string>

namespace muster {
namespace {

constexpr std::string_view known_text = "muster vault 1";
const std::string known_row(1, '\0');

std::string place(VaultFamily family, std::string_view row) {
    std::string bytes;
    append_u8(bytes, number(family));
    return bytes.append(row);
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

}  // namespace

void WrappedKeys::check_master() {
    const Family family = number(VaultFamily::server_keys);
    const std::string known_place = place(VaultFamily::server_keys, known_row);
    if (const std::optional<std::string> sealed = table_.get(family, known_row)) {
        if (unseal(master_, *sealed, known_place) != known_text)
            throw StorageError("the master key does not fit this vault; give the one it was made with");
        return;
    }
    for (VaultFamily keys : {VaultFamily::person_keys, VaultFamily::claim_keys, VaultFamily::server_keys})
        if (table_.scan(number(keys), "")->valid())
            throw DamageError("the vault holds keys, but not the row that tells whether the master key fits");
    WriteBatch batch;
    batch.put(family, known_row, seal(master_, known_text, known_place));
    table_.write(batch, Sync::yes);
}

std::optional<SecretKey> WrappedKeys::get(VaultFamily family, std::string_view row) const {
    const std::optional<std::string> wrapped = table_.get(number(family), row);
    if (!wrapped) return std::nullopt;
    std::optional<std::string> plain = unseal(master_, *wrapped, place(family, row));
    if (!plain || plain->size() != 32)
        throw DamageError("the vault: row " + hex(row) + " of family " + std::to_string(number(family)) +
                          " does not open under the master key");
    SecretKey key(*plain);
    wipe(plain->data(), plain->size());
    return key;
}

void WrappedKeys::put(WriteBatch& batch, VaultFamily family, std::string_view row, const SecretKey& key) const {
    batch.put(number(family), std::string(row), seal(master_, key.bytes(), place(family, row)));
}

}  // namespace muster
