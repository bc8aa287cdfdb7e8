// Requests of many callers at once, about the same few people and the last seats of a workspace: what they were told
// is what they would have been told one after the other [N2 N3 N5 N10]. And the checker finds histories that are not
// so.
#include "tests/api/linearizable.h"

#include "api/tokens.h"
#include "tests/api/fixture.h"

#include <atomic>
#include <random>
#include <thread>

namespace muster::test {
namespace {

enum class Ask { invite, revoke, accept, deactivate, reactivate, look, count };

struct Asked {
    Ask what{};
    std::string about;  // an address to be invited; else an invitation's id
};

struct Said {
    std::string code;  // "done" or why not
    std::string told;  // the new invitation's id, its status, or the number of seats in use
};

enum class Is { pending, active, deactivated, revoked };

// A workspace, as naively as it can be said.
struct Seats {
    int limit = 0;
    std::map<std::string, Is> people;           // by invitation
    std::map<std::string, std::string> holder;  // the invitation of an address
    auto operator<=>(const Seats&) const = default;

    [[nodiscard]] int used() const {
        return static_cast<int>(std::ranges::count_if(
            people, [](const auto& each) { return each.second == Is::pending || each.second == Is::active; }));
    }
};

// What would be said, and what it makes of the workspace.
Said ask_naively(Seats& seats, const Asked& asked, const std::string& fresh) {
    if (asked.what == Ask::count) return {"done", std::to_string(seats.used())};
    if (asked.what == Ask::invite) {
        const auto held = seats.holder.find(asked.about);
        if (held != seats.holder.end()) {
            const auto is = seats.people.at(held->second);
            if (is == Is::pending) return {"already_invited", {}};
            if (is == Is::active) return {"already_member", {}};
            if (is == Is::deactivated) return {"member_deactivated", {}};
        }
        if (seats.used() >= seats.limit) return {"no_seats_remaining", {}};
        seats.people[fresh] = Is::pending;
        seats.holder[asked.about] = fresh;
        return {"done", fresh};
    }
    const auto found = seats.people.find(asked.about);
    if (found == seats.people.end()) return {"not_found", {}};
    auto& is = found->second;
    const bool member = is == Is::active || is == Is::deactivated;
    switch (asked.what) {
        case Ask::look:
            return {"done", is == Is::pending ? "pending" : is == Is::revoked ? "revoked" : "accepted"};
        case Ask::revoke:
            if (member) return {"invitation_accepted", {}};
            if (is == Is::revoked) return {"invitation_revoked", {}};
            is = Is::revoked;
            return {"done", {}};
        case Ask::accept:
            if (is == Is::revoked) return {"invitation_revoked", {}};
            if (is == Is::deactivated) return {"invitation_accepted", {}};
            is = Is::active;
            return {"done", {}};
        case Ask::deactivate:
            if (!member) return {"not_found", {}};
            is = Is::deactivated;
            return {"done", {}};
        default:
            if (!member) return {"not_found", {}};
            if (is == Is::deactivated && seats.used() >= seats.limit) return {"no_seats_remaining", {}};
            is = Is::active;
            return {"done", {}};
    }
}

bool apply(Seats& seats, const Asked& asked, const Said* said) {
    const auto would = ask_naively(seats, asked, said ? said->told : "nobody knows");
    return !said || (would.code == said->code && would.told == said->told);
}

using History = std::vector<Operation<Asked, Said>>;

std::string print(const History& history) {
    constexpr const char* verbs[] = {"invite", "revoke", "accept", "deactivate", "reactivate", "look at", "count"};
    std::string text;
    for (const auto& each : history)
        text += "  " + std::to_string(each.called) + " to " + std::to_string(each.answered) + ": " +
                verbs[static_cast<int>(each.asked.what)] + " " + each.asked.about + " -> " +
                (each.said ? each.said->code + " " + each.said->told : "?") + "\n";
    return text;
}

// ---- The system, asked.

constexpr int callers = 6, asked_by_each = 12, histories = 12;

struct Concurrent {
    explicit Concurrent(std::uint64_t from)
        : api(true,
              [](SystemOptions& options) {
                  for (auto& each : options.rates) each.count.reset();
              }),
          seed(from) {
        auto plan = api.put("/plan", R"({"user_limit":3,"licenses":[]})");  // ada has one of them
        REQUIRE(plan.status == 200);
    }

