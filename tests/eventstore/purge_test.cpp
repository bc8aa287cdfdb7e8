// Erased rows leave the disk also while others write to the same table.

#include "eventstore/rocks_table.h"
#include "tests/eventstore/table_contract.h"

#include <rocksdb/env.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace muster::test {
namespace {

const RocksShared shared;

// Once told to, it lets a flush begin that ends only after the next log file was begun.
class SlowFlushes final : public rocksdb::EnvWrapper {
public:
    SlowFlushes() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}
    [[nodiscard]] const char* Name() const override { return "SlowFlushes"; }
    rocksdb::Status NewWritableFile(const std::string& path, std::unique_ptr<rocksdb::WritableFile>* made,
                                    const rocksdb::EnvOptions& options) override {
        {
            std::unique_lock lock(mutex_);
            if (path.ends_with(".log")) ++logs_;
            if (path.ends_with(".sst") && slow_) {
                slow_ = false;
                under_way_ = true;
                changed_.notify_all();
                changed_.wait_for(lock, std::chrono::seconds(10), [this, before = logs_] { return logs_ > before; });
            }
            changed_.notify_all();
        }
        return rocksdb::EnvWrapper::NewWritableFile(path, made, options);
    }
    void slow_down_one() {
        std::lock_guard lock(mutex_);
        slow_ = true;
    }
    bool one_is_under_way() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return under_way_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int logs_ = 0;
    bool slow_ = false;
    bool under_way_ = false;
};

}  // namespace

TEST_CASE("a key is erased while an import fills the table: its log file goes too") {
    const Scratch scratch;
    const auto env = std::make_shared<SlowFlushes>();
    const auto table = open_rocks_table(
        scratch / "vault",
        {.families = {{.name = "keys", .kind = RowsKind::small}, {.name = "drafts", .kind = RowsKind::small}},
         .use = RocksUse::vault,
         .create_if_missing = true,
         .purge_wait_max = std::chrono::milliseconds(3000),
         .env = env},
        shared);
    put(*table, 0, "key", "secret");
    env->slow_down_one();
    // More than the family's buffer holds, so that its flush begins with the next write.
    put(*table, 1, "draft", std::string(2'000'000, 'd'));
    put(*table, 0, "another", "secret");
    REQUIRE(env->one_is_under_way());
    erase(*table, 0, "key");
    CHECK_NOTHROW(table->purge(0));
    CHECK(table->get(0, "another") == "secret");
    CHECK(table->get(1, "draft")->size() == 2'000'000);
}

}  // namespace muster::test
