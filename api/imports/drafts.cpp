#include "api/imports/drafts.h"

#include "api/json/parse.h"
#include "api/json/read.h"
#include "api/json/write.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster {
namespace {

constexpr std::size_t import_key_bytes = 1 + 16 + 16;
constexpr std::size_t written_at_once = std::size_t{1} << 20;  // so that others' keys are not kept waiting

std::string prefix_of(WorkspaceId workspace) {
    std::string key;
    append_u8(key, 1);
    append_uuid(key, workspace.uuid);
    return key;
}

std::string key_of(WorkspaceId workspace, ImportId id) {
    auto key = prefix_of(workspace);
    append_uuid(key, id.uuid);
    return key;
}

std::string key_of(const Import& import) { return key_of(import.workspace, import.id); }

std::string key_of(const Import& import, std::int64_t piece) {
    auto key = key_of(import);
    append_u32(key, static_cast<std::uint32_t>(import.revision));
    append_u32(key, static_cast<std::uint32_t>(piece));
    return key;
}

Uuid uuid_in(std::string_view key, std::size_t at) {
    Uuid id;
    std::ranges::copy(key.substr(at, id.bytes.size()), id.bytes.begin());
    return id;
}

nlohmann::json parsed(const std::string& text) {
    Faults faults;
    auto json = parse_json(text, faults);
    if (!json) throw DamageError("the vault: a draft is no JSON");
    return *json;
}

template <class T>
T read_back(const nlohmann::json& json, const Unicode& unicode) {
    T value;
    Faults faults;
    read(json, value, faults, Place::body(), unicode);
    if (!faults.empty()) throw DamageError("the vault: a draft has " + faults.all().front().pointer + " wrong");
    return value;
}

template <class T>
std::string written(const T& value) {
    std::string text;
    write_json(text, value);
    return text;
}

std::vector<ImportRow> slice(const std::vector<ImportRow>& rows, std::int64_t piece) {
    auto from = static_cast<std::size_t>(piece) * limits::import_piece_rows;
    auto to = std::min(rows.size(), from + limits::import_piece_rows);
    return {rows.begin() + static_cast<std::ptrdiff_t>(from), rows.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

std::optional<Import> Drafts::find(WorkspaceId workspace, ImportId id, const Reading* at) const {
    auto text = rows_.get(key_of(workspace, id), at);
    if (!text) return std::nullopt;
    return read_back<Import>(parsed(*text), unicode_);
}

std::vector<ImportRow> Drafts::piece(const Import& import, std::int64_t number, const Reading* at) const {
    auto text = rows_.get(key_of(import, number), at);
    if (!text) throw DamageError("the vault: rows of an import are missing");
    std::vector<ImportRow> rows;
    for (const auto& each : parsed(*text)) rows.push_back(read_back<ImportRow>(each, unicode_));
    return rows;
}

std::optional<Import> Drafts::find(WorkspaceId workspace, ImportId id) const { return find(workspace, id, nullptr); }

std::vector<ImportRow> Drafts::piece(const Import& import, std::int64_t number) const {
    return piece(import, number, nullptr);
}

std::optional<Drafts::Whole> Drafts::find_whole(WorkspaceId workspace, ImportId id) const {
    auto at = rows_.snapshot();
    auto import = find(workspace, id, at.get());
    if (!import) return std::nullopt;
    std::vector<ImportRow> rows;
    rows.reserve(static_cast<std::size_t>(import->rows));
    for (std::int64_t number = 0; number < import->pieces(); ++number)
        std::ranges::move(piece(*import, number, at.get()), std::back_inserter(rows));
    return Whole{std::move(*import), std::move(rows)};
}

void Drafts::put_preview(Import& import, const std::vector<ImportRow>& rows) {
    auto older = rows_.keys(key_of(import));
    std::erase_if(older, [](const auto& key) { return key.size() == import_key_bytes; });
    ++import.revision;
    std::vector<SealedRow> batch;
    std::size_t bytes = 0;
    for (std::int64_t number = 0; number < import.pieces(); ++number) {
        batch.push_back({key_of(import, number), written(slice(rows, number))});
        bytes += batch.back().text.size();
        if (bytes < written_at_once) continue;
        rows_.put(batch, Sync::no);
        batch.clear();
        bytes = 0;
    }
    batch.push_back({key_of(import), written(import)});
    rows_.put(batch, Sync::yes);
    rows_.erase(older);
}

void Drafts::put(const Import& import) { rows_.put({{key_of(import), written(import)}}, Sync::yes); }

void Drafts::put_piece(const Import& import, std::int64_t number, const std::vector<ImportRow>& rows, Sync sync) {
    rows_.put({{key_of(import, number), written(rows)}, {key_of(import), written(import)}}, sync);
}

void Drafts::erase(WorkspaceId workspace, ImportId id) { rows_.erase(rows_.keys(key_of(workspace, id))); }

// What is wrong with one import is no trouble of the others.
std::vector<Drafts::Kept> Drafts::below(const std::string& prefix) const {
    std::vector<Kept> found;
    for (const auto& key : rows_.keys(prefix)) {
        if (key.size() != import_key_bytes) continue;
        Kept kept{{uuid_in(key, 1)}, {uuid_in(key, 1 + 16)}, std::nullopt};
        try {
            kept.import = find(kept.workspace, kept.id);
            if (kept.import) found.push_back(std::move(kept));
        } catch (const DamageError&) {
            found.push_back(std::move(kept));
        }
    }
    return found;
}

std::size_t Drafts::count(WorkspaceId workspace) const {
    auto keys = rows_.keys(prefix_of(workspace));
    return static_cast<std::size_t>(
        std::ranges::count(keys, import_key_bytes, [](const auto& key) { return key.size(); }));
}

std::optional<ImportId> Drafts::oldest(WorkspaceId workspace) const {
    for (const auto& each : below(prefix_of(workspace)))
        if (!each.import || each.import->status != ImportStatus::sending) return each.id;
    return std::nullopt;
}

std::optional<Import> Drafts::made_by(WorkspaceId workspace, const std::string& request) const {
    for (auto& each : below(prefix_of(workspace)))
        if (each.import && each.import->made_by == request) return std::move(each.import);
    return std::nullopt;
}

void Drafts::erase_strays() {
    std::vector<std::string> strays;
    std::string good;  // what the keys of the last import's rows begin with; of a damaged one all may be good
    auto kept = all();
    auto import = kept.begin();
    for (const auto& key : rows_.keys(std::string(1, '\1'))) {
        if (key.size() == import_key_bytes) {
            good = key;
            while (import != kept.end() && key_of(import->workspace, import->id) < key) ++import;
            bool whole = import != kept.end() && import->import && key_of(*import->import) == key;
            if (whole) good = key_of(*import->import, 0).substr(0, import_key_bytes + 4);
        } else if (good.empty() || !key.starts_with(good)) {
            strays.push_back(key);
        }
    }
    rows_.erase(strays);
}

}  // namespace muster
