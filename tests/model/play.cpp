#include "tests/model/play.h"

#include "tests/model/requests_of.h"

#include <algorithm>

namespace muster::test {

namespace {

const std::vector<std::string> pools{"users", "pro", "basic", "coach"};
const std::vector<std::string> role_keys{"admin", "member", "guest", "lead"};

Counter counter_of(const std::string& pool) { return pool == "users" ? Counter::users() : Counter::license(pool); }

std::int64_t number(const Refusal& refusal, const std::string& name) {
    for (const auto& [key, value] : refusal.details)
        if (key == name) return std::get<std::int64_t>(value);
    return -1;
}

Answer answer_of(const Refusal& refusal) {
    Answer answer{std::string(name_of(refusal.code)), {}, 0, 0, {}};
    if (answer.code != "no_seats_remaining" && answer.code != "seats_in_use") return answer;
    for (const auto& [key, value] : refusal.details)
        if (key == "pool") answer.pool = std::get<std::string>(value);
    answer.limit = number(refusal, "limit");
    answer.used = number(refusal, "used");
    if (number(refusal, "remaining") != std::max<std::int64_t>(0, answer.limit - answer.used))
        throw Disagreement("`remaining` is not max(0, limit - used)");
    return answer;
}

std::string text(const Answer& answer) {
    auto said = answer.code;
    if (!answer.pool.empty())
        said += " " + answer.pool + " " + std::to_string(answer.used) + " of " + std::to_string(answer.limit);
    for (const auto& row : answer.rows) said += ", " + row;
    return said;
}

}  // namespace

std::map<std::string, int>& Play::answers() {
    static std::map<std::string, int> all;
    return all;
}

// Two workspaces, each with an admin and a plan.
Play::Play() {
    for (const Projection* each : std::initializer_list<const Projection*>{&roster_, &seats_, &audit_, &requests_})
        views_.push_back({each});
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string slug = i == 0 ? "spring" : "autumn";
        workspaces_.push_back(world_.workspace(slug));
        PersonOf ada;
        ada.email = "ada@" + slug + ".example";
        ada.id =
            world_.directory->holder(workspaces_[i], world_.execute->claim_of(workspaces_[i], spec::address(ada.email)))
                ->id;
        ada.name = "Ada";
        ada.state = State::active;
        ada.given.role = "admin";
        ada.joined = true;
        model_.places[i].people.push_back(ada);
        model_.places[i].kept.insert(ada.email);
        model_.places[i].roles[0].permissions = {};
        Ask plan;
        plan.what = Do::plan;
        plan.place = i;
        plan.plan = {4, {}, {{"pro", true, 2, {}, {}}, {"basic", true, {}, {}, {}}, {"coach", false, 1, {"pro"}, {}}}};
        ask(plan);
        Ask settings;
        settings.what = Do::settings;
        settings.place = i;
        settings.settings.requests = true;
        ask(settings);
        for (const char* name : {"red", "robot"}) {
            Ask thing;
            thing.what = name[1] == 'e' ? Do::create_team : Do::register_resource;
            thing.place = i;
            thing.key = name;
            thing.fresh = world_.execute->fresh();
            ask(thing);
        }
    }
    transcript_.clear();
}

void Play::step(const Step& step) {
    model_.now = std::max(world_.clock.ms.load(), world_.heard.back()->meta.at.ms);
    auto asked = Asking(model_, step, [this] { return world_.execute->fresh(); }).ask();
    ask(asked);
}

void Play::ask(const Ask& ask) {
    model_.now = std::max(world_.clock.ms.load(), world_.heard.back()->meta.at.ms);
    transcript_ += "  " + text(ask);
    std::vector<Counts> before{counts(0), counts(1)};
    auto head = world_.log->head();
    switch (ask.what) {
        case Do::pass_time:
            world_.clock.ms = ask.to_time;
            transcript_ += " -> " + world_.clock.now().text() + "\n";
            return;
        case Do::run_expiry:
            world_.execute->expire_due(workspaces_[ask.place]);
            take_in_events(ask);
            break;
        case Do::restart:
            restart();
            break;
        case Do::follow:
            compare_views();
            break;
        default: {
            if (ask.dies != Dies::not_at_all) {
                die_at(ask);
                complete_erasing();
                break;
            }
            auto said = ask.what == Do::batch ? run_batch(ask) : run(ask);
            transcript_ += " -> " + text(said);
            ++answers()[said.code];
            take_in_events(ask);
            auto expected = model_.ask(ask);
            compare(said, expected);
            // A refusal and a dry run leave nothing behind, but expiries that were due.
            bool quiet = ask.dry || !said.done();
            for (auto i = head; quiet && i < world_.heard.size(); ++i)
                must(std::holds_alternative<InvitationExpired>(world_.heard[i]->event), "it left an event");
            must(!ask.dry || world_.log->head() == head, "a dry run left an event");
            complete_erasing();
        }
    }
    transcript_ += "\n";
    compare_counts(before);
    compare_people();
}

