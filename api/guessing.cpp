#include "api/guessing.h"

#include "api/problem.h"
#include "api/rate_limits.h"

#include <utility>

namespace muster {

bool guards_links(Call& call) {
    auto& rates = *call.service.rates;
    if (auto refusal = rates.exhausted(Rate::token_guess_ip, call.client())) {
        call.refuse(*refusal);
        return false;
    }
    call.done = [rates = call.service.rates, client = call.client(),
                 done = std::move(call.done)](http::Response answer) {
        if (answer.status == status_of(Code::token_invalid)) rates->count(Rate::token_guess_ip, client);
        done(std::move(answer));
    };
    return true;
}

std::string account(std::string_view workspace, const EmailAddress& email) {
    return rate_key(workspace, email.canonical());
}

PasswordTry::PasswordTry(const Call& call, const std::string& account)
    : rates_(call.service.rates),
      account_(account),
      account_there_(rate_key(account, call.client())),
      taken_at_(call.service.execute.now()) {}

bool PasswordTry::may_begin(const Call& call, const std::string& account) {
    auto& rates = *call.service.rates;
    auto refusal = rates.exhausted(Rate::sign_in_account_ip, rate_key(account, call.client()));
    if (!refusal) refusal = rates.exhausted(Rate::sign_in_account, account);
    if (refusal) call.refuse(*refusal);
    return !refusal;
}

std::unique_ptr<PasswordTry> PasswordTry::begin(const Call& call, const std::string& account) {
    auto& rates = *call.service.rates;
    auto there = rate_key(account, call.client());
    if (auto refusal = rates.take(Rate::sign_in_account_ip, there)) {
        call.refuse(*refusal);
        return nullptr;
    }
    if (auto refusal = rates.take(Rate::sign_in_account, account)) {
        rates.give_back(Rate::sign_in_account_ip, there, 1);
        call.refuse(*refusal);
        return nullptr;
    }
    return std::unique_ptr<PasswordTry>(new PasswordTry(call, account));
}

void PasswordTry::was_not_wrong() {
    if (std::exchange(counts_, true)) return;
    rates_->give_back(Rate::sign_in_account_ip, account_there_, 1, taken_at_);
    rates_->give_back(Rate::sign_in_account, account_, 1, taken_at_);
}

}  // namespace muster
