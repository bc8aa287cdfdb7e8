// What grows with the people there are: how long a start takes, against RocksDB opening the same directories, and the
// first page of a search as it is typed, against that of everybody.
#include "tools/bench/bare_rocks.h"
#include "tools/bench/bench.h"
#include "tools/bench/world.h"

#include <filesystem>

namespace muster::bench {
namespace {

namespace fs = std::filesystem;

Measured once(const std::function<void()>& work) {
    auto begun = SteadyClock::now();
    work();
    return {1 / seconds_since(begun), {microseconds_since(begun)}, {}};
}

// Log, vault and read models.
void open_bare(const std::string& directory) {
    std::vector<std::unique_ptr<BareRocks>> opened;
    for (const auto& each : fs::recursive_directory_iterator(directory))
        if (each.path().filename() == "IDENTITY")
            opened.push_back(std::make_unique<BareRocks>(each.path().parent_path()));
}

Measured ask(World& world, const std::string& target, std::size_t times) {
    Measured result;
    auto begun = SteadyClock::now();
    for (std::size_t i = 0; i < times; ++i) {
        auto each = SteadyClock::now();
        demand(world.call("GET", target), target);
        result.microseconds.push_back(microseconds_since(each));
    }
    result.per_second = static_cast<double>(times) / seconds_since(begun);
    return result;
}

}  // namespace

void starts(Bench& bench) {
    if (!bench.wants("start")) return;
    auto start = [&] {
        World world(bench.crowd());
        world.follow();
        return world.system().store().log->head();
    };
    auto events = start();  // the log's tail becomes a file with the first start, for both
    bench.compare("start", "starts with " + std::to_string(events) + " events", [&] { return once(start); },
                  {"bare RocksDB", [&] { return once([&] { open_bare(bench.crowd()); }); }});
}

void searches(Bench& bench) {
    const std::string word = "thess", list = "/v1/workspaces/large/members?limit=50";
    auto count = bench.count(500, 4);
    for (std::size_t letters = 1; letters <= word.size(); ++letters) {
        auto name = "search/" + std::to_string(letters);
        if (!bench.wants(name)) continue;
        World world(bench.crowd());
        world.follow();
        bench.compare(name, "searches", [&] { return ask(world, list + "&q=" + word.substr(0, letters), count); },
                      {"pages of all", [&] { return ask(world, list, count); }});
    }
}

}  // namespace muster::bench
