#include "api/http/connection.h"

#include "api/http/chunked.h"
#include "api/http/pace.h"
#include "api/http/wire.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>

namespace muster::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// An operation's result as [error, ...], instead of an exception for what is everyday on sockets.
constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Strand>{});

std::string what_happened(std::exception_ptr failure) {
    try {
        std::rethrow_exception(std::move(failure));
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

}  // namespace

void Connection::start(Socket socket, Peer peer, Shared& shared) {
    const auto strand = socket.get_executor();
    auto connection = std::make_shared<Connection>(std::move(socket), std::move(peer), shared);
    shared.open.add(connection);
    asio::co_spawn(strand, live(std::move(connection)), [&shared](std::exception_ptr failure) {
        if (failure) shared.options.report("A connection ended with " + what_happened(std::move(failure)));
    });
}

Connection::Connection(Socket socket, Peer peer, Shared& shared)
    : shared_(shared),
      peer_(std::move(peer)),
      socket_(std::move(socket)),
      watchdog_(socket_.get_executor()),
      answer_wakes_(socket_.get_executor(), SteadyClock::time_point::max()),
      in_(std::make_unique_for_overwrite<std::array<char, limits::head_bytes_max>>()) {
    if (shared_.tls) tls_.emplace(socket_, *shared_.tls);
}

Connection::~Connection() {
    shared_.open.left(peer_.counted_as, peer_.admission);
    shared_.open.remove(this);
}

void Connection::drain() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        error_code ignored;
        if (self->idle_) std::ignore = self->socket_.cancel(ignored);
        if (self->stream_) self->stream_->finish();
    });
}

void Connection::cut() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        error_code ignored;
        self->cut_ = true;
        std::ignore = self->socket_.close(ignored);
        self->answer_wakes_.cancel();
    });
}

Task<void> Connection::live(std::shared_ptr<Connection> self) {
    if (self->peer_.admission == OpenConnections::Admission::turned_away) {
        self->refuse({.status = 503, .code = "overloaded", .detail = "Too many connections; try again shortly."});
    } else {
        // GCC 12 miscompiles a co_await in the condition of an `else if`.
        bool more = co_await self->shake_hands();
        while (more) more = co_await self->exchange();
    }
    co_await self->farewell();
    self->deadline_ = SteadyClock::time_point::max();
    self->watchdog_.cancel();
}

Task<bool> Connection::shake_hands() {
    if (!tls_) co_return true;
    if (shared_.stopping) co_return false;
    idle_ = true;
    expect_by(SteadyClock::now() + shared_.options.deadlines.head);
    const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, as_result);
    idle_ = false;
    broken_ = error.failed();
    co_return !broken_;
}

Task<bool> Connection::exchange() {
    const auto length = co_await head_arrives();
    if (length == 0) co_return false;
    auto head = read_head(unread().substr(0, length));
    begin_ += length;
    if (!head) {
        refuse(std::move(head.error()));
        co_return false;
    }
    Request request{.method = std::move(head->method),
                    .target = std::move(head->target),
                    .headers = std::move(head->headers),
                    .body = {},
                    .peer = peer_.address};
    if (head->chunked || head->content_length.value_or(0) > 0) {
        if (!co_await body_arrives(*head, request)) co_return false;
    }
    const bool with_body = request.method != "HEAD";
    const bool asks_only = request.method == "GET";
    auto response = co_await answered(std::move(request));
    if (!response) co_return false;
    ByteShare unsent(shared_.answer_bytes, shared_.options.answer_bytes_in_all_max);
    const bool large = with_body && response->body.size() >= limits::outbox_bytes;
    if (large && !unsent.grow_to(response->body.size())) response = too_much_to_send(*response, asks_only);
    const auto stream = response->stream;
    const bool chunked = head->minor_version > 0;
    const bool keep_alive = head->keep_alive && !shared_.stopping && (!stream || chunked);
    lingers_ = !keep_alive;
    const bool streams = stream && with_body && has_body(response->status);
    const bool turned_away = response->status == 503;
    send(std::move(*response), keep_alive, head->minor_version, with_body);
    if (streams) {
        if (!co_await streamed(stream, chunked)) co_return false;
    }
    if (out_.size() + tail_.size() >= limits::outbox_bytes) {
        if (!co_await flush()) co_return false;
    }
    if (turned_away && keep_alive) co_return co_await rests();
    co_return keep_alive;
}

