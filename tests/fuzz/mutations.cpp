#include "tests/fuzz/mutations.h"

#include <algorithm>

namespace muster::fuzz {
namespace {

// Bytes and words that readers stumble over.
const std::vector<std::string> words{std::string(1, '\0'),
                                     "\xff",
                                     "\x7f",
                                     "\x80",
                                     "\r\n",
                                     "\n",
                                     "\r",
                                     "\"",
                                     "\\",
                                     " ",
                                     "\t",
                                     ",",
                                     ";",
                                     ":",
                                     "@",
                                     "0",
                                     "-1",
                                     "99999999999999999999",
                                     "1e309",
                                     "null",
                                     "{}",
                                     "[",
                                     "]",
                                     "<a>",
                                     "</row>",
                                     "&#0;",
                                     "%00",
                                     "\xc3\xa4",
                                     "\xe2\x80\x8b",
                                     "\xef\xbb\xbf",
                                     "\xff\xfe",
                                     "chunked",
                                     "Content-Length: 1\r\n",
                                     "Transfer-Encoding: chunked\r\n",
                                     std::string(300, 'a'),
                                     "fly"};

}  // namespace

std::string Mutations::next() {
    std::string bytes = corpus_.empty() ? std::string() : corpus_[below(corpus_.size())];
    for (std::size_t i = 1 + below(4); i > 0; --i) change(bytes);
    return bytes;
}

void Mutations::change(std::string& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t some = std::min(bytes.size() - at, 1 + below(16));
    switch (below(8)) {
        case 0:
            if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
            break;
        case 1:
            if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
            break;
        case 2:
            bytes.erase(at, some);
            break;
        case 3:
            bytes.resize(at);
            break;
        case 4:
            bytes.insert(at, bytes.substr(at, some));
            break;
        case 5:
            bytes.insert(at, words[below(words.size())]);
            break;
        case 6:
            bytes.replace(at, some, words[below(words.size())]);
            break;
        default:  // the end of another one
            if (const auto& other = corpus_.empty() ? bytes : corpus_[below(corpus_.size())]; !other.empty())
                bytes = bytes.substr(0, at) + other.substr(below(other.size()));
    }
}

}  // namespace muster::fuzz
