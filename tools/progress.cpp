#include "tools/progress.h"

#include <algorithm>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace muster::tools {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds redraw_every{100};
constexpr Position cells = 20;

std::string duration(Position seconds) {
    if (seconds < 60) return std::to_string(seconds) + " s";
    if (seconds < 3600) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

}  // namespace

std::string bar_text(const std::string& what, Position done, Position all, milliseconds since, Position before) {
    done = std::min(done, all);
    const Position filled = all == 0 ? cells : done * cells / all;
    std::string text = what + "  [" + std::string(filled, '#') + std::string(cells - filled, '-') + "]  " +
                       std::to_string(all == 0 ? 100 : done * 100 / all) + "%";
    const auto ms = static_cast<Position>(since.count());
    const Position rate = ms == 0 ? 0 : (done - std::min(before, done)) * 1000 / ms;
    if (rate > 0) text += "  " + std::to_string(rate) + "/s  " + duration((all - done + rate - 1) / rate) + " left";
    return text;
}

ProgressBar::ProgressBar(std::string what) : ProgressBar(std::move(what), std::cerr, ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::ProgressBar(std::string what, std::ostream& out, bool shown)
    : what_(std::move(what)), out_(out), shown_(shown), begun_(std::chrono::steady_clock::now()), next_(begun_) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::clear() {
    if (width_ > 0) out_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
    width_ = 0;
}

void ProgressBar::operator()(Position done, Position all) {
    const auto now = std::chrono::steady_clock::now();
    if (!before_) before_ = done;
    if (!shown_ || now < next_) return;
    next_ = now + redraw_every;
    auto text = bar_text(what_, done, all, std::chrono::duration_cast<milliseconds>(now - begun_), *before_);
    const auto blank = width_ > text.size() ? width_ - text.size() : 0;
    width_ = text.size();
    out_ << '\r' << text << std::string(blank, ' ') << std::flush;
}

}  // namespace muster::tools