Task<bool> Connection::rests() {
    if (!co_await flush()) co_return false;
    Timer rest(socket_.get_executor(), limits::rest_when_turned_away);
    co_await rest.async_wait(as_result);
    co_return !cut_ && !shared_.stopping;
}

Task<std::size_t> Connection::head_arrives() {
    HeadFinder finder;
    bool begun = false;
    while (true) {
        if (begin_ != end_) {
            const auto found = finder.find(unread());
            if (!found) {
                refuse(found.error());
                co_return 0;
            }
            if (*found > 0) co_return *found;
        }
        if (!co_await flush()) co_return 0;
        idle_ = begin_ == end_;
        if (idle_) {
            if (shared_.stopping) co_return 0;
            expect_by(SteadyClock::now() + shared_.options.deadlines.idle);
        } else if (!std::exchange(begun, true)) {
            expect_by(SteadyClock::now() + shared_.options.deadlines.head);
        }
        const bool filled = co_await fill();
        if (!filled && expired_ && !idle_) {
            refuse({.status = 408, .code = "request_timeout", .detail = "The headers took too long to arrive."});
        }
        idle_ = false;
        if (!filled) co_return 0;
    }
}

Task<bool> Connection::body_arrives(const Head& head, Request& request) {
    const auto bytes_max = shared_.options.body_limit(request.method, request.target);
    if (head.content_length.value_or(0) > bytes_max) {
        refuse(body_too_large(bytes_max));
        co_return false;
    }
    if (head.expect_continue && begin_ == end_) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    ChunkDecoder chunks;
    auto& body = request.body;
    const auto share = std::make_shared<ByteShare>(shared_.body_bytes, limits::body_bytes_in_all_max);
    request.counts = share;
    Pace pace(shared_.options.deadlines.body_grace, shared_.options.deadlines.idle);
    while (true) {
        std::size_t taken = 0;
        if (head.chunked) {
            auto decoded = chunks.decode(unread(), body, bytes_max);
            if (!decoded) {
                refuse(std::move(decoded.error()));
                co_return false;
            }
            taken = *decoded;
        } else {
            const auto part = unread().substr(0, *head.content_length - body.size());
            body.append(part);
            taken = part.size();
        }
        begin_ += taken;
        if (!share->grow_to(body.size())) {
            refuse({.status = 503, .code = "overloaded", .detail = "Too many large requests; try again shortly."});
            co_return false;
        }
        if (head.chunked ? chunks.done() : body.size() == *head.content_length) co_return true;
        if (!co_await flush()) co_return false;
        pace.passed(taken);
        expect_by(pace.due());
        if (!co_await fill()) {
            if (expired_) {
                refuse({.status = 408, .code = "request_timeout", .detail = "The body arrived too slowly."});
            }
            co_return false;
        }
    }
}

// Forgets it also when the coroutine that waits for it is destroyed.
template <class T>
struct Forgotten {
    Arrival<T>& awaited;
    ~Forgotten() { awaited.forget(); }
};

template <class T>
Task<bool> Connection::arrives(Arrival<T>& awaited, SteadyClock::time_point due) {
    if (!awaited.arrived()) {
        if (!co_await flush()) co_return false;
        expect_by(due);
    }
    const auto wake = [this] {
        asio::post(socket_.get_executor(), [self = shared_from_this()] { self->answer_wakes_.cancel(); });
    };
    // Between the question and the wait nothing else runs on the strand, so the wake cannot come too early.
    while (!cut_ && !awaited.arrived_or_wake(wake) && !expired_) co_await answer_wakes_.async_wait(as_result);
    co_return !cut_;
}

