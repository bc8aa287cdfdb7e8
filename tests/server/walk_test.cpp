// README.md's walk is what really happens: its commands are run, and what they print is compared.
#include "tests/places.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <regex>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace muster::server {
namespace {

constexpr const char* heading = "## A day of an admin\n";
constexpr const char* between = "\x1e";  // stands in the output before what each command prints

struct Example {
    std::string command;
    std::string output;
};

// Of fenced `sh` blocks: `$ ` begins a command, a backslash at the end of its line goes on with it, the rest is output.
std::vector<Example> walk_of(const std::string& readme) {
    auto begin = readme.find(heading);
    REQUIRE(begin != std::string::npos);
    begin += std::string(heading).size();
    std::istringstream lines(readme.substr(begin, readme.find("\n## ", begin) - begin));
    std::vector<Example> walk;
    bool inside = false, goes_on = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            inside = line == "```sh";
        } else if (inside && goes_on) {
            walk.back().command += line + "\n";
            goes_on = line.ends_with('\\');
        } else if (inside && line.starts_with("$ ")) {
            walk.push_back({line.substr(2) + "\n", {}});
            goes_on = line.ends_with('\\');
        } else if (inside) {
            REQUIRE_FALSE(walk.empty());
            walk.back().output += line + "\n";
        }
    }
    return walk;
}

// What is another one each time.
std::string masked(std::string text) {
    static const std::regex id("((?:ws|inv|mem|evt)_)[0-9A-Z]{26}"), time("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z"),
        token("mbi_[A-Za-z0-9_-]*"), head("\"head\":\"[^\"]*\"");
    text = std::regex_replace(text, id, "$1…");
    text = std::regex_replace(text, time, "…");
    text = std::regex_replace(text, token, "mbi_…");
    return std::regex_replace(text, head, "\"head\":\"…\"");
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

int free_port() {
    int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                 ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(socket);
    REQUIRE(bound);
    return ntohs(address.sin_port);
}

}  // namespace

TEST_CASE("every example of the README's walk prints what the README says") {
    auto walk = walk_of(text_of(repository_root() + "/README.md"));
    REQUIRE(walk.size() >= 10);
    // One shell for all, as for a reader; whatever happens, no server is left behind.
    std::string script = "trap 'kill -9 $! 2>/dev/null' EXIT\n";
    for (const auto& each : walk) script += "printf '" + std::string(between) + "'\n" + each.command;
    script = replaced(script, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(free_port()));
    script = replaced(script, "build/dev/muster serve", "\"" + muster_program() + "\" serve --listen \"$LISTEN\"");
    auto listen = script.find("127.0.0.1:");
    auto address = script.substr(listen, script.find_first_not_of("0123456789.:", listen) - listen);

    Scratch scratch;
    auto shell = finish({"sh", "-c", script}, {{"LISTEN", address}}, scratch / "");
    INFO(shell.err);
    std::vector<std::string> printed;
    for (std::istringstream all(shell.out); !all.eof();) std::getline(all, printed.emplace_back(), *between);
    REQUIRE(printed.size() == walk.size() + 1);
    for (std::size_t i = 0; i < walk.size(); ++i) {
        INFO(walk[i].command);
        CHECK(masked(printed[i + 1]) == walk[i].output);
    }
}

}  // namespace muster::server
