// Webhooks: where a workspace's events are sent.
#include "domain/webhook.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const WebhookId hook = numbered<WebhookId>(7);
const Uuid first_secret = numbered<WebhookId>(8).uuid, second_secret = numbered<WebhookId>(9).uuid;

TargetUrl url(const std::string& text) { return TargetUrl{text}; }

CreateWebhook to(const std::string& target, std::vector<EventType> events = {}) { return {url(target), events, true}; }

Webhook webhook(const std::string& target = "https://hooks.example/a", bool enabled = true) {
    return {hook, url(target), {}, enabled};
}

void hooked(World& world) { world.happens(WebhookCreated{webhook(), first_secret}); }
void disabled(World& world) {
    world.happens(WebhookDisabled{webhook("https://hooks.example/a", false), WebhookTrouble::gone});
}

bool good(const std::string& text) { return TargetUrlRule::check(text).has_value(); }

}  // namespace

TEST_CASE("a webhook is made for all events, or for some types") {
    given().when(to("https://hooks.example/a")).then<WebhookCreated>([](const auto& event) {
        CHECK(event.webhook.url == url("https://hooks.example/a"));
        CHECK(event.webhook.events.empty());
        CHECK(event.webhook.enabled);
    });
    given()
        .when(to("https://hooks.example/a", {EventType{"muster.member_invited"}}))
        .then<WebhookCreated>([](const auto& event) { CHECK(event.webhook.events.size() == 1); });
    CHECK(EventTypeRule::check("muster.webhook_disabled"));
    for (const char* none : {"member_invited", "muster.MemberInvited", "muster.", "muster.member_flew", ""})
        CHECK_FALSE(EventTypeRule::check(none));
}

TEST_CASE("a target is an absolute URL without user and fragment, of a length") {
    for (const char* each : {"https://a.example", "https://a.example:8443/x?y=z", "http://10.0.0.7/x",
                             "https://[2001:db8::1]:8443/", "https://xn--mller-kva.example/"})
        CHECK(good(each));
    for (const char* each :
         {"", "a.example", "ftp://a.example/", "https://", "https:///x", "https://ada:secret@a.example/",
          "https://ada@a.example", "https://a.example/#part", "https://a.example:0/", "https://a.example:70000/",
          "https://a.example:x/", "https://a example/", "https://a.example/\n", "https://a.example\\@b.example/",
          "https://m\xc3\xbcller.example/", "https://[::1", "javascript:alert(1)"})
        CHECK_FALSE(good(each));
    CHECK(good("https://a.example/" + std::string(limits::url_bytes - 18, 'x')));
    CHECK(TargetUrlRule::check("https://a.example/" + std::string(limits::url_bytes - 17, 'x')).error().code ==
          Code::too_long);
}

TEST_CASE("http is for servers that allow some network") {
    given().when(to("http://10.0.0.7/")).faults({{"/url", Code::invalid_value}});
    ChangeWebhook change;
    change.url = url("http://10.0.0.7/");
    given(hooked).when(hook, change).faults({{"/url", Code::invalid_value}});
    auto allowed = [](World& world) { world.plain_targets = true; };
    given(allowed).when(to("http://10.0.0.7/")).then_types({"WebhookCreated"});
    given(hooked, allowed).when(hook, change).then_types({"WebhookChanged"});
}

TEST_CASE("a workspace has twenty webhooks at most, and says so") {
    auto many = [](World& world) {
        for (std::uint8_t i = 0; i < limits::webhooks_per_workspace; ++i)
            world.happens(WebhookCreated{{numbered<WebhookId>(i), url("https://a.example"), {}, true}, first_secret});
    };
    given(many).when(to("https://a.example")).refused(Code::limit_reached).with("limit", 20);
}

TEST_CASE("a webhook is changed as one unit; what changes nothing is no event") {
    ChangeWebhook off;
    off.enabled = false;
    given(hooked).when(hook, off).then(WebhookChanged{webhook(), webhook("https://hooks.example/a", false)});
    ChangeWebhook same;
    same.url = url("https://hooks.example/a");
    same.events = Patch<std::vector<EventType>>::cleared();
    given(hooked).when(hook, same).nothing_happens();
    ChangeWebhook nowhere;
    nowhere.url = Patch<TargetUrl>::cleared();
    given(hooked).when(hook, nowhere).faults({{"/url", Code::required}});
    given().when(hook, off).refused(Code::not_found);
    given(hooked, if_match(1)).when(hook, off).refused(Code::version_mismatch);
    given(hooked).when(hook, DeleteWebhook{}).then(WebhookDeleted{webhook()});
    given().when(hook, DeleteWebhook{}).refused(Code::not_found);
}

TEST_CASE("both secrets are good for a while after a rotation, and a third one is not") {
    auto rotated = given(hooked).when(hook, RotateWebhookSecret{3600});
    rotated.then<WebhookSecretRotated>([](const auto& event) { CHECK(event.former_secret_id == first_secret); });
    const auto& held = rotated.workspace().webhooks.at(hook);
    CHECK(held.former(monday) == first_secret);
    CHECK(held.former(moment(3599)) == first_secret);
    CHECK_FALSE(held.former(moment(3600)));
    auto once = [](World& world) { world.happens(WebhookSecretRotated{webhook(), second_secret, first_secret, 3600}); };
    auto twice = given(hooked, once).when(hook, RotateWebhookSecret{});
    CHECK(twice.workspace().webhooks.at(hook).former(monday) == second_secret);
    given(hooked).when(hook, RotateWebhookSecret{-1}).faults({{"/overlap_seconds", Code::invalid_value}});
    given(hooked).when(hook, RotateWebhookSecret{604'801}).faults({{"/overlap_seconds", Code::invalid_value}});
    given().when(hook, RotateWebhookSecret{}).refused(Code::not_found);
}

TEST_CASE("one that Muster disabled says why, until somebody enables it") {
    given(hooked)
        .when(hook, DisableWebhook{WebhookTrouble::failing})
        .then(WebhookDisabled{webhook("https://hooks.example/a", false), WebhookTrouble::failing});
    given(hooked, disabled).when(hook, DisableWebhook{WebhookTrouble::failing}).nothing_happens();
    given().when(hook, DisableWebhook{WebhookTrouble::gone}).nothing_happens();
    ChangeWebhook on;
    on.enabled = true;
    auto again = given(hooked, disabled).when(hook, on);
    CHECK(again.workspace().webhooks.at(hook).value.enabled);
    CHECK_FALSE(again.workspace().webhooks.at(hook).disabled_for);
}

}  // namespace muster::spec
