#pragma once
// Deleting a workspace, for good. From WorkspaceDeleted on nobody is let in, nothing in it can be changed and its slug
// is free. Its people, who may be a million, are then ended some at a time (erasure.h) and their keys destroyed;
// WorkspaceErased says that nobody is left.

#include "domain/workspace.h"

namespace muster {

struct WorkspaceDeleted {
    static constexpr std::string_view sentence = "{actor} deleted the workspace {name} for good";
    Name name;
    Slug slug;
};
struct WorkspaceErased {
    static constexpr std::string_view sentence = "The personal data of all people of the workspace was destroyed";
};
MUSTER_DESCRIBE(WorkspaceDeleted, name, slug);
MUSTER_DESCRIBE(WorkspaceErased);

using WorkspaceDeletionEvents = boost::mp11::mp_list<WorkspaceDeleted, WorkspaceErased>;

struct DeleteWorkspace {
    static constexpr std::string_view required[] = {"confirm"};
    std::string confirm;  // the workspace's id
};
MUSTER_DESCRIBE(DeleteWorkspace, confirm);

void evolve(Workspace&, const WorkspaceDeleted&, const Meta&);
void evolve(Workspace&, const WorkspaceErased&, const Meta&);

Refusal workspace_is_deleted();

Decided decide(const Workspace&, const DeleteWorkspace&, const Context&);

}  // namespace muster
