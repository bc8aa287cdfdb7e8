#include "tests/server/process.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace muster::server {
namespace {

constexpr std::chrono::milliseconds poll_every{5};
constexpr std::chrono::seconds patience{60};

// In the child, where nothing may be allocated any more: never returns.
[[noreturn]] void become(char* const* arguments, const char* directory, const char* out, const char* err) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int nothing = ::open("/dev/null", O_RDONLY);
    int out_file = ::open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int err_file = ::open(err, O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(nothing, 0);
    ::dup2(out_file, 1);
    ::dup2(err_file, 2);
    if (::chdir(directory) == 0) ::execvp(arguments[0], arguments);
    ::_exit(127);
}

Arguments serve_command(const std::string& data, const Arguments& more) {
    Arguments command{muster_program(), "serve", "--data", data, "--listen", "127.0.0.1:0"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

}  // namespace

std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

void write_file(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

Process::Process(const Arguments& arguments, const Environment& environment, const std::string& directory) {
    std::vector<std::string> words = environment.empty() ? Arguments{} : Arguments{"env"};
    for (const auto& [name, value] : environment) words.push_back(name + "=" + value);
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (auto& each : words) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    auto out = files_ / "out", err = files_ / "err";
    id_ = ::fork();
    if (id_ == 0) become(pointers.data(), directory.c_str(), out.c_str(), err.c_str());
    if (id_ < 0) throw std::runtime_error("can't start " + arguments.front());
}

Process::~Process() {
    if (!running()) return;
    signal(SIGKILL);
    ended_within(patience);
}

bool Process::running() { return !ended_within(std::chrono::milliseconds(0)); }

bool Process::ended_within(std::chrono::milliseconds time) {
    auto until = std::chrono::steady_clock::now() + time;
    while (!ended_) {
        ended_ = ::waitpid(id_, &status_, WNOHANG) == id_;
        if (ended_ || std::chrono::steady_clock::now() >= until) break;
        std::this_thread::sleep_for(poll_every);
    }
    return ended_;
}

std::string Process::line_after(const std::string& begin) {
    auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        bool over = !running();
        auto text = out();
        auto at = text.find(begin);
        auto end = at == std::string::npos ? at : text.find('\n', at);
        if (end != std::string::npos) return text.substr(at + begin.size(), end - at - begin.size());
        if (over) break;
        std::this_thread::sleep_for(poll_every);
    }
    throw std::runtime_error("it never wrote `" + begin + "`: " + out() + err());
}

void Process::signal(int number) const {
    if (!ended_) ::kill(id_, number);
}

int Process::wait() {
    if (!ended_within(patience)) throw std::runtime_error("it does not end: " + out() + err());
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

Finished finish(const Arguments& arguments, const Environment& environment, const std::string& directory) {
    Process process(arguments, environment, directory);
    int exit_code = process.wait();
    return {exit_code, process.out(), process.err()};
}

Served::Served(const std::string& data, const Arguments& more, const Environment& environment)
    : process_(serve_command(data, more), environment), address_(process_.line_after("listening on ")) {
    auto given = environment.find("MUSTER_OPERATOR_KEY");
    operator_key_ = given != environment.end() ? given->second : text_of(data + "/operator.key");
    while (operator_key_.ends_with('\n')) operator_key_.pop_back();
}

int Served::port() const { return std::stoi(address_.substr(address_.rfind(':') + 1)); }

void Served::kill() {
    process_.signal(SIGKILL);
    process_.wait();
}

int Served::stop() {
    process_.signal(SIGTERM);
    return process_.wait();
}

}  // namespace muster::server
