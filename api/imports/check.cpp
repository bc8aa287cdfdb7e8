#include "api/imports/check.h"

#include "api/json/leaf.h"
#include "api/json/limits.h"
#include "domain/person.h"
#include "domain/seats.h"

#include <algorithm>
#include <map>
#include <set>

namespace muster {
namespace {

// What is kept of a draft is read back as a request is: no list of it may be longer than one of a request.
static_assert(limits::import_row_issues < limits::json_array_elements);

// One more than a cell may have tells that there are too many.
constexpr std::size_t parts_looked_at = limits::import_cell_parts + 1;

std::vector<std::string> split(std::string_view cell, std::string_view separators) {
    std::vector<std::string> parts;
    while (!cell.empty() && parts.size() < parts_looked_at) {
        auto end = std::min(cell.find_first_of(separators), cell.size());
        if (auto part = trimmed(cell.substr(0, end)); !part.empty()) parts.push_back(std::move(part));
        cell.remove_prefix(std::min(end + 1, cell.size()));
    }
    return parts;
}

// The names in a cell. One that is known whole may have a separator in it; `;` and line breaks part before `,` does.
template <class Known>
std::vector<std::string> several(const std::string& cell, Known known) {
    if (known(cell)) return {cell};
    std::vector<std::string> names;
    for (auto& part : split(cell, ";\n\r")) {
        if (names.size() >= parts_looked_at) break;
        if (known(part))
            names.push_back(std::move(part));
        else
            std::ranges::move(split(part, ","), std::back_inserter(names));
    }
    return names;
}

// Those that one cell may have.
void keep_allowed(std::vector<std::string>& parts, const Place& place, Faults& faults) {
    if (parts.size() <= limits::import_cell_parts) return;
    parts.resize(limits::import_cell_parts);
    faults.add({place.pointer(),
                Code::too_long,
                "A cell names at most " + std::to_string(limits::import_cell_parts) + ".",
                {{"limit", static_cast<std::int64_t>(limits::import_cell_parts)}}});
}

// A field of InviteMember is the template's column of that name, but `teams`.
std::string column_of(std::string_view pointer) {
    auto field = pointer.substr(0, pointer.find('/', 1));
    if (field.starts_with('/')) field.remove_prefix(1);
    return field == "teams" ? "team" : std::string(field);
}

// The id that a refusal names: of who has the address already.
std::optional<std::string> id_in(const Details& details) {
    for (const auto& [name, value] : details)
        if (const auto* id = std::get_if<std::string>(&value); id && name == "id") return *id;
    return std::nullopt;
}

void add_issue(ImportRow& row, std::string column, Code code, const std::string& detail, const Details& details = {}) {
    row.issues.push_back({std::move(column), std::string(name_of(code)), detail, id_in(details)});
}

// A row with more issues than are told says so in its last one.
void bound_issues(ImportRow& row) {
    if (row.issues.size() <= limits::import_row_issues) return;
    auto others = std::to_string(row.issues.size() - limits::import_row_issues);
    row.issues.resize(limits::import_row_issues + 1);
    row.issues.back().detail = "And " + others + " more in this row.";
    row.issues.back().id.reset();
}

// What is wrong with a value that could not be read is no news.
void add_issues(ImportRow& row, const std::vector<Fault>& faults) {
    std::set<std::string> known;
    for (const auto& each : row.issues) known.insert(each.column);
    for (const auto& each : faults)
        if (auto column = column_of(each.pointer); !known.contains(column))
            add_issue(row, column, each.code, each.detail, each.details);
}

// People write a role's name into a sheet. One that several roles have names none of them: who gets which permissions
// is not guessed.
class RolesByName {
public:
    RolesByName(const Workspace& workspace, const Unicode& unicode) : workspace_(workspace), unicode_(unicode) {
        for (const auto& [key, role] : workspace.roles)
            keys_[unicode.folded(role.value.name.value)].push_back(key.value);
    }
    void name_by_key(std::string& role) const {
        if (role.empty() || workspace_.roles.contains(RoleKey{role})) return;
        auto found = keys_.find(unicode_.folded(role));
        if (found != keys_.end() && found->second.size() == 1) role = found->second.front();
    }

private:
    const Workspace& workspace_;
    const Unicode& unicode_;
    std::map<std::string, std::vector<std::string>> keys_;  // by folded name
};

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

