// muster_bench: figures, each beside its limit. `tools/dev bench [NAME]` builds and runs it.
#include "tools/bench/bench.h"

#include <CLI/CLI.hpp>
#include <benchmark/benchmark.h>
#include <fmt/printf.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

namespace {

// Google Benchmark looks for a match before it runs, and complains where there is none.
bool matches_parts(const std::string& filter) {
    const std::regex wanted(filter);
    for (const char* name : {"part/encode_sealed", "part/frame", "part/read_back"})
        if (std::regex_search(name, wanted)) return true;
    return false;
}

void run_parts(const muster::bench::Options& options) {
    std::string program = "muster_bench", filter = "--benchmark_filter=" + options.filter,
                quick = "--benchmark_min_time=0.001", list = "--benchmark_list_tests=true";
    std::vector<char*> arguments = {program.data(), filter.data()};
    if (options.small) arguments.push_back(quick.data());
    if (options.list) arguments.push_back(list.data());
    auto count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    benchmark::RunSpecifiedBenchmarks();
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown before a command begins ends the program, and is told
int main(int argc, char** argv) {
    muster::bench::Options options;
    options.scratch = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    CLI::App program("Measures Muster against its limits, in one run on one machine.");
    program.option_defaults()->always_capture_default();
    program.add_option("--benchmark_filter", options.filter, "Those whose name it matches, a regular expression");
    program.add_flag("--benchmark_list_tests", options.list, "Only say what there is");
    program.add_option("--csv", options.csv, "A file that the figures are added to");
    program.add_option("--data", options.scratch, "A directory on the disk to measure")->check(CLI::ExistingDirectory);
    program.add_option("--repeat", options.repeat, "The middle one counts")->check(CLI::Range(1, 100));
    program.add_option("--members", options.members, "In the large one of the two workspaces")
        ->check(CLI::Range(1'000, 10'000'000));
    program.add_flag("--small", options.small, "A few of everything: only whether it runs");
    CLI11_PARSE(program, argc, argv);
    try {
        muster::bench::Bench bench(options);
        if (!options.list) {
            std::string line;
            for (int i = 0; i < argc; ++i) line.append(i > 0 ? " " : "").append(argv[i]);
            fmt::printf("%s\n%s\n", line.c_str(), muster::bench::machine(options.scratch).c_str());
            std::fflush(stdout);
        }
        muster::bench::appends(bench);
        muster::bench::commands(bench);
        muster::bench::invites_over_http(bench);
        muster::bench::pages(bench);
        muster::bench::rebuilds(bench);
        muster::bench::exports(bench);
        muster::bench::starts(bench);
        muster::bench::searches(bench);
        if (matches_parts(options.filter)) run_parts(options);
        return 0;
    } catch (const std::exception& error) {
        fmt::fprintf(stderr, "muster_bench: %s\n", error.what());
        return 1;
    }
}
