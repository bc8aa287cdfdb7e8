#include "api/http/chunked.h"
#include "api/http/framing.h"
#include "api/http/limits.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace muster::fuzz {
namespace {

using muster::http::ChunkDecoder;
using muster::http::Head;
using muster::http::HeadFinder;

constexpr std::uint64_t body_bytes_max = 512;

// Where the head ends; 0: it does not, or is refused.
std::size_t end_of_head(std::string_view bytes) {
    HeadFinder at_once;
    const auto found = at_once.find(bytes);
    // However the bytes arrive, they are judged alike.
    HeadFinder by_and_by;
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        const auto so_far = by_and_by.find(bytes.substr(0, size));
        if (so_far && *so_far == 0) continue;
        must(so_far.has_value() == found.has_value(), "a head is refused or not by how it arrives");
        if (found) must(*so_far == *found, "a head ends elsewhere by how it arrives");
        break;
    }
    return found.value_or(0);
}

bool visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void check(const Head& head) {
    must(!head.content_length || !head.chunked, "two framings");
    must(head.minor_version == 1 || !head.chunked, "chunks on HTTP/1.0");
    must(head.target.starts_with('/') && visible(head.target) && !head.target.contains('#'),
         "a target of another form");
    must(head.target.size() <= muster::http::limits::target_bytes_max, "a target that is too long");
    must(head.headers.size() <= muster::http::limits::fields_max, "too many fields");
    std::size_t hosts = 0, framings = 0;
    for (const auto& [name, value] : head.headers) {
        hosts += name == "host" ? 1 : 0;
        framings += name == "content-length" || name == "transfer-encoding" ? 1 : 0;
        must(!name.empty() && visible(name) && !name.contains(':'), "a field name of another form");
        must(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }), "a field name in upper case");
        must(std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }),
             "a control character in a field");
    }
    must(hosts == 1 || (hosts == 0 && head.minor_version == 0), "no one host");
    must(framings == (head.content_length || head.chunked ? 1u : 0u), "a framing field that was passed over");
}

// What was understood, written plainly, is understood alike.
void check_written(const Head& head) {
    std::string text = head.method + " " + head.target + " HTTP/1." + std::to_string(head.minor_version) + "\r\n";
    for (const auto& [name, value] : head.headers) text.append(name).append(": ").append(value).append("\r\n");
    text += "\r\n";
    if (text.size() > muster::http::limits::head_bytes_max) return;  // the spaces are ours
    const auto again = muster::http::read_head(text);
    must(again.has_value(), "a head that was read is refused when written plainly");
    must(again->method == head.method && again->target == head.target && again->chunked == head.chunked &&
             again->content_length == head.content_length && again->keep_alive == head.keep_alive &&
             again->headers.size() == head.headers.size(),
         "a head is another one when written plainly");
}

void check_chunks(std::string_view bytes) {
    ChunkDecoder at_once, by_and_by;
    std::string body, same_body;
    const auto taken = at_once.decode(bytes, body, body_bytes_max);
    std::size_t at = 0;
    bool refused = false;
    for (; at < bytes.size() && !by_and_by.done() && !refused; at += refused ? 0 : 1) {
        const auto one = by_and_by.decode(bytes.substr(at, 1), same_body, body_bytes_max);
        refused = !one;
        if (one) must(*one == 1, "a byte is neither taken nor refused");
    }
    must(refused == !taken.has_value(), "chunks are refused or not by how they arrive");
    must(body.size() <= body_bytes_max && same_body.size() <= body_bytes_max, "more than a body may have");
    if (!taken) return;
    must(*taken == at && at_once.done() == by_and_by.done(), "a body ends elsewhere by how it arrives");
    must(body == same_body, "a body is another one by how it arrives");
}

}  // namespace

void http(std::string_view bytes) {
    const auto end = end_of_head(bytes);
    check_chunks(bytes.substr(end));
    if (end == 0) return;
    const auto head = muster::http::read_head(bytes.substr(0, end));
    if (!head) {
        must(head.error().status >= 400 && head.error().status < 500 && !head.error().detail.empty(), "no reason");
        return;
    }
    check(*head);
    check_written(*head);
}

}  // namespace muster::fuzz
