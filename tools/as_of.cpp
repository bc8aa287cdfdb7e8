#include "tools/as_of.h"

#include "api/as_of.h"
#include "api/audit_entry.h"
#include "api/difference_json.h"
#include "api/json/write.h"
#include "api/text/unicode.h"
#include "tools/audit_commands.h"
#include "tools/commands.h"
#include "tools/progress.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace muster::tools {
namespace {

// ---- What is asked.

// A day begins at midnight UTC.
std::string with_time(const std::string& text) {
    constexpr auto day = std::string_view("2026-11-22").size();
    return text.size() == day && text.find('-') != std::string::npos ? text + "T00:00:00Z" : text;
}

std::expected<Moment, Answered> moment_of(const Store& store, WorkspaceId workspace, std::string_view name,
                                          const std::optional<std::string>& text) {
    Faults faults;
    const auto now = std::max(system_clock().now(), store.log->head_row().at);  // the clock may have been set back
    auto moment = text ? moment_in(with_time(*text), name, *store.log, workspace, now, faults) : std::nullopt;
    if (moment) return *moment;
    auto why = faults.empty() ? "it is missing" : faults.all()[0].detail;
    return std::unexpected(Answered{usage, "--" + std::string(name) + ": " + why});
}

// ---- How it is told.

bool is_listed(const Membership& membership) { return membership.open_invitation() || membership.member(); }

std::string json_of(const Membership& membership, const NameLookup& names) {
    std::string text;
    ObjectWriter into(text);
    into.field("kind", membership.member() ? "member" : "invitation");
    membership.member() ? write_member(into, membership, names) : write_invitation(into, membership, names);
    into.end();
    return text;
}

std::string line_of(const Membership& membership) {
    const auto* profile = membership.profile.if_known();
    const auto* email = membership.email.if_known();
    auto who = profile && email ? profile->name + " <" + std::string(email->text()) + ">" : "(erased)";
    auto id = membership.member() ? membership.id.text() : InvitationId{membership.id.uuid}.text();
    return printable("  " + id + "  " + std::string(name_of(membership.phase)) + "  " + who + "  " +
                     membership.assignment.role.value +
                     (membership.assignment.license ? "  " + membership.assignment.license->value : ""));
}

std::string seats_line(const std::string& name, const seats::PoolUse& use, std::optional<std::int64_t> limit) {
    auto used = std::to_string(use.active + use.pending);
    return printable("  " + name + ": " + used + (limit ? " of " + std::to_string(*limit) : ", unlimited") + " (" +
                     std::to_string(use.active) + " active, " + std::to_string(use.pending) + " pending)");
}

void tell_in_words(const AsOf& then, const Workspace& workspace, const People& people, const OnLine& line) {
    auto counted = tally(then, people);
    line(printable(workspace.name.value) + " at " + then.moment().at.text() + ", position " +
         std::to_string(then.moment().position));
    line("seats");
    auto limit = workspace.limit_of(Counter::users(), then.moment().at);
    line(seats_line("Users", counted.seats["users"], limit));
    for (const auto& license : workspace.plan.value.licenses)
        line(seats_line(license.name.value, counted.seats[license.key.value], license.seats));
    line("roles");
    for (const auto& [key, role] : workspace.roles) line(printable("  " + key.value + "  " + role.value.name.value));
    line("teams");
    for (const auto& [id, team] : workspace.teams)
        line(printable("  " + id.text() + "  " + std::string(team.value.name.text()) + "  " +
                       std::to_string(counted.members[id])));
    line("people");
    for_all(people, std::nullopt, [&](MemberId id) {
        const auto membership = then.membership(id);
        if (is_listed(membership)) line(line_of(membership));
        return true;
    });
}

// One object, a person a line.
void tell_in_json(const AsOf& then, const Workspace& workspace, const People& people, const OnLine& line) {
    auto counted = tally(then, people);
    std::string text;
    ObjectWriter into(text);
    into.field("at", then.moment().at);
    into.field("position", then.moment().position);
    ObjectWriter seats(into.key("seats"));
    write_seats(seats, workspace, counted.seats, then.moment().at);
    seats.end();
    ArrayWriter roles(into.key("roles"));
    for (const auto& [_, role] : workspace.roles) roles.item(shown_role(workspace, role.value));
    roles.end();
    ArrayWriter teams(into.key("teams"));
    for (const auto& [id, team] : workspace.teams) {
        ObjectWriter each(teams.next());
        write_team(each, team.value, counted.members[id]);
        each.end();
    }
    teams.end();
    into.key("people");
    line(text + "[");
    auto known = names(then, workspace, icu_unicode());
    std::string before;  // the line before, which ends with a comma where another follows
    for_all(people, std::nullopt, [&](MemberId id) {
        const auto membership = then.membership(id);
        if (!is_listed(membership)) return true;
        if (!before.empty()) line(before + ",");
        before = json_of(membership, known);
        return true;
    });
    if (!before.empty()) line(before);
    line("]}");
}

char sign_of(DifferenceKind change) {
    switch (change) {
        case DifferenceKind::added:
            return '+';
        case DifferenceKind::removed:
            return '-';
        case DifferenceKind::changed:
            return '~';
    }
    return '?';
}

void tell(const std::vector<Change>& changes, const AuditNames& names, Position at, const OnLine& line) {
    for (const auto& each : changes) line(printable("    " + names.of(each, at)));
}

// ---- The command line.

template <class Tell>
int tell_one(const std::string& data, const std::string& master_key_file, const Request& request, const Tell& at_rest) {
    ProgressBar bar("audit");
    OnLine print = [&](std::string_view line) {
        bar.clear();
        std::cout << line << "\n";
    };
    const OnProgress progress = [&](Position done, Position all) { bar(done, all); };
    auto answered = ask_server(data, request, print, progress);
    if (!answered) {
        const auto store = open_store(data, {.master_key_file = master_key_file});
        answered = at_rest(store, print, progress);
    }
    bar.clear();
    std::cout << std::flush;
    if (answered->status != well) std::cerr << "muster: " << answered->words << std::endl;
    return answered->status;
}

}  // namespace

