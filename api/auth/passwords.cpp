#include "api/auth/passwords.h"

#include "eventstore/log_rows.h"

#include <algorithm>
#include <zxcvbn.h>

namespace muster {
namespace {

constexpr std::size_t judged_bytes = 64;  // what is longer is not judged: guessing it takes ever longer
const std::string in_progress(16, '\0');

std::string key_of(MemberId member, Uuid credential) {
    return rows::bytes_of(member.uuid) + rows::bytes_of(credential);
}

Uuid uuid_at(std::string_view bytes) {
    Uuid id;
    std::copy_n(bytes.begin(), id.bytes.size(), reinterpret_cast<char*>(id.bytes.data()));
    return id;
}

}  // namespace

bool is_common(const Password& password, const std::vector<std::string>& known) {
    if (password.secret().size() > judged_bytes) return false;
    std::vector<const char*> words;
    for (const auto& each : known) words.push_back(each.c_str());
    words.push_back(nullptr);
    return ZxcvbnMatch(password.secret().c_str(), words.data(), nullptr) < limits::common_password_bits;
}

Passwords::Passwords(Vault& vault, Directory& directory, Log& log, const PasswordCost& cost)
    : rows_(vault.passwords()),
      directory_(directory),
      log_(log),
      cost_(cost),
      nobodys_(hash_password("nobody's", cost)) {
    for (const auto& key : rows_.keys(in_progress)) {
        MemberId member{uuid_at(std::string_view(key).substr(16))};
        settle(member, uuid_at(std::string_view(key).substr(32)));
    }
}

SealedRow Passwords::row_of(MemberId member, Uuid credential, const Password& password) const {
    return {key_of(member, credential), hash_password(password.secret(), cost_)};
}

Uuid Passwords::keep(MemberId member, const Password& password) {
    Uuid credential = log_.next_id();
    auto row = row_of(member, credential, password);
    rows_.put({row, {in_progress + row.key, ""}}, Sync::yes);
    return credential;
}

void Passwords::settle(MemberId member, Uuid credential) {
    auto key = key_of(member, credential);
    std::vector<std::string> gone{in_progress + key};
    const std::lock_guard lock(settling_);
    if (directory_.membership_anywhere(member)->credential != credential) {
        gone.push_back(key);
    } else {
        for (auto& other : rows_.keys(rows::bytes_of(member.uuid)))
            if (other != key && !rows_.get(in_progress + other)) gone.push_back(std::move(other));
    }
    rows_.erase(gone);
}

void Passwords::put_again(MemberId member, const SealedRow& row) {
    const std::lock_guard lock(settling_);
    if (!rows_.get(row.key)) return;
    rows_.put({row}, Sync::no);
    // Who was deleted meanwhile, and whose rows may be gone already.
    if (directory_.membership_anywhere(member)->phase == Phase::deleted) rows_.erase({row.key});
}

bool Passwords::check(MemberId member, Uuid credential, const Password& password) {
    auto hash = credential.nil() ? std::nullopt : rows_.get(key_of(member, credential));
    bool same = verify_password(hash.value_or(nobodys_), password.secret());
    if (!hash || !same) return false;
    if (needs_rehash(*hash, cost_)) put_again(member, row_of(member, credential, password));
    return true;
}

}  // namespace muster
