// What is said of a body that names what is not there, or that could not be read.
#include "tests/api/fixture.h"

namespace muster::test {

TEST_CASE("what can be nobody's key or id is one that is not there") {
    Api api;
    api.licenses(12);
    auto invite = [&](const std::string& more) {
        return refusal(api.post("/invitations", R"({"email":"a@spring.example",)" + more + "}"));
    };
    CHECK(invite(R"("role":"Member")") == "422 unknown_role");
    CHECK(invite(R"("role":"BAD ROLE")") == "422 unknown_role");
    CHECK(invite(R"("license":"Pro Plan")") == "422 unknown_license");
    CHECK(invite(R"("license":"organization","add_ons":["No Such"])") == "422 unknown_add_on");
    CHECK(invite(R"("permissions":["Read Members"])") == "422 unknown_permission");
    CHECK(invite(R"("teams":["x"])") == "422 unknown_team");
    CHECK(invite(R"("resources":[{"id":"res_x","access":"view"}])") == "422 unknown_resource");
    CHECK(refusal(api.patch("/settings", R"({"default_role":"BAD ROLE"})")) == "422 unknown_role");
    CHECK(api.post("/roles", R"({"key":"lead","name":"L","permissions":["Read Members"]})").faults() ==
          Words{"/permissions/0 unknown_permission"});
    // Where one is made, its key has a form; where one is looked for, what is asked for has.
    CHECK(refusal(api.post("/roles", R"({"key":"BAD ROLE","name":"L"})")) == "422 invalid_value");
    CHECK(refusal(api.post("/permissions", R"({"key":"Read Members","name":"R"})")) == "422 invalid_value");
    CHECK(refusal(api.put("/plan", R"({"licenses":[{"key":"Pro Plan","name":"P","kind":"base"}]})")) ==
          "422 invalid_value");
    CHECK(refusal(api.get("/invitations?role=BAD")) == "422 invalid_value");
}

TEST_CASE("nothing more is said of what could not be read") {
    Api api;
    api.licenses(12);
    CHECK(api.post("/invitations", R"({"email":"s@spring.example","resources":[7]})").faults() ==
          Words{"/resources/0 invalid_type"});
    CHECK(api.put("/plan", R"({"licenses":[5,6]})").faults() ==
          Words{"/licenses/0 invalid_type", "/licenses/1 invalid_type"});
    auto add_on = [&](const std::string& more) {
        return refusal(api.put("/plan", R"({"licenses":[{"key":"a","name":"A","kind":"add_on",)" + more + "}]}"));
    };
    CHECK(add_on(R"("permissions":[5])") == "422 invalid_type");
    CHECK(add_on(R"("requires":["BAD"])") == "422 unknown_license");
}

}  // namespace muster::test
