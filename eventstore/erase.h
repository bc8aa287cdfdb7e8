#pragma once
// Erasing a person: the event first (MemberDeleted or PersonErased, appended by the command), then the key in the
// vault, then PersonalDataDestroyed. A crash in between is completed at the next start, as a follower of the log would;
// a failure in between by the next `complete`, which is called now and then. Until then nothing serves the data.

#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <mutex>

namespace muster {

class Eraser {
public:
    Eraser(Log& log, const History& history, Directory& directory, Vault& vault, const Clock& clock, Entropy& entropy)
        : log_(log), history_(history), directory_(directory), vault_(vault), clock_(clock), entropy_(entropy) {}

    // Destroys the key of a deleted member; when it returns, the data is unreadable and the event says so. Blocks
    // (flush and compaction). Does nothing where it was done before.
    void erase(WorkspaceId workspace, MemberId member);
    // The same for the key of somebody who was no member.
    void erase_person(WorkspaceId workspace, Uuid key);
    // Completes what was deleted but not destroyed: before the last stop, or because destroying failed.
    void complete();

private:
    void destroy(WorkspaceId workspace, StreamId stream, Uuid key, const std::string& email_claim, MemberId member);

    Log& log_;
    const History& history_;
    Directory& directory_;
    Vault& vault_;
    const Clock& clock_;
    Entropy& entropy_;
    std::mutex one_at_a_time_;
};

}  // namespace muster
