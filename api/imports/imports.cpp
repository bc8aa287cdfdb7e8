#include "api/imports/imports.h"

#include "domain/seats.h"

namespace muster {
namespace {

// The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562).
Instant made_at(const Uuid& id) {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
    return {ms};
}

}  // namespace

std::optional<Refusal> Imports::store_new(Import& import, const std::vector<ImportRow>& rows) {
    if (drafts_.count(import.workspace) >= limits::imports_per_workspace) {
        auto refusal = limit_reached("imports", limits::imports_per_workspace).error();
        if (auto oldest = drafts_.oldest(import.workspace)) {
            refusal.detail += " The oldest that is not being sent is " + oldest->text() + ".";
            refusal.details.push_back({"id", oldest->text()});
        }
        return refusal;
    }
    drafts_.put_preview(import, rows);
    return std::nullopt;
}

void Imports::store_preview(Import& import, const std::vector<ImportRow>& rows) { drafts_.put_preview(import, rows); }

void Imports::erase(WorkspaceId workspace, ImportId id) {
    drafts_.erase(workspace, id);
    drafts_.purge();
}

void Imports::tidy() {
    // One after the other, so that what hinders one does not hinder the other.
    auto each_on_its_own = [this](void (Imports::*work)()) {
        (void)post([this, work] {  // where there is too much to do: the next time
            try {
                (this->*work)();
            } catch (const StorageError& error) {
                report_(std::string("imports could not be tidied: ") + error.what());
            }
        });
    };
    each_on_its_own(&Imports::resume_sending);
    each_on_its_own(&Imports::forget_old);
}

void Imports::resume_sending() {
    for (const auto& each : drafts_.all())
        if (each.import && each.import->status == ImportStatus::sending && going_on_.insert(each.id).second)
            go_on(each.workspace, each.id);
}

void Imports::forget_old() {
    bool erased = false;
    for (const auto& each : drafts_.all()) {
        if (each.import && each.import->status == ImportStatus::sending) continue;
        // A damaged one says no time; its id has that of its making.
        auto until = each.import ? each.import->kept_until : made_at(each.id.uuid).plus_seconds(limits::import_seconds);
        if (until > execute_.now()) continue;
        drafts_.erase(each.workspace, each.id);
        erased = true;
    }
    drafts_.erase_strays();
    if (erased) drafts_.purge();
}

}  // namespace muster
