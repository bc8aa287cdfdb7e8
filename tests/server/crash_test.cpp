// kill -9 under load: clients write down every 2xx, the server is killed at a random moment and started again on the
// same directory. Nothing that was acknowledged is lost (N1), nothing is applied twice (N2), no seat is oversold (N3),
// the history has no gap (N6), and read models made anew are equal to the live ones (N11).
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace muster::server {
namespace {

constexpr int clients = 8;
constexpr int rounds_default = 20;
constexpr long seat_limit = 60;  // few enough that clients meet it
const std::string spring = "/v1/workspaces/spring";

int rounds() {
    const char* given = std::getenv("MUSTER_ROUNDS");
    return given ? std::stoi(given) : rounds_default;
}

struct Request {
    std::string target;
    std::string body;
    std::string key;
};

struct Acknowledged {
    Request request;
    Answer answer;
};

// What one client knows; `pending` goes on from round to round.
struct Notes {
    std::vector<std::string> pending;  // ids of its invitations
    std::vector<Acknowledged> acknowledged;
    std::vector<Request> unknown;         // the connection was lost before an answer
    std::vector<std::string> unexpected;  // answers that are neither 2xx nor a lack of seats
};

Answer send(Client& client, const Request& request) {
    return client.post(request.target, request.body, {{"Idempotency-Key", request.key}});
}

void note_pending(std::vector<std::string>& pending, const Request& request, const Answer& answer) {
    if (request.target.ends_with("/revoke"))
        std::erase(pending, answer.first("id"));
    else if (!request.target.ends_with("/resend"))
        pending.push_back(answer.first("id"));
}

// Invites until there is no seat, then revokes, resends now and then, until the server is gone.
Notes work(const Served& server, int round, int number, std::vector<std::string> pending) {
    Notes notes{std::move(pending), {}, {}, {}};
    auto& mine = notes.pending;
    Client client(server.port(), server.operator_key());
    bool full = false;
    Request request;
    try {
        for (int n = 0;; ++n) {
            auto name = std::to_string(round) + "." + std::to_string(number) + "." + std::to_string(n);
            auto invitations = spring + "/invitations";
            bool revokes = full && !mine.empty(), resends = !revokes && n % 7 == 6 && !mine.empty();
            if (revokes)
                request = {invitations + "/" + mine.back() + "/revoke", "{}", "revoke-" + name};
            else if (resends)
                request = {invitations + "/" + mine.front() + "/resend", "{}", "resend-" + name};
            else
                request = {invitations,
                           R"({"email":"p)" + name + R"(@crash.example","license":"organization","send_email":false})",
                           "invite-" + name};
            auto answer = send(client, request);
            bool no_seat = answer.first("code") == "no_seats_remaining", tired = answer.first("code") == "rate_limited";
            if (answer.status >= 200 && answer.status < 300) {
                notes.acknowledged.push_back({request, answer});
                note_pending(mine, request, answer);
            } else if (!no_seat && !tired) {
                notes.unexpected.push_back(answer.body);
            }
            full = no_seat;
        }
    } catch (const Lost&) {
        notes.unknown.push_back(request);
    }
    return notes;
}

struct Happened {
    std::string type;
    std::string target;
};

std::string between(const std::string& text, const std::string& begin, std::size_t from) {
    auto at = text.find(begin, from) + begin.size();
    return text.substr(at, text.find_first_of("\",", at) - at);
}

// The audit of all that happened after a position.
std::map<long, Happened> audit_after(Client& client, long after) {
    std::map<long, Happened> found;
    std::string cursor;
    bool more = true;
    while (more) {
        auto page = client.get(spring + "/audit?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor));
        if (page.status == 503) continue;  // a read model that has just started catches up: again
        REQUIRE(page.status == 200);
        const auto& text = page.body;
        for (auto at = text.find("{\"id\":\"evt_"); at != std::string::npos; at = text.find("{\"id\":\"evt_", at + 1)) {
            auto position = std::stol(between(text, "\"position\":", at));
            if (position <= after) return found;
            auto target = text.find("\"target\":", at);
            found[position] = {between(text, "\"type\":\"", at), between(text, "\"id\":\"", target)};
        }
        cursor = between(text, "\"next_cursor\":\"", 0);
        more = text.contains("\"next_cursor\":\"");
    }
    return found;
}

// What every round adds to: the history as the audit told it.
struct History {
    long head = 0;
    long used = 0;
    std::set<std::string> invited;

    void add(const std::map<long, Happened>& happened) {
        for (const auto& [position, each] : happened) {
            INFO("position " << position);
            CHECK(position == head + 1);
            head = position;
            if (each.type == "member_invited") {
                CHECK(invited.insert(each.target).second);
                ++used;
            }
            if (each.type == "invitation_revoked") --used;
            CHECK(used <= seat_limit);
        }
    }
};

const char* type_of(const Request& request) {
    if (request.target.ends_with("/revoke")) return "invitation_revoked";
    return request.target.ends_with("/resend") ? "invitation_resent" : "member_invited";
}

void check_acknowledged(Client& client, const std::vector<Notes>& all, const std::map<long, Happened>& happened) {
    for (const auto& notes : all) {
        for (const auto& each : notes.unexpected) FAIL_CHECK(each);
        for (const auto& [request, answer] : notes.acknowledged) {
            INFO(request.key << " was answered with " << answer.body);
            auto found = happened.find(std::stol(answer.header("muster-position")));
            REQUIRE(found != happened.end());
            CHECK(found->second.type == type_of(request));
            CHECK(found->second.target == answer.first("id"));
            auto again = send(client, request);
            CHECK(again.status == answer.status);
            CHECK(again.body == answer.body);
            CHECK(again.header("muster-position") == answer.header("muster-position"));
            CHECK(again.header("idempotency-replayed") == "true");
        }
    }
}

// Whatever became of them, asking again settles it, and a third time says the same.
void settle_unknown(Client& client, std::vector<Notes>& all) {
    for (auto& notes : all)
        for (const auto& request : notes.unknown) {
            auto settled = send(client, request);
            INFO(request.key << ": " << settled.body);
            if (settled.status >= 300) {
                CHECK((settled.status == 409 || settled.status == 429));
                continue;
            }
            CHECK(send(client, request).body == settled.body);
            note_pending(notes.pending, request, settled);
        }
}

void check_at_rest(const std::string& data) {
    for (const Arguments& command :
         {Arguments{"fsck"}, Arguments{"audit", "verify"}, Arguments{"projections", "verify"}}) {
        Arguments whole{muster_program()};
        whole.insert(whole.end(), command.begin(), command.end());
        whole.insert(whole.end(), {"--data", data});
        auto checked = finish(whole);
        INFO(command.front() << ": " << checked.out << checked.err);
        CHECK(checked.exit_code == 0);
    }
}

void load_until_killed(Served& server, int round, std::chrono::milliseconds time, std::vector<Notes>& all) {
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&, i, &notes = all[static_cast<std::size_t>(i)]] {
            notes = work(server, round, i, std::move(notes.pending));
        });
    std::this_thread::sleep_for(time);
    server.kill();
    for (auto& each : threads) each.join();
}

}  // namespace

