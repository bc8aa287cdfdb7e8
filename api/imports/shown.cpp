#include "api/imports/shown.h"

#include "api/json/write.h"

namespace muster {
namespace {

std::optional<std::string> given(const std::string& cell) { return cell.empty() ? std::nullopt : std::optional(cell); }

void write_cells(ObjectWriter& into, const ImportRow& row) {
    for_each_field(row.cells, [&](std::string_view name, const std::string& cell) {
        into.field(name, name == "name" && cell.empty() ? row.guessed_name : given(cell));
    });
}

void write_previewed(ObjectWriter& into, const ImportRow& row) {
    write_cells(into, row);
    into.field("issues", row.issues);
}

void write_outcome(ObjectWriter& into, const ImportRow& row, const History& history) {
    if (row.status != ImportRowStatus::sent) {
        into.field("email", given(row.cells.email));
        into.field("name", row.cells.name.empty() ? row.guessed_name : given(row.cells.name));
        into.field("status", row.status);
        if (row.problem) into.raw("problem", *row.problem);
        return;
    }
    auto sent = fold<Membership>(history.stream(stream_of(MemberId{row.id->uuid})));
    into.field("email", sent.email);
    const auto* profile = sent.profile.if_known();
    into.field("name", profile ? std::optional(profile->name) : std::nullopt);
    into.field("status", row.status);
    into.field("id", row.id);
}

}  // namespace

std::string shown(const Import& import, const std::vector<ImportRow>* rows, const History& history, bool made) {
    std::string out;
    ObjectWriter into(out);
    into.field("id", made ? std::optional(import.id) : std::nullopt);
    into.field("status", import.status);
    into.field("kept_until", import.kept_until);
    bool previewed = import.status == ImportStatus::previewed;
    if (previewed) {
        ObjectWriter summary(into.key("summary"));
        summary.field("rows", import.rows);
        summary.field("valid", import.valid);
        summary.field("invalid", import.invalid());
        summary.field("seats", import.seats);
        summary.end();
    } else {
        into.field("total", import.rows);
        into.field("sent", import.sent);
        into.field("failed", import.failed);
    }
    into.field("ignored_columns", import.ignored_columns);
    return rows ? out + shown_rows(import, *rows, history) : out;
}

std::string shown_rows(const Import& import, const std::vector<ImportRow>& rows, const History& history) {
    bool previewed = import.status == ImportStatus::previewed;
    std::string out = ",\"rows\":";
    ArrayWriter array(out);
    for (const auto& each : rows) {
        ObjectWriter row(array.next());
        row.field("line", each.line);
        if (previewed)
            write_previewed(row, each);
        else
            write_outcome(row, each, history);
        row.end();
    }
    array.end();
    return out;
}

}  // namespace muster
