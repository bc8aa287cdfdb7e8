#include "tests/tools/program.h"

#include "tools/commands.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <sys/wait.h>

namespace muster::test {
namespace {

// What is written to a stream while this lives.
class Caught {
public:
    explicit Caught(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
    ~Caught() { stream_.rdbuf(before_); }
    Caught(const Caught&) = delete;
    Caught& operator=(const Caught&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* before_;
};

int run(std::vector<std::string> arguments) {
    CLI::App app;
    int result = tools::well;
    tools::add_audit(app, result);
    tools::add_projections(app, result);
    tools::add_fsck(app, result);
    try {
        std::reverse(arguments.begin(), arguments.end());
        app.parse(arguments);
        return result;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? tools::well : tools::usage;
    } catch (const DamageError& error) {
        std::cerr << "muster: the data is damaged: " << error.what() << "\n";
        return tools::damaged;
    } catch (const std::exception& error) {
        std::cerr << "muster: " << error.what() << "\n";
        return tools::failed;
    }
}

}  // namespace

Ran muster(const std::vector<std::string>& arguments) {
    const Caught out(std::cout);
    const Caught err(std::cerr);
    const int code = run(arguments);
    return {code, out.text(), err.text()};
}

#ifdef MUSTER_PROGRAM
Ran program(const std::vector<std::string>& arguments) {
    const ScratchDirectory scratch;
    std::string line = "'" MUSTER_PROGRAM "'";
    for (const auto& each : arguments) line += " '" + each + "'";
    line += " >'" + scratch / "out" + "' 2>'" + scratch / "err" + "'";
    auto read = [&](const std::string& name) {
        std::ifstream file(scratch / name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const int status = std::system(line.c_str());
    return {WEXITSTATUS(status), read("out"), read("err")};
}
#endif

DataDirectory::DataDirectory(const std::string& below) : path_(scratch_ / below) {
    std::filesystem::create_directories(path_);
    open();
    send("POST", "/v1/workspaces",
         R"({"name":"Spring Labs","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada Lovelace"}})");
    clock.at = clock.at.plus_seconds(60);
    auto invited =
        send("POST", "/v1/workspaces/spring/invitations", R"({"email":"grace@spring.example","name":"Grace Hopper"})");
    grace = invited.substr(invited.find("inv_"), 30);
    clock.at = clock.at.plus_seconds(60);
    send("POST", "/v1/workspaces/spring/invitations/" + grace + "/resend");
    stop();
}

void DataDirectory::open() {
    SystemOptions options;
    options.directory = path_;
    options.operator_key = "operator";
    options.clock = &clock;
    system_ = std::make_unique<System>(std::move(options));
}

void DataDirectory::serve() {
    open();
    socket_ = std::make_unique<tools::ControlSocket>(path_ + "/control.sock", *system_);
}

void DataDirectory::stop() {
    if (system_)
        for (const auto& each : system_->runner().standings())
            REQUIRE(system_->runner().wait(each.name, system_->store().log->head(), std::chrono::seconds(20)));
    socket_.reset();
    system_.reset();
}

std::string DataDirectory::send(const std::string& method, const std::string& path, const std::string& body) {
    const bool at_rest = !system_;
    if (at_rest) open();
    http::Request request{method, path, {{"authorization", "Bearer operator"}}, body, "127.0.0.1"};
    if (!body.empty()) request.headers.push_back({"content-type", "application/json"});
    auto answer = system_->call(std::move(request));
    INFO(method << " " << path << ": " << answer.body);
    REQUIRE(answer.status < 300);
    if (at_rest) stop();
    return answer.body;
}

std::unique_ptr<Table> DataDirectory::log() const { return open_log_table(path_ + "/log", shared_); }

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) lines.push_back(line);
    return lines;
}

}  // namespace muster::test
