#pragma once
// A server that runs while it lives, and a caller that speaks to it byte by byte over a real socket. Deadlines that
// must pass are short, those that must not are long, and what is waited for is an event: no test is wrong on a slow
// machine.

#include "api/http/server.h"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace muster::http::over_sockets {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Answers with what it was asked.
inline void echo(const Request& request, const Done& done) {
    done({.status = 200,
          .headers = {{"Content-Type", "text/plain"}},
          .body = request.method + " " + request.target + " [" + request.body + "]"});
}

// A server that runs while this lives.
class Running {
public:
    explicit Running(Handler handler = echo, ServerOptions options = {})
        : server(with_free_port(std::move(options)), std::move(handler)), thread_([this] {
              server.run();
              ended.set_value();
          }) {}
    ~Running() {
        server.stop();
        thread_.join();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Server server;
    std::promise<void> ended;

private:
    static ServerOptions with_free_port(ServerOptions options) {
        options.listen = "127.0.0.1:0";
        if (options.threads == 0) options.threads = 2;
        // Callers here close when they have read the answer, so only a busy machine makes use of all this.
        options.deadlines.linger = 60s;
        return options;
    }

    std::thread thread_;
};

// A caller that sends bytes as it pleases. Waits at most a minute for anything.
class Caller {
public:
    explicit Caller(const Server& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("connect");
        }
    }
    ~Caller() { ::close(socket_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    Caller& send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;  // the server has closed; what it said can still be read
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return *this;
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }

    // Reads until this has come, and returns everything up to its end; or what came before the connection ended.
    std::string until(std::string_view wanted) {
        std::size_t at = 0;
        while ((at = arrived_.find(wanted)) == std::string::npos) {
            if (!read_some()) return std::exchange(arrived_, "");
        }
        const auto text = arrived_.substr(0, at + wanted.size());
        arrived_.erase(0, text.size());
        return text;
    }
    // One whole answer: its head, and as many bytes as it says.
    std::string answer() {
        auto head = until("\r\n\r\n");
        const auto length = head.find("Content-Length: ");
        if (length == std::string::npos) return head;
        const auto size = std::stoul(head.substr(length + 16));
        while (arrived_.size() < size && read_some()) {
        }
        head += arrived_.substr(0, size);
        arrived_.erase(0, size);
        return head;
    }
    // Everything until the server closes.
    std::string rest() {
        while (read_some()) {
        }
        return std::exchange(arrived_, "");
    }
    [[nodiscard]] int socket() const { return socket_; }

private:
    bool read_some() {
        char bytes[4096];
        const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("nothing came");
        if (size <= 0) return false;
        arrived_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    int socket_;
    std::string arrived_;
};

inline std::string get(const std::string& target, const std::string& lines = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: muster.test\r\n" + lines + "\r\n";
}
inline std::string post(const std::string& body, const std::string& lines = "") {
    return "POST / HTTP/1.1\r\nHost: muster.test\r\n" + lines + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}
inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
inline int status(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

// What comes of these bytes, on a connection that the server must close by itself after it.
inline std::string refused(const std::string& bytes, ServerOptions options = {}) {
    std::atomic<int> handled = 0;
    Running running(
        [&](const Request& request, const Done& done) {
            ++handled;
            echo(request, done);
        },
        std::move(options));
    Caller caller(running.server);
    auto answer = caller.send(bytes).rest();
    CHECK(handled == 0);
    CHECK(has(answer, "Connection: close\r\n"));
    return answer;
}

}  // namespace muster::http::over_sockets
