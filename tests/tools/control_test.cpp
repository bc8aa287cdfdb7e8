// The control socket: who is served, who is not, and what becomes of a client that does not keep up.
#include "tests/tools/program.h"
#include "tools/commands.h"
#include "tools/fsck.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using tools::Ask;

class RawClient {
public:
    explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.c_str(), path.size());
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    void write(std::string_view bytes) const { (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    [[nodiscard]] std::string read() const {
        std::string all;
        char bytes[4096];
        for (ssize_t count; (count = ::recv(socket_, bytes, sizeof bytes, 0)) > 0;)
            all.append(bytes, static_cast<std::size_t>(count));
        return all;
    }

private:
    int socket_;
};

std::string make_stale_socket(const std::string& path) {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(dead);
    return path;
}

}  // namespace

TEST_CASE("where no server runs, nobody is asked") {
    const DataDirectory data;
    CHECK_FALSE(tools::ask_server(data.path(), {}, [](std::string_view) {}));
    make_stale_socket(data.path() + "/control.sock");
    CHECK_FALSE(tools::ask_server(data.path(), {}, [](std::string_view) {}));
    CHECK_FALSE(tools::ask_server(data.path() + "/nothing", {}, [](std::string_view) {}));
}

TEST_CASE("the socket is its owner's, replaces a dead server's, and goes with its server") {
    DataDirectory data;
    const auto path = make_stale_socket(data.path() + "/control.sock");
    data.serve();
    struct stat found{};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == 0600);
    std::vector<std::string> lines;
    auto answered = tools::ask_server(data.path(), {}, [&](std::string_view line) { lines.emplace_back(line); });
    REQUIRE(answered);
    CHECK(answered->status == tools::well);
    CHECK(lines.size() == 5);
    data.stop();
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a living server's socket is not taken, nor what is no socket") {
    DataDirectory data;
    data.serve();
    CHECK_THROWS_WITH(tools::ControlSocket(data.path() + "/control.sock", data.system()),
                      Catch::Contains("served by another process"));
    CHECK(tools::ask_server(data.path(), {}, [](std::string_view) {}));
    const auto file = data.path() + "/file";
    std::ofstream(file) << "mine";
    CHECK_THROWS_WITH(tools::ControlSocket(file, data.system()), Catch::Contains("it is no socket"));
    CHECK(fs::file_size(file) == 4);
}

TEST_CASE("a directory whose name is longer than a socket's may be") {
    DataDirectory data(std::string(60, 'a') + "/" + std::string(60, 'b'));
    data.serve();
    REQUIRE(fs::exists(data.path() + "/control.sock"));
    auto answered = tools::ask_server(data.path(), {}, [](std::string_view) {});
    REQUIRE(answered);
    CHECK(answered->status == tools::well);
}

TEST_CASE("what is no request is refused, and the next one is served") {
    DataDirectory data;
    data.serve();
    const auto path = data.path() + "/control.sock";
    for (const char* request : {"\n", "ask=dance\n", "hello\n", "ask=verify\tafter=x\n", "ask=verify\tverify=1\n"}) {
        INFO(request);
        const RawClient client(path);
        client.write(request);
        CHECK_THAT(client.read(), Catch::StartsWith("=2 "));
    }
    {
        const RawClient client(path);
        client.write(std::string(tools::limits::control_request_bytes, 'a'));
        CHECK(client.read() == "=2 the request is too long\n");
    }
    {
        const RawClient client(path);  // goes away in the middle
        client.write("ask=ver");
    }
    const RawClient client(path);
    client.write("ask=verify\tnames=nobody\n");
    CHECK(client.read() == "=1 there is no projection `nobody`, only roster, seats, audit, requests\n");
    CHECK_THROWS(tools::ask_server(data.path(), {.workspace = "a\tb"}, [](std::string_view) {}));
}

TEST_CASE("a client that says nothing keeps no server from stopping") {
    DataDirectory data;
    data.serve();
    const RawClient silent(data.path() + "/control.sock");
    const RawClient waiting(data.path() + "/control.sock");
    waiting.write("ask=projections\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto begun = std::chrono::steady_clock::now();
    data.stop();
    CHECK(std::chrono::steady_clock::now() - begun < tools::limits::control_read_max);
    CHECK(silent.read().empty());
}

TEST_CASE("a client that says nothing is dropped in time for the next one") {
    DataDirectory data;
    data.serve();
    const RawClient silent(data.path() + "/control.sock");
    CHECK(tools::ask_server(data.path(), {}, [](std::string_view) {}));
    CHECK(silent.read().empty());
}

TEST_CASE("a checkpoint stays while somebody reads it, and goes then") {
    DataDirectory data;
    data.serve();
    const auto all = data.path() + "/checkpoints";
    auto count = [&] { return std::distance(fs::directory_iterator(all), fs::directory_iterator()); };
    {
        const tools::StillLog one(data.path());
        const tools::StillLog other(data.path());
        CHECK(count() == 2);
        data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
        REQUIRE(one.anchor());
        CHECK(one.reading().get(family(LogFamily::events), rows::position(one.anchor()->position)));
    }
    CHECK(count() == 0);
    auto left = tools::ask_server(data.path(), {.ask = Ask::checkpoint}, [](std::string_view) {});
    REQUIRE(left);
    CHECK(count() == 1);
    const tools::StillLog next(data.path());
    CHECK(count() == 1);
}

}  // namespace muster::test
