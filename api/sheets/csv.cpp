#include "api/sheets/csv.h"

#include "api/sheets/text_encoding.h"

#include <optional>

namespace muster {
namespace {

constexpr std::string_view separators = ",;\t";

// Excel writes which one it took into the first line: `sep=;`.
std::optional<char> declared_separator(std::string_view text) {
    if (text.size() < 5 || !(text.starts_with("sep=") || text.starts_with("SEP="))) return std::nullopt;
    bool ends = text.size() == 5 || text[5] == '\n' || text[5] == '\r';
    return ends && separators.contains(text[4]) ? std::optional(text[4]) : std::nullopt;
}

// The one that stands most often in the first line that has anything, outside quotes; a comma where none does.
char sniffed_separator(std::string_view text) {
    std::size_t counts[separators.size()] = {};
    bool quoted = false, any = false;
    for (char c : text) {
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == '\n' || c == '\r') && any) break;
        if (c != '\n' && c != '\r' && c != ' ') any = true;
        auto which = separators.find(c);
        if (!quoted && which != std::string_view::npos) ++counts[which];
    }
    std::size_t most = 0;
    for (std::size_t i = 1; i < separators.size(); ++i)
        if (counts[i] > counts[most]) most = i;
    return separators[most];
}

class CsvReader {
public:
    explicit CsvReader(std::string_view text) : text_(text) {
        auto declared = declared_separator(text);
        separator_ = declared.value_or('\0');
        if (declared) {
            at_ = 5;
            end_line();
        }
        if (!declared) separator_ = sniffed_separator(text);
    }

    SheetRead read() && {
        while (at_ < text_.size() && row()) {
        }
        return std::move(rows_).take();
    }

private:
    [[nodiscard]] bool at_end_of_line() const {
        return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
    }

    // CRLF, LF or CR.
    void end_line() {
        if (at_ == text_.size()) return;
        at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
        ++line_;
    }

    bool refuse(std::uint32_t line, const std::string& why) {
        rows_.fail({SheetFault::Kind::unreadable, "Line " + std::to_string(line) + ": " + why, 0});
        return false;
    }

    bool row() {
        auto begun = line_;
        for (std::size_t column = 0;; ++column) {
            std::string cell;
            // Some people write a space behind the separator, also before a quote.
            auto first = text_.find_first_not_of(' ', at_);
            bool quoted = first != std::string_view::npos && text_[first] == '"';
            if (quoted) at_ = first;
            if (quoted ? !quoted_cell(cell) : !plain_cell(cell)) return false;
            rows_.cell(column, std::move(cell));
            if (at_end_of_line()) break;
            ++at_;  // the separator
        }
        end_line();
        return rows_.end_row(begun);
    }

    bool plain_cell(std::string& cell) {
        auto begun = at_;
        while (!at_end_of_line() && text_[at_] != separator_) {
            if (text_[at_] == '\0') return refuse(line_, "this is no text file; save it as CSV or .xlsx.");
            ++at_;
        }
        cell = text_.substr(begun, at_ - begun);
        return true;
    }

    bool quoted_cell(std::string& cell) {
        auto begun = line_;
        for (++at_;; ++at_) {
            if (at_ == text_.size()) return refuse(begun, "a quote (\") is opened here and never closed.");
            char c = text_[at_];
            if (c == '\0') return refuse(line_, "this is no text file; save it as CSV or .xlsx.");
            if (c == '\n' || (c == '\r' && !(at_ + 1 < text_.size() && text_[at_ + 1] == '\n'))) ++line_;
            if (c != '"') {
                cell += c;
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                cell += '"';
                ++at_;
            } else {
                break;
            }
        }
        ++at_;
        while (!at_end_of_line() && text_[at_] == ' ') ++at_;
        if (!at_end_of_line() && text_[at_] != separator_)
            return refuse(line_, "text stands behind a closing quote; within quotes, write a quote twice (\"\").");
        return true;
    }

    std::string_view text_;
    char separator_ = ',';
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    SheetRows rows_;
};

}  // namespace

SheetRead read_csv(std::string_view bytes) {
    if (bytes.starts_with("PK\x03\x04"))
        return std::unexpected(SheetFault{SheetFault::Kind::unreadable,
                                          "This is an Excel file; send it as .xlsx, with that Content-Type.", 0});
    auto text = utf8_of_file(bytes);
    if (!text)
        return std::unexpected(SheetFault{SheetFault::Kind::unreadable,
                                          "This file is not in UTF-8; save it as `CSV UTF-8`, or as .xlsx.", 0});
    return CsvReader(*text).read();
}

}  // namespace muster
