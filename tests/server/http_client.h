#pragma once
// One connection to the server, kept open; blocking. No library of the product's own, so that the wire is tested too.

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace muster::server {

struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;

    [[nodiscard]] std::string header(const std::string& name) const;  // empty where there is none
    // The first string or number of this name, wherever it stands in the JSON; empty where there is none.
    [[nodiscard]] std::string first(const std::string& name) const;
    [[nodiscard]] std::string link_token() const;  // of its accept_url
};

// The connection is gone, and with it nobody knows what of the request.
struct Lost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Client {
public:
    // Without a token nobody is signed in.
    Client(int port, std::string token) : port_(port), token_(std::move(token)) {}
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    using Headers = std::vector<std::pair<std::string, std::string>>;
    // Throws Lost.
    Answer send(const std::string& method, const std::string& target, const std::string& body = {},
                const Headers& headers = {});
    Answer get(const std::string& target) { return send("GET", target); }
    Answer post(const std::string& target, const std::string& body, const Headers& headers = {}) {
        return send("POST", target, body, headers);
    }
    Answer put(const std::string& target, const std::string& body) { return send("PUT", target, body); }

private:
    void open();
    void close();
    std::size_t receive();
    std::string take(std::size_t bytes);
    Answer read_answer();

    int port_;
    std::string token_;
    int socket_ = -1;
    std::string received_;
};

struct Request {
    std::string verb, target, body;
};

// The body of a batch of 500 invitations, as many as are appended at once, without mails; each batch's people are
// others.
std::string people_of(int batch);
// Each over a connection of its own, which stands before all of them begin together; the answers in the same order.
std::vector<Answer> all_at_once(int port, const std::string& token, const std::vector<Request>& requests);

}  // namespace muster::server
