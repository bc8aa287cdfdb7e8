// A clock that a test sets, laid over the time of day of a program that it starts (LD_PRELOAD): so many seconds beside
// the machine's as the file of MUSTER_TEST_CLOCK says, which may change while the program runs. Not libfaketime: its
// clock asks for memory when it is first read, and jemalloc, whom it asks, reads the clock.
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile std::int64_t* offset = nullptr;

__attribute__((constructor)) void map_offset() {
    const char* file = std::getenv("MUSTER_TEST_CLOCK");
    const int descriptor = file != nullptr ? ::open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void* mapped = ::mmap(nullptr, sizeof *offset, PROT_READ, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (mapped != MAP_FAILED) offset = static_cast<const std::int64_t*>(mapped);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const auto failed = ::syscall(SYS_clock_gettime, clock, time);
    if (failed == 0 && offset != nullptr && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *offset;
    return static_cast<int>(failed);
}

int gettimeofday(timeval* time, void*) noexcept {
    timespec now{};
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    *time = {now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t* told) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (told != nullptr) *told = now.tv_sec;
    return now.tv_sec;
}
}
