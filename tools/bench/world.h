#pragma once
// A whole Muster on a directory, and what fills it.

#include "api/http/server.h"
#include "api/system.h"
#include "tools/load_client.h"

#include <memory>
#include <string>
#include <thread>

namespace muster::bench {

inline constexpr std::string_view operator_key = "mbo_benchmarks-only-benchmarks-only";

// Throws std::runtime_error for an answer that is none of 2xx.
void demand(const http::Response& response, std::string_view what);

class World {
public:
    // `post` as in SystemOptions.
    explicit World(const std::string& directory, std::function<void(std::function<void()>)> post = {});

    System& system() { return *system_; }
    http::Response call(const std::string& method, const std::string& target, std::string body = {});
    WorkspaceId workspace(const std::string& slug);
    void members(WorkspaceId workspace, std::size_t count);
    // An invitation to one more person.
    Command invite(WorkspaceId workspace);
    // The same up to where it would be queued.
    Append prepared_invite(WorkspaceId workspace);
    // Waits until the read models stand at the log's end.
    void follow();

private:
    std::unique_ptr<System> system_;
    std::size_t people_ = 0;
};

// A world that is served on a port of its own, with GET /bytes for an answer that is in memory.
class Served {
public:
    explicit Served(const std::string& directory);
    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    World& world() { return *world_; }
    void bytes(http::Response response) { bytes_ = std::move(response); }
    [[nodiscard]] const tools::Endpoint& endpoint() const { return endpoint_; }
    // A GET with the operator's key, by the load generator.
    tools::LoadReport get(const std::string& target, std::size_t connections, double seconds);
    tools::LoadReport invite(const std::string& slug, std::size_t connections, double seconds);

private:
    tools::LoadReport load(std::string request, std::size_t connections, double seconds);

    http::Response bytes_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<World> world_;
    tools::Endpoint endpoint_;
    std::uint64_t numbers_ = 0;
    std::thread thread_;
};

}  // namespace muster::bench
