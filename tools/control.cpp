#include "tools/control.h"

#include "api/json/query.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "eventstore/checkpoints.h"
#include "tools/as_of.h"
#include "tools/audit.h"
#include "tools/commands.h"
#include "tools/erasure_proof.h"
#include "tools/keys.h"
#include "tools/projections.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace muster::tools {
namespace {

using Clocked = std::chrono::steady_clock;

constexpr std::size_t read_bytes = std::size_t{64} << 10;
constexpr std::chrono::milliseconds progress_every{100};

// The client went away, was too slow, or the server stops: there is nobody left to tell.
struct BrokenOff {};

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

[[noreturn]] void fail(const std::string& path, const std::string& what, int error) {
    throw std::runtime_error(path + ": " + what + ": " + std::strerror(error));
}

// The address of a path. One that is too long for it is named from its directory, which is kept open for that.
class Address {
public:
    explicit Address(const std::string& path) : directory_(long_name(path) ? open_parent(path) : -1) {
        auto name = path;
        if (long_name(path))
            name = "/proc/self/fd/" + std::to_string(directory_.number()) + "/" +
                   std::filesystem::path(path).filename().string();
        if (long_name(name)) throw std::runtime_error(path + ": the name is too long for a socket");
        address_.sun_family = AF_UNIX;
        std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
    static constexpr socklen_t size = sizeof(sockaddr_un);

private:
    static bool long_name(const std::string& name) { return name.size() >= sizeof(sockaddr_un::sun_path); }
    // -1 where there is none: connecting then says so.
    static int open_parent(const std::string& path) {
        return ::open(std::filesystem::path(path).parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    }

    Descriptor directory_;
    sockaddr_un address_{};
};

Descriptor make_socket(const std::string& path, int flags) {
    Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (made.number() < 0) fail(path, "no socket can be made", errno);
    return made;
}

bool nobody_listens(int error) { return error == ENOENT || error == ENOTDIR || error == ECONNREFUSED; }

std::string one_line(std::string_view text) {
    std::string line(text);
    for (auto& each : line)
        if (each == '\n' || each == '\r') each = ' ';
    return line;
}

// One client's connection, on the server's side. What takes too long or is broken off throws BrokenOff.
class Connection {
public:
    Connection(int client, int stop) : client_(client), stop_(stop) {}

    // The request without its end of line; nullopt where it is too long.
    std::optional<std::string> request() {
        const auto until = Clocked::now() + limits::control_read_max;
        std::string read;
        for (std::string bytes(read_bytes, '\0');;) {
            if (auto end = read.find('\n'); end != std::string::npos) return read.substr(0, end);
            if (read.size() >= limits::control_request_bytes) return std::nullopt;
            wait(POLLIN, until);
            auto count = ::recv(client_, bytes.data(), limits::control_request_bytes - read.size(), 0);
            if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) throw BrokenOff{};
            if (count > 0) read.append(bytes, 0, static_cast<std::size_t>(count));
        }
    }
    void line(std::string_view text) {
        unsent_ += '+' + one_line(text) + '\n';
        if (unsent_.size() >= read_bytes) send();
    }
    void progress(Position done, Position all) {
        if (Clocked::now() < next_progress_) return stop_if_asked();
        next_progress_ = Clocked::now() + progress_every;
        unsent_ += '%' + std::to_string(done) + ' ' + std::to_string(all) + '\n';
        send();
    }
    // The end; returns once the client has closed, so that it can take what it was given before anyone else is served.
    void end(const Answered& answered) {
        unsent_ += '=' + std::to_string(answered.status) + ' ' + one_line(answered.words) + '\n';
        send();
        ::shutdown(client_, SHUT_WR);
        const auto until = Clocked::now() + limits::control_close_max;
        for (char ignored[256];;) {
            wait(POLLIN, until);
            if (::recv(client_, ignored, sizeof ignored, 0) <= 0) return;
        }
    }

private:
    void stop_if_asked() { wait(0, Clocked::now()); }
    void send() {
        auto until = Clocked::now() + limits::control_write_max;
        for (std::string_view left = unsent_; !left.empty();) {
            auto count = ::send(client_, left.data(), left.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN && errno != EINTR) throw BrokenOff{};
            if (count > 0) {
                left.remove_prefix(static_cast<std::size_t>(count));
                until = Clocked::now() + limits::control_write_max;
            } else {
                wait(POLLOUT, until);
            }
        }
        unsent_.clear();
    }
    void wait(short events, Clocked::time_point until) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clocked::now()).count();
        pollfd both[] = {{client_, events, 0}, {stop_, POLLIN, 0}};
        int ready = ::poll(both, 2, static_cast<int>(std::max<decltype(left)>(left, 0)));
        if (both[1].revents != 0) throw BrokenOff{};
        if (events == 0) {
            if (both[0].revents & (POLLHUP | POLLERR)) throw BrokenOff{};
        } else if (ready == 0) {
            throw BrokenOff{};
        }
    }

