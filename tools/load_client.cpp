#include "tools/load_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace muster::tools {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Socket {
public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

Socket connect_to(const Endpoint& endpoint) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (int failed = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found); failed != 0)
        throw std::runtime_error(endpoint.host + ": " + ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (auto* each = found; each; each = each->ai_next) {
        Socket made(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
        if (made.get() < 0 || ::connect(made.get(), each->ai_addr, each->ai_addrlen) != 0) continue;
        int on = 1;
        ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return made;
    }
    throw std::runtime_error("no connection to " + endpoint.host + ":" + endpoint.port + ": " + std::strerror(errno));
}

// What is read of an answer: its status, how many bytes it has with its head, and for how long it asks to be left
// alone.
struct Seen {
    int status = 0;
    std::size_t head = 0;
    std::size_t size = 0;
    std::chrono::seconds retry_after{0};
};

// The number in a field of a head; nullopt where the head has none of that name. `name` is as "\r\nRetry-After: ".
std::optional<std::size_t> field_of(std::string_view head, std::string_view name) {
    auto found = std::ranges::search(
        head, name, [](char a, char b) { return (a | 0x20) == (b | 0x20); });  // letters, blanks and \r\n are enough
    if (found.empty()) return std::nullopt;
    std::size_t value = 0;
    std::from_chars(&*found.begin() + name.size(), head.data() + head.size(), value);
    return value;
}

// nullopt where the head is not complete. Throws std::runtime_error for what is no answer with a length.
std::optional<Seen> look(std::string_view bytes) {
    auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    Seen seen;
    seen.head = end + 4;
    auto head = bytes.substr(0, seen.head);
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 16) throw std::runtime_error("what came is no HTTP answer");
    std::from_chars(head.data() + 9, head.data() + 12, seen.status);
    auto length = field_of(head, "\r\nContent-Length: ");
    if (!length) throw std::runtime_error("an answer has no Content-Length");
    seen.size = seen.head + *length;
    if (seen.status >= 300) seen.retry_after = std::chrono::seconds(field_of(head, "\r\nRetry-After: ").value_or(0));
    return seen;
}

// The places of runs of '#' in a request, all as long as the first.
struct Slots {
    explicit Slots(const std::string& request) {
        for (auto at = request.find('#'); at != std::string::npos; at = request.find('#', at + digits)) {
            auto end = std::min(request.find_first_not_of('#', at), request.size());
            if (places.empty()) digits = end - at;
            if (end - at == digits) places.push_back(at);
        }
    }
    void fill(std::string& request, std::uint64_t number) const {
        for (auto at : places) {
            auto rest = number;
            for (auto i = digits; i-- > 0; rest /= 10) request[at + i] = static_cast<char>('0' + rest % 10);
        }
    }
    std::vector<std::size_t> places;
    std::size_t digits = 1;
};

class Generator {
public:
    explicit Generator(const Load& load)
        : load_(load), kinds_{Kind(load.request), Kind(load.other_request)}, epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (load.requests == 0 && load.duration.count() == 0)
            throw std::invalid_argument("how many requests, or for how long?");
        if (epoll_.get() < 0) throw std::runtime_error(std::string("epoll: ") + std::strerror(errno));
        for (std::size_t i = 0; i < load.connections; ++i) open(connections_.emplace_back());
    }

    LoadReport run() {
        begun_ = now_ = SteadyClock::now();
        end_ = load_.duration.count() > 0 ? begun_ + load_.duration : SteadyClock::time_point::max();
        for (auto& each : connections_) send_next(each, now_);
        std::array<epoll_event, 64> events{};
        while (waiting_ > 0 || !resting_.empty()) {
            wake_rested();
            auto wait = longest_wait();
            auto ready = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &wait, nullptr);
            if ((ready < 0 && errno == EINTR) || (ready == 0 && !resting_.empty())) continue;
            if (ready < 0) throw std::runtime_error(std::string("epoll: ") + std::strerror(errno));
            if (ready == 0) {
                broken("no answer comes any more");
                break;
            }
            for (auto i = 0; i < ready; ++i)
                receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
        report_.seconds = std::chrono::duration<double>(now_ - begun_).count();
        std::ranges::sort(report_.microseconds);
        for (auto& each : report_.kinds) std::ranges::sort(each);
        for (auto& [status, each] : report_.statuses) std::ranges::sort(each);
        return std::move(report_);
    }

