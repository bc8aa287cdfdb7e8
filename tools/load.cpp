// muster load: the load generator.
#include "api/json/write.h"
#include "tools/commands.h"
#include "tools/load_client.h"

#include <CLI/CLI.hpp>
#include <fmt/printf.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace muster::tools {
namespace {

// What a mix asks. Those that compare an address that somebody has with one that nobody has show whether the answer
// tells which it is by its time.
struct Mix {
    std::string_view name;
    bool compares = false;
    int expected = 0;  // status; 0: any of 2xx
};
constexpr Mix mixes[] = {{"invite"}, {"list"}, {"constant"}, {"login", true, 401}, {"forgot", true}, {"request", true}};

const Mix& mix_named(std::string_view name) { return *std::ranges::find(mixes, name, &Mix::name); }

std::vector<std::string> mix_names() {
    std::vector<std::string> names;
    for (const auto& each : mixes) names.emplace_back(each.name);
    return names;
}

struct LoadSettings {
    std::string url = "http://127.0.0.1:8080";
    std::string key;
    std::string key_file;
    std::string workspace;
    std::string mix = "invite";
    std::string format = "text";
    std::size_t connections = 64;
    std::uint64_t requests = 0;
    double seconds = 0;
    double rate = 0;
    std::int64_t pause_ms = 0;
};

std::string key_of(const LoadSettings& settings) {
    if (!settings.key.empty()) return settings.key;
    if (settings.key_file.empty()) {
        const char* given = std::getenv("MUSTER_OPERATOR_KEY");
        return given ? given : "";
    }
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
    into.raw("owner", R"({"email":"owner@load.example","name":"Load","password":"a load of requests"})");
    into.end();
    auto made = ask(endpoint, request_bytes(endpoint, "POST", "/v1/workspaces", key, wanted));
    if (made.status != 201) throw std::runtime_error("no workspace could be made: " + made.body);
    return name;
}

// The owner of a workspace of the run's own, against addresses of nobody. Nobody is signed in.
void compare(const LoadSettings& settings, const std::string& key, const std::string& run, Load& load) {
    if (!settings.workspace.empty()) throw std::runtime_error("--mix " + settings.mix + " makes its own workspace");
    auto path = "/v1/workspaces/" + make_workspace(load.endpoint, key, run);
    auto setting = request_bytes(load.endpoint, "PATCH", path + "/settings", key, R"({"invitation_requests":true})");
    if (auto set = ask(load.endpoint, setting); set.status != 200)
        throw std::runtime_error("requests for invitations could not be allowed: " + set.body);
    auto asked = [&](const std::string& email) {
        auto named = R"("email":")" + email + "\"}";
        auto there = R"({"workspace":")" + run + R"(",)";
        if (settings.mix == "request")
            return request_bytes(load.endpoint, "POST", path + "/invitation-requests", {}, "{" + named);
        if (settings.mix == "forgot")
            return request_bytes(load.endpoint, "POST", "/v1/auth/password/forgot", {}, there + named);
        return request_bytes(load.endpoint, "POST", "/v1/auth/login", {},
                             there + R"("password":"a wrong one",)" + named);
    };
    load.request = asked("owner@load.example");
    load.other_request = asked("#####@load.example");
}

void prepare(const LoadSettings& settings, Load& load) {
    const auto& endpoint = load.endpoint;
    if (settings.mix == "constant") {
        load.request = request_bytes(endpoint, "GET", "/livez", {}, {});
        return;
    }
    auto key = key_of(settings);
    auto run = "load-" + std::to_string(std::time(nullptr));
    if (mix_named(settings.mix).compares) return compare(settings, key, run, load);
    auto path =
        "/v1/workspaces/" + (settings.workspace.empty() ? make_workspace(endpoint, key, run) : settings.workspace);
    auto body = R"({"email":")" + run + R"(-#########@load.example","name":"Load #########","send_email":false})";
    load.request = settings.mix == "list" ? request_bytes(endpoint, "GET", path + "/members?limit=50", key, {})
                                          : request_bytes(endpoint, "POST", path + "/invitations", key, body);
}

constexpr std::pair<const char*, double> percentiles[] = {
    {"p50_ms", 50.0}, {"p90_ms", 90.0}, {"p99_ms", 99.0}, {"max_ms", 100.0}};

double ms(const Latencies& latencies, double percent) {
    return static_cast<double>(percentile(latencies, percent)) / 1000;
}

std::string figures(const Latencies& latencies) {
    return fmt::format("p50 {:.2f} ms   p90 {:.2f} ms   p99 {:.2f} ms   max {:.2f} ms", ms(latencies, 50),
                       ms(latencies, 90), ms(latencies, 99), ms(latencies, 100));
}

void write_figures(ObjectWriter& into, const Latencies& latencies) {
    for (auto [name, percent] : percentiles) into.raw(name, fmt::format("{:.3f}", ms(latencies, percent)));
}

