#include "api/system.h"

#include "api/text/unicode.h"
#include "eventstore/checkpoints.h"

#include <condition_variable>
#include <filesystem>

namespace muster {

OpenTable open_views(const RocksShared& shared) {
    return [&shared](const std::string& directory, bool create) {
        RocksOptions options;
        options.families = {{"rows", RowsKind::general, true}};
        options.use = RocksUse::view;
        options.create_if_missing = create;
        return open_rocks_table(directory, options, shared);
    };
}

namespace {

constexpr std::int64_t forgets_answers_every_ms = 3'600'000;

OpenTable open_in_memory() {
    return [](const std::string& directory, bool) {
        std::filesystem::create_directories(directory);
        return open_memory_table(1);
    };
}

Store open(const SystemOptions& options, std::function<void(std::span<const RecordedPtr>)> on_group) {
    StoreOptions store;
    store.master_key_file = options.master_key_file;
    store.create = true;
    store.clock = options.clock;
    store.entropy = options.entropy;
    store.on_group = std::move(on_group);
    store.on_failure = options.on_failure;
    return options.directory.empty() ? open_memory_store(store) : open_store(options.directory, store);
}

}  // namespace

System::System(SystemOptions options)
    : options_(std::move(options)),
      projections_(icu_unicode()),
      rates_(std::make_shared<RateLimits>(*options_.clock, *options_.entropy, options_.rates)),
      in_flight_(options_.requests_in_flight),
      streaming_(options_.report, options_.heartbeat),
      store_(open(options_, [this](std::span<const RecordedPtr> events) {
          streaming_.appended(events);
          std::lock_guard lock(following_mutex_);
          if (following_) following_->wake();
          if (following_ && mails_) mails_->wake();
          if (following_) webhooks_->wake();
      })) {
    feed_ = std::make_unique<LogFeed>(*store_.log, *store_.history);
    bool in_memory = options_.directory.empty();
    Origin origin{*feed_, in_memory ? open_in_memory() : open_views(*store_.shared), options_.directory + "/views",
                  store_.id};
    if (in_memory) origin.views = std::filesystem::temp_directory_path() / ("muster-views-" + base32(store_.id));
    runner_ = std::make_unique<Runner>(
        origin, projections_.all(), [] { return std::chrono::steady_clock::now(); }, options_.report);
    rebuilder_ = std::make_unique<Rebuilder>(origin, *runner_);
    auto post = options_.post;
    if (!post) {
        posts_ = std::make_unique<Pool>();
        // As on the server's threads: what is thrown there ends nothing.
        post = [this](std::function<void()> work) {
            auto reported = [this, work = std::move(work)] {
                try {
                    work();
                } catch (const std::exception& error) {
                    options_.report(error.what());
                }
            };
            if (!posts_->post(reported)) reported();
        };
    }
    execute_ =
        std::make_unique<Execute>(*store_.log, *store_.aggregates, *store_.vault, icu_unicode(), *options_.clock, post);
    eraser_ = std::make_unique<Eraser>(*store_.log, *store_.history, *store_.aggregates, *store_.vault, *options_.clock,
                                       *options_.entropy);
    eraser_->complete();
    pool_ = std::make_unique<Pool>();
    passwords_ = std::make_unique<Passwords>(*store_.vault, *store_.aggregates, *store_.log, options_.password_cost);
    sessions_ = std::make_unique<Sessions>(*store_.vault, *store_.log, *options_.entropy);
    api_keys_ = std::make_unique<ApiKeys>(*store_.vault, *options_.entropy);
    service_.reset(new Service{*execute_,
                               *store_.aggregates,
                               *store_.history,
                               *store_.log,
                               *store_.vault,
                               *eraser_,
                               *runner_,
                               *pool_,
                               icu_unicode(),
                               metrics_,
                               rates_,
                               in_flight_,
                               options_.proxies,
                               options_.request_log,
                               options_.directory,
                               options_.public_url,
                               sha256(options_.operator_key.reveal()),
                               post,
                               *passwords_,
                               *sessions_,
                               *api_keys_,
                               options_.pool_wait});
    imports_ = std::make_unique<Imports>(*execute_, *store_.vault, rates_, options_.report);
    service_->imports = imports_.get();
    service_->streaming = &streaming_;
    purger_ = std::make_unique<Purger>(*store_.log, *store_.history, *store_.aggregates, *store_.vault, *runner_,
                                       *imports_, in_memory ? "" : options_.directory + "/outbox");
    service_->purger = purger_.get();
    service_->report = options_.report;
    app_ = std::make_unique<App>(*service_);
    if (options_.mail.mailer) {
        mail::Composer composer(*execute_, *store_.history, *runner_, options_.public_url, options_.mail.from,
                                options_.mail.templates);
        mails_ = std::make_unique<mail::Mails>(*execute_, *store_.history, *options_.entropy, options_.mail.mailer,
                                               std::move(composer), options_.mail.report);
    }
    service_->mails = mails_.get();
    webhooks_ =
        std::make_unique<webhooks::Webhooks>(*execute_, *store_.history, *options_.entropy, options_.webhooks.client,
                                             options_.public_url, options_.webhooks.report);
    service_->webhooks = webhooks_.get();
    service_->plain_targets = webhooks_->plain_targets();
    {
        std::lock_guard lock(following_mutex_);
        following_ = runner_.get();
    }
    runner_->start();
    imports_->tidy();
    if (mails_ && !options_.mail.by_hand) mails_->start();
    if (!options_.webhooks.by_hand) webhooks_->start();
    // What a crash cut off, which may take minutes.
    if (in_memory) return;
    (void)pool_->post([this] {
        try {
            complete_erasures();
        } catch (const std::exception& error) {
            options_.report(std::string("erasures are not complete: ") + error.what());
        }
    });
}

System::~System() {
    streaming_.stop();
    pool_.reset();  // what runs there still needs everything else
    passwords_->stop();
    imports_.reset();
    if (mails_) mails_->stop();
    webhooks_->stop();
    store_.log->close();
    rebuilder_->stop();
    runner_->stop();
    {
        std::lock_guard lock(following_mutex_);
        following_ = nullptr;
    }
    posts_.reset();
    if (!options_.directory.empty()) return;
    rebuilder_.reset();
    runner_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::temp_directory_path() / ("muster-views-" + base32(store_.id)),
                                ignored);
}

