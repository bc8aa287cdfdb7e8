#include "tools/bench/bench.h"

#include "tools/bench/world.h"

#include <fmt/printf.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <sys/statfs.h>
#include <thread>
#include <unistd.h>

namespace muster::bench {
namespace {

namespace fs = std::filesystem;

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown processor";
}

std::string file_system(const std::string& path) {
    struct statfs stats{};
    if (::statfs(path.c_str(), &stats) != 0) return "unknown";
    switch (static_cast<unsigned long>(stats.f_type)) {
        case 0xEF53:
            return "ext4";
        case 0x58465342:
            return "xfs";
        case 0x9123683E:
            return "btrfs";
        case 0x794c7630:
            return "overlay";
        case 0x01021994:
            return "tmpfs, where a sync costs nothing";
        default:
            return "another";
    }
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), value < 100 ? "%.2f" : "%.0f", value);
    std::string digits = text.data();
    auto point = std::min(digits.find('.'), digits.size());
    for (auto at = point; at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

double percentile(const std::vector<std::uint32_t>& sorted, double part) {
    auto rank = static_cast<std::size_t>(std::lround(part * static_cast<double>(sorted.size() - 1)));
    return static_cast<double>(sorted[rank]) / 1000;
}

template <class T, class Key>
const T& middle(std::vector<T>& values, Key key) {
    std::ranges::sort(values, {}, key);
    return values[values.size() / 2];
}

}  // namespace

std::string machine(const std::string& scratch) {
    std::array<double, 3> load{};
    ::getloadavg(load.data(), 3);
    return std::to_string(std::thread::hardware_concurrency()) + " cores, " + cpu_model() + ", load " +
           number(load[0]) + "; " + scratch + " (" + file_system(scratch) +
           "), every acknowledged append on disk by one fdatasync per group";
}

Bench::Bench(Options options) : options_(std::move(options)), filter_(options_.filter) {
    auto pattern = options_.scratch + "/muster-bench-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no directory can be made in " + options_.scratch);
    scratch_ = pattern;
    if (options_.csv.empty()) return;
    bool fresh = !fs::exists(options_.csv);
    csv_.open(options_.csv, std::ios::app);
    if (!csv_) throw std::runtime_error("can't write " + options_.csv);
    if (fresh)
        csv_ << "name,unit,per_second,limit,limit_per_second,ratio,ratio_least,ratio_most,p50_ms,p99_ms,max_ms\n";
}

Bench::~Bench() {
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
}

bool Bench::wants(const std::string& name) {
    if (!std::regex_search(name, filter_)) return false;
    if (options_.list) fmt::printf("%s\n", name.c_str());
    return !options_.list;
}

void Bench::compare(const std::string& name, const std::string& unit, const std::function<Measured()>& measure,
                    const Limit& limit) {
    struct Pair {
        Measured ours, limit;
        [[nodiscard]] double ratio() const { return ours.per_second / limit.per_second; }
    };
    std::vector<Pair> pairs;
    for (int i = 0; i < (options_.small ? 1 : options_.repeat); ++i) {
        auto ours = measure();
        pairs.push_back({std::move(ours), limit.measure()});
    }
    auto pair = middle(pairs, &Pair::ratio);
    auto least = pairs.front().ratio(), most = pairs.back().ratio();
    auto& took = pair.ours.microseconds;
    std::ranges::sort(took);
    fmt::printf("%-22s %9s %s/s   %s: %s/s   ratio %.2f (%.2f to %.2f)", name.c_str(),
                number(pair.ours.per_second).c_str(), unit.c_str(), limit.name.c_str(),
                number(pair.limit.per_second).c_str(), pair.ratio(), least, most);
    if (limit.aim_ratio > 0) fmt::printf("   aim %.2f", limit.aim_ratio);
    if (limit.aim_per_second > 0) fmt::printf("   aim %s/s", number(limit.aim_per_second).c_str());
    if (!took.empty())
        fmt::printf("   p50 %.2f p99 %.2f max %.2f ms", percentile(took, 0.5), percentile(took, 0.99),
                    percentile(took, 1));
    fmt::printf("%s%s\n", pair.ours.note.empty() ? "" : "   ", pair.ours.note.c_str());
    std::fflush(stdout);
    if (!csv_.is_open()) return;
    csv_ << name << ',' << unit << ',' << pair.ours.per_second << ',' << limit.name << ',' << pair.limit.per_second
         << ',' << pair.ratio() << ',' << least << ',' << most;
    if (!took.empty())
        csv_ << ',' << percentile(took, 0.5) << ',' << percentile(took, 0.99) << ',' << percentile(took, 1);
    else
        csv_ << ",,,";
    csv_ << std::endl;
}

std::string Bench::directory() {
    auto path = scratch_ + "/" + std::to_string(++directories_);
    fs::create_directories(path);
    return path;
}

const std::string& Bench::crowd() {
    if (!crowd_.empty()) return crowd_;
    auto made = directory() + "/data";
    {
        World world(made);
        world.members(world.workspace("small"), crowd_small());
        world.members(world.workspace("large"), crowd_large());
        world.follow();
    }
    return crowd_ = made;
}

}  // namespace muster::bench
