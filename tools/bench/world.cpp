#include "tools/bench/world.h"

#include "api/text/unicode.h"
#include "eventstore/draft.h"
#include "eventstore/scheduling.h"

#include <stdexcept>

namespace muster::bench {
namespace {

constexpr std::size_t members_at_once = 2'000;

std::vector<http::Header> headers() {
    return {{"authorization", "Bearer " + std::string(operator_key)}, {"content-type", "application/json"}};
}

template <class C>
C about(std::size_t person) {
    C asked;
    auto number = std::to_string(person);
    asked.email = EmailAddress::parse("person-" + number + "@bench.example", icu_unicode()).value();
    asked.name = Name{"Person " + number + " of " + std::string(person % 7 == 0 ? "Thessaloniki" : "Graz")};
    asked.role = RoleKey{"member"};
    return asked;
}

}  // namespace

void demand(const http::Response& response, std::string_view what) {
    if (response.status / 100 != 2) throw std::runtime_error(std::string(what) + ": " + response.body);
}

World::World(const std::string& directory, std::function<void(std::function<void()>)> post) {
    SystemOptions options;
    options.directory = directory;
    options.public_url = "http://127.0.0.1";
    options.operator_key = operator_key;
    options.post = std::move(post);
    system_ = std::make_unique<System>(std::move(options));
}

http::Response World::call(const std::string& method, const std::string& target, std::string body) {
    return system_->call({method, target, headers(), std::move(body), "127.0.0.1"});
}

WorkspaceId World::workspace(const std::string& slug) {
    auto body =
        R"({"name":")" + slug + R"(","slug":")" + slug + R"(","owner":{"email":"owner@bench.example","name":"Owner"}})";
    demand(call("POST", "/v1/workspaces", body), "the workspace");
    return system_->store().aggregates->workspace_of(Slug{slug}).value();
}

void World::members(WorkspaceId workspace, std::size_t count) {
    while (count > 0) {
        BatchCommand command;
        command.workspace = workspace;
        command.actor.kind = ActorKind::operator_;
        command.correlation = system_->execute().fresh();
        for (; count > 0 && command.rows.size() < members_at_once; --count) {
            auto asked = about<CreateMember>(++people_);
            BatchCommand::Row row;
            row.target = stream_of(MemberId{system_->execute().fresh()});
            row.address = asked.email;
            row.decide = [asked](const Loaded& loaded, const Context& context) {
                return decide(*loaded.membership, *loaded.workspace, asked, context);
            };
            command.rows.push_back(std::move(row));
        }
        auto outcome = system_->execute().run_batch(command);
        if (!outcome) throw std::runtime_error("the members: " + outcome.error().detail);
        for (const auto& each : outcome->rows)
            if (!each.row) throw std::runtime_error("a member: " + each.row.error().detail);
    }
}

Command World::invite(WorkspaceId workspace) {
    auto asked = about<InviteMember>(++people_);
    Command command;
    command.workspace = workspace;
    command.actor.kind = ActorKind::operator_;
    command.target = stream_of(MemberId{system_->execute().fresh()});
    command.correlation = system_->execute().fresh();
    command.address = asked.email;
    command.decide = [asked](const Loaded& loaded, const Context& context) {
        return decide(*loaded.membership, *loaded.workspace, asked, context);
    };
    return command;
}

Append World::prepared_invite(WorkspaceId id) {
    auto& store = system_->store();
    auto& execute = system_->execute();
    auto command = invite(id);
    Loaded loaded{
        store.aggregates->workspace(id), store.aggregates->membership(id, MemberId{command.target.id}), {}, {}};
    Draft draft(loaded.workspace, *store.log, *store.vault, execute.now(), command.actor);
    draft.know(loaded.membership);
    Context context;
    context.now = draft.now();
    context.actor = command.actor;
    context.unicode = &icu_unicode();
    context.actor_permissions.everything = true;
    context.email_claim = execute.claim_of(id, *command.address);
    context.counters = *store.log->counters(id);
    auto decided = command.decide(loaded, context);
    if (!decided) throw std::runtime_error("an invitation: " + decided.error().detail);
    draft.add(std::move(*decided));
    auto append = draft.append();
    append.command = execute.fresh();
    append.correlation = command.correlation;
    return append;
}

void World::follow() {
    for (const auto& each : system_->runner().standings())
        if (!system_->runner().wait(each.name, system_->store().log->head(), std::chrono::minutes(10)))
            throw std::runtime_error("the projection " + each.name + " does not come to the log's end");
}

// ---- Served.

Served::Served(const std::string& directory) {
    http::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 2;
    options.begin = come_first;
    options.body_limit = [](const std::string&, const std::string& target) { return App::body_limit(target); };
    server_ = std::make_unique<http::Server>(options, [this](http::Request request, http::Done done) {
        if (request.target == "/bytes") return done(bytes_);
        world_->system().handle(std::move(request), std::move(done));
    });
    world_ = std::make_unique<World>(directory, [this](std::function<void()> work) { server_->post(std::move(work)); });
    endpoint_ = {"127.0.0.1", std::to_string(server_->port())};
    thread_ = std::thread([this] { server_->run(); });
}

Served::~Served() {
    server_->stop();
    thread_.join();
    world_.reset();
}

tools::LoadReport Served::get(const std::string& target, std::size_t connections, double seconds) {
    return load(tools::request_bytes(endpoint_, "GET", target, operator_key, {}), connections, seconds);
}

tools::LoadReport Served::invite(const std::string& slug, std::size_t connections, double seconds) {
    constexpr auto* body = R"({"email":"load-#########@bench.example","name":"Load #########","send_email":false})";
    return load(tools::request_bytes(endpoint_, "POST", "/v1/workspaces/" + slug + "/invitations", operator_key, body),
                connections, seconds);
}

tools::LoadReport Served::load(std::string request, std::size_t connections, double seconds) {
    tools::Load load;
    load.endpoint = endpoint_;
    load.connections = connections;
    load.duration = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
    load.request = std::move(request);
    load.first_number = numbers_;
    auto report = tools::run(load);
    if (!report.clean()) throw std::runtime_error("a request failed: " + report.first_error);
    numbers_ += report.microseconds.size();
    return report;
}

}  // namespace muster::bench
