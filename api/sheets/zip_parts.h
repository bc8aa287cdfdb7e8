#pragma once
// The parts of a zip archive in memory, inflated piece by piece within the limits of sheet.h: what an archive says of
// its own sizes is not believed. For one thread at a time; refers to the bytes it was opened on.

#include "api/sheets/sheet.h"

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

class ZipParts {
public:
    // The fault where it is no archive.
    static std::expected<ZipParts, SheetFault> open(std::string_view bytes);
    ZipParts(ZipParts&&) noexcept;
    ~ZipParts();

    [[nodiscard]] bool has(const std::string& name) const;
    // Gives the part to `take` in pieces, until that says false; the fault where it can't be read to its end. A part
    // that is not there is one too.
    std::optional<SheetFault> read(const std::string& name, const std::function<bool(std::string_view)>& take);

private:
    struct Archive;
    explicit ZipParts(std::unique_ptr<Archive> archive);
    std::unique_ptr<Archive> archive_;
};

}  // namespace muster