    Said ask(const Asked& asked) {
        switch (asked.what) {
            case Ask::invite: {
                auto answer = api.post("/invitations", R"({"email":")" + asked.about + R"(","send_email":false})");
                return {answer.status == 201 ? "done" : answer.code(), answer.status == 201 ? answer.text("/id") : ""};
            }
            case Ask::look: {
                auto answer = api.get("/invitations/" + asked.about);
                return {answer.status == 200 ? "done" : answer.code(), answer.text("/status")};
            }
            case Ask::count:
                return {"done", std::to_string(std::stoi(api.get("/seats").text("/users/used")) - 1)};
            case Ask::accept:
                return code_of(
                    api.post("/v1/invitations/accept",
                             R"({"token":")" + link_of(asked.about) + R"(","password":")" + Api::password + "\"}",
                             {{"Authorization", "nobody"}}));
            case Ask::revoke:
                return code_of(api.post("/invitations/" + asked.about + "/revoke"));
            case Ask::deactivate:
                return code_of(api.post("/members/" + same(asked.about, "mem") + "/deactivate"));
            default:
                return code_of(api.post("/members/" + same(asked.about, "mem") + "/reactivate"));
        }
    }

    // The link was in the mail: it is good or bad, but always there.
    std::string link_of(const std::string& invitation) {
        return link_token(*api.system->store().vault,
                          {*WorkspaceId::parse(api.spring), *InvitationId::parse(invitation), 0});
    }
    static Said code_of(const Answer& answer) { return {answer.status < 300 ? "done" : answer.code(), {}}; }

    // What one caller asks, mostly about who was invited last, and who is known to all by then.
    void call(int number) {
        std::mt19937_64 random(seed * 100 + static_cast<std::uint64_t>(number));
        for (int i = 0; i < asked_by_each; ++i) {
            Asked asked{static_cast<Ask>(random() % 7), {}};
            {
                const std::lock_guard lock(mutex);
                if (known.empty()) asked.what = Ask::invite;
                if (!known.empty())
                    asked.about = known[known.size() - 1 - random() % std::min<std::size_t>(3, known.size())];
            }
            if (asked.what == Ask::invite) asked.about = "p" + std::to_string(random() % 3) + "@spring.example";
            Operation<Asked, Said> operation{asked, {}, ++moment, 0};
            operation.said = ask(asked);
            operation.answered = ++moment;
            const std::lock_guard lock(mutex);
            if (asked.what == Ask::invite && operation.said->code == "done") known.push_back(operation.said->told);
            history.push_back(operation);
        }
    }

    History run() {
        std::vector<std::thread> threads;
        for (int i = 0; i < callers; ++i) threads.emplace_back([this, i] { call(i); });
        for (auto& each : threads) each.join();
        return history;
    }

    Api api;
    std::uint64_t seed;
    std::atomic<std::uint64_t> moment{0};
    std::mutex mutex;  // guards the rest
    std::vector<std::string> known;
    History history;
};

// Histories by hand, of a workspace with one seat.
Operation<Asked, Said> seen(std::uint64_t called, std::uint64_t answered, Ask what, const std::string& about,
                            const std::string& code, const std::string& told = {}) {
    return {{what, about}, Said{code, told}, called, answered};
}
Operation<Asked, Said> unanswered(std::uint64_t called, Ask what, const std::string& about) {
    return {{what, about}, {}, called};
}

bool possible(const History& history, int limit = 1) {
    return linearize(history, Seats{limit, {}, {}}, apply).has_value();
}

}  // namespace

