#pragma once
// Commands that bring a password: it is hashed on threads of their own, and only for what would not be refused anyway;
// the hash is stored before the event that names it.

#include "api/keeping.h"
#include "domain/password.h"

namespace muster {

// Whose words are no good as a password: address, name, the workspace's name.
std::vector<std::string> words_of(const Workspace* workspace, const EmailAddress& email, const std::string& name);

// As `run`, for a command whose target is the member that the password is for.
void run_choosing(std::shared_ptr<Call> call, std::shared_ptr<Keeping> keeping, Command command,
                  const std::optional<Password>& password, Shape shape, RunHooks hooks = {});

}  // namespace muster
