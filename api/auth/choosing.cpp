#include "api/auth/choosing.h"

#include "api/auth/passwords.h"

namespace muster {

std::vector<std::string> words_of(const Workspace* workspace, const EmailAddress& email, const std::string& name) {
    std::vector<std::string> words{email.text(), std::string(email.local_part()), name};
    if (workspace) words.push_back(workspace->name.value);
    std::erase(words, "");
    return words;
}

void run_choosing(std::shared_ptr<Call> call, std::shared_ptr<Keeping> keeping, Command command,
                  const std::optional<Password>& password, Shape shape, RunHooks hooks) {
    if (!password || call->dry_run) return run(call, keeping, std::move(command), shape, std::move(hooks));
    auto trying = command;
    trying.dry_run = true;
    trying.idempotency_key.clear();
    if (auto tried = call->service.execute.run_and_wait(std::move(trying)); !tried) {
        keeping->end();
        if (!hooks.refused || !hooks.refused(tried.error())) call->refuse(tried.error());
        return;
    }
    MemberId member{command.target.id};
    on_hashing_threads(call, [call, keeping = std::move(keeping), member, command = std::move(command),
                              password = *password, shape, hooks = std::move(hooks)]() mutable {
        auto& service = call->service;
        try {
            command.credential = service.passwords.keep(member, password);
        } catch (const std::bad_alloc&) {
            keeping->end();
            return call->refuse(overloaded());
        }
        hooks.ended = [&service, member, credential = command.credential](const Result& result) {
            // What failed for good or for bad, here or below, is settled at the next start.
            if (!result && result.error().code == Code::internal_error) return;
            auto settle = [&service, member, credential] {
                try {
                    service.passwords.settle(member, credential);
                } catch (const StorageError& error) {
                    service.report(error.what());
                }
            };
            if (!service.passwords.post(settle)) settle();
        };
        run(call, std::move(keeping), std::move(command), shape, std::move(hooks));
    });
}

}  // namespace muster
