// Exporting the audit, against reading the events and doing nothing with them.
#include "api/audit_export.h"
#include "eventstore/store.h"
#include "tools/bench/bench.h"

#include <stdexcept>

namespace muster::bench {
namespace {

struct Export {
    Store store;
    WorkspaceId workspace;
    std::uint64_t events = 0;

    explicit Export(Bench& bench) : store(open_store(bench.crowd(), {})) {
        workspace = *store.aggregates->workspace_of(Slug{"large"});
    }
    // Read and checked, not written.
    Measured walked() {
        auto begun = SteadyClock::now();
        ChainWalk walk(*store.log, workspace, {0, store.log->head()});
        events = 0;
        while (walk.next()) ++events;
        return {static_cast<double>(events) / seconds_since(begun), {}, {}};
    }
    template <class File>
    Measured written(File file) {
        auto begun = SteadyClock::now();
        std::size_t bytes = 0;
        std::string piece;
        for (bool more = true; more;) {
            piece.clear();
            more = file.append(piece, std::size_t{64} << 10);
            bytes += piece.size();
        }
        auto seconds = seconds_since(begun);
        return {static_cast<double>(events) / seconds, {}, std::to_string(bytes / events) + " bytes an event"};
    }
};

}  // namespace

void exports(Bench& bench) {
    const bool ndjson = bench.wants("export/ndjson"), csv = bench.wants("export/csv");
    if (!ndjson && !csv) return;
    Export made(bench);
    const AuditSources from{*made.store.log, *made.store.history, *made.store.aggregates, *made.store.vault};
    const PositionRange all{0, made.store.log->head()};
    (void)made.walked();
    const Limit read{"read and checked", [&] { return made.walked(); }};
    if (ndjson)
        bench.compare(
            "export/ndjson", "events", [&] { return made.written(AuditExport(from, made.workspace, all, Instant{})); },
            read);
    if (csv)
        bench.compare(
            "export/csv", "events", [&] { return made.written(AuditSheet(from, made.workspace, all)); }, read);
}

}  // namespace muster::bench
