#include "tests/tools/program.h"

#include "tests/places.h"
#include "tools/commands.h"
#include "tools/settings.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::test {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What is written to a descriptor while this lives goes to a file.
class Caught {
public:
    Caught(int number, const std::string& path) : number_(number), before_(::dup(number)) {
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ::dup2(file, number_);
        ::close(file);
    }
    ~Caught() {
        std::fflush(nullptr);
        ::dup2(before_, number_);
        ::close(before_);
    }
    Caught(const Caught&) = delete;
    Caught& operator=(const Caught&) = delete;

private:
    int number_;
    int before_;
};

int run(std::vector<std::string> arguments) {
    CLI::App app;
    app.require_subcommand(1);
    int result = tools::well;
    tools::add_audit(app, result);
    tools::add_projections(app, result);
    tools::add_fsck(app, result);
    tools::add_keys(app, result);
    tools::add_backup(app, result);
    tools::take_settings_from_file(app);
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
    const Scratch scratch;
    Ran ran;
    {
        std::fflush(nullptr);
        const Caught out(STDOUT_FILENO, scratch / "out");
        const Caught err(STDERR_FILENO, scratch / "err");
        ran.code = run(arguments);
    }
    ran.out = text_of(scratch / "out");
    ran.err = text_of(scratch / "err");
    return ran;
}

Ran program(const std::vector<std::string>& arguments) {
    const Scratch scratch;
    std::string line = "'" + muster_program() + "'";
    for (const auto& each : arguments) line += " '" + each + "'";
    line += " >'" + scratch / "out" + "' 2>'" + scratch / "err" + "'";
    const int status = std::system(line.c_str());
    return {WEXITSTATUS(status), text_of(scratch / "out"), text_of(scratch / "err")};
}

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

std::string DataDirectory::send(const std::string& method, const std::string& path, const std::string& body,
                                const std::vector<http::Header>& more) {
    const bool at_rest = !system_;
    if (at_rest) open();
    http::Request request{method, path, {{"authorization", "Bearer operator"}}, body, "127.0.0.1"};
    if (!body.empty()) request.headers.push_back({"content-type", "application/json"});
    request.headers.insert(request.headers.end(), more.begin(), more.end());
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