http::Response System::call(http::Request request) {
    std::mutex mutex;
    std::condition_variable wakes;
    std::optional<http::Response> answer;
    handle(std::move(request), [&](http::Response response) {
        std::lock_guard lock(mutex);
        answer = std::move(response);
        wakes.notify_one();
    });
    std::unique_lock lock(mutex);
    wakes.wait(lock, [&] { return answer.has_value(); });
    return std::move(*answer);
}

void System::tidy() {
    auto now = execute_->now();
    for (auto workspace : store_.log->workspaces_due(now)) execute_->expire_due(workspace);
    // All of them are read for it.
    const auto forgot = forgot_answers_at_ms_.load();
    if (now.ms < forgot || now.ms >= forgot + forgets_answers_every_ms) {
        forgot_answers_at_ms_ = now.ms;
        store_.log->forget_idempotency_rows(now.plus_seconds(-limits::idempotency_seconds));
    }
    constexpr std::int64_t day_ms = 86'400'000;
    store_.vault->destroy_day_keys_before(now.ms / day_ms - 7);
    store_.vault->destroy_keys_rotated_before(now.plus_seconds(-limits::rotated_key_seconds));
    imports_->tidy();
    eraser_->complete();
    complete_erasures();
}

void System::complete_erasures() {
    std::unique_lock lock(completing_mutex_, std::try_to_lock);
    if (!lock) return;  // another thread is at it
    eraser_->complete_workspaces();
    if (!options_.directory.empty()) sweep_checkpoints(options_.directory);
    purger_->purge_texts();
    purger_->purge_views();
}

}  // namespace muster
