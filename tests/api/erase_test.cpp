// Destroying what is left of somebody who is no member: people:erase.
#include "domain/erasure.h"
#include "domain/event.h"
#include "tests/api/fixture.h"
#include "tests/eventstore/table_contract.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const std::string grace = R"({"email":"grace@spring.example","name":"Grace Hopper"})";
const std::string of_grace = R"({"email":"Grace@Spring.example"})";

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

// A dead invitation and a dismissed request: nothing of Grace is open.
struct Left {
    explicit Left(Api& api) {
        auto made = api.post("/invitations", grace, key("invite"));
        REQUIRE(made.status == 201);
        invitation = made.text("/id");
        REQUIRE(api.patch("/invitations/" + invitation, R"({"job_title":"Rear Admiral"})").status == 200);
        REQUIRE(api.post("/invitations/" + invitation + "/revoke", "", key("revoke")).status == 200);
        request = api.request("grace@spring.example", R"("name":"Grace Hopper","message":"Rear Admiral, retired.")");
        REQUIRE(api.post("/invitation-requests/" + request + "/dismiss", "", key("dismiss")).status == 200);
    }
    std::string invitation, request;
};

// Nowhere is anything of Grace to be read.
void check_gone(Api& api, const Left& left) {
    for (const auto& path : {std::string("/audit?limit=1000"), "/members/" + same(left.invitation, "mem") + "/history",
                             "/invitations/" + left.invitation, std::string("/invitations?status=revoked"),
                             std::string("/invitation-requests?status=dismissed"), std::string("/people")}) {
        auto page = api.get(path);
        INFO(path << ": " << page.body);
        CHECK(page.status == 200);
        for (const char* data : {"grace@", "Grace", "Hopper", "Admiral"}) CHECK_THAT(page.body, !Contains(data));
    }
    auto revoked = api.get("/invitations?status=revoked");
    CHECK(revoked.each("/items", "id") == Words{left.invitation});
    for (const char* field : {"email", "name", "job_title"}) CHECK(revoked.each("/items", field) == Words{"null"});
    auto dismissed = api.get("/invitation-requests?status=dismissed");
    CHECK(dismissed.each("/items", "id") == Words{left.request});
    for (const char* field : {"email", "name", "message"}) CHECK(dismissed.each("/items", field) == Words{"null"});
    CHECK(api.get("/invitations?status=revoked&q=grace").size("/items") == 0);
    CHECK(api.get("/audit/verify").text("/intact") == "true");
}

// All of Muster on a directory, as often as it is started.
struct OnDisk {
    OnDisk() : api(false) {
        start();
        REQUIRE(api.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"o@s.example","name":"O"}})")
                    .status == 201);
    }
    void start() {
        api.system.reset();
        SystemOptions options;
        options.directory = scratch / "data";
        options.operator_key = api.token_of_operator;
        options.public_url = "https://muster.example";
        options.clock = &api.clock;
        api.system = std::make_unique<System>(std::move(options));
    }
    Scratch scratch;
    Api api;
};

}  // namespace

TEST_CASE("what is left of a person is unreadable afterwards: lists, audit, history, kept answers, N7") {
    Api api;
    Left left(api);
    auto erased = api.post("/people:erase", of_grace);
    REQUIRE(erased.status == 200);
    CHECK(erased.body == R"({"status":"erased"})");
    check_gone(api, left);
    // The answers that keys keep show nobody.
    struct Kept {
        std::string path, body, key;
    };
    for (const auto& [path, body, name] :
         {Kept{"/invitations", grace, "invite"}, Kept{"/invitations/" + left.invitation + "/revoke", "", "revoke"},
          Kept{"/invitation-requests/" + left.request + "/dismiss", "", "dismiss"}}) {
        auto replayed = api.post(path, body, key(name));
        INFO(path << ": " << replayed.body);
        CHECK(replayed.header("idempotency-replayed") == "true");
        CHECK(replayed.text("/email") == "null");
        CHECK(replayed.text("/name") == "null");
        CHECK_THAT(replayed.body, !Contains("race"));
    }
}

