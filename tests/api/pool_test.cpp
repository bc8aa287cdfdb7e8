// What goes wrong on the pool is the caller's answer, and no end of the server.
#include "api/pool.h"

#include "api/route.h"
#include "tests/api/fixture.h"

#include <future>

namespace muster::test {

TEST_CASE("what is thrown on the pool is that request's 500, and the server serves on") {
    Api api;
    auto& service = api.system->service();
    std::promise<std::string> told;
    service.report = [&](const std::string& what) { told.set_value(what); };
    std::promise<http::Response> answered;
    auto call = std::make_shared<Call>(
        Call{service, routes().front(), {}, {}, {}, {}, {}, nullptr, 0, false, {}, {}, {}, [&](http::Response answer) {
                 answered.set_value(std::move(answer));
             }});
    on_pool(call, [] { throw DamageError("a row is not as it was written"); });
    auto answer = answered.get_future().get();
    CHECK(answer.status == 500);
    CHECK(answer.body.contains("internal_error"));
    CHECK(told.get_future().get() == "a row is not as it was written");
    CHECK(api.get("/audit/verify").status == 200);
}

}  // namespace muster::test
