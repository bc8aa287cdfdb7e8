#pragma once
// An import: a file of people that was uploaded, the preview that is made of it, and how far its sending has come. It
// is no history: it lives in the vault for a week, and what it sends are invitations like any other.

#include "domain/membership.h"
#include "domain/refusal.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t import_piece_rows = 128;                     // stored, and sent, at once
inline constexpr std::int64_t import_seconds = std::int64_t{7} * 86'400;  // kept since it was uploaded or sent
inline constexpr std::size_t imports_per_workspace = 100;                 // kept at once
inline constexpr std::size_t import_row_issues = 10;   // told of one row; one more says that there are others
inline constexpr std::size_t import_cell_parts = 100;  // teams or add-ons in one cell
}  // namespace limits

struct ImportTag {
    static constexpr std::string_view prefix = "imp_";
};
using ImportId = Id<ImportTag>;

enum class ImportStatus : std::uint8_t { previewed, sending, done };
MUSTER_ENUM(ImportStatus, previewed, sending, done);
// Names people in a CSV file by a role's key, in XLSX by its name too.
enum class SheetKind : std::uint8_t { csv, xlsx };
MUSTER_ENUM(SheetKind, csv, xlsx);
enum class ImportRowStatus : std::uint8_t { waiting, sent, failed };
MUSTER_ENUM(ImportRowStatus, waiting, sent, failed);

// A row's cells, under the template's names.
struct ImportCells {
    std::string email;
    std::string name;
    std::string role;
    std::string team;  // several are separated by `;`, `,` or a line break; add_ons too
    std::string license;
    std::string add_ons;
    std::string job_title;
    bool operator==(const ImportCells&) const = default;
};
MUSTER_DESCRIBE(ImportCells, email, name, role, team, license, add_ons, job_title);

struct ImportIssue {
    std::string column;  // the template's name
    std::string code;
    std::string detail;
    std::optional<std::string> id;  // of who has the address already
};
MUSTER_DESCRIBE(ImportIssue, column, code, detail, id);

struct ImportRow {
    std::int64_t line = 0;  // of the file
    ImportCells cells;      // blank once it is sent: the membership has them
    std::vector<ImportIssue> issues;
    std::optional<std::string> guessed_name;  // read from the address, where the file names nobody
    std::optional<InvitationId> id;           // fixed before the row is sent
    ImportRowStatus status = ImportRowStatus::waiting;
    std::optional<std::string> problem;  // why it was not sent: problem+json
};
MUSTER_DESCRIBE(ImportRow, line, cells, issues, guessed_name, id, status, problem);

struct SeatNeed {
    std::string pool;
    std::int64_t needed = 0;                // by the rows that are valid
    std::optional<std::int64_t> remaining;  // none: unlimited
};
MUSTER_DESCRIBE(SeatNeed, pool, needed, remaining);

// All but the rows.
struct Import {
    WorkspaceId workspace;
    ImportId id;
    ImportStatus status = ImportStatus::previewed;
    SheetKind kind = SheetKind::csv;
    ActorKind actor_kind = ActorKind::operator_;  // who sends it
    std::string actor_id;                         // 26 characters
    Instant kept_until;
    std::int64_t revision = 0;  // each preview's rows are stored anew
    std::int64_t rows = 0;
    std::int64_t valid = 0;
    std::vector<SeatNeed> seats;
    std::vector<std::string> ignored_columns;
    std::int64_t pieces_sent = 0;
    std::int64_t sent = 0;
    std::int64_t failed = 0;
    std::optional<std::string> made_by;  // the request that uploaded it, as a digest; where it came under a key

    [[nodiscard]] std::int64_t pieces() const;
    [[nodiscard]] std::int64_t invalid() const { return rows - valid; }
};
MUSTER_DESCRIBE(Import, workspace, id, status, kind, actor_kind, actor_id, kept_until, revision, rows, valid, seats,
                ignored_columns, pieces_sent, sent, failed, made_by);

// A cell without the space around it.
std::string trimmed(std::string_view text);

// The addresses that stand in its cells, in whatever column, alone or among other words: those of a file may be other
// ones than its header says.
std::vector<EmailAddress> addresses_in(const ImportCells& cells, const Unicode& unicode);

// How many bytes of text its rows have, which limits::sheet_text_bytes bounds.
std::size_t text_bytes(const std::vector<ImportRow>& rows);

// The code of this name; internal_error where there is none.
Code code_of(std::string_view name);
// What is wrong with a row as one refusal; pointers name the column.
Refusal refusal_of(const std::vector<ImportIssue>& issues);

}  // namespace muster
