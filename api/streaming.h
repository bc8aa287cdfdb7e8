#pragma once
// Makes the bodies of answers that are streamed, piece by piece, on one thread of its own: what is long takes no thread
// from those that answer, and many share this one by turns. A piece is made when it is asked for, so a slow reader
// costs a piece of memory; what waits for events costs less than that. Safe for use by any number of threads.

#include "api/http/message.h"
#include "domain/event.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace muster {

namespace limits {
// A source goes on filling a piece until it has so many bytes.
inline constexpr std::size_t piece_bytes = std::size_t{64} << 10;
// What waits for events says something at least so often, so that those between us and the reader keep the connection,
// and a reader who went away is noticed.
inline constexpr std::chrono::milliseconds heartbeat{15'000};
}  // namespace limits

// The body is given up: whoever reads it has lost the right to. Nothing is reported.
struct BrokenOff {};

// What a body is made of. Called on the streaming thread only; destroyed on any. What it throws is reported and breaks
// the body off, so that nobody takes it for whole.
class PieceSource {
public:
    virtual ~PieceSource() = default;
    // The next piece. Nothing: there is none before the workspace that it follows has new events; it is asked again
    // then, or when the heartbeat is due.
    virtual std::optional<http::Piece> next() = 0;
    // What says that the connection lives.
    [[nodiscard]] virtual std::string heartbeat() const { return {}; }
};

class Streaming {
public:
    explicit Streaming(std::function<void(const std::string&)> report,
                       std::chrono::milliseconds heartbeat = limits::heartbeat);
    ~Streaming();  // stops
    // No piece is made any more; bodies that are asked for one are broken off.
    void stop();
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;

    // A body that ends by itself.
    [[nodiscard]] std::shared_ptr<http::Stream> body(std::unique_ptr<PieceSource> source);
    // One that goes on with the events of a workspace, until the server stops.
    [[nodiscard]] std::shared_ptr<http::Stream> following(std::unique_ptr<PieceSource> source, WorkspaceId workspace);

    // The log has grown by these. Short; the log's writer calls it after each group.
    void appended(std::span<const RecordedPtr> events);
    // How many keys of persons were destroyed since the start: names that were read before may be of erased people.
    [[nodiscard]] std::uint64_t erasures() const;

private:
    class Body;
    struct State;
    const std::shared_ptr<State> state_;  // bodies may outlive this
};

}  // namespace muster
