// muster serve: the server.
#include "api/http/server.h"
#include "api/mail/outbox.h"
#include "api/mail/smtp.h"
#include "api/problem.h"
#include "api/secret.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "api/tokens.h"
#include "eventstore/anchor.h"
#include "eventstore/scheduling.h"
#include "eventstore/synced.h"
#include "eventstore/table.h"
#include "tools/commands.h"
#include "tools/control.h"
#include "tools/demo.h"
#include "tools/json_log.h"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace muster::tools {
namespace {

constexpr std::size_t operator_key_length_min = 32;
constexpr std::chrono::seconds tidy_every{60};
// File handles beside those of connections: the log's, the views', the vault's, and what a backup or an upload opens.
constexpr std::size_t files_of_the_store = 2048;

struct Settings {
    std::string data;
    std::string listen = "127.0.0.1:8080";
    std::string public_url;
    std::string master_key_file;
    std::string tls_cert;
    std::string tls_key;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> rate_limits;
    std::size_t in_flight = muster::limits::requests_in_flight;
    std::string smtp;
    std::string mail_from;
    std::string mail_templates;
    std::vector<std::string> allowed_targets;
    unsigned threads = 2;
    bool demo = false;
};

// As many file handles as the machine allows: a caller may hold a connection and send nothing, and RocksDB must not go
// short for it. How many connections that leaves room for.
std::size_t connections_that_fit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return http::limits::connections_max;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::getrlimit(RLIMIT_NOFILE, &files);
    auto room = files.rlim_cur > 2 * files_of_the_store ? files.rlim_cur - files_of_the_store : files.rlim_cur / 2;
    auto fit = std::min<rlim_t>(http::limits::connections_max, room);
    if (fit < http::limits::connections_max)
        spdlog::warn("only {} connections at once: the process may open {} files", fit, files.rlim_cur);
    return static_cast<std::size_t>(fit);
}

// Every limit with its default: `token_guess_ip=30/60, …`.
std::string rate_names() {
    std::string names;
    for (const auto& each : default_rates())
        names.append(names.empty() ? "" : ", ")
            .append(name_of(each.rate))
            .append("=" + std::to_string(*each.count) + "/" + std::to_string(each.window_seconds));
    return names;
}

http::TrustedProxies proxies_of(const Settings& settings) {
    http::TrustedProxies proxies;
    for (const auto& each : settings.trusted_proxies)
        if (!proxies.add(each))
            throw CLI::ValidationError("--trusted-proxy", "no network: " + each + "; write one like 10.0.0.0/8");
    return proxies;
}

RateTable rates_of(const Settings& settings) {
    auto table = default_rates();
    for (const auto& each : settings.rate_limits)
        if (!set_rate(table, each))
            throw CLI::ValidationError("--rate-limit", "no limit: " + each + "; write NAME=COUNT/SECONDS or NAME=off");
    return table;
}

// From the environment.
std::optional<Secret> given_operator_key() {
    const char* given = std::getenv("MUSTER_OPERATOR_KEY");
    if (!given) return std::nullopt;
    if (std::string_view(given).size() < operator_key_length_min)
        throw CLI::ValidationError("MUSTER_OPERATOR_KEY", "needs at least 32 characters");
    return given;
}

// From DIR/operator.key, which is made at the first start.
Secret own_operator_key(const std::string& directory) {
    auto path = directory + "/operator.key";
    if (std::ifstream file(path); file) {
        std::string key;
        std::getline(file, key);
        if (key.size() < operator_key_length_min)
            throw std::runtime_error(path + " holds no operator key of at least 32 characters");
        return key;
    }
    if (std::filesystem::exists(path)) throw std::runtime_error("can't read " + path);
    auto key = "mbo_" + base64url(random_key(system_entropy()).bytes());
    replace_file(path, key + "\n");  // whole, or not there
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    spdlog::info("made the operator key in {}", path);
    return key;
}

void tidy_now_and_then(http::Server& server, System& system) {
    server.after(tidy_every, [&server, &system] {
        bool taken = system.service().pool.post([&system] {
            try {
                system.tidy();
            } catch (const std::exception& error) {
                spdlog::error("tidying failed: {}", error.what());
            }
        });
        if (!taken) spdlog::warn("tidying was put off: the pool is full");
        tidy_now_and_then(server, system);
    });
}

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// An address of our own where none is given; a mail server may refuse that.
std::string mail_from(const Settings& settings, const std::string& public_url) {
    if (settings.mail_from.empty()) {
        auto host = mail::host_of(public_url);
        bool is_name = host.find_first_not_of("0123456789.") != std::string::npos && !host.starts_with('[');
        return "muster@" + (is_name || host.starts_with('[') ? host : "[" + host + "]");
    }
    auto address = EmailAddress::parse(settings.mail_from, icu_unicode());
    if (!address) throw CLI::ValidationError("--mail-from", address.error().detail);
    return std::string(address->local_part()) + "@" + std::string(address->canonical_domain());
}