Task<std::optional<Response>> Connection::answered(Request request) {
    const auto answer = std::make_shared<Arrival<Response>>();
    const Forgotten<Response> forgotten{*answer};
    const auto due = SteadyClock::now() + shared_.options.deadlines.handler;
    deadline_ = SteadyClock::time_point::max();
    try {
        shared_.handler(std::move(request), giver_for(answer));
    } catch (...) {
        shared_.options.report("A handler threw: " + what_happened(std::current_exception()));
        answer->give(std::nullopt);
    }
    if (!co_await arrives(*answer, due)) co_return std::nullopt;
    if (!answer->arrived()) {
        shared_.options.report("A handler has not answered in time.");
        co_return refusal({.status = 504,
                           .code = "timeout",
                           .detail = "This took too long; whether the request took effect is not known. Repeat it with "
                                     "the same Idempotency-Key to be told."});
    }
    auto response = answer->take();
    if (response && is_sendable(*response)) co_return response;
    if (response) shared_.options.report("An answer had a status or header field that cannot be sent.");
    co_return refusal({.status = 500,
                       .code = "internal_error",
                       .detail = "Something went wrong here; whether the request took effect is not known."});
}

Task<bool> Connection::streamed(std::shared_ptr<Stream> stream, bool chunked) {
    struct Sent {
        std::shared_ptr<Stream>& place;
        ~Sent() { place.reset(); }
    };
    stream_ = stream;
    const Sent sent{stream_};
    if (shared_.stopping) stream->finish();
    for (bool last = false; !last;) {
        const auto piece = std::make_shared<Arrival<Piece>>();
        const Forgotten<Piece> forgotten{*piece};
        const auto due = SteadyClock::now() + shared_.options.deadlines.handler;
        deadline_ = SteadyClock::time_point::max();
        try {
            stream->next(giver_for(piece));
        } catch (...) {
            shared_.options.report("A stream threw: " + what_happened(std::current_exception()));
            piece->give(std::nullopt);
        }
        if (!co_await arrives(*piece, due)) co_return false;
        if (!piece->arrived()) shared_.options.report("A stream has not gone on in time.");
        const auto given = piece->take();
        if (!given) {
            // Without an end that could be taken for the body's: by HTTP/1.0 only a reset is none. Closed here, since
            // Asio lets a socket that it destroys end in peace.
            error_code ignored;
            if (!chunked) {
                std::ignore = socket_.set_option(asio::socket_base::linger(true, 0), ignored);
                std::ignore = socket_.close(ignored);
            }
            broken_ = true;
            co_return false;
        }
        last = given->last;
        append_piece(out_, *given, chunked);
        if (!co_await flush()) co_return false;
    }
    co_return true;
}

Task<bool> Connection::fill() {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (end_ == in_->size()) {
        std::copy(in_->begin() + static_cast<std::ptrdiff_t>(begin_), in_->end(), in_->begin());
        end_ -= std::exchange(begin_, 0);
    }
    if (expired_ || cut_) co_return false;
    const auto space = asio::buffer(in_->data() + end_, in_->size() - end_);
    error_code error;
    std::size_t size = 0;
    if (tls_) {
        std::tie(error, size) = co_await tls_->async_read_some(space, as_result);
    } else {
        std::tie(error, size) = co_await socket_.async_read_some(space, as_result);
    }
    end_ += size;
    broken_ = error && error != asio::error::operation_aborted;
    co_return !error;
}

void Connection::expect_by(SteadyClock::time_point deadline) {
    deadline_ = deadline;
    expired_ = false;
    // Deadlines mostly move forward, with every request; the watchdog finds out when it fires. That is one timer
    // operation a minute instead of two a request.
    if (deadline < watched_until_) watch(deadline);
}

void Connection::watch(SteadyClock::time_point until) {
    watched_until_ = until;
    watchdog_.expires_at(until);
    watchdog_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (cancelled) return;
        self->watched_until_ = SteadyClock::time_point::max();
        if (self->deadline_ == SteadyClock::time_point::max()) return;
        if (SteadyClock::now() < self->deadline_) return self->watch(self->deadline_);
        self->expired_ = true;
        error_code ignored;
        std::ignore = self->socket_.cancel(ignored);
        self->answer_wakes_.cancel();
    });
}

}  // namespace muster::http
