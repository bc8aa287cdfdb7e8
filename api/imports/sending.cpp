// Sending an import, piece by piece.
#include "api/imports/check.h"
#include "api/imports/imports.h"
#include "api/mail_cap.h"
#include "api/problem.h"

#include <chrono>
#include <thread>

namespace muster {
namespace {

constexpr std::chrono::milliseconds pause{100};  // before a piece for which the log had no room is tried again
constexpr const char* may_invite = "members.invite";

// Whoever has asked for it was deactivated or deleted, their key was revoked, or they lost the permission [N5].
Refusal may_not_any_more() {
    auto refusal = permission_denied(may_invite);
    refusal.detail = "Who sends this import may invite nobody any more; somebody else can import the rest.";
    return refusal;
}

void fail(ImportRow& row, const Refusal& refusal) {
    row.status = ImportRowStatus::failed;
    write_problem(row.problem.emplace(), refusal);
}

Actor actor_of(const Import& import) { return {import.actor_kind, from_base32(import.actor_id).value_or(Uuid{})}; }

}  // namespace

void Imports::begin_sending(Import& import, const Actor& actor) {
    import.status = ImportStatus::sending;
    import.actor_kind = actor.kind;
    import.actor_id = base32(actor.id);
    import.kept_until = execute_.now().plus_seconds(limits::import_seconds);
    drafts_.put(import);
    if (going_on_.insert(import.id).second) go_on(import.workspace, import.id);
}

void Imports::go_on(WorkspaceId workspace, ImportId id) {
    bool taken = post([this, workspace, id] {
        bool more = false;
        try {
            more = send_piece(workspace, id);
        } catch (const std::exception& error) {
            // Ignored: the disk failed, and says so wherever it is asked; tidying tries this import again. Of a
            // workspace that was deleted meanwhile nothing is left to be sent, nor of the import.
            if (execute_.directory().workspace(workspace))
                report_("an import waits to be sent: " + std::string(error.what()));
        }
        if (more) return go_on(workspace, id);
        going_on_.erase(id);
    });
    if (!taken) going_on_.erase(id);  // stopping, or too much to do: the next start or tidying goes on
}

void Imports::give_up(Import& import) {
    import.status = ImportStatus::done;
    import.failed = import.rows - import.sent;
    drafts_.put(import);
}

void Imports::prepare(const Import& import, std::vector<ImportRow>& rows) {
    bool fixed = false;
    for (auto& row : rows) {
        if (!row.issues.empty()) {
            fail(row, refusal_of(row.issues));
        } else if (!row.id) {
            row.id = InvitationId{execute_.fresh()};
            fixed = true;
        } else if (execute_.directory().membership(import.workspace, MemberId{row.id->uuid})->exists()) {
            row.status = ImportRowStatus::sent;
        }
    }
    if (fixed) drafts_.put_piece(import, import.pieces_sent, rows, Sync::yes);
}

bool Imports::send_piece(WorkspaceId workspace, ImportId id) {
    auto import = drafts_.find(workspace, id);
    if (!import || import->status != ImportStatus::sending) return false;
    auto number = import->pieces_sent;
    if (number < import->pieces()) {
        std::vector<ImportRow> rows;
        try {
            rows = drafts_.piece(*import, number);
        } catch (const DamageError& error) {
            report_("an import is not sent any further: " + std::string(error.what()));
            give_up(*import);
            return false;
        }
        prepare(*import, rows);
        if (!send_rows(*import, rows)) return true;
        for (auto& row : rows) {
            bool sent = row.status == ImportRowStatus::sent;
            ++(sent ? import->sent : import->failed);
            if (sent) row.cells = {};
            if (sent) row.guessed_name.reset();
        }
        ++import->pieces_sent;
        if (import->pieces_sent == import->pieces()) import->status = ImportStatus::done;
        drafts_.put_piece(*import, number, rows, Sync::yes);
    } else {
        import->status = ImportStatus::done;
        drafts_.put(*import);
    }
    return import->status == ImportStatus::sending;
}

bool Imports::send_rows(const Import& import, std::vector<ImportRow>& rows) {
    BatchCommand command;
    command.workspace = import.workspace;
    command.actor = actor_of(import);
    command.correlation = import.id.uuid;
    auto workspace = execute_.directory().workspace(import.workspace);
    const Workspace gone;  // has no teams; that it is gone is said of every row
    MailAllowance mails(rates_, command.actor, import.workspace, false);
    std::vector<ImportRow*> sent;
    for (auto& row : rows) {
        if (row.status != ImportRowStatus::waiting) continue;
        std::vector<Fault> faults;
        auto invite = invite_of(row.cells, workspace ? *workspace : gone, execute_.unicode(), faults);
        BatchCommand::Row one;
        one.target = stream_of(MemberId{row.id->uuid});
        one.address = invite.email;
        one.batch = BatchId{import.id.uuid};
        if (!faults.empty()) one.refused = refuse(std::move(faults));
        one.decide = [invite = std::move(invite), &mails, index = sent.size()](const Loaded& loaded,
                                                                               const Context& context) -> Decided {
            if (!context.actor_permissions.has(may_invite)) return std::unexpected(may_not_any_more());
            return mails.allow(decide(*loaded.membership, *loaded.workspace, invite, context), loaded, index);
        };
        command.rows.push_back(std::move(one));
        sent.push_back(&row);
    }
    if (sent.empty()) return true;
    auto outcome = execute_.run_batch(command);
    if (!outcome) {
        if (!execute_.directory().workspace(import.workspace)) {
            for (auto* row : sent) fail(*row, execute_.directory().no_workspace(import.workspace));
            return true;
        }
        if (outcome.error().code == Code::internal_error) throw StorageError("the log could not be written");
        std::this_thread::sleep_for(pause);
        return false;
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
        if (outcome->rows[i].row) {
            sent[i]->status = ImportRowStatus::sent;
            mails.sent(i);
        } else {
            fail(*sent[i], outcome->rows[i].row.error());
        }
    }
    return true;
}

}  // namespace muster
