#include "api/imports/columns.h"

#include "api/json/faults.h"

#include <algorithm>
#include <optional>

namespace muster {
namespace {

using Cell = std::string ImportCells::*;

struct Column {
    std::string_view name;                  // the template's
    Cell cell;                              // nullptr: ignored
    std::vector<std::string_view> headers;  // folded
};

const std::vector<Column>& columns() {
    static const std::vector<Column> all{
        {"email", &ImportCells::email, {"email", "emails", "emailaddress", "emailaddresses"}},
        {"name", &ImportCells::name, {"name", "names", "fullname", "fullnames"}},
        {"role", &ImportCells::role, {"role", "roles", "rolename", "permissionrole", "permissionrolename"}},
        {"team", &ImportCells::team, {"team", "teams"}},
        {"license", &ImportCells::license, {"license", "licence"}},
        {"add_ons", &ImportCells::add_ons, {"addons", "addon"}},
        {"job_title", &ImportCells::job_title, {"jobtitle"}},
        {"gender", nullptr, {"gender"}},
    };
    return all;
}

std::string folded(std::string_view header) {
    std::string text;
    for (std::size_t i = 0; i < header.size(); ++i) {
        char c = header[i];
        if (header.substr(i).starts_with("\xc2\xa0")) {  // a space that does not break
            ++i;
            continue;
        }
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c != ' ' && c != '-' && c != '_' && c != '\t' && c != '\n' && c != '\r') text += c;
    }
    return text;
}

const Column* column_headed(std::string_view header) {
    auto found = std::ranges::find_if(columns(), [name = folded(header)](const auto& each) {
        return std::ranges::find(each.headers, name) != each.headers.end();
    });
    return found == columns().end() ? nullptr : &*found;
}

std::string pointer_to(std::string_view header) {
    std::string pointer;
    append_reference_token(pointer, header);
    return pointer;
}

// What each column of the sheet is; nullptr for those without a header.
std::vector<const Column*> read_header(const SheetRow& header, std::vector<std::string>& ignored, Faults& faults) {
    std::vector<const Column*> read;
    for (const auto& cell : header.cells) {
        auto name = trimmed(cell);
        const auto* column = name.empty() ? nullptr : column_headed(name);
        bool twice = column && std::ranges::find(read, column) != read.end();
        if (!name.empty() && !column)
            faults.add({pointer_to(name),
                        Code::unknown_column,
                        "There is no column `" + name +
                            "`; the columns are email, name, role, team, license, add_ons and job_title.",
                        {}});
        if (twice)
            faults.add({pointer_to(name),
                        Code::duplicate_key,
                        "The column `" + name + "` stands twice, or another one means the same.",
                        {}});
        if (column && !column->cell) ignored.push_back(name);
        read.push_back(column);
    }
    if (std::ranges::find(read, &columns().front()) == read.end())
        faults.add({"/email",
                    Code::required,
                    "The file has no column `email`; its first row names the columns, as the template does.",
                    {}});
    return read;
}

}  // namespace

std::expected<ImportedRows, Refusal> rows_of(Sheet sheet) {
    ImportedRows made;
    Faults faults;
    auto header = sheet.rows.empty() ? SheetRow{} : std::move(sheet.rows.front());
    auto read = read_header(header, made.ignored_columns, faults);
    bool header_good = faults.empty();
    for (std::size_t i = 1; header_good && i < sheet.rows.size(); ++i) {
        auto& from = sheet.rows[i];
        ImportRow row;
        row.line = from.line;
        for (std::size_t column = 0; column < from.cells.size(); ++column) {
            auto text = trimmed(from.cells[column]);
            const auto* known = column < read.size() ? read[column] : nullptr;
            if (known && known->cell) row.cells.*known->cell = text;
            if (known || text.empty()) continue;
            faults.add({"/rows/" + std::to_string(from.line),
                        Code::unknown_column,
                        "Line " + std::to_string(from.line) + " has a cell in column " + std::to_string(column + 1) +
                            ", which has no header; a cell with a separator in it needs quotes.",
                        {}});
        }
        made.rows.push_back(std::move(row));
        from.cells = {};
    }
    if (!faults.empty()) return std::unexpected(std::move(faults).refusal());
    return made;
}

std::string template_header(bool all) {
    return all ? "email,name,role,team,license,add_ons,job_title\r\n" : "email,name,role,team\r\n";
}

}  // namespace muster
