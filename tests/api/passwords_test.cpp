// Passwords as they are kept and compared: the hash and its cost, and that nothing is done to what was typed.
#include "api/auth/passwords.h"

#include "api/text/unicode.h"
#include "tests/api/signed_in.h"

#include <algorithm>
#include <latch>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::StartsWith;

Password typed(const std::string& text) { return Password::parse(text, icu_unicode()).value(); }

std::string kept_hash(Api& api, const std::string& member, Uuid credential) {
    auto rows = api.system->service().vault.passwords();
    auto key = [](const Uuid& id) {
        return std::string(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    };
    return rows.get(key(MemberId::parse(member)->uuid) + key(credential)).value();
}

}  // namespace

TEST_CASE("a hash is argon2id's, of 64 MiB and 3 passes unless told otherwise, each with a salt of its own") {
    const auto hash = hash_password("an old engine room", PasswordCost{});
    CHECK_THAT(hash, StartsWith("$argon2id$v=19$m=65536,t=3,p=1$"));
    CHECK(verify_password(hash, "an old engine room"));
    CHECK(SystemOptions{}.password_cost.passes == 3);
    CHECK(SystemOptions{}.password_cost.bytes == std::size_t{64} << 20);
    const PasswordCost least{1, 8192};
    CHECK(hash_password("the same", least) != hash_password("the same", least));
    CHECK_FALSE(needs_rehash(hash, PasswordCost{}));
    CHECK(needs_rehash(hash, {4, std::size_t{64} << 20}));
    CHECK(needs_rehash(hash, {3, std::size_t{128} << 20}));
}

TEST_CASE("when the cost rises, a password is hashed anew as its owner signs in, and by nobody else's try") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto& service = api.system->service();
    const auto member = *MemberId::parse(grace.id);
    const auto credential = service.directory.membership_anywhere(member)->credential;
    const auto before = kept_hash(api, grace.id, credential);
    CHECK_THAT(before, StartsWith("$argon2id$v=19$m=8,t=1,"));
    Passwords dearer(service.vault, service.directory, service.log, {2, 16'384});
    CHECK_FALSE(dearer.check(member, credential, typed("wrong")));
    CHECK(kept_hash(api, grace.id, credential) == before);
    CHECK(dearer.check(member, credential, typed(Api::password)));
    const auto after = kept_hash(api, grace.id, credential);
    CHECK_THAT(after, StartsWith("$argon2id$v=19$m=16,t=2,"));
    CHECK(dearer.check(member, credential, typed(Api::password)));
    CHECK(kept_hash(api, grace.id, credential) == after);
    CHECK(log_in(api, grace.email).status == 200);
}

TEST_CASE("a password is compared exactly as it was received: spaces, case, and how letters are composed") {
    Api api;
    Person grace(api, "grace@spring.example");
    const std::string composed = " Caf\u00e9 au lait ", decomposed = " Cafe\u0301 au lait ";
    REQUIRE(api.put("/members/" + grace.id + "/password", R"({"password":")" + composed + "\"}").status == 200);
    CHECK(log_in(api, grace.email, composed).status == 200);
    for (const std::string& other :
         {decomposed, std::string("Caf\u00e9 au lait"), std::string(" caf\u00e9 au lait "), composed + " "})
        CHECK(log_in(api, grace.email, other).status == 401);
}

TEST_CASE("a long password is taken whole, without rules of what must be in it") {
    Api api;
    Person grace(api, "grace@spring.example");
    const auto choose = [&](const std::string& password) {
        return api.put("/members/" + grace.id + "/password", R"({"password":")" + password + "\"}");
    };
    for (const std::string& plain : {std::string("wherethewildgoosegoes"), std::string("8841277350926634")})
        CHECK(choose(plain).status == 200);
    std::string words;
    while (words.size() < 128) words += "the wild goose goes ";
    const auto first = words.substr(0, 64), longer = words.substr(0, 128);
    REQUIRE(choose(first).status == 200);
    REQUIRE(choose(longer).status == 200);
    CHECK(log_in(api, grace.email, longer).status == 200);
    CHECK(log_in(api, grace.email, first).status == 401);
    CHECK(log_in(api, grace.email, longer.substr(0, 127) + "!").status == 401);
}

TEST_CASE("of two passwords that are set for somebody at once, the one that the log names last is good [N1]") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto& passwords = api.system->service().passwords;
    const auto member = *MemberId::parse(grace.id);
    const auto credential = [&] { return api.system->service().directory.membership_anywhere(member)->credential; };
    const auto set = [&](const std::string& password) {
        REQUIRE(api.put("/members/" + grace.id + "/password", R"({"password":")" + password + "\"}").status == 200);
    };
    set("the first engine room");
    const auto first = credential();
    // Kept, and not yet named by any event, while the other one is settled.
    const auto second = passwords.keep(member, typed("the second engine room"));
    passwords.settle(member, first);
    CHECK(passwords.check(member, second, typed("the second engine room")));
    // A late settling of what does not hold any more takes nothing away from what does.
    set("the third engine room");
    passwords.settle(member, second);
    CHECK_FALSE(passwords.check(member, second, typed("the second engine room")));
    CHECK(log_in(api, grace.email, "the third engine room").status == 200);
}

TEST_CASE("who sets a password while somebody else does has set it, or is overtaken, and one of them signs in [N1]") {
    Api api;
    Person grace(api, "grace@spring.example");
    for (int round = 0; round < 20; ++round) {
        const Words words{"engine room " + std::to_string(round), "boiler room " + std::to_string(round)};
        std::vector<std::thread> admins;
        for (const auto& each : words)
            admins.emplace_back([&api, &grace, each] {
                http::Request request{"PUT",
                                      "/v1/workspaces/spring/members/" + grace.id + "/password",
                                      {{"authorization", "Bearer operator"}, {"content-type", "application/json"}},
                                      R"({"password":")" + each + "\"}",
                                      "127.0.0.1"};
                (void)api.system->call(std::move(request));
            });
        for (auto& each : admins) each.join();
        const auto good = std::ranges::count_if(
            words, [&](const auto& each) { return log_in(api, grace.email, each).status == 200; });
        INFO(round);
        REQUIRE(good == 1);
        api.clock.advance(900);  // the other one was a wrong try
    }
}

TEST_CASE("who has guessed too often is refused before anything is hashed") {
    Api api;
    Person grace(api, "grace@spring.example");
    api.peer = "198.51.100.7";
    for (int i = 0; i < 10; ++i) CHECK(log_in(api, grace.email, "wrong").status == 401);
    // Nothing can be hashed now: every thread for it is held.
    const auto free = std::make_shared<std::latch>(1);
    for (std::size_t i = 0; i < limits::hashing_threads; ++i)
        REQUIRE(api.system->service().passwords.post([free] { free->wait(); }));
    CHECK(refusal(log_in(api, grace.email)) == "429 rate_limited");
    free->count_down();
}

}  // namespace muster::test
