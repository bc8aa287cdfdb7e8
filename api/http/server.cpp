#include "api/http/server.h"

#include "api/http/client_address.h"
#include "api/http/connection.h"
#include "api/http/tls.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace muster::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Strand>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Strand>{});

// Our own details have no quotes or controls; what a caller sent is not repeated in them.
Response plain_problem(int status, std::string_view code, const std::string& detail) {
    return {.status = status,
            .headers = {{"Content-Type", "application/problem+json"}},
            .body = R"({"status":)" + std::to_string(status) + R"(,"code":")" + std::string(code) + R"(","detail":")" +
                    detail + "\"}"};
}

ServerOptions completed(ServerOptions options) {
    if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
    if (!options.body_limit) options.body_limit = [](const auto&, const auto&) { return limits::body_bytes_max; };
    if (!options.refuse) options.refuse = plain_problem;
    if (!options.refused) options.refused = [](int, std::string_view, const std::string&) {};
    if (!options.begin) options.begin = [] {};
    if (!options.report) options.report = [](std::string_view what) { std::cerr << "http: " << what << '\n'; };
    return options;
}

asio::ip::tcp::endpoint endpoint_of(const std::string& listen) {
    const auto fail = [&listen] {
        return std::invalid_argument("Cannot listen on \"" + listen +
                                     "\": write an IP address and a port, like 127.0.0.1:8080 or [::1]:8080.");
    };
    const auto colon = listen.rfind(':');
    if (colon == std::string::npos) throw fail();
    auto host = listen.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host == "localhost" && !bracketed) host = "127.0.0.1";
    std::uint16_t port = 0;
    const char* const end = listen.data() + listen.size();
    const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || parsed.ec != std::errc() || parsed.ptr != end || address.is_v6() != bracketed) throw fail();
    return {address, port};
}

Peer peer_at(asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    const auto text = address.to_string();
    return {.address = text, .counted_as = counted_address(text), .admission = {}};
}

}  // namespace

class Server::Core {
public:
    Core(ServerOptions options, Handler handler)
        : shared_{.options = completed(std::move(options)),
                  .handler = std::move(handler),
                  .tls = nullptr,
                  .open =
                      OpenConnections(shared_.options.connections_max, shared_.options.connections_per_address_max)},
          io_(static_cast<int>(shared_.options.threads)),
          strand_(asio::make_strand(io_)),
          acceptor_(strand_),
          stop_deadline_(strand_),
          signals_(strand_) {
        if (shared_.options.tls) shared_.tls = tls_context(*shared_.options.tls);
        listen();
    }

    ~Core() {
        // Connections that are left end with io_, and must not stop it then.
        shared_.open.when_empty([] {});
    }
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    std::uint16_t port() const { return bound_.port(); }
    bool loopback() const { return bound_.address().is_loopback(); }

    void run() {
        const auto work = asio::make_work_guard(io_);
        asio::co_spawn(strand_, accept(), [this](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(std::move(failure));
        });
        {
            std::vector<std::jthread> others;
            for (unsigned i = 1; i < shared_.options.threads; ++i)
                others.emplace_back([this] { work_until_stopped(); });
            work_until_stopped();
        }
    }

    void finish(const std::function<void()>& end) {
        over_ = true;
        io_.restart();
        const auto work = asio::make_work_guard(io_);
        const std::jthread rest([this] { work_until_stopped(); });
        const std::unique_ptr<asio::io_context, decltype([](auto* io) { io->stop(); })> stops(&io_);
        end();
    }

    void stop() {
        asio::post(strand_, [this] { begin_stop(); });
    }

    void stop_on_signals() {
        signals_.add(SIGINT);
        signals_.add(SIGTERM);
        wait_for_signal();
    }

    void post(std::function<void()> work) {
        asio::post(io_, [this, work = std::move(work)] {
            if (!over_) work();
        });
    }

