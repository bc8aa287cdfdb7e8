#pragma once
// What a measurement is given and how it says what it found: a figure beside its limit, measured in the same run on the
// same machine, and the ratio of the two. Each is repeated, and the middle one counts.

#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace muster::bench {

using SteadyClock = std::chrono::steady_clock;

inline double seconds_since(SteadyClock::time_point begun) {
    return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}
inline std::uint32_t microseconds_since(SteadyClock::time_point begun) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun).count());
}

struct Options {
    std::string filter = ".*";  // of names, a regular expression
    std::string csv;            // a file that lines are added to
    std::string scratch;        // a directory on the disk that is measured
    int repeat = 3;
    std::size_t members = 100'000;  // of the large workspace
    bool small = false;             // so few of everything that the figures say nothing: does it still run?
    bool list = false;
};

// One measurement: how often a second, and what an operation took where that means something.
struct Measured {
    double per_second = 0;
    std::vector<std::uint32_t> microseconds;
    std::string note;
};

// What it is compared with. `aim`: the ratio, or the operations per second, that is hoped for.
struct Limit {
    std::string name;
    std::function<Measured()> measure;
    double aim_ratio = 0;
    double aim_per_second = 0;
};

class Bench {
public:
    explicit Bench(Options options);
    ~Bench();  // removes what it put on the disk

    [[nodiscard]] const Options& options() const { return options_; }
    // Says that this name exists; true where it is to be measured.
    bool wants(const std::string& name);
    // Takes turns between the two and prints the figure.
    void compare(const std::string& name, const std::string& unit, const std::function<Measured()>& measure,
                 const Limit& limit);

    // A new empty directory.
    std::string directory();
    // A data directory with a workspace `small` of 1,000 active members and one `large` of as many as asked for;
    // made at first use.
    const std::string& crowd();
    [[nodiscard]] std::size_t crowd_small() const { return options_.small ? 60 : 1'000; }
    [[nodiscard]] std::size_t crowd_large() const { return options_.small ? 200 : options_.members; }
    // Small runs do a few, real ones so many.
    [[nodiscard]] std::size_t count(std::size_t real, std::size_t few) const { return options_.small ? few : real; }

private:
    Options options_;
    std::regex filter_;
    std::string scratch_;
    std::string crowd_;
    int directories_ = 0;
    std::ofstream csv_;
};

// Cores, model, load, disk, durability: what figures are worth nothing without.
std::string machine(const std::string& scratch);

void appends(Bench& bench);
void commands(Bench& bench);
void invites_over_http(Bench& bench);
void pages(Bench& bench);
void rebuilds(Bench& bench);
void exports(Bench& bench);
void starts(Bench& bench);
void searches(Bench& bench);

}  // namespace muster::bench
