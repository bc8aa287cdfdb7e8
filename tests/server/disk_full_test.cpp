// A disk that is full, whether it is the log that finds no room or the vault: the server says so and ends, as after any
// write that failed; with room again it starts on the same directory, and all that it acknowledged is there.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/mount.h>

namespace muster::server {
namespace {

// A file system of so few bytes, in memory.
class SmallDisk {
public:
    SmallDisk(std::string path, const std::string& size) : path_(std::move(path)) {
        std::filesystem::create_directories(path_);
        mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        if (!mounted_) why_ = std::strerror(errno);
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] const std::string& why() const { return why_; }
    // Takes all room but so many bytes.
    void fill_but(std::uintmax_t left) const {
        std::ofstream ballast(path_ + "/ballast", std::ios::binary | std::ios::app);
        const std::string block(4096, 'b');
        while (std::filesystem::space(path_).available > left && ballast << block << std::flush) continue;
    }
    void make_room() const { std::filesystem::remove(path_ + "/ballast"); }

private:
    std::string path_;
    bool mounted_ = false;
    std::string why_;
};

const std::string spring = "/v1/workspaces/spring";

}  // namespace

TEST_CASE("a full disk ends the server, and what it acknowledged before is there when there is room again [N1 N12]") {
    Scratch scratch;
    const SmallDisk disk(scratch / "disk", "160m");  // each table allocates its next log ahead
    if (!disk.mounted()) {
        WARN("SKIP (no tmpfs can be mounted: " << disk.why() << ")");
        return;
    }
    const auto data = scratch / "disk/data";
    long acknowledged = 0, head = 0;  // batches, and the log's position behind the last of them
    {
        Served server(data);
        Client admin(server.port(), server.operator_key());
        REQUIRE(admin
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        disk.fill_but(1 << 20);
        bool refused = false;
        try {
            for (int batch = 0; batch < 200; ++batch) {
                auto answer = admin.post(spring + "/invitations:batch", people_of(batch));
                const bool done = answer.status == 200;
                if (done) CHECK_FALSE(refused);  // nothing after the first failure
                if (!done) CHECK(answer.status >= 500);
                refused = refused || !done;
                if (!done) continue;
                ++acknowledged;
                head = std::stol(answer.header("muster-position"));
            }
        } catch (const Lost&) {
        }
        const int exit_code = server.process().wait();
        INFO(server.process().err());
        CHECK(exit_code == 1);
        CHECK_THAT(server.process().err(), Catch::Contains("No space left on device"));
    }
    REQUIRE(acknowledged > 0);
    disk.make_room();
    {
        Served server(data);
        Client admin(server.port(), server.operator_key());
        auto proof = admin.get(spring + "/audit/verify");
        INFO(acknowledged << " batches, up to " << head << ": " << proof.body);
        CHECK(std::stol(proof.first("events")) >= head);
        CHECK(proof.first("intact") == "true");
        CHECK(admin.post(spring + "/invitations", R"({"email":"new@spring.example"})").status == 201);
        CHECK(server.stop() == 0);
    }
    CHECK(finish({muster_program(), "fsck", "--data", data}).exit_code == 0);
}

}  // namespace muster::server
