#pragma once
// What is done to a data directory whose history may lack what happened last: one that was restored from a backup, or
// whose log lost its end.

#include "domain/describe.h"
#include "domain/ids.h"
#include "eventstore/store.h"
#include "tools/unsent.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::tools {

struct OpenInvitation {
    std::string id;
    std::string workspace;
    std::string expires_at;
};
MUSTER_DESCRIBE(OpenInvitation, id, workspace, expires_at);
struct WorkingKey {
    std::string id;
    std::string workspace;
};
MUSTER_DESCRIBE(WorkingKey, id, workspace);
struct Settled {
    std::uint64_t position = 0;  // where the history ends that was found
    std::string store;           // its new id
    std::uint64_t erased_again = 0;
    std::uint64_t workspaces_deleted_again = 0;
    std::vector<std::string> without_admin;  // workspaces whose only admin is among the erased
    std::vector<UnsentMail> mails_not_sent;
    std::vector<UndeliveredEvents> events_not_delivered;
    std::vector<OpenInvitation> open_invitations;
    std::vector<WorkingKey> working_api_keys;
};
MUSTER_DESCRIBE(Settled, position, store, erased_again, workspaces_deleted_again, without_admin, mails_not_sent,
                events_not_delivered, open_invitations, working_api_keys);

// Whoever is on the directory's list of erasures is erased again; sessions, waiting mails and imports are gone,
// followers stand at the log's end. Its store id is to be another one already. Throws as open_store does.
Settled settle(const std::string& directory, const StoreOptions& options);

void print_text(const Settled& settled);

}  // namespace muster::tools