TEST_CASE("who keeps a copy of the feed, and whoever reads the audit, is told whose data was destroyed, N7") {
    Api api;
    Left left(api);
    auto again = api.invite("grace@spring.example");
    REQUIRE(api.post("/invitations/" + again + "/revoke").status == 200);
    auto other = api.invite("other@spring.example");
    REQUIRE(api.post("/people:erase", of_grace).status == 200);
    auto told = api.get("/audit?type=personal_data_destroyed");
    REQUIRE(told.size("/items") == 1);
    auto first = std::min(left.invitation, again), second = std::max(left.invitation, again);
    CHECK(told.text("/items/0/target/id") == first);
    const auto destroyed = std::get<PersonalDataDestroyed>(
        api.system->store().history->at(static_cast<Position>(told.number("/items/0/position")))->event);
    CHECK(destroyed.member.uuid.nil());
    CHECK(destroyed.invitations == std::set{*InvitationId::parse(first), *InvitationId::parse(second)});
    CHECK(destroyed.requests == std::set{*RequestId::parse(left.request)});
    for (const auto& each : {first, second}) {
        CHECK(api.get("/audit?member=" + each).text("/items/0/type") == "personal_data_destroyed");
        CHECK(api.get("/members/" + same(each, "mem") + "/history").text("/items/0/type") == "personal_data_destroyed");
    }
    CHECK(api.get("/audit?member=" + other).text("/items/0/type") == "member_invited");
    // A member is named as one.
    auto member = api.accept(other);
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(api.get("/audit?type=personal_data_destroyed").text("/items/0/target/id") == member);
}

TEST_CASE("the address comes back as somebody new, and a repeated erase leaves them alone [trap 7]") {
    Api api;
    Left left(api);
    auto erased = api.post("/people:erase", of_grace, key("erase"));
    REQUIRE(erased.status == 200);
    CHECK(refusal(api.post("/people:erase", of_grace)) == "404 not_found");
    auto again = api.post("/invitations", grace);
    REQUIRE(again.status == 201);
    CHECK(again.text("/id") != left.invitation);
    auto head = api.head();
    auto replayed = api.post("/people:erase", of_grace, key("erase"));
    CHECK(replayed.status == erased.status);
    CHECK(replayed.body == erased.body);
    CHECK(replayed.header("idempotency-replayed") == "true");
    CHECK(api.head() == head);
    CHECK(api.get("/invitations/" + again.text("/id")).text("/email") == "grace@spring.example");
    CHECK(api.get("/invitations/" + left.invitation).text("/email") == "null");
    CHECK(api.accept(again.text("/id")) == same(again.text("/id"), "mem"));
}

TEST_CASE("an expired invitation and an open request end with the erasing") {
    Api api;
    auto invitation = api.invite("grace@spring.example");
    auto request = api.request("grace@spring.example");
    api.clock.advance(7 * day);
    REQUIRE(api.post("/people:erase", of_grace).status == 200);
    auto shown = api.get("/invitations/" + invitation);
    CHECK(shown.text("/status") == "revoked");
    CHECK(shown.text("/email") == "null");
    CHECK(api.get("/invitation-requests").size("/items") == 0);
    CHECK(api.get("/invitation-requests?status=dismissed").each("/items", "id") == Words{request});
    CHECK(refusal(api.post("/invitations/" + invitation + "/resend")) == "409 invitation_revoked");
}

TEST_CASE("what somebody asks for while they are being deleted goes with them") {
    Api api;
    auto member = api.member("grace@spring.example");
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    REQUIRE(api.patch("/settings", R"({"invitation_requests":true})").status == 200);
    auto& service = api.system->service();
    const auto grace = service.directory.membership_anywhere(*MemberId::parse(member));
    Command command;
    command.workspace = grace->workspace;
    command.actor.kind = ActorKind::operator_;
    command.target = stream_of(grace->id);
    command.whole_person = true;
    std::string asked;
    command.decide = [&](const Loaded& loaded, const Context& context) {
        if (asked.empty()) asked = api.request("grace@spring.example");
        return decide(*loaded.membership, *loaded.workspace, DeleteMember{member, {}}, context);
    };
    REQUIRE(service.execute.run_and_wait(std::move(command)));
    CHECK(api.get("/invitation-requests?status=open").size("/items") == 0);
    CHECK(api.get("/invitation-requests?status=dismissed").each("/items", "id") == Words{asked});
}

