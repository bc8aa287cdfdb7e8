// Who waits where processors are short.
#include "eventstore/scheduling.h"

#include "eventstore/rocks_table.h"
#include "tests/eventstore/table_contract.h"

#include <array>
#include <fstream>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace muster::test {
namespace {

int niceness_of(pid_t thread) { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread)); }

// In nanoseconds; 0 where Linux has none of a thread's own.
std::uint64_t turn_of(pid_t thread) {
    std::array<std::uint64_t, 6> attributes{};  // sched_getattr(2): the fourth is the runtime
    REQUIRE(::syscall(SYS_sched_getattr, thread, attributes.data(), sizeof attributes, 0U) == 0);
    return attributes[3];
}

// What a thread of its own is after `begin`.
struct Thread {
    explicit Thread(void (*begin)()) {
        std::thread([&] {
            begin();
            niceness = niceness_of(::gettid());
            turn = turn_of(::gettid());
        }).join();
    }
    int niceness = -1;
    std::uint64_t turn = 0;
};

std::vector<int> nicenesses_of_rocksdb() {
    std::vector<int> found;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name.starts_with("rocksdb:")) found.push_back(niceness_of(std::stoi(task.path().filename())));
    }
    return found;
}

}  // namespace

TEST_CASE("a thread that comes behind others is as nice as what it does, in turns as Linux has them") {
    const Thread usual([] {});
    const Thread awaited([] { come_behind(Niceness::awaited); });
    const Thread unawaited([] { come_behind(Niceness::unawaited); });
    CHECK(awaited.niceness == 10);
    CHECK(unawaited.niceness == 19);
    CHECK(awaited.turn == usual.turn);
    CHECK(unawaited.turn == usual.turn);
}

TEST_CASE("a thread that comes first is as nice as the process, in turns of a tenth of a millisecond") {
    const Thread first([] { come_first(); });
    CHECK(first.niceness == niceness_of(::getpid()));
    if (first.turn > 0) CHECK(first.turn == 100'000);  // 0 before Linux 6.12
    const Thread then([] {
        come_first();
        come_behind(Niceness::awaited);
    });
    CHECK(then.turn == Thread([] {}).turn);
}

TEST_CASE("RocksDB flushes and compacts behind the threads that answer, and whoever asks for it stays as it was") {
    const Scratch scratch;
    const RocksShared shared;
    const auto table =
        open_rocks_table(scratch / "table", {.families = {{.name = "rows"}}, .create_if_missing = true}, shared);
    WriteBatch batch;
    batch.put(0, "key", "value");
    table->write(batch, Sync::yes);
    table->purge(0);
    const auto found = nicenesses_of_rocksdb();
    CHECK(found.size() >= 2);
    for (const int niceness : found) CHECK(niceness == 10);
    CHECK(niceness_of(::gettid()) == niceness_of(::getpid()));
}

}  // namespace muster::test
