#pragma once
// People who sign in, for tests.

#include "tests/api/fixture.h"

namespace muster::test {

// Somebody who accepted an invitation, with the session of that.
struct Person {
    Api& api;
    std::string email;
    std::string id;
    std::string token;

    Person(Api& on, const std::string& address, const std::string& more = {}) : api(on), email(address) {
        auto link = api.token(api.invite(email, more));
        auto answer =
            api.post("/v1/invitations/accept", R"({"token":")" + link + R"(","password":")" + Api::password + "\"}",
                     {{"Authorization", "nobody"}});
        INFO(answer.body);
        REQUIRE(answer.status == 201);
        id = answer.text("/member/id");
        token = answer.text("/session/token");
    }
    Headers by() const { return as(token); }
    static Headers as(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
    Answer me() const { return api.get("/v1/me", by()); }
};

inline Answer log_in(Api& api, const std::string& email, const std::string& password = Api::password,
                     const std::string& more = {}) {
    return api.post("/v1/auth/login",
                    R"({"workspace":"spring","email":")" + email + R"(","password":")" + password + "\"" + more + "}",
                    {{"Authorization", "nobody"}});
}

inline int events(Api& api, const std::string& type) {
    return static_cast<int>(api.get("/audit?limit=1000&type=" + type).size("/items"));
}

}  // namespace muster::test