mail::SmtpServer smtp_server(const Settings& settings) {
    auto server = mail::parse_smtp(settings.smtp);
    if (!server) throw CLI::ValidationError("--smtp", server.error());
    server->password = from_environment("MUSTER_SMTP_PASSWORD");
    server->ca_file = from_environment("SSL_CERT_FILE");
    return std::move(*server);
}

MailOptions mail_options(const Settings& settings, const std::string& public_url) {
    MailOptions options;
    options.from = mail_from(settings, public_url);
    options.report = [](std::string_view what) { spdlog::warn("{}", what); };
    if (!settings.mail_templates.empty()) options.templates = mail::Templates(settings.mail_templates);
    if (settings.smtp.empty()) {
        options.mailer = std::make_shared<mail::Outbox>(settings.data + "/outbox");
        return options;
    }
    options.mailer = std::make_shared<mail::SmtpMailer>(smtp_server(settings));
    return options;
}

std::string check_public_url(const std::string& text) {
    static const std::regex url(R"(https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s?#"<>]*)?)");
    return std::regex_match(text, url) ? "" : "no http or https URL like https://members.example.com: " + text;
}

WebhookOptions webhook_options(const Settings& settings) {
    WebhookOptions options;
    for (const auto& each : settings.allowed_targets)
        if (!options.client.allowed.add(each))
            throw CLI::ValidationError("--allow-target", "no network: " + each + "; write one like 10.0.0.0/8");
    options.client.ca_file = from_environment("SSL_CERT_FILE");
    options.report = [](std::string_view what) { spdlog::warn("{}", what); };
    return options;
}

// What is wrong with mails' settings is said before anything is made.
void check_mail(const Settings& settings) {
    (void)mail_from(settings, "http://localhost");
    if (!settings.mail_templates.empty()) (void)mail::Templates(settings.mail_templates);
    if (!settings.smtp.empty()) (void)smtp_server(settings);
}

int serve(const Settings& settings) {
    std::signal(SIGPIPE, SIG_IGN);  // a mail server that goes away is an error where it is written to
    const auto proxies = proxies_of(settings);
    const auto rates = rates_of(settings);
    const auto given_key = given_operator_key();
    check_mail(settings);
    auto webhooks = webhook_options(settings);

    System* system = nullptr;
    http::ServerOptions options;
    options.listen = settings.listen;
    options.threads = settings.threads;
    options.connections_max = connections_that_fit();
    if (!settings.tls_cert.empty()) options.tls = http::Tls{settings.tls_cert, settings.tls_key};
    options.begin = come_first;
    options.body_limit = [](const std::string&, const std::string& target) { return App::body_limit(target); };
    options.refuse = [](int status, std::string_view code, const std::string& detail) {
        return problem(status, code, detail);
    };
    options.refused = [](int status, std::string_view code, const std::string& peer) {
        spdlog::info("refused {} {} from {}", status, code, peer);
    };
    options.report = [](std::string_view what) { spdlog::error("{}", what); };
    auto handle = [&system](http::Request request, http::Done done) {
        system->handle(std::move(request), std::move(done));
    };
    std::optional<http::Server> made;
    try {
        made.emplace(options, handle);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError("--listen", error.what());
    }
    auto& server = *made;
    server.stop_on_signals();  // one that comes while it starts stops it once it has

    if (settings.tls_cert.empty() && !server.loopback())
        spdlog::warn(
            "{} is open to the network without TLS: passwords and tokens pass it in clear; give --tls-cert and "
            "--tls-key, or let a proxy speak TLS and listen on 127.0.0.1",
            settings.listen);

    make_directories(settings.data);
    if (settings.demo && is_empty_store(settings.data)) seed_demo(settings.data, settings.master_key_file);

    auto scheme = settings.tls_cert.empty() ? "http://" : "https://";
    auto address = scheme + settings.listen.substr(0, settings.listen.rfind(':')) + ":" + std::to_string(server.port());
    SystemOptions open;
    open.directory = settings.data;
    open.master_key_file = settings.master_key_file;
    open.public_url = settings.public_url.empty() ? address : settings.public_url;
    while (open.public_url.ends_with('/')) open.public_url.pop_back();
    open.proxies = proxies;
    open.rates = rates;
    open.requests_in_flight = settings.in_flight;
    open.request_log = JsonLog::requests();
    open.mail = mail_options(settings, open.public_url);
    open.webhooks = std::move(webhooks);
    open.post = [&server](std::function<void()> work) { server.post(std::move(work)); };
    open.on_failure = [](const std::string& why) {
        // Nobody knows what of the last group is on disk; a restart finds out. Nothing may be acknowledged any more.
        // Several threads may meet it at once, and others log meanwhile: the logger stays, and has written when it
        // returns.
        spdlog::critical("log or vault could not be written; stopping: {}", why);
        std::_Exit(failed);
    };
    open.report = [](const std::string& what) { spdlog::error("{}", what); };
    std::optional<System> made_system(std::in_place, std::move(open));
    auto& running = *made_system;
    if (const auto ids = running.store().vault->listed_again(); ids > 0)
        spdlog::warn("{}/erasures lacked {} destroyed keys of which the log tells; they are listed again",
                     settings.data, ids);
    // Only now: the key is made in a directory that is a store's.
    running.service().operator_key = sha256((given_key ? *given_key : own_operator_key(settings.data)).reveal());
    system = &running;
    std::optional<ControlSocket> control(std::in_place, settings.data + "/control.sock", running);
    tidy_now_and_then(server, running);
    std::cout << "listening on " << address << std::endl;
    const bool has_demo = running.service().directory.workspace_of(Slug{demo_slug}).has_value();
    if (settings.demo && has_demo) print_demo(address, given_key ? "" : settings.data);
    server.run();
    // A command whose caller was cut off may have left the turn of its workspace in what it posted, and an import waits
    // for that.
    server.finish([&] {
        control.reset();
        made_system.reset();
    });
    spdlog::info("stopped");
    return well;
}

