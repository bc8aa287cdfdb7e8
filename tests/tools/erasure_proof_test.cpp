// muster audit erasure-proof: what of a person is left.
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

struct Proving {
    DataDirectory data;
    std::string grace;
    Proving() {
        data.send("POST", "/v1/workspaces/spring/invitations/" + data.grace + "/revoke");
        auto made =
            data.send("POST", "/v1/workspaces/spring/members", R"({"email":"grace@spring.example","name":"Grace"})");
        grace = made.substr(made.find("mem_"), 30);
    }
    void remove() { data.send("DELETE", "/v1/workspaces/spring/members/" + grace + "?confirm=" + grace); }
    Ran prove(const std::string& member, std::vector<std::string> more = {}) {
        more.insert(more.begin(),
                    {"audit", "erasure-proof", "--data", data.path(), "--workspace", "spring", "--member", member});
        return muster(more);
    }
};

}  // namespace

TEST_CASE("of an erased person nothing readable is left, at rest and beside a server, N7") {
    Proving world;
    world.remove();
    for (const bool serving : {false, true}) {
        if (serving) world.data.serve();
        const auto ran = world.prove(world.grace);
        INFO(ran.out << ran.err);
        CHECK(ran.code == tools::well);
        // Her earlier invitation was sealed under the same key.
        CHECK_THAT(ran.out, Contains("MemberInvited  can't be read any more") &&
                                Contains("MemberCreated  can't be read any more") &&
                                Contains("MemberDeleted  nothing personal"));
        CHECK_THAT(ran.out, Contains("destroyed, listed in `erasures`") && Contains("nothing readable is left"));
        CHECK_THAT(world.prove(world.grace, {"--format", "json"}).out,
                   Contains(R"("key_destroyed":true,"key_listed":true,"left":[])"));
    }
    CHECK(world.prove(world.data.grace).code == tools::well);
}

TEST_CASE("of who was not erased it says what is left, and fails") {
    Proving world;
    const auto ran = world.prove(world.grace);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Contains("MemberCreated  can be read") && Contains("left: the address is still held") &&
                            Contains("is not destroyed") && !Contains("nothing readable"));
    CHECK_THAT(ran.out, !Contains("Grace"));
}

TEST_CASE("of nobody, and of nowhere, there is no proof") {
    Proving world;
    CHECK(world.prove("mem_00000000000000000000000000").code == tools::failed);
    CHECK(world.prove("grace").code == tools::usage);
    CHECK(muster(
              {"audit", "erasure-proof", "--data", world.data.path(), "--workspace", "winter", "--member", world.grace})
              .code == tools::failed);
}

}  // namespace muster::test
