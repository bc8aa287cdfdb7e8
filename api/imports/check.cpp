#include "api/imports/check.h"

#include "api/json/leaf.h"
#include "domain/person.h"
#include "domain/seats.h"

#include <algorithm>
#include <map>
#include <set>

namespace muster {
namespace {

// What stands between `;` or `,` in a cell, without the space around it.
std::vector<std::string> several(const std::string& cell) {
    std::vector<std::string> parts;
    std::string part;
    for (char c : cell + ";") {
        if (c != ';' && c != ',') {
            part += c;
            continue;
        }
        auto begin = part.find_first_not_of(" \t\r\n");
        if (begin != std::string::npos)
            parts.push_back(part.substr(begin, part.find_last_not_of(" \t\r\n") - begin + 1));
        part.clear();
    }
    return parts;
}

// A field of InviteMember is the template's column of that name, but `teams`.
std::string column_of(std::string_view pointer) {
    auto field = pointer.substr(0, pointer.find('/', 1));
    if (field.starts_with('/')) field.remove_prefix(1);
    return field == "teams" ? "team" : std::string(field);
}

void add_issue(ImportRow& row, std::string column, Code code, const std::string& detail) {
    row.issues.push_back({std::move(column), std::string(name_of(code)), detail});
}

// What is wrong with a value that could not be read is no news.
void add_issues(ImportRow& row, const std::vector<Fault>& faults) {
    std::set<std::string> known;
    for (const auto& each : row.issues) known.insert(each.column);
    for (const auto& each : faults)
        if (auto column = column_of(each.pointer); !known.contains(column))
            add_issue(row, column, each.code, each.detail);
}

// People write a role's name into a sheet.
void name_role_by_key(const Workspace& workspace, const Unicode& unicode, std::string& role) {
    if (role.empty() || workspace.roles.contains(RoleKey{role})) return;
    auto wanted = unicode.folded(role);
    for (const auto& [key, each] : workspace.roles) {
        if (unicode.folded(each.value.name.value) != wanted) continue;
        role = key.value;
        return;
    }
}

// The seats of the valid rows, pool by pool.
class Needs {
public:
    void add(const InviteMember& invite) {
        ++needed_[Counter::users()];
        if (invite.license) ++needed_[Counter::license(invite.license->value)];
        for (const auto& each : std::set(invite.add_ons.begin(), invite.add_ons.end()))
            ++needed_[Counter::license(each.value)];
    }

    [[nodiscard]] std::vector<SeatNeed> of(const Workspace& workspace, const Counters& counters, Instant now) const {
        std::vector<Counter> pools{Counter::users()};
        for (const auto& each : workspace.plan.value.licenses)
            if (each.paid || each.seats) pools.push_back(Counter::license(each.key.value));
        std::vector<SeatNeed> seats;
        for (const auto& pool : pools) {
            auto found = needed_.find(pool);
            SeatNeed need{pool_of(pool), found == needed_.end() ? 0 : found->second, std::nullopt};
            if (auto limit = workspace.limit_of(pool, now))
                need.remaining = std::max<std::int64_t>(0, *limit - counters.of(pool));
            seats.push_back(std::move(need));
        }
        return seats;
    }

private:
    std::map<Counter, std::int64_t> needed_;
};

// One row on the state that sending it would find. It is never taken into the draft: each row stands for itself.
void judge(ImportRow& row, const InviteMember& invite, const std::vector<Fault>& unread, const Loaded& loaded,
           const Context& context) {
    add_issues(row, unread);
    if (!unread.empty()) return add_issues(row, faults_of(*loaded.workspace, invite, context));
    auto decided = decide(*loaded.membership, *loaded.workspace, invite, context);
    if (decided || decided.error().code == Code::no_seats_remaining) return;
    const auto& refusal = decided.error();
    if (!refusal.faults.empty()) return add_issues(row, refusal.faults);
    add_issue(row, refusal.code == Code::role_above_own ? "role" : "email", refusal.code, refusal.detail);
}

}  // namespace

InviteMember invite_of(const ImportCells& cells, const Unicode& unicode, std::vector<Fault>& faults) {
    InviteMember invite;
    Faults found;
    reading::Reader reader{found, unicode};
    auto body = Place::body();
    auto optional_text = [&](const std::string& cell, auto& into, std::string_view field) {
        if (!cell.empty()) reading::text(cell, into.emplace(), body.member(field), reader);
    };
    if (cells.email.empty())
        found.add({"/email", Code::required, "An e-mail address is required.", {}});
    else
        reading::text(cells.email, invite.email, body.member("email"), reader);
    optional_text(cells.name, invite.name, "name");
    optional_text(cells.job_title, invite.job_title, "job_title");
    for (const auto& each : several(cells.team))
        reading::text(each, invite.teams.emplace_back(), body.member("teams"), reader);
    // No key that is looked up has to be well formed to be unknown.
    if (!cells.role.empty()) invite.role = RoleKey{cells.role};
    if (!cells.license.empty()) invite.license = LicenseKey{cells.license};
    for (auto& each : several(cells.add_ons)) invite.add_ons.push_back(LicenseKey{std::move(each)});
    faults = found.all();
    return invite;
}

void check(Execute& execute, const Actor& actor, Import& import, std::vector<ImportRow>& rows) {
    while (execute.expire_due(import.workspace) > 0) {
    }
    auto workspace = execute.directory().workspace(import.workspace);
    if (!workspace) return;
    BatchCommand command;
    command.workspace = import.workspace;
    command.actor = actor;
    command.dry_run = true;
    std::set<std::string> seen;
    Needs needs;
    import.rows = static_cast<std::int64_t>(rows.size());
    import.valid = 0;
    for (auto& row : rows) {
        row.issues.clear();
        row.guessed_name.reset();
        if (import.kind == SheetKind::xlsx) name_role_by_key(*workspace, execute.unicode(), row.cells.role);
        std::vector<Fault> unread;
        auto invite = invite_of(row.cells, execute.unicode(), unread);
        bool addressed = !invite.email.canonical().empty();
        BatchCommand::Row one;
        one.target = stream_of(MemberId{execute.fresh()});
        if (addressed) one.address = invite.email;
        bool repeated = addressed && !seen.insert(invite.email.canonical()).second;
        one.decide = [&row, &needs, &import, &execute, repeated, addressed, invite = std::move(invite),
                      unread = std::move(unread)](const Loaded& loaded, const Context& context) -> Decided {
            judge(row, invite, unread, loaded, context);
            if (repeated) add_issue(row, "email", Code::duplicate_in_batch, "This address stands earlier in the file.");
            bool guesses = !invite.name && addressed && !loaded.workspace->settings.value.name_required;
            if (guesses) row.guessed_name = name_from(invite.email, execute.unicode());
            if (row.issues.empty()) {
                ++import.valid;
                needs.add(invite);
            }
            return refused(Code::validation_failed, {});
        };
        command.rows.push_back(std::move(one));
    }
    (void)execute.run_batch(command);
    import.seats = needs.of(*workspace, *execute.log().counters(import.workspace), execute.now());
}

}  // namespace muster
