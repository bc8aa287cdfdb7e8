#include "api/imports/handlers.h"

#include "api/commands.h"
#include "api/imports/check.h"
#include "api/imports/columns.h"
#include "api/imports/imports.h"
#include "api/imports/shown.h"
#include "api/listing.h"
#include "api/sheets/csv.h"
#include "api/sheets/xlsx.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace muster {
namespace {

constexpr std::string_view xlsx_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

std::optional<SheetKind> kind_of(const Call& call) {
    std::string type(call.request.header("content-type").value_or(""));
    type.erase(std::min(type.find(';'), type.size()));
    while (!type.empty() && type.back() == ' ') type.pop_back();
    std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    if (type == "text/csv") return SheetKind::csv;
    if (type == xlsx_type) return SheetKind::xlsx;
    return std::nullopt;
}

Refusal overloaded() {
    return {Code::overloaded, "The server has more to do than it can; try again in a moment.", {}, {}};
}
Refusal no_such_import() { return {Code::not_found, "There is no such import; one is kept for 7 days.", {}, {}}; }
Refusal is_sent() {
    return {Code::import_sent, "This import is being sent, or was; it can't be changed any more.", {}, {}};
}

// Runs `work` on the thread of imports; what it throws is the caller's answer.
void on_imports(std::shared_ptr<Call> call, std::function<void()> work) {
    bool taken = call->service.imports->post([call, work = std::move(work)] {
        try {
            work();
        } catch (const std::exception& error) {
            call->refuse({Code::internal_error, error.what(), {}, {}});
        }
    });
    if (!taken) call->refuse(overloaded());
}

std::optional<Import> import_of(const Call& call) {
    auto id = ImportId::parse(call.parameter("id"));
    return id ? call.service.imports->drafts().find(call.workspace_id, *id) : std::nullopt;
}

// Keeps the answer, and answers. `body` is an object without its last brace.
void answer(const Call& call, Keeping& keeping, int status, std::string body, std::vector<AnswerPart> parts) {
    BatchCommand nothing;
    nothing.workspace = call.workspace_id;
    nothing.actor = call.caller.actor;
    nothing.correlation = call.correlation;
    nothing.dry_run = call.dry_run;
    if (keeping.key()) {
        nothing.idempotency_key = row_key(*keeping.key());
        nothing.idempotency_row = [&](const BatchOutcome& outcome) {
            KeptAnswer kept{static_cast<std::uint16_t>(status), outcome.position, std::move(parts)};
            return kept_row(call.service.vault, *keeping.key(), call.service.execute.now(), kept);
        };
    }
    auto outcome = call.service.execute.run_batch(nothing);
    keeping.end();
    if (!outcome) return call.refuse(outcome.error());
    if (call.dry_run) body += ",\"dry_run\":true";
    call.done(response({status, body + "}", outcome->position, std::nullopt, {}}));
}

AnswerPart again(ImportId id) { return {AnswerPart::Kind::import, {}, {}, id.uuid, 0}; }

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
    auto sheet = kind == SheetKind::csv ? read_csv(call.request.body) : read_xlsx(call.request.body);
    if (!sheet) return call.refuse(refusal_of(sheet.error()));
    auto read = rows_of(std::move(*sheet));
    if (!read) return call.refuse(read.error());
    auto& service = call.service;
    Import import;
    import.workspace = call.workspace_id;
    import.id = ImportId{service.execute.fresh()};
    import.kind = kind;
    import.kept_until = service.execute.now().plus_seconds(limits::import_seconds);
    import.ignored_columns = std::move(read->ignored_columns);
    check(service.execute, call.caller.actor, import, read->rows);
    if (!call.dry_run)
        if (auto refusal = service.imports->store_new(import, read->rows)) return call.refuse(*refusal);
    answer(call, *keeping, 201, shown(import, &read->rows, service.history, !call.dry_run), {again(import.id)});
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
    for (std::size_t i = 0; i < corrections.size(); ++i) {
        const auto& from = corrections[i];
        auto found = by_line.find(from.line);
        if (found == by_line.end()) {
            faults.add({"/rows/" + std::to_string(i) + "/line",
                        Code::invalid_value,
                        "The import has no row of line " + std::to_string(from.line) + ".",
                        {}});
            continue;
        }
        auto& cells = found->second->cells;
        from.email.apply_to(cells.email);
        from.name.apply_to(cells.name);
        from.role.apply_to(cells.role);
        from.team.apply_to(cells.team);
        from.license.apply_to(cells.license);
        from.add_ons.apply_to(cells.add_ons);
        from.job_title.apply_to(cells.job_title);
    }
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
    check(service.execute, call.caller.actor, import, rows);
    if (!call.dry_run) service.imports->store_preview(import, rows);
    answer(call, *keeping, 200, shown(import, &rows, service.history), {again(id)});
}

