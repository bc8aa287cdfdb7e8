#include "tools/json_log.h"

#include "eventstore/crypto.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>

namespace muster::tools {
namespace {

constexpr std::size_t collected_bytes_max = std::size_t{64} * 1024;
constexpr std::chrono::seconds write_every{1};
constexpr std::string_view requests_name = "requests";

class JsonSink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        std::string_view text(message.payload.data(), message.payload.size());
        if (std::string_view(message.logger_name.data(), message.logger_name.size()) == requests_name) {
            collected_ += text;  // a line already
        } else {
            auto at = std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch()).count();
            auto level = spdlog::level::to_string_view(message.level);
            collected_ += log_line(Instant{at}, {level.data(), level.size()}, text);
        }
        collected_ += '\n';
        if (collected_.size() >= collected_bytes_max) flush_();
    }

    void flush_() override {
        std::string_view rest = collected_;
        while (!rest.empty()) {
            auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) break;  // nobody reads it; to keep it would keep it for ever
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        collected_.clear();
    }

private:
    std::string collected_;
};

}  // namespace

JsonLog::JsonLog() {
    // Who reads the log may go; the server stays.
    std::signal(SIGPIPE, SIG_IGN);
    auto sink = std::make_shared<JsonSink>();
    auto logger = std::make_shared<spdlog::logger>("muster", sink);
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(logger);
    spdlog::register_logger(std::make_shared<spdlog::logger>(std::string(requests_name), sink));
    spdlog::flush_every(write_every);
}

JsonLog::~JsonLog() {
    spdlog::apply_all([](const std::shared_ptr<spdlog::logger>& each) { each->flush(); });
    spdlog::shutdown();
}

RequestLog JsonLog::requests() {
    return [logger = spdlog::get(std::string(requests_name))](const RequestRecord& request) {
        auto now = system_clock().now();
        logger->info("{}", log_line(now, request));
    };
}

}  // namespace muster::tools
