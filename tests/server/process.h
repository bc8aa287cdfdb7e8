#pragma once
// Programs that tests start: they write into files of a scratch directory, and are gone when the test is.

#include "tests/places.h"
#include "tests/scratch.h"

#include <chrono>
#include <map>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace muster::server {

using Arguments = std::vector<std::string>;  // the program first
using Environment = std::map<std::string, std::string>;

std::string text_of(const std::string& file);
void write_file(const std::string& file, const std::string& text);

class Process {
public:
    Process(const Arguments& arguments, const Environment& environment = {}, const std::string& directory = ".");
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Of what it wrote: the text after `begin`, to the end of its line. Throws where it ends without.
    std::string line_after(const std::string& begin);
    void signal(int number) const;
    // Its exit code, or minus the signal that ended it. Throws after a minute.
    int wait();
    [[nodiscard]] bool running();
    [[nodiscard]] pid_t id() const { return id_; }
    [[nodiscard]] std::string out() const { return text_of(files_ / "out"); }
    [[nodiscard]] std::string err() const { return text_of(files_ / "err"); }

private:
    bool ended_within(std::chrono::milliseconds time);

    Scratch files_;
    pid_t id_ = -1;
    bool ended_ = false;
    int status_ = 0;
};

struct Finished {
    int exit_code;
    std::string out;
    std::string err;
};
Finished finish(const Arguments& arguments, const Environment& environment = {}, const std::string& directory = ".");

// `muster serve` on a free port, ready to answer.
class Served {
public:
    explicit Served(const std::string& data, const Arguments& more = {}, const Environment& environment = {});

    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] int port() const;
    [[nodiscard]] const std::string& operator_key() const { return operator_key_; }
    [[nodiscard]] Process& process() { return process_; }
    void kill();
    int stop();  // as an operator does

private:
    Process process_;
    std::string address_;
    std::string operator_key_;
};

}  // namespace muster::server
