#pragma once
// The routes of imports [S0-24, S1-9 to S1-17, S3-16, S3-17].

#include "api/imports/import.h"
#include "api/service.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class TemplateColumns { all };
MUSTER_ENUM(TemplateColumns, all);
struct TemplateParameters {
    std::optional<TemplateColumns> columns;
};
MUSTER_DESCRIBE(TemplateParameters, columns);

enum class RowsShown { all, none };
MUSTER_ENUM(RowsShown, all, none);
struct ImportParameters {
    RowsShown rows = RowsShown::all;
};
MUSTER_DESCRIBE(ImportParameters, rows);

// A row to correct: the cells that are named change, null clears one.
struct ImportCorrection {
    std::int64_t line = 0;
    Patch<std::string> email;
    Patch<std::string> name;
    Patch<std::string> role;
    Patch<std::string> team;
    Patch<std::string> license;
    Patch<std::string> add_ons;
    Patch<std::string> job_title;
};
MUSTER_DESCRIBE(ImportCorrection, line, email, name, role, team, license, add_ons, job_title);
struct ImportCorrections {
    std::vector<ImportCorrection> rows;
};
MUSTER_DESCRIBE(ImportCorrections, rows);

struct SendImport {
    bool skip_invalid = false;
};
MUSTER_DESCRIBE(SendImport, skip_invalid);

void import_template(std::shared_ptr<Call> call);
void create_import(std::shared_ptr<Call> call);
void correct_import(std::shared_ptr<Call> call);
void show_import(std::shared_ptr<Call> call);
void delete_import(std::shared_ptr<Call> call);
void send_import(std::shared_ptr<Call> call);

// The rows of an answer that is kept under an idempotency key without them: `,"rows":[…]` of this preview, or nothing
// where the import has another one by now, is sent, or is gone.
std::string import_rows_again(const Call& call, ImportId id, std::uint32_t revision);

}  // namespace muster
