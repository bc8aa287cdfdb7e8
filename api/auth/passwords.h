#pragma once
// The hashes of passwords, by the member and the credential's id that the log names. Hashing is dear on purpose, so it
// runs on threads of its own, few and with a bounded queue: however many ask, everything else goes on. Safe for use by
// any number of threads.
//
//   member (16) ‖ credential (16)             → the hash (eventstore/crypto.h)
//   nil (16) ‖ member (16) ‖ credential (16)  → nothing: written, and no event names it yet that we know of

#include "api/pool.h"
#include "domain/password.h"
#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "eventstore/sealed_rows.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t hashing_threads = 2;   // each takes PasswordCost::bytes of memory
inline constexpr std::size_t hashing_share = 32;    // passwords that wait for a thread, from one IP address
inline constexpr double common_password_bits = 13;  // guessed within some ten thousand tries
}  // namespace limits

// Among the passwords that are tried first, also with the usual disguises; `known` are words of the person's own.
bool is_common(const Password& password, const std::vector<std::string>& known);

class Passwords {
public:
    // Settles what a crash left in progress.
    Passwords(Vault& vault, Directory& directory, Log& log, const PasswordCost& cost);

    // Runs work that hashes; false where too much is queued, of all or of whose it is.
    [[nodiscard]] bool post(std::function<void()> work, const std::string& whose = {}) {
        return pool_.post(std::move(work), whose);
    }

    // Takes no more, and finishes what has queued; the rest stays good.
    void stop() { pool_.stop(); }

    // The rest is for such work.

    // Hashes and stores it, synced, before the event that names it: the credential's id.
    Uuid keep(MemberId member, const Password& password);
    // Behind the event that was to name it, whether that came to be or not: where the log names it as the member's now,
    // their other hashes go, else this one. Of several that are set at once each settles itself.
    void settle(MemberId member, Uuid credential);
    // Takes as long where there is no such credential.
    [[nodiscard]] bool check(MemberId member, Uuid credential, const Password& password);

private:
    [[nodiscard]] SealedRow row_of(MemberId member, Uuid credential, const Password& password) const;
    // Hashed at another cost, where it is still kept.
    void put_again(MemberId member, const SealedRow& row);

    SealedRows rows_;
    Directory& directory_;
    Log& log_;
    std::mutex settling_;
    PasswordCost cost_;
    std::string nobodys_;  // the hash that unknown people are checked against
    Pool pool_{limits::hashing_threads, limits::hashing_share, limits::hashing_threads};
};

}  // namespace muster
