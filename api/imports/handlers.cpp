// The routes of imports, but for uploading and correcting (uploading.cpp).
#include "api/imports/handlers.h"

#include "api/commands.h"
#include "api/imports/check.h"
#include "api/imports/columns.h"
#include "api/imports/handling.h"
#include "api/imports/imports.h"
#include "api/imports/shown.h"
#include "api/listing.h"

#include <nlohmann/json.hpp>

namespace muster {
namespace {

void remove(const Call& call) {
    auto keeping = begin_keeping(call);
    if (!keeping) return;
    auto id = ImportId::parse(call.parameter("id")).value_or(ImportId{});
    try {
        auto import = import_of(call);
        if (!import) return call.refuse(no_such_import());
        if (import->status == ImportStatus::sending) return call.refuse(is_sent());
    } catch (const DamageError&) {
        // Ignored: nothing goes on with it, and what is left of it can go.
    }
    if (!call.dry_run) call.service.imports->erase(call.workspace_id, id);
    std::string body;
    ObjectWriter into(body);
    into.field("id", id);
    into.field("deleted", true);
    answer(call, *keeping, 200, body, {plain(body)});
}

void check_again(const Call& call, Import& import) {
    auto& service = call.service;
    auto whole = service.imports->drafts().find_whole(call.workspace_id, import.id);
    if (!whole) return;
    check(service.execute, call.caller.actor, call.dry_run, whole->import, whole->rows);
    if (!call.dry_run) service.imports->store_preview(whole->import, whole->rows);
    import = std::move(whole->import);
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
    // What was wrong may be right by now. What was right is decided again when it is sent.
    if (begins && import->invalid() > 0) check_again(call, *import);
    if (begins && import->invalid() > 0 && !body.skip_invalid)
        return call.refuse({Code::import_has_issues,
                            "Some rows have issues: correct them, or send the others with skip_invalid.",
                            {{"invalid", import->invalid()}, {"valid", import->valid}},
                            {}});
    if (begins && !call.dry_run) service.imports->begin_sending(*import, call.caller.actor);
    if (begins && call.dry_run) import->status = ImportStatus::sending;
    auto text = shown(*import, nullptr, service.history);
    answer(call, *keeping, 202, text, {plain(text)});
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

void delete_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { remove(*call); });
}

void send_import(std::shared_ptr<Call> call) {
    on_imports(call, [call] { send(*call); });
}

void show_import(std::shared_ptr<Call> call) {
    ImportParameters wanted;
    if (!read_list(*call, wanted)) return;
    on_pool(call, [call, with_rows = wanted.rows == RowsShown::all] {
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
    });
}

std::string import_rows_again(const Call& call, ImportId id, std::uint32_t revision) {
    auto whole = call.service.imports->drafts().find_whole(call.workspace_id, id);
    bool same = whole && whole->import.status == ImportStatus::previewed && whole->import.revision == revision;
    return same ? shown_rows(whole->import, whole->rows, call.service.history) : std::string();
}

}  // namespace muster
