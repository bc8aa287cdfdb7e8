#include "tools/demo.h"

#include "api/system.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace muster::tools {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::string_view demo_password = "welcome to spring labs";

// A clock that somebody moves. It must end where the real one is, since the log's time never runs back.
class MovedClock final : public Clock {
public:
    explicit MovedClock(Instant begin) : now_(begin) {}
    [[nodiscard]] Instant now() const override { return now_; }
    void move_to(Instant later) { now_ = later; }

private:
    std::atomic<Instant> now_;  // followers read it meanwhile
};

class Demo {
public:
    Demo(System& system, MovedClock& clock, Instant today) : system_(system), clock_(clock), today_(today) {}

    void seed() {
        days_ago(30);
        post("/v1/workspaces", R"({"name":"Spring Labs","slug":"spring","owner":{"email":"ada@spring.example",)"
                               R"("name":"Ada Lovelace","password":")" +
                                   std::string(demo_password) + R"("}})");
        put("/plan",
            R"({"user_limit":25,"trial_ends_at":null,"licenses":[)"
            R"({"key":"basic","name":"Basic","kind":"base","paid":false,"seats":null},)"
            R"({"key":"organization","name":"Organization","kind":"base","paid":true,"seats":16},)"
            R"({"key":"conversation_intelligence","name":"Conversation Intelligence","kind":"add_on","paid":true,"seats":12,"requires":["organization"]}]})");
        for (const char* team : {"Sales", "Customer Success", "Engineering"})
            in_workspace("/teams", R"({"name":")" + std::string(team) + R"("})");
        in_workspace("/resources", R"({"kind":"agent","name":"Reception","group":"Spring Labs GmbH"})");
        in_workspace("/resources", R"({"kind":"agent","name":"After hours","group":"Spring Labs GmbH"})");
        in_workspace("/permissions", R"({"key":"recordings.view","name":"Can view recordings"})");
        days_ago(28);
        member("grace@spring.example", "Grace Hopper", "Engineering", "organization");
        member("alan@spring.example", "Alan Turing", "Engineering", "organization");
        member("katherine@spring.example", "Katherine Johnson", "Customer Success", "organization");
        member("joan@spring.example", "Joan Clarke", "Sales", "basic");
        days_ago(20);
        invite("tim.late@spring.example", "Sales");  // expires unseen
        invite("mary.forgot@spring.example", "Sales");
        days_ago(3);
        invite("edsger.dijkstra@spring.example", "Engineering");
        invite("barbara@spring.example", "Customer Success");
        invite("j.smith+pilot@partner.example", "Sales");
        send("PATCH", "/v1/workspaces/spring/settings", R"({"invitation_requests":true})");
        ask_for("hedy@partner.example", "Hedy Lamarr");
        ask_for("radia@partner.example", "Radia Perlman");
        days_ago(0);
        system_.tidy();
    }

private:
    void days_ago(std::int64_t days) { clock_.move_to(today_.plus_seconds(-days * day)); }

    // Filed behind the answer, so it is waited for.
    void ask_for(const std::string& email, const std::string& name) {
        in_workspace("/invitation-requests", R"({"email":")" + email + R"(","name":")" + name + R"("})");
        while (!send("GET", "/v1/workspaces/spring/invitation-requests", {}).contains(email))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

    std::string send(const std::string& method, const std::string& target, std::string body) {
        http::Request request{method,
                              target,
                              {{"authorization", "Bearer demo"}, {"content-type", "application/json"}},
                              std::move(body),
                              "127.0.0.1"};
        auto answer = system_.call(std::move(request));
        if (answer.status >= 300)
            throw std::runtime_error("the demo could not be made: " + target + ": " + answer.body);
        return std::move(answer.body);
    }
    void post(const std::string& target, std::string body) { send("POST", target, std::move(body)); }
    void in_workspace(const std::string& path, std::string body) {
        post("/v1/workspaces/spring" + path, std::move(body));
    }
    void put(const std::string& path, std::string body) {
        send("PUT", "/v1/workspaces/spring" + path, std::move(body));
    }
    void member(const std::string& email, const std::string& name, const std::string& team,
                const std::string& license) {
        in_workspace("/members", R"({"email":")" + email + R"(","name":")" + name + R"(","teams":[")" + team +
                                     R"("],"license":")" + license + R"(","send_email":false})");
    }
    void invite(const std::string& email, const std::string& team) {
        in_workspace("/invitations",
                     R"({"email":")" + email + R"(","teams":[")" + team + R"("],"license":"organization"})");
    }

    System& system_;
    MovedClock& clock_;
    Instant today_;
};

}  // namespace

bool is_empty_store(const std::string& directory) { return !std::filesystem::exists(directory + "/STORE"); }

void seed_demo(const std::string& directory, const std::string& master_key_file) {
    auto today = system_clock().now();
    MovedClock clock(today.plus_seconds(-30 * day));
    SystemOptions options;
    options.directory = directory;
    options.master_key_file = master_key_file;
    options.operator_key = "demo";
    options.clock = &clock;
    System system(std::move(options));
    Demo(system, clock, today).seed();
}

void print_demo(const std::string& address, const std::string& directory) {
    std::cout << "the demo workspace is `spring`; the API is at " << address << ", described at " << address
              << "/docs\n"
              << "sign in as ada@spring.example with the password `" << demo_password << "`:\n"
              << "  curl -H \"Content-Type: application/json\" " << address
              << "/v1/auth/login -d '{\"workspace\":\"spring\",\"email\":\"ada@spring.example\",\"password\":\""
              << demo_password << "\"}'" << std::endl;
    if (directory.empty()) return;
    std::cout << "the operator key is in " << directory << "/operator.key; try\n"
              << "  curl -H \"Authorization: Bearer $(cat " << directory << "/operator.key)\" " << address
              << "/v1/workspaces/spring/seats" << std::endl;
}

}  // namespace muster::tools