void remove(const Call& call) {
    auto keeping = begin_keeping(call);
    if (!keeping) return;
    auto import = import_of(call);
    if (!import) return call.refuse(no_such_import());
    if (import->status == ImportStatus::sending) return call.refuse(is_sent());
    if (!call.dry_run) call.service.imports->erase(*import);
    std::string body;
    ObjectWriter into(body);
    into.field("id", import->id);
    into.field("deleted", true);
    answer(call, *keeping, 200, body, {plain(body)});
}

void send(const Call& call) {
    Faults faults;
    SendImport body;
    bool good = read_body(call, faults, [&](const nlohmann::json& json) {
        read(json, body, faults, Place::body(), call.service.unicode);
    });
    if (!good) return;
    auto keeping = begin_keeping(call);
    if (!keeping) return;
    if (!faults.empty()) return call.refuse(std::move(faults).refusal());
    auto import = import_of(call);
    if (!import) return call.refuse(no_such_import());
    auto& service = call.service;
    bool begins = import->status == ImportStatus::previewed;
    if (begins && import->invalid() > 0 && !body.skip_invalid)
        return call.refuse({Code::import_has_issues,
                            "Some rows have issues: correct them, or send the others with skip_invalid.",
                            {{"invalid", import->invalid()}, {"valid", import->valid}},
                            {}});
    if (begins && !call.dry_run) service.imports->begin_sending(*import, call.caller.actor);
    if (begins && call.dry_run) import->status = ImportStatus::sending;
    auto text = shown(*import, nullptr, service.history);
    answer(call, *keeping, begins ? 202 : 200, text, {plain(text)});
}

}  // namespace

void import_template(std::shared_ptr<Call> call) {
    TemplateParameters wanted;
    if (!read_list(*call, wanted)) return;
    http::Response file{200, {}, template_header(wanted.columns.has_value())};
    file.headers.push_back({"content-type", "text/csv; charset=utf-8; header=present"});
    file.headers.push_back({"content-disposition", "attachment; filename=\"template.csv\""});
    call->done(std::move(file));
}

void create_import(std::shared_ptr<Call> call) {
    auto kind = kind_of(*call);
    if (!kind)
        return call->refuse({Code::unsupported_media_type,
                             "Send CSV with Content-Type text/csv, or XLSX with " + std::string(xlsx_type) + ".",
                             {},
                             {}});
    on_imports(call, [call, kind = *kind] { create(*call, kind); });
}

void correct_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { correct(*call); });
}

void delete_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { remove(*call); });
}

void send_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { send(*call); });
}

void show_import(std::shared_ptr<Call> call) {
    ImportParameters wanted;
    if (!read_list(*call, wanted)) return;
    bool taken = call->service.pool.post([call, with_rows = wanted.rows == RowsShown::all] {
        try {
            auto id = ImportId::parse(call->parameter("id")).value_or(ImportId{});
            auto& service = call->service;
            auto position = service.log.head();
            const auto& drafts = service.imports->drafts();
            std::string body;
            if (with_rows) {
                if (auto whole = drafts.find_whole(call->workspace_id, id))
                    body = shown(whole->import, &whole->rows, service.history);
            } else if (auto import = drafts.find(call->workspace_id, id)) {
                body = shown(*import, nullptr, service.history);
            }
            if (body.empty()) return call->refuse(no_such_import());
            call->done(response({200, body + "}", position, std::nullopt, {}}));
        } catch (const std::exception& error) {
            call->refuse({Code::internal_error, error.what(), {}, {}});
        }
    });
    if (!taken) call->refuse(overloaded());
}

std::string import_again(const Call& call, ImportId id) {
    if (auto whole = call.service.imports->drafts().find_whole(call.workspace_id, id))
        return shown(whole->import, &whole->rows, call.service.history);
    std::string body;
    ObjectWriter into(body);
    into.field("id", id);
    into.field("status", std::string_view("deleted"));
    return body;
}

}  // namespace muster
