// The door by which libFuzzer comes in; MUSTER_FUZZ_TARGET names the function of this fuzzer. What is thrown ends the
// process, which libFuzzer reports with the bytes that did it.
#include "tests/fuzz/targets.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    muster::fuzz::MUSTER_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
