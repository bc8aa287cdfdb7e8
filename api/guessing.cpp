#include "api/guessing.h"

#include "api/problem.h"
#include "api/rate_limits.h"

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

bool may_try_password(const Call& call, const std::string& account) {
    auto& rates = *call.service.rates;
    auto refusal = rates.exhausted(Rate::sign_in_account_ip, rate_key(account, call.client()));
    if (!refusal) refusal = rates.exhausted(Rate::sign_in_account, account);
    if (refusal) call.refuse(*refusal);
    return !refusal;
}

void password_was_wrong(const Call& call, const std::string& account) {
    auto& rates = *call.service.rates;
    rates.count(Rate::sign_in_account_ip, rate_key(account, call.client()));
    rates.count(Rate::sign_in_account, account);
}

}  // namespace muster
