#pragma once
// One connection from accept to close: a coroutine that reads a request, has it answered, and goes on to the next. It
// owns itself (the coroutine holds the shared_ptr) and runs on its strand; only drain() and cut() come from elsewhere.
// Internal to the server, since it includes Asio.

#include "api/http/arrival.h"
#include "api/http/byte_share.h"
#include "api/http/framing.h"
#include "api/http/open_connections.h"
#include "api/http/server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/strand.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster::http {

using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;
using SteadyClock = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, Strand>;
template <class Result>
using Task = boost::asio::awaitable<Result, Strand>;

// What the connections of a server have in common. Outlives them.
struct Shared {
    ServerOptions options;  // body_limit, refuse, refused and report are set
    Handler handler;
    std::shared_ptr<boost::asio::ssl::context> tls;  // null: plain
    OpenConnections open;
    std::atomic<bool> stopping = false;
    ByteShare::All body_bytes = std::make_shared<std::atomic<std::uint64_t>>();    // received and not yet let go of
    ByteShare::All answer_bytes = std::make_shared<std::atomic<std::uint64_t>>();  // of large answers, not yet sent
};

// Who is at the other end, as far as TCP knows.
struct Peer {
    std::string address;  // as requests show it
    std::string counted_as;
    OpenConnections::Admission admission;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // Takes over the socket, which has been admitted; the count is given back when the connection ends.
    static void start(Socket socket, Peer peer, Shared& shared);
    Connection(Socket socket, Peer peer, Shared& shared);
    ~Connection();

    // Any thread. Ends the connection if it is between two requests (it ends after the present one in any case, since
    // Shared::stopping is set by now).
    void drain();
    // Any thread. Ends the connection, whatever it does.
    void cut();

private:
    static Task<void> live(std::shared_ptr<Connection> self);
    Task<bool> shake_hands();
    // One request and its answer; false if it was the last.
    Task<bool> exchange();
    // The length of the head that is now in the buffer; 0: there is none, and the connection ends.
    Task<std::size_t> head_arrives();
    Task<bool> body_arrives(const Head& head, Request& request);
    // What the handler answers, or 504. Nothing if the connection was cut meanwhile.
    Task<std::optional<Response>> answered(Request request);
    // Sends a body piece by piece. False: the connection ends in the midst of it.
    Task<bool> streamed(std::shared_ptr<Stream> stream, bool chunked);
    // A caller that was turned away is heard again in a while only, so that asking on at once costs nothing.
    Task<bool> rests();
    // Waits until it has arrived or is overdue; what was said before is sent meanwhile. False: nothing can be sent any
    // more.
    template <class T>
    Task<bool> arrives(Arrival<T>& awaited, SteadyClock::time_point due);
    // Ends politely: the caller gets what was written, also if it is still sending.
    Task<void> farewell();

    // Reads once. False: the other side has gone, the deadline has passed (expired_), or the connection was cut.
    Task<bool> fill();
    // Sends what send() has collected. False: it cannot be sent.
    Task<bool> flush();
    void send(Response response, bool keep_alive, int minor_version, bool with_body);  // of a stream the head only
    // Answers a fault; the connection ends with it.
    void refuse(Fault fault);
    [[nodiscard]] Response refusal(Fault fault) const;
    // In the place of an answer for which there is no room: 503 where what was asked or answered says that nothing has
    // changed, else 500.
    [[nodiscard]] Response too_much_to_send(const Response& answer, bool asks_only) const;

    // The present step must end by then, else expired_ is set and reads and writes are cancelled.
    void expect_by(SteadyClock::time_point deadline);
    void watch(SteadyClock::time_point until);

    [[nodiscard]] std::string_view unread() const { return {in_->data() + begin_, end_ - begin_}; }

    Shared& shared_;
    const Peer peer_;
    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    Timer watchdog_;
    Timer answer_wakes_;  // never expires; cancelled when what is waited for has arrived

    std::unique_ptr<std::array<char, limits::head_bytes_max>> in_;
    std::size_t begin_ = 0;  // in in_: what has arrived and is not yet taken
    std::size_t end_ = 0;
    std::string out_;   // answers not yet sent,
    std::string tail_;  // and the last one's body, if it is too large to copy

    std::shared_ptr<Stream> stream_;  // that is being sent

    SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
    SteadyClock::time_point watched_until_ = SteadyClock::time_point::max();  // when watchdog_ fires
    bool expired_ = false;
    bool idle_ = false;     // between two requests, or before the first
    bool broken_ = false;   // nothing can be sent or read any more
    bool lingers_ = false;  // the caller may be sending still
    bool cut_ = false;
};

}  // namespace muster::http
