// The subcommands run as main runs them, in this process, and a data directory to run them on: a workspace with two
// people, at rest or with a server on it.
#pragma once

#include "api/system.h"
#include "tests/eventstore/table_contract.h"
#include "tools/control.h"

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::test {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};
Ran muster(const std::vector<std::string>& arguments);
// The built program, in a process of its own.
Ran program(const std::vector<std::string>& arguments);

struct SetClock final : Clock {
    [[nodiscard]] Instant now() const override { return at; }
    Instant at = *Instant::parse("2026-03-02T09:00:00Z");
};

// A variable of the environment, while it lives.
struct Environment {
    Environment(const char* named, const std::string& value) : name(named) { ::setenv(name, value.c_str(), 1); }
    ~Environment() { ::unsetenv(name); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    const char* name;
};

class DataDirectory {
public:
    // Spring Labs: created by the operator with ada as its admin; grace is invited a minute later, and her invitation
    // is sent again a minute after that.
    explicit DataDirectory(const std::string& below = "data");
    void serve();
    void stop();
    // By HTTP, on the server that serves or one for this request alone. Fails the test where it is refused.
    std::string send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::vector<http::Header>& more = {});

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] System& system() { return *system_; }
    // The log's table at rest, to damage it.
    [[nodiscard]] std::unique_ptr<Table> log() const;
    std::string grace;  // inv_…
    SetClock clock;

private:
    void open();

    Scratch scratch_;
    std::string path_;
    std::unique_ptr<System> system_;
    std::unique_ptr<tools::ControlSocket> socket_;
    RocksShared shared_;
};

std::vector<std::string> lines_of(const std::string& text);

}  // namespace muster::test
