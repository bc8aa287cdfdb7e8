#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace muster::spec {

// ---- The world.

World::World() {
    auto blank = Workspace{.id = spring};
    auto begun = decide(blank, CreateWorkspace{.name = named("Spring")}, context_of(nullptr, {}));
    happens(begun->events.at(0).event);
    created_as(ada, ada_address, {.role = admin})(*this);
}

void World::happens(StreamId stream, const Event& event) {
    Recorded recorded{.stream = stream, .workspace = spring, .event = event};
    recorded.meta = {++position, 0, now, actor};
    auto evolved = [&](auto& state) {
        recorded.meta.version = state.version + 1;
        evolve(state, recorded);
    };
    if (stream.kind == StreamKind::membership) evolved(people[MemberId{stream.id}]);
    if (stream.kind == StreamKind::resource) evolved(resources[ResourceId{stream.id}]);
    if (stream.kind == StreamKind::request) evolved(requests[RequestId{stream.id}]);
    if (stream.kind == StreamKind::workspace) evolved(workspace);
}

Membership World::person(MemberId id) const {
    auto found = people.find(id);
    return found == people.end() ? Membership{.id = id} : found->second;
}

Resource World::resource(ResourceId id) const {
    auto found = resources.find(id);
    return found == resources.end() ? Resource{.id = id} : found->second;
}

InvitationRequest World::request(RequestId id) const {
    auto found = requests.find(id);
    return found == requests.end() ? InvitationRequest{.id = id} : found->second;
}

std::optional<MemberId> World::waiting_or_member(const EmailAddress& email) const {
    const auto* holder = context_of(&email, {}).holder;
    if (!holder || (!holder->member() && (holder->phase != Phase::pending || holder->due(now)))) return std::nullopt;
    return holder->id;
}

Counters World::counters() const {
    Counters counters;
    for (const auto& [_, each] : people)
        for (const auto& [counter, count] : holdings(each).takes) counters.used[counter] += count;
    return counters;
}

Context World::context_of(const EmailAddress* email, const std::vector<ResourceAccess>& named_resources) const {
    Context context{.now = now, .actor = actor, .actor_permissions = permissions, .unicode = &ascii};
    context.fresh = newcomer.uuid;
    if (email) context.email_claim = {claim_of(*email)};
    for (const auto& [_, each] : people)
        if (email && holdings(each).claims.contains(context.email_claim.claim())) context.holder = &each;
    for (const auto& [id, each] : requests)
        if (email && holdings(each).claims.contains(context.email_claim.request())) context.open_request = id;
    context.person_key = person_key;
    for (const auto& each : named_resources)
        if (auto found = resources.find(each.id); found != resources.end() && found->second.exists())
            context.resources[each.id] = &found->second;
    context.counters = counters();
    context.slug_taken = slug_taken;
    context.reassign_target_exists = reassign_target_exists;
    context.plain_targets = plain_targets;
    context.if_match = if_match;
    context.link_generation = link_generation;
    context.credential = kept;
    context.checked_credential = checked_credential;
    context.link_ends = link_ends;
    context.common_password = common_password;
    context.batch = batch;
    return context;
}

// ---- What comes of it.

Outcome::Outcome(World before, MemberId subject, Decided decided)
    : subject_(subject), after_(before), decided_(std::move(decided)) {
    if (!decided_) return;
    hold_against_the_writer(before);
    for (const auto& each : decided_->events) after_.happens(each.stream, each.event);
}

void Outcome::hold_against_the_writer(const World& before) const {
    INFO(shown());
    CHECK(decided_->good_before > before.now);
    World world = before;
    auto used_before = before.counters();
    for (const auto& each : decided_->events) {
        world.happens(each.stream, each.event);
        std::map<Claim, int> holders;
        for (const auto& [_, person] : world.people)
            for (const auto& claim : holdings(person).claims) CHECK(++holders[claim] == 1);
        for (const auto& [counter, used] : world.counters().used) {
            auto limit = before.workspace.limit_of(counter, before.now);
            if (limit && used > used_before.of(counter)) CHECK(used <= *limit);
        }
    }
    for (const auto& bound : decided_->bounds) CHECK(used_before.of(bound.counter) <= bound.most);
    auto admins = world.counters().of(Counter::active_admins());
    if (admins < used_before.of(Counter::active_admins())) CHECK(admins >= 1);
}

