#pragma once
// Imports in the vault. An import is one row, its people are rows of limits::import_piece_rows beside it:
//
//   1 ‖ workspace (16) ‖ import (16) → the import, as JSON
//   … ‖ revision u32 ‖ piece u32     → an array of its rows, as JSON
//
// A new preview is written beside the old one, and the import's row tells which is good; so nothing is ever seen half.
// For one writing thread at a time; any number may read.

#include "api/imports/import.h"
#include "eventstore/sealed_rows.h"

#include <optional>
#include <vector>

namespace muster {

class Drafts {
public:
    Drafts(Vault& vault, const Unicode& unicode) : rows_(vault.drafts()), unicode_(unicode) {}

    [[nodiscard]] std::optional<Import> find(WorkspaceId workspace, ImportId id) const;
    // DamageError where it is missing. An import with its rows as they were at one moment is `find_whole`.
    [[nodiscard]] std::vector<ImportRow> piece(const Import& import, std::int64_t number) const;
    struct Whole {
        Import import;
        std::vector<ImportRow> rows;
    };
    [[nodiscard]] std::optional<Whole> find_whole(WorkspaceId workspace, ImportId id) const;

    // A new import, or a new preview of it; synced.
    void put_preview(Import& import, const std::vector<ImportRow>& rows);
    void put(const Import& import);  // synced
    void put_piece(const Import& import, std::int64_t number, const std::vector<ImportRow>& rows, Sync sync);

    // Synced. They are off the disk after `purge`. Also where they are damaged.
    void erase(WorkspaceId workspace, ImportId id);
    void purge() { rows_.purge(); }

    struct Kept {
        WorkspaceId workspace;
        ImportId id;
        std::optional<Import> import;  // none where it is damaged
    };
    [[nodiscard]] std::vector<Kept> all() const { return below(std::string(1, '\1')); }
    [[nodiscard]] std::size_t count(WorkspaceId workspace) const;
    // The first that was made of those that can be removed.
    [[nodiscard]] std::optional<ImportId> oldest(WorkspaceId workspace) const;
    // The preview that this request has made (Import::made_by).
    [[nodiscard]] std::optional<Import> made_by(WorkspaceId workspace, const std::string& request) const;
    // Rows of no import: a crash came between them and it.
    void erase_strays();

private:
    [[nodiscard]] std::optional<Import> find(WorkspaceId workspace, ImportId id, const Reading* at) const;
    [[nodiscard]] std::vector<ImportRow> piece(const Import& import, std::int64_t number, const Reading* at) const;
    [[nodiscard]] std::vector<Kept> below(const std::string& prefix) const;

    SealedRows rows_;
    const Unicode& unicode_;
};

}  // namespace muster
