#include "api/mail/smtp.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace muster::mail {

// ---- The address of the server.

namespace {

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, CURLU_URLDECODE) != CURLUE_OK) return {};
    std::string value(text);
    curl_free(text);
    return value;
}

bool is_loopback(std::string_view host) { return host == "localhost" || host == "[::1]" || host.starts_with("127."); }

}  // namespace

bool SmtpServer::needs_tls() const { return tls || (!user.empty() && !is_loopback(host)); }

std::expected<SmtpServer, std::string> parse_smtp(std::string_view text) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
    if (curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK)
        return std::unexpected("it must be like smtp://user@mail.example:587");
    SmtpServer server;
    auto scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "smtp" && scheme != "smtps") return std::unexpected("it must begin with smtp:// or smtps://");
    if (!part_of(url.get(), CURLUPART_PASSWORD).empty())
        return std::unexpected("the password belongs into the environment variable MUSTER_SMTP_PASSWORD");
    auto path = part_of(url.get(), CURLUPART_PATH);
    if (!path.empty() && path != "/") return std::unexpected("nothing may stand behind the port");
    server.tls = scheme == "smtps";
    server.user = part_of(url.get(), CURLUPART_USER);
    server.host = part_of(url.get(), CURLUPART_HOST);
    server.port = part_of(url.get(), CURLUPART_PORT);
    if (server.port.empty()) return std::unexpected("the port is missing; it must be like smtp://mail.example:587");
    return server;
}

// ---- What is said on a connection.

namespace {

// The last command, and the last answer to it.
struct Dialogue {
    std::string command;
    int code = 0;
    std::string status;  // enhanced (RFC 3463), where the server gives one
    bool over = false;   // the rest is taking leave

    [[nodiscard]] bool about_the_mail() const { return command == "MAIL" || command == "RCPT" || command == "DATA"; }
    // RFC 4954 §6: it is about who we are.
    [[nodiscard]] bool about_sign_in() const { return code == 530 || code == 534 || code == 535 || code == 538; }
    [[nodiscard]] std::string numbers() const { return std::to_string(code) + (status.empty() ? "" : " " + status); }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `5.1.1` at the beginning of the text, or nothing.
std::string enhanced_status(std::string_view text) {
    std::string found;
    for (int part = 0; part < 3; ++part) {
        if (part > 0) {
            if (text.empty() || text.front() != '.') return {};
            found += '.';
            text.remove_prefix(1);
        }
        std::size_t digits = 0;
        while (digits < text.size() && digits < 3 && is_digit(text[digits])) ++digits;
        if (digits == 0) return {};
        found += text.substr(0, digits);
        text.remove_prefix(digits);
    }
    return text.empty() || text.front() == ' ' || text.front() == '\r' ? found : std::string();
}

void hear(Dialogue& dialogue, std::string_view line) {
    if (line.size() < 4 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
    dialogue.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    dialogue.status = enhanced_status(line.substr(4));
}

// libcurl's account of what goes over the wire; nothing of it is kept but words and numbers.
int overhear(CURL*, curl_infotype type, char* bytes, std::size_t size, void* to) {
    auto& dialogue = *static_cast<Dialogue*>(to);
    std::string_view text(bytes, size);
    if (type == CURLINFO_HEADER_OUT && text.starts_with("QUIT")) dialogue.over = true;
    if (dialogue.over) return 0;
    if (type == CURLINFO_HEADER_OUT) {
        dialogue.command = text.substr(0, text.find_first_of(" \r\n"));
        dialogue.code = 0;
        dialogue.status.clear();
    }
    if (type == CURLINFO_HEADER_IN) hear(dialogue, text);
    return 0;
}

struct Upload {
    std::string_view left;
};

std::size_t give_bytes(char* into, std::size_t size, std::size_t count, void* from) {
    auto& upload = *static_cast<Upload*>(from);
    auto bytes = std::min(size * count, upload.left.size());
    std::memcpy(into, upload.left.data(), bytes);
    upload.left.remove_prefix(bytes);
    return bytes;
}

// Until when an attempt may go on. libcurl asks once a second, and also while it takes leave of a server that hangs.
struct Patience {
    const std::atomic<bool>& stopping;
    std::chrono::steady_clock::time_point end;
};

int is_over(void* patience, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& left = *static_cast<const Patience*>(patience);
    return left.stopping || std::chrono::steady_clock::now() >= left.end ? 1 : 0;
}

Attempt outcome_of(CURLcode result, const Dialogue& said) {
    if (result == CURLE_OK) return {Result::taken, {}};
    if (said.about_the_mail() && !said.about_sign_in()) {
        if (said.code >= 500) return {Result::refused, "refused with " + said.numbers()};
        if (said.code >= 400) return {Result::later, "put off with " + said.numbers()};
    }
    if (said.code >= 400) return {Result::lost, "the mail server did not let us in: " + said.numbers()};
    switch (result) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
            return {Result::lost, "the mail server could not be reached"};
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_ABORTED_BY_CALLBACK:
            return {Result::lost, "the mail server did not answer in time"};
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_USE_SSL_FAILED:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return {Result::lost, "no secure connection to the mail server"};
        default:
            return {Result::lost, "the connection to the mail server broke off"};
    }
}

struct CloseHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

// A handle with its connection, for one thread at a time. When it ends, the connection is cut first: libcurl would wait
// for the server's goodbye.
struct Line {
    Line() : handle(curl_easy_init()) {}
    ~Line() {
        for (auto socket : sockets) ::shutdown(socket, SHUT_RDWR);
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    std::set<curl_socket_t> sockets;
    std::unique_ptr<CURL, CloseHandle> handle;  // the last member: its end closes the sockets
};

curl_socket_t open_socket(void* line, curlsocktype, curl_sockaddr* address) {
    auto socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (socket >= 0) static_cast<Line*>(line)->sockets.insert(socket);
    return socket;
}

int close_socket(void* line, curl_socket_t socket) {
    static_cast<Line*>(line)->sockets.erase(socket);
    return ::close(socket);
}

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

// ---- Sending.

struct SmtpMailer::Connections {
    explicit Connections(SmtpServer given) : server(std::move(given)) { curl_global_init(CURL_GLOBAL_DEFAULT); }

