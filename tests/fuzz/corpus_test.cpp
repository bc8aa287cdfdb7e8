// Every fuzzer's corpus, with what was found once, and some thousand mutations of it, by any compiler and without
// libFuzzer [N12]. MUSTER_SEED and MUSTER_RUNS ask for other mutations, and for so many times as many.
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/targets.h"
#include "tests/places.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace muster::fuzz {
namespace {

namespace fs = std::filesystem;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// In the order of the names, so that mutations are the same on every machine.
std::vector<fs::path> files_of(std::string_view target) {
    std::vector<fs::path> files;
    for (const auto& each : fs::directory_iterator(fs::path(repository_root()) / "tests/fuzz/corpus" / target))
        files.push_back(each.path());
    std::ranges::sort(files);
    return files;
}

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string printable(std::string_view bytes) {
    std::string text;
    for (const unsigned char c : bytes.substr(0, 600)) {
        if (c >= 0x20 && c < 0x7f && c != '\\')
            text += static_cast<char>(c);
        else
            text.append("\\x").append(1, "0123456789abcdef"[c / 16]).append(1, "0123456789abcdef"[c % 16]);
    }
    return text;
}

// What is wrong with it; empty where nothing is.
std::string finding(const Target& target, std::string_view bytes) {
    try {
        target.run(bytes);
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("what fuzzers are given holds of every file of their corpus, and of mutations [N12]") {
    const auto seed = from_environment("MUSTER_SEED", 1);
    const auto times = from_environment("MUSTER_RUNS", 1);
    for (const auto& target : targets()) {
        std::vector<std::string> corpus{""};
        for (const auto& path : files_of(target.name)) {
            corpus.push_back(bytes_of(path));
            INFO(path.filename().string());
            CHECK(finding(target, corpus.back()).empty());
            CHECK(corpus.back().size() <= 16 * 1024);  // a corpus is small, or nobody reads it
        }
        CHECK(corpus.size() > 5);
        Mutations mutations(corpus, seed);
        for (std::uint64_t i = 0; i < times * static_cast<std::uint64_t>(target.mutations); ++i) {
            const auto bytes = mutations.next();
            const auto found = finding(target, bytes);
            if (found.empty()) continue;
            FAIL_CHECK(target.name << " (MUSTER_SEED=" << seed << ", mutation " << i << "): " << found << "\n  "
                                   << printable(bytes));
            break;
        }
    }
}

TEST_CASE("each folder of a corpus is some fuzzer's") {
    for (const auto& folder : fs::directory_iterator(fs::path(repository_root()) / "tests/fuzz/corpus")) {
        INFO(folder.path().string());
        CHECK(std::ranges::count(targets(), folder.path().filename().string(), &Target::name) == 1);
    }
}

TEST_CASE("a target that fails is seen to fail") {
    CHECK(finding({"canary", canary, 0}, "fly away") == "the canary flew");
    const std::vector<std::string> corpus{"stay", "sit still"};
    Mutations mutations(corpus, 1);
    int flown = 0;
    for (int i = 0; i < 3000; ++i) flown += finding({"canary", canary, 0}, mutations.next()).empty() ? 0 : 1;
    CHECK(flown > 0);
}

}  // namespace muster::fuzz
