#include "api/service.h"

#include "api/auth/passwords.h"
#include "api/failing.h"
#include "api/imports/imports.h"
#include "api/problem.h"
#include "api/purge.h"
#include "api/route.h"

#include <charconv>

namespace muster {

void Call::refuse(const Refusal& refusal) const { done(problem(refusal)); }

http::Response response(Answer answer) {
    http::Response made{answer.status, std::move(answer.headers), std::move(answer.body)};
    made.headers.push_back({"content-type", "application/json"});
    if (answer.position) made.headers.push_back({"muster-position", std::to_string(*answer.position)});
    if (answer.etag) made.headers.push_back({"etag", "\"" + std::to_string(*answer.etag) + "\""});
    return made;
}

std::optional<WorkspaceId> workspace_named(Service& service, std::string_view named) {
    auto id = WorkspaceId::parse(named);
    return id ? id : service.directory.workspace_of(Slug{std::string(named)});
}

Refusal lagging() {
    return {Code::projection_lagging, "The read model is behind the log; try again in a moment.", {}, {}};
}

Refusal overloaded() {
    return {Code::overloaded, "The server has more to do than it can; try again in a moment.", {}, {}};
}

Refusal failed_here() { return {Code::internal_error, "Something failed on the server; its log says what.", {}, {}}; }

void or_fail(const std::shared_ptr<Call>& call, const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        call->service.report(error.what());
        call->refuse(failed_here());
    }
}

namespace {

// What the work holds is let go before it is refused: who is told so may ask again at once.
template <class Threads>
void do_on(Threads& threads, const std::shared_ptr<Call>& call, const std::string& whose, std::function<void()> work) {
    auto held = std::make_shared<std::function<void()>>(std::move(work));
    auto refuse = [call, held] {
        *held = nullptr;
        call->refuse(overloaded());
    };
    auto begin = [call, held, refuse, queued = std::chrono::steady_clock::now()] {
        if (std::chrono::steady_clock::now() - queued > call->service.pool_wait) return refuse();
        or_fail(call, *held);
    };
    if (!threads.post(std::move(begin), whose)) refuse();
}

}  // namespace

void on_pool(const std::shared_ptr<Call>& call, std::function<void()> work) {
    do_on(call->service.pool, call, call->workspace_id.text(), std::move(work));
}

void on_imports(const std::shared_ptr<Call>& call, std::function<void()> work) {
    do_on(*call->service.imports, call, call->workspace_id.text(), std::move(work));
}

void on_hashing_threads(const std::shared_ptr<Call>& call, std::function<void()> work) {
    do_on(call->service.passwords, call, call->client(), std::move(work));
}

std::optional<Version> version_of(std::string_view etag) {
    if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
    etag = etag.substr(1, etag.size() - 2);
    Version version = 0;
    auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), version);
    if (error != std::errc{} || end != etag.data() + etag.size()) return std::nullopt;
    return version;
}

namespace {

// `expired`: what was due was just recorded as expired, and is not shown as pending by anybody.
void read_when_applied(std::shared_ptr<Call> call, std::string_view projection, bool expired,
                       std::function<void(const Reading&, Position)> ready) {
    auto& runner = call->service.runner;
    // A command goes by how things stand. Whoever was erased is shown to nobody, however old the rows may be.
    bool eventual = !call->route.command && !expired && call->request.header("muster-consistency") == "eventual";
    auto wanted = eventual ? call->service.purger->views_due() : call->service.log.head(call->workspace_id);
    auto read = [call, ready](const Runner::Live& live) {
        if (!live.rows) return call->refuse(lagging());
        or_fail(call, [&] { ready(*live.rows->snapshot(), live.position); });
    };
    if (auto live = runner.live(projection); live.rows && live.position >= wanted) return read(live);
    runner.when_applied(projection, wanted, limits::read_wait, [call, projection, read](bool applied) {
        auto& service = call->service;
        service.post([&service, projection, read, applied] {
            read(applied ? service.runner.live(projection) : Runner::Live{});
        });
    });
}

}  // namespace

void when_fresh(std::shared_ptr<Call> call, std::string_view projection,
                std::function<void(const Reading&, Position)> ready) {
    auto& service = call->service;
    auto due = service.log.next_due(call->workspace_id);
    if (!due || *due > service.execute.now())
        return read_when_applied(std::move(call), projection, false, std::move(ready));
    on_pool(call, [call, projection, ready] {
        const bool expired = call->service.execute.expire_due(call->workspace_id) > 0;
        call->service.post([call, projection, expired, ready] { read_when_applied(call, projection, expired, ready); });
    });
}

}  // namespace muster
