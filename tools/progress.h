#pragma once
// How far long work has come: a bar on the terminal, nothing in a pipe.

#include "domain/ids.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace muster::tools {

// On stderr, where that is a terminal; it goes away when the work is done, so that only results stay.
class ProgressBar {
public:
    explicit ProgressBar(std::string what);
    ProgressBar(std::string what, std::ostream& out, bool shown);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void operator()(Position done, Position all);
    // Leaves the line empty for something else; it is drawn again in time.
    void clear();

private:
    const std::string what_;
    std::ostream& out_;
    const bool shown_;
    const std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point next_;
    std::optional<Position> before_;  // what was done when this began: a rebuild may go on where one was broken off
    std::size_t width_ = 0;           // of what stands on the line now
};

// The same of bytes, in KiB.
class BytesBar {
public:
    BytesBar(const std::string& what, std::uint64_t all) : bar_(what + ", KiB"), all_(all) {}
    void add(std::uint64_t bytes) { bar_((done_ += bytes) / 1024, all_ / 1024); }
    void clear() { bar_.clear(); }

private:
    ProgressBar bar_;
    const std::uint64_t all_;
    std::uint64_t done_ = 0;
};

// "roster  [########------------]  40%  12000/s  3 s left"; the rate is of what was done behind `before`.
std::string bar_text(const std::string& what, Position done, Position all, std::chrono::milliseconds since,
                     Position before = 0);

}  // namespace muster::tools
