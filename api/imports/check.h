#pragma once
// The preview: what would come of each row if it were sent now.

#include "api/imports/import.h"
#include "eventstore/execute.h"

#include <vector>

namespace muster {

// The command that a row asks for, and what of its cells can't be read. Pointers name InviteMember's fields.
InviteMember invite_of(const ImportCells& cells, const Workspace& workspace, const Unicode& unicode,
                       std::vector<Fault>& faults);

// Finds every row's issues anew, and the import's `valid` and `seats`: rules of the fields, the workspace's own, who
// has the address already, and addresses that stand earlier in the file. A shortage of seats is no issue of a row.
// Nothing is appended but expiries that are due, and not even these where it is only tried out.
void check(Execute& execute, const Actor& actor, bool dry_run, Import& import, std::vector<ImportRow>& rows);

// The preview without one of its valid rows, whose person was erased since.
void leave_out(Import& import, const InviteMember& invite);

}  // namespace muster
