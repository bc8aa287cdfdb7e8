// muster load: the load generator.
#include "api/json/write.h"
#include "tools/commands.h"
#include "tools/load_client.h"

#include <CLI/CLI.hpp>
#include <fmt/printf.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace muster::tools {
namespace {

struct Settings {
    std::string url = "http://127.0.0.1:8080";
    std::string key;
    std::string key_file;
    std::string workspace;
    std::string mix = "invite";
    std::string format = "text";
    std::size_t connections = 64;
    std::uint64_t requests = 0;
    double seconds = 0;
};

std::string key_of(const Settings& settings) {
    if (!settings.key.empty() || settings.key_file.empty()) return settings.key;
    std::ifstream file(settings.key_file);
    std::string key;
    if (!std::getline(file, key)) throw std::runtime_error("no key can be read from " + settings.key_file);
    return key;
}

// A workspace of its own without a limit of users, so that a run takes nobody's seats.
std::string make_workspace(const Endpoint& endpoint, const std::string& key, const std::string& name) {
    std::string wanted;
    ObjectWriter into(wanted);
    into.field("name", name);
    into.field("slug", name);
    into.raw("owner", R"({"email":"owner@load.example","name":"Load"})");
    into.end();
    auto made = ask(endpoint, request_bytes(endpoint, "POST", "/v1/workspaces", key, wanted));
    if (made.status != 201) throw std::runtime_error("no workspace could be made: " + made.body);
    return name;
}

std::string request_of(const Settings& settings, const Endpoint& endpoint) {
    if (settings.mix == "constant") return request_bytes(endpoint, "GET", "/livez", {}, {});
    auto key = key_of(settings);
    auto run = "load-" + std::to_string(std::time(nullptr));
    auto path =
        "/v1/workspaces/" + (settings.workspace.empty() ? make_workspace(endpoint, key, run) : settings.workspace);
    if (settings.mix == "list") return request_bytes(endpoint, "GET", path + "/members?limit=50", key, {});
    auto body = R"({"email":")" + run + R"(-#########@load.example","name":"Load #########","send_email":false})";
    return request_bytes(endpoint, "POST", path + "/invitations", key, body);
}

void print_text(const Settings& settings, const LoadReport& report) {
    auto ms = [&](double percent) { return static_cast<double>(report.percentile(percent)) / 1000; };
    fmt::printf("%s, %zu connections, closed loop: %zu answers in %.2f s\n", settings.mix.c_str(), settings.connections,
                report.microseconds.size(), report.seconds);
    fmt::printf("  %.0f requests/s   p50 %.2f ms   p90 %.2f ms   p99 %.2f ms   max %.2f ms\n", report.per_second(),
                ms(50), ms(90), ms(99), ms(100));
    for (const auto& [status, count] : report.statuses)
        fmt::printf("  %d: %llu\n", status, static_cast<unsigned long long>(count));
    if (report.broken > 0) fmt::printf("  broken connections: %llu\n", static_cast<unsigned long long>(report.broken));
    if (!report.first_error.empty()) fmt::printf("  first error: %s\n", report.first_error.c_str());
}

void print_json(const Settings& settings, const LoadReport& report) {
    auto ms = [&](double percent) { return static_cast<double>(report.percentile(percent)) / 1000; };
    std::string out;
    ObjectWriter into(out);
    into.field("mix", settings.mix);
    into.field("connections", settings.connections);
    into.field("requests", report.microseconds.size());
    into.raw("seconds", fmt::format("{:.3f}", report.seconds));
    into.raw("per_second", fmt::format("{:.0f}", report.per_second()));
    for (auto [name, percent] : {std::pair("p50_ms", 50.0), {"p90_ms", 90.0}, {"p99_ms", 99.0}, {"max_ms", 100.0}})
        into.raw(name, fmt::format("{:.3f}", ms(percent)));
    ObjectWriter statuses(into.key("statuses"));
    for (const auto& [status, count] : report.statuses) statuses.field(std::to_string(status), count);
    statuses.end();
    into.field("broken", report.broken);
    if (!report.first_error.empty()) into.field("first_error", report.first_error);
    into.end();
    std::cout << out << std::endl;
}

int load(const Settings& settings) {
    Load wanted;
    wanted.endpoint = endpoint_of(settings.url);
    wanted.connections = settings.connections;
    wanted.requests = settings.requests;
    auto seconds = settings.requests == 0 && settings.seconds == 0 ? 10 : settings.seconds;
    wanted.duration = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
    wanted.request = request_of(settings, wanted.endpoint);
    auto report = run(wanted);
    if (settings.format == "json")
        print_json(settings, report);
    else
        print_text(settings, report);
    return report.clean() ? well : failed;
}

}  // namespace

void add_load(CLI::App& program, int& result) {
    auto settings = std::make_shared<Settings>();
    auto* command = program.add_subcommand("load", "Send requests to a server as fast as it answers, and say how fast");
    command->option_defaults()->always_capture_default();
    command->add_option("--url", settings->url, "The server");
    auto* key = command->add_option("--key", settings->key, "The operator key")->envname("MUSTER_OPERATOR_KEY");
    command->add_option("--key-file", settings->key_file, "A file whose first line it is")->excludes(key);
    command->add_option("--workspace", settings->workspace, "Id or slug; without it one is made for the run");
    command->add_option("--connections", settings->connections, "How many at once")->check(CLI::Range(1, 10'000));
    command->add_option("--requests", settings->requests, "End after so many");
    command->add_option("--seconds", settings->seconds, "End after so long; 10 where neither is given")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--mix", settings->mix, "What is asked: invite somebody, a page of 50 members, or /livez")
        ->check(CLI::IsMember({"invite", "list", "constant"}));
    command->add_option("--format", settings->format)->check(CLI::IsMember({"text", "json"}));
    command->callback([settings, &result] { result = load(*settings); });
}

}  // namespace muster::tools
