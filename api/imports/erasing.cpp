// Imports without people who were erased: their rows stay, by number, and say nothing of them.
#include "api/imports/check.h"
#include "api/imports/imports.h"
#include "api/problem.h"
#include "api/purge.h"

#include <algorithm>

namespace muster {
namespace {

bool names(Execute& execute, const Import& import, const ImportRow& row, const Traces& traces) {
    return std::ranges::any_of(addresses_in(row.cells, execute.unicode()), [&](const EmailAddress& each) {
        return traces.of(import.workspace, execute.claim_of(import.workspace, each).bytes, import.id);
    });
}

void blank(ImportRow& row) {
    row.cells = {};
    row.guessed_name.reset();
    row.issues = {{"email", "required", "The person of this row was erased.", std::nullopt}};
    if (row.problem) write_problem(row.problem.emplace(), refusal_of(row.issues));  // the old one may quote a cell
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
        bool concerned = first != traces.people.end() && first->first.first == each.workspace;
        if (!concerned) continue;
        changed = true;  // also where no row names them any more: what sent rows and other previews were is on the disk
        if (!each.import) {  // It can't be read, so nobody knows of whom it speaks.
            drafts_.erase(each.workspace, each.id);
            continue;
        }
        try {
            forget_people(*each.import, traces);
        } catch (const DamageError& error) {
            report_("an import that can't be read is removed, since somebody was erased: " + std::string(error.what()));
            drafts_.erase(each.workspace, each.id);
        }
    }
    if (changed) drafts_.purge();
}

void Imports::forget_people(Import& import, const Traces& traces) {
    const auto workspace = execute_.directory().workspace(import.workspace);
    for (std::int64_t number = 0; number < import.pieces(); ++number) {
        auto rows = drafts_.piece(import, number);
        bool theirs = false;
        for (auto& row : rows) {
            if (!names(execute_, import, row, traces)) continue;
            std::vector<Fault> unread;
            if (workspace && row.issues.empty() && import.status == ImportStatus::previewed)
                leave_out(import, invite_of(row.cells, *workspace, execute_.unicode(), unread));
            blank(row);
            theirs = true;
        }
        if (theirs) drafts_.put_piece(import, number, rows, Sync::yes);
    }
}

}  // namespace muster