    void take_from(std::vector<SeatNeed>& seats) const {
        for (auto& seat : seats)
            for (const auto& [counter, count] : needed_)
                if (pool_of(counter) == seat.pool) seat.needed -= count;
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
    add_issue(row, refusal.code == Code::role_above_own ? "role" : "email", refusal.code, refusal.detail,
              refusal.details);
}

}  // namespace

InviteMember invite_of(const ImportCells& cells, const Workspace& workspace, const Unicode& unicode,
                       std::vector<Fault>& faults) {
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
    auto teams = several(cells.team, [&](const std::string& name) {
        return !name.empty() && workspace.team_named(unicode.folded(name)) != nullptr;
    });
    keep_allowed(teams, body.member("teams"), found);
    for (const auto& each : teams) reading::text(each, invite.teams.emplace_back(), body.member("teams"), reader);
    // No key that is looked up has to be well formed to be unknown.
    if (!cells.role.empty()) invite.role = RoleKey{cells.role};
    if (!cells.license.empty()) invite.license = LicenseKey{cells.license};
    auto add_ons = split(cells.add_ons, ";,\n\r");
    keep_allowed(add_ons, body.member("add_ons"), found);
    for (auto& each : add_ons) invite.add_ons.push_back(LicenseKey{std::move(each)});
    faults = found.all();
    return invite;
}

void check(Execute& execute, const Actor& actor, bool dry_run, Import& import, std::vector<ImportRow>& rows) {
    while (!dry_run && execute.expire_due(import.workspace) > 0) {
    }
    auto workspace = execute.directory().workspace(import.workspace);
    if (!workspace) return;
    BatchCommand command;
    command.workspace = import.workspace;
    command.actor = actor;
    command.dry_run = true;
    const RolesByName roles(*workspace, execute.unicode());
    std::set<std::string> seen;
    Needs needs;
    auto counters = *execute.log().counters(import.workspace);
    import.rows = static_cast<std::int64_t>(rows.size());
    import.valid = 0;
    for (auto& row : rows) {
        row.issues.clear();
        row.guessed_name.reset();
        if (import.kind == SheetKind::xlsx) roles.name_by_key(row.cells.role);
        std::vector<Fault> unread;
        auto invite = invite_of(row.cells, *workspace, execute.unicode(), unread);
        bool addressed = !invite.email.canonical().empty();
        BatchCommand::Row one;
        one.target = stream_of(MemberId{execute.fresh()});
        if (addressed) one.address = invite.email;
        bool repeated = addressed && !seen.insert(invite.email.canonical()).second;
        one.decide = [&row, &rows, &needs, &import, &execute, &counters, repeated, addressed,
                      invite = std::move(invite),
                      unread = std::move(unread)](const Loaded& loaded, const Context& context) -> Decided {
            judge(row, invite, unread, loaded, context);
            if (&row == &rows.front()) counters = context.counters;  // without what is due
            if (repeated) add_issue(row, "email", Code::duplicate_in_batch, "This address stands earlier in the file.");
            bool guesses = !invite.name && addressed && !loaded.workspace->settings.value.name_required;
            if (guesses) row.guessed_name = name_from(invite.email, execute.unicode());
            bound_issues(row);
            if (row.issues.empty()) {
                ++import.valid;
                needs.add(invite);
            }
            return refused(Code::validation_failed, {});
        };
        command.rows.push_back(std::move(one));
    }
    (void)execute.run_batch(command);
    import.seats = needs.of(*workspace, counters, execute.now());
}

void leave_out(Import& import, const InviteMember& invite) {
    Needs its;
    its.add(invite);
    its.take_from(import.seats);
    --import.valid;
}

}  // namespace muster
