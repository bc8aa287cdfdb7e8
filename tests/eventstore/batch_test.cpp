// Many rows in one command: best effort, all or nothing, and in chunks.
#include "eventstore/fsck.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Batches : World {
    Batches() { spring = workspace(); }
    BatchCommand batch(int from, int to) {
        BatchCommand made;
        made.workspace = spring;
        made.actor = {ActorKind::operator_, {}};
        made.correlation = execute->fresh();
        for (int i = from; i < to; ++i) made.rows.push_back(row("p" + std::to_string(i) + "@spring.example"));
        return made;
    }
    BatchCommand::Row row(const std::string& email) {
        auto one = invite(spring, email);
        return {one.target, false, one.address, {}, {}, one.decide, {}};
    }
    std::string codes(const std::expected<BatchOutcome, Refusal>& outcome) {
        if (!outcome) return std::string(name_of(outcome.error().code));
        std::string all;
        for (const auto& each : outcome->rows)
            all += (all.empty() ? "" : " ") + (each.row ? "done" : std::string(name_of(each.row.error().code)));
        return all;
    }
    WorkspaceId spring;
};

TEST_CASE_METHOD(Batches, "best effort: what fits is done, each other row says why not") {
    done(run(plan(spring, 3)));
    auto asked = batch(0, 2);
    asked.rows.push_back(row("ada@spring.example"));
    asked.rows.push_back(row("P0@spring.example"));
    asked.rows.push_back(row("p9@spring.example"));
    asked.rows.push_back({});
    asked.rows.back().refused = Refusal{Code::email_invalid, "", {}, {}};
    auto outcome = execute->run_batch(asked);
    CHECK(codes(outcome) == "done done already_member already_invited no_seats_remaining email_invalid");
    CHECK(outcome->position == log->head());
    CHECK(used(spring) == 3);
    CHECK(outcome->rows[0].person_key);
    // As recorded, not as decided.
    for (int i : {0, 1}) {
        const auto& said = **outcome->rows[static_cast<std::size_t>(i)].row;
        CHECK(said == *member(spring, said.id));
    }
}

TEST_CASE_METHOD(Batches, "rows are as they were recorded, though the clock moved on before that") {
    auto asked = batch(0, 1);
    faults->before_write = [&] { clock.advance(5); };
    auto decide = asked.rows[0].decide;
    asked.rows[0].decide = [&](const Loaded& loaded, const Context& context) {
        clock.advance(7);
        return decide(loaded, context);
    };
    std::string kept;
    asked.idempotency_key = "key";
    asked.idempotency_row = [](const BatchOutcome& outcome) { return (*outcome.rows[0].row)->sent_at.text(); };
    auto outcome = execute->run_batch(asked);
    faults->before_write = nullptr;
    const auto& said = **outcome->rows[0].row;
    CHECK(said.sent_at == member(spring, said.id)->sent_at);
    CHECK(log->idempotency_row("key", {}) == said.sent_at.text());
}

TEST_CASE_METHOD(Batches, "all or nothing: one row that is refused refuses all") {
    done(run(plan(spring, 3)));
    auto before = rows();
    auto asked = batch(0, 3);
    asked.all_or_nothing = true;
    CHECK(codes(execute->run_batch(asked)) == "done done no_seats_remaining");
    CHECK(rows() == before);
    asked.rows.pop_back();
    CHECK(codes(execute->run_batch(asked)) == "done done");
    CHECK(used(spring) == 3);
}

constexpr auto chunk = limits::rows_per_append;
constexpr auto rows_in_all = 2 * chunk + 7;

TEST_CASE_METHOD(Batches, "many rows are appended in chunks, with one answer kept at the end") {
    auto asked = batch(0, rows_in_all);
    asked.idempotency_key = "key";
    asked.idempotency_row = [](const BatchOutcome& outcome) { return std::to_string(outcome.rows.size()); };
    auto writes = faults->writes.load();
    auto outcome = execute->run_batch(asked);
    REQUIRE(outcome);
    CHECK(outcome->rows.size() == rows_in_all);
    CHECK(faults->writes == writes + 3);
    CHECK(used(spring) == rows_in_all + 1);
    CHECK(log->idempotency_row("key", {}) == std::to_string(rows_in_all));
    auto again = batch(0, rows_in_all);
    again.idempotency_key = "key";
    again.idempotency_row = asked.idempotency_row;
    CHECK(codes(execute->run_batch(again)) == "idempotency_in_progress");
    auto report = fsck(*table->snapshot(), nullptr);
    CHECK(report.found == 1);  // what is kept here is no answer
    CHECK(report.findings[0].row.starts_with("idempotency"));
}

