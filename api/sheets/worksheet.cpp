#include "api/sheets/worksheet.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace muster {
namespace {

constexpr std::uint32_t excel_rows = 1'048'576;
constexpr std::size_t excel_columns = 16'384;

// A cell that is too long stays too long, and takes no more memory.
void append(std::string& text, std::string_view piece) {
    text.append(piece.substr(0, limits::sheet_cell_bytes + 1 - std::min(text.size(), limits::sheet_cell_bytes + 1)));
}

// Excel writes the CR of a line break as `_x000D_`.
std::string without_carriage_returns(std::string text) {
    constexpr std::string_view escaped = "_x000D_";
    for (auto at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at)) text.erase(at, 7);
    return text;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// 15 digits, as Excel counts: 0.1 + 0.2 is 0.3.
std::string shown_number(const std::string& text) {
    auto number = number_of<double>(text);
    if (!number || !std::isfinite(*number)) return text;
    std::array<char, 32> digits{};
    auto length = std::snprintf(digits.data(), digits.size(), "%.15g", *number);
    std::string shown(digits.data(), static_cast<std::size_t>(length));
    std::ranges::replace(shown, 'e', 'E');
    return shown;
}

// `C5`: the column from 0. The row's number is not looked at.
std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0, letters = 0;
    for (char c : reference) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c < 'A' || c > 'Z') break;
        if (++letters > 3) return std::nullopt;
        column = column * 26 + static_cast<std::size_t>(c - 'A' + 1);
    }
    if (letters == 0 || column > excel_columns) return std::nullopt;
    return column - 1;
}

}  // namespace

// ---- Shared strings.

void SharedStrings::start(std::string_view element, const XmlAttributes&) {
    if (element == "si") text_.clear();
    if (element == "rPh") phonetic_ = true;
    in_text_ = element == "t" && !phonetic_;
}

void SharedStrings::end(std::string_view element) {
    in_text_ = false;
    if (element == "rPh") phonetic_ = false;
    if (element != "si") return;
    if (all_.size() == limits::sheet_shared_strings)
        too_many_ = true;
    else
        all_.push_back(without_carriage_returns(std::move(text_)));
    text_.clear();
}

void SharedStrings::text(std::string_view piece) {
    if (in_text_) append(text_, piece);
}

// ---- Rows.

void Worksheet::damaged(const std::string& why) {
    rows_.fail({SheetFault::Kind::unreadable, "Row " + std::to_string(line_) + " of this .xlsx file " + why, 0});
}

void Worksheet::start_row(const XmlAttributes& attributes) {
    auto before = line_++;
    column_ = 0;
    in_row_ = true;
    auto given = attributes.find("r");
    if (!given) return;
    auto line = number_of<std::uint32_t>(*given);
    if (!line || *line <= before || *line > excel_rows) return damaged("is followed by one whose number is wrong.");
    line_ = *line;
}

void Worksheet::start_cell(const XmlAttributes& attributes) {
    in_cell_ = true;
    type_ = attributes.find("t").value_or("n");
    value_.clear();
    inline_.clear();
    auto reference = attributes.find("r");
    if (!reference) return;
    auto column = column_of(*reference);
    if (!column) return damaged("has a cell whose place is wrong.");
    column_ = *column;
}

void Worksheet::start(std::string_view element, const XmlAttributes& attributes) {
    if (rows_.failed()) return;
    if (element == "row") start_row(attributes);
    if (element == "c" && in_row_) start_cell(attributes);
    if (element == "rPh") phonetic_ = true;
    in_value_ = in_cell_ && element == "v";
    in_inline_ = in_cell_ && element == "t" && !phonetic_;
}

void Worksheet::text(std::string_view piece) {
    if (in_value_) append(value_, piece);
    if (in_inline_) append(inline_, piece);
}

std::string Worksheet::shown() {
    if (type_ == "inlineStr") return without_carriage_returns(inline_.empty() ? value_ : inline_);
    if (type_ == "b") return value_.empty() ? "" : value_ == "0" || value_ == "false" ? "FALSE" : "TRUE";
    if (type_ == "str") return without_carriage_returns(value_);
    if (type_ == "n" || type_.empty()) return shown_number(value_);
    if (type_ != "s" || value_.empty()) return value_;  // an error such as #N/A, or a date
    auto index = number_of<std::size_t>(value_);
    if (index && *index < shared_.size()) return shared_[*index];
    damaged("names a text that is not in the file.");
    return {};
}

void Worksheet::end(std::string_view element) {
    in_value_ = in_inline_ = false;
    if (element == "rPh") phonetic_ = false;
    if (rows_.failed()) return;
    if (element == "c" && in_cell_) {
        in_cell_ = false;
        rows_.cell(column_, shown());
        ++column_;
    }
    if (element == "row" && in_row_) {
        in_row_ = false;
        rows_.end_row(line_);
    }
}

}  // namespace muster
