#include "api/members_file.h"

#include "api/csv.h"
#include "api/service.h"
#include "domain/access.h"

#include <array>

namespace muster {
namespace {

const std::array<std::string, 15> columns = {
    "id",      "status", "email",       "name",      "job_title", "phone",         "role",          "license",
    "add_ons", "teams",  "permissions", "resources", "joined_at", "last_login_at", "deactivated_at"};

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

Refusal too_many(std::size_t most) {
    return {Code::too_many_rows,
            "More than " + std::to_string(most) +
                " members match, too many for one file; narrow the filter, or page through the members.",
            {{"limit", static_cast<std::int64_t>(most)}},
            {}};
}

}  // namespace

std::expected<std::string, Refusal> members_csv(const Reading& reading, const NameLookup& names,
                                                roster::MemberFilter filter, std::size_t rows_most) {
    std::string out;
    append_csv_row(out, columns);
    filter.paging = {static_cast<std::size_t>(limits::page_most), std::nullopt, true};
    for (std::size_t rows = 0;;) {
        auto page = roster::members(reading, names.workspace.id, filter);
        auto expected = page.total ? *page.total : page.total_at_least.value_or(0);
        rows += page.items.size();
        if (rows > rows_most || expected > static_cast<std::int64_t>(rows_most))
            return std::unexpected(too_many(rows_most));
        for (const auto& each : page.items) append_csv_row(out, row_of(each, names));
        if (!page.next) return out;
        filter.paging.after = std::move(page.next);
        filter.paging.include_total = false;
    }
}

}  // namespace muster
