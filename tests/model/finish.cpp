// What is compared of people after each step, and of the log, the lists and the read models at the end.
#include "eventstore/fsck.h"
#include "projections/rebuild.h"
#include "projections/roster_query.h"
#include "tests/model/play.h"
#include "tests/model/rules.h"

#include <algorithm>

namespace muster::test {
namespace {

constexpr std::size_t all = 1000, all_events = 10'000;

std::string joined(const auto& texts) {
    std::string made;
    for (const auto& each : texts) made += each + ",";
    return made;
}

const char* word(State state) {
    constexpr const char* words[] = {"pending", "expired", "active", "deactivated", "revoked", "deleted"};
    return words[static_cast<int>(state)];
}

std::string sight(const PlaceOf& place, const PersonOf& person) {
    std::set<std::string> teams, permissions, resources;
    for (const auto& each : place.teams)
        if (!each.gone && person.given.teams.contains(each.number)) teams.insert(each.name);
    for (const auto& each : place.permissions)
        if (!each.gone && person.given.permissions.contains({each.name, each.number})) permissions.insert(each.name);
    for (const auto& [key, number] : person.given.permissions)
        if (number == 0) permissions.insert(key);
    for (const auto& each : place.resources)
        if (person.given.resources.contains(each.number))
            resources.insert(ResourceId{each.id}.text() + (person.given.resources.at(each.number) ? " edit" : " view"));
    auto made = person.id.text() + " " + word(person.state) + " " + (person.erased ? "-" : person.email) + " " +
                (person.erased ? "-" : person.name) + " " + person.given.role + " " + person.given.license + " +" +
                joined(person.given.add_ons) + " in " + joined(teams) + " may " + joined(permissions) + " of " +
                joined(resources);
    made += " so may " + joined(powers(place, person.given));
    if (person.invited && !person.member())
        made += " until " + std::to_string(person.expires) + " link " + std::to_string(person.generation) + " sent " +
                std::to_string(person.resent);
    return made;
}

std::string sight(const Workspace& workspace, const Membership& person) {
    std::set<std::string> teams, permissions, resources, add_ons;
    const auto& given = person.assignment;
    for (const auto& each : given.teams)
        if (workspace.teams.contains(each)) teams.insert(workspace.teams.at(each).value.name.value);
    for (const auto& each : given.permissions) {
        auto own = workspace.permissions.find(each.key);
        bool alive = own == workspace.permissions.end() ? each.defined == 0 : own->second.defined == each.defined;
        if (alive) permissions.insert(each.key.value);
    }
    for (const auto& each : given.resources)
        resources.insert(each.id.text() + (each.access == Access::edit ? " edit" : " view"));
    for (const auto& each : given.add_ons) add_ons.insert(each.value);
    constexpr const char* words[] = {"none", "pending", "expired", "revoked", "active", "deactivated", "deleted"};
    const auto* email = person.email.if_known();
    const auto* profile = person.profile.if_known();
    auto made = person.id.text() + " " + words[static_cast<int>(person.phase)] + " " + (email ? email->text() : "-") +
                " " + (profile ? profile->name : "-") + " " + given.role.value + " " +
                (given.license ? given.license->value : "") + " +" + joined(add_ons) + " in " + joined(teams) +
                " may " + joined(permissions) + " of " + joined(resources);
    made += " so may " + joined(effective_permissions(workspace, given).keys);
    if (person.invited && !person.member())
        made += " until " + std::to_string(person.expires_at.ms) + " link " + std::to_string(person.link_generation) +
                " sent " + std::to_string(person.resent_count);
    return made;
}

}  // namespace

void Play::compare_people() {
    for (std::size_t i = 0; i < workspaces_.size(); ++i) {
        auto workspace = world_.directory->workspace(workspaces_[i]);
        for (const auto& each : model_.places[i].people) {
            auto is = sight(*workspace, *world_.directory->membership(workspace->id, each.id));
            auto expected = sight(model_.places[i], each);
            must(is == expected, "the program has\n    " + is + "\n  the model\n    " + expected);
            auto may = world_.execute->permissions_of(*workspace, {ActorKind::member, each.id.uuid});
            bool nothing = !may.everything && may.keys.empty();
            must(each.state == State::active || nothing, "somebody may something who is not active [N5]");
        }
    }
}

// The read models as they are served, followed in as many pieces as it comes.
void Play::follow(View& view) {
    while (view.position < world_.log->head()) {
        muster::Rows rows(*view.table);
        for (const auto& event : world_.history->after(view.position, 1000)) {
            view.projection->on(*event, rows);
            view.position = event->meta.position;
        }
        view.table->write(rows.take(), Sync::no);
    }
}

const Table& Play::table(const Projection& projection) const {
    return *std::ranges::find(views_, &projection, &View::projection)->table;
}

// What was written is read, wherever a reader stood before [N6 N10].
void Play::compare_views() {
    for (auto workspace : workspaces_) world_.execute->expire_due(workspace);
    take_in_events({});
    for (auto& each : views_) follow(each);
    for (std::size_t i = 0; i < workspaces_.size(); ++i) {
        compare_lists(i, table(roster_));
        compare_seats(i, table(seats_));
        compare_wishes(i, table(requests_));
        auto entries = audit::find(table(audit_), {workspaces_[i], {}, {}, {}, {}, {}, {}, all_events}).positions;
        std::ranges::reverse(entries);
        must(entries == world_.log->positions(workspaces_[i], 0, all_events), "the audit has a gap [N6]");
    }
}

// Neither an address nor a password stands anywhere in clear [N7].
void Play::look_for_secrets() const {
    auto look = [&](const Table& rows, std::size_t families) {
        for (std::size_t family = 0; family < families; ++family)
            for (auto row = rows.scan(static_cast<Family>(family), {}); row->valid(); row->next())
                for (const char* secret : {"@spring.example", "@autumn.example", "old engine room"})
                    must(!row->key().contains(secret) && !row->value().contains(secret),
                         std::string(secret) + " stands in the log or the vault [N7]");
    };
    look(*world_.table, log_families);
    look(*world_.vault_table, vault_families);
}

void Play::finish() {
    compare_views();
    for (auto& each : views_) {
        View anew{each.projection};
        follow(anew);
        auto difference = first_difference(*each.table, *anew.table);
        must(!difference, std::string(each.projection->name()) +
                              " made anew is another one [N11]: " + (difference ? difference->text() : ""));
    }
    look_for_secrets();
    world_.close();
    auto mark = world_.anchor->read();
    auto report = fsck(*world_.table->snapshot(), mark ? &*mark : nullptr);
    must(report.clean(), "fsck: " + (report.findings.empty() ? "" : report.findings.front().text()));
    must(report.events == world_.heard.size(), "fsck read another number of events");
}

void Play::compare_lists(std::size_t i, const Reading& view) {
    auto workspace = world_.directory->workspace(workspaces_[i]);
    std::set<std::string> is, expected;
    roster::MemberFilter members;
    members.paging.limit = all;
    for (const auto& each : roster::members(view, workspace->id, members).items) is.insert(sight(*workspace, each));
    roster::InvitationFilter invitations;
    invitations.paging.limit = all;
    for (const auto& each : roster::invitations(view, workspace->id, invitations).items)
        is.insert(sight(*workspace, each));
    for (const auto& each : model_.places[i].people)
        if (each.state != State::revoked && each.state != State::deleted)
            expected.insert(sight(model_.places[i], each));
    for (const auto& each : expected) must(is.contains(each), "the lists lack " + each);
    for (const auto& each : is) must(expected.contains(each), "the lists have, wrongly, " + each);

    invitations.statuses = {roster::InvitationStatus::revoked};
    auto revoked = roster::invitations(view, workspace->id, invitations).items.size();
    auto gone = std::ranges::count(model_.places[i].people, State::revoked, &PersonOf::state);
    must(std::cmp_equal(revoked, gone), "the list of revoked invitations is another one");
}

void Play::compare_seats(std::size_t i, const Reading& view) {
    seats::Use expected;
    for (const auto& each : model_.places[i].people) {
        if (each.state != State::active && each.state != State::pending) continue;
        auto hold = [&](const std::string& pool) {
            ++(each.state == State::active ? expected[pool].active : expected[pool].pending);
        };
        hold("users");
        if (!each.given.license.empty()) hold(each.given.license);
        for (const auto& add_on : each.given.add_ons) hold(add_on);
    }
    must(seats::use(view, workspaces_[i]) == expected, "the seats that are shown are not those that are held [N3]");
}

void Play::compare_wishes(std::size_t i, const Reading& view) {
    const auto& place = model_.places[i];
    const std::pair<RequestPhase, WishOf::Is> phases[] = {{RequestPhase::open, WishOf::open},
                                                          {RequestPhase::approved, WishOf::approved},
                                                          {RequestPhase::dismissed, WishOf::dismissed}};
    for (auto [phase, is] : phases) {
        std::vector<RequestId> expected;
        for (const auto& each : place.wishes)
            if (each.is == is) expected.insert(expected.begin(), each.id);
        must(requests::newest(view, workspaces_[i], {phase}, {}, all) == expected, "the requests are other ones");
    }
    for (const auto& each : place.wishes) {
        auto request = world_.directory->request(workspaces_[i], each.id);
        const auto* email = request->email.if_known();
        must((email ? email->text() : "-") == (each.erased ? "-" : each.email), "a request is of somebody else");
    }
}

}  // namespace muster::test
