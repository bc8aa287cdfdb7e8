#include "api/sheets/xlsx.h"

#include "api/sheets/worksheet.h"
#include "api/sheets/zip_parts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {
namespace {

// Which part a relationship names, and of what type.
struct Relationship {
    std::string type, target;
};

class Relationships final : public XmlEvents {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element != "Relationship") return;
        auto text = [&](std::string_view name) { return std::string(attributes.find(name).value_or("")); };
        if (text("TargetMode") != "External") by_id[text("Id")] = {text("Type"), text("Target")};
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}
    // The first whose type ends so; nullptr where there is none.
    [[nodiscard]] const Relationship* of_type(std::string_view ending) const {
        for (const auto& [_, each] : by_id)
            if (each.type.ends_with(ending)) return &each;
        return nullptr;
    }

    std::map<std::string, Relationship> by_id;
};

class Workbook final : public XmlEvents {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element != "sheet") return;
        auto hidden = attributes.find("state").value_or("visible") != "visible";
        (hidden ? hidden_sheets : sheets).emplace_back(attributes.find("id").value_or(""));
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}

    std::vector<std::string> sheets, hidden_sheets;  // relationship ids, in the order of the tabs
};

// A target as it stands in the relationships of `part`.
std::string resolved(std::string_view part, std::string_view target) {
    std::string path;
    if (target.starts_with('/'))
        target.remove_prefix(1);
    else
        path = part.substr(0, part.rfind('/') + 1);
    while (target.starts_with("../")) {
        target.remove_prefix(3);
        if (!path.empty()) path.pop_back();
        path.erase(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
    }
    if (target.starts_with("./")) target.remove_prefix(2);
    return path.append(target);
}

std::string relationships_of(const std::string& part) {
    auto slash = part.rfind('/') + 1;
    return part.substr(0, slash) + "_rels/" + part.substr(slash) + ".rels";
}

class XlsxReader {
public:
    explicit XlsxReader(ZipParts parts) : parts_(std::move(parts)) {}

    SheetRead read() && {
        std::string sheet, shared;
        if (auto fault = find(sheet, shared)) return std::unexpected(*fault);
        SharedStrings strings;
        if (!shared.empty() && parts_.has(shared))
            if (auto fault = parse(shared, strings)) return std::unexpected(*fault);
        if (strings.too_many())
            return std::unexpected(SheetFault{
                SheetFault::Kind::too_long,
                "This file has over " + std::to_string(limits::sheet_shared_strings) + " texts; save it as CSV.",
                limits::sheet_shared_strings});
        SheetRows rows;
        Worksheet events(strings.all(), rows);
        auto fault = parse(sheet, events, [&] { return !rows.failed(); });
        if (fault && !rows.failed()) return std::unexpected(*fault);
        return std::move(rows).take();
    }

private:
    std::optional<SheetFault> parse(
        const std::string& part, XmlEvents& events, const std::function<bool()>& go_on = [] { return true; }) {
        XmlParser parser(events);
        bool good = true;
        auto fault = parts_.read(part, [&](std::string_view piece) {
            good = parser.feed(piece);
            return good && go_on();
        });
        if (fault) return fault;
        if (good && go_on()) good = parser.finish();
        if (!good && go_on())
            return unreadable("This .xlsx file has a part that can't be read (" + part + "); save it again.");
        return std::nullopt;
    }

    // The parts of the first sheet that shows and of the shared strings.
    std::optional<SheetFault> find(std::string& sheet, std::string& shared) {
        Relationships package, of_book;
        if (auto fault = parse("_rels/.rels", package)) return fault;
        const auto* document = package.of_type("/officeDocument");
        if (!document) return unreadable("This is no Excel file; save it as .xlsx or CSV.");
        auto book = resolved("", document->target);
        Workbook workbook;
        if (auto fault = parse(book, workbook)) return fault;
        if (auto fault = parse(relationships_of(book), of_book)) return fault;
        for (const auto* list : {&workbook.sheets, &workbook.hidden_sheets}) {
            for (const auto& id : *list) {
                auto found = of_book.by_id.find(id);
                if (!sheet.empty() || found == of_book.by_id.end()) continue;
                if (found->second.type.ends_with("/worksheet")) sheet = resolved(book, found->second.target);
            }
        }
        if (sheet.empty()) return unreadable("This file has no sheet with rows.");
        if (const auto* strings = of_book.of_type("/sharedStrings")) shared = resolved(book, strings->target);
        return std::nullopt;
    }

    ZipParts parts_;
};

}  // namespace

SheetRead read_xlsx(std::string_view bytes) {
    if (bytes.starts_with("\xd0\xcf\x11\xe0"))
        return std::unexpected(unreadable(
            "This is an old Excel file (.xls), or one that a password protects; save it as .xlsx without a password."));
    if (!bytes.starts_with("PK"))
        return std::unexpected(unreadable("This is no .xlsx file; save it as .xlsx, or send CSV as text/csv."));
    auto parts = ZipParts::open(bytes);
    if (!parts) return std::unexpected(parts.error());
    return XlsxReader(std::move(*parts)).read();
}

}  // namespace muster
