// A step as people read it.
#include "domain/instant.h"
#include "tests/model/ask.h"

namespace muster::test {
namespace {

const char* verb(Do what) {
    constexpr const char* verbs[] = {"invite",
                                     "batch",
                                     "edit",
                                     "resend",
                                     "revoke",
                                     "accept",
                                     "create",
                                     "provision",
                                     "change",
                                     "deactivate",
                                     "reactivate",
                                     "delete",
                                     "erase",
                                     "request",
                                     "approve",
                                     "dismiss",
                                     "plan",
                                     "settings",
                                     "define role",
                                     "change role",
                                     "remove role",
                                     "define permission",
                                     "remove permission",
                                     "create team",
                                     "delete team",
                                     "register resource",
                                     "remove resource",
                                     "the time is",
                                     "run expiry",
                                     "restart",
                                     "follow"};
    return verbs[static_cast<int>(what)];
}

std::string text(std::optional<std::int64_t> number) { return number ? std::to_string(*number) : "any"; }

std::string text(const std::vector<std::string>& all) {
    std::string made = "[";
    for (const auto& each : all) made += (made.size() > 1 ? " " : "") + each;
    return made + "]";
}

std::string text(const Fields& fields) {
    std::string made;
    auto one = [&](const char* name, const std::optional<std::string>& field) {
        if (field) made += std::string(" ") + name + "=" + (field->empty() ? "null" : *field);
    };
    auto many = [&](const char* name, const auto& field) {
        if (field && !field->empty()) made += std::string(" ") + name + "=" + text(*field);
        if (field && field->empty()) made += std::string(" no ") + name;
    };
    one("name", fields.name);
    one("role", fields.role);
    one("license", fields.license);
    many("add_ons", fields.add_ons);
    many("teams", fields.teams);
    many("permissions", fields.permissions);
    if (fields.resources) made += " " + std::to_string(fields.resources->size()) + " resources";
    return made;
}

std::string text(const PlanOf& plan) {
    auto made = " users=" + text(plan.users);
    if (plan.trial_ends) made += " trial until " + Instant{*plan.trial_ends}.text();
    for (const auto& each : plan.pools) {
        made += " " + each.key + (each.base ? "" : "+") + "=" + text(each.seats);
        for (const auto& base : each.goes_with) made += " with " + base;
        for (const auto& key : each.permissions) made += " may " + key;
    }
    return made;
}

std::string text(const SettingsOf& to) {
    return " default_role=" + to.default_role + (to.name_required ? " names" : "") + (to.requests ? " requests" : "") +
           (to.teams ? "" : " no teams") + " max_teams=" + text(to.max_teams) +
           (to.own_domain_only ? " own domain" : "") + " resends=" + text(to.resend_limit) +
           " ttl=" + std::to_string(to.ttl);
}

std::string short_id(const std::string& id) { return id.substr(id.size() - 4); }

}  // namespace

std::string text(const Ask& ask) {
    std::string made = (ask.place == 0 ? "spring: " : "autumn: ") + std::string(verb(ask.what));
    if (ask.person != MemberId{}) made += " " + short_id(ask.person.text());
    if (ask.request != RequestId{}) made += " " + short_id(ask.request.text());
    if (!ask.email.empty()) made += " " + ask.email;
    if (!ask.key.empty()) made += " " + ask.key;
    made += text(ask.fields);
    if (!ask.permissions.empty()) made += " " + text(ask.permissions);
    if (ask.what == Do::plan) made += text(ask.plan);
    if (ask.what == Do::settings) made += text(ask.settings);
    if (ask.ttl) made += " ttl=" + std::to_string(*ask.ttl);
    if (ask.rotate) made += " another link";
    if (ask.what == Do::accept) made += " link " + std::to_string(ask.generation);
    if (ask.what == Do::remove && !ask.confirmed) made += " unconfirmed";
    for (const auto& row : ask.rows) made += " " + row.email;
    if (ask.all_or_nothing) made += " all or nothing";
    if (ask.by) made += " (by " + short_id(ask.by->text()) + ")";
    if (ask.dry) made += " (dry run)";
    if (ask.stale) made += " (seen older)";
    if (!ask.repeat.empty()) made += " (key " + ask.repeat + ")";
    if (ask.dies != Dies::not_at_all)
        made += ask.dies == Dies::before_write ? " (dies before the write)" : " (dies behind the write)";
    return made + " => " + short_id(MemberId{ask.fresh}.text());
}

}  // namespace muster::test
