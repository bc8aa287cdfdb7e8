#include "tests/eventstore/fixture.h"

#include <barrier>

namespace muster::test {

std::unique_ptr<Table> rocks_log_table(const std::string& directory) {
    RocksOptions options;
    options.families = {{"events", RowsKind::events, false}, {"streams"}, {"heads"},   {"workspaces"}, {"claims"},
                        {"counters", RowsKind::small},       {"due"},     {"persons"}, {"idempotency"}};
    options.create_if_missing = true;
    return open_rocks_table(directory, options, RocksShared());
}

Rows all_rows(const Reading& table) {
    Rows rows;
    for (Family each = 0; each < log_families; ++each)
        for (auto row = table.scan(each, {}); row->valid(); row->next())
            rows[{each, std::string(row->key())}] = row->value();
    return rows;
}

LogWorld::LogWorld(On on) : kind(on) {
    table = on == On::memory ? open_memory_table(log_families) : rocks_log_table(scratch / "log");
    open();
}

void LogWorld::open() {
    LogOptions options;
    options.clock = &clock;
    options.entropy = &entropy;
    options.on_group = [this](std::span<const RecordedPtr> events) {
        heard.insert(heard.end(), events.begin(), events.end());
    };
    options.on_failure = [this](const std::string&) { ++failures; };
    log = std::make_unique<Log>(std::make_unique<BorrowedTable>(table, faults),
                                std::make_unique<BorrowedAnchor>(anchor), options);
}

void LogWorld::reopen() {
    close();
    if (kind == On::rocks) {
        table.reset();
        table = rocks_log_table(scratch / "log");
    }
    open();
}

World::World(On on, int most) : LogWorld(on), vault_table(open_memory_table(vault_families)), threads(most) { start(); }

World::~World() { pool.reset(); }

void World::start() {
    pool = std::make_unique<Pool>(threads);
    vault = std::make_unique<Vault>(std::make_unique<BorrowedTable>(vault_table, vault_faults), master,
                                    scratch / "erasures", clock, entropy,
                                    [this](const Uuid& key) { return log->key_in_use(key); });
    history = std::make_unique<History>(*log, *vault);
    directory = std::make_unique<Directory>(*log, *history);
    execute = std::make_unique<Execute>(*log, *directory, *vault, spec::ascii, clock,
                                        [this](std::function<void()> task) { pool->post(std::move(task)); });
    eraser = std::make_unique<Eraser>(*log, *history, *directory, *vault, clock, entropy);
}

void World::restart() {
    pool.reset();
    eraser.reset();
    execute.reset();
    directory.reset();
    history.reset();
    vault.reset();
    reopen();
    start();
}

WorkspaceId World::workspace(const std::string& slug) {
    WorkspaceId id{execute->fresh()};
    CreateWorkspace asked{spec::named(slug), Slug{slug}};
    auto made = command(id, stream_of(id), asked);
    made.creates_workspace = true;
    made.slug = Slug{slug};
    auto result = run(made);
    REQUIRE(code(result) == "done");
    done(run(create(id, "ada@" + slug + ".example", "admin")));
    return id;
}

Command World::invite(WorkspaceId workspace, const std::string& email, const std::string& role) {
    InviteMember asked;
    asked.email = spec::address(email);
    asked.role = RoleKey{role};
    return command(workspace, stream_of(MemberId{execute->fresh()}), asked);
}

Command World::create(WorkspaceId workspace, const std::string& email, const std::string& role) {
    CreateMember asked;
    asked.email = spec::address(email);
    asked.name = Name{name_from(asked.email, execute->unicode())};
    asked.role = RoleKey{role};
    return command(workspace, stream_of(MemberId{execute->fresh()}), asked);
}

Command World::plan(WorkspaceId workspace, std::optional<std::int64_t> user_limit, std::vector<License> licenses) {
    return command(workspace, stream_of(workspace), ChangePlan{user_limit, std::nullopt, std::move(licenses)});
}

Command World::accept(WorkspaceId workspace, MemberId member, std::uint32_t generation) {
    auto made =
        on(workspace, member, AcceptInvitation{.password = Password::parse("an old engine room", spec::ascii).value()});
    made.credential = execute->fresh();
    made.actor = {ActorKind::invitee, member.uuid};
    made.link_generation = generation;
    return made;
}

MemberId World::done(const Result& result) {
    INFO(code(result));
    if (!result) FAIL(result.error().detail);
    return result->membership ? result->membership->id : MemberId{};
}

void World::work(std::uint64_t seed, int steps) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::vector<WorkspaceId> all = {workspace("spring-" + std::to_string(seed)),
                                    workspace("autumn-" + std::to_string(seed))};
    for (auto each : all) done(run(plan(each, 12, {License{LicenseKey{"pro"}, Name{"Pro"}, {}, true, 3, {}, {}}})));
    std::map<WorkspaceId, std::vector<MemberId>> people;
    for (int i = 0; i < steps; ++i) {
        auto ws = all[below(all.size())];
        auto& known = people[ws];
        auto email = "p" + std::to_string(below(25)) + "@spring.example";
        if (known.empty() || below(3) == 0) {
            InviteMember asked;
            asked.email = spec::address(email);
            if (below(3) == 0) asked.license = LicenseKey{"pro"};
            auto made = below(3) == 0 ? create(ws, email, below(2) == 0 ? "admin" : "guest")
                                      : command(ws, stream_of(MemberId{execute->fresh()}), asked);
            if (below(4) == 0) {
                IdempotencyKey key{std::string(32, 's'), std::to_string(random()), "request"};
                made.idempotency_key = row_key(key);
                made.idempotency_row = [this, key](const Outcome& outcome) {
                    return kept_row(*vault, key, clock.now(), {201, outcome.position, {}});
                };
            }
            if (auto result = run(made)) known.push_back(result->membership->id);
            continue;
        }
        auto who = known[below(known.size())];
        switch (below(9)) {
            case 0:
                run(accept(ws, who));
                break;
            case 1:
                run(on(ws, who, RevokeInvitation{}));
                break;
            case 2:
                run(on(ws, who, ResendInvitation{}));
                break;
            case 3:
                run(on(ws, who, DeactivateMember{}));
                break;
            case 4:
                run(on(ws, who, ReactivateMember{}));
                break;
            case 5: {
                ChangeMember change;
                change.role = RoleKey{below(2) == 0 ? "admin" : "member"};
                change.license = below(2) == 0 ? Patch<LicenseKey>(LicenseKey{"pro"}) : Patch<LicenseKey>::cleared();
                run(on(ws, who, change));
                break;
            }
            case 6:
                if (run(on(ws, who, DeleteMember{who.text(), {}}))) eraser->erase(ws, who);
                break;
            case 7:
                clock.advance(static_cast<std::int64_t>(below(100'000)));
                break;
            case 8:
                run(command(ws, stream_of(ws), RenameWorkspace{{}, Slug{"slug-" + std::to_string(random())}}));
                break;
        }
    }
}

void at_once(int threads, const std::function<void(int)>& work) {
    std::barrier all(threads);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] {
            all.arrive_and_wait();
            work(i);
        });
    for (auto& each : running) each.join();
}

}  // namespace muster::test
