// Who may what, and why: what a person's role, own permissions, licence and add-ons give, and which event gave it.
#include "domain/access.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const RoleKey lead{"lead"};
const PermissionKey insights{"revenue.insights"};

// A person's life, with the n-th event at position 10 n and so numbered.
class Lived {
public:
    template <class... Events>
    explicit Lived(const Events&... events) {
        (happens(events), ...);
        life = life_of(log_);
    }
    Life life;

private:
    void happens(const Event& event) {
        auto n = static_cast<std::uint8_t>(log_.size() + 1);
        log_.push_back(std::make_shared<Recorded>(Recorded{.meta = {n * 10ULL, n, monday, {ActorKind::operator_, {}}},
                                                           .stream = stream_of(grace),
                                                           .workspace = spring,
                                                           .id = numbered<EventId>(n),
                                                           .event = event}));
    }
    std::vector<RecordedPtr> log_;
};

GivenBy nth(std::uint8_t n) { return n * 10ULL; }

MemberInvited invitation_as(Assignment assignment) {
    return {grace_address, claim_of(grace_address), Profile{.name = "Grace"}, std::move(assignment), days(7), true, {}};
}
MemberCreated creation_as(Assignment assignment) {
    return {grace_address, claim_of(grace_address), Profile{.name = "Grace"}, std::move(assignment), true};
}
MemberChanged change(Assignment from, Assignment to) {
    return {Profile{.name = "Grace"}, Profile{.name = "Grace"}, std::move(from), std::move(to)};
}

// `lead` reads members; the licence gives the CRM, the add-on insights; recordings are a permission of their own.
Workspace workspace() {
    auto gold = base(organization, 5);
    gold.permissions = {crm};
    auto extra = add_on(coaching, 5, {organization});
    extra.permissions = {insights, crm};
    return given(with_permission(crm), with_permission(recordings), with_permission(insights),
                 with_role(lead, {PermissionKey{"members.read"}}), plan({.licenses = {gold, extra}}))
        .world.workspace;
}

Grant grant(const PermissionKey& key) { return {key, workspace().permissions.at(key).defined}; }

std::vector<std::string> kinds(const std::vector<Source>& sources) {
    std::vector<std::string> names;
    for (const auto& each : sources)
        names.push_back(std::string(name_of(each.kind)) + " " + each.key.value_or("(none)") +
                        (each.given ? " " + std::to_string(*each.given) : ""));
    return names;
}

