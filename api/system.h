#pragma once
// All of Muster behind one handler: the store, the read models that follow it, and the routes. The program puts a
// server in front of it; tests call `handle` with values.

#include "api/app.h"
#include "api/auth/api_keys.h"
#include "api/auth/passwords.h"
#include "api/auth/sessions.h"
#include "api/http/message.h"
#include "api/imports/imports.h"
#include "api/in_flight.h"
#include "api/mail/mails.h"
#include "api/metrics.h"
#include "api/purge.h"
#include "api/rate_limits.h"
#include "api/request_log.h"
#include "api/secret.h"
#include "api/service.h"
#include "api/streaming.h"
#include "api/webhooks/webhooks.h"
#include "eventstore/store.h"
#include "projections/audit.h"
#include "projections/generation.h"
#include "projections/log_feed.h"
#include "projections/rebuilder.h"
#include "projections/requests.h"
#include "projections/roster.h"
#include "projections/runner.h"
#include "projections/seats.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace muster {

struct MailOptions {
    std::shared_ptr<mail::Mailer> mailer;  // without one no mail is sent; they wait
    std::string from;                      // an address
    mail::Templates templates;
    bool by_hand = false;                          // tests call Mails::catch_up
    std::function<void(std::string_view)> report;  // of what went wrong, without personal data; on any thread
};

struct WebhookOptions {
    webhooks::ClientOptions client;
    bool by_hand = false;                          // tests call Webhooks::catch_up
    std::function<void(std::string_view)> report;  // of what went wrong, without URLs; on any thread
};

struct SystemOptions {
    std::string directory;  // empty: everything in memory
    std::string master_key_file;
    std::string public_url;
    Secret operator_key;
    RateTable rates = default_rates();
    std::size_t requests_in_flight = limits::requests_in_flight;
    std::chrono::milliseconds pool_wait = limits::pool_wait;
    std::chrono::milliseconds heartbeat = limits::heartbeat;
    http::TrustedProxies proxies;  // none: the peer is the client
    RequestLog request_log;        // told of every request; none: nobody is
    const Clock* clock = &system_clock();
    Entropy* entropy = &system_entropy();
    PasswordCost password_cost;
    MailOptions mail;
    WebhookOptions webhooks;
    // Runs work on threads that answer; without one, a pool of its own.
    std::function<void(std::function<void()>)> post;
    std::function<void(const std::string& why)> on_failure;
    // What went wrong and is no end of serving, such as damage in one row; from any thread.
    std::function<void(const std::string& what)> report = [](const std::string&) {};
};

// The projections of this program, in one place.
struct Projections {
    Roster roster;
    Seats seats;
    Audit audit;
    Requests requests;
    explicit Projections(const Unicode& unicode) : roster(unicode) {}
    [[nodiscard]] std::vector<const Projection*> all() const { return {&roster, &seats, &audit, &requests}; }
};

// How the views of a data directory are opened.
OpenTable open_views(const RocksShared& shared);

class System {
public:
    // Opens or makes the store, completes what a crash interrupted, and begins to follow the log. Throws DamageError or
    // StorageError.
    explicit System(SystemOptions options);
    ~System();
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    void handle(http::Request request, http::Done done) { app_->handle(std::move(request), std::move(done)); }
    // The same, waiting for the answer.
    http::Response call(http::Request request);

    // Expires what is due in all workspaces, forgets what was kept for so long, and completes erasures: to be called
    // now and then.
    void tidy();

    [[nodiscard]] Store& store() { return store_; }
    [[nodiscard]] Execute& execute() { return *execute_; }
    [[nodiscard]] Runner& runner() { return *runner_; }
    [[nodiscard]] Rebuilder& rebuilder() { return *rebuilder_; }
    [[nodiscard]] std::vector<const Projection*> projections() const { return projections_.all(); }
    [[nodiscard]] Service& service() { return *service_; }
    // nullptr where no mail is sent.
    [[nodiscard]] mail::Mails* mails() { return mails_.get(); }
    [[nodiscard]] webhooks::Webhooks& webhooks() { return *webhooks_; }

private:
    void complete_erasures();

    SystemOptions options_;
    Projections projections_;
    std::atomic<std::int64_t> forgot_answers_at_ms_ = 0;  // by `tidy`
    std::mutex completing_mutex_;
    Runner* following_ = nullptr;  // set once all exist; the log's writer wakes it, mails and webhooks
    std::mutex following_mutex_;
    Metrics metrics_;
    std::shared_ptr<RateLimits> rates_;
    InFlight in_flight_;
    std::unique_ptr<Pool> posts_;
    Streaming streaming_;  // before the store, whose log's writer tells it of events
    Store store_;
    std::unique_ptr<LogFeed> feed_;
    std::unique_ptr<Runner> runner_;
    std::unique_ptr<Rebuilder> rebuilder_;
    std::unique_ptr<Execute> execute_;
    std::unique_ptr<Eraser> eraser_;
    std::unique_ptr<Pool> pool_;
    std::unique_ptr<Passwords> passwords_;
    std::unique_ptr<Sessions> sessions_;
    std::unique_ptr<ApiKeys> api_keys_;
    std::unique_ptr<Imports> imports_;
    std::unique_ptr<Purger> purger_;
    std::unique_ptr<mail::Mails> mails_;
    std::unique_ptr<webhooks::Webhooks> webhooks_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<App> app_;
};

}  // namespace muster