TEST_CASE("what many callers are told at once, they would have been told one after the other [N2 N3 N5 N10]") {
    const char* given = std::getenv("MUSTER_RUNS");
    const auto runs = given ? std::strtoull(given, nullptr, 10) : histories;
    std::map<std::string, int> codes;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
        const auto history = Concurrent(seed).run();
        for (const auto& each : history) ++codes[each.said->code];
        INFO("seed " << seed << ", seats beside ada's: 2\n" << print(history));
        CHECK(possible(history, 2));
    }
    // The histories say something.
    for (const char* code : {"done", "no_seats_remaining", "invitation_revoked", "already_invited"}) {
        INFO(code);
        CHECK(codes[code] > 0);
    }
}

TEST_CASE("a history that could have been is found to be so") {
    CHECK(possible({}));
    CHECK(possible({seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 4, Ask::look, "1", "done", "pending")}));
    // Overlapping: either may have been first.
    CHECK(possible({seen(1, 4, Ask::invite, "a", "no_seats_remaining"), seen(2, 3, Ask::invite, "b", "done", "1")}));
    CHECK(possible({seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 6, Ask::revoke, "1", "done"),
                    seen(4, 5, Ask::look, "1", "done", "pending")}));
    CHECK(possible({seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 6, Ask::revoke, "1", "done"),
                    seen(4, 5, Ask::look, "1", "done", "revoked")}));
    // Nobody knows, so it may have been.
    CHECK(possible({seen(1, 2, Ask::invite, "a", "done", "1"), unanswered(3, Ask::revoke, "1"),
                    seen(4, 5, Ask::look, "1", "done", "pending"), seen(6, 7, Ask::look, "1", "done", "revoked")}));
}

TEST_CASE("planted histories that could never have been are found out") {
    const History planted[] = {
        // A lost invitation.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 4, Ask::look, "1", "not_found")},
        // An oversold seat.
        {seen(1, 4, Ask::invite, "a", "done", "1"), seen(2, 3, Ask::invite, "b", "done", "2")},
        // A read that is behind what its caller was told.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 4, Ask::revoke, "1", "done"),
         seen(5, 6, Ask::look, "1", "done", "pending")},
        // Two reads in the order in which nothing happened.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 8, Ask::revoke, "1", "done"),
         seen(4, 5, Ask::look, "1", "done", "revoked"), seen(6, 7, Ask::look, "1", "done", "pending")},
        // A revoked invitation that was accepted.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 6, Ask::revoke, "1", "done"),
         seen(4, 5, Ask::accept, "1", "done")},
        // Refused for want of a seat that nobody had.
        {seen(1, 2, Ask::invite, "a", "no_seats_remaining"), seen(3, 4, Ask::invite, "b", "done", "1")},
        // A revocation that nobody asked for.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 4, Ask::look, "1", "done", "revoked")},
        // An unanswered one does not undo itself.
        {seen(1, 2, Ask::invite, "a", "done", "1"), unanswered(3, Ask::revoke, "1"),
         seen(4, 5, Ask::look, "1", "done", "revoked"), seen(6, 7, Ask::look, "1", "done", "pending")},
        // One address twice.
        {seen(1, 2, Ask::invite, "a", "done", "1"), seen(3, 4, Ask::accept, "1", "done"),
         seen(5, 6, Ask::deactivate, "1", "done"), seen(7, 8, Ask::invite, "a", "done", "2")},
        // A seat that was counted before it was taken.
        {seen(1, 2, Ask::count, "", "done", "1"), seen(3, 4, Ask::invite, "a", "done", "1")},
    };
    for (const auto& history : planted) {
        INFO(print(history));
        CHECK_FALSE(possible(history));
    }
}

}  // namespace muster::test