Answer Play::run(const Ask& ask) {
    auto result = world_.run(command_of(world_, workspaces_[ask.place], ask));
    return result ? Answer{} : answer_of(result.error());
}

Answer Play::run_batch(const Ask& ask) {
    auto outcome = world_.execute->run_batch(batch_of(world_, workspaces_[ask.place], ask));
    if (!outcome) return answer_of(outcome.error());
    Answer answer;
    for (const auto& row : outcome->rows) answer.rows.push_back(row.row ? "done" : answer_of(row.row.error()).code);
    return answer;
}

// Expiries are recorded whenever the program comes to it: here it is only judged whether they are due. And no event may
// say that somebody accepted who could not [N4].
void Play::take_in_events(const Ask& ask) {
    for (; seen_ < world_.heard.size(); ++seen_) {
        const auto& event = *world_.heard[seen_];
        if (event.stream.kind != StreamKind::membership) continue;
        PersonOf* person = nullptr;
        for (auto& place : model_.places)
            if (auto* found = place.person(MemberId{event.stream.id})) person = found;
        if (std::holds_alternative<InvitationExpired>(event.event)) {
            must(person && person->due(event.meta.at.ms), "an invitation expired that was not due");
            person->state = State::expired;
        }
        if (!std::holds_alternative<InvitationAccepted>(event.event)) continue;
        must(person && person->waits(event.meta.at.ms), "an invitation was accepted that did not wait [N4]");
        must(person->generation == ask.generation, "an invitation was accepted by a link that was superseded [N4]");
    }
}

// As the program does behind each deletion: the keys are destroyed.
void Play::complete_erasing() {
    for (; erased_ < world_.heard.size(); ++erased_) {
        auto event = world_.heard[erased_];
        if (std::holds_alternative<MemberDeleted>(event->event))
            world_.eraser->erase(event->workspace, MemberId{event->stream.id});
        if (std::holds_alternative<PersonErased>(event->event))
            world_.eraser->erase_person(event->workspace, event->stream.id);
    }
}

void Play::compare(const Answer& said, const Answer& expected) {
    bool same = said.code == expected.code && said.rows == expected.rows;
    if (!expected.pool.empty() || !said.pool.empty())
        same = same && said.pool == expected.pool && said.limit == expected.limit && said.used == expected.used;
    must(same, "the program says `" + text(said) + "`, the model `" + text(expected) + "`");
}

Play::Counts Play::counts(std::size_t place) const {
    Counts all;
    if (place >= workspaces_.size()) return all;
    auto counters = world_.log->counters(workspaces_[place]);
    for (const auto& each : pools) all[each] = counters->of(counter_of(each));
    for (const auto& each : role_keys) all["role:" + each] = counters->of(Counter::role(each));
    all["active_admins"] = counters->of(Counter::active_admins());
    return all;
}

void Play::compare_counts(const std::vector<Counts>& before) {
    for (std::size_t i = 0; i < workspaces_.size(); ++i) {
        auto now = counts(i);
        const auto& place = model_.places[i];
        auto same = [&](const std::string& name, std::int64_t expected) {
            must(now[name] == expected, "the log counts " + std::to_string(now[name]) + " of `" + name +
                                            "`, the model " + std::to_string(expected) + " [N3]");
        };
        for (const auto& pool : pools) {
            same(pool, used(place, pool, model_.now, true));
            auto limit = limit_of(place, pool, model_.now);
            bool took = before[i].contains(pool) && now[pool] > before[i].at(pool);
            must(!took || !limit || now[pool] <= *limit, "a seat of `" + pool + "` was oversold [N3]");
        }
        for (const auto& role : role_keys) same("role:" + role, of_role(place, role));
        same("active_admins", active_admins(place));
        must(now["active_admins"] >= 1, "no active admin is left [N9]");
    }
}

}  // namespace muster::test
