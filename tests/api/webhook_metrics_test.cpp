// How webhooks stand, as figures: what becomes of attempts, how many there are of each kind, and how far they are
// behind. None of them names a webhook.
#include "tests/api/webhook_fixture.h"

#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

// The figures of webhooks, a line each, without what there is none of.
Words figures(WebhookApi& api) {
    std::istringstream lines(api.get("/metrics").body);
    Words all;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("muster_webhook") && !line.ends_with(" 0")) all.push_back(line.substr(14));
    return all;
}

Words sorted(Words words) {
    std::ranges::sort(words);
    return words;
}

}  // namespace

TEST_CASE("figures tell what becomes of deliveries, how far webhooks are behind and which are disabled") {
    WebhookApi api;
    CHECK(figures(api).empty());
    // Those that will rise are there from the start.
    for (const char* each : {R"(muster_webhook_attempts_total{outcome="taken"} 0)",
                             R"(muster_webhook_attempts_total{outcome="refused"} 0)",
                             R"(muster_webhook_attempts_total{outcome="unanswered"} 0)",
                             "muster_webhook_deliveries_given_up_total 0", R"(muster_webhooks{state="disabled"} 0)"})
        CHECK_THAT(api.get("/metrics").body, Contains(each));

    WebhookReceiver well, ill("fail");
    api.hook(well.url(), R"("events":["muster.team_created"])");
    auto trouble = api.hook(ill.url());
    api.catch_up();
    // The one in trouble heard of itself first, or of the other; nothing is behind the one that wants only teams.
    for (const char* team : {"One", "Two", "Three"}) api.team(team);
    api.catch_up();
    CHECK(sorted(figures(api)) == Words{R"(_attempts_total{outcome="refused"} 1)",
                                        R"(_attempts_total{outcome="taken"} 3)", "_events_behind 3",
                                        "_events_behind_most 3", R"(s{state="idle"} 1)", R"(s{state="retrying"} 1)"});

    ill.turns_to("close");
    api.clock.advance(5);
    api.catch_up();
    CHECK_THAT(api.get("/metrics").body, Contains(R"(muster_webhook_attempts_total{outcome="unanswered"} 1)"));

    // What is enabled again goes on; what is disabled is behind nothing, for nobody waits.
    REQUIRE(api.patch(trouble.path(), R"({"enabled":false})").status == 200);
    api.catch_up();
    CHECK_THAT(api.get("/metrics").body,
               Contains(R"(muster_webhooks{state="disabled"} 1)") && Contains("muster_webhook_events_behind 0"));
    ill.turns_to("accept");
    REQUIRE(api.patch(trouble.path(), R"({"enabled":true})").status == 200);
    api.catch_up();
    CHECK_THAT(api.get("/metrics").body, Contains(R"(muster_webhooks{state="idle"} 2)") &&
                                             Contains(R"(muster_webhooks{state="disabled"} 0)") &&
                                             Contains("muster_webhook_events_behind 0"));

    REQUIRE(api.remove(trouble.path()).status == 200);
    api.catch_up();
    CHECK_THAT(api.get("/metrics").body, Contains(R"(muster_webhooks{state="idle"} 1)"));
}

TEST_CASE("a target that is gone, or fails for days, is one delivery that was given up, and one webhook disabled") {
    WebhookApi api;
    WebhookReceiver receiver("gone");
    api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    api.catch_up();  // its own disabling, which is an event
    CHECK(sorted(figures(api)) ==
          Words{R"(_attempts_total{outcome="refused"} 1)", "_deliveries_given_up_total 1", R"(s{state="disabled"} 1)"});
}

TEST_CASE("no figure names a webhook or a workspace, and there are as many for a hundred as for one [N7]") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    auto count = [&] {
        const auto body = api.get("/metrics").body;
        CHECK_THAT(body, !Contains(hook.id) && !Contains(hook.id.substr(3)) && !Contains("ws_") &&
                             !Contains(receiver.port()) && !Contains("127.0.0.1"));
        std::istringstream lines(body);
        std::size_t all = 0;
        for (std::string line; std::getline(lines, line);) all += line.starts_with("muster_webhook") ? 1 : 0;
        return all;
    };
    const auto one = count();
    for (int i = 0; i < 10; ++i) api.hook(receiver.url());
    api.team("Two");
    api.catch_up();
    CHECK(count() == one);
}

}  // namespace muster::test
