#include "api/sheets/zip_parts.h"

#include <zip.h>

#include <array>
#include <utility>

namespace muster {
namespace {

SheetFault damaged() { return unreadable("This .xlsx file is damaged; save it again and send the new file."); }
SheetFault too_large() {
    return {SheetFault::Kind::too_long,
            "This file is over " + std::to_string(limits::sheet_inflated_bytes >> 20) +
                " MiB when it is unpacked; split it, or save it as CSV.",
            limits::sheet_inflated_bytes};
}
SheetFault too_dense() {
    return {SheetFault::Kind::too_long,
            "A part of this file unpacks to more than " + std::to_string(limits::sheet_ratio) +
                " times its size; save it as CSV.",
            limits::sheet_ratio};
}

}  // namespace

struct ZipParts::Archive {
    zip_t* zip = nullptr;
    std::size_t inflated = 0;
    Archive() = default;
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;
    ~Archive() {
        if (zip) zip_discard(zip);
    }
    [[nodiscard]] zip_int64_t find(const std::string& name) const {
        return zip_name_locate(zip, name.c_str(), ZIP_FL_NOCASE);
    }
};

ZipParts::ZipParts(std::unique_ptr<Archive> archive) : archive_(std::move(archive)) {}
ZipParts::ZipParts(ZipParts&&) noexcept = default;
ZipParts::~ZipParts() = default;

std::expected<ZipParts, SheetFault> ZipParts::open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    auto archive = std::make_unique<Archive>();
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source) archive->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (source && !archive->zip) zip_source_free(source);
    zip_error_fini(&error);
    if (!archive->zip) return std::unexpected(damaged());
    auto entries = zip_get_num_entries(archive->zip, 0);
    if (entries > static_cast<zip_int64_t>(limits::sheet_entries))
        return std::unexpected(
            SheetFault{SheetFault::Kind::too_long,
                       "This file has over " + std::to_string(limits::sheet_entries) + " parts; save it as CSV.",
                       limits::sheet_entries});
    return ZipParts(std::move(archive));
}

bool ZipParts::has(const std::string& name) const { return archive_->find(name) >= 0; }

std::optional<SheetFault> ZipParts::read(const std::string& name, const std::function<bool(std::string_view)>& take) {
    auto index = archive_->find(name);
    zip_stat_t about;
    if (index < 0 || zip_stat_index(archive_->zip, static_cast<zip_uint64_t>(index), 0, &about) != 0) return damaged();
    if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) && about.encryption_method != ZIP_EM_NONE)
        return unreadable("This file is protected by a password; save it without one.");
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> part(
        zip_fopen_index(archive_->zip, static_cast<zip_uint64_t>(index), 0), &zip_fclose);
    if (!part) return damaged();
    std::array<char, 65'536> piece;
    std::size_t of_part = 0;
    while (true) {
        auto count = zip_fread(part.get(), piece.data(), piece.size());
        if (count < 0) return damaged();
        if (count == 0) return std::nullopt;
        auto size = static_cast<std::size_t>(count);
        of_part += size;
        archive_->inflated += size;
        if (archive_->inflated > limits::sheet_inflated_bytes) return too_large();
        if (of_part > limits::sheet_ratio_from_bytes && of_part / limits::sheet_ratio > about.comp_size)
            return too_dense();
        if (!take({piece.data(), size})) return std::nullopt;
    }
}

}  // namespace muster