private:
    static constexpr std::chrono::minutes answer_wait{1};

    struct Connection {
        Socket socket{-1};
        std::uint64_t number = 0;     // of its request, from 0
        SteadyClock::time_point due;  // what its time counts from
        bool waiting = false;        // for an answer; else it rests, or all was sent
        std::size_t kind = 0;        // of what was sent
        std::string begun;           // of an answer whose head, or an error's body, is not complete
        std::optional<Seen> seen{};  // its head was complete
        std::size_t received = 0;
    };

    void open(Connection& connection) {
        connection.socket = connect_to(load_.endpoint);
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.ptr = &connection;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &interest) != 0)
            throw std::runtime_error(std::string("epoll: ") + std::strerror(errno));
    }

    // The connection gets the next request, to be sent at that time, or in an open loop when it is due. Nothing where
    // all have been given out.
    void send_next(Connection& connection, SteadyClock::time_point at) {
        if (load_.requests > 0 && given_ == load_.requests) return;
        if (load_.rate > 0)
            at = begun_ + std::chrono::duration_cast<SteadyClock::duration>(
                              std::chrono::duration<double>(static_cast<double>(given_) / load_.rate));
        if (at >= end_) return;
        connection.number = given_++;
        connection.due = at;
        if (at > now_)
            resting_.emplace(at, &connection);
        else
            send(connection);
    }

    // A request is far smaller than an empty socket's buffer, so it goes in whole or the connection is broken.
    void send(Connection& connection) {
        auto number = connection.number;
        connection.kind = load_.other_request.empty() ? 0 : (number ^ number >> 1) & 1;
        if (load_.pause.count() > 0) {
            std::this_thread::sleep_for(load_.pause);
            now_ = SteadyClock::now();
        }
        auto& [request, slots] = kinds_[connection.kind];
        slots.fill(request, load_.first_number + number);
        if (load_.rate == 0) connection.due = now_;
        connection.begun.clear();
        connection.seen.reset();
        connection.received = 0;
        auto size = static_cast<ssize_t>(request.size());
        connection.waiting = true;
        ++waiting_;
        if (::send(connection.socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != size)
            reopen(connection, "a request could not be sent");
    }

    void receive(Connection& connection) {
        auto size = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
        now_ = SteadyClock::now();
        if (size <= 0) return reopen(connection, "the server closed a connection");
        auto part = std::string_view(buffer_.data(), static_cast<std::size_t>(size));
        connection.received += part.size();
        bool failed_before = connection.seen && connection.seen->status >= 300;
        if (!connection.begun.empty() || failed_before) connection.begun += part;
        if (!connection.seen) {
            connection.seen = look(connection.begun.empty() ? part : std::string_view(connection.begun));
            bool keep = !connection.seen || connection.seen->status >= 300;
            if (keep && connection.begun.empty()) connection.begun = part;
        }
        if (connection.seen && connection.received >= connection.seen->size) answered(connection);
    }

    void answered(Connection& connection) {
        auto status = connection.seen->status;
        auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now_ - connection.due).count();
        auto took = static_cast<std::uint32_t>(std::min<std::int64_t>(passed, UINT32_MAX));
        report_.microseconds.push_back(took);
        report_.statuses[status].push_back(took);
        report_.kinds[connection.kind].push_back(took);
        if (status >= 300 && report_.first_error.empty())
            report_.first_error = std::to_string(status) + " " + connection.begun.substr(connection.seen->head);
        connection.waiting = false;
        --waiting_;
        // As long as it was asked to, and up to half as long again, so that they do not all come back at the same
        // moment.
        auto asked = std::chrono::duration_cast<std::chrono::milliseconds>(connection.seen->retry_after);
        send_next(connection, now_ + asked + asked * (report_.microseconds.size() % 101) / 200);
    }

    void wake_rested() {
        now_ = SteadyClock::now();
        while (!resting_.empty() && resting_.begin()->first <= now_) send(*resting_.extract(resting_.begin()).mapped());
    }
    [[nodiscard]] timespec longest_wait() const {
        std::chrono::nanoseconds left = answer_wait;
        if (!resting_.empty())
            left = std::clamp(resting_.begin()->first - now_, std::chrono::nanoseconds::zero(), left);
        constexpr std::chrono::seconds second{1};
        return {left / second, (left % second).count()};
    }

    void broken(const std::string& why) {
        ++report_.broken;
        if (report_.first_error.empty()) report_.first_error = why;
    }
    void reopen(Connection& connection, const std::string& why) {
        open(connection);
        if (!connection.waiting) return;  // it was of no use any more
        broken(why);
        connection.waiting = false;
        --waiting_;
        send_next(connection, now_);
    }

    struct Kind {
        explicit Kind(const std::string& bytes) : request(bytes), slots(bytes) {}
        std::string request;
        Slots slots;
    };

    const Load& load_;
    std::array<Kind, 2> kinds_;
    Socket epoll_;
    std::deque<Connection> connections_;                             // epoll keeps their addresses
    std::multimap<SteadyClock::time_point, Connection*> resting_{};  // and when each sends its request
    std::array<char, std::size_t{64} << 10> buffer_{};
    SteadyClock::time_point begun_, now_, end_;
    std::uint64_t given_ = 0;  // requests, to connections
    std::size_t waiting_ = 0;
    LoadReport report_;
};

}  // namespace

