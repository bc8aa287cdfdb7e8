#include "api/members_file.h"

#include "api/csv.h"
#include "api/views.h"
#include "domain/access.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace muster {
namespace {

const std::array<std::string, 15> columns = {
    "id",      "status", "email",       "name",      "job_title", "phone",         "role",          "license",
    "add_ons", "teams",  "permissions", "resources", "joined_at", "last_login_at", "deactivated_at"};

constexpr std::size_t page_rows = 200;

template <class T>
std::string text_or_empty(const std::optional<T>& value) {
    return value ? std::string(value->text()) : std::string();
}

void join(std::string& cell, std::string_view text) {
    if (!cell.empty()) cell += "; ";
    cell += text;
}

std::array<std::string, columns.size()> row_of(const Membership& member, const NameLookup& names) {
    auto profile = member.profile.or_blank();
    const auto& given = member.assignment;
    const auto& workspace = names.workspace;
    std::string add_ons, teams, permissions, resources;
    for (const auto& each : given.add_ons) join(add_ons, each.value);
    for (const auto& each : given.teams)
        if (auto team = workspace.teams.find(each); team != workspace.teams.end())
            join(teams, team->second.value.name.value);
    for (const auto& each : given.permissions)
        if (holds(workspace, each)) join(permissions, each.key.value);
    for (const auto& each : given.resources)
        if (auto name = names.resource(each.id))
            join(resources, name->value + " (" + std::string(name_of(each.access)) + ")");
    return {member.id.text(),
            std::string(name_of(member.phase)),
            member.email.or_blank().text(),
            profile.name,
            text_or_empty(profile.job_title),
            text_or_empty(profile.phone),
            given.role.value,
            text_or_empty(given.license),
            add_ons,
            teams,
            permissions,
            resources,
            text_or_empty(member.joined_at),
            text_or_empty(member.last_login_at),
            text_or_empty(member.deactivated_at)};
}

}  // namespace

MembersFile::MembersFile(std::shared_ptr<Call> call, roster::MemberFilter filter, roster::Effort effort)
    : call_(std::move(call)), filter_(std::move(filter)), effort_(effort) {
    filter_.paging = {page_rows, std::nullopt, false};
}

bool MembersFile::append(std::string& out, std::size_t bytes) {
    const auto full = out.size() + bytes;
    if (!std::exchange(begun_, true)) append_csv_row(out, columns);
    const auto table = call_->service.runner.table("roster");
    if (!table) throw std::runtime_error("the roster is being made anew");
    const auto reading = table->snapshot();
    const auto known = names(*call_, *call_->workspace);
    while (out.size() < full) {
        auto page = roster::members(*reading, call_->workspace_id, filter_, effort_);
        for (const auto& each : page.items) append_csv_row(out, row_of(each, known));
        if (!page.next) return false;
        filter_.paging.after = std::move(page.next);
        if (page.items.size() < page_rows) break;  // Others have their turn before more people are walked past.
    }
    return true;
}

}  // namespace muster
