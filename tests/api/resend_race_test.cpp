// Expired invitations that are sent again at once, where seats are short: here, because the clock is moved by hand.
#include "tests/api/fixture.h"

#include <barrier>
#include <thread>

namespace muster::test {
namespace {

std::vector<Answer> all_at_once(Api& api, const Words& paths) {
    std::vector<Answer> answers(paths.size());
    std::vector<std::thread> threads;
    std::barrier start(static_cast<std::ptrdiff_t>(paths.size()));
    for (std::size_t i = 0; i < paths.size(); ++i)
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            answers[i] = api.post(paths[i]);
        });
    for (auto& each : threads) each.join();
    return answers;
}

}  // namespace

TEST_CASE("of many expired invitations that are sent again, one gets the seat, N3 [trap 1, trap 4]") {
    Api api;
    constexpr int invited = 32;
    api.licenses(invited);
    Words ids, resends;
    for (int i = 0; i < invited; ++i) {
        ids.push_back(api.invite("p" + std::to_string(i) + "@spring.example", R"("license":"organization")"));
        resends.push_back("/invitations/" + ids.back() + "/resend");
    }
    // Nothing has expired them but time: the seats are counted by the clock when each is decided.
    api.clock.advance(7 * day);
    api.licenses(1);
    int winners = 0;
    for (const auto& each : all_at_once(api, resends)) {
        if (each.status == 200) {
            ++winners;
            CHECK(each.text("/status") == "pending");
            continue;
        }
        CHECK(refusal(each) == "409 no_seats_remaining");
        CHECK(each.text("/pool") == "organization");
    }
    CHECK(winners == 1);
    auto seats = api.get("/seats");
    CHECK(seats.number("/licenses/1/used") == 1);
    CHECK(seats.number("/licenses/1/over") == 0);
    CHECK(api.get("/invitations?status=pending&limit=1000").size("/items") == 1);
    CHECK(api.get("/invitations?status=expired&limit=1000").size("/items") == invited - 1);
}

TEST_CASE("a plan is lowered to the seats that are in use now, whatever time has just freed [trap 4, S3-5]") {
    Api api;
    api.licenses(3);
    for (const char* email : {"a@spring.example", "b@spring.example"}) api.invite(email, R"("license":"organization")");
    api.member("c@spring.example", R"("license":"organization")");
    auto plan = [](int seats) {
        return R"({"licenses":[{"key":"organization","name":"O","kind":"base","seats":)" + std::to_string(seats) +
               "}]}";
    };
    CHECK(refusal(api.put("/plan", plan(1))) == "409 seats_in_use");
    api.clock.advance(7 * day);
    CHECK(api.put("/plan?dry_run=true", plan(1)).status == 200);
    CHECK(refusal(api.put("/plan", plan(0))) == "409 seats_in_use");
    CHECK(api.put("/plan", plan(1)).status == 200);
    CHECK(api.get("/seats").number("/licenses/0/used") == 1);
}

TEST_CASE("links that are followed in the second they expire: nobody comes in late, nobody is counted twice [trap 4]") {
    Api api;
    constexpr int invited = 16;
    Words links;
    for (int i = 0; i < invited; ++i)
        links.push_back(R"({"token":")" + api.token(api.invite("p" + std::to_string(i) + "@spring.example")) +
                        R"(","password":"an old engine room"})");
    api.clock.advance(7 * day - 1);
    std::vector<Answer> answers(links.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < links.size(); ++i)
        threads.emplace_back([&, i] {
            if (i == links.size() / 2) api.clock.advance(1);
            answers[i] = api.post("/v1/invitations/accept", links[i]);
        });
    for (auto& each : threads) each.join();
    int members = 0;
    for (const auto& each : answers) {
        if (each.status == 201) {
            ++members;
            CHECK(each.text("/member/joined_at") == "2026-11-30T07:59:59.000Z");
        } else {
            CHECK(refusal(each) == "409 invitation_expired");
        }
    }
    CHECK(members < invited);  // the one who moved the clock came after it
    auto seats = api.get("/seats");
    CHECK(seats.number("/users/active") == members + 1);
    CHECK(seats.number("/users/used") == members + 1);
}

}  // namespace muster::test