TEST_CASE_METHOD(Batches, "what became of each chunk is kept, and a repeat goes on behind them [N2]") {
    const auto second = "key " + std::to_string(chunk);
    auto asked = batch(0, rows_in_all);
    asked.chunk_key = [](std::size_t first) { return "key " + std::to_string(first); };
    asked.chunk_row = [](const BatchOutcome& outcome, std::size_t first) {
        return std::to_string(first) + " to " + std::to_string(outcome.rows.size());
    };
    // The disk fails at the second chunk: the first is done, and no refusal may say that nothing happened.
    auto first_write = faults->writes.load();
    faults->before_write = [&] { faults->write_fails = faults->writes > first_write; };
    CHECK(codes(execute->run_batch(asked)) == "internal_error");
    faults->before_write = nullptr;
    faults->write_fails = false;
    restart();
    CHECK(used(spring) == chunk + 1);
    CHECK(log->idempotency_row("key 0", {}) == "0 to " + std::to_string(chunk));
    CHECK_FALSE(log->idempotency_row(second, {}));
    asked.begin = chunk;
    auto outcome = execute->run_batch(asked);
    REQUIRE(outcome);
    CHECK(outcome->rows.size() == rows_in_all);
    CHECK_FALSE(outcome->rows[chunk - 1].row);  // told of by what was kept
    CHECK(outcome->rows[chunk].row);
    CHECK(used(spring) == rows_in_all + 1);
    CHECK(log->idempotency_row(second, {}) == std::to_string(chunk) + " to " + std::to_string(2 * chunk));
}

TEST_CASE_METHOD(Batches, "who is deactivated while a batch of theirs goes on invites nobody any more [N5]") {
    auto grace = done(run(create(spring, "grace@spring.example", "admin")));
    const auto chunk = static_cast<int>(limits::rows_per_append);
    auto asked = batch(0, 2 * chunk);
    asked.actor = {ActorKind::member, grace.uuid};
    asked.needs = {"members.invite"};
    asked.chunk_done = [&](BatchOutcome& outcome) {
        if (outcome.rows.size() == limits::rows_per_append) done(run(on(spring, grace, DeactivateMember{})));
    };
    auto outcome = execute->run_batch(asked);
    REQUIRE(outcome);
    for (std::size_t i = 0; i < outcome->rows.size(); ++i) {
        INFO(i);
        const auto& row = outcome->rows[i].row;
        REQUIRE(row.has_value() == (i < limits::rows_per_append));
        if (!row) CHECK(row.error().code == Code::permission_denied);
    }
    CHECK(std::holds_alternative<MemberDeactivated>(history->at(log->head())->event));
    CHECK(used(spring) == 1 + chunk);
}

TEST_CASE_METHOD(Batches, "a dry run shows each row, and writes nothing") {
    done(run(plan(spring, 3)));
    done(run(invite(spring, "late@spring.example")));
    done(run(invite(spring, "later@spring.example")));
    clock.advance(limits::ttl_seconds_default);
    auto before = rows();
    auto asked = batch(0, 3);
    asked.rows[1] = row("late@spring.example");  // due: replaced
    asked.dry_run = true;
    auto outcome = execute->run_batch(asked);
    CHECK(codes(outcome) == "done done no_seats_remaining");
    CHECK(rows() == before);
    asked.dry_run = false;
    CHECK(codes(execute->run_batch(asked)) == "done done no_seats_remaining");
}

TEST_CASE_METHOD(Batches, "a dry run counts the seats that rows long before took, and those of all that is due") {
    constexpr int due = limits::expiries_per_append + 1, seats = due + 1;  // one is the owner's
    REQUIRE(execute->run_batch(batch(0, due)));
    done(run(plan(spring, seats)));
    clock.advance(limits::ttl_seconds_default);
    auto before = rows();
    auto asked = batch(due - 3, 2 * due);  // three of them are due: replaced
    asked.dry_run = true;
    auto count = [](const auto& outcome) {
        return std::ranges::count_if(outcome->rows, [](const auto& each) { return each.row.has_value(); });
    };
    auto dry = execute->run_batch(asked);
    CHECK(count(dry) == due);
    CHECK(rows() == before);
    asked.dry_run = false;
    auto real = execute->run_batch(asked);
    const bool same = codes(real) == codes(dry);
    CHECK(same);
    CHECK(used(spring) == seats);
}

TEST_CASE_METHOD(Batches, "whoever expires what is due beside others ends when nothing is due any more [trap 4]") {
    REQUIRE(execute->run_batch(batch(0, 3 * static_cast<int>(limits::expiries_per_append) + 7)));
    clock.advance(limits::ttl_seconds_default);
    constexpr int threads = 4;
    std::vector<std::int64_t> left(threads);
    at_once(threads, [&](int i) {
        execute->expire_due(spring);
        left[static_cast<std::size_t>(i)] = used(spring);
    });
    CHECK(left == std::vector<std::int64_t>(threads, 1));
}

TEST_CASE_METHOD(Batches, "a batch that others get in the way of is decided again") {
    auto asked = batch(0, 2);
    auto decide = asked.rows[1].decide;
    int decided = 0;
    asked.rows[1].decide = [&](const Loaded& loaded, const Context& context) {
        if (++decided == 1) done(run(invite(spring, "p1@spring.example")));
        return decide(loaded, context);
    };
    CHECK(codes(execute->run_batch(asked)) == "done already_invited");
    CHECK(decided == 2);
}

TEST_CASE_METHOD(Batches, "two batches at once oversell nothing [N3]") {
    done(run(plan(spring, 101)));
    auto first = batch(0, 80), second = batch(100, 180);
    std::vector<std::string> said(2);
    at_once(2, [&](int i) { said[static_cast<std::size_t>(i)] = codes(execute->run_batch(i == 0 ? first : second)); });
    CHECK(used(spring) == 101);
    CHECK(said[0].find("conflict") == std::string::npos);
    CHECK(fsck(*table->snapshot(), nullptr).clean());
}

}  // namespace
}  // namespace muster::test