Verdict asked(const Life& life, const PermissionKey& permission, Instant now = monday) {
    return check_access(workspace(), life, {.permission = permission}, now);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("each part of what a person is given names the last event that gave it") {
    Assignment guest_first{.role = guest, .license = organization};
    Assignment then_lead{.role = lead, .license = organization, .add_ons = {coaching}};
    Lived person(invitation_as(guest_first), InvitationAccepted{Profile{.name = "Grace"}, {}, false},
                 change(guest_first, then_lead));
    CHECK(person.life.role == nth(3));
    CHECK(person.life.license == nth(1));
    CHECK(person.life.add_ons == std::map<LicenseKey, GivenBy>{{coaching, nth(3)}});
    CHECK(person.life.membership.phase == Phase::active);
}

TEST_CASE("what was taken and given again names the second giving") {
    Assignment with{.role = plain, .add_ons = {coaching}, .permissions = {grant(crm)}, .resources = {{robot}}};
    Assignment without{.role = plain};
    Lived person(creation_as(with), change(with, without), change(without, with));
    CHECK(person.life.add_ons.at(coaching) == nth(3));
    CHECK(person.life.permissions.at(grant(crm)) == nth(3));
    CHECK(person.life.resources.at({robot}) == nth(3));
    CHECK(Lived(creation_as(with), change(with, without)).life.resources.empty());
}

TEST_CASE("reactivation takes what the plan no longer has, and the rest keeps its event") {
    Assignment with{.role = plain, .license = organization, .add_ons = {coaching}};
    Lived person(creation_as(with), MemberDeactivated{}, MemberReactivated{{coaching}});
    CHECK(person.life.add_ons.empty());
    CHECK(person.life.license == nth(1));
}

TEST_CASE("a permission names everything that gives it") {
    Lived person(creation_as({.role = lead,
                              .license = organization,
                              .add_ons = {coaching},
                              .permissions = {grant(crm), grant(recordings)}}));
    auto held = held_permissions(workspace(), person.life);
    std::map<std::string, Texts> shown;
    for (const auto& each : held) shown[each.key.value] = kinds(each.from);
    CHECK(shown == std::map<std::string, Texts>{
                       {"crm.access", {"own (none) 10", "license organization 10", "add_on coaching 10"}},
                       {"members.read", {"role lead 10"}},
                       {"recordings.view", {"own (none) 10"}},
                       {"revenue.insights", {"add_on coaching 10"}}});
}

TEST_CASE("what a role or a licence came to give later is given by the event that put it there [S0-31]") {
    const Workspace made = workspace();
    auto role = made.roles.at(lead).value;
    auto more = role;
    more.permissions.insert(recordings);
    auto without = made.plan.value;
    auto with = without;
    with.licenses.front().permissions.insert(insights);
    std::vector<RecordedPtr> events;
    auto happens = [&](std::uint8_t n, Event event) {
        events.push_back(std::make_shared<Recorded>(Recorded{.meta = {n, n, monday, {ActorKind::operator_, {}}},
                                                             .stream = stream_of(spring),
                                                             .workspace = spring,
                                                             .id = numbered<EventId>(n),
                                                             .event = std::move(event)}));
    };
    WorkspaceCreated created;
    created.plan = without;
    created.roles = {made.roles.at(admin).value};
    happens(1, created);
    for (const auto& [key, own] : made.permissions) happens(2, PermissionDefined{own.value});
    happens(3, RoleDefined{role});
    happens(15, RoleChanged{role, more});
    happens(16, PlanChanged{without, with});

    auto shown = [&](const Life& life) {
        Workspace now;
        for (const auto& event : events) evolve(now, *event);
        std::map<std::string, Texts> found;
        for (const auto& each : held_permissions(now, life)) found[each.key.value] = kinds(each.from);
        return found;
    };
    // Their invitation is event 10.
    CHECK(shown(Lived(creation_as({.role = lead, .license = organization})).life) ==
          std::map<std::string, Texts>{{"crm.access", {"license organization 10"}},
                                       {"members.read", {"role lead 10"}},
                                       {"recordings.view", {"role lead 15"}},
                                       {"revenue.insights", {"license organization 16"}}});
    // Who was given the role again, as event 20, has it all from then on.
    const Lived later(creation_as({.role = plain}), change({.role = plain}, {.role = lead}));
    CHECK(shown(later.life) ==
          std::map<std::string, Texts>{{"members.read", {"role lead 20"}}, {"recordings.view", {"role lead 20"}}});
    // Another name changes nothing of it; what was taken away and put back is given by who put it back.
    auto renamed = more;
    renamed.name = Name{"Chief"};
    happens(21, RoleChanged{more, renamed});
    happens(22, PlanChanged{with, without});
    happens(23, PlanChanged{without, with});
    happens(24, PermissionRemoved{made.permissions.at(recordings).value});
    happens(25, PermissionDefined{made.permissions.at(recordings).value});
    happens(26, RoleChanged{renamed, renamed});
    CHECK(shown(Lived(creation_as({.role = lead, .license = organization})).life) ==
          std::map<std::string, Texts>{{"crm.access", {"license organization 10"}},
                                       {"members.read", {"role lead 10"}},
                                       {"recordings.view", {"role lead 26"}},
                                       {"revenue.insights", {"license organization 23"}}});
    // Who remembered a role that was removed has what another of its key gives since that was made.
    happens(30, RoleRemoved{renamed});
    happens(31, RoleDefined{more});
    CHECK(shown(Lived(creation_as({.role = lead})).life) ==
          std::map<std::string, Texts>{{"members.read", {"role lead 31"}}, {"recordings.view", {"role lead 31"}}});
    // And an admin what is defined later since then.
    CHECK(shown(Lived(creation_as({.role = admin})).life).at("recordings.view") == Texts{"role admin 25"});
}

TEST_CASE("the permissions that are explained are those that are effective") {
    for (const auto& assignment :
         {Assignment{.role = admin}, Assignment{.role = plain}, Assignment{.role = lead, .license = organization},
          Assignment{.role = guest, .add_ons = {coaching}, .permissions = {{crm, 1}, grant(recordings)}},
          Assignment{.role = RoleKey{"gone"}, .license = LicenseKey{"gone"}}}) {
        std::set<std::string, std::less<>> explained;
        for (const auto& each : held_permissions(workspace(), Lived(creation_as(assignment)).life))
            explained.insert(each.key.value);
        CHECK(explained == effective_permissions(workspace(), assignment).keys);
    }
}

TEST_CASE("[S0-31] what is allowed says what gives it") {
    Lived person(creation_as({.role = lead, .license = organization, .add_ons = {coaching}}));
    auto verdict = asked(person.life, crm);
    CHECK(verdict.allowed);
    CHECK(verdict.because ==
          "Grace has crm.access by their licence Licence organization and their add-on Add-on coaching.");
    CHECK(kinds(verdict.sources) == Texts{"license organization 10", "add_on coaching 10"});
    CHECK(verdict.would_come_from.empty());
    CHECK(asked(Lived(creation_as({.role = plain, .permissions = {grant(crm)}})).life, crm).because ==
          "Grace has crm.access by a permission of their own.");
}

TEST_CASE("what is refused says what is missing, and what would give it") {
    auto verdict = asked(Lived(creation_as({.role = plain})).life, insights);
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.because ==
          "Grace does not have revenue.insights: neither their role Member nor a licence gives it, and it is not their "
          "own. The add-on Add-on coaching or the role Admin would.");
    CHECK(kinds(verdict.would_come_from) == Texts{"add_on coaching", "role admin"});
    auto licensed = asked(Lived(creation_as({.role = plain, .license = organization})).life, recordings);
    CHECK(licensed.because ==
          "Grace does not have recordings.view: neither their role Member nor their licence Licence organization gives "
          "it, and it is not their own. The role Admin would.");
}

