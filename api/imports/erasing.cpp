// Imports without people who were erased: their rows stay, by number, and say nothing of them.
#include "api/imports/check.h"
#include "api/imports/imports.h"
#include "api/purge.h"

namespace muster {
namespace {

bool names(Execute& execute, WorkspaceId workspace, const ImportRow& row, const Traces& traces) {
    auto address = EmailAddress::parse(row.cells.email, execute.unicode());
    return address && traces.of(workspace, execute.claim_of(workspace, *address).bytes);
}

void blank(ImportRow& row) {
    row.cells = {};
    row.guessed_name.reset();
    row.issues = {{"email", "required", "The person of this row was erased.", std::nullopt}};
}

}  // namespace

void Imports::forget_people(const Traces& traces) {
    bool changed = false;
    for (auto& each : drafts_.all()) {
        if (traces.workspaces.contains(each.workspace)) {
            drafts_.erase(each.workspace, each.id);
            changed = true;
            continue;
        }
        auto first = traces.people.lower_bound({each.workspace, {}});
        bool concerned = first != traces.people.end() && first->first == each.workspace;
        if (!concerned) continue;
        changed = true;  // also where no row names them any more: what sent rows and other previews were is on the disk
        if (!each.import) {  // It can't be read, so nobody knows of whom it speaks.
            drafts_.erase(each.workspace, each.id);
            continue;
        }
        const auto workspace = execute_.directory().workspace(each.workspace);
        for (std::int64_t number = 0; number < each.import->pieces(); ++number) {
            auto rows = drafts_.piece(*each.import, number);
            bool theirs = false;
            for (auto& row : rows) {
                if (!names(execute_, each.workspace, row, traces)) continue;
                std::vector<Fault> unread;
                if (workspace && row.issues.empty() && each.import->status == ImportStatus::previewed)
                    leave_out(*each.import, invite_of(row.cells, *workspace, execute_.unicode(), unread));
                blank(row);
                theirs = true;
            }
            if (theirs) drafts_.put_piece(*each.import, number, rows, Sync::yes);
        }
    }
    if (changed) drafts_.purge();
}

}  // namespace muster
