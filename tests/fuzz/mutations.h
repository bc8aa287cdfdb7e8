// Changes of bytes, as a fuzzer makes them, and the same in every run of one seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace muster::fuzz {

class Mutations {
public:
    Mutations(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

    // One of the corpus with one to four changes.
    std::string next();

private:
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    void change(std::string& bytes);

    const std::vector<std::string>& corpus_;
    std::mt19937_64 random_;
};

}  // namespace muster::fuzz
