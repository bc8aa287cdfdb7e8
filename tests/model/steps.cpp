#include "tests/model/steps.h"

#include <algorithm>
#include <ostream>

namespace muster::test {

const std::vector<std::pair<int, Do>>& weights() {
    static const std::vector<std::pair<int, Do>> all{{20, Do::invite},
                                                     {3, Do::batch},
                                                     {6, Do::edit},
                                                     {7, Do::resend},
                                                     {4, Do::revoke},
                                                     {12, Do::accept},
                                                     {5, Do::create},
                                                     {5, Do::provision},
                                                     {9, Do::change},
                                                     {5, Do::deactivate},
                                                     {5, Do::reactivate},
                                                     {5, Do::remove},
                                                     {2, Do::erase},
                                                     {6, Do::request},
                                                     {3, Do::approve},
                                                     {2, Do::dismiss},
                                                     {6, Do::plan},
                                                     {3, Do::settings},
                                                     {2, Do::define_role},
                                                     {1, Do::change_role},
                                                     {2, Do::remove_role},
                                                     {2, Do::remove_permission},
                                                     {2, Do::define_permission},
                                                     {2, Do::create_team},
                                                     {2, Do::delete_team},
                                                     {1, Do::register_resource},
                                                     {1, Do::remove_resource},
                                                     {12, Do::pass_time},
                                                     {1, Do::run_expiry},
                                                     {1, Do::restart},
                                                     {3, Do::follow}};
    return all;
}

void showValue(const Step& step, std::ostream& out) {
    out << "{" << static_cast<int>(step.what);
    auto last = std::ranges::find_if(step.rolls.rbegin(), step.rolls.rend(), [](int roll) { return roll != 0; });
    for (auto each = step.rolls.begin(); each != last.base(); ++each) out << " " << *each;
    out << "}";
}

int Asking::below(int n) { return at_ < step_.rolls.size() ? step_.rolls[at_++] % n : 0; }

std::string Asking::address() {
    static const std::vector<std::string> all{"ann@spring.example", "ben@spring.example", "cleo@spring.example",
                                              "dan@spring.example", "eve@autumn.example"};
    return any_of(all);
}

// Mostly somebody to whom it can be done; else anybody, of the other workspace too, or nobody.
MemberId Asking::somebody(const std::vector<State>& fitting) {
    auto odd = below(15);
    auto which = static_cast<std::size_t>(below(sides));
    if (odd == 14) return MemberId{fresh_()};
    if (odd == 13) return model_.places[1 - place_].people.front().id;
    std::vector<MemberId> found;  // the newest first
    for (const auto& each : place().people)
        if (odd > 9 || std::ranges::find(fitting, each.state) != fitting.end()) found.insert(found.begin(), each.id);
    if (found.empty()) return place().people.back().id;
    return found[which % found.size()];
}

namespace {

std::vector<State> fitting(Do what) {
    switch (what) {
        case Do::edit:
        case Do::accept:
            return {State::pending};
        case Do::resend:
        case Do::revoke:
            return {State::pending, State::expired};
        case Do::deactivate:
            return {State::active};
        case Do::reactivate:
            return {State::deactivated};
        default:
            return {State::active, State::deactivated};
    }
}

}  // namespace

Fields Asking::fields(bool newcomer) {
    using Texts = std::vector<std::string>;
    Fields made;
    auto wrong = below(40);  // rarely one thing that is not there
    if (newcomer || below(3) > 0) made.name = any_of(Texts{"Grace", "Linus", "Ann"});
    if (newcomer && one_in(5)) made.name.reset();
    auto licence = below(8);
    if (licence > 4) made.license = "pro";
    if (licence == 4) made.license = "basic";
    if (licence == 3 && !newcomer) made.license = "";
    auto role = below(8);
    if (role > 2) made.role = Texts{"member", "admin", "guest", "lead", "admin"}[static_cast<std::size_t>(role - 3)];
    if (role == 6 && !place().role_exists("lead")) made.role.reset();
    auto list = [&](int n, const std::vector<Texts>& all) -> std::optional<Texts> {
        auto roll = static_cast<std::size_t>(below(n));
        if (newcomer) return roll < all.size() ? all[roll] : Texts{};
        return roll > 0 && roll <= all.size() ? std::optional(all[roll - 1]) : std::nullopt;
    };
    bool may_add = licence > 4 || !newcomer;
    made.add_ons = list(may_add ? 4 : 60, {{}, {"coach"}});
    made.teams = list(8, {{}, {"red"}, {"red", "blue"}});
    made.permissions = list(9, {{}, {"crm"}, {"members.read"}, {"crm", "calls"}});
    auto there = [&](const std::vector<ThingOf>& things) {
        return [&](const std::string& name) { return !name.starts_with("m") && !place().find(things, name); };
    };
    if (made.teams) std::erase_if(*made.teams, there(place().teams));
    if (made.permissions) std::erase_if(*made.permissions, there(place().permissions));
    if (newcomer || below(5) == 1) made.resources.emplace();
    if (made.resources)
        for (const auto& each : place().resources)
            if (one_in(3) && (!each.gone || one_in(4))) made.resources->emplace_back(ResourceId{each.id}, one_in(2));
    if (wrong == 36 || wrong == 35) made.add_ons = Texts{"nope"};
    if (wrong == 37 || wrong == 35) made.teams = Texts{"nope"};
    if (wrong == 38) made.role = "nope";
    if (wrong == 39) made.license = "coach";
    return made;
}

PlanOf Asking::plan() {
    using Limit = std::optional<std::int64_t>;
    PlanOf plan = place().plan;
    plan.users = any_of(std::vector<Limit>{{}, 4, 3, 5, 2, 6, 8, 1});
    auto more = below(3);
    if (more == 0) return plan;
    plan.trial_ends.reset();
    if (one_in(4)) plan.trial_ends = model_.now + 86'400'000 * (1 + below(9));
    PoolOf pro{"pro", true, any_of(std::vector<Limit>{2, 1, 3, 0, {}}), {}, {}};
    PoolOf coach{"coach", false, any_of(std::vector<Limit>{1, 0, 2, {}}), {"pro"}, {}};
    if (one_in(3)) pro.permissions = {"crm"};
    auto odd = below(8);
    if (odd == 4) coach.goes_with = {};
    if (odd == 5) coach.goes_with = {"basic"};
    if (odd == 6) coach.base = true, coach.goes_with = {};
    plan.pools = {pro, {"basic", true, {}, {}, {}}};
    if (odd != 7) plan.pools.push_back(coach);
    if (one_in(10)) plan.pools.erase(plan.pools.begin());
    return plan;
}

SettingsOf Asking::settings() {
    auto made = place().settings;
    switch (below(9)) {
        case 0:
            made.requests = !made.requests;
            break;
        case 1:
            made.default_role = any_of(std::vector<std::string>{"member", "", "lead", "admin", "nope"});
            break;
        case 2:
            made.name_required = !made.name_required;
            break;
        case 3:
            made.teams = !made.teams;
            break;
        case 4:
            made.max_teams = made.max_teams ? std::nullopt : std::optional<std::int64_t>(1);
            break;
        case 5:
            made.own_domain_only = !made.own_domain_only;
            break;
        case 6:
            made.resend_limit = any_of(std::vector<std::optional<std::int64_t>>{3, 1, 0, {}});
            break;
        default:
            made.ttl = any_of(std::vector<std::int64_t>{7 * 86'400, 86'400, 3600});
    }
    return made;
}

// Often the very moment at which something ends, or just before; sometimes back.
std::int64_t Asking::time() {
    std::vector<std::int64_t> ends;
    for (const auto& each : place().people)
        if (each.state == State::pending && each.expires > model_.now) ends.push_back(each.expires);
    if (place().plan.trial_ends && *place().plan.trial_ends > model_.now) ends.push_back(*place().plan.trial_ends);
    std::ranges::sort(ends);
    constexpr std::int64_t hour = 3'600'000;
    auto how = below(10);
    if (!ends.empty() && how < 3) return any_of(ends);
    if (!ends.empty() && how < 5) return any_of(ends) - 2000;
    if (how == 5) return model_.now - any_of(std::vector<std::int64_t>{hour, 50 * hour});
    return model_.now + any_of(std::vector<std::int64_t>{hour, 24 * hour, 24 * hour - 2000, 8 * 24 * hour, 50 * hour});
}

void Asking::about_person(Ask& ask) {
    if (ask.what == Do::invite || ask.what == Do::create || ask.what == Do::provision || ask.what == Do::batch) {
        ask.email = address();
        ask.fields = fields(true);
    } else {
        ask.person = somebody(fitting(ask.what));
    }
    if (ask.what == Do::provision && !ask.fields.name) ask.fields.name = "Nina";
    if (ask.what == Do::edit || ask.what == Do::change) {
        ask.fields = fields(false);
        if (one_in(10)) ask.email = address();
    }
    const auto* person = place().person(ask.person);
    if (ask.what == Do::resend) ask.rotate = one_in(3);
    if (ask.what == Do::accept && person) ask.generation = person->generation;
    if (ask.what == Do::accept && ask.generation > 0 && one_in(3)) --ask.generation;
    if (ask.what == Do::accept && one_in(4)) ask.fields.name = "Nora";
    if (ask.what == Do::invite || ask.what == Do::resend)
        if (one_in(4)) ask.ttl = any_of(std::vector<std::int64_t>{3600, 86'400, 30 * 86'400, 60});
    if (ask.what == Do::remove) ask.confirmed = !one_in(5);
    if (ask.what == Do::remove && one_in(3)) ask.heir = somebody({State::active});
}

void Asking::about_place(Ask& ask) {
    using Texts = std::vector<std::string>;
    if (ask.what == Do::erase || ask.what == Do::request) ask.email = address();
    if (ask.what == Do::request && one_in(2)) ask.fields.name = "Olga";
    if (ask.what == Do::approve || ask.what == Do::dismiss) {
        const auto& wishes = place().wishes;
        auto back = static_cast<std::size_t>(below(3));
        bool none = wishes.size() <= back;
        ask.request = none ? RequestId{fresh_()} : wishes[wishes.size() - 1 - back].id;
        if (ask.what == Do::approve) ask.fields = fields(true);
    }
    if (ask.what == Do::plan) ask.plan = plan();
    if (ask.what == Do::settings) ask.settings = settings();
    if (ask.what == Do::define_role) ask.key = any_of(Texts{"lead", "lead", "guest"});
    if (ask.what == Do::change_role || ask.what == Do::remove_role) ask.key = any_of(Texts{"lead", "guest", "member"});
    if (ask.what == Do::remove_role && one_in(6)) ask.key = "admin";
    if (ask.what == Do::define_role || ask.what == Do::change_role)
        ask.permissions = any_of(std::vector<Texts>{{}, {"crm"}, {"members.read"}, {"nope"}});
    if (ask.what == Do::define_permission || ask.what == Do::remove_permission) ask.key = any_of(Texts{"crm", "calls"});
    if (ask.what == Do::create_team) ask.key = any_of(Texts{"red", "blue"});
    if (ask.what == Do::register_resource) ask.key = "robot";
    auto one_of = [&](const std::vector<ThingOf>& things) {
        return things.empty() ? fresh_() : things[static_cast<std::size_t>(below(sides)) % things.size()].id;
    };
    if (ask.what == Do::delete_team) ask.team = TeamId{one_of(place().teams)};
    if (ask.what == Do::remove_resource) ask.resource = ResourceId{one_of(place().resources)};
    if (ask.what == Do::pass_time) ask.to_time = time();
}

Ask Asking::ask() {
    Ask ask;
    ask.what = step_.what;
    ask.fresh = fresh_();
    place_ = ask.place = one_in(4) ? 1 : 0;
    bool by_member = one_in(5);
    auto dies = below(24);
    if (dies > 21) ask.dies = dies == 22 ? Dies::before_write : Dies::behind_write;
    ask.dry = one_in(10);
    bool keyed = one_in(7);
    ask.stale = one_in(20);
    switch (ask.what) {
        case Do::invite:
        case Do::edit:
        case Do::resend:
        case Do::revoke:
        case Do::accept:
        case Do::create:
        case Do::provision:
        case Do::change:
        case Do::deactivate:
        case Do::reactivate:
        case Do::remove:
        case Do::batch:
            about_person(ask);
            break;
        default:
            about_place(ask);
    }
    if (ask.what == Do::batch) {
        ask.all_or_nothing = one_in(3);
        for (int i = 2 + below(3); i > 0; --i) {
            Ask row = ask;
            row.what = Do::invite;
            row.fresh = fresh_();
            row.email = address();
            row.rows.clear();
            ask.rows.push_back(row);
        }
    }
    bool new_thing = ask.what == Do::invite || ask.what == Do::create || ask.what == Do::provision;
    if (new_thing || ask.what == Do::batch || ask.what == Do::accept || ask.what == Do::erase) ask.stale = false;
    if (by_member && ask.what != Do::accept && ask.what != Do::request) ask.by = somebody({State::active});
    if (ask.by && !place().person(*ask.by)) ask.by.reset();
    for (auto& row : ask.rows) row.by = ask.by;
    if (keyed && !ask.dry && ask.what != Do::batch) ask.repeat = any_of(std::vector<std::string>{"k1", "k2"});
    return ask;
}

}  // namespace muster::test