TEST_CASE("who is a member or invited is not erased so, and nothing is known of nobody") {
    Api api;
    auto invited = api.invite("grace@spring.example");
    auto open = api.post("/people:erase", of_grace);
    CHECK(refusal(open) == "409 already_invited");
    CHECK(open.text("/id") == invited);
    auto member = api.accept(invited);
    auto there = api.post("/people:erase", of_grace);
    CHECK(refusal(there) == "409 already_member");
    CHECK(there.text("/id") == member);
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    CHECK(refusal(api.post("/people:erase", of_grace)) == "409 already_member");
    CHECK(refusal(api.post("/people:erase", R"({"email":"nobody@spring.example"})")) == "404 not_found");
    CHECK(refusal(api.post("/people:erase", "{}")) == "422 required");
    CHECK(refusal(api.post("/people:erase", R"({"email":"x"})")) == "422 email_invalid");
    CHECK(api.get("/members/" + member).text("/email") == "grace@spring.example");
}

TEST_CASE("erasing is of one workspace: what another one keeps of the address stays [trap 13]") {
    Api api;
    Left left(api);
    REQUIRE(api.post("/v1/workspaces", R"({"name":"W","slug":"winter","owner":{"email":"o@w.example","name":"O"}})")
                .status == 201);
    auto there = api.post("/v1/workspaces/winter/invitations", grace).text("/id");
    REQUIRE(api.post("/people:erase", of_grace).status == 200);
    check_gone(api, left);
    CHECK(api.get("/v1/workspaces/winter/invitations/" + there).text("/email") == "grace@spring.example");
}

TEST_CASE("an erasing that was cut short is completed by the next start, or a while later, N7") {
    OnDisk disk;
    auto& api = disk.api;
    Left left(api);
    Uuid key_of_grace;
    {
        // The command alone: its event is in the log, and nothing is destroyed yet.
        auto& service = api.system->service();
        auto revoked = service.directory.membership_anywhere(*MemberId::parse(same(left.invitation, "mem")));
        auto address = revoked->email.or_blank();
        Command command;
        command.workspace = revoked->workspace;
        command.actor.kind = ActorKind::operator_;
        command.target = stream_of(command.workspace);
        command.fresh = service.execute.fresh();
        command.address = address;
        command.whole_person = true;
        command.decide = [address](const Loaded& loaded, const Context& context) {
            return decide(*loaded.workspace, ErasePerson{address}, context);
        };
        auto done = service.execute.run_and_wait(std::move(command));
        REQUIRE(done);
        REQUIRE(std::holds_alternative<PersonErased>(done->events.back()->event));
        key_of_grace = done->events.back()->stream.id;
    }
    CHECK(api.system->store().vault->person_key(key_of_grace));
    SECTION("of the server") { disk.start(); }
    SECTION("a while later") { api.system->tidy(); }
    CHECK_FALSE(api.system->store().vault->person_key(key_of_grace));
    check_gone(api, left);
    CHECK_THAT(api.get("/audit?limit=1").body, Contains("personal_data_destroyed"));
    CHECK(api.post("/invitations", grace, key("invite")).text("/email") == "null");
    auto head = api.head();
    disk.start();
    CHECK(api.head() == head);
    CHECK(api.invite("grace@spring.example") != left.invitation);
}

TEST_CASE("deleting a member again completes what was cut short, and says that they are gone, N7") {
    Api api;
    auto id = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    auto& service = api.system->service();
    auto grace = service.directory.membership_anywhere(*MemberId::parse(id));
    auto key_of_grace = *service.log.person_key(grace->workspace, grace->email_claim);
    // The command alone: nothing is destroyed yet.
    Command command;
    command.workspace = grace->workspace;
    command.actor.kind = ActorKind::operator_;
    command.target = stream_of(grace->id);
    command.whole_person = true;
    command.decide = [id](const Loaded& loaded, const Context& context) {
        return decide(*loaded.membership, *loaded.workspace, DeleteMember{id, {}}, context);
    };
    const auto deleted = service.execute.run_and_wait(std::move(command));
    REQUIRE(deleted);
    CHECK(service.vault.person_key(key_of_grace));
    CHECK(refusal(api.remove("/members/" + id + "?confirm=" + id)) == "410 member_deleted");
    CHECK_FALSE(service.vault.person_key(key_of_grace));
    CHECK_THAT(api.get("/audit?limit=1").body, Contains("personal_data_destroyed"));
    auto head = api.head();
    CHECK(refusal(api.remove("/members/" + id + "?confirm=" + id)) == "410 member_deleted");
    CHECK(api.head() == head);
}

}  // namespace muster::test