TEST_CASE("a permission that was removed and defined again is not given by an old grant") {
    Lived person(creation_as({.role = plain, .permissions = {{crm, 1}}}));
    CHECK_FALSE(asked(person.life, crm).allowed);
}

TEST_CASE("[S2-13] a resource is seen by whom it is assigned to, and edited only where that was given") {
    auto world = given(with_resource(robot, "Reception"), with_resource(parrot, "Night line"));
    auto reception = world.world.resource(robot), night = world.world.resource(parrot);
    auto ask = [&](const Resource& resource, Access access, Access assigned) {
        Lived person(creation_as({.role = admin, .resources = {{robot, assigned}}}));
        return check_access(workspace(), person.life, {.resource = &resource, .access = access}, monday);
    };
    auto view = ask(reception, Access::view, Access::view);
    CHECK(view.allowed);
    CHECK(view.because == "Grace may view Reception: it is assigned to them for viewing.");
    CHECK(kinds(view.sources) == Texts{"own (none) 10"});
    CHECK(ask(reception, Access::view, Access::edit).allowed);
    CHECK(ask(reception, Access::edit, Access::edit).allowed);
    CHECK(ask(reception, Access::edit, Access::view).because ==
          "Grace may not edit Reception: it is assigned to them for viewing only.");
    // Not even an admin: only the assignment gives a resource.
    auto other = ask(night, Access::view, Access::edit);
    CHECK_FALSE(other.allowed);
    CHECK(other.because ==
          "Grace may not view Night line: it is not assigned to them, and no role or licence gives it.");
}

TEST_CASE("who is asked for a permission and a resource needs both") {
    auto reception = given(with_resource(robot, "Reception")).world.resource(robot);
    auto ask = [&](Assignment assignment) {
        return check_access(workspace(), Lived(creation_as(std::move(assignment))).life,
                            {.permission = crm, .resource = &reception}, monday);
    };
    CHECK(ask({.role = plain, .license = organization, .resources = {{robot}}}).allowed);
    CHECK_FALSE(ask({.role = plain, .resources = {{robot}}}).allowed);
    CHECK_FALSE(ask({.role = plain, .license = organization}).allowed);
    CHECK(ask({.role = plain, .license = organization, .resources = {{robot}}}).sources.size() == 2);
}

TEST_CASE("who is not active may nothing, because of the status") {
    Assignment all{.role = admin, .license = organization};
    auto because = [&](const Lived& person, Instant now = monday) {
        auto verdict = asked(person.life, crm, now);
        CHECK_FALSE(verdict.allowed);
        CHECK(verdict.sources.empty());
        return verdict.because;
    };
    CHECK(because(Lived(creation_as(all), MemberDeactivated{})) ==
          "Grace is deactivated: until they are reactivated they may do nothing here.");
    CHECK(because(Lived(invitation_as(all))) == "Grace is not in yet: the invitation is pending.");
    // Expired by the time that is asked at, whether or not anybody has recorded it [trap 4].
    CHECK(because(Lived(invitation_as(all)), moment(days(7))) ==
          "Grace is not in yet: the invitation has expired; send it again.");
    CHECK(because(Lived(invitation_as(all), InvitationRevoked{})) == "The invitation of Grace was revoked.");
    CHECK(because(Lived(creation_as(all), MemberDeleted{})) == "This person is no member here.");
    CHECK(asked(Lived(creation_as(all), MemberDeactivated{}, MemberReactivated{}).life, crm).allowed);
}

TEST_CASE("[S2-9, S2-10, S2-11] each permission of the workspace's own is given by itself") {
    const PermissionKey minutes{"minutes.view"};
    auto own = given(with_permission(crm), with_permission(minutes), with_permission(recordings)).world.workspace;
    for (const auto& one : {crm, minutes, recordings}) {
        Lived person(creation_as({.role = plain, .permissions = {{one, own.permissions.at(one).defined}}}));
        for (const auto& each : {crm, minutes, recordings})
            CHECK(check_access(own, person.life, {.permission = each}, monday).allowed == (each == one));
    }
}

}  // namespace muster::spec
