// What a connection says: answers and refusals, written at the reader's pace.
#include "api/http/connection.h"
#include "api/http/pace.h"
#include "api/http/wire.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace muster::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Strand>{});

}  // namespace

void Connection::send(Response response, bool keep_alive, int minor_version, bool with_body) {
    append_head(out_, response,
                {.minor_version = minor_version,
                 .keep_alive = keep_alive,
                 .strict_transport = tls_.has_value(),
                 .chunked = response.stream && minor_version > 0},
                std::chrono::system_clock::now());
    if (!with_body || !has_body(response.status) || response.stream) return;
    if (response.body.size() < limits::outbox_bytes) {
        out_ += response.body;
    } else {
        tail_ = std::move(response.body);  // makes the outbox full, so nothing can be appended after it
    }
}

void Connection::refuse(Fault fault) {
    lingers_ = true;
    shared_.options.refused(fault.status, fault.code, peer_.address);
    send(refusal(std::move(fault)), false, 1, true);
}

Response Connection::refusal(Fault fault) const {
    const int status = fault.status;
    auto response = shared_.options.refuse(status, fault.code, std::move(fault.detail));
    const auto says_when = [](const Header& each) { return each.name == "Retry-After"; };
    if (status == 503 && std::ranges::none_of(response.headers, says_when)) {
        response.headers.push_back({"Retry-After", std::to_string(limits::retry_after_seconds)});
    }
    return response;
}

Response Connection::too_much_to_send(const Response& answer, bool asks_only) const {
    const bool refused = answer.status >= 400 && answer.status < 500;
    Fault fault{
        .status = 503, .code = "overloaded", .detail = "Too many large answers are being read; try again shortly."};
    if (!asks_only && !refused)
        fault = {.status = 500,
                 .code = "internal_error",
                 .detail =
                     "Too many large answers are being read, and there was no room for this one; the request "
                     "was worked on. Repeat it with the same Idempotency-Key to be told what came of it."};
    shared_.options.refused(fault.status, fault.code, peer_.address);
    auto instead = refusal(std::move(fault));
    std::ranges::copy_if(answer.headers, std::back_inserter(instead.headers),
                         [](const Header& each) { return each.name == "Muster-Request"; });  // by which it is known
    return instead;
}

Task<bool> Connection::flush() {
    const auto bytes = out_.size() + tail_.size();
    const auto idle = shared_.options.deadlines.idle;
    Pace pace(idle, idle, pace_of_answer(bytes, shared_.options.deadlines.answer));
    std::size_t sent = 0;
    while (sent < bytes) {
        expect_by(pace.due());
        const auto of_out = std::min(sent, out_.size());
        const std::array<asio::const_buffer, 2> rest{asio::buffer(out_) + of_out,
                                                     asio::buffer(tail_) + (sent - of_out)};
        error_code error;
        std::size_t size = 0;
        if (tls_) {
            std::tie(error, size) = co_await tls_->async_write_some(rest, as_result);
        } else {
            std::tie(error, size) = co_await socket_.async_write_some(rest, as_result);
        }
        sent += size;
        pace.passed(size);
        if (error || expired_ || cut_) {
            broken_ = true;
            break;
        }
    }
    // An idle connection keeps room for small answers only.
    if (out_.capacity() > 2 * limits::outbox_bytes) out_ = {};
    out_.clear();
    tail_ = {};
    co_return !broken_;
}

Task<void> Connection::farewell() {
    if (!broken_) co_await flush();
    if (broken_ || cut_) co_return;
    error_code ignored;
    expect_by(SteadyClock::now() + shared_.options.deadlines.linger);
    if (tls_) co_await tls_->async_shutdown(as_result);
    if (!lingers_ || cut_) co_return;
    // To close a socket with unread input resets the connection, and the reset may overtake the answer on its way.
    std::ignore = socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    while (!expired_ && !cut_) {
        const auto [error, size] = co_await socket_.async_read_some(asio::buffer(*in_), as_result);
        if (error) break;
    }
}

}  // namespace muster::http
