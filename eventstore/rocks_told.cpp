#include "eventstore/rocks_told.h"

#include "eventstore/scheduling.h"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <array>
#include <pthread.h>
#include <string_view>

namespace muster {
namespace {

// Some work is done on the thread of whoever asks for it, which is left as it is.
bool is_one_of_rocksdb() {
    std::array<char, 16> name{};  // as long as Linux lets one be
    (void)::pthread_getname_np(::pthread_self(), name.data(), name.size());
    return std::string_view(name.data()).starts_with("rocksdb:");
}

class Listener final : public rocksdb::EventListener {
public:
    void OnFlushBegin(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*flush*/) override { begin(); }
    void OnCompactionBegin(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& /*compaction*/) override { begin(); }
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                              bool* recover) override {
        *recover = false;
    }

private:
    static void begin() {
        thread_local const bool once = [] {
            if (is_one_of_rocksdb()) come_behind(Niceness::rows);
            return true;
        }();
        (void)once;
    }
};

class NoLog final : public rocksdb::Logger {
public:
    NoLog() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
    using Logger::Logv;
    void LogHeader(const char* /*format*/, va_list /*values*/) override {}
    void Logv(const char* /*format*/, va_list /*values*/) override {}
};

}  // namespace

std::shared_ptr<rocksdb::EventListener> rocks_listener() { return std::make_shared<Listener>(); }
std::shared_ptr<rocksdb::Logger> no_rocks_log() { return std::make_shared<NoLog>(); }

}  // namespace muster
