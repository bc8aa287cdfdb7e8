#include "api/imports/imports.h"

#include "domain/seats.h"

namespace muster {

std::optional<Refusal> Imports::store_new(Import& import, const std::vector<ImportRow>& rows) {
    if (drafts_.of(import.workspace).size() >= limits::imports_per_workspace)
        return limit_reached("imports", limits::imports_per_workspace).error();
    drafts_.put_preview(import, rows);
    return std::nullopt;
}

void Imports::store_preview(Import& import, const std::vector<ImportRow>& rows) { drafts_.put_preview(import, rows); }

void Imports::erase(const Import& import) {
    drafts_.erase(import);
    drafts_.purge();
}

void Imports::tidy() {
    auto work = [this] {
        try {
            forget_old();
            for (const auto& each : drafts_.all())
                if (each.status == ImportStatus::sending && going_on_.insert(each.id).second)
                    go_on(each.workspace, each.id);
        } catch (const StorageError&) {
            // The disk failed, or is damaged: whoever asks for an import is told.
        }
    };
    (void)post(work);  // where there is too much to do: the next time
}

void Imports::forget_old() {
    bool erased = false;
    for (const auto& each : drafts_.all()) {
        if (each.status == ImportStatus::sending || each.kept_until > execute_.now()) continue;
        drafts_.erase(each);
        erased = true;
    }
    drafts_.erase_strays();
    if (erased) drafts_.purge();
}

}  // namespace muster