    std::unique_ptr<Line> take() {
        std::lock_guard lock(mutex);
        if (idle.empty()) return std::make_unique<Line>();
        auto line = std::move(idle.back());
        idle.pop_back();
        return line;
    }
    void give_back(std::unique_ptr<Line> line) {
        std::lock_guard lock(mutex);
        idle.push_back(std::move(line));
    }
    void prepare(Line& line) const;
    CURLcode perform(Line& line, const Message& message, std::string_view bytes, Dialogue& said);

    const SmtpServer server;
    std::atomic<bool> stopping = false;
    std::mutex mutex;
    std::vector<std::unique_ptr<Line>> idle;  // guarded by mutex
};

void SmtpMailer::Connections::prepare(Line& line) const {
    auto* handle = line.handle.get();
    curl_easy_reset(handle);  // but for its connection
    auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    auto url = (server.tls ? "smtps://" : "smtp://") + server.host + ":" + server.port;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_most.count()));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max(1L, static_cast<long>(server.answer_most.count()) / 1000));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(server.attempt_most.count()));
    set(CURLOPT_USE_SSL, static_cast<long>(server.needs_tls() ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    set(CURLOPT_SSL_VERIFYPEER, server.needs_tls() ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, server.needs_tls() ? 2L : 0L);
    if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
    if (!server.user.empty()) {
        set(CURLOPT_USERNAME, server.user.c_str());
        set(CURLOPT_PASSWORD, server.password.c_str());
    }
    set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, &line);
    set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    set(CURLOPT_CLOSESOCKETDATA, &line);
}

CURLcode SmtpMailer::Connections::perform(Line& line, const Message& message, std::string_view bytes, Dialogue& said) {
    prepare(line);
    auto* handle = line.handle.get();
    auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    auto from = "<" + message.from.address + ">";
    set(CURLOPT_MAIL_FROM, from.c_str());
    std::unique_ptr<curl_slist, FreeList> to;
    for (const auto& each : message.to) {
        auto* longer = curl_slist_append(to.get(), ("<" + each.address + ">").c_str());
        if (!longer) return CURLE_OUT_OF_MEMORY;
        (void)to.release();
        to.reset(longer);
    }
    set(CURLOPT_MAIL_RCPT, to.get());
    Upload upload{bytes};
    set(CURLOPT_READFUNCTION, &give_bytes);
    set(CURLOPT_READDATA, &upload);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &overhear);
    set(CURLOPT_DEBUGDATA, &said);
    set(CURLOPT_NOPROGRESS, 0L);
    Patience patience{stopping, std::chrono::steady_clock::now() + server.attempt_most};
    set(CURLOPT_XFERINFOFUNCTION, &is_over);
    set(CURLOPT_XFERINFODATA, &patience);
    auto result = curl_easy_perform(handle);
    // What is said when the connection is closed later is heard by nobody.
    set(CURLOPT_VERBOSE, 0L);
    set(CURLOPT_NOPROGRESS, 1L);
    return result;
}

SmtpMailer::SmtpMailer(SmtpServer server) : connections_(std::make_unique<Connections>(std::move(server))) {}
SmtpMailer::~SmtpMailer() = default;

void SmtpMailer::stop() { connections_->stopping = true; }

Attempt SmtpMailer::send(const Message& message) {
    auto line = connections_->take();
    if (!line->handle) return {Result::lost, "there is no memory left"};
    auto bytes = bytes_of(message, Bits::seven);
    Dialogue said;
    auto result = connections_->perform(*line, message, bytes, said);
    long opened = 0;
    curl_easy_getinfo(line->handle.get(), CURLINFO_NUM_CONNECTS, &opened);
    // The server had closed the connection that was kept: nothing of the mail was taken.
    if (result != CURLE_OK && opened == 0 && said.command != "DATA" && said.code == 0) {
        said = {};
        result = connections_->perform(*line, message, bytes, said);
    }
    if (result == CURLE_OK) connections_->give_back(std::move(line));
    return outcome_of(result, said);
}

}  // namespace muster::mail
