#include "tests/fuzz/targets.h"

#include <array>

namespace muster::fuzz {

std::span<const Target> targets() {
    static constexpr std::array all{
        Target{"http", http, 3000},   Target{"json", json, 3000},     Target{"frame", frame, 3000},
        Target{"codec", codec, 3000}, Target{"cursor", cursor, 3000}, Target{"token", token, 3000},
        Target{"csv", csv, 3000},     Target{"xlsx", xlsx, 500},      Target{"worksheet", worksheet, 3000},
        Target{"email", email, 3000},
    };
    return all;
}

}  // namespace muster::fuzz
