#include "eventstore/scheduling.h"

#include <chrono>
#include <cstdint>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace muster {
namespace {

// The shortest that Linux takes; its own is 3 ms or so.
constexpr std::chrono::nanoseconds short_turn = std::chrono::microseconds(100);

// As sched_setattr(2) describes it: glibc declares it from 2.41 on, and the kernel's header cannot be used beside
// glibc's.
struct Attributes {
    std::uint32_t size = sizeof(Attributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0x08;  // SCHED_FLAG_KEEP_POLICY
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;  // a turn, in nanoseconds; 0: as Linux has it
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

void set(const Attributes& attributes) { (void)::syscall(SYS_sched_setattr, 0, &attributes, 0U); }

}  // namespace

void come_first() {
    Attributes first;
    first.nice = ::getpriority(PRIO_PROCESS, 0);  // as whoever started the process wants it
    first.runtime = static_cast<std::uint64_t>(short_turn.count());
    set(first);
}

void come_behind(Niceness niceness) {
    Attributes behind;
    behind.nice = static_cast<int>(niceness);
    set(behind);
}

}  // namespace muster
