#pragma once
// What an erased person has left outside the log: rows of imports, mails in the outbox, and rows of read models that
// were overwritten but are on the disk until it is compacted. A follower of the log, so a crash costs nothing but doing
// it again. Safe for use by any number of threads; everything here blocks.

#include "api/imports/imports.h"
#include "eventstore/directory.h"
#include "projections/runner.h"

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace muster {

// Whose traces go: people by workspace and e-mail claim, members by their ids too, and whole workspaces.
struct Traces {
    std::set<std::pair<WorkspaceId, std::string>> people;
    std::set<MemberId> members;
    std::set<WorkspaceId> workspaces;
    [[nodiscard]] bool of(WorkspaceId workspace, const std::string& email_claim) const {
        return workspaces.contains(workspace) || people.contains({workspace, email_claim});
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
    // Whoever was erased up to there has left nothing; asked of a directory at rest, too.
    [[nodiscard]] static Position done(Vault& vault);

private:
    [[nodiscard]] Traces traces_since(Position position, Position end);
    [[nodiscard]] std::string claim_of(const StreamId& stream, WorkspaceId workspace);
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
    Position views_due_ = 0;    // the last destruction that read models have not been purged of; 0: none
    std::mutex views_one_at_a_time_;
};

}  // namespace muster
