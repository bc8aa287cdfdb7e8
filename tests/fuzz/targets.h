// What any bytes may be given to, and what must hold of it whatever they are. A target is one function in a file of its
// name; clang's libFuzzer drives it (`tools/dev fuzz NAME`), and corpus_test.cpp replays its corpus with any compiler.
//
// A target throws Broken where something does not hold; everything else that it throws is a finding too.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace muster::fuzz {

struct Broken : std::logic_error {
    using std::logic_error::logic_error;
};

inline void must(bool holds, const char* what) {
    if (!holds) throw Broken(what);
}

void http(std::string_view bytes);       // a request as it comes from a socket: head, then a body in chunks
void json(std::string_view bytes);       // a body, read as several commands
void frame(std::string_view bytes);      // an event's frame in the log
void codec(std::string_view bytes);      // the name of an event's type, a line break, its payload
void cursor(std::string_view bytes);     // what a list is bound to, a line break, a cursor of it
void token(std::string_view bytes);      // a link, a session or an API key
void csv(std::string_view bytes);        // a file of people
void xlsx(std::string_view bytes);       // the same from Excel
void worksheet(std::string_view bytes);  // the XML of its one sheet, inflated
void email(std::string_view bytes);      // an address
void canary(std::string_view bytes);     // fails on purpose: shows that failures are seen

struct Target {
    std::string_view name;  // of its file, its corpus and its fuzzer
    void (*run)(std::string_view bytes);
    int mutations;  // how many of its corpus are tried by corpus_test.cpp
};
// All but the canary.
std::span<const Target> targets();

}  // namespace muster::fuzz
