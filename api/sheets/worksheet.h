#pragma once
// The elements of an XLSX file's parts: shared strings, and the rows of a sheet.

#include "api/sheets/sheet.h"
#include "api/sheets/xml.h"

#include <string>
#include <vector>

namespace muster {

// xl/sharedStrings.xml: each text once; runs of rich text are joined, phonetic ones left out.
class SharedStrings final : public XmlEvents {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override;
    void end(std::string_view element) override;
    void text(std::string_view piece) override;
    [[nodiscard]] const std::vector<std::string>& all() const { return all_; }
    [[nodiscard]] bool too_many() const { return too_many_; }

private:
    std::vector<std::string> all_;
    std::string text_;
    bool in_text_ = false, phonetic_ = false, too_many_ = false;
};

// xl/worksheets/sheet1.xml.
class Worksheet final : public XmlEvents {
public:
    Worksheet(const std::vector<std::string>& shared, SheetRows& rows) : shared_(shared), rows_(rows) {}
    void start(std::string_view element, const XmlAttributes& attributes) override;
    void end(std::string_view element) override;
    void text(std::string_view piece) override;

private:
    void start_row(const XmlAttributes& attributes);
    void start_cell(const XmlAttributes& attributes);
    [[nodiscard]] std::string shown();
    void damaged(const std::string& why);

    const std::vector<std::string>& shared_;
    SheetRows& rows_;
    std::uint32_t line_ = 0;
    std::size_t column_ = 0;  // of the next cell that does not say its own
    std::string type_, value_, inline_;
    bool in_row_ = false, in_cell_ = false, in_value_ = false, in_inline_ = false, phonetic_ = false;
};

}  // namespace muster