    void after(std::chrono::milliseconds delay, std::function<void()> work) {
        auto timer = std::make_unique<asio::steady_timer>(io_, delay);
        auto& waiting = *timer;
        waiting.async_wait([this, timer = std::move(timer), work = std::move(work)](error_code cancelled) {
            if (!cancelled && !shared_.stopping) work();
        });
    }

private:
    void listen() {
        const auto endpoint = endpoint_of(shared_.options.listen);
        try {
            acceptor_.open(endpoint.protocol());
            acceptor_.set_option(asio::socket_base::reuse_address(true));
            acceptor_.bind(endpoint);
            acceptor_.listen(asio::socket_base::max_listen_connections);
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("Cannot listen on " + shared_.options.listen + ": " + error.code().message());
        }
        bound_ = acceptor_.local_endpoint();
    }

    // What a handler, a post() or an after() throws ends up here; the thread goes on.
    void work_until_stopped() {
        shared_.options.begin();
        while (true) {
            try {
                io_.run();
                return;
            } catch (const std::exception& error) {
                shared_.options.report(error.what());
            } catch (...) {
                shared_.options.report("Something was thrown that is no std::exception.");
            }
        }
    }

    Task<void> accept() {
        Timer pause(strand_);
        while (!shared_.stopping) {
            auto [error, socket] = co_await acceptor_.async_accept(asio::make_strand(io_), as_result);
            if (shared_.stopping) break;
            if (error) {
                if (error == asio::error::connection_aborted) continue;
                shared_.options.report("Cannot accept a connection: " + error.message());
                pause.expires_after(limits::accept_pause);
                co_await pause.async_wait(as_result);
                continue;
            }
            welcome(std::move(socket));
        }
    }

    void welcome(Socket socket) {
        error_code error;
        const auto endpoint = socket.remote_endpoint(error);
        if (error) return;  // gone already
        std::ignore = socket.set_option(asio::ip::tcp::no_delay(true), error);
        auto peer = peer_at(endpoint.address());
        peer.admission = shared_.open.admit(peer.counted_as);
        // To tell a caller by TLS that there is no room would cost more than to have it.
        const bool silent = peer.admission == OpenConnections::Admission::turned_away && shared_.tls;
        if (silent) shared_.open.left(peer.counted_as, peer.admission);
        if (silent || peer.admission == OpenConnections::Admission::dropped) return;
        Connection::start(std::move(socket), std::move(peer), shared_);
    }

    // On strand_.
    void begin_stop() {
        if (shared_.stopping.exchange(true)) return;
        error_code ignored;
        std::ignore = acceptor_.close(ignored);
        for (const auto& each : shared_.open.all()) each->drain();
        stop_deadline_.expires_after(shared_.options.deadlines.stop);
        stop_deadline_.async_wait([this](error_code cancelled) {
            if (!cancelled) cut();
        });
        shared_.open.when_empty([this] { io_.stop(); });
    }

    void cut() {
        for (const auto& each : shared_.open.all()) each->cut();
    }

    void wait_for_signal() {
        signals_.async_wait([this](error_code cancelled, int) {
            if (cancelled) return;
            if (shared_.stopping) cut();
            begin_stop();
            wait_for_signal();
        });
    }

    Shared shared_;  // before io_, whose destruction ends the connections that are left
    asio::io_context io_;
    Strand strand_;  // of what follows
    Acceptor acceptor_;
    Timer stop_deadline_;
    asio::basic_signal_set<Strand> signals_;
    asio::ip::tcp::endpoint bound_;
    std::atomic<bool> over_ = false;
};

Server::Server(ServerOptions options, Handler handler)
    : core_(std::make_unique<Core>(std::move(options), std::move(handler))) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return core_->port(); }

bool Server::loopback() const { return core_->loopback(); }
void Server::run() { core_->run(); }
void Server::finish(const std::function<void()>& end) { core_->finish(end); }
void Server::stop() { core_->stop(); }
void Server::stop_on_signals() { core_->stop_on_signals(); }
void Server::post(std::function<void()> work) { core_->post(std::move(work)); }
void Server::after(std::chrono::milliseconds delay, std::function<void()> work) {
    core_->after(delay, std::move(work));
}

}  // namespace muster::http
