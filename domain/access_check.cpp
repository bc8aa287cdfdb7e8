// May this person do that, and why: the answer in words, with what stands behind them.
#include "domain/access.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t sources_named_most = 3;  // in a sentence; the structured list has all

std::string who(const Membership& membership) {
    const auto* profile = membership.profile.if_known();
    return profile && !profile->name.empty() ? profile->name : "This person";
}

// "a, b and c"
std::string listed(const std::vector<std::string>& words, std::string_view conjunction) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " " + std::string(conjunction) + " " : ", ";
        text += words[i];
    }
    return text;
}

// "their role Lead", "the add-on Coaching"
std::string noun(std::string_view article, const Source& source) {
    constexpr std::string_view kinds[] = {" role ", "", " licence ", " add-on "};
    if (source.kind == SourceKind::own) return "a permission of their own";
    return std::string(article).append(kinds[static_cast<std::size_t>(source.kind)]) + source.name.value_or("");
}

// Why somebody in this phase may nothing at all; nullopt for who is active.
std::optional<std::string> shut_out(const Membership& membership, Phase phase) {
    auto name = who(membership);
    switch (phase) {
        case Phase::active:
            return std::nullopt;
        case Phase::deactivated:
            return name + " is deactivated: until they are reactivated they may do nothing here.";
        case Phase::pending:
            return name + " is not in yet: the invitation is pending.";
        case Phase::expired:
            return name + " is not in yet: the invitation has expired; send it again.";
        case Phase::revoked:
            return "The invitation of " + name + " was revoked.";
        case Phase::none:
        case Phase::deleted:
            return name + " is no member here.";
    }
    return std::nullopt;
}

std::string missing(const Workspace& workspace, const Life& life, const PermissionKey& permission,
                    const std::vector<Source>& would) {
    const auto& given = life.membership.assignment;
    auto role = workspace.roles.find(given.role);
    std::vector<std::string> none{"their role " +
                                  (role == workspace.roles.end() ? given.role.value : role->second.value.name.value)};
    const auto* base = given.license ? workspace.license(*given.license) : nullptr;
    none.push_back(base ? "their licence " + base->name.value : "a licence");
    for (const auto& key : given.add_ons)
        if (const auto* add_on = workspace.license(key)) none.push_back("their add-on " + add_on->name.value);
    auto text = who(life.membership) + " does not have " + permission.value + ": neither " + listed(none, "nor") +
                " gives it, and it is not their own.";
    if (would.empty()) return text;
    std::vector<std::string> givers;
    for (std::size_t i = 0; i < would.size() && i < sources_named_most; ++i) givers.push_back(noun("the", would[i]));
    if (would.size() > sources_named_most)
        givers.push_back(std::to_string(would.size() - sources_named_most) + " more");
    auto sentence = listed(givers, "or") + " would.";
    sentence[0] = 'T';
    return text + " " + sentence;
}

Verdict of_permission(const Workspace& workspace, const Life& life, const PermissionKey& permission,
                      bool tells_givers) {
    for (auto& held : held_permissions(workspace, life)) {
        if (held.key != permission) continue;
        std::vector<std::string> by;
        for (const auto& each : held.from) by.push_back(noun("their", each));
        return {true,
                who(life.membership) + " has " + permission.value + " by " + listed(by, "and") + ".",
                std::move(held.from),
                {}};
    }
    auto would = tells_givers ? sources_of(workspace, permission) : std::vector<Source>();
    auto because = missing(workspace, life, permission, would);
    return {false, std::move(because), {}, std::move(would)};
}

Verdict of_resource(const Life& life, const Resource& resource, Access access) {
    std::string verb = access == Access::edit ? "edit " : "view ";
    auto may = who(life.membership) + " may " + verb + resource.name.value;
    auto may_not = who(life.membership) + " may not " + verb + resource.name.value;
    for (const auto& [assigned, by] : life.resources) {
        if (assigned.id != resource.id) continue;
        if (assigned.access < access) return {false, may_not + ": it is assigned to them for viewing only.", {}, {}};
        std::string what = assigned.access == Access::edit ? "editing" : "viewing";
        return {true,
                may + ": it is assigned to them for " + what + ".",
                {{SourceKind::own, std::nullopt, std::nullopt, by}},
                {}};
    }
    return {false, may_not + ": it is not assigned to them, and no role or licence gives it.", {}, {}};
}

}  // namespace

Verdict check_access(const Workspace& workspace, const Life& life, const AccessQuestion& question, Instant now) {
    if (auto why = shut_out(life.membership, phase_at(life.membership, now))) return {false, std::move(*why), {}, {}};
    Verdict verdict{true, {}, {}, {}};
    auto take = [&](Verdict answer) {
        verdict.allowed = verdict.allowed && answer.allowed;
        if (!verdict.because.empty()) verdict.because += ' ';
        verdict.because += answer.because;
        std::ranges::move(answer.sources, std::back_inserter(verdict.sources));
        std::ranges::move(answer.would_come_from, std::back_inserter(verdict.would_come_from));
    };
    if (question.permission) take(of_permission(workspace, life, *question.permission, question.tells_givers));
    if (question.resource) take(of_resource(life, *question.resource, question.access));
    return verdict;
}

}  // namespace muster
