#pragma once
// A file that is made as it is read (api/streaming.h), and given up as soon as whoever asked may not have it any more.

#include "api/admission.h"
#include "api/streaming.h"

#include <memory>
#include <optional>
#include <utility>

namespace muster {

// `File::append(out, bytes)` appends until there are `bytes` or more, or nothing where that takes long, and gives false
// where the end is among them.
template <class File>
class FileSource final : public PieceSource {
public:
    FileSource(std::shared_ptr<Call> call, File file) : call_(std::move(call)), file_(std::move(file)) {}
    std::optional<http::Piece> next() override {
        if (!still_admitted(*call_)) throw BrokenOff{};
        http::Piece piece;
        piece.last = !file_.append(piece.bytes, limits::piece_bytes);
        return piece;
    }

private:
    const std::shared_ptr<Call> call_;
    File file_;
};

template <class File>
std::shared_ptr<http::Stream> file_stream(const std::shared_ptr<Call>& call, File file) {
    return call->service.streaming->body(std::make_unique<FileSource<File>>(call, std::move(file)));
}

}  // namespace muster
