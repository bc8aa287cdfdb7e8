#include "tests/projections/roster_crowd.h"

#include <algorithm>

namespace muster::recorded {
namespace {

const std::vector<std::string> vocabulary{"Ann", "Anna",   "annex", "José",  "Núñez", "李小龍",  "Ольга", "Straße",
                                          "Bo",  "Bobbie", "b",     "Émile", "Zoë",   "İbrahim", "山田",  "x1"};
const std::vector<RoleKey> roles{admin, plain, {"guest"}};
const std::vector<TeamId> teams{sales, support, numbered<TeamId>(3)};
const std::vector<ResourceId> resources{robot, parrot};
const std::vector<LicenseKey> licenses{organization, {"basic"}};
constexpr std::size_t addresses = 60;

bool alive(const Membership& membership) { return membership.open_invitation() || membership.member(); }

std::set<std::string> words_of(const Membership& membership) {
    std::set<std::string> words;
    auto add = [&](std::string_view text) {
        for (const auto& each : icu_unicode().search_words(text)) words.insert(each);
    };
    auto profile = membership.profile.or_blank();
    add(profile.name);
    if (profile.job_title) add(profile.job_title->value);
    add(membership.email.or_blank().text());
    return words;
}

const std::string& longest(const std::vector<std::string>& words) {
    const auto* found = &words.front();
    for (const auto& each : words)
        if (each.size() > found->size()) found = &each;
    return *found;
}

std::string number(std::int64_t value) {
    auto digits = std::to_string(value);
    return std::string(20 - digits.size(), '0') + digits;
}

template <class Values, class Value>
bool none_or_among(const Values& values, const Value& value) {
    return values.empty() || std::ranges::find(values, value) != values.end();
}

bool lets_through(const roster::MemberFilter& filter, const Membership& each) {
    if (!each.member() || !none_or_among(filter.statuses, each.phase)) return false;
    const auto& given = each.assignment;
    if (!none_or_among(filter.roles, given.role)) return false;
    auto any = [](const auto& wanted, const auto& values, auto value_of) {
        if (wanted.empty()) return true;
        bool found = false;
        for (const auto& value : values) found = found || none_or_among(wanted, value_of(value));
        return found;
    };
    auto itself = [](const auto& value) { return value; };
    auto held = given.add_ons;
    if (given.license) held.insert(*given.license);
    if (!any(filter.teams, given.teams, itself) || !any(filter.licenses, held, itself)) return false;
    if (!any(filter.resources, given.resources, [](const auto& access) { return access.id; })) return false;
    if (filter.inactive_since && (each.phase != Phase::active || *each.joined_at >= *filter.inactive_since))
        return false;
    for (const auto& wanted : filter.words) {
        bool found = false;
        for (const auto& word : words_of(each)) found = found || word.starts_with(wanted);
        if (!found) return false;
    }
    return true;
}

std::string sort_key(const roster::MemberFilter& filter, const Membership& each) {
    if (!filter.words.empty()) {
        for (const auto& word : words_of(each))
            if (word.starts_with(longest(filter.words))) return word + '\0';
    }
    switch (filter.sort) {
        case roster::Sort::created_at:
            return number(each.created_at.ms);
        case roster::Sort::name:
            return icu_unicode().sort_key(each.profile.or_blank().name) + '\0';
        case roster::Sort::email:
            return each.email.or_blank().canonical() + '\0';
        case roster::Sort::joined_at:
            return number(each.joined_at->ms);
        case roster::Sort::last_login_at:
            return "";
    }
    return "";
}

}  // namespace

Crowd::Crowd(std::uint64_t seed) : random_(seed) {
    for (const auto& resource : resources)
        happens(stream_of(resource), ResourceRegistered{named("agent"), named("Robot"), {}});
}

void Crowd::happens(StreamId stream, Event event) {
    const auto& recorded = story_.happens(spring, stream, std::move(event));
    if (stream.kind == StreamKind::membership) evolve(people_[{stream.id}], recorded);
}

std::string Crowd::any_word() { return vocabulary[pick(vocabulary.size())]; }

Profile Crowd::any_profile() {
    auto name = any_word();
    for (auto more = pick(3); more > 0; --more) name += " " + any_word();
    return profile_of(name, chance(2) ? any_word() : "");
}

Assignment Crowd::any_assignment() {
    Assignment assignment;
    assignment.role = roles[pick(roles.size())];
    if (chance(2)) assignment.license = licenses[pick(licenses.size())];
    if (chance(4)) assignment.add_ons = {coaching};
    for (const auto& team : teams)
        if (chance(3)) assignment.teams.insert(team);
    for (const auto& resource : resources)
        if (chance(5)) assignment.resources.insert({resource, chance(2) ? Access::view : Access::edit});
    return assignment;
}

void Crowd::someone_comes() {
    auto email = address("p" + std::to_string(pick(addresses)) + "." + (chance(2) ? "ann" : "bo") + "@spring.example");
    for (const auto& [id, each] : people_)
        if (alive(each) && each.email_claim == claim_of(email)) return;
    auto id = person(++born_);
    if (chance(2))
        happens(stream_of(id), MemberInvited{email, claim_of(email), any_profile(), any_assignment(), 3'600, true, {}});
    else
        happens(stream_of(id), MemberCreated{email, claim_of(email), any_profile(), any_assignment(), true});
}

// Whoever came with the address is dead by now: all of them are erased.
void Crowd::erase(const Membership& deleted) {
    happens({StreamKind::store, {}}, PersonalDataDestroyed{{}, deleted.id});
    for (auto& [id, each] : people_) {
        if (each.email_claim != deleted.email_claim) continue;
        each.email = {};
        each.profile = {};
    }
}

void Crowd::go_on() {
    if (people_.empty() || chance(3)) return someone_comes();
    auto at = people_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(pick(people_.size())));
    auto before = at->second;
    auto stream = stream_of(before.id);
    switch (before.phase) {
        case Phase::pending:
            if (chance(6)) return happens(stream, InvitationExpired{});
            if (chance(6)) return happens(stream, InvitationRevoked{});
            if (chance(3))
                return happens(stream,
                               InvitationEdited{before.profile, any_profile(), before.assignment, any_assignment()});
            return happens(stream, InvitationAccepted{chance(2) ? any_profile() : before.profile.or_blank(),
                                                      before.assignment.teams, true});
        case Phase::expired:
            if (chance(2)) return happens(stream, InvitationRevoked{});
            return happens(stream, InvitationResent{3'600, true, {coaching}});
        case Phase::active:
            if (chance(4)) return happens(stream, MemberDeactivated{});
            return happens(stream, MemberChanged{before.profile, chance(2) ? any_profile() : before.profile.or_blank(),
                                                 before.assignment, any_assignment()});
        case Phase::deactivated:
            if (chance(2)) return happens(stream, MemberReactivated{});
            happens(stream, MemberDeleted{});
            return erase(before);
        case Phase::none:
        case Phase::revoked:
        case Phase::deleted:
            return;
    }
}

roster::MemberFilter Crowd::any_filter() {
    roster::MemberFilter filter;
    if (chance(3)) filter.statuses = {chance(3) ? Phase::deactivated : Phase::active};
    if (chance(4)) filter.roles.push_back(roles[pick(roles.size())]);
    if (chance(8)) filter.roles.push_back(roles[pick(roles.size())]);
    if (chance(4)) filter.teams.push_back(teams[pick(teams.size())]);
    if (chance(8)) filter.teams.push_back(teams[pick(teams.size())]);
    if (chance(6)) filter.licenses = {coaching, licenses[pick(licenses.size())]};
    if (chance(6)) filter.resources = {resources[pick(resources.size())]};
    if (chance(6)) filter.inactive_since = second(static_cast<std::int64_t>(pick(story_.events().size() + 1) / 3));
    if (chance(3)) {
        auto first = words(any_word());
        auto size = 1 + pick(first.front().size());
        filter.words = {first.front().substr(0, size)};
        if (chance(3)) filter.words.push_back(words(any_word()).front());
    }
    filter.sort = static_cast<roster::Sort>(pick(5));
    filter.order = static_cast<roster::Order>(pick(2));
    return filter;
}

std::map<std::string, MemberId> Crowd::listed(const roster::MemberFilter& filter) const {
    std::map<std::string, MemberId> listed;
    for (const auto& [id, each] : people_) {
        if (!lets_through(filter, each)) continue;
        auto key = sort_key(filter, each);
        for (auto byte : id.uuid.bytes) key += static_cast<char>(byte);
        listed.emplace(key, id);
    }
    return listed;
}

}  // namespace muster::recorded
