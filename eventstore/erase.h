#pragma once
// Erasing people: the event first (MemberDeleted, PersonErased or WorkspaceDeleted, appended by the command), then the
// keys in the vault, then PersonalDataDestroyed. A crash in between is completed at the next start, as a follower of
// the log would; a failure in between by the next `complete`, which is called now and then. Until then nothing serves
// the data. Safe for use by any number of threads; everything here blocks (flush and compaction).

#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <mutex>
#include <set>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t erased_at_once = 4'096;         // keys that are destroyed together
inline constexpr std::size_t people_ended_per_append = 100;  // with at most three events each
inline constexpr std::size_t destroyed_per_append = 500;
}  // namespace limits

class Eraser {
public:
    Eraser(Log& log, const History& history, Directory& directory, Vault& vault, const Clock& clock, Entropy& entropy)
        : log_(log), history_(history), directory_(directory), vault_(vault), clock_(clock), entropy_(entropy) {}

    // Destroys the key of a deleted member; when it returns, the data is unreadable and the event says so. Does nothing
    // where it was done before.
    void erase(WorkspaceId workspace, MemberId member);
    // The same for the key of somebody who was no member.
    void erase_person(WorkspaceId workspace, Uuid key);
    // The same for everybody of a deleted workspace, and for its claim key; others' erasures get their turn between.
    void erase_workspace(WorkspaceId workspace);

    // Completes what was deleted but not destroyed: before the last stop, or because destroying failed.
    void complete();
    // The same for workspaces, which may take minutes.
    void complete_workspaces();

    // For a history that was restored and goes back behind an erasure: whoever's key is listed as destroyed is ended
    // here as well. How many people.
    struct EndedAgain {
        std::size_t people = 0;
        std::size_t workspaces = 0;
        std::vector<WorkspaceId> without_admin;  // their only active admin is one of them, and stays one, unreadable
    };
    EndedAgain erase_again();

private:
    // A stream whose person is to be destroyed: a deleted member's, or the one of a person's key.
    struct Doomed {
        StreamId stream;
        Uuid key;
        std::string email_claim;
        MemberId member;
        Position causation = 0;
        std::set<InvitationId> invitations = {};  // of somebody who was no member
        std::set<RequestId> requests = {};
    };
    [[nodiscard]] std::optional<Doomed> doomed_member(WorkspaceId workspace, MemberId member);
    [[nodiscard]] std::optional<Doomed> doomed_person(WorkspaceId workspace, const Uuid& key);
    // Which invitations and requests were sealed under the key: reads all events of the workspace.
    void name_what_it_sealed(WorkspaceId workspace, Doomed& doomed) const;
    [[nodiscard]] bool destroyed(const StreamId& stream) const;
    // Passwords and sessions go: nobody is let in by them any more.
    void end_sign_in(const std::vector<MemberId>& members);
    void destroy(WorkspaceId workspace, const std::vector<Doomed>& doomed);
    void tell_destroyed(WorkspaceId workspace, std::vector<Doomed> doomed);
    void complete_all();
    void destroy_some(WorkspaceId workspace, std::vector<Doomed>& doomed);
    // Ends people behind an email claim, which it moves on, and destroys their keys; false where nobody is left.
    bool erase_some(WorkspaceId workspace, std::string& after);
    [[nodiscard]] std::vector<Doomed> end(const std::shared_ptr<const Workspace>& workspace,
                                          std::vector<PersonBinding> people);
    void tell_erased(const std::shared_ptr<const Workspace>& workspace);
    // Where nobody else is an admin, they keep the membership and lose the key.
    [[nodiscard]] std::optional<Doomed> end_blank(WorkspaceId workspace, const PersonBinding& person);
    void delete_again(WorkspaceId workspace);

    Log& log_;
    const History& history_;
    Directory& directory_;
    Vault& vault_;
    const Clock& clock_;
    Entropy& entropy_;
    std::mutex one_at_a_time_;
};

}  // namespace muster
