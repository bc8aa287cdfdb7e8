#pragma once
// The log of the server: JSON lines on stderr, one object each. Lines are collected and written together, at the latest
// after a second and at once from warnings on, so that a line for every request costs no system call each. Safe for use
// by any number of threads.

#include "api/request_log.h"

namespace muster::tools {

// While this lives, spdlog::info() and its like write such lines; what is collected is written when it goes.
class JsonLog {
public:
    JsonLog();
    ~JsonLog();
    JsonLog(const JsonLog&) = delete;
    JsonLog& operator=(const JsonLog&) = delete;

    // A line for each request.
    [[nodiscard]] static RequestLog requests();
};

}  // namespace muster::tools
