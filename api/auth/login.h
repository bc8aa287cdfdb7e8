#pragma once
// Signing in and out, and the way back in for who forgot. What is answered, and how long it takes, does not tell
// whether an address is known.

#include "api/service.h"
#include "domain/password.h"

#include <memory>
#include <string>

namespace muster {

struct LoginBody {
    static constexpr std::string_view required[] = {"workspace"};
    std::string workspace;  // its id or slug
    EmailAddress email;
    Password password;
    bool cookie = false;
};
struct ForgotBody {
    static constexpr std::string_view required[] = {"workspace"};
    std::string workspace;
    EmailAddress email;
};
MUSTER_DESCRIBE(LoginBody, workspace, email, password, cookie);
MUSTER_DESCRIBE(ForgotBody, workspace, email);

void login(std::shared_ptr<Call> call);
void logout(std::shared_ptr<Call> call);
void forgot_password(std::shared_ptr<Call> call);
void reset_password(std::shared_ptr<Call> call);

}  // namespace muster
