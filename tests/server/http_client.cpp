#include "tests/server/http_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <barrier>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace muster::server {
namespace {

constexpr timeval patience{300, 0};  // of a test: a busy machine under a sanitizer is slow, not broken

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace

std::string Answer::header(const std::string& name) const {
    for (const auto& [each, value] : headers)
        if (each == name) return value;
    return {};
}

std::string Answer::link_token() const {
    auto url = first("accept_url");
    return url.substr(url.find('#') + 1);
}

std::string Answer::first(const std::string& name) const {
    auto key = "\"" + name + "\":";
    auto at = body.find(key);
    if (at == std::string::npos) return {};
    at += key.size();
    bool quoted = body[at] == '"';
    if (quoted) ++at;
    return body.substr(at, body.find_first_of(quoted ? "\"" : ",}]", at) - at);
}

void Client::open() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    close();
    throw Lost("nobody listens");
}

void Client::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    received_.clear();
}

std::size_t Client::receive() {
    char buffer[16384];
    auto count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) {
        close();
        throw Lost("the connection is gone");
    }
    received_.append(buffer, static_cast<std::size_t>(count));
    return received_.size();
}

std::string Client::take(std::size_t bytes) {
    while (received_.size() < bytes) receive();
    auto taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
}

Answer Client::read_answer() {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) receive();
    Answer answer;
    answer.status = std::stoi(received_.substr(received_.find(' ') + 1, 3));
    for (auto at = received_.find("\r\n") + 2; at < end + 2;) {
        auto stop = received_.find("\r\n", at), colon = received_.find(':', at);
        auto value = received_.substr(colon + 1, stop - colon - 1);
        value.erase(0, value.find_first_not_of(' '));
        answer.headers.emplace_back(lower(received_.substr(at, colon - at)), value);
        at = stop + 2;
    }
    received_.erase(0, end + 4);
    if (answer.header("transfer-encoding") == "chunked") {
        while (true) {
            while ((end = received_.find("\r\n")) == std::string::npos) receive();
            auto size = std::stoul(received_, nullptr, 16);
            received_.erase(0, end + 2);
            answer.body += take(size);
            take(2);
            if (size == 0) break;
        }
    } else {
        answer.body = take(std::stoul(answer.header("content-length")));
    }
    if (answer.header("connection") == "close") close();
    return answer;
}

Answer Client::send(const std::string& method, const std::string& target, const std::string& body,
                    const Headers& headers) {
    if (socket_ < 0) open();
    auto text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!token_.empty()) text += "Authorization: Bearer " + token_ + "\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    bool typed = std::ranges::any_of(headers, [](const auto& each) { return each.first == "Content-Type"; });
    if (!body.empty() && !typed) text += "Content-Type: application/json\r\n";
    if (method != "GET") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n" + body;
    std::size_t sent = 0;
    while (sent < text.size()) {
        auto count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            close();
            throw Lost("the connection is gone");
        }
        sent += static_cast<std::size_t>(count);
    }
    return read_answer();
}

std::string people_of(int batch) {
    std::string emails;
    for (int i = 0; i < 500; ++i) emails += "p" + std::to_string(batch) + "." + std::to_string(i) + "@spring.example,";
    return R"({"send_email":false,"emails":")" + emails + "\"}";
}

std::vector<Answer> all_at_once(int port, const std::string& token, const std::vector<Request>& requests) {
    std::vector<Answer> answers(requests.size());
    std::vector<std::thread> threads;
    std::barrier start(static_cast<std::ptrdiff_t>(requests.size()));
    for (std::size_t i = 0; i < requests.size(); ++i)
        threads.emplace_back([&, i] {
            Client client(port, token);
            client.get("/livez");
            start.arrive_and_wait();
            answers[i] = client.send(requests[i].verb, requests[i].target, requests[i].body);
        });
    for (auto& each : threads) each.join();
    return answers;
}

}  // namespace muster::server
