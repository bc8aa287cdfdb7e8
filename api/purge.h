#pragma once
// What an erased person has left outside the log: rows of imports, mails in the outbox, and rows of read models that
// were overwritten but are on the disk until it is compacted. A follower of the log, so a crash costs nothing but doing
// it again. Safe for use by any number of threads; everything here blocks.

#include "api/imports/imports.h"
#include "eventstore/directory.h"
#include "projections/runner.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace muster {

// Whose traces go: people by workspace and e-mail claim, members by their ids too, and whole workspaces. Who comes
// later with the same address is somebody else, so it is known until when.
struct Traces {
    struct Until {
        Position deleted = 0;  // the event behind which nothing is theirs
        Uuid destroyed;        // the id of the one that says that their data is destroyed; ids ascend
    };
    std::map<std::pair<WorkspaceId, std::string>, Until> people;
    std::set<MemberId> members;
    std::set<WorkspaceId> workspaces;
    // What an event caused that happened to who has this claim.
    [[nodiscard]] bool of(WorkspaceId workspace, const std::string& email_claim, Position cause) const {
        const auto found = people.find({workspace, email_claim});
        return workspaces.contains(workspace) || (found != people.end() && cause <= found->second.deleted);
    }
    // What an import says of them.
    [[nodiscard]] bool of(WorkspaceId workspace, const std::string& email_claim, ImportId import) const {
        const auto found = people.find({workspace, email_claim});
        return workspaces.contains(workspace) || (found != people.end() && import.uuid < found->second.destroyed);
    }
    [[nodiscard]] bool none() const { return people.empty() && workspaces.empty(); }
};

class Purger {
public:
    // `outbox`: the directory of mails that nobody sends; empty where there is none.
    Purger(const Log& log, const History& history, Directory& directory, Vault& vault, Runner& runner, Imports& imports,
           std::string outbox)
        : log_(log),
          history_(history),
          directory_(directory),
          vault_(vault),
          runner_(runner),
          imports_(imports),
          outbox_(std::move(outbox)) {}

    // Of everybody whose data was destroyed so far: imports and the outbox. Not on the thread of imports.
    void purge_texts();
    // The same of read models, where that is due. Dear: they are compacted.
    void purge_views();
    // Behind which a read model must be to show nobody who was erased; 0: wherever it is.
    [[nodiscard]] Position views_due() const { return views_due_; }
    // Whoever was erased up to there has left nothing; asked of a directory at rest, too.
    [[nodiscard]] static Position done(Vault& vault);

private:
    [[nodiscard]] Traces traces_since(Position position, Position end);
    [[nodiscard]] std::string claim_of(const StreamId& stream, WorkspaceId workspace);
    [[nodiscard]] Position end_of(const StreamId& stream, Position destroyed) const;
    void purge_imports(const Traces& traces);
    void purge_outbox(const Traces& traces);
    void purge_late_mail(const Recorded& outcome);
    [[nodiscard]] bool erased(WorkspaceId workspace, MemberId member);

    const Log& log_;
    const History& history_;
    Directory& directory_;
    Vault& vault_;
    Runner& runner_;
    Imports& imports_;
    const std::string outbox_;

    std::mutex one_at_a_time_;  // guards both
    Position texts_done_ = 0;   // since this was made
    std::atomic<Position> views_due_ = 0;  // the last destruction that read models have not been purged of; 0: none
    std::mutex views_one_at_a_time_;
};

}  // namespace muster