TEST_CASE("kill -9 under load loses nothing and doubles nothing, N1 N2 N3 N6 N11") {
    Scratch scratch;
    auto data = scratch / "data";
    const Arguments more{"--public-url", "http://muster.example"};
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(100, 500);
    auto server = std::make_unique<Served>(data, more);
    {
        Client admin(server->port(), server->operator_key());
        REQUIRE(admin
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        auto licenses = R"([{"key":"organization","name":"Organization","kind":"base","seats":)" +
                        std::to_string(seat_limit) + "}]";
        REQUIRE(admin.put(spring + "/plan", R"({"licenses":)" + licenses + "}").status == 200);
    }
    History history;
    std::size_t acknowledged = 0;
    std::vector<Notes> all(clients);
    for (int round = 0; round < rounds(); ++round) {
        INFO("round " << round);
        load_until_killed(*server, round, std::chrono::milliseconds(moment(random)), all);
        server = std::make_unique<Served>(data, more);
        Client client(server->port(), server->operator_key());
        auto happened = audit_after(client, history.head);
        check_acknowledged(client, all, happened);
        settle_unknown(client, all);
        history.add(audit_after(client, history.head));
        auto proof = client.get(spring + "/audit/verify");
        CHECK(proof.first("intact") == "true");
        // What became of a mail may be written down while this asks.
        const auto proven = std::stol(proof.first("events"));
        CHECK(proven >= history.head);
        history.add(audit_after(client, history.head));
        CHECK(proven <= history.head);
        auto seats = client.get(spring + "/seats").body;
        CHECK(Answer{200, {}, seats.substr(seats.find("\"licenses\""))}.first("used") == std::to_string(history.used));
        for (const auto& notes : all) acknowledged += notes.acknowledged.size();
    }
    WARN(acknowledged << " commands were acknowledged in " << rounds() << " rounds, in " << history.head << " events");
    CHECK(acknowledged > 0);
    CHECK(server->stop() == 0);
    check_at_rest(data);
}

}  // namespace muster::server