    int client_;
    int stop_;
    std::string unsent_;
    Clocked::time_point next_progress_{};
};

std::string line_of(const Request& request) {
    std::string line;
    auto add = [&](std::string_view name, std::string_view value) {
        if (value.find_first_of("\t\n\r") != std::string_view::npos)
            throw std::runtime_error("`" + std::string(name) + "` must be one line without tabs");
        line += (line.empty() ? "" : "\t") + std::string(name) + "=" + std::string(value);
    };
    for_each_field(request, [&]<class T>(std::string_view name, const T& value) {
        if constexpr (std::same_as<T, Ask>) {
            add(name, name_of(value));
        } else if constexpr (std::same_as<T, std::int64_t>) {
            add(name, std::to_string(value));
        } else if constexpr (is_optional<T>) {
            if (value) add(name, *value);
        } else {
            std::string list;
            for (const auto& each : value) list += (list.empty() ? "" : ",") + each;
            if (!list.empty()) add(name, list);
        }
    });
    return line + "\n";
}

Answered give(CheckpointMade made, const OnLine& on_line) {
    on_line(made.name);
    return {well, {}, std::make_shared<const CheckpointMade>(std::move(made))};
}

Answered answer(System& system, std::string_view line, const OnLine& on_line, const OnProgress& on_progress) {
    Parameters given;
    for (std::size_t begin = 0; begin <= line.size();) {
        auto end = std::min(line.find('\t', begin), line.size());
        auto field = line.substr(begin, end - begin);
        auto equals = std::min(field.find('='), field.size());
        given.emplace_back(field.substr(0, equals), field.substr(std::min(equals + 1, field.size())));
        begin = end + 1;
    }
    Request request;
    Faults faults;
    read_query(given, request, faults, icu_unicode());
    if (!faults.empty()) return {usage, faults.all()[0].pointer + ": " + faults.all()[0].detail};
    switch (request.ask) {
        case Ask::replay:
            return replay(system.store(), request, on_line, on_progress);
        case Ask::as_of:
            return as_of(system.store(), request, on_line, on_progress);
        case Ask::diff:
            return diff(system.store(), request, on_line);
        case Ask::projections:
            return list_projections(system, request, on_line);
        case Ask::verify:
            return verify_projections(system, request, on_line, on_progress);
        case Ask::rebuild:
            return rebuild_projections(system, request, on_line, on_progress);
        case Ask::audit_export:
            return export_page(system.store(), request, on_line, on_progress);
        case Ask::checkpoint:
            return give(make_checkpoint(system.store()), on_line);
        case Ask::rotate:
            return rotate_key(*system.store().vault, request, on_line);
        case Ask::vault_checkpoint:
            return give(make_vault_checkpoint(system.store()), on_line);
        case Ask::erasure_proof:
            return erasure_proof(system.store(), request, on_line, on_progress);
    }
    return {usage, "nothing was asked"};
}

}  // namespace

// ---- The server's side.

