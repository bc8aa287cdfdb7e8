#pragma once
// What a file of people is, whoever saved it: rows of text cells, each row with the line that people see in their
// program. And every limit of reading one.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t sheet_rows = 50'000;  // beside the header; blank ones do not count
inline constexpr std::size_t sheet_columns = 100;
inline constexpr std::size_t sheet_cell_bytes = 8'192;
inline constexpr std::size_t sheet_text_bytes = std::size_t{32} << 20;  // of all cells; one text may stand in many
// Of the zip archive that an XLSX file is.
inline constexpr std::size_t sheet_entries = 2'000;
inline constexpr std::size_t sheet_inflated_bytes = std::size_t{64} << 20;  // of all parts that are read
// Where a part is larger than that, it must not be this many times its compressed size.
inline constexpr std::size_t sheet_ratio_from_bytes = std::size_t{1} << 20;
inline constexpr std::size_t sheet_ratio = 200;
inline constexpr std::size_t sheet_xml_nesting = 32;
inline constexpr std::size_t sheet_xml_token = std::size_t{256} << 10;  // bytes of a tag, a comment, an instruction
inline constexpr std::size_t sheet_shared_strings = 1'000'000;
}  // namespace limits

struct SheetRow {
    std::uint32_t line = 0;  // of the file, from 1: a CSV file's text line, a sheet's row number
    std::vector<std::string> cells;
};

// Blank rows are left out. The first row is the header.
struct Sheet {
    std::vector<SheetRow> rows;
};

// Why a file is not read. `detail` is a sentence for people.
struct SheetFault {
    enum class Kind : std::uint8_t { unreadable, too_many_rows, too_long } kind = Kind::unreadable;
    std::string detail;
    std::size_t limit = 0;  // of what there is too much; 0 where it is none of that
};

inline SheetFault unreadable(std::string detail) { return {SheetFault::Kind::unreadable, std::move(detail), 0}; }

using SheetRead = std::expected<Sheet, SheetFault>;

// Takes cells in the order of the file, and keeps the limits.
class SheetRows {
public:
    // The cell of a column from 0. Those beyond the limit may be blank.
    void cell(std::size_t column, std::string text);
    // The row is complete; false where the file is to be read no further.
    bool end_row(std::uint32_t line);
    // The first thing that went wrong counts.
    void fail(SheetFault fault);
    [[nodiscard]] bool failed() const { return failed_; }
    SheetRead take() &&;

private:
    Sheet sheet_;
    SheetRow row_;
    std::size_t text_bytes_ = 0;
    bool blank_ = true;
    bool failed_ = false;
    SheetFault fault_;
    std::size_t overlong_ = 0;  // columns from 1: a cell that is too long; 0 for none
    bool too_wide_ = false;
};

}  // namespace muster