Answered as_of(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress) {
    auto workspace = workspace_of(store, request);
    if (!workspace) return no_workspace(request);
    auto moment = moment_of(store, workspace->id, "at", request.at);
    if (!moment) return moment.error();
    const AsOf then(*store.log, *store.history, workspace->id, *moment);
    auto stood = then.workspace();
    if (!stood) return {failed, "there was no workspace yet: it was made at " + workspace->created_at.text()};
    const auto all = people_until(*store.log, workspace->id, moment->position, progress);
    const People people = [&](const std::optional<MemberId>& after, std::size_t most) {
        auto from = after ? std::ranges::upper_bound(all, *after) : all.begin();
        auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(most), all.end() - from);
        return std::vector<MemberId>(from, from + count);
    };
    (request.format == "json" ? tell_in_json : tell_in_words)(then, *stood, people, line);
    return {well, {}};
}

Answered diff(const Store& store, const Request& request, const OnLine& line) {
    auto workspace = workspace_of(store, request);
    if (!workspace) return no_workspace(request);
    auto from = moment_of(store, workspace->id, "from", request.from);
    if (!from) return from.error();
    auto to = moment_of(store, workspace->id, "to", request.to);
    if (!to) return to.error();
    if (reversed(*request.from, *from, *request.to, *to)) return {usage, "--to lies before --from; exchange them"};
    if (request.format == "json") {
        auto text = difference_json(*store.log, *store.history, workspace->id, *from, *to);
        if (!text) return {failed, range_too_large().detail};
        line(*text);
        return {well, {}};
    }
    // What was removed in between has the name that it had.
    auto known = std::make_shared<Workspace>(*workspace);
    if (auto before = AsOf(*store.log, *store.history, workspace->id, *from).workspace())
        known->teams.insert(before->teams.begin(), before->teams.end());
    const AuditNames names(*store.aggregates, *store.history, known);
    auto found = difference(*store.log, *store.history, workspace->id, *from, *to, muster::limits::diff_events,
                            [&](const Different& each) {
                                line(printable(std::string(1, sign_of(each.change)) + " " + each.kind + " " +
                                               each.name.value_or("(erased)") + " (" + each.id + ")"));
                                tell(each.changes, names, to->position + 1, line);
                            });
    if (!found) return {failed, range_too_large().detail};
    for (auto [name, changes] : {std::pair{"workspace", &found->workspace}, std::pair{"settings", &found->settings},
                                 std::pair{"plan", &found->plan}}) {
        if (changes->empty()) continue;
        line(std::string("~ ") + name);
        tell(*changes, names, to->position + 1, line);
    }
    for (const auto& [pool, change] : found->seats)
        line("~ seats of " + pool + ": " + (change > 0 ? "+" : "") + std::to_string(change));
    return {well, {}};
}

void add_as_of(CLI::App& audit, int& result) {
    struct Settings {
        std::string data;
        std::string master_key_file;
        Request request;
    };
    auto add = [&](const char* name, const char* what, Ask ask) {
        auto settings = std::make_shared<Settings>();
        settings->request.ask = ask;
        auto* command = audit.add_subcommand(name, what);
        command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
        command->add_option("--workspace", settings->request.workspace, "Its id or slug")->required();
        command->add_option("--format", settings->request.format, "text (as by default) or json")
            ->check(CLI::IsMember({"text", "json"}));
        command
            ->add_option("--master-key-file", settings->master_key_file,
                         "Opens the personal keys; by default DIR/master.key")
            ->envname("MUSTER_MASTER_KEY_FILE");
        return std::pair{command, settings};
    };
    auto [at, at_settings] = add("as-of", "People, seats, roles and teams as they stood", Ask::as_of);
    at->add_option("--at", at_settings->request.at, "A position, a time, or a day, which begins at midnight UTC")
        ->required();
    at->callback([settings = at_settings, &result] {
        result = tell_one(settings->data, settings->master_key_file, settings->request,
                          [&](const Store& store, const OnLine& line, const OnProgress& progress) {
                              return as_of(store, settings->request, line, progress);
                          });
    });
    auto [between, settings] = add("diff", "What differs between two moments", Ask::diff);
    between->add_option("--from", settings->request.from, "The earlier one: a position, a time, or a day")->required();
    between->add_option("--to", settings->request.to, "The later one")->required();
    between->callback([settings = settings, &result] {
        result = tell_one(settings->data, settings->master_key_file, settings->request,
                          [&](const Store& store, const OnLine& line, const OnProgress&) {
                              return diff(store, settings->request, line);
                          });
    });
}

}  // namespace muster::tools
