// muster serve: the server.
#include "api/http/server.h"
#include "api/json/write.h"
#include "api/mail/outbox.h"
#include "api/mail/smtp.h"
#include "api/problem.h"
#include "api/system.h"
#include "api/text/unicode.h"
#include "api/tokens.h"
#include "tools/commands.h"
#include "tools/control.h"
#include "tools/demo.h"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

namespace muster::tools {
namespace {

constexpr std::size_t operator_key_length_min = 32;
constexpr std::chrono::seconds tidy_every{60};

struct Settings {
    std::string data;
    std::string listen = "127.0.0.1:8080";
    std::string public_url;
    std::string master_key_file;
    std::string tls_cert;
    std::string tls_key;
    std::string smtp;
    std::string mail_from;
    std::string mail_templates;
    unsigned threads = 2;
    bool demo = false;
};

// Logs are JSON lines on stderr; no secret and no body is ever given to them.
void log_as_json() {
    auto logger = spdlog::stderr_logger_mt("muster");
    logger->set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})",
                        spdlog::pattern_time_type::utc);
    spdlog::set_default_logger(logger);
}

std::string in_json(std::string_view text) {
    std::string quoted;
    write_text(quoted, text);
    return quoted.substr(1, quoted.size() - 2);
}

// From the environment, else from DIR/operator.key, which is made at the first start.
std::string operator_key(const std::string& directory) {
    if (const char* given = std::getenv("MUSTER_OPERATOR_KEY")) {
        if (std::string_view(given).size() < operator_key_length_min)
            throw CLI::ValidationError("MUSTER_OPERATOR_KEY", "needs at least 32 characters");
        return given;
    }
    auto path = directory + "/operator.key";
    if (std::ifstream file(path); file) {
        std::string key;
        std::getline(file, key);
        if (key.size() < operator_key_length_min)
            throw std::runtime_error(path + " holds no operator key of at least 32 characters");
        return key;
    }
    auto key = "mbo_" + base64url(random_key(system_entropy()).bytes());
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (file < 0) throw std::runtime_error("can't make " + path);
    auto line = key + "\n";
    bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
    ::close(file);
    if (!written) throw std::runtime_error("can't write " + path);
    spdlog::info("made the operator key in {}", in_json(path));
    return key;
}

void tidy_now_and_then(http::Server& server, System& system) {
    server.after(tidy_every, [&server, &system] {
        bool taken = system.service().pool.post([&system] {
            try {
                system.tidy();
            } catch (const std::exception& error) {
                spdlog::error("tidying failed: {}", in_json(error.what()));
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

// An address of our own where none is given; only an outbox takes that.
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

MailOptions mail_options(const Settings& settings, const std::string& public_url) {
    MailOptions options;
    options.from = mail_from(settings, public_url);
    options.report = [](std::string_view what) { spdlog::warn("{}", in_json(what)); };
    if (!settings.mail_templates.empty()) options.templates = mail::Templates(settings.mail_templates);
    if (settings.smtp.empty()) {
        options.mailer = std::make_shared<mail::Outbox>(settings.data + "/outbox");
        return options;
    }
    auto server = mail::parse_smtp(settings.smtp);
    if (!server) throw CLI::ValidationError("--smtp", server.error());
    server->password = from_environment("MUSTER_SMTP_PASSWORD");
    server->ca_file = from_environment("SSL_CERT_FILE");
    options.mailer = std::make_shared<mail::SmtpMailer>(std::move(*server));
    return options;
}

int serve(Settings settings) {
    log_as_json();
    std::signal(SIGPIPE, SIG_IGN);  // a mail server that goes away is an error where it is written to
    std::filesystem::create_directories(settings.data);
    if (settings.demo && is_empty_store(settings.data)) seed_demo(settings.data, settings.master_key_file);

    System* system = nullptr;
    http::ServerOptions options;
    options.listen = settings.listen;
    options.threads = settings.threads;
    if (!settings.tls_cert.empty()) options.tls = http::Tls{settings.tls_cert, settings.tls_key};
    options.body_limit = [](const std::string&, const std::string& target) { return App::body_limit(target); };
    options.refuse = [](int status, std::string_view code, std::string detail) {
        return problem(status, code, std::move(detail));
    };
    options.report = [](std::string_view what) { spdlog::error("{}", in_json(what)); };
    http::Server server(options, [&system](http::Request request, http::Done done) {
        system->handle(std::move(request), std::move(done));
    });

    auto scheme = settings.tls_cert.empty() ? "http://" : "https://";
    auto address = scheme + settings.listen.substr(0, settings.listen.rfind(':')) + ":" + std::to_string(server.port());
    SystemOptions open;
    open.directory = settings.data;
    open.master_key_file = settings.master_key_file;
    open.public_url = settings.public_url.empty() ? address : settings.public_url;
    while (open.public_url.ends_with('/')) open.public_url.pop_back();
    open.mail = mail_options(settings, open.public_url);
    open.post = [&server](std::function<void()> work) { server.post(std::move(work)); };
    open.on_failure = [](const std::string& why) {
        // Nobody knows what of the last group is on disk; a restart finds out. Nothing may be acknowledged any more.
        spdlog::critical("the log could not be written; stopping: {}", in_json(why));
        spdlog::shutdown();
        std::_Exit(failed);
    };
    System running(std::move(open));
    // Only now: the key is made in a directory that is a store's.
    running.service().operator_key = sha256(operator_key(settings.data));
    system = &running;
    ControlSocket control(settings.data + "/control.sock", running);
    tidy_now_and_then(server, running);
    server.stop_on_signals();
    std::cout << "listening on " << address << std::endl;
    if (settings.demo) print_demo(address, settings.data);
    server.run();
    spdlog::info("stopped");
    return well;
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
    auto* from = command
                     ->add_option("--mail-from", settings->mail_from,
                                  "The address that mails come from; by default muster@ and the host of --public-url")
                     ->envname("MUSTER_MAIL_FROM");
    command
        ->add_option("--smtp", settings->smtp,
                     "smtp[s]://[user@]host:port that takes mails, the password in MUSTER_SMTP_PASSWORD, authorities "
                     "other than the system's in SSL_CERT_FILE; without it mails are files in DIR/outbox")
        ->needs(from)
        ->envname("MUSTER_SMTP");
    command
        ->add_option("--mail-templates", settings->mail_templates,
                     "A directory whose files replace the built-in texts of mails")
        ->envname("MUSTER_MAIL_TEMPLATES");
    command->add_option("--threads", settings->threads, "Threads that answer HTTP")
        ->check(CLI::Range(1, 256))
        ->envname("MUSTER_THREADS");
    command->add_flag("--demo", settings->demo, "Fill an empty directory with a demo workspace");
    command->callback([settings, &result] { result = serve(*settings); });
}

}  // namespace muster::tools
