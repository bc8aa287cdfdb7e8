// Over HTTP: invitations against a constant answer, and pages against the same bytes from memory. The load generator
// runs on the same cores.
#include "tools/bench/bench.h"
#include "tools/bench/world.h"

#include <stdexcept>

namespace muster::bench {
namespace {

// What leads to the next page, from the answer's last member; nothing on the last page.
std::string next_page(const std::string& body) {
    constexpr std::string_view name = "\"next_cursor\":\"";
    auto at = body.rfind(name);
    if (at == std::string::npos) return {};
    at += name.size();
    return "&cursor=" + body.substr(at, body.find('"', at) - at);
}

Measured measured(tools::LoadReport report) {
    Measured result;
    result.per_second = report.per_second();
    result.microseconds = std::move(report.microseconds);
    return result;
}

// From page to page, and from the beginning again: how long each takes without a socket.
Measured walk(World& world, const std::string& slug, std::size_t pages) {
    auto list = "/v1/workspaces/" + slug + "/members?limit=50";
    auto target = list;
    Measured result;
    double seconds = 0;
    for (std::size_t i = 0; i < pages; ++i) {
        auto begun = SteadyClock::now();
        auto page = world.call("GET", target);
        seconds += seconds_since(begun);
        result.microseconds.push_back(microseconds_since(begun));
        demand(page, "a page");
        target = list + next_page(page.body);
    }
    result.per_second = static_cast<double>(pages) / seconds;
    return result;
}

}  // namespace

void invites_over_http(Bench& bench) {
    auto seconds = bench.options().small ? 0.1 : 4.0;
    for (std::size_t connections : {1, 16, 64}) {
        auto name = "http/invite/" + std::to_string(connections);
        if (!bench.wants(name)) continue;
        Served served(bench.directory() + "/data");
        served.world().workspace("spring");
        bench.compare(name, "requests", [&] { return measured(served.invite("spring", connections, seconds)); },
                      {"GET /livez", [&] { return measured(served.get("/livez", connections, seconds / 2)); }, 0,
                       connections == 64 ? 10'000.0 : 0});
    }
}

void pages(Bench& bench) {
    auto count = bench.count(1'000, 8);
    auto seconds = bench.options().small ? 0.1 : 3.0;
    auto large = std::to_string(bench.crowd_large()), small = std::to_string(bench.crowd_small());
    if (bench.wants("page/large")) {
        World world(bench.crowd());
        world.follow();
        walk(world, "small", 8);
        bench.compare("page/large", "pages of " + large, [&] { return walk(world, "large", count); },
                      {"pages of " + small, [&] { return walk(world, "small", count); }, 1 / 1.2, 0});
    }
    for (const std::string slug : {"small", "large"}) {
        auto name = "http/page/" + slug;
        if (!bench.wants(name)) continue;
        Served served(bench.crowd());
        served.world().follow();
        auto target = "/v1/workspaces/" + slug + "/members?limit=50";
        served.bytes(served.world().call("GET", target));
        bench.compare(name, "pages of " + (slug == "small" ? small : large),
                      [&] { return measured(served.get(target, 16, seconds)); },
                      {"the bytes from memory", [&] { return measured(served.get("/bytes", 16, seconds / 2)); }});
    }
}

}  // namespace muster::bench