class ControlSocket::Serving {
public:
    Serving(std::string path, System& system)
        : path_(std::move(path)),
          system_(system),
          stop_(::eventfd(0, EFD_CLOEXEC)),
          listening_(make_socket(path_, SOCK_NONBLOCK)) {
        if (stop_.number() < 0) fail(path_, "no eventfd can be made", errno);
        remove_stale();
        const Address address(path_);
        // Of a socket that has no name yet: the file is made with these permissions, and never stands open.
        if (::fchmod(listening_.number(), S_IRUSR | S_IWUSR) != 0 ||
            ::bind(listening_.number(), address.get(), Address::size) != 0)
            fail(path_, "the socket can't be made", errno);
        if (::listen(listening_.number(), limits::control_waiting) != 0) {
            const int error = errno;
            ::unlink(path_.c_str());
            fail(path_, "the socket can't be listened on", error);
        }
        sweep_checkpoints(system_.store().directory);
        thread_ = std::thread([this] { run(); });
    }
    ~Serving() {
        const std::uint64_t one = 1;
        [[maybe_unused]] auto written = ::write(stop_.number(), &one, sizeof one);
        thread_.join();
        ::unlink(path_.c_str());
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

private:
    void remove_stale() {
        struct stat found{};
        if (::lstat(path_.c_str(), &found) != 0) return;
        if (!S_ISSOCK(found.st_mode)) throw std::runtime_error(path_ + " stands in the way: it is no socket");
        auto probe = make_socket(path_, SOCK_NONBLOCK);
        const Address address(path_);
        if (::connect(probe.number(), address.get(), Address::size) == 0 || !nobody_listens(errno))
            throw std::runtime_error(path_ + " is served by another process");
        ::unlink(path_.c_str());
    }
    void run() {
        while (true) {
            pollfd both[] = {{listening_.number(), POLLIN, 0}, {stop_.number(), POLLIN, 0}};
            ::poll(both, 2, -1);
            if (both[1].revents != 0) return;
            Descriptor client(::accept4(listening_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (client.number() < 0) {
                // Out of descriptors, perhaps: not again at once.
                ::poll(&both[1], 1, 100);
                continue;
            }
            try {
                serve(client.number());
            } catch (const BrokenOff&) {
                // Ignored: the next one is served.
            }
        }
    }
    void serve(int client) {
        Connection connection(client, stop_.number());
        auto line = connection.request();
        if (!line) return connection.end({usage, "the request is too long"});
        Answered answered;
        try {
            answered = answer(
                system_, *line, [&](std::string_view text) { connection.line(text); },
                [&](Position done, Position all) { connection.progress(done, all); });
        } catch (const DamageError& error) {
            answered = {damaged, error.what()};
        } catch (const std::exception& error) {
            answered = {failed, error.what()};
        }
        connection.end(answered);
    }

    const std::string path_;
    System& system_;
    const Descriptor stop_;
    const Descriptor listening_;
    std::thread thread_;
};

ControlSocket::ControlSocket(std::string path, System& system)
    : serving_(std::make_unique<Serving>(std::move(path), system)) {}
ControlSocket::~ControlSocket() = default;

// ---- The tool's side.

namespace {

void broken(const std::string& path) {
    throw std::runtime_error(path + ": the server went away before it had answered");
}

std::pair<Position, Position> two_numbers(std::string_view text) {
    std::pair<Position, Position> numbers;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers.first);
    if (error == std::errc{} && end != text.data() + text.size())
        std::from_chars(end + 1, text.data() + text.size(), numbers.second);
    return numbers;
}

Answered answered_in(std::string_view text) {
    Answered answered{failed, {}};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), answered.status);
    const auto words = static_cast<std::size_t>(end - text.data()) + 1;
    if (error == std::errc{} && words < text.size()) answered.words = text.substr(words);
    return answered;
}

}  // namespace

std::optional<Answered> ask_server(const std::string& data, const Request& request, const OnLine& line,
                                   const OnProgress& progress) {
    const auto path = data + "/control.sock";
    auto asked = line_of(request);
    auto server = make_socket(path, 0);
    const Address address(path);
    if (::connect(server.number(), address.get(), Address::size) != 0) {
        if (nobody_listens(errno)) return std::nullopt;
        fail(path, "the server can't be asked", errno);
    }
    for (std::string_view left = asked; !left.empty();) {
        auto count = ::send(server.number(), left.data(), left.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) break;  // It may have answered all the same.
        left.remove_prefix(static_cast<std::size_t>(count));
    }
    std::string read;
    for (std::string bytes(read_bytes, '\0');;) {
        auto count = ::recv(server.number(), bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) broken(path);
        read.append(bytes, 0, static_cast<std::size_t>(count));
        std::size_t begin = 0;
        for (std::size_t end; (end = read.find('\n', begin)) != std::string::npos; begin = end + 1) {
            std::string_view text = std::string_view(read).substr(begin, end - begin);
            if (text.starts_with('=')) return answered_in(text.substr(1));
            if (text.starts_with('+')) line(text.substr(1));
            if (text.starts_with('%') && progress) {
                auto [done, all] = two_numbers(text.substr(1));
                progress(done, all);
            }
        }
        read.erase(0, begin);
    }
}

}  // namespace muster::tools
