#include "domain/workspace_deletion.h"

#include "domain/event.h"

namespace muster {

void evolve(Workspace& workspace, const WorkspaceDeleted&, const Meta&) { workspace.deleted = true; }
void evolve(Workspace& workspace, const WorkspaceErased&, const Meta&) { workspace.erased = true; }

Refusal workspace_is_deleted() {
    return {
        Code::workspace_deleted, "This workspace was deleted, for good, and the data of its people with it.", {}, {}};
}

Decided decide(const Workspace& workspace, const DeleteWorkspace& command, const Context& context) {
    if (command.confirm != workspace.id.text())
        return std::unexpected(refuse(
            {{"?confirm",
              Code::confirmation_required,
              "Deleting a workspace destroys the data of all its people for good, and nobody can sign in to it any "
              "more. Repeat the request with confirm set to the workspace's id.",
              {}}}));
    if (workspace.deleted) return std::unexpected(workspace_is_deleted());
    if (context.if_match && *context.if_match != workspace.changed) return version_mismatch();
    return Decision{
        {{stream_of(workspace.id), WorkspaceDeleted{workspace.name, workspace.slug}}}, {}, Instant::never()};
}

}  // namespace muster