std::string Outcome::shown() const { return decided_ ? print(decided_->events) : print(decided_.error()); }

const Event* Outcome::event_of(std::string_view type) const {
    INFO(shown());
    REQUIRE(decided_.has_value());
    auto of_type = [&](const NewEvent& each) { return type_of(each.event) == type; };
    auto found = std::ranges::find_if(decided_->events, of_type);
    INFO("wanted: " << type);
    REQUIRE(found != decided_->events.end());
    return &found->event;
}

const Outcome& Outcome::expects(const std::vector<Event>& events) const {
    INFO(shown());
    REQUIRE(decided_.has_value());
    REQUIRE(decided_->events.size() == events.size());
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(print(decided_->events[i].event) == print(events[i]));
    return *this;
}

const Outcome& Outcome::then_types(std::initializer_list<std::string_view> types) const {
    INFO(shown());
    REQUIRE(decided_.has_value());
    std::vector<std::string_view> found;
    for (const auto& each : decided_->events) found.push_back(type_of(each.event));
    CHECK(found == std::vector<std::string_view>(types));
    return *this;
}

const Outcome& Outcome::nothing_happens() const { return expects({}); }

const Outcome& Outcome::good_before(Instant at) const {
    INFO(shown());
    REQUIRE(decided_.has_value());
    CHECK(decided_->good_before.text() == at.text());
    return *this;
}

const Outcome& Outcome::bounded(std::initializer_list<Bound> bounds) const {
    REQUIRE(decided_.has_value());
    CHECK(std::ranges::equal(decided_->bounds, bounds));
    return *this;
}

const Outcome& Outcome::refused(Code code) const {
    INFO(shown());
    REQUIRE_FALSE(decided_.has_value());
    CHECK(name_of(decided_.error().code) == name_of(code));
    CHECK_FALSE(decided_.error().detail.empty());
    return *this;
}

const Outcome& Outcome::with(std::string_view detail_name, const Detail& detail) const {
    INFO(shown());
    REQUIRE_FALSE(decided_.has_value());
    CHECK(std::ranges::count(decided_.error().details, Details::value_type{detail_name, detail}) == 1);
    return *this;
}

const Outcome& Outcome::faults(std::initializer_list<std::pair<std::string, Code>> wanted) const {
    refused(wanted.size() == 1 ? wanted.begin()->second : Code::validation_failed);
    INFO(shown());
    auto sorted = [](std::vector<std::string> lines) {
        std::ranges::sort(lines);
        return lines;
    };
    std::vector<std::string> found, expected;
    for (const auto& each : decided_.error().faults)
        found.push_back(each.pointer + " " + std::string(name_of(each.code)));
    for (const auto& [pointer, code] : wanted) expected.push_back(pointer + " " + std::string(name_of(code)));
    CHECK(sorted(found) == sorted(expected));
    return *this;
}

const Outcome& Outcome::leaves(Phase phase) const {
    INFO(shown());
    CHECK(name_of(person().phase) == name_of(phase));
    return *this;
}

const Outcome& Outcome::holds(const std::map<Counter, std::int64_t>& takes) const {
    INFO(shown());
    CHECK(print(Holdings{{}, holdings(person()).takes}) == print(Holdings{{}, takes}));
    return *this;
}

const Outcome& Outcome::used(const Counter& counter, std::int64_t count) const {
    INFO(shown());
    CHECK(after_.counters().of(counter) == count);
    return *this;
}

}  // namespace muster::spec
