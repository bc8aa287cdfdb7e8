// Uploading a file of people, and correcting its rows.
#include "api/commands.h"
#include "api/http/media_type.h"
#include "api/imports/check.h"
#include "api/imports/columns.h"
#include "api/imports/handlers.h"
#include "api/imports/handling.h"
#include "api/imports/imports.h"
#include "api/imports/shown.h"
#include "api/sheets/csv.h"
#include "api/sheets/xlsx.h"
#include "api/tokens.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace muster {
namespace {

constexpr std::string_view xlsx_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

std::optional<SheetKind> kind_of(const Call& call) {
    const auto type = http::media_type(call.request.header("content-type").value_or(""));
    if (type == "text/csv") return SheetKind::csv;
    if (type == xlsx_type) return SheetKind::xlsx;
    return std::nullopt;
}

// What is kept of the answer: all but the rows, which are many and personal.
std::vector<AnswerPart> again(const Call& call, const Import& import) {
    return {plain(shown(import, nullptr, call.service.history)),
            {AnswerPart::Kind::import, {}, {}, import.id.uuid, static_cast<std::uint32_t>(import.revision)}};
}

std::optional<std::string> request_of(const Keeping& keeping) {
    if (!keeping.key()) return std::nullopt;
    return base64url(view(sha256(row_key(*keeping.key()), keeping.key()->request)));
}

Refusal refusal_of(const SheetFault& fault) {
    auto code = fault.kind == SheetFault::Kind::too_many_rows ? Code::too_many_rows
                : fault.kind == SheetFault::Kind::too_long    ? Code::too_long
                                                              : Code::unreadable_file;
    Details details;
    if (fault.limit > 0) details.emplace_back("limit", static_cast<std::int64_t>(fault.limit));
    return {code, fault.detail, details, {}};
}

void create(const Call& call, SheetKind kind) {
    auto keeping = begin_keeping(call);
    if (!keeping) return;
    auto& service = call.service;
    auto request = request_of(*keeping);
    // The server died between the import and its answer.
    auto made = request ? service.imports->drafts().made_by(call.workspace_id, *request) : std::nullopt;
    if (made && made->status == ImportStatus::previewed && made->kept_until > service.execute.now())
        if (auto whole = service.imports->drafts().find_whole(call.workspace_id, made->id))
            return answer(call, *keeping, 201, shown(whole->import, &whole->rows, service.history),
                          again(call, whole->import));
    auto sheet = kind == SheetKind::csv ? read_csv(call.request.body) : read_xlsx(call.request.body);
    if (!sheet) return call.refuse(refusal_of(sheet.error()));
    auto read = rows_of(std::move(*sheet));
    if (!read) return call.refuse(read.error());
    Import import;
    import.workspace = call.workspace_id;
    import.id = ImportId{service.execute.fresh()};
    import.kind = kind;
    import.kept_until = service.execute.now().plus_seconds(limits::import_seconds);
    import.ignored_columns = std::move(read->ignored_columns);
    import.made_by = request;
    check(service.execute, call.caller.actor, call.dry_run, import, read->rows);
    if (!call.dry_run)
        if (auto refusal = service.imports->store_new(import, read->rows)) return call.refuse(*refusal);
    answer(call, *keeping, 201, shown(import, &read->rows, service.history, !call.dry_run), again(call, import));
}

// Each row is read on its own: there may be more of them than a list has.
std::vector<ImportCorrection> read_corrections(const nlohmann::json& json, Faults& faults, const Unicode& unicode) {
    ImportCorrections body;
    auto rest = json;
    bool list = rest.is_object() && rest.contains("rows") && rest["rows"].is_array();
    if (list) rest["rows"] = nlohmann::json::array();
    auto whole = Place::body();
    read(rest, body, faults, whole, unicode);
    if (!list) return {};
    auto rows = whole.member("rows");
    if (json["rows"].size() > limits::sheet_rows) {
        faults.add({"/rows",
                    Code::too_many_rows,
                    "At most " + std::to_string(limits::sheet_rows) + " rows.",
                    {{"limit", static_cast<std::int64_t>(limits::sheet_rows)}}});
        return {};
    }
    for (const auto& each : json["rows"]) {
        auto place = rows.element(body.rows.size());
        read(each, body.rows.emplace_back(), faults, place, unicode);
        if (each.is_object() && !each.contains("line")) reading::missing(place.member("line"), faults);
        for_each_field(body.rows.back(), [&](std::string_view name, const auto& cell) {
            if constexpr (requires { cell.value.size(); })
                if (cell.value.size() > limits::sheet_cell_bytes)
                    faults.add({place.member(name).pointer(),
                                Code::too_long,
                                "At most " + std::to_string(limits::sheet_cell_bytes) + " bytes.",
                                {{"limit", static_cast<std::int64_t>(limits::sheet_cell_bytes)}}});
        });
    }
    return std::move(body.rows);
}

void apply(const std::vector<ImportCorrection>& corrections, std::vector<ImportRow>& rows, Faults& faults) {
    std::map<std::int64_t, ImportRow*> by_line;
    for (auto& row : rows) by_line[row.line] = &row;
    std::set<std::int64_t> corrected;
    for (std::size_t i = 0; i < corrections.size(); ++i) {
        const auto& from = corrections[i];
        auto found = by_line.find(from.line);
        if (!corrected.insert(from.line).second) {
            faults.add({"/rows/" + std::to_string(i) + "/line",
                        Code::duplicate_key,
                        "This line stands earlier in the request.",
                        {}});
            continue;
        }
        if (found == by_line.end()) {
            faults.add({"/rows/" + std::to_string(i) + "/line",
                        Code::invalid_value,
                        "The import has no row of line " + std::to_string(from.line) + ".",
                        {}});
            continue;
        }
        auto& cells = found->second->cells;
        auto put = [](const Patch<std::string>& given, std::string& cell) {
            given.apply_to(cell);
            cell = trimmed(cell);
        };
        put(from.email, cells.email);
        put(from.name, cells.name);
        put(from.role, cells.role);
        put(from.team, cells.team);
        put(from.license, cells.license);
        put(from.add_ons, cells.add_ons);
        put(from.job_title, cells.job_title);
    }
    if (text_bytes(rows) > limits::sheet_text_bytes)
        faults.add({"/rows",
                    Code::too_long,
                    "The import would have over " + std::to_string(limits::sheet_text_bytes) + " bytes of text.",
                    {{"limit", static_cast<std::int64_t>(limits::sheet_text_bytes)}}});
}

void correct(const Call& call) {
    Faults faults;
    std::vector<ImportCorrection> corrections;
    bool good = read_body(call, faults, [&](const nlohmann::json& json) {
        corrections = read_corrections(json, faults, call.service.unicode);
    });
    if (!good) return;
    auto keeping = begin_keeping(call);
    if (!keeping) return;
    if (!faults.empty()) return call.refuse(std::move(faults).refusal());
    auto& service = call.service;
    auto id = ImportId::parse(call.parameter("id")).value_or(ImportId{});
    auto found = service.imports->drafts().find_whole(call.workspace_id, id);
    if (!found) return call.refuse(no_such_import());
    auto& [import, rows] = *found;
    if (import.status != ImportStatus::previewed) return call.refuse(is_sent());
    apply(corrections, rows, faults);
    if (!faults.empty()) return call.refuse(std::move(faults).refusal());
    check(service.execute, call.caller.actor, call.dry_run, import, rows);
    if (!call.dry_run) service.imports->store_preview(import, rows);
    answer(call, *keeping, 200, shown(import, &rows, service.history), again(call, import));
}

}  // namespace

void create_import(std::shared_ptr<Call> call) {
    auto kind = kind_of(*call);
    if (!kind)
        return call->refuse({Code::unsupported_media_type,
                             "Send CSV with Content-Type text/csv, or XLSX with " + std::string(xlsx_type) + ".",
                             {},
                             {}});
    if (!has_plain_body(*call)) return;
    on_imports(call, [call, kind = *kind] { create(*call, kind); });
}

void correct_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { correct(*call); });
}

}  // namespace muster
