#pragma once
// The vault: what is not history. Personal keys wrapped by the master key, keys by purpose, followers' checkpoints. It
// never decides: a key or credential in it becomes true when a synced event names it. Backed up apart from the log.
// Safe for use by any number of threads. Throws StorageError where the disk fails or the master key does not fit, and
// DamageError where a row or the list of erasures is not as it was written.
//
//   person_keys   key id (16) → wrapped                 blocks       number u64 → key ids (16 each)
//   claim_keys    workspace (16) → wrapped              checkpoints  follower → position u64
//   server_keys   0 → sealed text that only the master key opens
//                 1 ‖ purpose u8 ‖ id u32 → wrapped
//                 2 ‖ day since 1970 u64 → wrapped
//                 3 → how many keys have been destroyed u64, so that a shortened list of erasures is noticed
//                 4 ‖ purpose u8 ‖ id u32 → when the next key took its place, ms u64
//   wrapped := the key, sealed under the master key and bound to the family's number u8 ‖ the row's key
//   drafts, passwords, sessions, api_keys, mails, webhooks: what SealedRows says
//   (integers big-endian)

#include "eventstore/crypto.h"
#include "eventstore/table.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

// A key that seals one person's data in one workspace. Several events name it by its id.
struct PersonKey {
    Uuid id;
    SecretKey key;
};

// What a key of the server is for. Numbers stand on disk: never change one.
enum class Purpose : std::uint8_t {
    link = 1,
    cursor = 2,
    idempotency = 3,
    route = 4,
    signing = 5,
    drafts = 6,
    passwords = 7,
    sessions = 8,
    api_keys = 9,
    mails = 10,
    webhooks = 11
};

// Those whose key can be changed: what they sign or seal is short-lived. The others seal rows that stay.
constexpr bool rotates(Purpose purpose) {
    return purpose == Purpose::link || purpose == Purpose::cursor || purpose == Purpose::idempotency;
}

namespace limits {
// How long a key is kept after the next one took its place: 400 days, more than any link lives.
inline constexpr std::int64_t rotated_key_seconds = std::int64_t{400} * 86'400;
}  // namespace limits

class SealedRows;

// Whether a list has all keys that this table of a vault has destroyed; DamageError with the list's path where not.
void check_erasures(const Reading& vault, std::size_t listed, const std::string& path);

class Vault {
public:
    // `erasures`: the file that lists destroyed key ids, one a line, synced before the key goes; it is
    // made at the first destruction, and an empty name keeps the list in memory only. A key that is listed and still
    // there (a crash came between, or the vault is an older copy) is destroyed at opening. `in_use` tells of a minted
    // key whether an event names it: those that none names are given out again. `destroyed`: the ids of which the log
    // says so; where the list lacks some, they are listed again. Both are asked only while the vault is opened.
    Vault(std::unique_ptr<Table> table, const SecretKey& master, std::string erasures, const Clock& clock,
          Entropy& entropy, const std::function<bool(const Uuid&)>& in_use,
          const std::function<std::vector<Uuid>()>& destroyed = {});
    ~Vault();

    // How many ids the list lacked at opening, which the log had.
    [[nodiscard]] std::size_t listed_again() const;

    // A key that was minted and synced ahead (in blocks of 1,024), so that an invitation costs no second sync.
    PersonKey mint();
    // A minted key that no event came to name: the next mint gives it.
    void give_back(const PersonKey& key);
    // nullopt: destroyed, or never was. The 65,536 last used are kept in memory.
    std::optional<SecretKey> person_key(const Uuid& id);
    // Destroys keys for good: listed in `erasures` and synced, deleted, flushed and compacted. Those already listed are
    // listed no second time, but everything else is done again, so a call that a crash cut short is simply repeated.
    void destroy(const std::vector<Uuid>& ids);
    // In `erasures`: a key of this id was destroyed here or in a history that this one was restored from.
    [[nodiscard]] bool erased(const Uuid& id) const;
    [[nodiscard]] std::vector<Uuid> all_erased() const;

    // The workspace's claim key: never rotates, dies with the workspace. Made (and synced) at the first call. Throws
    // StorageError once it is destroyed.
    SecretKey claim_key(WorkspaceId workspace);
    // As `destroy`; in `erasures` it is listed under the workspace's id.
    void destroy_claim_key(WorkspaceId workspace);

    // The key of a purpose that signs now, made (and synced) at the first call, and any by its id.
    struct Generation {
        std::uint32_t id;
        SecretKey key;
    };
    Generation current(Purpose purpose);
    std::optional<SecretKey> of(Purpose purpose, std::uint32_t id);
    // A new key of a purpose that rotates is the current one, and synced, when this returns. The one before is found by
    // its id until it is destroyed.
    struct Rotation {
        std::uint32_t id;
        std::uint32_t former_id;
        Instant at;
    };
    Rotation rotate(Purpose purpose);
    // Destroys the keys whose place was taken before that time: what they signed is not known any more.
    void destroy_keys_rotated_before(Instant then);
    // The key of a UTC day (days since 1970), for answers that are kept by idempotency keys; nullopt once destroyed.
    // After a destroyed day was asked for again (the clock jumped back) its key is another one.
    SecretKey day_key(std::int64_t day);
    std::optional<SecretKey> existing_day_key(std::int64_t day);
    void destroy_day_keys_before(std::int64_t day);

    // Where a follower of the log stands; 0 where it never began. Not synced: after a crash it may stand further back.
    std::uint64_t checkpoint(const std::string& follower);
    void set_checkpoint(const std::string& follower, std::uint64_t position);
    [[nodiscard]] std::vector<std::string> followers() const;

    // A consistent copy in a directory that does not exist yet. Keys in it stay wrapped.
    void copy_to(const std::string& directory);

    // Rows that are neither keys nor history. They use this vault.
    SealedRows drafts();
    SealedRows passwords();
    SealedRows sessions();
    SealedRows api_keys();
    SealedRows mails();
    SealedRows webhooks();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The families of the vault's table, in their order.
enum class VaultFamily : std::uint8_t {
    person_keys,
    blocks,
    claim_keys,
    server_keys,
    checkpoints,
    drafts,
    passwords,
    sessions,
    api_keys,
    mails,
    webhooks
};
inline constexpr std::size_t vault_families = 11;

}  // namespace muster