Endpoint endpoint_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) throw std::invalid_argument("it begins with http://");
    url.remove_prefix(scheme.size());
    if (url.ends_with('/')) url.remove_suffix(1);
    auto colon = url.rfind(':');
    bool has_port = colon != std::string_view::npos && !url.ends_with(']');
    Endpoint endpoint{std::string(url.substr(0, has_port ? colon : url.size())),
                      has_port ? std::string(url.substr(colon + 1)) : "80"};
    if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']'))
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    if (endpoint.host.empty() || endpoint.host.contains('/') || endpoint.port.empty())
        throw std::invalid_argument("it is http://host:port");
    return endpoint;
}

std::string request_bytes(const Endpoint& endpoint, std::string_view method, std::string_view target,
                          std::string_view key, std::string_view body) {
    std::string bytes;
    bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(endpoint.host);
    if (!key.empty()) bytes.append("\r\nAuthorization: Bearer ").append(key);
    if (!body.empty())
        bytes.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(std::to_string(body.size()));
    return bytes.append("\r\n\r\n").append(body);
}

Reply ask(const Endpoint& endpoint, const std::string& request) {
    auto socket = connect_to(endpoint);
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        throw std::runtime_error("a request could not be sent");
    std::string bytes;
    std::array<char, 4096> buffer{};
    while (true) {
        auto size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (size <= 0) throw std::runtime_error("the server closed the connection");
        bytes.append(buffer.data(), static_cast<std::size_t>(size));
        auto seen = look(bytes);
        if (seen && bytes.size() >= seen->size)
            return {seen->status, bytes.substr(seen->head, seen->size - seen->head)};
    }
}

std::uint32_t percentile(const Latencies& sorted, double percent) {
    if (sorted.empty()) return 0;
    auto rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

bool LoadReport::clean(int expected) const {
    return broken == 0 && std::ranges::all_of(statuses, [&](const auto& each) {
               return expected == 0 ? each.first / 100 == 2 : each.first == expected;
           });
}

LoadReport run(const Load& load) { return Generator(load).run(); }

}  // namespace muster::tools