void print_text(const LoadSettings& settings, const LoadReport& report) {
    auto loop = settings.rate > 0 ? fmt::format("open loop of {} a second", settings.rate) : "closed loop";
    fmt::printf("%s, %zu connections, %s: %zu answers in %.2f s\n", settings.mix.c_str(), settings.connections,
                loop.c_str(), report.microseconds.size(), report.seconds);
    fmt::printf("  %.0f requests/s   %s\n", report.per_second(), figures(report.microseconds));
    for (const auto& [status, each] : report.statuses)
        fmt::printf("  %d: %zu   %s\n", status, each.size(), figures(each));
    if (mix_named(settings.mix).compares) {
        const auto& [known, unknown] = report.kinds;
        fmt::printf("  known: %zu   %s\n  unknown: %zu   %s\n", known.size(), figures(known), unknown.size(),
                    figures(unknown));
        fmt::printf("  unknown/known: p50 %.3f   p99 %.3f\n", ms(unknown, 50) / ms(known, 50),
                    ms(unknown, 99) / ms(known, 99));
    }
    if (report.broken > 0) fmt::printf("  broken connections: %llu\n", static_cast<unsigned long long>(report.broken));
    if (!report.first_error.empty()) fmt::printf("  first error: %s\n", report.first_error.c_str());
}

void print_json(const LoadSettings& settings, const LoadReport& report) {
    std::string out;
    ObjectWriter into(out);
    into.field("mix", settings.mix);
    into.field("connections", settings.connections);
    if (settings.rate > 0) into.raw("rate", fmt::format("{}", settings.rate));
    into.field("requests", report.microseconds.size());
    into.raw("seconds", fmt::format("{:.3f}", report.seconds));
    into.raw("per_second", fmt::format("{:.0f}", report.per_second()));
    write_figures(into, report.microseconds);
    auto group = [](ObjectWriter& in, const std::string& name, const Latencies& each) {
        ObjectWriter group_of(in.key(name));
        group_of.field("count", each.size());
        write_figures(group_of, each);
        group_of.end();
    };
    ObjectWriter statuses(into.key("statuses"));
    for (const auto& [status, each] : report.statuses) group(statuses, std::to_string(status), each);
    statuses.end();
    if (mix_named(settings.mix).compares) {
        group(into, "known", report.kinds[0]);
        group(into, "unknown", report.kinds[1]);
    }
    into.field("broken", report.broken);
    if (!report.first_error.empty()) into.field("first_error", report.first_error);
    into.end();
    std::cout << out << std::endl;
}

int load(const LoadSettings& settings) {
    Load wanted;
    try {
        wanted.endpoint = endpoint_of(settings.url);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError("--url", error.what());
    }
    wanted.connections = settings.connections;
    wanted.requests = settings.requests;
    auto seconds = settings.requests == 0 && settings.seconds == 0 ? 10 : settings.seconds;
    wanted.duration = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
    wanted.rate = settings.rate;
    wanted.pause = std::chrono::milliseconds(settings.pause_ms);
    if (settings.pause_ms > 0 && settings.connections > 1) throw std::runtime_error("--pause-ms is for one connection");
    prepare(settings, wanted);
    auto report = run(wanted);
    if (settings.format == "json")
        print_json(settings, report);
    else
        print_text(settings, report);
    return report.clean(mix_named(settings.mix).expected) ? well : failed;
}

}  // namespace

void add_load(CLI::App& program, int& result) {
    auto settings = std::make_shared<LoadSettings>();
    auto* command = program.add_subcommand("load", "Send requests to a server as fast as it answers, and say how fast");
    command->option_defaults()->always_capture_default();
    command->add_option("--url", settings->url, "The server, by http://");
    auto* key = command->add_option("--key", settings->key, "The operator key, else that of MUSTER_OPERATOR_KEY");
    command->add_option("--key-file", settings->key_file, "A file whose first line it is")->excludes(key);
    command->add_option("--workspace", settings->workspace, "Id or slug; without it one is made for the run");
    command->add_option("--connections", settings->connections, "How many at once")->check(CLI::Range(1, 10'000));
    command->add_option("--requests", settings->requests, "End after so many");
    command->add_option("--seconds", settings->seconds, "End after so long; 10 where neither is given")
        ->check(CLI::NonNegativeNumber);
    auto* rate = command->add_option("--rate", settings->rate,
                                     "An open loop: so many a second, each sent by a free one of the connections and "
                                     "timed from when it was due; 0 sends as fast as answers come");
    rate->check(CLI::Range(0, 1'000'000));
    command->add_option("--pause-ms", settings->pause_ms, "Between an answer and the next request, on one connection")
        ->check(CLI::NonNegativeNumber)
        ->excludes(rate);
    command
        ->add_option(
            "--mix", settings->mix,
            "What is asked: invite somebody, list a page of 50 members, the constant /livez; or, of an address "
            "that is known and of others by turns, to login with a wrong password, a link for a forgot(ten) "
            "password, or to request an invitation, for which the server's limits are to be off")
        ->check(CLI::IsMember(mix_names()));
    command->add_option("--format", settings->format)->check(CLI::IsMember({"text", "json"}));
    command->callback([settings, &result] { result = load(*settings); });
}

}  // namespace muster::tools