// What ends the server stands in its log, as its last line.
int serve_and_log(const Settings& settings) {
    JsonLog log;
    try {
        return serve(settings);
    } catch (const CLI::Error&) {
        throw;  // a matter of usage
    } catch (const DamageError& error) {
        spdlog::critical(
            "the data is damaged: {}. `muster fsck --data DIR` says what is whole; a damaged or lost end of the log is "
            "given up with --recover-to-point-in-time --accept-loss, all else a backup brings back (`muster backup "
            "restore`)",
            error.what());
        return damaged;
    } catch (const std::exception& error) {
        spdlog::critical("{}", error.what());
        return failed;
    }
}

}  // namespace

void add_serve(CLI::App& program, int& result) {
    auto settings = std::make_shared<Settings>();
    auto* command = program.add_subcommand("serve", "Serve the HTTP API");
    command->option_defaults()->always_capture_default();
    command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    command->add_option("--listen", settings->listen, "Address and port; port 0 picks one")->envname("MUSTER_LISTEN");
    command
        ->add_option("--public-url", settings->public_url, "What links begin with; by default the address listened on")
        ->check(check_public_url)
        ->envname("MUSTER_PUBLIC_URL");
    command
        ->add_option("--master-key-file", settings->master_key_file,
                     "32 bytes that wrap the personal keys; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    auto* cert = command->add_option("--tls-cert", settings->tls_cert, "PEM file of the certificate chain")
                     ->envname("MUSTER_TLS_CERT");
    auto* key = command->add_option("--tls-key", settings->tls_key, "PEM file of its key")->envname("MUSTER_TLS_KEY");
    cert->needs(key);
    key->needs(cert);
    command
        ->add_option("--trusted-proxy", settings->trusted_proxies,
                     "A network whose X-Forwarded-For is believed, like 10.0.0.0/8; several times for several")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->envname("MUSTER_TRUSTED_PROXY");
    command
        ->add_option("--rate-limit", settings->rate_limits,
                     "A limit other than its default, like token_guess_ip=30/60 (so many in so many seconds) or "
                     "requests_ip=off; several times for several. Limits: " +
                         rate_names())
        ->allow_extra_args(false)
        ->delimiter(',')
        ->envname("MUSTER_RATE_LIMIT");
    command
        ->add_option("--in-flight", settings->in_flight,
                     "Requests that are worked on at once; those beyond are answered 503")
        ->check(CLI::Range(1, 100'000))
        ->envname("MUSTER_IN_FLIGHT");
    command
        ->add_option("--mail-from", settings->mail_from,
                     "The address that mails come from; by default muster@ and the host of --public-url")
        ->envname("MUSTER_MAIL_FROM");
    command
        ->add_option("--smtp", settings->smtp,
                     "smtp[s]://[user@]host:port that takes mails, the password in MUSTER_SMTP_PASSWORD, authorities "
                     "other than the system's in SSL_CERT_FILE; without it mails are files in DIR/outbox")
        ->envname("MUSTER_SMTP");
    command
        ->add_option("--mail-templates", settings->mail_templates,
                     "A directory whose files replace the built-in texts of mails")
        ->envname("MUSTER_MAIL_TEMPLATES");
    command
        ->add_option(
            "--allow-target", settings->allowed_targets,
            "A network that webhooks may be sent to beside the internet, by http too, like 10.0.0.0/8; several "
            "times for several")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->envname("MUSTER_ALLOW_TARGET");
    command->add_option("--threads", settings->threads, "Threads that answer HTTP")
        ->check(CLI::Range(1, 256))
        ->envname("MUSTER_THREADS");
    command->add_flag("--demo", settings->demo, "Fill an empty directory with a demo workspace")
        ->envname("MUSTER_DEMO");
    command->footer(
        "From the environment alone, since everybody on a machine sees its command lines:\n"
        "  MUSTER_OPERATOR_KEY   the operator key, at least 32 characters; without it one is made at the first start\n"
        "                        and written to DIR/operator.key\n"
        "  MUSTER_SMTP_PASSWORD  the password that goes with the user of --smtp\n"
        "  SSL_CERT_FILE         authorities that are trusted beside mail servers and webhooks; else the system's\n"
        "--config FILE: settings that neither flags nor the environment give, as TOML (listen = \"0.0.0.0:8080\")");
    command->callback([settings, &result] { result = serve_and_log(*settings); });
}

}  // namespace muster::tools
