// muster audit export: the pages of an export.
#include "api/audit_export.h"

#include "api/tokens.h"
#include "tools/audit_commands.h"
#include "tools/commands.h"

#include <optional>

namespace muster::tools {

Answered export_page(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress) {
    // A page's end is authenticated: nobody has lines of their own signed by going on behind them.
    constexpr std::string_view of_exports = "audit export";
    const AuditSources from{*store.log, *store.history, *store.aggregates, *store.vault};
    std::optional<AuditExport> made;
    if (request.resume) {
        // Of the workspace that the first page was of, whatever has its slug by now.
        const auto place = read_cursor(*store.vault, *request.resume, of_exports);
        if (!place) return {usage, "`resume` is of no page of an export"};
        made.emplace(from, *place);
    } else {
        const auto workspace = workspace_of(store, request);
        if (!workspace) return no_workspace(request);
        made.emplace(from, workspace->id, range_between(*store.log, {}, {}), system_clock().now());
    }
    std::string text;
    const bool more = made->append(text, limits::export_page_bytes);
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
        line(rest.substr(0, rest.find('\n')));
    progress(made->position(), made->end());
    return {well, more ? cursor(*store.vault, made->place(), of_exports) : ""};
}

}  // namespace muster::tools
