#include "api/webhooks/client.h"

#include "api/webhooks/target.h"

#include <curl/curl.h>

#include <algorithm>
#include <expected>
#include <sys/socket.h>

namespace muster::webhooks {
namespace {

struct CloseHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void append(List& list, const std::string& line) {
    auto* longer = curl_slist_append(list.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

// As libcurl itself reads the URL, so that nobody else's reading of it is looked up.
struct Parts {
    std::string scheme, host, port;
};
Parts parts_of(const std::string& text) {
    std::unique_ptr<CURLU, FreeUrl> url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
    return {part_of(url.get(), CURLUPART_SCHEME), part_of(url.get(), CURLUPART_HOST),
            part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

// What came so far, of which nothing is kept.
struct Answer {
    std::size_t head = 0;
    std::size_t body = 0;
};

std::size_t count(std::size_t& so_far, std::size_t bytes) {
    so_far += bytes;
    return so_far > limits::webhook_answer_bytes ? 0 : bytes;  // another number than was given ends the transfer
}
std::size_t take_head(char*, std::size_t size, std::size_t many, void* answer) {
    return count(static_cast<Answer*>(answer)->head, size * many);
}
std::size_t take_body(char*, std::size_t size, std::size_t many, void* answer) {
    return count(static_cast<Answer*>(answer)->body, size * many);
}

int is_stopping(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

std::string words_for(CURLcode result, long status) {
    switch (result) {
        case CURLE_OK:
            if (status >= 300 && status < 400)
                return "the target redirects (" + std::to_string(status) + "), which is not followed";
            return "the target answered " + std::to_string(status);
        case CURLE_COULDNT_RESOLVE_HOST:
            return "the name of the target is not known";
        case CURLE_COULDNT_CONNECT:
            return "the target could not be reached";
        case CURLE_OPERATION_TIMEDOUT:
            return "the target did not answer in time";
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return "the certificate of the target is not good";
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
            return "no secure connection to the target";
        case CURLE_WRITE_ERROR:
            return "the target answered with more than is read";
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
            return "the connection to the target broke off";
        default:
            return "what the target answered is no HTTP";
    }
}

}  // namespace

struct Client::Line::State {
    const ClientOptions& options;
    std::atomic<bool>& stopping;
    std::string url;
    std::expected<Addresses, std::string> addresses = std::unexpected(std::string());
    List resolved;
    std::unique_ptr<CURL, CloseHandle> handle;

    void prepare(curl_slist* headers, const std::string& body, Answer& answer);
};

namespace {

// The second door: whatever libcurl made of the URL, it connects only to what was looked up.
curl_socket_t open_socket(void* addresses, curlsocktype, curl_sockaddr* address) {
    if (!is_among(*static_cast<const Addresses*>(addresses), address->addr)) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

void Client::Line::State::prepare(curl_slist* headers, const std::string& body, Answer& answer) {
    curl_easy_reset(handle.get());  // but for its connection
    auto set = [this](CURLoption option, auto value) { curl_easy_setopt(handle.get(), option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, addresses->in_allowed_network ? "http,https" : "https");
    set(CURLOPT_RESOLVE, resolved.get());
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, &*addresses);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_most.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.attempt_most.count()));
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_USERAGENT, "Muster-Webhooks/1");
    set(CURLOPT_HEADERFUNCTION, &take_head);
    set(CURLOPT_HEADERDATA, &answer);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &answer);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &is_stopping);
    set(CURLOPT_XFERINFODATA, &stopping);
}

Client::Line::Line(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::Line::~Line() = default;

const std::string& Client::Line::url() const { return state_->url; }

Attempt Client::Line::post(const std::vector<std::string>& headers, const std::string& body) {
    if (!state_->addresses) return {0, state_->addresses.error(), state_->stopping, {}};
    List lines;
    for (const auto& each : headers) append(lines, each);
    append(lines, "Content-Type: application/json");
    append(lines, "Expect:");
    Answer answer;
    state_->prepare(lines.get(), body, answer);
    auto begun = std::chrono::steady_clock::now();
    auto result = curl_easy_perform(state_->handle.get());
    Attempt attempt;
    attempt.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (result == CURLE_ABORTED_BY_CALLBACK) {
        attempt.stopped = true;
        attempt.detail = "broken off, because the server stops";
        return attempt;
    }
    long status = 0;
    curl_easy_getinfo(state_->handle.get(), CURLINFO_RESPONSE_CODE, &status);
    // A status that came counts, also where the body behind it is too long to be read.
    bool answered = result == CURLE_OK || (result == CURLE_WRITE_ERROR && answer.body > 0);
    attempt.status = answered ? static_cast<int>(status) : 0;
    if (attempt.taken()) return attempt;
    attempt.detail = words_for(answered ? CURLE_OK : result, status);
    curl_off_t retry_after = 0;  // a date is turned into seconds from now
    curl_easy_getinfo(state_->handle.get(), CURLINFO_RETRY_AFTER, &retry_after);
    if (answered) attempt.retry_after = std::chrono::seconds(std::max<curl_off_t>(retry_after, 0));
    return attempt;
}

Client::Client(ClientOptions options) : options_(std::move(options)) { curl_global_init(CURL_GLOBAL_DEFAULT); }
Client::~Client() = default;

std::unique_ptr<Client::Line> Client::line_to(const std::string& url) {
    auto state = std::make_unique<Line::State>(options_, stopping_, url);
    auto [scheme, host, port] = parts_of(url);
    auto bare = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
    if (host.empty())
        state->addresses = std::unexpected(std::string("the URL of the target is none"));
    else if (stopping_)
        state->addresses = std::unexpected(std::string("the server stops"));
    else
        state->addresses = look_up(bare, options_.allowed);
    if (state->addresses && scheme != "https" && !state->addresses->in_allowed_network)
        state->addresses = std::unexpected(std::string("the target needs https"));
    if (state->addresses) {
        auto entry = bare + ":" + port + ":";
        for (std::size_t i = 0; i < state->addresses->all.size(); ++i) {
            auto address = http::text_of(state->addresses->all[i]);
            entry += (i ? "," : "") + (address.contains(':') ? "[" + address + "]" : address);
        }
        if (!http::parse_address(bare)) append(state->resolved, entry);
        state->handle.reset(curl_easy_init());
        if (!state->handle) throw std::bad_alloc();
    }
    return std::unique_ptr<Line>(new Line(std::move(state)));
}

}  // namespace muster::webhooks
