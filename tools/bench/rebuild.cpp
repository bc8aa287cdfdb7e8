// Making the read models anew, against reading the events and doing nothing with them.
#include "projections/rebuild.h"

#include "api/text/unicode.h"
#include "projections/log_feed.h"
#include "tools/bench/bench.h"
#include "tools/bench/world.h"

#include <stdexcept>

namespace muster::bench {
namespace {

Measured scan(const Store& store) {
    std::size_t rows = 0, bytes = 0;
    auto begun = SteadyClock::now();
    for (auto each = store.log->table().scan(family(LogFamily::events), {}); each->valid(); each->next()) {
        ++rows;
        bytes += each->key().size() + each->value().size();
    }
    auto seconds = seconds_since(begun);
    if (rows != store.log->head()) throw std::runtime_error("a scan found " + std::to_string(rows) + " events");
    return {static_cast<double>(rows) / seconds, {}, std::to_string(bytes / rows) + " bytes an event"};
}

}  // namespace

void rebuilds(Bench& bench) {
    Projections projections(icu_unicode());
    auto all = projections.all();
    std::vector<std::pair<std::string, std::vector<const Projection*>>> cases;
    for (const auto* each : all) cases.push_back({std::string(each->name()), {each}});
    cases.push_back({"all", all});
    for (const auto& [which, rebuilt] : cases) {
        auto name = "rebuild/" + which;
        if (!bench.wants(name)) continue;
        auto store = open_store(bench.crowd(), {});
        LogFeed feed(*store.log, *store.history);
        Origin origin{feed, open_views(*store.shared), bench.crowd() + "/views", store.id};
        bench.compare(name, "events",
                      [&] {
                          auto begun = SteadyClock::now();
                          for (const auto* each : rebuilt) rebuild(origin, *each, {});
                          return Measured{static_cast<double>(store.log->head()) / seconds_since(begun), {}, {}};
                      },
                      {"bare scan", [&] { return scan(store); }});
    }
}

}  // namespace muster::bench
