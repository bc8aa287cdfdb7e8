// A vault whose keys are the same in every run, so that the cursors and tokens of a corpus stay good.
#pragma once

#include "eventstore/directory.h"
#include "eventstore/history.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <random>

namespace muster::fuzz {

struct Repeated final : Entropy {
    void fill(std::uint8_t* bytes, std::size_t count) override {
        for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(random());
    }
    std::mt19937_64 random{1};
};

struct Stopped final : Clock {
    [[nodiscard]] Instant now() const override { return {1'767'603'600'000}; }
};

struct Keys {
    Repeated entropy;
    Stopped clock;
    Vault vault{open_memory_table(vault_families), SecretKey(std::string(32, 'm')), "", clock, entropy,
                [](const Uuid&) { return false; }};
    // Nobody is a member here, so tokens are of no workspace.
    Log log{open_memory_table(log_families), memory_anchor(), {&clock, &entropy, {}, {}}};
    History history{log, vault};
    Directory members{log, history};
};

}  // namespace muster::fuzz
